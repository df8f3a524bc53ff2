/* SPDX-License-Identifier: MIT */

/* Twin of context/cert-load.c: certificates from files and memory. */

#include "support/suite.h"

#include "context/file.h"
#include "support/fail-alloc.h"
#include "support/fail-ossl.h"
#include "support/odd-cert.h"
#include "tlsloop/cert.h"
#include "tlsloop/errno.h"

#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>
#include <uv/errno.h>

#define PEM TLSLOOP_ENCODING_PEM
#define DER TLSLOOP_ENCODING_DER

static pki_t* pki;
static int installed; /* fail_ossl_install */


static void set_up(void) {
  ck_assert_int_eq(installed, 1);
  pki = pki_new("load");
}


static void tear_down(void) {
  pki_free(pki);
}


/* |a|, then |b|, for the caller to free. */
static pki_blob_t join(const pki_blob_t* a, const pki_blob_t* b) {
  pki_blob_t blob;

  blob.len = a->len + b->len;
  blob.data = malloc(blob.len + 1);
  ck_assert_ptr_nonnull(blob.data);
  memcpy(blob.data, a->data, a->len);
  memcpy(blob.data + a->len, b->data, b->len + 1);
  return blob;
}


static pki_blob_t join_text(const char* a, const pki_blob_t* b) {
  const pki_blob_t first = {(char*) (uintptr_t) a, strlen(a)};

  return join(&first, b);
}


/* Asserts that |cert| is |made|, and gives it back. */
static void expect_cert(tlsloop_cert_t* cert, const pki_cert_t* made) {
  const unsigned char* der;
  size_t len;

  der = tlsloop_cert_der(cert, &len);
  ck_assert_uint_eq(len, made->der.len);
  ck_assert_mem_eq(der, made->der.data, len);
  ck_assert_uint_eq(ERR_peek_error(), 0);
  tlsloop_cert_unref(cert);
}


static void expect_one(const pki_blob_t* blob,
                       int encoding,
                       const pki_cert_t* made) {
  tlsloop_cert_t* cert;

  ck_assert_int_eq(
      tlsloop_cert_load_mem(&cert, blob->data, blob->len, encoding), 0);
  expect_cert(cert, made);
}


/* Asserts that neither one nor all of |data| can be loaded. */
static void expect_refusal(const void* data,
                           size_t len,
                           int encoding,
                           int code) {
  tlsloop_cert_t** list;
  tlsloop_cert_t* cert;
  size_t count;

  cert = NULL;
  ck_assert_int_eq(tlsloop_cert_load_mem(&cert, data, len, encoding), code);
  ck_assert_ptr_null(cert);
  list = NULL;
  count = 77;
  ck_assert_int_eq(
      tlsloop_cert_list_load_mem(&list, &count, data, len, encoding), code);
  ck_assert_ptr_null(list);
  ck_assert_uint_eq(count, 77);
  ck_assert_uint_eq(ERR_peek_error(), 0);
}


START_TEST(a_certificate_is_loaded_from_memory) {
  pki_cert_t* leaf;

  leaf = pki_leaf(pki);
  expect_one(&leaf->pem, PEM, leaf);
  expect_one(&leaf->der, DER, leaf);
}
END_TEST


START_TEST(a_certificate_is_loaded_from_a_file) {
  tlsloop_cert_t* cert;
  pki_cert_t* leaf;

  leaf = pki_leaf(pki);
  ck_assert_int_eq(
      tlsloop_cert_load_file(&cert, pki_write(pki, "a.pem", &leaf->pem), PEM),
      0);
  expect_cert(cert, leaf);
  ck_assert_int_eq(
      tlsloop_cert_load_file(&cert, pki_write(pki, "a.der", &leaf->der), DER),
      0);
  expect_cert(cert, leaf);
}
END_TEST


START_TEST(the_first_of_several_in_pem_is_loaded) {
  pki_cert_t* leaf;

  leaf = pki_leaf(pki);
  expect_one(&leaf->chain, PEM, leaf);
  expect_one(&leaf->both, PEM, leaf);
}
END_TEST


START_TEST(what_is_no_certificate_is_skipped_in_pem) {
  pki_cert_t* leaf;
  pki_blob_t blob;

  leaf = pki_leaf(pki);
  blob = join(&leaf->key_pem, &leaf->pem);
  expect_one(&blob, PEM, leaf);
  free(blob.data);
  blob = join_text("some text\n\n", &leaf->pem);
  expect_one(&blob, PEM, leaf);
  free(blob.data);
}
END_TEST


START_TEST(all_of_a_file_are_loaded_in_order) {
  tlsloop_cert_t** list;
  pki_cert_t* leaf;
  size_t count;

  leaf = pki_leaf(pki);
  ck_assert_int_eq(
      tlsloop_cert_list_load_file(
          &list, &count, pki_write(pki, "chain.pem", &leaf->chain), PEM),
      0);
  ck_assert_uint_eq(count, 2);
  expect_cert(tlsloop_cert_ref(list[0]), leaf);
  expect_cert(tlsloop_cert_ref(list[1]), pki->intermediate);
  tlsloop_cert_list_free(list, count);
}
END_TEST


START_TEST(in_der_one_follows_right_after_another) {
  tlsloop_cert_t** list;
  pki_blob_t blob;
  size_t count;

  blob = join(&pki_leaf(pki)->der, &pki->root->der);
  ck_assert_int_eq(
      tlsloop_cert_list_load_mem(&list, &count, blob.data, blob.len, DER), 0);
  ck_assert_uint_eq(count, 2);
  expect_cert(tlsloop_cert_ref(list[0]), pki_leaf(pki));
  expect_cert(tlsloop_cert_ref(list[1]), pki->root);
  tlsloop_cert_list_free(list, count);
  free(blob.data);
}
END_TEST


START_TEST(one_certificate_in_der_is_one_and_no_more) {
  tlsloop_cert_t* cert;
  pki_blob_t blob;

  blob = join(&pki_leaf(pki)->der, &pki->root->der);
  cert = NULL;
  ck_assert_int_eq(tlsloop_cert_load_mem(&cert, blob.data, blob.len, DER),
                   TLSLOOP_EBADCERT);
  ck_assert_ptr_null(cert);
  free(blob.data);
}
END_TEST


START_TEST(nothing_has_no_certificate) {
  expect_refusal("", 0, PEM, TLSLOOP_ENOCERT);
  expect_refusal("", 0, DER, TLSLOOP_ENOCERT);
  expect_refusal(NULL, 0, PEM, TLSLOOP_ENOCERT);
  expect_refusal(NULL, 0, DER, TLSLOOP_ENOCERT);
  expect_refusal("no certificate\n", 15, PEM, TLSLOOP_ENOCERT);
}
END_TEST


START_TEST(a_key_or_a_revocation_list_is_no_certificate) {
  pki_cert_t* leaf;
  pki_crl_t* crl;

  leaf = pki_leaf(pki);
  crl = pki_crl(pki, NULL);
  expect_refusal(leaf->key_pem.data, leaf->key_pem.len, PEM, TLSLOOP_ENOCERT);
  expect_refusal(crl->pem.data, crl->pem.len, PEM, TLSLOOP_ENOCERT);
  expect_refusal(leaf->key_der.data, leaf->key_der.len, DER, TLSLOOP_EBADCERT);
  expect_refusal(crl->der.data, crl->der.len, DER, TLSLOOP_EBADCERT);
}
END_TEST


START_TEST(what_is_cut_short_is_refused) {
  pki_cert_t* leaf;
  size_t len;

  leaf = pki_leaf(pki);
  for (len = 1; len < leaf->der.len; len++)
    expect_refusal(leaf->der.data, len, DER, TLSLOOP_EBADCERT);
  for (len = 30; len < leaf->pem.len - 10; len += 13)
    expect_refusal(leaf->pem.data, len, PEM, TLSLOOP_EBADCERT);
}
END_TEST


START_TEST(a_bad_one_among_good_ones_is_refused) {
  static const char bad[] =
      "-----BEGIN CERTIFICATE-----\nMAAA\n-----END CERTIFICATE-----\n";
  pki_blob_t blob;

  blob = join_text(bad, &pki_leaf(pki)->pem);
  expect_refusal(blob.data, blob.len, PEM, TLSLOOP_EBADCERT);
  free(blob.data);

  const pki_blob_t last = {(char*) (uintptr_t) bad, sizeof(bad) - 1};
  blob = join(&pki_leaf(pki)->pem, &last);
  expect_refusal(blob.data, blob.len, PEM, TLSLOOP_EBADCERT);
  free(blob.data);
}
END_TEST


START_TEST(a_block_without_bytes_is_refused) {
  static const char* const empty[] = {
      "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
      "-----BEGIN CERTIFICATE-----\r\n-----END CERTIFICATE-----",
      "-----BEGIN CERTIFICATE-----\n\n \n-----END CERTIFICATE-----\n\n",
      "-----BEGIN CERTIFICATE-----\nA: b\n\n-----END CERTIFICATE-----\n"};

  expect_refusal(empty[_i], strlen(empty[_i]), PEM, TLSLOOP_EBADCERT);
}
END_TEST


START_TEST(what_follows_a_certificate_in_der_is_refused) {
  static char byte[2];
  const pki_blob_t zero = {byte, 1};
  pki_blob_t blob;

  blob = join(&pki_leaf(pki)->der, &zero);
  expect_refusal(blob.data, blob.len, DER, TLSLOOP_EBADCERT);
  free(blob.data);
}
END_TEST


START_TEST(the_wrong_encoding_is_refused) {
  pki_cert_t* leaf;

  leaf = pki_leaf(pki);
  expect_refusal(leaf->der.data, leaf->der.len, PEM, TLSLOOP_ENOCERT);
  expect_refusal(leaf->pem.data, leaf->pem.len, DER, TLSLOOP_EBADCERT);
  expect_refusal(leaf->pem.data, leaf->pem.len, 0, UV__EINVAL);
  expect_refusal(leaf->pem.data, leaf->pem.len, 3, UV__EINVAL);
}
END_TEST


START_TEST(what_is_too_large_or_nowhere_is_refused) {
  expect_refusal("", TLSLOOP__FILE_MAX_LEN + 1, PEM, UV__EFBIG);
  expect_refusal("", TLSLOOP__FILE_MAX_LEN + 1, DER, UV__EFBIG);
  expect_refusal(NULL, 1, PEM, UV__EINVAL);
}
END_TEST


START_TEST(a_file_that_cannot_be_read_is_told_as_the_system_does) {
  tlsloop_cert_t** list;
  tlsloop_cert_t* cert;
  size_t count;

  cert = NULL;
  list = NULL;
  ck_assert_int_eq(tlsloop_cert_load_file(&cert, "/no/such/file", PEM),
                   UV__ENOENT);
  ck_assert_int_eq(tlsloop_cert_load_file(&cert, pki_dir(pki), PEM),
                   UV__EISDIR);
  ck_assert_int_eq(tlsloop_cert_load_file(&cert, NULL, PEM), UV__EINVAL);
  ck_assert_int_eq(
      tlsloop_cert_list_load_file(&list, &count, "/no/such/file", DER),
      UV__ENOENT);
  ck_assert_int_eq(tlsloop_cert_list_load_file(&list, &count, NULL, PEM),
                   UV__EINVAL);
  ck_assert_ptr_null(cert);
  ck_assert_ptr_null(list);
}
END_TEST


START_TEST(no_list_can_be_given_back) {
  tlsloop_cert_list_free(NULL, 0);
  tlsloop_cert_list_free(NULL, 3);
}
END_TEST


START_TEST(without_memory_nothing_is_loaded) {
  const int encodings[] = {PEM, DER};
  tlsloop_cert_t** list;
  const pki_blob_t* blob;
  unsigned int n;
  size_t count;
  int silent;
  int ret;

  silent = 0;
  blob = _i == 0 ? &pki_leaf(pki)->chain : &pki_leaf(pki)->der;
  for (n = 0;; n++) {
    list = NULL;
    count = 0;
    fail_alloc_after(n);
    ret = tlsloop_cert_list_load_mem(
        &list, &count, blob->data, blob->len, encodings[_i]);
    if (!fail_alloc_reset())
      break;
    /* Of two in each block OpenSSL says no more than of a block that is
     * empty. */
    if (ret != 0 && (ret != TLSLOOP_EBADCERT || ++silent > 4))
      ck_assert_int_eq(ret, UV__ENOMEM);
    ck_assert(ret == 0 || list == NULL);
    tlsloop_cert_list_free(list, count);
    ck_assert_uint_eq(ERR_peek_error(), 0);
  }
  ck_assert_uint_gt(n, 20);
  ck_assert_int_eq(ret, 0);
  tlsloop_cert_list_free(list, count);
}
END_TEST


static void add_refusals(Suite* suite) {
  TCase* tcase;

  tcase = tcase_create("refusals");
  tcase_add_checked_fixture(tcase, set_up, tear_down);
  tcase_set_timeout(tcase, 60);
  tcase_add_test(tcase, one_certificate_in_der_is_one_and_no_more);
  tcase_add_test(tcase, nothing_has_no_certificate);
  tcase_add_test(tcase, a_key_or_a_revocation_list_is_no_certificate);
  tcase_add_test(tcase, what_is_cut_short_is_refused);
  tcase_add_test(tcase, a_bad_one_among_good_ones_is_refused);
  tcase_add_loop_test(tcase, a_block_without_bytes_is_refused, 0, 4);
  tcase_add_test(tcase, what_follows_a_certificate_in_der_is_refused);
  tcase_add_test(tcase, the_wrong_encoding_is_refused);
  tcase_add_test(tcase, what_is_too_large_or_nowhere_is_refused);
  tcase_add_test(tcase, a_file_that_cannot_be_read_is_told_as_the_system_does);
  tcase_add_loop_test(tcase, without_memory_nothing_is_loaded, 0, 2);
  suite_add_tcase(suite, tcase);
}


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  installed = fail_ossl_install();
  suite = suite_create("context/cert-load");
  tcase = tcase_create("loading");
  tcase_add_checked_fixture(tcase, set_up, tear_down);
  tcase_set_timeout(tcase, 60);
  tcase_add_test(tcase, a_certificate_is_loaded_from_memory);
  tcase_add_test(tcase, a_certificate_is_loaded_from_a_file);
  tcase_add_test(tcase, the_first_of_several_in_pem_is_loaded);
  tcase_add_test(tcase, what_is_no_certificate_is_skipped_in_pem);
  tcase_add_test(tcase, all_of_a_file_are_loaded_in_order);
  tcase_add_test(tcase, in_der_one_follows_right_after_another);
  tcase_add_test(tcase, no_list_can_be_given_back);
  suite_add_tcase(suite, tcase);
  add_refusals(suite);
  return suite;
}
