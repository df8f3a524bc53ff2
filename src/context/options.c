/* SPDX-License-Identifier: MIT */

/* Options: OpenSSL's switches, and the security level. An option that is not
 * known to be harmless is taken for a weakness: OpenSSL goes on to get new
 * ones. */

#include <openssl/ssl.h>
#include <uv/errno.h>

#include "context/ctx.h"
#include "tlsloop/policy.h"

#define MIN_SECURITY_LEVEL 2
#define MAX_SECURITY_LEVEL 5

/* What may be switched on. Which versions there are is decided by the lowest
 * one, so to have fewer of them is as good as the one that remains. */
#define HARMLESS                                                              \
  ((SSL_OP_ALL & ~SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS) |                       \
   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_CLEANSE_PLAINTEXT |               \
   SSL_OP_DISABLE_TLSEXT_CA_NAMES | SSL_OP_ENABLE_KTLS |                      \
   SSL_OP_ENABLE_MIDDLEBOX_COMPAT | SSL_OP_NO_COMPRESSION |                   \
   SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION |  \
   SSL_OP_NO_SSLv3 | SSL_OP_NO_TICKET | SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1 | \
   SSL_OP_NO_TLSv1_2 | SSL_OP_NO_TLSv1_3 | SSL_OP_PRIORITIZE_CHACHA |         \
   SSL_OP_SINGLE_DH_USE | SSL_OP_SINGLE_ECDH_USE)

/* What protects and may not be switched off. */
#define PROTECTING \
  (SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_SSLv3)


int tlsloop_ctx_set_options(tlsloop_ctx_t* ctx, uint64_t options) {
  uint64_t before;
  uint64_t off;
  uint64_t on;
  int err;

  err = tlsloop__ctx_check_open(ctx);
  if (err != 0)
    return err;

  before = SSL_CTX_get_options(ctx->ssl_ctx);
  on = options & ~before;
  off = before & ~options;
  if ((on & ~HARMLESS) != 0)
    err = tlsloop__ctx_check_insecure(
        ctx, "an option that is switched on weakens TLS");
  else if ((off & PROTECTING) != 0)
    err = tlsloop__ctx_check_insecure(
        ctx, "an option that is switched off protects TLS");
  if (err != 0)
    return err;

  SSL_CTX_clear_options(ctx->ssl_ctx, off);
  SSL_CTX_set_options(ctx->ssl_ctx, on);
  return 0;
}


uint64_t tlsloop_ctx_options(const tlsloop_ctx_t* ctx) {
  return SSL_CTX_get_options(ctx->ssl_ctx);
}


int tlsloop_ctx_set_security_level(tlsloop_ctx_t* ctx, int level) {
  int err;

  err = tlsloop__ctx_check_open(ctx);
  if (err != 0)
    return err;
  if (level < 0 || level > MAX_SECURITY_LEVEL)
    return tlsloop__ctx_fail(
        ctx, UV__EINVAL, NULL, "security levels are from 0 to 5");
  if (level < MIN_SECURITY_LEVEL) {
    err = tlsloop__ctx_check_insecure(ctx, "the security level is below 2");
    if (err != 0)
      return err;
  }
  SSL_CTX_set_security_level(ctx->ssl_ctx, level);
  return 0;
}


int tlsloop_ctx_security_level(const tlsloop_ctx_t* ctx) {
  return SSL_CTX_get_security_level(ctx->ssl_ctx);
}
