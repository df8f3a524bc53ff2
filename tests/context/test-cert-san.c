/* SPDX-License-Identifier: MIT */

/* Twin of context/cert-san.c: the alternative names of a subject. */

#include "support/suite.h"

#include "support/odd-cert.h"
#include "tlsloop/cert.h"
#include "tlsloop/errno.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <uv/errno.h>

/* An extension and its length; |der| has no NUL of its own at its end. */
#define SAN(der) NID_subject_alt_name, der, (int) sizeof(der) - 1

static pki_t* pki;
static tlsloop_cert_t* cert;


static void set_up(void) {
  pki = pki_new("san");
  cert = NULL;
}


static void tear_down(void) {
  tlsloop_cert_unref(cert);
  pki_free(pki);
}


/* A certificate with the names |san|, in the syntax of x509v3_config(5). */
static void given(const char* san) {
  pki_opts_t opts;

  memset(&opts, 0, sizeof(opts));
  opts.san = san;
  cert = odd_load(pki_make(pki, &opts));
}


/* A certificate whose extension is |der|. */
static void given_der(int nid, const char* der, int len) {
  const odd_cert_t odd = {.nid = nid, .der = der, .der_len = len};

  cert = odd_cert(pki, &odd);
}


static void expect_bytes(int index,
                         int kind,
                         const char* wanted_type,
                         const char* wanted,
                         size_t wanted_len) {
  const char* value;
  const char* type;
  size_t len;

  ck_assert_int_eq(tlsloop_cert_san(cert, index, &type, &value, &len), kind);
  ck_assert_str_eq(type, wanted_type);
  ck_assert_uint_eq(len, wanted_len);
  ck_assert_mem_eq(value, wanted, len);
  ck_assert_int_eq(value[len], '\0');
}


static void expect(int index,
                   int kind,
                   const char* wanted_type,
                   const char* wanted) {
  expect_bytes(index, kind, wanted_type, wanted, strlen(wanted));
}


START_TEST(names_are_in_the_order_of_the_certificate) {
  given(
      "DNS:b.example,email:user@a.example,URI:https://a.example/x?y,"
      "DNS:a.example,IP:192.0.2.1");
  ck_assert_int_eq(tlsloop_cert_san_count(cert), 5);
  expect(0, TLSLOOP_SAN_DNS, "DNS", "b.example");
  expect(1, TLSLOOP_SAN_EMAIL, "email", "user@a.example");
  expect(2, TLSLOOP_SAN_URI, "URI", "https://a.example/x?y");
  expect(3, TLSLOOP_SAN_DNS, "DNS", "a.example");
  expect(4, TLSLOOP_SAN_IP, "IP Address", "192.0.2.1");
  ck_assert_uint_eq(ERR_peek_error(), 0);
}
END_TEST


START_TEST(a_certificate_may_have_no_names) {
  given("");
  ck_assert_int_eq(tlsloop_cert_san_count(cert), 0);
}
END_TEST


START_TEST(a_list_of_names_may_be_empty) {
  given_der(SAN("\x30\x00"));
  ck_assert_int_eq(tlsloop_cert_san_count(cert), 0);
}
END_TEST


START_TEST(a_nul_does_not_end_a_name) {
  /* CVE-2009-2408, CVE-2013-4238 */
  given_der(
      SAN("\x30\x2a"
          "\x82\x0f"
          "good.ex\0evil.ex"
          "\x81\x08"
          "a@b\0.evi"
          "\x86\x06"
          "u:\0\0ev"
          "\x82\x02\0\0"
          "\x82\x01\0"));
  ck_assert_int_eq(tlsloop_cert_san_count(cert), 5);
  expect_bytes(0, TLSLOOP_SAN_DNS, "DNS", "good.ex\0evil.ex", 15);
  expect_bytes(1, TLSLOOP_SAN_EMAIL, "email", "a@b\0.evi", 8);
  expect_bytes(2, TLSLOOP_SAN_URI, "URI", "u:\0\0ev", 6);
  expect_bytes(3, TLSLOOP_SAN_DNS, "DNS", "\0", 2);
  expect_bytes(4, TLSLOOP_SAN_DNS, "DNS", "", 1);
}
END_TEST


START_TEST(names_are_told_as_they_are_even_if_they_are_no_ascii) {
  given_der(
      SAN("\x30\x0a"
          "\x82\x04"
          "\xff\xc3\x28\x0a"
          "\x81\x00"
          "\x86\x00"));
  expect_bytes(0, TLSLOOP_SAN_DNS, "DNS", "\xff\xc3\x28\x0a", 4);
  expect(1, TLSLOOP_SAN_EMAIL, "email", "");
  expect(2, TLSLOOP_SAN_URI, "URI", "");
}
END_TEST


START_TEST(an_ipv6_address_is_neither_padded_nor_compressed) {
  given("IP:2001:db8::1,IP:::,IP:::ffff:192.0.2.1,IP:0:0:1::A0b0,IP:0.0.0.0");
  expect(0, TLSLOOP_SAN_IP, "IP Address", "2001:DB8:0:0:0:0:0:1");
  expect(1, TLSLOOP_SAN_IP, "IP Address", "0:0:0:0:0:0:0:0");
  expect(2, TLSLOOP_SAN_IP, "IP Address", "0:0:0:0:0:FFFF:C000:201");
  expect(3, TLSLOOP_SAN_IP, "IP Address", "0:0:1:0:0:0:0:A0B0");
  expect(4, TLSLOOP_SAN_IP, "IP Address", "0.0.0.0");
}
END_TEST


START_TEST(an_address_of_another_length_is_invalid) {
  given_der(
      SAN("\x30\x1e"
          "\x87\x00"
          "\x87\x03\x01\x02\x03"
          "\x87\x05\x01\x02\x03\x04\x05"
          "\x87\x08\x0a\0\0\0\xff\0\0\0"
          "\x87\x04\x7f\0\0\x01"));
  ck_assert_int_eq(tlsloop_cert_san_count(cert), 5);
  expect(0, TLSLOOP_SAN_IP, "IP Address", "<invalid>");
  expect(1, TLSLOOP_SAN_IP, "IP Address", "<invalid>");
  expect(2, TLSLOOP_SAN_IP, "IP Address", "<invalid>");
  expect(3, TLSLOOP_SAN_IP, "IP Address", "<invalid>");
  expect(4, TLSLOOP_SAN_IP, "IP Address", "127.0.0.1");
}
END_TEST


START_TEST(a_registered_id_has_its_number) {
  given("RID:1.2.3.4.5,RID:2.5.4.3");
  expect(0, TLSLOOP_SAN_RID, "Registered ID", "1.2.3.4.5");
  expect(1, TLSLOOP_SAN_RID, "Registered ID", "commonName");
  ck_assert_str_eq(tlsloop_cert_san_oid(cert, 0), "1.2.3.4.5");
  ck_assert_str_eq(tlsloop_cert_san_oid(cert, 1), "2.5.4.3");
}
END_TEST


START_TEST(other_names_are_told_if_openssl_knows_them) {
  given(
      "otherName:1.3.6.1.4.1.311.20.2.3;UTF8:user@a.example,"
      "otherName:1.2.3.4;UTF8:x,otherName:1.2.3.4;IA5:x");
  expect(0, TLSLOOP_SAN_OTHERNAME, "othername", "UPN:user@a.example");
  expect(1, TLSLOOP_SAN_OTHERNAME, "othername", "<unsupported>");
  expect(2, TLSLOOP_SAN_OTHERNAME, "othername", "<unsupported>");
  ck_assert_str_eq(tlsloop_cert_san_oid(cert, 0), "1.3.6.1.4.1.311.20.2.3");
  ck_assert_str_eq(tlsloop_cert_san_oid(cert, 1), "1.2.3.4");
}
END_TEST


/* otherName, 1.3.6.1.4.1.311.20.2.3: UTF8String of |len| bytes. */
#define UPN(len, text) \
  "\xa0" len "\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x14\x02\x03" text


START_TEST(a_nul_does_not_end_an_other_name_silently) {
  given_der(SAN("\x30\x1a" UPN("\x18",
                               "\xa0\x0a\x0c\x08"
                               "root\0.ev")));
  expect(0, TLSLOOP_SAN_OTHERNAME, "othername", "<unsupported>");
}
END_TEST


START_TEST(a_line_feed_does_not_end_an_other_name) {
  given_der(SAN("\x30\x1a" UPN("\x18",
                               "\xa0\x0a\x0c\x08"
                               "root\n:ev")));
  expect(0, TLSLOOP_SAN_OTHERNAME, "othername", "UPN:root\n:ev");
}
END_TEST


START_TEST(rare_types_are_told_to_be_unsupported) {
  given_der(
      SAN("\x30\x0a"
          "\xa3\x02\x30\x00"
          "\xa5\x04\xa1\x02\x0c\x00"));
  ck_assert_int_eq(tlsloop_cert_san_count(cert), 2);
  expect(0, TLSLOOP_SAN_X400, "X400Name", "<unsupported>");
  expect(1, TLSLOOP_SAN_EDIPARTY, "EdiPartyName", "<unsupported>");
}
END_TEST


START_TEST(a_dir_name_has_parts_of_its_own) {
  const char* value;
  const char* type;
  size_t len;

  /* C=DE, then O=a beside CN=b. */
  given_der(
      SAN("\x30\x2a"
          "\x82\x01x"
          "\xa4\x25\x30\x23"
          "\x31\x0b\x30\x09\x06\x03\x55\x04\x06\x13\x02"
          "DE"
          "\x31\x14"
          "\x30\x08\x06\x03\x55\x04\x03\x0c\x01"
          "b"
          "\x30\x08\x06\x03\x55\x04\x0a\x0c\x01"
          "a"));
  ck_assert_int_eq(tlsloop_cert_san_count(cert), 2);
  expect(1, TLSLOOP_SAN_DIRNAME, "DirName", "O=a+CN=b,C=DE");
  ck_assert_int_eq(tlsloop_cert_rdn_count(cert, 1), 2);
  ck_assert_int_eq(tlsloop_cert_attr_count(cert, 1, 0), 1);
  ck_assert_int_eq(tlsloop_cert_attr_count(cert, 1, 1), 2);
  ck_assert_int_eq(tlsloop_cert_attr(cert, 1, 1, 1, &type, &value, &len), 1);
  ck_assert_str_eq(type, "organizationName");
  ck_assert_str_eq(value, "a");
  ck_assert_str_eq(tlsloop_cert_attr_oid(cert, 1, 0, 0), "2.5.4.6");
  ck_assert_int_eq(tlsloop_cert_rdn_count(cert, 0), UV__EINVAL);
}
END_TEST


START_TEST(a_dir_name_may_be_empty) {
  given_der(SAN("\x30\x04\xa4\x02\x30\x00"));
  expect(0, TLSLOOP_SAN_DIRNAME, "DirName", "");
  ck_assert_int_eq(tlsloop_cert_rdn_count(cert, 0), 0);
}
END_TEST


START_TEST(only_some_types_have_a_number) {
  given("DNS:a.example,IP:192.0.2.1");
  ck_assert_ptr_null(tlsloop_cert_san_oid(cert, 0));
  ck_assert_ptr_null(tlsloop_cert_san_oid(cert, 1));
  ck_assert_ptr_null(tlsloop_cert_san_oid(cert, 2));
  ck_assert_ptr_null(tlsloop_cert_san_oid(cert, -1));
}
END_TEST


START_TEST(a_name_that_is_not_there_is_told_so) {
  const char* string;
  size_t len;

  given("DNS:a.example");
  string = "untouched";
  len = 77;
  ck_assert_int_eq(tlsloop_cert_san(cert, 1, &string, &string, &len),
                   UV__EINVAL);
  ck_assert_int_eq(tlsloop_cert_san(cert, -1, &string, &string, &len),
                   UV__EINVAL);
  ck_assert_str_eq(string, "untouched");
  ck_assert_uint_eq(len, 77);
}
END_TEST


typedef struct broken_s {
  const char* der;
  int len;
} broken_t;

#define BROKEN(der) \
  { der, (int) sizeof(der) - 1 }

static const broken_t broken[] = {
    BROKEN(""),
    BROKEN("\x30"),
    BROKEN("\x30\x05\x82\x01x"),                /* cut short */
    BROKEN("\x30\x03\x82\x02x"),                /* a name is */
    BROKEN("\x04\x03\x82\x01x"),                /* no sequence */
    BROKEN("\x30\x03\x89\x01x"),                /* no such type */
    BROKEN("\x30\x03\x88\x01\x80"),             /* no object identifier */
    BROKEN("\x30\x02\x88\x00"),                 /* nor is this */
    BROKEN("\x30\x06\xa4\x04\x30\x02\x31\x05"), /* a broken DirName */
    BROKEN("\x30\x04\xa0\x02\x0c\x00"),         /* an otherName of no type */
};


START_TEST(a_broken_extension_is_an_error) {
  const char* string;
  size_t len;

  given_der(NID_subject_alt_name, broken[_i].der, broken[_i].len);
  ck_assert_int_eq(tlsloop_cert_san_count(cert), TLSLOOP_EBADCERT);
  ck_assert_int_eq(tlsloop_cert_san(cert, 0, &string, &string, &len),
                   TLSLOOP_EBADCERT);
  ck_assert_ptr_null(tlsloop_cert_san_oid(cert, 0));
  ck_assert_uint_eq(ERR_peek_error(), 0);
}
END_TEST


START_TEST(an_extension_that_is_there_twice_is_an_error) {
  const odd_cert_t odd = {.nid = NID_subject_alt_name,
                          .der = "\x30\x03\x82\x01x",
                          .der_len = 5,
                          .again = 1};

  cert = odd_cert(pki, &odd);
  ck_assert_int_eq(tlsloop_cert_san_count(cert), TLSLOOP_EBADCERT);
}
END_TEST


START_TEST(a_number_that_openssl_will_not_write_is_an_error) {
  unsigned char der[1024];

  /* A registered ID of 1000 parts. */
  memset(der, 0x01, sizeof(der));
  memcpy(der, "\x30\x82\x03\xec\x88\x82\x03\xe8", 8);
  given_der(NID_subject_alt_name, (const char*) der, 1008);
  ck_assert_int_eq(tlsloop_cert_san_count(cert), TLSLOOP_EBADCERT);
  ck_assert_uint_eq(ERR_peek_error(), 0);
}
END_TEST


START_TEST(there_may_be_thousands_of_names) {
  static unsigned char der[4 + 20000 * 3];
  int i;

  memcpy(der, "\x30\x82\xea\x60", 4);
  for (i = 0; i < 20000; i++)
    memcpy(der + 4 + 3 * i, "\x82\x01x", 3);
  given_der(NID_subject_alt_name, (const char*) der, (int) sizeof(der));
  ck_assert_int_eq(tlsloop_cert_san_count(cert), 20000);
  expect(19999, TLSLOOP_SAN_DNS, "DNS", "x");
}
END_TEST


static void add_types(Suite* suite) {
  TCase* tcase;

  tcase = tcase_create("types");
  tcase_add_checked_fixture(tcase, set_up, tear_down);
  tcase_add_test(tcase, names_are_told_as_they_are_even_if_they_are_no_ascii);
  tcase_add_test(tcase, an_ipv6_address_is_neither_padded_nor_compressed);
  tcase_add_test(tcase, an_address_of_another_length_is_invalid);
  tcase_add_test(tcase, a_registered_id_has_its_number);
  tcase_add_test(tcase, other_names_are_told_if_openssl_knows_them);
  tcase_add_test(tcase, a_nul_does_not_end_an_other_name_silently);
  tcase_add_test(tcase, a_line_feed_does_not_end_an_other_name);
  tcase_add_test(tcase, rare_types_are_told_to_be_unsupported);
  tcase_add_test(tcase, a_dir_name_has_parts_of_its_own);
  tcase_add_test(tcase, a_dir_name_may_be_empty);
  tcase_add_test(tcase, only_some_types_have_a_number);
  suite_add_tcase(suite, tcase);
}


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("context/cert-san");
  tcase = tcase_create("names");
  tcase_add_checked_fixture(tcase, set_up, tear_down);
  tcase_add_test(tcase, names_are_in_the_order_of_the_certificate);
  tcase_add_test(tcase, a_certificate_may_have_no_names);
  tcase_add_test(tcase, a_list_of_names_may_be_empty);
  tcase_add_test(tcase, a_nul_does_not_end_a_name);
  tcase_add_test(tcase, a_name_that_is_not_there_is_told_so);
  tcase_add_loop_test(tcase,
                      a_broken_extension_is_an_error,
                      0,
                      sizeof(broken) / sizeof(broken[0]));
  tcase_add_test(tcase, an_extension_that_is_there_twice_is_an_error);
  tcase_add_test(tcase, a_number_that_openssl_will_not_write_is_an_error);
  tcase_add_test(tcase, there_may_be_thousands_of_names);
  suite_add_tcase(suite, tcase);
  add_types(suite);
  return suite;
}
