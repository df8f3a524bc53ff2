/* SPDX-License-Identifier: MIT */

/* Idle: limits on how long a stream that should move bytes moves none. */

#include "stream/pump.h"

int tlsloop_stream_set_read_timeout(tlsloop_stream_t* stream,
                                    uint64_t timeout) {
  tlsloop__stream_t* s = stream->impl;

  s->read_timeout = timeout;
  tlsloop__deadline_clear(s, TLSLOOP__DEADLINE_READ);
  if (s->read_cb == NULL || s->state != TLSLOOP__STREAM_OPEN)
    return 0;
  return tlsloop__deadline_set(s, TLSLOOP__DEADLINE_READ, timeout);
}

int tlsloop_stream_set_write_timeout(tlsloop_stream_t* stream,
                                     uint64_t timeout) {
  tlsloop__stream_t* s = stream->impl;

  s->write_timeout = timeout;
  tlsloop__deadline_clear(s, TLSLOOP__DEADLINE_WRITE);
  if (s->state != TLSLOOP__STREAM_OPEN || tlsloop__stream_is_flushed(s))
    return 0;
  return tlsloop__deadline_set(s, TLSLOOP__DEADLINE_WRITE, timeout);
}

/* Starts the deadline of |kind| anew when bytes have moved or are newly waited
 * for, and takes it back when none are. */
static void watch(tlsloop__stream_t* s,
                  tlsloop__deadline_kind_t kind,
                  uint64_t timeout,
                  int waiting,
                  int moved) {
  if (!waiting)
    tlsloop__deadline_clear(s, kind);
  else if (moved && tlsloop__deadline_set(s, kind, timeout) != 0)
    tlsloop__stream_break(s, UV_ENOMEM, "no memory for a deadline");
}

void tlsloop__idle_watch(tlsloop__stream_t* s) {
  int open = s->state == TLSLOOP__STREAM_OPEN;
  unsigned int reading = open && s->read_end == 0 && s->read_cb != NULL;
  unsigned int writing =
      open && s->write_end == 0 && !tlsloop__stream_is_flushed(s);

  if (s->read_timeout != 0)
    watch(s,
          TLSLOOP__DEADLINE_READ,
          s->read_timeout,
          (int) reading,
          !s->was_reading || s->plain_in != s->seen_plain_in);
  if (s->write_timeout != 0)
    watch(s,
          TLSLOOP__DEADLINE_WRITE,
          s->write_timeout,
          (int) writing,
          !s->was_writing || s->flushed != s->seen_flushed);
  s->was_reading = reading & 1u;
  s->was_writing = writing & 1u;
  s->seen_plain_in = s->plain_in;
  s->seen_flushed = s->flushed;
}
