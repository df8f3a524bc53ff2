/* SPDX-License-Identifier: MIT */

/* Binding: what ties words said over a connection to the connection. */

#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/objects.h>
#include <openssl/ssl.h>
#include <string.h>
#include <uv/errno.h>

#include "engine/engine.h"
#include "engine/ossl.h"
#include "tlsloop/constants.h"
#include "tlsloop/info.h"

#define EXPORTER_LABEL "EXPORTER-Channel-Binding"
#define EXPORTER_SIZE  32

typedef int (*binding_fn)(const tlsloop_engine_t* engine,
                          unsigned char value[EVP_MAX_MD_SIZE]);

/* The first Finished message: the client's in a full handshake, the server's
 * in a resumed one. */
static int tls_unique(const tlsloop_engine_t* engine,
                      unsigned char value[EVP_MAX_MD_SIZE]) {
  int client = engine->side == TLSLOOP_CLIENT;
  size_t len;

  if (SSL_version(engine->ssl) >= TLS1_3_VERSION)
    return UV__ENOTSUP;
  if (client != SSL_session_reused(engine->ssl))
    len = SSL_get_finished(engine->ssl, value, EVP_MAX_MD_SIZE);
  else
    len = SSL_get_peer_finished(engine->ssl, value, EVP_MAX_MD_SIZE);
  return (int) len;
}

/* The certificate that server |ssl| showed, now or when the session began. Of
 * several it does not remember which one that was. */
static X509* own_cert(SSL* ssl) {
  X509* cert = SSL_get_certificate(ssl);
  X509* other = NULL;

  if (!SSL_session_reused(ssl) || cert == NULL)
    return cert;
  if (SSL_set_current_cert(ssl, SSL_CERT_SET_FIRST))
    other = SSL_get_certificate(ssl);
  if (other == cert)
    other = SSL_set_current_cert(ssl, SSL_CERT_SET_NEXT)
                ? SSL_get_certificate(ssl)
                : NULL;
  SSL_select_current_cert(ssl, cert);
  return other == NULL ? cert : NULL;
}

/* The digest of the server's certificate by the hash of its signature, but
 * SHA-256 in place of the weak ones. */
static int server_end_point(const tlsloop_engine_t* engine,
                            unsigned char value[EVP_MAX_MD_SIZE]) {
  X509* cert = engine->side == TLSLOOP_SERVER
                   ? own_cert(engine->ssl)
                   : SSL_get0_peer_certificate(engine->ssl);
  const EVP_MD* digest = EVP_sha256();
  unsigned int len;
  int nid = NID_undef;

  if (cert == NULL)
    return UV__ENOTSUP;
  if (!X509_get_signature_info(cert, &nid, NULL, NULL, NULL) ||
      nid == NID_undef)
    return UV__ENOTSUP;
  if (nid != NID_md5 && nid != NID_sha1)
    digest = EVP_get_digestbynid(nid);
  if (digest == NULL || !X509_digest(cert, digest, value, &len))
    return UV__ENOTSUP;
  return (int) len;
}

/* Without the extended master secret (RFC 7627) it would not be unique. */
static int tls_exporter(const tlsloop_engine_t* engine,
                        unsigned char value[EVP_MAX_MD_SIZE]) {
  int err;

  if (SSL_version(engine->ssl) < TLS1_3_VERSION &&
      SSL_get_extms_support(engine->ssl) != 1)
    return UV__ENOTSUP;
  err = tlsloop_engine_export_key(
      engine, EXPORTER_LABEL, "", 0, value, EXPORTER_SIZE);
  return err != 0 ? err : EXPORTER_SIZE;
}

static const struct {
  const char* type;
  binding_fn fn;
} bindings[] = {
    {"tls-unique", tls_unique},
    {"tls-server-end-point", server_end_point},
    {"tls-exporter", tls_exporter},
};

#define COUNT (sizeof(bindings) / sizeof(bindings[0]))

const char* tlsloop_channel_binding_type(size_t index) {
  return index < COUNT ? bindings[index].type : NULL;
}

static binding_fn find(const char* type) {
  size_t i;

  for (i = 0; i < COUNT; i++)
    if (strcmp(type, bindings[i].type) == 0)
      return bindings[i].fn;
  return NULL;
}

int tlsloop_engine_channel_binding(const tlsloop_engine_t* engine,
                                   const char* type,
                                   void* buf,
                                   size_t len) {
  unsigned char value[EVP_MAX_MD_SIZE];
  binding_fn fn = find(type);
  int n;

  if (fn == NULL)
    return UV__EINVAL;
  if (engine->ssl == NULL || !SSL_is_init_finished(engine->ssl))
    return UV__ENOTCONN;
  tlsloop__ossl_begin();
  n = fn(engine, value);
  tlsloop__ossl_end();
  if (n < 0)
    return n;
  if ((size_t) n > len)
    return UV__ENOBUFS;
  memcpy(buf, value, (size_t) n);
  return n;
}

int tlsloop_engine_export_key(const tlsloop_engine_t* engine,
                              const char* label,
                              const void* context,
                              size_t context_len,
                              void* buf,
                              size_t len) {
  int ok;

  if (engine->ssl == NULL || !SSL_is_init_finished(engine->ssl))
    return UV__ENOTCONN;
  tlsloop__ossl_begin();
  ok = SSL_export_keying_material(engine->ssl,
                                  buf,
                                  len,
                                  label,
                                  strlen(label),
                                  context,
                                  context_len,
                                  context != NULL);
  tlsloop__ossl_end();
  return ok == 1 ? 0 : TLSLOOP_EOPENSSL;
}
