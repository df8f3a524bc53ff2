/* SPDX-License-Identifier: MIT */

/* Ciphers: which cipher suites a context takes.
 *
 * A list that selects nothing leaves an SSL_CTX without any, and a security
 * level in a list takes effect while it is read. So a list is tried on an
 * SSL_CTX of its own first. */

#include <openssl/ssl.h>
#include <uv/errno.h>

#include "context/cipher.h"
#include "context/ctx.h"
#include "engine/ossl.h"
#include "tlsloop/policy.h"

#define MIN_SECURITY_LEVEL 2

/* SSL_CTX_set_cipher_list or SSL_CTX_set_ciphersuites. */
typedef int (*setter_t)(SSL_CTX* ssl_ctx, const char* list);


static int is_tls_1_3(const SSL_CIPHER* cipher) {
  return SSL_CIPHER_get_kx_nid(cipher) == NID_kx_any;
}


/* Why |cipher| is below our defaults; NULL when it is not. */
static const char* weakness(const SSL_CIPHER* cipher) {
  int kx;

  if (SSL_CIPHER_get_auth_nid(cipher) == NID_auth_null)
    return "a cipher suite does not authenticate";
  if (SSL_CIPHER_get_cipher_nid(cipher) == NID_undef)
    return "a cipher suite does not encrypt";

  kx = SSL_CIPHER_get_kx_nid(cipher);
  if (kx != NID_kx_ecdhe && kx != NID_kx_dhe && kx != NID_kx_ecdhe_psk &&
      kx != NID_kx_dhe_psk && kx != NID_kx_any)
    return "a cipher suite is not forward secret";
  return NULL;
}


static const char* list_weakness(const SSL_CTX* ssl_ctx) {
  STACK_OF(SSL_CIPHER) * ciphers;
  const char* why;
  int i;

  if (SSL_CTX_get_security_level(ssl_ctx) < MIN_SECURITY_LEVEL)
    return "the security level is below 2";

  ciphers = SSL_CTX_get_ciphers(ssl_ctx);
  for (i = 0; i < sk_SSL_CIPHER_num(ciphers); i++) {
    why = weakness(sk_SSL_CIPHER_value(ciphers, i));
    if (why != NULL)
      return why;
  }
  return NULL;
}


/* Whether |ssl_ctx| has a cipher suite of TLS 1.3, or one of the others. */
static int has_any(const SSL_CTX* ssl_ctx, int tls_1_3) {
  STACK_OF(SSL_CIPHER) * ciphers;
  int i;

  ciphers = SSL_CTX_get_ciphers(ssl_ctx);
  for (i = 0; i < sk_SSL_CIPHER_num(ciphers); i++) {
    if (is_tls_1_3(sk_SSL_CIPHER_value(ciphers, i)) == tls_1_3)
      return 1;
  }
  return 0;
}


/* Tries |list| on |trial|, which is as |ctx| else. */
static int try_on(tlsloop_ctx_t* ctx,
                  SSL_CTX* trial,
                  setter_t set,
                  const char* list) {
  const char* why;

  SSL_CTX_set_security_level(trial, SSL_CTX_get_security_level(ctx->ssl_ctx));
  if (!set(trial, list) || !has_any(trial, set == SSL_CTX_set_ciphersuites))
    return tlsloop__ctx_fail_ossl(
        ctx, TLSLOOP_ECIPHERS, list, "no cipher can be selected");
  if (set == SSL_CTX_set_ciphersuites)
    return 0;

  why = list_weakness(trial);
  return why == NULL ? 0 : tlsloop__ctx_check_insecure(ctx, why);
}


static int apply(tlsloop_ctx_t* ctx, setter_t set, const char* list) {
  SSL_CTX* trial;
  int err;

  err = tlsloop__ctx_check_open(ctx);
  if (err != 0)
    return err;
  if (list == NULL)
    return tlsloop__ctx_fail(ctx, UV__EINVAL, NULL, "there is no list");

  tlsloop__ossl_begin();
  trial = SSL_CTX_new_ex(
      ctx->lib.libctx, ctx->lib.propq, SSL_CTX_get_ssl_method(ctx->ssl_ctx));
  if (trial == NULL)
    return tlsloop__ctx_fail_ossl(ctx, TLSLOOP_EOPENSSL, NULL, NULL);
  err = try_on(ctx, trial, set, list);
  SSL_CTX_free(trial);
  if (err == 0 && !set(ctx->ssl_ctx, list))
    err = tlsloop__ctx_fail_ossl(ctx, TLSLOOP_EOPENSSL, NULL, NULL);
  tlsloop__ossl_end();
  return err;
}


int tlsloop_ctx_set_ciphers(tlsloop_ctx_t* ctx, const char* list) {
  return apply(ctx, SSL_CTX_set_cipher_list, list);
}


int tlsloop_ctx_set_ciphersuites(tlsloop_ctx_t* ctx, const char* list) {
  return apply(ctx, SSL_CTX_set_ciphersuites, list);
}


size_t tlsloop_ctx_cipher_count(const tlsloop_ctx_t* ctx) {
  int count;

  count = sk_SSL_CIPHER_num(SSL_CTX_get_ciphers(ctx->ssl_ctx));
  return count < 0 ? 0 : (size_t) count;
}


int tlsloop_ctx_cipher(const tlsloop_ctx_t* ctx,
                       size_t index,
                       tlsloop_cipher_info_t* info) {
  STACK_OF(SSL_CIPHER) * ciphers;

  if (index >= tlsloop_ctx_cipher_count(ctx))
    return UV__ENOENT;
  ciphers = SSL_CTX_get_ciphers(ctx->ssl_ctx);
  tlsloop__cipher_describe(sk_SSL_CIPHER_value(ciphers, (int) index), info);
  return 0;
}
