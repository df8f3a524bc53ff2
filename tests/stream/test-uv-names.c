/* SPDX-License-Identifier: MIT */

/* The names of libuv's codes are those that libuv gives them. */

#include "support/suite.h"

#include <string.h>
#include <uv.h>

#include "tlsloop/errno.h"


START_TEST(every_code_of_libuv_has_its_name_and_a_text) {
  int n;

  n = 0;
#define XX(name, text)                                            \
  ck_assert_str_eq(tlsloop_err_name(UV_##name), "UV_" #name);     \
  ck_assert_str_ne(tlsloop_strerror(UV_##name), "unknown error"); \
  n++;
  UV_ERRNO_MAP(XX)
#undef XX
  ck_assert_int_ge(n, 80);
}
END_TEST


START_TEST(a_code_that_libuv_does_not_know_is_none_of_ours_either) {
  char name[64];
  const char* ours;
  int code;

  for (code = -1; code > -4100; code--) {
    uv_err_name_r(code, name, sizeof(name));
    ours = tlsloop_err_name(code);
    if (strncmp(name, "Unknown", 7) == 0) {
      ck_assert_str_eq(ours, "UNKNOWN");
    } else {
      ck_assert_int_eq(strncmp(ours, "UV_", 3), 0);
      ck_assert_str_eq(ours + 3, name);
    }
  }
}
END_TEST


START_TEST(all_of_libuv_s_codes_are_above_ours) {
#define XX(name, text) ck_assert_int_gt(UV_##name, -4100);
  UV_ERRNO_MAP(XX)
#undef XX
  ck_assert_int_gt(UV_ERRNO_MAX, -4100);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("uv names");
  tcase = tcase_create("uv names");
  tcase_add_test(tcase, every_code_of_libuv_has_its_name_and_a_text);
  tcase_add_test(tcase, a_code_that_libuv_does_not_know_is_none_of_ours_either);
  tcase_add_test(tcase, all_of_libuv_s_codes_are_above_ours);
  suite_add_tcase(suite, tcase);
  return suite;
}
