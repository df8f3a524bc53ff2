/* SPDX-License-Identifier: MIT */

/* What every context starts with, whatever OpenSSL was configured to. */

#include "support/suite.h"

#include "context/ctx.h"
#include "engine/engine.h"
#include "support/given.h"

#include <openssl/conf.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>

/* What Python's contexts have: all workarounds but DONT_INSERT_EMPTY_FRAGMENTS,
 * no SSL 3.0, no compression, the server's preference, the middlebox mode. */
#define PYTHON_OPTIONS 0x82520050u

static const int protocols[] = {TLSLOOP_PROTOCOL_TLS,
                                TLSLOOP_PROTOCOL_TLS_CLIENT,
                                TLSLOOP_PROTOCOL_TLS_SERVER};

static tlsloop_ctx_t* ctx;


static void teardown(void) {
  tlsloop_ctx_unref(ctx);
}


static void expect_safe(void) {
  ck_assert_uint_eq(
      SSL_CTX_get_options(ctx->ssl_ctx) & ~(uint64_t) SSL_OP_NO_TLSv1_2,
      PYTHON_OPTIONS | SSL_OP_NO_RENEGOTIATION);
  ck_assert_int_ge(SSL_CTX_get_security_level(ctx->ssl_ctx), 2);
  ck_assert_int_ge(tlsloop_ctx_min_version(ctx), TLSLOOP_TLS_1_2);
}


START_TEST(the_options_are_those_of_python_without_renegotiation) {
  ctx = given_ctx(protocols[_i]);
  expect_safe();
}
END_TEST


START_TEST(unused_buffers_are_given_back) {
  ctx = given_ctx(protocols[_i]);
  ck_assert_int_ne(SSL_CTX_get_mode(ctx->ssl_ctx) & SSL_MODE_RELEASE_BUFFERS,
                   0);
  ck_assert_int_eq(
      SSL_CTX_get_mode(ctx->ssl_ctx) & SSL_MODE_ENABLE_PARTIAL_WRITE, 0);
}
END_TEST


START_TEST(every_suite_is_forward_secret_and_strong) {
  STACK_OF(SSL_CIPHER) * ciphers;
  const SSL_CIPHER* cipher;
  int kx;
  int i;

  ctx = given_ctx(protocols[_i]);
  ciphers = SSL_CTX_get_ciphers(ctx->ssl_ctx);
  ck_assert_int_eq(sk_SSL_CIPHER_num(ciphers), 17);
  for (i = 0; i < 17; i++) {
    cipher = sk_SSL_CIPHER_value(ciphers, i);
    kx = SSL_CIPHER_get_kx_nid(cipher);
    ck_assert(kx == NID_kx_ecdhe || kx == NID_kx_dhe || kx == NID_kx_any);
    ck_assert_int_ge(SSL_CIPHER_get_bits(cipher, NULL), 128);
    ck_assert_int_ne(SSL_CIPHER_get_digest_nid(cipher), NID_sha1);
  }
}
END_TEST


START_TEST(chains_prefer_what_is_trusted_and_wildcards_are_whole_labels) {
  X509_VERIFY_PARAM* param;

  ctx = given_ctx(protocols[_i]);
  param = SSL_CTX_get0_param(ctx->ssl_ctx);
  ck_assert_uint_eq(X509_VERIFY_PARAM_get_flags(param),
                    X509_V_FLAG_TRUSTED_FIRST);
  ck_assert_uint_eq(X509_VERIFY_PARAM_get_hostflags(param),
                    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
                        X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
}
END_TEST


START_TEST(neither_side_can_renegotiate) {
  tlsloop_ctx_t* server;
  pki_t* pki;
  pair_t pair;

  pki = pki_new("defaults");
  ctx = given_client(pki);
  ck_done(tlsloop_ctx_set_max_version(ctx, TLSLOOP_TLS_1_2));
  server = given_server(pki, NULL);
  pair_open(&pair, ctx, server, "localhost");
  pair_connect(&pair);
  ck_assert_int_eq(SSL_renegotiate(pair.client.engine->ssl), 0);
  ck_assert_int_eq(SSL_renegotiate(pair.server.engine->ssl), 0);
  ERR_clear_error();
  pair_ping(&pair);
  pair_close(&pair);
  tlsloop_ctx_unref(server);
  pki_free(pki);
}
END_TEST


/* Makes |text| OpenSSL's system-wide configuration. This is a process of its
 * own: nothing takes that back. */
static void configure_openssl(pki_t* pki, char* text) {
  pki_blob_t blob = {text, strlen(text)};
  const char* path;

  path = pki_write(pki, "openssl.cnf", &blob);
  ck_assert_int_eq(CONF_modules_load_file(path, NULL, 0), 1);
}


#define CONFIGURATION                             \
  "openssl_conf = init\n[init]\nssl_conf = ssl\n" \
  "[ssl]\nsystem_default = system\n[system]\n"


START_TEST(a_loose_configuration_loosens_nothing) {
  char text[] = CONFIGURATION
      "MinProtocol = TLSv1\n"
      "CipherString = ALL:@SECLEVEL=0\n"
      "Options = UnsafeLegacyRenegotiation,UnsafeLegacyServerConnect,"
      "IgnoreUnexpectedEOF,Compression,ClientRenegotiation\n"
      "VerifyMode = Request\n";
  pki_t* pki;

  pki = pki_new("defaults");
  configure_openssl(pki, text);
  ctx = given_ctx(protocols[_i]);
  expect_safe();
  ck_assert_int_eq(sk_SSL_CIPHER_num(SSL_CTX_get_ciphers(ctx->ssl_ctx)), 17);
  ck_assert_int_eq(tlsloop_ctx_verify_mode(ctx),
                   protocols[_i] == TLSLOOP_PROTOCOL_TLS_CLIENT
                       ? TLSLOOP_CERT_REQUIRED
                       : TLSLOOP_CERT_NONE);
  pki_free(pki);
}
END_TEST


START_TEST(a_strict_configuration_stays_strict) {
  char text[] = CONFIGURATION
      "MinProtocol = TLSv1.3\n"
      "CipherString = DEFAULT:@SECLEVEL=4\n"
      "Options = -TLSv1.2\n";
  pki_t* pki;

  pki = pki_new("defaults");
  configure_openssl(pki, text);
  ctx = given_ctx(protocols[_i]);
  expect_safe();
  ck_assert_int_eq(tlsloop_ctx_min_version(ctx), TLSLOOP_TLS_1_3);
  ck_assert_int_eq(SSL_CTX_get_security_level(ctx->ssl_ctx), 4);
  pki_free(pki);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("ctx defaults");
  tcase = tcase_create("defaults");
  tcase_add_checked_fixture(tcase, NULL, teardown);
  tcase_add_loop_test(
      tcase, the_options_are_those_of_python_without_renegotiation, 0, 3);
  tcase_add_loop_test(tcase, unused_buffers_are_given_back, 0, 3);
  tcase_add_loop_test(tcase, every_suite_is_forward_secret_and_strong, 0, 3);
  tcase_add_loop_test(
      tcase,
      chains_prefer_what_is_trusted_and_wildcards_are_whole_labels,
      0,
      3);
  tcase_add_test(tcase, neither_side_can_renegotiate);
  tcase_add_loop_test(tcase, a_loose_configuration_loosens_nothing, 0, 3);
  tcase_add_loop_test(tcase, a_strict_configuration_stays_strict, 0, 3);
  suite_add_tcase(suite, tcase);
  return suite;
}
