/* SPDX-License-Identifier: MIT */

/* Trust: whose word a context takes. All of a file is read before any of it is
 * trusted. Certificates may be added while connections use the context: the
 * store has a lock. Its list of directories has none. */

#include <dirent.h>
#include <errno.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>
#include <uv/errno.h>

#include "context/ctx.h"
#include "context/file.h"
#include "context/pem.h"
#include "context/store.h"
#include "context/windows.h"
#include "engine/ossl.h"


/* Puts what was read where it counts. */
static int add(tlsloop_ctx_t* ctx,
               const char* file,
               STACK_OF(X509) * certs,
               STACK_OF(X509_CRL) * crls) {
  if (sk_X509_num(certs) == 0 && sk_X509_CRL_num(crls) <= 0)
    return tlsloop__ctx_fail(ctx, TLSLOOP_ENOCERT, file, NULL);

  tlsloop__ossl_begin();
  if (!tlsloop__store_add(SSL_CTX_get_cert_store(ctx->ssl_ctx), certs, crls))
    return tlsloop__ctx_fail_ossl(ctx, TLSLOOP_EOPENSSL, file, NULL);
  tlsloop__ossl_end();
  return 0;
}


static int load_pem(tlsloop_ctx_t* ctx,
                    const char* file,
                    const void* data,
                    size_t len) {
  tlsloop__pem_t pem;
  char text[64];
  int err;

  err = tlsloop__pem_read(&ctx->lib, &pem, data, len);
  if (err != 0) {
    snprintf(text, sizeof(text), "PEM block %d cannot be read", pem.blocks);
    err = tlsloop__ctx_fail_ossl(ctx, err, file, text);
  } else {
    err = add(ctx, file, pem.certs, pem.crls);
  }
  tlsloop__pem_clear(&pem);
  return err;
}


/* Appends the certificates at |data|, one right after another, to |certs|. */
static int read_der(tlsloop_ctx_t* ctx,
                    const unsigned char* data,
                    size_t len,
                    STACK_OF(X509) * certs) {
  const unsigned char* end;
  char text[64];
  X509* x509;

  for (end = data + len; data < end;) {
    x509 = tlsloop__lib_read_cert(&ctx->lib, &data, (long) (end - data));
    if (x509 == NULL) {
      snprintf(text,
               sizeof(text),
               "DER certificate %d cannot be read",
               sk_X509_num(certs) + 1);
      return tlsloop__ctx_fail_ossl(ctx, TLSLOOP_EBADCERT, NULL, text);
    }
    if (!sk_X509_push(certs, x509)) {
      X509_free(x509);
      return tlsloop__ctx_fail_ossl(ctx, TLSLOOP_EOPENSSL, NULL, NULL);
    }
  }
  return 0;
}


static int load_der(tlsloop_ctx_t* ctx, const void* data, size_t len) {
  STACK_OF(X509) * certs;
  int err;

  tlsloop__ossl_begin();
  certs = sk_X509_new_null();
  if (certs == NULL)
    return tlsloop__ctx_fail_ossl(ctx, TLSLOOP_EOPENSSL, NULL, NULL);
  err = read_der(ctx, data, len, certs);
  if (err == 0)
    err = add(ctx, NULL, certs, NULL);
  sk_X509_pop_free(certs, X509_free);
  return err;
}


int tlsloop_ctx_load_verify_file(tlsloop_ctx_t* ctx, const char* file) {
  unsigned char* data;
  size_t len;
  int err;

  if (file == NULL)
    return tlsloop__ctx_fail(ctx, UV__EINVAL, NULL, "there is no file name");
  err = tlsloop__file_read(file, &data, &len);
  if (err != 0)
    return tlsloop__ctx_fail(ctx, err, file, NULL);
  err = load_pem(ctx, file, data, len);
  tlsloop__file_free(data, len);
  return err;
}


int tlsloop_ctx_load_verify_mem(tlsloop_ctx_t* ctx,
                                const void* data,
                                size_t len,
                                int encoding) {
  if (data == NULL)
    return tlsloop__ctx_fail(ctx, UV__EINVAL, NULL, "there is no data");
  if (len > TLSLOOP__FILE_MAX_LEN)
    return tlsloop__ctx_fail(ctx, UV__EFBIG, NULL, NULL);

  switch (encoding) {
    case TLSLOOP_ENCODING_PEM:
      return load_pem(ctx, NULL, data, len);
    case TLSLOOP_ENCODING_DER:
      return load_der(ctx, data, len);
    default:
      return tlsloop__ctx_fail(ctx, UV__EINVAL, NULL, "this is no encoding");
  }
}


/* OpenSSL looks into the directory only when it needs an issuer, and would
 * never say that it is not there. */
static int check_dir(tlsloop_ctx_t* ctx, const char* dir) {
  DIR* handle;

  if (dir == NULL)
    return tlsloop__ctx_fail(ctx, UV__EINVAL, NULL, "there is no name");
  if (strchr(dir, ':') != NULL)
    return tlsloop__ctx_fail(
        ctx, UV__EINVAL, dir, "OpenSSL takes a colon as the end of a name");

  handle = opendir(dir);
  if (handle == NULL)
    return tlsloop__ctx_fail(ctx, UV__ERR(errno), dir, NULL);
  closedir(handle);
  return 0;
}


int tlsloop_ctx_load_verify_dir(tlsloop_ctx_t* ctx, const char* dir) {
  int err;

  err = tlsloop__ctx_check_open(ctx);
  if (err == 0)
    err = check_dir(ctx, dir);
  if (err != 0)
    return err;

  tlsloop__ossl_begin();
  if (!SSL_CTX_load_verify_dir(ctx->ssl_ctx, dir))
    return tlsloop__ctx_fail_ossl(ctx, TLSLOOP_EOPENSSL, dir, NULL);
  tlsloop__ossl_end();
  return 0;
}


int tlsloop_ctx_load_default_certs(tlsloop_ctx_t* ctx) {
  int err;

  err = tlsloop__ctx_check_open(ctx);
  if (err != 0)
    return err;

#ifdef _WIN32
  err = tlsloop__windows_load(ctx);
  if (err != 0)
    return err;
#endif
  tlsloop__ossl_begin();
  if (!SSL_CTX_set_default_verify_paths(ctx->ssl_ctx))
    return tlsloop__ctx_fail_ossl(ctx, TLSLOOP_EOPENSSL, NULL, NULL);
  tlsloop__ossl_end();
  return 0;
}
