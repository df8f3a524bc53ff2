/* SPDX-License-Identifier: MIT */

/* Trust-text: certificates and revocation lists for the store of a context. */

#ifndef TLSLOOP__TRUST_TEXT_H
#define TLSLOOP__TRUST_TEXT_H

#include <stddef.h>

#include "tlsloop/ctx.h"

/* Which of them are wanted. */
typedef enum tlsloop__trust_kind_e {
  TLSLOOP__TRUST_ALL,
  TLSLOOP__TRUST_CRLS
} tlsloop__trust_kind_t;

/* Adds what is |wanted| of the file |path| to the store of |ctx|: all of it or
 * nothing. Returns 0 or a negative code, of which |ctx| has the details. */
int tlsloop__trust_add_file(tlsloop_ctx_t* ctx,
                            tlsloop__trust_kind_t wanted,
                            const char* path);

/* The same for the |len| bytes at |data|, in |encoding|, one of
 * tlsloop_encoding_t. */
int tlsloop__trust_add_mem(tlsloop_ctx_t* ctx,
                           tlsloop__trust_kind_t wanted,
                           const void* data,
                           size_t len,
                           int encoding);

#endif /* TLSLOOP__TRUST_TEXT_H */
