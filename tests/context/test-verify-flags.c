/* SPDX-License-Identifier: MIT */

/* How chains are verified and host names looked for. */

#include "support/suite.h"

#include "support/given.h"
#include "tlsloop/policy.h"
#include "tlsloop/trust.h"

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <uv/errno.h>

static pki_t* pki;
static tlsloop_ctx_t* client;
static tlsloop_ctx_t* server;


static void setup(void) {
  pki = pki_new("verify-flags");
  client = given_client(pki);
  server = given_server(pki, NULL);
}


static void teardown(void) {
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(server);
  pki_free(pki);
}


static void add_flags(uint64_t flags) {
  ck_done(tlsloop_ctx_set_verify_flags(
      client, tlsloop_ctx_verify_flags(client) | flags));
}


static void expect_verify_error(int code) {
  ck_assert_str_eq(
      tlsloop_err_name(try_connection(client, server, "localhost")),
      tlsloop_err_name(TLSLOOP_EVERIFY - code));
}


START_TEST(a_context_begins_with_trusted_first) {
  ck_assert_uint_eq(tlsloop_ctx_verify_flags(client),
                    TLSLOOP_VERIFY_X509_TRUSTED_FIRST);
  ck_assert_uint_eq(tlsloop_ctx_verify_flags(server),
                    TLSLOOP_VERIFY_X509_TRUSTED_FIRST);
}
END_TEST


START_TEST(exactly_what_is_set_holds) {
  static const uint64_t flags[] = {
      TLSLOOP_VERIFY_CRL_CHECK_LEAF,
      TLSLOOP_VERIFY_CRL_CHECK_CHAIN,
      TLSLOOP_VERIFY_X509_STRICT | TLSLOOP_VERIFY_X509_PARTIAL_CHAIN,
      TLSLOOP_VERIFY_DEFAULT,
      X509_V_FLAG_EXTENDED_CRL_SUPPORT | X509_V_FLAG_USE_DELTAS,
      TLSLOOP_VERIFY_X509_TRUSTED_FIRST};
  int i;

  for (i = 0; i < 6; i++) {
    ck_done(tlsloop_ctx_set_verify_flags(client, flags[i]));
    ck_assert_uint_eq(tlsloop_ctx_verify_flags(client), flags[i]);
  }
}
END_TEST


START_TEST(a_list_must_clear_the_leaf) {
  add_flags(TLSLOOP_VERIFY_CRL_CHECK_LEAF);
  expect_verify_error(X509_V_ERR_UNABLE_TO_GET_CRL);
}
END_TEST


START_TEST(lists_must_clear_the_chain) {
  pki_crl_t* crl;

  crl = pki_crl(pki, NULL);
  add_flags(TLSLOOP_VERIFY_CRL_CHECK_CHAIN);
  ck_done(tlsloop_ctx_load_crl_mem(
      client, crl->pem.data, crl->pem.len, TLSLOOP_ENCODING_PEM));
  expect_verify_error(X509_V_ERR_UNABLE_TO_GET_CRL);
}
END_TEST


START_TEST(a_trusted_intermediate_is_enough_when_asked_for) {
  pki_blob_t* pem;

  tlsloop_ctx_unref(client);
  client = given_ctx(TLSLOOP_PROTOCOL_TLS_CLIENT);
  pem = &pki->intermediate->pem;
  ck_done(tlsloop_ctx_load_verify_mem(
      client, pem->data, pem->len, TLSLOOP_ENCODING_PEM));
  add_flags(TLSLOOP_VERIFY_X509_PARTIAL_CHAIN);
  ck_done(try_connection(client, server, "localhost"));
}
END_TEST


START_TEST(otherwise_the_chain_has_to_end_with_a_root) {
  pki_blob_t* pem;

  tlsloop_ctx_unref(client);
  client = given_ctx(TLSLOOP_PROTOCOL_TLS_CLIENT);
  pem = &pki->intermediate->pem;
  ck_done(tlsloop_ctx_load_verify_mem(
      client, pem->data, pem->len, TLSLOOP_ENCODING_PEM));
  expect_verify_error(X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT);
}
END_TEST


START_TEST(what_weakens_needs_to_be_allowed) {
  static const uint64_t flags[] = {TLSLOOP_VERIFY_ALLOW_PROXY_CERTS,
                                   X509_V_FLAG_NO_CHECK_TIME,
                                   X509_V_FLAG_IGNORE_CRITICAL,
                                   X509_V_FLAG_USE_CHECK_TIME,
                                   0x1000000};

  ck_ctx_failed(client,
                tlsloop_ctx_set_verify_flags(
                    client, flags[_i] | TLSLOOP_VERIFY_X509_STRICT),
                TLSLOOP_EINSECURE,
                NULL,
                "weakens verification");
  ck_assert_uint_eq(tlsloop_ctx_verify_flags(client),
                    TLSLOOP_VERIFY_X509_TRUSTED_FIRST);
  ck_done(tlsloop_ctx_allow_insecure(client));
  ck_done(tlsloop_ctx_set_verify_flags(client, flags[_i]));
  ck_assert_uint_eq(tlsloop_ctx_verify_flags(client), flags[_i]);
}
END_TEST


START_TEST(host_flags_are_those_of_the_default) {
  ck_assert_uint_eq(
      tlsloop_ctx_host_flags(client),
      TLSLOOP_HOST_NO_PARTIAL_WILDCARDS | TLSLOOP_HOST_NEVER_CHECK_SUBJECT);
}
END_TEST


START_TEST(wildcards_can_be_refused) {
  pki_opts_t opts = {.san = "DNS:*.example.org"};
  tlsloop_ctx_t* wild;

  wild = given_server(pki, pki_make(pki, &opts));
  ck_done(tlsloop_ctx_set_host_flags(
      client, tlsloop_ctx_host_flags(client) | TLSLOOP_HOST_NO_WILDCARDS));
  ck_assert_int_eq(try_connection(client, wild, "www.example.org"),
                   TLSLOOP_EVERIFY - X509_V_ERR_HOSTNAME_MISMATCH);
  tlsloop_ctx_unref(client);
  client = given_client(pki);
  ck_done(try_connection(client, wild, "www.example.org"));
  tlsloop_ctx_unref(wild);
}
END_TEST


START_TEST(the_common_name_is_one_of_the_flags) {
  ck_done(
      tlsloop_ctx_set_host_flags(client, TLSLOOP_HOST_NO_PARTIAL_WILDCARDS));
  ck_assert_int_eq(tlsloop_ctx_hostname_checks_cn(client), 1);
  ck_done(tlsloop_ctx_set_hostname_checks_cn(client, 0));
  ck_assert_uint_eq(
      tlsloop_ctx_host_flags(client),
      TLSLOOP_HOST_NO_PARTIAL_WILDCARDS | TLSLOOP_HOST_NEVER_CHECK_SUBJECT);
}
END_TEST


START_TEST(looser_names_need_to_be_allowed) {
  static const unsigned int flags[] = {
      TLSLOOP_HOST_NO_PARTIAL_WILDCARDS | TLSLOOP_HOST_ALWAYS_CHECK_SUBJECT,
      TLSLOOP_HOST_NO_PARTIAL_WILDCARDS | TLSLOOP_HOST_MULTI_LABEL_WILDCARDS,
      TLSLOOP_HOST_NEVER_CHECK_SUBJECT,
      TLSLOOP_HOST_NO_PARTIAL_WILDCARDS | 0x8000};
  unsigned int before;

  before = tlsloop_ctx_host_flags(client);
  ck_ctx_failed(client,
                tlsloop_ctx_set_host_flags(client, flags[_i]),
                TLSLOOP_EINSECURE,
                NULL,
                "weakens the check");
  ck_assert_uint_eq(tlsloop_ctx_host_flags(client), before);
  ck_done(tlsloop_ctx_allow_insecure(client));
  ck_done(tlsloop_ctx_set_host_flags(client, flags[_i]));
  ck_assert_uint_eq(tlsloop_ctx_host_flags(client), flags[_i]);
}
END_TEST


START_TEST(a_context_in_use_keeps_them) {
  ck_done(try_connection(client, server, "localhost"));
  ck_ctx_failed(client,
                tlsloop_ctx_set_verify_flags(client, 0),
                UV__EBUSY,
                NULL,
                "connections");
  ck_ctx_failed(client,
                tlsloop_ctx_set_host_flags(client, 0),
                UV__EBUSY,
                NULL,
                "connections");
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("verify-flags");
  tcase = tcase_create("chains");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_test(tcase, a_context_begins_with_trusted_first);
  tcase_add_test(tcase, exactly_what_is_set_holds);
  tcase_add_test(tcase, a_list_must_clear_the_leaf);
  tcase_add_test(tcase, lists_must_clear_the_chain);
  tcase_add_test(tcase, a_trusted_intermediate_is_enough_when_asked_for);
  tcase_add_test(tcase, otherwise_the_chain_has_to_end_with_a_root);
  tcase_add_loop_test(tcase, what_weakens_needs_to_be_allowed, 0, 5);
  suite_add_tcase(suite, tcase);

  tcase = tcase_create("names");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_test(tcase, host_flags_are_those_of_the_default);
  tcase_add_test(tcase, wildcards_can_be_refused);
  tcase_add_test(tcase, the_common_name_is_one_of_the_flags);
  tcase_add_loop_test(tcase, looser_names_need_to_be_allowed, 0, 4);
  tcase_add_test(tcase, a_context_in_use_keeps_them);
  suite_add_tcase(suite, tcase);
  return suite;
}
