/* SPDX-License-Identifier: MIT */

/* Revocation lists, PEM and DER, from files and from memory, have a say and
 * bring no trust. */

#include "support/suite.h"

#include "support/given.h"
#include "tlsloop/policy.h"
#include "tlsloop/trust.h"

#include <openssl/x509_vfy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv/errno.h>

static pki_t* pki;
static tlsloop_ctx_t* client;
static tlsloop_ctx_t* server;
static pki_crl_t* empty;
static pki_crl_t* full; /* it revokes the server's certificate */


static void setup(void) {
  pki_crl_opts_t opts = {.count = 1};
  pki_cert_t* revoked[1];

  pki = pki_new("crl");
  revoked[0] = pki_leaf(pki);
  opts.revoked = revoked;
  empty = pki_crl(pki, NULL);
  full = pki_crl(pki, &opts);
  client = given_client(pki);
  server = given_server(pki, NULL);
  ck_done(tlsloop_ctx_set_verify_flags(client, TLSLOOP_VERIFY_CRL_CHECK_LEAF));
}


static void teardown(void) {
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(server);
  pki_free(pki);
}


/* Four ways to the same. */
static int load(tlsloop_ctx_t* ctx, const pki_crl_t* crl, int way) {
  switch (way) {
    case 0:
      return tlsloop_ctx_load_crl_mem(
          ctx, crl->pem.data, crl->pem.len, TLSLOOP_ENCODING_PEM);
    case 1:
      return tlsloop_ctx_load_crl_mem(
          ctx, crl->der.data, crl->der.len, TLSLOOP_ENCODING_DER);
    case 2:
      return tlsloop_ctx_load_crl_file(ctx,
                                       pki_write(pki, "crl.pem", &crl->pem));
    default:
      return tlsloop_ctx_load_crl_file(ctx,
                                       pki_write(pki, "crl.der", &crl->der));
  }
}


static void expect_stored(size_t x509, size_t crl) {
  tlsloop_store_stats_t stats = {sizeof(stats), 0, 0, 0};

  ck_done(tlsloop_ctx_store_stats(client, &stats));
  ck_assert_uint_eq(stats.x509, x509);
  ck_assert_uint_eq(stats.crl, crl);
}


START_TEST(a_list_that_does_not_name_the_certificate_clears_it) {
  ck_done(load(client, empty, _i));
  expect_stored(1, 1);
  ck_done(try_connection(client, server, "localhost"));
}
END_TEST


START_TEST(a_list_that_names_the_certificate_revokes_it) {
  ck_done(load(client, full, _i));
  ck_assert_int_eq(try_connection(client, server, "localhost"),
                   TLSLOOP_EVERIFY - X509_V_ERR_CERT_REVOKED);
}
END_TEST


START_TEST(a_list_may_come_while_the_context_is_in_use) {
  ck_done(load(client, empty, _i));
  ck_done(try_connection(client, server, "localhost"));
  ck_done(load(client, empty, _i));
  expect_stored(1, 1);
}
END_TEST


START_TEST(a_list_that_has_run_out_clears_nobody) {
  pki_crl_opts_t opts = {.last_update = -7200, .next_update = -3600};

  ck_done(load(client, pki_crl(pki, &opts), 0));
  ck_assert_int_eq(try_connection(client, server, "localhost"),
                   TLSLOOP_EVERIFY - X509_V_ERR_CRL_HAS_EXPIRED);
}
END_TEST


/* |a| and |b| as one; the caller frees its data. */
static pki_blob_t join(const pki_blob_t* a, const pki_blob_t* b) {
  pki_blob_t both;

  both.len = a->len + b->len;
  both.data = malloc(both.len);
  ck_assert_ptr_nonnull(both.data);
  memcpy(both.data, a->data, a->len);
  memcpy(both.data + a->len, b->data, b->len);
  return both;
}


START_TEST(certificates_beside_lists_are_not_trusted) {
  tlsloop_ctx_t* fresh;
  pki_blob_t pem;
  pki_blob_t der;

  pem = join(&pki->root->pem, &empty->pem);
  der = join(&empty->der, &pki->root->der);
  fresh = given_ctx(TLSLOOP_PROTOCOL_TLS_CLIENT);
  tlsloop_ctx_unref(client);
  client = fresh;
  ck_done(tlsloop_ctx_load_crl_mem(
      client, pem.data, pem.len, TLSLOOP_ENCODING_PEM));
  ck_done(tlsloop_ctx_load_crl_mem(
      client, der.data, der.len, TLSLOOP_ENCODING_DER));
  expect_stored(0, 1);
  free(pem.data);
  free(der.data);
}
END_TEST


START_TEST(what_has_no_list_is_refused) {
  const pki_blob_t* pem = &pki->root->pem;
  const char* path = pki_write(pki, "root.pem", pem);

  ck_ctx_failed(client,
                tlsloop_ctx_load_crl_mem(
                    client, pem->data, pem->len, TLSLOOP_ENCODING_PEM),
                TLSLOOP_EBADCRL,
                NULL,
                "no certificate revocation list was found");
  ck_ctx_failed(client,
                tlsloop_ctx_load_crl_file(client, path),
                TLSLOOP_EBADCRL,
                path,
                "no certificate revocation list was found");
  ck_ctx_failed(client,
                tlsloop_ctx_load_crl_mem(client, "", 0, TLSLOOP_ENCODING_DER),
                TLSLOOP_EBADCRL,
                NULL,
                "no certificate revocation list was found");
  expect_stored(1, 0);
}
END_TEST


START_TEST(a_bad_list_after_good_ones_is_told_and_none_is_added) {
  static const char bad[] =
      "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n";
  pki_blob_t tail;
  pki_blob_t both;

  tail = (pki_blob_t){(char*) (uintptr_t) bad, sizeof(bad) - 1};
  both = join(&empty->pem, &tail);
  ck_ctx_failed(client,
                tlsloop_ctx_load_crl_mem(
                    client, both.data, both.len, TLSLOOP_ENCODING_PEM),
                TLSLOOP_EBADCRL,
                NULL,
                "PEM block 2 cannot be read");
  free(both.data);
  ck_ctx_failed(
      client,
      tlsloop_ctx_load_crl_mem(
          client, empty->der.data, empty->der.len - 1, TLSLOOP_ENCODING_DER),
      TLSLOOP_EBADCRL,
      NULL,
      "DER revocation list 1 cannot be read");
  both = join(&empty->der, &tail);
  ck_ctx_failed(client,
                tlsloop_ctx_load_crl_mem(
                    client, both.data, both.len, TLSLOOP_ENCODING_DER),
                TLSLOOP_EBADCRL,
                NULL,
                "DER revocation list 2 cannot be read");
  free(both.data);
  expect_stored(1, 0);
}
END_TEST


START_TEST(what_makes_no_sense_is_refused) {
  char path[512];

  snprintf(path, sizeof(path), "%s/nothing", pki_dir(pki));
  ck_ctx_failed(client,
                tlsloop_ctx_load_crl_file(client, path),
                UV__ENOENT,
                path,
                "no such file");
  ck_ctx_failed(client,
                tlsloop_ctx_load_crl_file(client, NULL),
                UV__EINVAL,
                NULL,
                "no file name");
  ck_ctx_failed(client,
                tlsloop_ctx_load_crl_mem(client, NULL, 1, TLSLOOP_ENCODING_PEM),
                UV__EINVAL,
                NULL,
                "no data");
  ck_ctx_failed(client,
                tlsloop_ctx_load_crl_mem(client, "", 0, 3),
                UV__EINVAL,
                NULL,
                "no encoding");
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("crl");
  tcase = tcase_create("crl");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_loop_test(
      tcase, a_list_that_does_not_name_the_certificate_clears_it, 0, 4);
  tcase_add_loop_test(
      tcase, a_list_that_names_the_certificate_revokes_it, 0, 4);
  tcase_add_loop_test(tcase, a_list_may_come_while_the_context_is_in_use, 0, 4);
  tcase_add_test(tcase, a_list_that_has_run_out_clears_nobody);
  tcase_add_test(tcase, certificates_beside_lists_are_not_trusted);
  tcase_add_test(tcase, what_has_no_list_is_refused);
  tcase_add_test(tcase, a_bad_list_after_good_ones_is_told_and_none_is_added);
  tcase_add_test(tcase, what_makes_no_sense_is_refused);
  suite_add_tcase(suite, tcase);
  return suite;
}
