/* SPDX-License-Identifier: MIT */

/* Arena: allocations that are freed together. Each is an allocation of its
 * own, so that memory checkers see where one ends. */

#ifndef TLSLOOP__ARENA_H
#define TLSLOOP__ARENA_H

#include <stddef.h>

/* All zeroes is an empty one. */
typedef struct tlsloop__arena_s {
  struct tlsloop__arena_part_s* last;
} tlsloop__arena_t;

/* Room for |count| objects of |size| bytes, all zeroes, aligned for anything.
 * Returns NULL when memory ran out. */
void* tlsloop__arena_alloc(tlsloop__arena_t* arena, size_t count, size_t size);

/* A copy of the |len| bytes of |data| with a NUL after it. Returns NULL when
 * memory ran out. */
char* tlsloop__arena_copy(tlsloop__arena_t* arena,
                          const void* data,
                          size_t len);

/* Frees all that came out of |arena|, which is then empty. */
void tlsloop__arena_clear(tlsloop__arena_t* arena);

#endif /* TLSLOOP__ARENA_H */
