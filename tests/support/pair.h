/* SPDX-License-Identifier: MIT */

/* Pair: a client's and a server's engine joined by a wire in memory that
 * delays, splits, changes and cuts what goes over it.
 *
 * Every call on an engine goes through end_handshake, end_read, end_write and
 * end_shutdown. They call it with a stale errno and a stale error in OpenSSL's
 * queue, and check that they had no effect and that nothing new is in the queue
 * afterwards, so that every test also tests that. */

#ifndef TLSLOOP_TESTS_SUPPORT_PAIR_H
#define TLSLOOP_TESTS_SUPPORT_PAIR_H

#include <stddef.h>
#include <stdint.h>

#include "tlsloop/ctx.h"
#include "tlsloop/engine.h"

#define PAIR_NEVER UINT64_MAX

/* One side. */
typedef struct pair_end_s {
  tlsloop_engine_t* engine;
  tlsloop_bio_t* in;  /* its cipher_in */
  tlsloop_bio_t* out; /* its cipher_out */
  int handshake;      /* what the last end_handshake returned */
} pair_end_t;

/* One direction. Offsets count from the first byte that ever went over it. */
typedef struct pair_wire_s {
  uint64_t moved;     /* bytes that have arrived */
  size_t chunk;       /* at most so many arrive at a time; 0: any number */
  uint64_t split;     /* what is before and from here on arrives apart */
  uint64_t cut;       /* the transport ends here */
  uint64_t flip;      /* the byte here is changed */
  unsigned char mask; /* by this XOR */
  int ended;          /* |cut| was reached */
} pair_wire_t;

typedef struct pair_s {
  pair_end_t client;
  pair_end_t server;
  pair_wire_t to_server;
  pair_wire_t to_client;
} pair_t;

/* Makes |pair| a perfect wire without engines. */
void pair_init(pair_t* pair);

/* Frees the wire of |pair| but not its engines. */
void pair_deinit(pair_t* pair);

/* pair_init, then an engine of |client| that talks to |hostname|, unless that
 * is NULL, and one of |server|. */
void pair_open(pair_t* pair,
               tlsloop_ctx_t* client,
               tlsloop_ctx_t* server,
               const char* hostname);

/* Frees the engines and the wire of |pair|. */
void pair_close(pair_t* pair);

/* As the functions of engine.h that they are named after. */
int end_handshake(pair_end_t* end);
int end_read(pair_end_t* end, void* buf, size_t len, size_t* nread);
int end_write(pair_end_t* end, const void* buf, size_t len);
int end_shutdown(pair_end_t* end);

/* Reads from |end| up to |cap| bytes into |buf|, over many records, until a
 * read fails or |cap| is reached. Stores the number and returns the code of
 * the read that failed, or 0. */
int end_read_all(pair_end_t* end, void* buf, size_t cap, size_t* nread);

/* Puts bytes before |end| as if its peer had sent them. */
void end_inject(pair_end_t* end, const void* data, size_t len);

/* Lets what the ends have sent arrive, once in each direction. Returns 0 when
 * nothing did. */
int pair_pump(pair_t* pair);

/* pair_pump until nothing arrives any more. */
void pair_settle(pair_t* pair);

/* Drives the handshakes of both ends until both have ended, well or not, or
 * both wait for bytes that nobody has sent. */
void pair_handshake(pair_t* pair);

/* pair_handshake, of which it is asserted that both ended well. */
void pair_connect(pair_t* pair);

/* Sends |len| bytes from |from| to |to|, which have to arrive unchanged. */
void pair_send(pair_t* pair,
               pair_end_t* from,
               pair_end_t* to,
               const void* data,
               size_t len);

/* Sends a few bytes each way. */
void pair_ping(pair_t* pair);

/* How far apart the places are that a test visits where it should visit all:
 * 1, or what TLSLOOP_TEST_STRIDE says where each costs too much, as under
 * valgrind. */
unsigned int pair_stride(void);

/* Fills |buf| with bytes that look random and are the same for the same
 * |seed|. */
void pair_fill(void* buf, size_t len, uint32_t seed);

#endif /* TLSLOOP_TESTS_SUPPORT_PAIR_H */
