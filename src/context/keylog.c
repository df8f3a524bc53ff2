/* SPDX-License-Identifier: MIT */

/* Keylog: shows the secrets of connections to whom the application wants, a
 * callback and a file. */

/* For secure_getenv, which looks away when the program has more rights than
 * the one who set its environment. */
#define _GNU_SOURCE

#include "context/keylog.h"

#include <errno.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <uv/errno.h>

#include "context/ctx.h"
#include "engine/engine.h"


/* A log that cannot be written is no reason to end a connection. */
static void on_line(const SSL* ssl, const char* line) {
  tlsloop_engine_t* engine;
  tlsloop_ctx_t* ctx;
  int sys_errno;
  int err;

  engine = tlsloop__engine_of(ssl);
  if (engine == NULL)
    return;
  ctx = engine->ctx;
  sys_errno = errno;
  if (ctx->keylog != NULL) {
    err = tlsloop__keylog_write(ctx->keylog, line);
    if (err != 0)
      tlsloop__ctx_fail(ctx, err, ctx->keylog->path, NULL);
  }
  if (ctx->callbacks.keylog != NULL)
    ctx->callbacks.keylog(engine, line, ctx->callbacks.keylog_arg);
  errno = sys_errno;
}


static void install(tlsloop_ctx_t* ctx) {
  int wanted;

  wanted = ctx->keylog != NULL || ctx->callbacks.keylog != NULL;
  SSL_CTX_set_keylog_callback(ctx->ssl_ctx, wanted ? on_line : NULL);
}


int tlsloop_ctx_set_keylog_cb(tlsloop_ctx_t* ctx,
                              tlsloop_keylog_cb cb,
                              void* arg) {
  int err;

  err = tlsloop__ctx_check_open(ctx);
  if (err != 0)
    return err;
  ctx->callbacks.keylog = cb;
  ctx->callbacks.keylog_arg = arg;
  install(ctx);
  return 0;
}


int tlsloop_ctx_set_keylog_file(tlsloop_ctx_t* ctx, const char* path) {
  tlsloop__keylog_t* keylog;
  int err;

  err = tlsloop__ctx_check_open(ctx);
  if (err != 0)
    return err;

  keylog = NULL;
  if (path != NULL) {
    err = tlsloop__keylog_open(&keylog, path);
    if (err != 0)
      return tlsloop__ctx_fail(ctx, err, path, NULL);
  }
  tlsloop__keylog_close(ctx->keylog);
  ctx->keylog = keylog;
  install(ctx);
  return 0;
}


const char* tlsloop_ctx_keylog_file(const tlsloop_ctx_t* ctx) {
  return ctx->keylog == NULL ? NULL : ctx->keylog->path;
}


int tlsloop_ctx_set_keylog_from_env(tlsloop_ctx_t* ctx) {
  const char* path;
  int err;

  err = tlsloop__ctx_check_open(ctx);
  if (err != 0)
    return err;
  path = secure_getenv("SSLKEYLOGFILE");
  if (path == NULL || *path == '\0')
    return 0;
  return tlsloop_ctx_set_keylog_file(ctx, path);
}
