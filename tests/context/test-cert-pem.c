/* SPDX-License-Identifier: MIT */

/* Twin of context/cert-pem.c: from DER to PEM and back. */

#include "support/suite.h"

#include "support/fail-alloc.h"
#include "support/odd-cert.h"
#include "tlsloop/cert.h"
#include "tlsloop/errno.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv/errno.h>

#define HEADER       "-----BEGIN CERTIFICATE-----"
#define FOOTER       "-----END CERTIFICATE-----"

#define COUNT(array) ((int) (sizeof(array) / sizeof((array)[0])))


static void expect_pem(const void* der, size_t der_len, const char* wanted) {
  char* pem;
  size_t len;

  ck_assert_int_eq(tlsloop_cert_der_to_pem(der, der_len, &pem, &len), 0);
  ck_assert_str_eq(pem, wanted);
  ck_assert_uint_eq(len, strlen(wanted));
  tlsloop_free(pem);
}


static void expect_der(const char* pem,
                       size_t pem_len,
                       const void* wanted,
                       size_t wanted_len) {
  unsigned char* der;
  size_t len;

  ck_assert_int_eq(tlsloop_cert_pem_to_der(pem, pem_len, &der, &len), 0);
  ck_assert_uint_eq(len, wanted_len);
  ck_assert_mem_eq(der, wanted, wanted_len);
  tlsloop_free(der);
}


static void expect_refusal(const char* pem, size_t len) {
  unsigned char* der;
  size_t der_len;

  der = NULL;
  der_len = 77;
  ck_assert_int_eq(tlsloop_cert_pem_to_der(pem, len, &der, &der_len),
                   TLSLOOP_EBADCERT);
  ck_assert_ptr_null(der);
  ck_assert_uint_eq(der_len, 77);
}


START_TEST(the_marks_are_those_of_a_certificate) {
  ck_assert_str_eq(tlsloop_cert_pem_header(), HEADER);
  ck_assert_str_eq(tlsloop_cert_pem_footer(), FOOTER);
}
END_TEST


START_TEST(anything_can_be_encoded_even_nothing) {
  expect_pem("", 0, HEADER "\n" FOOTER "\n");
  expect_pem(NULL, 0, HEADER "\n" FOOTER "\n");
  expect_pem("\0", 1, HEADER "\nAA==\n" FOOTER "\n");
  expect_pem("\xfb\xff", 2, HEADER "\n+/8=\n" FOOTER "\n");
  expect_pem("abc", 3, HEADER "\nYWJj\n" FOOTER "\n");
}
END_TEST


START_TEST(lines_are_64_characters_long) {
  char wanted[256];
  char line[65];
  char der[97];

  memset(der, 0, sizeof(der));
  memset(line, 'A', 64);
  line[64] = '\0';
  snprintf(wanted, sizeof(wanted), HEADER "\n%s\n" FOOTER "\n", line);
  expect_pem(der, 48, wanted);
  snprintf(wanted, sizeof(wanted), HEADER "\n%s\nAA==\n" FOOTER "\n", line);
  expect_pem(der, 49, wanted);
  snprintf(wanted, sizeof(wanted), HEADER "\n%s\n%s\n" FOOTER "\n", line, line);
  expect_pem(der, 96, wanted);
  snprintf(wanted, sizeof(wanted), HEADER "\n%.63s=\n" FOOTER "\n", line);
  expect_pem(der, 47, wanted);
}
END_TEST


START_TEST(what_has_no_bytes_or_no_end_cannot_be_encoded) {
  char* pem;

  pem = NULL;
  ck_assert_int_eq(tlsloop_cert_der_to_pem(NULL, 1, &pem, NULL), UV__EINVAL);
  ck_assert_int_eq(tlsloop_cert_der_to_pem("x", SIZE_MAX, &pem, NULL),
                   UV__ENOMEM);
  ck_assert_ptr_null(pem);
}
END_TEST


START_TEST(what_was_encoded_decodes_to_the_same) {
  unsigned char data[200];
  size_t pem_len;
  size_t len;
  char* pem;

  for (len = 0; len < sizeof(data); len++) {
    data[len] = (unsigned char) (len * 7 + 250);
    ck_assert_int_eq(tlsloop_cert_der_to_pem(data, len, &pem, &pem_len), 0);
    expect_der(pem, pem_len, data, len);
    tlsloop_free(pem);
  }
}
END_TEST


START_TEST(a_certificate_is_encoded_as_openssl_does) {
  tlsloop_cert_t* cert;
  pki_cert_t* made;
  pki_t* pki;
  size_t len;
  char* pem;

  pki = pki_new("pem");
  made = pki_leaf(pki);
  cert = odd_load(made);
  ck_assert_int_eq(tlsloop_cert_to_pem(cert, &pem, &len), 0);
  ck_assert_str_eq(pem, made->pem.data);
  ck_assert_uint_eq(len, made->pem.len);
  expect_der(pem, len, made->der.data, made->der.len);
  tlsloop_free(pem);
  ck_assert_int_eq(tlsloop_cert_to_pem(cert, &pem, NULL), 0);
  tlsloop_free(pem);
  tlsloop_cert_unref(cert);
  pki_free(pki);
}
END_TEST


typedef struct given_s {
  const char* pem;
  const char* der;
} given_t;

static const given_t good[] = {
    {HEADER "\nYWJj\n" FOOTER "\n", "abc"},
    {HEADER "\nYWJj\n" FOOTER, "abc"},
    {HEADER "YWJj" FOOTER, "abc"},
    {HEADER "\r\nYWJj\r\n" FOOTER "\r\n", "abc"},
    {HEADER "\nYWJj\n" FOOTER " \t\n\v\f\r\x1c\x1d\x1e\x1f ", "abc"},
    {HEADER "\n" FOOTER "\n", ""},
    {HEADER FOOTER, ""},
    /* The marks share their dashes. */
    {"-----BEGIN CERTIFICATE-----END CERTIFICATE-----", ""},
    /* What is no base64 is ignored. */
    {HEADER "\nY W\tJ*j!\x01\n" FOOTER "\n", "abc"},
    {HEADER "\nYWJj\nYQ==\n" FOOTER "\n", "abca"},
    {HEADER "\nY=W=Jj\n" FOOTER "\n", "abc"},
    {HEADER "\nYW=Jj\n" FOOTER "\n", "abc"},
    {HEADER "\n====YWJj\n" FOOTER "\n", "abc"},
    {HEADER "\nYQ=\n=\n" FOOTER "\n", "a"},
    {HEADER "\nYWI*=\n" FOOTER "\n", "ab"},
    /* And so is what follows the padding. */
    {HEADER "\nYQ==YWJj\n" FOOTER "\n", "a"},
    {HEADER "\nYWI=YWJj====\n" FOOTER "\n", "ab"},
    {HEADER "\nYQ==\n" FOOTER "\n" HEADER "\nYg==\n" FOOTER "\n", "a"},
};

static const char* const refused[] = {
    "",
    "-----",
    "YWJj",
    FOOTER,
    HEADER,
    HEADER "\n",
    HEADER "\nYWJj\n",
    "\n" HEADER "\nYWJj\n" FOOTER "\n",
    " " HEADER "\nYWJj\n" FOOTER "\n",
    "\xef\xbb\xbf" HEADER "\nYWJj\n" FOOTER "\n",
    "-----BEGIN X509 CERTIFICATE-----\nYWJj\n" FOOTER "\n",
    "-----begin certificate-----\nYWJj\n" FOOTER "\n",
    HEADER "\nYWJj\n" FOOTER "\nx",
    HEADER "\nYWJj\n-----END CERTIFICATE----\n",
    HEADER "\nYWJj\n-----END X509 CERTIFICATE-----\n",
    /* Incomplete. */
    HEADER "\nY\n" FOOTER "\n",
    HEADER "\nYW\n" FOOTER "\n",
    HEADER "\nYWJ\n" FOOTER "\n",
    HEADER "\nYQ=\n" FOOTER "\n",
    HEADER "\nYWJjY\n" FOOTER "\n",
    HEADER "\nY===\n" FOOTER "\n",
    /* The marks between two are read as base64, too. */
    HEADER "\nYWJj\n" FOOTER "\n" HEADER "\nYWJj\n" FOOTER "\n",
    /* Not ASCII. */
    HEADER "\nYWJj\xc3\xbc\n" FOOTER "\n",
    HEADER "\nYWJj\xff\n" FOOTER "\n",
    HEADER "\nYQ==\x80\n" FOOTER "\n",
    HEADER "\nYWJj\n" FOOTER "\xc2\xa0",
};


START_TEST(what_is_between_the_marks_is_decoded) {
  expect_der(
      good[_i].pem, strlen(good[_i].pem), good[_i].der, strlen(good[_i].der));
}
END_TEST


START_TEST(what_lacks_a_mark_or_is_incomplete_is_refused) {
  expect_refusal(refused[_i], strlen(refused[_i]));
}
END_TEST


START_TEST(a_nul_is_a_character_that_base64_does_not_have) {
  static const char inside[] = HEADER "\nYW\0Jj\n" FOOTER "\n";
  static const char after[] = HEADER "\nYWJj\n" FOOTER "\n\0";

  expect_der(inside, sizeof(inside) - 1, "abc", 3);
  expect_refusal(after, sizeof(after) - 1);
}
END_TEST


START_TEST(no_text_is_no_pem) {
  unsigned char* der;
  size_t len;

  ck_assert_int_eq(tlsloop_cert_pem_to_der(NULL, 0, &der, &len), UV__EINVAL);
}
END_TEST


START_TEST(without_memory_nothing_is_converted) {
  static const char text[] = HEADER FOOTER;
  unsigned char* der;
  size_t len;
  char* pem;

  pem = NULL;
  fail_alloc_after(0);
  ck_assert_int_eq(tlsloop_cert_der_to_pem("x", 1, &pem, NULL), UV__ENOMEM);
  ck_assert_uint_eq(fail_alloc_reset(), 1);
  ck_assert_ptr_null(pem);

  der = NULL;
  fail_alloc_after(0);
  ck_assert_int_eq(tlsloop_cert_pem_to_der(text, sizeof(text) - 1, &der, &len),
                   UV__ENOMEM);
  ck_assert_uint_eq(fail_alloc_reset(), 1);
  ck_assert_ptr_null(der);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("context/cert-pem");
  tcase = tcase_create("to PEM");
  tcase_add_test(tcase, the_marks_are_those_of_a_certificate);
  tcase_add_test(tcase, anything_can_be_encoded_even_nothing);
  tcase_add_test(tcase, lines_are_64_characters_long);
  tcase_add_test(tcase, what_has_no_bytes_or_no_end_cannot_be_encoded);
  tcase_add_test(tcase, what_was_encoded_decodes_to_the_same);
  tcase_add_test(tcase, a_certificate_is_encoded_as_openssl_does);
  suite_add_tcase(suite, tcase);

  tcase = tcase_create("to DER");
  tcase_add_loop_test(
      tcase, what_is_between_the_marks_is_decoded, 0, COUNT(good));
  tcase_add_loop_test(
      tcase, what_lacks_a_mark_or_is_incomplete_is_refused, 0, COUNT(refused));
  tcase_add_test(tcase, a_nul_is_a_character_that_base64_does_not_have);
  tcase_add_test(tcase, no_text_is_no_pem);
  tcase_add_test(tcase, without_memory_nothing_is_converted);
  suite_add_tcase(suite, tcase);
  return suite;
}
