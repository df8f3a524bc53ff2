/* SPDX-License-Identifier: MIT */

/* Ca-list: the CA certificates in the store of a context. Looking one up sorts
 * the store, so an index into it would mean another one the next moment: all
 * are told at once. */

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <uv/errno.h>

#include "context/cert.h"
#include "context/ctx.h"
#include "engine/ossl.h"
#include "tlsloop/trust.h"


static void give_back(tlsloop_cert_t** certs, size_t n) {
  while (n-- > 0) {
    tlsloop_cert_unref(certs[n]);
    certs[n] = NULL;
  }
}


/* Stores the CAs among the first |cap| that are one in |certs|. Returns 0 or a
 * negative code; none is then held. */
static int collect(STACK_OF(X509) * all,
                   tlsloop_cert_t** certs,
                   size_t cap,
                   size_t* count) {
  size_t found;
  X509* x509;
  int err;
  int i;

  found = 0;
  for (i = 0; i < sk_X509_num(all); i++) {
    x509 = sk_X509_value(all, i);
    if (!X509_check_ca(x509))
      continue;
    if (found++ >= cap)
      continue;
    X509_up_ref(x509);
    err = tlsloop__cert_new(&certs[found - 1], x509);
    if (err != 0) {
      give_back(certs, found - 1);
      return err;
    }
  }
  *count = found;
  return 0;
}


int tlsloop_ctx_ca_certs(const tlsloop_ctx_t* ctx,
                         tlsloop_cert_t** certs,
                         size_t cap,
                         size_t* count) {
  STACK_OF(X509) * all;
  int err;

  tlsloop__ossl_begin();
  all = X509_STORE_get1_all_certs(SSL_CTX_get_cert_store(ctx->ssl_ctx));
  err = all == NULL ? tlsloop__cert_fail(TLSLOOP_EOPENSSL)
                    : collect(all, certs, cap, count);
  sk_X509_pop_free(all, X509_free);
  tlsloop__ossl_end();
  return err;
}
