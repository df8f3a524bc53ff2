/* SPDX-License-Identifier: MIT */

/* What contexts for one version of TLS start with, and what it takes to have a
 * weak one. What all contexts start with is in test-ctx-defaults.c. */

#include "support/suite.h"

#include "context/ctx.h"
#include "support/given.h"
#include "tlsloop/constants.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <string.h>
#include <uv/errno.h>

static const struct {
  int protocol;
  int version;
  int feature;
} single[] = {
    {TLSLOOP_PROTOCOL_SSLV3, TLSLOOP_TLS_SSLV3, TLSLOOP_FEATURE_SSLV3},
    {TLSLOOP_PROTOCOL_TLS_1_0, TLSLOOP_TLS_1_0, TLSLOOP_FEATURE_TLS_1_0},
    {TLSLOOP_PROTOCOL_TLS_1_1, TLSLOOP_TLS_1_1, TLSLOOP_FEATURE_TLS_1_1},
    {TLSLOOP_PROTOCOL_TLS_1_2, TLSLOOP_TLS_1_2, TLSLOOP_FEATURE_TLS_1_2},
};

static pki_t* pki;
static tlsloop_ctx_t* client;
static tlsloop_ctx_t* server;


static void setup(void) {
  pki = pki_new("defaults");
}


static void teardown(void) {
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(server);
  pki_free(pki);
}


static tlsloop_ctx_t* weak_ctx(int protocol) {
  tlsloop_ctx_t* ctx;

  ck_done(tlsloop_ctx_new_insecure(&ctx, protocol));
  return ctx;
}


static void be_leaf(tlsloop_ctx_t* ctx) {
  const pki_blob_t* both = &pki_leaf(pki)->both;

  ck_done(tlsloop_ctx_load_cert_chain_mem(ctx, both->data, both->len, NULL, 0));
}


/* Connects; the version on both sides, or 0. */
static int connect_by(void) {
  const char* name;
  pair_t pair;
  int version;

  version = 0;
  pair_open(&pair, client, server, NULL);
  pair_handshake(&pair);
  if (pair.client.handshake == 0 && pair.server.handshake == 0) {
    name = tlsloop_engine_version(pair.client.engine);
    ck_assert_str_eq(tlsloop_engine_version(pair.server.engine), name);
    pair_ping(&pair);
    version = strcmp(name, "TLSv1.2") == 0   ? TLSLOOP_TLS_1_2
              : strcmp(name, "TLSv1.1") == 0 ? TLSLOOP_TLS_1_1
              : strcmp(name, "TLSv1") == 0   ? TLSLOOP_TLS_1_0
                                             : -1;
  }
  pair_close(&pair);
  return version;
}


START_TEST(a_protocol_of_one_version_takes_that_one_alone) {
  if (!tlsloop_has_feature(single[_i].feature))
    return;
  client = weak_ctx(single[_i].protocol);
  ck_assert_int_eq(tlsloop_ctx_protocol(client), single[_i].protocol);
  ck_assert_int_eq(SSL_CTX_get_min_proto_version(client->ssl_ctx),
                   single[_i].version);
  ck_assert_int_eq(SSL_CTX_get_max_proto_version(client->ssl_ctx),
                   single[_i].version);
  ck_assert_int_eq(tlsloop_ctx_verify_mode(client), TLSLOOP_CERT_NONE);
  ck_assert_int_eq(tlsloop_ctx_check_hostname(client), 0);
}
END_TEST


START_TEST(its_version_cannot_be_changed) {
  if (!tlsloop_has_feature(single[_i].feature))
    return;
  client = weak_ctx(single[_i].protocol);
  ck_assert_int_eq(tlsloop_ctx_min_version(client),
                   TLSLOOP_TLS_MINIMUM_SUPPORTED);
  ck_assert_int_eq(tlsloop_ctx_max_version(client),
                   TLSLOOP_TLS_MAXIMUM_SUPPORTED);
  ck_ctx_failed(client,
                tlsloop_ctx_set_min_version(client, single[_i].version),
                UV__EINVAL,
                NULL,
                "the protocol has only one version");
  ck_ctx_failed(
      client,
      tlsloop_ctx_set_max_version(client, TLSLOOP_TLS_MAXIMUM_SUPPORTED),
      UV__EINVAL,
      NULL,
      "the protocol has only one version");
  ck_assert_int_eq(SSL_CTX_get_min_proto_version(client->ssl_ctx),
                   single[_i].version);
  ck_assert_int_eq(SSL_CTX_get_max_proto_version(client->ssl_ctx),
                   single[_i].version);
}
END_TEST


START_TEST(a_weak_protocol_has_to_be_asked_for_by_its_name) {
  tlsloop_ctx_t* made = NULL;
  int strong = single[_i].version >= TLSLOOP_TLS_1_2;
  int err;

  err = tlsloop_ctx_new(&made, single[_i].protocol);
  if (!tlsloop_has_feature(single[_i].feature))
    ck_assert_int_eq(err, UV__ENOTSUP);
  else
    ck_assert_int_eq(err, strong ? 0 : TLSLOOP_EINSECURE);
  ck_assert_int_eq(made != NULL, err == 0);
  tlsloop_ctx_unref(made);
}
END_TEST


START_TEST(what_openssl_lacks_is_not_there_by_any_name) {
  tlsloop_ctx_t* made = NULL;
  int there = tlsloop_has_feature(single[_i].feature);

  ck_assert_int_eq(tlsloop_ctx_new_insecure(&made, single[_i].protocol),
                   there ? 0 : UV__ENOTSUP);
  ck_assert_int_eq(made != NULL, there);
  tlsloop_ctx_unref(made);
}
END_TEST


START_TEST(what_is_no_protocol_is_refused_by_any_name) {
  static const int unknown[] = {-1, 0, 6, 15, 18, 0x303};
  tlsloop_ctx_t* made = NULL;
  int i;

  for (i = 0; i < 6; i++)
    ck_assert_int_eq(tlsloop_ctx_new_insecure(&made, unknown[i]), UV__EINVAL);
  ck_assert_ptr_null(made);
}
END_TEST


START_TEST(an_insecure_context_starts_as_any_other) {
  client = weak_ctx(TLSLOOP_PROTOCOL_TLS_CLIENT);
  ck_assert_int_eq(tlsloop_ctx_verify_mode(client), TLSLOOP_CERT_REQUIRED);
  ck_assert_int_eq(tlsloop_ctx_check_hostname(client), 1);
  ck_assert_int_eq(tlsloop_ctx_min_version(client), TLSLOOP_TLS_1_2);
}
END_TEST


START_TEST(an_insecure_context_can_be_weakened_at_once) {
  client = weak_ctx(TLSLOOP_PROTOCOL_TLS_CLIENT);
  ck_done(tlsloop_ctx_set_check_hostname(client, 0));
  ck_done(tlsloop_ctx_set_verify_mode(client, TLSLOOP_CERT_NONE));
  server = given_ctx(TLSLOOP_PROTOCOL_TLS_CLIENT);
  ck_ctx_failed(server,
                tlsloop_ctx_set_check_hostname(server, 0),
                TLSLOOP_EINSECURE,
                NULL,
                "clients must check host names");
}
END_TEST


START_TEST(both_sides_can_be_of_one_version) {
  client = given_ctx(TLSLOOP_PROTOCOL_TLS_1_2);
  server = given_ctx(TLSLOOP_PROTOCOL_TLS_1_2);
  be_leaf(server);
  ck_assert_int_eq(connect_by(), TLSLOOP_TLS_1_2);
}
END_TEST


START_TEST(one_version_meets_many) {
  client = given_ctx(_i ? TLSLOOP_PROTOCOL_TLS : TLSLOOP_PROTOCOL_TLS_1_2);
  server = given_ctx(_i ? TLSLOOP_PROTOCOL_TLS_1_2 : TLSLOOP_PROTOCOL_TLS);
  be_leaf(server);
  ck_assert_int_eq(connect_by(), TLSLOOP_TLS_1_2);
}
END_TEST


START_TEST(one_version_does_not_meet_another) {
  client = given_ctx(_i ? TLSLOOP_PROTOCOL_TLS : TLSLOOP_PROTOCOL_TLS_1_2);
  server = given_ctx(_i ? TLSLOOP_PROTOCOL_TLS_1_2 : TLSLOOP_PROTOCOL_TLS);
  ck_done(tlsloop_ctx_set_min_version(_i ? client : server, TLSLOOP_TLS_1_3));
  be_leaf(server);
  ck_assert_int_eq(connect_by(), 0);
}
END_TEST


/* A weak protocol alone is not enough: its signatures are below level 1. */
START_TEST(a_weak_version_takes_a_weak_security_level_too) {
  if (!tlsloop_has_feature(single[_i].feature))
    return;
  client = weak_ctx(single[_i].protocol);
  server = weak_ctx(single[_i].protocol);
  be_leaf(server);
  ck_assert_int_eq(connect_by(), 0);
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(server);

  client = weak_ctx(single[_i].protocol);
  server = weak_ctx(single[_i].protocol);
  be_leaf(server);
  ck_done(tlsloop_ctx_set_ciphers(client, "ALL:@SECLEVEL=0"));
  ck_done(tlsloop_ctx_set_ciphers(server, "ALL:@SECLEVEL=0"));
  ck_assert_int_eq(connect_by(), single[_i].version);
}
END_TEST


Suite* suite(void) {
  TCase* tc;
  Suite* s;

  s = suite_create("defaults");
  tc = tcase_create("defaults");
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_loop_test(tc, a_protocol_of_one_version_takes_that_one_alone, 0, 4);
  tcase_add_loop_test(tc, its_version_cannot_be_changed, 0, 4);
  tcase_add_test(tc, both_sides_can_be_of_one_version);
  tcase_add_loop_test(tc, one_version_meets_many, 0, 2);
  tcase_add_loop_test(tc, one_version_does_not_meet_another, 0, 2);
  suite_add_tcase(s, tc);

  tc = tcase_create("insecure");
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_loop_test(
      tc, a_weak_protocol_has_to_be_asked_for_by_its_name, 0, 4);
  tcase_add_loop_test(tc, what_openssl_lacks_is_not_there_by_any_name, 0, 4);
  tcase_add_test(tc, what_is_no_protocol_is_refused_by_any_name);
  tcase_add_test(tc, an_insecure_context_starts_as_any_other);
  tcase_add_test(tc, an_insecure_context_can_be_weakened_at_once);
  tcase_add_loop_test(tc, a_weak_version_takes_a_weak_security_level_too, 1, 3);
  suite_add_tcase(s, tc);
  return s;
}
