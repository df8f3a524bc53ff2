/* SPDX-License-Identifier: MIT */

/* Cert: the certificate itself. Nothing in it changes once it can be seen, so
 * it needs no lock: its encoding and hash are there from the beginning, and
 * what is worked out late is put in place by whoever is first. */

#include "context/cert.h"

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


/* As tlsloop_cert_fingerprint. A digest that is there fails only for lack of
 * memory, which OpenSSL does not always say. */
static int digest(const tlsloop_cert_t* cert,
                  const EVP_MD* md,
                  unsigned char* buf,
                  size_t* len) {
  size_t room;
  int needed;

  needed = EVP_MD_get_size(md);
  if (needed <= 0)
    return UV__ENOTSUP;
  room = *len;
  *len = (size_t) needed;
  if (room < *len)
    return UV__ENOBUFS;
  return EVP_Digest(cert->der, cert->der_len, buf, NULL, md, NULL) ? 0
                                                                   : UV__ENOMEM;
}


int tlsloop_cert_fingerprint(const tlsloop_cert_t* cert,
                             const char* name,
                             unsigned char* buf,
                             size_t* len) {
  EVP_MD* md;
  int err;

  if (name == NULL || len == NULL || (buf == NULL && *len > 0))
    return UV__EINVAL;

  tlsloop__ossl_begin();
  md = EVP_MD_fetch(NULL, name, NULL);
  if (md == NULL)
    return tlsloop__cert_fail(UV__ENOTSUP);
  err = digest(cert, md, buf, len);
  EVP_MD_free(md);
  tlsloop__ossl_end();
  return err;
}


/* Encodes and hashes |cert|. */
static int encode(tlsloop_cert_t* cert) {
  unsigned char hash[SHA256_DIGEST_LENGTH];
  size_t hash_len;
  int err;
  int len;
  int i;

  tlsloop__ossl_begin();
  len = i2d_X509(cert->x509, &cert->der);
  if (len <= 0)
    return tlsloop__cert_fail(TLSLOOP_EOPENSSL);
  cert->der_len = (size_t) len;

  hash_len = sizeof(hash);
  err = tlsloop_cert_fingerprint(cert, "SHA256", hash, &hash_len);
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
