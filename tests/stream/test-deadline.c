/* SPDX-License-Identifier: MIT */

/* A stream has one timer, while it has a deadline, for the earliest of them;
 * it does not keep the loop alive. */

#include <string.h>

#include "stream/pump.h"
#include "support/duo.h"
#include "support/fail-alloc.h"

#define LONG 1000000

static duo_t duo;


static tlsloop__stream_t* inside(const party_t* party) {
  return party->stream->impl;
}


static void set(tlsloop__deadline_kind_t kind, uint64_t timeout) {
  ck_assert_int_eq(tlsloop__deadline_set(inside(duo.me), kind, timeout), 0);
}


static void clear(tlsloop__deadline_kind_t kind) {
  tlsloop__deadline_clear(inside(duo.me), kind);
}


static void never_handshake(tlsloop_stream_t* stream, int status) {
  (void) stream;
  (void) status;
  ck_abort_msg("called after an error was returned");
}


static void never_shutdown(tlsloop_shutdown_t* req, int status) {
  (void) req;
  (void) status;
  ck_abort_msg("called after an error was returned");
}


static void count_timer(uv_handle_t* handle, void* arg) {
  int* count;

  count = arg;
  *count += handle->type == UV_TIMER && !uv_is_closing(handle);
}


/* How many timers the loop has beside its watchdog. */
static int timers(void) {
  int count;

  count = -1;
  uv_walk(&duo.loop.uv, count_timer, &count);
  return count;
}


START_TEST(the_timer_comes_with_the_first_and_goes_with_the_last) {
  duo_open(&duo, _i);
  ck_assert_int_eq(timers(), 0);
  set(TLSLOOP__DEADLINE_HANDSHAKE, LONG);
  ck_assert_int_eq(timers(), 1);
  set(TLSLOOP__DEADLINE_SHUTDOWN, LONG);
  set(TLSLOOP__DEADLINE_SHUTDOWN, 2 * LONG);
  ck_assert_int_eq(timers(), 1);
  clear(TLSLOOP__DEADLINE_HANDSHAKE);
  clear(TLSLOOP__DEADLINE_HANDSHAKE);
  ck_assert_int_eq(timers(), 1);
  clear(TLSLOOP__DEADLINE_SHUTDOWN);
  ck_assert_int_eq(timers(), 0);
  ck_assert_ptr_null(inside(duo.me)->deadline);
  clear(TLSLOOP__DEADLINE_SHUTDOWN);
  set(TLSLOOP__DEADLINE_READ, LONG);
  set(TLSLOOP__DEADLINE_WRITE, LONG);
  tlsloop__deadline_clear_all(inside(duo.me));
  ck_assert_int_eq(timers(), 0);
  duo_close(&duo);
}
END_TEST


START_TEST(none_is_set_by_nothing) {
  duo_open(&duo, _i);
  set(TLSLOOP__DEADLINE_HANDSHAKE, 0);
  ck_assert_int_eq(timers(), 0);
  duo_close(&duo);
}
END_TEST


START_TEST(one_does_not_keep_the_loop_alive) {
  duo_open(&duo, _i);
  ck_assert_int_eq(uv_loop_alive(&duo.loop.uv), 0);
  set(TLSLOOP__DEADLINE_HANDSHAKE, LONG);
  ck_assert_int_eq(uv_loop_alive(&duo.loop.uv), 0);
  duo_close(&duo);
}
END_TEST


START_TEST(the_most_distant_one_never_comes) {
  duo_open(&duo, _i);
  duo_connect(&duo);
  set(TLSLOOP__DEADLINE_SHUTDOWN, UINT64_MAX);
  set(TLSLOOP__DEADLINE_HANDSHAKE, UINT64_MAX - 1);
  duo_settle(&duo);
  ck_assert_int_eq(duo.me->ends, 0);
  ck_assert_int_eq(inside(duo.me)->write_end, 0);
  duo_close(&duo);
}
END_TEST


START_TEST(one_without_memory_for_its_timer_is_not_set) {
  tlsloop_shutdown_t req;
  int err;

  duo_open(&duo, _i);
  fail_alloc_after(0);
  err =
      tlsloop__deadline_set(inside(duo.me), TLSLOOP__DEADLINE_HANDSHAKE, LONG);
  ck_assert_uint_eq(fail_alloc_reset(), 1);
  ck_assert_int_eq(err, UV_ENOMEM);
  ck_assert_int_eq(timers(), 0);

  fail_alloc_after(0);
  err = tlsloop_handshake(duo.me->stream, never_handshake);
  ck_assert_uint_eq(fail_alloc_reset(), 1);
  ck_assert_int_eq(err, UV_ENOMEM);
  ck_assert_int_eq(inside(duo.me)->state, TLSLOOP__STREAM_ATTACHED);
  duo_connect(&duo);

  ck_assert_int_eq(timers(), 0);
  fail_alloc_after(0);
  err = tlsloop_shutdown(&req, duo.me->stream, never_shutdown);
  ck_assert_uint_eq(fail_alloc_reset(), 1);
  ck_assert_int_eq(err, UV_ENOMEM);
  ck_assert_int_eq(inside(duo.me)->shut_state, TLSLOOP__SHUT_NO);
  duo_close(&duo);
}
END_TEST


/* Runs until |me| can be written to no more. */
static void wait_for_end_of_writing(void) {
  DUO_UNTIL(&duo, inside(duo.me)->write_end != 0);
}


START_TEST(the_earliest_comes_first_whatever_the_order) {
  uint64_t start;

  duo_open(&duo, _i);
  duo_connect(&duo);
  start = uv_now(&duo.loop.uv);
  set(TLSLOOP__DEADLINE_HANDSHAKE, LONG);
  set(TLSLOOP__DEADLINE_SHUTDOWN, 20);
  set(TLSLOOP__DEADLINE_READ, LONG);
  wait_for_end_of_writing();
  ck_assert_uint_ge(uv_now(&duo.loop.uv), start + 20);
  ck_assert_int_eq(inside(duo.me)->write_end, UV_ETIMEDOUT);
  ck_assert_int_eq(inside(duo.me)->read_end, 0);
  ck_assert_int_eq(duo.me->ends, 0);
  ck_assert_str_eq(tlsloop_stream_error(duo.me->stream)->text,
                   "the shutdown took too long");
  ck_assert_int_eq(timers(), 1);
  duo_close(&duo);
}
END_TEST


/* The timer stays where it was, and looks again. */
START_TEST(one_that_has_moved_away_does_not_come_when_it_would_have) {
  uint64_t start;

  duo_open(&duo, _i);
  duo_connect(&duo);
  start = uv_now(&duo.loop.uv);
  set(TLSLOOP__DEADLINE_SHUTDOWN, 10);
  set(TLSLOOP__DEADLINE_SHUTDOWN, 60);
  wait_for_end_of_writing();
  ck_assert_uint_ge(uv_now(&duo.loop.uv), start + 60);
  duo_close(&duo);
}
END_TEST


START_TEST(one_that_has_come_nearer_comes_sooner) {
  duo_open(&duo, _i);
  duo_connect(&duo);
  set(TLSLOOP__DEADLINE_SHUTDOWN, LONG);
  set(TLSLOOP__DEADLINE_SHUTDOWN, 10);
  wait_for_end_of_writing();
  ck_assert_int_eq(timers(), 0);
  duo_close(&duo);
}
END_TEST


START_TEST(two_can_come_at_once) {
  duo_open(&duo, _i);
  duo_connect(&duo);
  set(TLSLOOP__DEADLINE_SHUTDOWN, 10);
  set(TLSLOOP__DEADLINE_WRITE, 10);
  set(TLSLOOP__DEADLINE_READ, 10);
  DUO_UNTIL(&duo, duo.me->ends == 1);
  ck_assert_int_eq(duo.me->read_status, UV_ETIMEDOUT);
  ck_assert_int_eq(inside(duo.me)->write_end, UV_ETIMEDOUT);
  ck_assert_int_eq(timers(), 0);
  duo_close(&duo);
}
END_TEST


START_TEST(that_of_a_closed_stream_is_forgotten) {
  duo_open(&duo, _i);
  duo_connect(&duo);
  set(TLSLOOP__DEADLINE_SHUTDOWN, 1);
  set(TLSLOOP__DEADLINE_READ, 1);
  party_close(duo.me);
  ck_assert_int_eq(timers(), 0);
  DUO_UNTIL(&duo, duo.me->closed);
  duo_close(&duo);
}
END_TEST


Suite* suite(void) {
  const TTest* tests[] = {
      the_timer_comes_with_the_first_and_goes_with_the_last,
      none_is_set_by_nothing,
      one_does_not_keep_the_loop_alive,
      the_most_distant_one_never_comes,
      one_without_memory_for_its_timer_is_not_set,
      the_earliest_comes_first_whatever_the_order,
      one_that_has_moved_away_does_not_come_when_it_would_have,
      one_that_has_come_nearer_comes_sooner,
      two_can_come_at_once,
      that_of_a_closed_stream_is_forgotten,
  };
  Suite* suite;
  TCase* tcase;
  size_t i;

  suite = suite_create("deadline");
  tcase = duo_case(suite, "deadline");
  for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    tcase_add_loop_test(tcase, tests[i], 0, DUO_VERSIONS);
  return suite;
}
