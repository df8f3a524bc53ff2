/* SPDX-License-Identifier: MIT */

/* Verify: what is asked of the peer's certificate and of the name in it. */

#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <uv/errno.h>

#include "context/ctx.h"

#define REQUIRED (SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT)


static void set_mode(tlsloop_ctx_t* ctx, int flags) {
  SSL_CTX_set_verify(
      ctx->ssl_ctx, flags, SSL_CTX_get_verify_callback(ctx->ssl_ctx));
}


/* Whether |ctx| may stop to verify. */
static int check_none(tlsloop_ctx_t* ctx) {
  int err;

  if (ctx->protocol == TLSLOOP_PROTOCOL_TLS_CLIENT) {
    err = tlsloop__ctx_check_insecure(ctx, "clients must verify servers");
    if (err != 0)
      return err;
  }
  if (ctx->check_hostname)
    return tlsloop__ctx_fail(
        ctx,
        UV__EINVAL,
        NULL,
        "a host name cannot be checked without verifying the certificate");
  return 0;
}


int tlsloop_ctx_set_verify_mode(tlsloop_ctx_t* ctx, int mode) {
  int err;

  err = tlsloop__ctx_check_open(ctx);
  if (err != 0)
    return err;

  switch (mode) {
    case TLSLOOP_CERT_NONE:
      err = check_none(ctx);
      if (err == 0)
        set_mode(ctx, SSL_VERIFY_NONE);
      return err;
    case TLSLOOP_CERT_OPTIONAL:
      set_mode(ctx, SSL_VERIFY_PEER);
      return 0;
    case TLSLOOP_CERT_REQUIRED:
      set_mode(ctx, REQUIRED);
      return 0;
    default:
      return tlsloop__ctx_fail(
          ctx, UV__EINVAL, NULL, "this is no verification mode");
  }
}


int tlsloop_ctx_verify_mode(const tlsloop_ctx_t* ctx) {
  int flags;

  flags = SSL_CTX_get_verify_mode(ctx->ssl_ctx);
  if (!(flags & SSL_VERIFY_PEER))
    return TLSLOOP_CERT_NONE;
  if (!(flags & SSL_VERIFY_FAIL_IF_NO_PEER_CERT))
    return TLSLOOP_CERT_OPTIONAL;
  return TLSLOOP_CERT_REQUIRED;
}


int tlsloop_ctx_set_check_hostname(tlsloop_ctx_t* ctx, int on) {
  int err;

  err = tlsloop__ctx_check_open(ctx);
  if (err != 0)
    return err;
  if (on != 0 && on != 1)
    return tlsloop__ctx_fail(ctx, UV__EINVAL, NULL, "this is neither 1 nor 0");
  if (!on && ctx->protocol == TLSLOOP_PROTOCOL_TLS_CLIENT) {
    err = tlsloop__ctx_check_insecure(ctx, "clients must check host names");
    if (err != 0)
      return err;
  }

  if (on && tlsloop_ctx_verify_mode(ctx) == TLSLOOP_CERT_NONE)
    set_mode(ctx, REQUIRED);
  ctx->check_hostname = (unsigned char) on;
  return 0;
}


int tlsloop_ctx_check_hostname(const tlsloop_ctx_t* ctx) {
  return ctx->check_hostname;
}


int tlsloop_ctx_set_hostname_checks_cn(tlsloop_ctx_t* ctx, int on) {
  X509_VERIFY_PARAM* param;
  unsigned int flags;
  int err;

  err = tlsloop__ctx_check_open(ctx);
  if (err != 0)
    return err;
  if (on != 0 && on != 1)
    return tlsloop__ctx_fail(ctx, UV__EINVAL, NULL, "this is neither 1 nor 0");

  param = SSL_CTX_get0_param(ctx->ssl_ctx);
  flags = X509_VERIFY_PARAM_get_hostflags(param);
  if (on)
    flags &= ~(unsigned int) X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;
  else
    flags |= X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;
  X509_VERIFY_PARAM_set_hostflags(param, flags);
  return 0;
}


int tlsloop_ctx_hostname_checks_cn(const tlsloop_ctx_t* ctx) {
  const X509_VERIFY_PARAM* param;

  param = SSL_CTX_get0_param(ctx->ssl_ctx);
  return !(X509_VERIFY_PARAM_get_hostflags(param) &
           X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
}
