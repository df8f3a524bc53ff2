/* SPDX-License-Identifier: MIT */

/* Message: shows the messages of TLS to whom the application wants. OpenSSL
 * tells of a message with some of the bytes in it; which kind of message it is
 * stands in a place of its own in each of them. */

#include <openssl/ssl.h>
#include <uv/errno.h>

#include "context/ctx.h"
#include "engine/engine.h"


/* Where in the message its type is; -1: it has none. */
static int type_offset(int content_type) {
  switch (content_type) {
    case TLSLOOP_CONTENT_ALERT:
      return 1;
    case TLSLOOP_CONTENT_CHANGE_CIPHER_SPEC:
    case TLSLOOP_CONTENT_HANDSHAKE:
    case TLSLOOP_CONTENT_HEADER:
    case TLSLOOP_CONTENT_INNER_TYPE:
      return 0;
    default:
      return -1;
  }
}


static void show(tlsloop_engine_t* engine,
                 int sent,
                 int version,
                 int content_type,
                 const void* data,
                 size_t len) {
  tlsloop_message_t message;
  int offset;

  message.size = sizeof(message);
  message.sent = sent != 0;
  message.version = version;
  message.content_type = content_type;
  message.type = -1;
  message.data = data;
  message.len = len;

  offset = type_offset(content_type);
  if (offset >= 0 && (size_t) offset < len)
    message.type = message.data[offset];
  if (content_type == TLSLOOP_CONTENT_HEADER && len >= 3)
    message.version = message.data[1] << 8 | message.data[2];
  engine->ctx->callbacks.message(
      engine, &message, engine->ctx->callbacks.message_arg);
}


static void on_message(int sent,
                       int version,
                       int content_type,
                       const void* data,
                       size_t len,
                       SSL* ssl,
                       void* arg) {
  tlsloop_engine_t* engine;

  (void) arg;
  engine = tlsloop__engine_of(ssl);
  if (engine == NULL)
    return;
  if (engine->records != NULL && content_type == TLSLOOP_CONTENT_HEADER)
    engine->records[sent != 0]++;
  if (engine->ctx->callbacks.message != NULL)
    show(engine, sent, version, content_type, data, len);
}


void tlsloop__message_watch(tlsloop_engine_t* engine) {
  SSL_set_msg_callback(engine->ssl, on_message);
}


void tlsloop__message_apply(tlsloop_engine_t* engine,
                            const tlsloop_ctx_t* from,
                            const tlsloop_ctx_t* to) {
  if (to->callbacks.message != NULL || engine->records != NULL)
    tlsloop__message_watch(engine);
  else if (from->callbacks.message != NULL)
    SSL_set_msg_callback(engine->ssl, NULL);
}


int tlsloop_ctx_set_message_cb(tlsloop_ctx_t* ctx,
                               tlsloop_message_cb cb,
                               void* arg) {
  int err;

  err = tlsloop__ctx_check_open(ctx);
  if (err != 0)
    return err;
  ctx->callbacks.message = cb;
  ctx->callbacks.message_arg = arg;
  SSL_CTX_set_msg_callback(ctx->ssl_ctx, cb == NULL ? NULL : on_message);
  return 0;
}
