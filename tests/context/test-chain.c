/* SPDX-License-Identifier: MIT */

/* A chain and its key are loaded together or not at all. */

#include "support/suite.h"

#include "context/ctx.h"
#include "support/given.h"
#include "tlsloop/cert.h"

#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pki_t* pki;
static tlsloop_ctx_t* server;


static void setup(void) {
  pki = pki_new("chain");
  server = given_ctx(TLSLOOP_PROTOCOL_TLS_SERVER);
}


static void teardown(void) {
  tlsloop_ctx_unref(server);
  pki_free(pki);
}


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


/* Clients that verify are shown the certificate of |cn|, of which they take
 * |sigalgs|, OpenSSL's names; NULL: any. */
static void expect_shown(const char* cn, const char* sigalgs) {
  tlsloop_ctx_t* client;
  tlsloop_cert_t* cert;
  char subject[64];
  char list[64];
  pair_t pair;

  client = given_client(pki);
  if (sigalgs != NULL) {
    snprintf(list, sizeof(list), "%s", sigalgs);
    ck_assert_int_eq(SSL_CTX_set1_sigalgs_list(client->ssl_ctx, list), 1);
  }
  pair_open(&pair, client, server, "localhost");
  pair_connect(&pair);
  ck_done(tlsloop_engine_peer_cert(pair.client.engine, &cert));
  snprintf(subject, sizeof(subject), "CN=%s", cn);
  ck_assert_str_eq(tlsloop_cert_subject(cert), subject);
  tlsloop_cert_unref(cert);
  pair_close(&pair);
  tlsloop_ctx_unref(client);
}


START_TEST(a_chain_and_its_key_come_from_two_files) {
  pki_cert_t* leaf = pki_leaf(pki);
  const char* cert_file = pki_write(pki, "cert.pem", &leaf->chain);
  const char* key_file = pki_write(pki, "key.pem", &leaf->key_pem);

  ck_done(tlsloop_ctx_load_cert_chain_file(server, cert_file, key_file));
  expect_shown("localhost", NULL);
}
END_TEST


START_TEST(a_chain_and_its_key_come_from_one_file) {
  const char* file = pki_write(pki, "both.pem", &pki_leaf(pki)->both);

  ck_done(tlsloop_ctx_load_cert_chain_file(server, file, NULL));
  expect_shown("localhost", NULL);
}
END_TEST


START_TEST(a_key_may_be_before_its_chain) {
  pki_cert_t* leaf = pki_leaf(pki);
  pki_blob_t text;

  text.len = leaf->chain.len + leaf->key_pem.len;
  text.data = malloc(text.len);
  ck_assert_ptr_nonnull(text.data);
  memcpy(text.data, leaf->key_pem.data, leaf->key_pem.len);
  memcpy(text.data + leaf->key_pem.len, leaf->chain.data, leaf->chain.len);
  ck_done(load(&text, NULL));
  free(text.data);
  expect_shown("localhost", NULL);
}
END_TEST


START_TEST(a_chain_and_its_key_come_from_memory) {
  pki_cert_t* leaf = pki_leaf(pki);

  ck_done(load(&leaf->chain, &leaf->key_pem));
  expect_shown("localhost", NULL);
}
END_TEST


START_TEST(the_issuers_are_sent_too) {
  STACK_OF(X509) * chain;

  ck_done(load(&pki_leaf(pki)->both, NULL));
  ck_assert_int_eq(SSL_CTX_get0_chain_certs(server->ssl_ctx, &chain), 1);
  ck_assert_int_eq(sk_X509_num(chain), 1);
  ck_assert_int_eq(X509_cmp(sk_X509_value(chain, 0), pki->intermediate->x509),
                   0);
}
END_TEST


START_TEST(a_leaf_alone_is_a_chain_that_clients_cannot_complete) {
  tlsloop_ctx_t* client;

  ck_done(load(&pki_leaf(pki)->pem, &pki_leaf(pki)->key_pem));
  client = given_client(pki);
  ck_assert_int_eq(
      try_connection(client, server, "localhost"),
      TLSLOOP_EVERIFY - X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
  tlsloop_ctx_unref(client);
}
END_TEST


START_TEST(a_key_of_every_strong_type_serves) {
  static const pki_key_t types[] = {
      PKI_P256, PKI_P384, PKI_RSA_2048, PKI_ED25519};

  ck_done(load(&given_named("strong", types[_i])->both, NULL));
  expect_shown("strong", NULL);
}
END_TEST


START_TEST(one_pair_of_each_type_serves_at_a_time) {
  ck_done(load(&given_named("rsa", PKI_RSA_2048)->both, NULL));
  ck_done(load(&given_named("ecdsa", PKI_P256)->both, NULL));
  expect_shown("rsa", "rsa_pss_rsae_sha256");
  expect_shown("ecdsa", "ECDSA+SHA256");
}
END_TEST


START_TEST(a_second_pair_of_a_type_replaces_the_first) {
  ck_done(load(&given_named("first", PKI_P256)->both, NULL));
  ck_done(load(&given_named("rsa", PKI_RSA_2048)->both, NULL));
  ck_done(load(&given_named("second", PKI_P256)->both, NULL));
  expect_shown("second", "ECDSA+SHA256");
  expect_shown("rsa", "rsa_pss_rsae_sha256");
}
END_TEST


START_TEST(a_new_pair_leaves_nothing_of_the_old_chain) {
  pki_opts_t opts = {.cn = "alone", .self_signed = 1};
  STACK_OF(X509) * chain;

  ck_done(load(&pki_leaf(pki)->both, NULL));
  ck_done(load(&pki_make(pki, &opts)->both, NULL));
  ck_assert_int_eq(SSL_CTX_get0_chain_certs(server->ssl_ctx, &chain), 1);
  ck_assert_int_le(sk_X509_num(chain), 0);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("chain");
  tcase = tcase_create("chains");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_test(tcase, a_chain_and_its_key_come_from_two_files);
  tcase_add_test(tcase, a_chain_and_its_key_come_from_one_file);
  tcase_add_test(tcase, a_key_may_be_before_its_chain);
  tcase_add_test(tcase, a_chain_and_its_key_come_from_memory);
  tcase_add_test(tcase, the_issuers_are_sent_too);
  tcase_add_test(tcase, a_leaf_alone_is_a_chain_that_clients_cannot_complete);
  tcase_add_loop_test(tcase, a_key_of_every_strong_type_serves, 0, 4);
  tcase_add_test(tcase, one_pair_of_each_type_serves_at_a_time);
  tcase_add_test(tcase, a_second_pair_of_a_type_replaces_the_first);
  tcase_add_test(tcase, a_new_pair_leaves_nothing_of_the_old_chain);
  suite_add_tcase(suite, tcase);
  return suite;
}
