/* SPDX-License-Identifier: MIT */

/* Lib: certificates and revocation lists that keep to a library context. What
 * is made without one takes its algorithms from the default one later, when it
 * is verified. */

#include "context/lib.h"

#include <openssl/crypto.h>
#include <openssl/x509.h>

/* d2i_X509 or d2i_X509_AUX. */
typedef X509* (*decoder_t)(X509** x509, const unsigned char** der, long len);


int tlsloop__lib_init(tlsloop__lib_t* lib,
                      OSSL_LIB_CTX* libctx,
                      const char* propq) {
  lib->libctx = libctx;
  lib->propq = NULL;
  if (propq == NULL)
    return 1;
  lib->propq = OPENSSL_strdup(propq);
  return lib->propq != NULL;
}


void tlsloop__lib_deinit(tlsloop__lib_t* lib) {
  OPENSSL_free(lib->propq);
}


/* A decoder that fails may have freed what it was to fill, and then says so. */
static X509* read_cert(const tlsloop__lib_t* lib,
                       decoder_t decode,
                       const unsigned char** der,
                       long len) {
  X509* x509;

  x509 = X509_new_ex(lib->libctx, lib->propq);
  if (x509 == NULL)
    return NULL;
  if (decode(&x509, der, len) != NULL)
    return x509;
  X509_free(x509);
  return NULL;
}


X509* tlsloop__lib_read_cert(const tlsloop__lib_t* lib,
                             const unsigned char** der,
                             long len) {
  return read_cert(lib, d2i_X509, der, len);
}


X509* tlsloop__lib_read_trusted_cert(const tlsloop__lib_t* lib,
                                     const unsigned char** der,
                                     long len) {
  return read_cert(lib, d2i_X509_AUX, der, len);
}


X509_CRL* tlsloop__lib_read_crl(const tlsloop__lib_t* lib,
                                const unsigned char** der,
                                long len) {
  X509_CRL* crl;

  crl = X509_CRL_new_ex(lib->libctx, lib->propq);
  if (crl == NULL)
    return NULL;
  if (d2i_X509_CRL(&crl, der, len) != NULL)
    return crl;
  X509_CRL_free(crl);
  return NULL;
}
