/* SPDX-License-Identifier: MIT */

/* Who is refused, with which code on the side that refuses and which alert on
 * the other. */

#include <openssl/x509_vfy.h>
#include <string.h>
#include <uv/errno.h>

#include "support/given.h"
#include "support/suite.h"

#define HOUR 3600L
#define DAY  (24 * HOUR)

enum {
  HANDSHAKE_FAILURE = 40,
  BAD_CERTIFICATE = 42,
  UNSUPPORTED_CERTIFICATE = 43,
  CERTIFICATE_EXPIRED = 45,
  UNKNOWN_CA = 48,
  CERTIFICATE_REQUIRED = 116
};

/* A server that is to be refused. */
typedef struct refused_s {
  const char* hostname;
  pki_opts_t opts;
  int code;
  int alert;
} refused_t;

static const refused_t refused[] = {
    {"example.org", {0}, X509_V_ERR_HOSTNAME_MISMATCH, BAD_CERTIFICATE},
    {"localhost.", {.san = "DNS:localhost.example"}, 62, BAD_CERTIFICATE},
    {"sub.localhost", {0}, X509_V_ERR_HOSTNAME_MISMATCH, BAD_CERTIFICATE},
    {"localhost", {.san = ""}, X509_V_ERR_HOSTNAME_MISMATCH, BAD_CERTIFICATE},
    {"localhost", {.san = "IP:127.0.0.1"}, 62, BAD_CERTIFICATE},
    {"localhost", {.san = "email:root@localhost"}, 62, BAD_CERTIFICATE},
    {"127.0.0.2", {0}, X509_V_ERR_IP_ADDRESS_MISMATCH, BAD_CERTIFICATE},
    {"::2", {0}, X509_V_ERR_IP_ADDRESS_MISMATCH, BAD_CERTIFICATE},
    {"127.0.0.1", {.san = "DNS:127.0.0.1"}, 64, BAD_CERTIFICATE},
    {"127.0.0.1", {.san = "DNS:*.0.0.1"}, 64, BAD_CERTIFICATE},
    {"127.0.0.1", {.san = "", .cn = "127.0.0.1"}, 64, BAD_CERTIFICATE},
    {"localhost",
     {.not_before = -2 * DAY, .not_after = -DAY},
     X509_V_ERR_CERT_HAS_EXPIRED,
     CERTIFICATE_EXPIRED},
    {"localhost",
     {.not_before = HOUR, .not_after = DAY},
     X509_V_ERR_CERT_NOT_YET_VALID,
     BAD_CERTIFICATE},
    {"localhost",
     {.self_signed = 1},
     X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
     UNKNOWN_CA},
    {"localhost",
     {.eku = "clientAuth"},
     X509_V_ERR_INVALID_PURPOSE,
     UNSUPPORTED_CERTIFICATE},
};

static pki_t* pki;
static pki_t* other;
static tlsloop_ctx_t* client_ctx;
static tlsloop_ctx_t* server_ctx;
static pair_t pair;
static pair_end_t* client;
static pair_end_t* server;


/* The other authority has the names of ours, but not its keys. */
static void make_pki(void) {
  pki = pki_new("verify");
  other = pki_new("verify");
}


static void free_pki(void) {
  pki_free(pki);
  pki_free(other);
}


static void set_up(void) {
  client_ctx = given_client(pki);
  server_ctx = NULL;
  client = &pair.client;
  server = &pair.server;
}


static void tear_down(void) {
  pair_close(&pair);
  tlsloop_ctx_unref(client_ctx);
  tlsloop_ctx_unref(server_ctx);
}


static void only_version(int i) {
  if (i % 2 == 0)
    ck_done(tlsloop_ctx_set_max_version(client_ctx, TLSLOOP_TLS_1_2));
  else
    ck_done(tlsloop_ctx_set_min_version(client_ctx, TLSLOOP_TLS_1_3));
}


static void open_with(const pki_cert_t* cert, const char* hostname) {
  server_ctx = given_server(pki, cert);
  pair_open(&pair, client_ctx, server_ctx, hostname);
}


/* |refuser| has ended the handshake with |code| and has told |end|, which has
 * |alert|, now or as soon as it reads. */
static void expect_refusal(pair_end_t* refuser,
                           int code,
                           pair_end_t* end,
                           int alert) {
  char byte;
  size_t n;

  ck_assert_msg(refuser->handshake == code,
                "%s instead of %s",
                tlsloop_err_name(refuser->handshake),
                tlsloop_err_name(code));
  ck_assert_int_eq(tlsloop_engine_state(refuser->engine),
                   TLSLOOP_ENGINE_FAILED);
  pair_settle(&pair);
  ck_assert_int_eq(end_read(end, &byte, 1, &n),
                   TLSLOOP_EALERT_RECEIVED - alert);
  ck_assert_int_eq(end_read(refuser, &byte, 1, &n), code);
  ck_assert_int_eq(end_write(refuser, "x", 1), code);
  ck_assert_int_eq(end_shutdown(refuser), code);
  ck_assert_int_eq(pair_pump(&pair), 0);
}


/* loop: 2 * sizeof(refused) / sizeof(refused[0]) */
START_TEST(client_refuses_a_server_that_is_not_the_one_it_named) {
  const refused_t* this;

  this = &refused[_i / 2];
  only_version(_i);
  open_with(pki_make(pki, &this->opts), this->hostname);
  pair_handshake(&pair);
  expect_refusal(client, TLSLOOP_EVERIFY - this->code, server, this->alert);
}
END_TEST


/* loop: 2 */
START_TEST(client_refuses_a_server_of_another_authority) {
  only_version(_i);
  open_with(pki_leaf(other), "localhost");
  pair_handshake(&pair);
  expect_refusal(client,
                 TLSLOOP_EVERIFY - X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
                 server,
                 UNKNOWN_CA);
}
END_TEST


/* loop: 2 */
START_TEST(client_that_trusts_nobody_refuses_everybody) {
  tlsloop_ctx_unref(client_ctx);
  client_ctx = given_ctx(TLSLOOP_PROTOCOL_TLS_CLIENT);
  only_version(_i);
  open_with(NULL, "localhost");
  pair_handshake(&pair);
  expect_refusal(client,
                 TLSLOOP_EVERIFY - X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
                 server,
                 UNKNOWN_CA);
}
END_TEST


/* loop: 2 */
START_TEST(client_refuses_a_certificate_issued_by_one_that_is_no_authority) {
  pki_opts_t pretender = {.cn = "pretender", .new_key = 1};
  pki_opts_t opts = {0};

  only_version(_i);
  opts.issuer = pki_make(pki, &pretender);
  open_with(pki_make(pki, &opts), "localhost");
  pair_handshake(&pair);
  ck_assert_int_eq(tlsloop_err_type(client->handshake), TLSLOOP_ERR_CERT);
  expect_refusal(
      client, TLSLOOP_EVERIFY - X509_V_ERR_INVALID_CA, server, UNKNOWN_CA);
}
END_TEST


/* loop: 2 */
START_TEST(client_refuses_a_server_that_leaves_its_intermediate_out) {
  pki_cert_t* leaf;

  only_version(_i);
  leaf = pki_leaf(pki);
  server_ctx = given_ctx(TLSLOOP_PROTOCOL_TLS_SERVER);
  ck_done(tlsloop_ctx_load_cert_chain_mem(server_ctx,
                                          leaf->pem.data,
                                          leaf->pem.len,
                                          leaf->key_pem.data,
                                          leaf->key_pem.len));
  pair_open(&pair, client_ctx, server_ctx, "localhost");
  pair_handshake(&pair);
  expect_refusal(client,
                 TLSLOOP_EVERIFY - X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
                 server,
                 UNKNOWN_CA);
}
END_TEST


/* loop: 2 */
START_TEST(client_accepts_what_the_certificate_names) {
  const char* names[] = {"localhost", "LOCALHOST", "127.0.0.1", "::1"};
  size_t i;

  only_version(_i);
  server_ctx = given_server(pki, NULL);
  for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
    ck_done(try_connection(client_ctx, server_ctx, names[i]));
  pair_open(&pair, client_ctx, server_ctx, "localhost");
}
END_TEST


START_TEST(client_without_a_name_sends_nothing) {
  char byte;
  size_t n;

  open_with(NULL, NULL);
  ck_assert_int_eq(end_handshake(client), TLSLOOP_ENOHOSTNAME);
  ck_assert_int_eq(end_read(client, &byte, 1, &n), TLSLOOP_ENOHOSTNAME);
  ck_assert_int_eq(end_write(client, "x", 1), TLSLOOP_ENOHOSTNAME);
  ck_assert_int_eq(end_shutdown(client), UV__ENOTCONN);
  ck_assert_int_eq(tlsloop_engine_state(client->engine), TLSLOOP_ENGINE_NEW);
  ck_assert_int_eq(pair_pump(&pair), 0);
}
END_TEST


START_TEST(client_that_is_named_late_goes_on) {
  open_with(NULL, NULL);
  ck_assert_int_eq(end_handshake(client), TLSLOOP_ENOHOSTNAME);
  ck_done(tlsloop_engine_set_hostname(client->engine, "localhost"));
  client->handshake = TLSLOOP_WANT_READ;
  pair_connect(&pair);
}
END_TEST


START_TEST(client_cannot_be_renamed_in_the_handshake) {
  int err;

  open_with(NULL, "localhost");
  end_handshake(client);
  err = tlsloop_engine_set_hostname(client->engine, "example.org");
  ck_assert_int_eq(err, UV__EBUSY);
  pair_connect(&pair);
  err = tlsloop_engine_set_hostname(client->engine, "example.org");
  ck_assert_int_eq(err, UV__EBUSY);
  ck_assert_str_eq(tlsloop_engine_hostname(client->engine), "localhost");
}
END_TEST


/* Makes the server ask for a certificate of |pki|, and the client be |cert|,
 * or nobody. */
static void open_mutual(const pki_cert_t* cert) {
  const pki_blob_t* root;
  const pki_blob_t* both;

  root = &pki->root->pem;
  server_ctx = given_server(pki, NULL);
  ck_done(tlsloop_ctx_load_verify_mem(
      server_ctx, root->data, root->len, TLSLOOP_ENCODING_PEM));
  ck_done(tlsloop_ctx_set_verify_mode(server_ctx, TLSLOOP_CERT_REQUIRED));
  if (cert != NULL) {
    both = &cert->both;
    ck_done(tlsloop_ctx_load_cert_chain_mem(
        client_ctx, both->data, both->len, NULL, 0));
  }
  pair_open(&pair, client_ctx, server_ctx, "localhost");
  pair_handshake(&pair);
}


/* loop: 2 */
START_TEST(server_accepts_a_client_of_its_authority) {
  only_version(_i);
  open_mutual(pki_leaf(pki));
  ck_assert_int_eq(server->handshake, 0);
  pair_ping(&pair);
}
END_TEST


/* loop: 2 */
START_TEST(server_refuses_a_client_without_a_certificate) {
  int alert;

  only_version(_i);
  alert = _i == 0 ? HANDSHAKE_FAILURE : CERTIFICATE_REQUIRED;
  open_mutual(NULL);
  expect_refusal(server, TLSLOOP_EALERT_SENT - alert, client, alert);
}
END_TEST


/* loop: 2 */
START_TEST(server_refuses_a_client_of_another_authority) {
  only_version(_i);
  open_mutual(pki_leaf(other));
  expect_refusal(server,
                 TLSLOOP_EVERIFY - X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
                 client,
                 UNKNOWN_CA);
}
END_TEST


/* loop: 2 */
START_TEST(server_refuses_a_client_with_a_servers_certificate) {
  pki_opts_t opts = {.eku = "serverAuth"};

  only_version(_i);
  open_mutual(pki_make(pki, &opts));
  expect_refusal(server,
                 TLSLOOP_EVERIFY - X509_V_ERR_INVALID_PURPOSE,
                 client,
                 UNSUPPORTED_CERTIFICATE);
}
END_TEST


START_TEST(client_of_tls_1_3_learns_of_its_refusal_when_it_reads) {
  char byte;
  size_t n;

  only_version(1);
  open_mutual(NULL);
  ck_assert_int_eq(client->handshake, 0);
  ck_assert_int_eq(tlsloop_engine_state(client->engine), TLSLOOP_ENGINE_OPEN);
  ck_assert_int_eq(end_write(client, "too early", 9), 0);
  ck_assert_int_eq(end_read(client, &byte, 1, &n),
                   TLSLOOP_EALERT_RECEIVED - CERTIFICATE_REQUIRED);
  ck_assert_int_eq(end_write(client, "x", 1),
                   TLSLOOP_EALERT_RECEIVED - CERTIFICATE_REQUIRED);
}
END_TEST


static TCase* add_case(Suite* s, const char* name) {
  TCase* tcase;

  tcase = tcase_create(name);
  tcase_add_checked_fixture(tcase, set_up, tear_down);
  tcase_add_unchecked_fixture(tcase, make_pki, free_pki);
  tcase_set_timeout(tcase, 60);
  suite_add_tcase(s, tcase);
  return tcase;
}


static void add_servers(Suite* s) {
  TCase* tcase;

  tcase = add_case(s, "servers");
  tcase_add_loop_test(tcase,
                      client_refuses_a_server_that_is_not_the_one_it_named,
                      0,
                      2 * sizeof(refused) / sizeof(refused[0]));
  tcase_add_loop_test(
      tcase, client_refuses_a_server_of_another_authority, 0, 2);
  tcase_add_loop_test(tcase, client_that_trusts_nobody_refuses_everybody, 0, 2);
  tcase_add_loop_test(
      tcase,
      client_refuses_a_certificate_issued_by_one_that_is_no_authority,
      0,
      2);
  tcase_add_loop_test(
      tcase, client_refuses_a_server_that_leaves_its_intermediate_out, 0, 2);
  tcase_add_loop_test(tcase, client_accepts_what_the_certificate_names, 0, 2);
}


static void add_names(Suite* s) {
  TCase* tcase;

  tcase = add_case(s, "names");
  tcase_add_test(tcase, client_without_a_name_sends_nothing);
  tcase_add_test(tcase, client_that_is_named_late_goes_on);
  tcase_add_test(tcase, client_cannot_be_renamed_in_the_handshake);
}


static void add_clients(Suite* s) {
  TCase* tcase;

  tcase = add_case(s, "clients");
  tcase_add_loop_test(tcase, server_accepts_a_client_of_its_authority, 0, 2);
  tcase_add_loop_test(
      tcase, server_refuses_a_client_without_a_certificate, 0, 2);
  tcase_add_loop_test(
      tcase, server_refuses_a_client_of_another_authority, 0, 2);
  tcase_add_loop_test(
      tcase, server_refuses_a_client_with_a_servers_certificate, 0, 2);
  tcase_add_test(tcase, client_of_tls_1_3_learns_of_its_refusal_when_it_reads);
}


Suite* suite(void) {
  Suite* s;

  s = suite_create("behaviour/engine-verify");
  add_servers(s);
  add_names(s);
  add_clients(s);
  return s;
}
