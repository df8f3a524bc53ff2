/* SPDX-License-Identifier: MIT */

/* Idle: limits on how long a stream that should move bytes moves none. */

#include <stdlib.h>

#include "stream/pump.h"

/* One direction, and what was seen of it when it was last looked at. */
typedef struct {
  uint64_t timeout; /* milliseconds; 0: no limit */
  uint64_t moved;   /* bytes, ever */
  int waiting;
} watch_t;

struct tlsloop__idle_s {
  watch_t read;
  watch_t write;
};

static int is_reading(const tlsloop__stream_t* s) {
  return s->state == TLSLOOP__STREAM_OPEN && s->read_end == 0 &&
         s->read_cb != NULL;
}

static int is_writing(const tlsloop__stream_t* s) {
  return s->state == TLSLOOP__STREAM_OPEN && s->write_end == 0 &&
         !tlsloop__stream_is_flushed(s);
}

/* The limits of |s|; NULL when memory ran out. */
static tlsloop__idle_t* limits(tlsloop__stream_t* s) {
  if (s->idle == NULL)
    s->idle = calloc(1, sizeof(*s->idle));
  return s->idle;
}

/* Sets a limit, which counts from now. */
static int set(tlsloop__stream_t* s,
               tlsloop__deadline_kind_t kind,
               watch_t* watch,
               watch_t now) {
  *watch = now;
  tlsloop__deadline_clear(s, kind);
  return now.waiting ? tlsloop__deadline_set(s, kind, now.timeout) : 0;
}

int tlsloop_stream_set_read_timeout(tlsloop_stream_t* stream,
                                    uint64_t timeout) {
  tlsloop__stream_t* s = stream->impl;
  tlsloop__idle_t* idle = limits(s);

  if (idle == NULL)
    return UV_ENOMEM;
  return set(s,
             TLSLOOP__DEADLINE_READ,
             &idle->read,
             (watch_t){timeout, s->plain_in, is_reading(s)});
}

int tlsloop_stream_set_write_timeout(tlsloop_stream_t* stream,
                                     uint64_t timeout) {
  tlsloop__stream_t* s = stream->impl;
  tlsloop__idle_t* idle = limits(s);

  if (idle == NULL)
    return UV_ENOMEM;
  return set(s,
             TLSLOOP__DEADLINE_WRITE,
             &idle->write,
             (watch_t){timeout, s->flushed, is_writing(s)});
}

/* Starts the deadline of |kind| anew when bytes have moved or are newly waited
 * for, and takes it back when none are. */
static void look(tlsloop__stream_t* s,
                 tlsloop__deadline_kind_t kind,
                 watch_t* watch,
                 int waiting,
                 uint64_t moved) {
  int anew = waiting && (!watch->waiting || moved != watch->moved);

  if (watch->timeout == 0)
    return;
  if (!waiting)
    tlsloop__deadline_clear(s, kind);
  else if (anew && tlsloop__deadline_set(s, kind, watch->timeout) != 0)
    tlsloop__stream_break(s, UV_ENOMEM, "no memory for a deadline");
  watch->waiting = waiting;
  watch->moved = moved;
}

void tlsloop__idle_watch(tlsloop__stream_t* s) {
  tlsloop__idle_t* idle = s->idle;

  if (idle == NULL)
    return;
  look(s, TLSLOOP__DEADLINE_READ, &idle->read, is_reading(s), s->plain_in);
  look(s, TLSLOOP__DEADLINE_WRITE, &idle->write, is_writing(s), s->flushed);
}
