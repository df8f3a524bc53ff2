/* SPDX-License-Identifier: MIT */

/* Chain: the own certificate, its issuers and its key. */

#ifndef TLSLOOP__CHAIN_H
#define TLSLOOP__CHAIN_H

#include <stddef.h>

#include "context/password.h"
#include "tlsloop/ctx.h"

/* PEM text in memory; |key| NULL: it is in |cert|. */
typedef struct tlsloop__chain_mem_s {
  const void* cert;
  size_t cert_len;
  const void* key;
  size_t key_len;
} tlsloop__chain_mem_t;

/* As tlsloop_ctx_load_cert_chain_file, with |password| for the key. */
int tlsloop__chain_load_file(tlsloop_ctx_t* ctx,
                             const char* cert_file,
                             const char* key_file,
                             tlsloop__password_t* password);

/* As tlsloop_ctx_load_cert_chain_mem, with |password| for the key. */
int tlsloop__chain_load_mem(tlsloop_ctx_t* ctx,
                            const tlsloop__chain_mem_t* mem,
                            tlsloop__password_t* password);

#endif /* TLSLOOP__CHAIN_H */
