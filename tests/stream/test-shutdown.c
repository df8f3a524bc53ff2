/* SPDX-License-Identifier: MIT */

/* A shutdown sends what is queued, then close_notify, then the transport's
 * end; reading goes on, and the peer cannot hold it up for ever. */

#include "support/duo.h"

#define MIB ((size_t) 1024 * 1024)

static duo_t duo;

START_TEST(what_was_written_arrives_before_the_end) {
  duo_open(&duo, _i);
  duo_connect(&duo);
  ck_assert_int_eq(party_write(duo.me, 3 * MIB), 0);
  ck_assert_int_eq(party_write(duo.me, 1), 0);
  ck_assert_int_eq(party_shutdown(duo.me), 0);
  DUO_UNTIL(&duo, duo.peer->ends && duo.me->shutdowns);
  ck_assert_int_eq(duo.peer->read_status, UV_EOF);
  ck_assert_uint_eq(duo.peer->received, duo.me->sent);
  ck_assert_int_eq(duo.me->shutdown_status, 0);
  ck_assert_uint_eq(duo.me->writes, 2);
  duo_close(&duo);
}
END_TEST

START_TEST(one_asked_for_before_the_handshake_waits_for_it) {
  duo_open(&duo, _i);
  ck_assert_int_eq(party_shutdown(duo.me), UV_ENOTCONN);
  ck_assert_int_eq(party_write(duo.me, 10), 0);
  ck_assert_int_eq(party_shutdown(duo.me), 0);
  ck_assert_int_eq(party_read_start(duo.peer), 0);
  DUO_UNTIL(&duo, duo.peer->ends && duo.me->shutdowns);
  ck_assert_uint_eq(duo.peer->received, 10);
  ck_assert_int_eq(duo.me->shutdown_status, 0);
  duo_close(&duo);
}
END_TEST

START_TEST(reading_goes_on_after_it) {
  duo_open(&duo, _i);
  duo_connect(&duo);
  ck_assert_int_eq(party_shutdown(duo.me), 0);
  DUO_UNTIL(&duo, duo.peer->ends == 1);
  ck_assert_int_eq(party_write(duo.peer, MIB), 0);
  ck_assert_int_eq(party_shutdown(duo.peer), 0);
  DUO_UNTIL(&duo, duo.me->ends == 1);
  ck_assert_uint_eq(duo.me->received, MIB);
  ck_assert_int_eq(duo.me->read_status, UV_EOF);
  duo_close(&duo);
}
END_TEST

START_TEST(both_sides_may_shut_down_at_once) {
  duo_open(&duo, _i);
  duo_connect(&duo);
  ck_assert_int_eq(party_shutdown(duo.me), 0);
  ck_assert_int_eq(party_shutdown(duo.peer), 0);
  DUO_UNTIL(&duo, duo.me->ends && duo.peer->ends);
  DUO_UNTIL(&duo, duo.me->shutdowns && duo.peer->shutdowns);
  ck_assert_int_eq(duo.me->shutdown_status, 0);
  ck_assert_int_eq(duo.peer->shutdown_status, 0);
  ck_assert_int_eq(duo.me->read_status, UV_EOF);
  ck_assert_int_eq(duo.peer->read_status, UV_EOF);
  duo_close(&duo);
}
END_TEST

START_TEST(it_does_not_wait_for_the_peers_answer) {
  duo_open_wired(&duo, _i);
  duo_connect(&duo);
  duo_settle(&duo);
  duo.to_me->hold = duo.to_me->moved;
  ck_assert_int_eq(party_shutdown(duo.me), 0);
  DUO_UNTIL(&duo, duo.me->shutdowns == 1);
  ck_assert_int_eq(duo.me->shutdown_status, 0);
  duo_close(&duo);
}
END_TEST

START_TEST(nothing_can_be_written_after_it) {
  duo_open(&duo, _i);
  duo_connect(&duo);
  ck_assert_int_eq(party_shutdown(duo.me), 0);
  ck_assert_int_eq(party_write(duo.me, 1), UV_EPIPE);
  ck_assert_int_eq(party_try_write(duo.me, 1), UV_EPIPE);
  ck_assert_int_eq(party_shutdown(duo.me), UV_EALREADY);
  DUO_UNTIL(&duo, duo.me->shutdowns == 1);
  ck_assert_int_eq(party_write(duo.me, 1), UV_EPIPE);
  ck_assert_int_eq(party_shutdown(duo.me), UV_EALREADY);
  duo_close(&duo);
}
END_TEST

START_TEST(a_peer_that_takes_nothing_does_not_hold_it_up) {
  duo_open_wired(&duo, _i);
  duo_shrink(&duo);
  ck_assert_int_eq(tlsloop_stream_set_shutdown_timeout(duo.me->stream, 20), 0);
  duo_connect(&duo);
  duo_settle(&duo);
  duo.to_peer->hold = duo.to_peer->moved;
  ck_assert_int_eq(party_write(duo.me, 8 * MIB), 0);
  ck_assert_int_eq(party_shutdown(duo.me), 0);
  while (duo.me->shutdowns == 0)
    uv_run(&duo.loop.uv, UV_RUN_ONCE);
  ck_assert_int_eq(duo.me->shutdown_status, UV_ETIMEDOUT);
  ck_assert_int_eq(duo.me->write_status, UV_ETIMEDOUT);
  duo_close(&duo);
}
END_TEST

Suite* suite(void) {
  const TTest* tests[] = {
      what_was_written_arrives_before_the_end,
      one_asked_for_before_the_handshake_waits_for_it,
      reading_goes_on_after_it,
      both_sides_may_shut_down_at_once,
      it_does_not_wait_for_the_peers_answer,
      nothing_can_be_written_after_it,
      a_peer_that_takes_nothing_does_not_hold_it_up,
  };
  Suite* suite = suite_create("shutdown");
  TCase* tcase = duo_case(suite, "shutdown");
  size_t i;

  for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    tcase_add_loop_test(tcase, tests[i], 0, DUO_SIDES);
  return suite;
}
