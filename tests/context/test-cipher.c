/* SPDX-License-Identifier: MIT */

/* Cipher: what is told of the cipher suites of a connection. */

#include "support/suite.h"

#include "support/given.h"
#include "tlsloop/info.h"
#include "tlsloop/session.h"

#include <stddef.h>
#include <string.h>
#include <uv/errno.h>

static pki_t* pki;
static tlsloop_ctx_t* client;
static tlsloop_ctx_t* server;
static pair_t pair;
static tlsloop_cipher_info_t info;


static void setup(void) {
  pki = pki_new("cipher");
  client = given_client(pki);
  server = given_server(pki, NULL);
  memset(&info, 0x5a, sizeof(info));
  info.size = sizeof(info);
}


static void teardown(void) {
  pair_close(&pair);
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(server);
  pki_free(pki);
}


static void meet(int version) {
  ck_done(tlsloop_ctx_set_max_version(client, version));
  pair_open(&pair, client, server, "localhost");
  pair_connect(&pair);
}


START_TEST(all_is_told_of_a_suite_of_tls_1_2) {
  const pair_end_t* ends[] = {&pair.client, &pair.server};

  ck_done(tlsloop_ctx_set_ciphers(client, "ECDHE-ECDSA-AES256-GCM-SHA384"));
  meet(TLSLOOP_TLS_1_2);
  ck_done(tlsloop_engine_cipher(ends[_i]->engine, &info));
  ck_assert_uint_eq(info.size, sizeof(info));
  ck_assert_str_eq(info.name, "ECDHE-ECDSA-AES256-GCM-SHA384");
  ck_assert_str_eq(info.protocol, "TLSv1.2");
  ck_assert_int_eq(info.secret_bits, 256);
  ck_assert_int_eq(info.alg_bits, 256);
  ck_assert_uint_eq(info.id, 0x0300c02c);
  ck_assert_int_eq(info.aead, 1);
  ck_assert_str_eq(info.symmetric, "aes-256-gcm");
  ck_assert_ptr_null(info.digest);
  ck_assert_str_eq(info.kea, "kx-ecdhe");
  ck_assert_str_eq(info.auth, "auth-ecdsa");
  ck_assert_ptr_nonnull(strstr(info.description, "Kx=ECDH"));
  ck_assert_ptr_null(strchr(info.description, '\n'));
}
END_TEST


START_TEST(all_is_told_of_a_suite_of_tls_1_3) {
  ck_done(tlsloop_ctx_set_ciphersuites(client, "TLS_AES_128_GCM_SHA256"));
  meet(TLSLOOP_TLS_1_3);
  ck_done(tlsloop_engine_cipher(pair.server.engine, &info));
  ck_assert_str_eq(info.name, "TLS_AES_128_GCM_SHA256");
  ck_assert_str_eq(info.protocol, "TLSv1.3");
  ck_assert_int_eq(info.secret_bits, 128);
  ck_assert_uint_eq(info.id, 0x03001301);
  ck_assert_str_eq(info.kea, "kx-any");
  ck_assert_str_eq(info.auth, "auth-any");
}
END_TEST


START_TEST(a_suite_with_a_digest_names_it) {
  ck_done(tlsloop_ctx_set_ciphers(client, "ECDHE-ECDSA-AES128-SHA256"));
  ck_done(tlsloop_ctx_set_ciphers(server, "ECDHE-ECDSA-AES128-SHA256"));
  meet(TLSLOOP_TLS_1_2);
  ck_done(tlsloop_engine_cipher(pair.client.engine, &info));
  ck_assert_str_eq(info.digest, "sha256");
  ck_assert_int_eq(info.aead, 0);
}
END_TEST


static const size_t sizes[] = {
    sizeof(size_t),
    offsetof(tlsloop_cipher_info_t, protocol),
    offsetof(tlsloop_cipher_info_t, id),
    offsetof(tlsloop_cipher_info_t, description),
    offsetof(tlsloop_cipher_info_t, description) + 10,
    sizeof(tlsloop_cipher_info_t) - 1,
};


START_TEST(a_smaller_struct_is_filled_as_far_as_it_goes) {
  tlsloop_cipher_info_t full = {.size = sizeof(full)};
  const unsigned char* bytes;
  size_t i;

  meet(TLSLOOP_TLS_1_3);
  ck_done(tlsloop_engine_cipher(pair.client.engine, &full));
  info.size = sizes[_i];
  ck_done(tlsloop_engine_cipher(pair.client.engine, &info));
  ck_assert_uint_eq(info.size, sizes[_i]);
  bytes = (const unsigned char*) &info;
  ck_assert_mem_eq(bytes + sizeof(size_t),
                   (const unsigned char*) &full + sizeof(size_t),
                   sizes[_i] - sizeof(size_t));
  for (i = sizes[_i]; i < sizeof(info); i++)
    ck_assert_uint_eq(bytes[i], 0x5a);
}
END_TEST


START_TEST(a_larger_struct_tells_what_was_filled) {
  struct {
    tlsloop_cipher_info_t info;
    unsigned char rest[32];
  } larger;

  memset(&larger, 0x5a, sizeof(larger));
  larger.info.size = sizeof(larger);
  meet(TLSLOOP_TLS_1_3);
  ck_done(tlsloop_engine_cipher(pair.client.engine, &larger.info));
  ck_assert_uint_eq(larger.info.size, sizeof(larger.info));
  ck_assert_uint_eq(larger.rest[0], 0x5a);
}
END_TEST


START_TEST(none_is_told_before_the_handshake_is_complete) {
  pair_open(&pair, client, server, "localhost");
  ck_assert_int_eq(tlsloop_engine_cipher(pair.client.engine, &info),
                   UV__ENOTCONN);
  ck_assert_int_eq(tlsloop_engine_shared_cipher(pair.server.engine, 0, &info),
                   UV__ENOTCONN);
  end_handshake(&pair.client);
  pair_pump(&pair);
  end_handshake(&pair.server);
  ck_assert_int_eq(tlsloop_engine_cipher(pair.client.engine, &info),
                   UV__ENOTCONN);
  ck_assert_int_eq(tlsloop_engine_cipher(pair.server.engine, &info),
                   UV__ENOTCONN);
}
END_TEST


START_TEST(that_of_a_session_to_resume_is_not_told_too_early) {
  tlsloop_session_t* session;

  meet(TLSLOOP_TLS_1_2);
  ck_done(tlsloop_engine_session(pair.client.engine, &session));
  pair_close(&pair);
  pair_open(&pair, client, server, "localhost");
  ck_done(tlsloop_engine_set_session(pair.client.engine, session));
  ck_assert_int_eq(tlsloop_engine_cipher(pair.client.engine, &info),
                   UV__ENOTCONN);
  pair_connect(&pair);
  ck_done(tlsloop_engine_cipher(pair.client.engine, &info));
  ck_assert_int_eq(tlsloop_engine_session_reused(pair.client.engine), 1);
  tlsloop_session_unref(session);
}
END_TEST


/* The server's order, and only what both have. */
START_TEST(shared_suites_are_in_the_servers_order) {
  static const char* const expected[] = {
      "TLS_CHACHA20_POLY1305_SHA256",
      "TLS_AES_128_GCM_SHA256",
      "ECDHE-ECDSA-CHACHA20-POLY1305",
      "ECDHE-ECDSA-AES128-GCM-SHA256",
  };
  size_t i;

  ck_done(tlsloop_ctx_set_ciphersuites(
      server, "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256"));
  ck_done(tlsloop_ctx_set_ciphers(server,
                                  "ECDHE-ECDSA-CHACHA20-POLY1305:"
                                  "ECDHE-ECDSA-AES128-GCM-SHA256:"
                                  "ECDHE-RSA-AES128-GCM-SHA256"));
  ck_done(tlsloop_ctx_set_ciphers(client,
                                  "ECDHE-ECDSA-AES256-GCM-SHA384:"
                                  "ECDHE-ECDSA-AES128-GCM-SHA256:"
                                  "ECDHE-ECDSA-CHACHA20-POLY1305"));
  meet(TLSLOOP_TLS_1_3);
  for (i = 0; i < 4; i++) {
    ck_done(tlsloop_engine_shared_cipher(pair.server.engine, i, &info));
    ck_assert_str_eq(info.name, expected[i]);
  }
  ck_assert_int_eq(tlsloop_engine_shared_cipher(pair.server.engine, 4, &info),
                   UV__ENOENT);
  ck_assert_int_eq(
      tlsloop_engine_shared_cipher(pair.server.engine, (size_t) -1, &info),
      UV__ENOENT);
}
END_TEST


START_TEST(a_client_knows_of_no_shared_suites) {
  pair_open(&pair, client, server, "localhost");
  ck_assert_int_eq(tlsloop_engine_shared_cipher(pair.client.engine, 0, &info),
                   TLSLOOP_ESIDE);
  pair_connect(&pair);
  ck_assert_int_eq(tlsloop_engine_shared_cipher(pair.client.engine, 0, &info),
                   TLSLOOP_ESIDE);
}
END_TEST


START_TEST(nothing_is_compressed) {
  pair_open(&pair, client, server, "localhost");
  ck_assert_ptr_null(tlsloop_engine_compression(pair.client.engine));
  pair_connect(&pair);
  ck_assert_ptr_null(tlsloop_engine_compression(pair.client.engine));
  ck_assert_ptr_null(tlsloop_engine_compression(pair.server.engine));
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("cipher");
  tcase = tcase_create("cipher");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_loop_test(tcase, all_is_told_of_a_suite_of_tls_1_2, 0, 2);
  tcase_add_test(tcase, all_is_told_of_a_suite_of_tls_1_3);
  tcase_add_test(tcase, a_suite_with_a_digest_names_it);
  tcase_add_loop_test(
      tcase, a_smaller_struct_is_filled_as_far_as_it_goes, 0, 6);
  tcase_add_test(tcase, a_larger_struct_tells_what_was_filled);
  tcase_add_test(tcase, none_is_told_before_the_handshake_is_complete);
  tcase_add_test(tcase, that_of_a_session_to_resume_is_not_told_too_early);
  tcase_add_test(tcase, shared_suites_are_in_the_servers_order);
  tcase_add_test(tcase, a_client_knows_of_no_shared_suites);
  tcase_add_test(tcase, nothing_is_compressed);
  suite_add_tcase(suite, tcase);
  return suite;
}
