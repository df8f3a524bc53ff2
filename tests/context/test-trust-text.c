/* SPDX-License-Identifier: MIT */

/* Certificates and revocation lists for the store, of either encoding and of
 * the kind that is wanted: all of them or none. */

#include "support/suite.h"

#include "context/ctx.h"
#include "context/trust-text.h"
#include "support/fail-alloc.h"
#include "support/fail-ossl.h"
#include "support/given.h"

#include <stdlib.h>
#include <string.h>
#include <uv/errno.h>

static pki_t* pki;
static tlsloop_ctx_t* ctx;
static char* text; /* DER: a certificate and a list */
static size_t text_len;
static int installed; /* fail_ossl_install */


static void setup(void) {
  pki_blob_t* der;
  pki_blob_t* crl;

  ck_assert_int_eq(installed, 1);
  pki = pki_new("trust-text");
  ctx = given_ctx(TLSLOOP_PROTOCOL_TLS_CLIENT);
  der = &pki->root->der;
  crl = &pki_crl(pki, NULL)->der;
  text_len = der->len + crl->len;
  text = malloc(text_len);
  ck_assert_ptr_nonnull(text);
  memcpy(text, der->data, der->len);
  memcpy(text + der->len, crl->data, crl->len);
}


static void teardown(void) {
  free(text);
  tlsloop_ctx_unref(ctx);
  pki_free(pki);
}


static int stored(void) {
  return sk_X509_OBJECT_num(
      X509_STORE_get0_objects(SSL_CTX_get_cert_store(ctx->ssl_ctx)));
}


static int add(tlsloop__trust_kind_t wanted) {
  return tlsloop__trust_add_mem(
      ctx, wanted, text, text_len, TLSLOOP_ENCODING_DER);
}


START_TEST(all_is_all) {
  ck_done(add(TLSLOOP__TRUST_ALL));
  ck_assert_int_eq(stored(), 2);
}
END_TEST


START_TEST(lists_alone_are_no_certificates) {
  ck_done(add(TLSLOOP__TRUST_CRLS));
  ck_assert_int_eq(stored(), 1);
  ck_done(add(TLSLOOP__TRUST_ALL));
  ck_assert_int_eq(stored(), 2);
}
END_TEST


START_TEST(a_file_in_der_is_recognized) {
  const char* path;

  path = pki_write(pki, "both.der", &(pki_blob_t){text, text_len});
  ck_done(tlsloop__trust_add_file(ctx, TLSLOOP__TRUST_ALL, path));
  ck_assert_int_eq(stored(), 2);
}
END_TEST


START_TEST(a_bad_file_in_der_is_told_by_its_name) {
  const char* path;

  path = pki_write(pki, "cut.der", &(pki_blob_t){text, text_len - 1});
  ck_ctx_failed(ctx,
                tlsloop__trust_add_file(ctx, TLSLOOP__TRUST_ALL, path),
                TLSLOOP_EBADCERT,
                path,
                "DER certificate 2 cannot be read");
  ck_ctx_failed(ctx,
                tlsloop__trust_add_file(ctx, TLSLOOP__TRUST_CRLS, path),
                TLSLOOP_EBADCRL,
                path,
                "DER revocation list 2 cannot be read");
  ck_assert_int_eq(stored(), 0);
}
END_TEST


START_TEST(what_holds_neither_is_told_by_what_was_wanted) {
  ck_ctx_failed(ctx,
                tlsloop__trust_add_mem(
                    ctx, TLSLOOP__TRUST_ALL, "", 0, TLSLOOP_ENCODING_DER),
                TLSLOOP_ENOCERT,
                NULL,
                "no certificate was found");
  ck_ctx_failed(ctx,
                tlsloop__trust_add_mem(
                    ctx, TLSLOOP__TRUST_CRLS, "", 0, TLSLOOP_ENCODING_PEM),
                TLSLOOP_EBADCRL,
                NULL,
                "no certificate revocation list was found");
}
END_TEST


START_TEST(without_memory_nothing_is_added) {
  unsigned int failed;
  unsigned int n;
  int err;

  failed = 0;
  for (n = 0;; n++) {
    fail_alloc_after(n);
    err = add(TLSLOOP__TRUST_ALL);
    if (!fail_alloc_reset())
      break;
    if (err == 0)
      break;
    failed++;
    ck_assert_int_eq(stored(), 0);
  }
  ck_done(err);
  ck_assert_uint_gt(failed, 10);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  installed = fail_ossl_install();
  suite = suite_create("trust-text");
  tcase = tcase_create("trust-text");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_set_timeout(tcase, 60);
  tcase_add_test(tcase, all_is_all);
  tcase_add_test(tcase, lists_alone_are_no_certificates);
  tcase_add_test(tcase, a_file_in_der_is_recognized);
  tcase_add_test(tcase, a_bad_file_in_der_is_told_by_its_name);
  tcase_add_test(tcase, what_holds_neither_is_told_by_what_was_wanted);
  tcase_add_test(tcase, without_memory_nothing_is_added);
  suite_add_tcase(suite, tcase);
  return suite;
}
