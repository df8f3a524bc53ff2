/* SPDX-License-Identifier: MIT */

/* Fail-alloc: lets an allocation of the code under test fail.
 *
 * A program that uses this is linked with $(fail_alloc_ldflags), so that its
 * calls of malloc, calloc, realloc, strdup, strndup and free come here first;
 * those inside shared libraries and of Check's assertions do not. Each thread
 * has counts of its own, which a test begins with fail_alloc_reset. It visits
 * every failure there is with
 *
 *     for (n = 0;; n++) {
 *       fail_alloc_after(n);
 *       ret = the_call_under_test();
 *       if (!fail_alloc_reset())
 *         break;
 *       ck_assert_int_eq(ret, UV__ENOMEM);
 *     }
 */

#ifndef TLSLOOP_TESTS_SUPPORT_FAIL_ALLOC_H
#define TLSLOOP_TESTS_SUPPORT_FAIL_ALLOC_H

/* From now on |n| allocations succeed, the one after them fails, and those
 * after that succeed again. Sets the counts to 0. */
void fail_alloc_after(unsigned int n);

/* From now on |n| allocations succeed, and all after them fail. Sets the
 * counts to 0. */
void fail_alloc_from(unsigned int n);

/* From now on every allocation succeeds. Sets the counts to 0, and returns
 * how many allocations failed since it did so the last time. */
unsigned int fail_alloc_reset(void);

/* Between these allocations neither fail nor count: those of a test among
 * those of what it tests. They nest. */
void fail_alloc_pause(void);
void fail_alloc_resume(void);

/* How many allocations were asked for since the counts were 0. */
unsigned int fail_alloc_count(void);

/* How many allocations were freed since the counts were 0. */
unsigned int fail_alloc_frees(void);

#endif /* TLSLOOP_TESTS_SUPPORT_FAIL_ALLOC_H */
