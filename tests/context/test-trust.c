/* SPDX-License-Identifier: MIT */

/* Whose word a context takes. */

#include "support/suite.h"

#include "context/ctx.h"
#include "support/given.h"

#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv/errno.h>

#define UNKNOWN_ISSUER \
  TLSLOOP_EVERIFY - X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY

static pki_t* pki;
static pki_t* other;
static tlsloop_ctx_t* client;
static tlsloop_ctx_t* server;


static void setup(void) {
  pki = pki_new("trust");
  other = pki_new("other");
  client = given_ctx(TLSLOOP_PROTOCOL_TLS_CLIENT);
  server = given_server(pki, NULL);
}


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


static void expect_trusted(void) {
  ck_done(try_connection(client, server, "localhost"));
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


START_TEST(a_client_trusts_nobody_at_first) {
  ck_assert_int_eq(stored(), 0);
  expect_unknown();
}
END_TEST


START_TEST(the_certificates_of_a_file_are_trusted) {
  const char* parts[] = {
      "# roots\n", other->root->pem.data, pki->root->pem.data, NULL};

  ck_done(tlsloop_ctx_load_verify_file(client, given_file(parts)));
  ck_assert_int_eq(stored(), 2);
  expect_trusted();
}
END_TEST


START_TEST(the_certificates_of_a_text_are_trusted) {
  ck_done(load_pem(pki->root->pem.data));
  expect_trusted();
}
END_TEST


START_TEST(der_certificates_one_after_another_are_trusted) {
  unsigned char* both;
  size_t len;

  len = other->root->der.len + pki->root->der.len;
  both = malloc(len);
  ck_assert_ptr_nonnull(both);
  memcpy(both, other->root->der.data, other->root->der.len);
  memcpy(both + other->root->der.len, pki->root->der.data, pki->root->der.len);
  ck_done(load_der(both, len));
  free(both);
  ck_assert_int_eq(stored(), 2);
  expect_trusted();
}
END_TEST


START_TEST(another_root_is_not_trusted) {
  ck_done(load_pem(other->root->pem.data));
  expect_unknown();
}
END_TEST


START_TEST(what_is_trusted_already_is_no_error) {
  ck_done(load_pem(pki->root->pem.data));
  ck_done(load_pem(pki->root->pem.data));
  ck_done(load_der(pki->root->der.data, pki->root->der.len));
  ck_assert_int_eq(stored(), 1);
  expect_trusted();
}
END_TEST


START_TEST(a_trusted_certificate_keeps_what_it_is_rejected_for) {
  X509* x509;
  char* text;
  char* data;
  BIO* bio;
  long len;

  x509 = X509_dup(pki->root->x509);
  bio = BIO_new(BIO_s_mem());
  ck_assert_int_eq(X509_add1_reject_object(x509, OBJ_nid2obj(NID_server_auth)),
                   1);
  ck_assert_int_eq(PEM_write_bio_X509_AUX(bio, x509), 1);
  len = BIO_get_mem_data(bio, &data);
  text = strndup(data, (size_t) len);
  ck_done(load_pem(text));
  ck_assert_int_eq(try_connection(client, server, "localhost"),
                   TLSLOOP_EVERIFY - X509_V_ERR_CERT_REJECTED);
  free(text);
  BIO_free(bio);
  X509_free(x509);
}
END_TEST


START_TEST(revocation_lists_between_certificates_count) {
  pki_cert_t* revoked[] = {pki_leaf(pki)};
  pki_crl_opts_t opts = {.revoked = revoked, .count = 1};
  const char* parts[] = {
      pki->root->pem.data, pki_crl(pki, &opts)->pem.data, NULL};

  ck_done(tlsloop_ctx_load_verify_file(client, given_file(parts)));
  ck_assert_int_eq(stored(), 2);
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(client->ssl_ctx),
                              X509_V_FLAG_CRL_CHECK);
  ck_assert_int_eq(try_connection(client, server, "localhost"),
                   TLSLOOP_EVERIFY - X509_V_ERR_CERT_REVOKED);
}
END_TEST


START_TEST(a_revocation_list_alone_is_something) {
  ck_done(load_pem(pki_crl(pki, NULL)->pem.data));
  ck_done(load_pem(pki_crl(pki, NULL)->pem.data));
  ck_assert_int_eq(stored(), 2);
}
END_TEST


START_TEST(a_directory_is_looked_into_when_needed) {
  ck_done(tlsloop_ctx_load_verify_dir(client, pki_dir(pki)));
  ck_assert_int_eq(stored(), 0);
  pki_write_hashed(pki, pki->root);
  expect_trusted();
  ck_assert_int_eq(stored(), 1);
}
END_TEST


START_TEST(an_empty_directory_trusts_nobody) {
  ck_done(tlsloop_ctx_load_verify_dir(client, pki_dir(pki)));
  expect_unknown();
}
END_TEST


START_TEST(the_systems_certificates_are_where_the_environment_says) {
  const char* parts[] = {pki->root->pem.data, NULL};

  ck_assert_int_eq(setenv("SSL_CERT_FILE", given_file(parts), 1), 0);
  ck_assert_int_eq(setenv("SSL_CERT_DIR", pki_dir(other), 1), 0);
  ck_done(tlsloop_ctx_load_default_certs(client));
  expect_trusted();
}
END_TEST


START_TEST(no_certificates_of_the_system_are_no_error) {
  char path[512];

  snprintf(path, sizeof(path), "%s/nothing", pki_dir(pki));
  ck_assert_int_eq(setenv("SSL_CERT_FILE", path, 1), 0);
  ck_assert_int_eq(setenv("SSL_CERT_DIR", path, 1), 0);
  ck_done(tlsloop_ctx_load_default_certs(client));
  expect_unknown();
}
END_TEST


START_TEST(trust_may_grow_while_the_context_is_in_use) {
  expect_unknown();
  ck_done(load_pem(pki->root->pem.data));
  expect_trusted();
}
END_TEST


START_TEST(where_to_look_is_fixed_once_the_context_is_in_use) {
  expect_unknown();
  ck_ctx_failed(client,
                tlsloop_ctx_load_verify_dir(client, pki_dir(pki)),
                UV__EBUSY,
                NULL,
                "connections");
  ck_ctx_failed(client,
                tlsloop_ctx_load_default_certs(client),
                UV__EBUSY,
                NULL,
                "connections");
}
END_TEST


static void* connect_often(void* arg) {
  int i;

  (void) arg;
  for (i = 0; i < 20; i++)
    ck_done(try_connection(client, server, "localhost"));
  return NULL;
}


START_TEST(trust_grows_on_one_thread_while_others_connect) {
  pthread_t threads[3];
  int i;

  ck_done(load_pem(pki->root->pem.data));
  for (i = 0; i < 3; i++)
    ck_assert_int_eq(pthread_create(&threads[i], NULL, connect_often, NULL), 0);
  for (i = 0; i < 20; i++)
    ck_done(load_pem(pki_make(other, &(pki_opts_t){.new_key = 1})->pem.data));
  for (i = 0; i < 3; i++)
    ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
  ck_assert_int_eq(stored(), 21);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("trust");
  tcase = tcase_create("trust");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_set_timeout(tcase, 60);
  tcase_add_test(tcase, a_client_trusts_nobody_at_first);
  tcase_add_test(tcase, the_certificates_of_a_file_are_trusted);
  tcase_add_test(tcase, the_certificates_of_a_text_are_trusted);
  tcase_add_test(tcase, der_certificates_one_after_another_are_trusted);
  tcase_add_test(tcase, another_root_is_not_trusted);
  tcase_add_test(tcase, what_is_trusted_already_is_no_error);
  tcase_add_test(tcase, a_trusted_certificate_keeps_what_it_is_rejected_for);
  tcase_add_test(tcase, revocation_lists_between_certificates_count);
  tcase_add_test(tcase, a_revocation_list_alone_is_something);
  tcase_add_test(tcase, a_directory_is_looked_into_when_needed);
  tcase_add_test(tcase, an_empty_directory_trusts_nobody);
  tcase_add_test(tcase,
                 the_systems_certificates_are_where_the_environment_says);
  tcase_add_test(tcase, no_certificates_of_the_system_are_no_error);
  tcase_add_test(tcase, trust_may_grow_while_the_context_is_in_use);
  tcase_add_test(tcase, where_to_look_is_fixed_once_the_context_is_in_use);
  tcase_add_test(tcase, trust_grows_on_one_thread_while_others_connect);
  suite_add_tcase(suite, tcase);
  return suite;
}
