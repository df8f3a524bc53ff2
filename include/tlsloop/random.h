/* SPDX-License-Identifier: MIT */

/* Random numbers for secrets, from the generator of OpenSSL's default library
 * context, the one of each thread.
 *
 * Nothing is to be done around fork: since OpenSSL 1.1.1 a generator notices
 * that its process is a new one and reseeds itself, so parent and child do not
 * draw the same numbers. Only what was drawn before the fork is known to both;
 * keys that are to differ are to be drawn after it. */

#ifndef TLSLOOP_RANDOM_H
#define TLSLOOP_RANDOM_H

#include <stddef.h>

#include "tlsloop/errno.h"
#include "tlsloop/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Fills |buf| with |len| random bytes, which may be 0 (OpenSSL,
 * RAND_bytes(3)). |error| is NULL, or a struct whose size the caller has set;
 * on failure the details are written to it.
 * Returns: 0, or a negative code; |buf| is then all zeroes.
 * Errors: UV_EINVAL when |buf| is NULL and |len| is not 0; UV_ENOMEM;
 * TLSLOOP_EOPENSSL when the generator has no seed or fails: use no other in
 * its place.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_random_bytes(void* buf,
                                        size_t len,
                                        tlsloop_error_t* error);

/* Whether the generator has enough seed; it takes some first if it must
 * (OpenSSL, RAND_status(3)).
 * Returns: 1 or 0.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_random_status(void);

/* Mixes the |len| bytes of |buf| into the generator, which seeds itself from
 * the system and does not need them (OpenSSL, RAND_add(3)). |entropy| is how
 * many of them an attacker cannot guess, 0 when that is unknown; what is below
 * 0, above |len| or no number counts as the nearest that can be true, 0 for no
 * number. OpenSSL takes long buffers in parts: each counts for its share of
 * |entropy|, so that together they count for no more than it.
 * Since: 0.1 */
TLSLOOP_EXTERN void tlsloop_random_add(const void* buf,
                                       size_t len,
                                       double entropy);

#ifdef __cplusplus
}
#endif

#endif /* TLSLOOP_RANDOM_H */
