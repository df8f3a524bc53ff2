/* SPDX-License-Identifier: MIT */

/* Psk: keys that both sides have already (RFC 4279; RFC 8446, 4.2.11). */

#include <openssl/crypto.h>
#include <openssl/ssl.h>
#include <string.h>
#include <uv/errno.h>

#include "context/ctx.h"
#include "engine/engine.h"
#include "engine/ossl.h"

/* OpenSSL asks with room for 256 bytes of identity, zeroed, and a NUL, and
 * takes a length of 0 as "no key". */
static unsigned int on_client(SSL* ssl,
                              const char* hint,
                              char* identity,
                              unsigned int max_identity_len,
                              unsigned char* key,
                              unsigned int max_key_len) {
  tlsloop_engine_t* engine = tlsloop__engine_of(ssl);
  const tlsloop__callbacks_t* callbacks;
  char name[TLSLOOP_PSK_IDENTITY_MAX];
  unsigned char secret[TLSLOOP_PSK_KEY_MAX];
  size_t name_len = 0;
  size_t len = 0;

  if (engine == NULL || engine->ctx->callbacks.psk_client == NULL)
    return 0;
  if (hint != NULL && *hint == '\0')
    hint = NULL;
  callbacks = &engine->ctx->callbacks;
  if (callbacks->psk_client(engine,
                            hint,
                            name,
                            &name_len,
                            secret,
                            &len,
                            callbacks->psk_client_arg) != 0 ||
      name_len == 0 || name_len > max_identity_len || name_len > sizeof(name) ||
      memchr(name, 0, name_len) != NULL || len > max_key_len ||
      len > sizeof(secret))
    len = 0;

  if (len > 0) {
    memcpy(identity, name, name_len);
    identity[name_len] = '\0';
    memcpy(key, secret, len);
  }
  OPENSSL_cleanse(secret, sizeof(secret));
  return (unsigned int) len;
}

static unsigned int on_server(SSL* ssl,
                              const char* identity,
                              unsigned char* key,
                              unsigned int max_key_len) {
  tlsloop_engine_t* engine = tlsloop__engine_of(ssl);
  const tlsloop__callbacks_t* callbacks;
  unsigned char secret[TLSLOOP_PSK_KEY_MAX];
  size_t len = 0;

  if (engine == NULL || engine->ctx->callbacks.psk_server == NULL)
    return 0;
  if (identity == NULL)
    identity = "";
  callbacks = &engine->ctx->callbacks;
  if (callbacks->psk_server(engine,
                            identity,
                            strlen(identity),
                            secret,
                            &len,
                            callbacks->psk_server_arg) != 0 ||
      len > max_key_len || len > sizeof(secret))
    len = 0;

  if (len > 0)
    memcpy(key, secret, len);
  OPENSSL_cleanse(secret, sizeof(secret));
  return (unsigned int) len;
}

void tlsloop__psk_apply(const tlsloop_ctx_t* ctx, SSL* ssl) {
  const tlsloop__callbacks_t* callbacks = &ctx->callbacks;

  SSL_set_psk_client_callback(ssl, callbacks->psk_client ? on_client : NULL);
  SSL_set_psk_server_callback(ssl, callbacks->psk_server ? on_server : NULL);
}

/* Why |ctx| cannot have a PSK callback for the other side than |wrong|'s. */
static int check(tlsloop_ctx_t* ctx, int wrong, const char* text) {
  int err = tlsloop__ctx_check_open(ctx);

  if (err == 0 && ctx->protocol == wrong)
    err = tlsloop__ctx_fail(ctx, TLSLOOP_ESIDE, NULL, text);
  return err;
}

int tlsloop_ctx_set_psk_client_cb(tlsloop_ctx_t* ctx,
                                  tlsloop_psk_client_cb cb,
                                  void* arg) {
  int err = check(ctx,
                  TLSLOOP_PROTOCOL_TLS_SERVER,
                  "a context for servers has no client's keys");

  if (err != 0)
    return err;
  ctx->callbacks.psk_client = cb;
  ctx->callbacks.psk_client_arg = arg;
  SSL_CTX_set_psk_client_callback(ctx->ssl_ctx, cb ? on_client : NULL);
  return 0;
}

int tlsloop_ctx_set_psk_server_cb(tlsloop_ctx_t* ctx,
                                  tlsloop_psk_server_cb cb,
                                  void* arg,
                                  const char* hint) {
  int err = check(ctx,
                  TLSLOOP_PROTOCOL_TLS_CLIENT,
                  "a context for clients has no server's keys");

  if (err != 0)
    return err;
  if (hint != NULL && strlen(hint) > PSK_MAX_IDENTITY_LEN)
    return tlsloop__ctx_fail(
        ctx, UV__EINVAL, NULL, "the identity hint is longer than 256 bytes");
  tlsloop__ossl_begin();
  if (!SSL_CTX_use_psk_identity_hint(ctx->ssl_ctx, cb ? hint : NULL))
    return tlsloop__ctx_fail_ossl(ctx, UV__ENOMEM, NULL, NULL);
  ctx->callbacks.psk_server = cb;
  ctx->callbacks.psk_server_arg = arg;
  SSL_CTX_set_psk_server_callback(ctx->ssl_ctx, cb ? on_server : NULL);
  return 0;
}
