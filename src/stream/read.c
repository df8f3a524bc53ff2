/* SPDX-License-Identifier: MIT */

/* Read: decrypted bytes toward the application. */

#include "stream/pump.h"

int tlsloop_read_start(tlsloop_stream_t* stream,
                       tlsloop_alloc_cb alloc_cb,
                       tlsloop_read_cb read_cb) {
  tlsloop__stream_t* s = stream->impl;
  int err = tlsloop__stream_check(s);

  if (err != 0)
    return err;
  if (alloc_cb == NULL || read_cb == NULL)
    return UV_EINVAL;
  if (s->read_end_told)
    return s->read_end;
  if (s->read_cb != NULL)
    return UV_EALREADY;
  err = tlsloop__handshake_begin(s);
  if (err != 0)
    return err;
  s->alloc_cb = alloc_cb;
  s->read_cb = read_cb;
  tlsloop__pump_ask(s);
  return 0;
}

int tlsloop_read_stop(tlsloop_stream_t* stream) {
  stream->impl->read_cb = NULL;
  return 0;
}

/* Notes why no plaintext comes any more: |code| of the engine, or of the
 * transport once all that it brought is read. */
static void note_end(tlsloop__stream_t* s, int code) {
  if (code == TLSLOOP_WANT_READ)
    code = s->transport_end;
  if (code < 0 && code != TLSLOOP_WANT_WRITE && code != TLSLOOP_WANT_DECISION)
    tlsloop__stream_end_reading(s, code);
}

/* Asks the application for room. Returns whether there is some; otherwise what
 * there was has been handed back. */
static int get_room(tlsloop__stream_t* s, uv_buf_t* buf) {
  tlsloop_read_cb read_cb = s->read_cb;

  *buf = uv_buf_init(NULL, 0);
  s->alloc_cb(s->handle, TLSLOOP__READ_SIZE, buf);
  if (s->read_cb == NULL) {
    read_cb(s->handle, 0, buf);
    return 0;
  }
  if (buf->base == NULL || buf->len == 0) {
    s->read_cb = NULL;
    read_cb(s->handle, UV_ENOBUFS, buf);
    return 0;
  }
  return 1;
}

static int has_input(const tlsloop__stream_t* s) {
  return tlsloop_bio_pending(&s->cipher_in) > 0 || s->transport_end != 0 ||
         tlsloop_engine_pending(s->engine) > 0;
}

/* A callback of OpenSSL may have stopped the reading, but what is decrypted
 * cannot be put back: it goes to who was reading. When it has closed the stream
 * only the buffer does. */
static tlsloop__step_t deliver(tlsloop__stream_t* s) {
  tlsloop_read_cb read_cb = s->read_cb;
  uv_buf_t buf;
  size_t total;

  if (!get_room(s, &buf))
    return TLSLOOP__STEP_PROGRESS;
  note_end(s, tlsloop__engine_read_on(s->engine, buf.base, buf.len, &total));
  if (s->state == TLSLOOP__STREAM_CLOSING)
    total = 0;
  s->plain_in += total;
  read_cb(s->handle, (ssize_t) total, &buf);
  return s->read_end != 0 || (total > 0 && has_input(s))
             ? TLSLOOP__STEP_PROGRESS
             : TLSLOOP__STEP_IDLE;
}

/* While nobody reads, alerts and close_notify must still take effect. A
 * callback of OpenSSL may begin to read. */
static tlsloop__step_t advance(tlsloop__stream_t* s) {
  if (tlsloop_engine_pending(s->engine) == 0)
    note_end(s, tlsloop__engine_advance(s->engine));
  return s->read_end != 0 || s->read_cb != NULL ? TLSLOOP__STEP_PROGRESS
                                                : TLSLOOP__STEP_IDLE;
}

tlsloop__step_t tlsloop__read_step(tlsloop__stream_t* s) {
  if (s->state != TLSLOOP__STREAM_OPEN || s->read_end != 0 || !has_input(s) ||
      tlsloop__stream_is_choked(s))
    return TLSLOOP__STEP_IDLE;
  return s->read_cb != NULL ? deliver(s) : advance(s);
}
