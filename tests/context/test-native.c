/* SPDX-License-Identifier: MIT */

/* OpenSSL's own objects go in and come out, and keep what they had. */

#include "support/suite.h"

#include "support/fail-alloc.h"
#include "support/fail-ossl.h"
#include "support/given.h"
#include "tlsloop/openssl.h"

#include <openssl/err.h>
#include <string.h>
#include <uv/errno.h>

static pki_t* pki;
static SSL_CTX* ssl_ctx;
static tlsloop_ctx_t* ctx;
static tlsloop_ctx_t* peer;
static int installed; /* fail_ossl_install */


static void setup(void) {
  ck_assert_int_eq(installed, 1);
  pki = pki_new("native");
  ssl_ctx = SSL_CTX_new(TLS_method());
  ck_assert_ptr_nonnull(ssl_ctx);
}


static void teardown(void) {
  tlsloop_ctx_unref(ctx);
  tlsloop_ctx_unref(peer);
  SSL_CTX_free(ssl_ctx);
  pki_free(pki);
}


START_TEST(a_context_shows_its_ssl_ctx) {
  SSL_CTX* inner;

  ctx = given_ctx(TLSLOOP_PROTOCOL_TLS_CLIENT);
  inner = tlsloop_ctx_ssl_ctx(ctx);
  ck_assert_ptr_nonnull(inner);
  ck_assert_ptr_eq(tlsloop_ctx_ssl_ctx(ctx), inner);
  ck_done(tlsloop_ctx_set_max_version(ctx, TLSLOOP_TLS_1_2));
  ck_assert_int_eq(SSL_CTX_get_max_proto_version(inner), TLS1_2_VERSION);
}
END_TEST


START_TEST(an_ssl_ctx_outlives_its_context) {
  SSL_CTX* inner;

  ctx = given_ctx(TLSLOOP_PROTOCOL_TLS);
  inner = tlsloop_ctx_ssl_ctx(ctx);
  SSL_CTX_up_ref(inner);
  tlsloop_ctx_unref(ctx);
  ctx = NULL;
  ck_assert_int_eq(SSL_CTX_get_min_proto_version(inner), TLS1_2_VERSION);
  SSL_CTX_free(inner);
}
END_TEST


START_TEST(an_engine_shows_its_ssl) {
  pair_t pair;
  SSL* ssl;

  ctx = given_client(pki);
  peer = given_server(pki, NULL);
  pair_open(&pair, ctx, peer, "localhost");
  ssl = tlsloop_engine_ssl(pair.client.engine);
  ck_assert_ptr_eq(SSL_get_SSL_CTX(ssl), tlsloop_ctx_ssl_ctx(ctx));
  pair_connect(&pair);
  ck_assert_ptr_eq(tlsloop_engine_ssl(pair.client.engine), ssl);
  ck_assert_str_eq(SSL_get_version(ssl),
                   tlsloop_engine_version(pair.client.engine));
  pair_close(&pair);
}
END_TEST


START_TEST(what_is_set_on_an_ssl_holds_for_its_connection) {
  pair_t pair;

  ctx = given_client(pki);
  peer = given_server(pki, NULL);
  pair_open(&pair, ctx, peer, "localhost");
  SSL_set_max_proto_version(tlsloop_engine_ssl(pair.client.engine),
                            TLS1_2_VERSION);
  pair_connect(&pair);
  ck_assert_str_eq(tlsloop_engine_version(pair.server.engine), "TLSv1.2");
  pair_close(&pair);
}
END_TEST


/* The names that OpenSSL gives to applications are left to them. */
START_TEST(app_data_is_the_applications) {
  static int mine;
  pair_t pair;

  ctx = given_client(pki);
  peer = given_server(pki, NULL);
  SSL_CTX_set_app_data(tlsloop_ctx_ssl_ctx(ctx), &mine);
  pair_open(&pair, ctx, peer, "localhost");
  SSL_set_app_data(tlsloop_engine_ssl(pair.client.engine), &mine);
  pair_connect(&pair);
  pair_ping(&pair);
  ck_assert_ptr_eq(SSL_get_app_data(tlsloop_engine_ssl(pair.client.engine)),
                   &mine);
  ck_assert_ptr_eq(SSL_CTX_get_app_data(tlsloop_ctx_ssl_ctx(ctx)), &mine);
  pair_close(&pair);
}
END_TEST


START_TEST(properties_that_nothing_has_make_no_context) {
  ck_assert_int_eq(
      tlsloop_ctx_new_ex(&ctx, TLSLOOP_PROTOCOL_TLS, NULL, "provider=nonesuch"),
      TLSLOOP_EOPENSSL);
  ck_assert_ptr_null(ctx);
  ck_assert_uint_eq(ERR_peek_error(), 0);
}
END_TEST


START_TEST(without_a_library_context_it_is_the_default_one) {
  ck_done(tlsloop_ctx_new_ex(&ctx, TLSLOOP_PROTOCOL_TLS_CLIENT, NULL, NULL));
  ck_done(tlsloop_ctx_load_verify_mem(
      ctx, pki->root->pem.data, pki->root->pem.len, TLSLOOP_ENCODING_PEM));
  peer = given_server(pki, NULL);
  ck_assert_int_eq(try_connection(ctx, peer, "localhost"), 0);
}
END_TEST


START_TEST(a_weak_protocol_is_weak_in_any_library_context) {
  ck_assert_int_eq(
      tlsloop_ctx_new_ex(&ctx, TLSLOOP_PROTOCOL_TLS_1_0, NULL, NULL),
      tlsloop_has_feature(TLSLOOP_FEATURE_TLS_1_0) ? TLSLOOP_EINSECURE
                                                   : UV__ENOTSUP);
  ck_assert_int_eq(tlsloop_ctx_new_ex(&ctx, 0, NULL, NULL), UV__EINVAL);
  ck_assert_ptr_null(ctx);
}
END_TEST


START_TEST(whichever_allocation_fails_a_context_is_made_or_not) {
  tlsloop_ctx_t* made;
  unsigned int n;
  int err;

  for (n = 0;; n++) {
    made = NULL;
    fail_alloc_after(n);
    err =
        _i ? tlsloop_ctx_from_ssl_ctx_ex(
                 &made, ssl_ctx, TLSLOOP_PROTOCOL_TLS, NULL, "provider=default")
           : tlsloop_ctx_new_ex(
                 &made, TLSLOOP_PROTOCOL_TLS, NULL, "provider=default");
    if (!fail_alloc_reset())
      break;
    ck_assert((err == 0) == (made != NULL));
    ck_assert_uint_eq(ERR_peek_error(), 0);
    tlsloop_ctx_unref(made);
  }
  ck_done(err);
  ck_assert_uint_gt(n, 3);
  tlsloop_ctx_unref(made);
}
END_TEST


START_TEST(a_context_carries_what_the_application_gives_it) {
  static int mine;
  static int other;

  ctx = given_client(pki);
  ck_assert_ptr_null(tlsloop_ctx_data(ctx));
  tlsloop_ctx_set_data(ctx, &mine);
  ck_assert_ptr_eq(tlsloop_ctx_data(ctx), &mine);
  peer = given_server(pki, NULL);
  ck_assert_int_eq(try_connection(ctx, peer, "localhost"), 0);
  ck_assert_ptr_eq(tlsloop_ctx_data(ctx), &mine);
  ck_assert_ptr_null(tlsloop_ctx_data(peer));
  tlsloop_ctx_set_data(ctx, &other);
  ck_assert_ptr_eq(tlsloop_ctx_data(ctx), &other);
}
END_TEST


Suite* suite(void) {
  TCase* tc;
  Suite* s;

  installed = fail_ossl_install();
  s = suite_create("native");

  tc = tcase_create("out");
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, a_context_shows_its_ssl_ctx);
  tcase_add_test(tc, an_ssl_ctx_outlives_its_context);
  tcase_add_test(tc, an_engine_shows_its_ssl);
  tcase_add_test(tc, what_is_set_on_an_ssl_holds_for_its_connection);
  tcase_add_test(tc, app_data_is_the_applications);
  tcase_add_test(tc, a_context_carries_what_the_application_gives_it);
  suite_add_tcase(s, tc);

  tc = tcase_create("in");
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, properties_that_nothing_has_make_no_context);
  tcase_add_test(tc, without_a_library_context_it_is_the_default_one);
  tcase_add_test(tc, a_weak_protocol_is_weak_in_any_library_context);
  tcase_add_loop_test(
      tc, whichever_allocation_fails_a_context_is_made_or_not, 0, 2);
  suite_add_tcase(s, tc);
  return s;
}
