/* SPDX-License-Identifier: MIT */

/* Ctx: the context itself, and what every file that configures it needs. */

#ifndef TLSLOOP__CTX_H
#define TLSLOOP__CTX_H

#include <openssl/crypto.h>
#include <openssl/ssl.h>
#include <stdatomic.h>

#include "base/error.h"
#include "context/callbacks.h"
#include "context/lib.h"
#include "context/policy.h"
#include "tlsloop/ctx.h"

struct tlsloop_ctx_s {
  SSL_CTX* ssl_ctx;
  tlsloop__lib_t lib;
  BIO_METHOD* bio_method; /* of the BIOs of all its engines */
  CRYPTO_RWLOCK* lock;    /* over |error| and |slots| */
  tlsloop__error_slot_t error;
  struct tlsloop__slot_s* slots; /* see slots.h */
  unsigned char* alpn;           /* names as on the wire; NULL: none */
  unsigned int alpn_len;
  char* groups; /* as tlsloop_ctx_set_groups; NULL: OpenSSL's own */
  struct tlsloop__keylog_s* keylog; /* the file; NULL: none */
  tlsloop__callbacks_t callbacks;
  void* data;                                     /* the application's */
  unsigned char policy[TLSLOOP__POLICY_SIZE];     /* once sealed */
  unsigned char trust_dirs[TLSLOOP__POLICY_SIZE]; /* see policy.h */
  atomic_uint refs;
  atomic_int sealed;
  int protocol;
  unsigned char check_hostname;
  unsigned char insecure; /* tlsloop_ctx_allow_insecure was called */
  unsigned char pha;      /* certificates come after the handshake */
  unsigned char foreign;  /* the application's SSL_CTX, under its own policy */
};

/* What a context is made of. */
typedef struct tlsloop__ctx_plan_s {
  int protocol;
  int insecure;         /* tlsloop_ctx_allow_insecure is called at once */
  SSL_CTX* ssl_ctx;     /* the application's; NULL: a new one */
  OSSL_LIB_CTX* libctx; /* NULL: the default one */
  const char* propq;    /* NULL: none */
} tlsloop__ctx_plan_t;

/* Makes a context by |plan| and stores it in |ctx|; see tlsloop_ctx_new. */
int tlsloop__ctx_make(tlsloop_ctx_t** ctx, const tlsloop__ctx_plan_t* plan);

/* Gives |ctx| what every context starts with. Returns 1, or 0 with OpenSSL's
 * error in its queue; nothing has then been weakened. */
int tlsloop__ctx_set_defaults(tlsloop_ctx_t* ctx);

/* Locks and unlocks what the members say. Never held while calling out. */
void tlsloop__ctx_lock(tlsloop_ctx_t* ctx);
void tlsloop__ctx_unlock(tlsloop_ctx_t* ctx);

/* Notes a failure without OpenSSL, as tlsloop__error_fail; returns |code|.
 * Safe from any thread. */
int tlsloop__ctx_fail(tlsloop_ctx_t* ctx,
                      int code,
                      const char* subject,
                      const char* text);

/* Notes the failure that is in OpenSSL's error queue, as tlsloop__ossl_fail,
 * and empties it; returns the code. |text|, unless NULL, replaces
 * OpenSSL's, after its reason. Safe from any thread. */
int tlsloop__ctx_fail_ossl(tlsloop_ctx_t* ctx,
                           int code,
                           const char* subject,
                           const char* text);

/* Seals |ctx|, because it has a connection: its rules do not change any more.
 * Returns 0 or a negative code. */
int tlsloop__ctx_seal(tlsloop_ctx_t* ctx);

/* Returns 0 when |ctx| may be used on |side|, otherwise fails with UV__EINVAL
 * or TLSLOOP_ESIDE. */
int tlsloop__ctx_check_side(tlsloop_ctx_t* ctx, int side);

/* Returns 0 when |ctx| may still be changed, otherwise fails with
 * UV__EBUSY. */
int tlsloop__ctx_check_open(tlsloop_ctx_t* ctx);

/* Returns 0 when |ctx| may be made weaker, otherwise fails with
 * TLSLOOP_EINSECURE; |text| says what would weaken it. */
int tlsloop__ctx_check_insecure(tlsloop_ctx_t* ctx, const char* text);

#endif /* TLSLOOP__CTX_H */
