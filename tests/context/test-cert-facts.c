/* SPDX-License-Identifier: MIT */

/* Twin of context/cert-facts.c: what is in a certificate, read once; its
 * serial number and its version. */

#include "support/suite.h"

#include "context/cert-facts.h"
#include "support/fail-alloc.h"
#include "support/fail-ossl.h"
#include "support/odd-cert.h"

#include <limits.h>
#include <openssl/err.h>
#include <pthread.h>
#include <string.h>
#include <uv/errno.h>

#define THREADS 4

static pki_t* pki;
static int installed; /* fail_ossl_install */


static void set_up(void) {
  ck_assert_int_eq(installed, 1);
  pki = pki_new("facts");
}


static void tear_down(void) {
  pki_free(pki);
}


static void expect_serial(const void* data,
                          int len,
                          int negative,
                          const char* wanted) {
  const odd_cert_t odd = {
      .serial = data, .serial_len = len, .negative = negative};
  tlsloop_cert_t* cert;

  cert = odd_cert(pki, &odd);
  ck_assert_str_eq(tlsloop_cert_serial(cert), wanted);
  tlsloop_cert_unref(cert);
}


START_TEST(a_serial_number_has_an_even_number_of_upper_case_digits) {
  expect_serial("\x01", 1, 0, "01");
  expect_serial("\x7f", 1, 0, "7F");
  expect_serial("\x0a\xbc", 2, 0, "0ABC");
}
END_TEST


START_TEST(the_sign_of_der_is_no_digit_of_a_serial_number) {
  expect_serial("\x80", 1, 0, "80");
  expect_serial("\xff\xff", 2, 0, "FFFF");
}
END_TEST


START_TEST(a_serial_number_can_be_zero) {
  expect_serial("\0", 1, 0, "00");
}
END_TEST


START_TEST(a_serial_number_can_be_negative) {
  expect_serial("\x01", 1, 1, "-01");
  expect_serial("\x80", 1, 1, "-80");
  expect_serial("\x12\x34", 2, 1, "-1234");
}
END_TEST


START_TEST(a_serial_number_of_any_length_is_on_one_line) {
  unsigned char data[100];
  char wanted[201];
  int i;

  for (i = 0; i < 100; i++) {
    data[i] = 0x5a;
    memcpy(wanted + 2 * i, "5A", 3);
  }
  expect_serial(data, 100, 0, wanted);
}
END_TEST


static void expect_version(long field, int no_version, int wanted) {
  const odd_cert_t odd = {.version = field, .no_version = no_version};
  tlsloop_cert_t* cert;

  cert = odd_cert(pki, &odd);
  ck_assert_int_eq(tlsloop_cert_version(cert), wanted);
  tlsloop_cert_unref(cert);
}


START_TEST(a_version_is_one_more_than_its_field) {
  tlsloop_cert_t* cert;

  cert = odd_load(pki_leaf(pki));
  ck_assert_int_eq(tlsloop_cert_version(cert), 3);
  tlsloop_cert_unref(cert);
  expect_version(0, 1, 1);
  expect_version(1, 0, 2);
  expect_version(9, 0, 10);
}
END_TEST


START_TEST(a_version_that_is_none_is_an_error) {
  expect_version(-1, 0, TLSLOOP_EBADCERT);
  expect_version(-5, 0, TLSLOOP_EBADCERT);
  expect_version(INT_MAX, 0, TLSLOOP_EBADCERT);
  expect_version(LONG_MAX, 0, TLSLOOP_EBADCERT);
}
END_TEST


START_TEST(the_facts_are_read_once) {
  const tlsloop__cert_facts_t* facts;
  tlsloop_cert_t* cert;

  cert = odd_load(pki_leaf(pki));
  ck_assert_ptr_null(atomic_load(&cert->facts));
  facts = tlsloop__cert_facts(cert);
  ck_assert_ptr_nonnull(facts);
  ck_assert_ptr_eq(tlsloop__cert_facts(cert), facts);
  ck_assert_uint_eq(ERR_peek_error(), 0);
  tlsloop_cert_unref(cert);
}
END_TEST


START_TEST(nothing_is_no_facts_to_free) {
  tlsloop__cert_facts_free(NULL);
}
END_TEST


/* All that can be in a certificate. */
static pki_cert_t* make_full(void) {
  pki_opts_t opts;

  memset(&opts, 0, sizeof(opts));
  opts.san =
      "DNS:a.example,IP:192.0.2.1,URI:http://a.example/,email:a@a.example,"
      "RID:1.2.3.4,otherName:1.3.6.1.4.1.311.20.2.3;UTF8:a@a.example";
  opts.aia = "OCSP;URI:http://ocsp.example/,caIssuers;URI:http://ca.example/";
  opts.crl = "URI:http://crl.example/";
  return pki_make(pki, &opts);
}


START_TEST(without_memory_there_are_no_facts_until_there_are) {
  tlsloop_cert_t* cert;
  const char* serial;
  unsigned int n;

  cert = odd_load(make_full());
  for (n = 0;; n++) {
    fail_alloc_after(n);
    serial = tlsloop_cert_serial(cert);
    if (!fail_alloc_reset())
      break;
    ck_assert_ptr_null(serial);
    ck_assert_ptr_null(atomic_load(&cert->facts));
    ck_assert_uint_eq(ERR_peek_error(), 0);
  }
  ck_assert_uint_gt(n, 30);
  ck_assert_ptr_nonnull(serial);
  ck_assert_int_eq(tlsloop_cert_san_count(cert), 6);
  ck_assert_int_eq(tlsloop_cert_uri_count(cert, TLSLOOP_CERT_URI_CRL), 1);
  tlsloop_cert_unref(cert);
}
END_TEST


START_TEST(without_memory_every_question_is_answered_so) {
  const char* string;
  tlsloop_cert_t* cert;
  size_t len;

  cert = odd_load(pki_leaf(pki));
  fail_alloc_from(0);
  ck_assert_int_eq(tlsloop_cert_rdn_count(cert, TLSLOOP_CERT_SUBJECT),
                   UV__ENOMEM);
  ck_assert_int_eq(tlsloop_cert_attr_count(cert, TLSLOOP_CERT_SUBJECT, 0),
                   UV__ENOMEM);
  ck_assert_int_eq(tlsloop_cert_attr(
                       cert, TLSLOOP_CERT_ISSUER, 0, 0, &string, &string, &len),
                   UV__ENOMEM);
  ck_assert_ptr_null(tlsloop_cert_attr_oid(cert, TLSLOOP_CERT_ISSUER, 0, 0));
  ck_assert_int_eq(tlsloop_cert_not_before(cert, NULL, NULL), UV__ENOMEM);
  ck_assert_int_eq(tlsloop_cert_not_after(cert, NULL, NULL), UV__ENOMEM);
  ck_assert_int_eq(tlsloop_cert_san_count(cert), UV__ENOMEM);
  ck_assert_int_eq(tlsloop_cert_san(cert, 0, &string, &string, &len),
                   UV__ENOMEM);
  ck_assert_ptr_null(tlsloop_cert_san_oid(cert, 0));
  ck_assert_int_eq(tlsloop_cert_uri_count(cert, 0), UV__ENOMEM);
  ck_assert_int_eq(tlsloop_cert_uri(cert, 0, 0, &string, &len), UV__ENOMEM);
  ck_assert_uint_gt(fail_alloc_reset(), 0);
  ck_assert_int_eq(tlsloop_cert_san_count(cert), 3);
  tlsloop_cert_unref(cert);
}
END_TEST


static void* ask(void* arg) {
  tlsloop_cert_t* cert = arg;
  const char* type;
  const char* value;
  size_t len;

  ck_assert_int_eq(tlsloop_cert_san(cert, 0, &type, &value, &len),
                   TLSLOOP_SAN_DNS);
  ck_assert_str_eq(value, "a.example");
  tlsloop_cert_unref(cert);
  return (void*) (uintptr_t) value;
}


START_TEST(several_threads_ask_at_once_and_get_one_answer) {
  pthread_t threads[THREADS];
  tlsloop_cert_t* cert;
  void* values[THREADS];
  int i;

  cert = odd_load(make_full());
  for (i = 0; i < THREADS; i++)
    ck_assert_int_eq(
        pthread_create(&threads[i], NULL, ask, tlsloop_cert_ref(cert)), 0);
  for (i = 0; i < THREADS; i++) {
    ck_assert_int_eq(pthread_join(threads[i], &values[i]), 0);
    ck_assert_ptr_eq(values[i], values[0]);
  }
  tlsloop_cert_unref(cert);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  installed = fail_ossl_install();
  suite = suite_create("context/cert-facts");
  tcase = tcase_create("serial number and version");
  tcase_add_checked_fixture(tcase, set_up, tear_down);
  tcase_set_timeout(tcase, 60);
  tcase_add_test(tcase,
                 a_serial_number_has_an_even_number_of_upper_case_digits);
  tcase_add_test(tcase, the_sign_of_der_is_no_digit_of_a_serial_number);
  tcase_add_test(tcase, a_serial_number_can_be_zero);
  tcase_add_test(tcase, a_serial_number_can_be_negative);
  tcase_add_test(tcase, a_serial_number_of_any_length_is_on_one_line);
  tcase_add_test(tcase, a_version_is_one_more_than_its_field);
  tcase_add_test(tcase, a_version_that_is_none_is_an_error);
  suite_add_tcase(suite, tcase);

  tcase = tcase_create("facts");
  tcase_add_checked_fixture(tcase, set_up, tear_down);
  tcase_set_timeout(tcase, 60);
  tcase_add_test(tcase, the_facts_are_read_once);
  tcase_add_test(tcase, nothing_is_no_facts_to_free);
  tcase_add_test(tcase, without_memory_there_are_no_facts_until_there_are);
  tcase_add_test(tcase, without_memory_every_question_is_answered_so);
  tcase_add_test(tcase, several_threads_ask_at_once_and_get_one_answer);
  suite_add_tcase(suite, tcase);
  return suite;
}
