/* SPDX-License-Identifier: MIT */

/* The CAs that a context trusts are told all at once. */

#include "support/suite.h"

#include "support/fail-alloc.h"
#include "support/fail-ossl.h"
#include "support/given.h"
#include "tlsloop/trust.h"

#include <string.h>
#include <uv/errno.h>

static pki_t* pki;
static tlsloop_ctx_t* ctx;
static int installed; /* fail_ossl_install */


static void trust(const pki_blob_t* pem) {
  ck_done(tlsloop_ctx_load_verify_mem(
      ctx, pem->data, pem->len, TLSLOOP_ENCODING_PEM));
}


static void setup(void) {
  ck_assert_int_eq(installed, 1);
  pki = pki_new("ca-list");
  ctx = given_ctx(TLSLOOP_PROTOCOL_TLS_CLIENT);
}


static void teardown(void) {
  tlsloop_ctx_unref(ctx);
  pki_free(pki);
}


static int is(tlsloop_cert_t* cert, const pki_cert_t* wanted) {
  const unsigned char* der;
  size_t len;

  der = tlsloop_cert_der(cert, &len);
  return len == wanted->der.len && memcmp(der, wanted->der.data, len) == 0;
}


START_TEST(an_empty_store_has_none) {
  size_t count = 7;

  ck_done(tlsloop_ctx_ca_certs(ctx, NULL, 0, &count));
  ck_assert_uint_eq(count, 0);
}
END_TEST


START_TEST(only_cas_are_told) {
  tlsloop_cert_t* certs[3] = {NULL, NULL, NULL};
  size_t count;

  trust(&pki->root->pem);
  trust(&pki->intermediate->pem);
  trust(&pki_leaf(pki)->pem);
  trust(&pki_crl(pki, NULL)->pem);
  ck_done(tlsloop_ctx_ca_certs(ctx, certs, 3, &count));
  ck_assert_uint_eq(count, 2);
  ck_assert(is(certs[0], pki->root) || is(certs[1], pki->root));
  ck_assert(is(certs[0], pki->intermediate) || is(certs[1], pki->intermediate));
  ck_assert_ptr_null(certs[2]);
  tlsloop_cert_unref(certs[0]);
  tlsloop_cert_unref(certs[1]);
}
END_TEST


START_TEST(no_more_are_stored_than_there_is_room_for) {
  tlsloop_cert_t* certs[2] = {NULL, NULL};
  size_t count;

  trust(&pki->root->pem);
  trust(&pki->intermediate->pem);
  ck_done(tlsloop_ctx_ca_certs(ctx, NULL, 0, &count));
  ck_assert_uint_eq(count, 2);
  ck_done(tlsloop_ctx_ca_certs(ctx, certs, 1, &count));
  ck_assert_uint_eq(count, 2);
  ck_assert_ptr_nonnull(certs[0]);
  ck_assert_ptr_null(certs[1]);
  tlsloop_cert_unref(certs[0]);
}
END_TEST


START_TEST(they_outlive_their_context) {
  tlsloop_cert_t* cert;
  size_t count;

  trust(&pki->root->pem);
  ck_done(tlsloop_ctx_ca_certs(ctx, &cert, 1, &count));
  tlsloop_ctx_unref(ctx);
  ctx = NULL;
  ck_assert(is(cert, pki->root));
  tlsloop_cert_unref(cert);
}
END_TEST


START_TEST(a_directory_is_told_once_it_was_used) {
  tlsloop_ctx_t* server;
  size_t count;

  server = given_server(pki, NULL);
  pki_write_hashed(pki, pki->root);
  ck_done(tlsloop_ctx_load_verify_dir(ctx, pki_dir(pki)));
  ck_done(tlsloop_ctx_ca_certs(ctx, NULL, 0, &count));
  ck_assert_uint_eq(count, 0);
  ck_done(try_connection(ctx, server, "localhost"));
  ck_done(tlsloop_ctx_ca_certs(ctx, NULL, 0, &count));
  ck_assert_uint_eq(count, 1);
  tlsloop_ctx_unref(server);
}
END_TEST


START_TEST(without_memory_none_is_held) {
  tlsloop_cert_t* certs[2];
  unsigned int failed;
  unsigned int n;
  size_t count;
  int err;

  trust(&pki->root->pem);
  trust(&pki->intermediate->pem);
  failed = 0;
  for (n = 0;; n++) {
    count = 7;
    fail_alloc_after(n);
    err = tlsloop_ctx_ca_certs(ctx, certs, 2, &count);
    if (!fail_alloc_reset())
      break;
    if (err == 0) {
      /* OpenSSL got over it. */
      ck_assert_uint_eq(count, 2);
      tlsloop_cert_unref(certs[0]);
      tlsloop_cert_unref(certs[1]);
      continue;
    }
    ck_assert_int_eq(err, UV__ENOMEM);
    ck_assert_uint_eq(count, 7);
    failed++;
  }
  ck_done(err);
  ck_assert_uint_ge(failed, 3);
  tlsloop_cert_unref(certs[0]);
  tlsloop_cert_unref(certs[1]);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  installed = fail_ossl_install();
  suite = suite_create("ca-list");
  tcase = tcase_create("ca-list");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_test(tcase, an_empty_store_has_none);
  tcase_add_test(tcase, only_cas_are_told);
  tcase_add_test(tcase, no_more_are_stored_than_there_is_room_for);
  tcase_add_test(tcase, they_outlive_their_context);
  tcase_add_test(tcase, a_directory_is_told_once_it_was_used);
  tcase_add_test(tcase, without_memory_none_is_held);
  suite_add_tcase(suite, tcase);
  return suite;
}
