/* SPDX-License-Identifier: MIT */

/* A program that walks over all handles of its loop and closes them, those of
 * tlsloop too, and then closes its streams and listeners: whatever they were
 * doing, each close calls back once, each request too, and the loop closes. */

#include <stdlib.h>
#include <unistd.h>

#include "support/always.h"
#include "support/visit.h"

enum {
  PAIRS = 3,
  VISITORS = 4,
  PARTIES = 2 * PAIRS
};

/* When the walk comes. */
enum {
  WALK_FIRST,      /* then all is closed */
  WALK_BETWEEN,    /* when half is closed */
  WALK_LAST,       /* when all is closing */
  WALK_AND_WAIT,   /* the walk has been forgotten when all is closed */
  WALK_IN_CLOSING, /* and all is closed in a callback of a closing handle */
  WALK_AGAIN,      /* in every turn until the end */
  WALKS
};

/* After how many turns at most, and how far apart the points are. */
#define POINTS 40
#define STEP   5

static loop_t loop;
static party_t parties[PARTIES];
static visitor_t visitors[VISITORS];
static house_t house;
static int hole[2];


static void open_pair(party_t pair[2], int kind, tlsloop_ctx_t* ctxs[2]) {
  union uv_any_handle* handles[2];
  int side;

  handles[0] = malloc(sizeof(*handles[0]));
  handles[1] = malloc(sizeof(*handles[1]));
  ALWAYS(handles[0] != NULL && handles[1] != NULL);
  if (kind & DUO_PIPE)
    loop_pipe_pair(&loop, &handles[0]->pipe, &handles[1]->pipe);
  else
    loop_tcp_pair(&loop, &handles[0]->tcp, &handles[1]->tcp);
  for (side = 0; side < 2; side++) {
    party_open(&pair[side], ctxs[side], side, &handles[side]->stream);
    tlsloop_stream_set_read_timeout(pair[side].stream, 100000);
    ck_assert_int_eq(party_handshake(&pair[side]), 0);
    ck_assert_int_eq(party_read_start(&pair[side]), 0);
    ck_assert_int_eq(party_write(&pair[side], side ? 1000000 : 50000), 0);
  }
  ck_assert_int_eq(party_read_stop(&pair[0]), 0);
  ck_assert_int_eq(party_shutdown(&pair[0]), 0);
}


/* Everything that has handles: streams that write, wait and end, streams that
 * connect, and a listener with those that it has let in. */
static void open_all(int kind) {
  tlsloop_ctx_t* ctxs[2];
  int i;

  loop_open(&loop, 300);
  ctxs[0] = duo_ctx(kind, TLSLOOP_CLIENT);
  ctxs[1] = duo_ctx(kind, TLSLOOP_SERVER);
  for (i = 0; i < PAIRS; i++)
    open_pair(&parties[2 * i], kind ^ (i & 1 ? DUO_PIPE : 0), ctxs);
  house_open(&house, &loop, ctxs[1]);
  for (i = 0; i < VISITORS; i++) {
    visitor_open(&visitors[i], &loop, ctxs[0]);
    tlsloop_stream_set_hostname(visitors[i].stream, "localhost");
  }
  for (i = 0; i < VISITORS - 2; i++)
    ck_assert_int_eq(visitor_connect_ports(&visitors[i], &house.port, 1), 0);
  ck_assert_int_eq(visitor_connect(&visitors[i], "127.0.0.1", house.port), 0);
  i = visit_black_hole(hole);
  ck_assert_int_eq(visitor_connect_ports(&visitors[VISITORS - 1], &i, 1), 0);
  tlsloop_ctx_unref(ctxs[0]);
  tlsloop_ctx_unref(ctxs[1]);
}


/* Those of the fixture stay. */
static void close_handle(uv_handle_t* handle, void* arg) {
  int* count = arg;

  if (handle == (uv_handle_t*) &loop.watchdog ||
      handle == (uv_handle_t*) &loop.check ||
      handle == (uv_handle_t*) &loop.prepare || uv_is_closing(handle))
    return;
  uv_close(handle, NULL);
  *count += 1;
}


static int walk(void) {
  int count;

  count = 0;
  uv_walk(&loop.uv, close_handle, &count);
  return count;
}


/* Closes every stream and the listener; those of |odd| places only, or the
 * others. */
static void close_some(int odd) {
  int i;

  for (i = odd; i < PARTIES; i += 2)
    party_close(&parties[i]);
  for (i = odd; i < VISITORS; i += 2)
    visitor_close(&visitors[i]);
  if (odd)
    house_close(&house);
}


static void close_all(void) {
  close_some(0);
  close_some(1);
}


static void on_dummy_closed(uv_handle_t* handle) {
  int* done = handle->data;

  ck_assert_int_gt(walk(), 0);
  close_all();
  *done = 1;
}


static void close_in_closing(void) {
  uv_idle_t dummy;
  int done;

  done = 0;
  uv_idle_init(&loop.uv, &dummy);
  dummy.data = &done;
  uv_close((uv_handle_t*) &dummy, on_dummy_closed);
  while (!done)
    loop_turn(&loop);
}


static void walk_and_close(int when) {
  switch (when) {
    case WALK_BETWEEN:
      close_some(0);
      walk();
      close_some(1);
      break;
    case WALK_LAST:
      close_all();
      walk();
      break;
    case WALK_IN_CLOSING:
      close_in_closing();
      break;
    case WALK_AND_WAIT:
      ck_assert_int_gt(walk(), 0);
      loop_turn(&loop);
      loop_turn(&loop);
      loop_turn(&loop);
      close_all();
      break;
    default:
      ck_assert_int_gt(walk(), 0);
      close_all();
  }
}


static int count_closed(void) {
  int count;
  int i;

  count = house.closed;
  for (i = 0; i < PARTIES; i++)
    count += parties[i].closed;
  for (i = 0; i < VISITORS; i++)
    count += visitors[i].closed;
  return count;
}


static void run(int kind, int when, int point) {
  int turns;
  int i;

  open_all(kind);
  for (i = 0; i < point; i++)
    loop_turn(&loop);
  walk_and_close(when);
  for (turns = 0; count_closed() < PARTIES + VISITORS + 1; turns++) {
    if (when == WALK_AGAIN)
      walk();
    ALWAYS_MSG(turns < 1000000, "not all is closed");
    loop_turn(&loop);
  }
  while (uv_loop_alive(&loop.uv))
    visit_turn(&loop);
  close(hole[0]);
  close(hole[1]);
  loop_close(&loop);
}


/* The parties and visitors see to the callbacks. */
START_TEST(all_handles_can_be_closed_at_any_point) {
  int point;

  for (point = _i % STEP; point < POINTS; point += STEP * (int) pair_stride())
    run(_i & (DUO_TLS_1_3 | DUO_PIPE), _i / DUO_KINDS, point);
}
END_TEST


START_TEST(a_connect_whose_handles_are_closed_fails_once) {
  tlsloop_ctx_t* ctx;
  int port;

  loop_open(&loop, 300);
  ctx = duo_ctx(DUO_TLS_1_3, TLSLOOP_CLIENT);
  visitor_open(&visitors[0], &loop, ctx);
  tlsloop_ctx_unref(ctx);
  tlsloop_stream_set_hostname(visitors[0].stream, "localhost");
  port = visit_black_hole(hole);
  ck_assert_int_eq(visitor_connect_ports(&visitors[0], &port, 1), 0);
  loop_turn(&loop);
  ck_assert_int_gt(walk(), 0);
  while (visitors[0].connects == 0)
    loop_turn(&loop);
  ck_assert_int_eq(visitors[0].status, UV_ECANCELED);
  visitor_close(&visitors[0]);
  while (!visitors[0].closed)
    loop_turn(&loop);
  close(hole[0]);
  close(hole[1]);
  loop_close(&loop);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("loop walk");
  tcase = duo_case(suite, "walk");
  tcase_add_loop_test(
      tcase, all_handles_can_be_closed_at_any_point, 0, DUO_KINDS * WALKS);
  tcase_add_test(tcase, a_connect_whose_handles_are_closed_fails_once);
  return suite;
}
