/* SPDX-License-Identifier: MIT */

/* Arena: a list of allocations, the last one first. */

#include "context/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct tlsloop__arena_part_s {
  struct tlsloop__arena_part_s* before;
  max_align_t room[];
} part_t;


void* tlsloop__arena_alloc(tlsloop__arena_t* arena, size_t count, size_t size) {
  part_t* part;

  if (size != 0 && count > (SIZE_MAX - sizeof(*part)) / size)
    return NULL;

  part = calloc(1, sizeof(*part) + count * size);
  if (part == NULL)
    return NULL;
  part->before = arena->last;
  arena->last = part;
  return part->room;
}


char* tlsloop__arena_copy(tlsloop__arena_t* arena,
                          const void* data,
                          size_t len) {
  char* copy;

  if (len == SIZE_MAX)
    return NULL;
  copy = tlsloop__arena_alloc(arena, len + 1, 1);
  if (copy != NULL && len > 0)
    memcpy(copy, data, len);
  return copy;
}


void tlsloop__arena_clear(tlsloop__arena_t* arena) {
  part_t* part;

  while ((part = arena->last) != NULL) {
    arena->last = part->before;
    free(part);
  }
}
