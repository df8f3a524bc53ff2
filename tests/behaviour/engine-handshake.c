/* SPDX-License-Identifier: MIT */

/* The handshake between two engines: however the wire cuts it up, it completes
 * on both sides with the same facts. */

#include <string.h>
#include <uv/errno.h>

#include "support/given.h"
#include "support/suite.h"
#include "tlsloop/cert.h"
#include "tlsloop/openssl.h"

static pki_t* pki;
static tlsloop_ctx_t* client;
static tlsloop_ctx_t* server;
static pair_t pair;


static void make_pki(void) {
  pki = pki_new("handshake");
  pki_leaf(pki);
}


static void free_pki(void) {
  pki_free(pki);
}


static void set_up(void) {
  client = given_client(pki);
  server = given_server(pki, NULL);
}


static void tear_down(void) {
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(server);
}


/* Even loops of a test are TLS 1.2, odd ones TLS 1.3. */
static void only_version(int i) {
  if (i % 2 == 0)
    ck_done(tlsloop_ctx_set_max_version(client, TLSLOOP_TLS_1_2));
  else
    ck_done(tlsloop_ctx_set_min_version(client, TLSLOOP_TLS_1_3));
}


static void open_pair(void) {
  pair_open(&pair, client, server, "localhost");
}


static void connect_and_close(void) {
  pair_connect(&pair);
  pair_ping(&pair);
  pair_close(&pair);
}


/* loop: 2 */
START_TEST(handshake_completes_byte_by_byte) {
  only_version(_i);
  open_pair();
  pair.to_server.chunk = 1;
  pair.to_client.chunk = 1;
  connect_and_close();
}
END_TEST


/* loop: 2 */
START_TEST(handshake_completes_in_chunks_of_any_small_size) {
  size_t n;

  only_version(_i);
  for (n = 2; n < 64; n += pair_stride()) {
    open_pair();
    pair.to_server.chunk = n;
    pair.to_client.chunk = 65 - n;
    connect_and_close();
  }
}
END_TEST


/* Connects once for each place where the bytes of one direction can be split,
 * for loop |i|: which version, which direction. */
static void split_everywhere(int i) {
  pair_wire_t* wire;
  uint64_t split;
  uint64_t len;

  only_version(i);
  wire = i < 2 ? &pair.to_server : &pair.to_client;
  len = 1;
  for (split = 0; split < len; split += pair_stride()) {
    open_pair();
    wire->split = split;
    pair_connect(&pair);
    len = wire->moved;
    connect_and_close();
  }
  ck_assert_uint_gt(len, 200);
}


/* loop: 4 */
START_TEST(handshake_completes_when_a_direction_is_split_anywhere) {
  split_everywhere(_i);
}
END_TEST


/* loop: 2 */
START_TEST(data_and_close_that_come_with_the_last_flight_are_not_lost) {
  pair_end_t* last;
  pair_end_t* other;
  char buf[16];
  size_t n;

  only_version(_i);
  open_pair();
  /* In TLS 1.2 the server has the last flight, in TLS 1.3 the client. */
  last = _i == 0 ? &pair.server : &pair.client;
  other = _i == 0 ? &pair.client : &pair.server;
  while (end_handshake(last) != 0) {
    pair_pump(&pair);
    ck_assert_int_eq(end_handshake(other), TLSLOOP_WANT_READ);
    pair_pump(&pair);
  }
  ck_assert_int_eq(end_write(last, "at once", 7), 0);
  ck_assert_int_eq(end_shutdown(last), TLSLOOP_WANT_READ);
  pair_settle(&pair);

  ck_assert_int_eq(end_handshake(other), 0);
  ck_assert_int_eq(end_read(other, buf, sizeof(buf), &n), 0);
  ck_assert_uint_eq(n, 7);
  ck_assert_mem_eq(buf, "at once", 7);
  ck_assert_int_eq(end_read(other, buf, sizeof(buf), &n), UV__EOF);
  pair_close(&pair);
}
END_TEST


START_TEST(there_are_no_facts_before_the_handshake_is_complete) {
  const tlsloop_engine_t* engine;
  tlsloop_cert_t* cert;
  const char* proto;
  size_t len;

  open_pair();
  engine = pair.client.engine;
  ck_assert_int_eq(end_handshake(&pair.client), TLSLOOP_WANT_READ);
  ck_assert_ptr_null(tlsloop_engine_version(engine));
  ck_assert_ptr_null(tlsloop_engine_cipher_name(engine));
  tlsloop_engine_alpn(engine, &proto, &len);
  ck_assert_ptr_null(proto);
  ck_assert_uint_eq(len, 0);
  ck_assert_int_eq(tlsloop_engine_verify_result(engine), 0);
  ck_assert_int_eq(tlsloop_engine_peer_cert(engine, &cert), UV__ENOTCONN);
  ck_assert_int_eq(tlsloop_engine_session_reused(engine), 0);
  pair_close(&pair);
}
END_TEST


/* loop: 2 */
START_TEST(both_sides_know_the_same_facts) {
  const char* versions[] = {"TLSv1.2", "TLSv1.3"};
  const tlsloop_engine_t* a;
  const tlsloop_engine_t* b;
  tlsloop_cert_t* cert;

  only_version(_i);
  open_pair();
  pair_connect(&pair);
  a = pair.client.engine;
  b = pair.server.engine;
  ck_assert_str_eq(tlsloop_engine_version(a), versions[_i]);
  ck_assert_str_eq(tlsloop_engine_version(b), versions[_i]);
  ck_assert_str_eq(tlsloop_engine_cipher_name(a),
                   tlsloop_engine_cipher_name(b));
  ck_assert_str_eq(tlsloop_engine_hostname(a), "localhost");
  ck_assert_str_eq(tlsloop_engine_hostname(b), "localhost");
  ck_assert_int_eq(tlsloop_engine_verify_result(a), 0);
  ck_assert_int_eq(tlsloop_engine_peer_cert(a, &cert), 0);
  ck_assert_str_eq(tlsloop_cert_subject(cert), "CN=localhost");
  tlsloop_cert_unref(cert);
  ck_assert_int_eq(tlsloop_engine_peer_cert(b, &cert), 0);
  ck_assert_ptr_null(cert);
  pair_close(&pair);
}
END_TEST


static int decided;

static int decide(SSL* ssl, void* arg) {
  (void) ssl;
  (void) arg;
  return decided ? 1 : -1;
}


/* By a callback of OpenSSL's that the application has set itself. */
START_TEST(a_decision_of_the_application_is_waited_for) {
  only_version(_i);
  decided = 0;
  SSL_CTX_set_cert_cb(tlsloop_ctx_ssl_ctx(server), decide, NULL);
  open_pair();
  pair_handshake(&pair);
  ck_assert_int_eq(pair.server.handshake, TLSLOOP_WANT_DECISION);
  ck_assert_int_eq(tlsloop_engine_state(pair.server.engine),
                   TLSLOOP_ENGINE_HANDSHAKING);
  ck_assert_ptr_null(tlsloop_engine_error(pair.server.engine));
  ck_assert_int_eq(end_handshake(&pair.server), TLSLOOP_WANT_DECISION);
  decided = 1;
  connect_and_close();
}
END_TEST


START_TEST(two_clients_refuse_each_other) {
  pair_t other;

  open_pair();
  pair_open(&other, client, server, "localhost");
  ck_assert_int_eq(end_handshake(&pair.client), TLSLOOP_WANT_READ);
  ck_assert_int_eq(end_handshake(&other.client), TLSLOOP_WANT_READ);
  pair_settle(&other);
  /* What the other client sent to its server goes to ours. */
  while (tlsloop_bio_pending(other.server.in) > 0) {
    char byte;

    tlsloop_bio_read(other.server.in, &byte, 1);
    end_inject(&pair.client, &byte, 1);
  }
  ck_assert_int_eq(end_handshake(&pair.client), TLSLOOP_EALERT_SENT - 10);
  pair_close(&other);
  pair_close(&pair);
}
END_TEST


START_TEST(two_servers_wait_for_each_other_without_a_byte) {
  open_pair();
  ck_assert_int_eq(end_handshake(&pair.server), TLSLOOP_WANT_READ);
  ck_assert_int_eq(end_handshake(&pair.server), TLSLOOP_WANT_READ);
  ck_assert_uint_eq(tlsloop_bio_pending(pair.server.out), 0);
  pair_close(&pair);
}
END_TEST


START_TEST(dropped_handshakes_leave_nothing_behind) {
  unsigned int i;

  for (i = 0; i < 200; i++) {
    open_pair();
    pair.to_server.cut = i * 3;
    end_handshake(&pair.client);
    pair_pump(&pair);
    end_handshake(&pair.server);
    pair_pump(&pair);
    pair_close(&pair);
  }
  open_pair();
  connect_and_close();
}
END_TEST


START_TEST(contexts_can_be_given_back_while_connections_live) {
  open_pair();
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(server);
  pair_connect(&pair);
  client = tlsloop_ctx_ref(tlsloop_engine_ctx(pair.client.engine));
  server = tlsloop_ctx_ref(tlsloop_engine_ctx(pair.server.engine));
  pair_ping(&pair);
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


static void add_splits(Suite* s) {
  TCase* tcase;

  tcase = add_case(s, "splits");
  tcase_add_loop_test(tcase, handshake_completes_byte_by_byte, 0, 2);
  tcase_add_loop_test(
      tcase, handshake_completes_in_chunks_of_any_small_size, 0, 2);
  tcase_add_loop_test(
      tcase, handshake_completes_when_a_direction_is_split_anywhere, 0, 4);
  tcase_add_loop_test(
      tcase, data_and_close_that_come_with_the_last_flight_are_not_lost, 0, 2);
}


static void add_facts(Suite* s) {
  TCase* tcase;

  tcase = add_case(s, "facts");
  tcase_add_test(tcase, there_are_no_facts_before_the_handshake_is_complete);
  tcase_add_loop_test(tcase, both_sides_know_the_same_facts, 0, 2);
  tcase_add_loop_test(tcase, a_decision_of_the_application_is_waited_for, 0, 2);
  tcase_add_test(tcase, two_clients_refuse_each_other);
  tcase_add_test(tcase, two_servers_wait_for_each_other_without_a_byte);
  tcase_add_test(tcase, dropped_handshakes_leave_nothing_behind);
  tcase_add_test(tcase, contexts_can_be_given_back_while_connections_live);
}


Suite* suite(void) {
  Suite* s;

  s = suite_create("behaviour/engine-handshake");
  add_splits(s);
  add_facts(s);
  return s;
}
