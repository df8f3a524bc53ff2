/* SPDX-License-Identifier: MIT */

/* Close: ends a stream in whatever state it is. Its inner handles close first;
 * then, with nothing of libuv's left, the requests are cancelled and the
 * memory is given back. */

#include <stdlib.h>

#include "stream/pump.h"

/* The last of a stream, after which its memory is the application's. */
static void on_loop_put(void* arg) {
  tlsloop__stream_t* s = arg;
  tlsloop_stream_t* handle = s->handle;
  tlsloop_close_cb cb = s->close_cb;

  tlsloop_engine_free(s->engine);
  tlsloop__error_clear(&s->error);
  free(s->idle);
  free(s->drain);
  tlsloop_ctx_unref(handle->ctx);
  handle->ctx = NULL;
  handle->impl = NULL;
  if (s->owned)
    free(s->transport.to.uv);
  free(s);
  if (cb != NULL)
    cb(handle);
}

static void cancel_requests(tlsloop__stream_t* s) {
  tlsloop_handshake_cb handshake_cb = s->handshake_cb;

  s->handshake_cb = NULL;
  if (handshake_cb != NULL)
    handshake_cb(s->handle, UV_ECANCELED);
  tlsloop__write_fail(s, UV_ECANCELED);
  s->orphans = tlsloop__sendfile_cancel(s);
  if (s->unwrap != NULL)
    tlsloop__unwrap_done(s, UV_ECANCELED, NULL, 0);
  if (s->shutdown != NULL)
    tlsloop__shutdown_done(s, UV_ECANCELED);
}

/* The application may ask the engine until the close callback; the blocks go
 * back while there still is a pool. */
static void release(tlsloop__stream_t* s) {
  tlsloop__bio_clear(&s->cipher_in);
  tlsloop__bio_clear(&s->cipher_out);
  tlsloop__loop_put(s->loop, on_loop_put, s);
}

static void finish(tlsloop__stream_t* s) {
  cancel_requests(s);
  if (s->orphans == 0)
    release(s);
}

void tlsloop__close_errand_done(tlsloop__stream_t* s) {
  if (--s->orphans == 0)
    release(s);
}

static void finish_turn(tlsloop__turn_t* turn) {
  finish(TLSLOOP__QUEUE_DATA(turn, tlsloop__stream_t, turn));
}

/* For when no handle will say that it has closed. */
static void finish_soon(tlsloop__stream_t* s) {
  tlsloop__turn_init(&s->turn, finish_turn);
  tlsloop__turn_leave(s->loop, &s->turn);
}

static void orphan_turn(tlsloop__turn_t* turn) {
  finish_soon(TLSLOOP__QUEUE_DATA(turn, tlsloop__stream_t, turn));
}

/* A transport that somebody else closes may be closed after the first turn, but
 * not after the second. Its memory may be ours. */
static void finish_later(tlsloop__stream_t* s) {
  tlsloop__turn_init(&s->turn, orphan_turn);
  tlsloop__turn_leave(s->loop, &s->turn);
}

void tlsloop__close_transport_closed(tlsloop__stream_t* s) {
  if (s->transport.orphaned)
    finish_later(s);
  else
    finish(s);
}

void tlsloop__close_transport(tlsloop__stream_t* s, int reset) {
  if (s->transport.carrier == NULL)
    finish_soon(s);
  else if (!tlsloop__transport_close(&s->transport, reset))
    finish_later(s);
}

static void begin(tlsloop_stream_t* stream, tlsloop_close_cb cb, int reset) {
  tlsloop__stream_t* s = stream->impl;

  if (s->state == TLSLOOP__STREAM_CLOSING)
    return;
  tlsloop__stream_set_state(s, TLSLOOP__STREAM_CLOSING);
  s->close_cb = cb;
  s->read_cb = NULL;
  tlsloop__deadline_clear_all(s);
  tlsloop__connector_abandon(s);
  tlsloop__turn_cancel(s->loop, &s->turn);
  if (reset || !tlsloop__linger_begin(s))
    tlsloop__close_transport(s, reset);
}

void tlsloop_close(tlsloop_stream_t* stream, tlsloop_close_cb cb) {
  begin(stream, cb, 0);
}

void tlsloop_close_reset(tlsloop_stream_t* stream, tlsloop_close_cb cb) {
  begin(stream, cb, 1);
}

int tlsloop_is_closing(const tlsloop_stream_t* stream) {
  return stream->impl == NULL || stream->impl->state == TLSLOOP__STREAM_CLOSING;
}
