/* SPDX-License-Identifier: MIT */

/* The versions of TLS that a context takes, and those it must be allowed. */

#include "support/suite.h"

#include "context/ctx.h"
#include "support/given.h"

#include <openssl/err.h>
#include <string.h>
#include <uv/errno.h>

static pki_t* pki;
static tlsloop_ctx_t* ctx;


static void setup(void) {
  ctx = given_ctx(TLSLOOP_PROTOCOL_TLS);
}


static void teardown(void) {
  tlsloop_ctx_unref(ctx);
}


static void expect_range(int min, int max) {
  ck_assert_int_eq(tlsloop_ctx_min_version(ctx), min);
  ck_assert_int_eq(tlsloop_ctx_max_version(ctx), max);
}


START_TEST(the_lowest_is_tls_1_2_and_the_highest_what_openssl_has) {
  static const int protocols[] = {TLSLOOP_PROTOCOL_TLS,
                                  TLSLOOP_PROTOCOL_TLS_CLIENT,
                                  TLSLOOP_PROTOCOL_TLS_SERVER};
  int i;

  for (i = 0; i < 3; i++) {
    tlsloop_ctx_unref(ctx);
    ctx = given_ctx(protocols[i]);
    expect_range(TLSLOOP_TLS_1_2, TLSLOOP_TLS_MAXIMUM_SUPPORTED);
  }
}
END_TEST


START_TEST(both_can_be_the_same) {
  ck_done(tlsloop_ctx_set_min_version(ctx, TLSLOOP_TLS_1_3));
  ck_done(tlsloop_ctx_set_max_version(ctx, TLSLOOP_TLS_1_3));
  expect_range(TLSLOOP_TLS_1_3, TLSLOOP_TLS_1_3);
}
END_TEST


START_TEST(the_highest_as_lowest_is_the_highest) {
  ck_done(tlsloop_ctx_set_min_version(ctx, TLSLOOP_TLS_MAXIMUM_SUPPORTED));
  expect_range(TLSLOOP_TLS_1_3, TLSLOOP_TLS_MAXIMUM_SUPPORTED);
}
END_TEST


START_TEST(a_bound_can_be_taken_away_again) {
  ck_done(tlsloop_ctx_set_max_version(ctx, TLSLOOP_TLS_1_2));
  ck_done(tlsloop_ctx_set_max_version(ctx, TLSLOOP_TLS_MAXIMUM_SUPPORTED));
  expect_range(TLSLOOP_TLS_1_2, TLSLOOP_TLS_MAXIMUM_SUPPORTED);
}
END_TEST


START_TEST(what_is_no_version_is_refused) {
  static const int versions[] = {0, 1, -3, 0x200, 0x305, 0x7f1c, 0xfeff};
  int i;

  for (i = 0; i < 7; i++) {
    ck_ctx_failed(ctx,
                  tlsloop_ctx_set_min_version(ctx, versions[i]),
                  UV__EINVAL,
                  NULL,
                  "no TLS version");
    ck_ctx_failed(ctx,
                  tlsloop_ctx_set_max_version(ctx, versions[i]),
                  UV__EINVAL,
                  NULL,
                  "no TLS version");
  }
  expect_range(TLSLOOP_TLS_1_2, TLSLOOP_TLS_MAXIMUM_SUPPORTED);
}
END_TEST


START_TEST(an_empty_range_is_refused) {
  ck_done(tlsloop_ctx_set_max_version(ctx, TLSLOOP_TLS_1_2));
  ck_ctx_failed(ctx,
                tlsloop_ctx_set_min_version(ctx, TLSLOOP_TLS_1_3),
                UV__EINVAL,
                NULL,
                "above the highest");
  ck_ctx_failed(ctx,
                tlsloop_ctx_set_min_version(ctx, TLSLOOP_TLS_MAXIMUM_SUPPORTED),
                UV__EINVAL,
                NULL,
                "above the highest");
  expect_range(TLSLOOP_TLS_1_2, TLSLOOP_TLS_1_2);

  ck_done(tlsloop_ctx_set_max_version(ctx, TLSLOOP_TLS_1_3));
  ck_done(tlsloop_ctx_set_min_version(ctx, TLSLOOP_TLS_1_3));
  ck_ctx_failed(ctx,
                tlsloop_ctx_set_max_version(ctx, TLSLOOP_TLS_1_2),
                UV__EINVAL,
                NULL,
                "below the lowest");
  expect_range(TLSLOOP_TLS_1_3, TLSLOOP_TLS_1_3);
}
END_TEST


START_TEST(below_tls_1_2_needs_to_be_allowed) {
  static const int versions[] = {
      TLSLOOP_TLS_1_0, TLSLOOP_TLS_1_1, TLSLOOP_TLS_MINIMUM_SUPPORTED};
  int i;

  for (i = 0; i < 3; i++) {
    ck_ctx_failed(ctx,
                  tlsloop_ctx_set_min_version(ctx, versions[i]),
                  TLSLOOP_EINSECURE,
                  NULL,
                  "below TLS 1.2");
    ck_ctx_failed(ctx,
                  tlsloop_ctx_set_max_version(ctx, versions[i]),
                  TLSLOOP_EINSECURE,
                  NULL,
                  "below TLS 1.2");
  }
  expect_range(TLSLOOP_TLS_1_2, TLSLOOP_TLS_MAXIMUM_SUPPORTED);
}
END_TEST


START_TEST(allowed_it_can_be_done) {
  ck_done(tlsloop_ctx_allow_insecure(ctx));
  expect_range(TLSLOOP_TLS_1_2, TLSLOOP_TLS_MAXIMUM_SUPPORTED);
  ck_done(tlsloop_ctx_set_min_version(ctx, TLSLOOP_TLS_1_0));
  ck_done(tlsloop_ctx_set_max_version(ctx, TLSLOOP_TLS_1_1));
  expect_range(TLSLOOP_TLS_1_0, TLSLOOP_TLS_1_1);
  ck_done(tlsloop_ctx_set_min_version(ctx, TLSLOOP_TLS_MINIMUM_SUPPORTED));
  expect_range(TLSLOOP_TLS_MINIMUM_SUPPORTED, TLSLOOP_TLS_1_1);
}
END_TEST


START_TEST(the_lowest_as_highest_is_the_lowest) {
  ck_done(tlsloop_ctx_allow_insecure(ctx));
  ck_done(tlsloop_ctx_set_min_version(ctx, TLSLOOP_TLS_MINIMUM_SUPPORTED));
  ck_done(tlsloop_ctx_set_max_version(ctx, TLSLOOP_TLS_MINIMUM_SUPPORTED));
#ifdef OPENSSL_NO_SSL3
  expect_range(TLSLOOP_TLS_MINIMUM_SUPPORTED, TLSLOOP_TLS_1_0);
#else
  expect_range(TLSLOOP_TLS_MINIMUM_SUPPORTED, TLSLOOP_TLS_SSLV3);
#endif
}
END_TEST


START_TEST(ssl_3_is_there_only_when_openssl_has_it) {
  int err;

  ck_done(tlsloop_ctx_allow_insecure(ctx));
  err = tlsloop_ctx_set_min_version(ctx, TLSLOOP_TLS_SSLV3);
#if defined(OPENSSL_NO_SSL3) || defined(OPENSSL_NO_SSL3_METHOD)
  ck_ctx_failed(ctx, err, UV__ENOTSUP, NULL, "built without");
  expect_range(TLSLOOP_TLS_1_2, TLSLOOP_TLS_MAXIMUM_SUPPORTED);
#else
  ck_done(err);
  ck_assert_uint_eq(SSL_CTX_get_options(ctx->ssl_ctx) & SSL_OP_NO_SSLv3, 0);
#endif
}
END_TEST


static void setup_pki(void) {
  pki = pki_new("versions");
  ctx = given_server(pki, NULL);
}


static void teardown_pki(void) {
  tlsloop_ctx_unref(ctx);
  pki_free(pki);
}


static void expect_version(int client_max, const char* version) {
  tlsloop_ctx_t* client;
  pair_t pair;

  client = given_client(pki);
  ck_done(tlsloop_ctx_set_max_version(client, client_max));
  pair_open(&pair, client, ctx, "localhost");
  pair_connect(&pair);
  ck_assert_str_eq(tlsloop_engine_version(pair.client.engine), version);
  ck_assert_str_eq(tlsloop_engine_version(pair.server.engine), version);
  pair_close(&pair);
  tlsloop_ctx_unref(client);
}


START_TEST(the_highest_version_in_common_is_taken) {
  expect_version(TLSLOOP_TLS_MAXIMUM_SUPPORTED, "TLSv1.3");
  expect_version(TLSLOOP_TLS_1_2, "TLSv1.2");
}
END_TEST


START_TEST(without_a_version_in_common_nothing_connects) {
  tlsloop_ctx_t* client;
  int err;

  client = given_client(pki);
  ck_done(tlsloop_ctx_set_max_version(client, TLSLOOP_TLS_1_2));
  ck_done(tlsloop_ctx_set_min_version(ctx, TLSLOOP_TLS_1_3));
  err = try_connection(client, ctx, "localhost");
  ck_assert_str_eq(tlsloop_err_name(err),
                   "TLSLOOP_EALERT_RECEIVED(PROTOCOL_VERSION)");
  tlsloop_ctx_unref(client);
}
END_TEST


START_TEST(an_old_client_is_refused_by_default) {
  tlsloop_ctx_t* client;
  int err;

  client = given_client(pki);
  ck_done(tlsloop_ctx_allow_insecure(client));
  ck_done(tlsloop_ctx_set_ciphers(client, "ALL:@SECLEVEL=0"));
  ck_done(tlsloop_ctx_set_min_version(client, TLSLOOP_TLS_1_0));
  ck_done(tlsloop_ctx_set_max_version(client, TLSLOOP_TLS_1_1));
  err = try_connection(client, ctx, "localhost");
  ck_assert_str_eq(tlsloop_err_name(err),
                   "TLSLOOP_EALERT_RECEIVED(PROTOCOL_VERSION)");
  tlsloop_ctx_unref(client);
}
END_TEST


START_TEST(an_old_client_is_served_by_who_allows_it) {
  tlsloop_ctx_t* client;

  client = given_client(pki);
  ck_done(tlsloop_ctx_allow_insecure(client));
  ck_done(tlsloop_ctx_set_ciphers(client, "ALL:@SECLEVEL=0"));
  ck_done(tlsloop_ctx_set_min_version(client, TLSLOOP_TLS_1_0));
  ck_done(tlsloop_ctx_set_max_version(client, TLSLOOP_TLS_1_0));
  ck_done(tlsloop_ctx_allow_insecure(ctx));
  ck_done(tlsloop_ctx_set_ciphers(ctx, "ALL:@SECLEVEL=0"));
  ck_done(tlsloop_ctx_set_min_version(ctx, TLSLOOP_TLS_1_0));
  ck_done(try_connection(client, ctx, "localhost"));
  tlsloop_ctx_unref(client);
}
END_TEST


START_TEST(a_context_in_use_keeps_its_versions) {
  expect_version(TLSLOOP_TLS_1_2, "TLSv1.2");
  ck_ctx_failed(ctx,
                tlsloop_ctx_set_min_version(ctx, TLSLOOP_TLS_1_3),
                UV__EBUSY,
                NULL,
                "connections");
  ck_ctx_failed(ctx,
                tlsloop_ctx_set_max_version(ctx, TLSLOOP_TLS_1_2),
                UV__EBUSY,
                NULL,
                "connections");
  expect_range(TLSLOOP_TLS_1_2, TLSLOOP_TLS_MAXIMUM_SUPPORTED);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("versions");
  tcase = tcase_create("bounds");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_test(tcase, the_lowest_is_tls_1_2_and_the_highest_what_openssl_has);
  tcase_add_test(tcase, both_can_be_the_same);
  tcase_add_test(tcase, the_highest_as_lowest_is_the_highest);
  tcase_add_test(tcase, a_bound_can_be_taken_away_again);
  tcase_add_test(tcase, what_is_no_version_is_refused);
  tcase_add_test(tcase, an_empty_range_is_refused);
  tcase_add_test(tcase, below_tls_1_2_needs_to_be_allowed);
  tcase_add_test(tcase, allowed_it_can_be_done);
  tcase_add_test(tcase, the_lowest_as_highest_is_the_lowest);
  tcase_add_test(tcase, ssl_3_is_there_only_when_openssl_has_it);
  suite_add_tcase(suite, tcase);

  tcase = tcase_create("handshakes");
  tcase_add_checked_fixture(tcase, setup_pki, teardown_pki);
  tcase_add_test(tcase, the_highest_version_in_common_is_taken);
  tcase_add_test(tcase, without_a_version_in_common_nothing_connects);
  tcase_add_test(tcase, an_old_client_is_refused_by_default);
  tcase_add_test(tcase, an_old_client_is_served_by_who_allows_it);
  tcase_add_test(tcase, a_context_in_use_keeps_its_versions);
  suite_add_tcase(suite, tcase);
  return suite;
}
