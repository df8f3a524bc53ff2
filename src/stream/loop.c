/* SPDX-License-Identifier: MIT */

/* Loop: what the streams of one context on one loop share. */

#include "stream/loop.h"

#include <stdlib.h>

#include "context/conn.h"
#include "context/slots.h"

/* Spare blocks beyond this are given back to malloc. */
#ifndef TLSLOOP__POOL_LIMIT
#define TLSLOOP__POOL_LIMIT 64
#endif

static void on_idle(uv_idle_t* idle);

typedef struct {
  tlsloop_ctx_t* ctx;
  uv_loop_t* uv;
} place_t;

static void* make(const void* key, void* arg) {
  tlsloop__loop_t* loop = calloc(1, sizeof(*loop));
  const place_t* place = arg;

  (void) key;
  if (loop == NULL)
    return NULL;
  loop->idle = malloc(sizeof(*loop->idle));
  loop->port = tlsloop__conn_port_new(place->ctx);
  if (loop->idle == NULL || loop->port == NULL) {
    tlsloop__conn_port_unref(loop->port);
    free(loop->idle);
    free(loop);
    return NULL;
  }
  loop->uv = place->uv;
  loop->ctx = place->ctx;
  tlsloop__pool_init(&loop->pool, TLSLOOP__POOL_LIMIT);
  tlsloop__queue_init(&loop->turns);
  tlsloop__queue_init(&loop->leaving);
  uv_idle_init(loop->uv, loop->idle);
  loop->idle->data = loop;
  return loop;
}

int tlsloop__loop_get(tlsloop__loop_t** loop,
                      tlsloop_ctx_t* ctx,
                      uv_loop_t* uv) {
  place_t place = {ctx, uv};
  tlsloop__loop_t* found = tlsloop__slots_find_or_make(ctx, uv, make, &place);

  if (found == NULL)
    return UV_ENOMEM;
  found->refs++;
  *loop = found;
  return 0;
}

/* The last of a record. */
static void go(tlsloop__loop_t* loop) {
  void (*on_gone)(void* arg) = loop->on_gone;
  void* arg = loop->on_gone_arg;

  tlsloop__graves_clear(&loop->graves);
  tlsloop__pool_clear(&loop->pool);
  tlsloop__conn_port_unref(loop->port);
  free(loop->read_buf);
  free(loop->record_buf);
  free(loop);
  on_gone(arg);
}

static void on_last_closed(uv_handle_t* handle) {
  go(handle->data);
}

static void close_last(tlsloop__loop_t* loop, uv_close_cb cb) {
  uv_idle_init(loop->uv, &loop->last);
  loop->last.data = loop;
  uv_close((uv_handle_t*) &loop->last, cb);
}

/* libuv closes handles in rounds, the last one first. What was in the graves by
 * the round that ends here is closed by the end of the next. */
static void on_round(uv_handle_t* handle) {
  tlsloop__loop_t* loop = handle->data;

  if (loop->graves.first != NULL)
    close_last(loop, on_last_closed);
  else
    go(loop);
}

static void on_idle_closed(uv_handle_t* handle) {
  on_round(handle);
  free(handle);
}

void tlsloop__loop_put(tlsloop__loop_t* loop,
                       void (*done)(void* arg),
                       void* arg) {
  if (--loop->refs > 0) {
    done(arg);
    return;
  }
  /* A stream that comes from now on finds a new record: this one's handle is
   * closing. */
  tlsloop__slots_remove(loop->ctx, loop->uv, loop);
  loop->on_gone = done;
  loop->on_gone_arg = arg;
  if (!uv_is_closing((uv_handle_t*) loop->idle)) {
    uv_close((uv_handle_t*) loop->idle, on_idle_closed);
    return;
  }
  tlsloop__graves_close(&loop->graves, (uv_handle_t*) loop->idle);
  close_last(loop, on_round);
}

void tlsloop__turn_init(tlsloop__turn_t* turn,
                        void (*run)(tlsloop__turn_t* turn)) {
  tlsloop__queue_init(&turn->node);
  turn->run = run;
}

/* Takes another handle in the place of one that somebody else has closed. */
static void replace_idle(tlsloop__loop_t* loop) {
  uv_idle_t* idle = malloc(sizeof(*idle));

  if (idle == NULL)
    return;
  uv_idle_init(loop->uv, idle);
  idle->data = loop;
  tlsloop__graves_close(&loop->graves, (uv_handle_t*) loop->idle);
  loop->idle = idle;
}

void tlsloop__turn_ask(tlsloop__loop_t* loop, tlsloop__turn_t* turn) {
  if (tlsloop__queue_empty(&turn->node))
    tlsloop__queue_push(&loop->turns, &turn->node);
  if (uv_is_active((uv_handle_t*) loop->idle))
    return;
  if (uv_is_closing((uv_handle_t*) loop->idle))
    replace_idle(loop);
  uv_idle_start(loop->idle, on_idle);
}

static void stop_when_empty(tlsloop__loop_t* loop) {
  if (tlsloop__queue_empty(&loop->turns))
    uv_idle_stop(loop->idle);
}

void tlsloop__turn_cancel(tlsloop__loop_t* loop, tlsloop__turn_t* turn) {
  tlsloop__queue_remove(&turn->node);
  stop_when_empty(loop);
}

/* Turns asked for while these run wait for the next round, so that a stream
 * that always wants another cannot hold the loop. */
static void run_all(tlsloop__queue_t* turns) {
  tlsloop__queue_t round;
  tlsloop__queue_t* node;

  tlsloop__queue_init(&round);
  tlsloop__queue_move(&round, turns);
  while ((node = tlsloop__queue_pop(&round)) != NULL) {
    tlsloop__turn_t* turn = TLSLOOP__QUEUE_DATA(node, tlsloop__turn_t, node);
    turn->run(turn);
  }
}

static void on_idle(uv_idle_t* idle) {
  tlsloop__loop_t* loop = idle->data;

  run_all(&loop->turns);
  stop_when_empty(loop);
}

static void on_door_closed(uv_handle_t* handle) {
  tlsloop__loop_t* loop = handle->data;

  run_all(&loop->leaving);
}

void tlsloop__turn_leave(tlsloop__loop_t* loop, tlsloop__turn_t* turn) {
  if (tlsloop__queue_empty(&loop->leaving)) {
    uv_idle_init(loop->uv, &loop->door);
    loop->door.data = loop;
    uv_close((uv_handle_t*) &loop->door, on_door_closed);
  }
  tlsloop__queue_push(&loop->leaving, &turn->node);
}

void tlsloop__loop_lend(tlsloop__loop_t* loop, uv_buf_t* buf) {
  char* base;

  if (loop->lent) {
    base = malloc(TLSLOOP__READ_SIZE);
  } else {
    if (loop->read_buf == NULL)
      loop->read_buf = malloc(TLSLOOP__READ_SIZE);
    base = loop->read_buf;
    loop->lent = base != NULL;
  }
  *buf = uv_buf_init(base, base == NULL ? 0 : (unsigned) TLSLOOP__READ_SIZE);
}

void tlsloop__loop_take_back(tlsloop__loop_t* loop, char* base) {
  if (base == loop->read_buf)
    loop->lent = 0;
  else
    free(base);
}

char* tlsloop__loop_record_buf(tlsloop__loop_t* loop) {
  if (loop->record_buf == NULL)
    loop->record_buf = malloc(TLSLOOP__RECORD_SIZE);
  return loop->record_buf;
}
