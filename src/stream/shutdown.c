/* SPDX-License-Identifier: MIT */

/* Shutdown: what is queued, then close_notify, then the transport's end of our
 * direction. */

#include "stream/pump.h"

int tlsloop__shutdown_check(const tlsloop__stream_t* s) {
  int err = tlsloop__stream_check(s);

  if (err != 0)
    return err;
  if (s->state == TLSLOOP__STREAM_ATTACHED)
    return UV_ENOTCONN;
  if (s->shut_state != TLSLOOP__SHUT_NO)
    return UV_EALREADY;
  if (s->write_end != 0)
    return s->write_end;
  return s->engine->failure;
}

int tlsloop_shutdown(tlsloop_shutdown_t* req,
                     tlsloop_stream_t* stream,
                     tlsloop_shutdown_cb cb) {
  tlsloop__stream_t* s = stream->impl;
  int err = tlsloop__shutdown_check(s);

  if (err != 0)
    return err;
  err =
      tlsloop__deadline_set(s, TLSLOOP__DEADLINE_SHUTDOWN, s->shutdown_timeout);
  if (err != 0)
    return err;

  req->stream = stream;
  req->cb = cb;
  s->shutdown = req;
  s->shut_state = TLSLOOP__SHUT_ASKED;
  tlsloop__pump_ask(s);
  return 0;
}

static tlsloop__step_t say_close(tlsloop__stream_t* s) {
  int err = tlsloop__engine_send_close(s->engine);

  if (err != 0) {
    tlsloop__stream_end_reading(s, err);
    return TLSLOOP__STEP_PROGRESS;
  }
  s->shut_state = TLSLOOP__SHUT_SAID;
  if (s->unwrap == NULL)
    tlsloop__transport_cork(&s->transport);
  return TLSLOOP__STEP_PROGRESS;
}

/* A peer that has closed already resets the connection when our close_notify
 * comes; our direction is closed all the same. */
static int forgive(int status) {
  return status == UV_ENOTCONN ? 0 : status;
}

static tlsloop__step_t shut_transport(tlsloop__stream_t* s) {
  int err = tlsloop__transport_shutdown(&s->transport);

  if (err == 0)
    s->shut_state = TLSLOOP__SHUT_WAITING;
  else
    tlsloop__shutdown_done(s, forgive(err));
  return TLSLOOP__STEP_PROGRESS;
}

void tlsloop__shutdown_on_shut(tlsloop__stream_t* s, int status) {
  tlsloop__shutdown_done(s, forgive(status));
}

tlsloop__step_t tlsloop__shutdown_step(tlsloop__stream_t* s) {
  if (s->state != TLSLOOP__STREAM_OPEN || s->write_end != 0 ||
      s->engine->failure != 0)
    return TLSLOOP__STEP_IDLE;
  if (s->shut_state == TLSLOOP__SHUT_ASKED && s->feeding == NULL)
    return say_close(s);
  if (s->shut_state == TLSLOOP__SHUT_SAID && s->unwrap == NULL &&
      tlsloop__stream_is_flushed(s))
    return shut_transport(s);
  return TLSLOOP__STEP_IDLE;
}

void tlsloop__shutdown_done(tlsloop__stream_t* s, int status) {
  tlsloop_shutdown_t* req = s->shutdown;

  s->shut_state = TLSLOOP__SHUT_DONE;
  tlsloop__deadline_clear(s, TLSLOOP__DEADLINE_SHUTDOWN);
  tlsloop__stream_end_writing(s, UV_EPIPE);
  s->shutdown = NULL;
  if (req != NULL && req->cb != NULL)
    req->cb(req, status);
}
