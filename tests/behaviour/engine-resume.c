/* SPDX-License-Identifier: MIT */

/* A session never leads past the rules of the context that it is brought to:
 * a server's contexts share keys of tickets and a cache when one of them is put
 * on by the name of the server. */

#include "support/suite.h"

#include "support/given.h"
#include "tlsloop/callback.h"
#include "tlsloop/info.h"
#include "tlsloop/policy.h"
#include "tlsloop/session.h"

#include <string.h>

enum {
  BY_ID,
  BY_TICKET,
  ON_1_3,
  KINDS
};

static pki_t* pki;
static tlsloop_ctx_t* client;
static tlsloop_ctx_t* front;
static tlsloop_ctx_t* back;
static tlsloop_ctx_t* choice; /* of the callback; NULL: it keeps the first */
static tlsloop_session_t* session;
static pair_t pair;


static int on_name(tlsloop_engine_t* engine,
                   const char* name,
                   tlsloop_ctx_t* ctx,
                   void* arg) {
  (void) name;
  (void) ctx;
  (void) arg;
  if (choice != NULL)
    ck_done(tlsloop_engine_set_ctx(engine, choice));
  return 0;
}


static void keep(tlsloop_engine_t* engine, tlsloop_session_t* made, void* arg) {
  (void) engine;
  (void) arg;
  tlsloop_session_unref(session);
  session = tlsloop_session_ref(made);
}


static void setup(void) {
  pki = pki_new("resume");
  client = given_client(pki);
  front = given_server(pki, NULL);
  back = given_server(pki, NULL);
  ck_done(tlsloop_ctx_set_sni_cb(front, on_name, NULL));
  ck_done(tlsloop_ctx_set_session_cb(client, keep, NULL));
  choice = NULL;
  session = NULL;
}


static void teardown(void) {
  tlsloop_session_unref(session);
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(front);
  tlsloop_ctx_unref(back);
  pki_free(pki);
}


static void set_kind(int kind) {
  ck_done(tlsloop_ctx_set_max_version(
      client, kind == ON_1_3 ? TLSLOOP_TLS_1_3 : TLSLOOP_TLS_1_2));
  if (kind == BY_ID)
    ck_done(tlsloop_ctx_set_options(
        client, tlsloop_ctx_options(client) | TLSLOOP_OP_NO_TICKET));
}


static void trust(tlsloop_ctx_t* ctx, const pki_blob_t* pem) {
  ck_done(tlsloop_ctx_load_verify_mem(
      ctx, pem->data, pem->len, TLSLOOP_ENCODING_PEM));
}


static void demand(tlsloop_ctx_t* ctx, const pki_cert_t* ca) {
  trust(ctx, &ca->pem);
  ck_done(tlsloop_ctx_set_verify_mode(ctx, TLSLOOP_CERT_REQUIRED));
}


static void check_lists(tlsloop_ctx_t* ctx) {
  ck_done(tlsloop_ctx_set_verify_flags(
      ctx, tlsloop_ctx_verify_flags(ctx) | TLSLOOP_VERIFY_CRL_CHECK_LEAF));
}


static void show_own(void) {
  pki_blob_t* both;

  both = &pki_leaf(pki)->both;
  ck_done(
      tlsloop_ctx_load_cert_chain_mem(client, both->data, both->len, NULL, 0));
}


/* Gets a session from |from|. */
static void visit(tlsloop_ctx_t* from) {
  choice = from == front ? NULL : from;
  pair_open(&pair, client, front, "localhost");
  pair_connect(&pair);
  pair_ping(&pair);
  pair_close(&pair);
  ck_assert_ptr_nonnull(session);
}


/* Brings the session to |to|; |pair| is left open. Returns whether the server
 * resumed it. */
static int bring(tlsloop_ctx_t* to) {
  choice = to == front ? NULL : to;
  pair_open(&pair, client, front, "localhost");
  ck_done(tlsloop_engine_set_session(pair.client.engine, session));
  pair_handshake(&pair);
  return tlsloop_engine_session_reused(pair.server.engine);
}


static void expect_refused(int got_kind) {
  ck_assert_int_eq(tlsloop_err_type(pair.server.handshake), got_kind);
  pair_close(&pair);
}


START_TEST(the_same_policy_resumes) {
  set_kind(_i);
  visit(front);
  ck_assert_int_eq(bring(back), 1);
  pair_ping(&pair);
  pair_close(&pair);
}
END_TEST


START_TEST(who_showed_nothing_is_not_resumed_where_a_certificate_is_due) {
  set_kind(_i);
  demand(back, pki->root);
  visit(front);
  ck_assert_int_eq(bring(back), 0);
  expect_refused(TLSLOOP_ERR_ALERT);
}
END_TEST


START_TEST(who_can_show_one_there_shows_it) {
  set_kind(_i);
  show_own();
  demand(back, pki->root);
  visit(front);
  ck_assert_int_eq(bring(back), 0);
  ck_assert_int_eq(pair.server.handshake, 0);
  ck_assert_uint_eq(
      tlsloop_engine_chain_count(pair.server.engine, TLSLOOP_CHAIN_PEER), 2);
  pair_ping(&pair);
  pair_close(&pair);
  ck_assert_int_eq(bring(back), 1);
  ck_assert_uint_eq(
      tlsloop_engine_chain_count(pair.server.engine, TLSLOOP_CHAIN_PEER), 0);
  pair_close(&pair);
}
END_TEST


START_TEST(who_was_accepted_by_another_authority_is_not_resumed) {
  pki_t* other;

  other = pki_new("resume");
  set_kind(_i);
  show_own();
  demand(front, pki->root);
  demand(back, other->root);
  visit(front);
  ck_assert_int_eq(bring(back), 0);
  expect_refused(TLSLOOP_ERR_CERT);
  pki_free(other);
}
END_TEST


START_TEST(who_was_accepted_by_another_directory_is_not_resumed) {
  pki_t* other;

  other = pki_new("resume");
  set_kind(_i);
  show_own();
  pki_write_hashed(pki, pki->root);
  pki_write_hashed(other, other->root);
  ck_done(tlsloop_ctx_load_verify_dir(front, pki_dir(pki)));
  ck_done(tlsloop_ctx_load_verify_dir(back, pki_dir(other)));
  ck_done(tlsloop_ctx_set_verify_mode(front, TLSLOOP_CERT_REQUIRED));
  ck_done(tlsloop_ctx_set_verify_mode(back, TLSLOOP_CERT_REQUIRED));
  visit(front);
  ck_assert_int_eq(bring(back), 0);
  expect_refused(TLSLOOP_ERR_CERT);
  pki_free(other);
}
END_TEST


START_TEST(who_was_revoked_since_is_not_resumed) {
  pki_crl_opts_t opts = {0};
  pki_cert_t* leaf;

  set_kind(_i);
  show_own();
  demand(front, pki->root);
  demand(back, pki->root);
  check_lists(front);
  check_lists(back);
  trust(front, &pki_crl(pki, NULL)->pem);
  leaf = pki_leaf(pki);
  opts.revoked = &leaf;
  opts.count = 1;
  trust(back, &pki_crl(pki, &opts)->pem);
  visit(front);
  ck_assert_int_eq(bring(back), 0);
  ck_assert_int_eq(tlsloop_err_verify_code(pair.server.handshake), 23);
  expect_refused(TLSLOOP_ERR_CERT);
}
END_TEST


START_TEST(another_name_of_the_server_is_not_resumed) {
  pki_blob_t* both;

  set_kind(_i);
  tlsloop_ctx_unref(back);
  back = given_ctx(TLSLOOP_PROTOCOL_TLS_SERVER);
  both = &pki_make(pki, NULL)->both;
  ck_done(
      tlsloop_ctx_load_cert_chain_mem(back, both->data, both->len, NULL, 0));
  visit(front);
  ck_assert_int_eq(bring(back), 0);
  pair_ping(&pair);
  pair_close(&pair);
}
END_TEST


START_TEST(a_cipher_that_is_not_taken_there_is_not_resumed) {
  set_kind(_i);
  ck_done(tlsloop_ctx_set_ciphers(
      client, "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384"));
  ck_done(tlsloop_ctx_set_ciphers(front, "ECDHE-ECDSA-AES128-GCM-SHA256"));
  ck_done(tlsloop_ctx_set_ciphers(back, "ECDHE-ECDSA-AES256-GCM-SHA384"));
  visit(front);
  ck_assert_int_eq(bring(back), 0);
  ck_assert_int_eq(pair.client.handshake, 0);
  if (_i != ON_1_3)
    ck_assert_str_eq(tlsloop_engine_cipher_name(pair.client.engine),
                     "ECDHE-ECDSA-AES256-GCM-SHA384");
  pair_ping(&pair);
  pair_close(&pair);
}
END_TEST


START_TEST(a_session_of_a_version_that_is_gone_is_not_resumed) {
  set_kind(_i);
  visit(front);
  ck_done(_i == ON_1_3 ? tlsloop_ctx_set_max_version(back, TLSLOOP_TLS_1_2)
                       : tlsloop_ctx_set_min_version(back, TLSLOOP_TLS_1_3));
  ck_assert_int_eq(bring(back), 0);
  pair_close(&pair);
}
END_TEST


/* A ticket with a byte changed is none: the handshake is a full one, or, where
 * the client would have to know, it fails; no byte is believed. */
START_TEST(a_changed_ticket_is_no_ticket) {
  size_t offset;
  size_t size;

  set_kind(_i == 0 ? BY_TICKET : ON_1_3);
  visit(front);
  pair_open(&pair, client, front, "localhost");
  ck_done(tlsloop_engine_set_session(pair.client.engine, session));
  end_handshake(&pair.client);
  size = tlsloop_bio_pending(pair.client.out);
  pair_close(&pair);

  for (offset = 80; offset < size; offset += 3) {
    pair_open(&pair, client, front, "localhost");
    pair.to_server.flip = offset;
    pair.to_server.mask = 0x40;
    ck_done(tlsloop_engine_set_session(pair.client.engine, session));
    pair_handshake(&pair);
    ck_assert(pair.client.handshake != 0 || pair.server.handshake != 0 ||
              !tlsloop_engine_session_reused(pair.server.engine));
    pair_close(&pair);
  }
}
END_TEST


START_TEST(old_keys_of_tickets_do_no_harm) {
  set_kind(_i);
  visit(front);
  tlsloop_ctx_unref(front);
  front = given_server(pki, NULL);
  ck_done(tlsloop_ctx_set_sni_cb(front, on_name, NULL));
  ck_assert_int_eq(bring(front), 0);
  pair_ping(&pair);
  pair_close(&pair);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* t;

  suite = suite_create("engine-resume");
  t = tcase_create("resume");
  tcase_set_timeout(t, 60);
  tcase_add_checked_fixture(t, setup, teardown);
  tcase_add_loop_test(t, the_same_policy_resumes, 0, KINDS);
  tcase_add_loop_test(
      t,
      who_showed_nothing_is_not_resumed_where_a_certificate_is_due,
      0,
      KINDS);
  tcase_add_loop_test(t, who_can_show_one_there_shows_it, 0, KINDS);
  tcase_add_loop_test(
      t, who_was_accepted_by_another_authority_is_not_resumed, 0, KINDS);
  tcase_add_loop_test(
      t, who_was_accepted_by_another_directory_is_not_resumed, 0, KINDS);
  tcase_add_loop_test(t, who_was_revoked_since_is_not_resumed, 0, KINDS);
  tcase_add_loop_test(t, another_name_of_the_server_is_not_resumed, 0, KINDS);
  tcase_add_loop_test(
      t, a_cipher_that_is_not_taken_there_is_not_resumed, 0, KINDS);
  tcase_add_loop_test(
      t, a_session_of_a_version_that_is_gone_is_not_resumed, 0, KINDS);
  tcase_add_loop_test(t, a_changed_ticket_is_no_ticket, 0, 2);
  tcase_add_loop_test(t, old_keys_of_tickets_do_no_harm, 0, KINDS);
  suite_add_tcase(suite, t);
  return suite;
}
