/* SPDX-License-Identifier: MIT */

/* Default: a context for one of two purposes, that trusts whom it should. */

#include <uv/errno.h>

#include "context/ctx.h"
#include "tlsloop/policy.h"
#include "tlsloop/trust.h"

#define FLAGS (TLSLOOP_VERIFY_X509_PARTIAL_CHAIN | TLSLOOP_VERIFY_X509_STRICT)

/* Where CAs may be from. */
typedef struct source_s {
  const char* file;
  const char* dir;
  const void* data;
  size_t len;
  int encoding;
} source_t;


static int protocol_for(int purpose) {
  switch (purpose) {
    case TLSLOOP_PURPOSE_SERVER_AUTH:
      return TLSLOOP_PROTOCOL_TLS_CLIENT;
    case TLSLOOP_PURPOSE_CLIENT_AUTH:
      return TLSLOOP_PROTOCOL_TLS_SERVER;
    default:
      return UV__EINVAL;
  }
}


static int trust(tlsloop_ctx_t* ctx, const source_t* from) {
  int err;

  err = 0;
  if (from->data != NULL)
    err =
        tlsloop_ctx_load_verify_mem(ctx, from->data, from->len, from->encoding);
  if (err == 0 && from->file != NULL)
    err = tlsloop_ctx_load_verify_file(ctx, from->file);
  if (err == 0 && from->dir != NULL)
    err = tlsloop_ctx_load_verify_dir(ctx, from->dir);
  if (from->data != NULL || from->file != NULL || from->dir != NULL)
    return err;

  if (tlsloop_ctx_verify_mode(ctx) == TLSLOOP_CERT_NONE)
    return 0;
  return tlsloop_ctx_load_default_certs(ctx);
}


int tlsloop_ctx_new_default(tlsloop_ctx_t** ctx,
                            int purpose,
                            const char* cafile,
                            const char* capath,
                            const void* cadata,
                            size_t len,
                            int encoding) {
  tlsloop_ctx_t* made;
  int err;

  err = tlsloop_ctx_new(&made, protocol_for(purpose));
  if (err != 0)
    return err;

  err = tlsloop_ctx_set_verify_flags(made,
                                     tlsloop_ctx_verify_flags(made) | FLAGS);
  if (err == 0)
    err = trust(made, &(source_t){cafile, capath, cadata, len, encoding});
  if (err != 0) {
    tlsloop_ctx_unref(made);
    return err;
  }
  *ctx = made;
  return 0;
}
