/* SPDX-License-Identifier: MIT */

/* Peer: the chains of both sides, and when a certificate can be asked for. */

#include "support/suite.h"

#include "support/given.h"
#include "tlsloop/cert.h"
#include "tlsloop/info.h"
#include "tlsloop/policy.h"
#include "tlsloop/session.h"

#include <string.h>
#include <uv/errno.h>

static pki_t* pki;
static tlsloop_ctx_t* client;
static tlsloop_ctx_t* server;
static tlsloop_session_t* session;
static pair_t pair;


static void keep(tlsloop_engine_t* engine, tlsloop_session_t* made, void* arg) {
  (void) engine;
  (void) arg;
  tlsloop_session_unref(session);
  session = tlsloop_session_ref(made);
}


static void setup(void) {
  pki = pki_new("peer");
  client = given_client(pki);
  server = given_server(pki, NULL);
  ck_done(tlsloop_ctx_set_session_cb(client, keep, NULL));
  session = NULL;
}


static void teardown(void) {
  tlsloop_session_unref(session);
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(server);
  pki_free(pki);
}


/* Loops: TLS 1.2, TLS 1.3. */
static void set_version(int on_1_3) {
  ck_done(tlsloop_ctx_set_max_version(
      client, on_1_3 ? TLSLOOP_TLS_1_3 : TLSLOOP_TLS_1_2));
}


static void both_show(void) {
  pki_blob_t* both;

  both = &pki_leaf(pki)->both;
  ck_done(
      tlsloop_ctx_load_cert_chain_mem(client, both->data, both->len, NULL, 0));
  ck_done(tlsloop_ctx_load_verify_mem(
      server, pki->root->pem.data, pki->root->pem.len, TLSLOOP_ENCODING_PEM));
  ck_done(tlsloop_ctx_set_verify_mode(server, TLSLOOP_CERT_REQUIRED));
}


static void meet(void) {
  pair_open(&pair, client, server, "localhost");
  pair_connect(&pair);
}


/* |end| has |count| certificates in chain |which|, of |pki|, the own first. */
static void expect_chain(const pair_end_t* end, int which, size_t count) {
  const pki_cert_t* expected;
  const unsigned char* der;
  tlsloop_cert_t* cert;
  size_t len;
  size_t i;

  ck_assert_uint_eq(tlsloop_engine_chain_count(end->engine, which), count);
  expected = pki_leaf(pki);
  for (i = 0; i < count; i++, expected = expected->issuer) {
    ck_done(tlsloop_engine_chain_cert(end->engine, which, i, &cert));
    der = tlsloop_cert_der(cert, &len);
    ck_assert_uint_eq(len, expected->der.len);
    ck_assert_mem_eq(der, expected->der.data, len);
    tlsloop_cert_unref(cert);
  }
  cert = NULL;
  ck_assert_int_eq(tlsloop_engine_chain_cert(end->engine, which, count, &cert),
                   UV__ENOENT);
  ck_assert_int_eq(
      tlsloop_engine_chain_cert(end->engine, which, (size_t) -1, &cert),
      UV__ENOENT);
  ck_assert_ptr_null(cert);
}


START_TEST(both_sides_have_both_chains) {
  set_version(_i);
  both_show();
  meet();
  expect_chain(&pair.client, TLSLOOP_CHAIN_PEER, 2);
  expect_chain(&pair.client, TLSLOOP_CHAIN_VERIFIED, 3);
  expect_chain(&pair.server, TLSLOOP_CHAIN_PEER, 2);
  expect_chain(&pair.server, TLSLOOP_CHAIN_VERIFIED, 3);
  pair_close(&pair);
}
END_TEST


START_TEST(a_client_that_shows_nothing_has_no_chains) {
  set_version(_i);
  meet();
  expect_chain(&pair.server, TLSLOOP_CHAIN_PEER, 0);
  expect_chain(&pair.server, TLSLOOP_CHAIN_VERIFIED, 0);
  pair_close(&pair);
}
END_TEST


START_TEST(there_is_no_third_chain) {
  meet();
  expect_chain(&pair.client, 2, 0);
  expect_chain(&pair.client, -1, 0);
  pair_close(&pair);
}
END_TEST


START_TEST(there_are_none_before_the_handshake_is_complete) {
  set_version(_i);
  both_show();
  pair_open(&pair, client, server, "localhost");
  expect_chain(&pair.client, TLSLOOP_CHAIN_PEER, 0);
  end_handshake(&pair.client);
  pair_pump(&pair);
  end_handshake(&pair.server);
  pair_pump(&pair);
  expect_chain(&pair.server, TLSLOOP_CHAIN_PEER, 0);
  expect_chain(&pair.client, TLSLOOP_CHAIN_VERIFIED, 0);
  pair_connect(&pair);
  expect_chain(&pair.server, TLSLOOP_CHAIN_PEER, 2);
  pair_close(&pair);
}
END_TEST


START_TEST(a_client_that_does_not_verify_still_has_what_it_got) {
  tlsloop_cert_t* cert;

  tlsloop_ctx_unref(client);
  client = given_ctx(TLSLOOP_PROTOCOL_TLS_CLIENT);
  ck_done(tlsloop_ctx_allow_insecure(client));
  ck_done(tlsloop_ctx_set_check_hostname(client, 0));
  ck_done(tlsloop_ctx_set_verify_mode(client, TLSLOOP_CERT_NONE));
  set_version(_i);
  meet();
  expect_chain(&pair.client, TLSLOOP_CHAIN_PEER, 2);
  ck_assert_int_ne(tlsloop_engine_verify_result(pair.client.engine), 0);
  ck_done(tlsloop_engine_peer_cert(pair.client.engine, &cert));
  ck_assert_ptr_nonnull(cert);
  tlsloop_cert_unref(cert);
  pair_close(&pair);
}
END_TEST


START_TEST(a_resumed_connection_has_the_certificate_but_no_chains) {
  tlsloop_cert_t* cert;

  set_version(_i / 2);
  /* The server's sessions are in its memory, chains and all. */
  if (_i % 2)
    ck_done(tlsloop_ctx_set_options(
        server, tlsloop_ctx_options(server) | TLSLOOP_OP_NO_TICKET));
  both_show();
  meet();
  pair_ping(&pair);
  pair_close(&pair);

  pair_open(&pair, client, server, "localhost");
  ck_done(tlsloop_engine_set_session(pair.client.engine, session));
  expect_chain(&pair.client, TLSLOOP_CHAIN_PEER, 0);
  pair_connect(&pair);
  ck_assert_int_eq(tlsloop_engine_session_reused(pair.server.engine), 1);
  expect_chain(&pair.client, TLSLOOP_CHAIN_PEER, 0);
  expect_chain(&pair.client, TLSLOOP_CHAIN_VERIFIED, 0);
  expect_chain(&pair.server, TLSLOOP_CHAIN_PEER, 0);
  expect_chain(&pair.server, TLSLOOP_CHAIN_VERIFIED, 0);
  ck_done(tlsloop_engine_peer_cert(pair.server.engine, &cert));
  ck_assert_ptr_nonnull(cert);
  tlsloop_cert_unref(cert);
  ck_done(tlsloop_engine_peer_cert(pair.client.engine, &cert));
  ck_assert_ptr_nonnull(cert);
  tlsloop_cert_unref(cert);
  pair_close(&pair);
}
END_TEST


static void await_later(void) {
  both_show();
  ck_done(tlsloop_ctx_set_post_handshake_auth(client, 1));
  ck_done(tlsloop_ctx_set_post_handshake_auth(server, 1));
}


START_TEST(a_client_that_is_asked_later_has_chains_then) {
  await_later();
  meet();
  expect_chain(&pair.server, TLSLOOP_CHAIN_PEER, 0);
  ck_done(tlsloop_engine_request_client_cert(pair.server.engine));
  ck_assert_uint_gt(tlsloop_bio_pending(pair.server.out), 0);
  ck_assert_int_eq(tlsloop_engine_request_client_cert(pair.server.engine),
                   UV__EALREADY);
  pair_ping(&pair);
  pair_ping(&pair);
  expect_chain(&pair.server, TLSLOOP_CHAIN_PEER, 2);
  expect_chain(&pair.server, TLSLOOP_CHAIN_VERIFIED, 3);
  ck_done(tlsloop_engine_request_client_cert(pair.server.engine));
  pair_close(&pair);
}
END_TEST


START_TEST(a_client_that_is_asked_after_it_resumed_has_them_too) {
  await_later();
  meet();
  pair_ping(&pair);
  pair_close(&pair);
  pair_open(&pair, client, server, "localhost");
  ck_done(tlsloop_engine_set_session(pair.client.engine, session));
  pair_connect(&pair);
  ck_assert_int_eq(tlsloop_engine_session_reused(pair.server.engine), 1);
  expect_chain(&pair.server, TLSLOOP_CHAIN_PEER, 0);
  ck_done(tlsloop_engine_request_client_cert(pair.server.engine));
  pair_ping(&pair);
  pair_ping(&pair);
  expect_chain(&pair.server, TLSLOOP_CHAIN_PEER, 2);
  pair_close(&pair);
}
END_TEST


static int ask(pair_end_t* end) {
  int err;

  err = tlsloop_engine_request_client_cert(end->engine);
  ck_assert_uint_eq(tlsloop_bio_pending(end->out), 0);
  return err;
}


START_TEST(a_client_asks_nobody) {
  set_version(_i);
  pair_open(&pair, client, server, "localhost");
  ck_assert_int_eq(ask(&pair.client), TLSLOOP_ESIDE);
  pair_connect(&pair);
  ck_assert_int_eq(ask(&pair.client), TLSLOOP_ESIDE);
  pair_ping(&pair);
  pair_close(&pair);
}
END_TEST


START_TEST(nobody_is_asked_before_the_handshake_is_complete) {
  await_later();
  pair_open(&pair, client, server, "localhost");
  ck_assert_int_eq(ask(&pair.server), UV__ENOTCONN);
  end_handshake(&pair.client);
  pair_pump(&pair);
  end_handshake(&pair.server);
  pair_pump(&pair);
  ck_assert_int_eq(ask(&pair.server), UV__ENOTCONN);
  pair_connect(&pair);
  pair_ping(&pair);
  pair_close(&pair);
}
END_TEST


START_TEST(nobody_is_asked_on_tls_1_2) {
  await_later();
  set_version(0);
  meet();
  ck_engine_failed(pair.server.engine,
                   ask(&pair.server),
                   UV__ENOTSUP,
                   NULL,
                   "WRONG_SSL_VERSION");
  pair_ping(&pair);
  pair_close(&pair);
}
END_TEST


START_TEST(nobody_is_asked_after_a_failure) {
  char buf[8];
  size_t n;
  int err;

  await_later();
  meet();
  end_inject(&pair.server, "\x17\3\3\0\30garbage garbage garbage!", 29);
  err = end_read(&pair.server, buf, sizeof(buf), &n);
  ck_assert_int_eq(tlsloop_engine_state(pair.server.engine),
                   TLSLOOP_ENGINE_FAILED);
  pair_pump(&pair);
  ck_assert_int_eq(ask(&pair.server), err);
  pair_close(&pair);
}
END_TEST


START_TEST(nobody_is_asked_after_the_end) {
  await_later();
  meet();
  pair_ping(&pair);
  end_shutdown(&pair.client);
  end_shutdown(&pair.server);
  pair_pump(&pair);
  ck_assert_int_eq(end_shutdown(&pair.server), 0);
  ck_assert_int_eq(ask(&pair.server), UV__ENOTCONN);
  pair_close(&pair);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* t;

  suite = suite_create("peer");
  t = tcase_create("chains");
  tcase_add_checked_fixture(t, setup, teardown);
  tcase_add_loop_test(t, both_sides_have_both_chains, 0, 2);
  tcase_add_loop_test(t, a_client_that_shows_nothing_has_no_chains, 0, 2);
  tcase_add_test(t, there_is_no_third_chain);
  tcase_add_loop_test(t, there_are_none_before_the_handshake_is_complete, 0, 2);
  tcase_add_loop_test(
      t, a_client_that_does_not_verify_still_has_what_it_got, 0, 2);
  tcase_add_loop_test(
      t, a_resumed_connection_has_the_certificate_but_no_chains, 0, 4);
  suite_add_tcase(suite, t);

  t = tcase_create("asking");
  tcase_add_checked_fixture(t, setup, teardown);
  tcase_add_test(t, a_client_that_is_asked_later_has_chains_then);
  tcase_add_test(t, a_client_that_is_asked_after_it_resumed_has_them_too);
  tcase_add_loop_test(t, a_client_asks_nobody, 0, 2);
  tcase_add_test(t, nobody_is_asked_before_the_handshake_is_complete);
  tcase_add_test(t, nobody_is_asked_on_tls_1_2);
  tcase_add_test(t, nobody_is_asked_after_a_failure);
  tcase_add_test(t, nobody_is_asked_after_the_end);
  suite_add_tcase(suite, t);
  return suite;
}
