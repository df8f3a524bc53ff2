/* SPDX-License-Identifier: MIT */

/* Check-bytes: what has to be true of any byte store at any time. */

#ifndef TLSLOOP_TESTS_SUPPORT_CHECK_BYTES_H
#define TLSLOOP_TESTS_SUPPORT_CHECK_BYTES_H

#include "base/bytes.h"

/* Asserts that |bytes| is well formed: no empty block, and a size and an end
 * that are those of its blocks. */
void check_bytes(const tlsloop__bytes_t* bytes);

#endif /* TLSLOOP_TESTS_SUPPORT_CHECK_BYTES_H */
