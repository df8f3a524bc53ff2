/* SPDX-License-Identifier: MIT */

/* A close works in every state, cancels each request once and in order, and
 * its callback is the last that is heard of the stream. */

#include <string.h>

#include "support/duo.h"

static duo_t duo;

static size_t where(const party_t* party, char event) {
  const char* at = strchr(party->log, event);

  ck_assert_ptr_nonnull(at);
  return (size_t) (at - party->log);
}

START_TEST(a_stream_that_did_nothing_closes) {
  duo_open(&duo, _i);
  party_close(duo.me);
  ck_assert_int_eq(duo.me->closed, 0);
  loop_settle(&duo.loop);
  ck_assert_int_eq(duo.me->closed, 1);
  duo_close(&duo);
}
END_TEST

START_TEST(a_handshake_is_cancelled) {
  duo_open(&duo, _i);
  ck_assert_int_eq(party_handshake(duo.me), 0);
  party_close(duo.me);
  loop_settle(&duo.loop);
  ck_assert_int_eq(duo.me->handshakes, 1);
  ck_assert_int_eq(duo.me->handshake_status, UV_ECANCELED);
  duo_close(&duo);
}
END_TEST

START_TEST(requests_are_cancelled_in_order_before_the_callback) {
  int i;

  duo_open(&duo, _i);
  ck_assert_int_eq(party_handshake(duo.me), 0);
  for (i = 0; i < 5; i++)
    ck_assert_int_eq(party_write(duo.me, 1000), 0);
  ck_assert_int_eq(party_shutdown(duo.me), 0);
  party_close(duo.me);
  loop_settle(&duo.loop);
  ck_assert_uint_eq(duo.me->failed_writes, 5);
  ck_assert_int_eq(duo.me->write_status, UV_ECANCELED);
  ck_assert_int_eq(duo.me->shutdown_status, UV_ECANCELED);
  ck_assert_uint_lt(where(duo.me, 'H'), where(duo.me, 'W'));
  ck_assert_uint_lt(where(duo.me, 'W'), where(duo.me, 'S'));
  ck_assert_uint_lt(where(duo.me, 'S'), where(duo.me, 'C'));
  duo_close(&duo);
}
END_TEST

START_TEST(everything_is_refused_while_closing) {
  duo_open(&duo, _i);
  duo_connect(&duo);
  party_close(duo.me);
  ck_assert_int_eq(tlsloop_is_closing(duo.me->stream), 1);
  ck_assert_int_eq(party_write(duo.me, 1), UV_ECANCELED);
  ck_assert_int_eq(party_try_write(duo.me, 1), UV_ECANCELED);
  ck_assert_int_eq(party_read_start(duo.me), UV_ECANCELED);
  ck_assert_int_eq(party_shutdown(duo.me), UV_ECANCELED);
  ck_assert_int_eq(tlsloop_attach(duo.me->stream, duo.me->transport),
                   UV_ECANCELED);
  duo_close(&duo);
}
END_TEST

START_TEST(a_second_close_is_ignored) {
  duo_open(&duo, _i);
  duo_connect(&duo);
  party_close(duo.me);
  tlsloop_close(duo.me->stream, NULL);
  tlsloop_close_reset(duo.me->stream, NULL);
  loop_settle(&duo.loop);
  ck_assert_int_eq(duo.me->closed, 1);
  duo_close(&duo);
}
END_TEST

START_TEST(the_engine_answers_until_the_callback) {
  duo_open(&duo, _i);
  duo_connect(&duo);
  party_close(duo.me);
  ck_assert_ptr_nonnull(
      tlsloop_engine_version(tlsloop_stream_engine(duo.me->stream)));
  duo_close(&duo);
}
END_TEST

/* What the peer says in the meantime is not for anybody. */
START_TEST(data_that_comes_while_closing_is_discarded) {
  duo_open(&duo, _i);
  duo_connect(&duo);
  ck_assert_int_eq(party_write(duo.peer, 100000), 0);
  party_close(duo.me);
  DUO_UNTIL(&duo, duo.me->closed && duo.peer->writes == 1);
  ck_assert_uint_eq(duo.me->received, 0);
  duo_close(&duo);
}
END_TEST

Suite* suite(void) {
  const TTest* tests[] = {
      a_stream_that_did_nothing_closes,
      a_handshake_is_cancelled,
      requests_are_cancelled_in_order_before_the_callback,
      everything_is_refused_while_closing,
      a_second_close_is_ignored,
      the_engine_answers_until_the_callback,
      data_that_comes_while_closing_is_discarded,
  };
  Suite* suite = suite_create("close");
  TCase* tcase = duo_case(suite, "close");
  size_t i;

  for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    tcase_add_loop_test(tcase, tests[i], 0, DUO_SIDES);
  return suite;
}
