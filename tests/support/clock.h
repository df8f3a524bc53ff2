/* SPDX-License-Identifier: MIT */

/* Clock: the time that libuv sees in this program stands still, and goes on
 * only when a test says so. */

#ifndef TLSLOOP_TESTS_SUPPORT_CLOCK_H
#define TLSLOOP_TESTS_SUPPORT_CLOCK_H

#include <stdint.h>

/* Lets |ms| milliseconds pass at once. Loops see it in their next turn. */
void clock_advance(uint64_t ms);

#endif /* TLSLOOP_TESTS_SUPPORT_CLOCK_H */
