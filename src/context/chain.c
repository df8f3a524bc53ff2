/* SPDX-License-Identifier: MIT */

/* Chain: the own certificate, its issuers and its key. They are read and
 * checked completely before the SSL_CTX sees any of them, because OpenSSL's
 * functions for files leave a new certificate with an old key when the second
 * file is bad. */

#include "context/chain.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/sslerr.h>
#include <stdio.h>
#include <string.h>
#include <uv/errno.h>

#include "context/ctx.h"
#include "context/file.h"
#include "context/password.h"
#include "context/pem.h"
#include "engine/ossl.h"

/* PEM text and the file it is from; NULL: from memory. */
typedef struct source_s {
  const char* file;
  const void* data;
  size_t len;
} source_t;


static int read_certs(tlsloop_ctx_t* ctx,
                      const source_t* from,
                      tlsloop__pem_t* pem) {
  char text[64];
  int err;

  err = tlsloop__pem_read(&ctx->lib, pem, from->data, from->len);
  if (err != 0) {
    snprintf(text, sizeof(text), "PEM block %d cannot be read", pem->blocks);
    return tlsloop__ctx_fail_ossl(ctx, err, from->file, text);
  }
  if (sk_X509_num(pem->certs) == 0)
    return tlsloop__ctx_fail(ctx, TLSLOOP_ENOCERT, from->file, NULL);
  if (X509_get0_pubkey(sk_X509_value(pem->certs, 0)) == NULL)
    return tlsloop__ctx_fail_ossl(
        ctx,
        TLSLOOP_EBADCERT,
        from->file,
        "the certificate has a public key that cannot be read");
  return 0;
}


static int read_key(tlsloop_ctx_t* ctx,
                    const source_t* from,
                    tlsloop__password_t* password,
                    EVP_PKEY** key) {
  int err;

  err = tlsloop__pem_read_key(&ctx->lib, from->data, from->len, password, key);
  if (err == 0)
    return 0;
  return tlsloop__ctx_fail_ossl(
      ctx, err, from->file, tlsloop__password_text(password));
}


/* The first of the certificates must be the key's. When another one is, the
 * file is in the wrong order, which happens often enough to be told. */
static int check_match(tlsloop_ctx_t* ctx,
                       const source_t* from,
                       STACK_OF(X509) * certs,
                       const EVP_PKEY* key) {
  char text[96];
  int i;

  if (X509_check_private_key(sk_X509_value(certs, 0), key))
    return 0;

  for (i = 1; i < sk_X509_num(certs); i++) {
    if (X509_check_private_key(sk_X509_value(certs, i), key)) {
      snprintf(text,
               sizeof(text),
               "the private key is that of certificate %d, which must be the "
               "first",
               i + 1);
      return tlsloop__ctx_fail_ossl(
          ctx, TLSLOOP_EKEYMISMATCH, from->file, text);
    }
  }
  return tlsloop__ctx_fail_ossl(ctx,
                                TLSLOOP_EKEYMISMATCH,
                                from->file,
                                tlsloop_strerror(TLSLOOP_EKEYMISMATCH));
}


static int install_code(void) {
  if (tlsloop__ossl_is(ERR_LIB_SSL, SSL_R_EE_KEY_TOO_SMALL) ||
      tlsloop__ossl_is(ERR_LIB_SSL, SSL_R_CA_KEY_TOO_SMALL) ||
      tlsloop__ossl_is(ERR_LIB_SSL, SSL_R_CA_MD_TOO_WEAK))
    return TLSLOOP_EWEAK;
  if (tlsloop__ossl_is(ERR_LIB_SSL, SSL_R_UNKNOWN_CERTIFICATE_TYPE))
    return TLSLOOP_EBADKEY;
  return TLSLOOP_EOPENSSL;
}


/* Checks strength, then puts all in place at once. */
static int install(tlsloop_ctx_t* ctx,
                   const source_t* from,
                   STACK_OF(X509) * certs,
                   EVP_PKEY* key) {
  const char* text;
  X509* own;
  int code;
  int done;

  own = sk_X509_shift(certs);
  tlsloop__ossl_begin();
  done = SSL_CTX_use_cert_and_key(ctx->ssl_ctx, own, key, certs, 1);
  X509_free(own);
  if (done) {
    tlsloop__ossl_end();
    return 0;
  }

  code = install_code();
  text = NULL;
  if (code == TLSLOOP_EWEAK)
    text = tlsloop_strerror(code);
  else if (code == TLSLOOP_EBADKEY)
    text = "TLS has no use for this type of key";
  return tlsloop__ctx_fail_ossl(ctx, code, from->file, text);
}


static int load(tlsloop_ctx_t* ctx,
                const source_t* cert_from,
                const source_t* key_from,
                tlsloop__password_t* password) {
  tlsloop__pem_t pem;
  EVP_PKEY* key;
  int err;

  key = NULL;
  err = read_certs(ctx, cert_from, &pem);
  if (err == 0)
    err = read_key(ctx, key_from, password, &key);
  if (err == 0)
    err = check_match(ctx, key_from, pem.certs, key);
  if (err == 0)
    err = install(ctx, cert_from, pem.certs, key);
  EVP_PKEY_free(key);
  tlsloop__pem_clear(&pem);
  return err;
}


static int load_key_file(tlsloop_ctx_t* ctx,
                         const source_t* cert_from,
                         const char* key_file,
                         tlsloop__password_t* password) {
  unsigned char* data;
  size_t len;
  int err;

  err = tlsloop__file_read(key_file, &data, &len);
  if (err != 0)
    return tlsloop__ctx_fail(ctx, err, key_file, NULL);
  err = load(ctx, cert_from, &(source_t){key_file, data, len}, password);
  tlsloop__file_free(data, len);
  return err;
}


int tlsloop__chain_load_file(tlsloop_ctx_t* ctx,
                             const char* cert_file,
                             const char* key_file,
                             tlsloop__password_t* password) {
  unsigned char* data;
  source_t cert_from;
  size_t len;
  int err;

  err = tlsloop__ctx_check_open(ctx);
  if (err != 0)
    return err;
  if (cert_file == NULL)
    return tlsloop__ctx_fail(ctx, UV__EINVAL, NULL, "there is no file name");

  err = tlsloop__file_read(cert_file, &data, &len);
  if (err != 0)
    return tlsloop__ctx_fail(ctx, err, cert_file, NULL);
  cert_from = (source_t){cert_file, data, len};
  if (key_file == NULL)
    err = load(ctx, &cert_from, &cert_from, password);
  else
    err = load_key_file(ctx, &cert_from, key_file, password);
  tlsloop__file_free(data, len);
  return err;
}


int tlsloop__chain_load_mem(tlsloop_ctx_t* ctx,
                            const tlsloop__chain_mem_t* mem,
                            tlsloop__password_t* password) {
  source_t cert_from = {NULL, mem->cert, mem->cert_len};
  source_t key_from = {NULL, mem->key, mem->key_len};
  int err;

  err = tlsloop__ctx_check_open(ctx);
  if (err != 0)
    return err;
  if (mem->cert == NULL)
    return tlsloop__ctx_fail(ctx, UV__EINVAL, NULL, "there is no certificate");
  if (mem->key == NULL)
    key_from = cert_from;
  if (cert_from.len > TLSLOOP__FILE_MAX_LEN ||
      key_from.len > TLSLOOP__FILE_MAX_LEN)
    return tlsloop__ctx_fail(ctx, UV__EFBIG, NULL, NULL);
  return load(ctx, &cert_from, &key_from, password);
}
