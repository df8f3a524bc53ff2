/* SPDX-License-Identifier: MIT */

/* Loop: what the streams of one context on one loop share: the buffer into
 * which sockets are read, spare blocks, the engines' port, and the list of
 * streams that want a turn. It comes with the first stream and goes with the
 * last. */

#ifndef TLSLOOP__LOOP_H
#define TLSLOOP__LOOP_H

#include <uv.h>

#include "base/bytes.h"
#include "base/queue.h"
#include "stream/grave.h"
#include "tlsloop/ctx.h"

/* How much is read from a transport at once, in bytes. (What a build may set
 * differently, it does to measure.) */
#ifndef TLSLOOP__READ_SIZE
#define TLSLOOP__READ_SIZE ((size_t) (64 * 1024))
#endif

/* How much plaintext makes one full record (RFC 8446, 5.1), in bytes. */
#define TLSLOOP__RECORD_SIZE ((size_t) (16 * 1024))

/* A stream's place in the list of those that want a turn. */
typedef struct tlsloop__turn_s {
  tlsloop__queue_t node;
  void (*run)(struct tlsloop__turn_s* turn);
} tlsloop__turn_t;

typedef struct tlsloop__loop_s {
  uv_loop_t* uv;
  tlsloop_ctx_t* ctx;
  unsigned int refs;
  int lent;            /* whether |read_buf| is in use */
  struct bio_st* port; /* of all engines; see engine/engine.h */
  char* read_buf;
  char* record_buf;
  tlsloop__pool_t pool;
  tlsloop__queue_t turns;
  uv_idle_t* idle; /* runs while |turns| is not empty */
  tlsloop__queue_t leaving;
  uv_idle_t door; /* closes while |leaving| is not empty */
  uv_idle_t last; /* tells the end when somebody else has closed |idle| */
  tlsloop__graves_t graves; /* of the streams' handles */
  void (*on_gone)(void* arg);
  void* on_gone_arg;
} tlsloop__loop_t;

/* Finds or makes what |ctx| has on |uv|, with one more reference, and stores it
 * in |loop|. Returns 0 or UV__ENOMEM. */
int tlsloop__loop_get(tlsloop__loop_t** loop,
                      tlsloop_ctx_t* ctx,
                      uv_loop_t* uv);

/* Gives a reference back, then calls |done| with |arg|: at once, or, when it
 * was the last, after the loop's handle has closed. */
void tlsloop__loop_put(tlsloop__loop_t* loop,
                       void (*done)(void* arg),
                       void* arg);

/* Makes |turn| one that calls |run|. */
void tlsloop__turn_init(tlsloop__turn_t* turn,
                        void (*run)(tlsloop__turn_t* turn));

/* Calls |turn| once from the loop, before it waits for I/O again. When somebody
 * else has closed the handle that this takes and there is no memory for
 * another, the next one who asks tries again. */
void tlsloop__turn_ask(tlsloop__loop_t* loop, tlsloop__turn_t* turn);

/* Calls |turn| once from the loop when it closes handles, this time or the
 * next, whatever handles somebody else closes. For the end of what has turns.
 */
void tlsloop__turn_leave(tlsloop__loop_t* loop, tlsloop__turn_t* turn);

/* Calls |turn| no more. */
void tlsloop__turn_cancel(tlsloop__loop_t* loop, tlsloop__turn_t* turn);

/* Lends |buf| room for one read: the shared buffer, or memory of its own while
 * that is lent to somebody else (TLS in TLS). Its length is 0 when there is no
 * memory. */
void tlsloop__loop_lend(tlsloop__loop_t* loop, uv_buf_t* buf);

/* Takes |base| back from tlsloop__loop_lend. NULL is ignored. */
void tlsloop__loop_take_back(tlsloop__loop_t* loop, char* base);

/* Room for one record's plaintext, in which small writes are gathered; NULL
 * when there is no memory. For the time of one call. */
char* tlsloop__loop_record_buf(tlsloop__loop_t* loop);

#endif /* TLSLOOP__LOOP_H */
