/* SPDX-License-Identifier: MIT */

/* What has ended is told to everybody whom it concerns, once, in one order:
 * the handshake's callback, then writes, then the shutdown, then the reader. A
 * clean end alone is told the reader at once, behind the data. */

#include <string.h>

#include "stream/pump.h"
#include "support/duo.h"
#include "support/fail-alloc.h"

#define MIB ((size_t) 1024 * 1024)

static duo_t duo;


static tlsloop__stream_t* inside(const party_t* party) {
  return party->stream->impl;
}


/* The log of |party| without what it waited for and was asked for. */
static const char* told(const party_t* party) {
  static char log[sizeof(party->log)];
  size_t i;
  size_t n;

  n = 0;
  for (i = 0; i < sizeof(log) - 1 && party->log[i] != '\0'; i++) {
    if (strchr("NADU", party->log[i]) == NULL)
      log[n++] = party->log[i];
  }
  log[n] = '\0';
  return log;
}


static void ask_for_all(party_t* party) {
  ck_assert_int_eq(party_read_start(party), 0);
  ck_assert_int_eq(party_write(party, 10), 0);
  ck_assert_int_eq(party_write(party, 20), 0);
  ck_assert_int_eq(party_shutdown(party), 0);
}


/* Runs the pump more often than anybody needs. */
static void pump_again(party_t* party) {
  int i;

  for (i = 0; i < 5; i++)
    tlsloop__pump(inside(party));
  loop_turn(&duo.loop);
}


START_TEST(a_failed_handshake_is_told_before_what_waited_for_it) {
  duo_open(&duo, _i);
  ck_assert_int_eq(party_handshake(duo.me), 0);
  ask_for_all(duo.me);
  tlsloop__stream_break(inside(duo.me), UV_EIO, "broken by a test");
  tlsloop__pump_ask(inside(duo.me));
  DUO_UNTIL(&duo, duo.me->shutdowns == 1);
  pump_again(duo.me);
  ck_assert_str_eq(told(duo.me), "HWWS");
  ck_assert_int_eq(duo.me->handshake_status, UV_EIO);
  ck_assert_int_eq(duo.me->write_status, UV_EIO);
  ck_assert_int_eq(duo.me->shutdown_status, UV_EIO);
  ck_assert_str_eq(tlsloop_stream_error(duo.me->stream)->text,
                   "broken by a test");
  ck_assert_int_eq(inside(duo.me)->state, TLSLOOP__STREAM_FAILED);
  ck_assert_ptr_null(inside(duo.me)->deadline);
  duo_close(&duo);
}
END_TEST


START_TEST(without_a_handshake_callback_the_reader_is_told_last) {
  duo_open(&duo, _i);
  ask_for_all(duo.me);
  tlsloop__stream_break(inside(duo.me), UV_EIO, "broken by a test");
  tlsloop__pump_ask(inside(duo.me));
  DUO_UNTIL(&duo, duo.me->ends == 1);
  pump_again(duo.me);
  ck_assert_str_eq(told(duo.me), "WWSE");
  ck_assert_int_eq(duo.me->read_status, UV_EIO);
  duo_close(&duo);
}
END_TEST


START_TEST(a_broken_connection_is_told_to_writers_then_to_the_reader) {
  duo_open_wired(&duo, _i);
  duo_shrink(&duo);
  duo_connect(&duo);
  duo_settle(&duo);
  duo.to_peer->hold = duo.to_peer->moved;
  ck_assert_int_eq(party_write(duo.me, 4 * MIB), 0);
  ck_assert_int_eq(party_write(duo.me, 20), 0);
  ck_assert_int_eq(party_shutdown(duo.me), 0);
  duo_settle(&duo);
  tlsloop__stream_break(inside(duo.me), UV_EIO, "broken by a test");
  tlsloop__pump_ask(inside(duo.me));
  DUO_UNTIL(&duo, duo.me->ends == 1);
  pump_again(duo.me);
  ck_assert_str_eq(told(duo.me), "HWWSE");
  ck_assert_int_eq(duo.me->write_status, UV_EIO);
  ck_assert_int_eq(duo.me->shutdown_status, UV_EIO);
  ck_assert_int_eq(duo.me->read_status, UV_EIO);
  duo_close(&duo);
}
END_TEST


START_TEST(an_end_of_writing_leaves_the_reader_alone) {
  duo_open(&duo, _i);
  duo_connect(&duo);
  duo_settle(&duo);
  ck_assert_int_eq(party_write(duo.me, 10), 0);
  tlsloop__stream_end_writing(inside(duo.me), UV_EIO);
  DUO_UNTIL(&duo, duo.me->writes == 1);
  ck_assert_int_eq(duo.me->write_status, UV_EIO);
  ck_assert_int_eq(party_write(duo.me, 1), UV_EIO);
  ck_assert_int_eq(duo.me->ends, 0);
  ck_assert_int_eq(party_write(duo.peer, 100), 0);
  DUO_UNTIL(&duo, duo.me->received == 100);
  duo_close(&duo);
}
END_TEST


START_TEST(an_end_of_reading_leaves_writers_alone) {
  duo_open(&duo, _i);
  duo_connect(&duo);
  duo_settle(&duo);
  tlsloop__stream_end_reading(inside(duo.me), UV_EOF);
  ck_assert_int_eq(party_write(duo.me, 10), 0);
  DUO_UNTIL(&duo, duo.me->ends == 1 && duo.me->writes == 1);
  ck_assert_int_eq(duo.me->read_status, UV_EOF);
  ck_assert_int_eq(duo.me->write_status, 0);
  DUO_UNTIL(&duo, duo.peer->received == 10);
  duo_close(&duo);
}
END_TEST


START_TEST(the_first_of_two_failures_counts) {
  duo_open(&duo, _i);
  duo_connect(&duo);
  tlsloop__stream_break(inside(duo.me), UV_EIO, "the first");
  tlsloop__stream_break(inside(duo.me), UV_ENOMEM, "the second");
  tlsloop__stream_lose(inside(duo.me), UV_EPIPE);
  tlsloop__pump_ask(inside(duo.me));
  DUO_UNTIL(&duo, duo.me->ends == 1);
  ck_assert_int_eq(duo.me->read_status, UV_EIO);
  ck_assert_int_eq(party_write(duo.me, 1), UV_EIO);
  ck_assert_str_eq(tlsloop_stream_error(duo.me->stream)->text, "the first");
  duo_close(&duo);
}
END_TEST


/* Lets TLS fail on |me| while the transport is full, so that there is an alert
 * that cannot be sent. */
static void fail_with_a_full_transport(int kind) {
  duo_open_wired(&duo, kind);
  duo_shrink(&duo);
  tlsloop_stream_set_shutdown_timeout(duo.me->stream, 0);
  duo_connect(&duo);
  duo_settle(&duo);
  duo.to_peer->hold = duo.to_peer->moved;
  ck_assert_int_eq(party_write(duo.me, 4 * MIB), 0);
  duo_settle(&duo);
  duo.to_me->flip = duo.to_me->moved + 30;
  duo.to_me->mask = 1;
  ck_assert_int_eq(party_write(duo.peer, 100), 0);
}


START_TEST(an_alert_goes_out_before_its_failure_is_told) {
  fail_with_a_full_transport(_i);
  duo_settle(&duo);
  ck_assert_int_ne(inside(duo.me)->engine->failure, 0);
  ck_assert_int_eq(tlsloop__stream_has_last_words(inside(duo.me)), 1);
  ck_assert_int_eq(duo.me->ends, 0);
  ck_assert_uint_eq(duo.me->writes, 0);

  duo.to_peer->hold = WIRE_NEVER;
  DUO_UNTIL(&duo, duo.me->ends == 1);
  ck_assert_int_eq(duo.me->read_status, TLSLOOP_EALERT_SENT - 20);
  ck_assert_int_eq(tlsloop__stream_is_flushed(inside(duo.me)), 1);
  DUO_UNTIL(&duo, duo.peer->ends == 1);
  ck_assert_int_eq(duo.peer->read_status, TLSLOOP_EALERT_RECEIVED - 20);
  duo_close(&duo);
}
END_TEST


/* To a peer that goes away there is nobody to tell. */
START_TEST(an_alert_to_nobody_is_not_waited_for) {
  fail_with_a_full_transport(_i);
  duo_settle(&duo);
  ck_assert_int_eq(duo.me->ends, 0);
  wire_close(&duo.wire);
  DUO_UNTIL(&duo, duo.me->ends == 1 && duo.me->writes == 1);
  ck_assert_int_eq(duo.me->read_status, TLSLOOP_EALERT_SENT - 20);
  duo_close(&duo);
}
END_TEST


/* With no memory for a deadline it is told at once. */
START_TEST(without_a_deadline_an_alert_is_not_waited_for) {
  tlsloop__stream_t* s;
  tlsloop__bytes_t spare;

  fail_with_a_full_transport(_i);
  ck_assert_int_eq(party_read_stop(duo.me), 0);
  s = inside(duo.me);
  s->shutdown_timeout = 1000000;
  /* The alert finds a block. */
  memset(&spare, 0, sizeof(spare));
  spare.pool = &s->loop->pool;
  ck_assert_int_eq(tlsloop__bytes_append(&spare, "", 1), 0);
  tlsloop__bytes_clear(&spare);
  duo.to_me->hold = duo.to_me->moved;
  duo_settle(&duo);
  duo.to_me->hold = WIRE_NEVER;
  ck_assert_int_eq(wire_step(&duo.wire), 1);
  /* The details of the failure find memory, the timer does not. */
  fail_alloc_from(1);
  while (s->engine->failure == 0)
    loop_turn(&duo.loop);
  fail_alloc_reset();
  ck_assert_ptr_null(s->deadline);
  DUO_UNTIL(&duo, duo.me->writes == 1);
  ck_assert_int_eq(duo.me->write_status, TLSLOOP_EALERT_SENT - 20);
  duo_close(&duo);
}
END_TEST


Suite* suite(void) {
  const TTest* tests[] = {
      a_failed_handshake_is_told_before_what_waited_for_it,
      without_a_handshake_callback_the_reader_is_told_last,
      a_broken_connection_is_told_to_writers_then_to_the_reader,
      an_end_of_writing_leaves_the_reader_alone,
      an_end_of_reading_leaves_writers_alone,
      the_first_of_two_failures_counts,
      an_alert_goes_out_before_its_failure_is_told,
      an_alert_to_nobody_is_not_waited_for,
      without_a_deadline_an_alert_is_not_waited_for,
  };
  Suite* suite;
  TCase* tcase;
  size_t i;

  suite = suite_create("end");
  tcase = duo_case(suite, "end");
  for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    tcase_add_loop_test(tcase, tests[i], 0, DUO_SIDES);
  return suite;
}
