/* SPDX-License-Identifier: MIT */

/* Another context is put on a connection whole or not at all, whichever
 * allocation fails; where neither can be had, the connection has failed. */

#include "support/suite.h"

#include "context/ctx.h"
#include "engine/engine.h"
#include "support/fail-alloc.h"
#include "support/fail-ossl.h"
#include "support/given.h"
#include "tlsloop/callback.h"
#include "tlsloop/policy.h"

#include <openssl/err.h>
#include <uv/errno.h>

static pki_t* pki;
static int installed; /* fail_ossl_install */


static void setup(void) {
  ck_assert_int_eq(installed, 1);
  pki = pki_new("switch");
  pki_leaf(pki);
}


static void teardown(void) {
  pki_free(pki);
}


/* Makes |ctx| another one in all that matters. */
static void tune(tlsloop_ctx_t* ctx) {
  const char* protos[] = {"h2", "http/1.1"};

  ck_done(tlsloop_ctx_set_alpn(ctx, protos, 2));
  ck_done(tlsloop_ctx_set_groups(ctx, "X25519:P-256"));
}


static tlsloop_bio_t* new_bio(void) {
  tlsloop_bio_t* bio;

  ck_done(tlsloop_bio_new(&bio));
  return bio;
}


START_TEST(another_context_is_put_on_whole_or_not_at_all) {
  tlsloop_ctx_t* first;
  tlsloop_ctx_t* second;
  tlsloop_engine_t* engine;
  tlsloop_bio_t* bio;
  unsigned int failures;
  unsigned int n;
  int done;
  int err;

  first = given_client(pki);
  bio = new_bio();
  failures = 0;
  done = 0;
  for (n = 0; !done; n++) {
    second = given_client(pki);
    tune(second);
    ck_done(tlsloop_engine_new(&engine, first, bio, bio, TLSLOOP_CLIENT));
    fail_alloc_after(n);
    err = tlsloop_engine_set_ctx(engine, second);
    done = !fail_alloc_reset();
    ck_assert_uint_eq(ERR_peek_error(), 0);
    ck_assert_ptr_eq(tlsloop_engine_ctx(engine), err == 0 ? second : first);
    failures += err == UV__ENOMEM;
    ck_done(tlsloop_engine_set_ctx(engine, second));
    tlsloop_engine_free(engine);
    tlsloop_ctx_unref(second);
  }
  ck_done(err);
  ck_assert_uint_gt(failures, 3);
  tlsloop_bio_unref(bio);
  tlsloop_ctx_unref(first);
}
END_TEST


/* A server's context that is another one in all that matters. */
static tlsloop_ctx_t* other_server(void) {
  tlsloop_ctx_t* ctx = given_server(pki, NULL);

  tune(ctx);
  ck_done(tlsloop_ctx_set_verify_mode(ctx, TLSLOOP_CERT_OPTIONAL));
  return ctx;
}


static int is_under(const tlsloop_engine_t* engine, const tlsloop_ctx_t* ctx) {
  return SSL_get_SSL_CTX(engine->ssl) == ctx->ssl_ctx;
}


/* Memory that is gone is gone for what would undo a part, too. */
START_TEST(a_connection_between_two_contexts_has_failed) {
  tlsloop_ctx_t* first = given_server(pki, NULL);
  tlsloop_bio_t* bio = new_bio();
  tlsloop_engine_t* engine;
  tlsloop_ctx_t* second;
  unsigned int spoiled;
  unsigned int n;
  int done;
  int err;

  spoiled = 0;
  done = 0;
  for (n = 0; !done; n++) {
    second = other_server();
    ck_done(tlsloop_engine_new(&engine, first, bio, bio, TLSLOOP_SERVER));
    fail_alloc_from(n);
    err = tlsloop_engine_set_ctx(engine, second);
    done = !fail_alloc_reset();
    ck_assert_uint_eq(ERR_peek_error(), 0);
    if (tlsloop_engine_state(engine) == TLSLOOP_ENGINE_FAILED) {
      spoiled++;
      ck_assert_int_eq(err, UV__ENOMEM);
      ck_assert_int_eq(tlsloop_engine_handshake(engine), UV__ENOMEM);
      ck_assert_ptr_nonnull(tlsloop_engine_error(engine));
    } else {
      ck_assert(is_under(engine, err == 0 ? second : first));
    }
    tlsloop_engine_free(engine);
    tlsloop_ctx_unref(second);
  }
  ck_done(err);
  ck_assert_uint_gt(spoiled, 0);
  tlsloop_bio_unref(bio);
  tlsloop_ctx_unref(first);
}
END_TEST


/* What a callback for names does. */
typedef struct change_s {
  tlsloop_ctx_t* to;
  unsigned int n; /* allocations that succeed */
  int failed;     /* any did not */
  int err;
} change_t;


static int change_ctx(tlsloop_engine_t* engine,
                      const char* name,
                      tlsloop_ctx_t* ctx,
                      void* arg) {
  change_t* change = arg;

  (void) name;
  (void) ctx;
  fail_alloc_from(change->n);
  change->err = tlsloop_engine_set_ctx(engine, change->to);
  change->failed = fail_alloc_reset() != 0;
  return 0;
}


/* Returns whether the handshake was refused. */
static int try_change(tlsloop_ctx_t* client, change_t* change) {
  tlsloop_ctx_t* first = given_server(pki, NULL);
  pair_t pair;
  int refused;

  change->to = other_server();
  ck_done(tlsloop_ctx_set_sni_cb(first, change_ctx, change));
  pair_open(&pair, client, first, "localhost");
  pair_handshake(&pair);
  refused = pair.server.handshake != 0;
  if (refused)
    ck_assert_int_eq(pair.client.handshake, TLSLOOP_EALERT_RECEIVED - 80);
  else
    ck_assert(is_under(pair.server.engine, change->err ? first : change->to));
  pair_close(&pair);
  tlsloop_ctx_unref(change->to);
  tlsloop_ctx_unref(first);
  return refused;
}


START_TEST(so_has_one_whose_callback_does_not_mind) {
  tlsloop_ctx_t* client = given_client(pki);
  change_t change = {.failed = 1};
  unsigned int refusals;

  refusals = 0;
  for (; change.failed; change.n++)
    refusals += (unsigned int) try_change(client, &change);
  ck_done(change.err);
  ck_assert_uint_gt(refusals, 0);
  tlsloop_ctx_unref(client);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  installed = fail_ossl_install();
  suite = suite_create("memory of a switch");
  tcase = tcase_create("switch");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_set_timeout(tcase, 120);
  tcase_add_test(tcase, another_context_is_put_on_whole_or_not_at_all);
  tcase_add_test(tcase, a_connection_between_two_contexts_has_failed);
  tcase_add_test(tcase, so_has_one_whose_callback_does_not_mind);
  suite_add_tcase(suite, tcase);
  return suite;
}
