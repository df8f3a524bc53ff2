/* SPDX-License-Identifier: MIT */

/* Trust-text: certificates and revocation lists for the store of a context.
 * All of a text is read before any of it counts. They may be added while
 * connections use the context: the store has a lock. */

#include "context/trust-text.h"

#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <uv/errno.h>

#include "context/ctx.h"
#include "context/der.h"
#include "context/file.h"
#include "context/pem.h"
#include "context/store.h"
#include "engine/ossl.h"

/* A text and the file that it is from; NULL: from memory. */
typedef struct text_s {
  tlsloop__trust_kind_t wanted;
  const char* file;
  const void* data;
  size_t len;
} text_t;


/* Puts what was read where it counts. */
static int add(tlsloop_ctx_t* ctx,
               const text_t* from,
               STACK_OF(X509) * certs,
               STACK_OF(X509_CRL) * crls) {
  if (from->wanted == TLSLOOP__TRUST_CRLS) {
    certs = NULL;
    if (sk_X509_CRL_num(crls) == 0)
      return tlsloop__ctx_fail(ctx,
                               TLSLOOP_EBADCRL,
                               from->file,
                               "no certificate revocation list was found");
  }
  if (sk_X509_num(certs) <= 0 && sk_X509_CRL_num(crls) == 0)
    return tlsloop__ctx_fail(ctx, TLSLOOP_ENOCERT, from->file, NULL);

  tlsloop__ossl_begin();
  if (!tlsloop__store_add(SSL_CTX_get_cert_store(ctx->ssl_ctx), certs, crls))
    return tlsloop__ctx_fail_ossl(ctx, TLSLOOP_EOPENSSL, from->file, NULL);
  tlsloop__ossl_end();
  return 0;
}


static int load_pem(tlsloop_ctx_t* ctx, const text_t* from) {
  tlsloop__pem_t pem;
  char text[64];
  int err;

  err = tlsloop__pem_read(&ctx->lib, &pem, from->data, from->len);
  if (err != 0) {
    snprintf(text, sizeof(text), "PEM block %d cannot be read", pem.blocks);
    err = tlsloop__ctx_fail_ossl(ctx, err, from->file, text);
  } else {
    err = add(ctx, from, pem.certs, pem.crls);
  }
  tlsloop__pem_clear(&pem);
  return err;
}


static int load_der(tlsloop_ctx_t* ctx, const text_t* from) {
  tlsloop__der_t der;
  char text[64];
  int err;

  err = tlsloop__der_read(&ctx->lib, &der, from->data, from->len);
  if (err == TLSLOOP_EBADCERT) {
    if (from->wanted == TLSLOOP__TRUST_CRLS)
      err = TLSLOOP_EBADCRL;
    snprintf(text,
             sizeof(text),
             "DER %s %d cannot be read",
             err == TLSLOOP_EBADCRL ? "revocation list" : "certificate",
             sk_X509_num(der.certs) + sk_X509_CRL_num(der.crls) + 1);
    err = tlsloop__ctx_fail_ossl(ctx, err, from->file, text);
  } else if (err != 0) {
    err = tlsloop__ctx_fail_ossl(ctx, err, from->file, NULL);
  } else {
    err = add(ctx, from, der.certs, der.crls);
  }
  tlsloop__der_clear(&der);
  return err;
}


int tlsloop__trust_add_file(tlsloop_ctx_t* ctx,
                            tlsloop__trust_kind_t wanted,
                            const char* path) {
  unsigned char* data;
  text_t from;
  size_t len;
  int err;

  if (path == NULL)
    return tlsloop__ctx_fail(ctx, UV__EINVAL, NULL, "there is no file name");
  err = tlsloop__file_read(path, &data, &len);
  if (err != 0)
    return tlsloop__ctx_fail(ctx, err, path, NULL);

  from = (text_t){wanted, path, data, len};
  err =
      tlsloop__der_is(data, len) ? load_der(ctx, &from) : load_pem(ctx, &from);
  tlsloop__file_free(data, len);
  return err;
}


int tlsloop__trust_add_mem(tlsloop_ctx_t* ctx,
                           tlsloop__trust_kind_t wanted,
                           const void* data,
                           size_t len,
                           int encoding) {
  text_t from = {wanted, NULL, data, len};

  if (data == NULL)
    return tlsloop__ctx_fail(ctx, UV__EINVAL, NULL, "there is no data");
  if (len > TLSLOOP__FILE_MAX_LEN)
    return tlsloop__ctx_fail(ctx, UV__EFBIG, NULL, NULL);

  switch (encoding) {
    case TLSLOOP_ENCODING_PEM:
      return load_pem(ctx, &from);
    case TLSLOOP_ENCODING_DER:
      return load_der(ctx, &from);
    default:
      return tlsloop__ctx_fail(ctx, UV__EINVAL, NULL, "this is no encoding");
  }
}
