/* SPDX-License-Identifier: MIT */

/* Listening for TLS: connections are accepted, their handshakes made, and
 * finished streams handed over. */

#ifndef TLSLOOP_LISTEN_H
#define TLSLOOP_LISTEN_H

#include <stddef.h>
#include <stdint.h>

#include "tlsloop/engine.h"
#include "tlsloop/errno.h"
#include "tlsloop/export.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sockaddr;
struct tlsloop_stream_s;
struct uv_loop_s;
struct uv_stream_s;

/* A listener. The application allocates it and may use |data|; |loop|,
 * |transport| and |ctx| are to read; the rest is private.
 * Since: 0.1 */
typedef struct tlsloop_listener_s tlsloop_listener_t;

/* Tells that |listener| has a stream with a finished handshake, which
 * tlsloop_accept takes: once for each, now or later. Those that were not taken
 * count toward the limit of tlsloop_listener_set_max_handshakes and are closed
 * with the listener.
 * Since: 0.1 */
typedef void (*tlsloop_connection_cb)(tlsloop_listener_t* listener);

/* Tells that a connection to |listener| came to nothing: |status| is a
 * negative code as of tlsloop_handshake_cb or of accepting, |error| the
 * details, which may be NULL, and |peer| its address, NULL when it is not
 * known or a pipe. Both are valid until it returns.
 * Since: 0.1 */
typedef void (*tlsloop_listener_error_cb)(tlsloop_listener_t* listener,
                                          int status,
                                          const tlsloop_error_t* error,
                                          const struct sockaddr* peer);

/* Tells that |listener| and its transport are closed: no callback follows and
 * their memory is the application's again.
 * Since: 0.1 */
typedef void (*tlsloop_listener_close_cb)(tlsloop_listener_t* listener);

struct tlsloop_listener_s {
  void* data;                    /* the application's */
  struct uv_loop_s* loop;        /* read-only */
  struct uv_stream_s* transport; /* read-only; NULL until tlsloop_listen */
  tlsloop_ctx_t* ctx;            /* read-only */
  /* private */
  struct tlsloop__listener_s* impl;
  void* reserved[3];
};

/* Makes |listener| one of |loop| whose streams are servers of |ctx|.
 * Returns: 0, or a negative code; |listener| then needs no close.
 * Errors: TLSLOOP_ESIDE when |ctx| is made for clients; UV_ENOMEM.
 * Owns: takes a reference to |ctx|; after success |listener| must be closed
 * with tlsloop_listener_close and its memory kept until the close callback.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_listener_init(struct uv_loop_s* loop,
                                         tlsloop_listener_t* listener,
                                         tlsloop_ctx_t* ctx);

/* Listens on |transport|, a uv_tcp_t or uv_pipe_t of the same loop that is
 * bound, or opened on a socket that is (socket activation, SO_REUSEPORT), with
 * a queue of |backlog| connections in the system, and calls |cb| for each
 * finished stream of |listener|. tlsloop_listener_close closes |transport| too.
 * Returns: 0, or a negative code.
 * Errors: those of uv_listen, such as UV_EADDRINUSE; UV_EINVAL for a handle of
 * another kind or loop, or without |cb|; UV_EALREADY when called before;
 * UV_ECANCELED when either is closing.
 * From callbacks: yes.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_listen(tlsloop_listener_t* listener,
                                  struct uv_stream_s* transport,
                                  int backlog,
                                  tlsloop_connection_cb cb);

/* Takes the stream that |listener| finished first: makes |stream|, memory of
 * the application, that stream. It is open, its handshake complete; its
 * transport is made and freed by the library.
 * Returns: 0, or a negative code; |stream| then needs no close.
 * Errors: UV_EAGAIN when there is none; UV_ECANCELED when |listener| is
 * closing.
 * Owns: |stream| must be closed with tlsloop_close and its memory kept until
 * the close callback; it may outlive |listener|.
 * From callbacks: yes.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_accept(tlsloop_listener_t* listener,
                                  struct tlsloop_stream_s* stream);

/* Calls |cb| for each connection to |listener| that comes to nothing. NULL
 * ends it.
 * Since: 0.1 */
TLSLOOP_EXTERN void tlsloop_listener_on_error(tlsloop_listener_t* listener,
                                              tlsloop_listener_error_cb cb);

/* Limits how many handshakes |listener| makes at once to |max|, 1 or more; 256
 * by default. Further connections wait in the system's queue.
 * Returns: 0, or a negative code.
 * Errors: UV_EINVAL for 0.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_listener_set_max_handshakes(
    tlsloop_listener_t* listener,
    unsigned int max);

/* Limits the handshake of each connection to |listener| to |timeout|
 * milliseconds; 0 is without limit. The default is 30,000.
 * Since: 0.1 */
TLSLOOP_EXTERN void tlsloop_listener_set_handshake_timeout(
    tlsloop_listener_t* listener,
    uint64_t timeout);

/* Closes |listener|, its transport, handshakes under way and streams that were
 * not taken; then calls |cb|, which may be NULL. Streams that were taken go
 * on. A second call while closing is ignored, as is its |cb|.
 * From callbacks: yes.
 * Since: 0.1 */
TLSLOOP_EXTERN void tlsloop_listener_close(tlsloop_listener_t* listener,
                                           tlsloop_listener_close_cb cb);

#ifdef __cplusplus
}
#endif

#endif /* TLSLOOP_LISTEN_H */
