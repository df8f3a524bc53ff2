/* SPDX-License-Identifier: MIT */

/* What one stream may take of the loop and of memory, however much the
 * application writes and the peer sends or does not read. */

#include <stdlib.h>
#include <string.h>

#include "support/always.h"
#include "support/duo.h"
#include "support/heap.h"

#define KIB   ((size_t) 1024)
#define MIB   (1024 * KIB)
#define PIECE (64 * KIB)
#define COUNT 16384 /* pieces of a GiB */

/* libuv reads a socket up to 32 times in a turn, into 64 KiB; streams hold up
 * to 256 KiB that have come before. */
#define MOST_A_TURN ((32 * 64 + 256) * KIB)

/* The pairs beside the busy one, and how many turns an answer may take. */
#define PLAYERS  50
#define PATIENCE 8

static duo_t duo;
static char piece[PIECE];
static tlsloop_write_t* reqs;
static unsigned int done;
static int expected; /* status of the writes */
static int drained;


START_TEST(a_turn_moves_a_bounded_amount) {
  uint64_t before;
  uint64_t size;
  uint64_t most;

  size = 16 * MIB / pair_stride();
  most = 0;
  duo_open(&duo, _i);
  duo_connect(&duo);
  ck_assert_int_eq(party_write(duo.peer, size), 0);
  while (duo.me->received < size) {
    before = duo.me->received;
    loop_turn(&duo.loop);
    if (duo.me->received - before > most)
      most = duo.me->received - before;
  }
  ck_assert_uint_gt(most, 0);
  ck_assert_uint_le(most, MOST_A_TURN);
  duo_close(&duo);
}
END_TEST


static party_t players[2 * PLAYERS];
static unsigned int turn;

/* When each last played, and the longest that one waited. */
static unsigned int played[2 * PLAYERS];
static unsigned int longest;


static void play(party_t* party, int event) {
  size_t i;

  if (event != PARTY_DATA)
    return;
  i = (size_t) (party - players);
  if (turn - played[i] > longest)
    longest = turn - played[i];
  played[i] = turn;
  ALWAYS(party_write(party, 1) == 0);
}


static void open_players(void) {
  union uv_any_handle* handles[2];
  tlsloop_ctx_t* ctx;
  int i;

  for (i = 0; i < 2 * PLAYERS; i++) {
    if (i % 2 == 0) {
      handles[0] = malloc(sizeof(*handles[0]));
      handles[1] = malloc(sizeof(*handles[1]));
      ALWAYS(handles[0] != NULL && handles[1] != NULL);
      loop_tcp_pair(&duo.loop, &handles[0]->tcp, &handles[1]->tcp);
    }
    ctx = i % 2 ? duo.server.stream->ctx : duo.client.stream->ctx;
    party_open(&players[i], ctx, i % 2, &handles[i % 2]->stream);
    ck_assert_int_eq(party_read_start(&players[i]), 0);
  }
  for (i = 0; i < 2 * PLAYERS; i++) {
    ck_assert_int_eq(party_write(&players[i], 1), 0);
    DUO_UNTIL(&duo, players[i ^ 1].received == 1);
  }
}


/* Fifty pairs play ball while one stream is as busy as can be: each answer
 * comes after a few turns. */
START_TEST(a_busy_stream_delays_nobody_for_long) {
  int i;

  duo_open(&duo, _i);
  duo_connect(&duo);
  open_players();
  turn = 0;
  longest = 0;
  memset(played, 0, sizeof(played));
  ck_assert_int_eq(party_write(duo.me, 64 * MIB), 0);
  for (i = 0; i < 2 * PLAYERS; i++)
    players[i].hook = play;
  for (i = 0; i < PLAYERS; i++)
    ck_assert_int_eq(party_write(&players[2 * i], 1), 0);
  while (duo.me->writes == 0) {
    turn++;
    duo_turn(&duo);
  }
  ck_assert_uint_gt(turn, 2 * PATIENCE);
  ck_assert_uint_gt(longest, 0);
  ck_assert_uint_le(longest, PATIENCE);
  for (i = 0; i < 2 * PLAYERS; i++) {
    ck_assert_uint_le(turn - played[i], PATIENCE);
    players[i].hook = NULL;
    party_close(&players[i]);
  }
  for (i = 0; i < 2 * PLAYERS; i++)
    DUO_UNTIL(&duo, players[i].closed);
  duo_close(&duo);
}
END_TEST


static void on_write(tlsloop_write_t* req, int status) {
  ALWAYS(req == &reqs[done]);
  ALWAYS_MSG(status == 0 || status == expected, "%d", status);
  done++;
}


static void on_drain(tlsloop_stream_t* stream) {
  (void) stream;
  drained++;
}


/* Writes a GiB, 64 KiB at a time, to a peer that does not read. Returns how
 * much more of the heap is in use after it. */
static size_t write_a_gib(void) {
  uv_buf_t buf;
  size_t before;
  int err;
  int i;

  reqs = calloc(COUNT, sizeof(*reqs));
  ck_assert_ptr_nonnull(reqs);
  done = 0;
  drained = 0;
  buf = uv_buf_init(piece, PIECE);
  ck_assert_int_eq(
      tlsloop_on_drain(duo.me->stream, 256 * KIB, 64 * KIB, on_drain), 0);
  before = heap_in_use();
  for (i = 0; i < COUNT; i++) {
    err = tlsloop_write(&reqs[i], duo.me->stream, &buf, 1, on_write);
    ALWAYS(err == 0);
    ALWAYS(tlsloop_stream_get_write_queue_size(duo.me->stream) ==
           (size_t) (i + 1) * PIECE);
  }
  duo_settle(&duo);
  return heap_growth(before);
}


static void open_deaf(int kind) {
  duo_open(&duo, kind);
  duo_connect(&duo);
  ck_assert_int_eq(party_read_stop(duo.peer), 0);
  duo_settle(&duo);
}


/* All of it waits as the application's own bytes: what is encrypted, and what
 * both streams hold of it, is little. */
START_TEST(a_gib_to_a_peer_that_does_not_read_takes_little_memory) {
  size_t queued;

  open_deaf(_i);
  ck_assert_uint_lt(write_a_gib(), MIB);
  ck_assert_uint_lt(done, COUNT / 16);
  ck_assert_int_eq(drained, 0);
  queued = tlsloop_stream_get_write_queue_size(duo.me->stream);
  ck_assert_uint_ge(queued, (COUNT - done - 1) * PIECE);
  ck_assert_uint_le(queued, (COUNT - done) * PIECE + 512 * KIB);
  expected = UV_ECANCELED;
  duo_close(&duo);
  ck_assert_uint_eq(done, COUNT);
  ck_assert_int_eq(drained, 0);
  free(reqs);
}
END_TEST


/* With a limit on how long nothing goes out, each write fails once. */
START_TEST(a_gib_to_a_peer_that_does_not_read_can_time_out) {
  open_deaf(_i);
  write_a_gib();
  expected = UV_ETIMEDOUT;
  ck_assert_int_eq(tlsloop_stream_set_write_timeout(duo.me->stream, 50), 0);
  DUO_UNTIL(&duo, done == COUNT);
  ck_assert_uint_eq(tlsloop_stream_get_write_queue_size(duo.me->stream), 0);
  ck_assert_int_eq(party_write(duo.me, 1), UV_ETIMEDOUT);
  duo_close(&duo);
  ck_assert_uint_eq(done, COUNT);
  free(reqs);
}
END_TEST


/* What the paused side holds of what the other sends: little too, and the
 * sender is held back. Then all of it arrives. */
START_TEST(a_paused_reader_holds_little_and_loses_nothing) {
  tlsloop_stream_info_t info;
  uint64_t size;

  size = 24 * MIB;
  info.size = sizeof(info);
  open_deaf(_i);
  ck_assert_int_eq(party_write(duo.me, size), 0);
  duo_settle(&duo);
  ck_assert_uint_eq(duo.me->writes, 0);
  tlsloop_stream_info(duo.peer->stream, &info);
  ck_assert_uint_eq(info.plain_in, 0);
  ck_assert_uint_le(info.cipher_in, 256 * KIB);
  ck_assert_int_eq(party_read_start(duo.peer), 0);
  DUO_UNTIL(&duo, duo.peer->received == size && duo.me->writes == 1);
  duo_close(&duo);
}
END_TEST


Suite* suite(void) {
  const TTest* tests[] = {
      a_turn_moves_a_bounded_amount,
      a_gib_to_a_peer_that_does_not_read_takes_little_memory,
      a_gib_to_a_peer_that_does_not_read_can_time_out,
      a_paused_reader_holds_little_and_loses_nothing,
  };
  Suite* suite;
  TCase* tcase;
  size_t i;

  suite = suite_create("stream bounds");
  tcase = duo_case(suite, "bounds");
  for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    tcase_add_loop_test(tcase, tests[i], 0, DUO_ALL);
  tcase_add_loop_test(
      tcase, a_busy_stream_delays_nobody_for_long, 0, DUO_SIDES);
  return suite;
}
