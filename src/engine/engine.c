/* SPDX-License-Identifier: MIT */

/* Engine: TLS without I/O, on one SSL between two byte stores. */

#include "engine/engine.h"

#include <assert.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv/errno.h>

#include "engine/ossl.h"

/* OpenSSL's reason for a received alert n is this plus n. */
#define ALERT_REASON_BASE SSL_AD_REASON_OFFSET

/* The only place where the state changes: it moves forward, and failure is
 * for good. */
static void set_state(tlsloop_engine_t* engine, tlsloop_engine_state_t state) {
  assert(state > engine->state);
  engine->state = state & 15u;
}

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

/* Whether not one message of the peer was understood yet. */
static int before_first_message(const tlsloop_engine_t* engine) {
  OSSL_HANDSHAKE_STATE state = SSL_get_state(engine->ssl);

  return engine->state < TLSLOOP_ENGINE_OPEN &&
         (state == TLS_ST_BEFORE || state == TLS_ST_CW_CLNT_HELLO);
}

/* The code for the newest error of the queue. */
static int failure_code(const tlsloop_engine_t* engine) {
  unsigned long error = ERR_peek_last_error();
  int reason = ERR_GET_REASON(error);

  if (error == 0)
    return TLSLOOP_ETRUNCATED;
  if (ERR_GET_LIB(error) != ERR_LIB_SSL)
    return engine->alert_sent ? TLSLOOP_EALERT_SENT - engine->alert_sent
                              : TLSLOOP_EOPENSSL;
  if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED)
    return TLSLOOP_EVERIFY - (int) SSL_get_verify_result(engine->ssl);
  if (reason >= ALERT_REASON_BASE && reason <= ALERT_REASON_BASE + 255)
    return TLSLOOP_EALERT_RECEIVED - (reason - ALERT_REASON_BASE);
  if (reason == SSL_R_UNEXPECTED_EOF_WHILE_READING)
    return TLSLOOP_ETRUNCATED;
  if (reason == SSL_R_HTTP_REQUEST || reason == SSL_R_HTTPS_PROXY_REQUEST)
    return TLSLOOP_ENOTTLS;
  if (reason == SSL_R_WRONG_VERSION_NUMBER && before_first_message(engine))
    return TLSLOOP_ENOTTLS;
  if (engine->alert_sent)
    return TLSLOOP_EALERT_SENT - engine->alert_sent;
  /* A reason that all libraries have in common: a failure of OpenSSL itself. */
  if ((reason & ERR_RFLAG_COMMON) != 0)
    return TLSLOOP_EOPENSSL;
  return TLSLOOP_EPROTOCOL;
}

/* OpenSSL's own messages for a wrong name leave out the name. */
static void describe_verify(tlsloop_engine_t* engine, int verify_code) {
  char message[sizeof(engine->error->verify_message)];
  const char* kind = NULL;

  if (verify_code == X509_V_ERR_HOSTNAME_MISMATCH)
    kind = "Hostname";
  else if (verify_code == X509_V_ERR_IP_ADDRESS_MISMATCH)
    kind = "IP address";

  if (kind != NULL && engine->hostname != NULL)
    snprintf(message,
             sizeof(message),
             "%s mismatch, certificate is not valid for '%s'.",
             kind,
             engine->hostname);
  else
    snprintf(message,
             sizeof(message),
             "%s",
             X509_verify_cert_error_string(verify_code));
  tlsloop__error_set_verify(engine->error, verify_code, message);
}

/* Ends the connection with the newest error of the queue. */
static int fail(tlsloop_engine_t* engine, int ssl_error) {
  int code = failure_code(engine);
  int alert = tlsloop_err_alert(code);
  int verify_code = tlsloop_err_verify_code(code);

  set_state(engine, TLSLOOP_ENGINE_FAILED);
  engine->failure = tlsloop__ossl_fail(&engine->error, code, engine->hostname);
  if (engine->error == NULL || engine->failure != code)
    return engine->failure;

  engine->error->ssl_error = ssl_error;
  if (alert >= 0)
    engine->error->alert = alert;
  else if (engine->alert_sent)
    engine->error->alert = engine->alert_sent;
  if (verify_code != 0)
    describe_verify(engine, verify_code);
  return engine->failure;
}

/* Translates the outcome |ret| of an SSL call; the queue is empty after it. */
static int outcome(tlsloop_engine_t* engine, int ret) {
  int ssl_error = ret > 0 ? SSL_ERROR_NONE : SSL_get_error(engine->ssl, ret);
  int code;

  switch (ssl_error) {
    case SSL_ERROR_NONE:
      code = 0;
      break;
    case SSL_ERROR_WANT_READ:
      code = TLSLOOP_WANT_READ;
      break;
    case SSL_ERROR_WANT_WRITE:
      code = TLSLOOP_WANT_WRITE;
      break;
    case SSL_ERROR_WANT_X509_LOOKUP:
    case SSL_ERROR_WANT_CLIENT_HELLO_CB:
    case SSL_ERROR_WANT_RETRY_VERIFY:
    case SSL_ERROR_WANT_ASYNC:
    case SSL_ERROR_WANT_ASYNC_JOB:
      code = TLSLOOP_WANT_DECISION;
      break;
    case SSL_ERROR_ZERO_RETURN:
      /* Nobody vouches for a close_notify before there are keys. */
      if (engine->state < TLSLOOP_ENGINE_OPEN)
        return fail(engine, ssl_error);
      engine->received_close = 1;
      if (engine->sent_close)
        set_state(engine, TLSLOOP_ENGINE_CLOSED);
      code = UV__EOF;
      break;
    default:
      return fail(engine, ssl_error);
  }
  tlsloop__ossl_end();
  return code;
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
  int code = outcome(engine, ret);

  BIO_set_data(SSL_get_rbio(engine->ssl), before);
  return code;
}

static int begin_handshake(tlsloop_engine_t* engine) {
  if (engine->must_name && engine->hostname == NULL)
    return tlsloop__error_fail(&engine->error,
                               TLSLOOP_ENOHOSTNAME,
                               NULL,
                               tlsloop_strerror(TLSLOOP_ENOHOSTNAME));
  set_state(engine, TLSLOOP_ENGINE_HANDSHAKING);
  return 0;
}

void tlsloop__engine_give_up(tlsloop_engine_t* engine, int code) {
  set_state(engine, TLSLOOP_ENGINE_FAILED);
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
    set_state(engine, TLSLOOP_ENGINE_OPEN);
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
    set_state(engine, TLSLOOP_ENGINE_CLOSED);
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
