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

#include "context/conn.h"
#include "context/ctx.h"
#include "context/groups.h"
#include "context/pha.h"
#include "engine/engine.h"
#include "engine/ossl.h"

/* How a context verifies, as bytes. */
#define RULES_SIZE 19

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

/* A client that has not begun checks the name as |to| says, and does not resume
 * what another context has verified. */
static int apply_client(tlsloop_engine_t* engine, const tlsloop_ctx_t* to) {
  if (engine->side != TLSLOOP_CLIENT || engine->state != TLSLOOP_ENGINE_NEW)
    return 1;
  return SSL_set_session(engine->ssl, NULL) &&
         tlsloop__conn_check_name(engine, to->check_hostname);
}

/* Puts |engine|, which is under |from|, under |to|. */
static int apply(tlsloop_engine_t* engine,
                 const tlsloop_ctx_t* from,
                 const tlsloop_ctx_t* to) {
  SSL* ssl = engine->ssl;

  if (SSL_set_SSL_CTX(ssl, to->ssl_ctx) == NULL)
    return 0;
  apply_verification(ssl, to);
  tlsloop__psk_apply(to, ssl);
  tlsloop__message_apply(engine, from, to);
  return apply_negotiation(ssl, to->ssl_ctx) &&
         tlsloop__groups_apply(from, to, ssl) && apply_client(engine, to);
}

/* Whether |engine| can be put under |ctx|. What was negotiated, resumed or
 * verified under another context would not be up to its rules. */
static int check(const tlsloop_engine_t* engine, tlsloop_ctx_t* ctx) {
  int err = tlsloop__ctx_check_side(ctx, engine->side);

  if (err != 0)
    return err;
  if (engine->state == TLSLOOP_ENGINE_HANDSHAKING &&
      engine->sni != TLSLOOP__SNI_ASKING)
    return tlsloop__ctx_fail(
        ctx, UV__EBUSY, NULL, "a handshake is under way with another context");
  return tlsloop__ctx_seal(ctx);
}

/* |engine| is between two contexts and cannot go back: memory is gone. It must
 * not be used by the rules of neither. */
static void spoil(tlsloop_engine_t* engine, int err) {
  if (engine->sni == TLSLOOP__SNI_ASKING)
    engine->sni = TLSLOOP__SNI_SPOILED;
  else if (engine->state != TLSLOOP_ENGINE_FAILED)
    tlsloop__engine_give_up(engine, err);
}

int tlsloop_engine_set_ctx(tlsloop_engine_t* engine, tlsloop_ctx_t* ctx) {
  tlsloop_ctx_t* before = engine->ctx;
  int err;

  if (ctx == before)
    return 0;
  err = check(engine, ctx);
  if (err != 0)
    return err;
  tlsloop__ossl_begin();
  if (!apply(engine, before, ctx)) {
    err = tlsloop__ctx_fail_ossl(ctx, TLSLOOP_EOPENSSL, NULL, NULL);
    if (!apply(engine, ctx, before))
      spoil(engine, err);
    tlsloop__ossl_end();
    return err;
  }
  tlsloop__ossl_end();
  engine->ctx = tlsloop_ctx_ref(ctx);
  tlsloop_ctx_unref(before);
  return 0;
}

/* Adds |digest| to |sum|, byte by byte, so that the order of what is added up
 * does not matter. */
static void add(unsigned char sum[TLSLOOP__POLICY_SIZE],
                const unsigned char digest[TLSLOOP__POLICY_SIZE]) {
  int i;

  for (i = 0; i < TLSLOOP__POLICY_SIZE; i++)
    sum[i] = (unsigned char) (sum[i] + digest[i]);
}

/* Adds up which certificates and revocation lists |ctx| goes by, and in which
 * directories it looks for more. Returns 1 or 0. */
static int add_trust(const tlsloop_ctx_t* ctx,
                     unsigned char sum[TLSLOOP__POLICY_SIZE]) {
  X509_STORE* store = SSL_CTX_get_cert_store(ctx->ssl_ctx);
  STACK_OF(X509_OBJECT)* objects = X509_STORE_get0_objects(store);
  unsigned char one[TLSLOOP__POLICY_SIZE];
  X509_CRL* crl;
  X509* cert;
  int ok = 1;
  int i;

  X509_STORE_lock(store);
  for (i = 0; ok && i < sk_X509_OBJECT_num(objects); i++) {
    cert = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i));
    crl = X509_OBJECT_get0_X509_CRL(sk_X509_OBJECT_value(objects, i));
    if (cert != NULL)
      ok = X509_digest(cert, EVP_sha256(), one, NULL);
    else
      ok = X509_CRL_digest(crl, EVP_sha256(), one, NULL);
    if (ok)
      add(sum, one);
  }
  X509_STORE_unlock(store);
  add(sum, ctx->trust_dirs);
  return ok;
}

/* The digest of the |len| bytes of |data|. Returns 1 or 0. */
static int digest(const tlsloop_ctx_t* ctx,
                  const void* data,
                  size_t len,
                  unsigned char to[TLSLOOP__POLICY_SIZE]) {
  const tlsloop__lib_t* lib = &ctx->lib;

  return EVP_Q_digest(lib->libctx, "SHA256", lib->propq, data, len, to, NULL);
}

/* Adds up which ciphers |ctx| takes: servers of TLS 1.2 go on with that of a
 * session that they resume. Returns 1 or 0. */
static int add_ciphers(const tlsloop_ctx_t* ctx,
                       unsigned char sum[TLSLOOP__POLICY_SIZE]) {
  STACK_OF(SSL_CIPHER)* ciphers = SSL_CTX_get_ciphers(ctx->ssl_ctx);
  unsigned char one[TLSLOOP__POLICY_SIZE];
  const char* name;
  int i;

  for (i = 0; i < sk_SSL_CIPHER_num(ciphers); i++) {
    name = SSL_CIPHER_get_name(sk_SSL_CIPHER_value(ciphers, i));
    if (!digest(ctx, name, strlen(name), one))
      return 0;
    add(sum, one);
  }
  return 1;
}

int tlsloop__policy_add_dir(tlsloop_ctx_t* ctx, const char* dir) {
  unsigned char one[TLSLOOP__POLICY_SIZE];

  if (!digest(ctx, dir, strlen(dir), one))
    return 0;
  add(ctx->trust_dirs, one);
  return 1;
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
  at = put(at, (uint64_t) SSL_CTX_get_security_level(ctx->ssl_ctx), 1);
  at = put(at, X509_VERIFY_PARAM_get_flags(param), 8);
  at = put(at, X509_VERIFY_PARAM_get_hostflags(param), 4);
  put(at, (uint64_t) X509_VERIFY_PARAM_get_depth(param), 4);
}

int tlsloop__policy_identify(tlsloop_ctx_t* ctx) {
  /* How is verified, the sum over those trusted, that over the ciphers, the own
   * certificate. */
  unsigned char parts[RULES_SIZE + 3 * TLSLOOP__POLICY_SIZE] = {0};
  unsigned char* trust = parts + RULES_SIZE;
  unsigned char* ciphers = trust + TLSLOOP__POLICY_SIZE;
  unsigned char* own = ciphers + TLSLOOP__POLICY_SIZE;
  int mode = SSL_CTX_get_verify_mode(ctx->ssl_ctx);
  const X509* cert = SSL_CTX_get0_certificate(ctx->ssl_ctx);

  put_rules(ctx, parts);
  if (mode != SSL_VERIFY_NONE && !add_trust(ctx, trust))
    return 0;
  if (!add_ciphers(ctx, ciphers))
    return 0;
  if (cert != NULL && !X509_digest(cert, EVP_sha256(), own, NULL))
    return 0;
  if (!digest(ctx, parts, sizeof(parts), ctx->policy))
    return 0;
  /* The application's SSL_CTX keeps the mark that it gave its sessions. */
  return ctx->foreign || SSL_CTX_set_session_id_context(
                             ctx->ssl_ctx, ctx->policy, sizeof(ctx->policy));
}
