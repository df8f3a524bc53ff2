/* SPDX-License-Identifier: MIT */

/* Drain: tells when a write queue that was full has room again. */

#include "stream/pump.h"

int tlsloop_on_drain(tlsloop_stream_t* stream,
                     size_t high,
                     size_t low,
                     tlsloop_drain_cb cb) {
  tlsloop__stream_t* s = stream->impl;

  if (cb != NULL && low >= high)
    return UV_EINVAL;
  s->drain_high = high;
  s->drain_low = low;
  s->drain_cb = cb;
  s->full = 0;
  tlsloop__drain_note(s);
  return 0;
}

void tlsloop__drain_note(tlsloop__stream_t* s) {
  if (s->drain_cb != NULL &&
      tlsloop_stream_get_write_queue_size(s->handle) >= s->drain_high)
    s->full = 1;
}

tlsloop__step_t tlsloop__drain_step(tlsloop__stream_t* s) {
  if (!s->full || s->drain_cb == NULL || s->write_end != 0 ||
      tlsloop_stream_get_write_queue_size(s->handle) > s->drain_low)
    return TLSLOOP__STEP_IDLE;
  s->full = 0;
  s->drain_cb(s->handle);
  return TLSLOOP__STEP_PROGRESS;
}
