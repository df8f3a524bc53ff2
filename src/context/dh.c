/* SPDX-License-Identifier: MIT */

/* Dh: parameters for the Diffie-Hellman key exchange of TLS 1.2. */

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/sslerr.h>
#include <uv/errno.h>

#include "context/ctx.h"
#include "context/file.h"
#include "engine/ossl.h"
#include "tlsloop/policy.h"


static EVP_PKEY* read_params(const tlsloop_ctx_t* ctx,
                             const void* data,
                             size_t len) {
  EVP_PKEY* params;
  BIO* bio;

  bio = BIO_new_mem_buf(data, (int) len);
  if (bio == NULL)
    return NULL;
  params =
      PEM_read_bio_Parameters_ex(bio, NULL, ctx->lib.libctx, ctx->lib.propq);
  BIO_free(bio);
  if (params == NULL || EVP_PKEY_is_a(params, "DH") ||
      EVP_PKEY_is_a(params, "DHX"))
    return params;

  EVP_PKEY_free(params);
  ERR_raise(ERR_LIB_PEM, PEM_R_NO_START_LINE);
  return NULL;
}


/* Whether nobody has chosen |params| so that he can read what they protect. */
static int are_safe(const tlsloop_ctx_t* ctx, EVP_PKEY* params) {
  EVP_PKEY_CTX* check;
  int safe;

  check = EVP_PKEY_CTX_new_from_pkey(ctx->lib.libctx, params, ctx->lib.propq);
  safe = check != NULL && EVP_PKEY_param_check(check) == 1;
  EVP_PKEY_CTX_free(check);
  return safe;
}


/* Takes |params| over, also on failure. */
static int install(tlsloop_ctx_t* ctx, const char* file, EVP_PKEY* params) {
  const char* text;
  int code;

  if (SSL_CTX_set0_tmp_dh_pkey(ctx->ssl_ctx, params)) {
    tlsloop__ossl_end();
    return 0;
  }
  EVP_PKEY_free(params);

  code = TLSLOOP_EOPENSSL;
  text = NULL;
  if (tlsloop__ossl_is(ERR_LIB_SSL, SSL_R_DH_KEY_TOO_SMALL)) {
    code = TLSLOOP_EWEAK;
    text = "the parameters are too weak for the security level";
  }
  return tlsloop__ctx_fail_ossl(ctx, code, file, text);
}


static int load(tlsloop_ctx_t* ctx,
                const char* file,
                const void* data,
                size_t len) {
  EVP_PKEY* params;
  int err;

  tlsloop__ossl_begin();
  params = read_params(ctx, data, len);
  if (params == NULL)
    return tlsloop__ctx_fail_ossl(
        ctx, TLSLOOP_EBADKEY, file, "no Diffie-Hellman parameters can be read");

  if (!ctx->insecure && !are_safe(ctx, params)) {
    err = tlsloop__ctx_fail_ossl(
        ctx, TLSLOOP_EINSECURE, file, "the parameters are not of a safe prime");
    EVP_PKEY_free(params);
    return err;
  }
  return install(ctx, file, params);
}


int tlsloop_ctx_load_dh_params_file(tlsloop_ctx_t* ctx, const char* file) {
  unsigned char* data;
  size_t len;
  int err;

  err = tlsloop__ctx_check_open(ctx);
  if (err != 0)
    return err;
  if (file == NULL)
    return tlsloop__ctx_fail(ctx, UV__EINVAL, NULL, "there is no file name");

  err = tlsloop__file_read(file, &data, &len);
  if (err != 0)
    return tlsloop__ctx_fail(ctx, err, file, NULL);
  err = load(ctx, file, data, len);
  tlsloop__file_free(data, len);
  return err;
}


int tlsloop_ctx_load_dh_params_mem(tlsloop_ctx_t* ctx,
                                   const void* data,
                                   size_t len) {
  int err;

  err = tlsloop__ctx_check_open(ctx);
  if (err != 0)
    return err;
  if (data == NULL)
    return tlsloop__ctx_fail(ctx, UV__EINVAL, NULL, "there is no data");
  if (len > TLSLOOP__FILE_MAX_LEN)
    return tlsloop__ctx_fail(ctx, UV__EFBIG, NULL, NULL);
  return load(ctx, NULL, data, len);
}


int tlsloop_ctx_set_dh_auto(tlsloop_ctx_t* ctx, int on) {
  int err;

  err = tlsloop__ctx_check_open(ctx);
  if (err != 0)
    return err;
  if (on != 0 && on != 1)
    return tlsloop__ctx_fail(ctx, UV__EINVAL, NULL, "this is neither 1 nor 0");
  SSL_CTX_set_dh_auto(ctx->ssl_ctx, on);
  return 0;
}
