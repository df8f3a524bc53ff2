/* SPDX-License-Identifier: MIT */

/* Handshake: from the first call that wants TLS to the connected callback. */

#include "context/conn.h"
#include "stream/pump.h"

int tlsloop__handshake_check(const tlsloop__stream_t* s) {
  if (s->engine->must_name && s->engine->hostname == NULL)
    return TLSLOOP_ENOHOSTNAME;
  return 0;
}

int tlsloop__handshake_begin(tlsloop__stream_t* s) {
  int err;

  if (s->state != TLSLOOP__STREAM_ATTACHED)
    return 0;
  err = tlsloop__handshake_check(s);
  /* One that follows a connect is under its deadline. */
  if (err == 0 && s->connect == NULL)
    err = tlsloop__deadline_set(
        s, TLSLOOP__DEADLINE_HANDSHAKE, s->handshake.timeout);
  if (err != 0)
    return err;
  tlsloop__stream_set_state(s, TLSLOOP__STREAM_HANDSHAKING);
  s->handshake.time = uv_hrtime();
  tlsloop__pump_ask(s);
  return 0;
}

int tlsloop_handshake(tlsloop_stream_t* stream, tlsloop_handshake_cb cb) {
  tlsloop__stream_t* s = stream->impl;
  int err = tlsloop__stream_check(s);

  if (err != 0)
    return err;
  if (cb == NULL)
    return UV_EINVAL;
  if (s->state == TLSLOOP__STREAM_OPEN)
    return UV_EISCONN;
  if (s->state == TLSLOOP__STREAM_FAILED)
    return s->read_end;
  if (s->handshake_cb != NULL)
    return UV_EALREADY;
  err = tlsloop__handshake_begin(s);
  if (err == 0)
    s->handshake_cb = cb;
  return err;
}

/* Only a client begins; everything after that answers the peer, except what
 * the application has to decide: it is asked again. */
static int has_cause(const tlsloop__stream_t* s) {
  return tlsloop_bio_pending(&s->cipher_in) > 0 || s->transport_end != 0 ||
         s->undecided ||
         (s->engine->state == TLSLOOP_ENGINE_NEW &&
          s->engine->side == TLSLOOP_CLIENT);
}

/* The SSL of a server is made here, when there is something to give it. */
static int advance(tlsloop__stream_t* s) {
  int err = 0;

  if (s->engine->state == TLSLOOP_ENGINE_NEW)
    err = tlsloop__conn_begin(s->engine, s->loop->port);
  return err != 0 ? err : tlsloop_engine_handshake(s->engine);
}

tlsloop__step_t tlsloop__handshake_step(tlsloop__stream_t* s) {
  tlsloop_handshake_cb cb = s->handshake_cb;
  int err;

  if (s->state != TLSLOOP__STREAM_HANDSHAKING || s->read_end != 0 ||
      !has_cause(s))
    return TLSLOOP__STEP_IDLE;
  err = advance(s);
  s->undecided = err == TLSLOOP_WANT_DECISION;
  /* A callback of the engine has closed the stream. */
  if (s->state == TLSLOOP__STREAM_CLOSING)
    return TLSLOOP__STEP_IDLE;
  if (err == TLSLOOP_WANT_READ && s->transport_end != 0)
    err = s->transport_end;
  if (err == TLSLOOP_WANT_READ || err == TLSLOOP_WANT_WRITE ||
      err == TLSLOOP_WANT_DECISION)
    return TLSLOOP__STEP_IDLE;
  if (err != 0) {
    tlsloop__stream_end_reading(s, err);
    return TLSLOOP__STEP_PROGRESS;
  }

  tlsloop__deadline_clear(s, TLSLOOP__DEADLINE_HANDSHAKE);
  tlsloop__stream_set_state(s, TLSLOOP__STREAM_OPEN);
  s->handshake.time = uv_hrtime() - s->handshake.time;
  s->handshake_cb = NULL;
  if (cb != NULL)
    cb(s->handle, 0);
  return TLSLOOP__STEP_PROGRESS;
}
