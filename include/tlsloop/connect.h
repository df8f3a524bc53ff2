/* SPDX-License-Identifier: MIT */

/* Connecting a TLS stream: from a name to a finished handshake in one call. */

#ifndef TLSLOOP_CONNECT_H
#define TLSLOOP_CONNECT_H

#include <stddef.h>

#include "tlsloop/export.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sockaddr;
struct tlsloop_stream_s;

/* A connect under way. The application allocates it and may use |data|; it is
 * the library's from the call to its callback.
 * Since: 0.1 */
typedef struct tlsloop_connect_s tlsloop_connect_t;

/* Tells that |req|'s stream is connected and its handshake complete, |status|
 * 0, or that this failed for good: |status| is a negative code of the resolver,
 * of the last address tried, or as of tlsloop_handshake_cb; UV_ETIMEDOUT past
 * the deadline, UV_ECANCELED when the stream was closed first. It takes the
 * place of the handshake callback. The stream then still has to be closed.
 * Since: 0.1 */
typedef void (*tlsloop_connect_cb)(tlsloop_connect_t* req, int status);

struct tlsloop_connect_s {
  void* data;                      /* the application's */
  struct tlsloop_stream_s* stream; /* read-only */
  /* private */
  tlsloop_connect_cb cb;
  void* reserved[4];
};

/* Connects |stream|, which has no transport, to |port|, 1 to 65,535, of
 * |host|, a DNS name or an address, and makes the handshake for that name
 * unless tlsloop_stream_set_hostname gave another; then calls |cb|. The
 * addresses of the name are tried as RFC 8305 has it: families in turn, the
 * next after 250 ms or a failure; the first that connects is taken. The
 * handshake timeout limits all of it. Writes and reads may be started before
 * |cb|. The transport is made and freed by the library; tlsloop_close ends
 * everything at any time.
 * Returns: 0, or a negative code; |req|'s |cb| then never runs.
 * Errors: UV_EINVAL for another port or without |cb|; TLSLOOP_EHOSTNAME;
 * TLSLOOP_ESIDE on a server; UV_EALREADY when |stream| has a transport or is
 * connecting; UV_ECANCELED when it is closing; UV_ENOMEM.
 * Owns: |req| is the library's until |cb|.
 * From callbacks: yes.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_connect(tlsloop_connect_t* req,
                                   struct tlsloop_stream_s* stream,
                                   const char* host,
                                   int port,
                                   tlsloop_connect_cb cb);

/* Connects |stream| like tlsloop_connect, but to the |count| addresses in
 * |addrs|, in that order, which are copied; |cb| runs for |req|. The host name
 * is to be set before.
 * Returns: 0, or a negative code; |cb| then never runs.
 * Errors: UV_EINVAL without an address or for another family than IPv4 and
 * IPv6; TLSLOOP_ENOHOSTNAME as tlsloop_handshake; otherwise as
 * tlsloop_connect.
 * Owns: |req| is the library's until |cb|.
 * From callbacks: yes.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_connect_addrs(tlsloop_connect_t* req,
                                         struct tlsloop_stream_s* stream,
                                         const struct sockaddr* const* addrs,
                                         size_t count,
                                         tlsloop_connect_cb cb);

/* Connects |stream| like tlsloop_connect, but to the pipe |name|; |cb| runs
 * for |req|. The host name is to be set before.
 * Returns: 0, or a negative code; |cb| then never runs.
 * Errors: UV_EINVAL without a name; UV_ENAMETOOLONG for a longer one than the
 * system takes; TLSLOOP_ENOHOSTNAME as tlsloop_handshake; otherwise as
 * tlsloop_connect.
 * Owns: |req| is the library's until |cb|.
 * From callbacks: yes.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_connect_pipe(tlsloop_connect_t* req,
                                        struct tlsloop_stream_s* stream,
                                        const char* name,
                                        tlsloop_connect_cb cb);

#ifdef __cplusplus
}
#endif

#endif /* TLSLOOP_CONNECT_H */
