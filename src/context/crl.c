/* SPDX-License-Identifier: MIT */

/* Crl: revocation lists for a context, and no trust in whoever comes with
 * them. */

#include "context/trust-text.h"
#include "tlsloop/trust.h"


int tlsloop_ctx_load_crl_file(tlsloop_ctx_t* ctx, const char* file) {
  return tlsloop__trust_add_file(ctx, TLSLOOP__TRUST_CRLS, file);
}


int tlsloop_ctx_load_crl_mem(tlsloop_ctx_t* ctx,
                             const void* data,
                             size_t len,
                             int encoding) {
  return tlsloop__trust_add_mem(ctx, TLSLOOP__TRUST_CRLS, data, len, encoding);
}
