/* SPDX-License-Identifier: MIT */

/* Outcome: what a call of OpenSSL came to. */

#include "engine/outcome.h"

#include <assert.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <uv/errno.h>

#include "engine/ossl.h"

/* OpenSSL's reason for a received alert n is this plus n. */
#define ALERT_REASON_BASE SSL_AD_REASON_OFFSET

void tlsloop__engine_set_state(tlsloop_engine_t* engine,
                               tlsloop_engine_state_t state) {
  assert(state > engine->state);
  engine->state = state & 15u;
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

  tlsloop__engine_set_state(engine, TLSLOOP_ENGINE_FAILED);
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

int tlsloop__outcome(tlsloop_engine_t* engine, int ret) {
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
        tlsloop__engine_set_state(engine, TLSLOOP_ENGINE_CLOSED);
      code = UV__EOF;
      break;
    default:
      return fail(engine, ssl_error);
  }
  tlsloop__ossl_end();
  return code;
}
