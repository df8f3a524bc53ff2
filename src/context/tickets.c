/* SPDX-License-Identifier: MIT */

/* Tickets: how many a server gives its clients to come back with. */

#include <openssl/ssl.h>
#include <uv/errno.h>

#include "context/ctx.h"
#include "tlsloop/policy.h"


int tlsloop_ctx_set_num_tickets(tlsloop_ctx_t* ctx, int count) {
  int err;

  err = tlsloop__ctx_check_open(ctx);
  if (err != 0)
    return err;
  if (ctx->protocol == TLSLOOP_PROTOCOL_TLS_CLIENT)
    return tlsloop__ctx_fail(
        ctx, TLSLOOP_ESIDE, NULL, "only servers send tickets");
  if (count < 0 || count > TLSLOOP_TICKETS_MAX)
    return tlsloop__ctx_fail(
        ctx, UV__EINVAL, NULL, "a server sends from 0 to 255 tickets");
  SSL_CTX_set_num_tickets(ctx->ssl_ctx, (size_t) count);
  return 0;
}


int tlsloop_ctx_num_tickets(const tlsloop_ctx_t* ctx) {
  return (int) SSL_CTX_get_num_tickets(ctx->ssl_ctx);
}
