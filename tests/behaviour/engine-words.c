/* SPDX-License-Identifier: MIT */

/* In which words a failed verification is told. */

#include <openssl/x509_vfy.h>
#include <string.h>

#include "support/given.h"
#include "support/suite.h"

#define HOUR 3600L
#define DAY  (24 * HOUR)

enum {
  BAD_CERTIFICATE = 42
};

static pki_t* pki;
static tlsloop_ctx_t* client_ctx;
static tlsloop_ctx_t* server_ctx;
static pair_t pair;


static void set_up(void) {
  pki = pki_new("words");
  client_ctx = given_client(pki);
}


static void tear_down(void) {
  pair_close(&pair);
  tlsloop_ctx_unref(client_ctx);
  tlsloop_ctx_unref(server_ctx);
  pki_free(pki);
}


/* The details of a client's failure to verify that |cert| is |hostname|. */
static const tlsloop_error_t* refuse(const pki_cert_t* cert,
                                     const char* hostname) {
  const tlsloop_error_t* error;

  server_ctx = given_server(pki, cert);
  pair_open(&pair, client_ctx, server_ctx, hostname);
  pair_handshake(&pair);
  error = tlsloop_engine_error(pair.client.engine);
  ck_assert_ptr_nonnull(error);
  return error;
}


START_TEST(a_refusal_is_told_in_full) {
  const tlsloop_error_t* error;

  error = refuse(NULL, "example.org");
  ck_assert_int_eq(error->code, TLSLOOP_EVERIFY - X509_V_ERR_HOSTNAME_MISMATCH);
  ck_assert_int_eq(error->verify_code, X509_V_ERR_HOSTNAME_MISMATCH);
  ck_assert_int_eq(error->alert, BAD_CERTIFICATE);
  ck_assert_str_eq(error->library, "SSL");
  ck_assert_str_eq(error->reason, "CERTIFICATE_VERIFY_FAILED");
  ck_assert_str_eq(error->subject, "example.org");
  ck_assert_str_eq(error->text,
                   "example.org: [SSL: CERTIFICATE_VERIFY_FAILED] certificate "
                   "verify failed: Hostname mismatch, certificate is not valid "
                   "for 'example.org'.");
  ck_assert_int_eq(tlsloop_engine_verify_result(pair.client.engine),
                   X509_V_ERR_HOSTNAME_MISMATCH);
}
END_TEST


/* As users of OpenSSL, and of Python, know them. */
static const struct {
  const char* hostname;
  const char* message;
} mismatches[] = {
    {"example.org",
     "Hostname mismatch, certificate is not valid for 'example.org'."},
    {"b\xc3\xbc"
     "cher.example",
     "Hostname mismatch, certificate is not valid for "
     "'xn--bcher-kva.example'."},
    {"127.0.0.2",
     "IP address mismatch, certificate is not valid for '127.0.0.2'."},
    {"::2", "IP address mismatch, certificate is not valid for '::2'."}};


START_TEST(a_wrong_name_is_told_with_the_name) {
  const tlsloop_error_t* error;

  error = refuse(NULL, mismatches[_i].hostname);
  ck_assert_str_eq(error->verify_message, mismatches[_i].message);
  ck_assert_ptr_nonnull(strstr(error->text, mismatches[_i].message));
}
END_TEST


START_TEST(another_refusal_is_told_in_openssls_words) {
  const tlsloop_error_t* error;
  pki_opts_t opts = {.not_before = -2 * DAY, .not_after = -DAY};

  error = refuse(pki_make(pki, &opts), "localhost");
  ck_assert_int_eq(error->verify_code, X509_V_ERR_CERT_HAS_EXPIRED);
  ck_assert_str_eq(error->verify_message, "certificate has expired");
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("engine words");
  tcase = tcase_create("words");
  tcase_add_checked_fixture(tcase, set_up, tear_down);
  tcase_add_test(tcase, a_refusal_is_told_in_full);
  tcase_add_loop_test(tcase, a_wrong_name_is_told_with_the_name, 0, 4);
  tcase_add_test(tcase, another_refusal_is_told_in_openssls_words);
  suite_add_tcase(suite, tcase);
  return suite;
}
