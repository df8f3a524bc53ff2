/* SPDX-License-Identifier: MIT */

/* Psk: keys that both sides have already, on TLS 1.2 and 1.3. */

#include "support/suite.h"

#include "support/given.h"
#include "tlsloop/callback.h"
#include "tlsloop/info.h"

#include <string.h>
#include <uv/errno.h>

/* What a side says, and what it was told. */
typedef struct psk_s {
  int calls;
  int answer;
  size_t identity_len;
  size_t key_len;
  char identity[TLSLOOP_PSK_IDENTITY_MAX + 1];
  unsigned char key[TLSLOOP_PSK_KEY_MAX];
  char told[300]; /* hint or identity; "-": none */
  tlsloop_engine_t* engine;
} psk_t;

static pki_t* pki;
static tlsloop_ctx_t* client;
static tlsloop_ctx_t* server;
static pair_t pair;
static psk_t ours;
static psk_t theirs;
static int version;


/* Ours; what it writes never exceeds the room there is. */
static int on_client(tlsloop_engine_t* engine,
                     const char* hint,
                     char* identity,
                     size_t* identity_len,
                     unsigned char* key,
                     size_t* key_len,
                     void* arg) {
  ck_assert_ptr_eq(arg, &ours);
  ours.calls++;
  ours.engine = engine;
  strcpy(ours.told, hint == NULL ? "-" : hint);
  if (ours.identity_len <= TLSLOOP_PSK_IDENTITY_MAX)
    memcpy(identity, ours.identity, ours.identity_len);
  if (ours.key_len <= TLSLOOP_PSK_KEY_MAX)
    memcpy(key, ours.key, ours.key_len);
  *identity_len = ours.identity_len;
  *key_len = ours.key_len;
  return ours.answer;
}


static int on_server(tlsloop_engine_t* engine,
                     const char* identity,
                     size_t identity_len,
                     unsigned char* key,
                     size_t* key_len,
                     void* arg) {
  ck_assert_ptr_eq(arg, &theirs);
  ck_assert_uint_eq(strlen(identity), identity_len);
  theirs.calls++;
  theirs.engine = engine;
  strcpy(theirs.told, identity);
  if (identity_len != theirs.identity_len ||
      memcmp(identity, theirs.identity, identity_len) != 0)
    return UV__ENOENT;
  if (theirs.key_len <= TLSLOOP_PSK_KEY_MAX)
    memcpy(key, theirs.key, theirs.key_len);
  *key_len = theirs.key_len;
  return theirs.answer;
}


static void say(psk_t* psk, const char* identity, size_t len, size_t key_len) {
  ck_assert_uint_le(len, TLSLOOP_PSK_IDENTITY_MAX);
  memcpy(psk->identity, identity, len);
  psk->identity_len = len;
  psk->key_len = key_len;
  memset(psk->key, 'k', sizeof(psk->key));
}


static tlsloop_ctx_t* given_psk(int protocol) {
  tlsloop_ctx_t* ctx;

  ctx = given_ctx(protocol);
  if (version == TLSLOOP_TLS_1_2)
    ck_done(tlsloop_ctx_set_ciphers(
        ctx,
        "ECDHE-PSK-CHACHA20-POLY1305:DHE-PSK-AES128-GCM-SHA256:ECDHE+AESGCM"));
  ck_done(tlsloop_ctx_set_min_version(ctx, version));
  ck_done(tlsloop_ctx_set_max_version(ctx, version));
  return ctx;
}


/* The first half of a loop is on TLS 1.2. */
static void begin(int on_1_3) {
  version = on_1_3 ? TLSLOOP_TLS_1_3 : TLSLOOP_TLS_1_2;
  client = given_psk(TLSLOOP_PROTOCOL_TLS_CLIENT);
  server = given_psk(TLSLOOP_PROTOCOL_TLS_SERVER);
  ck_done(tlsloop_ctx_set_psk_client_cb(client, on_client, &ours));
  ck_done(tlsloop_ctx_set_psk_server_cb(server, on_server, &theirs, "hint"));
  say(&ours, "alice", 5, 32);
  say(&theirs, "alice", 5, 32);
}


static void setup(void) {
  pki = pki_new("psk");
  memset(&ours, 0, sizeof(ours));
  memset(&theirs, 0, sizeof(theirs));
}


static void teardown(void) {
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(server);
  pki_free(pki);
}


static void meet(void) {
  pair_open(&pair, client, server, "localhost");
  pair_handshake(&pair);
}


static void expect_connected(void) {
  ck_assert_int_eq(pair.client.handshake, 0);
  ck_assert_int_eq(pair.server.handshake, 0);
  ck_assert_int_ge(ours.calls, 1);
  ck_assert_int_ge(theirs.calls, 1);
  ck_assert_ptr_eq(ours.engine, pair.client.engine);
  ck_assert_ptr_eq(theirs.engine, pair.server.engine);
  pair_ping(&pair);
  pair_close(&pair);
}


static void expect_no_connection(void) {
  ck_assert_int_lt(pair.client.handshake, 0);
  ck_assert_int_lt(pair.server.handshake, 0);
  ck_assert_int_ne(pair.client.handshake, TLSLOOP_WANT_READ);
  ck_assert_int_ne(pair.server.handshake, TLSLOOP_WANT_READ);
  ck_assert_int_eq(tlsloop_engine_state(pair.client.engine),
                   TLSLOOP_ENGINE_FAILED);
  ck_assert_int_eq(tlsloop_engine_state(pair.server.engine),
                   TLSLOOP_ENGINE_FAILED);
  pair_close(&pair);
}


/* loops: TLS 1.2, TLS 1.3 */
START_TEST(both_have_the_key_and_need_no_certificate) {
  tlsloop_cert_t* cert;

  begin(_i);
  meet();
  ck_assert_str_eq(theirs.told, "alice");
  ck_assert_str_eq(tlsloop_engine_version(pair.client.engine),
                   _i ? "TLSv1.3" : "TLSv1.2");
  ck_assert_str_eq(
      tlsloop_engine_cipher_name(pair.server.engine),
      _i ? "TLS_CHACHA20_POLY1305_SHA256" : "ECDHE-PSK-CHACHA20-POLY1305");
  ck_assert_int_eq(tlsloop_engine_session_reused(pair.client.engine), _i);
  ck_assert_int_eq(tlsloop_engine_verify_result(pair.client.engine), 0);
  ck_done(tlsloop_engine_peer_cert(pair.client.engine, &cert));
  ck_assert_ptr_null(cert);
  expect_connected();
}
END_TEST


START_TEST(a_hint_is_told_on_tls_1_2_only) {
  begin(_i);
  meet();
  ck_assert_str_eq(ours.told, _i ? "-" : "hint");
  expect_connected();
}
END_TEST


START_TEST(no_hint_and_an_empty_one_are_none) {
  begin(0);
  ck_done(tlsloop_ctx_set_psk_server_cb(
      server, on_server, &theirs, _i == 0 ? NULL : ""));
  meet();
  ck_assert_str_eq(ours.told, "-");
  expect_connected();
}
END_TEST


START_TEST(a_hint_has_256_bytes_at_most) {
  char hint[258];

  begin(0);
  memset(hint, 'h', sizeof(hint));
  hint[257] = '\0';
  ck_ctx_failed(server,
                tlsloop_ctx_set_psk_server_cb(server, NULL, NULL, hint),
                UV__EINVAL,
                NULL,
                "longer than 256 bytes");
  hint[256] = '\0';
  ck_done(tlsloop_ctx_set_psk_server_cb(server, on_server, &theirs, hint));
  meet();
  ck_assert_str_eq(ours.told, hint);
  expect_connected();
}
END_TEST


START_TEST(identities_and_keys_of_all_sizes_do) {
  static const size_t sizes[][2] = {
      {1, 1}, {256, 32}, {255, 512}, {128, 512}, {129, 64}, {256, 512}};
  char identity[TLSLOOP_PSK_IDENTITY_MAX];

  begin(_i % 2);
  memset(identity, '\xe9', sizeof(identity));
  say(&ours, identity, sizes[_i / 2][0], sizes[_i / 2][1]);
  say(&theirs, identity, sizes[_i / 2][0], sizes[_i / 2][1]);
  meet();
  ck_assert_uint_eq(strlen(theirs.told), sizes[_i / 2][0]);
  expect_connected();
}
END_TEST


/* What the client may not say; the server never learns of it. */
static void spoil(int how) {
  switch (how) {
    case 0:
      ours.identity_len = 0;
      break;
    case 1:
      ours.identity_len = TLSLOOP_PSK_IDENTITY_MAX + 1;
      break;
    case 2:
      ours.identity_len = (size_t) -1;
      break;
    case 3:
      ours.identity[2] = '\0';
      break;
    case 4:
      ours.key_len = 0;
      break;
    case 5:
      ours.key_len = TLSLOOP_PSK_KEY_MAX + 1;
      break;
    case 6:
      ours.key_len = (size_t) -1;
      break;
    case 7:
      ours.answer = -1;
      break;
    default:
      ours.answer = 1;
      break;
  }
}


START_TEST(a_client_that_has_no_good_key_uses_none) {
  begin(_i % 2);
  spoil(_i / 2);
  meet();
  ck_assert_int_ge(ours.calls, 1);
  ck_assert_int_eq(theirs.calls, 0);
  expect_no_connection();
}
END_TEST


START_TEST(a_server_that_has_no_good_key_uses_none) {
  static const size_t sizes[] = {0, TLSLOOP_PSK_KEY_MAX + 1, (size_t) -1};

  begin(_i % 2);
  if (_i / 2 < 3)
    theirs.key_len = sizes[_i / 2];
  else
    theirs.answer = _i / 2 == 3 ? -1 : 1;
  meet();
  ck_assert_int_ge(theirs.calls, 1);
  expect_no_connection();
}
END_TEST


START_TEST(another_key_is_refused) {
  begin(_i % 2);
  if (_i < 2)
    ours.key[31] ^= 1;
  else
    ours.key_len--;
  meet();
  ck_assert_int_ge(theirs.calls, 1);
  ck_assert_int_eq(tlsloop_err_type(pair.server.handshake), TLSLOOP_ERR_ALERT);
  ck_assert_int_eq(tlsloop_err_type(pair.client.handshake), TLSLOOP_ERR_ALERT);
  expect_no_connection();
}
END_TEST


START_TEST(an_unknown_identity_is_refused) {
  begin(_i);
  say(&ours, "mallory", 7, 32);
  meet();
  ck_assert_str_eq(theirs.told, "mallory");
  expect_no_connection();
}
END_TEST


START_TEST(an_unknown_identity_falls_back_to_the_certificate) {
  pki_blob_t* both;

  begin(_i);
  both = &pki_leaf(pki)->both;
  ck_done(
      tlsloop_ctx_load_cert_chain_mem(server, both->data, both->len, NULL, 0));
  ck_done(tlsloop_ctx_load_verify_mem(
      client, pki->root->pem.data, pki->root->pem.len, TLSLOOP_ENCODING_PEM));
  say(&ours, "mallory", 7, 32);
  if (_i == 0)
    ck_done(tlsloop_ctx_set_ciphers(client, "ECDHE+AESGCM"));
  meet();
  ck_assert_int_eq(pair.client.handshake, 0);
  ck_assert_int_eq(tlsloop_engine_session_reused(pair.client.engine), 0);
  ck_assert_uint_ge(
      tlsloop_engine_chain_count(pair.client.engine, TLSLOOP_CHAIN_PEER), 1);
  pair_ping(&pair);
  pair_close(&pair);
}
END_TEST


START_TEST(a_client_must_still_say_whom_it_means) {
  begin(_i);
  pair_open(&pair, client, server, NULL);
  ck_assert_int_eq(end_handshake(&pair.client), TLSLOOP_ENOHOSTNAME);
  pair_close(&pair);
}
END_TEST


START_TEST(null_ends_it) {
  begin(_i % 2);
  if (_i < 2)
    ck_done(tlsloop_ctx_set_psk_client_cb(client, NULL, NULL));
  else
    ck_done(tlsloop_ctx_set_psk_server_cb(server, NULL, NULL, "ignored"));
  meet();
  ck_assert_int_eq(_i < 2 ? ours.calls : theirs.calls, 0);
  expect_no_connection();
}
END_TEST


START_TEST(each_side_has_its_own) {
  begin(0);
  ck_ctx_failed(server,
                tlsloop_ctx_set_psk_client_cb(server, on_client, NULL),
                TLSLOOP_ESIDE,
                NULL,
                "a context for servers");
  ck_ctx_failed(client,
                tlsloop_ctx_set_psk_server_cb(client, on_server, NULL, NULL),
                TLSLOOP_ESIDE,
                NULL,
                "a context for clients");
  meet();
  expect_connected();
}
END_TEST


START_TEST(contexts_in_use_keep_theirs) {
  begin(1);
  pair_open(&pair, client, server, "localhost");
  ck_ctx_failed(client,
                tlsloop_ctx_set_psk_client_cb(client, NULL, NULL),
                UV__EBUSY,
                NULL,
                "connections");
  ck_ctx_failed(server,
                tlsloop_ctx_set_psk_server_cb(server, NULL, NULL, NULL),
                UV__EBUSY,
                NULL,
                "connections");
  pair_handshake(&pair);
  expect_connected();
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("psk");
  tcase = tcase_create("psk");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_loop_test(tcase, both_have_the_key_and_need_no_certificate, 0, 2);
  tcase_add_loop_test(tcase, a_hint_is_told_on_tls_1_2_only, 0, 2);
  tcase_add_loop_test(tcase, no_hint_and_an_empty_one_are_none, 0, 2);
  tcase_add_test(tcase, a_hint_has_256_bytes_at_most);
  tcase_add_loop_test(tcase, identities_and_keys_of_all_sizes_do, 0, 12);
  tcase_add_loop_test(tcase, a_client_that_has_no_good_key_uses_none, 0, 18);
  tcase_add_loop_test(tcase, a_server_that_has_no_good_key_uses_none, 0, 10);
  tcase_add_loop_test(tcase, another_key_is_refused, 0, 4);
  tcase_add_loop_test(tcase, an_unknown_identity_is_refused, 0, 2);
  tcase_add_loop_test(
      tcase, an_unknown_identity_falls_back_to_the_certificate, 0, 2);
  tcase_add_loop_test(tcase, a_client_must_still_say_whom_it_means, 0, 2);
  tcase_add_loop_test(tcase, null_ends_it, 0, 4);
  tcase_add_test(tcase, each_side_has_its_own);
  tcase_add_test(tcase, contexts_in_use_keep_theirs);
  suite_add_tcase(suite, tcase);
  return suite;
}
