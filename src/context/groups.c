/* SPDX-License-Identifier: MIT */

/* Groups: of which groups a context takes its key exchange. OpenSSL does not
 * tell which groups an SSL_CTX has, nor gives an SSL those of another one, so
 * the context keeps the list. */

#include "context/groups.h"

#include <openssl/objects.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv/errno.h>

#include "context/ctx.h"
#include "engine/ossl.h"
#include "tlsloop/policy.h"

/* OpenSSL's own, in its order. A library context may lack some. */
static const char* const defaults[] = {"X25519",
                                       "P-256",
                                       "X448",
                                       "P-521",
                                       "P-384",
                                       "ffdhe2048",
                                       "ffdhe3072",
                                       "ffdhe4096",
                                       "ffdhe6144",
                                       "ffdhe8192"};

#define DEFAULTS_COUNT (sizeof(defaults) / sizeof(defaults[0]))
#define DEFAULTS_LEN   128


/* Sets |list|, which is |ctx|'s from then on. */
static int set(tlsloop_ctx_t* ctx, const char* list) {
  char* copy;

  copy = strdup(list);
  if (copy == NULL)
    return tlsloop__ctx_fail(ctx, UV__ENOMEM, NULL, NULL);

  tlsloop__ossl_begin();
  if (!SSL_CTX_set1_groups_list(ctx->ssl_ctx, copy)) {
    free(copy);
    return tlsloop__ctx_fail_ossl(
        ctx, UV__EINVAL, list, "this is no list of groups");
  }
  tlsloop__ossl_end();
  free(ctx->groups);
  ctx->groups = copy;
  return 0;
}


int tlsloop_ctx_set_groups(tlsloop_ctx_t* ctx, const char* list) {
  int err;

  err = tlsloop__ctx_check_open(ctx);
  if (err != 0)
    return err;
  if (list == NULL)
    return tlsloop__ctx_fail(ctx, UV__EINVAL, NULL, "there is no list");
  return set(ctx, list);
}


int tlsloop_ctx_set_ecdh_curve(tlsloop_ctx_t* ctx, const char* name) {
  int err;
  int nid;

  err = tlsloop__ctx_check_open(ctx);
  if (err != 0)
    return err;
  if (name == NULL)
    return tlsloop__ctx_fail(ctx, UV__EINVAL, NULL, "there is no name");

  tlsloop__ossl_begin();
  nid = OBJ_sn2nid(name);
  tlsloop__ossl_end();
  if (nid == NID_undef)
    return tlsloop__ctx_fail(
        ctx, UV__EINVAL, name, "unknown elliptic curve name");
  return set(ctx, name);
}


/* OpenSSL refuses a list that has one group too many. */
static int set_defaults(SSL* ssl) {
  char list[DEFAULTS_LEN] = "";
  size_t len;
  size_t i;

  len = 0;
  for (i = 0; i < DEFAULTS_COUNT; i++) {
    snprintf(list + len,
             sizeof(list) - len,
             "%s%s",
             len == 0 ? "" : ":",
             defaults[i]);
    if (SSL_set1_groups_list(ssl, list))
      len = strlen(list);
    else
      list[len] = '\0';
  }
  tlsloop__ossl_end();
  return len > 0 && SSL_set1_groups_list(ssl, list);
}


int tlsloop__groups_apply(const tlsloop_ctx_t* from,
                          const tlsloop_ctx_t* to,
                          SSL* ssl) {
  if (to->groups != NULL)
    return (int) SSL_set1_groups_list(ssl, to->groups);
  return from->groups == NULL || set_defaults(ssl);
}
