/* SPDX-License-Identifier: MIT */

/* What a peer has to do for a handshake or a shutdown it has to do in time. */

#include <string.h>

#include "support/duo.h"

#define MIB ((size_t) 1024 * 1024)

static duo_t duo;


static void limit_handshake(party_t* party, uint64_t timeout) {
  ck_assert_int_eq(tlsloop_stream_set_handshake_timeout(party->stream, timeout),
                   0);
}


static void limit_shutdown(party_t* party, uint64_t timeout) {
  ck_assert_int_eq(tlsloop_stream_set_shutdown_timeout(party->stream, timeout),
                   0);
}


/* Checks that the details say that time ran out. */
static void check_details(void) {
  const tlsloop_error_t* error;

  error = tlsloop_stream_error(duo.me->stream);
  ck_assert_ptr_nonnull(error);
  ck_assert_int_eq(error->code, UV_ETIMEDOUT);
  ck_assert_ptr_nonnull(strstr(error->text, "too long"));
}


START_TEST(a_silent_peer_fails_the_handshake_in_time) {
  uint64_t start;

  duo_open(&duo, _i);
  limit_handshake(duo.me, 50);
  ck_assert_int_eq(party_write(duo.me, 10), 0);
  ck_assert_int_eq(party_write(duo.me, MIB), 0);
  ck_assert_int_eq(party_read_start(duo.me), 0);
  start = uv_now(&duo.loop.uv);
  ck_assert_int_eq(party_handshake(duo.me), 0);
  DUO_UNTIL(&duo, duo.me->writes == 2);
  ck_assert_uint_ge(uv_now(&duo.loop.uv), start + 50);
  ck_assert_ptr_eq(strstr(duo.me->log, "HWW"),
                   duo.me->log + strspn(duo.me->log, "N"));
  ck_assert_int_eq(duo.me->handshake_status, UV_ETIMEDOUT);
  ck_assert_int_eq(duo.me->write_status, UV_ETIMEDOUT);
  ck_assert_uint_eq(duo.me->failed_writes, 2);
  ck_assert_int_eq(party_read_start(duo.me), UV_ETIMEDOUT);
  ck_assert_int_eq(party_write(duo.me, 1), UV_ETIMEDOUT);
  ck_assert_int_eq(party_shutdown(duo.me), UV_ETIMEDOUT);
  check_details();
  duo_close(&duo);
}
END_TEST


START_TEST(without_a_handshake_callback_the_reader_is_told) {
  duo_open(&duo, _i);
  limit_handshake(duo.me, 20);
  ck_assert_int_eq(party_read_start(duo.me), 0);
  DUO_UNTIL(&duo, duo.me->ends == 1);
  ck_assert_int_eq(duo.me->read_status, UV_ETIMEDOUT);
  check_details();
  duo_close(&duo);
}
END_TEST


/* Lets the peer send a byte whenever the clock has moved, until the handshake
 * ends. Returns how many came. */
static uint64_t trickle(int kind, uint64_t timeout) {
  uint64_t last;
  uint64_t moved;

  duo_open_wired(&duo, kind);
  limit_handshake(duo.me, timeout);
  duo_start(&duo);
  last = uv_now(&duo.loop.uv);
  duo.to_me->hold = 1;
  while (!duo.me->handshakes) {
    if (uv_now(&duo.loop.uv) > last && duo.to_me->hold < 150)
      duo.to_me->hold++;
    last = uv_now(&duo.loop.uv);
    duo_turn(&duo);
  }
  ck_assert_int_eq(duo.me->handshake_status, UV_ETIMEDOUT);
  moved = duo.to_me->moved;
  duo_close(&duo);
  return moved;
}


/* What counts is the whole, not the time between two bytes. A slow machine
 * needs more of it for some to come. */
START_TEST(a_peer_that_sends_a_little_all_the_time_gains_none) {
  uint64_t timeout;

  timeout = 50;
  while (trickle(_i, timeout) < 5)
    timeout *= 2;
}
END_TEST


START_TEST(a_handshake_in_time_forgets_its_deadline) {
  duo_open(&duo, _i);
  limit_handshake(duo.me, 10000);
  limit_shutdown(duo.me, 10000);
  duo_connect(&duo);
  ck_assert_int_eq(tlsloop_stream_set_handshake_timeout(duo.me->stream, 1),
                   UV_EBUSY);
  /* Nothing is due: the loop would wait for the sockets, or the watchdog. */
  duo_settle(&duo);
  ck_assert_int_gt(uv_backend_timeout(&duo.loop.uv), 100000);
  duo_close(&duo);
}
END_TEST


START_TEST(a_shutdown_to_a_peer_that_does_not_read_fails_in_time) {
  duo_open_wired(&duo, _i);
  duo_shrink(&duo);
  limit_shutdown(duo.me, 50);
  duo_connect(&duo);
  duo_settle(&duo);
  duo.to_peer->hold = duo.to_peer->moved;
  ck_assert_int_eq(party_write(duo.me, 4 * MIB), 0);
  ck_assert_int_eq(party_write(duo.me, 1), 0);
  ck_assert_int_eq(party_shutdown(duo.me), 0);
  ck_assert_int_eq(tlsloop_stream_set_shutdown_timeout(duo.me->stream, 1),
                   UV_EBUSY);
  DUO_UNTIL(&duo, duo.me->shutdowns == 1);
  ck_assert_int_eq(duo.me->shutdown_status, UV_ETIMEDOUT);
  ck_assert_uint_eq(duo.me->failed_writes, 2);
  ck_assert_int_eq(duo.me->write_status, UV_ETIMEDOUT);
  ck_assert_uint_eq(tlsloop_stream_get_write_queue_size(duo.me->stream), 0);
  check_details();
  /* The other direction is still open. */
  ck_assert_int_eq(duo.me->ends, 0);
  ck_assert_int_eq(party_write(duo.peer, 100), 0);
  DUO_UNTIL(&duo, duo.me->received == 100);
  duo_close(&duo);
}
END_TEST


START_TEST(a_shutdown_of_a_handshake_that_stands_still_fails_in_time) {
  duo_open(&duo, _i);
  limit_handshake(duo.me, 0);
  limit_shutdown(duo.me, 50);
  ck_assert_int_eq(party_handshake(duo.me), 0);
  ck_assert_int_eq(party_write(duo.me, 10), 0);
  ck_assert_int_eq(party_shutdown(duo.me), 0);
  DUO_UNTIL(&duo, duo.me->shutdowns == 1);
  ck_assert_int_eq(duo.me->handshake_status, UV_ETIMEDOUT);
  ck_assert_int_eq(duo.me->write_status, UV_ETIMEDOUT);
  ck_assert_int_eq(duo.me->shutdown_status, UV_ETIMEDOUT);
  check_details();
  duo_close(&duo);
}
END_TEST


START_TEST(a_slow_peer_may_take_its_time_without_a_limit) {
  duo_open_wired(&duo, _i);
  duo_shrink(&duo);
  limit_handshake(duo.me, 0);
  limit_shutdown(duo.me, 0);
  duo_connect(&duo);
  duo_settle(&duo);
  duo.to_peer->hold = duo.to_peer->moved;
  ck_assert_int_eq(party_write(duo.me, 2 * MIB), 0);
  ck_assert_int_eq(party_shutdown(duo.me), 0);
  duo_settle(&duo);
  ck_assert_int_eq(duo.me->shutdowns, 0);
  ck_assert_int_gt(uv_backend_timeout(&duo.loop.uv), 100000);
  duo.to_peer->hold = WIRE_NEVER;
  DUO_UNTIL(&duo, duo.me->shutdowns == 1 && duo.peer->ends == 1);
  ck_assert_int_eq(duo.me->shutdown_status, 0);
  ck_assert_uint_eq(duo.peer->received, 2 * MIB);
  duo_close(&duo);
}
END_TEST


/* The alert cannot be written, for nobody reads; so the failure is reported
 * all the same, when there was time enough. */
START_TEST(an_alert_that_cannot_be_sent_delays_the_error_for_a_time) {
  duo_open_wired(&duo, _i);
  duo_shrink(&duo);
  limit_shutdown(duo.me, 50);
  duo_connect(&duo);
  duo_settle(&duo);
  duo.to_peer->hold = duo.to_peer->moved;
  ck_assert_int_eq(party_write(duo.me, 4 * MIB), 0);
  duo_settle(&duo);
  duo.to_me->flip = duo.to_me->moved + 30;
  duo.to_me->mask = 1;
  ck_assert_int_eq(party_write(duo.peer, 100), 0);
  DUO_UNTIL(&duo, duo.me->ends == 1 && duo.me->writes == 1);
  ck_assert_int_eq(duo.me->read_status, TLSLOOP_EALERT_SENT - 20);
  ck_assert_uint_eq(duo.me->received, 0);
  duo_close(&duo);
}
END_TEST


Suite* suite(void) {
  const TTest* tests[] = {
      a_silent_peer_fails_the_handshake_in_time,
      without_a_handshake_callback_the_reader_is_told,
      a_peer_that_sends_a_little_all_the_time_gains_none,
      a_handshake_in_time_forgets_its_deadline,
      a_shutdown_to_a_peer_that_does_not_read_fails_in_time,
      a_shutdown_of_a_handshake_that_stands_still_fails_in_time,
      a_slow_peer_may_take_its_time_without_a_limit,
      an_alert_that_cannot_be_sent_delays_the_error_for_a_time,
  };
  Suite* suite;
  TCase* tcase;
  size_t i;

  suite = suite_create("stream deadline");
  tcase = duo_case(suite, "deadline");
  for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    tcase_add_loop_test(tcase, tests[i], 0, DUO_ALL);
  return suite;
}
