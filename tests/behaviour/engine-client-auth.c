/* SPDX-License-Identifier: MIT */

/* What a server asks of its clients, and what they show: every pair of both, on
 * TLS 1.2 and 1.3. */

#include "support/suite.h"

#include "support/given.h"
#include "tlsloop/cert.h"
#include "tlsloop/info.h"

enum {
  V_OK = 0,
  V_HAS_EXPIRED = 10,
  V_NO_LOCAL_ISSUER = 20,
  V_INVALID_PURPOSE = 26,
  NO_CERTIFICATE = -1 /* the server's alert says that one is missing */
};

enum {
  NOTHING,
  GOOD,
  OF_ANOTHER_AUTHORITY,
  EXPIRED,
  FOR_SERVERS,
  SHOWN
};

static const int modes[] = {TLSLOOP_CERT_NONE,
                            TLSLOOP_CERT_OPTIONAL,
                            TLSLOOP_CERT_REQUIRED};

#define MODES 3

/* What becomes of it. */
static const int outcomes[MODES][SHOWN] = {
    {V_OK, V_OK, V_OK, V_OK, V_OK},
    {V_OK, V_OK, V_NO_LOCAL_ISSUER, V_HAS_EXPIRED, V_INVALID_PURPOSE},
    {NO_CERTIFICATE, V_OK, V_NO_LOCAL_ISSUER, V_HAS_EXPIRED, V_INVALID_PURPOSE},
};

static pki_t* pki;
static pki_t* stranger;
static tlsloop_ctx_t* client;
static tlsloop_ctx_t* server;
static pair_t pair;


static void setup(void) {
  pki = pki_new("client-auth");
  stranger = pki_new("stranger");
  client = given_client(pki);
  server = given_server(pki, NULL);
  ck_done(tlsloop_ctx_load_verify_mem(
      server, pki->root->pem.data, pki->root->pem.len, TLSLOOP_ENCODING_PEM));
}


static void teardown(void) {
  pair_close(&pair);
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(server);
  pki_free(stranger);
  pki_free(pki);
}


static void show(int what) {
  pki_opts_t opts = {0};
  pki_cert_t* cert;

  if (what == NOTHING)
    return;
  if (what == EXPIRED) {
    opts.not_before = -7200;
    opts.not_after = -3600;
  } else if (what == FOR_SERVERS) {
    opts.eku = "serverAuth";
  }
  cert = pki_make(what == OF_ANOTHER_AUTHORITY ? stranger : pki, &opts);
  ck_done(tlsloop_ctx_load_cert_chain_mem(
      client, cert->both.data, cert->both.len, NULL, 0));
}


/* On TLS 1.3 the client has finished before the server looks. */
static void expect_client_told(void) {
  char buf[8];
  size_t n;
  int err;

  err = pair.client.handshake;
  if (err == 0)
    err = end_read(&pair.client, buf, sizeof(buf), &n);
  ck_assert_int_eq(tlsloop_err_type(err), TLSLOOP_ERR_ALERT);
}


static void expect(int outcome, int shown) {
  int code;

  code = pair.server.handshake;
  if (outcome == V_OK) {
    ck_assert_int_eq(code, 0);
    ck_assert_int_eq(tlsloop_engine_verify_result(pair.server.engine), V_OK);
    ck_assert_uint_eq(
        tlsloop_engine_chain_count(pair.server.engine, TLSLOOP_CHAIN_PEER),
        shown ? 2 : 0);
    pair_ping(&pair);
    return;
  }
  if (outcome == NO_CERTIFICATE)
    ck_assert_int_eq(tlsloop_err_type(code), TLSLOOP_ERR_ALERT);
  else
    ck_assert_int_eq(tlsloop_err_verify_code(code), outcome);
  expect_client_told();
}


/* loop: versions, modes and what is shown */
START_TEST(what_is_asked_decides_about_what_is_shown) {
  int what;
  int mode;

  what = _i % SHOWN;
  mode = _i / SHOWN % MODES;
  ck_done(tlsloop_ctx_set_verify_mode(server, modes[mode]));
  ck_done(tlsloop_ctx_set_max_version(
      client, _i < SHOWN * MODES ? TLSLOOP_TLS_1_2 : TLSLOOP_TLS_1_3));
  show(what);
  pair_open(&pair, client, server, "localhost");
  pair_handshake(&pair);
  expect(outcomes[mode][what], what != NOTHING && mode > 0);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("engine-client-auth");
  tcase = tcase_create("client-auth");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_loop_test(
      tcase, what_is_asked_decides_about_what_is_shown, 0, 2 * MODES * SHOWN);
  suite_add_tcase(suite, tcase);
  return suite;
}
