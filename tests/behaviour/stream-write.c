/* SPDX-License-Identifier: MIT */

/* Writes are taken in any state but the ended ones, kept in order, and
 * completed once: when their bytes are with the system, or when they never
 * will be. */

#include <stdlib.h>
#include <string.h>

#include "support/always.h"
#include "support/duo.h"

#define KIB ((size_t) 1024)
#define MIB (KIB * KIB)

static duo_t duo;


static size_t queued(const party_t* party) {
  return tlsloop_stream_get_write_queue_size(party->stream);
}


START_TEST(writes_before_the_handshake_go_out_after_it_in_order) {
  int i;

  duo_open(&duo, _i);
  ck_assert_int_eq(party_write(duo.me, 1), 0);
  ck_assert_int_eq(party_write(duo.me, MIB), 0);
  duo_start(&duo);
  ck_assert_int_eq(party_read_start(duo.peer), 0);
  for (i = 0; i < 100; i++)
    ck_assert_int_eq(party_write(duo.me, 100), 0);
  ck_assert_uint_eq(queued(duo.me), 1 + MIB + 100 * 100);
  DUO_UNTIL(&duo, duo.me->writes == 102 && duo.peer->received == duo.me->sent);
  ck_assert_uint_eq(duo.me->failed_writes, 0);
  duo_close(&duo);
}
END_TEST


START_TEST(closing_before_the_handshake_cancels_each_write_once) {
  duo_open(&duo, _i);
  ck_assert_int_eq(party_handshake(duo.me), 0);
  ck_assert_int_eq(party_write(duo.me, 1), 0);
  ck_assert_int_eq(party_write(duo.me, MIB), 0);
  ck_assert_int_eq(party_write(duo.me, 0), 0);
  ck_assert_int_eq(party_shutdown(duo.me), 0);
  loop_turn(&duo.loop);
  party_close(duo.me);
  DUO_UNTIL(&duo, duo.me->closed);
  ck_assert_str_eq(duo.me->log + strspn(duo.me->log, "N"), "HWWWSC");
  ck_assert_int_eq(duo.me->handshake_status, UV_ECANCELED);
  ck_assert_int_eq(duo.me->write_status, UV_ECANCELED);
  ck_assert_uint_eq(duo.me->failed_writes, 3);
  ck_assert_int_eq(duo.me->shutdown_status, UV_ECANCELED);
  duo_close(&duo);
}
END_TEST


START_TEST(closing_with_writes_in_flight_cancels_those_not_done) {
  int i;

  duo_open_wired(&duo, _i);
  duo_shrink(&duo);
  duo_connect(&duo);
  duo.to_peer->hold = duo.to_peer->moved;
  for (i = 0; i < 8; i++)
    ck_assert_int_eq(party_write(duo.me, MIB), 0);
  duo_settle(&duo);
  ck_assert_uint_lt(duo.me->writes, 8);
  party_close(duo.me);
  DUO_UNTIL(&duo, duo.me->closed);
  ck_assert_uint_eq(duo.me->writes, 8);
  ck_assert_int_eq(duo.me->write_status, UV_ECANCELED);
  duo_close(&duo);
}
END_TEST


START_TEST(a_write_completes_only_when_the_system_has_its_bytes) {
  duo_open_wired(&duo, _i);
  duo_shrink(&duo);
  duo_connect(&duo);
  duo.to_peer->hold = duo.to_peer->moved;
  ck_assert_int_eq(party_write(duo.me, 8 * MIB), 0);
  ck_assert_int_eq(party_write(duo.me, 0), 0);
  ck_assert_uint_eq(queued(duo.me), 8 * MIB);
  duo_settle(&duo);
  ck_assert_uint_eq(duo.me->writes, 0);
  ck_assert_uint_gt(queued(duo.me), 4 * MIB);

  duo.to_peer->hold = WIRE_NEVER;
  DUO_UNTIL(&duo, duo.me->writes == 2);
  ck_assert_int_eq(duo.me->write_status, 0);
  ck_assert_uint_eq(queued(duo.me), 0);
  DUO_UNTIL(&duo, duo.peer->received == 8 * MIB);
  duo_close(&duo);
}
END_TEST


START_TEST(ten_thousand_tiny_writes_share_records) {
  uint64_t before;
  int i;

  duo_open_wired(&duo, _i);
  duo_connect(&duo);
  duo_settle(&duo);
  before = duo.to_peer->moved;
  for (i = 0; i < 10000; i++)
    ck_assert_int_eq(party_write(duo.me, 1), 0);
  DUO_UNTIL(&duo, duo.me->writes == 10000 && duo.peer->received == 10000);
  /* One record would do; each has less than 40 bytes of its own. */
  ck_assert_uint_lt(duo.to_peer->moved - before, 10000 + 4 * 40);
  duo_close(&duo);
}
END_TEST


/* Writes until |countdown| writes were made, one from the callback of another;
 * notes how deep the stack is. */
static struct {
  unsigned int countdown;
  const char* lowest;
  const char* highest;
  unsigned int ticks;
} chain;


static void write_next(party_t* party, int event) {
  const char here = 0;
  const char* at;

  if (event != PARTY_WRITE)
    return;
  at = &here;
  if (chain.lowest == NULL || at < chain.lowest)
    chain.lowest = at;
  if (at > chain.highest)
    chain.highest = at;
  if (chain.countdown == 0)
    return;
  chain.countdown--;
  ALWAYS(party_write(party, 1) == 0);
}


static void on_tick(uv_timer_t* timer) {
  (void) timer;
  chain.ticks++;
}


START_TEST(a_million_writes_from_write_callbacks_need_no_stack) {
  unsigned int count;
  uv_timer_t timer;

  /* All of them once; fewer where it is the same again. */
  count = (_i == DUO_TLS_1_3 ? 1000000 : 20000) / pair_stride();
  memset(&chain, 0, sizeof(chain));
  chain.countdown = count;
  duo_open(&duo, _i);
  duo_connect(&duo);
  uv_timer_init(&duo.loop.uv, &timer);
  uv_timer_start(&timer, on_tick, 1, 1);
  duo.me->hook = write_next;
  ck_assert_int_eq(party_write(duo.me, 1), 0);
  DUO_UNTIL(&duo, duo.peer->received == count + 1);
  DUO_UNTIL(&duo, duo.me->writes == count + 1);
  ck_assert_int_lt(chain.highest - chain.lowest, 16 * 1024);
  DUO_UNTIL(&duo, chain.ticks > 0);
  uv_close((uv_handle_t*) &timer, NULL);
  duo_close(&duo);
}
END_TEST


/* The loop goes round while writes follow writes: in a thousand turns at most
 * so many were made. */
START_TEST(writes_from_write_callbacks_leave_the_loop_its_turns) {
  int turns;

  memset(&chain, 0, sizeof(chain));
  chain.countdown = UINT32_MAX;
  duo_open(&duo, _i);
  duo_connect(&duo);
  duo.me->hook = write_next;
  ck_assert_int_eq(party_write(duo.me, 1), 0);
  for (turns = 0; turns < 1000; turns++)
    loop_turn(&duo.loop);
  ck_assert_uint_gt(duo.me->writes, 1000);
  ck_assert_uint_lt(duo.me->writes, 1000 * 100);
  duo.me->hook = NULL;
  DUO_UNTIL(&duo, duo.peer->received == duo.me->sent);
  duo_close(&duo);
}
END_TEST


START_TEST(a_write_after_shutdown_is_refused) {
  duo_open(&duo, _i);
  duo_connect(&duo);
  ck_assert_int_eq(party_shutdown(duo.me), 0);
  ck_assert_int_eq(party_write(duo.me, 1), UV_EPIPE);
  ck_assert_int_eq(party_try_write(duo.me, 1), UV_EPIPE);
  DUO_UNTIL(&duo, duo.me->shutdowns);
  ck_assert_int_eq(party_write(duo.me, 1), UV_EPIPE);
  ck_assert_int_eq(party_try_write(duo.me, 1), UV_EPIPE);
  ck_assert_uint_eq(queued(duo.me), 0);
  duo_close(&duo);
}
END_TEST


/* The peer's transport breaks: writes fail, each once, and none is taken
 * afterwards. */
START_TEST(writes_to_a_peer_that_has_gone_fail_once_each) {
  int err;
  int i;

  duo_open_wired(&duo, _i);
  duo_shrink(&duo);
  duo_connect(&duo);
  duo.to_peer->hold = duo.to_peer->moved;
  for (i = 0; i < 5; i++)
    ck_assert_int_eq(party_write(duo.me, MIB), 0);
  duo_settle(&duo);
  wire_close(&duo.wire);
  DUO_UNTIL(&duo, duo.me->writes == 5 && duo.me->ends == 1);
  ck_assert_int_lt(duo.me->write_status, 0);
  ck_assert_int_eq(tlsloop_err_type(duo.me->write_status), TLSLOOP_ERR_IO);
  err = party_write(duo.me, 1);
  ck_assert_int_lt(err, 0);
  ck_assert_int_eq(party_try_write(duo.me, 1), err);
  ck_assert_int_eq(party_shutdown(duo.me), err);
  ck_assert_uint_eq(queued(duo.me), 0);
  ck_assert_ptr_nonnull(tlsloop_stream_error(duo.me->stream));
  duo_close(&duo);
}
END_TEST


START_TEST(a_write_without_buffers_is_refused) {
  tlsloop_write_t req;
  uv_buf_t buf;

  duo_open(&duo, _i);
  buf = uv_buf_init(NULL, 0);
  ck_assert_int_eq(tlsloop_write(&req, duo.me->stream, NULL, 1, NULL),
                   UV_EINVAL);
  ck_assert_int_eq(tlsloop_write(&req, duo.me->stream, &buf, 0, NULL),
                   UV_EINVAL);
  ck_assert_int_eq(tlsloop_try_write(duo.me->stream, NULL, 1), UV_EINVAL);
  ck_assert_int_eq(tlsloop_try_write(duo.me->stream, &buf, 0), UV_EINVAL);
  duo_close(&duo);
}
END_TEST


START_TEST(a_write_needs_no_callback) {
  tlsloop_write_t reqs[2];
  uv_buf_t bufs[6];
  int i;

  duo_open(&duo, _i);
  duo_connect(&duo);
  for (i = 0; i < 6; i++)
    bufs[i] = uv_buf_init(NULL, 0);
  for (i = 0; i < 2; i++)
    ck_assert_int_eq(tlsloop_write(&reqs[i], duo.me->stream, bufs, 6, NULL), 0);
  ck_assert_int_eq(party_write(duo.me, 5), 0);
  DUO_UNTIL(&duo, duo.me->writes == 1 && duo.peer->received == 5);
  duo_close(&duo);
}
END_TEST


Suite* suite(void) {
  const TTest* tests[] = {
      writes_before_the_handshake_go_out_after_it_in_order,
      closing_before_the_handshake_cancels_each_write_once,
      closing_with_writes_in_flight_cancels_those_not_done,
      a_write_completes_only_when_the_system_has_its_bytes,
      ten_thousand_tiny_writes_share_records,
      writes_from_write_callbacks_leave_the_loop_its_turns,
      a_write_after_shutdown_is_refused,
      writes_to_a_peer_that_has_gone_fail_once_each,
      a_write_without_buffers_is_refused,
      a_write_needs_no_callback,
  };
  Suite* suite;
  TCase* tcase;
  size_t i;

  suite = suite_create("stream write");
  tcase = duo_case(suite, "write");
  for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    tcase_add_loop_test(tcase, tests[i], 0, DUO_ALL);
  tcase_add_loop_test(
      tcase, a_million_writes_from_write_callbacks_need_no_stack, 0, DUO_KINDS);
  return suite;
}
