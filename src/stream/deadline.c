/* SPDX-License-Identifier: MIT */

/* Deadline: when the handshake, the shutdown, the next plaintext and the next
 * progress of a write have to come.
 *
 * A deadline that moves away leaves the timer where it is: it fires early and
 * looks again, so that traffic costs no timer work. */

#include "stream/deadline.h"

#include <stdlib.h>
#include <string.h>

#include "stream/pump.h"
#include "stream/stream.h"

struct tlsloop__deadline_s {
  uv_timer_t timer; /* first: it is freed as a handle */
  tlsloop__stream_t* stream;
  uint64_t due[TLSLOOP__DEADLINE_KINDS]; /* in loop time; 0 is not set */
  uint64_t armed;                        /* when the timer fires; 0: it rests */
  int read_expiring;
};

static void on_timer(uv_timer_t* timer);

static uint64_t earliest(const tlsloop__deadline_t* deadline) {
  uint64_t first = 0;
  int i;

  for (i = 0; i < TLSLOOP__DEADLINE_KINDS; i++)
    if (deadline->due[i] != 0 && (first == 0 || deadline->due[i] < first))
      first = deadline->due[i];
  return first;
}

/* Arms the timer for the earliest deadline unless it fires before it anyway,
 * or gives it up without one. */
static void rearm(tlsloop__deadline_t* deadline) {
  uint64_t first = earliest(deadline);
  uint64_t now = uv_now(deadline->timer.loop);

  if (first == 0) {
    deadline->stream->deadline = NULL;
    tlsloop__graves_close(&deadline->stream->loop->graves,
                          (uv_handle_t*) &deadline->timer);
    return;
  }
  if (deadline->armed != 0 && deadline->armed <= first)
    return;
  deadline->armed = first;
  uv_timer_start(&deadline->timer, on_timer, first > now ? first - now : 0, 0);
}

static const char* const texts[TLSLOOP__DEADLINE_KINDS] = {
    [TLSLOOP__DEADLINE_HANDSHAKE] = "the handshake took too long",
    [TLSLOOP__DEADLINE_SHUTDOWN] = "the shutdown took too long",
    [TLSLOOP__DEADLINE_READ] = "nothing came for too long",
    [TLSLOOP__DEADLINE_WRITE] = "nothing could be written for too long",
};

static void expire(tlsloop__stream_t* s, tlsloop__deadline_kind_t kind) {
  int connecting = s->state < TLSLOOP__STREAM_OPEN;

  tlsloop__stream_note(s, UV_ETIMEDOUT, texts[kind]);
  /* A shutdown that was to follow a handshake takes it along. */
  if (connecting || kind == TLSLOOP__DEADLINE_READ)
    tlsloop__stream_end_reading(s, UV_ETIMEDOUT);
  if (kind != TLSLOOP__DEADLINE_READ)
    tlsloop__stream_end_writing(s, UV_ETIMEDOUT);
}

/* Timers run before the loop looks at sockets, so data that came in time may
 * still be there: reading expires a turn later. */
static int is_due(tlsloop__deadline_t* deadline, int kind, uint64_t now) {
  if (deadline->due[kind] == 0 || deadline->due[kind] > now)
    return 0;
  if (kind != TLSLOOP__DEADLINE_READ || deadline->read_expiring)
    return 1;
  deadline->read_expiring = 1;
  deadline->due[kind] = now + 1;
  return 0;
}

static void on_timer(uv_timer_t* timer) {
  tlsloop__deadline_t* deadline = timer->data;
  tlsloop__stream_t* s = deadline->stream;
  uint64_t now = uv_now(timer->loop);
  int i;

  deadline->armed = 0;
  for (i = 0; i < TLSLOOP__DEADLINE_KINDS; i++) {
    if (is_due(deadline, i, now)) {
      deadline->due[i] = 0;
      expire(s, (tlsloop__deadline_kind_t) i);
    }
  }
  rearm(deadline);
  tlsloop__linger_end(s);
  tlsloop__pump(s);
}

static tlsloop__deadline_t* make(tlsloop__stream_t* s) {
  tlsloop__deadline_t* deadline = calloc(1, sizeof(*deadline));

  if (deadline == NULL)
    return NULL;
  deadline->stream = s;
  uv_timer_init(s->loop->uv, &deadline->timer);
  /* The transport keeps the loop alive; a deadline is no reason to. */
  uv_unref((uv_handle_t*) &deadline->timer);
  deadline->timer.data = deadline;
  s->deadline = deadline;
  return deadline;
}

/* |s|'s deadline, made when there is none, and made anew when somebody else
 * has closed its timer; NULL when there is no memory. */
static tlsloop__deadline_t* obtain(tlsloop__stream_t* s) {
  tlsloop__deadline_t* old = s->deadline;
  tlsloop__deadline_t* deadline;

  if (old != NULL && !uv_is_closing((uv_handle_t*) &old->timer))
    return old;
  deadline = make(s);
  if (old != NULL && deadline != NULL) {
    memcpy(deadline->due, old->due, sizeof(old->due));
    tlsloop__graves_close(&s->loop->graves, (uv_handle_t*) &old->timer);
  }
  return deadline;
}

int tlsloop__deadline_set(tlsloop__stream_t* s,
                          tlsloop__deadline_kind_t kind,
                          uint64_t timeout) {
  tlsloop__deadline_t* deadline;
  uint64_t now = uv_now(s->loop->uv);

  if (timeout == 0)
    return 0;
  deadline = obtain(s);
  if (deadline == NULL)
    return UV_ENOMEM;
  deadline->due[kind] = timeout < UINT64_MAX - now ? now + timeout : UINT64_MAX;
  if (kind == TLSLOOP__DEADLINE_READ)
    deadline->read_expiring = 0;
  rearm(deadline);
  return 0;
}

void tlsloop__deadline_clear(tlsloop__stream_t* s,
                             tlsloop__deadline_kind_t kind) {
  if (s->deadline == NULL || s->deadline->due[kind] == 0)
    return;
  s->deadline->due[kind] = 0;
  rearm(s->deadline);
}

void tlsloop__deadline_clear_all(tlsloop__stream_t* s) {
  int i;

  for (i = 0; i < TLSLOOP__DEADLINE_KINDS; i++)
    tlsloop__deadline_clear(s, (tlsloop__deadline_kind_t) i);
}
