/* SPDX-License-Identifier: MIT */

/* Always: an assertion for what holds a million times. Check's own leave a mark
 * of each that holds, with a system call. */

#ifndef TLSLOOP_TESTS_SUPPORT_ALWAYS_H
#define TLSLOOP_TESTS_SUPPORT_ALWAYS_H

#include <check.h>

/* Fails the test unless |condition| holds. */
#define ALWAYS(condition)                     \
  do {                                        \
    if (!(condition))                         \
      ck_abort_msg("%s: not so", #condition); \
  } while (0)

/* The same, with a message in printf's manner. */
#define ALWAYS_MSG(condition, ...) \
  do {                             \
    if (!(condition))              \
      ck_abort_msg(__VA_ARGS__);   \
  } while (0)

#endif /* TLSLOOP_TESTS_SUPPORT_ALWAYS_H */
