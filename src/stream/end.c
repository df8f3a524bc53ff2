/* SPDX-License-Identifier: MIT */

/* End: tells whom it concerns that a direction has ended: the handshake
 * callback before it is complete, then requests and the reader. */

#include "stream/pump.h"

/* The alert that explains a failure has to reach the peer before the failure
 * is reported, because the application closes on it; but not for ever. */
static int wait_for_last_words(tlsloop__stream_t* s) {
  if (!tlsloop__stream_has_last_words(s))
    return 0;
  if (!s->last_words) {
    s->last_words = 1;
    if (tlsloop__deadline_set(
            s, TLSLOOP__DEADLINE_SHUTDOWN, s->shutdown_timeout) != 0)
      return 0;
  }
  return 1;
}

static tlsloop__step_t fail_handshake(tlsloop__stream_t* s) {
  tlsloop_handshake_cb cb = s->handshake_cb;

  tlsloop__stream_set_state(s, TLSLOOP__STREAM_FAILED);
  tlsloop__deadline_clear_all(s);
  tlsloop__connector_abandon(s);
  tlsloop__stream_end_writing(s, s->read_end);
  s->handshake_cb = NULL;
  if (cb != NULL) {
    s->read_end_told = 1;
    s->read_cb = NULL;
    cb(s->handle, s->read_end);
  }
  return TLSLOOP__STEP_PROGRESS;
}

static tlsloop__step_t end_writing(tlsloop__stream_t* s) {
  if (s->writes != NULL)
    return tlsloop__write_fail(s, s->write_end);
  if (s->unwrap != NULL) {
    tlsloop__unwrap_done(s, s->write_end, NULL, 0);
    return TLSLOOP__STEP_PROGRESS;
  }
  if (s->shutdown == NULL || s->shut_state == TLSLOOP__SHUT_DONE)
    return TLSLOOP__STEP_IDLE;
  tlsloop__shutdown_done(s, s->write_end);
  return TLSLOOP__STEP_PROGRESS;
}

static tlsloop__step_t end_reading(tlsloop__stream_t* s) {
  tlsloop_read_cb cb = s->read_cb;
  uv_buf_t none = uv_buf_init(NULL, 0);

  if (cb == NULL)
    return TLSLOOP__STEP_IDLE;
  s->read_cb = NULL;
  s->read_end_told = 1;
  cb(s->handle, s->read_end, &none);
  return TLSLOOP__STEP_PROGRESS;
}

/* A clean end is told right behind the data, so that what the application
 * answers, most often by closing too, goes out with what waits already. */
tlsloop__step_t tlsloop__eof_step(tlsloop__stream_t* s) {
  if (s->state != TLSLOOP__STREAM_OPEN || s->read_end != UV_EOF)
    return TLSLOOP__STEP_IDLE;
  return end_reading(s);
}

tlsloop__step_t tlsloop__end_step(tlsloop__stream_t* s) {
  tlsloop__step_t step = TLSLOOP__STEP_IDLE;

  if (wait_for_last_words(s))
    return TLSLOOP__STEP_IDLE;
  if (s->engine->failure != 0)
    tlsloop__stream_end_writing(s, s->engine->failure);
  if (s->state < TLSLOOP__STREAM_OPEN)
    return s->read_end != 0 ? fail_handshake(s) : TLSLOOP__STEP_IDLE;

  if (s->write_end != 0)
    step = end_writing(s);
  if (step == TLSLOOP__STEP_IDLE && s->read_end != 0)
    step = end_reading(s);
  return step;
}
