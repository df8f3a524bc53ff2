/* SPDX-License-Identifier: MIT */

/* Engine: TLS without I/O, on one SSL between two byte stores. */

#include "engine/engine.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <uv/errno.h>

#include "engine/ossl.h"
#include "engine/outcome.h"

/* Alerts that OpenSSL writes are told nowhere else. */
static void on_info(const SSL* ssl, int where, int value) {
  tlsloop_engine_t* engine;
  int level = value >> 8;

  if ((where & SSL_CB_WRITE_ALERT) != SSL_CB_WRITE_ALERT)
    return;
  engine = tlsloop__engine_of(ssl);
  if (engine != NULL && level == SSL3_AL_FATAL)
    engine->alert_sent = value & 0xffu;
}

void tlsloop__engine_init(tlsloop_engine_t* engine,
                          tlsloop_bio_t* in,
                          tlsloop_bio_t* out,
                          int side) {
  engine->bios.in = tlsloop_bio_ref(in);
  engine->bios.out = tlsloop_bio_ref(out);
  engine->side = side & 1u;
}

int tlsloop__engine_make_ssl(tlsloop_engine_t* engine, SSL_CTX* ssl_ctx) {
  tlsloop__ossl_begin();
  engine->ssl = SSL_new(ssl_ctx);
  if (engine->ssl == NULL) {
    int err = tlsloop__ossl_fail(&engine->error, TLSLOOP_EOPENSSL, NULL);
    tlsloop__error_clear(&engine->error);
    return err;
  }

  SSL_set_mode(engine->ssl,
               SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_AUTO_RETRY);
  /* Read-ahead, which an SSL_CTX may bring, would hide records from us, and
   * swallow what follows a close_notify. */
  SSL_set_read_ahead(engine->ssl, 0);
  SSL_set_info_callback(engine->ssl, on_info);
  if (engine->side == TLSLOOP_SERVER)
    SSL_set_accept_state(engine->ssl);
  else
    SSL_set_connect_state(engine->ssl);
  tlsloop__ossl_end();
  return 0;
}

void tlsloop__engine_plug(tlsloop_engine_t* engine, BIO* port) {
  if (SSL_get_rbio(engine->ssl) == port)
    return;
  BIO_up_ref(port);
  SSL_set_bio(engine->ssl, port, port);
}

void tlsloop__engine_deinit(tlsloop_engine_t* engine) {
  /* OpenSSL forgets the session of a connection that it frees without a
   * close_notify; TLS has not asked for that since RFC 4346. */
  if (engine->ssl != NULL && engine->state != TLSLOOP_ENGINE_FAILED)
    SSL_set_shutdown(engine->ssl, SSL_SENT_SHUTDOWN);
  SSL_free(engine->ssl);
  tlsloop_bio_unref(engine->bios.in);
  tlsloop_bio_unref(engine->bios.out);
  tlsloop__error_clear(&engine->error);
  free(engine->hostname);
  free(engine->records);
}

tlsloop_engine_t* tlsloop__engine_of(const SSL* ssl) {
  BIO* bio = SSL_get_rbio(ssl);

  if (bio == NULL || !tlsloop__bio_is_ours(bio))
    return NULL;
  return BIO_get_data(bio);
}

/* Leads the port to |engine|. Returns where it led before, since a callback
 * may use another engine: to be given to leave. */
static void* enter(tlsloop_engine_t* engine) {
  BIO* port = SSL_get_rbio(engine->ssl);
  void* before = BIO_get_data(port);

  BIO_set_data(port, &engine->bios);
  tlsloop__ossl_begin();
  return before;
}

/* Ends what enter began, with the outcome |ret| of an SSL call. */
static int leave(tlsloop_engine_t* engine, void* before, int ret) {
  int code = tlsloop__outcome(engine, ret);

  BIO_set_data(SSL_get_rbio(engine->ssl), before);
  return code;
}

static int begin_handshake(tlsloop_engine_t* engine) {
  if (engine->must_name && engine->hostname == NULL)
    return tlsloop__error_fail(&engine->error,
                               TLSLOOP_ENOHOSTNAME,
                               NULL,
                               tlsloop_strerror(TLSLOOP_ENOHOSTNAME));
  tlsloop__engine_set_state(engine, TLSLOOP_ENGINE_HANDSHAKING);
  return 0;
}

void tlsloop__engine_give_up(tlsloop_engine_t* engine, int code) {
  tlsloop__engine_set_state(engine, TLSLOOP_ENGINE_FAILED);
  engine->failure =
      tlsloop__error_fail(&engine->error, code, engine->hostname, NULL);
}

int tlsloop_engine_handshake(tlsloop_engine_t* engine) {
  void* before;
  int err;

  if (engine->state == TLSLOOP_ENGINE_FAILED)
    return engine->failure;
  if (engine->state >= TLSLOOP_ENGINE_OPEN)
    return 0;
  if (engine->state == TLSLOOP_ENGINE_NEW) {
    err = begin_handshake(engine);
    if (err != 0)
      return err;
  }
  before = enter(engine);
  err = leave(engine, before, SSL_do_handshake(engine->ssl));
  if (err == 0)
    tlsloop__engine_set_state(engine, TLSLOOP_ENGINE_OPEN);
  return err;
}

int tlsloop__engine_send_handshake(tlsloop_engine_t* engine) {
  void* before = enter(engine);

  return leave(engine, before, SSL_do_handshake(engine->ssl));
}

int tlsloop_engine_read(tlsloop_engine_t* engine,
                        void* buf,
                        size_t len,
                        size_t* nread) {
  void* before;
  int err;

  *nread = 0;
  if (len == 0)
    return 0;
  err = tlsloop_engine_handshake(engine);
  if (err != 0)
    return err;
  if (engine->received_close)
    return UV__EOF;
  before = enter(engine);
  return leave(engine, before, SSL_read_ex(engine->ssl, buf, len, nread));
}

/* Whether a read could bring anything. */
static int has_input(const tlsloop_engine_t* engine) {
  return tlsloop_bio_pending(engine->bios.in) > 0 || engine->bios.in->ended ||
         SSL_pending(engine->ssl) > 0;
}

/* Reads while there is something, as if it were one call of OpenSSL's. */
static int read_on(tlsloop_engine_t* engine,
                   char* buf,
                   size_t len,
                   size_t* nread) {
  size_t n;
  int ret;

  do {
    ret = SSL_read_ex(engine->ssl, buf + *nread, len - *nread, &n);
    if (ret <= 0)
      return ret;
    *nread += n;
  } while (*nread < len && has_input(engine));
  return ret;
}

int tlsloop__engine_read_on(tlsloop_engine_t* engine,
                            void* buf,
                            size_t len,
                            size_t* nread) {
  void* before;

  *nread = 0;
  if (engine->state == TLSLOOP_ENGINE_FAILED)
    return engine->failure;
  if (engine->received_close)
    return UV__EOF;
  before = enter(engine);
  return leave(engine, before, read_on(engine, buf, len, nread));
}

int tlsloop__engine_advance(tlsloop_engine_t* engine) {
  unsigned char byte;
  void* before;
  size_t n;

  if (engine->state == TLSLOOP_ENGINE_FAILED)
    return engine->failure;
  if (engine->received_close)
    return UV__EOF;
  before = enter(engine);
  return leave(
      engine, before, SSL_peek_ex(engine->ssl, &byte, sizeof(byte), &n));
}

int tlsloop_engine_write(tlsloop_engine_t* engine,
                         const void* buf,
                         size_t len) {
  size_t written;
  void* before;
  int err;

  if (engine->sent_close && engine->state != TLSLOOP_ENGINE_FAILED)
    return UV__EPIPE;
  if (len == 0)
    return 0;
  err = tlsloop_engine_handshake(engine);
  if (err != 0)
    return err;
  before = enter(engine);
  return leave(engine, before, SSL_write_ex(engine->ssl, buf, len, &written));
}

int tlsloop__engine_send_close(tlsloop_engine_t* engine) {
  void* before = enter(engine);
  int ret = SSL_shutdown(engine->ssl);
  int err = leave(engine, before, ret < 0 ? ret : 1);

  if (err != 0)
    return err;
  engine->sent_close = 1;
  if (engine->received_close)
    tlsloop__engine_set_state(engine, TLSLOOP_ENGINE_CLOSED);
  return 0;
}

int tlsloop_engine_shutdown(tlsloop_engine_t* engine) {
  int err = 0;

  if (engine->state == TLSLOOP_ENGINE_FAILED)
    return engine->failure;
  if (engine->state < TLSLOOP_ENGINE_OPEN)
    return UV__ENOTCONN;
  if (!engine->sent_close)
    err = tlsloop__engine_send_close(engine);
  if (err != 0)
    return err;

  err = tlsloop__engine_advance(engine);
  if (err == 0)
    return TLSLOOP_EUNREAD;
  return err == UV__EOF ? 0 : err;
}

size_t tlsloop_engine_pending(const tlsloop_engine_t* engine) {
  return engine->ssl == NULL ? 0 : (size_t) SSL_pending(engine->ssl);
}

int tlsloop_engine_state(const tlsloop_engine_t* engine) {
  return engine->state;
}

const tlsloop_error_t* tlsloop_engine_error(const tlsloop_engine_t* engine) {
  return tlsloop__error_get(&engine->error);
}

int tlsloop_engine_side(const tlsloop_engine_t* engine) {
  return engine->side;
}

void tlsloop_engine_set_data(tlsloop_engine_t* engine, void* data) {
  engine->data = data;
}

void* tlsloop_engine_data(const tlsloop_engine_t* engine) {
  return engine->data;
}
