/* SPDX-License-Identifier: MIT */

/* Limits end when their time is up: not a millisecond before, and whatever the
 * peer does meanwhile. The clock is the test's. */

#include "support/clock.h"
#include "support/duo.h"

#define MIB ((size_t) 1024 * 1024)

static duo_t duo;


/* Lets |ms| milliseconds pass, and what they bring happen. */
static void pass(uint64_t ms) {
  clock_advance(ms);
  duo_settle(&duo);
}


/* An open connection whose peer reads no more than it has. */
static void open_held(int kind) {
  duo_open_wired(&duo, kind);
  duo_shrink(&duo);
  duo_connect(&duo);
  duo_settle(&duo);
  duo.to_peer->hold = duo.to_peer->moved;
}


START_TEST(the_clock_is_ours) {
  uint64_t start;

  duo_open(&duo, _i);
  pass(0);
  start = uv_now(&duo.loop.uv);
  pass(0);
  ck_assert_uint_eq(uv_now(&duo.loop.uv), start);
  pass(12345);
  ck_assert_uint_eq(uv_now(&duo.loop.uv), start + 12345);
  duo_close(&duo);
}
END_TEST


START_TEST(a_handshake_has_30_seconds) {
  duo_open(&duo, _i);
  ck_assert_int_eq(party_handshake(duo.me), 0);
  pass(29999);
  ck_assert_int_eq(duo.me->handshakes, 0);
  pass(1);
  ck_assert_int_eq(duo.me->handshakes, 1);
  ck_assert_int_eq(duo.me->handshake_status, UV_ETIMEDOUT);
  duo_close(&duo);
}
END_TEST


START_TEST(a_byte_now_and_then_gains_no_time) {
  int seconds;

  duo_open_wired(&duo, _i);
  duo.to_me->hold = 0;
  duo_start(&duo);
  for (seconds = 1; seconds < 30; seconds++) {
    duo.to_me->hold++;
    pass(1000);
    ck_assert_int_eq(duo.me->handshakes, 0);
  }
  ck_assert_uint_eq(duo.to_me->moved, 29);
  pass(1000);
  ck_assert_int_eq(duo.me->handshakes, 1);
  ck_assert_int_eq(duo.me->handshake_status, UV_ETIMEDOUT);
  duo_close(&duo);
}
END_TEST


START_TEST(a_handshake_in_its_last_millisecond_is_in_time) {
  duo_open_wired(&duo, _i);
  duo.to_me->hold = 0;
  duo_start(&duo);
  pass(29999);
  duo.to_me->hold = WIRE_NEVER;
  duo_settle(&duo);
  ck_assert_int_eq(duo.me->handshakes, 1);
  ck_assert_int_eq(duo.me->handshake_status, 0);
  pass(40000);
  ck_assert_int_eq(duo.me->ends, 0);
  duo_close(&duo);
}
END_TEST


START_TEST(a_shutdown_has_5_seconds) {
  open_held(_i);
  ck_assert_int_eq(party_write(duo.me, 4 * MIB), 0);
  ck_assert_int_eq(party_shutdown(duo.me), 0);
  pass(4999);
  ck_assert_int_eq(duo.me->shutdowns, 0);
  pass(1);
  ck_assert_int_eq(duo.me->shutdowns, 1);
  ck_assert_int_eq(duo.me->shutdown_status, UV_ETIMEDOUT);
  duo_close(&duo);
}
END_TEST


START_TEST(a_peer_that_reads_a_little_gains_no_time_for_a_shutdown) {
  int seconds;

  open_held(_i);
  ck_assert_int_eq(party_write(duo.me, 4 * MIB), 0);
  ck_assert_int_eq(party_shutdown(duo.me), 0);
  for (seconds = 1; seconds < 5; seconds++) {
    duo.to_peer->hold += 1000;
    pass(1000);
    ck_assert_int_eq(duo.me->shutdowns, 0);
  }
  pass(1000);
  ck_assert_int_eq(duo.me->shutdowns, 1);
  ck_assert_int_eq(duo.me->shutdown_status, UV_ETIMEDOUT);
  duo_close(&duo);
}
END_TEST


/* What has come in time is read first: the loop looks at timers before it
 * looks at sockets, so the end comes a turn later. */
START_TEST(a_silent_reader_ends_when_its_limit_does) {
  duo_open(&duo, _i);
  ck_assert_int_eq(tlsloop_stream_set_read_timeout(duo.me->stream, 20000), 0);
  duo_connect(&duo);
  duo_settle(&duo);
  pass(19999);
  ck_assert_int_eq(duo.me->ends, 0);
  ck_assert_int_eq(party_write(duo.peer, 1), 0);
  duo_settle(&duo);
  ck_assert_uint_eq(duo.me->received, 1);
  pass(19999);
  ck_assert_int_eq(duo.me->ends, 0);
  pass(1);
  pass(1);
  ck_assert_int_eq(duo.me->ends, 1);
  ck_assert_int_eq(duo.me->read_status, UV_ETIMEDOUT);
  duo_close(&duo);
}
END_TEST


START_TEST(a_limit_that_is_taken_back_ends_nothing) {
  duo_open(&duo, _i);
  ck_assert_int_eq(tlsloop_stream_set_read_timeout(duo.me->stream, 20000), 0);
  duo_connect(&duo);
  duo_settle(&duo);
  pass(19999);
  ck_assert_int_eq(tlsloop_stream_set_read_timeout(duo.me->stream, 0), 0);
  pass(60000);
  ck_assert_int_eq(duo.me->ends, 0);
  duo_close(&duo);
}
END_TEST


START_TEST(a_writer_has_until_its_limit_for_each_progress) {
  int i;

  open_held(_i);
  ck_assert_int_eq(tlsloop_stream_set_write_timeout(duo.me->stream, 10000), 0);
  ck_assert_int_eq(party_write(duo.me, 4 * MIB), 0);
  duo_settle(&duo);
  for (i = 0; i < 3; i++) {
    pass(9999);
    ck_assert_uint_eq(duo.me->writes, 0);
    duo.to_peer->hold += MIB;
    duo_settle(&duo);
  }
  pass(9999);
  ck_assert_uint_eq(duo.me->writes, 0);
  pass(1);
  ck_assert_uint_eq(duo.me->writes, 1);
  ck_assert_int_eq(duo.me->write_status, UV_ETIMEDOUT);
  duo_close(&duo);
}
END_TEST


START_TEST(a_closed_stream_has_no_time_left) {
  duo_open(&duo, _i);
  ck_assert_int_eq(party_handshake(duo.me), 0);
  pass(29999);
  party_close(duo.me);
  pass(1);
  ck_assert_int_eq(duo.me->handshakes, 1);
  ck_assert_int_eq(duo.me->handshake_status, UV_ECANCELED);
  duo_close(&duo);
}
END_TEST


Suite* suite(void) {
  const TTest* tests[] = {
      the_clock_is_ours,
      a_handshake_has_30_seconds,
      a_byte_now_and_then_gains_no_time,
      a_handshake_in_its_last_millisecond_is_in_time,
      a_shutdown_has_5_seconds,
      a_peer_that_reads_a_little_gains_no_time_for_a_shutdown,
      a_silent_reader_ends_when_its_limit_does,
      a_limit_that_is_taken_back_ends_nothing,
      a_writer_has_until_its_limit_for_each_progress,
      a_closed_stream_has_no_time_left,
  };
  Suite* suite;
  TCase* tcase;
  size_t i;

  suite = suite_create("stream clock");
  tcase = duo_case(suite, "clock");
  for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    tcase_add_loop_test(tcase, tests[i], 0, DUO_ALL);
  return suite;
}
