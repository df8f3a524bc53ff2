/* SPDX-License-Identifier: MIT */

/* Ctx: how a context comes, how it fails, and how it goes. */

#include "context/ctx.h"

#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv/errno.h>

#include "context/keylog.h"
#include "context/slots.h"
#include "context/versions.h"
#include "engine/bio.h"
#include "engine/ossl.h"

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


/* The SSL_CTX may live on with the application. What OpenSSL calls with |ctx|
 * must then be gone; the other callbacks look for their engine. */
static void release_ssl_ctx(tlsloop_ctx_t* ctx) {
  if (ctx->alpn != NULL || ctx->callbacks.alpn != NULL)
    SSL_CTX_set_alpn_select_cb(ctx->ssl_ctx, NULL, NULL);
  SSL_CTX_free(ctx->ssl_ctx);
}


static void destroy(tlsloop_ctx_t* ctx) {
  tlsloop__slots_clear(ctx);
  release_ssl_ctx(ctx);
  BIO_meth_free(ctx->bio_method);
  CRYPTO_THREAD_lock_free(ctx->lock);
  tlsloop__lib_deinit(&ctx->lib);
  tlsloop__error_clear(&ctx->error);
  tlsloop__keylog_close(ctx->keylog);
  free(ctx->alpn);
  free(ctx->groups);
  free(ctx);
}


/* Why there cannot be a context for |protocol|; 0 when there can. */
static int check_protocol(int protocol, int insecure) {
  int version;

  if (protocol == TLSLOOP_PROTOCOL_TLS ||
      protocol == TLSLOOP_PROTOCOL_TLS_CLIENT ||
      protocol == TLSLOOP_PROTOCOL_TLS_SERVER)
    return 0;

  version = tlsloop__version_of(protocol);
  if (version == 0)
    return UV__EINVAL;
  if (!tlsloop__version_available(version))
    return UV__ENOTSUP;
  if (version < TLSLOOP_TLS_1_2 && !insecure)
    return TLSLOOP_EINSECURE;
  return 0;
}


static SSL_CTX* make_ssl_ctx(const tlsloop__ctx_plan_t* plan) {
  const SSL_METHOD* method;

  if (plan->protocol == TLSLOOP_PROTOCOL_TLS_CLIENT)
    method = TLS_client_method();
  else if (plan->protocol == TLSLOOP_PROTOCOL_TLS_SERVER)
    method = TLS_server_method();
  else
    method = TLS_method();
  return SSL_CTX_new_ex(plan->libctx, plan->propq, method);
}


/* Takes the application's SSL_CTX as it is. The check of host names is not in
 * it but ours, so it starts as in every context, where there is verification
 * for it to be part of. */
static void adopt(tlsloop_ctx_t* ctx, SSL_CTX* ssl_ctx) {
  SSL_CTX_up_ref(ssl_ctx);
  ctx->ssl_ctx = ssl_ctx;
  ctx->foreign = 1;
  ctx->check_hostname =
      ctx->protocol == TLSLOOP_PROTOCOL_TLS_CLIENT &&
      (SSL_CTX_get_verify_mode(ssl_ctx) & SSL_VERIFY_PEER) != 0;
}


static int fill(tlsloop_ctx_t* ctx, const tlsloop__ctx_plan_t* plan) {
  ctx->lock = CRYPTO_THREAD_lock_new();
  ctx->bio_method = tlsloop__bio_method_new();
  if (ctx->lock == NULL || ctx->bio_method == NULL ||
      !tlsloop__lib_init(&ctx->lib, plan->libctx, plan->propq))
    return 0;

  if (plan->ssl_ctx != NULL) {
    adopt(ctx, plan->ssl_ctx);
    return 1;
  }
  ctx->ssl_ctx = make_ssl_ctx(plan);
  return ctx->ssl_ctx != NULL && tlsloop__ctx_set_defaults(ctx);
}


int tlsloop__ctx_make(tlsloop_ctx_t** ctx, const tlsloop__ctx_plan_t* plan) {
  tlsloop_ctx_t* made;
  int err;

  err = check_protocol(plan->protocol, plan->insecure);
  if (err != 0)
    return err;

  made = calloc(1, sizeof(*made));
  if (made == NULL)
    return UV__ENOMEM;
  atomic_init(&made->refs, 1);
  atomic_init(&made->sealed, 0);
  made->protocol = plan->protocol;
  made->insecure = (unsigned char) plan->insecure;

  tlsloop__ossl_begin();
  if (!fill(made, plan)) {
    err = tlsloop__ossl_fail(&made->error, TLSLOOP_EOPENSSL, NULL);
    destroy(made);
    return err;
  }

  tlsloop__ossl_end();
  *ctx = made;
  return 0;
}


int tlsloop_ctx_new(tlsloop_ctx_t** ctx, int protocol) {
  return tlsloop__ctx_make(ctx, &(tlsloop__ctx_plan_t){.protocol = protocol});
}


int tlsloop_ctx_new_insecure(tlsloop_ctx_t** ctx, int protocol) {
  return tlsloop__ctx_make(
      ctx, &(tlsloop__ctx_plan_t){.protocol = protocol, .insecure = 1});
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


void tlsloop_ctx_set_data(tlsloop_ctx_t* ctx, void* data) {
  ctx->data = data;
}


void* tlsloop_ctx_data(const tlsloop_ctx_t* ctx) {
  return ctx->data;
}
