/* SPDX-License-Identifier: MIT */

/* Pump: the one place that moves bytes and calls the application. */

#include "stream/pump.h"

/* Rounds of one run. Callbacks that always write again would otherwise hold
 * the loop for ever; what is left gets another turn. */
#ifndef TLSLOOP__PUMP_ROUNDS
#define TLSLOOP__PUMP_ROUNDS 16
#endif

typedef tlsloop__step_t (*step_fn)(tlsloop__stream_t* s);

static const step_fn steps[] = {
    tlsloop__handshake_step,
    tlsloop__read_step,
    tlsloop__eof_step,
    tlsloop__write_step,
    tlsloop__shutdown_step,
    tlsloop__flush,
    tlsloop__write_complete,
    tlsloop__drain_step,
    tlsloop__end_step,
    tlsloop__unwrap_step,
};

/* Whether a step before the flush waits for it. */
static int is_awaited(const tlsloop__stream_t* s) {
  return s->feeding != NULL || s->shut_state == TLSLOOP__SHUT_SAID ||
         tlsloop__stream_is_choked(s);
}

tlsloop__step_t tlsloop__flush(tlsloop__stream_t* s) {
  int awaited = is_awaited(s);
  size_t written;
  int err;

  if (s->write_end != 0)
    tlsloop__bio_clear(&s->cipher_out);
  if (s->cipher_out.bytes.size == 0)
    return TLSLOOP__STEP_IDLE;
  err = tlsloop__transport_write(&s->transport, &s->cipher_out.bytes, &written);
  s->flushed += written;
  tlsloop__window_note(s, written);
  if (err != 0)
    tlsloop__stream_lose(s, err);
  return (written > 0 && awaited) || err != 0 ? TLSLOOP__STEP_PROGRESS
                                              : TLSLOOP__STEP_IDLE;
}

/* Whether TLS can use what the transport brings. */
static int wants_input(const tlsloop__stream_t* s) {
  if (s->state < TLSLOOP__STREAM_HANDSHAKING || s->state > TLSLOOP__STREAM_OPEN)
    return 0;
  if (s->transport_end != 0 || s->read_end != 0)
    return 0;
  return tlsloop_bio_pending(&s->cipher_in) < TLSLOOP__PAUSED_LIMIT &&
         !tlsloop__stream_is_choked(s);
}

/* Reads the transport while it is of use. */
static void steer_reading(tlsloop__stream_t* s) {
  unsigned int read = wants_input(s) != 0;
  int err = 0;

  if (read == s->transport_reading)
    return;
  s->transport_reading = read & 1u;
  if (read)
    err = tlsloop__transport_read_start(&s->transport);
  else
    tlsloop__transport_read_stop(&s->transport);
  if (err != 0) {
    s->transport_reading = 0;
    s->transport_end = err;
    tlsloop__stream_note(s, err, NULL);
    s->dirty = 1;
  }
}

/* What TLS waits for, and what that is to the application. */
enum {
  WANT_NOTHING,
  WANT_READ,
  WANT_WRITE,
  WANT_DECISION
};
static const int want_codes[] = {0,
                                 TLSLOOP_WANT_READ,
                                 TLSLOOP_WANT_WRITE,
                                 TLSLOOP_WANT_DECISION};

static unsigned int current_want(const tlsloop__stream_t* s) {
  if (s->state < TLSLOOP__STREAM_HANDSHAKING || s->state > TLSLOOP__STREAM_OPEN)
    return WANT_NOTHING;
  if (s->write_end == 0 && !tlsloop__stream_is_flushed(s))
    return WANT_WRITE;
  if (s->state == TLSLOOP__STREAM_HANDSHAKING && s->undecided)
    return WANT_DECISION;
  if (s->read_end == 0 &&
      (s->state == TLSLOOP__STREAM_HANDSHAKING || s->read_cb != NULL))
    return WANT_READ;
  return WANT_NOTHING;
}

static void report_want(tlsloop__stream_t* s) {
  unsigned int want = current_want(s);

  if (want == s->want)
    return;
  s->want = want & 3u;
  if (s->want_cb != NULL)
    s->want_cb(s->handle, want_codes[want]);
}

static int run_steps(tlsloop__stream_t* s) {
  int progress = 0;
  size_t i;

  for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
    if (s->state == TLSLOOP__STREAM_CLOSING)
      return 0;
    progress |= steps[i](s);
    /* What was asked for until here is for the steps that follow. */
    if (steps[i] == tlsloop__eof_step)
      s->dirty = 0;
  }
  return progress;
}

void tlsloop__pump(tlsloop__stream_t* s) {
  int rounds = TLSLOOP__PUMP_ROUNDS;
  int again;

  if (s->pumping || s->state == TLSLOOP__STREAM_CLOSING)
    return;
  s->pumping = 1;
  do {
    s->dirty = 0;
    again = run_steps(s);
    if (s->state == TLSLOOP__STREAM_CLOSING)
      break;
    steer_reading(s);
    tlsloop__idle_watch(s);
    if (!again)
      report_want(s);
    again |= s->dirty;
  } while (again && --rounds > 0);
  s->pumping = 0;
  if (again && s->state != TLSLOOP__STREAM_CLOSING)
    tlsloop__turn_ask(s->loop, &s->turn);
}

void tlsloop__pump_ask(tlsloop__stream_t* s) {
  if (s->state == TLSLOOP__STREAM_CLOSING)
    return;
  if (s->pumping)
    s->dirty = 1;
  else
    tlsloop__turn_ask(s->loop, &s->turn);
}

void tlsloop__pump_turn(tlsloop__turn_t* turn) {
  tlsloop__pump(TLSLOOP__QUEUE_DATA(turn, tlsloop__stream_t, turn));
}

void tlsloop_on_want(tlsloop_stream_t* stream, tlsloop_want_cb cb) {
  stream->impl->want_cb = cb;
}
