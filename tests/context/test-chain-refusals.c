/* SPDX-License-Identifier: MIT */

/* Chains that are refused: for the right reason, with the name of the right
 * file, and while the chain from before goes on serving. */

#include "support/suite.h"

#include "context/ctx.h"
#include "context/file.h"
#include "support/given.h"
#include "tlsloop/cert.h"

#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv/errno.h>

static pki_t* pki;
static tlsloop_ctx_t* server;
static pki_cert_t* good; /* what |server| is */


static int load(const pki_blob_t* cert, const pki_blob_t* key) {
  return tlsloop_ctx_load_cert_chain_mem(server,
                                         cert->data,
                                         cert->len,
                                         key == NULL ? NULL : key->data,
                                         key == NULL ? 0 : key->len);
}


static pki_cert_t* given_named(const char* cn, pki_key_t type) {
  pki_opts_t opts = {.cn = cn, .key = type, .new_key = 1};

  return pki_make(pki, &opts);
}


/* Clients that verify are shown the certificate of |cn|. */
static void expect_shown(const char* cn) {
  tlsloop_ctx_t* client;
  tlsloop_cert_t* cert;
  char subject[64];
  pair_t pair;

  client = given_client(pki);
  pair_open(&pair, client, server, "localhost");
  pair_connect(&pair);
  ck_done(tlsloop_engine_peer_cert(pair.client.engine, &cert));
  snprintf(subject, sizeof(subject), "CN=%s", cn);
  ck_assert_str_eq(tlsloop_cert_subject(cert), subject);
  tlsloop_cert_unref(cert);
  pair_close(&pair);
  tlsloop_ctx_unref(client);
}


static void setup(void) {
  pki = pki_new("chain");
  server = given_ctx(TLSLOOP_PROTOCOL_TLS_SERVER);
  good = given_named("good", PKI_P256);
  ck_done(load(&good->both, NULL));
}


static void teardown(void) {
  expect_shown("good");
  tlsloop_ctx_unref(server);
  pki_free(pki);
}


static void expect_refused(int got,
                           int code,
                           const char* subject,
                           const char* text) {
  ck_ctx_failed(server, got, code, subject, text);
}


START_TEST(a_file_that_cannot_be_read_is_told_by_its_name) {
  const char* file = pki_write(pki, "good.pem", &good->both);
  char nothing[512];

  snprintf(nothing, sizeof(nothing), "%s/nothing", pki_dir(pki));
  expect_refused(tlsloop_ctx_load_cert_chain_file(server, nothing, NULL),
                 UV__ENOENT,
                 nothing,
                 "no such file or directory");
  expect_refused(tlsloop_ctx_load_cert_chain_file(server, file, nothing),
                 UV__ENOENT,
                 nothing,
                 "no such file or directory");
  expect_refused(tlsloop_ctx_load_cert_chain_file(server, pki_dir(pki), file),
                 UV__EISDIR,
                 pki_dir(pki),
                 "directory");
  expect_refused(tlsloop_ctx_load_cert_chain_file(server, file, pki_dir(pki)),
                 UV__EISDIR,
                 pki_dir(pki),
                 "directory");
  expect_refused(tlsloop_ctx_load_cert_chain_file(server, file, "/dev/zero"),
                 UV__EFBIG,
                 "/dev/zero",
                 "large");
}
END_TEST


START_TEST(what_makes_no_sense_is_refused) {
  const pki_blob_t* pem = &good->both;

  expect_refused(tlsloop_ctx_load_cert_chain_file(server, NULL, NULL),
                 UV__EINVAL,
                 NULL,
                 "no file name");
  expect_refused(tlsloop_ctx_load_cert_chain_mem(server, NULL, 0, NULL, 0),
                 UV__EINVAL,
                 NULL,
                 "no certificate");
  /* Nothing of that many bytes is looked at. */
  expect_refused(tlsloop_ctx_load_cert_chain_mem(
                     server, pem->data, TLSLOOP__FILE_MAX_LEN + 1, NULL, 0),
                 UV__EFBIG,
                 NULL,
                 "large");
  expect_refused(
      tlsloop_ctx_load_cert_chain_mem(
          server, pem->data, pem->len, pem->data, TLSLOOP__FILE_MAX_LEN + 1),
      UV__EFBIG,
      NULL,
      "large");
}
END_TEST


static pki_blob_t blob_of(char* text) {
  return (pki_blob_t){text, strlen(text)};
}


START_TEST(a_text_without_a_certificate_is_told) {
  char empty[] = "";
  char words[] = "a letter\n";
  pki_blob_t blob;
  const char* file;

  file = pki_write(pki, "key.pem", &good->key_pem);
  expect_refused(tlsloop_ctx_load_cert_chain_file(server, file, NULL),
                 TLSLOOP_ENOCERT,
                 file,
                 "no certificate was found");
  blob = blob_of(empty);
  expect_refused(load(&blob, NULL), TLSLOOP_ENOCERT, NULL, "no certificate");
  blob = blob_of(words);
  expect_refused(
      load(&blob, &good->key_pem), TLSLOOP_ENOCERT, NULL, "no certificate");
}
END_TEST


START_TEST(a_bad_certificate_is_told_wherever_it_stands) {
  static const char bad[] =
      "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  pki_blob_t text;
  const char* file;

  text.len = good->both.len + strlen(bad);
  text.data = malloc(text.len + 1);
  ck_assert_ptr_nonnull(text.data);
  strcpy(text.data, good->both.data);
  strcat(text.data, bad);
  file = pki_write(pki, "bad.pem", &text);
  expect_refused(tlsloop_ctx_load_cert_chain_file(server, file, NULL),
                 TLSLOOP_EBADCERT,
                 file,
                 "PEM block 4 cannot be read");
  free(text.data);
}
END_TEST


START_TEST(a_bad_key_is_told_with_its_file) {
  char bad[] = "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n";
  const char* cert_file = pki_write(pki, "cert.pem", &good->chain);
  pki_blob_t blob = blob_of(bad);
  const char* key_file = pki_write(pki, "key.pem", &blob);

  expect_refused(tlsloop_ctx_load_cert_chain_file(server, cert_file, key_file),
                 TLSLOOP_EBADKEY,
                 key_file,
                 "no private key can be read");
  expect_refused(tlsloop_ctx_load_cert_chain_file(server, cert_file, cert_file),
                 TLSLOOP_EBADKEY,
                 cert_file,
                 "no private key can be read");
  expect_refused(tlsloop_ctx_load_cert_chain_file(server, cert_file, NULL),
                 TLSLOOP_EBADKEY,
                 cert_file,
                 "no private key can be read");
}
END_TEST


START_TEST(an_encrypted_key_is_told_and_nobody_is_asked) {
  pki_opts_t opts = {.password = "secret"};
  pki_cert_t* secret = pki_make(pki, &opts);
  const char* file = pki_write(pki, "secret.pem", &secret->both);
  int terminal[2];

  /* Whoever asked would be answered. */
  ck_assert_int_eq(pipe(terminal), 0);
  ck_assert_int_eq(write(terminal[1], "secret\n", 7), 7);
  ck_assert_int_ge(dup2(terminal[0], STDIN_FILENO), 0);
  expect_refused(tlsloop_ctx_load_cert_chain_file(server, file, NULL),
                 TLSLOOP_EPASSWORD,
                 file,
                 "the private key is encrypted");
  expect_refused(load(&secret->chain, &secret->key_pem),
                 TLSLOOP_EPASSWORD,
                 NULL,
                 "the private key is encrypted");
  close(terminal[0]);
  close(terminal[1]);
}
END_TEST


START_TEST(a_key_of_another_certificate_does_not_match) {
  pki_cert_t* same_type = given_named("other", PKI_P256);
  pki_cert_t* other_type = given_named("other", PKI_RSA_2048);
  const char* cert_file = pki_write(pki, "cert.pem", &good->chain);
  const char* key_file = pki_write(pki, "key.pem", &same_type->key_pem);

  expect_refused(tlsloop_ctx_load_cert_chain_file(server, cert_file, key_file),
                 TLSLOOP_EKEYMISMATCH,
                 key_file,
                 "[X509: KEY_VALUES_MISMATCH]");
  expect_refused(load(&good->chain, &other_type->key_pem),
                 TLSLOOP_EKEYMISMATCH,
                 NULL,
                 "[X509: KEY_TYPE_MISMATCH]");
}
END_TEST


START_TEST(a_chain_in_the_wrong_order_is_told_as_that) {
  pki_cert_t* leaf = given_named("leaf", PKI_P256);
  const pki_blob_t* issuer = &pki->intermediate->pem;
  pki_blob_t text;

  text.len = issuer->len + leaf->pem.len;
  text.data = malloc(text.len);
  ck_assert_ptr_nonnull(text.data);
  memcpy(text.data, issuer->data, issuer->len);
  memcpy(text.data + issuer->len, leaf->pem.data, leaf->pem.len);
  expect_refused(load(&text, &leaf->key_pem),
                 TLSLOOP_EKEYMISMATCH,
                 NULL,
                 "certificate 2, which must be the first");
  free(text.data);
}
END_TEST


START_TEST(a_weak_key_is_refused) {
  const char* file =
      pki_write(pki, "weak.pem", &given_named("weak", PKI_RSA_1024)->both);

  expect_refused(tlsloop_ctx_load_cert_chain_file(server, file, NULL),
                 TLSLOOP_EWEAK,
                 file,
                 "[SSL: EE_KEY_TOO_SMALL]");
}
END_TEST


START_TEST(a_weak_signature_is_refused) {
  pki_opts_t opts = {.cn = "weak", .digest = "SHA1"};

  expect_refused(load(&pki_make(pki, &opts)->both, NULL),
                 TLSLOOP_EWEAK,
                 NULL,
                 "[SSL: CA_MD_TOO_WEAK]");
}
END_TEST


START_TEST(a_weak_issuer_is_refused) {
  pki_opts_t ca = {.cn = "weak CA",
                   .key = PKI_RSA_1024,
                   .basic = "critical,CA:TRUE",
                   .ku = "critical,keyCertSign",
                   .san = "",
                   .eku = ""};
  pki_opts_t opts = {.cn = "weak", .issuer = pki_make(pki, &ca)};

  expect_refused(load(&pki_make(pki, &opts)->both, NULL),
                 TLSLOOP_EWEAK,
                 NULL,
                 "[SSL: CA_KEY_TOO_SMALL]");
}
END_TEST


static void use_x25519(X509* x509, void* key) {
  ck_assert_int_eq(X509_set_pubkey(x509, key), 1);
}


START_TEST(a_type_of_key_that_tls_has_no_use_for_is_told) {
  EVP_PKEY* key = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
  pki_opts_t opts = {.cn = "odd", .tweak = use_x25519, .arg = key};
  BIO* bio = BIO_new(BIO_s_mem());
  pki_blob_t text;

  ck_assert_int_eq(
      PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL), 1);
  text.len = (size_t) BIO_get_mem_data(bio, &text.data);
  expect_refused(load(&pki_make(pki, &opts)->chain, &text),
                 TLSLOOP_EBADKEY,
                 NULL,
                 "no use for this type of key");
  BIO_free(bio);
  EVP_PKEY_free(key);
}
END_TEST


START_TEST(a_context_in_use_keeps_its_chain) {
  pki_cert_t* other = given_named("other", PKI_P256);
  const char* file = pki_write(pki, "other.pem", &other->both);

  expect_shown("good");
  expect_refused(load(&other->both, NULL), UV__EBUSY, NULL, "connections");
  expect_refused(tlsloop_ctx_load_cert_chain_file(server, file, NULL),
                 UV__EBUSY,
                 NULL,
                 "connections");
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("chain refusals");
  tcase = tcase_create("refusals");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_test(tcase, a_file_that_cannot_be_read_is_told_by_its_name);
  tcase_add_test(tcase, what_makes_no_sense_is_refused);
  tcase_add_test(tcase, a_text_without_a_certificate_is_told);
  tcase_add_test(tcase, a_bad_certificate_is_told_wherever_it_stands);
  tcase_add_test(tcase, a_bad_key_is_told_with_its_file);
  tcase_add_test(tcase, an_encrypted_key_is_told_and_nobody_is_asked);
  tcase_add_test(tcase, a_key_of_another_certificate_does_not_match);
  tcase_add_test(tcase, a_chain_in_the_wrong_order_is_told_as_that);
  tcase_add_test(tcase, a_weak_key_is_refused);
  tcase_add_test(tcase, a_weak_signature_is_refused);
  tcase_add_test(tcase, a_weak_issuer_is_refused);
  tcase_add_test(tcase, a_type_of_key_that_tls_has_no_use_for_is_told);
  tcase_add_test(tcase, a_context_in_use_keeps_its_chain);
  suite_add_tcase(suite, tcase);
  return suite;
}
