/* SPDX-License-Identifier: MIT */

/* However the transport cuts and joins what the peer sends, a connection comes
 * to the same. */

#include <string.h>
#include <sys/socket.h>

#include "support/duo.h"

static duo_t duo;


/* How far apart offsets are tried: all of them over pipes, which are the
 * faster. */
static unsigned int step(int kind) {
  return kind & DUO_PIPE ? pair_stride() : 7 * pair_stride();
}


/* Sends something each way, then ends the connection in an orderly way. */
static void talk_and_end(void) {
  ck_assert_int_eq(party_write(&duo.client, 100), 0);
  ck_assert_int_eq(party_write(&duo.server, 200), 0);
  DUO_UNTIL(&duo, duo.client.received == 200 && duo.server.received == 100);
  ck_assert_int_eq(party_shutdown(&duo.client), 0);
  DUO_UNTIL(&duo, duo.client.shutdowns && duo.server.ends);
  ck_assert_int_eq(duo.client.shutdown_status, 0);
  ck_assert_int_eq(duo.server.read_status, UV_EOF);
  ck_assert_int_eq(party_shutdown(&duo.server), 0);
  DUO_UNTIL(&duo, duo.server.shutdowns && duo.client.ends);
  ck_assert_int_eq(duo.server.shutdown_status, 0);
  ck_assert_int_eq(duo.client.read_status, UV_EOF);
}


START_TEST(single_bytes_make_a_connection) {
  duo_open_wired(&duo, _i);
  duo.wire.to_server.chunk = 1;
  duo.wire.to_client.chunk = 1;
  duo_connect(&duo);
  talk_and_end();
  duo_close(&duo);
}
END_TEST


/* Makes a connection whose both directions are split at |offset|. Returns how
 * many bytes of a direction the handshake took at most. */
static uint64_t connect_split(int kind, uint64_t offset) {
  uint64_t to_server;
  uint64_t to_client;

  duo_open_wired(&duo, kind);
  duo.wire.to_server.split = offset;
  duo.wire.to_client.split = offset;
  duo_connect(&duo);
  to_server = duo.wire.to_server.moved;
  to_client = duo.wire.to_client.moved;
  ck_assert_int_eq(party_write(&duo.client, 1), 0);
  ck_assert_int_eq(party_write(&duo.server, 1), 0);
  DUO_UNTIL(&duo, duo.client.received == 1 && duo.server.received == 1);
  duo_close(&duo);
  return to_server > to_client ? to_server : to_client;
}


START_TEST(every_split_of_the_handshake_makes_a_connection) {
  uint64_t offset;
  uint64_t size;

  size = 1;
  for (offset = 1; offset < size + 1; offset += step(_i))
    size = connect_split(_i, offset);
  ck_assert_uint_gt(size, 500);
}
END_TEST


static void hold_what_follows(party_t* party, int event) {
  if (event == PARTY_HANDSHAKE)
    party->side == TLSLOOP_CLIENT
        ? (duo.wire.to_server.hold = duo.wire.to_server.moved)
        : (duo.wire.to_client.hold = duo.wire.to_client.moved);
}


START_TEST(all_in_one_go_is_handshake_then_data_then_end) {
  duo_open_wired(&duo, _i);
  duo.peer->hook = hold_what_follows;
  duo_start(&duo);
  ck_assert_int_eq(party_read_start(duo.me), 0);
  ck_assert_int_eq(party_write(duo.peer, 5), 0);
  ck_assert_int_eq(party_shutdown(duo.peer), 0);
  DUO_UNTIL(&duo, duo.peer->shutdowns == 1);
  ck_assert_uint_eq(duo.me->received, 0);

  duo.to_me->hold = WIRE_NEVER;
  DUO_UNTIL(&duo, duo.me->ends == 1);
  ck_assert_str_eq(duo.me->log + strspn(duo.me->log, "N"), "HADEN");
  ck_assert_int_eq(duo.me->read_status, UV_EOF);
  ck_assert_uint_eq(duo.me->received, 5);
  duo_close(&duo);
}
END_TEST


/* Lets the transport to |me| end after |offset| bytes of its handshake.
 * Returns 0 when the handshake was complete before. */
static int connect_cut(int kind, uint64_t offset) {
  int cut;

  duo_open_wired(&duo, kind);
  duo.to_me->cut = offset;
  duo_start(&duo);
  ck_assert_int_eq(party_read_start(duo.me), 0);
  ck_assert_int_eq(party_write(duo.me, 10), 0);
  DUO_UNTIL(&duo, duo.me->handshakes == 1);
  cut = duo.me->handshake_status != 0;
  if (cut)
    ck_assert_int_eq(duo.me->handshake_status, TLSLOOP_ETRUNCATED);
  DUO_UNTIL(&duo, duo.me->writes == 1);
  ck_assert_int_eq(duo.me->ends, 0);
  ck_assert_uint_eq(duo.me->failed_writes, cut);
  duo_close(&duo);
  return cut;
}


START_TEST(an_end_anywhere_in_the_handshake_is_one_error) {
  uint64_t offset;

  offset = 0;
  while (connect_cut(_i, offset))
    offset += step(_i);
  ck_assert_uint_gt(offset, 200);
}
END_TEST


/* Puts |words| on the socket toward |me|, behind what has come so far. */
static void interject(const char* words) {
  ck_assert_int_eq(
      (int) send(duo.to_me->to, words, strlen(words), MSG_NOSIGNAL),
      (int) strlen(words));
}


/* What is no TLS follows a flight of the handshake so closely that both are
 * read at once. */
START_TEST(garbage_behind_a_flight_is_one_error_and_never_data) {
  duo_open_wired(&duo, _i);
  ck_assert_int_eq(party_handshake(duo.peer), 0);
  if (duo.me->side == TLSLOOP_CLIENT) {
    ck_assert_int_eq(party_handshake(duo.me), 0);
    duo_turn(&duo);
  }
  /* The wire moves what the peer answers, but |me| does not look yet. */
  while (duo.to_me->moved == 0) {
    loop_turn(&duo.loop);
    wire_step(&duo.wire);
  }
  interject("QUIT and a lot of other words that are no record of TLS\r\n");
  if (duo.me->side == TLSLOOP_SERVER)
    ck_assert_int_eq(party_handshake(duo.me), 0);
  ck_assert_int_eq(party_read_start(duo.me), 0);
  ck_assert_int_eq(party_write(duo.me, 10), 0);
  duo_settle(&duo);
  ck_assert_int_eq(duo.me->handshakes, 1);
  if (duo.me->handshake_status == 0)
    ck_assert_int_eq(duo.me->ends, 1);
  else
    ck_assert_uint_eq(duo.me->failed_writes, 1);
  ck_assert_uint_eq(duo.me->received, 0);
  ck_assert_int_lt(tlsloop_stream_error(duo.me->stream)->code, 0);
  duo_close(&duo);
}
END_TEST


static uint64_t reset_at;

/* Breaks the wire once |reset_at| bytes have come to |me|. Returns 0 when the
 * handshake was complete before. */
static int connect_reset(int kind) {
  int broken;

  duo_open_wired(&duo, kind);
  duo.to_me->hold = reset_at;
  duo_start(&duo);
  ck_assert_int_eq(party_write(duo.me, 10), 0);
  duo_settle(&duo);
  ck_assert_uint_le(duo.to_me->moved, reset_at);
  broken = duo.me->handshakes == 0;
  wire_reset(&duo.wire);
  DUO_UNTIL(&duo, duo.me->handshakes == 1 && duo.me->writes == 1);
  if (broken)
    ck_assert_int_eq(duo.me->handshake_status, UV_ECONNRESET);
  ck_assert_uint_eq(duo.me->failed_writes, broken);
  duo_close(&duo);
  return broken;
}


START_TEST(a_reset_anywhere_in_the_handshake_is_one_error) {
  int kind;

  kind = (_i & 1) | (_i & 2 ? DUO_SERVER : 0);
  reset_at = 0;
  while (connect_reset(kind))
    reset_at += 7 * pair_stride();
  ck_assert_uint_gt(reset_at, 200);
}
END_TEST


/* Changes one byte of what comes to |me|, who may notice at once, later, or,
 * where TLS does not look, never; but never hears what was not said. */
static void connect_flipped(int kind, uint64_t offset) {
  duo_open_wired(&duo, kind);
  duo.to_me->flip = offset;
  duo.to_me->mask = 0x20;
  duo_start(&duo);
  ck_assert_int_eq(party_read_start(duo.me), 0);
  ck_assert_int_eq(party_write(duo.peer, 10), 0);
  duo_settle(&duo);
  ck_assert(duo.me->received == 0 || duo.me->received == 10);
  duo_close(&duo);
}


START_TEST(a_changed_byte_in_the_handshake_never_becomes_data) {
  uint64_t offset;

  for (offset = 0; offset < 1000; offset += step(_i))
    connect_flipped(_i, offset);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("stream delivery");
  tcase = duo_case(suite, "delivery");
  tcase_add_loop_test(tcase, single_bytes_make_a_connection, 0, DUO_KINDS);
  tcase_add_loop_test(
      tcase, every_split_of_the_handshake_makes_a_connection, 0, DUO_KINDS);
  tcase_add_loop_test(
      tcase, all_in_one_go_is_handshake_then_data_then_end, 0, DUO_ALL);
  tcase_add_loop_test(
      tcase, garbage_behind_a_flight_is_one_error_and_never_data, 0, DUO_SIDES);
  tcase_add_loop_test(
      tcase, an_end_anywhere_in_the_handshake_is_one_error, 0, DUO_SIDES);
  tcase_add_loop_test(
      tcase, a_reset_anywhere_in_the_handshake_is_one_error, 0, 4);
  tcase_add_loop_test(
      tcase, a_changed_byte_in_the_handshake_never_becomes_data, 0, DUO_SIDES);
  return suite;
}
