/* SPDX-License-Identifier: MIT */

/* Twin of context/arena.c: allocations that are freed together. */

#include "support/suite.h"

#include "context/arena.h"
#include "support/fail-alloc.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static tlsloop__arena_t arena;


static void tear_down(void) {
  tlsloop__arena_clear(&arena);
}


START_TEST(an_allocation_is_zeroed_and_aligned) {
  static const unsigned char zeroes[24];
  unsigned char* room;
  int i;

  for (i = 0; i < 5; i++) {
    room = tlsloop__arena_alloc(&arena, 3, 8);
    ck_assert_ptr_nonnull(room);
    ck_assert_uint_eq((uintptr_t) room % _Alignof(max_align_t), 0);
    ck_assert_mem_eq(room, zeroes, 24);
    memset(room, 0xff, 24);
  }
}
END_TEST


START_TEST(nothing_can_be_allocated) {
  ck_assert_ptr_nonnull(tlsloop__arena_alloc(&arena, 0, 8));
  ck_assert_ptr_nonnull(tlsloop__arena_alloc(&arena, 8, 0));
}
END_TEST


START_TEST(a_copy_has_all_its_bytes_and_a_nul_after_them) {
  char* copy;

  copy = tlsloop__arena_copy(&arena, "a\0b", 3);
  ck_assert_mem_eq(copy, "a\0b\0", 4);
  copy = tlsloop__arena_copy(&arena, NULL, 0);
  ck_assert_str_eq(copy, "");
}
END_TEST


START_TEST(what_has_no_size_that_fits_is_refused) {
  ck_assert_ptr_null(tlsloop__arena_alloc(&arena, SIZE_MAX / 2, 3));
  ck_assert_ptr_null(tlsloop__arena_alloc(&arena, 1, SIZE_MAX));
  ck_assert_ptr_null(tlsloop__arena_copy(&arena, "x", SIZE_MAX));
  ck_assert_ptr_null(arena.last);
}
END_TEST


START_TEST(without_memory_there_is_no_allocation_and_the_others_stay) {
  char* before;

  before = tlsloop__arena_copy(&arena, "before", 6);
  fail_alloc_after(0);
  ck_assert_ptr_null(tlsloop__arena_alloc(&arena, 1, 1));
  ck_assert_uint_eq(fail_alloc_reset(), 1);
  fail_alloc_after(0);
  ck_assert_ptr_null(tlsloop__arena_copy(&arena, "x", 1));
  ck_assert_uint_eq(fail_alloc_reset(), 1);
  ck_assert_str_eq(before, "before");
}
END_TEST


START_TEST(clearing_frees_each_allocation_once) {
  int i;

  fail_alloc_reset();
  for (i = 0; i < 7; i++)
    ck_assert_ptr_nonnull(tlsloop__arena_alloc(&arena, 1, 100));
  tlsloop__arena_clear(&arena);
  ck_assert_uint_eq(fail_alloc_frees(), 7);
  ck_assert_ptr_null(arena.last);
  tlsloop__arena_clear(&arena);
  ck_assert_uint_eq(fail_alloc_frees(), 7);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("context/arena");
  tcase = tcase_create("arena");
  tcase_add_checked_fixture(tcase, NULL, tear_down);
  tcase_add_test(tcase, an_allocation_is_zeroed_and_aligned);
  tcase_add_test(tcase, nothing_can_be_allocated);
  tcase_add_test(tcase, a_copy_has_all_its_bytes_and_a_nul_after_them);
  tcase_add_test(tcase, what_has_no_size_that_fits_is_refused);
  tcase_add_test(tcase,
                 without_memory_there_is_no_allocation_and_the_others_stay);
  tcase_add_test(tcase, clearing_frees_each_allocation_once);
  suite_add_tcase(suite, tcase);
  return suite;
}
