/* SPDX-License-Identifier: MIT */

/* A shutdown sends what is queued, then close_notify, then the transport's
 * end; reading goes on, and the peer cannot hold it up for ever. */

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "support/duo.h"

#define MIB ((size_t) 1024 * 1024)

static duo_t duo;

START_TEST(what_was_written_arrives_before_the_end) {
  duo_open(&duo, _i);
  duo_connect(&duo);
  ck_assert_int_eq(party_write(duo.me, 3 * MIB), 0);
  ck_assert_int_eq(party_write(duo.me, 1), 0);
  ck_assert_int_eq(party_shutdown(duo.me), 0);
  DUO_UNTIL(&duo, duo.peer->ends && duo.me->shutdowns);
  ck_assert_int_eq(duo.peer->read_status, UV_EOF);
  ck_assert_uint_eq(duo.peer->received, duo.me->sent);
  ck_assert_int_eq(duo.me->shutdown_status, 0);
  ck_assert_uint_eq(duo.me->writes, 2);
  duo_close(&duo);
}
END_TEST

START_TEST(one_asked_for_before_the_handshake_waits_for_it) {
  duo_open(&duo, _i);
  ck_assert_int_eq(party_shutdown(duo.me), UV_ENOTCONN);
  ck_assert_int_eq(party_write(duo.me, 10), 0);
  ck_assert_int_eq(party_shutdown(duo.me), 0);
  ck_assert_int_eq(party_read_start(duo.peer), 0);
  DUO_UNTIL(&duo, duo.peer->ends && duo.me->shutdowns);
  ck_assert_uint_eq(duo.peer->received, 10);
  ck_assert_int_eq(duo.me->shutdown_status, 0);
  duo_close(&duo);
}
END_TEST

START_TEST(reading_goes_on_after_it) {
  duo_open(&duo, _i);
  duo_connect(&duo);
  ck_assert_int_eq(party_shutdown(duo.me), 0);
  DUO_UNTIL(&duo, duo.peer->ends == 1);
  ck_assert_int_eq(party_write(duo.peer, MIB), 0);
  ck_assert_int_eq(party_shutdown(duo.peer), 0);
  DUO_UNTIL(&duo, duo.me->ends == 1);
  ck_assert_uint_eq(duo.me->received, MIB);
  ck_assert_int_eq(duo.me->read_status, UV_EOF);
  duo_close(&duo);
}
END_TEST

START_TEST(both_sides_may_shut_down_at_once) {
  duo_open(&duo, _i);
  duo_connect(&duo);
  ck_assert_int_eq(party_shutdown(duo.me), 0);
  ck_assert_int_eq(party_shutdown(duo.peer), 0);
  DUO_UNTIL(&duo, duo.me->ends && duo.peer->ends);
  DUO_UNTIL(&duo, duo.me->shutdowns && duo.peer->shutdowns);
  ck_assert_int_eq(duo.me->shutdown_status, 0);
  ck_assert_int_eq(duo.peer->shutdown_status, 0);
  ck_assert_int_eq(duo.me->read_status, UV_EOF);
  ck_assert_int_eq(duo.peer->read_status, UV_EOF);
  duo_close(&duo);
}
END_TEST

START_TEST(it_does_not_wait_for_the_peers_answer) {
  duo_open_wired(&duo, _i);
  duo_connect(&duo);
  duo_settle(&duo);
  duo.to_me->hold = duo.to_me->moved;
  ck_assert_int_eq(party_shutdown(duo.me), 0);
  DUO_UNTIL(&duo, duo.me->shutdowns == 1);
  ck_assert_int_eq(duo.me->shutdown_status, 0);
  duo_close(&duo);
}
END_TEST

START_TEST(nothing_can_be_written_after_it) {
  duo_open(&duo, _i);
  duo_connect(&duo);
  ck_assert_int_eq(party_shutdown(duo.me), 0);
  ck_assert_int_eq(party_write(duo.me, 1), UV_EPIPE);
  ck_assert_int_eq(party_try_write(duo.me, 1), UV_EPIPE);
  ck_assert_int_eq(party_shutdown(duo.me), UV_EALREADY);
  DUO_UNTIL(&duo, duo.me->shutdowns == 1);
  ck_assert_int_eq(party_write(duo.me, 1), UV_EPIPE);
  ck_assert_int_eq(party_shutdown(duo.me), UV_EALREADY);
  duo_close(&duo);
}
END_TEST

START_TEST(a_peer_that_takes_nothing_does_not_hold_it_up) {
  duo_open_wired(&duo, _i);
  duo_shrink(&duo);
  ck_assert_int_eq(tlsloop_stream_set_shutdown_timeout(duo.me->stream, 20), 0);
  duo_connect(&duo);
  duo_settle(&duo);
  duo.to_peer->hold = duo.to_peer->moved;
  ck_assert_int_eq(party_write(duo.me, 8 * MIB), 0);
  ck_assert_int_eq(party_shutdown(duo.me), 0);
  while (duo.me->shutdowns == 0)
    uv_run(&duo.loop.uv, UV_RUN_ONCE);
  ck_assert_int_eq(duo.me->shutdown_status, UV_ETIMEDOUT);
  ck_assert_int_eq(duo.me->write_status, UV_ETIMEDOUT);
  duo_close(&duo);
}
END_TEST

#ifdef TCP_CORK

/* Where Linux has counts that <netinet/tcp.h> does not know, in its tcp_info:
 * of all segments, and of those with data. */
#define SEGMENTS_OUT      136
#define DATA_SEGMENTS_OUT 156

/* The count at |offset| of my side. */
static uint32_t count_out(size_t offset) {
  char info[256] = {0};
  socklen_t len = sizeof(info);
  uint32_t count;
  uv_os_fd_t fd;

  ck_assert_int_eq(uv_fileno((uv_handle_t*) duo.me->transport, &fd), 0);
  ck_assert_int_eq(getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, &len), 0);
  ck_assert_uint_ge(len, offset + sizeof(count));
  memcpy(&count, info + offset, sizeof(count));
  return count;
}

static uint32_t segments_of_a_shutdown(int kind) {
  uint32_t before;
  uint32_t count;

  duo_open(&duo, kind);
  duo_connect(&duo);
  duo_settle(&duo);
  before = count_out(SEGMENTS_OUT);
  ck_assert_int_eq(party_write(duo.me, 100), 0);
  ck_assert_int_eq(party_shutdown(duo.me), 0);
  DUO_UNTIL(&duo, duo.me->shutdowns && duo.peer->ends);
  count = count_out(SEGMENTS_OUT) - before;
  ck_assert_uint_eq(duo.peer->received, 100);
  duo_close(&duo);
  return count;
}

/* Any try may have an acknowledgement of something else in between. */
START_TEST(data_and_both_ends_share_a_segment) {
  uint32_t least = 100;
  uint32_t count;
  int i;

  for (i = 0; i < 10; i++) {
    count = segments_of_a_shutdown(_i);
    least = count < least ? count : least;
  }
  ck_assert_uint_eq(least, 1);
}
END_TEST

/* Answers, and closes when the peer does. */
static void answer(party_t* party, int event) {
  if (event == PARTY_DATA)
    ck_assert_int_eq(party_write(party, 100), 0);
  if (event == PARTY_END)
    ck_assert_int_eq(party_shutdown(party), 0);
}

START_TEST(an_answer_to_the_last_request_shares_one_with_the_end) {
  uint32_t before;

  duo_open(&duo, _i);
  duo_connect(&duo);
  duo_settle(&duo);
  duo.me->hook = answer;
  before = count_out(DATA_SEGMENTS_OUT);
  ck_assert_int_eq(party_write(duo.peer, 100), 0);
  ck_assert_int_eq(party_shutdown(duo.peer), 0);
  DUO_UNTIL(&duo, duo.me->shutdowns && duo.peer->ends);
  ck_assert_uint_eq(count_out(DATA_SEGMENTS_OUT) - before, 1);
  ck_assert_uint_eq(duo.peer->received, 100);
  duo_close(&duo);
}
END_TEST

/* Over TCP, on both sides. */
static void add_segments(TCase* tcase) {
  const int kinds[] = {0, DUO_SERVER};
  size_t i;

  for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
    tcase_add_loop_test(tcase,
                        data_and_both_ends_share_a_segment,
                        kinds[i],
                        kinds[i] + DUO_VERSIONS);
    tcase_add_loop_test(tcase,
                        an_answer_to_the_last_request_shares_one_with_the_end,
                        kinds[i],
                        kinds[i] + DUO_VERSIONS);
  }
}

#else

static void add_segments(TCase* tcase) {
  (void) tcase;
}

#endif

Suite* suite(void) {
  const TTest* tests[] = {
      what_was_written_arrives_before_the_end,
      one_asked_for_before_the_handshake_waits_for_it,
      reading_goes_on_after_it,
      both_sides_may_shut_down_at_once,
      it_does_not_wait_for_the_peers_answer,
      nothing_can_be_written_after_it,
      a_peer_that_takes_nothing_does_not_hold_it_up,
  };
  Suite* suite = suite_create("shutdown");
  TCase* tcase = duo_case(suite, "shutdown");
  size_t i;

  for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    tcase_add_loop_test(tcase, tests[i], 0, DUO_SIDES);
  add_segments(tcase);
  return suite;
}
