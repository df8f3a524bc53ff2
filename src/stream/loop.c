/* SPDX-License-Identifier: MIT */

/* Loop: what the streams of one context on one loop share. */

#include "stream/loop.h"

#include <stdlib.h>

#include "context/slots.h"

/* Spare blocks beyond this are given back to malloc. */
#define POOL_LIMIT 64

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
  loop->uv = place->uv;
  loop->ctx = place->ctx;
  tlsloop__pool_init(&loop->pool, POOL_LIMIT);
  tlsloop__queue_init(&loop->turns);
  uv_idle_init(loop->uv, &loop->idle);
  loop->idle.data = loop;
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

static void on_idle_closed(uv_handle_t* handle) {
  tlsloop__loop_t* loop = handle->data;
  void (*on_gone)(void* arg) = loop->on_gone;
  void* arg = loop->on_gone_arg;

  tlsloop__pool_clear(&loop->pool);
  free(loop->read_buf);
  free(loop->record_buf);
  free(loop);
  on_gone(arg);
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
  uv_close((uv_handle_t*) &loop->idle, on_idle_closed);
}

void tlsloop__turn_init(tlsloop__turn_t* turn,
                        void (*run)(tlsloop__turn_t* turn)) {
  tlsloop__queue_init(&turn->node);
  turn->run = run;
}

void tlsloop__turn_ask(tlsloop__loop_t* loop, tlsloop__turn_t* turn) {
  if (!tlsloop__queue_empty(&turn->node))
    return;
  if (tlsloop__queue_empty(&loop->turns))
    uv_idle_start(&loop->idle, on_idle);
  tlsloop__queue_push(&loop->turns, &turn->node);
}

static void stop_when_empty(tlsloop__loop_t* loop) {
  if (tlsloop__queue_empty(&loop->turns))
    uv_idle_stop(&loop->idle);
}

void tlsloop__turn_cancel(tlsloop__loop_t* loop, tlsloop__turn_t* turn) {
  tlsloop__queue_remove(&turn->node);
  stop_when_empty(loop);
}

/* Turns asked for while these run wait for the next round, so that a stream
 * that always wants another cannot hold the loop. */
static void on_idle(uv_idle_t* idle) {
  tlsloop__loop_t* loop = idle->data;
  tlsloop__queue_t round;
  tlsloop__queue_t* node;

  tlsloop__queue_init(&round);
  tlsloop__queue_move(&round, &loop->turns);
  while ((node = tlsloop__queue_pop(&round)) != NULL) {
    tlsloop__turn_t* turn = TLSLOOP__QUEUE_DATA(node, tlsloop__turn_t, node);
    turn->run(turn);
  }
  stop_when_empty(loop);
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
