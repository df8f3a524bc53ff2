/* SPDX-License-Identifier: MIT */

/* Pha: certificates of clients that come after the handshake (RFC 8446,
 * 4.6.2). OpenSSL has one switch for each side; the context has one for
 * both. */

#include "context/pha.h"

#include <uv/errno.h>

#include "context/ctx.h"
#include "tlsloop/policy.h"


int tlsloop__pha_verify_mode(const tlsloop_ctx_t* ctx) {
  int mode;

  mode = SSL_CTX_get_verify_mode(ctx->ssl_ctx);
  if (ctx->pha && (mode & SSL_VERIFY_PEER) != 0)
    mode |= SSL_VERIFY_POST_HANDSHAKE;
  return mode;
}


void tlsloop__pha_apply(const tlsloop_ctx_t* ctx, SSL* ssl) {
  if (SSL_is_server(ssl))
    SSL_set_verify(
        ssl, tlsloop__pha_verify_mode(ctx), SSL_get_verify_callback(ssl));
  else if (ctx->pha)
    SSL_set_post_handshake_auth(ssl, 1);
}


int tlsloop_ctx_set_post_handshake_auth(tlsloop_ctx_t* ctx, int on) {
  int err;

  err = tlsloop__ctx_check_open(ctx);
  if (err != 0)
    return err;
  if (on != 0 && on != 1)
    return tlsloop__ctx_fail(ctx, UV__EINVAL, NULL, "this is neither 1 nor 0");
  ctx->pha = (unsigned char) on;
  return 0;
}


int tlsloop_ctx_post_handshake_auth(const tlsloop_ctx_t* ctx) {
  return ctx->pha;
}
