/* SPDX-License-Identifier: MIT */

/* Binding: both sides have the same, and nobody else has. */

#include "support/suite.h"

#include "support/given.h"
#include "tlsloop/info.h"
#include "tlsloop/session.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>
#include <uv/errno.h>

#define UNIQUE    "tls-unique"
#define END_POINT "tls-server-end-point"
#define EXPORTER  "tls-exporter"

static pki_t* pki;
static tlsloop_ctx_t* client;
static tlsloop_ctx_t* server;
static pair_t pair;


static void setup(void) {
  pki = pki_new("binding");
  client = given_client(pki);
  server = given_server(pki, NULL);
}


static void teardown(void) {
  pair_close(&pair);
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(server);
  pki_free(pki);
}


/* Loops: TLS 1.2, TLS 1.3. */
static void meet(int on_1_3) {
  ck_done(tlsloop_ctx_set_max_version(
      client, on_1_3 ? TLSLOOP_TLS_1_3 : TLSLOOP_TLS_1_2));
  pair_open(&pair, client, server, "localhost");
  pair_connect(&pair);
}


static void meet_again(void) {
  pair_close(&pair);
  pair_open(&pair, client, server, "localhost");
  pair_connect(&pair);
}


static int binding_of(const pair_end_t* end,
                      const char* type,
                      unsigned char* buf,
                      size_t len) {
  int n;

  n = tlsloop_engine_channel_binding(end->engine, type, buf, len);
  ck_assert_uint_eq(ERR_peek_error(), 0);
  return n;
}


/* Both sides have the same binding of |type|, |len| bytes; it goes to |buf|. */
static void expect_same(const char* type, unsigned char buf[64], int len) {
  unsigned char other[64];

  memset(buf, 0, 64);
  memset(other, 0xff, sizeof(other));
  ck_assert_int_eq(binding_of(&pair.client, type, buf, 64), len);
  ck_assert_int_eq(binding_of(&pair.server, type, other, sizeof(other)), len);
  ck_assert_mem_eq(buf, other, (size_t) len);
}


static void expect_neither(const char* type, int code) {
  unsigned char buf[64];

  memset(buf, 0x5a, sizeof(buf));
  ck_assert_int_eq(binding_of(&pair.client, type, buf, sizeof(buf)), code);
  ck_assert_int_eq(binding_of(&pair.server, type, buf, sizeof(buf)), code);
  ck_assert_uint_eq(buf[0], 0x5a);
}


START_TEST(the_first_finished_message_is_unique) {
  unsigned char first[64];
  unsigned char second[64];

  meet(0);
  expect_same(UNIQUE, first, 12);
  pair_ping(&pair);
  expect_same(UNIQUE, second, 12);
  ck_assert_mem_eq(first, second, 12);
  meet_again();
  expect_same(UNIQUE, second, 12);
  ck_assert_mem_ne(first, second, 12);
}
END_TEST


START_TEST(a_resumed_connection_has_its_own) {
  unsigned char first[64];
  unsigned char second[64];
  tlsloop_session_t* session;

  meet(0);
  expect_same(_i == 0 ? UNIQUE : EXPORTER, first, _i == 0 ? 12 : 32);
  ck_done(tlsloop_engine_session(pair.client.engine, &session));
  pair_close(&pair);
  pair_open(&pair, client, server, "localhost");
  ck_done(tlsloop_engine_set_session(pair.client.engine, session));
  pair_connect(&pair);
  ck_assert_int_eq(tlsloop_engine_session_reused(pair.client.engine), 1);
  expect_same(_i == 0 ? UNIQUE : EXPORTER, second, _i == 0 ? 12 : 32);
  ck_assert_mem_ne(first, second, 12);
  tlsloop_session_unref(session);
}
END_TEST


START_TEST(tls_1_3_has_no_unique_message) {
  meet(1);
  expect_neither(UNIQUE, UV__ENOTSUP);
}
END_TEST


typedef struct digest_s {
  pki_key_t key;
  const char* signature;
  const char* digest;
} digest_t;

static const digest_t digests[] = {
    {PKI_P256, "SHA256", "SHA256"},
    {PKI_P384, "SHA384", "SHA384"},
    {PKI_RSA_2048, "SHA512", "SHA512"},
    {PKI_RSA_2048, "SHA224", "SHA224"},
};


START_TEST(the_servers_end_point_is_the_digest_of_its_certificate) {
  unsigned char expected[64];
  unsigned char got[64];
  pki_opts_t opts = {0};
  unsigned int len;
  pki_cert_t* cert;

  opts.key = digests[_i / 2].key;
  opts.digest = digests[_i / 2].signature;
  cert = pki_make(pki, &opts);
  tlsloop_ctx_unref(server);
  server = given_server(pki, cert);
  meet(_i % 2);
  ck_assert_int_eq(X509_digest(cert->x509,
                               EVP_get_digestbyname(digests[_i / 2].digest),
                               expected,
                               &len),
                   1);
  expect_same(END_POINT, got, (int) len);
  ck_assert_mem_eq(got, expected, len);
}
END_TEST


START_TEST(the_end_point_of_two_certificates_is_the_one_that_was_shown) {
  unsigned char got[64];
  pki_blob_t* both;

  both = &pki_make(pki, &(pki_opts_t){.key = PKI_RSA_2048})->both;
  ck_done(
      tlsloop_ctx_load_cert_chain_mem(server, both->data, both->len, NULL, 0));
  meet(_i);
  expect_same(END_POINT, got, 32);
}
END_TEST


/* Which of them the first connection saw, the server does not remember. */
START_TEST(the_end_point_of_two_certificates_is_gone_after_resumption) {
  unsigned char buf[64];
  tlsloop_session_t* session;
  pki_blob_t* both;

  both = &pki_make(pki, &(pki_opts_t){.key = PKI_RSA_2048})->both;
  ck_done(
      tlsloop_ctx_load_cert_chain_mem(server, both->data, both->len, NULL, 0));
  meet(_i);
  pair_ping(&pair);
  ck_done(tlsloop_engine_session(pair.client.engine, &session));
  pair_close(&pair);
  pair_open(&pair, client, server, "localhost");
  ck_done(tlsloop_engine_set_session(pair.client.engine, session));
  pair_connect(&pair);
  ck_assert_int_eq(tlsloop_engine_session_reused(pair.server.engine), 1);
  ck_assert_int_eq(binding_of(&pair.server, END_POINT, buf, sizeof(buf)),
                   UV__ENOTSUP);
  ck_assert_int_eq(binding_of(&pair.client, END_POINT, buf, sizeof(buf)), 32);
  tlsloop_session_unref(session);
}
END_TEST


START_TEST(the_end_point_of_a_resumed_connection_is_the_first_ones) {
  unsigned char first[64];
  unsigned char second[64];
  tlsloop_session_t* session;

  meet(_i);
  pair_ping(&pair);
  expect_same(END_POINT, first, 32);
  ck_done(tlsloop_engine_session(pair.client.engine, &session));
  pair_close(&pair);
  pair_open(&pair, client, server, "localhost");
  ck_done(tlsloop_engine_set_session(pair.client.engine, session));
  pair_connect(&pair);
  expect_same(END_POINT, second, 32);
  ck_assert_mem_eq(first, second, 32);
  tlsloop_session_unref(session);
}
END_TEST


START_TEST(a_signature_without_one_digest_has_no_end_point) {
  pki_cert_t* own;

  own = pki_make(
      pki, &(pki_opts_t){.key = PKI_ED25519, .self_signed = 1, .digest = NULL});
  tlsloop_ctx_unref(server);
  server = given_server(pki, own);
  ck_done(tlsloop_ctx_load_verify_mem(
      client, own->pem.data, own->pem.len, TLSLOOP_ENCODING_PEM));
  meet(_i);
  expect_neither(END_POINT, UV__ENOTSUP);
}
END_TEST


START_TEST(exported_bindings_are_of_the_connection) {
  unsigned char first[64];
  unsigned char second[64];

  meet(_i);
  expect_same(EXPORTER, first, 32);
  meet_again();
  expect_same(EXPORTER, second, 32);
  ck_assert_mem_ne(first, second, 32);
}
END_TEST


START_TEST(exported_bindings_are_exported_keys) {
  unsigned char binding[64];
  unsigned char key[32];

  meet(_i);
  expect_same(EXPORTER, binding, 32);
  ck_done(tlsloop_engine_export_key(
      pair.client.engine, "EXPORTER-Channel-Binding", "", 0, key, sizeof(key)));
  ck_assert_mem_eq(binding, key, sizeof(key));
}
END_TEST


static const char* const types[] = {UNIQUE, END_POINT, EXPORTER};


START_TEST(there_are_three_types) {
  int i;

  for (i = 0; i < 3; i++)
    ck_assert_str_eq(tlsloop_channel_binding_type((size_t) i), types[i]);
  ck_assert_ptr_null(tlsloop_channel_binding_type(3));
  ck_assert_ptr_null(tlsloop_channel_binding_type((size_t) -1));
  meet(1);
  expect_neither("tls-something", UV__EINVAL);
  expect_neither("", UV__EINVAL);
  expect_neither("TLS-UNIQUE", UV__EINVAL);
}
END_TEST


START_TEST(there_are_none_before_the_handshake_is_complete) {
  pair_open(&pair, client, server, "localhost");
  expect_neither(types[_i], UV__ENOTCONN);
  end_handshake(&pair.client);
  pair_pump(&pair);
  end_handshake(&pair.server);
  pair_pump(&pair);
  expect_neither(types[_i], UV__ENOTCONN);
}
END_TEST


START_TEST(too_little_room_is_told_and_nothing_written) {
  static const size_t sizes[] = {12, 32, 32};
  unsigned char buf[64];

  meet(0);
  memset(buf, 0x5a, sizeof(buf));
  ck_assert_int_eq(binding_of(&pair.client, types[_i], buf, sizes[_i] - 1),
                   UV__ENOBUFS);
  ck_assert_int_eq(binding_of(&pair.client, types[_i], buf, 0), UV__ENOBUFS);
  ck_assert_uint_eq(buf[0], 0x5a);
  ck_assert_int_eq(binding_of(&pair.client, types[_i], buf, sizes[_i]),
                   (int) sizes[_i]);
}
END_TEST


static void export(const pair_end_t* end,
                   const char* label,
                   const char* context,
                   unsigned char key[40]) {
  ck_done(tlsloop_engine_export_key(end->engine,
                                    label,
                                    context,
                                    context == NULL ? 0 : strlen(context),
                                    key,
                                    40));
}


START_TEST(keys_are_the_same_on_both_sides_and_differ_by_all_they_are_for) {
  static const char* const fors[][2] = {
      {"EXPORTER-a", NULL},
      {"EXPORTER-b", NULL},
      {"EXPORTER-a", "x"},
      {"EXPORTER-a", "y"},
  };
  unsigned char keys[4][40];
  unsigned char other[40];
  int i;
  int j;

  meet(_i);
  for (i = 0; i < 4; i++) {
    export(&pair.client, fors[i][0], fors[i][1], keys[i]);
    export(&pair.server, fors[i][0], fors[i][1], other);
    ck_assert_mem_eq(keys[i], other, sizeof(other));
    for (j = 0; j < i; j++)
      ck_assert_mem_ne(keys[i], keys[j], sizeof(other));
  }
}
END_TEST


START_TEST(a_label_of_tls_itself_is_refused) {
  unsigned char key[16];

  meet(0);
  ck_assert_int_eq(
      tlsloop_engine_export_key(
          pair.client.engine, "key expansion", NULL, 0, key, sizeof(key)),
      TLSLOOP_EOPENSSL);
  ck_assert_uint_eq(ERR_peek_error(), 0);
  pair_ping(&pair);
}
END_TEST


START_TEST(no_keys_are_exported_before_the_handshake_is_complete) {
  unsigned char key[16];

  pair_open(&pair, client, server, "localhost");
  ck_assert_int_eq(tlsloop_engine_export_key(
                       pair.client.engine, "x", NULL, 0, key, sizeof(key)),
                   UV__ENOTCONN);
  end_handshake(&pair.client);
  ck_assert_int_eq(tlsloop_engine_export_key(
                       pair.client.engine, "x", NULL, 0, key, sizeof(key)),
                   UV__ENOTCONN);
}
END_TEST


static void add_bindings(TCase* t) {
  tcase_add_test(t, the_first_finished_message_is_unique);
  tcase_add_loop_test(t, a_resumed_connection_has_its_own, 0, 2);
  tcase_add_test(t, tls_1_3_has_no_unique_message);
  tcase_add_loop_test(
      t, the_servers_end_point_is_the_digest_of_its_certificate, 0, 8);
  tcase_add_loop_test(
      t, the_end_point_of_two_certificates_is_the_one_that_was_shown, 0, 2);
  tcase_add_loop_test(
      t, the_end_point_of_two_certificates_is_gone_after_resumption, 0, 2);
  tcase_add_loop_test(
      t, the_end_point_of_a_resumed_connection_is_the_first_ones, 0, 2);
  tcase_add_loop_test(t, a_signature_without_one_digest_has_no_end_point, 0, 2);
  tcase_add_loop_test(t, exported_bindings_are_of_the_connection, 0, 2);
  tcase_add_loop_test(t, exported_bindings_are_exported_keys, 0, 2);
  tcase_add_test(t, there_are_three_types);
  tcase_add_loop_test(t, there_are_none_before_the_handshake_is_complete, 0, 3);
  tcase_add_loop_test(t, too_little_room_is_told_and_nothing_written, 0, 3);
}


Suite* suite(void) {
  Suite* suite;
  TCase* t;

  suite = suite_create("binding");
  t = tcase_create("bindings");
  tcase_add_checked_fixture(t, setup, teardown);
  add_bindings(t);
  suite_add_tcase(suite, t);

  t = tcase_create("keys");
  tcase_add_checked_fixture(t, setup, teardown);
  tcase_add_loop_test(
      t, keys_are_the_same_on_both_sides_and_differ_by_all_they_are_for, 0, 2);
  tcase_add_test(t, a_label_of_tls_itself_is_refused);
  tcase_add_test(t, no_keys_are_exported_before_the_handshake_is_complete);
  suite_add_tcase(suite, t);
  return suite;
}
