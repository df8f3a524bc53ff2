/* SPDX-License-Identifier: MIT */

/* Objects are found by identifier, name and number, and only those that there
 * are. */

#include "support/suite.h"

#include "support/fail-alloc.h"
#include "support/fail-ossl.h"
#include "tlsloop/oid.h"

#include <openssl/err.h>
#include <openssl/objects.h>
#include <stdint.h>
#include <string.h>
#include <uv/errno.h>

static tlsloop_oid_t oid;
static int installed; /* fail_ossl_install */


static void setup(void) {
  ck_assert_int_eq(installed, 1);
  memset(&oid, 0x5c, sizeof(oid));
  oid.size = sizeof(oid);
}


static void expect(int err, int nid, const char* sn, const char* dotted) {
  ck_assert_int_eq(err, 0);
  ck_assert_uint_eq(ERR_peek_error(), 0);
  ck_assert_uint_eq(oid.size, sizeof(oid));
  ck_assert_int_eq(oid.nid, nid);
  ck_assert_str_eq(oid.short_name, sn);
  ck_assert_str_eq(oid.dotted, dotted);
}


static void expect_none(int err, int code) {
  ck_assert_int_eq(err, code);
  ck_assert_uint_eq(ERR_peek_error(), 0);
  ck_assert_int_eq(oid.nid, 0x5c5c5c5c);
  ck_assert_uint_eq(oid.size, sizeof(oid));
}


START_TEST(an_object_is_found_by_its_identifier) {
  expect(tlsloop_oid_lookup("1.3.6.1.5.5.7.3.1", 0, &oid),
         129,
         "serverAuth",
         "1.3.6.1.5.5.7.3.1");
  ck_assert_str_eq(oid.long_name, "TLS Web Server Authentication");
}
END_TEST


START_TEST(an_object_is_found_by_any_of_its_names) {
  static const char* const names[] = {
      "1.3.6.1.5.5.7.3.2", "clientAuth", "TLS Web Client Authentication"};

  expect(tlsloop_oid_lookup(names[_i], 1, &oid),
         130,
         "clientAuth",
         "1.3.6.1.5.5.7.3.2");
  ck_assert_str_eq(oid.long_name, "TLS Web Client Authentication");
}
END_TEST


START_TEST(an_object_is_found_by_its_number) {
  expect(
      tlsloop_oid_from_nid(129, &oid), 129, "serverAuth", "1.3.6.1.5.5.7.3.1");
  setup();
  expect(tlsloop_oid_from_nid(NID_commonName, &oid),
         NID_commonName,
         "CN",
         "2.5.4.3");
}
END_TEST


START_TEST(names_are_not_looked_at_unless_wanted) {
  expect_none(tlsloop_oid_lookup("serverAuth", 0, &oid), UV__EINVAL);
  expect_none(tlsloop_oid_lookup("TLS Web Server Authentication", 0, &oid),
              UV__EINVAL);
}
END_TEST


START_TEST(what_openssl_does_not_know_is_refused) {
  static const char* const unknown[] = {"1.2.3.4.5.6.7.8.9",
                                        "1.3.6.1.5.5.7.3.1.1",
                                        "serverauth",
                                        "SERVERAUTH",
                                        "serverAuth ",
                                        "UNDEF",
                                        "undefined",
                                        "9.9",
                                        "1",
                                        "-1.2",
                                        ".",
                                        ""};
  size_t i;

  for (i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
    expect_none(tlsloop_oid_lookup(unknown[i], 0, &oid), UV__EINVAL);
    expect_none(tlsloop_oid_lookup(unknown[i], 1, &oid), UV__EINVAL);
  }
  expect_none(tlsloop_oid_lookup(NULL, 1, &oid), UV__EINVAL);
}
END_TEST


/* It takes spaces for dots, and a dot at the end, as it does in Python. */
START_TEST(identifiers_are_as_loose_as_openssl_has_them) {
  expect(
      tlsloop_oid_lookup("2 5 4 3", 0, &oid), NID_commonName, "CN", "2.5.4.3");
  setup();
  expect(
      tlsloop_oid_lookup("2.5.4.3.", 0, &oid), NID_commonName, "CN", "2.5.4.3");
  setup();
  expect_none(tlsloop_oid_lookup(" 2.5.4.3", 0, &oid), UV__EINVAL);
}
END_TEST


START_TEST(a_number_that_is_no_objects_is_refused) {
  expect_none(tlsloop_oid_from_nid(0, &oid), UV__EINVAL);
  expect_none(tlsloop_oid_from_nid(-1, &oid), UV__EINVAL);
  expect_none(tlsloop_oid_from_nid(INT32_MIN, &oid), UV__EINVAL);
  expect_none(tlsloop_oid_from_nid(100000, &oid), UV__EINVAL);
  expect_none(tlsloop_oid_from_nid(INT32_MAX, &oid), UV__EINVAL);
}
END_TEST


/* Python has None there. */
START_TEST(an_object_may_have_no_identifier) {
  expect(tlsloop_oid_lookup("ChaCha20-Poly1305", 1, &oid),
         NID_chacha20_poly1305,
         "ChaCha20-Poly1305",
         "");
}
END_TEST


START_TEST(a_program_can_add_its_own) {
  int nid;

  nid = OBJ_create("1.3.6.1.4.1.99999.7", "ours", "Our Own Object");
  ck_assert_int_gt(nid, 0);
  expect(
      tlsloop_oid_lookup("ours", 1, &oid), nid, "ours", "1.3.6.1.4.1.99999.7");
  setup();
  expect(tlsloop_oid_from_nid(nid, &oid), nid, "ours", "1.3.6.1.4.1.99999.7");
  ck_assert_str_eq(oid.long_name, "Our Own Object");
}
END_TEST


/* "1.3", then ".1" until there are |len| characters. */
static void make_long(char* text, size_t len) {
  strcpy(text, len % 2 ? "1.3" : "1.39");
  while (strlen(text) < len)
    strcat(text, ".1");
}


START_TEST(an_identifier_that_does_not_fit_is_refused) {
  char text[256];
  int nid;

  make_long(text, 127);
  nid = OBJ_create(text, "fits", "Fits");
  expect(tlsloop_oid_lookup(text, 0, &oid), nid, "fits", text);

  setup();
  make_long(text, 128);
  nid = OBJ_create(text, "long", "Too Long");
  ck_assert_int_gt(nid, 0);
  expect_none(tlsloop_oid_lookup("long", 1, &oid), UV__ENOBUFS);
  expect_none(tlsloop_oid_from_nid(nid, &oid), UV__ENOBUFS);
}
END_TEST


START_TEST(a_struct_without_a_size_is_refused) {
  oid.size = 0;
  ck_assert_int_eq(tlsloop_oid_from_nid(129, &oid), UV__EINVAL);
  ck_assert_int_eq(tlsloop_oid_lookup("serverAuth", 1, &oid), UV__EINVAL);
  ck_assert_int_eq(oid.nid, 0x5c5c5c5c);
}
END_TEST


START_TEST(no_memory_is_no_unknown_object) {
  unsigned int n;
  int err;

  for (n = 0;; n++) {
    setup();
    fail_alloc_after(n);
    err = tlsloop_oid_lookup("1.3.6.1.5.5.7.3.1", 0, &oid);
    if (!fail_alloc_reset())
      break;
    if (err != 0)
      expect_none(err, UV__ENOMEM);
  }
  expect(err, 129, "serverAuth", "1.3.6.1.5.5.7.3.1");
  ck_assert_uint_ge(n, 1);
}
END_TEST


START_TEST(purposes_are_the_objects_they_are_numbered_for) {
  expect(tlsloop_oid_from_nid(TLSLOOP_PURPOSE_SERVER_AUTH, &oid),
         129,
         "serverAuth",
         tlsloop_purpose_oid(TLSLOOP_PURPOSE_SERVER_AUTH));
  setup();
  expect(tlsloop_oid_from_nid(TLSLOOP_PURPOSE_CLIENT_AUTH, &oid),
         130,
         "clientAuth",
         tlsloop_purpose_oid(TLSLOOP_PURPOSE_CLIENT_AUTH));
  ck_assert_ptr_null(tlsloop_purpose_oid(0));
  ck_assert_ptr_null(tlsloop_purpose_oid(131));
}
END_TEST


Suite* suite(void) {
  TCase* tc;
  Suite* s;

  installed = fail_ossl_install();
  s = suite_create("oid");
  tc = tcase_create("oid");
  tcase_add_checked_fixture(tc, setup, NULL);
  tcase_add_test(tc, an_object_is_found_by_its_identifier);
  tcase_add_loop_test(tc, an_object_is_found_by_any_of_its_names, 0, 3);
  tcase_add_test(tc, an_object_is_found_by_its_number);
  tcase_add_test(tc, names_are_not_looked_at_unless_wanted);
  tcase_add_test(tc, what_openssl_does_not_know_is_refused);
  tcase_add_test(tc, identifiers_are_as_loose_as_openssl_has_them);
  tcase_add_test(tc, a_number_that_is_no_objects_is_refused);
  tcase_add_test(tc, an_object_may_have_no_identifier);
  tcase_add_test(tc, a_program_can_add_its_own);
  tcase_add_test(tc, an_identifier_that_does_not_fit_is_refused);
  tcase_add_test(tc, a_struct_without_a_size_is_refused);
  tcase_add_test(tc, no_memory_is_no_unknown_object);
  tcase_add_test(tc, purposes_are_the_objects_they_are_numbered_for);
  suite_add_tcase(s, tc);
  return s;
}
