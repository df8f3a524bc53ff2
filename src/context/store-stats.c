/* SPDX-License-Identifier: MIT */

/* Store-stats: what is in the store of a context. Connections add to it what
 * they find in directories, so it is looked at under its lock. */

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "base/info.h"
#include "context/ctx.h"
#include "engine/ossl.h"
#include "tlsloop/trust.h"


static void count(tlsloop_store_stats_t* stats, const X509_OBJECT* object) {
  X509* x509;

  x509 = X509_OBJECT_get0_X509(object);
  if (x509 != NULL) {
    stats->x509++;
    stats->x509_ca += X509_check_ca(x509) != 0;
  } else if (X509_OBJECT_get0_X509_CRL(object) != NULL) {
    stats->crl++;
  }
}


int tlsloop_ctx_store_stats(const tlsloop_ctx_t* ctx,
                            tlsloop_store_stats_t* stats) {
  tlsloop_store_stats_t full = {0};
  STACK_OF(X509_OBJECT) * objects;
  X509_STORE* store;
  int i;

  tlsloop__ossl_begin();
  store = SSL_CTX_get_cert_store(ctx->ssl_ctx);
  X509_STORE_lock(store);
  objects = X509_STORE_get0_objects(store);
  for (i = 0; i < sk_X509_OBJECT_num(objects); i++)
    count(&full, sk_X509_OBJECT_value(objects, i));
  X509_STORE_unlock(store);
  tlsloop__ossl_end();
  return tlsloop__info_fill(stats, &full, sizeof(full));
}
