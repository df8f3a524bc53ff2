/* SPDX-License-Identifier: MIT */

/* Cipher suites: what a list selects, and what needs to be allowed. */

#include "support/suite.h"

#include "context/ctx.h"
#include "support/given.h"
#include "tlsloop/policy.h"

#include <string.h>
#include <uv/errno.h>

static const char ecdhe_gcm[] = "ECDHE-ECDSA-AES128-GCM-SHA256";

static pki_t* pki;
static tlsloop_ctx_t* ctx;


static void setup(void) {
  pki = pki_new("ciphers");
  ctx = given_server(pki, NULL);
}


static void teardown(void) {
  tlsloop_ctx_unref(ctx);
  pki_free(pki);
}


/* How many cipher suites |ctx| has, of TLS 1.3 or of before. */
static int count(int tls_1_3) {
  STACK_OF(SSL_CIPHER) * ciphers;
  int found;
  int i;

  found = 0;
  ciphers = SSL_CTX_get_ciphers(ctx->ssl_ctx);
  for (i = 0; i < sk_SSL_CIPHER_num(ciphers); i++)
    found +=
        tls_1_3 ==
        (SSL_CIPHER_get_kx_nid(sk_SSL_CIPHER_value(ciphers, i)) == NID_kx_any);
  return found;
}


static int has(const char* name) {
  STACK_OF(SSL_CIPHER) * ciphers;
  int i;

  ciphers = SSL_CTX_get_ciphers(ctx->ssl_ctx);
  for (i = 0; i < sk_SSL_CIPHER_num(ciphers); i++) {
    if (strcmp(SSL_CIPHER_get_name(sk_SSL_CIPHER_value(ciphers, i)), name) == 0)
      return 1;
  }
  return 0;
}


static void expect_defaults(void) {
  ck_assert_int_eq(count(0), 14);
  ck_assert_int_eq(count(1), 3);
  ck_assert_int_eq(SSL_CTX_get_security_level(ctx->ssl_ctx), 2);
}


static void expect_agreed(int version, const char* name) {
  tlsloop_ctx_t* client;
  pair_t pair;

  client = given_client(pki);
  ck_done(tlsloop_ctx_set_max_version(client, version));
  pair_open(&pair, client, ctx, "localhost");
  ck_assert_ptr_null(tlsloop_engine_cipher_name(pair.client.engine));
  pair_connect(&pair);
  ck_assert_str_eq(tlsloop_engine_cipher_name(pair.client.engine), name);
  ck_assert_str_eq(tlsloop_engine_cipher_name(pair.server.engine), name);
  pair_close(&pair);
  tlsloop_ctx_unref(client);
}


START_TEST(a_list_selects_the_suites_of_tls_1_2) {
  ck_done(tlsloop_ctx_set_ciphers(ctx, ecdhe_gcm));
  ck_assert_int_eq(count(0), 1);
  ck_assert_int_eq(count(1), 3);
  ck_assert_int_eq(has(ecdhe_gcm), 1);
  expect_agreed(TLSLOOP_TLS_1_2, ecdhe_gcm);
}
END_TEST


START_TEST(names_select_the_suites_of_tls_1_3) {
  ck_done(tlsloop_ctx_set_ciphersuites(
      ctx, "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256"));
  ck_assert_int_eq(count(0), 14);
  ck_assert_int_eq(count(1), 2);
  expect_agreed(TLSLOOP_TLS_1_3, "TLS_CHACHA20_POLY1305_SHA256");
}
END_TEST


START_TEST(a_list_can_raise_the_security_level) {
  ck_done(tlsloop_ctx_set_ciphers(ctx, "ECDHE+AESGCM:@SECLEVEL=3"));
  ck_assert_int_eq(SSL_CTX_get_security_level(ctx->ssl_ctx), 3);
}
END_TEST


START_TEST(a_list_without_a_security_level_keeps_it) {
  ck_done(tlsloop_ctx_set_ciphers(ctx, "ECDHE+AESGCM:@SECLEVEL=4"));
  ck_done(tlsloop_ctx_set_ciphers(ctx, "ECDHE+AES256"));
  ck_assert_int_eq(SSL_CTX_get_security_level(ctx->ssl_ctx), 4);
}
END_TEST


START_TEST(a_list_that_selects_nothing_changes_nothing) {
  static const char* const lists[] = {
      "", "NO-SUCH-CIPHER", "!ALL", "ALL:!ALL", "TLS_AES_128_GCM_SHA256"};
  int i;

  for (i = 0; i < 5; i++) {
    ck_ctx_failed(ctx,
                  tlsloop_ctx_set_ciphers(ctx, lists[i]),
                  TLSLOOP_ECIPHERS,
                  lists[i],
                  "no cipher can be selected");
    expect_defaults();
  }
  expect_agreed(TLSLOOP_TLS_1_2, "ECDHE-ECDSA-AES256-GCM-SHA384");
}
END_TEST


START_TEST(names_that_select_nothing_change_nothing) {
  static const char* const lists[] = {
      "", "TLS_NO_SUCH_CIPHER", "ECDHE-ECDSA-AES128-GCM-SHA256"};
  int i;

  for (i = 0; i < 3; i++) {
    ck_ctx_failed(ctx,
                  tlsloop_ctx_set_ciphersuites(ctx, lists[i]),
                  TLSLOOP_ECIPHERS,
                  lists[i],
                  "no cipher can be selected");
    expect_defaults();
  }
  expect_agreed(TLSLOOP_TLS_1_3, "TLS_AES_256_GCM_SHA384");
}
END_TEST


typedef struct weak_s {
  const char* list;
  const char* why;
} weak_t;

static const weak_t weak[] = {
    {"ECDHE+AESGCM:@SECLEVEL=1", "security level is below 2"},
    {"@SECLEVEL=0:ECDHE+AESGCM", "security level is below 2"},
    {"AES128-GCM-SHA256", "not forward secret"},
    {"ECDHE+AESGCM:AES256-SHA", "not forward secret"},
    {"HIGH:!aNULL", "not forward secret"},
    {"PSK-AES128-GCM-SHA256", "not forward secret"},
    {"AECDH-AES128-SHA", "does not authenticate"},
    {"ECDHE-ECDSA-NULL-SHA", "does not encrypt"},
};


START_TEST(a_weak_list_needs_to_be_allowed) {
  ck_ctx_failed(ctx,
                tlsloop_ctx_set_ciphers(ctx, weak[_i].list),
                TLSLOOP_EINSECURE,
                NULL,
                weak[_i].why);
  expect_defaults();
}
END_TEST


START_TEST(allowed_a_weak_list_is_taken) {
  ck_done(tlsloop_ctx_allow_insecure(ctx));
  expect_defaults();
  ck_done(tlsloop_ctx_set_ciphers(ctx, weak[_i].list));
}
END_TEST


START_TEST(forward_secret_lists_need_no_permission) {
  static const char* const lists[] = {
      "ECDHE+CHACHA20",
      "DHE-RSA-AES128-GCM-SHA256",
      "ECDHE-PSK-AES128-CBC-SHA",
      "DHE-PSK-AES128-GCM-SHA256",
      "ECDH+AESGCM:ECDH+CHACHA20:DHE+AES:!aNULL"};
  int i;

  for (i = 0; i < 5; i++)
    ck_done(tlsloop_ctx_set_ciphers(ctx, lists[i]));
}
END_TEST


START_TEST(no_list_at_all_is_refused) {
  ck_ctx_failed(ctx, tlsloop_ctx_set_ciphers(ctx, NULL), UV__EINVAL, NULL, "");
  ck_ctx_failed(
      ctx, tlsloop_ctx_set_ciphersuites(ctx, NULL), UV__EINVAL, NULL, "");
  expect_defaults();
}
END_TEST


START_TEST(without_a_suite_in_common_nothing_connects) {
  tlsloop_ctx_t* client;
  int err;

  client = given_client(pki);
  ck_done(tlsloop_ctx_set_ciphersuites(client, "TLS_AES_128_GCM_SHA256"));
  ck_done(tlsloop_ctx_set_ciphersuites(ctx, "TLS_AES_256_GCM_SHA384"));
  ck_done(tlsloop_ctx_set_min_version(client, TLSLOOP_TLS_1_3));
  err = try_connection(client, ctx, "localhost");
  ck_assert_str_eq(tlsloop_err_name(err),
                   "TLSLOOP_EALERT_RECEIVED(HANDSHAKE_FAILURE)");
  tlsloop_ctx_unref(client);
}
END_TEST


START_TEST(a_context_in_use_keeps_its_ciphers) {
  expect_agreed(TLSLOOP_TLS_1_2, "ECDHE-ECDSA-AES256-GCM-SHA384");
  ck_ctx_failed(ctx,
                tlsloop_ctx_set_ciphers(ctx, ecdhe_gcm),
                UV__EBUSY,
                NULL,
                "connections");
  ck_ctx_failed(ctx,
                tlsloop_ctx_set_ciphersuites(ctx, "TLS_AES_128_GCM_SHA256"),
                UV__EBUSY,
                NULL,
                "connections");
  expect_defaults();
}
END_TEST


START_TEST(each_suite_is_described_in_its_order) {
  tlsloop_cipher_info_t info;
  size_t i;

  ck_assert_uint_eq(tlsloop_ctx_cipher_count(ctx), 17);
  for (i = 0; i < 17; i++) {
    info.size = sizeof(info);
    ck_assert_int_eq(tlsloop_ctx_cipher(ctx, i, &info), 0);
    ck_assert_str_eq(info.name,
                     SSL_CIPHER_get_name(sk_SSL_CIPHER_value(
                         SSL_CTX_get_ciphers(ctx->ssl_ctx), (int) i)));
    ck_assert_str_eq(info.protocol, i < 3 ? "TLSv1.3" : "TLSv1.2");
    ck_assert_int_ge(info.secret_bits, 128);
    ck_assert_ptr_null(strchr(info.description, '\n'));
  }
  ck_assert_int_eq(tlsloop_ctx_cipher(ctx, 17, &info), UV__ENOENT);
}
END_TEST


START_TEST(the_description_has_the_long_names) {
  tlsloop_cipher_info_t info = {.size = sizeof(info)};

  ck_assert_int_eq(tlsloop_ctx_cipher(ctx, 0, &info), 0);
  ck_assert_str_eq(info.name, "TLS_AES_256_GCM_SHA384");
  ck_assert_uint_eq(info.id, 0x03001302);
  ck_assert_int_eq(info.alg_bits, 256);
  ck_assert_int_eq(info.aead, 1);
  ck_assert_str_eq(info.symmetric, "aes-256-gcm");
  ck_assert_ptr_null(info.digest);
  ck_assert_str_eq(info.kea, "kx-any");
  ck_assert_str_eq(info.auth, "auth-any");

  ck_done(tlsloop_ctx_set_ciphers(ctx, "ECDHE-RSA-AES128-SHA256"));
  ck_assert_int_eq(tlsloop_ctx_cipher(ctx, 3, &info), 0);
  ck_assert_int_eq(info.aead, 0);
  ck_assert_str_eq(info.symmetric, "aes-128-cbc");
  ck_assert_str_eq(info.digest, "sha256");
  ck_assert_str_eq(info.kea, "kx-ecdhe");
  ck_assert_str_eq(info.auth, "auth-rsa");
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;
  int weak_count;

  weak_count = sizeof(weak) / sizeof(weak[0]);
  suite = suite_create("ciphers");
  tcase = tcase_create("lists");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_test(tcase, a_list_selects_the_suites_of_tls_1_2);
  tcase_add_test(tcase, names_select_the_suites_of_tls_1_3);
  tcase_add_test(tcase, a_list_can_raise_the_security_level);
  tcase_add_test(tcase, a_list_without_a_security_level_keeps_it);
  tcase_add_loop_test(tcase, allowed_a_weak_list_is_taken, 0, weak_count);
  tcase_add_test(tcase, forward_secret_lists_need_no_permission);
  tcase_add_test(tcase, each_suite_is_described_in_its_order);
  tcase_add_test(tcase, the_description_has_the_long_names);
  suite_add_tcase(suite, tcase);

  tcase = tcase_create("refusals");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_test(tcase, a_list_that_selects_nothing_changes_nothing);
  tcase_add_test(tcase, names_that_select_nothing_change_nothing);
  tcase_add_loop_test(tcase, a_weak_list_needs_to_be_allowed, 0, weak_count);
  tcase_add_test(tcase, no_list_at_all_is_refused);
  tcase_add_test(tcase, without_a_suite_in_common_nothing_connects);
  tcase_add_test(tcase, a_context_in_use_keeps_its_ciphers);
  suite_add_tcase(suite, tcase);
  return suite;
}
