/* SPDX-License-Identifier: MIT */

/* Alpn: the application protocols of a context (RFC 7301). The context keeps
 * them as they are on the wire: each with its length before it. */

#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <uv/errno.h>

#include "context/ctx.h"
#include "engine/engine.h"
#include "engine/ossl.h"

#define NAME_MAX_LEN 255
#define LIST_MAX_LEN 65535


/* Chooses by our order. Without a name in common the handshake goes on, as if
 * the client had offered none. */
static int on_select(SSL* ssl,
                     const unsigned char** out,
                     unsigned char* out_len,
                     const unsigned char* in,
                     unsigned int in_len,
                     void* arg) {
  const tlsloop_ctx_t* ctx;
  unsigned char* selected;
  int found;

  (void) ssl;
  ctx = arg;
  found = SSL_select_next_proto(
      &selected, out_len, ctx->alpn, ctx->alpn_len, in, in_len);
  if (found != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_NOACK;
  *out = selected;
  return SSL_TLSEXT_ERR_OK;
}


/* Leaves the choice to the application. */
static int on_ask(SSL* ssl,
                  const unsigned char** out,
                  unsigned char* out_len,
                  const unsigned char* in,
                  unsigned int in_len,
                  void* arg) {
  const tlsloop_ctx_t* ctx = arg;
  tlsloop_engine_t* engine = tlsloop__engine_of(ssl);
  const char* name;
  size_t len;
  int choice;

  if (engine == NULL)
    return SSL_TLSEXT_ERR_NOACK;
  choice = ctx->callbacks.alpn(engine, in, in_len, ctx->callbacks.alpn_arg);
  if (choice == TLSLOOP_ALPN_NONE)
    return SSL_TLSEXT_ERR_NOACK;
  if (choice < 0 ||
      tlsloop_alpn_at(in, in_len, (size_t) choice, &name, &len) != 0)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out = (const unsigned char*) name;
  *out_len = (unsigned char) len;
  return SSL_TLSEXT_ERR_OK;
}


void tlsloop__alpn_install(tlsloop_ctx_t* ctx) {
  if (ctx->callbacks.alpn != NULL)
    SSL_CTX_set_alpn_select_cb(ctx->ssl_ctx, on_ask, ctx);
  else
    SSL_CTX_set_alpn_select_cb(
        ctx->ssl_ctx, ctx->alpn == NULL ? NULL : on_select, ctx);
}


int tlsloop_ctx_set_alpn_cb(tlsloop_ctx_t* ctx, tlsloop_alpn_cb cb, void* arg) {
  int err;

  err = tlsloop__ctx_check_open(ctx);
  if (err != 0)
    return err;
  if (ctx->protocol == TLSLOOP_PROTOCOL_TLS_CLIENT)
    return tlsloop__ctx_fail(
        ctx, TLSLOOP_ESIDE, NULL, "only servers choose the protocol");
  ctx->callbacks.alpn = cb;
  ctx->callbacks.alpn_arg = arg;
  tlsloop__alpn_install(ctx);
  return 0;
}


int tlsloop_alpn_at(const unsigned char* list,
                    size_t len,
                    size_t index,
                    const char** name,
                    size_t* name_len) {
  size_t at;

  for (at = 0; at < len; at += 1u + list[at]) {
    if (list[at] == 0 || list[at] >= len - at)
      return UV__EINVAL;
    if (index-- == 0) {
      *name = (const char*) list + at + 1;
      *name_len = list[at];
      return 0;
    }
  }
  return UV__ENOENT;
}


/* Why the first |count| names cannot be a list; NULL when they can. Stores the
 * length of the list in |len|. */
static const char* measure(const char* const* protos,
                           size_t count,
                           size_t* len) {
  size_t name_len;
  size_t i;
  size_t j;

  *len = 0;
  for (i = 0; i < count; i++) {
    name_len = protos[i] == NULL ? 0 : strlen(protos[i]);
    if (name_len == 0)
      return "an application protocol has no name";
    if (name_len > NAME_MAX_LEN)
      return "an application protocol's name is longer than 255 bytes";
    *len += 1 + name_len;
    if (*len > LIST_MAX_LEN)
      return "the application protocols are longer than 65,535 bytes";
    for (j = 0; j < i; j++) {
      if (strcmp(protos[i], protos[j]) == 0)
        return "an application protocol is there twice";
    }
  }
  return NULL;
}


static unsigned char* encode(const char* const* protos,
                             size_t count,
                             size_t len) {
  unsigned char* list;
  unsigned char* at;
  size_t name_len;
  size_t i;

  list = malloc(len);
  if (list == NULL)
    return NULL;

  at = list;
  for (i = 0; i < count; i++) {
    name_len = strlen(protos[i]);
    *at++ = (unsigned char) name_len;
    memcpy(at, protos[i], name_len);
    at += name_len;
  }
  return list;
}


/* Makes |list| what |ctx| offers and accepts. No names at all is no list and
 * no callback: OpenSSL is never shown an empty one. */
static int install(tlsloop_ctx_t* ctx, unsigned char* list, unsigned int len) {
  tlsloop__ossl_begin();
  if (SSL_CTX_set_alpn_protos(ctx->ssl_ctx, list, len) != 0)
    return tlsloop__ctx_fail_ossl(ctx, TLSLOOP_EOPENSSL, NULL, NULL);

  free(ctx->alpn);
  ctx->alpn = list;
  ctx->alpn_len = len;
  tlsloop__alpn_install(ctx);
  return 0;
}


int tlsloop_ctx_set_alpn(tlsloop_ctx_t* ctx,
                         const char* const* protos,
                         size_t count) {
  unsigned char* list;
  const char* why;
  size_t len;
  int err;

  err = tlsloop__ctx_check_open(ctx);
  if (err != 0)
    return err;
  why = measure(protos, count, &len);
  if (why != NULL)
    return tlsloop__ctx_fail(ctx, UV__EINVAL, NULL, why);

  list = NULL;
  if (count > 0) {
    list = encode(protos, count, len);
    if (list == NULL)
      return tlsloop__ctx_fail(ctx, UV__ENOMEM, NULL, NULL);
  }
  err = install(ctx, list, (unsigned int) len);
  if (err != 0)
    free(list);
  return err;
}
