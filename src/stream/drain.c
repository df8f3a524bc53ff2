/* SPDX-License-Identifier: MIT */

/* Drain: tells when a write queue that was full has room again. */

#include <stdlib.h>

#include "stream/pump.h"

struct tlsloop__drain_s {
  tlsloop_drain_cb cb;
  size_t high;
  size_t low;
  int full; /* the queue has reached |high| */
};

int tlsloop_on_drain(tlsloop_stream_t* stream,
                     size_t high,
                     size_t low,
                     tlsloop_drain_cb cb) {
  tlsloop__stream_t* s = stream->impl;

  if (cb != NULL && low >= high)
    return UV_EINVAL;
  if (s->drain == NULL)
    s->drain = malloc(sizeof(*s->drain));
  if (s->drain == NULL)
    return UV_ENOMEM;
  *s->drain = (tlsloop__drain_t){cb, high, low, 0};
  tlsloop__drain_note(s);
  return 0;
}

void tlsloop__drain_note(tlsloop__stream_t* s) {
  if (s->drain != NULL && s->drain->cb != NULL &&
      tlsloop_stream_get_write_queue_size(s->handle) >= s->drain->high)
    s->drain->full = 1;
}

tlsloop__step_t tlsloop__drain_step(tlsloop__stream_t* s) {
  tlsloop__drain_t* drain = s->drain;

  if (drain == NULL || !drain->full || s->write_end != 0 ||
      tlsloop_stream_get_write_queue_size(s->handle) > drain->low)
    return TLSLOOP__STEP_IDLE;
  drain->full = 0;
  drain->cb(s->handle);
  return TLSLOOP__STEP_PROGRESS;
}
