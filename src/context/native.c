/* SPDX-License-Identifier: MIT */

/* Native: OpenSSL's own objects in and out. */

#include <uv/errno.h>

#include "context/conn.h"
#include "context/ctx.h"
#include "engine/engine.h"
#include "engine/ossl.h"
#include "tlsloop/openssl.h"


int tlsloop_ctx_new_ex(tlsloop_ctx_t** ctx,
                       int protocol,
                       OSSL_LIB_CTX* libctx,
                       const char* propq) {
  return tlsloop__ctx_make(
      ctx,
      &(tlsloop__ctx_plan_t){
          .protocol = protocol, .libctx = libctx, .propq = propq});
}


/* Whether connections for |protocol| can be made of |ssl_ctx|. Not of one for
 * datagrams, for QUIC, or for one old version. */
static int is_for(const SSL_CTX* ssl_ctx, int protocol) {
  const SSL_METHOD* method;

  method = SSL_CTX_get_ssl_method(ssl_ctx);
  switch (protocol) {
    case TLSLOOP_PROTOCOL_TLS:
      return method == TLS_method();
    case TLSLOOP_PROTOCOL_TLS_CLIENT:
      return method == TLS_method() || method == TLS_client_method();
    case TLSLOOP_PROTOCOL_TLS_SERVER:
      return method == TLS_method() || method == TLS_server_method();
    default:
      return 0;
  }
}


int tlsloop_ctx_from_ssl_ctx_ex(tlsloop_ctx_t** ctx,
                                SSL_CTX* ssl_ctx,
                                int protocol,
                                OSSL_LIB_CTX* libctx,
                                const char* propq) {
  if (ssl_ctx == NULL || !is_for(ssl_ctx, protocol))
    return UV__EINVAL;
  return tlsloop__ctx_make(ctx,
                           &(tlsloop__ctx_plan_t){.protocol = protocol,
                                                  .ssl_ctx = ssl_ctx,
                                                  .libctx = libctx,
                                                  .propq = propq});
}


int tlsloop_ctx_from_ssl_ctx(tlsloop_ctx_t** ctx,
                             SSL_CTX* ssl_ctx,
                             int protocol) {
  return tlsloop_ctx_from_ssl_ctx_ex(ctx, ssl_ctx, protocol, NULL, NULL);
}


int tlsloop_ctx_apply_defaults(tlsloop_ctx_t* ctx) {
  int err;

  err = tlsloop__ctx_check_open(ctx);
  if (err != 0)
    return err;

  tlsloop__ossl_begin();
  if (!tlsloop__ctx_set_defaults(ctx))
    return tlsloop__ctx_fail_ossl(ctx, TLSLOOP_EOPENSSL, NULL, NULL);
  ctx->foreign = 0;
  tlsloop__ossl_end();
  return 0;
}


SSL_CTX* tlsloop_ctx_ssl_ctx(const tlsloop_ctx_t* ctx) {
  return ctx->ssl_ctx;
}


SSL* tlsloop_engine_ssl(const tlsloop_engine_t* engine) {
  /* To have none yet, or one, is the same state of an engine. */
  tlsloop__conn_need_ssl((tlsloop_engine_t*) (uintptr_t) engine);
  return engine->ssl;
}
