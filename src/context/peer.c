/* SPDX-License-Identifier: MIT */

/* Peer: the certificates that the other side showed, and asking a client for
 * them after the handshake. */

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <uv/errno.h>

#include "context/cert.h"
#include "engine/engine.h"
#include "engine/ossl.h"
#include "tlsloop/info.h"

/* What the peer sent over this connection. A session may remember what it sent
 * over the one before. */
static STACK_OF(X509) * sent_chain(const tlsloop_engine_t* engine) {
  if (SSL_session_reused(engine->ssl) && !engine->asked_cert)
    return NULL;
  return SSL_get_peer_cert_chain(engine->ssl);
}

static STACK_OF(X509) * chain_of(const tlsloop_engine_t* engine, int which) {
  if (engine->state < TLSLOOP_ENGINE_OPEN || engine->ssl == NULL)
    return NULL;
  switch (which) {
    case TLSLOOP_CHAIN_PEER:
      return sent_chain(engine);
    case TLSLOOP_CHAIN_VERIFIED:
      return SSL_get0_verified_chain(engine->ssl);
    default:
      return NULL;
  }
}

/* OpenSSL leaves the client's own certificate out of what a server got. */
static X509* leading_cert(const tlsloop_engine_t* engine, int which) {
  if (which != TLSLOOP_CHAIN_PEER || engine->side != TLSLOOP_SERVER ||
      chain_of(engine, which) == NULL)
    return NULL;
  return SSL_get0_peer_certificate(engine->ssl);
}

size_t tlsloop_engine_chain_count(const tlsloop_engine_t* engine, int which) {
  STACK_OF(X509)* chain = chain_of(engine, which);
  size_t n = leading_cert(engine, which) != NULL;

  return n + (chain == NULL ? 0 : (size_t) sk_X509_num(chain));
}

static X509* cert_at(const tlsloop_engine_t* engine, int which, size_t index) {
  X509* first = leading_cert(engine, which);

  if (first != NULL && index == 0)
    return first;
  index -= first != NULL;
  return sk_X509_value(chain_of(engine, which), (int) index);
}

int tlsloop_engine_chain_cert(const tlsloop_engine_t* engine,
                              int which,
                              size_t index,
                              tlsloop_cert_t** cert) {
  X509* x509;

  if (index >= tlsloop_engine_chain_count(engine, which))
    return UV__ENOENT;
  x509 = cert_at(engine, which, index);
  X509_up_ref(x509);
  return tlsloop__cert_new(cert, x509);
}

/* The code for OpenSSL's reason not to ask. */
static int refusal(void) {
  switch (ERR_GET_REASON(ERR_peek_last_error())) {
    case SSL_R_STILL_IN_INIT:
      return UV__ENOTCONN;
    case SSL_R_WRONG_SSL_VERSION:
    case SSL_R_EXTENSION_NOT_RECEIVED:
      return UV__ENOTSUP;
    case SSL_R_REQUEST_PENDING:
    case SSL_R_REQUEST_SENT:
      return UV__EALREADY;
    case SSL_R_INVALID_CONFIG:
      return UV__EINVAL;
    default:
      return TLSLOOP_EOPENSSL;
  }
}

int tlsloop_engine_request_client_cert(tlsloop_engine_t* engine) {
  if (engine->side != TLSLOOP_SERVER)
    return TLSLOOP_ESIDE;
  if (engine->state == TLSLOOP_ENGINE_FAILED)
    return engine->failure;
  if (engine->state != TLSLOOP_ENGINE_OPEN)
    return UV__ENOTCONN;
  tlsloop__ossl_begin();
  if (SSL_verify_client_post_handshake(engine->ssl) != 1)
    return tlsloop__ossl_fail(&engine->error, refusal(), NULL);
  engine->asked_cert = 1;
  /* OpenSSL would keep the request until something else is written. */
  return tlsloop__engine_send_handshake(engine);
}
