/* SPDX-License-Identifier: MIT */

/* What may be on its way grows while the system takes it all, and is little
 * again when it does not. */

#include "stream/pump.h"
#include "support/duo.h"

#define KIB   1024
#define MIB   (1024 * KIB)
#define CHUNK (64 * KIB) /* less than any transport takes at once */

static duo_t duo;

static tlsloop__stream_t* inside(void) {
  return duo.me->stream->impl;
}

static void open_wired(int kind) {
  duo_open_wired(&duo, kind);
  duo_connect(&duo);
  duo_settle(&duo);
}

/* Writes |len| bytes, so that the peer keeps up. */
static void write_to_reader(size_t len) {
  for (; len > 0; len -= CHUNK) {
    ck_assert_int_eq(party_write(duo.me, CHUNK), 0);
    DUO_UNTIL(&duo, duo.peer->received == duo.me->sent);
  }
}

START_TEST(it_is_a_sixteenth_of_what_was_taken_within_bounds) {
  tlsloop__stream_t s = {.flushed = 0};

  ck_assert_uint_eq(tlsloop__window(&s), TLSLOOP__WINDOW_MIN);
  s.flushed = 16 * TLSLOOP__WINDOW_MIN;
  ck_assert_uint_eq(tlsloop__window(&s), TLSLOOP__WINDOW_MIN);
  s.flushed += 16;
  ck_assert_uint_eq(tlsloop__window(&s), TLSLOOP__WINDOW_MIN + 1);
  s.flushed = 16 * TLSLOOP__WINDOW_MAX - 1;
  ck_assert_uint_eq(tlsloop__window(&s), TLSLOOP__WINDOW_MAX - 1);
  s.flushed = UINT64_MAX;
  ck_assert_uint_eq(tlsloop__window(&s), TLSLOOP__WINDOW_MAX);
  s.stalled = UINT64_MAX;
  ck_assert_uint_eq(tlsloop__window(&s), TLSLOOP__WINDOW_MIN);
}
END_TEST

START_TEST(it_grows_while_the_peer_keeps_up) {
  open_wired(_i);
  ck_assert_uint_eq(tlsloop__window(inside()), TLSLOOP__WINDOW_MIN);
  write_to_reader(16 * TLSLOOP__WINDOW_MIN);
  ck_assert_uint_gt(tlsloop__window(inside()), TLSLOOP__WINDOW_MIN);
  ck_assert_uint_lt(tlsloop__window(inside()), 2 * TLSLOOP__WINDOW_MIN);
  write_to_reader(16 * (TLSLOOP__WINDOW_MAX - TLSLOOP__WINDOW_MIN));
  ck_assert_uint_eq(tlsloop__window(inside()), TLSLOOP__WINDOW_MAX);
  duo_close(&duo);
}
END_TEST

START_TEST(it_is_small_again_when_the_peer_does_not) {
  open_wired(_i);
  write_to_reader(16 * TLSLOOP__WINDOW_MAX);
  duo.to_peer->hold = duo.to_peer->moved;
  ck_assert_int_eq(party_write(duo.me, 32 * MIB), 0);
  duo_settle(&duo);
  ck_assert_uint_eq(tlsloop__window(inside()), TLSLOOP__WINDOW_MIN);
  ck_assert_int_eq(tlsloop__stream_is_choked(inside()), 0);
  duo.to_peer->hold = WIRE_NEVER;
  DUO_UNTIL(&duo, duo.peer->received == duo.me->sent);
  duo_close(&duo);
}
END_TEST

START_TEST(what_fits_it_goes_off_in_one_call) {
  uint64_t before;

  open_wired(_i);
  write_to_reader(16 * TLSLOOP__WINDOW_MAX);
  before = inside()->flushed;
  ck_assert_int_eq(party_write(duo.me, 100 * KIB), 0);
  DUO_UNTIL(&duo, inside()->flushed > before);
  ck_assert_uint_ge(inside()->flushed - before, 100 * KIB);
  DUO_UNTIL(&duo, duo.peer->received == duo.me->sent);
  duo_close(&duo);
}
END_TEST

Suite* suite(void) {
  Suite* suite = suite_create("window");
  TCase* tcase = duo_case(suite, "window");

  tcase_add_test(tcase, it_is_a_sixteenth_of_what_was_taken_within_bounds);
  tcase_add_loop_test(tcase, it_grows_while_the_peer_keeps_up, 0, DUO_SIDES);
  tcase_add_loop_test(
      tcase, it_is_small_again_when_the_peer_does_not, 0, DUO_SIDES);
  tcase_add_loop_test(tcase, what_fits_it_goes_off_in_one_call, 0, DUO_SIDES);
  return suite;
}
