/* SPDX-License-Identifier: MIT */

/* All of a file is trusted or nothing of it. */

#include "support/suite.h"

#include "context/ctx.h"
#include "context/file.h"
#include "support/given.h"

#include <openssl/x509_vfy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <uv/errno.h>

#define UNKNOWN_ISSUER \
  TLSLOOP_EVERIFY - X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY

static pki_t* pki;
static pki_t* other;
static tlsloop_ctx_t* client;
static tlsloop_ctx_t* server;


static void teardown(void) {
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(server);
  pki_free(pki);
  pki_free(other);
}


/* How many certificates and revocation lists |client| has. */
static int stored(void) {
  return sk_X509_OBJECT_num(
      X509_STORE_get0_objects(SSL_CTX_get_cert_store(client->ssl_ctx)));
}


/* What the chain ends with when its root is not there. */
static void expect_unknown(void) {
  ck_assert_str_eq(
      tlsloop_err_name(try_connection(client, server, "localhost")),
      tlsloop_err_name(UNKNOWN_ISSUER));
}


/* The texts, up to a NULL, one after another, in a file. */
static const char* given_file(const char* const* parts) {
  const char* path;
  pki_blob_t blob;
  size_t i;

  blob.len = 0;
  for (i = 0; parts[i] != NULL; i++)
    blob.len += strlen(parts[i]);
  blob.data = calloc(1, blob.len + 1);
  ck_assert_ptr_nonnull(blob.data);
  for (i = 0; parts[i] != NULL; i++)
    strcat(blob.data, parts[i]);
  path = pki_write(pki, "ca.pem", &blob);
  free(blob.data);
  return path;
}


static int load_pem(const char* text) {
  return tlsloop_ctx_load_verify_mem(
      client, text, strlen(text), TLSLOOP_ENCODING_PEM);
}


static int load_der(const void* data, size_t len) {
  return tlsloop_ctx_load_verify_mem(client, data, len, TLSLOOP_ENCODING_DER);
}


static void setup(void) {
  pki = pki_new("trust");
  other = pki_new("other");
  client = given_ctx(TLSLOOP_PROTOCOL_TLS_CLIENT);
  server = given_server(pki, NULL);
  ck_done(load_pem(other->root->pem.data));
}


/* After every refusal nothing more is trusted than before. */
static void expect_refused(int got,
                           int code,
                           const char* subject,
                           const char* text) {
  ck_ctx_failed(client, got, code, subject, text);
  ck_assert_int_eq(stored(), 1);
}


START_TEST(a_file_that_cannot_be_read_is_told_by_its_name) {
  char path[512];

  snprintf(path, sizeof(path), "%s/nothing", pki_dir(pki));
  expect_refused(tlsloop_ctx_load_verify_file(client, path),
                 UV__ENOENT,
                 path,
                 "no such file or directory");
  expect_refused(tlsloop_ctx_load_verify_file(client, pki_dir(pki)),
                 UV__EISDIR,
                 pki_dir(pki),
                 "directory");
  expect_refused(tlsloop_ctx_load_verify_file(client, "/dev/zero"),
                 UV__EFBIG,
                 "/dev/zero",
                 "large");
  expect_refused(
      tlsloop_ctx_load_verify_file(client, NULL), UV__EINVAL, NULL, "no file");
}
END_TEST


START_TEST(a_file_without_a_certificate_is_told_by_its_name) {
  const char* nothing[] = {"nothing here\n", NULL};
  const char* key[] = {pki->root->key_pem.data, NULL};
  const char* path;

  path = given_file(nothing);
  expect_refused(tlsloop_ctx_load_verify_file(client, path),
                 TLSLOOP_ENOCERT,
                 path,
                 "no certificate was found");
  path = given_file(key);
  expect_refused(tlsloop_ctx_load_verify_file(client, path),
                 TLSLOOP_ENOCERT,
                 path,
                 "no certificate was found");
}
END_TEST


START_TEST(a_bad_certificate_after_good_ones_is_told_and_none_is_added) {
  static const char bad[] =
      "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  static const char bad_crl[] =
      "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n";
  const char* parts[] = {
      pki->root->pem.data, pki->intermediate->pem.data, bad, NULL};
  const char* path;

  path = given_file(parts);
  expect_refused(tlsloop_ctx_load_verify_file(client, path),
                 TLSLOOP_EBADCERT,
                 path,
                 "PEM block 3 cannot be read");
  parts[2] = bad_crl;
  path = given_file(parts);
  expect_refused(tlsloop_ctx_load_verify_file(client, path),
                 TLSLOOP_EBADCRL,
                 path,
                 "PEM block 3 cannot be read");
  expect_refused(
      load_pem(bad), TLSLOOP_EBADCERT, NULL, "PEM block 1 cannot be read");
  expect_unknown();
}
END_TEST


START_TEST(der_that_does_not_end_with_a_certificate_is_refused) {
  const pki_blob_t* der = &pki->root->der;
  char* junk;

  junk = malloc(der->len + 1);
  ck_assert_ptr_nonnull(junk);
  memcpy(junk, der->data, der->len);
  junk[der->len] = 0;
  expect_refused(load_der(junk, der->len + 1),
                 TLSLOOP_EBADCERT,
                 NULL,
                 "DER certificate 2 cannot be read");
  expect_refused(load_der(junk, der->len - 1),
                 TLSLOOP_EBADCERT,
                 NULL,
                 "DER certificate 1 cannot be read");
  expect_refused(load_der(pki->root->pem.data, pki->root->pem.len),
                 TLSLOOP_EBADCERT,
                 NULL,
                 "DER certificate 1 cannot be read");
  expect_refused(load_der(pki->root->key_der.data, pki->root->key_der.len),
                 TLSLOOP_EBADCERT,
                 NULL,
                 "DER certificate 1 cannot be read");
  free(junk);
}
END_TEST


START_TEST(no_bytes_hold_no_certificate) {
  expect_refused(load_der("", 0), TLSLOOP_ENOCERT, NULL, "no certificate");
  expect_refused(load_pem(""), TLSLOOP_ENOCERT, NULL, "no certificate");
}
END_TEST


START_TEST(what_makes_no_sense_is_refused) {
  const pki_blob_t* pem = &pki->root->pem;

  expect_refused(load_der(NULL, 1), UV__EINVAL, NULL, "no data");
  expect_refused(tlsloop_ctx_load_verify_mem(client, pem->data, pem->len, 0),
                 UV__EINVAL,
                 NULL,
                 "no encoding");
  expect_refused(tlsloop_ctx_load_verify_mem(client, pem->data, pem->len, 3),
                 UV__EINVAL,
                 NULL,
                 "no encoding");
  /* Nothing of that many bytes is looked at. */
  expect_refused(
      load_der(pem->data, TLSLOOP__FILE_MAX_LEN + 1), UV__EFBIG, NULL, "large");
}
END_TEST


START_TEST(what_is_no_directory_is_told) {
  const char* parts[] = {pki->root->pem.data, NULL};
  const char* path;
  char nothing[512];

  path = given_file(parts);
  snprintf(nothing, sizeof(nothing), "%s/nothing", pki_dir(pki));
  expect_refused(
      tlsloop_ctx_load_verify_dir(client, path), UV__ENOTDIR, path, "not a");
  expect_refused(tlsloop_ctx_load_verify_dir(client, nothing),
                 UV__ENOENT,
                 nothing,
                 "no such file or directory");
  expect_refused(
      tlsloop_ctx_load_verify_dir(client, NULL), UV__EINVAL, NULL, "no name");
}
END_TEST


START_TEST(a_directory_with_a_colon_is_not_taken_for_two) {
  char path[512];

  snprintf(path, sizeof(path), "%s/a:b", pki_dir(pki));
  ck_assert_int_eq(mkdir(path, 0700), 0);
  expect_refused(
      tlsloop_ctx_load_verify_dir(client, path), UV__EINVAL, path, "colon");
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("trust refusals");
  tcase = tcase_create("refusals");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_test(tcase, a_file_that_cannot_be_read_is_told_by_its_name);
  tcase_add_test(tcase, a_file_without_a_certificate_is_told_by_its_name);
  tcase_add_test(tcase,
                 a_bad_certificate_after_good_ones_is_told_and_none_is_added);
  tcase_add_test(tcase, der_that_does_not_end_with_a_certificate_is_refused);
  tcase_add_test(tcase, no_bytes_hold_no_certificate);
  tcase_add_test(tcase, what_makes_no_sense_is_refused);
  tcase_add_test(tcase, what_is_no_directory_is_told);
  tcase_add_test(tcase, a_directory_with_a_colon_is_not_taken_for_two);
  suite_add_tcase(suite, tcase);
  return suite;
}
