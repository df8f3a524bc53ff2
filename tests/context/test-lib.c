/* SPDX-License-Identifier: MIT */

/* Certificates and revocation lists keep to the library context for which they
 * are read. The one they are read for here is the only one that can verify
 * them: the thread's default one has no algorithms at all. */

#include "support/suite.h"

#include "context/lib.h"
#include "support/fail-alloc.h"
#include "support/fail-ossl.h"
#include "support/pki.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/provider.h>
#include <openssl/x509.h>
#include <string.h>

static pki_t* pki;
static pki_crl_t* crl;
static OSSL_LIB_CTX* private_ctx;
static OSSL_LIB_CTX* empty_ctx;
static OSSL_PROVIDER* nothing;
static OSSL_LIB_CTX* before;
static tlsloop__lib_t lib;
static int installed; /* fail_ossl_install */


static void setup(void) {
  ck_assert_int_eq(installed, 1);
  pki = pki_new("lib");
  crl = pki_crl(pki, NULL);
  private_ctx = OSSL_LIB_CTX_new();
  empty_ctx = OSSL_LIB_CTX_new();
  ck_assert_ptr_nonnull(private_ctx);
  ck_assert_ptr_nonnull(empty_ctx);
  nothing = OSSL_PROVIDER_load(empty_ctx, "null");
  ck_assert_ptr_nonnull(nothing);
  before = OSSL_LIB_CTX_set0_default(empty_ctx);
  ck_assert_int_eq(tlsloop__lib_init(&lib, private_ctx, "provider=default"), 1);
}


static void teardown(void) {
  tlsloop__lib_deinit(&lib);
  OSSL_LIB_CTX_set0_default(before);
  OSSL_PROVIDER_unload(nothing);
  pki_free(pki);
  OSSL_LIB_CTX_free(empty_ctx);
  OSSL_LIB_CTX_free(private_ctx);
}


static const unsigned char* der_of(const pki_blob_t* blob) {
  return (const unsigned char*) blob->data;
}


/* Verifies |cert| by the key of |issuer|, and frees both. */
static int verify(X509* cert, X509* issuer) {
  int good;

  ck_assert_ptr_nonnull(cert);
  ck_assert_ptr_nonnull(issuer);
  good = X509_verify(cert, X509_get0_pubkey(issuer)) == 1;
  ERR_clear_error();
  X509_free(cert);
  X509_free(issuer);
  return good;
}


static X509* read_cert(const tlsloop__lib_t* from, const pki_cert_t* cert) {
  const unsigned char* at = der_of(&cert->der);

  return tlsloop__lib_read_cert(from, &at, (long) cert->der.len);
}


START_TEST(a_certificate_can_be_verified_where_it_was_read_for) {
  ck_assert_int_eq(
      verify(read_cert(&lib, pki->intermediate), read_cert(&lib, pki->root)),
      1);
}
END_TEST


/* So the default context is as empty as it is meant to be. */
START_TEST(a_certificate_of_the_default_context_cannot_be_verified_here) {
  tlsloop__lib_t none;

  ck_assert_int_eq(tlsloop__lib_init(&none, NULL, NULL), 1);
  ck_assert_int_eq(
      verify(read_cert(&none, pki->intermediate), read_cert(&none, pki->root)),
      0);
  tlsloop__lib_deinit(&none);
}
END_TEST


START_TEST(the_properties_are_asked_for) {
  tlsloop__lib_t other;

  ck_assert_int_eq(tlsloop__lib_init(&other, private_ctx, "provider=nonesuch"),
                   1);
  ck_assert_int_eq(verify(read_cert(&other, pki->intermediate),
                          read_cert(&other, pki->root)),
                   0);
  tlsloop__lib_deinit(&other);
}
END_TEST


START_TEST(the_properties_are_copied) {
  char text[] = "provider=default";
  tlsloop__lib_t other;

  ck_assert_int_eq(tlsloop__lib_init(&other, private_ctx, text), 1);
  memset(text, 'x', sizeof(text) - 1);
  ck_assert_int_eq(verify(read_cert(&other, pki->intermediate),
                          read_cert(&other, pki->root)),
                   1);
  tlsloop__lib_deinit(&other);
}
END_TEST


START_TEST(a_certificate_ends_where_it_ends) {
  unsigned char twice[8192];
  const unsigned char* at;
  size_t len;
  X509* first;
  X509* second;

  len = pki->root->der.len;
  ck_assert_uint_le(2 * len, sizeof(twice));
  memcpy(twice, pki->root->der.data, len);
  memcpy(twice + len, pki->root->der.data, len);
  at = twice;
  first = tlsloop__lib_read_cert(&lib, &at, (long) (2 * len));
  ck_assert_ptr_eq(at, twice + len);
  second = tlsloop__lib_read_cert(&lib, &at, (long) len);
  ck_assert_ptr_eq(at, twice + 2 * len);
  ck_assert_int_eq(X509_cmp(first, second), 0);
  X509_free(first);
  X509_free(second);
}
END_TEST


START_TEST(a_trusted_certificate_keeps_its_trust) {
  const unsigned char* at;
  unsigned char* der;
  X509* cert;
  int len;

  cert = read_cert(&lib, pki->root);
  ck_assert_int_eq(X509_alias_set1(cert, (const unsigned char*) "me", 2), 1);
  der = NULL;
  len = i2d_X509_AUX(cert, &der);
  ck_assert_int_gt(len, (int) pki->root->der.len);
  X509_free(cert);

  at = der;
  cert = tlsloop__lib_read_trusted_cert(&lib, &at, len);
  ck_assert_ptr_nonnull(cert);
  ck_assert_ptr_eq(at, der + len);
  ck_assert_mem_eq(X509_alias_get0(cert, &len), "me", 2);
  OPENSSL_free(der);
  ck_assert_int_eq(verify(cert, read_cert(&lib, pki->root)), 1);
}
END_TEST


START_TEST(a_trusted_certificate_with_broken_trust_is_refused) {
  const unsigned char* at;
  unsigned char* der;
  X509* cert;
  int len;

  cert = read_cert(&lib, pki->root);
  ck_assert_int_eq(X509_alias_set1(cert, (const unsigned char*) "me", 2), 1);
  der = NULL;
  len = i2d_X509_AUX(cert, &der);
  X509_free(cert);

  at = der;
  ck_assert_ptr_null(tlsloop__lib_read_trusted_cert(&lib, &at, len - 1));
  ck_assert_uint_ne(ERR_peek_error(), 0);
  ERR_clear_error();
  OPENSSL_free(der);
}
END_TEST


START_TEST(a_revocation_list_can_be_verified_where_it_was_read_for) {
  const unsigned char* at = der_of(&crl->der);
  X509_CRL* read;
  X509* issuer;

  read = tlsloop__lib_read_crl(&lib, &at, (long) crl->der.len);
  ck_assert_ptr_nonnull(read);
  ck_assert_ptr_eq(at, der_of(&crl->der) + crl->der.len);
  issuer = read_cert(&lib, pki->intermediate);
  ck_assert_int_eq(X509_CRL_verify(read, X509_get0_pubkey(issuer)), 1);
  X509_free(issuer);
  X509_CRL_free(read);
}
END_TEST


/* Lists are compared by a digest that is made while they are read. */
START_TEST(a_revocation_list_takes_its_digest_from_where_it_was_read_for) {
  const unsigned char* at = der_of(&crl->der);
  X509_CRL* a;
  X509_CRL* b;

  a = tlsloop__lib_read_crl(&lib, &at, (long) crl->der.len);
  at = der_of(&crl->der);
  b = tlsloop__lib_read_crl(&lib, &at, (long) crl->der.len);
  ck_assert_int_eq(X509_CRL_match(a, b), 0);
  X509_CRL_free(a);
  X509_CRL_free(b);
}
END_TEST


START_TEST(what_is_cut_short_is_refused) {
  const unsigned char* at;
  long len;

  for (len = 0; len < (long) pki->root->der.len; len += 7) {
    at = der_of(&pki->root->der);
    ck_assert_ptr_null(tlsloop__lib_read_cert(&lib, &at, len));
    at = der_of(&pki->root->der);
    ck_assert_ptr_null(tlsloop__lib_read_trusted_cert(&lib, &at, len));
  }
  for (len = 0; len < (long) crl->der.len; len += 7) {
    at = der_of(&crl->der);
    ck_assert_ptr_null(tlsloop__lib_read_crl(&lib, &at, len));
  }
  ERR_clear_error();
}
END_TEST


START_TEST(one_is_not_the_other) {
  const unsigned char* at;

  at = der_of(&crl->der);
  ck_assert_ptr_null(tlsloop__lib_read_cert(&lib, &at, (long) crl->der.len));
  at = der_of(&pki->root->der);
  ck_assert_ptr_null(
      tlsloop__lib_read_crl(&lib, &at, (long) pki->root->der.len));
  ERR_clear_error();
}
END_TEST


/* Reads each kind once; returns whether all were read. */
static int read_all(void) {
  const unsigned char* at;
  tlsloop__lib_t other;
  X509_CRL* list;
  X509* cert;
  int done;

  done = tlsloop__lib_init(&other, private_ctx, "provider=default");
  if (done) {
    cert = read_cert(&other, pki->root);
    at = der_of(&crl->der);
    list = tlsloop__lib_read_crl(&other, &at, (long) crl->der.len);
    done = cert != NULL && list != NULL;
    X509_free(cert);
    X509_CRL_free(list);
  }
  tlsloop__lib_deinit(&other);
  ERR_clear_error();
  return done;
}


START_TEST(whatever_fails_for_want_of_memory_leaves_nothing_behind) {
  unsigned int n;
  int done;

  for (n = 0;; n++) {
    fail_alloc_after(n);
    done = read_all();
    if (!fail_alloc_reset())
      break;
  }
  ck_assert_int_eq(done, 1);
  ck_assert_uint_gt(n, 20);
}
END_TEST


Suite* suite(void) {
  TCase* tc;
  Suite* s;

  installed = fail_ossl_install();
  s = suite_create("lib");
  tc = tcase_create("lib");
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, a_certificate_can_be_verified_where_it_was_read_for);
  tcase_add_test(tc,
                 a_certificate_of_the_default_context_cannot_be_verified_here);
  tcase_add_test(tc, the_properties_are_asked_for);
  tcase_add_test(tc, the_properties_are_copied);
  tcase_add_test(tc, a_certificate_ends_where_it_ends);
  tcase_add_test(tc, a_trusted_certificate_keeps_its_trust);
  tcase_add_test(tc, a_trusted_certificate_with_broken_trust_is_refused);
  tcase_add_test(tc, a_revocation_list_can_be_verified_where_it_was_read_for);
  tcase_add_test(tc,
                 a_revocation_list_takes_its_digest_from_where_it_was_read_for);
  tcase_add_test(tc, what_is_cut_short_is_refused);
  tcase_add_test(tc, one_is_not_the_other);
  tcase_add_test(tc, whatever_fails_for_want_of_memory_leaves_nothing_behind);
  suite_add_tcase(s, tc);
  return s;
}
