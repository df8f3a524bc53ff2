/* SPDX-License-Identifier: MIT */

/* Certificates, revocation lists and keys are found in PEM text. */

#include "support/suite.h"

#include "context/pem.h"
#include "support/pki.h"
#include "tlsloop/errno.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

static pki_t* pki;

/* The default library context. */
static const tlsloop__lib_t lib;


static void setup(void) {
  pki = pki_new("pem");
}


static void teardown(void) {
  pki_free(pki);
}


/* The strings, up to a NULL, one after another; for the caller to free. */
static char* join(const char* const* parts) {
  char* text;
  size_t len;
  size_t i;

  len = 1;
  for (i = 0; parts[i] != NULL; i++)
    len += strlen(parts[i]);
  text = calloc(1, len);
  ck_assert_ptr_nonnull(text);
  for (i = 0; parts[i] != NULL; i++)
    strcat(text, parts[i]);
  return text;
}


static void expect_found(const char* text, int certs, int crls, int blocks) {
  tlsloop__pem_t pem;

  ck_assert_int_eq(tlsloop__pem_read(&lib, &pem, text, strlen(text)), 0);
  ck_assert_uint_eq(ERR_peek_error(), 0);
  ck_assert_int_eq(sk_X509_num(pem.certs), certs);
  ck_assert_int_eq(sk_X509_CRL_num(pem.crls), crls);
  ck_assert_int_eq(pem.blocks, blocks);
  tlsloop__pem_clear(&pem);
}


static void expect_bad(const char* text, int code, int block) {
  tlsloop__pem_t pem;

  ck_assert_int_eq(tlsloop__pem_read(&lib, &pem, text, strlen(text)), code);
  ck_assert_uint_ne(ERR_peek_error(), 0);
  ck_assert_int_eq(pem.blocks, block);
  tlsloop__pem_clear(&pem);
  ERR_clear_error();
}


START_TEST(certificates_come_in_the_order_of_the_text) {
  tlsloop__pem_t pem;
  pki_cert_t* leaf;

  leaf = pki_leaf(pki);
  ck_assert_int_eq(
      tlsloop__pem_read(&lib, &pem, leaf->chain.data, leaf->chain.len), 0);
  ck_assert_int_eq(sk_X509_num(pem.certs), 2);
  ck_assert_int_eq(X509_cmp(sk_X509_value(pem.certs, 0), leaf->x509), 0);
  ck_assert_int_eq(
      X509_cmp(sk_X509_value(pem.certs, 1), pki->intermediate->x509), 0);
  tlsloop__pem_clear(&pem);
}
END_TEST


START_TEST(text_and_other_blocks_between_are_skipped) {
  const char* parts[] = {"A CA\n====\n",
                         pki->root->pem.data,
                         "\n# the next\n",
                         pki->root->key_pem.data,
                         "-----BEGIN\n",
                         pki->intermediate->pem.data,
                         "the end",
                         NULL};
  char* text;

  text = join(parts);
  expect_found(text, 2, 0, 3);
  free(text);
}
END_TEST


START_TEST(revocation_lists_are_found_between_certificates) {
  const char* parts[] = {pki->root->pem.data,
                         pki_crl(pki, NULL)->pem.data,
                         pki->intermediate->pem.data,
                         NULL};
  char* text;

  text = join(parts);
  expect_found(text, 2, 1, 3);
  free(text);
}
END_TEST


START_TEST(the_old_name_of_a_certificate_is_known) {
  char text[] =
      "-----BEGIN X509 CERTIFICATE-----\nAA==\n"
      "-----END X509 CERTIFICATE-----\n";

  expect_bad(text, TLSLOOP_EBADCERT, 1);
}
END_TEST


START_TEST(a_trusted_certificate_keeps_what_it_is_trusted_for) {
  unsigned char alias[] = "mine";
  tlsloop__pem_t pem;
  BIO* bio;
  X509* x509;
  char* data;
  long len;

  x509 = X509_dup(pki->root->x509);
  ck_assert_int_eq(X509_alias_set1(x509, alias, 4), 1);
  bio = BIO_new(BIO_s_mem());
  ck_assert_int_eq(PEM_write_bio_X509_AUX(bio, x509), 1);
  len = BIO_get_mem_data(bio, &data);

  ck_assert_int_eq(tlsloop__pem_read(&lib, &pem, data, (size_t) len), 0);
  ck_assert_int_eq(sk_X509_num(pem.certs), 1);
  ck_assert_mem_eq(
      X509_alias_get0(sk_X509_value(pem.certs, 0), NULL), alias, 4);
  tlsloop__pem_clear(&pem);
  BIO_free(bio);
  X509_free(x509);
}
END_TEST


START_TEST(a_byte_order_mark_hides_no_certificate) {
  const char* parts[] = {
      "\xef\xbb\xbf", pki->root->pem.data, pki->root->pem.data, NULL};
  char* text;

  text = join(parts);
  expect_found(text, 2, 0, 2);
  free(text);
}
END_TEST


START_TEST(lines_may_end_as_on_windows) {
  char* text;
  char* out;
  char* p;

  text = malloc(2 * pki->root->pem.len);
  ck_assert_ptr_nonnull(text);
  for (out = text, p = pki->root->pem.data; *p != '\0'; p++) {
    if (*p == '\n')
      *out++ = '\r';
    *out++ = *p;
  }
  *out = '\0';
  expect_found(text, 1, 0, 1);
  free(text);
}
END_TEST


START_TEST(nothing_is_found_in_nothing) {
  expect_found("", 0, 0, 0);
  expect_found("no certificate here\n", 0, 0, 0);
  expect_found("\xef\xbb\xbf", 0, 0, 0);
  expect_found("\xef\xbb", 0, 0, 0);
}
END_TEST


START_TEST(a_key_is_no_certificate) {
  expect_found(pki->root->key_pem.data, 0, 0, 1);
}
END_TEST


START_TEST(a_bad_block_is_told_by_its_number) {
  static const char not_base64[] =
      "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n";
  static const char not_der[] =
      "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  static const char no_end[] = "-----BEGIN CERTIFICATE-----\nMIIB\n";
  static const char other_end[] =
      "-----BEGIN CERTIFICATE-----\nMIIB\n-----END X509 CRL-----\n";
  static const char* const bad[] = {not_base64, not_der, no_end, other_end};
  const char* parts[] = {
      pki->root->pem.data, pki->root->key_pem.data, bad[_i], NULL};
  char* text;

  text = join(parts);
  expect_bad(text, TLSLOOP_EBADCERT, 3);
  free(text);
}
END_TEST


START_TEST(a_bad_revocation_list_is_told_apart) {
  expect_bad("-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n",
             TLSLOOP_EBADCRL,
             1);
}
END_TEST


START_TEST(a_text_that_is_cut_anywhere_is_bad_or_has_less) {
  tlsloop__pem_t pem;
  size_t len;
  int certs;
  int err;

  for (len = 0; len < pki->root->pem.len; len++) {
    err = tlsloop__pem_read(&lib, &pem, pki->root->pem.data, len);
    certs = sk_X509_num(pem.certs);
    tlsloop__pem_clear(&pem);
    ERR_clear_error();
    /* The last line may do without its newline. */
    if (len + 1 == pki->root->pem.len)
      ck_assert(err == 0 && certs == 1);
    else
      ck_assert(certs == 0 && (err == 0 || err == TLSLOOP_EBADCERT));
  }
}
END_TEST


static void expect_key(const char* text, const pki_cert_t* cert) {
  tlsloop__password_t password = {0};
  EVP_PKEY* key;

  ck_assert_int_eq(
      tlsloop__pem_read_key(&lib, text, strlen(text), &password, &key), 0);
  ck_assert_uint_eq(ERR_peek_error(), 0);
  ck_assert_int_eq(EVP_PKEY_eq(key, cert->key), 1);
  EVP_PKEY_free(key);
}


static void expect_no_key(const char* text, int code) {
  tlsloop__password_t password = {0};
  EVP_PKEY* key;

  key = NULL;
  ck_assert_int_eq(
      tlsloop__pem_read_key(&lib, text, strlen(text), &password, &key), code);
  ck_assert_uint_ne(ERR_peek_error(), 0);
  ck_assert_ptr_null(key);
  ERR_clear_error();
}


START_TEST(a_key_of_every_type_is_read) {
  pki_opts_t opts = {.key = (pki_key_t) _i};
  pki_cert_t* cert;

  cert = pki_make(pki, &opts);
  expect_key(cert->key_pem.data, cert);
}
END_TEST


START_TEST(a_key_is_found_after_other_things) {
  static const char parameters[] =
      "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n"
      "-----END EC PARAMETERS-----\n";
  pki_cert_t* leaf;
  char* text;

  leaf = pki_leaf(pki);
  expect_key(leaf->both.data, leaf);
  text = join((const char*[]){parameters, leaf->key_pem.data, NULL});
  expect_key(text, leaf);
  free(text);
  text = join((const char*[]){"\xef\xbb\xbf", leaf->key_pem.data, NULL});
  expect_key(text, leaf);
  free(text);
}
END_TEST


/* In the format of its type, as OpenSSL wrote keys for long. */
static char* traditional(const pki_cert_t* cert, const char* password) {
  const EVP_CIPHER* cipher;
  char* text;
  char* data;
  BIO* bio;
  long len;

  bio = BIO_new(BIO_s_mem());
  cipher = password == NULL ? NULL : EVP_aes_128_cbc();
  ck_assert_int_eq(
      PEM_write_bio_PrivateKey_traditional(
          bio, cert->key, cipher, NULL, 0, NULL, (void*) (uintptr_t) password),
      1);
  len = BIO_get_mem_data(bio, &data);
  text = strndup(data, (size_t) len);
  BIO_free(bio);
  return text;
}


START_TEST(a_key_in_the_format_of_its_type_is_read) {
  char* text;

  text = traditional(pki_leaf(pki), NULL);
  ck_assert_ptr_nonnull(strstr(text, "BEGIN EC PRIVATE KEY"));
  expect_key(text, pki_leaf(pki));
  free(text);
}
END_TEST


START_TEST(an_encrypted_key_is_told_and_nobody_is_asked) {
  pki_opts_t opts = {.password = "secret"};
  char* text;

  expect_no_key(pki_make(pki, &opts)->key_pem.data, TLSLOOP_EPASSWORD);
  expect_no_key(pki_make(pki, &opts)->both.data, TLSLOOP_EPASSWORD);
  text = traditional(pki_leaf(pki), "secret");
  expect_no_key(text, TLSLOOP_EPASSWORD);
  free(text);
}
END_TEST


START_TEST(what_is_no_key_is_told) {
  expect_no_key("", TLSLOOP_EBADKEY);
  expect_no_key("no key here\n", TLSLOOP_EBADKEY);
  expect_no_key(pki->root->pem.data, TLSLOOP_EBADKEY);
  expect_no_key(
      "-----BEGIN PRIVATE KEY-----\n!!!!\n-----END PRIVATE KEY-----\n",
      TLSLOOP_EBADKEY);
  expect_no_key(
      "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n",
      TLSLOOP_EBADKEY);
  expect_no_key("-----BEGIN PRIVATE KEY-----\nMAA=\n", TLSLOOP_EBADKEY);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("pem");
  tcase = tcase_create("certificates");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_test(tcase, certificates_come_in_the_order_of_the_text);
  tcase_add_test(tcase, text_and_other_blocks_between_are_skipped);
  tcase_add_test(tcase, revocation_lists_are_found_between_certificates);
  tcase_add_test(tcase, the_old_name_of_a_certificate_is_known);
  tcase_add_test(tcase, a_trusted_certificate_keeps_what_it_is_trusted_for);
  tcase_add_test(tcase, a_byte_order_mark_hides_no_certificate);
  tcase_add_test(tcase, lines_may_end_as_on_windows);
  tcase_add_test(tcase, nothing_is_found_in_nothing);
  tcase_add_test(tcase, a_key_is_no_certificate);
  tcase_add_loop_test(tcase, a_bad_block_is_told_by_its_number, 0, 4);
  tcase_add_test(tcase, a_bad_revocation_list_is_told_apart);
  tcase_add_test(tcase, a_text_that_is_cut_anywhere_is_bad_or_has_less);
  suite_add_tcase(suite, tcase);

  tcase = tcase_create("keys");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_loop_test(
      tcase, a_key_of_every_type_is_read, PKI_P256, PKI_ED25519 + 1);
  tcase_add_test(tcase, a_key_is_found_after_other_things);
  tcase_add_test(tcase, a_key_in_the_format_of_its_type_is_read);
  tcase_add_test(tcase, an_encrypted_key_is_told_and_nobody_is_asked);
  tcase_add_test(tcase, what_is_no_key_is_told);
  suite_add_tcase(suite, tcase);
  return suite;
}
