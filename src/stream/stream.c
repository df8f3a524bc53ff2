/* SPDX-License-Identifier: MIT */

/* Stream: its making, its transport's events, its state and its failures. */

#include "stream/stream.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "context/conn.h"
#include "stream/pump.h"

void tlsloop__stream_set_state(tlsloop__stream_t* s,
                               tlsloop__stream_state_t state) {
  assert(state > s->state);
  s->state = state & 15u;
}

int tlsloop__stream_check(const tlsloop__stream_t* s) {
  if (s->state == TLSLOOP__STREAM_CLOSING)
    return UV_ECANCELED;
  if (s->state == TLSLOOP__STREAM_NEW)
    return UV_ENOTCONN;
  return 0;
}

void tlsloop__stream_break(tlsloop__stream_t* s, int code, const char* text) {
  tlsloop__stream_break_at(s, code, NULL, text);
}

void tlsloop__stream_break_at(tlsloop__stream_t* s,
                              int code,
                              const char* subject,
                              const char* text) {
  if (s->read_end == 0) {
    tlsloop__error_fail(&s->error, code, subject, text);
    s->read_end = code;
  }
  tlsloop__stream_end_writing(s, code);
}

void tlsloop__stream_note(tlsloop__stream_t* s, int code, const char* text) {
  if (s->error == NULL && s->engine->failure == 0)
    tlsloop__error_fail(&s->error, code, NULL, text);
}

/* A peer that has gone may have said why; that is still to be read, and ends a
 * handshake better. When it is us who failed, nothing will come. */
void tlsloop__stream_lose(tlsloop__stream_t* s, int code) {
  tlsloop__stream_note(s, code, NULL);
  tlsloop__stream_end_writing(s, code);
  if (code == UV_ENOMEM && s->state < TLSLOOP__STREAM_OPEN)
    tlsloop__stream_end_reading(s, code);
}

void tlsloop__stream_end_reading(tlsloop__stream_t* s, int code) {
  if (s->read_end == 0)
    s->read_end = code;
}

void tlsloop__stream_end_writing(tlsloop__stream_t* s, int code) {
  if (s->write_end == 0)
    s->write_end = code;
}

int tlsloop__stream_is_flushed(const tlsloop__stream_t* s) {
  return s->flushed == s->cipher_out.total;
}

int tlsloop__stream_is_choked(const tlsloop__stream_t* s) {
  return s->write_end == 0 &&
         s->cipher_out.total - s->flushed >= TLSLOOP__CHOKED_LIMIT;
}

int tlsloop__stream_has_last_words(const tlsloop__stream_t* s) {
  return s->engine->failure != 0 && s->engine->alert_sent != 0 &&
         s->transport_end == 0 && s->write_end == 0 &&
         !tlsloop__stream_is_flushed(s);
}

static tlsloop__stream_t* stream_of(tlsloop__transport_t* transport) {
  return TLSLOOP__QUEUE_DATA(transport, tlsloop__stream_t, transport);
}

static tlsloop__loop_t* loop_of(tlsloop__transport_t* transport) {
  return stream_of(transport)->loop;
}

static void on_data(tlsloop__transport_t* transport, char* data, size_t len) {
  tlsloop__stream_t* s = stream_of(transport);

  if (s->state == TLSLOOP__STREAM_CLOSING)
    return;
  tlsloop__bio_lend(&s->cipher_in, data, len);
  tlsloop__pump(s);
  if (s->state == TLSLOOP__STREAM_CLOSING) {
    tlsloop__bio_clear(&s->cipher_in);
  } else if (tlsloop__bio_keep(&s->cipher_in) != 0) {
    tlsloop__bio_clear(&s->cipher_in);
    tlsloop__stream_break(s, UV_ENOMEM, "no memory for what the peer sent");
    tlsloop__pump_ask(s);
  }
}

static void on_end(tlsloop__transport_t* transport, int status) {
  tlsloop__stream_t* s = stream_of(transport);

  s->transport_end = status;
  s->transport_reading = 0;
  tlsloop__linger_end(s);
  if (status == UV_EOF)
    tlsloop_bio_write_eof(&s->cipher_in);
  else
    tlsloop__stream_note(s, status, NULL);
  tlsloop__pump(s);
}

static void on_written(tlsloop__transport_t* transport,
                       size_t len,
                       int status) {
  tlsloop__stream_t* s = stream_of(transport);

  if (status == 0)
    s->flushed += len;
  else if (s->state != TLSLOOP__STREAM_CLOSING)
    tlsloop__stream_lose(s, status);
  tlsloop__pump(s);
}

static void on_shut(tlsloop__transport_t* transport, int status) {
  tlsloop__stream_t* s = stream_of(transport);

  if (s->state == TLSLOOP__STREAM_CLOSING)
    return;
  tlsloop__shutdown_on_shut(s, status);
  tlsloop__pump(s);
}

static void on_closed(tlsloop__transport_t* transport) {
  tlsloop__close_transport_closed(stream_of(transport));
}

static const tlsloop__transport_events_t transport_events =
    {loop_of, on_data, on_end, on_written, on_shut, on_closed};

/* The parts of a new stream that can fail; the loop's comes last because it
 * cannot go without a turn of the loop. */
static int make_parts(tlsloop__stream_t* s,
                      uv_loop_t* loop,
                      tlsloop_ctx_t* ctx,
                      int side) {
  int err;

  tlsloop__bio_init(&s->cipher_in, NULL);
  tlsloop__bio_init(&s->cipher_out, NULL);
  err = tlsloop__conn_new(&s->engine, ctx, &s->cipher_in, &s->cipher_out, side);
  if (err != 0)
    return err;
  err = tlsloop__loop_get(&s->loop, ctx, loop);
  if (err != 0) {
    tlsloop_engine_free(s->engine);
    return err;
  }
  s->cipher_in.bytes.pool = &s->loop->pool;
  s->cipher_out.bytes.pool = &s->loop->pool;
  return 0;
}

int tlsloop_stream_init(uv_loop_t* loop,
                        tlsloop_stream_t* stream,
                        tlsloop_ctx_t* ctx,
                        int side) {
  tlsloop__stream_t* s = calloc(1, sizeof(*s));
  int err;

  if (s == NULL)
    return UV_ENOMEM;
  err = make_parts(s, loop, ctx, side);
  if (err != 0) {
    free(s);
    return err;
  }
  s->handle = stream;
  s->handshake.timeout = TLSLOOP__HANDSHAKE_TIMEOUT;
  s->shutdown_timeout = TLSLOOP__SHUTDOWN_TIMEOUT;
  tlsloop__turn_init(&s->turn, tlsloop__pump_turn);

  stream->loop = loop;
  stream->transport = NULL;
  stream->ctx = tlsloop_ctx_ref(ctx);
  stream->impl = s;
  return 0;
}

void tlsloop__stream_move(tlsloop_stream_t* to, const tlsloop_stream_t* from) {
  to->loop = from->loop;
  to->transport = from->transport;
  to->ctx = from->ctx;
  to->impl = from->impl;
  to->impl->handle = to;
}

static int attach(tlsloop__stream_t* s, uv_stream_t* transport) {
  int err = tlsloop__transport_check(s->loop->uv, transport);

  if (err != 0)
    return err;
  tlsloop__transport_init(&s->transport, transport, &transport_events);
  s->handle->transport = transport;
  tlsloop__stream_set_state(s, TLSLOOP__STREAM_ATTACHED);
  return 0;
}

int tlsloop_attach(tlsloop_stream_t* stream, uv_stream_t* transport) {
  tlsloop__stream_t* s = stream->impl;

  if (s->state == TLSLOOP__STREAM_CLOSING)
    return UV_ECANCELED;
  if (s->state != TLSLOOP__STREAM_NEW)
    return UV_EALREADY;
  return attach(s, transport);
}

int tlsloop_attach_tls(tlsloop_stream_t* stream, tlsloop_stream_t* carrier) {
  tlsloop__stream_t* s = stream->impl;
  int err = tlsloop__transport_check_tls(stream->loop, carrier);

  if (s->state == TLSLOOP__STREAM_CLOSING)
    return UV_ECANCELED;
  if (s->state != TLSLOOP__STREAM_NEW)
    return UV_EALREADY;
  if (err != 0 || stream == carrier)
    return err != 0 ? err : UV_EINVAL;
  tlsloop__transport_init_tls(&s->transport, carrier, &transport_events);
  tlsloop__stream_set_state(s, TLSLOOP__STREAM_ATTACHED);
  return 0;
}

int tlsloop_upgrade(tlsloop_stream_t* stream,
                    uv_stream_t* transport,
                    const void* data,
                    size_t len) {
  tlsloop__stream_t* s = stream->impl;
  int err = 0;

  if (s->state == TLSLOOP__STREAM_NEW)
    err = tlsloop_bio_write(&s->cipher_in, data, len);
  if (err == 0)
    err = tlsloop_attach(stream, transport);
  if (err != 0 && s->state == TLSLOOP__STREAM_NEW)
    tlsloop__bio_clear(&s->cipher_in);
  return err;
}

static void on_orphan_closed(uv_handle_t* handle) {
  free(handle);
}

int tlsloop__stream_adopt(tlsloop__stream_t* s, uv_stream_t* transport) {
  int err = attach(s, transport);

  if (err == 0)
    s->owned = 1;
  else
    uv_close((uv_handle_t*) transport, on_orphan_closed);
  return err;
}

int tlsloop_stream_set_hostname(tlsloop_stream_t* stream, const char* name) {
  return tlsloop_engine_set_hostname(stream->impl->engine, name);
}

int tlsloop_stream_set_session(tlsloop_stream_t* stream,
                               tlsloop_session_t* session) {
  return tlsloop_engine_set_session(stream->impl->engine, session);
}

int tlsloop_stream_request_client_cert(tlsloop_stream_t* stream) {
  tlsloop__stream_t* s = stream->impl;
  int err = tlsloop__stream_check(s);

  if (err == 0)
    err = tlsloop_engine_request_client_cert(s->engine);
  if (err == 0)
    tlsloop__pump_ask(s);
  return err;
}

int tlsloop_stream_set_handshake_timeout(tlsloop_stream_t* stream,
                                         uint64_t timeout) {
  tlsloop__stream_t* s = stream->impl;
  int running = s->state == TLSLOOP__STREAM_CONNECTING ||
                s->state == TLSLOOP__STREAM_HANDSHAKING;
  int err = 0;

  if (s->state > TLSLOOP__STREAM_HANDSHAKING)
    return UV_EBUSY;
  if (running && timeout == 0)
    tlsloop__deadline_clear(s, TLSLOOP__DEADLINE_HANDSHAKE);
  else if (running)
    err = tlsloop__deadline_set(s, TLSLOOP__DEADLINE_HANDSHAKE, timeout);
  else
    s->handshake.timeout = timeout;
  return err;
}

int tlsloop_stream_set_shutdown_timeout(tlsloop_stream_t* stream,
                                        uint64_t timeout) {
  if (stream->impl->shut_state != TLSLOOP__SHUT_NO)
    return UV_EBUSY;
  stream->impl->shutdown_timeout = timeout;
  return 0;
}

size_t tlsloop_stream_get_write_queue_size(const tlsloop_stream_t* stream) {
  const tlsloop__stream_t* s = stream->impl;

  /* After a failure ciphertext does not wait, it is lost. */
  if (s->write_end != 0)
    return s->plain_out;
  return s->plain_out + (size_t) (s->cipher_out.total - s->flushed);
}

/* The fatal alert that the peer of |s| has sent, or -1. */
static int alert_received(const tlsloop__stream_t* s) {
  int code = s->engine->failure;

  return code <= TLSLOOP_EALERT_RECEIVED ? tlsloop_err_alert(code) : -1;
}

void tlsloop_stream_info(const tlsloop_stream_t* stream,
                         tlsloop_stream_info_t* info) {
  const tlsloop__stream_t* s = stream->impl;
  tlsloop_stream_info_t full = {
      .cipher_in = s->cipher_in.total,
      .cipher_out = s->flushed,
      .plain_in = s->plain_in,
      .plain_out = s->encrypted,
      .alert_sent = s->engine->alert_sent ? s->engine->alert_sent : -1,
      .alert_received = alert_received(s),
  };
  size_t size = info->size < sizeof(full) ? info->size : sizeof(full);

  full.size = size;
  if (s->state > TLSLOOP__STREAM_HANDSHAKING)
    full.handshake_us = s->handshake.time / 1000;
  memcpy(info, &full, size);
}

const tlsloop_engine_t* tlsloop_stream_engine(const tlsloop_stream_t* stream) {
  return stream->impl->engine;
}

const tlsloop_error_t* tlsloop_stream_error(const tlsloop_stream_t* stream) {
  const tlsloop__stream_t* s = stream->impl;

  if (s->error != NULL && s->engine->failure == 0)
    return tlsloop__error_get(&s->error);
  return tlsloop_engine_error(s->engine);
}
