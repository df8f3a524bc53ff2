/* SPDX-License-Identifier: MIT */

/* Pha: certificates of clients that come after the handshake. */

#ifndef TLSLOOP__PHA_H
#define TLSLOOP__PHA_H

#include <openssl/ssl.h>

#include "tlsloop/ctx.h"

/* What SSL_set_verify is to be given for servers under |ctx|. */
int tlsloop__pha_verify_mode(const tlsloop_ctx_t* ctx);

/* Makes |ssl|, which has the verification of |ctx|, offer late certificates as
 * a client, or wait for them as a server, if |ctx| says so. */
void tlsloop__pha_apply(const tlsloop_ctx_t* ctx, SSL* ssl);

#endif /* TLSLOOP__PHA_H */
