/* SPDX-License-Identifier: MIT */

/* Whichever allocation fails while a context is filled, it is as before or as
 * it should be. */

#include "support/suite.h"

#include "context/ctx.h"
#include "support/fail-alloc.h"
#include "support/fail-ossl.h"
#include "support/given.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <uv/errno.h>

static pki_t* pki;
static tlsloop_ctx_t* ctx;
static int installed; /* fail_ossl_install */


static void setup(void) {
  ck_assert_int_eq(installed, 1);
  pki = pki_new("memory");
  ctx = given_server(pki, NULL);
}


static void teardown(void) {
  tlsloop_ctx_unref(ctx);
  pki_free(pki);
}


static int load(const pki_cert_t* cert) {
  return tlsloop_ctx_load_cert_chain_mem(
      ctx, cert->both.data, cert->both.len, NULL, 0);
}


/* What |ctx| would show and sign with is |cert|. */
static void expect_chain(const pki_cert_t* cert) {
  STACK_OF(X509) * chain;

  ck_assert_int_eq(X509_cmp(SSL_CTX_get0_certificate(ctx->ssl_ctx), cert->x509),
                   0);
  ck_assert_int_eq(
      EVP_PKEY_eq(SSL_CTX_get0_privatekey(ctx->ssl_ctx), cert->key), 1);
  ck_assert_int_eq(SSL_CTX_get0_chain_certs(ctx->ssl_ctx, &chain), 1);
  ck_assert_int_eq(sk_X509_num(chain), 1);
}


/* Decoding takes thousands of allocations; what comes last, when the decoded
 * is put in place, is where each of them matters. */
static unsigned int next(unsigned int n, unsigned int total) {
  return total - n > 200 ? n + 23 : n + 1;
}


START_TEST(a_chain_is_whole_or_the_old_one) {
  pki_opts_t opts = {.cn = "new", .new_key = 1};
  pki_cert_t* old;
  pki_cert_t* new;
  unsigned int failures;
  unsigned int total;
  unsigned int n;
  int err;

  new = pki_make(pki, &opts);
  opts.cn = "old";
  old = pki_make(pki, &opts);
  fail_alloc_reset();
  ck_done(load(old));
  total = fail_alloc_count();
  failures = 0;
  for (n = 0; n < total; n = next(n, total)) {
    fail_alloc_after(n);
    err = load(new);
    fail_alloc_reset();
    ck_assert_uint_eq(ERR_peek_error(), 0);
    expect_chain(err == 0 ? new : old);
    failures += err == UV__ENOMEM;
    if (err == 0)
      ck_done(load(old));
  }
  ck_assert_uint_gt(failures, 10);
}
END_TEST


static int stored(void) {
  return sk_X509_OBJECT_num(
      X509_STORE_get0_objects(SSL_CTX_get_cert_store(ctx->ssl_ctx)));
}


START_TEST(a_text_is_trusted_as_a_whole_or_not_at_all) {
  const pki_blob_t* chain = &pki_leaf(pki)->chain;
  unsigned int failures;
  unsigned int n;
  int err;

  failures = 0;
  for (n = 0;; n++) {
    tlsloop_ctx_unref(ctx);
    ctx = given_ctx(TLSLOOP_PROTOCOL_TLS);
    fail_alloc_after(n);
    err = tlsloop_ctx_load_verify_mem(
        ctx, chain->data, chain->len, TLSLOOP_ENCODING_PEM);
    if (!fail_alloc_reset())
      break;
    if (err != 0)
      ck_assert_int_eq(err, UV__ENOMEM);
    failures += err == UV__ENOMEM;
    ck_assert_int_eq(stored(), err == 0 ? 2 : 0);
    ck_assert_uint_eq(ERR_peek_error(), 0);
  }
  ck_done(err);
  ck_assert_int_eq(stored(), 2);
  ck_assert_uint_gt(failures, 10);
}
END_TEST


START_TEST(a_cipher_list_is_the_new_one_or_the_old_one) {
  static const char list[] = "ECDHE-ECDSA-AES128-GCM-SHA256";
  unsigned int failures;
  unsigned int n;
  int err;

  failures = 0;
  for (n = 0;; n++) {
    tlsloop_ctx_unref(ctx);
    ctx = given_ctx(TLSLOOP_PROTOCOL_TLS);
    fail_alloc_after(n);
    err = tlsloop_ctx_set_ciphers(ctx, list);
    if (!fail_alloc_reset())
      break;
    failures += err != 0;
    ck_assert_int_eq(sk_SSL_CIPHER_num(SSL_CTX_get_ciphers(ctx->ssl_ctx)),
                     err == 0 ? 4 : 17);
    ck_assert_uint_eq(ERR_peek_error(), 0);
  }
  ck_done(err);
  ck_assert_uint_gt(failures, 10);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  installed = fail_ossl_install();
  suite = suite_create("memory");
  tcase = tcase_create("memory");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_set_timeout(tcase, 120);
  tcase_add_test(tcase, a_chain_is_whole_or_the_old_one);
  tcase_add_test(tcase, a_text_is_trusted_as_a_whole_or_not_at_all);
  tcase_add_test(tcase, a_cipher_list_is_the_new_one_or_the_old_one);
  suite_add_tcase(suite, tcase);
  return suite;
}
