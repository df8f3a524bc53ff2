/* SPDX-License-Identifier: MIT */

/* A context that is chosen by the name of the server is in force in all that it
 * says, whatever the first one said. */

#include "support/suite.h"

#include "support/given.h"
#include "tlsloop/callback.h"
#include "tlsloop/cert.h"
#include "tlsloop/info.h"
#include "tlsloop/policy.h"
#include "tlsloop/session.h"

#include <string.h>

static pki_t* pki;
static tlsloop_ctx_t* client;
static tlsloop_ctx_t* front;
static tlsloop_ctx_t* back;
static pair_t pair;
static int result; /* of tlsloop_engine_set_ctx */


static int on_name(tlsloop_engine_t* engine,
                   const char* name,
                   tlsloop_ctx_t* ctx,
                   void* arg) {
  (void) name;
  (void) arg;
  ck_assert_ptr_eq(ctx, front);
  result = tlsloop_engine_set_ctx(engine, back);
  return 0;
}


static void setup(void) {
  pki = pki_new("switch");
  client = given_client(pki);
  front = given_server(pki, NULL);
  back = given_server(pki, pki_make(pki, NULL));
  ck_done(tlsloop_ctx_set_sni_cb(front, on_name, NULL));
  result = 1;
}


static void teardown(void) {
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(front);
  tlsloop_ctx_unref(back);
  pki_free(pki);
}


static void meet(void) {
  pair_open(&pair, client, front, "localhost");
  pair_handshake(&pair);
  ck_assert_int_eq(result, 0);
}


static void expect_connected(void) {
  ck_assert_int_eq(pair.client.handshake, 0);
  ck_assert_int_eq(pair.server.handshake, 0);
  pair_ping(&pair);
  pair_close(&pair);
}


static void expect_alert(int alert) {
  ck_assert_int_eq(pair.server.handshake, TLSLOOP_EALERT_SENT - alert);
  pair_close(&pair);
}


static void load_own(tlsloop_ctx_t* ctx, const pki_cert_t* cert) {
  ck_done(tlsloop_ctx_load_cert_chain_mem(
      ctx, cert->both.data, cert->both.len, NULL, 0));
}


static void demand(tlsloop_ctx_t* ctx, const pki_cert_t* ca) {
  ck_done(tlsloop_ctx_load_verify_mem(
      ctx, ca->pem.data, ca->pem.len, TLSLOOP_ENCODING_PEM));
  ck_done(tlsloop_ctx_set_verify_mode(ctx, TLSLOOP_CERT_REQUIRED));
}


/* Loops: TLS 1.2, TLS 1.3. */
static void set_version(int on_1_3) {
  int version;

  version = on_1_3 ? TLSLOOP_TLS_1_3 : TLSLOOP_TLS_1_2;
  ck_done(tlsloop_ctx_set_min_version(client, version));
  ck_done(tlsloop_ctx_set_max_version(client, version));
}


START_TEST(its_certificate_is_shown) {
  tlsloop_cert_t* shown;

  set_version(_i);
  tlsloop_ctx_unref(back);
  back = given_server(
      pki, pki_make(pki, &(pki_opts_t){.key = PKI_RSA_2048, .cn = "back"}));
  meet();
  ck_done(tlsloop_engine_peer_cert(pair.client.engine, &shown));
  ck_assert_ptr_nonnull(strstr(tlsloop_cert_subject(shown), "back"));
  ck_assert_ptr_eq(tlsloop_engine_ctx(pair.server.engine), back);
  tlsloop_cert_unref(shown);
  expect_connected();
}
END_TEST


START_TEST(it_demands_a_certificate) {
  set_version(_i);
  demand(back, pki->root);
  meet();
  expect_alert(_i ? 116 : 40);
}
END_TEST


START_TEST(it_accepts_a_certificate_of_its_authority) {
  set_version(_i);
  load_own(client, pki_leaf(pki));
  demand(back, pki->root);
  meet();
  ck_assert_uint_eq(
      tlsloop_engine_chain_count(pair.server.engine, TLSLOOP_CHAIN_VERIFIED),
      3);
  expect_connected();
}
END_TEST


START_TEST(it_refuses_one_of_the_first_contexts_authority) {
  pki_t* other;

  set_version(_i);
  other = pki_new("other");
  load_own(client, pki_leaf(pki));
  demand(front, pki->root);
  demand(back, other->root);
  meet();
  ck_assert_int_eq(tlsloop_err_type(pair.server.handshake), TLSLOOP_ERR_CERT);
  pair_close(&pair);
  pki_free(other);
}
END_TEST


START_TEST(it_demands_none_where_the_first_did) {
  set_version(_i);
  demand(front, pki->root);
  meet();
  ck_assert_uint_eq(
      tlsloop_engine_chain_count(pair.server.engine, TLSLOOP_CHAIN_PEER), 0);
  expect_connected();
}
END_TEST


START_TEST(its_flags_of_verification_hold) {
  set_version(_i);
  load_own(client, pki_leaf(pki));
  demand(front, pki->root);
  demand(back, pki->root);
  ck_done(tlsloop_ctx_set_verify_flags(
      back, tlsloop_ctx_verify_flags(back) | TLSLOOP_VERIFY_CRL_CHECK_LEAF));
  meet();
  ck_assert_int_eq(tlsloop_err_verify_code(pair.server.handshake), 3);
  pair_close(&pair);
}
END_TEST


START_TEST(its_versions_hold) {
  ck_done(_i ? tlsloop_ctx_set_min_version(back, TLSLOOP_TLS_1_3)
             : tlsloop_ctx_set_max_version(back, TLSLOOP_TLS_1_2));
  meet();
  ck_assert_str_eq(tlsloop_engine_version(pair.client.engine),
                   _i ? "TLSv1.3" : "TLSv1.2");
  expect_connected();
}
END_TEST


START_TEST(a_version_that_it_does_not_have_is_refused) {
  set_version(!_i);
  ck_done(_i ? tlsloop_ctx_set_min_version(back, TLSLOOP_TLS_1_3)
             : tlsloop_ctx_set_max_version(back, TLSLOOP_TLS_1_2));
  meet();
  expect_alert(70);
}
END_TEST


START_TEST(more_versions_than_the_first_has_hold_too) {
  ck_done(tlsloop_ctx_set_max_version(front, TLSLOOP_TLS_1_2));
  meet();
  ck_assert_str_eq(tlsloop_engine_version(pair.client.engine), "TLSv1.3");
  expect_connected();
}
END_TEST


START_TEST(its_ciphers_hold) {
  set_version(_i);
  ck_done(tlsloop_ctx_set_ciphers(back, "ECDHE-ECDSA-CHACHA20-POLY1305"));
  ck_done(tlsloop_ctx_set_ciphersuites(back, "TLS_CHACHA20_POLY1305_SHA256"));
  meet();
  ck_assert_str_eq(
      tlsloop_engine_cipher_name(pair.client.engine),
      _i ? "TLS_CHACHA20_POLY1305_SHA256" : "ECDHE-ECDSA-CHACHA20-POLY1305");
  expect_connected();
}
END_TEST


START_TEST(its_options_hold) {
  uint64_t options;

  set_version(0);
  options = tlsloop_ctx_options(back);
  ck_done(tlsloop_ctx_set_options(front, options | TLSLOOP_OP_NO_TLS_1_2));
  ck_done(tlsloop_ctx_set_options(
      back, options & ~(uint64_t) TLSLOOP_OP_CIPHER_SERVER_PREFERENCE));
  ck_done(tlsloop_ctx_set_ciphers(
      client, "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES256-GCM-SHA384"));
  ck_done(tlsloop_ctx_set_ciphers(
      back, "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305"));
  meet();
  ck_assert_str_eq(tlsloop_engine_cipher_name(pair.client.engine),
                   "ECDHE-ECDSA-CHACHA20-POLY1305");
  expect_connected();
}
END_TEST


START_TEST(its_protocols_hold) {
  static const char* const both[] = {"a", "b"};
  const char* proto;
  size_t len;

  set_version(_i);
  ck_done(tlsloop_ctx_set_alpn(client, both, 2));
  ck_done(tlsloop_ctx_set_alpn(front, both, 1));
  ck_done(tlsloop_ctx_set_alpn(back, both + 1, 1));
  meet();
  tlsloop_engine_alpn(pair.client.engine, &proto, &len);
  ck_assert_uint_eq(len, 1);
  ck_assert_int_eq(*proto, 'b');
  expect_connected();
}
END_TEST


static int told;


static int on_psk(tlsloop_engine_t* engine,
                  const char* identity,
                  size_t identity_len,
                  unsigned char* key,
                  size_t* key_len,
                  void* arg) {
  (void) engine;
  (void) identity;
  (void) identity_len;
  (void) arg;
  told++;
  memset(key, 7, 32);
  *key_len = 32;
  return 0;
}


static int on_psk_client(tlsloop_engine_t* engine,
                         const char* hint,
                         char* identity,
                         size_t* identity_len,
                         unsigned char* key,
                         size_t* key_len,
                         void* arg) {
  (void) hint;
  *identity = 'a';
  *identity_len = 1;
  return on_psk(engine, NULL, 0, key, key_len, arg);
}


START_TEST(its_keys_hold) {
  set_version(1);
  told = 0;
  ck_done(tlsloop_ctx_set_ciphersuites(client, "TLS_AES_128_GCM_SHA256"));
  ck_done(tlsloop_ctx_set_psk_client_cb(client, on_psk_client, NULL));
  ck_done(tlsloop_ctx_set_psk_server_cb(_i ? back : front, on_psk, NULL, NULL));
  meet();
  ck_assert_int_eq(told, _i + 1);
  ck_assert_int_eq(tlsloop_engine_session_reused(pair.client.engine), _i);
  expect_connected();
}
END_TEST


static void count(tlsloop_engine_t* engine,
                  tlsloop_session_t* session,
                  void* arg) {
  (void) engine;
  (void) session;
  ++*(int*) arg;
}


START_TEST(its_number_of_tickets_holds) {
  int tickets;

  tickets = 0;
  ck_done(tlsloop_ctx_set_session_cb(client, count, &tickets));
  ck_done(tlsloop_ctx_set_num_tickets(back, _i));
  meet();
  expect_connected();
  ck_assert_int_eq(tickets, _i);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("engine-switch");
  tcase = tcase_create("switch");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_loop_test(tcase, its_certificate_is_shown, 0, 2);
  tcase_add_loop_test(tcase, it_demands_a_certificate, 0, 2);
  tcase_add_loop_test(tcase, it_accepts_a_certificate_of_its_authority, 0, 2);
  tcase_add_loop_test(
      tcase, it_refuses_one_of_the_first_contexts_authority, 0, 2);
  tcase_add_loop_test(tcase, it_demands_none_where_the_first_did, 0, 2);
  tcase_add_loop_test(tcase, its_flags_of_verification_hold, 0, 2);
  tcase_add_loop_test(tcase, its_versions_hold, 0, 2);
  tcase_add_loop_test(tcase, a_version_that_it_does_not_have_is_refused, 0, 2);
  tcase_add_test(tcase, more_versions_than_the_first_has_hold_too);
  tcase_add_loop_test(tcase, its_ciphers_hold, 0, 2);
  tcase_add_test(tcase, its_options_hold);
  tcase_add_loop_test(tcase, its_protocols_hold, 0, 2);
  tcase_add_loop_test(tcase, its_keys_hold, 0, 2);
  tcase_add_loop_test(tcase, its_number_of_tickets_holds, 0, 4);
  suite_add_tcase(suite, tcase);
  return suite;
}
