/* SPDX-License-Identifier: MIT */

/* The application's SSL_CTX as a context: what stays as it was, what tlsloop
 * puts on it when that is wanted, and what cannot be one. */

#include "support/suite.h"

#include "support/given.h"
#include "tlsloop/openssl.h"

#include <openssl/err.h>
#include <uv/errno.h>

static pki_t* pki;
static SSL_CTX* ssl_ctx;
static tlsloop_ctx_t* ctx;
static tlsloop_ctx_t* peer;


static void setup(void) {
  pki = pki_new("adopt");
  ssl_ctx = SSL_CTX_new(TLS_method());
  ck_assert_ptr_nonnull(ssl_ctx);
}


static void teardown(void) {
  tlsloop_ctx_unref(ctx);
  tlsloop_ctx_unref(peer);
  SSL_CTX_free(ssl_ctx);
  pki_free(pki);
}


static void adopt(int protocol) {
  ck_done(tlsloop_ctx_from_ssl_ctx(&ctx, ssl_ctx, protocol));
}


static void trust_root(void) {
  X509_STORE_add_cert(SSL_CTX_get_cert_store(ssl_ctx), pki->root->x509);
  SSL_CTX_set_verify(ssl_ctx, SSL_VERIFY_PEER, NULL);
}


static void be_leaf(void) {
  pki_cert_t* leaf = pki_leaf(pki);

  ck_assert_int_eq(SSL_CTX_use_certificate(ssl_ctx, leaf->x509), 1);
  ck_assert_int_eq(SSL_CTX_add1_chain_cert(ssl_ctx, pki->intermediate->x509),
                   1);
  ck_assert_int_eq(SSL_CTX_use_PrivateKey(ssl_ctx, leaf->key), 1);
}


START_TEST(an_ssl_ctx_stays_as_it_was) {
  uint64_t options;

  SSL_CTX_set_min_proto_version(ssl_ctx, TLS1_VERSION);
  SSL_CTX_set_security_level(ssl_ctx, 0);
  SSL_CTX_set_options(ssl_ctx, SSL_OP_IGNORE_UNEXPECTED_EOF);
  options = SSL_CTX_get_options(ssl_ctx);
  adopt(TLSLOOP_PROTOCOL_TLS_CLIENT);
  ck_assert_ptr_eq(tlsloop_ctx_ssl_ctx(ctx), ssl_ctx);
  ck_assert_int_eq(tlsloop_ctx_protocol(ctx), TLSLOOP_PROTOCOL_TLS_CLIENT);
  ck_assert_int_eq(tlsloop_ctx_min_version(ctx), TLSLOOP_TLS_1_0);
  ck_assert_int_eq(SSL_CTX_get_security_level(ssl_ctx), 0);
  ck_assert_uint_eq(SSL_CTX_get_options(ssl_ctx), options);
  ck_assert_int_eq(tlsloop_ctx_verify_mode(ctx), TLSLOOP_CERT_NONE);
}
END_TEST


START_TEST(a_client_that_verifies_checks_names_and_another_cannot) {
  adopt(TLSLOOP_PROTOCOL_TLS_CLIENT);
  ck_assert_int_eq(tlsloop_ctx_check_hostname(ctx), 0);
  tlsloop_ctx_unref(ctx);

  SSL_CTX_set_verify(ssl_ctx, SSL_VERIFY_PEER, NULL);
  adopt(TLSLOOP_PROTOCOL_TLS_CLIENT);
  ck_assert_int_eq(tlsloop_ctx_check_hostname(ctx), 1);
  ck_assert_int_eq(tlsloop_ctx_verify_mode(ctx), TLSLOOP_CERT_OPTIONAL);
  tlsloop_ctx_unref(ctx);

  adopt(TLSLOOP_PROTOCOL_TLS_SERVER);
  ck_assert_int_eq(tlsloop_ctx_check_hostname(ctx), 0);
}
END_TEST


START_TEST(an_adopted_client_verifies_by_what_its_ssl_ctx_trusts) {
  trust_root();
  adopt(TLSLOOP_PROTOCOL_TLS_CLIENT);
  peer = given_server(pki, NULL);
  ck_assert_int_eq(try_connection(ctx, peer, "localhost"), 0);
  ck_assert_int_eq(try_connection(ctx, peer, "other.example"),
                   TLSLOOP_EVERIFY - X509_V_ERR_HOSTNAME_MISMATCH);
  ck_assert_int_eq(try_connection(ctx, peer, NULL), TLSLOOP_ENOHOSTNAME);
}
END_TEST


START_TEST(an_adopted_server_shows_what_its_ssl_ctx_has) {
  be_leaf();
  adopt(TLSLOOP_PROTOCOL_TLS_SERVER);
  peer = given_client(pki);
  ck_assert_int_eq(try_connection(peer, ctx, "localhost"), 0);
}
END_TEST


START_TEST(setters_reach_the_ssl_ctx) {
  adopt(TLSLOOP_PROTOCOL_TLS_CLIENT);
  ck_done(tlsloop_ctx_load_verify_mem(
      ctx, pki->root->pem.data, pki->root->pem.len, TLSLOOP_ENCODING_PEM));
  ck_done(tlsloop_ctx_set_verify_mode(ctx, TLSLOOP_CERT_REQUIRED));
  ck_assert_int_eq(SSL_CTX_get_verify_mode(ssl_ctx),
                   SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT);
  ck_assert_int_eq(sk_X509_OBJECT_num(X509_STORE_get0_objects(
                       SSL_CTX_get_cert_store(ssl_ctx))),
                   1);
}
END_TEST


/* It has a policy of its own, and so marks of its own for sessions. */
START_TEST(an_adopted_server_keeps_the_mark_of_its_sessions) {
  static const unsigned char mark[] = "of the application";
  const unsigned char* found;
  unsigned int len;
  pair_t pair;

  be_leaf();
  SSL_CTX_set_session_id_context(ssl_ctx, mark, sizeof(mark));
  adopt(TLSLOOP_PROTOCOL_TLS_SERVER);
  peer = given_client(pki);
  pair_open(&pair, peer, ctx, "localhost");
  pair_connect(&pair);
  found = SSL_SESSION_get0_id_context(
      SSL_get_session(tlsloop_engine_ssl(pair.server.engine)), &len);
  ck_assert_uint_eq(len, sizeof(mark));
  ck_assert_mem_eq(found, mark, len);
  pair_close(&pair);
}
END_TEST


START_TEST(the_defaults_come_when_they_are_asked_for) {
  SSL_CTX_set_min_proto_version(ssl_ctx, TLS1_VERSION);
  SSL_CTX_set_cipher_list(ssl_ctx, "ALL:@SECLEVEL=0");
  SSL_CTX_set_options(
      ssl_ctx,
      SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION);
  trust_root();
  adopt(TLSLOOP_PROTOCOL_TLS_CLIENT);
  ck_done(tlsloop_ctx_apply_defaults(ctx));
  peer = given_ctx(TLSLOOP_PROTOCOL_TLS_CLIENT);

  ck_assert_int_eq(tlsloop_ctx_min_version(ctx), TLSLOOP_TLS_1_2);
  ck_assert_int_eq(tlsloop_ctx_verify_mode(ctx), TLSLOOP_CERT_REQUIRED);
  ck_assert_int_eq(tlsloop_ctx_check_hostname(ctx), 1);
  ck_assert_int_eq(SSL_CTX_get_security_level(ssl_ctx), 2);
  ck_assert_uint_eq(SSL_CTX_get_options(ssl_ctx),
                    SSL_CTX_get_options(tlsloop_ctx_ssl_ctx(peer)));
  ck_assert_int_eq(
      sk_SSL_CIPHER_num(SSL_CTX_get_ciphers(ssl_ctx)),
      sk_SSL_CIPHER_num(SSL_CTX_get_ciphers(tlsloop_ctx_ssl_ctx(peer))));

  tlsloop_ctx_unref(peer);
  peer = given_server(pki, NULL);
  ck_assert_int_eq(try_connection(ctx, peer, "localhost"), 0);
}
END_TEST


static int accept_anything(int ok, X509_STORE_CTX* store_ctx) {
  (void) ok;
  X509_STORE_CTX_set_error(store_ctx, X509_V_OK);
  return 1;
}


START_TEST(the_defaults_take_a_lax_callback_away) {
  SSL_CTX_set_verify(ssl_ctx, SSL_VERIFY_PEER, accept_anything);
  adopt(TLSLOOP_PROTOCOL_TLS_CLIENT);
  peer = given_server(pki, NULL);
  ck_assert_int_eq(try_connection(ctx, peer, "localhost"), 0);
  tlsloop_ctx_unref(ctx);

  adopt(TLSLOOP_PROTOCOL_TLS_CLIENT);
  ck_done(tlsloop_ctx_apply_defaults(ctx));
  ck_assert_int_eq(
      try_connection(ctx, peer, "localhost"),
      TLSLOOP_EVERIFY - X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
}
END_TEST


START_TEST(the_defaults_do_not_come_to_a_context_in_use) {
  be_leaf();
  SSL_CTX_set_options(ssl_ctx, SSL_OP_IGNORE_UNEXPECTED_EOF);
  adopt(TLSLOOP_PROTOCOL_TLS_SERVER);
  peer = given_client(pki);
  ck_assert_int_eq(try_connection(peer, ctx, "localhost"), 0);
  ck_ctx_failed(ctx,
                tlsloop_ctx_apply_defaults(ctx),
                UV__EBUSY,
                NULL,
                "the context has connections");
  ck_assert_uint_ne(SSL_CTX_get_options(ssl_ctx) & SSL_OP_IGNORE_UNEXPECTED_EOF,
                    0);
}
END_TEST


static void expect_refused(SSL_CTX* given, int protocol) {
  tlsloop_ctx_t* made = NULL;

  ck_assert_int_eq(tlsloop_ctx_from_ssl_ctx(&made, given, protocol),
                   UV__EINVAL);
  ck_assert_ptr_null(made);
  ck_assert_uint_eq(ERR_peek_error(), 0);
}


START_TEST(what_cannot_be_a_context_is_refused) {
  static const int protocols[] = {-1,
                                  0,
                                  TLSLOOP_PROTOCOL_SSLV3,
                                  TLSLOOP_PROTOCOL_TLS_1_0,
                                  TLSLOOP_PROTOCOL_TLS_1_2,
                                  18};
  SSL_CTX* datagrams;
  int i;

  for (i = 0; i < 6; i++)
    expect_refused(ssl_ctx, protocols[i]);
  expect_refused(NULL, TLSLOOP_PROTOCOL_TLS);

  datagrams = SSL_CTX_new(DTLS_method());
  expect_refused(datagrams, TLSLOOP_PROTOCOL_TLS);
  expect_refused(datagrams, TLSLOOP_PROTOCOL_TLS_CLIENT);
  SSL_CTX_free(datagrams);
}
END_TEST


START_TEST(an_ssl_ctx_of_one_side_is_for_that_side) {
  SSL_CTX* clients = SSL_CTX_new(TLS_client_method());
  SSL_CTX* servers = SSL_CTX_new(TLS_server_method());

  expect_refused(clients, TLSLOOP_PROTOCOL_TLS);
  expect_refused(clients, TLSLOOP_PROTOCOL_TLS_SERVER);
  expect_refused(servers, TLSLOOP_PROTOCOL_TLS);
  expect_refused(servers, TLSLOOP_PROTOCOL_TLS_CLIENT);
  ck_done(tlsloop_ctx_from_ssl_ctx(&ctx, clients, TLSLOOP_PROTOCOL_TLS_CLIENT));
  ck_done(
      tlsloop_ctx_from_ssl_ctx(&peer, servers, TLSLOOP_PROTOCOL_TLS_SERVER));
  SSL_CTX_free(clients);
  SSL_CTX_free(servers);
  ck_assert_ptr_eq(tlsloop_ctx_ssl_ctx(ctx), clients);
}
END_TEST


/* Offers a protocol to a plain SSL of |ssl_ctx|, which takes none. */
static void offer_alpn(void) {
  static const unsigned char protos[] = {2, 'h', '2'};
  const unsigned char* selected;
  unsigned int len;
  BIO* to_server = BIO_new(BIO_s_mem());
  BIO* to_client = BIO_new(BIO_s_mem());
  SSL* client = SSL_new(ssl_ctx);
  SSL* server = SSL_new(ssl_ctx);
  int i;

  BIO_up_ref(to_server);
  BIO_up_ref(to_client);
  SSL_set_bio(client, to_client, to_server);
  SSL_set_bio(server, to_server, to_client);
  SSL_set_alpn_protos(client, protos, sizeof(protos));
  SSL_set_connect_state(client);
  SSL_set_accept_state(server);
  for (i = 0; i < 4; i++) {
    SSL_do_handshake(client);
    SSL_do_handshake(server);
  }
  ck_assert_int_eq(SSL_is_init_finished(server), 1);
  SSL_get0_alpn_selected(server, &selected, &len);
  ck_assert_uint_eq(len, 0);
  SSL_free(client);
  SSL_free(server);
  ERR_clear_error();
}


START_TEST(an_ssl_ctx_forgets_the_context_that_is_gone) {
  static const char* const protos[] = {"h2"};

  be_leaf();
  adopt(TLSLOOP_PROTOCOL_TLS);
  ck_done(tlsloop_ctx_set_alpn(ctx, protos, 1));
  tlsloop_ctx_unref(ctx);
  ctx = NULL;
  offer_alpn();
}
END_TEST


Suite* suite(void) {
  TCase* tc;
  Suite* s;

  s = suite_create("native-adopt");
  tc = tcase_create("adopt");
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, an_ssl_ctx_stays_as_it_was);
  tcase_add_test(tc, a_client_that_verifies_checks_names_and_another_cannot);
  tcase_add_test(tc, an_adopted_client_verifies_by_what_its_ssl_ctx_trusts);
  tcase_add_test(tc, an_adopted_server_shows_what_its_ssl_ctx_has);
  tcase_add_test(tc, setters_reach_the_ssl_ctx);
  tcase_add_test(tc, an_adopted_server_keeps_the_mark_of_its_sessions);
  tcase_add_test(tc, what_cannot_be_a_context_is_refused);
  tcase_add_test(tc, an_ssl_ctx_of_one_side_is_for_that_side);
  tcase_add_test(tc, an_ssl_ctx_forgets_the_context_that_is_gone);
  suite_add_tcase(s, tc);

  tc = tcase_create("defaults");
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, the_defaults_come_when_they_are_asked_for);
  tcase_add_test(tc, the_defaults_take_a_lax_callback_away);
  tcase_add_test(tc, the_defaults_do_not_come_to_a_context_in_use);
  suite_add_tcase(s, tc);
  return s;
}
