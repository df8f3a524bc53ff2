/* SPDX-License-Identifier: MIT */

/* Bytes: the block store. Every block in a list holds at least one byte, so a
 * block goes back to the pool with the last byte that is taken from it. */

#include "base/bytes.h"

#include <stdlib.h>
#include <string.h>
#include <uv/errno.h>


static size_t min(size_t a, size_t b) {
  return a < b ? a : b;
}


static tlsloop__block_t* block_take(tlsloop__pool_t* pool) {
  tlsloop__block_t* block;

  if (pool != NULL && pool->free != NULL) {
    block = pool->free;
    pool->free = block->next;
    pool->count--;
  } else {
    block = malloc(TLSLOOP__BLOCK_SIZE);
    if (block == NULL)
      return NULL;
  }

  block->next = NULL;
  block->head = 0;
  block->tail = 0;
  return block;
}


static void block_give(tlsloop__pool_t* pool, tlsloop__block_t* block) {
  if (pool == NULL || pool->count >= pool->limit) {
    free(block);
    return;
  }

  /* Last in, first out: the block that is still in the cache goes first. */
  block->next = pool->free;
  pool->free = block;
  pool->count++;
}


static void chain_give(tlsloop__pool_t* pool, tlsloop__block_t* block) {
  tlsloop__block_t* next;

  for (; block != NULL; block = next) {
    next = block->next;
    block_give(pool, block);
  }
}


/* Takes a chain of blocks with room for |len| bytes, which is not 0; NULL when
 * memory ran out. */
static tlsloop__block_t* chain_take(tlsloop__pool_t* pool, size_t len) {
  tlsloop__block_t* first;
  tlsloop__block_t** end;

  first = NULL;
  end = &first;
  for (;;) {
    *end = block_take(pool);
    if (*end == NULL) {
      chain_give(pool, first);
      return NULL;
    }

    if (len <= TLSLOOP__BLOCK_ROOM)
      return first;
    len -= TLSLOOP__BLOCK_ROOM;
    end = &(*end)->next;
  }
}


/* Copies what fits of |len| bytes at |data| into |block|; returns how many. */
static size_t block_fill(tlsloop__block_t* block,
                         const unsigned char* data,
                         size_t len) {
  size_t n;

  n = min(len, TLSLOOP__BLOCK_ROOM - block->tail);
  memcpy(block->data + block->tail, data, n);
  block->tail += (uint32_t) n;
  return n;
}


void tlsloop__pool_init(tlsloop__pool_t* pool, unsigned int limit) {
  pool->free = NULL;
  pool->count = 0;
  pool->limit = limit;
}


void tlsloop__pool_clear(tlsloop__pool_t* pool) {
  chain_give(NULL, pool->free);
  pool->free = NULL;
  pool->count = 0;
}


int tlsloop__bytes_append(tlsloop__bytes_t* bytes,
                          const void* data,
                          size_t len) {
  tlsloop__block_t* block;
  const unsigned char* p;
  size_t room;
  size_t left;

  if (len == 0)
    return 0;

  room = bytes->last == NULL ? 0 : TLSLOOP__BLOCK_ROOM - bytes->last->tail;
  block = NULL;
  if (len > room) {
    block = chain_take(bytes->pool, len - room);
    if (block == NULL)
      return UV__ENOMEM;
  }

  p = data;
  left = len;
  if (room > 0) {
    room = block_fill(bytes->last, p, left);
    p += room;
    left -= room;
  }

  if (block != NULL && bytes->last == NULL)
    bytes->first = block;
  else if (block != NULL)
    bytes->last->next = block;

  for (; block != NULL; block = block->next) {
    room = block_fill(block, p, left);
    p += room;
    left -= room;
    bytes->last = block;
  }

  bytes->size += len;
  return 0;
}


size_t tlsloop__bytes_read(tlsloop__bytes_t* bytes, void* buf, size_t len) {
  tlsloop__block_t* block;
  unsigned char* p;
  size_t done;
  size_t n;

  p = buf;
  len = min(len, bytes->size);
  for (done = 0; done < len; done += n) {
    block = bytes->first;
    n = min(len - done, block->tail - block->head);
    memcpy(p + done, block->data + block->head, n);
    tlsloop__bytes_drop(bytes, n);
  }

  return len;
}


size_t tlsloop__bytes_peek(const tlsloop__bytes_t* bytes,
                           tlsloop__span_t* spans,
                           size_t max) {
  tlsloop__block_t* block;
  size_t n;

  n = 0;
  for (block = bytes->first; block != NULL && n < max; block = block->next) {
    spans[n].data = block->data + block->head;
    spans[n].len = block->tail - block->head;
    n++;
  }

  return n;
}


void tlsloop__bytes_drop(tlsloop__bytes_t* bytes, size_t len) {
  tlsloop__block_t* block;
  size_t n;

  bytes->size -= len;
  while (len > 0) {
    block = bytes->first;
    n = min(len, block->tail - block->head);
    block->head += (uint32_t) n;
    len -= n;
    if (block->head < block->tail)
      return;

    bytes->first = block->next;
    if (bytes->first == NULL)
      bytes->last = NULL;
    block_give(bytes->pool, block);
  }
}


void tlsloop__bytes_move(tlsloop__bytes_t* to, tlsloop__bytes_t* from) {
  if (from->first == NULL)
    return;

  if (to->last == NULL)
    to->first = from->first;
  else
    to->last->next = from->first;
  to->last = from->last;
  to->size += from->size;

  from->first = NULL;
  from->last = NULL;
  from->size = 0;
}


void tlsloop__bytes_clear(tlsloop__bytes_t* bytes) {
  chain_give(bytes->pool, bytes->first);
  bytes->first = NULL;
  bytes->last = NULL;
  bytes->size = 0;
}
