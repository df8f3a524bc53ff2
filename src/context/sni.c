/* SPDX-License-Identifier: MIT */

/* Sni: asks the application about the name that a client wants (RFC 6066, 3).
 *
 * OpenSSL's own callback for it comes when the version is chosen already, so
 * the name is taken out of the ClientHello before anything is negotiated. */

#include <openssl/ssl.h>
#include <openssl/tls1.h>
#include <stdlib.h>
#include <string.h>

#include "context/ctx.h"
#include "engine/engine.h"

#define NAME_MAX_LEN 255

/* What precedes the first name: the list's length, the name's type and its
 * length. */
#define NAME_OFFSET 5

/* Finds the name in the extension's |len| bytes at |data|: its length in
 * |name_len|, at |name|. Returns 0, or the alert for one that is malformed.
 * OpenSSL refuses them too, but not when it resumes a session. */
static int find_name(const unsigned char* data,
                     size_t len,
                     const unsigned char** name,
                     size_t* name_len) {
  size_t list_len;

  if (len <= NAME_OFFSET || data[2] != TLSEXT_NAMETYPE_host_name)
    return SSL_AD_DECODE_ERROR;
  list_len = (size_t) data[0] << 8 | data[1];
  *name_len = (size_t) data[3] << 8 | data[4];
  if (list_len != len - 2 || *name_len != len - NAME_OFFSET)
    return SSL_AD_DECODE_ERROR;
  *name = data + NAME_OFFSET;
  if (*name_len > NAME_MAX_LEN || memchr(*name, 0, *name_len) != NULL)
    return SSL_AD_UNRECOGNIZED_NAME;
  return 0;
}

static int is_ascii(const unsigned char* name, size_t len) {
  size_t i;

  for (i = 0; i < len; i++)
    if (name[i] <= ' ' || name[i] > '~')
      return 0;
  return 1;
}

/* Reads the name that |ssl|'s ClientHello asks for into |name|; "" is none.
 * Returns 0 or an alert. */
static int read_name(SSL* ssl, char name[NAME_MAX_LEN + 1]) {
  const unsigned char* data;
  const unsigned char* found;
  size_t len;
  int alert;

  name[0] = '\0';
  if (!SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &data, &len))
    return 0;
  alert = find_name(data, len, &found, &len);
  if (alert != 0)
    return alert;
  if (!is_ascii(found, len))
    return SSL_AD_INTERNAL_ERROR;
  memcpy(name, found, len);
  name[len] = '\0';
  return 0;
}

/* Those that OpenSSL would not send at all, or not before it has chosen
 * TLS 1.3. */
static const unsigned char unsendable[] = {41, 52, 109, 116, 117, 121};

static int alert_for(int answer) {
  if (tlsloop_alert_name(answer) == NULL ||
      memchr(unsendable, answer, sizeof(unsendable)) != NULL)
    return SSL_AD_INTERNAL_ERROR;
  return answer;
}

/* Asks the application. Returns 0 or an alert. */
static int ask(tlsloop_engine_t* engine, const char* name) {
  const tlsloop__callbacks_t* callbacks = &engine->ctx->callbacks;
  int answer;

  if (*name != '\0') {
    engine->hostname = strdup(name);
    if (engine->hostname == NULL)
      return SSL_AD_INTERNAL_ERROR;
  }
  engine->sni = TLSLOOP__SNI_ASKING;
  answer =
      callbacks->sni(engine, engine->hostname, engine->ctx, callbacks->sni_arg);
  /* Whatever the application makes of it. */
  if (engine->sni == TLSLOOP__SNI_SPOILED)
    return SSL_AD_INTERNAL_ERROR;
  engine->sni = TLSLOOP__SNI_ASKED;
  return answer == 0 ? 0 : alert_for(answer);
}

static int on_client_hello(SSL* ssl, int* alert, void* arg) {
  tlsloop_engine_t* engine = tlsloop__engine_of(ssl);
  char name[NAME_MAX_LEN + 1];
  int refusal;

  (void) arg;
  /* A second ClientHello, as after a HelloRetryRequest, asks for what the first
   * one did (RFC 8446, 4.1.2); where it does not, the choice is made. */
  if (engine == NULL || engine->sni != TLSLOOP__SNI_NOT_ASKED ||
      engine->ctx->callbacks.sni == NULL)
    return SSL_CLIENT_HELLO_SUCCESS;
  refusal = read_name(ssl, name);
  if (refusal == 0)
    refusal = ask(engine, name);
  if (refusal == 0)
    return SSL_CLIENT_HELLO_SUCCESS;
  *alert = refusal;
  return SSL_CLIENT_HELLO_ERROR;
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
