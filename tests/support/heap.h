/* SPDX-License-Identifier: MIT */

/* Heap: how much of it is in use. */

#ifndef TLSLOOP_TESTS_SUPPORT_HEAP_H
#define TLSLOOP_TESTS_SUPPORT_HEAP_H

#include <stddef.h>
#include <stdlib.h>

#if defined(__GLIBC__) && \
    (__GLIBC__ > 2 || (__GLIBC__ == 2 && __GLIBC_MINOR__ >= 33))
#include <malloc.h>
#define HEAP_IS_TOLD 1
#endif

/* How many bytes of the heap are in use. Always 0 where the C library does not
 * tell, or a sanitizer has taken its place. */
static inline size_t heap_in_use(void) {
#ifdef HEAP_IS_TOLD
  struct mallinfo2 info = mallinfo2();

  return info.uordblks + info.hblkhd;
#else
  return 0;
#endif
}

/* How many more there are now than |before|. */
static inline size_t heap_growth(size_t before) {
  size_t after = heap_in_use();

  return after > before ? after - before : 0;
}

#endif /* TLSLOOP_TESTS_SUPPORT_HEAP_H */
