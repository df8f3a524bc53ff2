/* SPDX-License-Identifier: MIT */

/* Reading fills a buffer with all that there is, asks for none when there is
 * nothing, and lets no peer make us answer without end. */

#include <openssl/ssl.h>
#include <string.h>

#include "stream/pump.h"
#include "support/duo.h"

#define KIB ((size_t) 1024)

static duo_t duo;


static tlsloop__stream_t* inside(const party_t* party) {
  return party->stream->impl;
}


static size_t waiting(const tlsloop__stream_t* s) {
  return (size_t) (s->cipher_out.total - s->flushed);
}


START_TEST(records_that_are_there_share_a_buffer) {
  duo_open_wired(&duo, _i);
  duo_connect(&duo);
  duo_settle(&duo);
  duo.to_me->hold = duo.to_me->moved;
  ck_assert_int_eq(party_write(duo.peer, 60 * KIB), 0);
  DUO_UNTIL(&duo, duo.peer->writes == 1);
  duo.to_me->hold = WIRE_NEVER;
  duo.me->allocs = 0;
  DUO_UNTIL(&duo, duo.me->received == 60 * KIB);
  ck_assert_uint_eq(duo.me->allocs, 1);
  duo_close(&duo);
}
END_TEST


START_TEST(no_buffer_is_asked_for_without_input) {
  int i;

  duo_open(&duo, _i);
  duo_connect(&duo);
  duo_settle(&duo);
  duo.me->allocs = 0;
  for (i = 0; i < 10; i++)
    tlsloop__pump(inside(duo.me));
  loop_settle(&duo.loop);
  ck_assert_uint_eq(duo.me->allocs, 0);
  duo_close(&duo);
}
END_TEST


/* A part of a record asks once and hands back; then it is with TLS. */
START_TEST(a_part_of_a_record_asks_for_one_buffer) {
  duo_open_wired(&duo, _i);
  duo_connect(&duo);
  duo_settle(&duo);
  duo.to_me->hold = duo.to_me->moved + 500;
  ck_assert_int_eq(party_write(duo.peer, 1000), 0);
  duo.me->allocs = 0;
  duo_settle(&duo);
  ck_assert_uint_eq(duo.me->received, 0);
  ck_assert_uint_eq(duo.me->allocs, 1);
  ck_assert_uint_eq(tlsloop_bio_pending(&inside(duo.me)->cipher_in), 0);
  duo.to_me->hold = WIRE_NEVER;
  DUO_UNTIL(&duo, duo.me->received == 1000);
  ck_assert_uint_eq(duo.me->allocs, 2);
  duo_close(&duo);
}
END_TEST


/* In the order in which they came, though both are there when it resumes. */
START_TEST(a_reader_that_paused_gets_data_before_the_end) {
  duo_open(&duo, _i);
  duo_connect(&duo);
  ck_assert_int_eq(party_read_stop(duo.me), 0);
  ck_assert_int_eq(party_write(duo.peer, 10 * KIB), 0);
  ck_assert_int_eq(party_shutdown(duo.peer), 0);
  DUO_UNTIL(&duo, inside(duo.me)->transport_end == UV_EOF);
  ck_assert_int_eq(inside(duo.me)->read_end, 0);
  ck_assert_int_eq(party_read_start(duo.me), 0);
  DUO_UNTIL(&duo, duo.me->ends == 1);
  ck_assert_uint_eq(duo.me->received, 10 * KIB);
  ck_assert_int_eq(duo.me->read_status, UV_EOF);
  ck_assert_int_eq(inside(duo.me)->read_end_told, 1);
  duo_close(&duo);
}
END_TEST


START_TEST(an_end_is_noted_but_kept_while_nobody_reads) {
  duo_open(&duo, _i);
  duo_connect(&duo);
  ck_assert_int_eq(party_read_stop(duo.me), 0);
  ck_assert_int_eq(party_shutdown(duo.peer), 0);
  DUO_UNTIL(&duo, inside(duo.me)->read_end == UV_EOF);
  ck_assert_int_eq(inside(duo.me)->read_end_told, 0);
  ck_assert_int_eq(inside(duo.me)->transport_reading, 0);
  ck_assert_int_eq(party_read_start(duo.me), 0);
  DUO_UNTIL(&duo, duo.me->ends == 1);
  duo_close(&duo);
}
END_TEST


/* A session comes in a ticket, behind which data may wait. */
static void on_session(tlsloop_engine_t* engine,
                       tlsloop_session_t* session,
                       void* arg) {
  (void) engine, (void) session, (void) arg;
  if (!duo.me->reading)
    ck_assert_int_eq(party_read_start(duo.me), 0);
}


START_TEST(reading_begins_in_a_callback_of_the_engine) {
  int kind = DUO_TLS_1_3;
  tlsloop_ctx_t* client = duo_ctx(kind, TLSLOOP_CLIENT);

  ck_assert_int_eq(tlsloop_ctx_set_session_cb(client, on_session, NULL), 0);
  duo_open_with(&duo, kind, 0, client, NULL);
  ck_assert_int_eq(party_handshake(duo.me), 0);
  ck_assert_int_eq(party_write(duo.peer, 10), 0);
  DUO_UNTIL(&duo, duo.me->received == 10);
  duo_close(&duo);
}
END_TEST


/* Lets the peer ask |count| times for a new key of ours. */
static void ask_for_keys(int count) {
  tlsloop__stream_t* s;
  int i;

  s = inside(duo.peer);
  for (i = 0; i < count; i++) {
    SSL_key_update(s->engine->ssl, SSL_KEY_UPDATE_REQUESTED);
    ck_assert_int_eq(tlsloop__engine_send_handshake(s->engine), 0);
  }
  tlsloop__pump_ask(s);
}


/* Each question is answered with a record, so a peer that asks and does not
 * read the answers has to wait. */
static void flood(int kind, int paused) {
  tlsloop__stream_t* s;
  size_t most;
  int i;

  duo_open_wired(&duo, kind | DUO_TLS_1_3);
  duo_shrink(&duo);
  duo_connect(&duo);
  duo_settle(&duo);
  if (paused)
    ck_assert_int_eq(party_read_stop(duo.me), 0);
  duo.to_peer->hold = duo.to_peer->moved;
  s = inside(duo.me);
  /* What it writes alone never comes that far. */
  ck_assert_int_eq(party_write(duo.me, 4 * KIB * KIB), 0);
  duo_settle(&duo);
  ck_assert_uint_ge(waiting(s), TLSLOOP__WINDOW);
  ck_assert_int_eq(tlsloop__stream_is_choked(s), 0);
  while (!tlsloop__stream_is_choked(s)) {
    ask_for_keys(1000);
    duo_settle(&duo);
  }
  most = waiting(s);
  ck_assert_uint_lt(most, TLSLOOP__CHOKED_LIMIT + 2 * TLSLOOP__READ_SIZE);
  for (i = 0; i < 6; i++) {
    ask_for_keys(1000);
    duo_settle(&duo);
  }
  ck_assert_uint_eq(waiting(s), most);
  ck_assert_uint_le(tlsloop_bio_pending(&s->cipher_in),
                    TLSLOOP__PAUSED_LIMIT + TLSLOOP__READ_SIZE);
  ck_assert_int_eq(s->transport_reading, 0);

  /* Once it reads, everything goes on. */
  duo.to_peer->hold = WIRE_NEVER;
  ck_assert_int_eq(party_write(duo.peer, 100), 0);
  if (paused)
    ck_assert_int_eq(party_read_start(duo.me), 0);
  DUO_UNTIL(&duo, duo.me->received == 100);
  ck_assert_int_eq(party_write(duo.me, 100), 0);
  DUO_UNTIL(&duo, duo.peer->received == duo.me->sent);
  duo_close(&duo);
}


START_TEST(a_peer_that_asks_and_does_not_read_has_to_wait) {
  flood(_i ? DUO_PIPE | DUO_SERVER : 0, 0);
}
END_TEST


START_TEST(so_it_has_while_nobody_reads) {
  flood(_i ? DUO_PIPE | DUO_SERVER : 0, 1);
}
END_TEST


Suite* suite(void) {
  const TTest* tests[] = {
      records_that_are_there_share_a_buffer,
      no_buffer_is_asked_for_without_input,
      a_part_of_a_record_asks_for_one_buffer,
      a_reader_that_paused_gets_data_before_the_end,
      an_end_is_noted_but_kept_while_nobody_reads,
  };
  Suite* suite;
  TCase* tcase;
  size_t i;

  suite = suite_create("read");
  tcase = duo_case(suite, "read");
  for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    tcase_add_loop_test(tcase, tests[i], 0, DUO_SIDES);
  tcase_add_loop_test(
      tcase, a_peer_that_asks_and_does_not_read_has_to_wait, 0, 2);
  tcase_add_test(tcase, reading_begins_in_a_callback_of_the_engine);
  tcase_add_loop_test(tcase, so_it_has_while_nobody_reads, 0, 2);
  return suite;
}
