/* SPDX-License-Identifier: MIT */

/* Records are counted for who wants to know. */

#include "support/suite.h"

#include "support/given.h"
#include "tlsloop/callback.h"
#include "tlsloop/records.h"

static pki_t* pki;
static tlsloop_ctx_t* client;
static tlsloop_ctx_t* server;
static pair_t pair;
static int shown;


static void setup(void) {
  pki = pki_new("records");
  client = given_client(pki);
  server = given_server(pki, NULL);
  shown = 0;
}


static void teardown(void) {
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(server);
  pki_free(pki);
}


static void expect(const tlsloop_engine_t* engine, uint64_t in, uint64_t out) {
  uint64_t read;
  uint64_t written;

  tlsloop_engine_records(engine, &read, &written);
  ck_assert_uint_eq(read, in);
  ck_assert_uint_eq(written, out);
}


START_TEST(nobody_counts_unasked) {
  pair_open(&pair, client, server, "localhost");
  pair_connect(&pair);
  pair_ping(&pair);
  expect(pair.client.engine, 0, 0);
  expect(pair.server.engine, 0, 0);
  pair_close(&pair);
}
END_TEST


START_TEST(each_record_counts_once) {
  pair_open(&pair, client, server, "localhost");
  pair_connect(&pair);
  ck_done(tlsloop_engine_count_records(pair.client.engine));
  ck_done(tlsloop_engine_count_records(pair.server.engine));
  ck_assert_int_eq(end_write(&pair.client, "one", 3), 0);
  expect(pair.client.engine, 0, 1);
  ck_assert_int_eq(end_write(&pair.client, "two", 3), 0);
  expect(pair.client.engine, 0, 2);
  expect(pair.server.engine, 0, 0);
  pair_close(&pair);
}
END_TEST


START_TEST(those_of_the_handshake_count) {
  uint64_t in;
  uint64_t out;
  uint64_t read;
  uint64_t written;

  pair_open(&pair, client, server, "localhost");
  ck_done(tlsloop_engine_count_records(pair.client.engine));
  ck_done(tlsloop_engine_count_records(pair.server.engine));
  pair_connect(&pair);
  pair_ping(&pair);
  tlsloop_engine_records(pair.client.engine, &in, &out);
  tlsloop_engine_records(pair.server.engine, &read, &written);
  ck_assert_uint_gt(in, 3);
  ck_assert_uint_gt(out, 2);
  ck_assert_uint_eq(in, written);
  ck_assert_uint_eq(out, read);
  pair_close(&pair);
}
END_TEST


START_TEST(to_ask_twice_loses_no_count) {
  pair_open(&pair, client, server, "localhost");
  pair_connect(&pair);
  ck_done(tlsloop_engine_count_records(pair.client.engine));
  ck_assert_int_eq(end_write(&pair.client, "one", 3), 0);
  ck_done(tlsloop_engine_count_records(pair.client.engine));
  expect(pair.client.engine, 0, 1);
  pair_close(&pair);
}
END_TEST


static void on_message(tlsloop_engine_t* engine,
                       const tlsloop_message_t* message,
                       void* arg) {
  (void) engine;
  (void) arg;
  shown += message->content_type == TLSLOOP_CONTENT_HEADER;
}


START_TEST(who_looks_at_messages_sees_them_too) {
  ck_done(tlsloop_ctx_set_message_cb(client, on_message, NULL));
  pair_open(&pair, client, server, "localhost");
  pair_connect(&pair);
  ck_done(tlsloop_engine_count_records(pair.client.engine));
  shown = 0;
  ck_assert_int_eq(end_write(&pair.client, "one", 3), 0);
  expect(pair.client.engine, 0, 1);
  ck_assert_int_eq(shown, 1);
  pair_close(&pair);
}
END_TEST


static int on_sni(tlsloop_engine_t* engine,
                  const char* name,
                  tlsloop_ctx_t* ctx,
                  void* arg) {
  (void) name;
  (void) ctx;
  return tlsloop_engine_set_ctx(engine, arg);
}


START_TEST(they_count_on_under_another_context) {
  tlsloop_ctx_t* other = given_server(pki, NULL);
  uint64_t in;
  uint64_t out;

  ck_done(tlsloop_ctx_set_sni_cb(server, on_sni, other));
  pair_open(&pair, client, server, "localhost");
  ck_done(tlsloop_engine_count_records(pair.server.engine));
  pair_connect(&pair);
  ck_assert_ptr_eq(tlsloop_engine_ctx(pair.server.engine), other);
  tlsloop_engine_records(pair.server.engine, &in, &out);
  ck_assert_uint_gt(in, 2);
  ck_assert_uint_gt(out, 2);
  pair_close(&pair);
  tlsloop_ctx_unref(other);
}
END_TEST


Suite* suite(void) {
  Suite* suite = suite_create("records");
  TCase* tcase = tcase_create("records");

  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_test(tcase, nobody_counts_unasked);
  tcase_add_test(tcase, each_record_counts_once);
  tcase_add_test(tcase, those_of_the_handshake_count);
  tcase_add_test(tcase, to_ask_twice_loses_no_count);
  tcase_add_test(tcase, who_looks_at_messages_sees_them_too);
  tcase_add_test(tcase, they_count_on_under_another_context);
  suite_add_tcase(suite, tcase);
  return suite;
}
