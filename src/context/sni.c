/* SPDX-License-Identifier: MIT */

/* Sni: asks the application about the name that a client wants (RFC 6066, 3).
 *
 * OpenSSL's own callback for it comes when the version is chosen already, so
 * the name is taken out of the ClientHello before anything is negotiated. */

#include <openssl/ssl.h>
#include <openssl/tls1.h>
#include <string.h>

#include "context/ctx.h"
#include "engine/engine.h"

#define NAME_MAX_LEN 255

/* What precedes the first name: the list's length, the name's type and its
 * length. */
#define NAME_OFFSET 5

/* Finds the name in the extension's |len| bytes at |data|. Returns 0 when
 * there is none that OpenSSL will accept: it then refuses the extension
 * itself, with the right alert. */
static size_t find_name(const unsigned char* data,
                        size_t len,
                        const unsigned char** name) {
  size_t list_len;
  size_t name_len;

  if (len < NAME_OFFSET || data[2] != TLSEXT_NAMETYPE_host_name)
    return 0;
  list_len = (size_t) data[0] << 8 | data[1];
  name_len = (size_t) data[3] << 8 | data[4];
  if (list_len != len - 2 || name_len != len - NAME_OFFSET)
    return 0;
  if (name_len > NAME_MAX_LEN || memchr(data + NAME_OFFSET, 0, name_len))
    return 0;
  *name = data + NAME_OFFSET;
  return name_len;
}

static int is_ascii(const unsigned char* name, size_t len) {
  size_t i;

  for (i = 0; i < len; i++)
    if (name[i] <= ' ' || name[i] > '~')
      return 0;
  return 1;
}

static int ask(tlsloop_engine_t* engine, const char* name, int* alert) {
  const tlsloop__callbacks_t* callbacks = &engine->ctx->callbacks;
  int answer = callbacks->sni(engine, name, engine->ctx, callbacks->sni_arg);

  if (answer == 0)
    return SSL_CLIENT_HELLO_SUCCESS;
  *alert = answer > 0 && answer < 256 ? answer : SSL_AD_INTERNAL_ERROR;
  return SSL_CLIENT_HELLO_ERROR;
}

static int on_client_hello(SSL* ssl, int* alert, void* arg) {
  tlsloop_engine_t* engine = tlsloop__engine_of(ssl);
  char name[NAME_MAX_LEN + 1];
  const unsigned char* data;
  const unsigned char* found;
  size_t len;

  (void) arg;
  /* A second ClientHello follows a HelloRetryRequest. */
  if (engine == NULL || engine->asked_sni || engine->ctx->callbacks.sni == NULL)
    return SSL_CLIENT_HELLO_SUCCESS;
  engine->asked_sni = 1;
  if (!SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &data, &len))
    return ask(engine, NULL, alert);

  len = find_name(data, len, &found);
  if (len == 0)
    return SSL_CLIENT_HELLO_SUCCESS;
  if (!is_ascii(found, len)) {
    *alert = SSL_AD_INTERNAL_ERROR;
    return SSL_CLIENT_HELLO_ERROR;
  }
  memcpy(name, found, len);
  name[len] = '\0';
  return ask(engine, name, alert);
}

/* Tells the client that its name was used. */
static int on_server_name(SSL* ssl, int* alert, void* arg) {
  (void) ssl;
  (void) alert;
  (void) arg;
  return SSL_TLSEXT_ERR_OK;
}

int tlsloop_ctx_set_sni_cb(tlsloop_ctx_t* ctx, tlsloop_sni_cb cb, void* arg) {
  int err = tlsloop__ctx_check_open(ctx);

  if (err != 0)
    return err;
  if (ctx->protocol == TLSLOOP_PROTOCOL_TLS_CLIENT)
    return tlsloop__ctx_fail(
        ctx, TLSLOOP_ESIDE, NULL, "only servers are asked for a name");
  ctx->callbacks.sni = cb;
  ctx->callbacks.sni_arg = arg;
  SSL_CTX_set_client_hello_cb(
      ctx->ssl_ctx, cb == NULL ? NULL : on_client_hello, NULL);
  SSL_CTX_set_tlsext_servername_callback(ctx->ssl_ctx,
                                         (cb == NULL ? NULL : on_server_name));
  return 0;
}
