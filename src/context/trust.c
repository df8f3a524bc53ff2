/* SPDX-License-Identifier: MIT */

/* Trust: whose word a context takes. Certificates may be added while
 * connections use the context; its list of directories has no lock. */

#include <dirent.h>
#include <errno.h>
#include <openssl/ssl.h>
#include <string.h>
#include <uv/errno.h>

#include "context/ctx.h"
#include "context/trust-text.h"
#include "engine/ossl.h"
#include "tlsloop/system.h"


int tlsloop_ctx_load_verify_file(tlsloop_ctx_t* ctx, const char* file) {
  return tlsloop__trust_add_file(ctx, TLSLOOP__TRUST_ALL, file);
}


int tlsloop_ctx_load_verify_mem(tlsloop_ctx_t* ctx,
                                const void* data,
                                size_t len,
                                int encoding) {
  return tlsloop__trust_add_mem(ctx, TLSLOOP__TRUST_ALL, data, len, encoding);
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
  if (!tlsloop__policy_add_dir(ctx, dir) ||
      !SSL_CTX_load_verify_dir(ctx->ssl_ctx, dir))
    return tlsloop__ctx_fail_ossl(ctx, TLSLOOP_EOPENSSL, dir, NULL);
  tlsloop__ossl_end();
  return 0;
}


int tlsloop_ctx_load_default_certs(tlsloop_ctx_t* ctx) {
  tlsloop_verify_paths_t paths = {.size = sizeof(paths)};
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
  tlsloop_default_verify_paths(&paths);
  if ((paths.capath != NULL && !tlsloop__policy_add_dir(ctx, paths.capath)) ||
      !SSL_CTX_set_default_verify_paths(ctx->ssl_ctx))
    return tlsloop__ctx_fail_ossl(ctx, TLSLOOP_EOPENSSL, NULL, NULL);
  tlsloop__ossl_end();
  return 0;
}
