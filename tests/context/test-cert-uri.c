/* SPDX-License-Identifier: MIT */

/* Twin of context/cert-uri.c: where more about a certificate is to be had. */

#include "support/suite.h"

#include "support/odd-cert.h"
#include "tlsloop/cert.h"
#include "tlsloop/errno.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <uv/errno.h>

#define KINDS 3

static pki_t* pki;
static tlsloop_cert_t* cert;


static void set_up(void) {
  pki = pki_new("uri");
  cert = NULL;
}


static void tear_down(void) {
  tlsloop_cert_unref(cert);
  pki_free(pki);
}


static void given(const char* aia, const char* crl) {
  pki_opts_t opts;

  memset(&opts, 0, sizeof(opts));
  opts.aia = aia;
  opts.crl = crl;
  cert = odd_load(pki_make(pki, &opts));
}


static void given_der(int nid, const char* der, size_t len) {
  const odd_cert_t odd = {.nid = nid, .der = der, .der_len = (int) len};

  cert = odd_cert(pki, &odd);
}


static void expect_count(int ocsp, int ca_issuers, int crl) {
  ck_assert_int_eq(tlsloop_cert_uri_count(cert, TLSLOOP_CERT_URI_OCSP), ocsp);
  ck_assert_int_eq(tlsloop_cert_uri_count(cert, TLSLOOP_CERT_URI_CA_ISSUERS),
                   ca_issuers);
  ck_assert_int_eq(tlsloop_cert_uri_count(cert, TLSLOOP_CERT_URI_CRL), crl);
  ck_assert_uint_eq(ERR_peek_error(), 0);
}


static void expect_bytes(int kind,
                         int index,
                         const char* wanted,
                         size_t wanted_len) {
  const char* uri;
  size_t len;

  ck_assert_int_eq(tlsloop_cert_uri(cert, kind, index, &uri, &len), 0);
  ck_assert_uint_eq(len, wanted_len);
  ck_assert_mem_eq(uri, wanted, len);
  ck_assert_int_eq(uri[len], '\0');
}


static void expect(int kind, int index, const char* wanted) {
  expect_bytes(kind, index, wanted, strlen(wanted));
}


START_TEST(a_certificate_may_have_none) {
  given(NULL, NULL);
  expect_count(0, 0, 0);
}
END_TEST


START_TEST(uris_are_told_by_kind_and_in_order) {
  given(
      "OCSP;URI:http://o1.example/,caIssuers;URI:http://i1.example/,"
      "OCSP;URI:http://o2.example/,caIssuers;URI:http://i2.example/,"
      "caIssuers;URI:http://i3.example/",
      "URI:http://c1.example/,URI:ldap://c2.example/");
  expect_count(2, 3, 2);
  expect(TLSLOOP_CERT_URI_OCSP, 0, "http://o1.example/");
  expect(TLSLOOP_CERT_URI_OCSP, 1, "http://o2.example/");
  expect(TLSLOOP_CERT_URI_CA_ISSUERS, 0, "http://i1.example/");
  expect(TLSLOOP_CERT_URI_CA_ISSUERS, 1, "http://i2.example/");
  expect(TLSLOOP_CERT_URI_CA_ISSUERS, 2, "http://i3.example/");
  expect(TLSLOOP_CERT_URI_CRL, 0, "http://c1.example/");
  expect(TLSLOOP_CERT_URI_CRL, 1, "ldap://c2.example/");
}
END_TEST


START_TEST(only_uris_of_these_methods_count) {
  given(
      "OCSP;DNS:o.example,caIssuers;email:i@example,"
      "caRepository;URI:http://r.example/,1.2.3.4;URI:http://x.example/",
      "DNS:c.example");
  expect_count(0, 0, 0);
}
END_TEST


START_TEST(a_nul_does_not_end_a_uri) {
  static const char der[] =
      "\x30\x13\x30\x11\x06\x08\x2b\x06\x01\x05\x05\x07\x30\x01\x86\x05"
      "a:\0\xff"
      "b";

  given_der(NID_info_access, der, sizeof(der) - 1);
  expect_count(1, 0, 0);
  expect_bytes(TLSLOOP_CERT_URI_OCSP,
               0,
               "a:\0\xff"
               "b",
               5);
}
END_TEST


START_TEST(a_distribution_point_may_be_empty) {
  /* CVE-2019-5010: an empty point, then one with reasons only, then two URIs
   * in one point. */
  static const char der[] =
      "\x30\x18"
      "\x30\x00"
      "\x30\x04\x81\x02\x00\x80"
      "\x30\x0e\xa0\x0c\xa0\x0a"
      "\x86\x03"
      "a:b"
      "\x86\x03"
      "c:d";

  given_der(NID_crl_distribution_points, der, sizeof(der) - 1);
  expect_count(0, 0, 2);
  expect(TLSLOOP_CERT_URI_CRL, 0, "a:b");
  expect(TLSLOOP_CERT_URI_CRL, 1, "c:d");
}
END_TEST


START_TEST(all_distribution_points_may_be_empty) {
  static const char der[] = "\x30\x04\x30\x00\x30\x00";

  given_der(NID_crl_distribution_points, der, sizeof(der) - 1);
  expect_count(0, 0, 0);
}
END_TEST


START_TEST(a_distribution_point_may_be_relative_to_its_issuer) {
  static const char der[] =
      "\x30\x1a"
      "\x30\x0e\xa0\x0c\xa1\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01"
      "x"
      "\x30\x08\xa0\x06\xa0\x04\x86\x02"
      "a:";

  given_der(NID_crl_distribution_points, der, sizeof(der) - 1);
  expect_count(0, 0, 1);
  expect(TLSLOOP_CERT_URI_CRL, 0, "a:");
}
END_TEST


START_TEST(lists_may_be_empty) {
  static const char der[] = "\x30\x00";

  given_der(NID_info_access, der, sizeof(der) - 1);
  expect_count(0, 0, 0);
}
END_TEST


START_TEST(a_broken_extension_is_an_error_of_its_kinds) {
  const char* uri;
  size_t len;

  given_der(NID_info_access, "\x30\x05", 2);
  expect_count(TLSLOOP_EBADCERT, TLSLOOP_EBADCERT, 0);
  ck_assert_int_eq(tlsloop_cert_uri(cert, TLSLOOP_CERT_URI_OCSP, 0, &uri, &len),
                   TLSLOOP_EBADCERT);
  tlsloop_cert_unref(cert);

  given_der(NID_crl_distribution_points, "\x30\x02\x31\x00", 4);
  expect_count(0, 0, TLSLOOP_EBADCERT);
}
END_TEST


START_TEST(an_extension_that_is_there_twice_is_an_error) {
  static const char der[] =
      "\x30\x0a\x30\x08\xa0\x06\xa0\x04\x86\x02"
      "a:";
  const odd_cert_t odd = {.nid = NID_crl_distribution_points,
                          .der = der,
                          .der_len = (int) sizeof(der) - 1,
                          .again = 1};

  cert = odd_cert(pki, &odd);
  expect_count(0, 0, TLSLOOP_EBADCERT);
}
END_TEST


START_TEST(what_is_not_there_is_told_so) {
  const char* uri;
  size_t len;
  int kind;

  given("OCSP;URI:o:,caIssuers;URI:i:", "URI:c:");
  uri = "untouched";
  len = 77;
  for (kind = 0; kind < KINDS; kind++) {
    ck_assert_int_eq(tlsloop_cert_uri_count(cert, kind), 1);
    ck_assert_int_eq(tlsloop_cert_uri(cert, kind, 1, &uri, &len), UV__EINVAL);
    ck_assert_int_eq(tlsloop_cert_uri(cert, kind, -1, &uri, &len), UV__EINVAL);
  }
  ck_assert_int_eq(tlsloop_cert_uri_count(cert, -1), UV__EINVAL);
  ck_assert_int_eq(tlsloop_cert_uri_count(cert, KINDS), UV__EINVAL);
  ck_assert_int_eq(tlsloop_cert_uri(cert, KINDS, 0, &uri, &len), UV__EINVAL);
  ck_assert_str_eq(uri, "untouched");
  ck_assert_uint_eq(len, 77);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("context/cert-uri");
  tcase = tcase_create("uris");
  tcase_add_checked_fixture(tcase, set_up, tear_down);
  tcase_add_test(tcase, a_certificate_may_have_none);
  tcase_add_test(tcase, uris_are_told_by_kind_and_in_order);
  tcase_add_test(tcase, only_uris_of_these_methods_count);
  tcase_add_test(tcase, a_nul_does_not_end_a_uri);
  tcase_add_test(tcase, a_distribution_point_may_be_empty);
  tcase_add_test(tcase, all_distribution_points_may_be_empty);
  tcase_add_test(tcase, a_distribution_point_may_be_relative_to_its_issuer);
  tcase_add_test(tcase, lists_may_be_empty);
  tcase_add_test(tcase, a_broken_extension_is_an_error_of_its_kinds);
  tcase_add_test(tcase, an_extension_that_is_there_twice_is_an_error);
  tcase_add_test(tcase, what_is_not_there_is_told_so);
  suite_add_tcase(suite, tcase);
  return suite;
}
