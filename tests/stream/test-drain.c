/* SPDX-License-Identifier: MIT */

/* The drain callback tells when a full write queue has room again. */

#include "support/duo.h"

#define KIB  ((size_t) 1024)
#define HIGH (512 * KIB)
#define LOW  (64 * KIB)

static duo_t duo;
static int drains;

static void on_drain(tlsloop_stream_t* stream) {
  ck_assert_ptr_eq(stream, duo.me->stream);
  ck_assert_uint_le(tlsloop_stream_get_write_queue_size(stream), LOW);
  drains++;
}

static void on_drain_close(tlsloop_stream_t* stream) {
  on_drain(stream);
  party_close(duo.me);
}

static void open_held(int kind) {
  drains = 0;
  duo_open_wired(&duo, kind);
  duo_shrink(&duo);
  duo_connect(&duo);
  duo_settle(&duo);
  duo.to_peer->hold = duo.to_peer->moved;
}

static int ask(tlsloop_drain_cb cb) {
  return tlsloop_on_drain(duo.me->stream, HIGH, LOW, cb);
}

START_TEST(it_tells_once_when_a_full_queue_has_drained) {
  open_held(_i);
  ck_assert_int_eq(ask(on_drain), 0);
  ck_assert_int_eq(party_write(duo.me, 8 * HIGH), 0);
  duo_settle(&duo);
  ck_assert_int_eq(drains, 0);
  duo.to_peer->hold = WIRE_NEVER;
  DUO_UNTIL(&duo, duo.peer->received == duo.me->sent);
  duo_settle(&duo);
  ck_assert_int_eq(drains, 1);
  duo_close(&duo);
}
END_TEST

START_TEST(it_tells_again_after_the_queue_was_full_again) {
  open_held(_i);
  duo.to_peer->hold = WIRE_NEVER;
  ck_assert_int_eq(ask(on_drain), 0);
  ck_assert_int_eq(party_write(duo.me, HIGH), 0);
  DUO_UNTIL(&duo, drains == 1);
  ck_assert_int_eq(party_write(duo.me, HIGH), 0);
  DUO_UNTIL(&duo, drains == 2);
  DUO_UNTIL(&duo, duo.peer->received == duo.me->sent);
  duo_close(&duo);
}
END_TEST

START_TEST(it_says_nothing_below_the_high_mark) {
  open_held(_i);
  duo.to_peer->hold = WIRE_NEVER;
  ck_assert_int_eq(ask(on_drain), 0);
  ck_assert_int_eq(party_write(duo.me, HIGH - 1), 0);
  DUO_UNTIL(&duo, duo.peer->received == duo.me->sent);
  duo_settle(&duo);
  ck_assert_int_eq(drains, 0);
  duo_close(&duo);
}
END_TEST

START_TEST(it_says_nothing_once_it_was_taken_back) {
  open_held(_i);
  ck_assert_int_eq(ask(on_drain), 0);
  ck_assert_int_eq(party_write(duo.me, 2 * HIGH), 0);
  ck_assert_int_eq(ask(NULL), 0);
  duo.to_peer->hold = WIRE_NEVER;
  DUO_UNTIL(&duo, duo.peer->received == duo.me->sent);
  duo_settle(&duo);
  ck_assert_int_eq(drains, 0);
  duo_close(&duo);
}
END_TEST

START_TEST(it_counts_what_waits_already_when_it_is_asked_for) {
  open_held(_i);
  ck_assert_int_eq(party_write(duo.me, 2 * HIGH), 0);
  ck_assert_int_eq(ask(on_drain), 0);
  duo.to_peer->hold = WIRE_NEVER;
  DUO_UNTIL(&duo, drains == 1);
  duo_close(&duo);
}
END_TEST

START_TEST(it_counts_what_trying_to_write_leaves_behind) {
  int taken;

  open_held(_i);
  ck_assert_int_eq(tlsloop_on_drain(duo.me->stream, 1, 0, on_drain), 0);
  do {
    taken = party_try_write(duo.me, LOW);
    duo_settle(&duo);
  } while (taken > 0);
  ck_assert_int_eq(taken, UV_EAGAIN);
  ck_assert_uint_gt(tlsloop_stream_get_write_queue_size(duo.me->stream), 0);
  drains = 0;
  duo.to_peer->hold = WIRE_NEVER;
  DUO_UNTIL(&duo, duo.peer->received == duo.me->sent);
  duo_settle(&duo);
  ck_assert_int_eq(drains, 1);
  duo_close(&duo);
}
END_TEST

START_TEST(a_stream_may_be_closed_in_it) {
  open_held(_i);
  duo.to_peer->hold = WIRE_NEVER;
  ck_assert_int_eq(ask(on_drain_close), 0);
  ck_assert_int_eq(party_write(duo.me, 2 * HIGH), 0);
  DUO_UNTIL(&duo, duo.me->closed);
  ck_assert_int_eq(drains, 1);
  duo_close(&duo);
}
END_TEST

START_TEST(a_queue_that_is_cancelled_has_not_drained) {
  open_held(_i);
  ck_assert_int_eq(ask(on_drain), 0);
  ck_assert_int_eq(party_write(duo.me, 2 * HIGH), 0);
  duo_close(&duo);
  ck_assert_int_eq(drains, 0);
  ck_assert_int_eq(duo.me->write_status, UV_ECANCELED);
}
END_TEST

START_TEST(marks_that_do_not_lie_apart_are_refused) {
  open_held(_i);
  ck_assert_int_eq(tlsloop_on_drain(duo.me->stream, 10, 10, on_drain),
                   UV_EINVAL);
  ck_assert_int_eq(tlsloop_on_drain(duo.me->stream, 0, 0, on_drain), UV_EINVAL);
  duo_close(&duo);
}
END_TEST

Suite* suite(void) {
  const TTest* tests[] = {
      it_tells_once_when_a_full_queue_has_drained,
      it_tells_again_after_the_queue_was_full_again,
      it_says_nothing_below_the_high_mark,
      it_says_nothing_once_it_was_taken_back,
      it_counts_what_waits_already_when_it_is_asked_for,
      it_counts_what_trying_to_write_leaves_behind,
      a_stream_may_be_closed_in_it,
      a_queue_that_is_cancelled_has_not_drained,
      marks_that_do_not_lie_apart_are_refused,
  };
  Suite* suite = suite_create("drain");
  TCase* tcase = duo_case(suite, "drain");
  size_t i;

  for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    tcase_add_loop_test(tcase, tests[i], 0, DUO_SIDES);
  return suite;
}
