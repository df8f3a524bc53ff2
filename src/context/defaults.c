/* SPDX-License-Identifier: MIT */

/* Defaults: what every context starts with. What can fail comes first. */

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "context/ctx.h"
#include "context/versions.h"

#define DEFAULT_CIPHERS                                     \
  "@SECLEVEL=2:ECDH+AESGCM:ECDH+CHACHA20:ECDH+AES:DHE+AES:" \
  "!aNULL:!eNULL:!aDSS:!SHA1:!AESCCM"

/* Every workaround but the one that is a weakness. */
#define WORKAROUNDS (SSL_OP_ALL & ~SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS)

#define DEFAULT_OPTIONS                                        \
  (WORKAROUNDS | SSL_OP_NO_SSLv3 | SSL_OP_NO_COMPRESSION |     \
   SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE | \
   SSL_OP_SINGLE_DH_USE | SSL_OP_SINGLE_ECDH_USE |             \
   SSL_OP_ENABLE_MIDDLEBOX_COMPAT)

/* What a system-wide configuration file of OpenSSL may switch on, and what
 * would break our word on truncation and renegotiation. */
#define LOOSE_OPTIONS                                            \
  (SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_LEGACY_SERVER_CONNECT | \
   SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION |                    \
   SSL_OP_ALLOW_CLIENT_RENEGOTIATION)


/* The cipher string brings its security level, but an administrator's higher
 * one in OpenSSL's configuration stays. */
static int set_ciphers(SSL_CTX* ssl_ctx) {
  int level;

  level = SSL_CTX_get_security_level(ssl_ctx);
  if (!SSL_CTX_set_cipher_list(ssl_ctx, DEFAULT_CIPHERS))
    return 0;
  if (level > SSL_CTX_get_security_level(ssl_ctx))
    SSL_CTX_set_security_level(ssl_ctx, level);
  return 1;
}


/* The only version of the protocol, or our floor; an administrator's higher
 * floor stays. */
static int set_versions(SSL_CTX* ssl_ctx, int protocol) {
  int version;
  int floor;

  version = tlsloop__version_of(protocol);
  if (version != 0)
    return SSL_CTX_set_min_proto_version(ssl_ctx, version) &&
           SSL_CTX_set_max_proto_version(ssl_ctx, version);

  floor = (int) SSL_CTX_get_min_proto_version(ssl_ctx);
  if (floor >= TLS1_2_VERSION)
    return 1;
  return (int) SSL_CTX_set_min_proto_version(ssl_ctx, TLS1_2_VERSION);
}


static void set_verification(tlsloop_ctx_t* ctx) {
  X509_VERIFY_PARAM* param;
  int mode;

  mode = SSL_VERIFY_NONE;
  if (ctx->protocol == TLSLOOP_PROTOCOL_TLS_CLIENT)
    mode = SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  SSL_CTX_set_verify(ctx->ssl_ctx, mode, NULL);
  ctx->check_hostname = mode != SSL_VERIFY_NONE;

  param = SSL_CTX_get0_param(ctx->ssl_ctx);
  X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_TRUSTED_FIRST);
  X509_VERIFY_PARAM_set_hostflags(param,
                                  X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
                                      X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
}


int tlsloop__ctx_set_defaults(tlsloop_ctx_t* ctx) {
  SSL_CTX* ssl_ctx;

  ssl_ctx = ctx->ssl_ctx;
  if (!set_ciphers(ssl_ctx) || !set_versions(ssl_ctx, ctx->protocol))
    return 0;

  SSL_CTX_clear_options(ssl_ctx, LOOSE_OPTIONS);
  SSL_CTX_set_options(ssl_ctx, DEFAULT_OPTIONS);
  SSL_CTX_set_mode(ssl_ctx, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_post_handshake_auth(ssl_ctx, 0);
  /* SSL 3.0 would be switched off a second time. */
  if (ctx->protocol == TLSLOOP_PROTOCOL_SSLV3)
    SSL_CTX_clear_options(ssl_ctx, SSL_OP_NO_SSLv3);
  set_verification(ctx);
  return 1;
}
