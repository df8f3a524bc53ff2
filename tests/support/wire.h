/* SPDX-License-Identifier: MIT */

/* Wire: a plain proxy between two transports, that splits, holds, changes and
 * cuts what goes over it. It moves bytes when the test says so, never by
 * itself. */

#ifndef TLSLOOP_TESTS_SUPPORT_WIRE_H
#define TLSLOOP_TESTS_SUPPORT_WIRE_H

#include <stdint.h>

#include "support/loop.h"

#define WIRE_NEVER UINT64_MAX

/* The size of small socket buffers: with less, TCP on the loopback, whose
 * segments have 64 KiB, waits for its timers. */
#define WIRE_SMALL (128 * 1024)

/* One direction. Offsets count from the first byte that ever went over it. */
typedef struct wire_way_s {
  int from;           /* sockets; -1 when reset */
  int to;             /* the same */
  uint64_t moved;     /* bytes that have arrived */
  size_t chunk;       /* at most so many arrive at a time; 0: any number */
  uint64_t split;     /* what is before and from here on arrives apart */
  uint64_t hold;      /* what is from here on waits until this grows */
  uint64_t cut;       /* the transport ends here */
  uint64_t flip;      /* the byte here is changed */
  unsigned char mask; /* by this XOR */
  int ended;
} wire_way_t;

typedef struct wire_s {
  wire_way_t to_server;
  wire_way_t to_client;
} wire_t;

/* Puts |wire| between |client| and |server|, over TCP or over pipes. */
void wire_open_tcp(wire_t* wire, loop_t* loop, uv_tcp_t* c, uv_tcp_t* s);
void wire_open_pipe(wire_t* wire, loop_t* loop, uv_pipe_t* c, uv_pipe_t* s);

/* Closes what is left of |wire|. */
void wire_close(wire_t* wire);

/* Moves bytes once in each direction. Returns 0 when there were none. */
int wire_step(wire_t* wire);

/* Breaks |wire| so that both its ends meet a reset connection. TCP only. */
void wire_reset(wire_t* wire);

/* Makes the sockets of |wire| hold little. */
void wire_shrink(wire_t* wire);

#endif /* TLSLOOP_TESTS_SUPPORT_WIRE_H */
