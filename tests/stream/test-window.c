/* SPDX-License-Identifier: MIT */

/* What may be on its way grows while the system takes it all, and is little
 * again when it does not. */

#include "stream/pump.h"
#include "support/duo.h"

#define MIB   (1024 * 1024)
#define KINDS 4 /* over TCP, which takes a large window at once */

static duo_t duo;

static tlsloop__stream_t* inside(void) {
  return duo.me->stream->impl;
}

static void open_wired(int kind) {
  int size = MIB;

  duo_open_wired(&duo,
                 (kind & 1 ? DUO_TLS_1_3 : 0) | (kind & 2 ? DUO_SERVER : 0));
  ck_assert_int_eq(uv_send_buffer_size((uv_handle_t*) duo.me->transport, &size),
                   0);
  duo_connect(&duo);
  duo_settle(&duo);
}

/* Writes |len| bytes; the peer reads them. */
static void write_to_reader(size_t len) {
  ck_assert_int_eq(party_write(duo.me, len), 0);
  DUO_UNTIL(&duo, duo.peer->received == duo.me->sent);
}

/* Writes whole windows to a peer that keeps up until they have |size|. */
static void grow_to(size_t size) {
  int i;

  for (i = 0; i < 100 && tlsloop__window(inside()) < size; i++)
    write_to_reader(tlsloop__window(inside()));
  ck_assert_uint_eq(tlsloop__window(inside()), size);
}

START_TEST(it_doubles_twice) {
  tlsloop__stream_t s = {.windows = 0};

  ck_assert_uint_eq(tlsloop__window(&s), 64 * 1024);
  s.windows = 23;
  ck_assert_uint_eq(tlsloop__window(&s), 64 * 1024);
  s.windows = 24;
  ck_assert_uint_eq(tlsloop__window(&s), 128 * 1024);
  s.windows = 47;
  ck_assert_uint_eq(tlsloop__window(&s), 128 * 1024);
  s.windows = 48;
  ck_assert_uint_eq(tlsloop__window(&s), TLSLOOP__WINDOW_MAX);
}
END_TEST

START_TEST(only_windows_taken_whole_count_and_not_beyond_the_last) {
  tlsloop__stream_t s = {.windows = 0};
  int i;

  tlsloop__window_note(&s, TLSLOOP__WINDOW - 1);
  ck_assert_uint_eq(s.windows, 0);
  tlsloop__window_note(&s, TLSLOOP__WINDOW);
  ck_assert_uint_eq(s.windows, 1);
  for (i = 0; i < 100; i++)
    tlsloop__window_note(&s, TLSLOOP__WINDOW_MAX);
  ck_assert_uint_eq(s.windows, 48);
}
END_TEST

START_TEST(it_grows_while_the_peer_keeps_up) {
  open_wired(_i);
  ck_assert_uint_eq(tlsloop__window(inside()), TLSLOOP__WINDOW);
  grow_to(TLSLOOP__WINDOW_MAX);
  write_to_reader(TLSLOOP__WINDOW_MAX);
  ck_assert_uint_eq(tlsloop__window(inside()), TLSLOOP__WINDOW_MAX);
  duo_close(&duo);
}
END_TEST

START_TEST(small_messages_do_not_make_it_grow) {
  int i;

  open_wired(_i);
  for (i = 0; i < 100; i++)
    write_to_reader(1024);
  ck_assert_uint_eq(inside()->windows, 0);
  duo_close(&duo);
}
END_TEST

START_TEST(it_is_small_again_when_the_peer_does_not) {
  open_wired(_i);
  grow_to(TLSLOOP__WINDOW_MAX);
  duo.to_peer->hold = duo.to_peer->moved;
  ck_assert_int_eq(party_write(duo.me, 32 * MIB), 0);
  duo_settle(&duo);
  ck_assert_uint_eq(tlsloop__window(inside()), TLSLOOP__WINDOW);
  ck_assert_int_eq(tlsloop__stream_is_choked(inside()), 0);
  duo.to_peer->hold = WIRE_NEVER;
  DUO_UNTIL(&duo, duo.peer->received == duo.me->sent);
  duo_close(&duo);
}
END_TEST

Suite* suite(void) {
  Suite* suite = suite_create("window");
  TCase* tcase = duo_case(suite, "window");

  tcase_add_test(tcase, it_doubles_twice);
  tcase_add_test(tcase, only_windows_taken_whole_count_and_not_beyond_the_last);
  tcase_add_loop_test(tcase, it_grows_while_the_peer_keeps_up, 0, KINDS);
  tcase_add_loop_test(tcase, small_messages_do_not_make_it_grow, 0, KINDS);
  tcase_add_loop_test(
      tcase, it_is_small_again_when_the_peer_does_not, 0, KINDS);
  return suite;
}
