/* SPDX-License-Identifier: MIT */

/* Session-stats: what has happened to the sessions of a context. OpenSSL
 * counts. */

#include <openssl/ssl.h>

#include "base/info.h"
#include "context/ctx.h"
#include "tlsloop/session.h"


int tlsloop_ctx_session_stats(const tlsloop_ctx_t* ctx,
                              tlsloop_session_stats_t* stats) {
  tlsloop_session_stats_t full = {0};
  SSL_CTX* ssl_ctx;

  ssl_ctx = ctx->ssl_ctx;
  full.number = SSL_CTX_sess_number(ssl_ctx);
  full.connect = SSL_CTX_sess_connect(ssl_ctx);
  full.connect_good = SSL_CTX_sess_connect_good(ssl_ctx);
  full.connect_renegotiate = SSL_CTX_sess_connect_renegotiate(ssl_ctx);
  full.accept = SSL_CTX_sess_accept(ssl_ctx);
  full.accept_good = SSL_CTX_sess_accept_good(ssl_ctx);
  full.accept_renegotiate = SSL_CTX_sess_accept_renegotiate(ssl_ctx);
  full.hits = SSL_CTX_sess_hits(ssl_ctx);
  full.misses = SSL_CTX_sess_misses(ssl_ctx);
  full.timeouts = SSL_CTX_sess_timeouts(ssl_ctx);
  full.cache_full = SSL_CTX_sess_cache_full(ssl_ctx);
  return tlsloop__info_fill(stats, &full, sizeof(full));
}
