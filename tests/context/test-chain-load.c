/* SPDX-License-Identifier: MIT */

/* Chains whose keys are encrypted, and those who know the passwords. */

#include "support/suite.h"

#include "context/ctx.h"
#include "support/given.h"
#include "tlsloop/callback.h"

#include <openssl/pem.h>
#include <string.h>
#include <uv/errno.h>

#define SECRET "open sesame"

static pki_t* pki;
static tlsloop_ctx_t* server;
static pki_cert_t* cert;
static const char* cert_file;
static const char* key_file;
static int asked;


static void setup(void) {
  pki_opts_t opts = {.password = SECRET, .new_key = 1};

  pki = pki_new("chain-load");
  server = given_ctx(TLSLOOP_PROTOCOL_TLS_SERVER);
  cert = pki_make(pki, &opts);
  cert_file = pki_write(pki, "cert.pem", &cert->chain);
  key_file = pki_write(pki, "key.pem", &cert->key_pem);
  asked = 0;
}


static void teardown(void) {
  tlsloop_ctx_unref(server);
  pki_free(pki);
}


/* Loads from files or from memory, with a password or with a callback. */
static int load(int from_memory, const char* password, size_t len) {
  if (!from_memory)
    return tlsloop_ctx_load_cert_chain_file_password(
        server, cert_file, key_file, password, len);
  return tlsloop_ctx_load_cert_chain_mem_password(server,
                                                  cert->chain.data,
                                                  cert->chain.len,
                                                  cert->key_pem.data,
                                                  cert->key_pem.len,
                                                  password,
                                                  len);
}


static int load_cb(int from_memory, tlsloop_password_cb cb, void* arg) {
  if (!from_memory)
    return tlsloop_ctx_load_cert_chain_file_cb(
        server, cert_file, key_file, cb, arg);
  return tlsloop_ctx_load_cert_chain_mem_cb(server,
                                            cert->chain.data,
                                            cert->chain.len,
                                            cert->key_pem.data,
                                            cert->key_pem.len,
                                            cb,
                                            arg);
}


/* Says |arg|; NULL: has nothing to say. */
static int say(char* buf, size_t size, void* arg) {
  size_t len;

  asked++;
  if (arg == NULL)
    return -1;
  len = strlen(arg);
  ck_assert_uint_le(len, size);
  memcpy(buf, arg, len);
  return (int) len;
}


static int say_too_much(char* buf, size_t size, void* arg) {
  (void) buf;
  (void) arg;
  return (int) size + 1;
}


static char secret[] = SECRET;
static char wrong[] = "shut sesame";


static void expect_loaded(void) {
  tlsloop_ctx_t* client;

  client = given_client(pki);
  ck_done(try_connection(client, server, "localhost"));
  tlsloop_ctx_unref(client);
}


static void expect_refused(int got,
                           int code,
                           const char* file,
                           const char* why) {
  ck_ctx_failed(server, got, code, file, why);
  ck_assert_ptr_null(SSL_CTX_get0_certificate(server->ssl_ctx));
}


static const char* subject(int from_memory) {
  return from_memory ? NULL : key_file;
}


START_TEST(the_right_password_opens_the_key) {
  ck_done(load(_i, SECRET, strlen(SECRET)));
  expect_loaded();
}
END_TEST


START_TEST(the_password_has_a_length_and_no_end) {
  ck_done(load(_i, SECRET "trailing", strlen(SECRET)));
  expect_loaded();
}
END_TEST


START_TEST(the_callback_opens_the_key) {
  ck_done(load_cb(_i, say, secret));
  ck_assert_int_eq(asked, 1);
  expect_loaded();
}
END_TEST


START_TEST(a_key_of_the_old_format_opens_too) {
  pki_blob_t old;
  char* data;
  BIO* bio;

  bio = BIO_new(BIO_s_mem());
  ck_assert_int_eq(
      PEM_write_bio_PrivateKey_traditional(
          bio, cert->key, EVP_aes_128_cbc(), NULL, 0, NULL, secret),
      1);
  old.len = (size_t) BIO_get_mem_data(bio, &data);
  old.data = data;
  key_file = pki_write(pki, "old.pem", &old);
  BIO_free(bio);
  expect_refused(
      load(0, wrong, strlen(wrong)), TLSLOOP_EPASSWORD, key_file, "wrong");
  ck_done(load_cb(0, say, secret));
  ck_assert_int_eq(asked, 1);
  expect_loaded();
}
END_TEST


START_TEST(a_key_that_is_not_encrypted_needs_no_password) {
  pki_cert_t* leaf = pki_leaf(pki);

  ck_done(tlsloop_ctx_load_cert_chain_mem_cb(
      server, leaf->both.data, leaf->both.len, NULL, 0, say, secret));
  ck_assert_int_eq(asked, 0);
  ck_done(tlsloop_ctx_load_cert_chain_mem_password(
      server, leaf->both.data, leaf->both.len, NULL, 0, SECRET, 3));
  expect_loaded();
}
END_TEST


START_TEST(a_wrong_password_is_told) {
  expect_refused(load(_i, wrong, strlen(wrong)),
                 TLSLOOP_EPASSWORD,
                 subject(_i),
                 "the private key's password is wrong");
  expect_refused(
      load(_i, "", 0), TLSLOOP_EPASSWORD, subject(_i), "password is wrong");
  expect_refused(load_cb(_i, say, wrong),
                 TLSLOOP_EPASSWORD,
                 subject(_i),
                 "the private key's password is wrong");
  ck_assert_int_eq(asked, 1);
}
END_TEST


START_TEST(nobody_is_asked_on_the_terminal) {
  expect_refused(load(_i, NULL, 0),
                 TLSLOOP_EPASSWORD,
                 subject(_i),
                 "the private key is encrypted");
  expect_refused(load_cb(_i, NULL, NULL),
                 TLSLOOP_EPASSWORD,
                 subject(_i),
                 "the private key is encrypted");
  expect_refused(tlsloop_ctx_load_cert_chain_file(server, cert_file, key_file),
                 TLSLOOP_EPASSWORD,
                 key_file,
                 "the private key is encrypted");
}
END_TEST


START_TEST(a_callback_that_has_none_is_told) {
  expect_refused(load_cb(_i, say, NULL),
                 TLSLOOP_ECALLBACK,
                 subject(_i),
                 "the callback has no password");
  ck_assert_int_eq(asked, 1);
}
END_TEST


START_TEST(a_password_that_is_too_long_is_refused) {
  char value[TLSLOOP_PASSWORD_MAX + 1];

  memset(value, 'p', sizeof(value));
  expect_refused(load(_i, value, sizeof(value)),
                 UV__EINVAL,
                 NULL,
                 "password cannot be longer than 1024 bytes");
  expect_refused(load(_i, value, sizeof(value) - 1),
                 TLSLOOP_EPASSWORD,
                 subject(_i),
                 "password is wrong");
  expect_refused(load_cb(_i, say_too_much, NULL),
                 UV__EINVAL,
                 subject(_i),
                 "password cannot be longer than 1024 bytes");
}
END_TEST


START_TEST(a_failure_leaves_the_old_chain) {
  pki_cert_t* leaf = pki_leaf(pki);

  ck_done(tlsloop_ctx_load_cert_chain_mem(
      server, leaf->both.data, leaf->both.len, NULL, 0));
  ck_assert_int_eq(load(_i, wrong, strlen(wrong)), TLSLOOP_EPASSWORD);
  ck_assert_int_eq(
      X509_cmp(SSL_CTX_get0_certificate(server->ssl_ctx), leaf->x509), 0);
  expect_loaded();
}
END_TEST


START_TEST(a_key_without_a_certificate_is_refused) {
  expect_refused(tlsloop_ctx_load_cert_chain_file(server, NULL, key_file),
                 UV__EINVAL,
                 NULL,
                 "no file name");
  expect_refused(tlsloop_ctx_load_cert_chain_file_password(
                     server, NULL, key_file, SECRET, 3),
                 UV__EINVAL,
                 NULL,
                 "no file name");
  expect_refused(
      tlsloop_ctx_load_cert_chain_mem_cb(
          server, NULL, 0, cert->key_pem.data, cert->key_pem.len, say, secret),
      UV__EINVAL,
      NULL,
      "no certificate");
}
END_TEST


START_TEST(a_context_in_use_keeps_its_chain) {
  ck_done(load(_i, SECRET, strlen(SECRET)));
  expect_loaded();
  ck_ctx_failed(server,
                load(_i, SECRET, TLSLOOP_PASSWORD_MAX + 1),
                UV__EBUSY,
                NULL,
                "connections");
  ck_ctx_failed(
      server, load_cb(_i, say, secret), UV__EBUSY, NULL, "connections");
  ck_assert_int_eq(asked, 0);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("chain-load");
  tcase = tcase_create("passwords");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_set_timeout(tcase, 60);
  tcase_add_loop_test(tcase, the_right_password_opens_the_key, 0, 2);
  tcase_add_loop_test(tcase, the_password_has_a_length_and_no_end, 0, 2);
  tcase_add_loop_test(tcase, the_callback_opens_the_key, 0, 2);
  tcase_add_test(tcase, a_key_of_the_old_format_opens_too);
  tcase_add_test(tcase, a_key_that_is_not_encrypted_needs_no_password);
  suite_add_tcase(suite, tcase);

  tcase = tcase_create("refusals");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_set_timeout(tcase, 60);
  tcase_add_loop_test(tcase, a_wrong_password_is_told, 0, 2);
  tcase_add_loop_test(tcase, nobody_is_asked_on_the_terminal, 0, 2);
  tcase_add_loop_test(tcase, a_callback_that_has_none_is_told, 0, 2);
  tcase_add_loop_test(tcase, a_password_that_is_too_long_is_refused, 0, 2);
  tcase_add_loop_test(tcase, a_failure_leaves_the_old_chain, 0, 2);
  tcase_add_test(tcase, a_key_without_a_certificate_is_refused);
  tcase_add_loop_test(tcase, a_context_in_use_keeps_its_chain, 0, 2);
  suite_add_tcase(suite, tcase);
  return suite;
}
