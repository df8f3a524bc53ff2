/* SPDX-License-Identifier: MIT */

/* Self-signed: a certificate for trying things out, made on the spot. */

#ifndef SAMPLES_SELF_SIGNED_H
#define SAMPLES_SELF_SIGNED_H

#include <tlsloop.h>

/* Makes a key and a certificate for localhost, 127.0.0.1 and ::1 that is good
 * for 30 days, loads them into |ctx|, and writes the certificate to |file|
 * unless that is NULL. Exits when that fails. */
void load_self_signed(tlsloop_ctx_t* ctx, const char* file);

#endif /* SAMPLES_SELF_SIGNED_H */
