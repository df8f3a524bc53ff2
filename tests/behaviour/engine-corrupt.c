/* SPDX-License-Identifier: MIT */

/* A wire that changes bytes: whichever it is, nobody takes what was not sent
 * for what was, nobody crashes, and whoever notices says so once. */

#include <string.h>
#include <uv/errno.h>

#include "support/given.h"
#include "support/suite.h"

enum {
  BAD_RECORD_MAC = 20
};

static const unsigned char masks[] = {0x01, 0x80, 0xff};

static pki_t* pki;
static tlsloop_ctx_t* client_ctx;
static tlsloop_ctx_t* server_ctx;
static pair_t pair;
static pair_end_t* client;
static pair_end_t* server;


static void make_pki(void) {
  pki = pki_new("corrupt");
  pki_leaf(pki);
}


static void free_pki(void) {
  pki_free(pki);
}


static void set_up(void) {
  client_ctx = given_client(pki);
  server_ctx = given_server(pki, NULL);
  client = &pair.client;
  server = &pair.server;
}


static void tear_down(void) {
  tlsloop_ctx_unref(client_ctx);
  tlsloop_ctx_unref(server_ctx);
}


/* Even loops of a test are TLS 1.2, odd ones TLS 1.3. */
static void only_version(int i) {
  if (i % 2 == 0)
    ck_done(tlsloop_ctx_set_max_version(client_ctx, TLSLOOP_TLS_1_2));
  else
    ck_done(tlsloop_ctx_set_min_version(client_ctx, TLSLOOP_TLS_1_3));
}


static void open_pair(void) {
  pair_open(&pair, client_ctx, server_ctx, "localhost");
}


/* Whoever still waits for bytes learns that none will come. */
static void hang_up(pair_end_t* end) {
  if (tlsloop_err_type(end->handshake) != TLSLOOP_ERR_WANT)
    return;

  tlsloop_bio_write_eof(end->in);
  end_handshake(end);
  ck_assert_int_lt(end->handshake, 0);
  ck_assert_int_ne(tlsloop_err_type(end->handshake), TLSLOOP_ERR_WANT);
}


/* Of what came after the handshake nothing is data. */
static void expect_no_data(pair_end_t* end) {
  char byte;
  size_t n;

  ck_assert_int_lt(end_read(end, &byte, 1, &n), 0);
  ck_assert_uint_eq(n, 0);
}


/* A handshake in which the byte at |flip| of |wire| is changed by |mask|.
 * Returns whether there was such a byte. */
static int change_one(pair_wire_t* wire, uint64_t flip, unsigned char mask) {
  int changed;

  open_pair();
  wire->flip = flip;
  wire->mask = mask;
  pair_handshake(&pair);
  changed = wire->moved > flip;
  wire->flip = PAIR_NEVER;
  if (client->handshake != 0 || server->handshake != 0) {
    ck_assert_int_eq(changed, 1);
    hang_up(client);
    hang_up(server);
  } else if (!changed || tlsloop_bio_pending(client->in) == 0) {
    /* A byte that means nothing: the version in the header of a record. */
    pair_ping(&pair);
  } else {
    expect_no_data(client);
  }
  pair_close(&pair);
  return changed;
}


/* loop: 12 */
START_TEST(changed_byte_of_a_handshake_is_noticed) {
  pair_wire_t* wire;
  uint64_t flip;

  only_version(_i);
  wire = _i / 2 % 2 == 0 ? &pair.to_server : &pair.to_client;
  flip = 0;
  while (change_one(wire, flip, masks[_i / 4]))
    flip += pair_stride();
  ck_assert_uint_gt(flip, 200);
}
END_TEST


/* Sends |data| through a connection that changes a byte of it. */
static void change_record(size_t flip, unsigned char mask, size_t* len) {
  unsigned char record[128];
  char byte;
  size_t n;
  int err;

  open_pair();
  pair_connect(&pair);
  ck_assert_int_eq(end_write(client, "precious", 8), 0);
  *len = tlsloop_bio_read(client->out, record, sizeof(record));
  record[flip] ^= mask;
  end_inject(server, record, *len);
  tlsloop_bio_write_eof(server->in);

  err = end_read(server, &byte, 1, &n);
  ck_assert_int_lt(err, 0);
  ck_assert_int_ne(err, UV__EOF);
  ck_assert_int_ne(tlsloop_err_type(err), TLSLOOP_ERR_WANT);
  if (flip >= 5)
    ck_assert_int_eq(err, TLSLOOP_EALERT_SENT - BAD_RECORD_MAC);
  ck_assert_int_eq(end_read(server, &byte, 1, &n), err);

  /* The alert, when there is one, is the last that the peer hears. */
  pair_settle(&pair);
  err = end_read(client, &byte, 1, &n);
  if (flip >= 5)
    ck_assert_int_eq(err, TLSLOOP_EALERT_RECEIVED - BAD_RECORD_MAC);
  ck_assert_int_ne(err, 0);
  pair_close(&pair);
}


/* loop: 6 */
START_TEST(changed_byte_of_a_record_is_noticed_and_nothing_is_delivered) {
  size_t flip;
  size_t len;

  only_version(_i);
  for (flip = 0, len = 1; flip < len; flip += pair_stride())
    change_record(flip, masks[_i / 2], &len);
  ck_assert_uint_gt(len, 20);
}
END_TEST


/* loop: 2 */
START_TEST(repeated_record_is_noticed) {
  unsigned char record[128];
  char buf[16];
  size_t len;
  size_t n;

  only_version(_i);
  open_pair();
  pair_connect(&pair);
  ck_assert_int_eq(end_write(client, "once", 4), 0);
  len = tlsloop_bio_read(client->out, record, sizeof(record));
  end_inject(server, record, len);
  end_inject(server, record, len);
  ck_assert_int_eq(end_read_all(server, buf, sizeof(buf), &n),
                   TLSLOOP_EALERT_SENT - BAD_RECORD_MAC);
  ck_assert_uint_eq(n, 4);
  pair_close(&pair);
}
END_TEST


/* loop: 2 */
START_TEST(left_out_record_is_noticed) {
  unsigned char record[128];
  char buf[16];
  size_t n;

  only_version(_i);
  open_pair();
  pair_connect(&pair);
  ck_assert_int_eq(end_write(client, "lost", 4), 0);
  tlsloop_bio_read(client->out, record, sizeof(record));
  ck_assert_int_eq(end_write(client, "next", 4), 0);
  pair_settle(&pair);
  ck_assert_int_eq(end_read_all(server, buf, sizeof(buf), &n),
                   TLSLOOP_EALERT_SENT - BAD_RECORD_MAC);
  ck_assert_uint_eq(n, 0);
  pair_close(&pair);
}
END_TEST


/* loop: 2 */
START_TEST(plain_text_among_records_is_never_data) {
  static const unsigned char record[] = {
      23, 3, 3, 0, 6, 'f', 'o', 'r', 'g', 'e', 'd'};
  char buf[16];
  size_t n;
  int err;

  only_version(_i);
  open_pair();
  pair_connect(&pair);
  end_inject(server, record, sizeof(record));
  err = end_read(server, buf, sizeof(buf), &n);
  ck_assert_int_lt(err, 0);
  ck_assert_int_eq(tlsloop_err_type(err), TLSLOOP_ERR_ALERT);
  ck_assert_uint_eq(n, 0);
  pair_close(&pair);
}
END_TEST


/* loop: 2 */
START_TEST(close_that_nobody_signed_is_not_believed) {
  static const unsigned char record[] = {21, 3, 3, 0, 2, 1, 0};
  char byte;
  size_t n;
  int err;

  only_version(_i);
  open_pair();
  pair_connect(&pair);
  end_inject(server, record, sizeof(record));
  err = end_read(server, &byte, 1, &n);
  ck_assert_int_ne(err, UV__EOF);
  ck_assert_int_eq(tlsloop_engine_state(server->engine), TLSLOOP_ENGINE_FAILED);
  pair_close(&pair);
}
END_TEST


static TCase* add_case(Suite* s, const char* name) {
  TCase* tcase;

  tcase = tcase_create(name);
  tcase_add_checked_fixture(tcase, set_up, tear_down);
  tcase_add_unchecked_fixture(tcase, make_pki, free_pki);
  tcase_set_timeout(tcase, 300);
  suite_add_tcase(s, tcase);
  return tcase;
}


Suite* suite(void) {
  TCase* tcase;
  Suite* s;

  s = suite_create("behaviour/engine-corrupt");
  tcase = add_case(s, "corrupt");
  tcase_add_loop_test(tcase, changed_byte_of_a_handshake_is_noticed, 0, 12);
  tcase_add_loop_test(
      tcase,
      changed_byte_of_a_record_is_noticed_and_nothing_is_delivered,
      0,
      6);
  tcase_add_loop_test(tcase, repeated_record_is_noticed, 0, 2);
  tcase_add_loop_test(tcase, left_out_record_is_noticed, 0, 2);
  tcase_add_loop_test(tcase, plain_text_among_records_is_never_data, 0, 2);
  tcase_add_loop_test(tcase, close_that_nobody_signed_is_not_believed, 0, 2);
  return s;
}
