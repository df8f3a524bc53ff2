/* SPDX-License-Identifier: MIT */

/* An engine comes from a context and follows it. */

#include "support/suite.h"

#include "context/conn.h"
#include "engine/engine.h"
#include "support/fail-alloc.h"
#include "support/fail-ossl.h"
#include "support/given.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <uv/errno.h>

static pki_t* pki;
static tlsloop_ctx_t* client;
static tlsloop_ctx_t* server;
static tlsloop_bio_t* in;
static tlsloop_bio_t* out;
static int installed; /* fail_ossl_install */


static void setup(void) {
  ck_assert_int_eq(installed, 1);
  pki = pki_new("conn");
  client = given_client(pki);
  server = given_server(pki, NULL);
  ck_done(tlsloop_bio_new(&in));
  ck_done(tlsloop_bio_new(&out));
}


static void teardown(void) {
  tlsloop_bio_unref(in);
  tlsloop_bio_unref(out);
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(server);
  pki_free(pki);
}


static tlsloop_engine_t* given_engine(tlsloop_ctx_t* ctx, int side) {
  tlsloop_engine_t* engine;

  ck_done(tlsloop_engine_new(&engine, ctx, in, out, side));
  return engine;
}


START_TEST(an_engine_knows_its_context_and_its_side) {
  tlsloop_engine_t* engine;

  engine = given_engine(client, TLSLOOP_CLIENT);
  ck_assert_ptr_eq(tlsloop_engine_ctx(engine), client);
  ck_assert_int_eq(tlsloop_engine_side(engine), TLSLOOP_CLIENT);
  ck_assert_int_eq(tlsloop_engine_state(engine), TLSLOOP_ENGINE_NEW);
  ck_assert_ptr_null(tlsloop_engine_error(engine));
  ck_assert_ptr_null(tlsloop_engine_data(engine));
  tlsloop_engine_free(engine);

  engine = given_engine(server, TLSLOOP_SERVER);
  ck_assert_ptr_eq(tlsloop_engine_ctx(engine), server);
  ck_assert_int_eq(tlsloop_engine_side(engine), TLSLOOP_SERVER);
  tlsloop_engine_free(engine);
}
END_TEST


START_TEST(a_context_of_both_kinds_serves_both_sides) {
  tlsloop_ctx_t* both;

  both = given_ctx(TLSLOOP_PROTOCOL_TLS);
  tlsloop_engine_free(given_engine(both, TLSLOOP_CLIENT));
  tlsloop_engine_free(given_engine(both, TLSLOOP_SERVER));
  tlsloop_ctx_unref(both);
}
END_TEST


START_TEST(an_engine_keeps_its_context_and_its_bios) {
  tlsloop_engine_t* engine;
  tlsloop_bio_t* my_in;
  tlsloop_bio_t* my_out;
  tlsloop_ctx_t* ctx;

  ctx = given_client(pki);
  ck_done(tlsloop_bio_new(&my_in));
  ck_done(tlsloop_bio_new(&my_out));
  ck_done(tlsloop_engine_new(&engine, ctx, my_in, my_out, TLSLOOP_CLIENT));
  tlsloop_ctx_unref(ctx);
  tlsloop_bio_unref(my_in);
  tlsloop_bio_unref(my_out);
  ck_done(tlsloop_engine_set_hostname(engine, "localhost"));
  ck_assert_int_eq(tlsloop_engine_handshake(engine), TLSLOOP_WANT_READ);
  ck_assert_int_eq(tlsloop_ctx_protocol(tlsloop_engine_ctx(engine)),
                   TLSLOOP_PROTOCOL_TLS_CLIENT);
  tlsloop_engine_free(engine);
}
END_TEST


START_TEST(no_engine_is_nothing_to_free) {
  tlsloop_engine_free(NULL);
}
END_TEST


START_TEST(a_context_of_one_kind_refuses_the_other_side) {
  tlsloop_engine_t* engine;

  engine = NULL;
  ck_ctx_failed(client,
                tlsloop_engine_new(&engine, client, in, out, TLSLOOP_SERVER),
                TLSLOOP_ESIDE,
                NULL,
                "cannot be a server's");
  ck_ctx_failed(server,
                tlsloop_engine_new(&engine, server, in, out, TLSLOOP_CLIENT),
                TLSLOOP_ESIDE,
                NULL,
                "cannot be a client's");
  ck_assert_ptr_null(engine);
}
END_TEST


START_TEST(another_side_is_none) {
  tlsloop_engine_t* engine;

  engine = NULL;
  ck_ctx_failed(client,
                tlsloop_engine_new(&engine, client, in, out, 2),
                UV__EINVAL,
                NULL,
                "no side");
  ck_ctx_failed(client,
                tlsloop_engine_new(&engine, client, in, out, -1),
                UV__EINVAL,
                NULL,
                "no side");
  ck_assert_ptr_null(engine);
}
END_TEST


START_TEST(an_engine_that_could_not_be_made_seals_nothing) {
  tlsloop_engine_t* engine;

  ck_assert_int_eq(tlsloop_engine_new(&engine, client, in, out, TLSLOOP_SERVER),
                   TLSLOOP_ESIDE);
  ck_done(tlsloop_ctx_set_verify_mode(client, TLSLOOP_CERT_OPTIONAL));
}
END_TEST


START_TEST(whichever_allocation_fails_there_is_an_engine_or_none) {
  tlsloop_engine_t* engine;
  unsigned int failures;
  unsigned int n;
  int err;

  failures = 0;
  for (n = 0;; n++) {
    engine = NULL;
    fail_alloc_after(n);
    err = tlsloop_engine_new(&engine, client, in, out, TLSLOOP_CLIENT);
    if (!fail_alloc_reset())
      break;
    failures += err != 0;
    ck_assert((err == 0) == (engine != NULL));
    ck_assert_uint_eq(ERR_peek_error(), 0);
    tlsloop_engine_free(engine);
  }
  ck_assert_int_eq(err, 0);
  ck_assert_uint_ge(failures, 5);
  tlsloop_engine_free(engine);
}
END_TEST


/* It fails for good, and says so; what it was to begin on stays as it is. */
START_TEST(a_server_that_finds_no_memory_does_not_begin) {
  tlsloop_engine_t* engine;
  BIO* port;
  unsigned int n;
  int err;

  ck_assert_ptr_nonnull(port = tlsloop__conn_port_new(server));
  for (n = 0;; n++) {
    ck_done(tlsloop__conn_new(&engine, server, in, out, TLSLOOP_SERVER));
    ck_assert_ptr_null(engine->ssl);
    fail_alloc_after(n);
    err = tlsloop__conn_begin(engine, port);
    if (!fail_alloc_reset())
      break;
    if (err != 0) {
      ck_assert_int_eq(err, UV__ENOMEM);
      ck_assert_int_eq(tlsloop_engine_state(engine), TLSLOOP_ENGINE_FAILED);
      ck_assert_int_eq(tlsloop_engine_handshake(engine), err);
      ck_assert_int_eq(tlsloop_engine_error(engine)->code, err);
    }
    ck_assert_uint_eq(ERR_peek_error(), 0);
    tlsloop_engine_free(engine);
  }
  ck_assert_uint_ge(n, 5);
  ck_assert_int_eq(err, 0);
  ck_assert_int_eq(tlsloop_engine_handshake(engine), TLSLOOP_WANT_READ);
  tlsloop_engine_free(engine);
  tlsloop__conn_port_unref(port);
}
END_TEST


START_TEST(to_begin_again_changes_nothing) {
  tlsloop_engine_t* engine;
  SSL* ssl;
  BIO* port;

  ck_assert_ptr_nonnull(port = tlsloop__conn_port_new(client));
  ck_done(tlsloop__conn_new(&engine, client, in, out, TLSLOOP_CLIENT));
  ck_assert_ptr_nonnull(ssl = engine->ssl);
  ck_done(tlsloop__conn_begin(engine, port));
  ck_assert_int_eq(tlsloop_engine_handshake(engine), TLSLOOP_ENOHOSTNAME);
  ck_done(tlsloop__conn_begin(engine, port));
  ck_assert_ptr_eq(engine->ssl, ssl);
  ck_assert_ptr_eq(SSL_get_rbio(ssl), port);
  tlsloop_engine_free(engine);
  tlsloop__conn_port_unref(port);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  installed = fail_ossl_install();
  suite = suite_create("conn");
  tcase = tcase_create("good");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_test(tcase, an_engine_knows_its_context_and_its_side);
  tcase_add_test(tcase, a_context_of_both_kinds_serves_both_sides);
  tcase_add_test(tcase, an_engine_keeps_its_context_and_its_bios);
  tcase_add_test(tcase, no_engine_is_nothing_to_free);
  tcase_add_test(tcase, to_begin_again_changes_nothing);
  suite_add_tcase(suite, tcase);

  tcase = tcase_create("refusals");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_test(tcase, a_context_of_one_kind_refuses_the_other_side);
  tcase_add_test(tcase, another_side_is_none);
  tcase_add_test(tcase, an_engine_that_could_not_be_made_seals_nothing);
  tcase_add_test(tcase, whichever_allocation_fails_there_is_an_engine_or_none);
  tcase_add_test(tcase, a_server_that_finds_no_memory_does_not_begin);
  suite_add_tcase(suite, tcase);
  return suite;
}
