/* SPDX-License-Identifier: MIT */

/* The end of a connection between two engines: each direction ends by itself,
 * and an end that nobody announced is never taken for one that was. */

#include <stdlib.h>
#include <string.h>
#include <uv/errno.h>

#include "support/given.h"
#include "support/suite.h"

static pki_t* pki;
static tlsloop_ctx_t* client_ctx;
static tlsloop_ctx_t* server_ctx;
static pair_t pair;
static pair_end_t* client;
static pair_end_t* server;


static void make_pki(void) {
  pki = pki_new("close");
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


static void open_version(int i) {
  only_version(i);
  open_pair();
  pair_connect(&pair);
  pair_ping(&pair);
}


/* Everything that |end| returns is |code|, and nothing comes with it. */
static void expect_ended(pair_end_t* end, int code) {
  char byte;
  size_t n;
  int i;

  for (i = 0; i < 2; i++) {
    ck_assert_int_eq(end_read(end, &byte, 1, &n), code);
    ck_assert_uint_eq(n, 0);
  }
}


/* loop: 2 */
START_TEST(client_can_write_after_the_server_has_closed) {
  open_version(_i);
  ck_assert_int_eq(end_shutdown(server), TLSLOOP_WANT_READ);
  pair_settle(&pair);
  expect_ended(client, UV__EOF);
  pair_send(&pair, client, server, "still talking", 13);
  pair_send(&pair, client, server, "and talking", 11);
  ck_assert_int_eq(end_shutdown(client), 0);
  pair_settle(&pair);
  expect_ended(server, UV__EOF);
  ck_assert_int_eq(tlsloop_engine_state(server->engine), TLSLOOP_ENGINE_CLOSED);
  pair_close(&pair);
}
END_TEST


/* loop: 2 */
START_TEST(server_can_write_after_the_client_has_closed) {
  open_version(_i);
  ck_assert_int_eq(end_shutdown(client), TLSLOOP_WANT_READ);
  pair_settle(&pair);
  expect_ended(server, UV__EOF);
  pair_send(&pair, server, client, "the answer", 10);
  ck_assert_int_eq(end_shutdown(server), 0);
  pair_settle(&pair);
  expect_ended(client, UV__EOF);
  ck_assert_int_eq(end_shutdown(client), 0);
  pair_close(&pair);
}
END_TEST


/* loop: 2 */
START_TEST(both_sides_can_close_at_the_same_time) {
  open_version(_i);
  ck_assert_int_eq(end_shutdown(client), TLSLOOP_WANT_READ);
  ck_assert_int_eq(end_shutdown(server), TLSLOOP_WANT_READ);
  pair_settle(&pair);
  ck_assert_int_eq(end_shutdown(client), 0);
  ck_assert_int_eq(end_shutdown(server), 0);
  expect_ended(client, UV__EOF);
  expect_ended(server, UV__EOF);
  pair_close(&pair);
}
END_TEST


/* loop: 2 */
START_TEST(everything_written_before_the_close_arrives_before_the_end) {
  char data[50000];
  char buf[50001];
  size_t n;

  open_version(_i);
  pair_fill(data, sizeof(data), 7);
  ck_assert_int_eq(end_write(client, data, sizeof(data)), 0);
  ck_assert_int_eq(end_shutdown(client), TLSLOOP_WANT_READ);
  pair_settle(&pair);
  ck_assert_int_eq(end_read_all(server, buf, sizeof(buf), &n), UV__EOF);
  ck_assert_uint_eq(n, sizeof(data));
  ck_assert_mem_eq(buf, data, sizeof(data));
  pair_close(&pair);
}
END_TEST


/* loop: 2 */
START_TEST(close_arrives_byte_by_byte) {
  open_version(_i);
  pair.to_server.chunk = 1;
  ck_assert_int_eq(end_shutdown(client), TLSLOOP_WANT_READ);
  while (pair_pump(&pair)) {
    if (tlsloop_bio_pending(client->out) > 0)
      expect_ended(server, TLSLOOP_WANT_READ);
  }
  expect_ended(server, UV__EOF);
  pair_close(&pair);
}
END_TEST


/* loop: 2 */
START_TEST(end_of_the_transport_after_the_close_is_a_clean_end) {
  open_version(_i);
  ck_assert_int_eq(end_shutdown(client), TLSLOOP_WANT_READ);
  pair_settle(&pair);
  tlsloop_bio_write_eof(server->in);
  expect_ended(server, UV__EOF);
  ck_assert_int_eq(end_shutdown(server), 0);
  pair_close(&pair);
}
END_TEST


/* loop: 2 */
START_TEST(bytes_after_the_close_stay_where_they_are) {
  const char rest[] = "220 back to plain text\r\n";
  char buf[64];

  open_version(_i);
  ck_assert_int_eq(end_shutdown(client), TLSLOOP_WANT_READ);
  pair_settle(&pair);
  end_inject(server, rest, strlen(rest));
  expect_ended(server, UV__EOF);
  ck_assert_int_eq(end_shutdown(server), 0);
  ck_assert_uint_eq(tlsloop_bio_pending(server->in), strlen(rest));
  ck_assert_uint_eq(tlsloop_bio_read(server->in, buf, sizeof(buf)),
                    strlen(rest));
  ck_assert_mem_eq(buf, rest, strlen(rest));
  pair_close(&pair);
}
END_TEST


/* What is left of a handshake in which |cut| bytes came through one way, for
 * loop |i|: the victim is told of it once and for all. Returns whether there
 * are more places to cut. */
static int cut_handshake(int i, uint64_t cut) {
  pair_wire_t* wire;
  pair_end_t* victim;
  int whole;

  open_pair();
  wire = i < 2 ? &pair.to_server : &pair.to_client;
  victim = i < 2 ? server : client;
  wire->cut = cut;
  pair_handshake(&pair);

  /* Of what comes after the handshake, tickets, there may be nothing. */
  whole = victim->handshake == 0;
  if (!wire->ended)
    tlsloop_bio_write_eof(victim->in);
  expect_ended(victim, TLSLOOP_ETRUNCATED);
  if (!whole)
    ck_assert_int_eq(victim->handshake, TLSLOOP_ETRUNCATED);
  ck_assert_int_eq(end_write(victim, "x", 1), TLSLOOP_ETRUNCATED);
  ck_assert_int_eq(tlsloop_err_type(victim->handshake),
                   whole ? TLSLOOP_ERR_NONE : TLSLOOP_ERR_EOF);
  pair_close(&pair);
  return !whole;
}


/* loop: 4 */
START_TEST(transport_that_ends_anywhere_in_the_handshake_is_truncated) {
  uint64_t cut;

  only_version(_i);
  cut = 0;
  while (cut_handshake(_i, cut))
    cut += pair_stride();
  ck_assert_uint_gt(cut, 200);
}
END_TEST


/* loop: 2 */
START_TEST(transport_that_ends_anywhere_in_a_record_delivers_none_of_it) {
  unsigned char record[128];
  size_t cut;
  size_t len;

  only_version(_i);
  for (cut = 0, len = 1; cut < len; cut += pair_stride()) {
    open_pair();
    pair_connect(&pair);
    ck_assert_int_eq(end_write(client, "partial", 7), 0);
    len = tlsloop_bio_read(client->out, record, sizeof(record));
    end_inject(server, record, cut);
    tlsloop_bio_write_eof(server->in);
    expect_ended(server, TLSLOOP_ETRUNCATED);
    pair_close(&pair);
  }
  ck_assert_uint_gt(len, 20);
}
END_TEST


/* loop: 2 */
START_TEST(transport_that_ends_anywhere_in_the_close_is_truncated) {
  unsigned char record[64];
  size_t cut;
  size_t len;

  only_version(_i);
  for (cut = 0, len = 1; cut < len; cut += pair_stride()) {
    open_pair();
    pair_connect(&pair);
    ck_assert_int_eq(end_shutdown(client), TLSLOOP_WANT_READ);
    len = tlsloop_bio_read(client->out, record, sizeof(record));
    end_inject(server, record, cut);
    tlsloop_bio_write_eof(server->in);
    expect_ended(server, TLSLOOP_ETRUNCATED);
    pair_close(&pair);
  }
  ck_assert_uint_gt(len, 20);
}
END_TEST


/* loop: 2 */
START_TEST(data_before_a_truncation_is_delivered_first) {
  char buf[64];
  size_t n;

  open_version(_i);
  ck_assert_int_eq(end_write(client, "one", 3), 0);
  ck_assert_int_eq(end_write(client, "two", 3), 0);
  pair_settle(&pair);
  tlsloop_bio_write_eof(server->in);
  ck_assert_int_eq(end_read_all(server, buf, sizeof(buf), &n),
                   TLSLOOP_ETRUNCATED);
  ck_assert_uint_eq(n, 6);
  ck_assert_mem_eq(buf, "onetwo", 6);
  pair_close(&pair);
}
END_TEST


/* loop: 2 */
START_TEST(shutdown_whose_answer_never_comes_is_truncated) {
  open_version(_i);
  ck_assert_int_eq(end_shutdown(client), TLSLOOP_WANT_READ);
  tlsloop_bio_write_eof(client->in);
  ck_assert_int_eq(end_shutdown(client), TLSLOOP_ETRUNCATED);
  expect_ended(client, TLSLOOP_ETRUNCATED);
  pair_close(&pair);
}
END_TEST


/* loop: 2 */
START_TEST(shutdown_in_the_handshake_is_refused_and_does_no_harm) {
  only_version(_i);
  open_pair();
  ck_assert_int_eq(end_shutdown(client), UV__ENOTCONN);
  ck_assert_int_eq(end_shutdown(server), UV__ENOTCONN);
  ck_assert_int_eq(pair_pump(&pair), 0);
  end_handshake(client);
  ck_assert_int_eq(end_shutdown(client), UV__ENOTCONN);
  pair_connect(&pair);
  pair_ping(&pair);
  pair_close(&pair);
}
END_TEST


/* The alert close_notify as it is before there are keys. */
static const unsigned char plain_close[] = {21, 3, 3, 0, 2, 1, 0};


/* loop: 2 */
START_TEST(close_in_the_handshake_is_not_the_end_of_a_connection) {
  pair_end_t* victim;
  char byte;
  size_t n;
  int err;

  open_pair();
  victim = _i == 0 ? client : server;
  ck_assert_int_eq(end_handshake(victim), TLSLOOP_WANT_READ);
  end_inject(victim, plain_close, sizeof(plain_close));
  err = end_handshake(victim);
  ck_assert_int_lt(err, 0);
  ck_assert_int_ne(err, UV__EOF);
  ck_assert_int_ne(tlsloop_err_type(err), TLSLOOP_ERR_WANT);
  ck_assert_int_eq(end_handshake(victim), err);
  ck_assert_int_eq(end_read(victim, &byte, 1, &n), err);
  ck_assert_int_eq(end_write(victim, "x", 1), err);
  ck_assert_int_eq(tlsloop_engine_state(victim->engine), TLSLOOP_ENGINE_FAILED);
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


static void add_close(Suite* s) {
  TCase* tcase;

  tcase = add_case(s, "close");
  tcase_add_loop_test(
      tcase, client_can_write_after_the_server_has_closed, 0, 2);
  tcase_add_loop_test(
      tcase, server_can_write_after_the_client_has_closed, 0, 2);
  tcase_add_loop_test(tcase, both_sides_can_close_at_the_same_time, 0, 2);
  tcase_add_loop_test(
      tcase, everything_written_before_the_close_arrives_before_the_end, 0, 2);
  tcase_add_loop_test(tcase, close_arrives_byte_by_byte, 0, 2);
  tcase_add_loop_test(
      tcase, end_of_the_transport_after_the_close_is_a_clean_end, 0, 2);
  tcase_add_loop_test(tcase, bytes_after_the_close_stay_where_they_are, 0, 2);
}


static void add_truncation(Suite* s) {
  TCase* tcase;

  tcase = add_case(s, "truncation");
  tcase_add_loop_test(
      tcase, transport_that_ends_anywhere_in_the_handshake_is_truncated, 0, 4);
  tcase_add_loop_test(
      tcase,
      transport_that_ends_anywhere_in_a_record_delivers_none_of_it,
      0,
      2);
  tcase_add_loop_test(
      tcase, transport_that_ends_anywhere_in_the_close_is_truncated, 0, 2);
  tcase_add_loop_test(tcase, data_before_a_truncation_is_delivered_first, 0, 2);
  tcase_add_loop_test(
      tcase, shutdown_whose_answer_never_comes_is_truncated, 0, 2);
}


static void add_handshake(Suite* s) {
  TCase* tcase;

  tcase = add_case(s, "handshake");
  tcase_add_loop_test(
      tcase, shutdown_in_the_handshake_is_refused_and_does_no_harm, 0, 2);
  tcase_add_loop_test(
      tcase, close_in_the_handshake_is_not_the_end_of_a_connection, 0, 2);
}


Suite* suite(void) {
  Suite* s;

  s = suite_create("behaviour/engine-close");
  add_close(s);
  add_truncation(s);
  add_handshake(s);
  return s;
}
