/* SPDX-License-Identifier: MIT */

/* Fail-ossl: OpenSSL's allocations count and fail as those of fail-alloc.h. */

#ifndef TLSLOOP_TESTS_SUPPORT_FAIL_OSSL_H
#define TLSLOOP_TESTS_SUPPORT_FAIL_OSSL_H

/* Makes OpenSSL allocate through fail-alloc.h. Has to come before any other
 * use of OpenSSL, best at the beginning of suite(). Returns 0 when it is too
 * late. */
int fail_ossl_install(void);

#endif /* TLSLOOP_TESTS_SUPPORT_FAIL_OSSL_H */
