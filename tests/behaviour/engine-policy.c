/* SPDX-License-Identifier: MIT */

/* What two engines agree on, and what happens when they cannot: versions,
 * ciphers and application protocols. */

#include <string.h>
#include <uv/errno.h>

#include "support/given.h"
#include "support/suite.h"

enum {
  HANDSHAKE_FAILURE = 40,
  PROTOCOL_VERSION = 70
};

static pki_t* pki;
static tlsloop_ctx_t* client_ctx;
static tlsloop_ctx_t* server_ctx;
static pair_t pair;
static pair_end_t* client;
static pair_end_t* server;


static void make_pki(void) {
  pki = pki_new("policy");
}


static void free_pki(void) {
  pki_free(pki);
}


static void set_up(void) {
  client_ctx = given_client(pki);
  server_ctx = given_server(pki, NULL);
  client = &pair.client;
  server = &pair.server;
}


static void tear_down(void) {
  pair_close(&pair);
  tlsloop_ctx_unref(client_ctx);
  tlsloop_ctx_unref(server_ctx);
}


static void meet(void) {
  pair_open(&pair, client_ctx, server_ctx, "localhost");
  pair_handshake(&pair);
}


/* The server has refused with |alert|, and the client knows. */
static void expect_server_refused(int alert) {
  ck_assert_int_eq(server->handshake, TLSLOOP_EALERT_SENT - alert);
  ck_assert_int_eq(client->handshake, TLSLOOP_EALERT_RECEIVED - alert);
  ck_assert_int_eq(tlsloop_err_type(server->handshake), TLSLOOP_ERR_ALERT);
  ck_assert_ptr_nonnull(tlsloop_engine_error(server->engine));
  ck_assert_ptr_nonnull(tlsloop_engine_error(client->engine));
}


static void expect_alpn(const pair_end_t* end, const char* wanted) {
  const char* proto;
  size_t len;

  tlsloop_engine_alpn(end->engine, &proto, &len);
  if (wanted == NULL) {
    ck_assert_ptr_null(proto);
    ck_assert_uint_eq(len, 0);
    return;
  }
  ck_assert_uint_eq(len, strlen(wanted));
  ck_assert_mem_eq(proto, wanted, len);
}


START_TEST(highest_version_that_both_have_is_taken) {
  meet();
  ck_assert_str_eq(tlsloop_engine_version(client->engine), "TLSv1.3");
}
END_TEST


START_TEST(lower_maximum_of_either_side_is_taken) {
  ck_done(tlsloop_ctx_set_max_version(server_ctx, TLSLOOP_TLS_1_2));
  meet();
  ck_assert_int_eq(client->handshake, 0);
  ck_assert_str_eq(tlsloop_engine_version(client->engine), "TLSv1.2");
  ck_assert_str_eq(tlsloop_engine_version(server->engine), "TLSv1.2");
}
END_TEST


START_TEST(server_refuses_a_client_that_is_too_old) {
  ck_done(tlsloop_ctx_set_max_version(client_ctx, TLSLOOP_TLS_1_2));
  ck_done(tlsloop_ctx_set_min_version(server_ctx, TLSLOOP_TLS_1_3));
  meet();
  expect_server_refused(PROTOCOL_VERSION);
}
END_TEST


START_TEST(server_refuses_a_client_that_is_too_new) {
  ck_done(tlsloop_ctx_set_min_version(client_ctx, TLSLOOP_TLS_1_3));
  ck_done(tlsloop_ctx_set_max_version(server_ctx, TLSLOOP_TLS_1_2));
  meet();
  expect_server_refused(PROTOCOL_VERSION);
}
END_TEST


/* loop: 2 */
START_TEST(server_without_a_certificate_shares_no_cipher) {
  tlsloop_ctx_unref(server_ctx);
  server_ctx = given_ctx(TLSLOOP_PROTOCOL_TLS_SERVER);
  ck_done(tlsloop_ctx_set_max_version(
      client_ctx, _i == 0 ? TLSLOOP_TLS_1_2 : TLSLOOP_TLS_1_3));
  meet();
  expect_server_refused(HANDSHAKE_FAILURE);
}
END_TEST


/* loop: 2 */
START_TEST(each_kind_of_key_serves) {
  static const pki_key_t keys[] = {
      PKI_P256, PKI_P384, PKI_RSA_2048, PKI_ED25519};
  pki_opts_t opts = {0};
  size_t i;

  ck_done(tlsloop_ctx_set_max_version(
      client_ctx, _i == 0 ? TLSLOOP_TLS_1_2 : TLSLOOP_TLS_1_3));
  for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
    tlsloop_ctx_unref(server_ctx);
    opts.key = keys[i];
    server_ctx = given_server(pki, pki_make(pki, &opts));
    ck_done(try_connection(client_ctx, server_ctx, "localhost"));
  }
  meet();
}
END_TEST


/* loop: 2 */
START_TEST(server_chooses_the_protocol_it_likes_best) {
  const char* offered[] = {"http/1.1", "h2", "other"};
  const char* liked[] = {"h3", "h2", "http/1.1"};

  ck_done(tlsloop_ctx_set_max_version(
      client_ctx, _i == 0 ? TLSLOOP_TLS_1_2 : TLSLOOP_TLS_1_3));
  ck_done(tlsloop_ctx_set_alpn(client_ctx, offered, 3));
  ck_done(tlsloop_ctx_set_alpn(server_ctx, liked, 3));
  meet();
  expect_alpn(client, "h2");
  expect_alpn(server, "h2");
}
END_TEST


START_TEST(no_protocol_in_common_is_no_protocol) {
  const char* offered[] = {"http/1.1", "h2c"};
  const char* liked[] = {"h2"};

  ck_done(tlsloop_ctx_set_alpn(client_ctx, offered, 2));
  ck_done(tlsloop_ctx_set_alpn(server_ctx, liked, 1));
  meet();
  expect_alpn(client, NULL);
  expect_alpn(server, NULL);
  pair_ping(&pair);
}
END_TEST


START_TEST(client_that_offers_no_protocol_gets_none) {
  const char* liked[] = {"h2"};

  ck_done(tlsloop_ctx_set_alpn(server_ctx, liked, 1));
  meet();
  expect_alpn(client, NULL);
  expect_alpn(server, NULL);
}
END_TEST


START_TEST(server_that_likes_no_protocol_gives_none) {
  const char* offered[] = {"h2"};

  ck_done(tlsloop_ctx_set_alpn(client_ctx, offered, 1));
  meet();
  expect_alpn(client, NULL);
  expect_alpn(server, NULL);
}
END_TEST


START_TEST(protocol_of_the_greatest_length_is_negotiated) {
  char name[256];
  const char* names[] = {name};

  memset(name, 'p', 255);
  name[255] = '\0';
  ck_done(tlsloop_ctx_set_alpn(client_ctx, names, 1));
  ck_done(tlsloop_ctx_set_alpn(server_ctx, names, 1));
  meet();
  expect_alpn(client, name);
  expect_alpn(server, name);
}
END_TEST


START_TEST(address_is_not_sent_as_a_name) {
  pair_open(&pair, client_ctx, server_ctx, "127.0.0.1");
  pair_connect(&pair);
  ck_assert_str_eq(tlsloop_engine_hostname(client->engine), "127.0.0.1");
  ck_assert_ptr_null(tlsloop_engine_hostname(server->engine));
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


Suite* suite(void) {
  TCase* tcase;
  Suite* s;

  s = suite_create("behaviour/engine-policy");
  tcase = add_case(s, "policy");
  tcase_add_test(tcase, highest_version_that_both_have_is_taken);
  tcase_add_test(tcase, lower_maximum_of_either_side_is_taken);
  tcase_add_test(tcase, server_refuses_a_client_that_is_too_old);
  tcase_add_test(tcase, server_refuses_a_client_that_is_too_new);
  tcase_add_loop_test(
      tcase, server_without_a_certificate_shares_no_cipher, 0, 2);
  tcase_add_loop_test(tcase, each_kind_of_key_serves, 0, 2);
  tcase_add_loop_test(tcase, server_chooses_the_protocol_it_likes_best, 0, 2);
  tcase_add_test(tcase, no_protocol_in_common_is_no_protocol);
  tcase_add_test(tcase, client_that_offers_no_protocol_gets_none);
  tcase_add_test(tcase, server_that_likes_no_protocol_gives_none);
  tcase_add_test(tcase, protocol_of_the_greatest_length_is_negotiated);
  tcase_add_test(tcase, address_is_not_sent_as_a_name);
  return s;
}
