/* SPDX-License-Identifier: MIT */

/* What a call of OpenSSL came to: each of its reasons has one of our codes. How
 * real connections come to them is in test-engine-end.c. */

#include "engine/outcome.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <uv/errno.h>

#include "support/plain.h"
#include "support/suite.h"

#define BAD_RECORD_MAC 20

/* OpenSSL raises an error, and what it should be to us: for an engine in its
 * handshake, for an open one, and for an open one that has sent an alert. */
typedef struct {
  int lib;
  int reason;
  int in_handshake;
  int open;
  int alerted;
} given_t;

static const given_t failures[] = {
    {ERR_LIB_SSL,
     SSL_R_UNEXPECTED_EOF_WHILE_READING,
     TLSLOOP_ETRUNCATED,
     TLSLOOP_ETRUNCATED,
     TLSLOOP_ETRUNCATED},
    {ERR_LIB_SSL,
     SSL_R_HTTP_REQUEST,
     TLSLOOP_ENOTTLS,
     TLSLOOP_ENOTTLS,
     TLSLOOP_ENOTTLS},
    {ERR_LIB_SSL,
     SSL_R_HTTPS_PROXY_REQUEST,
     TLSLOOP_ENOTTLS,
     TLSLOOP_ENOTTLS,
     TLSLOOP_ENOTTLS},
    {ERR_LIB_SSL,
     SSL_R_WRONG_VERSION_NUMBER,
     TLSLOOP_ENOTTLS,
     TLSLOOP_EPROTOCOL,
     TLSLOOP_EALERT_SENT - BAD_RECORD_MAC},
    {ERR_LIB_SSL,
     SSL_R_TLSV1_ALERT_UNKNOWN_CA,
     TLSLOOP_EALERT_RECEIVED - SSL_AD_UNKNOWN_CA,
     TLSLOOP_EALERT_RECEIVED - SSL_AD_UNKNOWN_CA,
     TLSLOOP_EALERT_RECEIVED - SSL_AD_UNKNOWN_CA},
    {ERR_LIB_SSL,
     SSL_R_CERTIFICATE_VERIFY_FAILED,
     TLSLOOP_EVERIFY - X509_V_ERR_CERT_HAS_EXPIRED,
     TLSLOOP_EVERIFY - X509_V_ERR_CERT_HAS_EXPIRED,
     TLSLOOP_EVERIFY - X509_V_ERR_CERT_HAS_EXPIRED},
    {ERR_LIB_SSL,
     SSL_R_BAD_LENGTH,
     TLSLOOP_EPROTOCOL,
     TLSLOOP_EPROTOCOL,
     TLSLOOP_EALERT_SENT - BAD_RECORD_MAC},
    {ERR_LIB_SSL,
     ERR_R_INTERNAL_ERROR,
     TLSLOOP_EOPENSSL,
     TLSLOOP_EOPENSSL,
     TLSLOOP_EALERT_SENT - BAD_RECORD_MAC},
    {ERR_LIB_EVP,
     ERR_R_INTERNAL_ERROR,
     TLSLOOP_EOPENSSL,
     TLSLOOP_EOPENSSL,
     TLSLOOP_EALERT_SENT - BAD_RECORD_MAC},
    {ERR_LIB_SSL, ERR_R_MALLOC_FAILURE, UV__ENOMEM, UV__ENOMEM, UV__ENOMEM},
};

#define COUNT ((int) (sizeof(failures) / sizeof(failures[0])))

static pki_t* pki;
static plain_t plain;
static tlsloop_engine_t* client;


static void make_pki(void) {
  pki = pki_new("outcome");
}


static void free_pki(void) {
  pki_free(pki);
}


static void set_up(void) {
  plain_open(&plain, pki_leaf(pki));
  client = plain.pair.client.engine;
}


static void tear_down(void) {
  plain_close(&plain);
  ck_assert_uint_eq(ERR_peek_error(), 0);
}


/* The client has sent its ClientHello and waits. */
static void begin(void) {
  ck_assert_int_eq(end_handshake(&plain.pair.client), TLSLOOP_WANT_READ);
}


/* What becomes of the client when OpenSSL raises |given|. */
static int fail_with(const given_t* given) {
  SSL_set_verify_result(client->ssl, X509_V_ERR_CERT_HAS_EXPIRED);
  ERR_raise(given->lib, given->reason);
  return tlsloop__outcome(client, -1);
}


static void expect_failure(int err, int code) {
  ck_assert_int_eq(err, code);
  ck_assert_int_eq(client->failure, code);
  ck_assert_int_eq(tlsloop_engine_state(client), TLSLOOP_ENGINE_FAILED);
  ck_assert_int_eq(tlsloop_engine_error(client)->code, code);
  ck_assert_uint_eq(ERR_peek_error(), 0);
}


/* loop: COUNT */
START_TEST(reasons_have_their_codes_in_a_handshake) {
  begin();
  expect_failure(fail_with(&failures[_i]), failures[_i].in_handshake);
}
END_TEST


/* loop: COUNT */
START_TEST(reasons_have_their_codes_on_an_open_connection) {
  pair_connect(&plain.pair);
  expect_failure(fail_with(&failures[_i]), failures[_i].open);
}
END_TEST


/* loop: COUNT */
START_TEST(an_alert_says_more_than_most_reasons) {
  pair_connect(&plain.pair);
  client->alert_sent = BAD_RECORD_MAC;
  expect_failure(fail_with(&failures[_i]), failures[_i].alerted);
}
END_TEST


/* The transport has ended, and OpenSSL has nothing to say of it. */
START_TEST(an_end_without_a_reason_is_truncation) {
  begin();
  BIO_clear_retry_flags(SSL_get_rbio(client->ssl));
  expect_failure(tlsloop__outcome(client, 0), TLSLOOP_ETRUNCATED);
}
END_TEST


START_TEST(a_verdict_is_told_with_its_text) {
  const tlsloop_error_t* error;

  begin();
  fail_with(&(given_t){ERR_LIB_SSL, SSL_R_CERTIFICATE_VERIFY_FAILED, 0, 0, 0});
  ck_assert_ptr_nonnull(error = tlsloop_engine_error(client));
  ck_assert_int_eq(error->verify_code, X509_V_ERR_CERT_HAS_EXPIRED);
  ck_assert_str_eq(error->verify_message,
                   X509_verify_cert_error_string(X509_V_ERR_CERT_HAS_EXPIRED));
  ck_assert_int_eq(error->ssl_error, SSL_ERROR_SSL);
}
END_TEST


START_TEST(success_changes_no_state_and_forgets_what_openssl_got_over) {
  begin();
  ERR_raise(ERR_LIB_SSL, SSL_R_BAD_LENGTH);
  ck_assert_int_eq(tlsloop__outcome(client, 1), 0);
  ck_assert_int_eq(tlsloop_engine_state(client), TLSLOOP_ENGINE_HANDSHAKING);
  ck_assert_uint_eq(ERR_peek_error(), 0);
}
END_TEST


Suite* suite(void) {
  Suite* s;
  TCase* tcase;

  s = suite_create("engine/outcome");
  tcase = tcase_create("outcome");
  tcase_add_checked_fixture(tcase, set_up, tear_down);
  tcase_add_unchecked_fixture(tcase, make_pki, free_pki);
  tcase_add_loop_test(tcase, reasons_have_their_codes_in_a_handshake, 0, COUNT);
  tcase_add_loop_test(
      tcase, reasons_have_their_codes_on_an_open_connection, 0, COUNT);
  tcase_add_loop_test(tcase, an_alert_says_more_than_most_reasons, 0, COUNT);
  tcase_add_test(tcase, an_end_without_a_reason_is_truncation);
  tcase_add_test(tcase, a_verdict_is_told_with_its_text);
  tcase_add_test(tcase,
                 success_changes_no_state_and_forgets_what_openssl_got_over);
  suite_add_tcase(s, tcase);
  return s;
}
