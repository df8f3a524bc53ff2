/* SPDX-License-Identifier: MIT */

/* Party: a TLS stream whose every callback is recorded and checked. */

#include "support/party.h"

#include <errno.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#include "support/always.h"

#define POISON 0xee

/* A write under way; the bytes follow the buffers. */
typedef struct letter_s {
  tlsloop_write_t req;
  party_t* party;
  unsigned int number;
  uv_buf_t bufs[];
} letter_t;

static int inside; /* a call is under way */
static int stale;
static void (*on_switch)(int to_library);

static void make_stale(void) {
  if (!stale)
    return;
  ERR_raise(ERR_LIB_USER, ERR_R_INTERNAL_ERROR);
  errno = EPIPE;
}

static void switch_to(int library) {
  if (on_switch != NULL)
    on_switch(library);
}

void party_on_switch(void (*watch)(int to_library)) {
  on_switch = watch;
}

static void enter(void) {
  make_stale();
  inside++;
  switch_to(1);
}

static void leave(void) {
  switch_to(0);
  inside--;
  if (!stale)
    ALWAYS(ERR_peek_error() == 0);
}

void party_make_stale(int on) {
  stale = on;
}

char party_pattern(int side, uint64_t offset) {
  return (char) (offset * 7 + (offset >> 8) * 13 + (offset >> 16) + side * 101);
}

/* Begins each callback. */
static void note(party_t* party, party_event_t event) {
  size_t len;

  switch_to(0);
  ALWAYS_MSG(inside == 0, "a callback, %c, runs inside a call", event);
  ALWAYS_MSG(!party->closed, "%c comes after the close callback", event);
  if (!stale)
    ALWAYS(ERR_peek_error() == 0);
  if (event != PARTY_WANT && event != PARTY_HANDSHAKE)
    ALWAYS_MSG(!party->handshake_begun || party->handshakes == 1,
               "%c comes before the handshake callback",
               event);
  len = strlen(party->log);
  if (len < sizeof(party->log) - 1)
    party->log[len] = (char) event;
}

/* Ends each callback. */
static void tell(party_t* party, party_event_t event) {
  if (party->hook != NULL)
    party->hook(party, event);
  make_stale();
  switch_to(1);
}

static void on_want(tlsloop_stream_t* stream, int want) {
  party_t* party;

  party = stream->data;
  note(party, PARTY_WANT);
  ALWAYS(want != party->want);
  party->want = want;
  party->wants++;
  tell(party, PARTY_WANT);
}

/* Puts |stream| of |party| on what it is to be on. */
static void attach(party_t* party, tlsloop_stream_t* stream) {
  if (party->carrier != NULL) {
    party->carrier->data = party;
    ALWAYS(tlsloop_attach_tls(stream, party->carrier) == 0);
  } else {
    party->transport->data = party;
    ALWAYS(tlsloop_attach(stream, party->transport) == 0);
  }
}

void party_open_nested(party_t* party,
                       tlsloop_ctx_t* ctx,
                       int side,
                       tlsloop_stream_t* carrier,
                       uv_stream_t* transport) {
  tlsloop_stream_t* stream;
  int err;

  memset(party, 0, sizeof(*party));
  stream = malloc(sizeof(*stream));
  ALWAYS(stream != NULL);
  memset(stream, POISON, sizeof(*stream));

  err = tlsloop_stream_init(transport->loop, stream, ctx, side);
  ALWAYS(err == 0);
  stream->data = party;
  party->carrier = carrier;
  party->transport = transport;
  attach(party, stream);
  if (side == TLSLOOP_CLIENT)
    ALWAYS(tlsloop_stream_set_hostname(stream, "localhost") == 0);
  tlsloop_on_want(stream, on_want);

  party->stream = stream;
  party->side = side;
}

void party_open(party_t* party,
                tlsloop_ctx_t* ctx,
                int side,
                uv_stream_t* transport) {
  party_open_nested(party, ctx, side, NULL, transport);
}

static void on_handshake(tlsloop_stream_t* stream, int status) {
  party_t* party;

  party = stream->data;
  note(party, PARTY_HANDSHAKE);
  ALWAYS(party->handshakes == 0);
  ALWAYS(strpbrk(party->log, "ADUEWSC") == NULL);
  ALWAYS(status <= 0);
  party->handshakes++;
  party->handshake_status = status;
  if (status != 0)
    party->reading = 0;
  tell(party, PARTY_HANDSHAKE);
}

int party_handshake(party_t* party) {
  int err;

  enter();
  err = tlsloop_handshake(party->stream, on_handshake);
  leave();
  party->handshake_begun |= err == 0;
  return err;
}

static void on_alloc(tlsloop_stream_t* stream, size_t size, uv_buf_t* buf) {
  party_t* party;

  party = stream->data;
  note(party, PARTY_ALLOC);
  ALWAYS_MSG(party->reading, "alloc while nobody reads");
  ALWAYS(party->buffer == NULL);
  ALWAYS(size > 0);
  party->allocs++;
  if (party->allocs_to_fail > 0) {
    party->allocs_to_fail--;
  } else {
    party->buffer_size = party->alloc_size > 0 ? party->alloc_size : size;
    party->buffer = malloc(party->buffer_size);
    ALWAYS(party->buffer != NULL);
    *buf = uv_buf_init(party->buffer, (unsigned int) party->buffer_size);
  }
  tell(party, PARTY_ALLOC);
}

static void check_bytes(party_t* party, const char* data, size_t len) {
  size_t i;
  int from;

  from = party->side == TLSLOOP_CLIENT ? TLSLOOP_SERVER : TLSLOOP_CLIENT;
  for (i = 0; i < len; i++) {
    if (data[i] != party_pattern(from, party->received + i))
      ck_abort_msg("byte %llu is wrong",
                   (unsigned long long) (party->received + i));
  }
  party->received += len;
}

/* Takes back what on_alloc lent. */
static void take_buffer(party_t* party, const uv_buf_t* buf) {
  ALWAYS(buf->base == party->buffer);
  if (party->buffer == NULL)
    return;
  ALWAYS(buf->len == party->buffer_size);
  memset(party->buffer, POISON, party->buffer_size);
  free(party->buffer);
  party->buffer = NULL;
}

static void note_end(party_t* party, int status) {
  ALWAYS_MSG(party->reading, "an end while nobody reads");
  party->reading = 0;
  party->read_status = status;
  if (status == UV_ENOBUFS)
    return;
  ALWAYS(party->ends == 0);
  party->ends++;
}

static void on_read(tlsloop_stream_t* stream,
                    ssize_t nread,
                    const uv_buf_t* buf) {
  party_t* party;
  party_event_t event;

  party = stream->data;
  event = nread > 0 ? PARTY_DATA : nread < 0 ? PARTY_END : PARTY_UNUSED;
  note(party, event);
  if (nread > 0) {
    ALWAYS_MSG(party->reading, "data while nobody reads");
    ALWAYS(party->ends == 0);
    ALWAYS(buf->base != NULL);
    ALWAYS((size_t) nread <= buf->len);
    check_bytes(party, buf->base, (size_t) nread);
  }
  take_buffer(party, buf);
  if (nread < 0)
    note_end(party, (int) nread);
  tell(party, event);
}

int party_read_start(party_t* party) {
  int err;

  enter();
  err = tlsloop_read_start(party->stream, on_alloc, on_read);
  leave();
  party->reading |= err == 0;
  return err;
}

int party_read_stop(party_t* party) {
  int err;

  enter();
  err = tlsloop_read_stop(party->stream);
  leave();
  party->reading = 0;
  return err;
}

static void on_write(tlsloop_write_t* req, int status) {
  party_t* party;
  letter_t* letter;

  letter = (letter_t*) req;
  party = letter->party;
  note(party, PARTY_WRITE);
  ALWAYS(req->data == letter);
  ALWAYS(req->stream == party->stream);
  ALWAYS(letter->number == party->writes);
  ALWAYS(status <= 0);
  memset(letter, POISON, sizeof(*letter));
  free(letter);
  party->writes++;
  party->failed_writes += status != 0;
  party->write_status = status;
  tell(party, PARTY_WRITE);
}

/* Makes a letter with the next bytes of |party|'s pattern. */
static letter_t* letter_new(party_t* party,
                            const size_t lens[],
                            unsigned int count) {
  letter_t* letter;
  size_t size;
  size_t done;
  unsigned int i;
  char* bytes;

  size = 0;
  for (i = 0; i < count; i++)
    size += lens[i];
  letter = malloc(sizeof(*letter) + count * sizeof(uv_buf_t) + size);
  ALWAYS(letter != NULL);
  letter->party = party;
  letter->req.data = letter;

  bytes = (char*) (letter->bufs + count);
  for (done = 0; done < size; done++)
    bytes[done] = party_pattern(party->side, party->sent + done);
  for (i = 0; i < count; i++) {
    letter->bufs[i] = uv_buf_init(lens[i] == 0 ? NULL : bytes, 0);
    letter->bufs[i].len = lens[i];
    bytes += lens[i];
  }
  return letter;
}

static size_t size_of(const size_t lens[], unsigned int count) {
  size_t size;

  for (size = 0; count > 0; count--)
    size += lens[count - 1];
  return size;
}

int party_write_many(party_t* party, const size_t lens[], unsigned int count) {
  letter_t* letter;
  int err;

  letter = letter_new(party, lens, count);
  letter->number = party->writes_begun;
  enter();
  err =
      tlsloop_write(&letter->req, party->stream, letter->bufs, count, on_write);
  leave();
  if (err != 0) {
    free(letter);
    return err;
  }
  party->writes_begun++;
  party->sent += size_of(lens, count);
  return 0;
}

int party_write(party_t* party, size_t len) {
  return party_write_many(party, &len, 1);
}

int party_try_write(party_t* party, size_t len) {
  letter_t* letter;
  int n;

  letter = letter_new(party, &len, 1);
  enter();
  n = tlsloop_try_write(party->stream, letter->bufs, 1);
  leave();
  free(letter);
  if (n > 0)
    party->sent += (uint64_t) n;
  return n;
}

static void on_shutdown(tlsloop_shutdown_t* req, int status) {
  party_t* party;

  party = req->data;
  note(party, PARTY_SHUTDOWN);
  ALWAYS(req->stream == party->stream);
  ALWAYS(party->shutdowns == 0);
  ALWAYS(party->writes == party->writes_begun);
  ALWAYS(status <= 0);
  memset(req, POISON, sizeof(*req));
  free(req);
  party->shutdowns++;
  party->shutdown_status = status;
  tell(party, PARTY_SHUTDOWN);
}

int party_shutdown(party_t* party) {
  tlsloop_shutdown_t* req;
  int err;

  req = malloc(sizeof(*req));
  ALWAYS(req != NULL);
  req->data = party;
  enter();
  err = tlsloop_shutdown(req, party->stream, on_shutdown);
  leave();
  if (err != 0)
    free(req);
  party->shutdown_begun |= err == 0;
  return err;
}

/* The data field of what the stream is on. */
static void* under(const party_t* party) {
  return party->carrier != NULL ? party->carrier->data : party->transport->data;
}

static void on_close(tlsloop_stream_t* stream) {
  party_t* party;

  party = stream->data;
  note(party, PARTY_CLOSE);
  ALWAYS(stream == party->stream);
  ALWAYS(tlsloop_is_closing(stream) == 1);
  ALWAYS(under(party) == party);
  ALWAYS(party->handshakes == party->handshake_begun);
  ALWAYS(party->writes == party->writes_begun);
  ALWAYS(party->shutdowns == party->shutdown_begun);
  ALWAYS(party->buffer == NULL);

  memset(stream, POISON, sizeof(*stream));
  free(stream);
  memset(party->transport, POISON, sizeof(*party->transport));
  free(party->transport);
  if (party->carrier != NULL)
    memset(party->carrier, POISON, sizeof(*party->carrier));
  free(party->carrier);
  party->stream = NULL;
  party->transport = NULL;
  party->carrier = NULL;
  party->closed = 1;
  tell(party, PARTY_CLOSE);
}

void party_close(party_t* party) {
  enter();
  tlsloop_close(party->stream, on_close);
  leave();
  party->reading = 0;
}

void party_close_reset(party_t* party) {
  enter();
  tlsloop_close_reset(party->stream, on_close);
  leave();
  party->reading = 0;
}
