/* SPDX-License-Identifier: MIT */

/* Resume: sessions out of connections and into others. */

#include <openssl/ssl.h>
#include <string.h>
#include <strings.h>
#include <uv/errno.h>

#include "context/ctx.h"
#include "context/session.h"
#include "engine/engine.h"
#include "engine/ossl.h"

static int on_new_session(SSL* ssl, SSL_SESSION* ssl_session) {
  tlsloop_engine_t* engine = tlsloop__engine_of(ssl);
  tlsloop_session_t* session;
  SSL_SESSION* copy;

  if (engine == NULL || engine->side != TLSLOOP_CLIENT ||
      engine->ctx->callbacks.session == NULL)
    return 0;
  /* OpenSSL goes on changing the one it shows. */
  copy = SSL_SESSION_dup(ssl_session);
  if (copy == NULL ||
      tlsloop__session_make(&session, copy, engine->ctx, engine->hostname) != 0)
    return 0;
  engine->ctx->callbacks.session(
      engine, session, engine->ctx->callbacks.session_arg);
  tlsloop_session_unref(session);
  return 0;
}

int tlsloop_ctx_set_session_cb(tlsloop_ctx_t* ctx,
                               tlsloop_session_cb cb,
                               void* arg) {
  long mode = SSL_CTX_get_session_cache_mode(ctx->ssl_ctx);
  int err = tlsloop__ctx_check_open(ctx);

  if (err != 0)
    return err;
  if (ctx->protocol == TLSLOOP_PROTOCOL_TLS_SERVER)
    return tlsloop__ctx_fail(
        ctx, TLSLOOP_ESIDE, NULL, "only clients are told of sessions");
  ctx->callbacks.session = cb;
  ctx->callbacks.session_arg = arg;
  if (cb != NULL)
    mode |= SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE;
  else
    mode &= ~(SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
  SSL_CTX_set_session_cache_mode(ctx->ssl_ctx, mode);
  SSL_CTX_sess_set_new_cb(ctx->ssl_ctx, cb == NULL ? NULL : on_new_session);
  return 0;
}

int tlsloop_engine_session(const tlsloop_engine_t* engine,
                           tlsloop_session_t** session) {
  SSL_SESSION* current = NULL;
  SSL_SESSION* copy;

  *session = NULL;
  /* Before the handshake is complete a client has the one to resume. */
  if (tlsloop_engine_version(engine) != NULL)
    current = SSL_get_session(engine->ssl);
  if (current == NULL)
    return 0;
  tlsloop__ossl_begin();
  copy = SSL_SESSION_dup(current);
  tlsloop__ossl_end();
  if (copy == NULL)
    return UV__ENOMEM;
  return tlsloop__session_make(
      session, copy, engine->ctx, tlsloop_engine_hostname(engine));
}

static int same_name(const char* a, const char* b) {
  if (a == NULL || b == NULL)
    return a == b;
  return strcasecmp(a, b) == 0;
}

/* Why |engine| must not resume |session|; NULL when it may. */
static const char* objection(const tlsloop_engine_t* engine,
                             const tlsloop_session_t* session) {
  if (session->ctx != engine->ctx)
    return "the session is of another context";
  if (memcmp(session->policy, engine->ctx->policy, sizeof(session->policy)))
    return "the session was made under another policy";
  if (!same_name(session->hostname, engine->hostname))
    return "the session is for another host name";
  if (!SSL_SESSION_is_resumable(session->ssl))
    return "the session cannot be resumed";
  return NULL;
}

int tlsloop_engine_set_session(tlsloop_engine_t* engine,
                               tlsloop_session_t* session) {
  const char* why = objection(engine, session);
  SSL_SESSION* copy;
  int ok;

  if (session->ctx != engine->ctx)
    return tlsloop__error_fail(&engine->error, TLSLOOP_ESESSION, NULL, why);
  if (engine->side == TLSLOOP_SERVER)
    return tlsloop__error_fail(
        &engine->error, TLSLOOP_ESIDE, NULL, "a server resumes by itself");
  if (engine->state != TLSLOOP_ENGINE_NEW)
    return tlsloop__error_fail(
        &engine->error, UV__EBUSY, NULL, "the handshake has begun");
  if (why != NULL)
    return tlsloop__error_fail(
        &engine->error, TLSLOOP_ESESSION, session->hostname, why);

  tlsloop__ossl_begin();
  /* OpenSSL would mark the session when the connection fails, and another
   * thread may be looking at it. */
  copy = SSL_SESSION_dup(session->ssl);
  ok = copy != NULL && SSL_set_session(engine->ssl, copy);
  SSL_SESSION_free(copy);
  if (!ok)
    return tlsloop__ossl_fail(&engine->error, TLSLOOP_EOPENSSL, NULL);
  tlsloop__ossl_end();
  return 0;
}
