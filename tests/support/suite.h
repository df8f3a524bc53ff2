/* SPDX-License-Identifier: MIT */

/* What a test program includes: Check, and the one function it must have. */

#ifndef TLSLOOP_TESTS_SUPPORT_SUITE_H
#define TLSLOOP_TESTS_SUPPORT_SUITE_H

#include <check.h>

/* The tests of this program. main() in main.c runs and frees them. */
Suite* suite(void);

#endif /* TLSLOOP_TESTS_SUPPORT_SUITE_H */
