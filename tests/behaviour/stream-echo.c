/* SPDX-License-Identifier: MIT */

/* Bytes that are written on one side arrive unchanged on the other, however
 * they are cut into writes, buffers and reads. The parties check each byte. */

#include "support/duo.h"

#define MIB ((size_t) 1024 * 1024)

static duo_t duo;


/* Sends back as much as came. */
static void echo(party_t* party, int event) {
  if (event == PARTY_DATA)
    ck_assert_int_eq(
        party_write(party, (size_t) (party->received - party->sent)), 0);
}


static void round_trip(size_t len) {
  uint64_t before;

  before = duo.me->received;
  ck_assert_int_eq(party_write(duo.me, len), 0);
  DUO_UNTIL(&duo, duo.me->received == before + len);
  DUO_UNTIL(&duo, duo.me->writes == duo.me->writes_begun);
  ck_assert_uint_eq(duo.me->failed_writes, 0);
}


START_TEST(every_size_comes_back_unchanged) {
  static const size_t sizes[] = {0,
                                 1,
                                 2,
                                 100,
                                 16 * 1024 - 1,
                                 16 * 1024,
                                 16 * 1024 + 1,
                                 64 * 1024 - 1,
                                 64 * 1024,
                                 64 * 1024 + 1,
                                 128 * 1024 + 1,
                                 1024 * 1024};
  size_t i;

  duo_open(&duo, _i);
  duo.peer->hook = echo;
  duo_connect(&duo);
  for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
    round_trip(sizes[i]);
  duo_close(&duo);
}
END_TEST


START_TEST(both_directions_are_full_at_once) {
  int i;

  duo_open(&duo, _i);
  duo_connect(&duo);
  for (i = 0; i < 8; i++) {
    ck_assert_int_eq(party_write(duo.me, MIB), 0);
    ck_assert_int_eq(party_write(duo.peer, MIB), 0);
  }
  DUO_UNTIL(&duo,
            duo.me->received == 8 * MIB && duo.peer->received == 8 * MIB &&
                duo.me->writes == 8 && duo.peer->writes == 8);
  duo_close(&duo);
}
END_TEST


START_TEST(a_write_of_nothing_sends_nothing_and_completes) {
  size_t lens[3] = {0, 0, 0};

  duo_open_wired(&duo, _i);
  duo_connect(&duo);
  duo_settle(&duo);
  duo.to_peer->hold = duo.to_peer->moved;
  ck_assert_int_eq(party_write(duo.me, 0), 0);
  ck_assert_int_eq(party_write_many(duo.me, lens, 3), 0);
  DUO_UNTIL(&duo, duo.me->writes == 2);
  ck_assert_int_eq(duo.me->write_status, 0);
  duo.to_peer->hold = WIRE_NEVER;
  ck_assert_int_eq(wire_step(&duo.wire), 0);
  duo_close(&duo);
}
END_TEST


START_TEST(two_thousand_buffers_are_one_write) {
  size_t lens[2000];
  size_t total;
  unsigned int i;

  total = 0;
  for (i = 0; i < 2000; i++) {
    lens[i] = i % 7 == 0 ? 0 : i;
    total += lens[i];
  }
  duo_open(&duo, _i);
  duo_connect(&duo);
  ck_assert_int_eq(party_write_many(duo.me, lens, 2000), 0);
  DUO_UNTIL(&duo, duo.peer->received == total && duo.me->writes == 1);
  duo_close(&duo);
}
END_TEST


START_TEST(large_and_small_buffers_keep_their_order) {
  static const size_t lens[] = {1, 100000, 0, 3, 16384, 70000, 5, 16383, 2};
  int i;

  duo_open(&duo, _i);
  duo_connect(&duo);
  for (i = 0; i < 20; i++)
    ck_assert_int_eq(party_write_many(duo.me, lens, 9), 0);
  DUO_UNTIL(&duo, duo.me->writes == 20 && duo.peer->received == duo.me->sent);
  duo_close(&duo);
}
END_TEST


START_TEST(a_reader_with_tiny_buffers_gets_everything) {
  duo_open(&duo, _i);
  duo.peer->alloc_size = 1;
  duo_connect(&duo);
  ck_assert_int_eq(party_write(duo.me, 10000), 0);
  DUO_UNTIL(&duo, duo.peer->received == 10000);
  duo_close(&duo);
}
END_TEST


START_TEST(a_reader_with_a_huge_buffer_gets_what_there_is) {
  duo_open(&duo, _i);
  duo.peer->alloc_size = 2 * MIB;
  duo_connect(&duo);
  ck_assert_int_eq(party_write(duo.me, 3), 0);
  DUO_UNTIL(&duo, duo.peer->received == 3);
  ck_assert_int_eq(party_write(duo.me, MIB), 0);
  DUO_UNTIL(&duo, duo.peer->received == 3 + MIB);
  duo_close(&duo);
}
END_TEST


START_TEST(reading_or_writing_begins_the_handshake) {
  duo_open(&duo, _i);
  ck_assert_int_eq(party_read_start(duo.me), 0);
  ck_assert_int_eq(party_write(duo.peer, 1000), 0);
  DUO_UNTIL(&duo, duo.me->received == 1000);
  ck_assert_int_eq(duo.me->handshakes, 0);
  duo_close(&duo);
}
END_TEST


START_TEST(the_negotiated_version_is_the_one_wanted) {
  duo_open(&duo, _i);
  duo_connect(&duo);
  ck_assert_str_eq(
      tlsloop_engine_version(tlsloop_stream_engine(duo.me->stream)),
      _i & DUO_TLS_1_3 ? "TLSv1.3" : "TLSv1.2");
  ck_assert_ptr_null(tlsloop_stream_error(duo.me->stream));
  duo_close(&duo);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("stream echo");
  tcase = duo_case(suite, "echo");
  tcase_add_loop_test(tcase, every_size_comes_back_unchanged, 0, DUO_ALL);
  tcase_add_loop_test(tcase, both_directions_are_full_at_once, 0, DUO_KINDS);
  tcase_add_loop_test(
      tcase, a_write_of_nothing_sends_nothing_and_completes, 0, DUO_ALL);
  tcase_add_loop_test(tcase, two_thousand_buffers_are_one_write, 0, DUO_ALL);
  tcase_add_loop_test(
      tcase, large_and_small_buffers_keep_their_order, 0, DUO_ALL);
  tcase_add_loop_test(
      tcase, a_reader_with_tiny_buffers_gets_everything, 0, DUO_ALL);
  tcase_add_loop_test(
      tcase, a_reader_with_a_huge_buffer_gets_what_there_is, 0, DUO_ALL);
  tcase_add_loop_test(
      tcase, reading_or_writing_begins_the_handshake, 0, DUO_ALL);
  tcase_add_loop_test(
      tcase, the_negotiated_version_is_the_one_wanted, 0, DUO_ALL);
  return suite;
}
