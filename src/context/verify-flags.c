/* SPDX-License-Identifier: MIT */

/* Verify-flags: how chains are verified, and how host names are looked for. A
 * flag that is not known to be harmless is taken for a weakness. */

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <uv/errno.h>

#include "context/ctx.h"
#include "tlsloop/policy.h"

/* These look at more, or find another way to somebody who is trusted. */
#define HARMLESS_FLAGS                                          \
  (X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL |          \
   X509_V_FLAG_X509_STRICT | X509_V_FLAG_POLICY_CHECK |         \
   X509_V_FLAG_EXPLICIT_POLICY | X509_V_FLAG_INHIBIT_ANY |      \
   X509_V_FLAG_INHIBIT_MAP | X509_V_FLAG_NOTIFY_POLICY |        \
   X509_V_FLAG_EXTENDED_CRL_SUPPORT | X509_V_FLAG_USE_DELTAS |  \
   X509_V_FLAG_CHECK_SS_SIGNATURE | X509_V_FLAG_TRUSTED_FIRST | \
   X509_V_FLAG_SUITEB_128_LOS | X509_V_FLAG_PARTIAL_CHAIN |     \
   X509_V_FLAG_NO_ALT_CHAINS)

#define HARMLESS_HOST_FLAGS                                                   \
  ((unsigned int) TLSLOOP_HOST_NO_WILDCARDS |                                 \
   TLSLOOP_HOST_NO_PARTIAL_WILDCARDS | TLSLOOP_HOST_SINGLE_LABEL_SUBDOMAINS | \
   TLSLOOP_HOST_NEVER_CHECK_SUBJECT)


int tlsloop_ctx_set_verify_flags(tlsloop_ctx_t* ctx, uint64_t flags) {
  X509_VERIFY_PARAM* param;
  unsigned long before;
  unsigned long wanted;
  int err;

  err = tlsloop__ctx_check_open(ctx);
  if (err != 0)
    return err;
  wanted = (unsigned long) flags;
  if (wanted != flags)
    return tlsloop__ctx_fail(ctx, UV__EINVAL, NULL, "these are no flags");

  param = SSL_CTX_get0_param(ctx->ssl_ctx);
  before = X509_VERIFY_PARAM_get_flags(param);
  if ((wanted & ~before & ~(unsigned long) HARMLESS_FLAGS) != 0) {
    err = tlsloop__ctx_check_insecure(ctx, "a flag weakens verification");
    if (err != 0)
      return err;
  }
  X509_VERIFY_PARAM_clear_flags(param, before & ~wanted);
  X509_VERIFY_PARAM_set_flags(param, wanted & ~before);
  return 0;
}


uint64_t tlsloop_ctx_verify_flags(const tlsloop_ctx_t* ctx) {
  return X509_VERIFY_PARAM_get_flags(SSL_CTX_get0_param(ctx->ssl_ctx));
}


int tlsloop_ctx_set_host_flags(tlsloop_ctx_t* ctx, unsigned int flags) {
  unsigned int before;
  int err;

  err = tlsloop__ctx_check_open(ctx);
  if (err != 0)
    return err;

  before = tlsloop_ctx_host_flags(ctx);
  if ((flags & ~before & ~HARMLESS_HOST_FLAGS) != 0 ||
      (before & ~flags & TLSLOOP_HOST_NO_PARTIAL_WILDCARDS) != 0) {
    err = tlsloop__ctx_check_insecure(ctx,
                                      "a flag weakens the check of host names");
    if (err != 0)
      return err;
  }
  X509_VERIFY_PARAM_set_hostflags(SSL_CTX_get0_param(ctx->ssl_ctx), flags);
  return 0;
}


unsigned int tlsloop_ctx_host_flags(const tlsloop_ctx_t* ctx) {
  return X509_VERIFY_PARAM_get_hostflags(SSL_CTX_get0_param(ctx->ssl_ctx));
}
