/* SPDX-License-Identifier: MIT */

/* The byte store gives back what went in, and its memory as soon as it can. */

#include "support/suite.h"

#include <stdlib.h>
#include <string.h>
#include <uv/errno.h>

#include "base/bytes.h"
#include "support/check-bytes.h"
#include "support/fail-alloc.h"

#define ROOM TLSLOOP__BLOCK_ROOM
#define MANY (4 * ROOM)

static unsigned char source[MANY];
static unsigned char sink[MANY];
static tlsloop__bytes_t bytes;
static tlsloop__pool_t pool;


static void append(size_t from, size_t len) {
  ck_assert_int_eq(tlsloop__bytes_append(&bytes, source + from, len), 0);
  check_bytes(&bytes);
}


/* Reads |len| bytes, which have to be those of |source| from |from| on. */
static void check_read(size_t from, size_t len) {
  ck_assert_uint_eq(tlsloop__bytes_read(&bytes, sink, len), len);
  ck_assert_mem_eq(sink, source + from, len);
  check_bytes(&bytes);
}


static void setup(void) {
  size_t i;

  for (i = 0; i < MANY; i++)
    source[i] = (unsigned char) (i * 7 + i / 251);
  memset(&bytes, 0, sizeof(bytes));
  tlsloop__pool_init(&pool, 3);
}


static void teardown(void) {
  fail_alloc_reset();
  tlsloop__bytes_clear(&bytes);
  tlsloop__pool_clear(&pool);
}


START_TEST(all_zeroes_is_an_empty_store) {
  tlsloop__span_t span;

  check_bytes(&bytes);
  ck_assert_uint_eq(tlsloop__bytes_read(&bytes, sink, MANY), 0);
  ck_assert_uint_eq(tlsloop__bytes_peek(&bytes, &span, 1), 0);
  tlsloop__bytes_drop(&bytes, 0);
  tlsloop__bytes_clear(&bytes);
  check_bytes(&bytes);
}
END_TEST


START_TEST(a_block_has_room_for_a_full_record) {
  /* RFC 8446, 5.2: a header of 5 bytes, then up to 2^14 + 256. */
  ck_assert_uint_ge(ROOM, 5 + 16384 + 256);
}
END_TEST


START_TEST(what_goes_in_comes_out) {
  append(0, 11);
  ck_assert_uint_eq(bytes.size, 11);
  check_read(0, 11);
  ck_assert_uint_eq(bytes.size, 0);
}
END_TEST


START_TEST(a_read_gives_what_there_is_and_not_more) {
  append(0, 11);
  ck_assert_uint_eq(tlsloop__bytes_read(&bytes, sink, MANY), 11);
  ck_assert_mem_eq(sink, source, 11);
  ck_assert_uint_eq(tlsloop__bytes_read(&bytes, sink, MANY), 0);
}
END_TEST


START_TEST(a_read_of_nothing_takes_nothing) {
  append(0, 11);
  ck_assert_uint_eq(tlsloop__bytes_read(&bytes, NULL, 0), 0);
  check_read(0, 11);
}
END_TEST


START_TEST(an_append_of_nothing_takes_no_memory) {
  fail_alloc_reset();
  ck_assert_int_eq(tlsloop__bytes_append(&bytes, NULL, 0), 0);
  ck_assert_uint_eq(fail_alloc_count(), 0);
  check_bytes(&bytes);
}
END_TEST


START_TEST(a_block_is_filled_before_the_next_is_taken) {
  fail_alloc_reset();
  append(0, ROOM - 1);
  append(ROOM - 1, 1);
  ck_assert_uint_eq(fail_alloc_count(), 1);
  append(ROOM, 1);
  ck_assert_uint_eq(fail_alloc_count(), 2);
  append(ROOM + 1, ROOM);
  ck_assert_uint_eq(fail_alloc_count(), 3);
  check_read(0, 2 * ROOM + 1);
}
END_TEST


START_TEST(a_long_append_takes_as_many_blocks_as_it_needs) {
  fail_alloc_reset();
  append(0, 3 * ROOM);
  ck_assert_uint_eq(fail_alloc_count(), 3);
  check_read(0, 3 * ROOM);
  ck_assert_uint_eq(fail_alloc_frees(), 3);
}
END_TEST


START_TEST(a_drained_block_is_freed_at_once) {
  fail_alloc_reset();
  append(0, 2 * ROOM);
  check_read(0, ROOM - 1);
  ck_assert_uint_eq(fail_alloc_frees(), 0);
  check_read(ROOM - 1, 1);
  ck_assert_uint_eq(fail_alloc_frees(), 1);
  tlsloop__bytes_drop(&bytes, ROOM);
  ck_assert_uint_eq(fail_alloc_frees(), 2);
  ck_assert_ptr_null(bytes.first);
}
END_TEST


START_TEST(dropping_skips_bytes_across_blocks) {
  append(0, MANY);
  tlsloop__bytes_drop(&bytes, 0);
  tlsloop__bytes_drop(&bytes, 1);
  check_bytes(&bytes);
  check_read(1, 1);
  tlsloop__bytes_drop(&bytes, 2 * ROOM);
  check_bytes(&bytes);
  check_read(2 * ROOM + 2, 100);
}
END_TEST


START_TEST(clearing_frees_everything) {
  fail_alloc_reset();
  append(0, MANY);
  tlsloop__bytes_drop(&bytes, 9);
  tlsloop__bytes_clear(&bytes);
  ck_assert_uint_eq(fail_alloc_frees(), 4);
  check_bytes(&bytes);
  ck_assert_uint_eq(bytes.size, 0);
}
END_TEST


START_TEST(peeking_shows_the_bytes_where_they_lie) {
  tlsloop__span_t spans[8];

  append(0, 2 * ROOM + 7);
  tlsloop__bytes_drop(&bytes, 3);
  ck_assert_uint_eq(tlsloop__bytes_peek(&bytes, spans, 8), 3);
  ck_assert_uint_eq(spans[0].len, ROOM - 3);
  ck_assert_uint_eq(spans[1].len, ROOM);
  ck_assert_uint_eq(spans[2].len, 7);
  ck_assert_mem_eq(spans[0].data, source + 3, spans[0].len);
  ck_assert_mem_eq(spans[1].data, source + ROOM, spans[1].len);
  ck_assert_mem_eq(spans[2].data, source + 2 * ROOM, spans[2].len);
}
END_TEST


START_TEST(peeking_shows_no_more_spans_than_asked_for) {
  tlsloop__span_t spans[2];

  append(0, 3 * ROOM);
  spans[1].len = 42;
  ck_assert_uint_eq(tlsloop__bytes_peek(&bytes, spans, 0), 0);
  ck_assert_uint_eq(tlsloop__bytes_peek(&bytes, spans, 1), 1);
  ck_assert_uint_eq(spans[1].len, 42);
  ck_assert_uint_eq(tlsloop__bytes_peek(&bytes, spans, 2), 2);
}
END_TEST


START_TEST(peeking_takes_nothing_and_appending_moves_nothing) {
  tlsloop__span_t before;
  tlsloop__span_t after;

  append(0, 10);
  tlsloop__bytes_peek(&bytes, &before, 1);
  append(10, MANY - 10);
  tlsloop__bytes_peek(&bytes, &after, 1);
  ck_assert_ptr_eq(before.data, after.data);
  check_read(0, MANY);
}
END_TEST


START_TEST(moving_copies_nothing) {
  tlsloop__bytes_t from;
  tlsloop__span_t before;
  tlsloop__span_t after;

  fail_alloc_reset();
  memset(&from, 0, sizeof(from));
  ck_assert_int_eq(tlsloop__bytes_append(&from, source, ROOM + 1), 0);
  tlsloop__bytes_peek(&from, &before, 1);
  fail_alloc_reset();
  tlsloop__bytes_move(&bytes, &from);
  ck_assert_uint_eq(fail_alloc_count(), 0);
  tlsloop__bytes_peek(&bytes, &after, 1);
  ck_assert_ptr_eq(before.data, after.data);
  check_bytes(&from);
  check_read(0, ROOM + 1);
}
END_TEST


START_TEST(moved_bytes_come_after_those_that_are_there) {
  tlsloop__bytes_t from;

  memset(&from, 0, sizeof(from));
  append(0, 5);
  ck_assert_int_eq(tlsloop__bytes_append(&from, source + 5, ROOM), 0);
  tlsloop__bytes_move(&bytes, &from);
  check_bytes(&bytes);
  append(ROOM + 5, ROOM);
  check_read(0, 2 * ROOM + 5);
}
END_TEST


START_TEST(moving_an_empty_store_changes_nothing) {
  tlsloop__bytes_t from;

  memset(&from, 0, sizeof(from));
  tlsloop__bytes_move(&bytes, &from);
  check_bytes(&bytes);
  append(0, 5);
  tlsloop__bytes_move(&bytes, &from);
  check_bytes(&from);
  check_read(0, 5);
}
END_TEST


START_TEST(a_store_that_was_moved_away_can_be_used_again) {
  tlsloop__bytes_t to;

  memset(&to, 0, sizeof(to));
  bytes.pool = &pool;
  to.pool = &pool;
  append(0, 5);
  tlsloop__bytes_move(&to, &bytes);
  ck_assert_ptr_eq(bytes.pool, &pool);
  append(1, 5);
  check_read(1, 5);
  check_bytes(&to);
  tlsloop__bytes_clear(&to);
}
END_TEST


START_TEST(a_pool_gives_the_last_block_it_got) {
  tlsloop__block_t* first;

  fail_alloc_reset();
  bytes.pool = &pool;
  append(0, 2 * ROOM);
  first = bytes.first;
  tlsloop__bytes_drop(&bytes, ROOM);
  ck_assert_uint_eq(pool.count, 1);
  append(0, 1);
  ck_assert_ptr_eq(bytes.last, first);
  ck_assert_uint_eq(pool.count, 0);
  ck_assert_uint_eq(fail_alloc_count(), 2);
}
END_TEST


START_TEST(a_pool_keeps_no_more_than_its_limit) {
  fail_alloc_reset();
  bytes.pool = &pool;
  append(0, MANY);
  tlsloop__bytes_clear(&bytes);
  ck_assert_uint_eq(pool.count, 3);
  ck_assert_uint_eq(fail_alloc_frees(), 1);
  tlsloop__pool_clear(&pool);
  ck_assert_uint_eq(pool.count, 0);
  ck_assert_ptr_null(pool.free);
  ck_assert_uint_eq(fail_alloc_frees(), 4);
}
END_TEST


START_TEST(a_pool_without_room_frees_all) {
  fail_alloc_reset();
  tlsloop__pool_init(&pool, 0);
  bytes.pool = &pool;
  append(0, ROOM + 1);
  tlsloop__bytes_clear(&bytes);
  ck_assert_uint_eq(pool.count, 0);
  ck_assert_uint_eq(fail_alloc_frees(), 2);
}
END_TEST


START_TEST(a_pool_can_be_cleared_while_stores_have_blocks) {
  bytes.pool = &pool;
  append(0, ROOM + 1);
  tlsloop__bytes_drop(&bytes, ROOM);
  tlsloop__pool_clear(&pool);
  check_read(ROOM, 1);
  ck_assert_uint_eq(pool.count, 1);
}
END_TEST


START_TEST(blocks_of_a_pool_come_back_empty) {
  fail_alloc_reset();
  bytes.pool = &pool;
  append(0, ROOM);
  tlsloop__bytes_drop(&bytes, ROOM);
  append(5, ROOM);
  ck_assert_uint_eq(fail_alloc_count(), 1);
  check_read(5, ROOM);
}
END_TEST


START_TEST(an_append_without_memory_changes_nothing) {
  unsigned int n;
  int ret;

  fail_alloc_reset();
  append(0, 10);
  for (n = 0;; n++) {
    fail_alloc_after(n);
    ret = tlsloop__bytes_append(&bytes, source + 10, 3 * ROOM);
    if (ret == 0)
      break;
    ck_assert_int_eq(ret, UV__ENOMEM);
    ck_assert_uint_eq(fail_alloc_frees(), n);
    ck_assert_uint_eq(fail_alloc_reset(), 1);
    ck_assert_uint_eq(bytes.size, 10);
    check_bytes(&bytes);
  }

  ck_assert_uint_eq(n, 3);
  check_read(0, 10 + 3 * ROOM);
}
END_TEST


START_TEST(an_append_without_memory_gives_the_pool_its_blocks_back) {
  bytes.pool = &pool;
  append(0, 2 * ROOM);
  tlsloop__bytes_drop(&bytes, 2 * ROOM);
  fail_alloc_from(0);
  ck_assert_int_eq(tlsloop__bytes_append(&bytes, source, 3 * ROOM), UV__ENOMEM);
  ck_assert_uint_eq(fail_alloc_reset(), 1);
  ck_assert_uint_eq(pool.count, 2);
  ck_assert_ptr_null(bytes.first);
}
END_TEST


START_TEST(bytes_that_fit_need_no_memory) {
  append(0, 1);
  fail_alloc_from(0);
  ck_assert_int_eq(tlsloop__bytes_append(&bytes, source + 1, ROOM - 1), 0);
  ck_assert_int_eq(tlsloop__bytes_append(&bytes, source, 1), UV__ENOMEM);
  fail_alloc_reset();
  check_read(0, ROOM);
}
END_TEST


static void add_pool_tests(Suite* suite) {
  TCase* tcase;

  tcase = tcase_create("pool and memory");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_test(tcase, a_pool_gives_the_last_block_it_got);
  tcase_add_test(tcase, a_pool_keeps_no_more_than_its_limit);
  tcase_add_test(tcase, a_pool_without_room_frees_all);
  tcase_add_test(tcase, a_pool_can_be_cleared_while_stores_have_blocks);
  tcase_add_test(tcase, blocks_of_a_pool_come_back_empty);
  tcase_add_test(tcase, an_append_without_memory_changes_nothing);
  tcase_add_test(tcase,
                 an_append_without_memory_gives_the_pool_its_blocks_back);
  tcase_add_test(tcase, bytes_that_fit_need_no_memory);
  suite_add_tcase(suite, tcase);
}


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("bytes");
  tcase = tcase_create("bytes");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_test(tcase, all_zeroes_is_an_empty_store);
  tcase_add_test(tcase, a_block_has_room_for_a_full_record);
  tcase_add_test(tcase, what_goes_in_comes_out);
  tcase_add_test(tcase, a_read_gives_what_there_is_and_not_more);
  tcase_add_test(tcase, a_read_of_nothing_takes_nothing);
  tcase_add_test(tcase, an_append_of_nothing_takes_no_memory);
  tcase_add_test(tcase, a_block_is_filled_before_the_next_is_taken);
  tcase_add_test(tcase, a_long_append_takes_as_many_blocks_as_it_needs);
  tcase_add_test(tcase, a_drained_block_is_freed_at_once);
  tcase_add_test(tcase, dropping_skips_bytes_across_blocks);
  tcase_add_test(tcase, clearing_frees_everything);
  tcase_add_test(tcase, peeking_shows_the_bytes_where_they_lie);
  tcase_add_test(tcase, peeking_shows_no_more_spans_than_asked_for);
  tcase_add_test(tcase, peeking_takes_nothing_and_appending_moves_nothing);
  tcase_add_test(tcase, moving_copies_nothing);
  tcase_add_test(tcase, moved_bytes_come_after_those_that_are_there);
  tcase_add_test(tcase, moving_an_empty_store_changes_nothing);
  tcase_add_test(tcase, a_store_that_was_moved_away_can_be_used_again);
  suite_add_tcase(suite, tcase);
  add_pool_tests(suite);
  return suite;
}
