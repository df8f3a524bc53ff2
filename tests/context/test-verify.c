/* SPDX-License-Identifier: MIT */

/* What is asked of the peer's certificate and of the name in it. */

#include "support/suite.h"

#include "context/ctx.h"
#include "support/given.h"

#include <openssl/x509_vfy.h>
#include <string.h>
#include <uv/errno.h>

static pki_t* pki;
static tlsloop_ctx_t* client;
static tlsloop_ctx_t* server;
static tlsloop_ctx_t* both;


static void setup(void) {
  pki = pki_new("verify");
  client = given_client(pki);
  server = given_server(pki, NULL);
  both = given_ctx(TLSLOOP_PROTOCOL_TLS);
}


static void teardown(void) {
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(server);
  tlsloop_ctx_unref(both);
  pki_free(pki);
}


static void expect_policy(const tlsloop_ctx_t* ctx, int mode, int names) {
  ck_assert_int_eq(tlsloop_ctx_verify_mode(ctx), mode);
  ck_assert_int_eq(tlsloop_ctx_check_hostname(ctx), names);
}


START_TEST(clients_verify_and_the_others_do_not) {
  expect_policy(client, TLSLOOP_CERT_REQUIRED, 1);
  expect_policy(server, TLSLOOP_CERT_NONE, 0);
  expect_policy(both, TLSLOOP_CERT_NONE, 0);
  ck_assert_int_eq(tlsloop_ctx_hostname_checks_cn(client), 0);
}
END_TEST


START_TEST(servers_may_ask_for_certificates_and_stop_to) {
  ck_done(tlsloop_ctx_set_verify_mode(server, TLSLOOP_CERT_REQUIRED));
  expect_policy(server, TLSLOOP_CERT_REQUIRED, 0);
  ck_done(tlsloop_ctx_set_verify_mode(server, TLSLOOP_CERT_OPTIONAL));
  expect_policy(server, TLSLOOP_CERT_OPTIONAL, 0);
  ck_done(tlsloop_ctx_set_verify_mode(server, TLSLOOP_CERT_NONE));
  expect_policy(server, TLSLOOP_CERT_NONE, 0);
}
END_TEST


START_TEST(a_client_may_take_any_mode_that_verifies) {
  ck_done(tlsloop_ctx_set_verify_mode(client, TLSLOOP_CERT_OPTIONAL));
  expect_policy(client, TLSLOOP_CERT_OPTIONAL, 1);
  ck_done(tlsloop_ctx_set_verify_mode(client, TLSLOOP_CERT_REQUIRED));
  expect_policy(client, TLSLOOP_CERT_REQUIRED, 1);
}
END_TEST


START_TEST(a_client_stops_to_verify_only_when_it_was_allowed) {
  ck_ctx_failed(client,
                tlsloop_ctx_set_verify_mode(client, TLSLOOP_CERT_NONE),
                TLSLOOP_EINSECURE,
                NULL,
                "must verify");
  ck_ctx_failed(client,
                tlsloop_ctx_set_check_hostname(client, 0),
                TLSLOOP_EINSECURE,
                NULL,
                "must check host names");
  expect_policy(client, TLSLOOP_CERT_REQUIRED, 1);

  ck_done(tlsloop_ctx_allow_insecure(client));
  expect_policy(client, TLSLOOP_CERT_REQUIRED, 1);
  ck_done(tlsloop_ctx_set_check_hostname(client, 0));
  expect_policy(client, TLSLOOP_CERT_REQUIRED, 0);
  ck_done(tlsloop_ctx_set_verify_mode(client, TLSLOOP_CERT_NONE));
  expect_policy(client, TLSLOOP_CERT_NONE, 0);
}
END_TEST


START_TEST(names_are_not_checked_in_certificates_that_are_not) {
  ck_done(tlsloop_ctx_allow_insecure(client));
  ck_ctx_failed(client,
                tlsloop_ctx_set_verify_mode(client, TLSLOOP_CERT_NONE),
                UV__EINVAL,
                NULL,
                "without verifying");
  expect_policy(client, TLSLOOP_CERT_REQUIRED, 1);
}
END_TEST


START_TEST(checking_names_makes_verification_required) {
  ck_done(tlsloop_ctx_set_check_hostname(both, 1));
  expect_policy(both, TLSLOOP_CERT_REQUIRED, 1);
  ck_done(tlsloop_ctx_set_check_hostname(both, 0));
  expect_policy(both, TLSLOOP_CERT_REQUIRED, 0);
}
END_TEST


START_TEST(checking_names_keeps_a_mode_that_verifies) {
  ck_done(tlsloop_ctx_set_verify_mode(both, TLSLOOP_CERT_OPTIONAL));
  ck_done(tlsloop_ctx_set_check_hostname(both, 1));
  expect_policy(both, TLSLOOP_CERT_OPTIONAL, 1);
}
END_TEST


START_TEST(other_numbers_are_refused) {
  static const int modes[] = {-1, 3, 77};
  int i;

  for (i = 0; i < 3; i++) {
    ck_ctx_failed(server,
                  tlsloop_ctx_set_verify_mode(server, modes[i]),
                  UV__EINVAL,
                  NULL,
                  "no verification mode");
    ck_ctx_failed(server,
                  tlsloop_ctx_set_check_hostname(server, modes[i]),
                  UV__EINVAL,
                  NULL,
                  "neither 1 nor 0");
    ck_ctx_failed(server,
                  tlsloop_ctx_set_hostname_checks_cn(server, modes[i]),
                  UV__EINVAL,
                  NULL,
                  "neither 1 nor 0");
  }
  expect_policy(server, TLSLOOP_CERT_NONE, 0);
}
END_TEST


START_TEST(a_context_in_use_keeps_its_policy) {
  ck_done(tlsloop_ctx_allow_insecure(client));
  ck_done(try_connection(client, server, "localhost"));
  ck_ctx_failed(client,
                tlsloop_ctx_set_check_hostname(client, 0),
                UV__EBUSY,
                NULL,
                "connections");
  ck_ctx_failed(client,
                tlsloop_ctx_set_verify_mode(client, TLSLOOP_CERT_OPTIONAL),
                UV__EBUSY,
                NULL,
                "connections");
  ck_ctx_failed(client,
                tlsloop_ctx_set_hostname_checks_cn(client, 1),
                UV__EBUSY,
                NULL,
                "connections");
  expect_policy(client, TLSLOOP_CERT_REQUIRED, 1);
  ck_assert_int_eq(tlsloop_ctx_hostname_checks_cn(client), 0);
}
END_TEST


static void given_server_named(const char* cn, const char* san) {
  pki_opts_t opts = {.cn = cn, .san = san};

  tlsloop_ctx_unref(server);
  server = given_server(pki, pki_make(pki, &opts));
}


typedef struct match_s {
  const char* cn;
  const char* san;
  const char* hostname;
  int result;
} match_t;

#define NO_NAME    TLSLOOP_EVERIFY - X509_V_ERR_HOSTNAME_MISMATCH
#define NO_ADDRESS TLSLOOP_EVERIFY - X509_V_ERR_IP_ADDRESS_MISMATCH

static const match_t matches[] = {
    {"x", "DNS:a.example", "a.example", 0},
    {"x", "DNS:a.example", "A.EXAMPLE", 0},
    {"x", "DNS:a.example", "a.example.", 0},
    {"x", "DNS:a.example", "b.example", NO_NAME},
    {"x", "DNS:a.example", "a.example.org", NO_NAME},
    {"x", "DNS:a.example", "b.a.example", NO_NAME},
    {"x", "DNS:*.example.org", "a.example.org", 0},
    {"x", "DNS:*.example.org", "example.org", NO_NAME},
    {"x", "DNS:*.example.org", "b.a.example.org", NO_NAME},
    {"x", "DNS:a*.example.org", "ab.example.org", NO_NAME},
    {"x", "DNS:*a.example.org", "ba.example.org", NO_NAME},
    {"x", "DNS:*", "localhost", NO_NAME},
    {"x", "DNS:*.org", "example.org", NO_NAME},
    {"x",
     "DNS:xn--bcher-kva.example",
     "b\xc3\xbc"
     "cher.example",
     0},
    {"x", "IP:127.0.0.1", "127.0.0.1", 0},
    {"x", "IP:127.0.0.1", "127.0.0.2", NO_ADDRESS},
    {"x", "IP:::1", "::1", 0},
    {"x", "IP:::1", "0:0::0:1", 0},
    {"x", "IP:::1", "::2", NO_ADDRESS},
    /* an address is no name and a name no address */
    {"x", "DNS:127.0.0.1", "127.0.0.1", NO_ADDRESS},
    {"127.0.0.1", "", "127.0.0.1", NO_ADDRESS},
    {"x", "DNS:*.0.0.1", "127.0.0.1", NO_ADDRESS},
    {"x", "IP:127.0.0.1", "localhost", NO_NAME},
    /* the common name is not asked */
    {"localhost", "", "localhost", NO_NAME},
    {"localhost", "DNS:a.example", "localhost", NO_NAME},
    {"localhost", "IP:127.0.0.1", "localhost", NO_NAME},
};


START_TEST(a_certificate_is_good_for_its_names_only) {
  const match_t* match = &matches[_i];

  given_server_named(match->cn, match->san);
  ck_assert_str_eq(
      tlsloop_err_name(try_connection(client, server, match->hostname)),
      tlsloop_err_name(match->result));
}
END_TEST


START_TEST(the_common_name_is_asked_by_who_wants_that) {
  ck_done(tlsloop_ctx_set_hostname_checks_cn(client, 1));
  ck_assert_int_eq(tlsloop_ctx_hostname_checks_cn(client), 1);
  given_server_named("localhost", "");
  ck_done(try_connection(client, server, "localhost"));
  ck_assert_int_eq(try_connection(client, server, "a.example"), NO_NAME);
  /* but not beside DNS names */
  given_server_named("localhost", "DNS:a.example");
  ck_assert_int_eq(try_connection(client, server, "localhost"), NO_NAME);
}
END_TEST


START_TEST(the_common_name_can_be_left_alone_again) {
  ck_done(tlsloop_ctx_set_hostname_checks_cn(client, 1));
  ck_done(tlsloop_ctx_set_hostname_checks_cn(client, 0));
  given_server_named("localhost", "");
  ck_assert_int_eq(try_connection(client, server, "localhost"), NO_NAME);
}
END_TEST


START_TEST(without_checking_names_any_name_is_good) {
  ck_done(tlsloop_ctx_allow_insecure(client));
  ck_done(tlsloop_ctx_set_check_hostname(client, 0));
  ck_done(try_connection(client, server, "other.example"));
  ck_done(try_connection(client, server, "192.0.2.1"));
  ck_done(try_connection(client, server, NULL));
}
END_TEST


START_TEST(without_checking_names_the_issuer_still_counts) {
  tlsloop_ctx_t* stranger;
  pki_t* other;

  other = pki_new("verify");
  stranger = given_server(other, NULL);
  ck_done(tlsloop_ctx_allow_insecure(client));
  ck_done(tlsloop_ctx_set_check_hostname(client, 0));
  ck_assert_int_eq(
      tlsloop_err_type(try_connection(client, stranger, "localhost")),
      TLSLOOP_ERR_CERT);
  tlsloop_ctx_unref(stranger);
  pki_free(other);
}
END_TEST


START_TEST(without_verification_everybody_is_good) {
  tlsloop_ctx_t* nobody;

  nobody = given_ctx(TLSLOOP_PROTOCOL_TLS_CLIENT);
  ck_done(tlsloop_ctx_allow_insecure(nobody));
  ck_done(tlsloop_ctx_set_check_hostname(nobody, 0));
  ck_done(tlsloop_ctx_set_verify_mode(nobody, TLSLOOP_CERT_NONE));
  ck_done(try_connection(nobody, server, "other.example"));
  tlsloop_ctx_unref(nobody);
}
END_TEST


/* A handshake of which the server's end tells the outcome: in TLS 1.3 the
 * client has finished when its certificate is refused. */
static int ask_client(int mode, const pki_cert_t* cert) {
  pair_t pair;
  int result;

  ck_done(tlsloop_ctx_set_verify_mode(server, mode));
  ck_done(tlsloop_ctx_load_verify_mem(
      server, pki->root->pem.data, pki->root->pem.len, TLSLOOP_ENCODING_PEM));
  if (cert != NULL)
    ck_done(tlsloop_ctx_load_cert_chain_mem(
        client, cert->both.data, cert->both.len, NULL, 0));
  pair_open(&pair, client, server, "localhost");
  pair_handshake(&pair);
  result = pair.server.handshake;
  pair_close(&pair);
  return result;
}


START_TEST(a_certificate_that_is_required_must_be_there) {
  ck_assert_str_eq(tlsloop_err_name(ask_client(TLSLOOP_CERT_REQUIRED, NULL)),
                   "TLSLOOP_EALERT_SENT(CERTIFICATE_REQUIRED)");
}
END_TEST


START_TEST(a_certificate_that_is_optional_may_be_missing) {
  ck_done(ask_client(TLSLOOP_CERT_OPTIONAL, NULL));
}
END_TEST


START_TEST(a_good_certificate_is_taken) {
  ck_done(ask_client(_i, pki_leaf(pki)));
}
END_TEST


START_TEST(a_bad_certificate_is_refused_where_it_is_asked_for) {
  pki_opts_t opts = {.self_signed = 1};
  int result;

  result = ask_client(_i, pki_make(pki, &opts));
  if (_i == TLSLOOP_CERT_NONE)
    ck_done(result);
  else
    ck_assert_int_eq(result,
                     TLSLOOP_EVERIFY - X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT);
}
END_TEST


static void add_policy_tests(Suite* suite) {
  TCase* tcase;

  tcase = tcase_create("policy");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_test(tcase, clients_verify_and_the_others_do_not);
  tcase_add_test(tcase, servers_may_ask_for_certificates_and_stop_to);
  tcase_add_test(tcase, a_client_may_take_any_mode_that_verifies);
  tcase_add_test(tcase, a_client_stops_to_verify_only_when_it_was_allowed);
  tcase_add_test(tcase, names_are_not_checked_in_certificates_that_are_not);
  tcase_add_test(tcase, checking_names_makes_verification_required);
  tcase_add_test(tcase, checking_names_keeps_a_mode_that_verifies);
  tcase_add_test(tcase, other_numbers_are_refused);
  tcase_add_test(tcase, a_context_in_use_keeps_its_policy);
  suite_add_tcase(suite, tcase);
}


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;
  int count;

  suite = suite_create("verify");
  add_policy_tests(suite);

  count = sizeof(matches) / sizeof(matches[0]);
  tcase = tcase_create("handshakes");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_loop_test(
      tcase, a_certificate_is_good_for_its_names_only, 0, count);
  tcase_add_test(tcase, the_common_name_is_asked_by_who_wants_that);
  tcase_add_test(tcase, the_common_name_can_be_left_alone_again);
  tcase_add_test(tcase, without_checking_names_any_name_is_good);
  tcase_add_test(tcase, without_checking_names_the_issuer_still_counts);
  tcase_add_test(tcase, without_verification_everybody_is_good);
  tcase_add_test(tcase, a_certificate_that_is_required_must_be_there);
  tcase_add_test(tcase, a_certificate_that_is_optional_may_be_missing);
  tcase_add_loop_test(tcase, a_good_certificate_is_taken, 0, 3);
  tcase_add_loop_test(
      tcase, a_bad_certificate_is_refused_where_it_is_asked_for, 0, 3);
  suite_add_tcase(suite, tcase);
  return suite;
}
