/* SPDX-License-Identifier: MIT */

/* tlsloop: TLS for libuv.
 *
 * A tlsloop_stream_t is TLS on a connected uv_stream_t. It is used like one:
 * tlsloop_read_start, tlsloop_write, tlsloop_shutdown and tlsloop_close have
 * the shapes and the contracts of their uv_ twins.
 *
 * What holds everywhere:
 *
 *   - A call returns a negative code or its callback runs later; never both,
 *     never neither. No callback runs inside a call of the application.
 *   - Request callbacks run exactly once, in the order of the requests.
 *   - From any callback anything may be done to any stream, closing included.
 *   - Data that came before an end or an error is delivered before it.
 *   - UV_EOF means that the peer said close_notify. A transport that just
 *     ends is TLSLOOP_ETRUNCATED.
 *   - From tlsloop_attach to the close callback the transport is tlsloop's:
 *     its reading, its writing and its `data` field; the field is given back
 *     as it was.
 *
 * A stream belongs to the thread of its loop. */

#ifndef TLSLOOP_H
#define TLSLOOP_H

#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "tlsloop/callback.h"
#include "tlsloop/cert.h"
#include "tlsloop/connect.h"
#include "tlsloop/ctx.h"
#include "tlsloop/engine.h"
#include "tlsloop/errno.h"
#include "tlsloop/export.h"
#include "tlsloop/info.h"
#include "tlsloop/listen.h"
#include "tlsloop/oid.h"
#include "tlsloop/policy.h"
#include "tlsloop/random.h"
#include "tlsloop/records.h"
#include "tlsloop/session.h"
#include "tlsloop/system.h"
#include "tlsloop/transfer.h"
#include "tlsloop/trust.h"
#include "tlsloop/upgrade.h"
#include "tlsloop/version.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A TLS stream. The application allocates it and may use |data|; |loop|,
 * |transport| and |ctx| are to read; the rest is private.
 * Since: 0.1 */
typedef struct tlsloop_stream_s tlsloop_stream_t;

/* A write under way. The application allocates it and may use |data|; it is
 * the library's from tlsloop_write to its callback.
 * Since: 0.1 */
typedef struct tlsloop_write_s tlsloop_write_t;

/* A shutdown under way, used like tlsloop_write_t.
 * Since: 0.1 */
typedef struct tlsloop_shutdown_s tlsloop_shutdown_t;

/* Tells that the handshake of |stream| is complete, |status| 0, or has failed
 * for good: |status| is a negative code as of tlsloop_engine_handshake or of
 * the transport, UV_ETIMEDOUT past the deadline, UV_ECANCELED when the stream
 * was closed first. Runs exactly once, before any other callback of the
 * stream but those of tlsloop_on_want.
 * Since: 0.1 */
typedef void (*tlsloop_handshake_cb)(tlsloop_stream_t* stream, int status);

/* Asks for room for decrypted bytes of |stream|: fill |buf| in; |suggested| is
 * a good size in bytes. A buf->len of 0 makes the read callback run with
 * UV_ENOBUFS, after which tlsloop_read_start goes on where it was. Every
 * buffer comes back in exactly one read callback.
 * Since: 0.1 */
typedef void (*tlsloop_alloc_cb)(tlsloop_stream_t* stream,
                                 size_t suggested,
                                 uv_buf_t* buf);

/* Delivers |nread| decrypted bytes of |stream| at buf->base, or, when |nread|
 * is negative, the end: UV_EOF after the peer's close_notify, any other code
 * for a failure; reading has then stopped. |nread| of 0 hands an unused buffer
 * back and means nothing else. |buf| is what tlsloop_alloc_cb filled in, or
 * empty when it was not asked.
 * Since: 0.1 */
typedef void (*tlsloop_read_cb)(tlsloop_stream_t* stream,
                                ssize_t nread,
                                const uv_buf_t* buf);

/* Tells that the bytes of |req| are with the system, |status| 0, or that the
 * write failed: |status| is a negative code, UV_ECANCELED when the stream was
 * closed first.
 * Since: 0.1 */
typedef void (*tlsloop_write_cb)(tlsloop_write_t* req, int status);

/* Tells that everything written before |req| and then close_notify are with
 * the system and our direction is closed, |status| 0, or that this failed:
 * |status| is a negative code, UV_ETIMEDOUT past the deadline, UV_ECANCELED
 * when the stream was closed first.
 * Since: 0.1 */
typedef void (*tlsloop_shutdown_cb)(tlsloop_shutdown_t* req, int status);

/* Tells that |stream| is closed: no callback follows and its memory is the
 * application's again, as is the transport's.
 * Since: 0.1 */
typedef void (*tlsloop_close_cb)(tlsloop_stream_t* stream);

/* Tells what TLS on |stream| waits for now: |want| is TLSLOOP_WANT_READ, bytes
 * from the peer; TLSLOOP_WANT_WRITE, that the transport takes bytes;
 * TLSLOOP_WANT_DECISION, the application; or 0, nothing.
 * Since: 0.1 */
typedef void (*tlsloop_want_cb)(tlsloop_stream_t* stream, int want);

/* Tells that the write queue of |stream| has drained; see tlsloop_on_drain.
 * Since: 0.1 */
typedef void (*tlsloop_drain_cb)(tlsloop_stream_t* stream);

struct tlsloop_stream_s {
  void* data;             /* the application's */
  uv_loop_t* loop;        /* read-only */
  uv_stream_t* transport; /* read-only; NULL until tlsloop_attach */
  tlsloop_ctx_t* ctx;     /* read-only */
  /* private */
  struct tlsloop__stream_s* impl;
  void* reserved[3];
};

/* What has happened on a stream. The caller sets |size| to
 * sizeof(tlsloop_stream_info_t); the library fills in what fits.
 * Since: 0.1 */
typedef struct tlsloop_stream_info_s {
  size_t size;
  uint64_t cipher_in;    /* bytes read from the transport */
  uint64_t cipher_out;   /* bytes that the system has taken */
  uint64_t plain_in;     /* bytes delivered to the application */
  uint64_t plain_out;    /* bytes encrypted for the application */
  uint64_t handshake_us; /* what the handshake took; 0 before its end */
  int alert_sent;        /* the fatal alert that we sent, -1 when none */
  int alert_received;    /* the fatal alert that we got, -1 when none */
} tlsloop_stream_info_t;

struct tlsloop_write_s {
  void* data;               /* the application's */
  tlsloop_stream_t* stream; /* read-only */
  /* private */
  struct tlsloop_write_s* next;
  tlsloop_write_cb cb;
  uv_buf_t* bufs;
  uv_buf_t bufsml[4];
  unsigned int nbufs;
  unsigned int index;
  size_t offset;
  uint64_t end;
  void* reserved[2];
};

struct tlsloop_shutdown_s {
  void* data;               /* the application's */
  tlsloop_stream_t* stream; /* read-only */
  /* private */
  tlsloop_shutdown_cb cb;
  void* reserved[4];
};

/* Makes |stream| a TLS stream of |loop| on |side| (TLSLOOP_CLIENT or
 * TLSLOOP_SERVER) of |ctx|. Nothing happens on any transport yet; set the host
 * name and other things now.
 * Returns: 0, or a negative code; |stream| then needs no close.
 * Errors: as tlsloop_engine_new.
 * Owns: takes a reference to |ctx|; after success |stream| must be closed with
 * tlsloop_close and its memory kept until the close callback.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_stream_init(uv_loop_t* loop,
                                       tlsloop_stream_t* stream,
                                       tlsloop_ctx_t* ctx,
                                       int side);

/* Puts |stream| on |transport|, a connected uv_tcp_t or uv_pipe_t of the same
 * loop that nobody reads. tlsloop_close closes it too.
 * Returns: 0, or a negative code; |transport| is then untouched.
 * Errors: UV_EINVAL for a handle of another kind or loop, or a pipe that
 * passes handles; UV_ENOTCONN when it is not connected, or readable and
 * writable no more; UV_EBUSY when it is being read; UV_EALREADY when |stream|
 * has a transport; UV_ECANCELED when either is closing.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_attach(tlsloop_stream_t* stream,
                                  uv_stream_t* transport);

/* Names the server that client |stream| talks to: |name|, as
 * tlsloop_engine_set_hostname.
 * Returns: 0, or a negative code; nothing has then changed.
 * Errors: as tlsloop_engine_set_hostname.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_stream_set_hostname(tlsloop_stream_t* stream,
                                               const char* name);

/* Makes client |stream| try to resume |session|, as
 * tlsloop_engine_set_session; its host name is to be set before.
 * Returns: 0, or a negative code; nothing has then changed.
 * Errors: as tlsloop_engine_set_session.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_stream_set_session(tlsloop_stream_t* stream,
                                              tlsloop_session_t* session);

/* Limits the handshake of |stream|, and what tlsloop_connect does before it,
 * to |timeout| milliseconds in all; 0 is without limit. The default is 30,000.
 * When they are under way already, the time counts from this call.
 * Returns: 0, or a negative code; nothing has then changed.
 * Errors: UV_EBUSY once the handshake has ended; UV_ENOMEM.
 * From callbacks: yes.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_stream_set_handshake_timeout(
    tlsloop_stream_t* stream,
    uint64_t timeout);

/* Limits the shutdown of |stream| to |timeout| milliseconds from
 * tlsloop_shutdown to its callback; 0 is without limit. The default is 5,000.
 * Returns: 0, or a negative code.
 * Errors: UV_EBUSY once a shutdown has begun.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_stream_set_shutdown_timeout(tlsloop_stream_t* stream,
                                                       uint64_t timeout);

/* Ends reading from |stream| with UV_ETIMEDOUT when it is being read and no
 * plaintext has come for |timeout| milliseconds; 0 is without limit, the
 * default. What has come in time is delivered first.
 * Returns: 0, or a negative code.
 * Errors: UV_ENOMEM.
 * From callbacks: yes.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_stream_set_read_timeout(tlsloop_stream_t* stream,
                                                   uint64_t timeout);

/* Ends writing to |stream| with UV_ETIMEDOUT when bytes wait and the system
 * has taken none for |timeout| milliseconds; 0 is without limit, the default.
 * Returns: 0, or a negative code.
 * Errors: UV_ENOMEM.
 * From callbacks: yes.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_stream_set_write_timeout(tlsloop_stream_t* stream,
                                                    uint64_t timeout);

/* Starts the handshake on |stream| and calls |cb| when it has ended. Reading
 * and writing may be started before; they wait for it.
 * Returns: 0, or a negative code; |cb| then never runs.
 * Errors: UV_ENOTCONN without a transport; UV_EALREADY when called before;
 * UV_EISCONN when it is complete already; TLSLOOP_ENOHOSTNAME when a client
 * must verify a server that was not named; the stream's error after a failure;
 * UV_ECANCELED when |stream| is closing.
 * From callbacks: yes.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_handshake(tlsloop_stream_t* stream,
                                     tlsloop_handshake_cb cb);

/* Starts to read from |stream| into the buffers of |alloc_cb| for |read_cb|.
 * What is decrypted already is delivered from the loop too. Starts the
 * handshake when nobody has; a failing one then ends in |read_cb|.
 * Returns: 0, or a negative code.
 * Errors: UV_EINVAL without callbacks; UV_ENOTCONN without a transport;
 * UV_EALREADY when reading; UV_EOF when the end was delivered; the stream's
 * error after a failure was reported; UV_ECANCELED when |stream| is closing;
 * TLSLOOP_ENOHOSTNAME as tlsloop_handshake.
 * From callbacks: yes.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_read_start(tlsloop_stream_t* stream,
                                      tlsloop_alloc_cb alloc_cb,
                                      tlsloop_read_cb read_cb);

/* Stops reading from |stream| at once: the read callback does not run again
 * until tlsloop_read_start, not even for what is decrypted. The peer is held
 * back when 64 KiB are waiting.
 * Returns: 0, always.
 * From callbacks: yes.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_read_stop(tlsloop_stream_t* stream);

/* Writes the |nbufs| buffers of |bufs| to |stream| and calls |cb|, which may
 * be NULL, when they are with the system. Before the handshake is complete
 * they wait for it; without one under way, it starts.
 * Returns: 0, or a negative code; |cb| then never runs.
 * Errors: UV_EINVAL without a buffer; UV_ENOTCONN without a transport;
 * UV_EPIPE after tlsloop_shutdown; UV_ENOMEM; the stream's error after a
 * failure; UV_ECANCELED when |stream| is closing; TLSLOOP_ENOHOSTNAME as
 * tlsloop_handshake.
 * Owns: |req| and the bytes are the library's until |cb|; the array |bufs| is
 * copied.
 * From callbacks: yes.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_write(tlsloop_write_t* req,
                                 tlsloop_stream_t* stream,
                                 const uv_buf_t bufs[],
                                 unsigned int nbufs,
                                 tlsloop_write_cb cb);

/* Writes as much of the |nbufs| buffers of |bufs| to |stream| as can be taken
 * at once.
 * Returns: how many bytes were taken, 1 or more, or 0 when there were none; or
 * a negative code.
 * Errors: UV_EAGAIN when nothing can be taken now: the handshake is not
 * complete, writes are waiting, or the system has not yet taken all that it was
 * given; otherwise as tlsloop_write.
 * From callbacks: yes.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_try_write(tlsloop_stream_t* stream,
                                     const uv_buf_t bufs[],
                                     unsigned int nbufs);

/* How many bytes wait on |stream|: those given to tlsloop_write that are not
 * encrypted yet, and ciphertext that is not with the system yet. It is 0 only
 * when all is written.
 * Returns: that number.
 * Since: 0.1 */
TLSLOOP_EXTERN size_t
tlsloop_stream_get_write_queue_size(const tlsloop_stream_t* stream);

/* Calls |cb| whenever the write queue of |stream|, having held |high| bytes or
 * more, is down to |low| bytes or fewer: the time to write again. NULL ends it.
 * Returns: 0, or a negative code; nothing has then changed.
 * Errors: UV_EINVAL when |low| is not below |high|; UV_ENOMEM.
 * From callbacks: yes.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_on_drain(tlsloop_stream_t* stream,
                                    size_t high,
                                    size_t low,
                                    tlsloop_drain_cb cb);

/* Closes our direction of |stream|: what was written goes out, then
 * close_notify, then the transport's write side is shut; where there is
 * TCP_CORK it is set, so that the last bytes and TCP's FIN share a segment.
 * Reading goes on. |cb| runs when that is done, whether or not the peer
 * answers.
 * Returns: 0, or a negative code; |cb| then never runs.
 * Errors: UV_ENOTCONN before tlsloop_handshake or a read or write started the
 * handshake; UV_EALREADY when called before; the stream's error after a
 * failure; UV_ECANCELED when |stream| is closing.
 * Owns: |req| is the library's until |cb|.
 * From callbacks: yes.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_shutdown(tlsloop_shutdown_t* req,
                                    tlsloop_stream_t* stream,
                                    tlsloop_shutdown_cb cb);

/* Closes |stream| and its transport in whatever state they are: what was not
 * sent is dropped, requests under way get UV_ECANCELED in order, then |cb|,
 * which may be NULL, runs. Sends no close_notify: tlsloop_shutdown does. After
 * a fatal alert it waits up to a second for the peer to close, so that the
 * alert is not lost.
 * A second call while closing is ignored, as is its |cb|.
 * From callbacks: yes.
 * Since: 0.1 */
TLSLOOP_EXTERN void tlsloop_close(tlsloop_stream_t* stream,
                                  tlsloop_close_cb cb);

/* Closes |stream| like tlsloop_close, but breaks a TCP connection at once: the
 * peer sees UV_ECONNRESET, and nothing lingers in the system. |cb|, which may
 * be NULL, runs when it is closed.
 * From callbacks: yes.
 * Since: 0.1 */
TLSLOOP_EXTERN void tlsloop_close_reset(tlsloop_stream_t* stream,
                                        tlsloop_close_cb cb);

/* Whether tlsloop_close was called on |stream|.
 * Returns: 1 or 0.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_is_closing(const tlsloop_stream_t* stream);

/* Reports to |cb| from the loop, whenever it changes, what TLS on |stream|
 * waits for. NULL ends it.
 * Since: 0.1 */
TLSLOOP_EXTERN void tlsloop_on_want(tlsloop_stream_t* stream,
                                    tlsloop_want_cb cb);

/* Asks the client of server |stream| for its certificate now, as
 * tlsloop_engine_request_client_cert. The answer comes with what is read.
 * Returns: 0, or a negative code; the connection goes on.
 * Errors: as tlsloop_engine_request_client_cert; UV_ECANCELED when |stream| is
 * closing.
 * From callbacks: yes.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_stream_request_client_cert(tlsloop_stream_t* stream);

/* The engine inside |stream|, to ask for facts: version, cipher, ALPN,
 * certificates. It is not to be driven.
 * Returns: the engine; valid until the close callback.
 * Since: 0.1 */
TLSLOOP_EXTERN const tlsloop_engine_t* tlsloop_stream_engine(
    const tlsloop_stream_t* stream);

/* Stores the address of |stream|'s peer in |name|, which has *|namelen| bytes,
 * and its length in |namelen|, as uv_tcp_getpeername. It is that of the socket,
 * through TLS in TLS too; after a proxy, the proxy's.
 * Returns: 0, or a negative code.
 * Errors: UV_ENOTCONN without a transport, when that is closing, or when the
 * peer has gone; UV_ENOTSUP for a pipe: uv_pipe_getpeername on |stream|'s
 * `transport` tells its name; others of the system.
 * From callbacks: yes.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_stream_getpeername(const tlsloop_stream_t* stream,
                                              struct sockaddr* name,
                                              int* namelen);

/* Stores our address on |stream| in |name| and |namelen|, otherwise as
 * tlsloop_stream_getpeername.
 * Returns: 0, or a negative code.
 * Errors: as tlsloop_stream_getpeername.
 * From callbacks: yes.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_stream_getsockname(const tlsloop_stream_t* stream,
                                              struct sockaddr* name,
                                              int* namelen);

/* Tells in |info|, whose |size| the caller has set, what |stream| has moved,
 * and what was said at its end.
 * Since: 0.1 */
TLSLOOP_EXTERN void tlsloop_stream_info(const tlsloop_stream_t* stream,
                                        tlsloop_stream_info_t* info);

/* The details of the failure that ended |stream|.
 * Returns: the details, or NULL when it has not failed.
 * Owns: |stream| owns them; valid until the close callback.
 * Since: 0.1 */
TLSLOOP_EXTERN const tlsloop_error_t* tlsloop_stream_error(
    const tlsloop_stream_t* stream);

#ifdef __cplusplus
}
#endif

#endif /* TLSLOOP_H */
