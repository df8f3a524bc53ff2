/* SPDX-License-Identifier: MIT */

/* Policy: a context put on a connection that another one began, and the mark
 * by which sessions of different policies are told apart.
 *
 * OpenSSL's SSL_set_SSL_CTX changes certificates and little else: who must
 * show a certificate, and by which versions, would stay the first context's
 * decision. */

#include "context/policy.h"

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <string.h>
#include <uv/errno.h>

#include "context/ctx.h"
#include "engine/engine.h"
#include "engine/ossl.h"

static void apply_verification(SSL* ssl, SSL_CTX* to) {
  X509_VERIFY_PARAM* param = SSL_get0_param(ssl);
  X509_VERIFY_PARAM* wanted = SSL_CTX_get0_param(to);

  SSL_set_verify(
      ssl, SSL_CTX_get_verify_mode(to), SSL_CTX_get_verify_callback(to));
  SSL_set_verify_depth(ssl, SSL_CTX_get_verify_depth(to));
  X509_VERIFY_PARAM_clear_flags(param, X509_VERIFY_PARAM_get_flags(param));
  X509_VERIFY_PARAM_set_flags(param, X509_VERIFY_PARAM_get_flags(wanted));
  X509_VERIFY_PARAM_set_hostflags(param,
                                  X509_VERIFY_PARAM_get_hostflags(wanted));
}

static int apply_negotiation(SSL* ssl, SSL_CTX* to) {
  uint64_t options = SSL_CTX_get_options(to);

  SSL_clear_options(ssl, SSL_get_options(ssl) & ~options);
  SSL_set_options(ssl, options);
  SSL_set_security_level(ssl, SSL_CTX_get_security_level(to));
  return SSL_set_min_proto_version(ssl, SSL_CTX_get_min_proto_version(to)) &&
         SSL_set_max_proto_version(ssl, SSL_CTX_get_max_proto_version(to)) &&
         SSL_set_num_tickets(ssl, SSL_CTX_get_num_tickets(to));
}

static int apply(tlsloop_engine_t* engine, tlsloop_ctx_t* ctx) {
  if (SSL_set_SSL_CTX(engine->ssl, ctx->ssl_ctx) == NULL)
    return 0;
  apply_verification(engine->ssl, ctx->ssl_ctx);
  tlsloop__psk_apply(ctx, engine->ssl);
  return apply_negotiation(engine->ssl, ctx->ssl_ctx);
}

int tlsloop_engine_set_ctx(tlsloop_engine_t* engine, tlsloop_ctx_t* ctx) {
  tlsloop_ctx_t* before = engine->ctx;
  int err;

  if (ctx == before)
    return 0;
  err = tlsloop__ctx_check_side(ctx, engine->side);
  if (err == 0)
    err = tlsloop__ctx_seal(ctx);
  if (err != 0)
    return err;
  tlsloop__ossl_begin();
  if (!apply(engine, ctx)) {
    err = tlsloop__ctx_fail_ossl(ctx, TLSLOOP_EOPENSSL, NULL, NULL);
    apply(engine, before);
    return err;
  }
  tlsloop__ossl_end();
  engine->ctx = tlsloop_ctx_ref(ctx);
  tlsloop_ctx_unref(before);
  return 0;
}

/* Adds the digests of |ctx|'s trusted certificates up, byte by byte, so that
 * their order does not matter. */
static void add_trust(SSL_CTX* ssl_ctx,
                      unsigned char sum[TLSLOOP__POLICY_SIZE]) {
  STACK_OF(X509)* certs =
      X509_STORE_get1_all_certs(SSL_CTX_get_cert_store(ssl_ctx));
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int len;
  unsigned int j;
  int i;

  for (i = 0; i < sk_X509_num(certs); i++) {
    if (!X509_digest(sk_X509_value(certs, i), EVP_sha256(), digest, &len))
      continue;
    for (j = 0; j < len; j++)
      sum[j] = (unsigned char) (sum[j] + digest[j]);
  }
  sk_X509_pop_free(certs, X509_free);
}

int tlsloop__policy_identify(tlsloop_ctx_t* ctx) {
  /* The mode, whether names are checked, the sum over those trusted, the own
   * certificate. */
  unsigned char parts[2 + 2 * TLSLOOP__POLICY_SIZE] = {0};
  unsigned char* trust = parts + 2;
  unsigned char* own = trust + TLSLOOP__POLICY_SIZE;
  int mode = SSL_CTX_get_verify_mode(ctx->ssl_ctx);
  const X509* cert = SSL_CTX_get0_certificate(ctx->ssl_ctx);

  parts[0] = (unsigned char) mode;
  parts[1] = ctx->check_hostname;
  if (mode != SSL_VERIFY_NONE)
    add_trust(ctx->ssl_ctx, trust);
  if (cert != NULL && !X509_digest(cert, EVP_sha256(), own, NULL))
    return 0;
  if (!EVP_Q_digest(ctx->lib.libctx,
                    "SHA256",
                    ctx->lib.propq,
                    parts,
                    sizeof(parts),
                    ctx->policy,
                    NULL))
    return 0;
  /* The application's SSL_CTX keeps the mark that it gave its sessions. */
  return ctx->foreign || SSL_CTX_set_session_id_context(
                             ctx->ssl_ctx, ctx->policy, sizeof(ctx->policy));
}
