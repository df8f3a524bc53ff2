/* SPDX-License-Identifier: MIT */

/* Write: the application's bytes into records, in the order of its requests.
 *
 * They are encrypted only as the transport drains, so the ciphertext of a
 * stream is bounded whatever the application queues; small writes share a
 * record. */

#include <stdlib.h>
#include <string.h>

#include "stream/pump.h"

/* How much is encrypted in one go, in bytes. */
#ifndef TLSLOOP__BATCH_SIZE
#define TLSLOOP__BATCH_SIZE (4 * TLSLOOP__RECORD_SIZE)
#endif

static size_t min(size_t a, size_t b) {
  return a < b ? a : b;
}

int tlsloop__write_check(const tlsloop__stream_t* s) {
  int err = tlsloop__stream_check(s);

  if (err != 0)
    return err;
  if (s->shut_state != TLSLOOP__SHUT_NO)
    return UV_EPIPE;
  if (s->write_end != 0)
    return s->write_end;
  return s->engine->failure;
}

static size_t size_of(const uv_buf_t bufs[], unsigned int nbufs) {
  size_t size = 0;
  unsigned int i;

  for (i = 0; i < nbufs; i++)
    size += bufs[i].len;
  return size;
}

/* Makes |req| one of |bufs|, with a copy of that array. */
static int make_request(tlsloop_write_t* req,
                        const uv_buf_t bufs[],
                        unsigned int nbufs) {
  uv_buf_t* copy = req->bufsml;

  if (nbufs > sizeof(req->bufsml) / sizeof(req->bufsml[0]))
    copy = malloc(nbufs * sizeof(*copy));
  if (copy == NULL)
    return UV_ENOMEM;
  memcpy(copy, bufs, nbufs * sizeof(*copy));
  req->next = NULL;
  req->bufs = copy;
  req->nbufs = nbufs;
  req->index = 0;
  req->offset = 0;
  return 0;
}

static void free_bufs(tlsloop_write_t* req) {
  if (req->bufs != req->bufsml)
    free(req->bufs);
  req->bufs = NULL;
}

static void queue(tlsloop__stream_t* s, tlsloop_write_t* req) {
  if (s->writes == NULL)
    s->writes = req;
  else
    s->last_write->next = req;
  s->last_write = req;
  if (s->feeding == NULL)
    s->feeding = req;
  s->plain_out += size_of(req->bufs, req->nbufs);
  tlsloop__drain_note(s);
}

int tlsloop_write(tlsloop_write_t* req,
                  tlsloop_stream_t* stream,
                  const uv_buf_t bufs[],
                  unsigned int nbufs,
                  tlsloop_write_cb cb) {
  tlsloop__stream_t* s = stream->impl;
  int err = tlsloop__write_check(s);

  if (err == 0 && (bufs == NULL || nbufs == 0))
    err = UV_EINVAL;
  if (err == 0)
    err = make_request(req, bufs, nbufs);
  if (err != 0)
    return err;
  err = tlsloop__handshake_begin(s);
  if (err != 0) {
    free_bufs(req);
    return err;
  }

  req->stream = stream;
  req->cb = cb;
  queue(s, req);
  tlsloop__pump_ask(s);
  return 0;
}

/* Copies up to |max| bytes of what is to be encrypted next into |buf|, from as
 * many buffers and requests as it takes. */
static size_t gather(const tlsloop__stream_t* s, char* buf, size_t max) {
  const tlsloop_write_t* req = s->feeding;
  unsigned int index = req->index;
  size_t offset = req->offset;
  size_t len = 0;

  while (req != NULL && len < max) {
    if (index == req->nbufs) {
      req = req->next;
      index = 0;
      continue;
    }
    size_t n = min(req->bufs[index].len - offset, max - len);
    if (n > 0)
      memcpy(buf + len, req->bufs[index].base + offset, n);
    len += n;
    offset += n;
    if (offset == req->bufs[index].len) {
      index++;
      offset = 0;
    }
  }
  return len;
}

/* Notes that the next |len| bytes are encrypted, and which requests are with
 * them. */
static void consume(tlsloop__stream_t* s, size_t len) {
  tlsloop_write_t* req = s->feeding;

  s->plain_out -= len;
  s->encrypted += len;
  while (req != NULL) {
    while (req->index < req->nbufs) {
      size_t n = min(req->bufs[req->index].len - req->offset, len);

      len -= n;
      req->offset += n;
      if (req->offset < req->bufs[req->index].len)
        break;
      req->index++;
      req->offset = 0;
    }
    if (req->index < req->nbufs)
      break;
    req->end = s->cipher_out.total;
    req = req->next;
  }
  s->feeding = req;
}

/* Chooses what to encrypt next: whole records straight from the application's
 * memory, or a record gathered from small buffers. */
static int next_batch(tlsloop__stream_t* s, const char** data, size_t* len) {
  const tlsloop_write_t* req = s->feeding;
  const uv_buf_t* buf = &req->bufs[req->index];
  size_t left = buf->len - req->offset;
  int alone = left == s->plain_out;
  size_t size = tlsloop__record_size(s);
  char* record;

  if (left >= size || alone) {
    *data = buf->base + req->offset;
    if (!alone)
      left -= left % size;
    *len = min(left, size == TLSLOOP__RECORD_SIZE ? TLSLOOP__BATCH_SIZE : size);
    return 0;
  }
  record = tlsloop__loop_record_buf(s->loop);
  if (record == NULL)
    return UV_ENOMEM;
  *data = record;
  *len = gather(s, record, size);
  return 0;
}

/* Encrypts what is to be written until enough of it is in flight. Returns 0,
 * a WANT code, or a fatal error. */
static int feed(tlsloop__stream_t* s) {
  const char* data;
  size_t len;
  int err;

  while (s->feeding != NULL &&
         s->cipher_out.total - s->flushed < tlsloop__window(s)) {
    err = next_batch(s, &data, &len);
    if (err == 0)
      err = tlsloop_engine_write(s->engine, data, len);
    if (err != 0)
      return err;
    consume(s, len);
  }
  return 0;
}

/* Ends what |err| of feed ends. */
static void note_error(tlsloop__stream_t* s, int err) {
  if (s->engine->failure != 0)
    tlsloop__stream_end_reading(s, err);
  else if (err == UV_ENOMEM)
    tlsloop__stream_break(s, err, "no memory to gather what is written");
}

tlsloop__step_t tlsloop__write_step(tlsloop__stream_t* s) {
  if (s->state != TLSLOOP__STREAM_OPEN || s->feeding == NULL ||
      s->write_end != 0 || s->engine->failure != 0)
    return TLSLOOP__STEP_IDLE;
  note_error(s, feed(s));
  return TLSLOOP__STEP_IDLE;
}

static void finish(tlsloop__stream_t* s, int status) {
  tlsloop_write_t* req = s->writes;

  s->writes = req->next;
  if (s->feeding == req)
    s->feeding = req->next;
  free_bufs(req);
  if (req->cb != NULL)
    req->cb(req, status);
}

tlsloop__step_t tlsloop__write_complete(tlsloop__stream_t* s) {
  while (s->writes != NULL && s->writes != s->feeding &&
         s->writes->end <= s->flushed)
    finish(s, 0);
  return TLSLOOP__STEP_IDLE;
}

tlsloop__step_t tlsloop__write_fail(tlsloop__stream_t* s, int code) {
  tlsloop__step_t step = TLSLOOP__STEP_IDLE;

  s->plain_out = 0;
  while (s->writes != NULL) {
    finish(s, code);
    step = TLSLOOP__STEP_PROGRESS;
  }
  return step;
}

/* Encrypts as much of |bufs| as may be in flight, as if it were a request.
 * Returns how many bytes that was, or an error. */
static int take(tlsloop__stream_t* s,
                const uv_buf_t bufs[],
                unsigned int nbufs) {
  size_t size = size_of(bufs, nbufs);
  tlsloop_write_t req;
  size_t taken;
  int err;

  err = make_request(&req, bufs, nbufs);
  if (err != 0)
    return err;
  s->plain_out = size;
  s->feeding = &req;
  err = feed(s);
  note_error(s, err);
  taken = size - s->plain_out;
  s->plain_out = 0;
  s->feeding = NULL;
  free_bufs(&req);
  if (taken > 0 || err == 0)
    return (int) taken;
  return tlsloop_err_type(err) == TLSLOOP_ERR_WANT ? UV_EAGAIN : err;
}

int tlsloop_try_write(tlsloop_stream_t* stream,
                      const uv_buf_t bufs[],
                      unsigned int nbufs) {
  tlsloop__stream_t* s = stream->impl;
  int n = tlsloop__write_check(s);

  if (n == 0 && (bufs == NULL || nbufs == 0))
    n = UV_EINVAL;
  if (n == 0)
    n = tlsloop__handshake_begin(s);
  if (n != 0)
    return n;
  if (s->state != TLSLOOP__STREAM_OPEN || s->writes != NULL ||
      tlsloop__transport_in_flight(&s->transport) > 0)
    return UV_EAGAIN;

  n = take(s, bufs, nbufs);
  tlsloop__flush(s);
  tlsloop__drain_note(s);
  /* A pump that is running has nothing to do for what is with the system. */
  if (!s->pumping || n < 0 || !tlsloop__stream_is_flushed(s))
    tlsloop__pump_ask(s);
  return s->write_end != 0 ? s->write_end : n;
}
