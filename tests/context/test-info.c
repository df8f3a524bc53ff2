/* SPDX-License-Identifier: MIT */

/* What a connection has agreed on is told once it is sure, and stays told. */

#include "support/suite.h"

#include "context/ctx.h"
#include "engine/engine.h"
#include "support/given.h"
#include "tlsloop/cert.h"

#include <openssl/x509_vfy.h>
#include <uv/errno.h>

static pki_t* pki;
static tlsloop_ctx_t* client;
static tlsloop_ctx_t* server;
static pair_t pair;


static void setup(void) {
  pki = pki_new("info");
  client = given_client(pki);
  server = given_server(pki, NULL);
}


static void teardown(void) {
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(server);
  pki_free(pki);
}


static void given_client_cert(void) {
  const pki_cert_t* leaf = pki_leaf(pki);

  ck_done(tlsloop_ctx_set_verify_mode(server, TLSLOOP_CERT_REQUIRED));
  ck_done(tlsloop_ctx_load_verify_mem(
      server, pki->root->pem.data, pki->root->pem.len, TLSLOOP_ENCODING_PEM));
  ck_done(tlsloop_ctx_load_cert_chain_mem(
      client, leaf->both.data, leaf->both.len, NULL, 0));
}


static void given_version(int version) {
  ck_done(tlsloop_ctx_set_min_version(client, version));
  ck_done(tlsloop_ctx_set_max_version(client, version));
}


static void expect_nothing(const tlsloop_engine_t* engine) {
  tlsloop_cert_t* cert;
  const char* proto;
  size_t len;

  ck_assert_ptr_null(tlsloop_engine_version(engine));
  ck_assert_ptr_null(tlsloop_engine_cipher_name(engine));
  proto = "something";
  len = 77;
  tlsloop_engine_alpn(engine, &proto, &len);
  ck_assert_ptr_null(proto);
  ck_assert_uint_eq(len, 0);
  ck_assert_int_eq(tlsloop_engine_session_reused(engine), 0);
  ck_assert_int_eq(tlsloop_engine_peer_cert(engine, &cert), UV__ENOTCONN);
}


/* |subject| NULL: the peer has no certificate. */
static void expect_peer(const tlsloop_engine_t* engine, const char* subject) {
  tlsloop_cert_t* cert;

  ck_done(tlsloop_engine_peer_cert(engine, &cert));
  if (subject == NULL)
    ck_assert_ptr_null(cert);
  else
    ck_assert_str_eq(tlsloop_cert_subject(cert), subject);
  tlsloop_cert_unref(cert);
}


static void expect_facts(const tlsloop_engine_t* engine, const char* version) {
  const char* proto;
  size_t len;

  ck_assert_str_eq(tlsloop_engine_version(engine), version);
  ck_assert_ptr_nonnull(tlsloop_engine_cipher_name(engine));
  tlsloop_engine_alpn(engine, &proto, &len);
  ck_assert_uint_eq(len, 2);
  ck_assert_mem_eq(proto, "h2", 2);
  ck_assert_int_eq(tlsloop_engine_verify_result(engine), X509_V_OK);
}


static void open_with_alpn(void) {
  const char* protos[] = {"h2"};

  ck_done(tlsloop_ctx_set_alpn(client, protos, 1));
  ck_done(tlsloop_ctx_set_alpn(server, protos, 1));
  pair_open(&pair, client, server, "localhost");
}


typedef struct version_s {
  int number;
  const char* name;
} version_t;

static const version_t versions[] = {{TLSLOOP_TLS_1_2, "TLSv1.2"},
                                     {TLSLOOP_TLS_1_3, "TLSv1.3"}};


START_TEST(nothing_is_told_before_the_handshake_is_complete) {
  given_version(versions[_i].number);
  open_with_alpn();
  expect_nothing(pair.client.engine);
  expect_nothing(pair.server.engine);
  ck_assert_int_eq(tlsloop_engine_verify_result(pair.client.engine), X509_V_OK);

  /* The server's flight has arrived: everything is known but not vouched for.
   */
  ck_assert_int_eq(end_handshake(&pair.client), TLSLOOP_WANT_READ);
  pair_settle(&pair);
  ck_assert_int_eq(end_handshake(&pair.server), TLSLOOP_WANT_READ);
  expect_nothing(pair.client.engine);
  expect_nothing(pair.server.engine);
  pair_close(&pair);
}
END_TEST


START_TEST(both_ends_tell_the_same_when_it_is) {
  given_version(versions[_i].number);
  open_with_alpn();
  pair_connect(&pair);
  expect_facts(pair.client.engine, versions[_i].name);
  expect_facts(pair.server.engine, versions[_i].name);
  ck_assert_str_eq(tlsloop_engine_cipher_name(pair.client.engine),
                   tlsloop_engine_cipher_name(pair.server.engine));
  expect_peer(pair.client.engine, "CN=localhost");
  expect_peer(pair.server.engine, NULL);
  pair_close(&pair);
}
END_TEST


START_TEST(it_is_told_after_the_connection_was_closed) {
  given_version(versions[_i].number);
  open_with_alpn();
  pair_connect(&pair);
  ck_assert_int_eq(end_shutdown(&pair.client), TLSLOOP_WANT_READ);
  pair_settle(&pair);
  ck_done(end_shutdown(&pair.server));
  pair_settle(&pair);
  ck_done(end_shutdown(&pair.client));
  ck_assert_int_eq(tlsloop_engine_state(pair.client.engine),
                   TLSLOOP_ENGINE_CLOSED);
  expect_facts(pair.client.engine, versions[_i].name);
  expect_facts(pair.server.engine, versions[_i].name);
  expect_peer(pair.client.engine, "CN=localhost");
  pair_close(&pair);
}
END_TEST


START_TEST(it_is_told_after_the_connection_has_failed) {
  char byte;
  size_t n;

  given_version(versions[_i].number);
  open_with_alpn();
  pair_connect(&pair);
  pair_settle(&pair);
  tlsloop_bio_write_eof(pair.client.in);
  tlsloop_bio_write_eof(pair.server.in);
  ck_assert_int_eq(end_read(&pair.client, &byte, 1, &n), TLSLOOP_ETRUNCATED);
  ck_assert_int_eq(end_read(&pair.server, &byte, 1, &n), TLSLOOP_ETRUNCATED);
  expect_facts(pair.client.engine, versions[_i].name);
  expect_facts(pair.server.engine, versions[_i].name);
  expect_peer(pair.client.engine, "CN=localhost");
  expect_peer(pair.server.engine, NULL);
  pair_close(&pair);
}
END_TEST


START_TEST(nothing_but_the_verdict_is_told_of_a_handshake_that_failed) {
  given_version(versions[_i].number);
  pair_open(&pair, client, server, "other.example");
  pair_handshake(&pair);
  ck_assert_int_eq(pair.client.handshake,
                   TLSLOOP_EVERIFY - X509_V_ERR_HOSTNAME_MISMATCH);
  expect_nothing(pair.client.engine);
  expect_nothing(pair.server.engine);
  ck_assert_int_eq(tlsloop_engine_verify_result(pair.client.engine),
                   X509_V_ERR_HOSTNAME_MISMATCH);
  pair_close(&pair);
}
END_TEST


START_TEST(the_verdict_is_told_even_to_who_does_not_ask_for_it) {
  tlsloop_ctx_t* careless;

  careless = given_ctx(TLSLOOP_PROTOCOL_TLS);
  pair_open(&pair, careless, server, "localhost");
  pair_connect(&pair);
  ck_assert_int_eq(tlsloop_engine_verify_result(pair.client.engine),
                   X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
  expect_peer(pair.client.engine, "CN=localhost");
  pair_close(&pair);
  tlsloop_ctx_unref(careless);
}
END_TEST


START_TEST(the_certificate_of_a_client_is_told_to_the_server) {
  given_version(versions[_i].number);
  given_client_cert();
  pair_open(&pair, client, server, "localhost");
  pair_connect(&pair);
  expect_peer(pair.server.engine, "CN=localhost");
  ck_assert_int_eq(tlsloop_engine_verify_result(pair.server.engine), X509_V_OK);
  pair_close(&pair);
}
END_TEST


START_TEST(a_certificate_outlives_its_connection) {
  tlsloop_cert_t* cert;

  pair_open(&pair, client, server, "localhost");
  pair_connect(&pair);
  ck_done(tlsloop_engine_peer_cert(pair.client.engine, &cert));
  pair_close(&pair);
  ck_assert_str_eq(tlsloop_cert_subject(cert), "CN=localhost");
  tlsloop_cert_unref(cert);
}
END_TEST


/* Connects, and connects again with the session of the first time. */
static void resume(void) {
  SSL_SESSION* session;

  pair_open(&pair, client, server, "localhost");
  pair_connect(&pair);
  pair_ping(&pair);
  ck_assert_int_eq(tlsloop_engine_session_reused(pair.client.engine), 0);
  session = SSL_get1_session(pair.client.engine->ssl);
  pair_close(&pair);

  pair_open(&pair, client, server, "localhost");
  ck_assert_int_eq(SSL_set_session(pair.client.engine->ssl, session), 1);
  SSL_SESSION_free(session);
  ck_assert_int_eq(tlsloop_engine_session_reused(pair.client.engine), 0);
  pair_connect(&pair);
}


START_TEST(a_session_that_is_resumed_is_told) {
  given_version(versions[_i].number);
  resume();
  ck_assert_int_eq(tlsloop_engine_session_reused(pair.client.engine), 1);
  ck_assert_int_eq(tlsloop_engine_session_reused(pair.server.engine), 1);
  expect_peer(pair.client.engine, "CN=localhost");
  ck_assert_str_eq(tlsloop_engine_version(pair.client.engine),
                   versions[_i].name);
  pair_close(&pair);
}
END_TEST


START_TEST(a_session_with_a_client_certificate_can_be_resumed) {
  given_version(versions[_i].number);
  given_client_cert();
  resume();
  ck_assert_int_eq(tlsloop_engine_session_reused(pair.server.engine), 1);
  expect_peer(pair.server.engine, "CN=localhost");
  pair_close(&pair);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("info");
  tcase = tcase_create("facts");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_loop_test(tcase, both_ends_tell_the_same_when_it_is, 0, 2);
  tcase_add_loop_test(tcase, it_is_told_after_the_connection_was_closed, 0, 2);
  tcase_add_loop_test(tcase, it_is_told_after_the_connection_has_failed, 0, 2);
  tcase_add_test(tcase, the_verdict_is_told_even_to_who_does_not_ask_for_it);
  tcase_add_loop_test(
      tcase, the_certificate_of_a_client_is_told_to_the_server, 0, 2);
  tcase_add_test(tcase, a_certificate_outlives_its_connection);
  tcase_add_loop_test(tcase, a_session_that_is_resumed_is_told, 0, 2);
  tcase_add_loop_test(
      tcase, a_session_with_a_client_certificate_can_be_resumed, 0, 2);
  suite_add_tcase(suite, tcase);

  tcase = tcase_create("silence");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_loop_test(
      tcase, nothing_is_told_before_the_handshake_is_complete, 0, 2);
  tcase_add_loop_test(
      tcase, nothing_but_the_verdict_is_told_of_a_handshake_that_failed, 0, 2);
  suite_add_tcase(suite, tcase);
  return suite;
}
