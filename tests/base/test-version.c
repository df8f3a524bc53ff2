/* SPDX-License-Identifier: MIT */

/* The version says the same in all the places that know it. */

#include "support/suite.h"

#include "tlsloop/version.h"

#include <stdio.h>


START_TEST(the_library_has_the_version_of_its_headers) {
  ck_assert_uint_eq(tlsloop_version(), TLSLOOP_VERSION_HEX);
}
END_TEST


START_TEST(the_text_is_the_version_that_configure_knows) {
  ck_assert_str_eq(tlsloop_version_string(), PACKAGE_VERSION);
}
END_TEST


START_TEST(the_text_and_the_number_agree) {
  unsigned int number;
  char text[32];

  number = tlsloop_version();
  snprintf(text,
           sizeof(text),
           "%u.%u.%u",
           number >> 16,
           (number >> 8) & 0xff,
           number & 0xff);
  ck_assert_str_eq(tlsloop_version_string(), text);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("version");
  tcase = tcase_create("version");
  tcase_add_test(tcase, the_library_has_the_version_of_its_headers);
  tcase_add_test(tcase, the_text_is_the_version_that_configure_knows);
  tcase_add_test(tcase, the_text_and_the_number_agree);
  suite_add_tcase(suite, tcase);
  return suite;
}
