/* SPDX-License-Identifier: MIT */

/* The store of a context is counted. */

#include "support/suite.h"

#include "support/given.h"
#include "tlsloop/trust.h"

#include <stddef.h>
#include <uv/errno.h>

static pki_t* pki;
static tlsloop_ctx_t* ctx;


static void setup(void) {
  pki = pki_new("store-stats");
  ctx = given_ctx(TLSLOOP_PROTOCOL_TLS_CLIENT);
}


static void teardown(void) {
  tlsloop_ctx_unref(ctx);
  pki_free(pki);
}


static void expect(size_t x509, size_t crl, size_t x509_ca) {
  tlsloop_store_stats_t stats = {sizeof(stats), 7, 7, 7};

  ck_done(tlsloop_ctx_store_stats(ctx, &stats));
  ck_assert_uint_eq(stats.size, sizeof(stats));
  ck_assert_uint_eq(stats.x509, x509);
  ck_assert_uint_eq(stats.crl, crl);
  ck_assert_uint_eq(stats.x509_ca, x509_ca);
}


static void trust(const pki_blob_t* pem) {
  ck_done(tlsloop_ctx_load_verify_mem(
      ctx, pem->data, pem->len, TLSLOOP_ENCODING_PEM));
}


START_TEST(an_empty_store_has_nothing) {
  expect(0, 0, 0);
}
END_TEST


START_TEST(each_kind_is_counted) {
  trust(&pki->root->pem);
  expect(1, 0, 1);
  trust(&pki->intermediate->pem);
  expect(2, 0, 2);
  trust(&pki_leaf(pki)->pem);
  expect(3, 0, 2);
  trust(&pki_crl(pki, NULL)->pem);
  expect(3, 1, 2);
  trust(&pki->root->pem);
  expect(3, 1, 2);
}
END_TEST


START_TEST(a_directory_counts_once_it_was_used) {
  tlsloop_ctx_t* server;

  server = given_server(pki, NULL);
  pki_write_hashed(pki, pki->root);
  ck_done(tlsloop_ctx_load_verify_dir(ctx, pki_dir(pki)));
  expect(0, 0, 0);
  ck_done(try_connection(ctx, server, "localhost"));
  expect(1, 0, 1);
  tlsloop_ctx_unref(server);
}
END_TEST


START_TEST(what_has_no_room_is_not_written) {
  tlsloop_store_stats_t stats = {offsetof(tlsloop_store_stats_t, crl), 7, 7, 7};

  trust(&pki->root->pem);
  ck_done(tlsloop_ctx_store_stats(ctx, &stats));
  ck_assert_uint_eq(stats.size, offsetof(tlsloop_store_stats_t, crl));
  ck_assert_uint_eq(stats.x509, 1);
  ck_assert_uint_eq(stats.crl, 7);
  ck_assert_uint_eq(stats.x509_ca, 7);
  stats.size = 0;
  ck_assert_int_eq(tlsloop_ctx_store_stats(ctx, &stats), UV__EINVAL);
  ck_assert_uint_eq(stats.x509, 1);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("store-stats");
  tcase = tcase_create("store-stats");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_test(tcase, an_empty_store_has_nothing);
  tcase_add_test(tcase, each_kind_is_counted);
  tcase_add_test(tcase, a_directory_counts_once_it_was_used);
  tcase_add_test(tcase, what_has_no_room_is_not_written);
  suite_add_tcase(suite, tcase);
  return suite;
}
