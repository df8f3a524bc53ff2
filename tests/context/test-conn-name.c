/* SPDX-License-Identifier: MIT */

/* The name of the server that a client talks to: sent, checked, or refused. */

#include "support/suite.h"

#include "context/ctx.h"
#include "engine/engine.h"
#include "support/fail-alloc.h"
#include "support/fail-ossl.h"
#include "support/given.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <uv/errno.h>

static pki_t* pki;
static tlsloop_ctx_t* client;
static tlsloop_ctx_t* server;
static tlsloop_bio_t* in;
static tlsloop_bio_t* out;
static int installed; /* fail_ossl_install */


static void setup(void) {
  ck_assert_int_eq(installed, 1);
  pki = pki_new("conn");
  client = given_client(pki);
  server = given_server(pki, NULL);
  ck_done(tlsloop_bio_new(&in));
  ck_done(tlsloop_bio_new(&out));
}


static void teardown(void) {
  tlsloop_bio_unref(in);
  tlsloop_bio_unref(out);
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(server);
  pki_free(pki);
}


static tlsloop_engine_t* given_engine(tlsloop_ctx_t* ctx, int side) {
  tlsloop_engine_t* engine;

  ck_done(tlsloop_engine_new(&engine, ctx, in, out, side));
  return engine;
}


static const char* sni(const tlsloop_engine_t* engine) {
  return SSL_get_servername(engine->ssl, TLSEXT_NAMETYPE_host_name);
}


/* What |engine| checks in a certificate: a name, an address or neither. */
static void expect_checked(const tlsloop_engine_t* engine,
                           const char* dns,
                           const char* ip) {
  X509_VERIFY_PARAM* param;
  char* address;

  param = SSL_get0_param(engine->ssl);
  if (dns == NULL)
    ck_assert_ptr_null(X509_VERIFY_PARAM_get0_host(param, 0));
  else
    ck_assert_str_eq(X509_VERIFY_PARAM_get0_host(param, 0), dns);
  ck_assert_ptr_null(X509_VERIFY_PARAM_get0_host(param, 1));

  address = X509_VERIFY_PARAM_get1_ip_asc(param);
  if (ip == NULL)
    ck_assert_ptr_null(address);
  else
    ck_assert_str_eq(address, ip);
  OPENSSL_free(address);
}


static void expect_hostname(const tlsloop_engine_t* engine, const char* name) {
  if (name == NULL)
    ck_assert_ptr_null(tlsloop_engine_hostname(engine));
  else
    ck_assert_str_eq(tlsloop_engine_hostname(engine), name);
}


START_TEST(a_dns_name_is_sent_and_checked) {
  tlsloop_engine_t* engine;

  engine = given_engine(client, TLSLOOP_CLIENT);
  expect_hostname(engine, NULL);
  ck_done(tlsloop_engine_set_hostname(engine,
                                      "b\xc3\xbc"
                                      "cher.example."));
  expect_hostname(engine, "xn--bcher-kva.example");
  ck_assert_str_eq(sni(engine), "xn--bcher-kva.example");
  expect_checked(engine, "xn--bcher-kva.example", NULL);
  tlsloop_engine_free(engine);
}
END_TEST


START_TEST(an_address_is_checked_and_not_sent) {
  tlsloop_engine_t* engine;

  engine = given_engine(client, TLSLOOP_CLIENT);
  ck_done(tlsloop_engine_set_hostname(engine, "192.0.2.1"));
  expect_hostname(engine, "192.0.2.1");
  ck_assert_ptr_null(sni(engine));
  expect_checked(engine, NULL, "192.0.2.1");

  ck_done(tlsloop_engine_set_hostname(engine, "2001:db8::1"));
  ck_assert_ptr_null(sni(engine));
  expect_checked(engine, NULL, "2001:DB8:0:0:0:0:0:1");
  tlsloop_engine_free(engine);
}
END_TEST


START_TEST(the_last_name_counts) {
  tlsloop_engine_t* engine;

  engine = given_engine(client, TLSLOOP_CLIENT);
  ck_done(tlsloop_engine_set_hostname(engine, "a.example"));
  ck_done(tlsloop_engine_set_hostname(engine, "b.example"));
  ck_assert_str_eq(sni(engine), "b.example");
  expect_checked(engine, "b.example", NULL);
  ck_done(tlsloop_engine_set_hostname(engine, "192.0.2.1"));
  ck_assert_ptr_null(sni(engine));
  expect_checked(engine, NULL, "192.0.2.1");
  ck_done(tlsloop_engine_set_hostname(engine, "c.example"));
  ck_assert_str_eq(sni(engine), "c.example");
  expect_checked(engine, "c.example", NULL);
  expect_hostname(engine, "c.example");
  tlsloop_engine_free(engine);
}
END_TEST


START_TEST(a_connection_checks_names_as_its_context_says) {
  tlsloop_engine_t* engine;
  unsigned int flags;

  engine = given_engine(client, TLSLOOP_CLIENT);
  flags = X509_VERIFY_PARAM_get_hostflags(SSL_get0_param(engine->ssl));
  ck_assert_uint_eq(flags,
                    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
                        X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  tlsloop_engine_free(engine);
}
END_TEST


START_TEST(a_client_that_checks_no_names_still_sends_one) {
  tlsloop_engine_t* engine;

  ck_done(tlsloop_ctx_allow_insecure(client));
  ck_done(tlsloop_ctx_set_check_hostname(client, 0));
  engine = given_engine(client, TLSLOOP_CLIENT);
  ck_done(tlsloop_engine_set_hostname(engine, "a.example"));
  ck_assert_str_eq(sni(engine), "a.example");
  expect_checked(engine, NULL, NULL);
  expect_hostname(engine, "a.example");
  tlsloop_engine_free(engine);
}
END_TEST


START_TEST(a_server_learns_the_name_that_was_asked_for) {
  static const tlsloop_tls_version_t versions[] = {TLSLOOP_TLS_1_2,
                                                   TLSLOOP_TLS_1_3};
  pair_t pair;

  ck_done(tlsloop_ctx_set_max_version(client, versions[_i]));
  pair_open(&pair, client, server, "LocalHost");
  expect_hostname(pair.server.engine, NULL);
  pair_connect(&pair);
  expect_hostname(pair.server.engine, "LocalHost");
  pair_close(&pair);
}
END_TEST


START_TEST(a_server_is_told_no_address) {
  pair_t pair;

  pair_open(&pair, client, server, "127.0.0.1");
  pair_connect(&pair);
  expect_hostname(pair.server.engine, NULL);
  pair_close(&pair);
}
END_TEST


START_TEST(a_client_that_must_check_a_name_connects_to_nobody_without) {
  tlsloop_engine_t* engine;

  engine = given_engine(client, TLSLOOP_CLIENT);
  ck_engine_failed(engine,
                   tlsloop_engine_handshake(engine),
                   TLSLOOP_ENOHOSTNAME,
                   NULL,
                   "host name");
  ck_assert_uint_eq(tlsloop_bio_pending(out), 0);
  ck_assert_int_eq(tlsloop_engine_state(engine), TLSLOOP_ENGINE_NEW);
  ck_done(tlsloop_engine_set_hostname(engine, "localhost"));
  ck_assert_int_eq(tlsloop_engine_handshake(engine), TLSLOOP_WANT_READ);
  ck_assert_uint_gt(tlsloop_bio_pending(out), 0);
  tlsloop_engine_free(engine);
}
END_TEST


START_TEST(a_malformed_name_changes_nothing) {
  static const char* const names[] = {
      "", ".", ".example", "a..b", "a b", "*.example", "[::1]", "\xff"};
  tlsloop_engine_t* engine;
  size_t i;

  engine = given_engine(client, TLSLOOP_CLIENT);
  for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    ck_engine_failed(engine,
                     tlsloop_engine_set_hostname(engine, names[i]),
                     TLSLOOP_EHOSTNAME,
                     names[i],
                     "it ");
    expect_hostname(engine, NULL);
  }
  ck_assert_int_eq(tlsloop_engine_handshake(engine), TLSLOOP_ENOHOSTNAME);

  ck_done(tlsloop_engine_set_hostname(engine, "good.example"));
  ck_engine_failed(engine,
                   tlsloop_engine_set_hostname(engine, ".example"),
                   TLSLOOP_EHOSTNAME,
                   ".example",
                   "it begins with a dot");
  ck_engine_failed(engine,
                   tlsloop_engine_set_hostname(engine, NULL),
                   TLSLOOP_EHOSTNAME,
                   NULL,
                   "it is empty");
  expect_hostname(engine, "good.example");
  expect_checked(engine, "good.example", NULL);
  tlsloop_engine_free(engine);
}
END_TEST


START_TEST(a_server_cannot_name_its_peer) {
  tlsloop_engine_t* engine;

  engine = given_engine(server, TLSLOOP_SERVER);
  ck_engine_failed(engine,
                   tlsloop_engine_set_hostname(engine, "localhost"),
                   TLSLOOP_ESIDE,
                   NULL,
                   "server");
  tlsloop_engine_free(engine);
}
END_TEST


START_TEST(the_name_is_fixed_once_the_handshake_has_begun) {
  pair_t pair;

  pair_open(&pair, client, server, "localhost");
  ck_assert_int_eq(end_handshake(&pair.client), TLSLOOP_WANT_READ);
  ck_engine_failed(pair.client.engine,
                   tlsloop_engine_set_hostname(pair.client.engine, "b.example"),
                   UV__EBUSY,
                   NULL,
                   "the handshake has begun");
  pair_connect(&pair);
  ck_engine_failed(pair.client.engine,
                   tlsloop_engine_set_hostname(pair.client.engine, "b.example"),
                   UV__EBUSY,
                   NULL,
                   "the handshake has begun");
  expect_hostname(pair.client.engine, "localhost");
  pair_close(&pair);
}
END_TEST


/* Whatever fails, it never ends with a client that checks nothing. */
START_TEST(whichever_allocation_fails_a_name_is_whole_or_the_old_one) {
  static const char* const names[] = {"new.example", "192.0.2.7"};
  tlsloop_engine_t* engine;
  unsigned int n;
  int err;

  for (n = 0;; n++) {
    engine = given_engine(client, TLSLOOP_CLIENT);
    ck_done(tlsloop_engine_set_hostname(engine, "old.example"));
    fail_alloc_after(n);
    err = tlsloop_engine_set_hostname(engine, names[_i]);
    if (!fail_alloc_reset())
      break;
    ck_assert_int_eq(err, UV__ENOMEM);
    ck_assert_uint_eq(ERR_peek_error(), 0);
    expect_hostname(engine, "old.example");
    ck_assert_str_eq(sni(engine), "old.example");
    expect_checked(engine, "old.example", NULL);
    tlsloop_engine_free(engine);
  }
  ck_done(err);
  ck_assert_uint_gt(n, 1);
  expect_hostname(engine, names[_i]);
  tlsloop_engine_free(engine);
}
END_TEST


START_TEST(without_any_memory_a_name_is_gone_and_nobody_is_connected_to) {
  tlsloop_engine_t* engine;
  unsigned int n;
  int err;

  for (n = 0;; n++) {
    engine = given_engine(client, TLSLOOP_CLIENT);
    ck_done(tlsloop_engine_set_hostname(engine, "old.example"));
    fail_alloc_from(n);
    err = tlsloop_engine_set_hostname(engine, "192.0.2.7");
    if (!fail_alloc_reset())
      break;
    ck_assert_int_eq(err, UV__ENOMEM);
    if (tlsloop_engine_hostname(engine) == NULL)
      ck_assert_int_eq(tlsloop_engine_handshake(engine), TLSLOOP_ENOHOSTNAME);
    else
      expect_checked(engine, "old.example", NULL);
    tlsloop_engine_free(engine);
  }
  expect_checked(engine, NULL, "192.0.2.7");
  tlsloop_engine_free(engine);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  installed = fail_ossl_install();
  suite = suite_create("conn name");
  tcase = tcase_create("good");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_test(tcase, a_dns_name_is_sent_and_checked);
  tcase_add_test(tcase, an_address_is_checked_and_not_sent);
  tcase_add_test(tcase, the_last_name_counts);
  tcase_add_test(tcase, a_connection_checks_names_as_its_context_says);
  tcase_add_test(tcase, a_client_that_checks_no_names_still_sends_one);
  tcase_add_loop_test(tcase, a_server_learns_the_name_that_was_asked_for, 0, 2);
  tcase_add_test(tcase, a_server_is_told_no_address);
  suite_add_tcase(suite, tcase);

  tcase = tcase_create("refusals");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_test(tcase,
                 a_client_that_must_check_a_name_connects_to_nobody_without);
  tcase_add_test(tcase, a_malformed_name_changes_nothing);
  tcase_add_test(tcase, a_server_cannot_name_its_peer);
  tcase_add_test(tcase, the_name_is_fixed_once_the_handshake_has_begun);
  tcase_add_loop_test(
      tcase, whichever_allocation_fails_a_name_is_whole_or_the_old_one, 0, 2);
  tcase_add_test(tcase,
                 without_any_memory_a_name_is_gone_and_nobody_is_connected_to);
  suite_add_tcase(suite, tcase);
  return suite;
}
