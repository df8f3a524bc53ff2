/* SPDX-License-Identifier: MIT */

/* Whichever allocation fails in a call, of ours or of OpenSSL's, it has done
 * all or nothing, and it can be called again. OpenSSL does not always say that
 * it was memory. */

#include "support/suite.h"

#include "context/ctx.h"
#include "engine/engine.h"
#include "support/fail-alloc.h"
#include "support/fail-ossl.h"
#include "support/given.h"
#include "tlsloop/callback.h"
#include "tlsloop/openssl.h"
#include "tlsloop/policy.h"
#include "tlsloop/session.h"
#include "tlsloop/trust.h"

#include <limits.h>
#include <openssl/err.h>
#include <stdio.h>
#include <string.h>
#include <uv/errno.h>

static pki_t* pki;
static pki_crl_t* crl;
static const char* dir;
static int installed; /* fail_ossl_install */


static void setup(void) {
  ck_assert_int_eq(installed, 1);
  pki = pki_new("calls");
  pki_leaf(pki);
  crl = pki_crl(pki, NULL);
  dir = pki_dir(pki);
}


static void teardown(void) {
  pki_free(pki);
}


static int psk(tlsloop_engine_t* engine,
               const char* identity,
               size_t identity_len,
               unsigned char* key,
               size_t* key_len,
               void* arg) {
  (void) engine;
  (void) identity;
  (void) identity_len;
  (void) key;
  (void) key_len;
  (void) arg;
  return -1;
}


static int set_alpn(tlsloop_ctx_t* ctx) {
  const char* protos[] = {"h2", "http/1.1"};

  return tlsloop_ctx_set_alpn(ctx, protos, 2);
}


static int set_psk(tlsloop_ctx_t* ctx) {
  return tlsloop_ctx_set_psk_server_cb(ctx, psk, NULL, "hint");
}


static int load_dir(tlsloop_ctx_t* ctx) {
  return tlsloop_ctx_load_verify_dir(ctx, dir);
}


static int load_crl(tlsloop_ctx_t* ctx) {
  return tlsloop_ctx_load_crl_mem(
      ctx, crl->der.data, crl->der.len, TLSLOOP_ENCODING_DER);
}


static int load_crl_text(tlsloop_ctx_t* ctx) {
  return tlsloop_ctx_load_crl_mem(
      ctx, crl->pem.data, crl->pem.len, TLSLOOP_ENCODING_PEM);
}


static int set_groups(tlsloop_ctx_t* ctx) {
  return tlsloop_ctx_set_groups(ctx, "X25519:P-256");
}


static int set_suites(tlsloop_ctx_t* ctx) {
  return tlsloop_ctx_set_ciphersuites(ctx, "TLS_AES_128_GCM_SHA256");
}


typedef struct call_s {
  int (*run)(tlsloop_ctx_t* ctx);
  unsigned int at_least; /* so many of its allocations matter */
} call_t;

static const call_t calls[] = {{set_alpn, 2},
                               {set_psk, 1},
                               {load_dir, 2},
                               {load_crl, 5},
                               {load_crl_text, 5},
                               {set_groups, 1},
                               {set_suites, 1}};


START_TEST(a_call_does_all_or_nothing) {
  const call_t* call = &calls[_i];
  tlsloop_ctx_t* ctx;
  unsigned int failures;
  unsigned int n;
  int done;
  int err;

  failures = 0;
  done = 0;
  for (n = 0; !done; n++) {
    ctx = given_ctx(TLSLOOP_PROTOCOL_TLS);
    fail_alloc_after(n);
    err = call->run(ctx);
    done = !fail_alloc_reset();
    ck_assert_uint_eq(ERR_peek_error(), 0);
    failures += err != 0;
    if (done)
      ck_done(err);
    ck_done(call->run(ctx));
    tlsloop_ctx_unref(ctx);
  }
  ck_assert_uint_ge(failures, call->at_least);
}
END_TEST


/* Loads |text| where all but |n| allocations succeed, and checks that all of
 * it is there or nothing. Returns what loading returned. */
static int load_mixed(const char* text, unsigned int n, unsigned int* count) {
  tlsloop_store_stats_t stats = {.size = sizeof(stats)};
  tlsloop_ctx_t* ctx = given_ctx(TLSLOOP_PROTOCOL_TLS);
  int err;

  fail_alloc_after(n);
  err = tlsloop_ctx_load_verify_mem(
      ctx, text, strlen(text), TLSLOOP_ENCODING_PEM);
  *count = fail_alloc_count();
  fail_alloc_reset();
  ck_done(tlsloop_ctx_store_stats(ctx, &stats));
  ck_assert_uint_eq(stats.x509, err == 0 ? 2 : 0);
  ck_assert_uint_eq(stats.crl, err == 0 ? 2 : 0);
  tlsloop_ctx_unref(ctx);
  return err;
}


START_TEST(what_was_added_before_a_failure_is_taken_out) {
  pki_crl_t* other = pki_crl(pki, &(pki_crl_opts_t){.issuer = pki->root});
  unsigned int total;
  unsigned int count;
  unsigned int n;
  char text[8192];

  snprintf(text,
           sizeof(text),
           "%s%s%s%s",
           pki->root->pem.data,
           crl->pem.data,
           pki->intermediate->pem.data,
           other->pem.data);
  ck_done(load_mixed(text, UINT_MAX, &total));
  /* Decoding takes thousands of them; the last ones are the store's. */
  for (n = 0; n<total; n += total - n> 100 ? 23 : 1)
    load_mixed(text, n, &count);
  ck_done(load_mixed(text, n, &count));
}
END_TEST


START_TEST(the_systems_trust_is_there_or_not) {
  tlsloop_ctx_t* ctx;
  unsigned int n;
  int err;

  for (n = 0;; n++) {
    ctx = given_ctx(TLSLOOP_PROTOCOL_TLS_CLIENT);
    fail_alloc_after(n);
    err = tlsloop_ctx_load_default_certs(ctx);
    tlsloop_ctx_unref(ctx);
    if (!fail_alloc_reset() || n == 200)
      break;
    ck_assert_uint_eq(ERR_peek_error(), 0);
  }
  ck_done(err);
}
END_TEST


START_TEST(an_adopted_context_gets_all_defaults_or_an_error) {
  tlsloop_ctx_t* ctx;
  SSL_CTX* ssl_ctx;
  unsigned int failures;
  unsigned int n;
  int done;
  int err;

  failures = 0;
  done = 0;
  for (n = 0; !done; n++) {
    ssl_ctx = SSL_CTX_new(TLS_method());
    ck_done(tlsloop_ctx_from_ssl_ctx(&ctx, ssl_ctx, TLSLOOP_PROTOCOL_TLS));
    fail_alloc_after(n);
    err = tlsloop_ctx_apply_defaults(ctx);
    done = !fail_alloc_reset();
    failures += err != 0;
    ck_assert_uint_eq(ERR_peek_error(), 0);
    ck_done(tlsloop_ctx_apply_defaults(ctx));
    tlsloop_ctx_unref(ctx);
    SSL_CTX_free(ssl_ctx);
  }
  ck_done(err);
  ck_assert_uint_gt(failures, 10);
}
END_TEST


static tlsloop_bio_t* new_bio(void) {
  tlsloop_bio_t* bio;

  ck_done(tlsloop_bio_new(&bio));
  return bio;
}


/* A client of |ctx|; NULL when there was no memory. */
static tlsloop_engine_t* new_engine(tlsloop_ctx_t* ctx) {
  tlsloop_bio_t* in = new_bio();
  tlsloop_bio_t* out = new_bio();
  tlsloop_engine_t* engine = NULL;
  int err;

  err = tlsloop_engine_new(&engine, ctx, in, out, TLSLOOP_CLIENT);
  ck_assert(err == 0 || err == UV__ENOMEM);
  tlsloop_bio_unref(in);
  tlsloop_bio_unref(out);
  return engine;
}


START_TEST(a_session_is_pictured_and_set_or_not) {
  tlsloop_session_t* session;
  tlsloop_session_t* wanted;
  tlsloop_engine_t* engine;
  tlsloop_ctx_t* client;
  tlsloop_ctx_t* server;
  unsigned int failures;
  unsigned int n;
  pair_t pair;
  int done;
  int err;

  client = given_client(pki);
  server = given_server(pki, NULL);
  pair_open(&pair, client, server, "localhost");
  pair_connect(&pair);
  pair_ping(&pair);
  failures = 0;
  done = 0;
  for (n = 0; !done; n++) {
    session = NULL;
    fail_alloc_after(n);
    err = tlsloop_engine_session(pair.client.engine, &session);
    done = !fail_alloc_reset();
    ck_assert_uint_eq(ERR_peek_error(), 0);
    ck_assert_int_eq(session == NULL, err != 0);
    failures += err == UV__ENOMEM;
    tlsloop_session_unref(session);
  }
  ck_assert_uint_gt(failures, 3);
  ck_done(tlsloop_engine_session(pair.client.engine, &wanted));

  failures = 0;
  done = 0;
  for (n = 0; !done; n++) {
    engine = new_engine(client);
    ck_done(tlsloop_engine_set_hostname(engine, "localhost"));
    fail_alloc_after(n);
    err = tlsloop_engine_set_session(engine, wanted);
    done = !fail_alloc_reset();
    ck_assert_uint_eq(ERR_peek_error(), 0);
    failures += err == UV__ENOMEM;
    ck_done(tlsloop_engine_set_session(engine, wanted));
    tlsloop_engine_free(engine);
  }
  ck_done(err);
  ck_assert_uint_gt(failures, 3);
  tlsloop_session_unref(wanted);
  pair_close(&pair);
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(server);
}
END_TEST


static unsigned int tickets;

static void count_ticket(tlsloop_engine_t* engine,
                         tlsloop_session_t* session,
                         void* arg) {
  (void) engine;
  (void) arg;
  ck_assert_int_eq(tlsloop_session_has_ticket(session), 1);
  tickets++;
}


/* The tickets of a connection are read; returns what reading returned. */
static int read_tickets(tlsloop_ctx_t* client,
                        tlsloop_ctx_t* server,
                        unsigned int n,
                        int* failed) {
  pair_t pair;
  char byte;
  size_t len;
  int err;

  tickets = 0;
  pair_open(&pair, client, server, "localhost");
  pair_connect(&pair);
  pair_settle(&pair);
  fail_alloc_after(n);
  err = end_read(&pair.client, &byte, 1, &len);
  *failed = fail_alloc_reset() != 0;
  pair_close(&pair);
  return err;
}


START_TEST(a_ticket_is_told_or_not) {
  tlsloop_ctx_t* client = given_client(pki);
  tlsloop_ctx_t* server = given_server(pki, NULL);
  unsigned int untold;
  unsigned int n;
  int failed;
  int err;

  ck_done(tlsloop_ctx_set_session_cb(client, count_ticket, NULL));
  untold = 0;
  failed = 1;
  for (n = 0; failed; n += pair_stride()) {
    err = read_tickets(client, server, n, &failed);
    untold += err == TLSLOOP_WANT_READ && tickets < 2;
  }
  ck_assert_int_eq(err, TLSLOOP_WANT_READ);
  ck_assert_uint_eq(tickets, 2);
  ck_assert_uint_gt(untold, 0);
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(server);
}
END_TEST


/* The first connection seals the context, for which it is measured. */
START_TEST(a_first_connection_is_made_or_not) {
  tlsloop_engine_t* engine;
  tlsloop_bio_t* bio;
  tlsloop_ctx_t* ctx;
  unsigned int failures;
  unsigned int n;
  int done;
  int err;

  bio = new_bio();
  failures = 0;
  done = 0;
  for (n = 0; !done; n++) {
    ctx = given_client(pki);
    engine = NULL;
    fail_alloc_after(n);
    err = tlsloop_engine_new(&engine, ctx, bio, bio, TLSLOOP_CLIENT);
    done = !fail_alloc_reset();
    ck_assert_uint_eq(ERR_peek_error(), 0);
    ck_assert_int_eq(engine == NULL, err != 0);
    failures += err == UV__ENOMEM;
    tlsloop_engine_free(engine);
    tlsloop_ctx_unref(ctx);
  }
  ck_done(err);
  ck_assert_uint_gt(failures, 10);
  tlsloop_bio_unref(bio);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  installed = fail_ossl_install();
  suite = suite_create("memory of calls");
  tcase = tcase_create("calls");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_set_timeout(tcase, 120);
  tcase_add_loop_test(tcase, a_call_does_all_or_nothing, 0, 7);
  tcase_add_test(tcase, what_was_added_before_a_failure_is_taken_out);
  tcase_add_test(tcase, the_systems_trust_is_there_or_not);
  tcase_add_test(tcase, an_adopted_context_gets_all_defaults_or_an_error);
  tcase_add_test(tcase, a_session_is_pictured_and_set_or_not);
  tcase_add_test(tcase, a_ticket_is_told_or_not);
  tcase_add_test(tcase, a_first_connection_is_made_or_not);
  suite_add_tcase(suite, tcase);
  return suite;
}
