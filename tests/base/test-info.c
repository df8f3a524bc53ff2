/* SPDX-License-Identifier: MIT */

/* Structs of facts are filled as far as the caller has room. */

#include "support/suite.h"

#include "base/info.h"

#include <string.h>
#include <uv/errno.h>

typedef struct facts_s {
  size_t size;
  int first;
  char second[20];
} facts_t;

/* A later release has one fact more. */
typedef struct more_facts_s {
  facts_t facts;
  long third;
} more_facts_t;

static const facts_t full = {sizeof(full), 7, "seven"};


START_TEST(a_struct_of_the_same_size_is_filled_whole) {
  facts_t info = {.size = sizeof(info)};

  ck_assert_int_eq(tlsloop__info_fill(&info, &full, sizeof(full)), 0);
  ck_assert_uint_eq(info.size, sizeof(info));
  ck_assert_int_eq(info.first, 7);
  ck_assert_str_eq(info.second, "seven");
}
END_TEST


START_TEST(a_smaller_struct_is_not_written_past) {
  facts_t info = {.size = offsetof(facts_t, second), .second = "untouched"};

  ck_assert_int_eq(tlsloop__info_fill(&info, &full, sizeof(full)), 0);
  ck_assert_uint_eq(info.size, offsetof(facts_t, second));
  ck_assert_int_eq(info.first, 7);
  ck_assert_str_eq(info.second, "untouched");
}
END_TEST


START_TEST(a_larger_struct_is_told_how_much_was_filled) {
  more_facts_t info = {.facts = {.size = sizeof(info)}, .third = 3};

  ck_assert_int_eq(tlsloop__info_fill(&info, &full, sizeof(full)), 0);
  ck_assert_uint_eq(info.facts.size, sizeof(full));
  ck_assert_str_eq(info.facts.second, "seven");
  ck_assert_int_eq(info.third, 3);
}
END_TEST


START_TEST(a_size_alone_is_told) {
  size_t size = sizeof(size);

  ck_assert_int_eq(tlsloop__info_fill(&size, &full, sizeof(full)), 0);
  ck_assert_uint_eq(size, sizeof(size));
}
END_TEST


START_TEST(a_size_that_was_never_set_is_refused) {
  facts_t info = {.size = (size_t) _i, .first = 1};

  ck_assert_int_eq(tlsloop__info_fill(&info, &full, sizeof(full)), UV__EINVAL);
  ck_assert_uint_eq(info.size, (size_t) _i);
  ck_assert_int_eq(info.first, 1);
}
END_TEST


Suite* suite(void) {
  TCase* tc;
  Suite* s;

  s = suite_create("info");
  tc = tcase_create("info");
  tcase_add_test(tc, a_struct_of_the_same_size_is_filled_whole);
  tcase_add_test(tc, a_smaller_struct_is_not_written_past);
  tcase_add_test(tc, a_larger_struct_is_told_how_much_was_filled);
  tcase_add_test(tc, a_size_alone_is_told);
  tcase_add_loop_test(
      tc, a_size_that_was_never_set_is_refused, 0, sizeof(size_t));
  suite_add_tcase(s, tc);
  return s;
}
