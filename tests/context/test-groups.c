/* SPDX-License-Identifier: MIT */

/* Groups: what a list selects, and what happens to it when a name brings
 * another context. */

#include "support/suite.h"

#include "context/groups.h"
#include "context/ctx.h"
#include "engine/engine.h"
#include "support/fail-alloc.h"
#include "support/fail-ossl.h"
#include "support/given.h"
#include "tlsloop/callback.h"
#include "tlsloop/policy.h"

#include <string.h>
#include <uv/errno.h>

static pki_t* pki;
static tlsloop_ctx_t* client;
static tlsloop_ctx_t* server;
static tlsloop_ctx_t* other;
static int installed; /* fail_ossl_install */


static void setup(void) {
  ck_assert_int_eq(installed, 1);
  pki = pki_new("groups");
  client = given_client(pki);
  server = given_server(pki, NULL);
  other = given_server(pki, NULL);
}


static void teardown(void) {
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(server);
  tlsloop_ctx_unref(other);
  pki_free(pki);
}


/* The two agree on |group|, a NID. */
static void expect_agreed(int group) {
  pair_t pair;

  pair_open(&pair, client, server, "localhost");
  pair_connect(&pair);
  ck_assert_int_eq((int) SSL_get_negotiated_group(pair.client.engine->ssl),
                   group);
  ck_assert_int_eq((int) SSL_get_negotiated_group(pair.server.engine->ssl),
                   group);
  pair_close(&pair);
}


static void expect_nothing_agreed(void) {
  ck_assert_str_eq(
      tlsloop_err_name(try_connection(client, server, "localhost")),
      "TLSLOOP_EALERT_RECEIVED(HANDSHAKE_FAILURE)");
}


START_TEST(without_a_list_x25519_is_taken) {
  expect_agreed(NID_X25519);
}
END_TEST


START_TEST(the_first_of_the_server_that_both_have_is_taken) {
  ck_done(tlsloop_ctx_set_groups(server, "P-384:X448:P-256"));
  ck_done(tlsloop_ctx_set_groups(client, "P-521:P-256:X448"));
  expect_agreed(NID_X448);
}
END_TEST


START_TEST(a_client_has_a_list_too) {
  ck_done(tlsloop_ctx_set_groups(client, "P-521"));
  expect_agreed(NID_secp521r1);
}
END_TEST


START_TEST(a_curve_is_the_only_group) {
  static const struct {
    const char* name;
    int nid;
  } curves[] = {{"prime256v1", NID_X9_62_prime256v1},
                {"secp384r1", NID_secp384r1},
                {"X25519", NID_X25519},
                {"X448", NID_X448}};

  ck_done(tlsloop_ctx_set_groups(server, "P-521"));
  ck_done(tlsloop_ctx_set_ecdh_curve(server, curves[_i].name));
  expect_agreed(curves[_i].nid);
}
END_TEST


START_TEST(a_curve_holds_for_tls_1_2) {
  ck_done(tlsloop_ctx_set_max_version(client, TLSLOOP_TLS_1_2));
  ck_done(tlsloop_ctx_set_ecdh_curve(server, "prime256v1"));
  expect_agreed(NID_X9_62_prime256v1);
}
END_TEST


START_TEST(without_a_group_in_common_nothing_connects) {
  ck_done(tlsloop_ctx_set_ecdh_curve(client, "X448"));
  ck_done(tlsloop_ctx_set_ecdh_curve(server, "X25519"));
  expect_nothing_agreed();
}
END_TEST


START_TEST(the_security_level_is_above_the_list) {
  ck_done(tlsloop_ctx_set_security_level(client, 3));
  ck_done(tlsloop_ctx_set_groups(client, "ffdhe2048:P-384"));
  expect_agreed(NID_secp384r1);
}
END_TEST


START_TEST(what_is_no_list_changes_nothing) {
  static const char* const lists[] = {
      "", "X25519:no-such-group", "X25519:X25519", "X25519,P-256", ":"};
  int i;

  ck_done(tlsloop_ctx_set_groups(server, "P-384"));
  for (i = 0; i < 5; i++)
    ck_ctx_failed(server,
                  tlsloop_ctx_set_groups(server, lists[i]),
                  UV__EINVAL,
                  lists[i],
                  "no list of groups");
  ck_ctx_failed(server,
                tlsloop_ctx_set_groups(server, NULL),
                UV__EINVAL,
                NULL,
                "no list");
  expect_agreed(NID_secp384r1);
}
END_TEST


START_TEST(what_is_no_short_name_of_a_group_changes_nothing) {
  static const char* const unknown[] = {"P-256", "X25519:X448", "", "NoCurve"};
  int i;

  ck_done(tlsloop_ctx_set_groups(server, "P-384"));
  for (i = 0; i < 4; i++)
    ck_ctx_failed(server,
                  tlsloop_ctx_set_ecdh_curve(server, unknown[i]),
                  UV__EINVAL,
                  unknown[i],
                  "unknown elliptic curve name");
  /* A short name, but not of a group. */
  ck_ctx_failed(server,
                tlsloop_ctx_set_ecdh_curve(server, "RSA"),
                UV__EINVAL,
                "RSA",
                "no list of groups");
  ck_ctx_failed(server,
                tlsloop_ctx_set_ecdh_curve(server, NULL),
                UV__EINVAL,
                NULL,
                "no name");
  expect_agreed(NID_secp384r1);
}
END_TEST


START_TEST(without_memory_the_list_stays) {
  unsigned int n;
  int err;

  ck_done(tlsloop_ctx_set_groups(server, "P-384"));
  for (n = 0;; n++) {
    fail_alloc_after(n);
    err = tlsloop_ctx_set_groups(server, "P-521:X448");
    if (!fail_alloc_reset())
      break;
    /* OpenSSL takes a list that it has no memory for as a wrong one. */
    ck_assert(err == UV__ENOMEM || err == UV__EINVAL);
    ck_assert_str_eq(server->groups, "P-384");
  }
  ck_done(err);
  ck_assert_uint_gt(n, 0);
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


START_TEST(a_context_for_a_name_brings_its_groups) {
  ck_done(tlsloop_ctx_set_sni_cb(server, on_name, other));
  ck_done(tlsloop_ctx_set_groups(server, "X25519"));
  ck_done(tlsloop_ctx_set_groups(other, "P-384"));
  expect_agreed(NID_secp384r1);
}
END_TEST


START_TEST(a_context_for_a_name_without_a_list_has_the_defaults) {
  ck_done(tlsloop_ctx_set_sni_cb(server, on_name, other));
  ck_done(tlsloop_ctx_set_groups(server, "P-521"));
  expect_agreed(NID_X25519);
}
END_TEST


/* One of the defaults alone. */
static const char* const defaults[] =
    {"X25519", "P-256", "X448", "P-521", "P-384", "ffdhe2048", "ffdhe3072"};


START_TEST(the_defaults_are_those_of_openssl) {
  ck_done(tlsloop_ctx_set_sni_cb(server, on_name, other));
  ck_done(tlsloop_ctx_set_groups(
      server, strcmp(defaults[_i], "P-521") == 0 ? "P-384" : "P-521"));
  ck_done(tlsloop_ctx_set_groups(client, defaults[_i]));
  ck_done(try_connection(client, server, "localhost"));
}
END_TEST


START_TEST(a_context_in_use_keeps_its_groups) {
  ck_done(try_connection(client, server, "localhost"));
  ck_ctx_failed(server,
                tlsloop_ctx_set_groups(server, "X448"),
                UV__EBUSY,
                NULL,
                "connections");
  ck_ctx_failed(server,
                tlsloop_ctx_set_ecdh_curve(server, "X448"),
                UV__EBUSY,
                NULL,
                "connections");
  expect_agreed(NID_X25519);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  installed = fail_ossl_install();
  suite = suite_create("groups");
  tcase = tcase_create("groups");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_test(tcase, without_a_list_x25519_is_taken);
  tcase_add_test(tcase, the_first_of_the_server_that_both_have_is_taken);
  tcase_add_test(tcase, a_client_has_a_list_too);
  tcase_add_loop_test(tcase, a_curve_is_the_only_group, 0, 4);
  tcase_add_test(tcase, a_curve_holds_for_tls_1_2);
  tcase_add_test(tcase, without_a_group_in_common_nothing_connects);
  tcase_add_test(tcase, the_security_level_is_above_the_list);
  tcase_add_test(tcase, what_is_no_list_changes_nothing);
  tcase_add_test(tcase, what_is_no_short_name_of_a_group_changes_nothing);
  tcase_add_test(tcase, without_memory_the_list_stays);
  tcase_add_test(tcase, a_context_for_a_name_brings_its_groups);
  tcase_add_test(tcase, a_context_for_a_name_without_a_list_has_the_defaults);
  tcase_add_loop_test(tcase, the_defaults_are_those_of_openssl, 0, 7);
  tcase_add_test(tcase, a_context_in_use_keeps_its_groups);
  suite_add_tcase(suite, tcase);
  return suite;
}
