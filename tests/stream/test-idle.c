/* SPDX-License-Identifier: MIT */

/* Limits on how long nothing moves: short ones end a stream that stands still,
 * long ones never touch one that does not. */

#include "support/duo.h"

#define SHORT 20
#define LONG  (1000 * 1000)
#define KIB   ((size_t) 1024)

static duo_t duo;

static void open_connected(int kind) {
  duo_open_wired(&duo, kind);
  duo_shrink(&duo);
  duo_connect(&duo);
  duo_settle(&duo);
}

/* Waits, where nothing moves by itself, for a deadline. */
static void wait_until(const int* flag) {
  while (!*flag)
    uv_run(&duo.loop.uv, UV_RUN_ONCE);
}

/* Deadlines do not keep a loop alive; something has to. */
static void on_never(uv_timer_t* timer) {
  (void) timer;
}

START_TEST(reading_ends_when_nothing_comes) {
  open_connected(_i);
  ck_assert_int_eq(tlsloop_stream_set_read_timeout(duo.me->stream, SHORT), 0);
  wait_until(&duo.me->ends);
  ck_assert_int_eq(duo.me->read_status, UV_ETIMEDOUT);
  ck_assert_str_eq(tlsloop_stream_error(duo.me->stream)->text,
                   "nothing came for too long");
  ck_assert_int_eq(duo.peer->ends, 0);
  duo_close(&duo);
}
END_TEST

START_TEST(a_limit_set_before_the_handshake_counts_from_its_end) {
  duo_open_wired(&duo, _i);
  ck_assert_int_eq(tlsloop_stream_set_read_timeout(duo.me->stream, SHORT), 0);
  duo_connect(&duo);
  duo_settle(&duo);
  wait_until(&duo.me->ends);
  ck_assert_int_eq(duo.me->read_status, UV_ETIMEDOUT);
  duo_close(&duo);
}
END_TEST

START_TEST(data_within_the_limit_is_no_end) {
  open_connected(_i);
  ck_assert_int_eq(tlsloop_stream_set_read_timeout(duo.me->stream, LONG), 0);
  ck_assert_int_eq(party_write(duo.peer, 100 * KIB), 0);
  DUO_UNTIL(&duo, duo.me->received == 100 * KIB);
  duo_settle(&duo);
  ck_assert_int_eq(duo.me->ends, 0);
  duo_close(&duo);
}
END_TEST

START_TEST(a_reader_that_stopped_is_not_late) {
  uv_timer_t timer;

  open_connected(_i);
  ck_assert_int_eq(tlsloop_stream_set_read_timeout(duo.me->stream, 1), 0);
  ck_assert_int_eq(party_read_stop(duo.me), 0);
  ck_assert_int_eq(party_write(duo.peer, 1), 0);
  duo_settle(&duo);
  uv_timer_init(&duo.loop.uv, &timer);
  uv_timer_start(&timer, on_never, SHORT, 0);
  while (uv_is_active((uv_handle_t*) &timer))
    uv_run(&duo.loop.uv, UV_RUN_ONCE);
  uv_close((uv_handle_t*) &timer, NULL);
  ck_assert_int_eq(duo.me->ends, 0);
  ck_assert_int_eq(tlsloop_stream_set_read_timeout(duo.me->stream, 0), 0);
  ck_assert_int_eq(party_read_start(duo.me), 0);
  DUO_UNTIL(&duo, duo.me->received == 1);
  duo_close(&duo);
}
END_TEST

START_TEST(a_limit_taken_back_ends_nothing) {
  open_connected(_i);
  ck_assert_int_eq(tlsloop_stream_set_read_timeout(duo.me->stream, LONG), 0);
  ck_assert_int_eq(tlsloop_stream_set_write_timeout(duo.me->stream, LONG), 0);
  ck_assert_int_eq(tlsloop_stream_set_read_timeout(duo.me->stream, 0), 0);
  ck_assert_int_eq(tlsloop_stream_set_write_timeout(duo.me->stream, 0), 0);
  ck_assert_int_eq(party_write(duo.me, 100), 0);
  DUO_UNTIL(&duo, duo.peer->received == 100);
  duo_close(&duo);
}
END_TEST

START_TEST(writing_ends_when_the_peer_takes_nothing) {
  open_connected(_i);
  ck_assert_int_eq(tlsloop_stream_set_write_timeout(duo.me->stream, SHORT), 0);
  duo.to_peer->hold = duo.to_peer->moved;
  ck_assert_int_eq(party_write(duo.me, 16 * KIB * KIB), 0);
  ck_assert_int_eq(party_write(duo.me, 1), 0);
  while (duo.me->writes < 2)
    uv_run(&duo.loop.uv, UV_RUN_ONCE);
  ck_assert_uint_eq(duo.me->failed_writes, 2);
  ck_assert_int_eq(duo.me->write_status, UV_ETIMEDOUT);
  ck_assert_int_eq(party_write(duo.me, 1), UV_ETIMEDOUT);
  ck_assert_int_eq(duo.me->ends, 0);
  duo_close(&duo);
}
END_TEST

START_TEST(writing_goes_on_while_the_peer_takes_something) {
  open_connected(_i);
  ck_assert_int_eq(tlsloop_stream_set_write_timeout(duo.me->stream, LONG), 0);
  ck_assert_int_eq(party_write(duo.me, 4 * KIB * KIB), 0);
  DUO_UNTIL(&duo, duo.peer->received == duo.me->sent);
  ck_assert_int_eq(duo.me->write_status, 0);
  duo_close(&duo);
}
END_TEST

START_TEST(nothing_to_write_is_not_late) {
  open_connected(_i);
  ck_assert_int_eq(tlsloop_stream_set_write_timeout(duo.me->stream, 1), 0);
  ck_assert_int_eq(tlsloop_stream_set_read_timeout(duo.me->stream, SHORT), 0);
  wait_until(&duo.me->ends);
  ck_assert_int_eq(duo.me->read_status, UV_ETIMEDOUT);
  ck_assert_int_eq(party_write(duo.me, 1), 0);
  DUO_UNTIL(&duo, duo.peer->received == 1);
  ck_assert_int_eq(duo.me->write_status, 0);
  duo_close(&duo);
}
END_TEST

Suite* suite(void) {
  const TTest* tests[] = {
      reading_ends_when_nothing_comes,
      a_limit_set_before_the_handshake_counts_from_its_end,
      data_within_the_limit_is_no_end,
      a_reader_that_stopped_is_not_late,
      a_limit_taken_back_ends_nothing,
      writing_ends_when_the_peer_takes_nothing,
      writing_goes_on_while_the_peer_takes_something,
      nothing_to_write_is_not_late,
  };
  Suite* suite = suite_create("idle");
  TCase* tcase = duo_case(suite, "idle");
  size_t i;

  for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    tcase_add_loop_test(tcase, tests[i], 0, DUO_SIDES);
  return suite;
}
