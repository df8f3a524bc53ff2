/* SPDX-License-Identifier: MIT */

/* Check-bytes: a walk over the blocks. */

#include "support/check-bytes.h"

#include <check.h>


void check_bytes(const tlsloop__bytes_t* bytes) {
  const tlsloop__block_t* block;
  const tlsloop__block_t* last;
  size_t size;

  size = 0;
  last = NULL;
  for (block = bytes->first; block != NULL; block = block->next) {
    ck_assert_uint_lt(block->head, block->tail);
    ck_assert_uint_le(block->tail, TLSLOOP__BLOCK_ROOM);
    size += block->tail - block->head;
    last = block;
  }

  ck_assert_uint_eq(size, bytes->size);
  ck_assert_ptr_eq(last, bytes->last);
}
