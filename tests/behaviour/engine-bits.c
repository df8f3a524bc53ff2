/* SPDX-License-Identifier: MIT */

/* What verify flags and options do to connections. */

#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <uv/errno.h>

#include "support/given.h"
#include "support/suite.h"
#include "tlsloop/openssl.h"
#include "tlsloop/policy.h"
#include "tlsloop/session.h"

static pki_t* pki;
static tlsloop_ctx_t* client;
static tlsloop_ctx_t* server;
static tlsloop_session_t* session;


static void make_pki(void) {
  pki = pki_new("bits");
  pki_leaf(pki);
}


static void free_pki(void) {
  pki_free(pki);
}


static void set_up(void) {
  client = given_client(pki);
  server = given_server(pki, NULL);
}


static void tear_down(void) {
  tlsloop_session_unref(session);
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(server);
}


static void add_flag(tlsloop_ctx_t* ctx, uint64_t flag) {
  ck_done(
      tlsloop_ctx_set_verify_flags(ctx, tlsloop_ctx_verify_flags(ctx) | flag));
}


static void add_option(tlsloop_ctx_t* ctx, uint64_t option) {
  ck_done(tlsloop_ctx_set_options(ctx, tlsloop_ctx_options(ctx) | option));
}


static void take_option(tlsloop_ctx_t* ctx, uint64_t option) {
  ck_done(tlsloop_ctx_set_options(ctx, tlsloop_ctx_options(ctx) & ~option));
}


static void leave_out_authority(X509* x509, void* arg) {
  int at;

  (void) arg;
  at = X509_get_ext_by_NID(x509, NID_authority_key_identifier, -1);
  X509_EXTENSION_free(X509_delete_ext(x509, at));
}


START_TEST(strict_verification_wants_to_know_the_authority) {
  pki_opts_t opts = {.tweak = leave_out_authority};

  tlsloop_ctx_unref(server);
  server = given_server(pki, pki_make(pki, &opts));
  if (_i == 0) {
    ck_assert_int_eq(try_connection(client, server, "localhost"), 0);
    return;
  }
  add_flag(client, TLSLOOP_VERIFY_X509_STRICT);
  ck_assert_int_eq(
      try_connection(client, server, "localhost"),
      TLSLOOP_EVERIFY - X509_V_ERR_MISSING_AUTHORITY_KEY_IDENTIFIER);
}
END_TEST


START_TEST(strict_verification_takes_a_certificate_that_is_right) {
  add_flag(client, TLSLOOP_VERIFY_X509_STRICT);
  ck_assert_int_eq(try_connection(client, server, "localhost"), 0);
}
END_TEST


/* RFC 3820: the subject is the issuer's with a name more. */
static void make_proxy(X509* x509, void* arg) {
  const pki_cert_t* owner = arg;
  PROXY_CERT_INFO_EXTENSION* info;
  X509_NAME* name;

  name = X509_NAME_dup(X509_get_subject_name(owner->x509));
  X509_NAME_add_entry_by_txt(
      name, "CN", MBSTRING_UTF8, (const unsigned char*) "proxy", -1, -1, 0);
  ck_assert_int_eq(X509_set_subject_name(x509, name), 1);
  X509_NAME_free(name);
  info = PROXY_CERT_INFO_EXTENSION_new();
  ck_assert_ptr_nonnull(info);
  info->proxyPolicy->policyLanguage = OBJ_nid2obj(NID_id_ppl_anyLanguage);
  ck_assert_int_eq(X509_add1_ext_i2d(x509, NID_proxyCertInfo, info, 1, 0), 1);
  PROXY_CERT_INFO_EXTENSION_free(info);
}


/* A client that shows a certificate which another, no CA, has issued. */
static void show_proxy(void) {
  pki_cert_t* owner = pki_leaf(pki);
  pki_opts_t opts = {
      .issuer = owner, .san = "", .tweak = make_proxy, .arg = owner};
  const pki_cert_t* proxy;

  proxy = pki_make(pki, &opts);
  ck_done(tlsloop_ctx_load_cert_chain_mem(
      client, proxy->both.data, proxy->both.len, NULL, 0));
  ck_done(tlsloop_ctx_load_verify_mem(
      server, pki->root->pem.data, pki->root->pem.len, TLSLOOP_ENCODING_PEM));
  ck_done(tlsloop_ctx_set_verify_mode(server, TLSLOOP_CERT_REQUIRED));
  ck_done(tlsloop_ctx_set_max_version(client, TLSLOOP_TLS_1_2));
}


START_TEST(proxy_certificates_are_refused) {
  pair_t pair;

  show_proxy();
  pair_open(&pair, client, server, "localhost");
  pair_handshake(&pair);
  ck_assert_int_eq(pair.server.handshake,
                   TLSLOOP_EVERIFY - X509_V_ERR_PROXY_CERTIFICATES_NOT_ALLOWED);
  pair_close(&pair);
}
END_TEST


START_TEST(proxy_certificates_are_taken_by_who_allows_them) {
  show_proxy();
  ck_done(tlsloop_ctx_allow_insecure(server));
  add_flag(server, TLSLOOP_VERIFY_ALLOW_PROXY_CERTS);
  ck_assert_int_eq(try_connection(client, server, "localhost"), 0);
}
END_TEST


/* What the client reads when the transport ends without close_notify. */
static int read_past_the_end(void) {
  unsigned char byte;
  pair_t pair;
  size_t n;
  int err;

  pair_open(&pair, client, server, "localhost");
  pair_connect(&pair);
  pair_ping(&pair);
  tlsloop_bio_write_eof(pair.client.in);
  err = end_read(&pair.client, &byte, 1, &n);
  pair_close(&pair);
  return err;
}


START_TEST(an_unexpected_end_is_an_end_to_who_ignores_that) {
  ck_assert_int_eq(read_past_the_end(), TLSLOOP_ETRUNCATED);
  tlsloop_ctx_unref(client);
  client = given_client(pki);
  ck_done(tlsloop_ctx_allow_insecure(client));
  add_option(client, TLSLOOP_OP_IGNORE_UNEXPECTED_EOF);
  ck_assert_int_eq(read_past_the_end(), UV__EOF);
}
END_TEST


/* The kernel encrypts for sockets only, and an engine has none. */
START_TEST(the_kernels_tls_is_not_used_even_if_it_is_wanted) {
  pair_t pair;
  SSL* ssl;

  add_option(client, TLSLOOP_OP_ENABLE_KTLS);
  add_option(server, TLSLOOP_OP_ENABLE_KTLS);
  pair_open(&pair, client, server, "localhost");
  pair_connect(&pair);
  pair_ping(&pair);
  ssl = tlsloop_engine_ssl(pair.client.engine);
  ck_assert_int_eq(BIO_get_ktls_send(SSL_get_wbio(ssl)), 0);
  ck_assert_int_eq(BIO_get_ktls_recv(SSL_get_rbio(ssl)), 0);
  pair_close(&pair);
}
END_TEST


START_TEST(each_version_can_be_left_out) {
  add_option(client, _i == 0 ? TLSLOOP_OP_NO_TLS_1_3 : TLSLOOP_OP_NO_TLS_1_2);
  add_option(server,
             TLSLOOP_OP_NO_TLS_1_0 | TLSLOOP_OP_NO_TLS_1_1 |
                 TLSLOOP_OP_NO_SSLV2 | TLSLOOP_OP_NO_SSLV3);
  ck_assert_int_eq(try_connection(client, server, "localhost"), 0);
  tlsloop_ctx_unref(client);
  client = given_client(pki);
  add_option(client, TLSLOOP_OP_NO_TLS_1_3 | TLSLOOP_OP_NO_TLS_1_2);
  ck_assert_int_ne(try_connection(client, server, "localhost"), 0);
}
END_TEST


START_TEST(the_servers_preference_counts_unless_that_is_switched_off) {
  pair_t pair;

  ck_done(tlsloop_ctx_set_max_version(client, TLSLOOP_TLS_1_2));
  ck_done(tlsloop_ctx_set_ciphers(
      client, "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384"));
  ck_done(tlsloop_ctx_set_ciphers(
      server, "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256"));
  if (_i)
    take_option(server, TLSLOOP_OP_CIPHER_SERVER_PREFERENCE);
  pair_open(&pair, client, server, "localhost");
  pair_connect(&pair);
  ck_assert_str_eq(
      tlsloop_engine_cipher_name(pair.client.engine),
      _i ? "ECDHE-ECDSA-AES128-GCM-SHA256" : "ECDHE-ECDSA-AES256-GCM-SHA384");
  pair_close(&pair);
}
END_TEST


static void keep(tlsloop_engine_t* engine, tlsloop_session_t* made, void* arg) {
  (void) engine;
  (void) arg;
  tlsloop_session_unref(session);
  session = tlsloop_session_ref(made);
}


/* Makes a session. */
static void visit(void) {
  ck_done(tlsloop_ctx_set_session_cb(client, keep, NULL));
  ck_assert_int_eq(try_connection(client, server, "localhost"), 0);
  ck_assert_ptr_nonnull(session);
}


START_TEST(a_client_of_tls_1_2_without_tickets_gets_none) {
  ck_done(tlsloop_ctx_set_max_version(client, TLSLOOP_TLS_1_2));
  if (_i)
    add_option(client, TLSLOOP_OP_NO_TICKET);
  visit();
  ck_assert_int_eq(tlsloop_session_has_ticket(session), !_i);
}
END_TEST


/* On TLS 1.3 the ticket is then only the key under which the server keeps the
 * session itself. */
START_TEST(a_server_of_tls_1_3_without_tickets_keeps_its_sessions) {
  SSL_CTX* inner = tlsloop_ctx_ssl_ctx(server);
  pair_t pair;

  if (_i)
    add_option(server, TLSLOOP_OP_NO_TICKET);
  visit();
  ck_assert_int_eq(tlsloop_session_has_ticket(session), 1);
  if (_i)
    SSL_CTX_flush_sessions(inner, 0);

  pair_open(&pair, client, server, "localhost");
  ck_done(tlsloop_engine_set_session(pair.client.engine, session));
  pair_connect(&pair);
  ck_assert_int_eq(tlsloop_engine_session_reused(pair.server.engine), !_i);
  pair_close(&pair);
}
END_TEST


Suite* suite(void) {
  TCase* tc;
  Suite* s;

  s = suite_create("engine-bits");
  tc = tcase_create("verify flags");
  tcase_add_unchecked_fixture(tc, make_pki, free_pki);
  tcase_add_checked_fixture(tc, set_up, tear_down);
  tcase_add_loop_test(
      tc, strict_verification_wants_to_know_the_authority, 0, 2);
  tcase_add_test(tc, strict_verification_takes_a_certificate_that_is_right);
  tcase_add_test(tc, proxy_certificates_are_refused);
  tcase_add_test(tc, proxy_certificates_are_taken_by_who_allows_them);
  suite_add_tcase(s, tc);

  tc = tcase_create("options");
  tcase_add_unchecked_fixture(tc, make_pki, free_pki);
  tcase_add_checked_fixture(tc, set_up, tear_down);
  tcase_add_test(tc, an_unexpected_end_is_an_end_to_who_ignores_that);
  tcase_add_test(tc, the_kernels_tls_is_not_used_even_if_it_is_wanted);
  tcase_add_loop_test(tc, each_version_can_be_left_out, 0, 2);
  tcase_add_loop_test(
      tc, the_servers_preference_counts_unless_that_is_switched_off, 0, 2);
  tcase_add_loop_test(tc, a_client_of_tls_1_2_without_tickets_gets_none, 0, 2);
  tcase_add_loop_test(
      tc, a_server_of_tls_1_3_without_tickets_keeps_its_sessions, 0, 2);
  suite_add_tcase(s, tc);
  return s;
}
