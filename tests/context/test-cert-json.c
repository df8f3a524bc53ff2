/* SPDX-License-Identifier: MIT */

/* Twin of context/cert-json.c: a certificate as JSON. That it is what Python
 * makes of the same certificate is for tests/interop/cert-python.py. */

#include "support/suite.h"

#include "support/fail-alloc.h"
#include "support/fail-ossl.h"
#include "support/odd-cert.h"
#include "tlsloop/cert.h"
#include "tlsloop/errno.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <uv/errno.h>

#define EARLY "20180105093443Z"
#define LATE  "99991231235959Z"

static pki_t* pki;
static int installed; /* fail_ossl_install */


static void set_up(void) {
  ck_assert_int_eq(installed, 1);
  pki = pki_new("json");
}


static void tear_down(void) {
  pki_free(pki);
}


/* A certificate of which everything but |odd| is always the same. */
static tlsloop_cert_t* given(const odd_cert_t* odd) {
  odd_cert_t copy = *odd;

  copy.before = copy.before == NULL ? EARLY : copy.before;
  copy.after = copy.after == NULL ? LATE : copy.after;
  copy.time_type = V_ASN1_GENERALIZEDTIME;
  copy.serial = "\x0a\xbc";
  copy.serial_len = 2;
  return odd_cert(pki, &copy);
}


/* Asserts the JSON of |odd|: its |subject|, and |rest| after its times. */
static void expect(const odd_cert_t* odd,
                   const char* subject,
                   const char* rest) {
  tlsloop_cert_t* cert;
  char wanted[1024];
  size_t len;
  char* json;

  cert = given(odd);
  ck_assert_int_eq(tlsloop_cert_to_json(cert, &json, &len), 0);
  snprintf(wanted,
           sizeof(wanted),
           "{\"subject\": %s, "
           "\"issuer\": [[[\"commonName\", \"json intermediate\"]]], "
           "\"version\": 3, \"serialNumber\": \"0ABC\", "
           "\"notBefore\": \"Jan  5 09:34:43 2018 GMT\", "
           "\"notAfter\": \"Dec 31 23:59:59 9999 GMT\"%s}",
           subject,
           rest);
  ck_assert_str_eq(json, wanted);
  ck_assert_uint_eq(len, strlen(wanted));
  ck_assert_uint_eq(ERR_peek_error(), 0);
  tlsloop_free(json);
  tlsloop_cert_unref(cert);
}


static void expect_extension(int nid,
                             const char* der,
                             size_t len,
                             const char* wanted) {
  const odd_cert_t odd = {.nid = nid, .der = der, .der_len = (int) len};

  expect(&odd, "[[[\"commonName\", \"localhost\"]]]", wanted);
}


START_TEST(what_every_certificate_has_is_always_there) {
  static const odd_cert_t odd;

  expect(&odd, "[[[\"commonName\", \"localhost\"]]]", "");
}
END_TEST


START_TEST(names_are_lists_of_lists_of_pairs) {
  static const odd_part_t parts[] = {
      {"C", MBSTRING_UTF8, "DE", -1, 0},
      {"O", MBSTRING_UTF8, "a", -1, 0},
      {"1.2.3.4", MBSTRING_UTF8, "\xc3\xbc\"", -1, -1},
      {NULL, 0, NULL, 0, 0},
  };
  const odd_cert_t odd = {.subject = parts};

  expect(&odd,
         "[[[\"countryName\", \"DE\"]], [[\"organizationName\", \"a\"], "
         "[\"1.2.3.4\", \"\xc3\xbc\\\"\"]]]",
         "");
}
END_TEST


START_TEST(a_name_may_be_empty) {
  static const odd_part_t parts[] = {{NULL, 0, NULL, 0, 0}};
  const odd_cert_t odd = {.subject = parts};

  expect(&odd, "[]", "");
}
END_TEST


START_TEST(bits_are_bytes) {
  static const odd_part_t parts[] = {
      {"x500UniqueIdentifier", V_ASN1_BIT_STRING, "ab\xff", 3, 0},
      {NULL, 0, NULL, 0, 0},
  };
  const odd_cert_t odd = {.subject = parts};

  expect(&odd, "[[[\"x500UniqueIdentifier\", {\"bytes\": \"6162ff\"}]]]", "");
}
END_TEST


START_TEST(alternative_names_are_pairs) {
  static const char der[] =
      "\x30\x1a"
      "\x82\x01x"
      "\x87\x04\x7f\0\0\x01"
      "\xa4\x0f\x30\x0d\x31\x0b\x30\x09\x06\x03\x55\x04\x06\x13\x02"
      "DE";

  expect_extension(NID_subject_alt_name,
                   der,
                   sizeof(der) - 1,
                   ", \"subjectAltName\": [[\"DNS\", \"x\"], "
                   "[\"IP Address\", \"127.0.0.1\"], "
                   "[\"DirName\", [[[\"countryName\", \"DE\"]]]]]");
}
END_TEST


START_TEST(an_empty_list_of_alternative_names_is_told) {
  expect_extension(
      NID_subject_alt_name, "\x30\x00", 2, ", \"subjectAltName\": []");
}
END_TEST


START_TEST(a_nul_in_a_name_is_escaped_and_bad_bytes_are_no_text) {
  static const char der[] =
      "\x30\x11\x82\x06"
      "a\0.b\n\x7f"
      "\x86\x03"
      "a\xff\0"
      "\x82\x02\xc3\xbc";

  expect_extension(NID_subject_alt_name,
                   der,
                   sizeof(der) - 1,
                   ", \"subjectAltName\": [[\"DNS\", "
                   "\"a\\u0000.b\\u000a\\u007f\"], "
                   "[\"URI\", {\"bytes\": \"61ff00\"}], "
                   "[\"DNS\", \"\xc3\xbc\"]]");
}
END_TEST


START_TEST(uris_are_told_when_there_are_any) {
  static const char aia[] =
      "\x30\x22"
      "\x30\x0f\x06\x08\x2b\x06\x01\x05\x05\x07\x30\x02\x86\x03"
      "i:/"
      "\x30\x0f\x06\x08\x2b\x06\x01\x05\x05\x07\x30\x01\x86\x03"
      "o:/";

  expect_extension(NID_info_access,
                   aia,
                   sizeof(aia) - 1,
                   ", \"OCSP\": [\"o:/\"], \"caIssuers\": [\"i:/\"]");
  expect_extension(NID_crl_distribution_points,
                   "\x30\x09\x30\x07\xa0\x05\xa0\x03\x86\x01\xff",
                   11,
                   ", \"crlDistributionPoints\": [{\"bytes\": \"ff\"}]");
  expect_extension(NID_crl_distribution_points, "\x30\x02\x30\x00", 4, "");
  expect_extension(NID_info_access, "\x30\x00", 2, "");
}
END_TEST


static const odd_cert_t broken[] = {
    {.nid = NID_subject_alt_name, .der = "\x30\x05", .der_len = 2},
    {.nid = NID_info_access, .der = "\x30\x05", .der_len = 2},
    {.nid = NID_crl_distribution_points, .der = "\x30\x05", .der_len = 2},
    {.before = "never"},
    {.after = "never"},
    {.version = -7},
};


START_TEST(a_certificate_is_told_whole_or_not_at_all) {
  tlsloop_cert_t* cert;
  size_t len;
  char* json;

  cert = given(&broken[_i]);
  json = NULL;
  len = 77;
  ck_assert_int_eq(tlsloop_cert_to_json(cert, &json, &len), TLSLOOP_EBADCERT);
  ck_assert_ptr_null(json);
  ck_assert_uint_eq(len, 77);
  tlsloop_cert_unref(cert);
}
END_TEST


START_TEST(the_length_need_not_be_asked_for) {
  tlsloop_cert_t* cert;
  char* json;

  cert = odd_load(pki_leaf(pki));
  ck_assert_int_eq(tlsloop_cert_to_json(cert, &json, NULL), 0);
  ck_assert_int_eq(json[strlen(json) - 1], '}');
  tlsloop_free(json);
  tlsloop_cert_unref(cert);
}
END_TEST


START_TEST(nothing_can_be_freed) {
  tlsloop_free(NULL);
}
END_TEST


START_TEST(without_memory_there_is_no_json_until_there_is) {
  tlsloop_cert_t* cert;
  unsigned int n;
  char* json;
  int ret;

  cert = odd_load(pki_leaf(pki));
  for (n = 0;; n++) {
    json = NULL;
    fail_alloc_after(n);
    ret = tlsloop_cert_to_json(cert, &json, NULL);
    if (!fail_alloc_reset())
      break;
    ck_assert_int_eq(ret, UV__ENOMEM);
    ck_assert_ptr_null(json);
    ck_assert_uint_eq(ERR_peek_error(), 0);
  }
  ck_assert_uint_gt(n, 10);
  ck_assert_int_eq(ret, 0);
  tlsloop_free(json);
  tlsloop_cert_unref(cert);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  installed = fail_ossl_install();
  suite = suite_create("context/cert-json");
  tcase = tcase_create("json");
  tcase_add_checked_fixture(tcase, set_up, tear_down);
  tcase_set_timeout(tcase, 60);
  tcase_add_test(tcase, what_every_certificate_has_is_always_there);
  tcase_add_test(tcase, names_are_lists_of_lists_of_pairs);
  tcase_add_test(tcase, a_name_may_be_empty);
  tcase_add_test(tcase, bits_are_bytes);
  tcase_add_test(tcase, alternative_names_are_pairs);
  tcase_add_test(tcase, an_empty_list_of_alternative_names_is_told);
  tcase_add_test(tcase, a_nul_in_a_name_is_escaped_and_bad_bytes_are_no_text);
  tcase_add_test(tcase, uris_are_told_when_there_are_any);
  tcase_add_loop_test(tcase,
                      a_certificate_is_told_whole_or_not_at_all,
                      0,
                      sizeof(broken) / sizeof(broken[0]));
  tcase_add_test(tcase, the_length_need_not_be_asked_for);
  tcase_add_test(tcase, nothing_can_be_freed);
  tcase_add_test(tcase, without_memory_there_is_no_json_until_there_is);
  suite_add_tcase(suite, tcase);
  return suite;
}
