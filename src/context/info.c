/* SPDX-License-Identifier: MIT */

/* Info: what a connection has agreed on. A fact is told once both Finished
 * messages vouch for it (RFC 8446, 4.4.4), and from then on, even after the
 * connection has failed. */

#include <openssl/ssl.h>
#include <uv/errno.h>

#include "context/cert.h"
#include "engine/engine.h"
#include "engine/ossl.h"


/* A failed engine does not tell when it failed, but the Finished messages tell
 * how far it came. */
static int is_complete(const tlsloop_engine_t* engine) {
  if (engine->state != TLSLOOP_ENGINE_FAILED)
    return engine->state >= TLSLOOP_ENGINE_OPEN;
  return engine->ssl != NULL && SSL_get_finished(engine->ssl, NULL, 0) > 0 &&
         SSL_get_peer_finished(engine->ssl, NULL, 0) > 0;
}


const char* tlsloop_engine_version(const tlsloop_engine_t* engine) {
  return is_complete(engine) ? SSL_get_version(engine->ssl) : NULL;
}


const char* tlsloop_engine_cipher_name(const tlsloop_engine_t* engine) {
  return is_complete(engine) ? SSL_get_cipher_name(engine->ssl) : NULL;
}


void tlsloop_engine_alpn(const tlsloop_engine_t* engine,
                         const char** proto,
                         size_t* len) {
  const unsigned char* selected;
  unsigned int selected_len;

  selected = NULL;
  selected_len = 0;
  if (is_complete(engine))
    SSL_get0_alpn_selected(engine->ssl, &selected, &selected_len);
  *proto = (const char*) selected;
  *len = selected_len;
}


int tlsloop_engine_verify_result(const tlsloop_engine_t* engine) {
  return engine->ssl == NULL ? X509_V_OK
                             : (int) SSL_get_verify_result(engine->ssl);
}


int tlsloop_engine_peer_cert(const tlsloop_engine_t* engine,
                             tlsloop_cert_t** cert) {
  X509* x509;

  if (!is_complete(engine))
    return UV__ENOTCONN;

  x509 = SSL_get1_peer_certificate(engine->ssl);
  if (x509 == NULL) {
    *cert = NULL;
    return 0;
  }
  return tlsloop__cert_new(cert, x509);
}


int tlsloop_engine_session_reused(const tlsloop_engine_t* engine) {
  return is_complete(engine) && SSL_session_reused(engine->ssl);
}
