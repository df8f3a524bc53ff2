/* SPDX-License-Identifier: MIT */

/* Records in a context: one for each key, found again, and taken out. */

#include "support/suite.h"

#include "context/ctx.h"
#include "context/slots.h"
#include "support/fail-alloc.h"
#include "support/given.h"

#include <pthread.h>
#include <stdlib.h>

#define THREADS 4
#define ROUNDS  2000

static tlsloop_ctx_t* ctx;


static void setup(void) {
  ctx = given_ctx(TLSLOOP_PROTOCOL_TLS);
}


static void teardown(void) {
  tlsloop_ctx_unref(ctx);
}


/* Makes |arg| the record and counts in it how often that happened. */
static void* make_counter(const void* key, void* arg) {
  (void) key;
  (*(int*) arg)++;
  return arg;
}


static void* make_nothing(const void* key, void* arg) {
  (void) key;
  (*(int*) arg)++;
  return NULL;
}


static void* must_not_make(const void* key, void* arg) {
  (void) key;
  (void) arg;
  ck_abort_msg("the record is there already");
  return NULL;
}


static void* make_key(const void* key, void* arg) {
  *(const void**) arg = key;
  return arg;
}


START_TEST(a_record_is_made_once_for_its_key_and_found_again) {
  int made = 0;
  int key = 0;

  ck_assert_ptr_eq(tlsloop__slots_find_or_make(ctx, &key, make_counter, &made),
                   &made);
  ck_assert_int_eq(made, 1);
  ck_assert_ptr_eq(tlsloop__slots_find_or_make(ctx, &key, must_not_make, NULL),
                   &made);
}
END_TEST


START_TEST(the_maker_is_told_the_key) {
  const void* told = NULL;
  int key = 0;

  tlsloop__slots_find_or_make(ctx, &key, make_key, &told);
  ck_assert_ptr_eq(told, &key);
}
END_TEST


START_TEST(each_key_has_its_own_record) {
  int made[5] = {0};
  int keys[5] = {0};
  int i;

  for (i = 0; i < 5; i++)
    tlsloop__slots_find_or_make(ctx, &keys[i], make_counter, &made[i]);
  for (i = 0; i < 5; i++) {
    ck_assert_int_eq(made[i], 1);
    ck_assert_ptr_eq(
        tlsloop__slots_find_or_make(ctx, &keys[i], must_not_make, NULL),
        &made[i]);
  }
}
END_TEST


START_TEST(each_context_has_its_own_records) {
  tlsloop_ctx_t* other;
  int mine = 0;
  int its = 0;
  int key = 0;

  other = given_ctx(TLSLOOP_PROTOCOL_TLS);
  tlsloop__slots_find_or_make(ctx, &key, make_counter, &mine);
  ck_assert_ptr_eq(tlsloop__slots_find_or_make(other, &key, make_counter, &its),
                   &its);
  tlsloop_ctx_unref(other);
}
END_TEST


START_TEST(a_record_that_was_taken_out_is_made_anew) {
  int first = 0;
  int second = 0;
  int keys[3] = {0};
  int i;

  for (i = 0; i < 3; i++)
    tlsloop__slots_find_or_make(ctx, &keys[i], make_counter, &first);
  ck_assert_int_eq(tlsloop__slots_remove(ctx, &keys[1], &first), 1);
  ck_assert_ptr_eq(
      tlsloop__slots_find_or_make(ctx, &keys[1], make_counter, &second),
      &second);
  ck_assert_ptr_eq(
      tlsloop__slots_find_or_make(ctx, &keys[0], must_not_make, NULL), &first);
  ck_assert_ptr_eq(
      tlsloop__slots_find_or_make(ctx, &keys[2], must_not_make, NULL), &first);
}
END_TEST


START_TEST(only_the_record_that_is_meant_is_taken_out) {
  int made = 0;
  int other = 0;
  int key = 0;

  ck_assert_int_eq(tlsloop__slots_remove(ctx, &key, &made), 0);
  ck_assert_int_eq(tlsloop__slots_remove(ctx, &key, NULL), 0);
  tlsloop__slots_find_or_make(ctx, &key, make_counter, &made);
  ck_assert_int_eq(tlsloop__slots_remove(ctx, &key, &other), 0);
  ck_assert_int_eq(tlsloop__slots_remove(ctx, &key, &made), 1);
  ck_assert_int_eq(tlsloop__slots_remove(ctx, &key, &made), 0);
}
END_TEST


START_TEST(a_maker_that_fails_leaves_no_record) {
  int tried = 0;
  int made = 0;
  int key = 0;

  ck_assert_ptr_null(
      tlsloop__slots_find_or_make(ctx, &key, make_nothing, &tried));
  ck_assert_int_eq(tried, 1);
  ck_assert_ptr_eq(tlsloop__slots_find_or_make(ctx, &key, make_counter, &made),
                   &made);
}
END_TEST


START_TEST(without_memory_nothing_is_made) {
  int made = 0;
  int key = 0;

  fail_alloc_after(0);
  ck_assert_ptr_null(
      tlsloop__slots_find_or_make(ctx, &key, make_counter, &made));
  ck_assert_uint_eq(fail_alloc_reset(), 1);
  ck_assert_int_eq(made, 0);
}
END_TEST


/* Keys of its own come and go while all threads look for the shared one. */
static void* come_and_go(void* shared) {
  void* found;
  int made = 0;
  int key = 0;
  int i;

  for (i = 0; i < ROUNDS; i++) {
    found = tlsloop__slots_find_or_make(ctx, shared, make_counter, shared);
    ck_assert_ptr_eq(found, shared);
    found = tlsloop__slots_find_or_make(ctx, &key, make_counter, &made);
    ck_assert_ptr_eq(found, &made);
    ck_assert_int_eq(tlsloop__slots_remove(ctx, &key, &made), 1);
  }
  ck_assert_int_eq(made, ROUNDS);
  return NULL;
}


START_TEST(several_threads_use_the_records_at_once) {
  pthread_t threads[THREADS];
  int shared = 0;
  int i;

  for (i = 0; i < THREADS; i++)
    ck_assert_int_eq(pthread_create(&threads[i], NULL, come_and_go, &shared),
                     0);
  for (i = 0; i < THREADS; i++)
    ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
  ck_assert_int_eq(shared, 1);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("slots");
  tcase = tcase_create("slots");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_test(tcase, a_record_is_made_once_for_its_key_and_found_again);
  tcase_add_test(tcase, the_maker_is_told_the_key);
  tcase_add_test(tcase, each_key_has_its_own_record);
  tcase_add_test(tcase, each_context_has_its_own_records);
  tcase_add_test(tcase, a_record_that_was_taken_out_is_made_anew);
  tcase_add_test(tcase, only_the_record_that_is_meant_is_taken_out);
  tcase_add_test(tcase, a_maker_that_fails_leaves_no_record);
  tcase_add_test(tcase, without_memory_nothing_is_made);
  tcase_add_test(tcase, several_threads_use_the_records_at_once);
  suite_add_tcase(suite, tcase);
  return suite;
}
