/* SPDX-License-Identifier: MIT */

/* Bytes: a first-in first-out store of bytes in blocks of one size.
 *
 * Blocks come from a pool when the store has one, so that the streams of a
 * loop pass warm memory among themselves, and from malloc otherwise. An empty
 * store owns no memory. */

#ifndef TLSLOOP__BYTES_H
#define TLSLOOP__BYTES_H

#include <stddef.h>
#include <stdint.h>

/* A block with room for one full TLS record and its overhead (RFC 8446, 5.2),
 * its own header included. */
#define TLSLOOP__BLOCK_SIZE ((size_t) (17 * 1024))
#define TLSLOOP__BLOCK_ROOM (TLSLOOP__BLOCK_SIZE - sizeof(tlsloop__block_t))

/* One block: its bytes lie in data[head, tail). */
typedef struct tlsloop__block_s {
  struct tlsloop__block_s* next;
  uint32_t head;
  uint32_t tail;
  unsigned char data[];
} tlsloop__block_t;

/* Free blocks kept for reuse, |limit| at most. For one thread at a time. */
typedef struct tlsloop__pool_s {
  tlsloop__block_t* free;
  unsigned int count;
  unsigned int limit;
} tlsloop__pool_t;

/* A span of bytes inside a store. */
typedef struct tlsloop__span_s {
  unsigned char* data;
  size_t len;
} tlsloop__span_t;

/* The store. All zeroes is an empty one without a pool. */
typedef struct tlsloop__bytes_s {
  tlsloop__block_t* first;
  tlsloop__block_t* last;
  size_t size;
  tlsloop__pool_t* pool;
} tlsloop__bytes_t;

/* Makes |pool| an empty pool that keeps up to |limit| blocks. */
void tlsloop__pool_init(tlsloop__pool_t* pool, unsigned int limit);

/* Frees the blocks that |pool| keeps. */
void tlsloop__pool_clear(tlsloop__pool_t* pool);

/* Appends |len| bytes at |data| to |bytes|, all or none. Returns 0 or
 * UV__ENOMEM. */
int tlsloop__bytes_append(tlsloop__bytes_t* bytes,
                          const void* data,
                          size_t len);

/* Takes up to |len| bytes out of |bytes| into |buf|; returns their number. */
size_t tlsloop__bytes_read(tlsloop__bytes_t* bytes, void* buf, size_t len);

/* Finds up to |max| spans that hold the first bytes of |bytes| in order;
 * returns their number. They stay valid until the bytes are taken out. */
size_t tlsloop__bytes_peek(const tlsloop__bytes_t* bytes,
                           tlsloop__span_t* spans,
                           size_t max);

/* Drops the first |len| bytes of |bytes|; |len| is not more than there are. */
void tlsloop__bytes_drop(tlsloop__bytes_t* bytes, size_t len);

/* Moves all of |from| to the end of |to|, without copying; both use the same
 * pool. */
void tlsloop__bytes_move(tlsloop__bytes_t* to, tlsloop__bytes_t* from);

/* Drops everything in |bytes| and gives its blocks back. */
void tlsloop__bytes_clear(tlsloop__bytes_t* bytes);

#endif /* TLSLOOP__BYTES_H */
