/* SPDX-License-Identifier: MIT */

/* Versions: the lowest and the highest version of TLS that a context takes.
 * OpenSSL's 0 stands for no bound of its own. */

#include "context/versions.h"

#include <openssl/ssl.h>
#include <uv/errno.h>

#include "context/ctx.h"
#include "engine/ossl.h"

/* OpenSSL takes versions that it was built without as bounds and fails later,
 * in each handshake. */
#if defined(OPENSSL_NO_SSL3) || defined(OPENSSL_NO_SSL3_METHOD)
#define HAVE_SSLV3 0
#else
#define HAVE_SSLV3 1
#endif
#if defined(OPENSSL_NO_TLS1) || defined(OPENSSL_NO_TLS1_METHOD)
#define HAVE_TLS_1_0 0
#else
#define HAVE_TLS_1_0 1
#endif
#if defined(OPENSSL_NO_TLS1_1) || defined(OPENSSL_NO_TLS1_1_METHOD)
#define HAVE_TLS_1_1 0
#else
#define HAVE_TLS_1_1 1
#endif
#if defined(OPENSSL_NO_TLS1_2) || defined(OPENSSL_NO_TLS1_2_METHOD)
#define HAVE_TLS_1_2 0
#else
#define HAVE_TLS_1_2 1
#endif
#if defined(OPENSSL_NO_TLS1_3)
#define HAVE_TLS_1_3 0
#else
#define HAVE_TLS_1_3 1
#endif

/* In ascending order. */
static const struct version_s {
  int version;
  int available;
} versions[] = {
    {TLSLOOP_TLS_SSLV3, HAVE_SSLV3},
    {TLSLOOP_TLS_1_0, HAVE_TLS_1_0},
    {TLSLOOP_TLS_1_1, HAVE_TLS_1_1},
    {TLSLOOP_TLS_1_2, HAVE_TLS_1_2},
    {TLSLOOP_TLS_1_3, HAVE_TLS_1_3},
};

#define COUNT (sizeof(versions) / sizeof(versions[0]))


int tlsloop__version_of(int protocol) {
  switch (protocol) {
    case TLSLOOP_PROTOCOL_SSLV3:
      return TLSLOOP_TLS_SSLV3;
    case TLSLOOP_PROTOCOL_TLS_1_0:
      return TLSLOOP_TLS_1_0;
    case TLSLOOP_PROTOCOL_TLS_1_1:
      return TLSLOOP_TLS_1_1;
    case TLSLOOP_PROTOCOL_TLS_1_2:
      return TLSLOOP_TLS_1_2;
    default:
      return 0;
  }
}


static const struct version_s* find(int version) {
  size_t i;

  for (i = 0; i < COUNT; i++) {
    if (versions[i].version == version)
      return &versions[i];
  }
  return NULL;
}


int tlsloop__version_available(int version) {
  const struct version_s* found;

  found = find(version);
  return found != NULL && found->available;
}


static int lowest(void) {
  size_t i;

  for (i = 0; i < COUNT - 1 && !versions[i].available; i++)
    continue;
  return versions[i].version;
}


static int highest(void) {
  size_t i;

  for (i = COUNT - 1; i > 0 && !versions[i].available; i--)
    continue;
  return versions[i].version;
}


/* Stores in |bound| the version that |version| stands for, if |ctx| may have
 * it as a bound. */
static int resolve(tlsloop_ctx_t* ctx, int version, int* bound) {
  const struct version_s* found;
  int err;

  err = tlsloop__ctx_check_open(ctx);
  if (err != 0)
    return err;
  if (tlsloop__version_of(ctx->protocol) != 0)
    return tlsloop__ctx_fail(
        ctx, UV__EINVAL, NULL, "the protocol has only one version");

  *bound = version;
  if (version == TLSLOOP_TLS_MINIMUM_SUPPORTED)
    *bound = lowest();
  else if (version == TLSLOOP_TLS_MAXIMUM_SUPPORTED)
    *bound = highest();

  found = find(*bound);
  if (found == NULL)
    return tlsloop__ctx_fail(ctx, UV__EINVAL, NULL, "this is no TLS version");
  if (!found->available)
    return tlsloop__ctx_fail(
        ctx, UV__ENOTSUP, NULL, "OpenSSL was built without this version");
  if (*bound < TLSLOOP_TLS_1_2)
    return tlsloop__ctx_check_insecure(ctx, "versions below TLS 1.2 are weak");
  return 0;
}


/* The bounds in force, with OpenSSL's 0 made a version. */
static int min_bound(const tlsloop_ctx_t* ctx) {
  int version;

  version = (int) SSL_CTX_get_min_proto_version(ctx->ssl_ctx);
  return version == 0 ? lowest() : version;
}


static int max_bound(const tlsloop_ctx_t* ctx) {
  int version;

  version = (int) SSL_CTX_get_max_proto_version(ctx->ssl_ctx);
  return version == 0 ? highest() : version;
}


int tlsloop_ctx_set_min_version(tlsloop_ctx_t* ctx, int version) {
  int bound;
  int err;

  err = resolve(ctx, version, &bound);
  if (err != 0)
    return err;
  if (bound > max_bound(ctx))
    return tlsloop__ctx_fail(
        ctx, UV__EINVAL, NULL, "the lowest version is above the highest");

  tlsloop__ossl_begin();
  if (!SSL_CTX_set_min_proto_version(
          ctx->ssl_ctx, version == TLSLOOP_TLS_MINIMUM_SUPPORTED ? 0 : bound))
    return tlsloop__ctx_fail_ossl(ctx, TLSLOOP_EOPENSSL, NULL, NULL);
  /* SSL 3.0 is switched off a second time, by an option. */
  if (bound == SSL3_VERSION)
    SSL_CTX_clear_options(ctx->ssl_ctx, SSL_OP_NO_SSLv3);
  return 0;
}


int tlsloop_ctx_set_max_version(tlsloop_ctx_t* ctx, int version) {
  int bound;
  int err;

  err = resolve(ctx, version, &bound);
  if (err != 0)
    return err;
  if (bound < min_bound(ctx))
    return tlsloop__ctx_fail(
        ctx, UV__EINVAL, NULL, "the highest version is below the lowest");

  tlsloop__ossl_begin();
  if (!SSL_CTX_set_max_proto_version(
          ctx->ssl_ctx, version == TLSLOOP_TLS_MAXIMUM_SUPPORTED ? 0 : bound))
    return tlsloop__ctx_fail_ossl(ctx, TLSLOOP_EOPENSSL, NULL, NULL);
  return 0;
}


int tlsloop_ctx_min_version(const tlsloop_ctx_t* ctx) {
  int version;

  if (tlsloop__version_of(ctx->protocol) != 0)
    return TLSLOOP_TLS_MINIMUM_SUPPORTED;
  version = (int) SSL_CTX_get_min_proto_version(ctx->ssl_ctx);
  return version == 0 ? TLSLOOP_TLS_MINIMUM_SUPPORTED : version;
}


int tlsloop_ctx_max_version(const tlsloop_ctx_t* ctx) {
  int version;

  if (tlsloop__version_of(ctx->protocol) != 0)
    return TLSLOOP_TLS_MAXIMUM_SUPPORTED;
  version = (int) SSL_CTX_get_max_proto_version(ctx->ssl_ctx);
  return version == 0 ? TLSLOOP_TLS_MAXIMUM_SUPPORTED : version;
}
