/* SPDX-License-Identifier: MIT */

/* The pump goes round a bounded number of times a turn, reports what TLS waits
 * for when that changes, and keeps a paused stream's memory bounded. */

#include "stream/pump.h"

#include "support/duo.h"

#define KIB ((size_t) 1024)

static duo_t duo;

START_TEST(it_waits_for_the_peer_in_the_handshake_and_when_reading) {
  duo_open_wired(&duo, _i);
  ck_assert_int_eq(party_handshake(duo.me), 0);
  duo_settle(&duo);
  ck_assert_int_eq(duo.me->want, TLSLOOP_WANT_READ);
  ck_assert_int_eq(party_handshake(duo.peer), 0);
  DUO_UNTIL(&duo, duo.me->handshakes && duo.peer->handshakes);
  duo_settle(&duo);
  ck_assert_int_eq(duo.me->want, 0);
  ck_assert_int_eq(party_read_start(duo.me), 0);
  duo_settle(&duo);
  ck_assert_int_eq(duo.me->want, TLSLOOP_WANT_READ);
  duo_close(&duo);
}
END_TEST

START_TEST(it_waits_for_the_transport_while_that_takes_nothing) {
  duo_open_wired(&duo, _i);
  duo_shrink(&duo);
  duo_connect(&duo);
  duo_settle(&duo);
  duo.to_peer->hold = duo.to_peer->moved;
  ck_assert_int_eq(party_write(duo.me, 8 * KIB * KIB), 0);
  duo_settle(&duo);
  ck_assert_int_eq(duo.me->want, TLSLOOP_WANT_WRITE);
  duo.to_peer->hold = WIRE_NEVER;
  DUO_UNTIL(&duo, duo.me->writes == 1);
  duo_settle(&duo);
  ck_assert_int_eq(duo.me->want, TLSLOOP_WANT_READ);
  duo_close(&duo);
}
END_TEST

START_TEST(what_is_in_flight_is_bounded_whatever_is_queued) {
  tlsloop__stream_t* s;

  duo_open_wired(&duo, _i);
  duo_shrink(&duo);
  duo_connect(&duo);
  duo_settle(&duo);
  s = duo.me->stream->impl;
  duo.to_peer->hold = duo.to_peer->moved;
  ck_assert_int_eq(party_write(duo.me, 8 * KIB * KIB), 0);
  duo_settle(&duo);
  ck_assert_uint_lt(s->cipher_out.total - s->flushed,
                    TLSLOOP__WINDOW + 68 * KIB);
  duo_close(&duo);
}
END_TEST

START_TEST(what_a_paused_stream_holds_is_bounded) {
  tlsloop__stream_t* s;

  duo_open_wired(&duo, _i);
  duo_connect(&duo);
  duo_settle(&duo);
  s = duo.me->stream->impl;
  party_read_stop(duo.me);
  ck_assert_int_eq(party_write(duo.peer, 8 * KIB * KIB), 0);
  duo_settle(&duo);
  ck_assert_uint_le(tlsloop_bio_pending(&s->cipher_in),
                    TLSLOOP__PAUSED_LIMIT + TLSLOOP__READ_SIZE);
  ck_assert_int_eq(s->transport_reading, 0);
  ck_assert_int_eq(party_read_start(duo.me), 0);
  DUO_UNTIL(&duo, duo.me->received == duo.peer->sent);
  duo_close(&duo);
}
END_TEST

static unsigned int chained;

static void write_again(party_t* party, int event) {
  if (event == PARTY_WRITE && ++chained < 1000)
    ck_assert_int_eq(party_write(party, 1), 0);
}

/* One turn of the loop does not run the chain to its end. */
START_TEST(a_chain_of_writes_takes_many_turns) {
  unsigned int most = 0;

  chained = 0;
  duo_open(&duo, _i);
  duo_connect(&duo);
  duo.me->hook = write_again;
  ck_assert_int_eq(party_write(duo.me, 1), 0);
  while (chained < 1000) {
    unsigned int before = chained;

    uv_run(&duo.loop.uv, UV_RUN_NOWAIT);
    if (chained - before > most)
      most = chained - before;
  }
  ck_assert_uint_le(most, 64);
  DUO_UNTIL(&duo, duo.peer->received == 1000);
  duo_close(&duo);
}
END_TEST

Suite* suite(void) {
  const TTest* tests[] = {
      it_waits_for_the_peer_in_the_handshake_and_when_reading,
      it_waits_for_the_transport_while_that_takes_nothing,
      what_is_in_flight_is_bounded_whatever_is_queued,
      what_a_paused_stream_holds_is_bounded,
      a_chain_of_writes_takes_many_turns,
  };
  Suite* suite = suite_create("pump");
  TCase* tcase = duo_case(suite, "pump");
  size_t i;

  for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    tcase_add_loop_test(tcase, tests[i], 0, DUO_SIDES);
  return suite;
}
