/* SPDX-License-Identifier: MIT */

/* Twin of engine/bio.c: the byte store. test-bio-openssl.c has the
 * BIO over two of them. */

#include "engine/bio.h"

#include <stdlib.h>
#include <string.h>
#include <uv/errno.h>

#include "support/suite.h"

/* More than three blocks. */
#define MUCH ((size_t) 60000)

static tlsloop_bio_t* in;


static void set_up(void) {
  ck_assert_int_eq(tlsloop_bio_new(&in), 0);
}


static void tear_down(void) {
  tlsloop_bio_unref(in);
}


static void put(tlsloop_bio_t* to, const char* text) {
  ck_assert_int_eq(tlsloop_bio_write(to, text, strlen(text)), 0);
}


/* Takes up to |len| bytes out of |from|, which have to be |text|. */
static void expect(tlsloop_bio_t* from, size_t len, const char* text) {
  char buf[64];

  ck_assert_uint_le(len, sizeof(buf));
  ck_assert_uint_eq(tlsloop_bio_read(from, buf, len), strlen(text));
  ck_assert_mem_eq(buf, text, strlen(text));
}


START_TEST(new_store_is_empty_and_not_at_its_end) {
  ck_assert_uint_eq(tlsloop_bio_pending(in), 0);
  ck_assert_int_eq(tlsloop_bio_eof(in), 0);
  expect(in, 10, "");
}
END_TEST


START_TEST(bytes_come_out_in_the_order_they_went_in) {
  put(in, "one ");
  put(in, "two ");
  expect(in, 6, "one tw");
  put(in, "three");
  ck_assert_uint_eq(tlsloop_bio_pending(in), 7);
  expect(in, 64, "o three");
  ck_assert_uint_eq(tlsloop_bio_pending(in), 0);
}
END_TEST


START_TEST(reading_nothing_takes_nothing) {
  put(in, "kept");
  expect(in, 0, "");
  ck_assert_uint_eq(tlsloop_bio_read(in, NULL, 0), 0);
  expect(in, 64, "kept");
}
END_TEST


START_TEST(writing_nothing_is_no_error_and_adds_nothing) {
  ck_assert_int_eq(tlsloop_bio_write(in, NULL, 0), 0);
  ck_assert_int_eq(tlsloop_bio_write(in, "x", 0), 0);
  ck_assert_uint_eq(tlsloop_bio_pending(in), 0);
}
END_TEST


START_TEST(store_takes_more_than_fits_one_block) {
  unsigned char* data;
  unsigned char* back;
  size_t total;
  size_t i;

  ck_assert_ptr_nonnull(data = malloc(MUCH));
  ck_assert_ptr_nonnull(back = malloc(MUCH));
  for (i = 0; i < MUCH; i++)
    data[i] = (unsigned char) (i * 31 >> 3);

  ck_assert_int_eq(tlsloop_bio_write(in, data, MUCH), 0);
  ck_assert_uint_eq(tlsloop_bio_pending(in), MUCH);
  for (total = 0; total < MUCH; total += i)
    ck_assert_uint_gt(i = tlsloop_bio_read(in, back + total, 4099), 0);
  ck_assert_uint_eq(total, MUCH);
  ck_assert_mem_eq(back, data, MUCH);
  free(data);
  free(back);
}
END_TEST


START_TEST(the_total_counts_every_byte_ever_written) {
  put(in, "12345");
  expect(in, 5, "12345");
  put(in, "678");
  ck_assert_uint_eq(in->total, 8);
  ck_assert_int_eq(tlsloop_bio_write(in, NULL, 0), 0);
  ck_assert_uint_eq(in->total, 8);
}
END_TEST


START_TEST(store_is_at_its_end_only_when_it_is_empty_too) {
  put(in, "ab");
  tlsloop_bio_write_eof(in);
  ck_assert_int_eq(tlsloop_bio_eof(in), 0);
  expect(in, 1, "a");
  ck_assert_int_eq(tlsloop_bio_eof(in), 0);
  expect(in, 64, "b");
  ck_assert_int_eq(tlsloop_bio_eof(in), 1);
  expect(in, 64, "");
  ck_assert_int_eq(tlsloop_bio_eof(in), 1);
}
END_TEST


START_TEST(the_end_can_be_marked_twice) {
  tlsloop_bio_write_eof(in);
  tlsloop_bio_write_eof(in);
  ck_assert_int_eq(tlsloop_bio_eof(in), 1);
}
END_TEST


START_TEST(nothing_can_be_written_after_the_end) {
  put(in, "before");
  tlsloop_bio_write_eof(in);
  ck_assert_int_eq(tlsloop_bio_write(in, "after", 5), UV__EPIPE);
  ck_assert_uint_eq(in->total, 6);
  expect(in, 64, "before");
}
END_TEST


START_TEST(not_even_nothing_can_be_written_after_the_end) {
  tlsloop_bio_write_eof(in);
  ck_assert_int_eq(tlsloop_bio_write(in, "", 0), UV__EPIPE);
}
END_TEST


START_TEST(store_lives_until_its_last_reference_is_given_back) {
  ck_assert_ptr_eq(tlsloop_bio_ref(in), in);
  tlsloop_bio_unref(in);
  put(in, "still here");
  expect(in, 64, "still here");
}
END_TEST


START_TEST(store_with_bytes_in_it_can_be_freed) {
  tlsloop_bio_t* full;

  ck_assert_int_eq(tlsloop_bio_new(&full), 0);
  put(full, "never read");
  tlsloop_bio_unref(full);
  tlsloop_bio_unref(NULL);
}
END_TEST


START_TEST(lent_bytes_are_read_where_they_are) {
  char lent[] = "lent";

  tlsloop__bio_lend(in, lent, 4);
  ck_assert_uint_eq(tlsloop_bio_pending(in), 4);
  ck_assert_uint_eq(in->total, 4);
  ck_assert_ptr_null(in->bytes.first);
  expect(in, 3, "len");
  ck_assert_uint_eq(tlsloop_bio_pending(in), 1);
  expect(in, 64, "t");
  ck_assert_uint_eq(tlsloop_bio_pending(in), 0);
}
END_TEST


START_TEST(lent_bytes_come_after_those_that_were_written) {
  char lent[] = "second";

  put(in, "first ");
  tlsloop__bio_lend(in, lent, 6);
  expect(in, 8, "first se");
  expect(in, 64, "cond");
}
END_TEST


START_TEST(kept_bytes_survive_the_lenders_buffer) {
  char lent[] = "xkeep me";

  tlsloop__bio_lend(in, lent, 8);
  expect(in, 1, "x");
  ck_assert_int_eq(tlsloop__bio_keep(in), 0);
  memset(lent, '#', sizeof(lent));
  ck_assert_uint_eq(tlsloop_bio_pending(in), 7);
  ck_assert_uint_eq(in->total, 8);
  expect(in, 64, "keep me");
}
END_TEST


START_TEST(keeping_nothing_takes_no_memory) {
  char lent[] = "gone";

  tlsloop__bio_lend(in, lent, 4);
  expect(in, 64, "gone");
  ck_assert_int_eq(tlsloop__bio_keep(in), 0);
  ck_assert_int_eq(tlsloop__bio_keep(in), 0);
  ck_assert_ptr_null(in->bytes.first);
}
END_TEST


START_TEST(writing_behind_lent_bytes_leaves_their_order) {
  char lent[] = "lent ";

  tlsloop__bio_lend(in, lent, 5);
  put(in, "written");
  memset(lent, '#', sizeof(lent));
  expect(in, 64, "lent written");
}
END_TEST


START_TEST(bytes_can_be_lent_again_after_the_others_were_kept) {
  char one[] = "one ";
  char two[] = "two";

  tlsloop__bio_lend(in, one, 4);
  ck_assert_int_eq(tlsloop__bio_keep(in), 0);
  tlsloop__bio_lend(in, two, 3);
  expect(in, 64, "one two");
}
END_TEST


START_TEST(store_with_lent_bytes_is_not_at_its_end) {
  char lent[] = "x";

  tlsloop__bio_lend(in, lent, 1);
  tlsloop_bio_write_eof(in);
  ck_assert_int_eq(tlsloop_bio_eof(in), 0);
  expect(in, 64, "x");
  ck_assert_int_eq(tlsloop_bio_eof(in), 1);
}
END_TEST


START_TEST(clearing_drops_written_and_lent_bytes) {
  char lent[] = "lent";

  put(in, "written");
  tlsloop__bio_lend(in, lent, 4);
  tlsloop__bio_clear(in);
  ck_assert_uint_eq(tlsloop_bio_pending(in), 0);
  put(in, "new");
  expect(in, 64, "new");
}
END_TEST


START_TEST(store_takes_its_blocks_from_its_pool_and_gives_them_back) {
  tlsloop__pool_t pool;
  tlsloop_bio_t store;

  tlsloop__pool_init(&pool, 4);
  tlsloop__bio_init(&store, &pool);
  put(&store, "pooled");
  expect(&store, 64, "pooled");
  ck_assert_uint_eq(pool.count, 1);
  put(&store, "again");
  ck_assert_uint_eq(pool.count, 0);
  tlsloop__bio_clear(&store);
  ck_assert_uint_eq(pool.count, 1);
  tlsloop__pool_clear(&pool);
}
END_TEST


static TCase* add_case(Suite* s, const char* name) {
  TCase* tcase;

  tcase = tcase_create(name);
  tcase_add_checked_fixture(tcase, set_up, tear_down);
  tcase_set_timeout(tcase, 10);
  suite_add_tcase(s, tcase);
  return tcase;
}


static void add_byte_store(Suite* s) {
  TCase* tcase;

  tcase = add_case(s, "byte store");
  tcase_add_test(tcase, new_store_is_empty_and_not_at_its_end);
  tcase_add_test(tcase, bytes_come_out_in_the_order_they_went_in);
  tcase_add_test(tcase, reading_nothing_takes_nothing);
  tcase_add_test(tcase, writing_nothing_is_no_error_and_adds_nothing);
  tcase_add_test(tcase, store_takes_more_than_fits_one_block);
  tcase_add_test(tcase, the_total_counts_every_byte_ever_written);
  tcase_add_test(tcase, store_is_at_its_end_only_when_it_is_empty_too);
  tcase_add_test(tcase, the_end_can_be_marked_twice);
  tcase_add_test(tcase, nothing_can_be_written_after_the_end);
  tcase_add_test(tcase, not_even_nothing_can_be_written_after_the_end);
  tcase_add_test(tcase, store_lives_until_its_last_reference_is_given_back);
  tcase_add_test(tcase, store_with_bytes_in_it_can_be_freed);
}


static void add_lending(Suite* s) {
  TCase* tcase;

  tcase = add_case(s, "lending");
  tcase_add_test(tcase, lent_bytes_are_read_where_they_are);
  tcase_add_test(tcase, lent_bytes_come_after_those_that_were_written);
  tcase_add_test(tcase, kept_bytes_survive_the_lenders_buffer);
  tcase_add_test(tcase, keeping_nothing_takes_no_memory);
  tcase_add_test(tcase, writing_behind_lent_bytes_leaves_their_order);
  tcase_add_test(tcase, bytes_can_be_lent_again_after_the_others_were_kept);
  tcase_add_test(tcase, store_with_lent_bytes_is_not_at_its_end);
  tcase_add_test(tcase, clearing_drops_written_and_lent_bytes);
  tcase_add_test(tcase,
                 store_takes_its_blocks_from_its_pool_and_gives_them_back);
}


Suite* suite(void) {
  Suite* s;

  s = suite_create("engine/bio");
  add_byte_store(s);
  add_lending(s);
  return s;
}
