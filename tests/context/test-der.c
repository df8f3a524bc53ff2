/* SPDX-License-Identifier: MIT */

/* Certificates and revocation lists one right after another. */

#include "support/suite.h"

#include "context/der.h"
#include "support/fail-alloc.h"
#include "support/fail-ossl.h"
#include "support/pki.h"
#include "tlsloop/errno.h"

#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

static const tlsloop__lib_t lib;
static pki_t* pki;
static unsigned char* text; /* a certificate, a list, a certificate */
static size_t text_len;
static int installed; /* fail_ossl_install */


static void append(const pki_blob_t* blob) {
  text = realloc(text, text_len + blob->len);
  ck_assert_ptr_nonnull(text);
  memcpy(text + text_len, blob->data, blob->len);
  text_len += blob->len;
}


static void setup(void) {
  ck_assert_int_eq(installed, 1);
  pki = pki_new("der");
  text = NULL;
  text_len = 0;
  append(&pki->root->der);
  append(&pki_crl(pki, NULL)->der);
  append(&pki->intermediate->der);
}


static void teardown(void) {
  free(text);
  pki_free(pki);
}


/* Reading |len| bytes of the text gives |code| after that many. */
static void expect(size_t len, int code, int certs, int crls) {
  tlsloop__der_t der;

  ck_assert_int_eq(tlsloop__der_read(&lib, &der, text, len), code);
  ck_assert_int_eq(ERR_peek_error() != 0, code != 0);
  ERR_clear_error();
  ck_assert_int_eq(sk_X509_num(der.certs), certs);
  ck_assert_int_eq(sk_X509_CRL_num(der.crls), crls);
  tlsloop__der_clear(&der);
}


START_TEST(both_kinds_are_read_in_any_order) {
  expect(text_len, 0, 2, 1);
}
END_TEST


START_TEST(nothing_holds_nothing) {
  expect(0, 0, 0, 0);
}
END_TEST


START_TEST(a_text_that_is_cut_is_bad_unless_between_two) {
  size_t first = pki->root->der.len;
  size_t second = text_len - pki->intermediate->der.len;
  size_t len;

  /* Everywhere would take long where instructions are counted. */
  for (len = 1; len < text_len; len++) {
    if (len > 8 && len % 31 != 0 && len + 1 < first)
      continue;
    if (len > first + 1 && len % 31 != 0 && len + 1 < second)
      continue;
    if (len > second + 1 && len % 31 != 0)
      continue;
    if (len == first || len == second)
      expect(len, 0, 1, len == second);
    else
      expect(len, TLSLOOP_EBADCERT, len > first, len > second);
  }
}
END_TEST


START_TEST(what_is_neither_is_bad) {
  append(&pki->root->key_der);
  expect(text_len, TLSLOOP_EBADCERT, 2, 1);
}
END_TEST


START_TEST(der_begins_as_no_text_does) {
  ck_assert_int_eq(tlsloop__der_is(text, text_len), 1);
  ck_assert_int_eq(tlsloop__der_is(text, 2), 1);
  ck_assert_int_eq(tlsloop__der_is(text, 1), 0);
  ck_assert_int_eq(tlsloop__der_is(text, 0), 0);
  ck_assert_int_eq(tlsloop__der_is("0123", 4), 0);
  ck_assert_int_eq(tlsloop__der_is("-----BEGIN", 10), 0);
  ck_assert_int_eq(tlsloop__der_is("\xef\xbb\xbf", 3), 0);
}
END_TEST


START_TEST(without_memory_the_reading_ends) {
  tlsloop__der_t der;
  unsigned int failed;
  unsigned int n;
  int err;

  failed = 0;
  for (n = 0;; n++) {
    fail_alloc_after(n);
    err = tlsloop__der_read(&lib, &der, text, text_len);
    ERR_clear_error();
    tlsloop__der_clear(&der);
    if (!fail_alloc_reset())
      break;
    failed += err != 0;
  }
  ck_assert_int_eq(err, 0);
  ck_assert_uint_gt(failed, 10);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  installed = fail_ossl_install();
  suite = suite_create("der");
  tcase = tcase_create("der");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_set_timeout(tcase, 60);
  tcase_add_test(tcase, both_kinds_are_read_in_any_order);
  tcase_add_test(tcase, nothing_holds_nothing);
  tcase_add_test(tcase, a_text_that_is_cut_is_bad_unless_between_two);
  tcase_add_test(tcase, what_is_neither_is_bad);
  tcase_add_test(tcase, der_begins_as_no_text_does);
  tcase_add_test(tcase, without_memory_the_reading_ends);
  suite_add_tcase(suite, tcase);
  return suite;
}
