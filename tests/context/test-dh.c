/* SPDX-License-Identifier: MIT */

/* Parameters for Diffie-Hellman are loaded when they are good. */

#include "support/suite.h"

#include "context/ctx.h"
#include "support/given.h"
#include "tlsloop/callback.h"
#include "tlsloop/policy.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>
#include <uv/errno.h>

#define SUITE "DHE-RSA-AES128-GCM-SHA256"

static pki_t* pki;
static tlsloop_ctx_t* client;
static tlsloop_ctx_t* server;
static char text[4096];


static void setup(void) {
  pki_opts_t opts = {.key = PKI_RSA_2048};

  pki = pki_new("dh");
  server = given_server(pki, pki_make(pki, &opts));
  client = given_client(pki);
  ck_done(tlsloop_ctx_set_max_version(client, TLSLOOP_TLS_1_2));
  ck_done(tlsloop_ctx_set_ciphers(client, SUITE));
  ck_done(tlsloop_ctx_set_ciphers(server, SUITE));
}


static void teardown(void) {
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(server);
  pki_free(pki);
}


/* Parameters of the prime |p| as PEM in |text|. */
static void write_prime(const BIGNUM* p) {
  OSSL_PARAM_BLD* build = OSSL_PARAM_BLD_new();
  EVP_PKEY_CTX* make = EVP_PKEY_CTX_new_from_name(NULL, "DH", NULL);
  BIO* bio = BIO_new(BIO_s_mem());
  BIGNUM* g = BN_new();
  EVP_PKEY* pkey = NULL;
  OSSL_PARAM* params;
  int len;

  ck_assert_int_eq(BN_set_word(g, 2), 1);
  ck_assert_int_eq(OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_FFC_P, p), 1);
  ck_assert_int_eq(OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_FFC_G, g), 1);
  params = OSSL_PARAM_BLD_to_param(build);
  ck_assert_int_eq(EVP_PKEY_fromdata_init(make), 1);
  ck_assert_int_eq(
      EVP_PKEY_fromdata(make, &pkey, EVP_PKEY_KEY_PARAMETERS, params), 1);
  ck_assert_int_eq(PEM_write_bio_Parameters(bio, pkey), 1);
  len = BIO_read(bio, text, sizeof(text) - 1);
  ck_assert_int_gt(len, 0);
  text[len] = '\0';
  EVP_PKEY_free(pkey);
  OSSL_PARAM_free(params);
  OSSL_PARAM_BLD_free(build);
  EVP_PKEY_CTX_free(make);
  BN_free(g);
  BIO_free(bio);
}


/* RFC 3526, 3, whose prime is safe. */
static void write_good(void) {
  BIGNUM* p = BN_get_rfc3526_prime_2048(NULL);

  write_prime(p);
  BN_free(p);
}


/* An odd number as long as the prime that is none. */
static void write_composite(void) {
  BIGNUM* p = BN_get_rfc3526_prime_2048(NULL);

  ck_assert_int_eq(BN_sub_word(p, 2), 1);
  write_prime(p);
  BN_free(p);
}


static void write_short(void) {
  BIGNUM* p = BN_get_rfc2409_prime_1024(NULL);

  write_prime(p);
  BN_free(p);
}


static int load(void) {
  return tlsloop_ctx_load_dh_params_mem(server, text, strlen(text));
}


static void expect_agreed(void) {
  pair_t pair;

  pair_open(&pair, client, server, "localhost");
  pair_connect(&pair);
  ck_assert_str_eq(tlsloop_engine_cipher_name(pair.client.engine), SUITE);
  pair_close(&pair);
}


static void expect_nothing_agreed(void) {
  ck_assert_str_eq(
      tlsloop_err_name(try_connection(client, server, "localhost")),
      "TLSLOOP_EALERT_RECEIVED(HANDSHAKE_FAILURE)");
}


START_TEST(without_parameters_there_is_no_such_exchange) {
  expect_nothing_agreed();
}
END_TEST


START_TEST(with_parameters_there_is) {
  write_good();
  ck_done(load());
  expect_agreed();
}
END_TEST


START_TEST(parameters_come_from_a_file) {
  const char* path;

  write_good();
  path = pki_write(pki, "dh.pem", &(pki_blob_t){text, strlen(text)});
  ck_done(tlsloop_ctx_load_dh_params_file(server, path));
  expect_agreed();
}
END_TEST


START_TEST(openssl_can_choose_them) {
  ck_done(tlsloop_ctx_set_dh_auto(server, 1));
  expect_agreed();
}
END_TEST


START_TEST(openssl_can_be_kept_from_it) {
  ck_done(tlsloop_ctx_set_dh_auto(server, 1));
  ck_done(tlsloop_ctx_set_dh_auto(server, 0));
  expect_nothing_agreed();
}
END_TEST


START_TEST(a_client_takes_them_and_makes_nothing_of_it) {
  write_good();
  ck_done(tlsloop_ctx_load_dh_params_mem(client, text, strlen(text)));
}
END_TEST


START_TEST(what_is_below_the_security_level_is_refused) {
  write_short();
  ck_ctx_failed(
      server, load(), TLSLOOP_EWEAK, NULL, "too weak for the security level");
  expect_nothing_agreed();
}
END_TEST


START_TEST(what_is_no_safe_prime_needs_to_be_allowed) {
  write_composite();
  ck_ctx_failed(server, load(), TLSLOOP_EINSECURE, NULL, "not of a safe prime");
  ck_done(tlsloop_ctx_allow_insecure(server));
  ck_done(load());
}
END_TEST


START_TEST(what_is_too_large_is_not_looked_at) {
  ck_ctx_failed(
      server,
      tlsloop_ctx_load_dh_params_mem(server, text, 16 * 1024 * 1024 + 1),
      UV__EFBIG,
      NULL,
      "");
}
END_TEST


START_TEST(a_failure_leaves_the_old_ones) {
  write_good();
  ck_done(load());
  write_composite();
  ck_assert_int_eq(load(), TLSLOOP_EINSECURE);
  write_short();
  ck_assert_int_eq(load(), TLSLOOP_EWEAK);
  expect_agreed();
}
END_TEST


START_TEST(what_has_no_parameters_is_refused) {
  const char* texts[] = {"",
                         "nothing here\n",
                         pki_leaf(pki)->key_pem.data,
                         pki_leaf(pki)->pem.data,
                         "-----BEGIN DH PARAMETERS-----\nAAAA\n"
                         "-----END DH PARAMETERS-----\n"};
  int i;

  for (i = 0; i < 5; i++)
    ck_ctx_failed(
        server,
        tlsloop_ctx_load_dh_params_mem(server, texts[i], strlen(texts[i])),
        TLSLOOP_EBADKEY,
        NULL,
        "no Diffie-Hellman parameters can be read");
}
END_TEST


START_TEST(parameters_of_another_kind_are_refused) {
  EVP_PKEY_CTX* make = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
  BIO* bio = BIO_new(BIO_s_mem());
  EVP_PKEY* curve = NULL;
  int len;

  ck_assert_int_eq(EVP_PKEY_paramgen_init(make), 1);
  ck_assert_int_eq(EVP_PKEY_CTX_set_group_name(make, "prime256v1"), 1);
  ck_assert_int_eq(EVP_PKEY_paramgen(make, &curve), 1);
  ck_assert_int_eq(PEM_write_bio_Parameters(bio, curve), 1);
  len = BIO_read(bio, text, sizeof(text) - 1);
  ck_assert_int_gt(len, 0);
  text[len] = '\0';
  ck_ctx_failed(server, load(), TLSLOOP_EBADKEY, NULL, "NO_START_LINE");
  EVP_PKEY_free(curve);
  EVP_PKEY_CTX_free(make);
  BIO_free(bio);
}
END_TEST


START_TEST(a_file_that_cannot_be_read_is_told_by_its_name) {
  char path[512];

  snprintf(path, sizeof(path), "%s/nothing", pki_dir(pki));
  ck_ctx_failed(server,
                tlsloop_ctx_load_dh_params_file(server, path),
                UV__ENOENT,
                path,
                "no such file");
  ck_ctx_failed(server,
                tlsloop_ctx_load_dh_params_file(server, NULL),
                UV__EINVAL,
                NULL,
                "no file name");
  ck_ctx_failed(server,
                tlsloop_ctx_load_dh_params_mem(server, NULL, 1),
                UV__EINVAL,
                NULL,
                "no data");
  ck_ctx_failed(server,
                tlsloop_ctx_set_dh_auto(server, 2),
                UV__EINVAL,
                NULL,
                "neither 1 nor 0");
}
END_TEST


static int on_name(tlsloop_engine_t* engine,
                   const char* name,
                   tlsloop_ctx_t* ctx,
                   void* arg) {
  (void) name;
  (void) ctx;
  ck_done(tlsloop_engine_set_ctx(engine, arg));
  return 0;
}


START_TEST(a_context_for_a_name_brings_its_parameters) {
  tlsloop_ctx_t* front;

  write_good();
  ck_done(load());
  front = given_server(pki, NULL);
  ck_done(tlsloop_ctx_set_sni_cb(front, on_name, server));
  ck_done(try_connection(client, front, "localhost"));
  tlsloop_ctx_unref(front);
}
END_TEST


START_TEST(a_context_in_use_keeps_them) {
  write_good();
  ck_done(load());
  expect_agreed();
  ck_ctx_failed(server, load(), UV__EBUSY, NULL, "connections");
  ck_ctx_failed(server,
                tlsloop_ctx_load_dh_params_file(server, "/dev/null"),
                UV__EBUSY,
                NULL,
                "connections");
  ck_ctx_failed(server,
                tlsloop_ctx_set_dh_auto(server, 1),
                UV__EBUSY,
                NULL,
                "connections");
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("dh");
  tcase = tcase_create("dh");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_set_timeout(tcase, 120);
  tcase_add_test(tcase, without_parameters_there_is_no_such_exchange);
  tcase_add_test(tcase, with_parameters_there_is);
  tcase_add_test(tcase, parameters_come_from_a_file);
  tcase_add_test(tcase, openssl_can_choose_them);
  tcase_add_test(tcase, openssl_can_be_kept_from_it);
  tcase_add_test(tcase, a_client_takes_them_and_makes_nothing_of_it);
  tcase_add_test(tcase, what_is_below_the_security_level_is_refused);
  tcase_add_test(tcase, what_is_no_safe_prime_needs_to_be_allowed);
  tcase_add_test(tcase, what_is_too_large_is_not_looked_at);
  tcase_add_test(tcase, a_failure_leaves_the_old_ones);
  tcase_add_test(tcase, what_has_no_parameters_is_refused);
  tcase_add_test(tcase, parameters_of_another_kind_are_refused);
  tcase_add_test(tcase, a_file_that_cannot_be_read_is_told_by_its_name);
  tcase_add_test(tcase, a_context_for_a_name_brings_its_parameters);
  tcase_add_test(tcase, a_context_in_use_keeps_them);
  suite_add_tcase(suite, tcase);
  return suite;
}
