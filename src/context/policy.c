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
#include "context/groups.h"
#include "context/pha.h"
#include "engine/engine.h"
#include "engine/ossl.h"

/* How a context verifies, in bytes. */
#define RULES_SIZE 18

static void apply_verification(SSL* ssl, const tlsloop_ctx_t* ctx) {
  SSL_CTX* to = ctx->ssl_ctx;
  X509_VERIFY_PARAM* param = SSL_get0_param(ssl);
  X509_VERIFY_PARAM* wanted = SSL_CTX_get0_param(to);

  SSL_set_verify(
      ssl, SSL_CTX_get_verify_mode(to), SSL_CTX_get_verify_callback(to));
  SSL_set_verify_depth(ssl, SSL_CTX_get_verify_depth(to));
  X509_VERIFY_PARAM_clear_flags(param, X509_VERIFY_PARAM_get_flags(param));
  X509_VERIFY_PARAM_set_flags(param, X509_VERIFY_PARAM_get_flags(wanted));
  X509_VERIFY_PARAM_set_hostflags(param,
                                  X509_VERIFY_PARAM_get_hostflags(wanted));
  tlsloop__pha_apply(ctx, ssl);
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

/* Puts |ssl|, which is under |from|, under |to|. */
static int apply(SSL* ssl, const tlsloop_ctx_t* from, const tlsloop_ctx_t* to) {
  if (SSL_set_SSL_CTX(ssl, to->ssl_ctx) == NULL)
    return 0;
  apply_verification(ssl, to);
  tlsloop__psk_apply(to, ssl);
  tlsloop__message_apply(from, to, ssl);
  return apply_negotiation(ssl, to->ssl_ctx) &&
         tlsloop__groups_apply(from, to, ssl);
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
  if (!apply(engine->ssl, before, ctx)) {
    err = tlsloop__ctx_fail_ossl(ctx, TLSLOOP_EOPENSSL, NULL, NULL);
    apply(engine->ssl, ctx, before);
    tlsloop__ossl_end();
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

static unsigned char* put(unsigned char* at, uint64_t value, int bytes) {
  for (; bytes > 0; bytes--) {
    *at++ = (unsigned char) value;
    value >>= 8;
  }
  return at;
}

/* Writes down how |ctx| verifies. A session that began without a certificate,
 * because that was to come later, must not go on where it has to be first. */
static void put_rules(const tlsloop_ctx_t* ctx,
                      unsigned char rules[RULES_SIZE]) {
  X509_VERIFY_PARAM* param = SSL_CTX_get0_param(ctx->ssl_ctx);
  unsigned char* at = rules;

  at = put(at, (uint64_t) tlsloop__pha_verify_mode(ctx), 1);
  at = put(at, ctx->check_hostname, 1);
  at = put(at, X509_VERIFY_PARAM_get_flags(param), 8);
  at = put(at, X509_VERIFY_PARAM_get_hostflags(param), 4);
  put(at, (uint64_t) X509_VERIFY_PARAM_get_depth(param), 4);
}

int tlsloop__policy_identify(tlsloop_ctx_t* ctx) {
  /* How is verified, the sum over those trusted, the own certificate. */
  unsigned char parts[RULES_SIZE + 2 * TLSLOOP__POLICY_SIZE] = {0};
  unsigned char* trust = parts + RULES_SIZE;
  unsigned char* own = trust + TLSLOOP__POLICY_SIZE;
  int mode = SSL_CTX_get_verify_mode(ctx->ssl_ctx);
  const X509* cert = SSL_CTX_get0_certificate(ctx->ssl_ctx);

  put_rules(ctx, parts);
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
