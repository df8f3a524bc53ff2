/* SPDX-License-Identifier: MIT */

/* tlsloop_try_write takes what can be taken at once and says how much that
 * was; what it takes arrives, what it refuses never does. */

#include "support/duo.h"

#define KIB ((size_t) 1024)
#define MIB (KIB * KIB)

static duo_t duo;


START_TEST(it_takes_a_small_write_whole) {
  duo_open(&duo, _i);
  duo_connect(&duo);
  DUO_UNTIL(&duo, party_try_write(duo.me, 100) == 100);
  DUO_UNTIL(&duo, duo.peer->received == 100);
  ck_assert_uint_eq(tlsloop_stream_get_write_queue_size(duo.me->stream), 0);
  duo_close(&duo);
}
END_TEST


START_TEST(it_takes_nothing_of_nothing) {
  duo_open(&duo, _i);
  duo_connect(&duo);
  ck_assert_int_eq(party_try_write(duo.me, 0), 0);
  duo_close(&duo);
}
END_TEST


START_TEST(it_takes_nothing_before_the_handshake_is_complete) {
  duo_open(&duo, _i);
  ck_assert_int_eq(party_try_write(duo.me, 1), UV_EAGAIN);
  ck_assert_int_eq(party_handshake(duo.me), 0);
  ck_assert_int_eq(party_try_write(duo.me, 1), UV_EAGAIN);
  duo_close(&duo);
}
END_TEST


/* A server's tickets may still wait to be written then. */
static void on_first_data(party_t* party, int event) {
  if (event == PARTY_DATA && party->received == 10)
    ck_assert_int_eq(party_try_write(party, 100), 100);
}


START_TEST(it_takes_an_answer_to_what_came_with_the_handshake) {
  duo_open(&duo, _i);
  duo.me->hook = on_first_data;
  ck_assert_int_eq(party_write(duo.peer, 10), 0);
  ck_assert_int_eq(party_read_start(duo.peer), 0);
  ck_assert_int_eq(party_read_start(duo.me), 0);
  DUO_UNTIL(&duo, duo.peer->received == 100);
  duo_close(&duo);
}
END_TEST


/* As a write does. */
START_TEST(it_begins_the_handshake) {
  duo_open(&duo, _i);
  ck_assert_int_eq(party_try_write(duo.me, 1), UV_EAGAIN);
  ck_assert_int_eq(party_read_start(duo.peer), 0);
  DUO_UNTIL(&duo, party_try_write(duo.me, 10) == 10);
  DUO_UNTIL(&duo, duo.peer->received == 10);
  duo_close(&duo);
}
END_TEST


START_TEST(it_takes_nothing_while_writes_wait) {
  duo_open(&duo, _i);
  duo_connect(&duo);
  ck_assert_int_eq(party_write(duo.me, 1), 0);
  ck_assert_int_eq(party_try_write(duo.me, 1), UV_EAGAIN);
  DUO_UNTIL(&duo, duo.me->writes == 1);
  DUO_UNTIL(&duo, party_try_write(duo.me, 1) == 1);
  DUO_UNTIL(&duo, duo.peer->received == 2);
  duo_close(&duo);
}
END_TEST


/* Offers more than fits until nothing is taken any more. */
static void fill(void) {
  int n;

  do {
    n = party_try_write(duo.me, 8 * MIB);
    ck_assert_int_le(n, (int) (256 * KIB));
    duo_settle(&duo);
  } while (n > 0);
  ck_assert_int_eq(n, UV_EAGAIN);
}


START_TEST(it_takes_no_more_than_may_wait) {
  duo_open_wired(&duo, _i);
  duo_shrink(&duo);
  duo_connect(&duo);
  duo_settle(&duo);
  duo.to_peer->hold = duo.to_peer->moved;
  fill();
  ck_assert_uint_lt(duo.me->sent, 4 * MIB);
  ck_assert_int_eq(party_try_write(duo.me, 1), UV_EAGAIN);
  ck_assert_uint_gt(tlsloop_stream_get_write_queue_size(duo.me->stream), 0);

  duo.to_peer->hold = WIRE_NEVER;
  DUO_UNTIL(&duo, duo.peer->received == duo.me->sent);
  ck_assert_uint_eq(tlsloop_stream_get_write_queue_size(duo.me->stream), 0);
  ck_assert_int_eq(party_try_write(duo.me, 1), 1);
  DUO_UNTIL(&duo, duo.peer->received == duo.me->sent);
  duo_close(&duo);
}
END_TEST


START_TEST(a_write_after_what_it_took_comes_after_it) {
  duo_open_wired(&duo, _i);
  duo_shrink(&duo);
  duo_connect(&duo);
  duo_settle(&duo);
  duo.to_peer->hold = duo.to_peer->moved;
  fill();
  ck_assert_int_eq(party_write(duo.me, 1000), 0);
  ck_assert_int_eq(party_shutdown(duo.me), 0);
  duo.to_peer->hold = WIRE_NEVER;
  DUO_UNTIL(&duo, duo.peer->ends == 1);
  ck_assert_uint_eq(duo.peer->received, duo.me->sent);
  ck_assert_int_eq(duo.peer->read_status, UV_EOF);
  duo_close(&duo);
}
END_TEST


/* The first write to a transport that broke says so, or the next. */
START_TEST(it_reports_a_broken_transport) {
  int n;

  duo_open_wired(&duo, _i);
  duo_connect(&duo);
  duo_settle(&duo);
  wire_close(&duo.wire);
  do {
    n = party_try_write(duo.me, 1);
  } while (n == 1);
  ck_assert_int_ne(n, UV_EAGAIN);
  ck_assert_int_eq(tlsloop_err_type(n), TLSLOOP_ERR_IO);
  ck_assert_int_eq(party_try_write(duo.me, 1), n);
  ck_assert_int_eq(party_write(duo.me, 1), n);
  DUO_UNTIL(&duo, duo.me->ends == 1);
  duo_close(&duo);
}
END_TEST


Suite* suite(void) {
  const TTest* tests[] = {
      it_takes_a_small_write_whole,
      it_takes_nothing_of_nothing,
      it_takes_nothing_before_the_handshake_is_complete,
      it_takes_an_answer_to_what_came_with_the_handshake,
      it_begins_the_handshake,
      it_takes_nothing_while_writes_wait,
      it_takes_no_more_than_may_wait,
      a_write_after_what_it_took_comes_after_it,
      it_reports_a_broken_transport,
  };
  Suite* suite;
  TCase* tcase;
  size_t i;

  suite = suite_create("stream try_write");
  tcase = duo_case(suite, "try_write");
  for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    tcase_add_loop_test(tcase, tests[i], 0, DUO_ALL);
  return suite;
}
