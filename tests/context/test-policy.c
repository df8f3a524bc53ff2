/* SPDX-License-Identifier: MIT */

/* Policy: when a context can be put on a connection, and which contexts have
 * the same mark. */

#include "support/suite.h"

#include "context/ctx.h"
#include "support/given.h"
#include "tlsloop/callback.h"
#include "tlsloop/policy.h"
#include "tlsloop/session.h"

#include <string.h>
#include <uv/errno.h>

static pki_t* pki;
static tlsloop_ctx_t* client;
static tlsloop_ctx_t* front;
static tlsloop_ctx_t* back;
static pair_t pair;


static void setup(void) {
  pki = pki_new("policy");
  client = given_client(pki);
  front = given_server(pki, NULL);
  back = given_server(pki, NULL);
}


static void teardown(void) {
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(front);
  tlsloop_ctx_unref(back);
  pki_free(pki);
}


static void expect_connected(void) {
  ck_assert_int_eq(pair.client.handshake, 0);
  ck_assert_int_eq(pair.server.handshake, 0);
  pair_ping(&pair);
  pair_close(&pair);
}


static void demand(tlsloop_ctx_t* ctx, const pki_cert_t* ca) {
  ck_done(tlsloop_ctx_load_verify_mem(
      ctx, ca->pem.data, ca->pem.len, TLSLOOP_ENCODING_PEM));
  ck_done(tlsloop_ctx_set_verify_mode(ctx, TLSLOOP_CERT_REQUIRED));
}


START_TEST(a_context_is_kept_when_its_owner_gives_it_back) {
  demand(back, pki->root);
  pair_open(&pair, client, front, "localhost");
  ck_done(tlsloop_engine_set_ctx(pair.server.engine, back));
  tlsloop_ctx_unref(back);
  tlsloop_ctx_unref(front);
  back = front = NULL;
  pair_handshake(&pair);
  ck_assert_int_eq(pair.server.handshake, TLSLOOP_EALERT_SENT - 116);
  pair_close(&pair);
}
END_TEST


START_TEST(a_context_that_is_put_on_is_sealed) {
  pair_open(&pair, client, front, "localhost");
  ck_done(tlsloop_engine_set_ctx(pair.server.engine, back));
  pair_connect(&pair);
  expect_connected();
  ck_ctx_failed(back,
                tlsloop_ctx_set_num_tickets(back, 1),
                UV__EBUSY,
                NULL,
                "connections");
}
END_TEST


START_TEST(one_for_the_other_side_is_refused) {
  pair_open(&pair, client, front, "localhost");
  ck_ctx_failed(client,
                tlsloop_engine_set_ctx(pair.server.engine, client),
                TLSLOOP_ESIDE,
                NULL,
                "for clients");
  ck_ctx_failed(back,
                tlsloop_engine_set_ctx(pair.client.engine, back),
                TLSLOOP_ESIDE,
                NULL,
                "for servers");
  ck_done(tlsloop_ctx_set_num_tickets(back, 1));
  pair_handshake(&pair);
  expect_connected();
}
END_TEST


START_TEST(it_cannot_be_put_on_in_the_middle) {
  pair_open(&pair, client, back, "localhost");
  end_handshake(&pair.client);
  pair_pump(&pair);
  end_handshake(&pair.server);
  ck_ctx_failed(front,
                tlsloop_engine_set_ctx(pair.server.engine, front),
                UV__EBUSY,
                NULL,
                "under way");
  ck_assert_ptr_eq(tlsloop_engine_ctx(pair.server.engine), back);
  pair_connect(&pair);
  ck_done(tlsloop_engine_set_ctx(pair.server.engine, front));
  ck_assert_ptr_eq(tlsloop_engine_ctx(pair.server.engine), front);
  ck_done(tlsloop_engine_set_ctx(pair.server.engine, front));
  expect_connected();
}
END_TEST


static tlsloop_ctx_t* given_lax_client(void) {
  tlsloop_ctx_t* ctx;

  ctx = given_ctx(TLSLOOP_PROTOCOL_TLS_CLIENT);
  ck_done(tlsloop_ctx_allow_insecure(ctx));
  ck_done(tlsloop_ctx_set_check_hostname(ctx, 0));
  ck_done(tlsloop_ctx_set_verify_mode(ctx, TLSLOOP_CERT_NONE));
  return ctx;
}


START_TEST(a_client_that_becomes_strict_checks_certificate_and_name) {
  static const char* const names[] = {"localhost", "elsewhere", "10.9.8.7"};
  tlsloop_ctx_t* lax;

  lax = given_lax_client();
  pair_open(&pair, lax, front, names[_i]);
  ck_done(tlsloop_engine_set_ctx(pair.client.engine, client));
  pair_handshake(&pair);
  if (_i == 0)
    ck_assert_int_eq(pair.client.handshake, 0);
  else
    ck_assert_int_eq(tlsloop_err_verify_code(pair.client.handshake),
                     _i == 1 ? 62 : 64);
  pair_close(&pair);
  tlsloop_ctx_unref(lax);
}
END_TEST


START_TEST(a_client_that_becomes_strict_must_be_given_a_name) {
  tlsloop_ctx_t* lax;

  lax = given_lax_client();
  pair_open(&pair, lax, front, NULL);
  ck_done(tlsloop_engine_set_ctx(pair.client.engine, client));
  ck_assert_int_eq(end_handshake(&pair.client), TLSLOOP_ENOHOSTNAME);
  ck_done(tlsloop_engine_set_hostname(pair.client.engine, "localhost"));
  end_handshake(&pair.client);
  pair_connect(&pair);
  expect_connected();
  tlsloop_ctx_unref(lax);
}
END_TEST


START_TEST(a_client_that_becomes_lax_checks_neither) {
  tlsloop_ctx_t* lax;

  lax = given_lax_client();
  pair_open(&pair, client, front, _i == 0 ? "elsewhere" : "10.9.8.7");
  ck_done(tlsloop_engine_set_ctx(pair.client.engine, lax));
  pair_connect(&pair);
  expect_connected();
  tlsloop_ctx_unref(lax);
}
END_TEST


START_TEST(a_client_that_becomes_strict_resumes_nothing_that_was_lax) {
  tlsloop_session_t* session;
  tlsloop_ctx_t* lax;

  lax = given_lax_client();
  ck_done(tlsloop_ctx_set_max_version(lax, TLSLOOP_TLS_1_2));
  pair_open(&pair, lax, front, "elsewhere");
  pair_connect(&pair);
  ck_done(tlsloop_engine_session(pair.client.engine, &session));
  pair_close(&pair);

  pair_open(&pair, lax, front, "elsewhere");
  ck_done(tlsloop_engine_set_session(pair.client.engine, session));
  ck_done(tlsloop_engine_set_ctx(pair.client.engine, client));
  pair_handshake(&pair);
  ck_assert_int_eq(tlsloop_err_verify_code(pair.client.handshake), 62);
  pair_close(&pair);
  tlsloop_session_unref(session);
  tlsloop_ctx_unref(lax);
}
END_TEST


/* Whether the marks of the contexts, which are sealed for it, are the same. */
static int same_mark(void) {
  ck_done(tlsloop__ctx_seal(front));
  ck_done(tlsloop__ctx_seal(back));
  return memcmp(front->policy, back->policy, sizeof(front->policy)) == 0;
}


START_TEST(contexts_that_are_set_up_alike_have_the_same_mark) {
  pki_cert_t* cas[2];

  cas[0] = pki->root;
  cas[1] = pki->intermediate;
  demand(front, cas[0]);
  demand(front, cas[1]);
  demand(back, cas[1]);
  demand(back, cas[0]);
  ck_assert(same_mark());
}
END_TEST


/* Makes the contexts differ in one thing. */
static void differ(int how) {
  pki_blob_t* other;
  pki_t* others;

  demand(front, pki->root);
  demand(back, pki->root);
  switch (how) {
    case 0:
      ck_done(tlsloop_ctx_set_verify_mode(back, TLSLOOP_CERT_OPTIONAL));
      break;
    case 1:
      ck_done(tlsloop_ctx_set_verify_mode(back, TLSLOOP_CERT_NONE));
      break;
    case 2:
      demand(back, pki->intermediate);
      break;
    case 3:
      others = pki_new("policy");
      demand(back, others->root);
      pki_free(others);
      break;
    case 4:
      ck_done(tlsloop_ctx_set_verify_flags(
          back, tlsloop_ctx_verify_flags(back) | TLSLOOP_VERIFY_X509_STRICT));
      break;
    case 5:
      ck_done(tlsloop_ctx_load_verify_dir(back, pki_dir(pki)));
      break;
    case 6:
      other = &pki_crl(pki, NULL)->pem;
      ck_done(tlsloop_ctx_load_verify_mem(
          back, other->data, other->len, TLSLOOP_ENCODING_PEM));
      break;
    case 7:
      other = &pki_make(pki, NULL)->both;
      ck_done(tlsloop_ctx_load_cert_chain_mem(
          back, other->data, other->len, NULL, 0));
      break;
    case 8:
      ck_done(tlsloop_ctx_set_post_handshake_auth(back, 1));
      break;
    case 9:
      ck_done(tlsloop_ctx_set_host_flags(
          back, tlsloop_ctx_host_flags(back) | TLSLOOP_HOST_NO_WILDCARDS));
      break;
    case 10:
      ck_done(tlsloop_ctx_set_ciphers(back, "ECDHE+AESGCM"));
      break;
    case 11:
      ck_done(tlsloop_ctx_set_security_level(back, 3));
      break;
    default:
      ck_done(tlsloop_ctx_set_check_hostname(back, 1));
      break;
  }
}


START_TEST(contexts_that_verify_otherwise_have_other_marks) {
  differ(_i);
  ck_assert(!same_mark());
}
END_TEST


START_TEST(two_directories_make_two_marks) {
  ck_done(tlsloop_ctx_set_verify_mode(front, TLSLOOP_CERT_REQUIRED));
  ck_done(tlsloop_ctx_set_verify_mode(back, TLSLOOP_CERT_REQUIRED));
  ck_done(tlsloop_ctx_load_verify_dir(front, "/"));
  ck_done(tlsloop_ctx_load_verify_dir(back, pki_dir(pki)));
  ck_assert(!same_mark());
}
END_TEST


START_TEST(whom_nobody_asks_to_be_trusted_does_not_matter) {
  ck_done(tlsloop_ctx_load_verify_mem(
      front, pki->root->pem.data, pki->root->pem.len, TLSLOOP_ENCODING_PEM));
  ck_assert(same_mark());
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("policy");
  tcase = tcase_create("contexts");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_test(tcase, a_context_is_kept_when_its_owner_gives_it_back);
  tcase_add_test(tcase, a_context_that_is_put_on_is_sealed);
  tcase_add_test(tcase, one_for_the_other_side_is_refused);
  tcase_add_test(tcase, it_cannot_be_put_on_in_the_middle);
  tcase_add_loop_test(
      tcase, a_client_that_becomes_strict_checks_certificate_and_name, 0, 3);
  tcase_add_test(tcase, a_client_that_becomes_strict_must_be_given_a_name);
  tcase_add_loop_test(tcase, a_client_that_becomes_lax_checks_neither, 0, 2);
  tcase_add_test(tcase,
                 a_client_that_becomes_strict_resumes_nothing_that_was_lax);
  suite_add_tcase(suite, tcase);

  tcase = tcase_create("marks");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_test(tcase, contexts_that_are_set_up_alike_have_the_same_mark);
  tcase_add_loop_test(
      tcase, contexts_that_verify_otherwise_have_other_marks, 0, 13);
  tcase_add_test(tcase, two_directories_make_two_marks);
  tcase_add_test(tcase, whom_nobody_asks_to_be_trusted_does_not_matter);
  suite_add_tcase(suite, tcase);
  return suite;
}
