/* SPDX-License-Identifier: MIT */

/* Cert-load: certificates from files and memory. What holds one that cannot be
 * read gives none, so that nobody works with half a chain. */

#include <openssl/x509.h>
#include <stdlib.h>
#include <uv/errno.h>

#include "context/cert.h"
#include "context/file.h"
#include "context/lib.h"
#include "context/pem.h"
#include "engine/ossl.h"
#include "tlsloop/errno.h"

/* OpenSSL's default library context: no context asks for these. */
static const tlsloop__lib_t lib = {NULL, NULL};


/* Appends the certificates at |data|, one right after another, to |certs|. */
static int read_der(STACK_OF(X509) * certs,
                    const unsigned char* data,
                    size_t len) {
  const unsigned char* end;
  X509* x509;

  for (end = data + len; data < end;) {
    x509 = tlsloop__lib_read_cert(&lib, &data, (long) (end - data));
    if (x509 == NULL)
      return TLSLOOP_EBADCERT;
    if (!sk_X509_push(certs, x509)) {
      X509_free(x509);
      return TLSLOOP_EOPENSSL;
    }
  }
  return 0;
}


static int check(const void* data, size_t len, int encoding) {
  if (encoding != TLSLOOP_ENCODING_PEM && encoding != TLSLOOP_ENCODING_DER)
    return UV__EINVAL;
  if (data == NULL && len > 0)
    return UV__EINVAL;
  if (len > TLSLOOP__FILE_MAX_LEN)
    return UV__EFBIG;
  return len == 0 ? TLSLOOP_ENOCERT : 0;
}


/* Reads the certificates at |data|, at least one, into |pem|, which needs
 * tlsloop__pem_clear only when this returns 0. */
static int read_certs(tlsloop__pem_t* pem,
                      const void* data,
                      size_t len,
                      int encoding) {
  int err;

  err = check(data, len, encoding);
  if (err != 0)
    return err;

  if (encoding == TLSLOOP_ENCODING_PEM) {
    err = tlsloop__pem_read(&lib, pem, data, len);
  } else {
    tlsloop__ossl_begin();
    *pem = (tlsloop__pem_t){sk_X509_new_null(), NULL, 0};
    err =
        pem->certs == NULL ? TLSLOOP_EOPENSSL : read_der(pem->certs, data, len);
  }
  /* OpenSSL does not always say that memory ran out. */
  if (err == TLSLOOP_EOPENSSL)
    err = UV__ENOMEM;
  if (err != 0)
    err = tlsloop__cert_fail(err);
  else if (sk_X509_num(pem->certs) == 0)
    err = TLSLOOP_ENOCERT;
  if (err != 0)
    tlsloop__pem_clear(pem);
  return err;
}


int tlsloop_cert_load_mem(tlsloop_cert_t** cert,
                          const void* data,
                          size_t len,
                          int encoding) {
  tlsloop__pem_t pem;
  int err;

  err = read_certs(&pem, data, len, encoding);
  if (err != 0)
    return err;
  if (encoding == TLSLOOP_ENCODING_DER && sk_X509_num(pem.certs) > 1)
    err = TLSLOOP_EBADCERT;
  else
    err = tlsloop__cert_new(cert, sk_X509_shift(pem.certs));
  tlsloop__pem_clear(&pem);
  return err;
}


int tlsloop_cert_load_file(tlsloop_cert_t** cert,
                           const char* file,
                           int encoding) {
  unsigned char* data;
  size_t len;
  int err;

  if (file == NULL)
    return UV__EINVAL;
  err = tlsloop__file_read(file, &data, &len);
  if (err != 0)
    return err;
  err = tlsloop_cert_load_mem(cert, data, len, encoding);
  tlsloop__file_free(data, len);
  return err;
}


/* Makes certificates of all |from|, in a new array. */
static int make_list(tlsloop_cert_t*** certs,
                     size_t* count,
                     STACK_OF(X509) * from) {
  tlsloop_cert_t** made;
  size_t n;
  int err;

  made = calloc((size_t) sk_X509_num(from), sizeof(*made));
  if (made == NULL)
    return UV__ENOMEM;
  for (n = 0; sk_X509_num(from) > 0; n++) {
    err = tlsloop__cert_new(&made[n], sk_X509_shift(from));
    if (err != 0) {
      tlsloop_cert_list_free(made, n);
      return err;
    }
  }
  *certs = made;
  *count = n;
  return 0;
}


int tlsloop_cert_list_load_mem(tlsloop_cert_t*** certs,
                               size_t* count,
                               const void* data,
                               size_t len,
                               int encoding) {
  tlsloop__pem_t pem;
  int err;

  err = read_certs(&pem, data, len, encoding);
  if (err != 0)
    return err;
  err = make_list(certs, count, pem.certs);
  tlsloop__pem_clear(&pem);
  return err;
}


int tlsloop_cert_list_load_file(tlsloop_cert_t*** certs,
                                size_t* count,
                                const char* file,
                                int encoding) {
  unsigned char* data;
  size_t len;
  int err;

  if (file == NULL)
    return UV__EINVAL;
  err = tlsloop__file_read(file, &data, &len);
  if (err != 0)
    return err;
  err = tlsloop_cert_list_load_mem(certs, count, data, len, encoding);
  tlsloop__file_free(data, len);
  return err;
}


void tlsloop_cert_list_free(tlsloop_cert_t** certs, size_t count) {
  size_t i;

  if (certs == NULL)
    return;
  for (i = 0; i < count; i++)
    tlsloop_cert_unref(certs[i]);
  free(certs);
}
