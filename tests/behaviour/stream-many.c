/* SPDX-License-Identifier: MIT */

/* Many streams on one loop: they can be closed at any point, and none keeps
 * the others from their turn. */

#include <stdlib.h>

#include "support/always.h"
#include "support/duo.h"

#define MANY 50
#define MIB  ((size_t) 1024 * 1024)

static party_t many[2 * MANY];


/* Opens pairs of streams that write |len| bytes each. */
static void open_many(loop_t* loop, int kind, size_t len) {
  union uv_any_handle* handles[2];
  tlsloop_ctx_t* ctxs[2];
  int i;
  int side;

  ctxs[0] = duo_ctx(kind, TLSLOOP_CLIENT);
  ctxs[1] = duo_ctx(kind, TLSLOOP_SERVER);
  for (i = 0; i < MANY; i++) {
    handles[0] = malloc(sizeof(*handles[0]));
    handles[1] = malloc(sizeof(*handles[1]));
    loop_pipe_pair(loop, &handles[0]->pipe, &handles[1]->pipe);
    for (side = 0; side < 2; side++) {
      party_open(&many[2 * i + side], ctxs[side], side, &handles[side]->stream);
      ck_assert_int_eq(party_read_start(&many[2 * i + side]), 0);
      ck_assert_int_eq(party_write(&many[2 * i + side], len), 0);
    }
  }
  tlsloop_ctx_unref(ctxs[0]);
  tlsloop_ctx_unref(ctxs[1]);
}


static int count_closed(void) {
  int count;
  int i;

  count = 0;
  for (i = 0; i < 2 * MANY; i++)
    count += many[i].closed;
  return count;
}


/* Closes the first at |at| or after it that nobody has closed. */
static void close_one(int at) {
  while (many[at].stream == NULL || tlsloop_is_closing(many[at].stream))
    at = (at + 1) % (2 * MANY);
  party_close(&many[at]);
}


/* All of them are closed in the middle of what they do, at another turn each
 * time, in an order that looks random. */
START_TEST(many_streams_can_be_closed_at_any_point) {
  uint32_t seed;
  loop_t loop;
  int i;

  seed = (uint32_t) _i + 1;
  loop_open(&loop, 60);
  open_many(&loop, _i, 50000);
  for (i = 0; i < _i; i++)
    loop_turn(&loop);
  for (i = 0; i < 2 * MANY; i++) {
    seed = seed * 1664525 + 1013904223;
    close_one((int) (seed >> 8) % (2 * MANY));
    if (i % 7 == 0)
      loop_turn(&loop);
  }
  while (count_closed() < 2 * MANY)
    loop_turn(&loop);
  loop_close(&loop);
}
END_TEST


static void play_ball(party_t* party, int event) {
  if (event == PARTY_DATA)
    ALWAYS(party_write(party, 1) == 0);
}


static duo_t duo;

/* While one stream is as busy as it can be, the others play ball. */
START_TEST(a_busy_stream_leaves_the_others_their_turn) {
  party_t* player;
  int i;

  duo_open(&duo, _i);
  duo_connect(&duo);
  open_many(&duo.loop, _i, 1);
  for (i = 0; i < 2 * MANY; i++)
    DUO_UNTIL(&duo, many[i].received == 1);
  for (i = 0; i < MANY; i++) {
    many[2 * i].hook = play_ball;
    many[2 * i + 1].hook = play_ball;
    ck_assert_int_eq(party_write(&many[2 * i], 1), 0);
  }
  ck_assert_int_eq(party_write(duo.me, 64 * MIB), 0);
  DUO_UNTIL(&duo, duo.peer->received == 64 * MIB);
  for (i = 0; i < 2 * MANY; i++) {
    player = &many[i];
    player->hook = NULL;
    ck_assert_uint_gt(player->received, 10);
    party_close(player);
  }
  DUO_UNTIL(&duo, count_closed() == 2 * MANY);
  duo_close(&duo);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("stream many");
  tcase = duo_case(suite, "many");
  tcase_add_loop_test(tcase, many_streams_can_be_closed_at_any_point, 0, 16);
  tcase_add_loop_test(
      tcase, a_busy_stream_leaves_the_others_their_turn, 0, DUO_KINDS);
  return suite;
}
