/* SPDX-License-Identifier: MIT */

/* Twin of context/cert.c: the life of a certificate, and which one it is. */

#include "support/suite.h"

#include "context/cert.h"
#include "support/fail-alloc.h"
#include "support/fail-ossl.h"
#include "support/odd-cert.h"

#include <openssl/err.h>
#include <openssl/provider.h>
#include <string.h>
#include <uv/errno.h>

static pki_t* pki;
static tlsloop_cert_t* cert;
static int installed; /* fail_ossl_install */


static void set_up(void) {
  ck_assert_int_eq(installed, 1);
  pki = pki_new("cert");
  cert = odd_load(pki_leaf(pki));
}


static void tear_down(void) {
  tlsloop_cert_unref(cert);
  pki_free(pki);
}


START_TEST(a_certificate_lives_as_long_as_somebody_has_it) {
  tlsloop_cert_t* other;

  other = odd_load(pki_leaf(pki));
  ck_assert_ptr_eq(tlsloop_cert_ref(other), other);
  tlsloop_cert_unref(other);
  ck_assert_str_eq(tlsloop_cert_subject(other), "CN=localhost");
  tlsloop_cert_unref(other);
}
END_TEST


START_TEST(nothing_is_no_certificate_to_give_back) {
  tlsloop_cert_unref(NULL);
}
END_TEST


START_TEST(a_certificate_keeps_the_reference_it_is_made_with) {
  tlsloop_cert_t* made;
  X509* x509;

  x509 = X509_dup(pki_leaf(pki)->x509);
  ck_assert_ptr_nonnull(x509);
  ck_assert_int_eq(tlsloop__cert_new(&made, x509), 0);
  ck_assert_ptr_eq(made->x509, x509);
  ck_assert_int_eq(tlsloop_cert_equal(made, cert), 1);
  tlsloop_cert_unref(made);
}
END_TEST


START_TEST(what_cannot_be_encoded_is_no_certificate) {
  tlsloop_cert_t* made;
  X509* x509;

  x509 = X509_new();
  ck_assert_ptr_nonnull(x509);
  made = NULL;
  ck_assert_int_eq(tlsloop__cert_new(&made, x509), TLSLOOP_EOPENSSL);
  ck_assert_ptr_null(made);
  ck_assert_uint_eq(ERR_peek_error(), 0);
}
END_TEST


/* The leaf as one of |libctx|. */
static X509* given_x509(OSSL_LIB_CTX* libctx) {
  const unsigned char* der;
  size_t len;
  X509* x509;

  der = tlsloop_cert_der(cert, &len);
  x509 = X509_new_ex(libctx, NULL);
  ck_assert_ptr_nonnull(x509);
  ck_assert_ptr_nonnull(d2i_X509(&x509, &der, (long) len));
  return x509;
}


START_TEST(a_certificate_is_digested_where_it_is_from) {
  unsigned char buf[64];
  OSSL_LIB_CTX* libctx;
  OSSL_LIB_CTX* before;
  OSSL_LIB_CTX* empty;
  OSSL_PROVIDER* nothing;
  tlsloop_cert_t* made;
  size_t len;

  libctx = OSSL_LIB_CTX_new();
  empty = OSSL_LIB_CTX_new();
  nothing = OSSL_PROVIDER_load(empty, "null");
  ck_assert(libctx != NULL && nothing != NULL);

  /* Who has algorithms of its own may leave none for the others. */
  before = OSSL_LIB_CTX_set0_default(empty);
  ck_assert_int_eq(tlsloop__cert_new(&made, given_x509(libctx)), 0);
  len = sizeof(buf);
  ck_assert_int_eq(tlsloop_cert_fingerprint(made, "SHA512", buf, &len), 0);
  ck_assert_uint_eq(len, 64);
  ck_assert_int_eq(tlsloop_cert_equal(made, cert), 1);
  tlsloop_cert_unref(made);
  OSSL_LIB_CTX_set0_default(before);

  made = NULL;
  ck_assert_int_eq(tlsloop__cert_new(&made, given_x509(empty)),
                   TLSLOOP_EOPENSSL);
  ck_assert_ptr_null(made);
  ck_assert_uint_eq(ERR_peek_error(), 0);
  OSSL_PROVIDER_unload(nothing);
  OSSL_LIB_CTX_free(empty);
  OSSL_LIB_CTX_free(libctx);
}
END_TEST


START_TEST(without_memory_there_is_no_certificate_and_nothing_leaks) {
  tlsloop_cert_t* made;
  unsigned int n;
  X509* x509;
  int ret;

  x509 = pki_leaf(pki)->x509;
  for (n = 0;; n++) {
    ck_assert_int_eq(X509_up_ref(x509), 1);
    made = NULL;
    fail_alloc_after(n);
    ret = tlsloop__cert_new(&made, x509);
    if (!fail_alloc_reset())
      break;
    /* OpenSSL can do without some of it. */
    if (ret != 0) {
      ck_assert_int_eq(ret, UV__ENOMEM);
      ck_assert_ptr_null(made);
    }
    tlsloop_cert_unref(made);
    ck_assert_uint_eq(ERR_peek_error(), 0);
  }
  ck_assert_uint_gt(n, 1);
  ck_assert_int_eq(ret, 0);
  tlsloop_cert_unref(made);
}
END_TEST


START_TEST(the_der_is_what_was_loaded) {
  const unsigned char* der;
  size_t len;

  der = tlsloop_cert_der(cert, &len);
  ck_assert_uint_eq(len, pki_leaf(pki)->der.len);
  ck_assert_mem_eq(der, pki_leaf(pki)->der.data, len);
}
END_TEST


START_TEST(a_certificate_equals_its_copy) {
  tlsloop_cert_t* copy;

  copy = odd_load(pki_leaf(pki));
  ck_assert_ptr_ne(copy, cert);
  ck_assert_int_eq(tlsloop_cert_equal(cert, copy), 1);
  ck_assert_int_eq(tlsloop_cert_equal(cert, cert), 1);
  ck_assert(tlsloop_cert_hash(cert) == tlsloop_cert_hash(copy));
  tlsloop_cert_unref(copy);
}
END_TEST


START_TEST(certificates_of_the_same_name_are_not_equal) {
  tlsloop_cert_t* other;

  other = odd_load(pki_make(pki, NULL));
  ck_assert_str_eq(tlsloop_cert_subject(cert), tlsloop_cert_subject(other));
  ck_assert_int_eq(tlsloop_cert_equal(cert, other), 0);
  ck_assert(tlsloop_cert_hash(cert) != tlsloop_cert_hash(other));
  tlsloop_cert_unref(other);
}
END_TEST


START_TEST(a_signature_by_another_makes_another_certificate) {
  tlsloop_cert_t* other;
  unsigned char* der;
  pki_cert_t* made;

  made = pki_leaf(pki);
  der = (unsigned char*) made->der.data;
  der[made->der.len - 1] ^= 1;
  other = odd_load(made);
  ck_assert_int_eq(tlsloop_cert_equal(cert, other), 0);
  tlsloop_cert_unref(other);
}
END_TEST


START_TEST(the_hash_begins_the_sha_256) {
  unsigned char digest[32];
  uint64_t wanted;
  size_t len;
  int i;

  len = sizeof(digest);
  ck_assert_int_eq(tlsloop_cert_fingerprint(cert, "SHA256", digest, &len), 0);
  wanted = 0;
  for (i = 0; i < 8; i++)
    wanted = wanted * 256 + digest[i];
  ck_assert(tlsloop_cert_hash(cert) == wanted);
}
END_TEST


typedef struct digest_s {
  const char* name;
  size_t len;
} digest_t;

static const digest_t digests[] = {
    {"SHA1", 20},
    {"SHA256", 32},
    {"sha2-384", 48},
    {"SHA-512", 64},
    {"SHA3-256", 32},
};


START_TEST(a_fingerprint_is_the_digest_of_the_der) {
  unsigned char wanted[64];
  unsigned char got[64];
  unsigned int wanted_len;
  pki_cert_t* made;
  EVP_MD* md;
  size_t len;

  made = pki_leaf(pki);
  md = EVP_MD_fetch(NULL, digests[_i].name, NULL);
  ck_assert_ptr_nonnull(md);
  ck_assert_int_eq(
      EVP_Digest(made->der.data, made->der.len, wanted, &wanted_len, md, NULL),
      1);
  EVP_MD_free(md);

  len = sizeof(got);
  ck_assert_int_eq(tlsloop_cert_fingerprint(cert, digests[_i].name, got, &len),
                   0);
  ck_assert_uint_eq(len, digests[_i].len);
  ck_assert_uint_eq(len, wanted_len);
  ck_assert_mem_eq(got, wanted, len);
}
END_TEST


START_TEST(a_fingerprint_tells_the_room_it_needs) {
  unsigned char buf[32];
  size_t len;

  memset(buf, 0x55, sizeof(buf));
  len = 31;
  ck_assert_int_eq(tlsloop_cert_fingerprint(cert, "SHA256", buf, &len),
                   UV__ENOBUFS);
  ck_assert_uint_eq(len, 32);
  ck_assert_uint_eq(buf[0], 0x55);

  len = 0;
  ck_assert_int_eq(tlsloop_cert_fingerprint(cert, "SHA384", NULL, &len),
                   UV__ENOBUFS);
  ck_assert_uint_eq(len, 48);
}
END_TEST


START_TEST(a_digest_that_openssl_does_not_have_is_told) {
  unsigned char buf[64];
  size_t len;

  len = sizeof(buf);
  ck_assert_int_eq(tlsloop_cert_fingerprint(cert, "SHA257", buf, &len),
                   UV__ENOTSUP);
  ck_assert_int_eq(tlsloop_cert_fingerprint(cert, "", buf, &len), UV__ENOTSUP);
  ck_assert_uint_eq(len, sizeof(buf));
  ck_assert_uint_eq(ERR_peek_error(), 0);
}
END_TEST


START_TEST(a_fingerprint_of_nothing_is_refused) {
  unsigned char buf[64];
  size_t len;

  len = sizeof(buf);
  ck_assert_int_eq(tlsloop_cert_fingerprint(cert, NULL, buf, &len), UV__EINVAL);
  ck_assert_int_eq(tlsloop_cert_fingerprint(cert, "SHA256", NULL, &len),
                   UV__EINVAL);
  ck_assert_int_eq(tlsloop_cert_fingerprint(cert, "SHA256", buf, NULL),
                   UV__EINVAL);
}
END_TEST


START_TEST(a_fingerprint_without_memory_is_none) {
  unsigned char buf[64];
  unsigned int n;
  size_t len;
  int ret;

  for (n = 0;; n++) {
    len = sizeof(buf);
    fail_alloc_after(n);
    ret = tlsloop_cert_fingerprint(cert, "SHA512", buf, &len);
    if (!fail_alloc_reset())
      break;
    if (ret != 0)
      ck_assert_int_eq(ret, UV__ENOMEM);
    ck_assert_uint_eq(ERR_peek_error(), 0);
  }
  ck_assert_uint_gt(n, 0);
  ck_assert_int_eq(ret, 0);
}
END_TEST


static void add_identity(Suite* suite) {
  TCase* tcase;

  tcase = tcase_create("identity");
  tcase_add_checked_fixture(tcase, set_up, tear_down);
  tcase_set_timeout(tcase, 60);
  tcase_add_test(tcase, the_der_is_what_was_loaded);
  tcase_add_test(tcase, a_certificate_equals_its_copy);
  tcase_add_test(tcase, certificates_of_the_same_name_are_not_equal);
  tcase_add_test(tcase, a_signature_by_another_makes_another_certificate);
  tcase_add_test(tcase, the_hash_begins_the_sha_256);
  tcase_add_loop_test(tcase,
                      a_fingerprint_is_the_digest_of_the_der,
                      0,
                      sizeof(digests) / sizeof(digests[0]));
  tcase_add_test(tcase, a_fingerprint_tells_the_room_it_needs);
  tcase_add_test(tcase, a_digest_that_openssl_does_not_have_is_told);
  tcase_add_test(tcase, a_fingerprint_of_nothing_is_refused);
  tcase_add_test(tcase, a_fingerprint_without_memory_is_none);
  suite_add_tcase(suite, tcase);
}


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  installed = fail_ossl_install();
  suite = suite_create("context/cert");
  tcase = tcase_create("life");
  tcase_add_checked_fixture(tcase, set_up, tear_down);
  tcase_set_timeout(tcase, 60);
  tcase_add_test(tcase, a_certificate_lives_as_long_as_somebody_has_it);
  tcase_add_test(tcase, nothing_is_no_certificate_to_give_back);
  tcase_add_test(tcase, a_certificate_keeps_the_reference_it_is_made_with);
  tcase_add_test(tcase, a_certificate_is_digested_where_it_is_from);
  tcase_add_test(tcase, what_cannot_be_encoded_is_no_certificate);
  tcase_add_test(tcase,
                 without_memory_there_is_no_certificate_and_nothing_leaks);
  suite_add_tcase(suite, tcase);
  add_identity(suite);
  return suite;
}
