/* SPDX-License-Identifier: MIT */

/* Groups: of which groups a connection takes its key exchange. */

#ifndef TLSLOOP__GROUPS_H
#define TLSLOOP__GROUPS_H

#include <openssl/ssl.h>

#include "tlsloop/ctx.h"

/* Gives |ssl|, made under |from|, the groups of |to|. Returns 1, or 0 with
 * OpenSSL's error in its queue. */
int tlsloop__groups_apply(const tlsloop_ctx_t* from,
                          const tlsloop_ctx_t* to,
                          SSL* ssl);

#endif /* TLSLOOP__GROUPS_H */
