/* SPDX-License-Identifier: MIT */

/* Cert: the certificate itself. Nothing in it changes once it can be seen, so
 * it needs no lock: its encoding and hash are there from the beginning, and
 * what is worked out late is put in place by whoever is first. */

#include "context/cert.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include <uv/errno.h>

#include "base/error.h"
#include "context/cert-facts.h"
#include "engine/ossl.h"


int tlsloop__cert_fail(int code) {
  tlsloop__error_slot_t slot;

  slot = NULL;
  code = tlsloop__ossl_fail(&slot, code, NULL);
  tlsloop__error_clear(&slot);
  return code;
}


/* Digests the certificate with |md|, of the library context that it is from.
 * Of two failures OpenSSL names only one. */
static int digest(const X509* x509, const EVP_MD* md, unsigned char* to) {
  int code;

  tlsloop__ossl_begin();
  if (X509_digest(x509, md, to, NULL)) {
    tlsloop__ossl_end();
    return 0;
  }
  code = UV__ENOMEM;
  if (tlsloop__ossl_is(ERR_LIB_EVP, ERR_R_UNSUPPORTED))
    code = UV__ENOTSUP;
  return tlsloop__cert_fail(code);
}


int tlsloop_cert_fingerprint(const tlsloop_cert_t* cert,
                             const char* name,
                             unsigned char* buf,
                             size_t* len) {
  const EVP_MD* md;
  size_t room;

  if (name == NULL || len == NULL || (buf == NULL && *len > 0))
    return UV__EINVAL;

  tlsloop__ossl_begin();
  md = EVP_get_digestbyname(name);
  if (md == NULL || EVP_MD_get_size(md) <= 0)
    return tlsloop__cert_fail(UV__ENOTSUP);
  room = *len;
  *len = (size_t) EVP_MD_get_size(md);
  if (room < *len)
    return UV__ENOBUFS;
  return digest(cert->x509, md, buf);
}


/* Encodes and hashes |cert|. */
static int encode(tlsloop_cert_t* cert) {
  unsigned char hash[SHA256_DIGEST_LENGTH];
  int err;
  int len;
  int i;

  tlsloop__ossl_begin();
  len = i2d_X509(cert->x509, &cert->der);
  if (len <= 0)
    return tlsloop__cert_fail(TLSLOOP_EOPENSSL);
  cert->der_len = (size_t) len;

  err = digest(cert->x509, EVP_sha256(), hash);
  if (err != 0)
    return err == UV__ENOTSUP ? TLSLOOP_EOPENSSL : err;
  for (i = 0; i < 8; i++)
    cert->hash = cert->hash << 8 | hash[i];
  return 0;
}


int tlsloop__cert_new(tlsloop_cert_t** cert, X509* x509) {
  tlsloop_cert_t* made;
  int err;

  made = calloc(1, sizeof(*made));
  if (made == NULL) {
    X509_free(x509);
    return UV__ENOMEM;
  }
  made->x509 = x509;
  atomic_init(&made->subject, NULL);
  atomic_init(&made->issuer, NULL);
  atomic_init(&made->facts, NULL);
  atomic_init(&made->refs, 1);

  err = encode(made);
  if (err != 0)
    tlsloop_cert_unref(made);
  else
    *cert = made;
  return err;
}


tlsloop_cert_t* tlsloop_cert_ref(tlsloop_cert_t* cert) {
  atomic_fetch_add_explicit(&cert->refs, 1, memory_order_relaxed);
  return cert;
}


void tlsloop_cert_unref(tlsloop_cert_t* cert) {
  if (cert == NULL)
    return;
  if (atomic_fetch_sub_explicit(&cert->refs, 1, memory_order_acq_rel) != 1)
    return;
  X509_free(cert->x509);
  OPENSSL_free(cert->der);
  free(atomic_load(&cert->subject));
  free(atomic_load(&cert->issuer));
  tlsloop__cert_facts_free(atomic_load(&cert->facts));
  free(cert);
}


int tlsloop_cert_equal(const tlsloop_cert_t* a, const tlsloop_cert_t* b) {
  return a == b || (a->hash == b->hash && a->der_len == b->der_len &&
                    memcmp(a->der, b->der, a->der_len) == 0);
}


uint64_t tlsloop_cert_hash(const tlsloop_cert_t* cert) {
  return cert->hash;
}


const unsigned char* tlsloop_cert_der(const tlsloop_cert_t* cert, size_t* len) {
  *len = cert->der_len;
  return cert->der;
}
