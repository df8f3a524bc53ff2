/* SPDX-License-Identifier: MIT */

/* Der: certificates and revocation lists in DER, one right after another. What
 * is one of them never is the other: where a list has the time of its update, a
 * certificate has two times in a sequence. */

#include "context/der.h"


#include "engine/ossl.h"
#include "tlsloop/errno.h"

/* The tag of a sequence; a length that fits the second byte has no top bit. */
#define SEQUENCE    0x30
#define LONG_LENGTH 0x80


int tlsloop__der_is(const void* data, size_t len) {
  const unsigned char* bytes;

  bytes = data;
  return len >= 2 && bytes[0] == SEQUENCE && (bytes[1] & LONG_LENGTH) != 0;
}


static int read_cert(const tlsloop__lib_t* lib,
                     tlsloop__der_t* der,
                     const unsigned char** data,
                     size_t len) {
  const unsigned char* at;
  X509* x509;

  at = *data;
  x509 = tlsloop__lib_read_cert(lib, &at, (long) len);
  if (x509 == NULL)
    return TLSLOOP_EBADCERT;
  *data = at;
  if (sk_X509_push(der->certs, x509))
    return 0;
  X509_free(x509);
  return TLSLOOP_EOPENSSL;
}


static int read_crl(const tlsloop__lib_t* lib,
                    tlsloop__der_t* der,
                    const unsigned char** data,
                    size_t len) {
  const unsigned char* at;
  X509_CRL* crl;

  at = *data;
  crl = tlsloop__lib_read_crl(lib, &at, (long) len);
  if (crl == NULL)
    return TLSLOOP_EBADCRL;
  *data = at;
  if (sk_X509_CRL_push(der->crls, crl))
    return 0;
  X509_CRL_free(crl);
  return TLSLOOP_EOPENSSL;
}


/* What is neither is told as a bad certificate. The errors of both attempts
 * stay in the queue: one of them may be that memory ran out. */
static int read_one(const tlsloop__lib_t* lib,
                    tlsloop__der_t* der,
                    const unsigned char** data,
                    size_t len) {
  int crl_err;
  int err;

  err = read_cert(lib, der, data, len);
  if (err != TLSLOOP_EBADCERT)
    return err;

  crl_err = read_crl(lib, der, data, len);
  return crl_err == TLSLOOP_EBADCRL ? err : crl_err;
}


int tlsloop__der_read(const tlsloop__lib_t* lib,
                      tlsloop__der_t* der,
                      const void* data,
                      size_t len) {
  const unsigned char* at;
  const unsigned char* end;
  int err;

  tlsloop__ossl_begin();
  der->certs = sk_X509_new_null();
  der->crls = sk_X509_CRL_new_null();
  if (der->certs == NULL || der->crls == NULL)
    return TLSLOOP_EOPENSSL;

  at = data;
  end = at + len;
  while (at < end) {
    err = read_one(lib, der, &at, (size_t) (end - at));
    if (err != 0)
      return err;
  }
  tlsloop__ossl_end();
  return 0;
}


void tlsloop__der_clear(tlsloop__der_t* der) {
  sk_X509_pop_free(der->certs, X509_free);
  sk_X509_CRL_pop_free(der->crls, X509_CRL_free);
}
