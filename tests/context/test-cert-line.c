/* SPDX-License-Identifier: MIT */

/* Twin of context/cert-line.c: what a certificate says about its subject and
 * issuer on one line. */

#include "support/suite.h"

#include "context/cert.h"
#include "support/fail-alloc.h"
#include "support/fail-ossl.h"
#include "support/odd-cert.h"

#include <openssl/err.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <uv/errno.h>

#define THREADS 4

static pki_t* pki;
static int installed; /* fail_ossl_install */


static void setup(void) {
  ck_assert_int_eq(installed, 1);
  pki = pki_new("line");
}


static void teardown(void) {
  pki_free(pki);
}


static tlsloop_cert_t* given_cert(void) {
  return odd_load(pki_leaf(pki));
}


static void expect_subject(const odd_part_t* parts, const char* subject) {
  const odd_cert_t odd = {.subject = parts};
  tlsloop_cert_t* cert;

  cert = odd_cert(pki, &odd);
  ck_assert_str_eq(tlsloop_cert_subject(cert), subject);
  ck_assert_uint_eq(ERR_peek_error(), 0);
  tlsloop_cert_unref(cert);
}


START_TEST(subject_and_issuer_are_told) {
  tlsloop_cert_t* cert;

  cert = given_cert();
  ck_assert_str_eq(tlsloop_cert_subject(cert), "CN=localhost");
  ck_assert_str_eq(tlsloop_cert_issuer(cert), "CN=line intermediate");
  ck_assert_uint_eq(ERR_peek_error(), 0);
  tlsloop_cert_unref(cert);
}
END_TEST


START_TEST(a_string_stays_the_same_one) {
  tlsloop_cert_t* cert;
  const char* subject;

  cert = given_cert();
  subject = tlsloop_cert_subject(cert);
  ck_assert_ptr_eq(tlsloop_cert_subject(cert), subject);
  tlsloop_cert_unref(cert);
}
END_TEST


START_TEST(the_most_specific_part_comes_first) {
  static const odd_part_t parts[] = {
      {"C", MBSTRING_UTF8, "DE", -1, 0},
      {"O", MBSTRING_UTF8, "Example", -1, 0},
      {"OU", MBSTRING_UTF8, "Test", -1, -1},
      {"CN", MBSTRING_UTF8, "localhost", -1, 0},
      {NULL, 0, NULL, 0, 0},
  };

  expect_subject(parts, "CN=localhost,O=Example+OU=Test,C=DE");
}
END_TEST


START_TEST(what_has_a_meaning_is_escaped) {
  static const odd_part_t parts[] = {
      {"O", MBSTRING_UTF8, " a,b+c\"d\\e<f>g;h ", -1, 0},
      {"CN", MBSTRING_UTF8, "#x\ny", -1, 0},
      {NULL, 0, NULL, 0, 0},
  };

  expect_subject(parts, "CN=\\#x\\0Ay,O=\\ a\\,b\\+c\\\"d\\\\e\\<f\\>g\\;h\\ ");
}
END_TEST


START_TEST(a_nul_byte_does_not_end_a_name) {
  static const odd_part_t parts[] = {
      {"CN", V_ASN1_UTF8STRING, "good.example\0.evil.example", 26, 0},
      {NULL, 0, NULL, 0, 0},
  };

  expect_subject(parts, "CN=good.example\\00.evil.example");
}
END_TEST


START_TEST(other_scripts_stay_readable) {
  static const odd_part_t parts[] = {
      {"O",
       V_ASN1_UTF8STRING,
       "B\xc3\xbc"
       "cher \xe4\xbe\x8b",
       -1,
       0},
      {"OU", V_ASN1_BMPSTRING, "\0K\0\xf6\0n", 6, 0},
      {"CN", V_ASN1_T61STRING, "\xe9t\xe9", 3, 0},
      {NULL, 0, NULL, 0, 0},
  };

  expect_subject(parts,
                 "CN=\xc3\xa9t\xc3\xa9,OU=K\xc3\xb6n,"
                 "O=B\xc3\xbc"
                 "cher \xe4\xbe\x8b");
}
END_TEST


START_TEST(a_part_of_an_unknown_type_is_shown_by_its_number) {
  static const odd_part_t parts[] = {
      {"1.2.3.4", V_ASN1_UTF8STRING, "x", 1, 0},
      {NULL, 0, NULL, 0, 0},
  };

  expect_subject(parts, "1.2.3.4=#0C0178");
}
END_TEST


START_TEST(an_empty_name_is_an_empty_string) {
  static const odd_part_t parts[] = {{NULL, 0, NULL, 0, 0}};

  expect_subject(parts, "");
}
END_TEST


START_TEST(without_memory_there_is_no_string_until_there_is) {
  tlsloop_cert_t* cert;
  const char* subject;
  unsigned int n;

  cert = given_cert();
  for (n = 0;; n++) {
    fail_alloc_after(n);
    subject = tlsloop_cert_subject(cert);
    if (!fail_alloc_reset())
      break;
    ck_assert_ptr_null(subject);
    ck_assert_uint_eq(ERR_peek_error(), 0);
  }
  ck_assert_uint_gt(n, 0);
  ck_assert_str_eq(subject, "CN=localhost");
  tlsloop_cert_unref(cert);
}
END_TEST


static void* ask(void* arg) {
  tlsloop_cert_t* cert = arg;
  const char* subject;

  subject = tlsloop_cert_subject(cert);
  ck_assert_str_eq(subject, "CN=localhost");
  ck_assert_str_eq(tlsloop_cert_issuer(cert), "CN=line intermediate");
  tlsloop_cert_unref(cert);
  return (void*) (uintptr_t) subject;
}


START_TEST(several_threads_ask_at_once_and_get_one_answer) {
  pthread_t threads[THREADS];
  tlsloop_cert_t* cert;
  void* subject;
  int i;

  cert = given_cert();
  for (i = 0; i < THREADS; i++)
    ck_assert_int_eq(
        pthread_create(&threads[i], NULL, ask, tlsloop_cert_ref(cert)), 0);
  for (i = 0; i < THREADS; i++) {
    ck_assert_int_eq(pthread_join(threads[i], &subject), 0);
    ck_assert_ptr_eq(subject, tlsloop_cert_subject(cert));
  }
  tlsloop_cert_unref(cert);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  installed = fail_ossl_install();
  suite = suite_create("context/cert-line");
  tcase = tcase_create("names");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_set_timeout(tcase, 60);
  tcase_add_test(tcase, subject_and_issuer_are_told);
  tcase_add_test(tcase, a_string_stays_the_same_one);
  tcase_add_test(tcase, the_most_specific_part_comes_first);
  tcase_add_test(tcase, what_has_a_meaning_is_escaped);
  tcase_add_test(tcase, a_nul_byte_does_not_end_a_name);
  tcase_add_test(tcase, other_scripts_stay_readable);
  tcase_add_test(tcase, a_part_of_an_unknown_type_is_shown_by_its_number);
  tcase_add_test(tcase, an_empty_name_is_an_empty_string);
  suite_add_tcase(suite, tcase);

  tcase = tcase_create("one string");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_set_timeout(tcase, 60);
  tcase_add_test(tcase, without_memory_there_is_no_string_until_there_is);
  tcase_add_test(tcase, several_threads_ask_at_once_and_get_one_answer);
  suite_add_tcase(suite, tcase);
  return suite;
}
