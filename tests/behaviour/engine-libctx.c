/* SPDX-License-Identifier: MIT */

/* A context keeps to the OpenSSL library context it was made in.
 *
 * The thread's default library context is replaced by one in which there is no
 * algorithm at all. Whatever looked for one there, in loading, in a handshake
 * or in the data that follows, would fail. */

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <string.h>

#include "support/given.h"
#include "support/suite.h"
#include "tlsloop/callback.h"
#include "tlsloop/info.h"
#include "tlsloop/openssl.h"
#include "tlsloop/session.h"

static const pki_key_t keys[] = {PKI_P256, PKI_P384, PKI_RSA_2048, PKI_ED25519};

static pki_t* pki;
static pki_cert_t* cert;
static pki_cert_t* client_cert;
static pki_crl_t* crl;
static OSSL_LIB_CTX* libctx;
static OSSL_LIB_CTX* empty;
static OSSL_LIB_CTX* before;
static OSSL_PROVIDER* nothing;
static tlsloop_ctx_t* client;
static tlsloop_ctx_t* server;
static tlsloop_session_t* session;


static void make_pki(pki_key_t key) {
  pki_opts_t opts = {.key = key};

  pki = pki_new("libctx");
  cert = pki_make(pki, &opts);
  client_cert = pki_make(pki, &opts);
  crl = pki_crl(pki, NULL);
}


/* From here on the default library context can do nothing. */
static void empty_default(void) {
  libctx = OSSL_LIB_CTX_new();
  empty = OSSL_LIB_CTX_new();
  ck_assert_ptr_nonnull(libctx);
  ck_assert_ptr_nonnull(empty);
  nothing = OSSL_PROVIDER_load(empty, "null");
  ck_assert_ptr_nonnull(nothing);
  before = OSSL_LIB_CTX_set0_default(empty);
}


static void tear_down(void) {
  tlsloop_session_unref(session);
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(server);
  OSSL_LIB_CTX_set0_default(before);
  OSSL_PROVIDER_unload(nothing);
  pki_free(pki);
  OSSL_LIB_CTX_free(empty);
  OSSL_LIB_CTX_free(libctx);
}


static tlsloop_ctx_t* make_ctx(int protocol, const pki_cert_t* own) {
  tlsloop_ctx_t* ctx;

  ck_done(tlsloop_ctx_new_ex(&ctx, protocol, libctx, "provider=default"));
  ck_done(tlsloop_ctx_load_verify_mem(
      ctx, pki->root->pem.data, pki->root->pem.len, TLSLOOP_ENCODING_PEM));
  ck_done(tlsloop_ctx_load_cert_chain_mem(
      ctx, own->both.data, own->both.len, NULL, 0));
  return ctx;
}


static void make_ctxs(void) {
  client = make_ctx(TLSLOOP_PROTOCOL_TLS_CLIENT, client_cert);
  server = make_ctx(TLSLOOP_PROTOCOL_TLS_SERVER, cert);
}


static int in_default(const char* digest) {
  EVP_MD* md;

  md = EVP_MD_fetch(NULL, digest, NULL);
  ERR_clear_error();
  EVP_MD_free(md);
  return md != NULL;
}


START_TEST(the_default_context_of_these_tests_can_do_nothing) {
  tlsloop_ctx_t* made = NULL;

  make_pki(PKI_P256);
  empty_default();
  ck_assert_int_eq(in_default("SHA256"), 0);
  ck_assert_int_eq(tlsloop_ctx_new(&made, TLSLOOP_PROTOCOL_TLS),
                   TLSLOOP_EOPENSSL);
  ck_assert_ptr_null(made);
}
END_TEST


START_TEST(everything_comes_from_the_context_that_was_given) {
  static const int versions[] = {TLSLOOP_TLS_1_2, TLSLOOP_TLS_1_3};

  make_pki(keys[_i / 2]);
  empty_default();
  make_ctxs();
  ck_done(tlsloop_ctx_set_max_version(client, versions[_i % 2]));
  ck_done(tlsloop_ctx_set_verify_mode(server, TLSLOOP_CERT_REQUIRED));
  ck_assert_int_eq(try_connection(client, server, "localhost"), 0);
  ck_assert_int_eq(try_connection(client, server, "other.example"),
                   TLSLOOP_EVERIFY - X509_V_ERR_HOSTNAME_MISMATCH);

  /* Nothing has come into the default one meanwhile. */
  ck_assert_int_eq(in_default("SHA256"), 0);
  ck_assert_int_eq(OSSL_PROVIDER_available(empty, "default"), 0);
}
END_TEST


START_TEST(ciphers_are_chosen_from_the_context_that_was_given) {
  make_pki(PKI_P256);
  empty_default();
  make_ctxs();
  ck_done(tlsloop_ctx_set_ciphers(client, "ECDHE-ECDSA-CHACHA20-POLY1305"));
  ck_done(tlsloop_ctx_set_ciphersuites(client, "TLS_CHACHA20_POLY1305_SHA256"));
  ck_assert_int_eq(try_connection(client, server, "localhost"), 0);
}
END_TEST


/* The rest of what loads: DER, directories and revocation lists. */
START_TEST(trust_of_every_kind_comes_from_the_context_that_was_given) {
  make_pki(PKI_P256);
  pki_write_hashed(pki, pki->root);
  empty_default();
  make_ctxs();
  tlsloop_ctx_unref(client);
  ck_done(tlsloop_ctx_new_ex(
      &client, TLSLOOP_PROTOCOL_TLS_CLIENT, libctx, "provider=default"));
  if (_i == 0)
    ck_done(tlsloop_ctx_load_verify_dir(client, pki_dir(pki)));
  else
    ck_done(tlsloop_ctx_load_verify_mem(
        client, pki->root->der.data, pki->root->der.len, TLSLOOP_ENCODING_DER));
  ck_done(tlsloop_ctx_load_verify_mem(
      client, crl->pem.data, crl->pem.len, TLSLOOP_ENCODING_PEM));
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(tlsloop_ctx_ssl_ctx(client)),
                              X509_V_FLAG_CRL_CHECK);
  ck_assert_int_eq(try_connection(client, server, "localhost"), 0);
}
END_TEST


static void keep(tlsloop_engine_t* engine, tlsloop_session_t* made, void* arg) {
  (void) engine;
  (void) arg;
  tlsloop_session_unref(session);
  session = tlsloop_session_ref(made);
}


START_TEST(sessions_and_keys_come_from_the_context_that_was_given) {
  unsigned char key[32];
  pair_t pair;

  make_pki(PKI_P256);
  empty_default();
  make_ctxs();
  ck_done(tlsloop_ctx_set_session_cb(client, keep, NULL));
  if (_i)
    ck_done(tlsloop_ctx_set_max_version(client, TLSLOOP_TLS_1_2));
  ck_assert_int_eq(try_connection(client, server, "localhost"), 0);
  ck_assert_ptr_nonnull(session);

  pair_open(&pair, client, server, "localhost");
  ck_done(tlsloop_engine_set_session(pair.client.engine, session));
  pair_connect(&pair);
  ck_assert_int_eq(tlsloop_engine_session_reused(pair.server.engine), 1);
  ck_done(tlsloop_engine_export_key(
      pair.client.engine, "EXPORTER-test", NULL, 0, key, sizeof(key)));
  pair_close(&pair);
}
END_TEST


START_TEST(an_encrypted_key_is_opened_in_the_context_that_was_given) {
  pki_opts_t opts = {.password = "secret"};
  pki_cert_t* locked;
  tlsloop_ctx_t* ctx;

  make_pki(PKI_P256);
  locked = pki_make(pki, &opts);
  empty_default();
  ck_done(tlsloop_ctx_new_ex(&ctx, TLSLOOP_PROTOCOL_TLS, libctx, NULL));
  ck_done(tlsloop_ctx_load_cert_chain_mem_password(
      ctx, locked->both.data, locked->both.len, NULL, 0, "secret", 6));
  tlsloop_ctx_unref(ctx);
}
END_TEST


START_TEST(an_ssl_ctx_is_adopted_with_its_library_context) {
  SSL_CTX* ssl_ctx;

  make_pki(PKI_P256);
  empty_default();
  make_ctxs();
  tlsloop_ctx_unref(client);
  ssl_ctx = SSL_CTX_new_ex(libctx, NULL, TLS_client_method());
  ck_assert_ptr_nonnull(ssl_ctx);
  ck_done(tlsloop_ctx_from_ssl_ctx_ex(
      &client, ssl_ctx, TLSLOOP_PROTOCOL_TLS_CLIENT, libctx, NULL));
  SSL_CTX_free(ssl_ctx);
  ck_done(tlsloop_ctx_apply_defaults(client));
  ck_done(tlsloop_ctx_load_verify_mem(
      client, pki->root->pem.data, pki->root->pem.len, TLSLOOP_ENCODING_PEM));
  ck_assert_int_eq(try_connection(client, server, "localhost"), 0);
}
END_TEST


START_TEST(properties_that_nothing_has_make_no_context_anywhere) {
  tlsloop_ctx_t* made = NULL;

  make_pki(PKI_P256);
  empty_default();
  ck_assert_int_eq(
      tlsloop_ctx_new_ex(
          &made, TLSLOOP_PROTOCOL_TLS, libctx, "provider=nonesuch"),
      TLSLOOP_EOPENSSL);
  ck_assert_ptr_null(made);
  ck_assert_uint_eq(ERR_peek_error(), 0);
}
END_TEST


Suite* suite(void) {
  TCase* tc;
  Suite* s;

  s = suite_create("engine-libctx");
  tc = tcase_create("libctx");
  tcase_add_checked_fixture(tc, NULL, tear_down);
  tcase_add_test(tc, the_default_context_of_these_tests_can_do_nothing);
  tcase_add_loop_test(
      tc, everything_comes_from_the_context_that_was_given, 0, 8);
  tcase_add_test(tc, ciphers_are_chosen_from_the_context_that_was_given);
  tcase_add_loop_test(
      tc, trust_of_every_kind_comes_from_the_context_that_was_given, 0, 2);
  tcase_add_loop_test(
      tc, sessions_and_keys_come_from_the_context_that_was_given, 0, 2);
  tcase_add_test(tc, an_encrypted_key_is_opened_in_the_context_that_was_given);
  tcase_add_test(tc, an_ssl_ctx_is_adopted_with_its_library_context);
  tcase_add_test(tc, properties_that_nothing_has_make_no_context_anywhere);
  suite_add_tcase(s, tc);
  return s;
}
