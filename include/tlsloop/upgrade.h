/* SPDX-License-Identifier: MIT */

/* From plaintext to TLS and back on a living connection: STARTTLS and the
 * like. */

#ifndef TLSLOOP_UPGRADE_H
#define TLSLOOP_UPGRADE_H

#include <stddef.h>

#include "tlsloop/export.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tlsloop_stream_s;
struct uv_stream_s;

/* An unwrap under way. The application allocates it and may use |data|; it is
 * the library's from tlsloop_unwrap to its callback.
 * Since: 0.1 */
typedef struct tlsloop_unwrap_s tlsloop_unwrap_t;

/* Tells that TLS has ended in both directions on |req|'s stream, |status| 0,
 * and its transport is the application's again; or that this failed: |status|
 * is a negative code, TLSLOOP_EUNREAD when the peer has sent data that nobody
 * reads, UV_ETIMEDOUT past the shutdown deadline, UV_ECANCELED when the stream
 * was closed first. |len| bytes at |data| followed the peer's close_notify:
 * plaintext that was read from the transport already; valid until the callback
 * returns.
 * Since: 0.1 */
typedef void (*tlsloop_unwrap_cb)(tlsloop_unwrap_t* req,
                                  int status,
                                  const char* data,
                                  size_t len);

struct tlsloop_unwrap_s {
  void* data;                      /* the application's */
  struct tlsloop_stream_s* stream; /* read-only */
  /* private */
  tlsloop_unwrap_cb cb;
  void* reserved[4];
};

/* Puts |stream| on |transport| like tlsloop_attach, with the |len| bytes of
 * |data| as the first that the peer has sent: what the application had read
 * from the transport already when it agreed on TLS. They are copied and go
 * into TLS, never to the application; what is no TLS in them fails the
 * handshake with TLSLOOP_ENOTTLS or an alert.
 * Returns: 0, or a negative code; |transport| is then untouched.
 * Errors: UV_ENOMEM; otherwise as tlsloop_attach.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_upgrade(struct tlsloop_stream_s* stream,
                                   struct uv_stream_s* transport,
                                   const void* data,
                                   size_t len);

/* Puts |stream| on |carrier|, another TLS stream of the same loop that is open
 * and that nobody reads: TLS in TLS, as through a TLS proxy. tlsloop_close
 * closes it too; until then its reading, its writing and its `data` are
 * tlsloop's. |stream|'s `transport` stays NULL.
 * Returns: 0, or a negative code; |carrier| is then untouched.
 * Errors: UV_EINVAL when it is of another loop or |stream| itself;
 * UV_ENOTCONN when it is not open in both directions; otherwise as
 * tlsloop_attach.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_attach_tls(struct tlsloop_stream_s* stream,
                                      struct tlsloop_stream_s* carrier);

/* Ends TLS on |stream| and gives its transport back: what was written goes
 * out, then close_notify; when the peer's has come, |cb| runs. What the peer
 * sends before is read as ever, and the reader gets UV_EOF before |cb|.
 * The shutdown timeout limits it. After |cb| with status 0, |stream| has no
 * transport and is only good for tlsloop_close, which leaves the transport
 * alone. A transport that the library made (tlsloop_connect, tlsloop_accept)
 * is closed with uv_close and then freed with free(3) by the application.
 * Returns: 0, or a negative code; |req|'s |cb| then never runs.
 * Errors: UV_ENOTCONN before the handshake is complete; UV_EALREADY after
 * tlsloop_shutdown or tlsloop_unwrap; the stream's error after a failure;
 * UV_EINVAL without |cb|; UV_ENOMEM; UV_ECANCELED when |stream| is closing.
 * Owns: |req| is the library's until |cb|.
 * From callbacks: yes.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_unwrap(tlsloop_unwrap_t* req,
                                  struct tlsloop_stream_s* stream,
                                  tlsloop_unwrap_cb cb);

#ifdef __cplusplus
}
#endif

#endif /* TLSLOOP_UPGRADE_H */
