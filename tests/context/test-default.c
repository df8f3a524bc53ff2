/* SPDX-License-Identifier: MIT */

/* Contexts for a purpose trust whom they should, and nobody else. */

#include "support/suite.h"

#include "context/ctx.h"
#include "support/given.h"
#include "tlsloop/callback.h"
#include "tlsloop/policy.h"
#include "tlsloop/trust.h"

#include <openssl/x509_vfy.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv/errno.h>

#define FLAGS                                                              \
  (TLSLOOP_VERIFY_X509_TRUSTED_FIRST | TLSLOOP_VERIFY_X509_PARTIAL_CHAIN | \
   TLSLOOP_VERIFY_X509_STRICT)

static pki_t* pki;
static pki_t* other;
static tlsloop_ctx_t* server;
static tlsloop_ctx_t* ctx;
static const char* file;


static void setup(void) {
  pki = pki_new("default");
  other = pki_new("other");
  server = given_server(pki, NULL);
  ctx = NULL;
  file = pki_write(pki, "root.pem", &pki->root->pem);
  /* The system's certificates. */
  ck_assert_int_eq(
      setenv(
          "SSL_CERT_FILE", pki_write(other, "root.pem", &other->root->pem), 1),
      0);
  ck_assert_int_eq(setenv("SSL_CERT_DIR", pki_dir(other), 1), 0);
  unsetenv("SSLKEYLOGFILE");
}


static void teardown(void) {
  tlsloop_ctx_unref(ctx);
  tlsloop_ctx_unref(server);
  pki_free(pki);
  pki_free(other);
}


static int make(int purpose) {
  return tlsloop_ctx_new_default(&ctx, purpose, NULL, NULL, NULL, 0, 0);
}


static size_t stored(void) {
  tlsloop_store_stats_t stats = {sizeof(stats), 0, 0, 0};

  ck_done(tlsloop_ctx_store_stats(ctx, &stats));
  return stats.x509;
}


START_TEST(for_servers_certificates_it_is_a_clients) {
  ck_done(make(TLSLOOP_PURPOSE_SERVER_AUTH));
  ck_assert_int_eq(tlsloop_ctx_protocol(ctx), TLSLOOP_PROTOCOL_TLS_CLIENT);
  ck_assert_int_eq(tlsloop_ctx_verify_mode(ctx), TLSLOOP_CERT_REQUIRED);
  ck_assert_int_eq(tlsloop_ctx_check_hostname(ctx), 1);
  ck_assert_uint_eq(tlsloop_ctx_verify_flags(ctx), FLAGS);
}
END_TEST


START_TEST(for_clients_certificates_it_is_a_servers) {
  ck_done(make(TLSLOOP_PURPOSE_CLIENT_AUTH));
  ck_assert_int_eq(tlsloop_ctx_protocol(ctx), TLSLOOP_PROTOCOL_TLS_SERVER);
  ck_assert_int_eq(tlsloop_ctx_verify_mode(ctx), TLSLOOP_CERT_NONE);
  ck_assert_int_eq(tlsloop_ctx_check_hostname(ctx), 0);
  ck_assert_uint_eq(tlsloop_ctx_verify_flags(ctx), FLAGS);
}
END_TEST


START_TEST(the_rest_is_as_in_every_context) {
  tlsloop_ctx_t* plain;

  plain = given_ctx(TLSLOOP_PROTOCOL_TLS_CLIENT);
  ck_done(make(TLSLOOP_PURPOSE_SERVER_AUTH));
  ck_assert_uint_eq(tlsloop_ctx_options(ctx), tlsloop_ctx_options(plain));
  ck_assert_int_eq(tlsloop_ctx_min_version(ctx), TLSLOOP_TLS_1_2);
  ck_assert_int_eq(tlsloop_ctx_security_level(ctx), 2);
  ck_assert_uint_eq(tlsloop_ctx_host_flags(ctx), tlsloop_ctx_host_flags(plain));
  ck_assert_uint_eq(tlsloop_ctx_cipher_count(ctx),
                    tlsloop_ctx_cipher_count(plain));
  tlsloop_ctx_unref(plain);
}
END_TEST


START_TEST(a_client_trusts_the_system) {
  tlsloop_ctx_t* others;

  others = given_server(other, NULL);
  ck_done(make(TLSLOOP_PURPOSE_SERVER_AUTH));
  ck_done(try_connection(ctx, others, "localhost"));
  tlsloop_ctx_unref(others);
}
END_TEST


START_TEST(a_server_does_not) {
  ck_done(make(TLSLOOP_PURPOSE_CLIENT_AUTH));
  ck_assert_uint_eq(stored(), 0);
}
END_TEST


START_TEST(a_system_without_certificates_is_no_error) {
  ck_assert_int_eq(setenv("SSL_CERT_FILE", "/nonexistent/file", 1), 0);
  ck_assert_int_eq(setenv("SSL_CERT_DIR", "/nonexistent/dir", 1), 0);
  ck_done(make(TLSLOOP_PURPOSE_SERVER_AUTH));
  ck_assert_uint_eq(stored(), 0);
}
END_TEST


/* One source of CAs alone. */
static int make_with(int way) {
  const pki_blob_t* pem = &pki->root->pem;
  const pki_blob_t* der = &pki->root->der;

  switch (way) {
    case 0:
      return tlsloop_ctx_new_default(
          &ctx, TLSLOOP_PURPOSE_SERVER_AUTH, file, NULL, NULL, 0, 0);
    case 1:
      pki_write_hashed(pki, pki->root);
      return tlsloop_ctx_new_default(
          &ctx, TLSLOOP_PURPOSE_SERVER_AUTH, NULL, pki_dir(pki), NULL, 0, 0);
    case 2:
      return tlsloop_ctx_new_default(&ctx,
                                     TLSLOOP_PURPOSE_SERVER_AUTH,
                                     NULL,
                                     NULL,
                                     pem->data,
                                     pem->len,
                                     TLSLOOP_ENCODING_PEM);
    default:
      return tlsloop_ctx_new_default(&ctx,
                                     TLSLOOP_PURPOSE_SERVER_AUTH,
                                     NULL,
                                     NULL,
                                     der->data,
                                     der->len,
                                     TLSLOOP_ENCODING_DER);
  }
}


START_TEST(who_names_cas_trusts_them_and_not_the_system) {
  tlsloop_ctx_t* others;

  others = given_server(other, NULL);
  ck_done(make_with(_i));
  ck_done(try_connection(ctx, server, "localhost"));
  ck_assert_int_eq(
      try_connection(ctx, others, "localhost"),
      TLSLOOP_EVERIFY - X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
  tlsloop_ctx_unref(others);
}
END_TEST


START_TEST(all_sources_count_together) {
  const pki_blob_t* pem = &pki->intermediate->pem;

  ck_done(tlsloop_ctx_new_default(&ctx,
                                  TLSLOOP_PURPOSE_CLIENT_AUTH,
                                  file,
                                  pki_dir(other),
                                  pem->data,
                                  pem->len,
                                  TLSLOOP_ENCODING_PEM));
  ck_assert_uint_eq(stored(), 2);
}
END_TEST


START_TEST(a_trusted_intermediate_is_enough) {
  const pki_blob_t* pem = &pki->intermediate->pem;

  ck_done(tlsloop_ctx_new_default(&ctx,
                                  TLSLOOP_PURPOSE_SERVER_AUTH,
                                  NULL,
                                  NULL,
                                  pem->data,
                                  pem->len,
                                  TLSLOOP_ENCODING_PEM));
  ck_done(try_connection(ctx, server, "localhost"));
}
END_TEST


START_TEST(any_other_purpose_is_none) {
  static const int purposes[] = {0, 1, -1, 128, 131};
  int i;

  for (i = 0; i < 5; i++)
    ck_assert_int_eq(make(purposes[i]), UV__EINVAL);
  ck_assert_ptr_null(ctx);
}
END_TEST


START_TEST(cas_that_cannot_be_read_make_no_context) {
  ck_assert_int_eq(
      tlsloop_ctx_new_default(
          &ctx, TLSLOOP_PURPOSE_SERVER_AUTH, "/nonexistent", NULL, NULL, 0, 0),
      UV__ENOENT);
  ck_assert_int_eq(
      tlsloop_ctx_new_default(
          &ctx, TLSLOOP_PURPOSE_SERVER_AUTH, file, "/nonexistent", NULL, 0, 0),
      UV__ENOENT);
  ck_assert_int_eq(tlsloop_ctx_new_default(&ctx,
                                           TLSLOOP_PURPOSE_SERVER_AUTH,
                                           NULL,
                                           NULL,
                                           "junk",
                                           4,
                                           TLSLOOP_ENCODING_DER),
                   TLSLOOP_EBADCERT);
  ck_assert_ptr_null(ctx);
}
END_TEST


START_TEST(an_empty_source_is_no_reason_to_trust_the_system) {
  ck_assert_int_eq(tlsloop_ctx_new_default(
                       &ctx, TLSLOOP_PURPOSE_SERVER_AUTH, "", NULL, NULL, 0, 0),
                   UV__ENOENT);
  ck_assert_int_eq(tlsloop_ctx_new_default(&ctx,
                                           TLSLOOP_PURPOSE_SERVER_AUTH,
                                           NULL,
                                           NULL,
                                           "",
                                           0,
                                           TLSLOOP_ENCODING_PEM),
                   TLSLOOP_ENOCERT);
  ck_assert_ptr_null(ctx);
}
END_TEST


START_TEST(the_environment_starts_no_key_log) {
  char path[512];

  snprintf(path, sizeof(path), "%s/keys", pki_dir(pki));
  ck_assert_int_eq(setenv("SSLKEYLOGFILE", path, 1), 0);
  ck_done(make(TLSLOOP_PURPOSE_SERVER_AUTH));
  ck_assert_ptr_null(tlsloop_ctx_keylog_file(ctx));
  ck_done(tlsloop_ctx_set_keylog_from_env(ctx));
  ck_assert_str_eq(tlsloop_ctx_keylog_file(ctx), path);
}
END_TEST


/* Python's _create_unverified_context. */
START_TEST(a_context_that_verifies_nothing_takes_three_calls) {
  tlsloop_ctx_t* others;

  others = given_server(other, NULL);
  ctx = given_ctx(TLSLOOP_PROTOCOL_TLS_CLIENT);
  ck_done(tlsloop_ctx_allow_insecure(ctx));
  ck_done(tlsloop_ctx_set_check_hostname(ctx, 0));
  ck_done(tlsloop_ctx_set_verify_mode(ctx, TLSLOOP_CERT_NONE));
  ck_assert_uint_eq(tlsloop_ctx_verify_flags(ctx),
                    TLSLOOP_VERIFY_X509_TRUSTED_FIRST);
  ck_done(try_connection(ctx, others, NULL));
  tlsloop_ctx_unref(others);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("default");
  tcase = tcase_create("default");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_test(tcase, for_servers_certificates_it_is_a_clients);
  tcase_add_test(tcase, for_clients_certificates_it_is_a_servers);
  tcase_add_test(tcase, the_rest_is_as_in_every_context);
  tcase_add_test(tcase, a_client_trusts_the_system);
  tcase_add_test(tcase, a_server_does_not);
  tcase_add_test(tcase, a_system_without_certificates_is_no_error);
  tcase_add_loop_test(
      tcase, who_names_cas_trusts_them_and_not_the_system, 0, 4);
  tcase_add_test(tcase, all_sources_count_together);
  tcase_add_test(tcase, a_trusted_intermediate_is_enough);
  tcase_add_test(tcase, any_other_purpose_is_none);
  tcase_add_test(tcase, cas_that_cannot_be_read_make_no_context);
  tcase_add_test(tcase, an_empty_source_is_no_reason_to_trust_the_system);
  tcase_add_test(tcase, the_environment_starts_no_key_log);
  tcase_add_test(tcase, a_context_that_verifies_nothing_takes_three_calls);
  suite_add_tcase(suite, tcase);
  return suite;
}
