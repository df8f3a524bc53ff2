/* SPDX-License-Identifier: MIT */

/* Pair: two engines and the wire between them. */

#include "support/pair.h"

#include <check.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

#define MOVE_MAX ((size_t) 65536)


void pair_init(pair_t* pair) {
  memset(pair, 0, sizeof(*pair));
  ck_assert_int_eq(tlsloop_bio_new(&pair->client.in), 0);
  ck_assert_int_eq(tlsloop_bio_new(&pair->client.out), 0);
  ck_assert_int_eq(tlsloop_bio_new(&pair->server.in), 0);
  ck_assert_int_eq(tlsloop_bio_new(&pair->server.out), 0);
  pair->client.handshake = TLSLOOP_WANT_READ;
  pair->server.handshake = TLSLOOP_WANT_READ;
  pair->to_server.cut = pair->to_server.flip = PAIR_NEVER;
  pair->to_client.cut = pair->to_client.flip = PAIR_NEVER;
}


void pair_deinit(pair_t* pair) {
  tlsloop_bio_unref(pair->client.in);
  tlsloop_bio_unref(pair->client.out);
  tlsloop_bio_unref(pair->server.in);
  tlsloop_bio_unref(pair->server.out);
}


/* What another connection on this thread may have left behind. */
static void litter(void) {
  ERR_raise(ERR_LIB_SSL, SSL_R_BAD_LENGTH);
  ERR_raise(ERR_LIB_SYS, EPIPE);
  errno = EPIPE;
}


/* A call that had to do with OpenSSL leaves nothing behind, and one that had
 * not leaves the litter as it was. */
static int tidy(int code) {
  if (ERR_peek_error() != 0) {
    ck_assert_int_eq(ERR_GET_REASON(ERR_get_error()), SSL_R_BAD_LENGTH);
    ck_assert_int_eq(ERR_GET_REASON(ERR_get_error()), EPIPE);
  }
  ck_assert_uint_eq(ERR_peek_error(), 0);
  ck_assert_int_le(code, 0);
  return code;
}


int end_handshake(pair_end_t* end) {
  litter();
  end->handshake = tidy(tlsloop_engine_handshake(end->engine));
  return end->handshake;
}


int end_read(pair_end_t* end, void* buf, size_t len, size_t* nread) {
  int err;

  litter();
  *nread = len + 1;
  err = tidy(tlsloop_engine_read(end->engine, buf, len, nread));
  if (err == 0) {
    ck_assert_uint_le(*nread, len);
    ck_assert(len == 0 || *nread > 0);
  }
  return err;
}


int end_write(pair_end_t* end, const void* buf, size_t len) {
  litter();
  return tidy(tlsloop_engine_write(end->engine, buf, len));
}


int end_shutdown(pair_end_t* end) {
  litter();
  return tidy(tlsloop_engine_shutdown(end->engine));
}


int end_read_all(pair_end_t* end, void* buf, size_t cap, size_t* nread) {
  size_t n;
  int err;

  *nread = 0;
  while (*nread < cap) {
    err = end_read(end, (char*) buf + *nread, cap - *nread, &n);
    if (err != 0)
      return err;
    *nread += n;
  }
  return 0;
}


void end_inject(pair_end_t* end, const void* data, size_t len) {
  ck_assert_int_eq(tlsloop_bio_write(end->in, data, len), 0);
}


/* How many of the |len| bytes that wait may arrive now. */
static size_t allowed(const pair_wire_t* wire, size_t len) {
  uint64_t limit;

  limit = MOVE_MAX;
  if (wire->chunk != 0 && wire->chunk < limit)
    limit = wire->chunk;
  if (wire->moved < wire->split && wire->split - wire->moved < limit)
    limit = wire->split - wire->moved;
  if (wire->cut - wire->moved < limit)
    limit = wire->cut - wire->moved;
  return len < limit ? len : (size_t) limit;
}


static int move(pair_wire_t* wire, pair_end_t* from, pair_end_t* to) {
  unsigned char buf[MOVE_MAX];
  size_t len;

  if (wire->ended) {
    while (tlsloop_bio_read(from->out, buf, sizeof(buf)) > 0)
      continue;
    return 0;
  }
  if (wire->moved == wire->cut) {
    wire->ended = 1;
    tlsloop_bio_write_eof(to->in);
    return 1;
  }

  len = allowed(wire, tlsloop_bio_pending(from->out));
  if (len == 0)
    return 0;
  ck_assert_uint_eq(tlsloop_bio_read(from->out, buf, len), len);
  if (wire->flip >= wire->moved && wire->flip - wire->moved < len)
    buf[wire->flip - wire->moved] ^= wire->mask;
  wire->moved += len;
  end_inject(to, buf, len);
  return 1;
}


int pair_pump(pair_t* pair) {
  int moved;

  moved = move(&pair->to_server, &pair->client, &pair->server);
  return move(&pair->to_client, &pair->server, &pair->client) || moved;
}


void pair_settle(pair_t* pair) {
  while (pair_pump(pair))
    continue;
}


static void step(pair_end_t* end) {
  if (tlsloop_err_type(end->handshake) == TLSLOOP_ERR_WANT)
    end_handshake(end);
}


void pair_handshake(pair_t* pair) {
  do {
    step(&pair->client);
    step(&pair->server);
  } while (pair_pump(pair));
}


void pair_connect(pair_t* pair) {
  pair_handshake(pair);
  ck_assert_int_eq(pair->client.handshake, 0);
  ck_assert_int_eq(pair->server.handshake, 0);
}


void pair_send(pair_t* pair,
               pair_end_t* from,
               pair_end_t* to,
               const void* data,
               size_t len) {
  char* buf;
  size_t total;
  size_t n;
  int err;

  ck_assert_int_eq(end_write(from, data, len), 0);
  ck_assert_ptr_nonnull(buf = malloc(len + 1));
  total = 0;
  do {
    err = end_read_all(to, buf + total, len + 1 - total, &n);
    ck_assert_int_eq(err, TLSLOOP_WANT_READ);
    total += n;
  } while (pair_pump(pair));

  ck_assert_uint_eq(total, len);
  ck_assert_mem_eq(buf, data, len);
  free(buf);
}


void pair_ping(pair_t* pair) {
  pair_send(pair, &pair->client, &pair->server, "ping", 4);
  pair_send(pair, &pair->server, &pair->client, "pong!", 5);
}


unsigned int pair_stride(void) {
  const char* value;
  int stride;

  value = getenv("TLSLOOP_TEST_STRIDE");
  stride = value == NULL ? 1 : atoi(value);
  return stride < 1 ? 1 : (unsigned int) stride;
}


void pair_fill(void* buf, size_t len, uint32_t seed) {
  unsigned char* bytes;
  size_t i;

  bytes = buf;
  for (i = 0; i < len; i++) {
    seed = seed * 1664525 + 1013904223;
    bytes[i] = (unsigned char) (seed >> 24);
  }
}
