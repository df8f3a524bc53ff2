/* SPDX-License-Identifier: MIT */

/* Reading stops at once and goes on where it stopped, whatever was decrypted
 * or received in between; a reader that pauses holds its peer back. */

#include <string.h>

#include "support/duo.h"

#define KIB ((size_t) 1024)
#define MIB (KIB * KIB)

static duo_t duo;


static void stop_at_first(party_t* party, int event) {
  if (event == PARTY_DATA)
    ck_assert_int_eq(party_read_stop(party), 0);
}


/* Brings |me| to where it has stopped in its first read callback, with more
 * records decrypted or waiting, and the peer silent. */
static void stop_with_records_pending(int kind) {
  duo_open_wired(&duo, kind);
  duo.me->alloc_size = 10 * KIB;
  duo_connect(&duo);
  duo_settle(&duo);
  duo.to_me->hold = duo.to_me->moved;
  ck_assert_int_eq(party_write(duo.peer, 60 * KIB), 0);
  DUO_UNTIL(&duo, duo.peer->writes == 1);
  duo.me->hook = stop_at_first;
  duo.to_me->hold = WIRE_NEVER;
  DUO_UNTIL(&duo, duo.me->received > 0);
  duo_settle(&duo);
  duo.to_me->hold = duo.to_me->moved;
}


START_TEST(nothing_comes_after_a_stop_in_the_read_callback) {
  stop_with_records_pending(_i);
  ck_assert_uint_eq(duo.me->received, 10 * KIB);
  duo_close(&duo);
}
END_TEST


START_TEST(a_new_start_delivers_what_waits_without_the_peer) {
  stop_with_records_pending(_i);
  duo.me->hook = NULL;
  ck_assert_int_eq(party_read_start(duo.me), 0);
  ck_assert_uint_eq(duo.me->received, 10 * KIB);
  DUO_UNTIL(&duo, duo.me->received == 60 * KIB);
  duo_close(&duo);
}
END_TEST


START_TEST(each_start_delivers_one_more_buffer) {
  size_t n;

  stop_with_records_pending(_i);
  for (n = 2; n <= 6; n++) {
    ck_assert_int_eq(party_read_start(duo.me), 0);
    DUO_UNTIL(&duo, !duo.me->reading);
    duo_settle(&duo);
    ck_assert_uint_eq(duo.me->received, n * 10 * KIB);
  }
  duo_close(&duo);
}
END_TEST


START_TEST(a_stop_right_after_a_start_delivers_nothing) {
  stop_with_records_pending(_i);
  duo.me->hook = NULL;
  ck_assert_int_eq(party_read_start(duo.me), 0);
  ck_assert_int_eq(party_read_stop(duo.me), 0);
  duo_settle(&duo);
  ck_assert_uint_eq(duo.me->received, 10 * KIB);
  duo_close(&duo);
}
END_TEST


START_TEST(a_second_start_is_refused) {
  duo_open(&duo, _i);
  ck_assert_int_eq(party_read_start(duo.me), 0);
  ck_assert_int_eq(party_read_start(duo.me), UV_EALREADY);
  ck_assert_int_eq(party_handshake(duo.me), 0);
  ck_assert_int_eq(party_handshake(duo.peer), 0);
  DUO_UNTIL(&duo, duo.me->handshakes);
  ck_assert_int_eq(party_read_start(duo.me), UV_EALREADY);
  ck_assert_int_eq(party_write(duo.peer, 100), 0);
  DUO_UNTIL(&duo, duo.me->received == 100);
  duo_close(&duo);
}
END_TEST


static void no_alloc(tlsloop_stream_t* stream, size_t size, uv_buf_t* buf) {
  (void) stream;
  (void) size;
  (void) buf;
}


static void no_read(tlsloop_stream_t* stream,
                    ssize_t nread,
                    const uv_buf_t* buf) {
  (void) stream;
  (void) nread;
  (void) buf;
}


START_TEST(reading_needs_both_callbacks) {
  tlsloop_stream_t* stream;

  duo_open(&duo, _i);
  stream = duo.me->stream;
  ck_assert_int_eq(tlsloop_read_start(stream, NULL, no_read), UV_EINVAL);
  ck_assert_int_eq(tlsloop_read_start(stream, no_alloc, NULL), UV_EINVAL);
  duo_close(&duo);
}
END_TEST


START_TEST(an_alloc_callback_without_room_stops_and_loses_nothing) {
  duo_open(&duo, _i);
  duo_connect(&duo);
  duo.me->allocs_to_fail = 1;
  ck_assert_int_eq(party_write(duo.peer, 1000), 0);
  DUO_UNTIL(&duo, !duo.me->reading);
  ck_assert_int_eq(duo.me->read_status, UV_ENOBUFS);
  ck_assert_int_eq(duo.me->ends, 0);
  ck_assert_uint_eq(duo.me->received, 0);
  duo_settle(&duo);
  ck_assert_uint_eq(duo.me->allocs, 1);

  duo.me->allocs_to_fail = 1;
  ck_assert_int_eq(party_read_start(duo.me), 0);
  DUO_UNTIL(&duo, !duo.me->reading);
  ck_assert_int_eq(party_read_start(duo.me), 0);
  DUO_UNTIL(&duo, duo.me->received == 1000);
  duo_close(&duo);
}
END_TEST


static void stop_at_alloc(party_t* party, int event) {
  if (event == PARTY_ALLOC)
    ck_assert_int_eq(party_read_stop(party), 0);
}


START_TEST(a_stop_in_the_alloc_callback_gets_the_buffer_back) {
  duo_open(&duo, _i);
  duo.me->hook = stop_at_alloc;
  duo_connect(&duo);
  ck_assert_int_eq(party_write(duo.peer, 1000), 0);
  DUO_UNTIL(&duo, !duo.me->reading);
  duo_settle(&duo);
  ck_assert_ptr_null(duo.me->buffer);
  ck_assert_uint_eq(duo.me->received, 0);
  duo.me->hook = NULL;
  ck_assert_int_eq(party_read_start(duo.me), 0);
  DUO_UNTIL(&duo, duo.me->received == 1000);
  duo_close(&duo);
}
END_TEST


/* What the wire gave to |me| is with |me| or in its socket. */
START_TEST(a_paused_reader_holds_the_peer_back) {
  unsigned int writes;
  uint64_t moved;
  int i;

  duo_open_wired(&duo, _i);
  duo_shrink(&duo);
  duo_connect(&duo);
  duo_settle(&duo);
  ck_assert_int_eq(party_read_stop(duo.me), 0);
  for (i = 0; i < 16; i++)
    ck_assert_int_eq(party_write(duo.peer, MIB), 0);
  duo_settle(&duo);
  moved = duo.to_me->moved;
  writes = duo.peer->writes;
  ck_assert_uint_lt(moved, 2 * MIB);
  ck_assert_uint_lt(writes, 16);
  ck_assert_uint_eq(duo.me->received, 0);

  ck_assert_int_eq(party_read_start(duo.me), 0);
  DUO_UNTIL(&duo, duo.me->received == 16 * MIB && duo.peer->writes == 16);
  duo_close(&duo);
}
END_TEST


START_TEST(a_paused_reader_can_write) {
  duo_open(&duo, _i);
  duo_connect(&duo);
  ck_assert_int_eq(party_read_stop(duo.me), 0);
  ck_assert_int_eq(party_write(duo.peer, MIB), 0);
  ck_assert_int_eq(party_write(duo.me, MIB), 0);
  DUO_UNTIL(&duo, duo.me->writes == 1 && duo.peer->received == MIB);
  ck_assert_uint_eq(duo.me->received, 0);
  duo_close(&duo);
}
END_TEST


/* Both have said close_notify, and the engine of the one that does not read
 * knows. */
START_TEST(a_paused_reader_notices_close_notify) {
  const tlsloop_engine_t* engine;

  duo_open(&duo, _i);
  duo_connect(&duo);
  ck_assert_int_eq(party_read_stop(duo.me), 0);
  ck_assert_int_eq(party_shutdown(duo.me), 0);
  ck_assert_int_eq(party_shutdown(duo.peer), 0);
  engine = tlsloop_stream_engine(duo.me->stream);
  DUO_UNTIL(&duo, tlsloop_engine_state(engine) == TLSLOOP_ENGINE_CLOSED);
  duo_settle(&duo);
  ck_assert_int_eq(duo.me->ends, 0);

  ck_assert_int_eq(party_read_start(duo.me), 0);
  DUO_UNTIL(&duo, duo.me->ends == 1);
  ck_assert_int_eq(duo.me->read_status, UV_EOF);
  ck_assert_int_eq(party_read_start(duo.me), UV_EOF);
  duo_close(&duo);
}
END_TEST


/* The wire changes a byte of what |me| writes; the peer's alert ends |me|'s
 * writing though nobody reads. */
START_TEST(a_paused_reader_notices_an_alert) {
  int expected;

  expected = TLSLOOP_EALERT_RECEIVED - 20;
  duo_open_wired(&duo, _i);
  duo_connect(&duo);
  duo_settle(&duo);
  ck_assert_int_eq(party_read_stop(duo.me), 0);
  duo.to_peer->flip = duo.to_peer->moved + 30;
  duo.to_peer->mask = 1;
  ck_assert_int_eq(party_write(duo.me, 100), 0);
  DUO_UNTIL(&duo, duo.peer->ends == 1);
  ck_assert_int_eq(duo.peer->read_status, TLSLOOP_EALERT_SENT - 20);
  DUO_UNTIL(&duo, tlsloop_stream_error(duo.me->stream) != NULL);
  ck_assert_int_eq(party_write(duo.me, 1), expected);
  ck_assert_int_eq(party_shutdown(duo.me), expected);
  ck_assert_int_eq(duo.me->ends, 0);

  ck_assert_int_eq(party_read_start(duo.me), 0);
  DUO_UNTIL(&duo, duo.me->ends == 1);
  ck_assert_int_eq(duo.me->read_status, expected);
  ck_assert_int_eq(party_read_start(duo.me), expected);
  duo_close(&duo);
}
END_TEST


Suite* suite(void) {
  const TTest* tests[] = {
      nothing_comes_after_a_stop_in_the_read_callback,
      a_new_start_delivers_what_waits_without_the_peer,
      each_start_delivers_one_more_buffer,
      a_stop_right_after_a_start_delivers_nothing,
      a_second_start_is_refused,
      reading_needs_both_callbacks,
      an_alloc_callback_without_room_stops_and_loses_nothing,
      a_stop_in_the_alloc_callback_gets_the_buffer_back,
      a_paused_reader_holds_the_peer_back,
      a_paused_reader_can_write,
      a_paused_reader_notices_close_notify,
  };
  Suite* suite;
  TCase* tcase;
  size_t i;

  suite = suite_create("stream read");
  tcase = duo_case(suite, "read");
  for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    tcase_add_loop_test(tcase, tests[i], 0, DUO_ALL);
  /* A carrier whose records are damaged brings no alert of the peer's. */
  tcase_add_loop_test(tcase, a_paused_reader_notices_an_alert, 0, DUO_SIDES);
  return suite;
}
