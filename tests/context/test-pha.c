/* SPDX-License-Identifier: MIT */

/* Certificates of clients that come after the handshake, when both sides want
 * that. */

#include "support/suite.h"

#include "support/given.h"
#include "tlsloop/callback.h"
#include "tlsloop/info.h"
#include "tlsloop/policy.h"
#include "tlsloop/session.h"

#include <openssl/x509_vfy.h>
#include <string.h>
#include <uv/errno.h>

static pki_t* pki;
static tlsloop_ctx_t* client;
static tlsloop_ctx_t* server;
static pair_t pair;


static tlsloop_ctx_t* given_verifying_server(void) {
  tlsloop_ctx_t* ctx;

  ctx = given_server(pki, NULL);
  ck_done(tlsloop_ctx_load_verify_mem(
      ctx, pki->root->pem.data, pki->root->pem.len, TLSLOOP_ENCODING_PEM));
  ck_done(tlsloop_ctx_set_verify_mode(ctx, TLSLOOP_CERT_REQUIRED));
  return ctx;
}


static void setup(void) {
  pki_blob_t* both;

  pki = pki_new("pha");
  both = &pki_leaf(pki)->both;
  client = given_client(pki);
  ck_done(
      tlsloop_ctx_load_cert_chain_mem(client, both->data, both->len, NULL, 0));
  server = given_verifying_server();
}


static void teardown(void) {
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(server);
  pki_free(pki);
}


static void switch_on(void) {
  ck_done(tlsloop_ctx_set_post_handshake_auth(client, 1));
  ck_done(tlsloop_ctx_set_post_handshake_auth(server, 1));
}


static void connect_pair(void) {
  pair_open(&pair, client, server, "localhost");
  pair_connect(&pair);
}


/* How many certificates the server has of its client. */
static size_t shown(void) {
  return tlsloop_engine_chain_count(pair.server.engine, TLSLOOP_CHAIN_PEER);
}


START_TEST(it_is_off_at_first) {
  ck_assert_int_eq(tlsloop_ctx_post_handshake_auth(client), 0);
  ck_assert_int_eq(tlsloop_ctx_post_handshake_auth(server), 0);
  switch_on();
  ck_assert_int_eq(tlsloop_ctx_post_handshake_auth(server), 1);
  ck_done(tlsloop_ctx_set_post_handshake_auth(server, 0));
  ck_assert_int_eq(tlsloop_ctx_post_handshake_auth(server), 0);
}
END_TEST


START_TEST(the_certificate_comes_when_it_is_asked_for) {
  switch_on();
  connect_pair();
  ck_assert_uint_eq(shown(), 0);
  pair_ping(&pair);
  ck_assert_uint_eq(shown(), 0);
  ck_done(tlsloop_engine_request_client_cert(pair.server.engine));
  pair_ping(&pair);
  pair_ping(&pair);
  ck_assert_uint_ge(shown(), 1);
  pair_close(&pair);
}
END_TEST


START_TEST(without_it_the_handshake_asks) {
  connect_pair();
  ck_assert_uint_ge(shown(), 1);
  ck_assert_int_eq(tlsloop_engine_request_client_cert(pair.server.engine),
                   UV__ENOTSUP);
  pair_close(&pair);
}
END_TEST


START_TEST(a_client_that_does_not_offer_it_cannot_be_asked) {
  ck_done(tlsloop_ctx_set_post_handshake_auth(server, 1));
  connect_pair();
  ck_assert_uint_eq(shown(), 0);
  ck_assert_int_eq(tlsloop_engine_request_client_cert(pair.server.engine),
                   UV__ENOTSUP);
  pair_close(&pair);
}
END_TEST


START_TEST(a_server_without_it_asks_at_once_and_can_ask_again) {
  ck_done(tlsloop_ctx_set_post_handshake_auth(client, 1));
  connect_pair();
  ck_assert_uint_ge(shown(), 1);
  ck_done(tlsloop_engine_request_client_cert(pair.server.engine));
  pair_ping(&pair);
  pair_close(&pair);
}
END_TEST


START_TEST(a_server_that_does_not_verify_asks_nobody) {
  ck_done(tlsloop_ctx_set_verify_mode(server, TLSLOOP_CERT_NONE));
  switch_on();
  ck_assert_int_eq(tlsloop_ctx_verify_mode(server), TLSLOOP_CERT_NONE);
  connect_pair();
  ck_assert_uint_eq(shown(), 0);
  ck_assert_int_eq(tlsloop_engine_request_client_cert(pair.server.engine),
                   UV__EINVAL);
  pair_close(&pair);
}
END_TEST


START_TEST(the_mode_of_verification_reads_as_it_was_set) {
  switch_on();
  ck_assert_int_eq(tlsloop_ctx_verify_mode(server), TLSLOOP_CERT_REQUIRED);
}
END_TEST


START_TEST(tls_1_2_asks_in_the_handshake_as_ever) {
  ck_done(tlsloop_ctx_set_max_version(client, TLSLOOP_TLS_1_2));
  switch_on();
  connect_pair();
  ck_assert_uint_ge(shown(), 1);
  pair_close(&pair);
}
END_TEST


START_TEST(a_required_certificate_that_does_not_come_is_fatal) {
  char buf[16];
  size_t n;

  tlsloop_ctx_unref(client);
  client = given_client(pki);
  switch_on();
  connect_pair();
  ck_done(tlsloop_engine_request_client_cert(pair.server.engine));
  pair_pump(&pair);
  ck_assert_int_eq(end_read(&pair.client, buf, sizeof(buf), &n),
                   TLSLOOP_WANT_READ);
  pair_pump(&pair);
  ck_assert_str_eq(
      tlsloop_err_name(end_read(&pair.server, buf, sizeof(buf), &n)),
      "TLSLOOP_EALERT_SENT(CERTIFICATE_REQUIRED)");
  pair_close(&pair);
}
END_TEST


static int on_name(tlsloop_engine_t* engine,
                   const char* name,
                   tlsloop_ctx_t* ctx,
                   void* arg) {
  (void) name;
  (void) ctx;
  ck_done(tlsloop_engine_set_ctx(engine, arg));
  return 0;
}


START_TEST(a_context_for_a_name_brings_it) {
  tlsloop_ctx_t* front;

  switch_on();
  front = given_server(pki, NULL);
  ck_done(tlsloop_ctx_set_sni_cb(front, on_name, server));
  pair_open(&pair, client, front, "localhost");
  pair_connect(&pair);
  ck_assert_uint_eq(shown(), 0);
  ck_done(tlsloop_engine_request_client_cert(pair.server.engine));
  pair_ping(&pair);
  pair_ping(&pair);
  ck_assert_uint_ge(shown(), 1);
  pair_close(&pair);
  tlsloop_ctx_unref(front);
}
END_TEST


START_TEST(a_context_for_a_name_without_it_takes_it_away) {
  tlsloop_ctx_t* front;

  front = given_verifying_server();
  ck_done(tlsloop_ctx_set_post_handshake_auth(front, 1));
  ck_done(tlsloop_ctx_set_sni_cb(front, on_name, server));
  pair_open(&pair, client, front, "localhost");
  pair_connect(&pair);
  ck_assert_uint_ge(shown(), 1);
  pair_close(&pair);
  tlsloop_ctx_unref(front);
}
END_TEST


static void keep_session(tlsloop_engine_t* engine,
                         tlsloop_session_t* session,
                         void* arg) {
  tlsloop_session_t** kept;

  (void) engine;
  kept = arg;
  if (*kept == NULL)
    *kept = tlsloop_session_ref(session);
}


static int strict; /* which context on_choice takes */


static int on_choice(tlsloop_engine_t* engine,
                     const char* name,
                     tlsloop_ctx_t* ctx,
                     void* arg) {
  (void) name;
  (void) ctx;
  if (strict)
    ck_done(tlsloop_engine_set_ctx(engine, arg));
  return 0;
}


/* The tickets of both are the first context's, so only the policy keeps a
 * client that has shown nothing out of where a certificate is required. */
START_TEST(a_session_without_the_certificate_is_not_resumed_where_it_is_due) {
  tlsloop_session_t* session;
  tlsloop_ctx_t* late;

  late = given_verifying_server();
  ck_done(tlsloop_ctx_set_post_handshake_auth(late, 1));
  ck_done(tlsloop_ctx_set_sni_cb(late, on_choice, server));
  session = NULL;
  ck_done(tlsloop_ctx_set_session_cb(client, keep_session, &session));

  strict = 0;
  ck_done(try_connection(client, late, "localhost"));
  ck_assert_ptr_nonnull(session);

  strict = 1;
  pair_open(&pair, client, late, "localhost");
  ck_done(tlsloop_engine_set_session(pair.client.engine, session));
  pair_handshake(&pair);
  ck_assert_int_eq(tlsloop_engine_session_reused(pair.server.engine), 0);
  ck_assert(pair.server.handshake != 0 || shown() > 0);
  pair_close(&pair);
  tlsloop_session_unref(session);
  tlsloop_ctx_unref(late);
}
END_TEST


START_TEST(it_is_on_or_off) {
  ck_ctx_failed(client,
                tlsloop_ctx_set_post_handshake_auth(client, 2),
                UV__EINVAL,
                NULL,
                "neither 1 nor 0");
  ck_assert_int_eq(tlsloop_ctx_post_handshake_auth(client), 0);
}
END_TEST


START_TEST(a_context_in_use_keeps_it) {
  ck_done(try_connection(client, server, "localhost"));
  ck_ctx_failed(server,
                tlsloop_ctx_set_post_handshake_auth(server, 1),
                UV__EBUSY,
                NULL,
                "connections");
  ck_assert_int_eq(tlsloop_ctx_post_handshake_auth(server), 0);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("pha");
  tcase = tcase_create("pha");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_test(tcase, it_is_off_at_first);
  tcase_add_test(tcase, the_certificate_comes_when_it_is_asked_for);
  tcase_add_test(tcase, without_it_the_handshake_asks);
  tcase_add_test(tcase, a_client_that_does_not_offer_it_cannot_be_asked);
  tcase_add_test(tcase, a_server_without_it_asks_at_once_and_can_ask_again);
  tcase_add_test(tcase, a_server_that_does_not_verify_asks_nobody);
  tcase_add_test(tcase, the_mode_of_verification_reads_as_it_was_set);
  tcase_add_test(tcase, tls_1_2_asks_in_the_handshake_as_ever);
  tcase_add_test(tcase, a_required_certificate_that_does_not_come_is_fatal);
  tcase_add_test(tcase, a_context_for_a_name_brings_it);
  tcase_add_test(tcase, a_context_for_a_name_without_it_takes_it_away);
  tcase_add_test(
      tcase, a_session_without_the_certificate_is_not_resumed_where_it_is_due);
  tcase_add_test(tcase, it_is_on_or_off);
  tcase_add_test(tcase, a_context_in_use_keeps_it);
  suite_add_tcase(suite, tcase);
  return suite;
}
