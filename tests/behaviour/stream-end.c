/* SPDX-License-Identifier: MIT */

/* How connections end: in an orderly way, in one direction, by being cut or
 * torn. UV_EOF is what the peer said and nothing else. */

#include <string.h>

#include "support/duo.h"

#define MIB ((size_t) 1024 * 1024)

static duo_t duo;


/* Checks that |me| was told |status| once, after |len| bytes, and that the
 * details are those of |status|. */
static void check_end(int status, size_t len) {
  const tlsloop_error_t* error;

  DUO_UNTIL(&duo, duo.me->ends == 1);
  duo_settle(&duo);
  ck_assert_int_eq(duo.me->read_status, status);
  ck_assert_uint_eq(duo.me->received, len);
  ck_assert_int_eq(party_read_start(duo.me), status);
  error = tlsloop_stream_error(duo.me->stream);
  if (status == UV_EOF) {
    ck_assert_ptr_null(error);
    return;
  }
  ck_assert_ptr_nonnull(error);
  ck_assert_int_eq(error->code, status);
  ck_assert_int_gt((int) strlen(error->text), 5);
}


START_TEST(close_notify_is_the_end_after_all_data) {
  duo_open(&duo, _i);
  duo_connect(&duo);
  ck_assert_int_eq(party_write(duo.peer, MIB), 0);
  ck_assert_int_eq(party_shutdown(duo.peer), 0);
  check_end(UV_EOF, MIB);
  ck_assert_int_eq(duo.peer->shutdown_status, 0);
  duo_close(&duo);
}
END_TEST


static void close_at_write(party_t* party, int event) {
  if (event == PARTY_WRITE)
    party_close(party);
}


START_TEST(a_transport_that_just_ends_is_truncated_after_all_data) {
  duo_open(&duo, _i);
  duo_connect(&duo);
  duo_settle(&duo);
  duo.peer->hook = close_at_write;
  ck_assert_int_eq(party_write(duo.peer, 100000), 0);
  check_end(TLSLOOP_ETRUNCATED, 100000);
  duo_close(&duo);
}
END_TEST


/* What |me| still has to say gets nowhere. */
START_TEST(writes_fail_once_each_when_the_connection_is_truncated) {
  int i;

  duo_open_wired(&duo, _i);
  duo_shrink(&duo);
  duo_connect(&duo);
  duo_settle(&duo);
  duo.to_peer->hold = duo.to_peer->moved;
  for (i = 0; i < 4; i++)
    ck_assert_int_eq(party_write(duo.me, MIB), 0);
  duo_settle(&duo);
  /* Nobody is waited for. */
  tlsloop_stream_set_shutdown_timeout(duo.me->stream, 0);
  duo.to_me->cut = duo.to_me->moved;
  DUO_UNTIL(&duo, duo.me->writes == 4 && duo.me->ends == 1);
  ck_assert_int_eq(duo.me->read_status, TLSLOOP_ETRUNCATED);
  ck_assert_uint_eq(duo.me->failed_writes, 4);
  duo_close(&duo);
}
END_TEST


/* The transport ends inside a record: what of it came is never shown. */
START_TEST(a_record_that_was_cut_is_not_delivered) {
  duo_open_wired(&duo, _i);
  duo_connect(&duo);
  ck_assert_int_eq(party_write(duo.peer, 1000), 0);
  DUO_UNTIL(&duo, duo.me->received == 1000);
  duo_settle(&duo);
  duo.to_me->cut = duo.to_me->moved + 900;
  ck_assert_int_eq(party_write(duo.peer, 1000), 0);
  check_end(TLSLOOP_ETRUNCATED, 1000);
  duo_close(&duo);
}
END_TEST


START_TEST(a_record_that_was_changed_ends_the_connection) {
  duo_open_wired(&duo, _i);
  duo_connect(&duo);
  duo_settle(&duo);
  duo.to_me->flip = duo.to_me->moved + 500;
  duo.to_me->mask = 0x80;
  ck_assert_int_eq(party_write(duo.peer, 1000), 0);
  ck_assert_int_eq(party_write(duo.peer, 1000), 0);
  check_end(TLSLOOP_EALERT_SENT - 20, 0);
  DUO_UNTIL(&duo, duo.peer->ends == 1);
  ck_assert_int_eq(duo.peer->read_status, TLSLOOP_EALERT_RECEIVED - 20);
  duo_close(&duo);
}
END_TEST


START_TEST(a_reset_is_reported_once) {
  duo_open_wired(&duo, (_i & 1) | (_i & 2 ? DUO_SERVER : 0));
  duo_connect(&duo);
  ck_assert_int_eq(party_write(duo.peer, 1000), 0);
  DUO_UNTIL(&duo, duo.me->received == 1000);
  wire_reset(&duo.wire);
  check_end(UV_ECONNRESET, 1000);
  duo_close(&duo);
}
END_TEST


START_TEST(a_reset_while_nobody_reads_is_reported_to_the_next_reader) {
  int err;

  duo_open_wired(&duo, (_i & 1) | (_i & 2 ? DUO_SERVER : 0));
  duo_connect(&duo);
  ck_assert_int_eq(party_read_stop(duo.me), 0);
  ck_assert_int_eq(party_write(duo.peer, 1000), 0);
  duo_settle(&duo);
  wire_reset(&duo.wire);
  DUO_UNTIL(&duo, tlsloop_stream_error(duo.me->stream) != NULL);
  err = party_read_start(duo.me);
  ck_assert_int_eq(err, 0);
  check_end(UV_ECONNRESET, 1000);
  duo_close(&duo);
}
END_TEST


START_TEST(a_closed_direction_leaves_the_other_open) {
  duo_open(&duo, _i);
  duo_connect(&duo);
  ck_assert_int_eq(party_shutdown(duo.peer), 0);
  check_end(UV_EOF, 0);
  ck_assert_int_eq(party_write(duo.me, MIB), 0);
  DUO_UNTIL(&duo, duo.peer->received == MIB && duo.me->writes == 1);
  ck_assert_int_eq(duo.me->write_status, 0);
  ck_assert_int_eq(party_shutdown(duo.me), 0);
  DUO_UNTIL(&duo, duo.peer->ends == 1 && duo.me->shutdowns == 1);
  ck_assert_int_eq(duo.peer->read_status, UV_EOF);
  ck_assert_int_eq(duo.me->shutdown_status, 0);
  duo_close(&duo);
}
END_TEST


START_TEST(what_is_being_written_goes_on_after_the_peer_s_end) {
  int i;

  duo_open_wired(&duo, _i);
  duo_shrink(&duo);
  duo_connect(&duo);
  duo.to_peer->hold = duo.to_peer->moved;
  for (i = 0; i < 4; i++)
    ck_assert_int_eq(party_write(duo.me, MIB), 0);
  ck_assert_int_eq(party_shutdown(duo.peer), 0);
  check_end(UV_EOF, 0);
  ck_assert_uint_lt(duo.me->writes, 4);
  duo.to_peer->hold = WIRE_NEVER;
  DUO_UNTIL(&duo, duo.peer->received == 4 * MIB && duo.me->writes == 4);
  ck_assert_uint_eq(duo.me->failed_writes, 0);
  duo_close(&duo);
}
END_TEST


START_TEST(both_can_shut_down_at_once) {
  duo_open(&duo, _i);
  duo_connect(&duo);
  ck_assert_int_eq(party_write(duo.me, 100), 0);
  ck_assert_int_eq(party_write(duo.peer, 200), 0);
  ck_assert_int_eq(party_shutdown(duo.me), 0);
  ck_assert_int_eq(party_shutdown(duo.peer), 0);
  DUO_UNTIL(&duo, duo.me->shutdowns && duo.peer->shutdowns);
  DUO_UNTIL(&duo, duo.me->ends && duo.peer->ends);
  ck_assert_int_eq(duo.me->shutdown_status, 0);
  ck_assert_int_eq(duo.peer->shutdown_status, 0);
  ck_assert_int_eq(duo.me->read_status, UV_EOF);
  ck_assert_int_eq(duo.peer->read_status, UV_EOF);
  ck_assert_uint_eq(duo.me->received, 200);
  ck_assert_uint_eq(duo.peer->received, 100);
  duo_close(&duo);
}
END_TEST


/* Once close_notify is with the system, whatever the peer does. */
START_TEST(a_shutdown_needs_no_answer) {
  duo_open_wired(&duo, _i);
  duo_connect(&duo);
  duo_settle(&duo);
  duo.to_me->hold = duo.to_me->moved;
  duo.to_peer->hold = duo.to_peer->moved;
  ck_assert_int_eq(party_shutdown(duo.me), 0);
  DUO_UNTIL(&duo, duo.me->shutdowns == 1);
  ck_assert_int_eq(duo.me->shutdown_status, 0);
  ck_assert_int_eq(duo.me->ends, 0);
  duo_close(&duo);
}
END_TEST


START_TEST(a_shutdown_sends_what_was_written_first) {
  duo_open(&duo, _i);
  ck_assert_int_eq(party_write(duo.me, MIB), 0);
  ck_assert_int_eq(party_write(duo.me, 1), 0);
  ck_assert_int_eq(party_shutdown(duo.me), 0);
  ck_assert_int_eq(party_shutdown(duo.me), UV_EALREADY);
  ck_assert_int_eq(party_read_start(duo.peer), 0);
  DUO_UNTIL(&duo, duo.peer->ends == 1 && duo.me->shutdowns == 1);
  ck_assert_uint_eq(duo.peer->received, MIB + 1);
  ck_assert_int_eq(duo.peer->read_status, UV_EOF);
  ck_assert_int_eq(party_shutdown(duo.me), UV_EALREADY);
  duo_close(&duo);
}
END_TEST


START_TEST(a_shutdown_before_anything_is_refused) {
  duo_open(&duo, _i);
  ck_assert_int_eq(party_shutdown(duo.me), UV_ENOTCONN);
  ck_assert_int_eq(party_handshake(duo.me), 0);
  ck_assert_int_eq(party_shutdown(duo.me), 0);
  duo_close(&duo);
}
END_TEST


Suite* suite(void) {
  const TTest* tests[] = {
      close_notify_is_the_end_after_all_data,
      a_transport_that_just_ends_is_truncated_after_all_data,
      writes_fail_once_each_when_the_connection_is_truncated,
      a_record_that_was_cut_is_not_delivered,
      a_record_that_was_changed_ends_the_connection,
      a_closed_direction_leaves_the_other_open,
      what_is_being_written_goes_on_after_the_peer_s_end,
      both_can_shut_down_at_once,
      a_shutdown_needs_no_answer,
      a_shutdown_sends_what_was_written_first,
      a_shutdown_before_anything_is_refused,
  };
  Suite* suite;
  TCase* tcase;
  size_t i;

  suite = suite_create("stream end");
  tcase = duo_case(suite, "end");
  for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    tcase_add_loop_test(tcase, tests[i], 0, DUO_ALL);
  tcase_add_loop_test(tcase, a_reset_is_reported_once, 0, 4);
  tcase_add_loop_test(
      tcase, a_reset_while_nobody_reads_is_reported_to_the_next_reader, 0, 4);
  return suite;
}
