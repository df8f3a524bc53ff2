/* SPDX-License-Identifier: MIT */

/* Unwrap: TLS ends in both directions and the transport goes back to the
 * application, with what it had read beyond. The first half is a shutdown
 * that leaves the transport open. */

#include <stdlib.h>

#include "stream/pump.h"

int tlsloop_unwrap(tlsloop_unwrap_t* req,
                   tlsloop_stream_t* stream,
                   tlsloop_unwrap_cb cb) {
  tlsloop__stream_t* s = stream->impl;
  int err = tlsloop__shutdown_check(s);

  if (err != 0)
    return err;
  if (s->state != TLSLOOP__STREAM_OPEN)
    return UV_ENOTCONN;
  if (cb == NULL)
    return UV_EINVAL;
  err =
      tlsloop__deadline_set(s, TLSLOOP__DEADLINE_SHUTDOWN, s->shutdown_timeout);
  if (err != 0)
    return err;
  req->stream = stream;
  req->cb = cb;
  s->unwrap = req;
  s->shut_state = TLSLOOP__SHUT_ASKED;
  tlsloop__pump_ask(s);
  return 0;
}

void tlsloop__unwrap_done(tlsloop__stream_t* s,
                          int status,
                          const char* data,
                          size_t len) {
  tlsloop_unwrap_t* req = s->unwrap;

  s->unwrap = NULL;
  s->shut_state = TLSLOOP__SHUT_DONE;
  tlsloop__deadline_clear(s, TLSLOOP__DEADLINE_SHUTDOWN);
  tlsloop__stream_end_writing(s, UV_EPIPE);
  req->cb(req, status, data, len);
}

/* Gives the transport back. */
static tlsloop__step_t detach(tlsloop__stream_t* s) {
  size_t len = tlsloop_bio_pending(&s->cipher_in);
  char* data = NULL;

  if (len > 0) {
    data = malloc(len);
    if (data == NULL) {
      tlsloop__unwrap_done(s, UV_ENOMEM, NULL, 0);
      return TLSLOOP__STEP_PROGRESS;
    }
    tlsloop_bio_read(&s->cipher_in, data, len);
  }
  tlsloop__transport_release(&s->transport);
  s->transport_reading = 0;
  s->owned = 0;
  s->handle->transport = NULL;
  tlsloop__unwrap_done(s, 0, data, len);
  free(data);
  return TLSLOOP__STEP_PROGRESS;
}

tlsloop__step_t tlsloop__unwrap_step(tlsloop__stream_t* s) {
  if (s->unwrap == NULL || s->shut_state != TLSLOOP__SHUT_SAID ||
      !tlsloop__stream_is_flushed(s))
    return TLSLOOP__STEP_IDLE;
  if (s->read_end == UV_EOF)
    return s->read_cb == NULL ? detach(s) : TLSLOOP__STEP_IDLE;
  if (s->read_end != 0 || s->read_cb != NULL ||
      tlsloop_engine_pending(s->engine) == 0)
    return TLSLOOP__STEP_IDLE;
  tlsloop__unwrap_done(s, TLSLOOP_EUNREAD, NULL, 0);
  return TLSLOOP__STEP_PROGRESS;
}
