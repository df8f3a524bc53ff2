/* SPDX-License-Identifier: MIT */

/* Ossl: the one place between OpenSSL's error queue and tlsloop's errors.
 *
 * Every use of OpenSSL that can fail begins with tlsloop__ossl_begin and, when
 * it failed, ends with one of the others. The queue is empty after each, so no
 * connection ever sees another's errors. */

#ifndef TLSLOOP__OSSL_H
#define TLSLOOP__OSSL_H

#include "base/error.h"

/* Empties the error queue and sets errno to 0. */
void tlsloop__ossl_begin(void);

/* Empties the error queue after a success: OpenSSL leaves errors behind that
 * it got over. */
void tlsloop__ossl_end(void);

/* Fills |slot| from the newest error of the queue, empties the queue, and
 * returns the code: UV__ENOMEM when memory ran out, be it for the details; the
 * system's error when OpenSSL names one, unless |code| is an alert's or a
 * verification's; otherwise |code|. |subject| is the file or name concerned,
 * or NULL. */
int tlsloop__ossl_fail(tlsloop__error_slot_t* slot,
                       int code,
                       const char* subject);

/* Whether the newest error of the queue is |reason| of |lib| (ERR_LIB_*,
 * *_R_*). Leaves the queue as it is. */
int tlsloop__ossl_is(int lib, int reason);

/* The mnemonic of the library in packed error |code|, such as "SSL"; NULL when
 * it has none. A static string. */
const char* tlsloop__ossl_library(unsigned long code);

/* The mnemonic of the reason in packed error |code|, such as
 * "CERTIFICATE_VERIFY_FAILED"; NULL when it has none. A static string. */
const char* tlsloop__ossl_reason(unsigned long code);

#endif /* TLSLOOP__OSSL_H */
