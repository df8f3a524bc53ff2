/* SPDX-License-Identifier: MIT */

/* Ctx: how a context comes, what it starts with, and how it goes. */

#include "context/ctx.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv/errno.h>

#include "context/slots.h"
#include "engine/bio.h"
#include "engine/ossl.h"

#define DEFAULT_CIPHERS                                     \
  "@SECLEVEL=2:ECDH+AESGCM:ECDH+CHACHA20:ECDH+AES:DHE+AES:" \
  "!aNULL:!eNULL:!aDSS:!SHA1:!AESCCM"

/* Every workaround but the one that is a weakness. */
#define WORKAROUNDS (SSL_OP_ALL & ~SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS)

#define DEFAULT_OPTIONS                                        \
  (WORKAROUNDS | SSL_OP_NO_SSLv3 | SSL_OP_NO_COMPRESSION |     \
   SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE | \
   SSL_OP_SINGLE_DH_USE | SSL_OP_SINGLE_ECDH_USE |             \
   SSL_OP_ENABLE_MIDDLEBOX_COMPAT)

/* What a system-wide configuration file of OpenSSL may switch on, and what
 * would break our word on truncation and renegotiation. */
#define LOOSE_OPTIONS                                            \
  (SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_LEGACY_SERVER_CONNECT | \
   SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION |                    \
   SSL_OP_ALLOW_CLIENT_RENEGOTIATION)

void tlsloop__ctx_lock(tlsloop_ctx_t* ctx) {
  CRYPTO_THREAD_write_lock(ctx->lock);
}


void tlsloop__ctx_unlock(tlsloop_ctx_t* ctx) {
  CRYPTO_THREAD_unlock(ctx->lock);
}


int tlsloop__ctx_fail(tlsloop_ctx_t* ctx,
                      int code,
                      const char* subject,
                      const char* text) {
  tlsloop__ctx_lock(ctx);
  tlsloop__error_fail(&ctx->error, code, subject, text);
  tlsloop__ctx_unlock(ctx);
  return code;
}


/* In the form of tlsloop__ossl_fail. */
static void explain(tlsloop_error_t* error, const char* text) {
  char line[256];

  if (error->library == NULL || error->reason == NULL)
    snprintf(line, sizeof(line), "%s", text);
  else
    snprintf(
        line, sizeof(line), "[%s: %s] %s", error->library, error->reason, text);
  tlsloop__error_set_text(error, line);
}


int tlsloop__ctx_fail_ossl(tlsloop_ctx_t* ctx,
                           int code,
                           const char* subject,
                           const char* text) {
  int err;

  tlsloop__ctx_lock(ctx);
  err = tlsloop__ossl_fail(&ctx->error, code, subject);
  /* What is the system's or memory's speaks for itself. */
  if (text != NULL && tlsloop__error_get(&ctx->error)->code == code)
    explain(ctx->error, text);
  tlsloop__ctx_unlock(ctx);
  return err;
}


int tlsloop__ctx_seal(tlsloop_ctx_t* ctx) {
  int ok;

  if (atomic_load(&ctx->sealed))
    return 0;
  tlsloop__ossl_begin();
  tlsloop__ctx_lock(ctx);
  ok = atomic_load(&ctx->sealed) || tlsloop__policy_identify(ctx);
  if (ok)
    atomic_store(&ctx->sealed, 1);
  tlsloop__ctx_unlock(ctx);
  if (!ok)
    return tlsloop__ctx_fail_ossl(ctx, TLSLOOP_EOPENSSL, NULL, NULL);
  tlsloop__ossl_end();
  return 0;
}


int tlsloop__ctx_check_side(tlsloop_ctx_t* ctx, int side) {
  if (side != TLSLOOP_CLIENT && side != TLSLOOP_SERVER)
    return tlsloop__ctx_fail(ctx, UV__EINVAL, NULL, "this is no side");
  if (side == TLSLOOP_SERVER && ctx->protocol == TLSLOOP_PROTOCOL_TLS_CLIENT)
    return tlsloop__ctx_fail(
        ctx, TLSLOOP_ESIDE, NULL, "a context for clients cannot be a server's");
  if (side == TLSLOOP_CLIENT && ctx->protocol == TLSLOOP_PROTOCOL_TLS_SERVER)
    return tlsloop__ctx_fail(
        ctx, TLSLOOP_ESIDE, NULL, "a context for servers cannot be a client's");
  return 0;
}


int tlsloop__ctx_check_open(tlsloop_ctx_t* ctx) {
  if (!atomic_load(&ctx->sealed))
    return 0;
  return tlsloop__ctx_fail(ctx,
                           UV__EBUSY,
                           NULL,
                           "the context has connections; this can be set only "
                           "before the first one");
}


int tlsloop__ctx_check_insecure(tlsloop_ctx_t* ctx, const char* text) {
  if (ctx->insecure)
    return 0;
  return tlsloop__ctx_fail(ctx, TLSLOOP_EINSECURE, NULL, text);
}


static const SSL_METHOD* method_of(int protocol) {
  switch (protocol) {
    case TLSLOOP_PROTOCOL_TLS:
      return TLS_method();
    case TLSLOOP_PROTOCOL_TLS_CLIENT:
      return TLS_client_method();
    case TLSLOOP_PROTOCOL_TLS_SERVER:
      return TLS_server_method();
    default:
      return NULL;
  }
}


/* The cipher string brings its security level and the floor is ours, but an
 * administrator's stricter ones in OpenSSL's configuration stay. */
static int set_floors(SSL_CTX* ssl_ctx) {
  int level;
  int floor;

  level = SSL_CTX_get_security_level(ssl_ctx);
  if (!SSL_CTX_set_cipher_list(ssl_ctx, DEFAULT_CIPHERS))
    return 0;
  if (level > SSL_CTX_get_security_level(ssl_ctx))
    SSL_CTX_set_security_level(ssl_ctx, level);

  floor = (int) SSL_CTX_get_min_proto_version(ssl_ctx);
  if (floor >= TLS1_2_VERSION)
    return 1;
  return (int) SSL_CTX_set_min_proto_version(ssl_ctx, TLS1_2_VERSION);
}


static int set_defaults(tlsloop_ctx_t* ctx) {
  X509_VERIFY_PARAM* param;
  SSL_CTX* ssl_ctx;

  ssl_ctx = ctx->ssl_ctx;
  SSL_CTX_clear_options(ssl_ctx, LOOSE_OPTIONS);
  SSL_CTX_set_options(ssl_ctx, DEFAULT_OPTIONS);
  SSL_CTX_set_mode(ssl_ctx, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_post_handshake_auth(ssl_ctx, 0);
  SSL_CTX_set_verify(ssl_ctx, SSL_VERIFY_NONE, NULL);
  if (ctx->protocol == TLSLOOP_PROTOCOL_TLS_CLIENT) {
    SSL_CTX_set_verify(
        ssl_ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    ctx->check_hostname = 1;
  }

  param = SSL_CTX_get0_param(ssl_ctx);
  X509_VERIFY_PARAM_set_hostflags(param,
                                  X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
                                      X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  return X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_TRUSTED_FIRST) &&
         set_floors(ssl_ctx);
}


static void destroy(tlsloop_ctx_t* ctx) {
  tlsloop__slots_clear(ctx);
  SSL_CTX_free(ctx->ssl_ctx);
  BIO_meth_free(ctx->bio_method);
  CRYPTO_THREAD_lock_free(ctx->lock);
  tlsloop__error_clear(&ctx->error);
  free(ctx->alpn);
  free(ctx);
}


int tlsloop_ctx_new(tlsloop_ctx_t** ctx, int protocol) {
  const SSL_METHOD* method;
  tlsloop_ctx_t* made;
  int err;

  method = method_of(protocol);
  if (method == NULL)
    return UV__EINVAL;

  made = calloc(1, sizeof(*made));
  if (made == NULL)
    return UV__ENOMEM;
  atomic_init(&made->refs, 1);
  atomic_init(&made->sealed, 0);
  made->protocol = protocol;

  tlsloop__ossl_begin();
  made->lock = CRYPTO_THREAD_lock_new();
  made->bio_method = tlsloop__bio_method_new();
  made->ssl_ctx = SSL_CTX_new(method);
  if (made->lock == NULL || made->bio_method == NULL || made->ssl_ctx == NULL ||
      !set_defaults(made)) {
    err = tlsloop__ossl_fail(&made->error, TLSLOOP_EOPENSSL, NULL);
    destroy(made);
    return err;
  }

  tlsloop__ossl_end();
  *ctx = made;
  return 0;
}


tlsloop_ctx_t* tlsloop_ctx_ref(tlsloop_ctx_t* ctx) {
  atomic_fetch_add_explicit(&ctx->refs, 1, memory_order_relaxed);
  return ctx;
}


void tlsloop_ctx_unref(tlsloop_ctx_t* ctx) {
  if (ctx == NULL)
    return;
  if (atomic_fetch_sub_explicit(&ctx->refs, 1, memory_order_acq_rel) == 1)
    destroy(ctx);
}


const tlsloop_error_t* tlsloop_ctx_error(const tlsloop_ctx_t* ctx) {
  return tlsloop__error_get(&ctx->error);
}


int tlsloop_ctx_protocol(const tlsloop_ctx_t* ctx) {
  return ctx->protocol;
}


int tlsloop_ctx_allow_insecure(tlsloop_ctx_t* ctx) {
  int err;

  err = tlsloop__ctx_check_open(ctx);
  if (err != 0)
    return err;
  ctx->insecure = 1;
  return 0;
}
