/* SPDX-License-Identifier: MIT */

/* Twin of context/cert-name.c: the parts of a certificate's names. */

#include "support/suite.h"

#include "support/odd-cert.h"
#include "tlsloop/cert.h"
#include "tlsloop/errno.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <uv/errno.h>

static pki_t* pki;
static tlsloop_cert_t* cert;


static void set_up(void) {
  pki = pki_new("name");
  cert = NULL;
}


static void tear_down(void) {
  tlsloop_cert_unref(cert);
  pki_free(pki);
}


static void given(const odd_part_t* parts) {
  const odd_cert_t odd = {.subject = parts};

  cert = odd_cert(pki, &odd);
}


/* Asserts what attribute |attr| of |rdn| of |name| is; |text| is whether it is
 * text. */
static void expect(int name,
                   int rdn,
                   int attr,
                   const char* wanted,
                   const char* wanted_value,
                   size_t wanted_len,
                   int text) {
  const char* value;
  const char* type;
  size_t len;

  ck_assert_int_eq(
      tlsloop_cert_attr(cert, name, rdn, attr, &type, &value, &len), text);
  ck_assert_str_eq(type, wanted);
  ck_assert_uint_eq(len, wanted_len);
  ck_assert_mem_eq(value, wanted_value, len);
  ck_assert_int_eq(value[len], '\0');
}


static void expect_text(int rdn,
                        int attr,
                        const char* type,
                        const char* value) {
  expect(TLSLOOP_CERT_SUBJECT, rdn, attr, type, value, strlen(value), 1);
}


START_TEST(subject_and_issuer_have_their_parts) {
  cert = odd_load(pki_leaf(pki));
  ck_assert_int_eq(tlsloop_cert_rdn_count(cert, TLSLOOP_CERT_SUBJECT), 1);
  ck_assert_int_eq(tlsloop_cert_attr_count(cert, TLSLOOP_CERT_SUBJECT, 0), 1);
  expect_text(0, 0, "commonName", "localhost");
  ck_assert_int_eq(tlsloop_cert_rdn_count(cert, TLSLOOP_CERT_ISSUER), 1);
  expect(TLSLOOP_CERT_ISSUER, 0, 0, "commonName", "name intermediate", 17, 1);
  ck_assert_uint_eq(ERR_peek_error(), 0);
}
END_TEST


START_TEST(parts_are_in_the_order_of_the_certificate_and_grouped) {
  static const odd_part_t parts[] = {
      {"C", MBSTRING_UTF8, "DE", -1, 0},
      {"O", MBSTRING_UTF8, "Example", -1, 0},
      {"OU", MBSTRING_UTF8, "Test", -1, -1},
      {"serialNumber", MBSTRING_UTF8, "7", -1, -1},
      {"CN", MBSTRING_UTF8, "a", -1, 0},
      {"CN", MBSTRING_UTF8, "b", -1, 0},
      {NULL, 0, NULL, 0, 0},
  };

  given(parts);
  ck_assert_int_eq(tlsloop_cert_rdn_count(cert, TLSLOOP_CERT_SUBJECT), 4);
  ck_assert_int_eq(tlsloop_cert_attr_count(cert, TLSLOOP_CERT_SUBJECT, 0), 1);
  ck_assert_int_eq(tlsloop_cert_attr_count(cert, TLSLOOP_CERT_SUBJECT, 1), 3);
  expect_text(0, 0, "countryName", "DE");
  /* DER sorts the set. */
  expect_text(1, 0, "serialNumber", "7");
  expect_text(1, 1, "organizationalUnitName", "Test");
  expect_text(1, 2, "organizationName", "Example");
  expect_text(2, 0, "commonName", "a");
  expect_text(3, 0, "commonName", "b");
}
END_TEST


START_TEST(a_name_can_be_empty) {
  static const odd_part_t parts[] = {{NULL, 0, NULL, 0, 0}};

  given(parts);
  ck_assert_int_eq(tlsloop_cert_rdn_count(cert, TLSLOOP_CERT_SUBJECT), 0);
  ck_assert_int_eq(tlsloop_cert_attr_count(cert, TLSLOOP_CERT_SUBJECT, 0),
                   UV__EINVAL);
}
END_TEST


START_TEST(a_value_can_be_empty) {
  static const odd_part_t parts[] = {
      {"O", V_ASN1_UTF8STRING, "", 0, 0},
      {NULL, 0, NULL, 0, 0},
  };

  given(parts);
  expect_text(0, 0, "organizationName", "");
}
END_TEST


START_TEST(values_become_utf8_whatever_they_were) {
  static const odd_part_t parts[] = {
      {"O", V_ASN1_BMPSTRING, "\0K\0\xf6\x4f\x8b", 6, 0},
      {"O", V_ASN1_UNIVERSALSTRING, "\0\1\xf6\0", 4, 0},
      {"O", V_ASN1_T61STRING, "\xe9t\xe9", 3, 0},
      {"O", V_ASN1_PRINTABLESTRING, "plain", 5, 0},
      {"O", V_ASN1_IA5STRING, "ia5", 3, 0},
      {"O", V_ASN1_NUMERICSTRING, "12 3", 4, 0},
      {NULL, 0, NULL, 0, 0},
  };

  given(parts);
  expect_text(0, 0, "organizationName", "K\xc3\xb6\xe4\xbe\x8b");
  expect_text(1, 0, "organizationName", "\xf0\x9f\x98\x80");
  expect_text(2, 0, "organizationName", "\xc3\xa9t\xc3\xa9");
  expect_text(3, 0, "organizationName", "plain");
  expect_text(4, 0, "organizationName", "ia5");
  expect_text(5, 0, "organizationName", "12 3");
}
END_TEST


START_TEST(a_nul_does_not_end_a_value) {
  static const odd_part_t parts[] = {
      {"CN", V_ASN1_UTF8STRING, "good.example\0.evil.example", 26, 0},
      {"CN", V_ASN1_BMPSTRING, "\0a\0\0\0b", 6, 0},
      {NULL, 0, NULL, 0, 0},
  };

  given(parts);
  expect(TLSLOOP_CERT_SUBJECT,
         0,
         0,
         "commonName",
         "good.example\0.evil.example",
         26,
         1);
  expect(TLSLOOP_CERT_SUBJECT, 1, 0, "commonName", "a\0b", 3, 1);
}
END_TEST


START_TEST(what_is_no_text_is_told_as_bytes) {
  static const odd_part_t parts[] = {
      {"x500UniqueIdentifier", V_ASN1_BIT_STRING, "\x0f\0\xff", 3, 0},
      {"1.2.3.4", V_ASN1_SEQUENCE, "\x30\x00", 2, 0},
      {NULL, 0, NULL, 0, 0},
  };

  given(parts);
  expect(
      TLSLOOP_CERT_SUBJECT, 0, 0, "x500UniqueIdentifier", "\x0f\0\xff", 3, 0);
  expect(TLSLOOP_CERT_SUBJECT, 1, 0, "1.2.3.4", "\x30\x00", 2, 0);
}
END_TEST


START_TEST(every_type_has_its_number_and_only_some_a_name) {
  static const odd_part_t parts[] = {
      {"CN", MBSTRING_UTF8, "a", -1, 0},
      {"1.2.3.4.99999999999999999999", MBSTRING_UTF8, "b", -1, 0},
      {NULL, 0, NULL, 0, 0},
  };

  given(parts);
  expect_text(0, 0, "commonName", "a");
  ck_assert_str_eq(tlsloop_cert_attr_oid(cert, TLSLOOP_CERT_SUBJECT, 0, 0),
                   "2.5.4.3");
  expect_text(1, 0, "1.2.3.4.99999999999999999999", "b");
  ck_assert_str_eq(tlsloop_cert_attr_oid(cert, TLSLOOP_CERT_SUBJECT, 1, 0),
                   "1.2.3.4.99999999999999999999");
}
END_TEST


START_TEST(a_type_that_openssl_will_not_name_is_an_error) {
  char field[4096];
  const odd_part_t parts[] = {
      {field, MBSTRING_UTF8, "x", -1, 0},
      {NULL, 0, NULL, 0, 0},
  };
  const char* string;
  size_t len;
  int i;

  /* CVE-2023-2650: its time grew with the square of its length. */
  strcpy(field, "1.2");
  for (i = 0; i < 1000; i++)
    strcat(field, ".1");
  given(parts);
  ck_assert_int_eq(tlsloop_cert_rdn_count(cert, TLSLOOP_CERT_SUBJECT),
                   TLSLOOP_EBADCERT);
  ck_assert_int_eq(
      tlsloop_cert_attr(
          cert, TLSLOOP_CERT_SUBJECT, 0, 0, &string, &string, &len),
      TLSLOOP_EBADCERT);
  ck_assert_int_eq(tlsloop_cert_rdn_count(cert, TLSLOOP_CERT_ISSUER), 1);
  ck_assert_uint_eq(ERR_peek_error(), 0);
}
END_TEST


START_TEST(what_is_not_there_is_told_so) {
  const char* string;
  size_t len;
  int name;

  cert = odd_load(pki_leaf(pki));
  string = "untouched";
  len = 77;
  for (name = TLSLOOP_CERT_ISSUER; name <= TLSLOOP_CERT_SUBJECT; name++) {
    ck_assert_int_eq(tlsloop_cert_attr_count(cert, name, -1), UV__EINVAL);
    ck_assert_int_eq(tlsloop_cert_attr_count(cert, name, 1), UV__EINVAL);
    ck_assert_int_eq(
        tlsloop_cert_attr(cert, name, 1, 0, &string, &string, &len),
        UV__EINVAL);
    ck_assert_int_eq(
        tlsloop_cert_attr(cert, name, 0, 1, &string, &string, &len),
        UV__EINVAL);
    ck_assert_int_eq(
        tlsloop_cert_attr(cert, name, 0, -1, &string, &string, &len),
        UV__EINVAL);
    ck_assert_ptr_null(tlsloop_cert_attr_oid(cert, name, 0, 1));
  }
  ck_assert_int_eq(tlsloop_cert_rdn_count(cert, -3), UV__EINVAL);
  ck_assert_int_eq(tlsloop_cert_rdn_count(cert, 3), UV__EINVAL);
  ck_assert_str_eq(string, "untouched");
  ck_assert_uint_eq(len, 77);
}
END_TEST


START_TEST(only_a_dir_name_among_alternative_names_has_parts) {
  cert = odd_load(pki_leaf(pki));
  ck_assert_int_eq(tlsloop_cert_san_count(cert), 3);
  ck_assert_int_eq(tlsloop_cert_rdn_count(cert, 0), UV__EINVAL);
}
END_TEST


START_TEST(a_broken_extension_has_no_names) {
  const odd_cert_t odd = {
      .nid = NID_subject_alt_name, .der = "\x30\x05", .der_len = 2};

  cert = odd_cert(pki, &odd);
  ck_assert_int_eq(tlsloop_cert_rdn_count(cert, 0), TLSLOOP_EBADCERT);
  ck_assert_int_eq(tlsloop_cert_rdn_count(cert, TLSLOOP_CERT_SUBJECT), 1);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("context/cert-name");
  tcase = tcase_create("parts");
  tcase_add_checked_fixture(tcase, set_up, tear_down);
  tcase_add_test(tcase, subject_and_issuer_have_their_parts);
  tcase_add_test(tcase, parts_are_in_the_order_of_the_certificate_and_grouped);
  tcase_add_test(tcase, a_name_can_be_empty);
  tcase_add_test(tcase, a_value_can_be_empty);
  tcase_add_test(tcase, values_become_utf8_whatever_they_were);
  tcase_add_test(tcase, a_nul_does_not_end_a_value);
  tcase_add_test(tcase, what_is_no_text_is_told_as_bytes);
  tcase_add_test(tcase, every_type_has_its_number_and_only_some_a_name);
  tcase_add_test(tcase, a_type_that_openssl_will_not_name_is_an_error);
  tcase_add_test(tcase, what_is_not_there_is_told_so);
  tcase_add_test(tcase, only_a_dir_name_among_alternative_names_has_parts);
  tcase_add_test(tcase, a_broken_extension_has_no_names);
  suite_add_tcase(suite, tcase);
  return suite;
}
