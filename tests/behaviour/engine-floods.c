/* SPDX-License-Identifier: MIT */

/* Peers that keep sending what costs them little: each flood is cut off, or
 * goes by without an effect on the data. */

#include <openssl/ssl.h>
#include <string.h>
#include <uv/errno.h>

#include "support/given.h"
#include "support/raw.h"
#include "support/suite.h"

enum {
  CHANGE_CIPHER_SPEC = 20,
  ALERT = 21,
  HANDSHAKE = 22,
  UNEXPECTED_MESSAGE = 10,
  ILLEGAL_PARAMETER = 47
};

#define MANY 3000

static pki_t* pki;
static tlsloop_ctx_t* client_ctx;
static tlsloop_ctx_t* server_ctx;
static pair_t pair;
static pair_end_t* client;
static pair_end_t* server;
static raw_t raw;


static void make_pki(void) {
  pki = pki_new("floods");
  pki_leaf(pki);
}


static void free_pki(void) {
  pki_free(pki);
}


static void set_up(void) {
  client_ctx = given_client(pki);
  server_ctx = given_server(pki, NULL);
  pair_open(&pair, client_ctx, server_ctx, "localhost");
  client = &pair.client;
  server = &pair.server;
}


static void tear_down(void) {
  pair_close(&pair);
  tlsloop_ctx_unref(client_ctx);
  tlsloop_ctx_unref(server_ctx);
}


/* Even loops of a test attack the client, odd ones the server. */
static pair_end_t* victim_of(int i) {
  pair_end_t* victim;

  victim = i % 2 == 0 ? client : server;
  ck_assert_int_eq(end_handshake(victim), TLSLOOP_WANT_READ);
  return victim;
}


/* Puts a raw peer of |version| before the victim of loop |i|. */
static pair_end_t* face_raw(int i, int version) {
  pair_end_t* victim;

  victim = i % 2 == 0 ? client : server;
  raw_open(&raw, victim, version, victim == client ? pki_leaf(pki) : NULL);
  raw_handshake(&raw);
  ck_assert_int_eq(victim->handshake, 0);
  raw_ping(&raw);
  return victim;
}


/* The victim has read all there is, and there was no data. */
static void expect_no_data(pair_end_t* victim) {
  char byte;
  size_t n;

  ck_assert_int_eq(end_read(victim, &byte, 1, &n), TLSLOOP_WANT_READ);
  ck_assert_uint_eq(tlsloop_bio_pending(victim->in), 0);
}


static void inject_record(pair_end_t* end,
                          int type,
                          const void* body,
                          size_t len) {
  unsigned char header[5] = {(unsigned char) type, 3, 3};

  header[3] = (unsigned char) (len >> 8);
  header[4] = (unsigned char) len;
  end_inject(end, header, sizeof(header));
  end_inject(end, body, len);
}


/* Lets records of |type| rain on |end|; returns how many it took. */
static int rain(pair_end_t* end, int type, const void* body, size_t len) {
  int count;

  for (count = 0; count < 100000; count++) {
    inject_record(end, type, body, len);
    if (end_handshake(end) != TLSLOOP_WANT_READ)
      break;
    ck_assert_uint_eq(tlsloop_bio_pending(end->in), 0);
  }
  return count;
}


/* loop: 2 */
START_TEST(flood_of_empty_records_is_cut_off) {
  pair_end_t* victim;

  victim = victim_of(_i);
  ck_assert_int_lt(rain(victim, HANDSHAKE, NULL, 0), 1000);
  ck_assert_int_eq(end_handshake(victim),
                   TLSLOOP_EALERT_SENT - UNEXPECTED_MESSAGE);
}
END_TEST


/* loop: 2 */
START_TEST(flood_of_warnings_is_cut_off) {
  static const unsigned char warning[] = {1, 112};
  pair_end_t* victim;

  victim = victim_of(_i);
  ck_assert_int_lt(rain(victim, ALERT, warning, sizeof(warning)), 1000);
  ck_assert_int_eq(end_handshake(victim),
                   TLSLOOP_EALERT_SENT - UNEXPECTED_MESSAGE);
}
END_TEST


START_TEST(flood_of_cipher_changes_is_cut_off) {
  unsigned char hello[8192];
  size_t len;

  /* TLS 1.3, which the server now knows it is, ignores them. */
  end_handshake(client);
  len = tlsloop_bio_read(client->out, hello, sizeof(hello));
  end_inject(server, hello, len);
  ck_assert_int_eq(end_handshake(server), TLSLOOP_WANT_READ);
  ck_assert_int_lt(rain(server, CHANGE_CIPHER_SPEC, "\1", 1), 1000);
  ck_assert_int_eq(end_handshake(server),
                   TLSLOOP_EALERT_SENT - UNEXPECTED_MESSAGE);
}
END_TEST


/* loop: 2 */
START_TEST(flood_of_key_updates_goes_by) {
  pair_end_t* victim;
  int i;

  victim = face_raw(_i, TLS1_3_VERSION);
  for (i = 0; i < MANY; i++) {
    ck_assert_int_eq(SSL_key_update(raw.ssl, SSL_KEY_UPDATE_REQUESTED), 1);
    ck_assert_int_eq(SSL_do_handshake(raw.ssl), 1);
    raw_deliver(&raw);
    expect_no_data(victim);
    raw_collect(&raw);
  }
  raw_ping(&raw);
  raw_close(&raw);
}
END_TEST


START_TEST(flood_of_tickets_goes_by) {
  int i;

  face_raw(0, TLS1_3_VERSION);
  for (i = 0; i < MANY; i++) {
    ck_assert_int_eq(SSL_new_session_ticket(raw.ssl), 1);
    ck_assert_int_eq(SSL_do_handshake(raw.ssl), 1);
    raw_deliver(&raw);
    expect_no_data(client);
  }
  raw_ping(&raw);
  raw_close(&raw);
}
END_TEST


START_TEST(client_does_not_renegotiate_however_often_it_is_asked) {
  int i;

  face_raw(0, TLS1_2_VERSION);
  for (i = 0; i < MANY; i++) {
    ck_assert_int_eq(SSL_renegotiate(raw.ssl), 1);
    ck_assert_int_eq(SSL_do_handshake(raw.ssl), 1);
    ck_assert_uint_gt(raw_deliver(&raw), 0);
    expect_no_data(client);
    ck_assert_int_eq(tlsloop_engine_state(client->engine), TLSLOOP_ENGINE_OPEN);
  }
  raw_close(&raw);
}
END_TEST


START_TEST(server_does_not_renegotiate) {
  size_t len;

  face_raw(1, TLS1_2_VERSION);
  ck_assert_int_eq(SSL_renegotiate(raw.ssl), 1);
  SSL_do_handshake(raw.ssl);
  ck_assert_uint_gt(raw_deliver(&raw), 100);
  expect_no_data(server);
  len = tlsloop_bio_pending(server->out);
  /* One alert, and nothing of a handshake. */
  ck_assert_uint_gt(len, 0);
  ck_assert_uint_lt(len, 64);
  ck_assert_int_eq(end_write(server, "still here", 10), 0);
  raw_close(&raw);
}
END_TEST


/* loop: 2 */
START_TEST(chain_of_certificates_without_end_is_refused) {
  int err;
  int i;

  raw_open(
      &raw, client, _i == 0 ? TLS1_2_VERSION : TLS1_3_VERSION, pki_leaf(pki));
  for (i = 0; i < 300; i++)
    ck_assert_int_eq(
        (int) SSL_add1_chain_cert(raw.ssl, pki->intermediate->x509), 1);
  raw_handshake(&raw);
  err = end_handshake(client);
  ck_assert_int_eq(err, TLSLOOP_EALERT_SENT - ILLEGAL_PARAMETER);
  raw_close(&raw);
}
END_TEST


static TCase* add_case(Suite* s, const char* name) {
  TCase* tcase;

  tcase = tcase_create(name);
  tcase_add_checked_fixture(tcase, set_up, tear_down);
  tcase_add_unchecked_fixture(tcase, make_pki, free_pki);
  tcase_set_timeout(tcase, 120);
  suite_add_tcase(s, tcase);
  return tcase;
}


static void add_before_keys(Suite* s) {
  TCase* tcase;

  tcase = add_case(s, "before keys");
  tcase_add_loop_test(tcase, flood_of_empty_records_is_cut_off, 0, 2);
  tcase_add_loop_test(tcase, flood_of_warnings_is_cut_off, 0, 2);
  tcase_add_test(tcase, flood_of_cipher_changes_is_cut_off);
}


static void add_with_keys(Suite* s) {
  TCase* tcase;

  tcase = add_case(s, "with keys");
  tcase_add_loop_test(tcase, flood_of_key_updates_goes_by, 0, 2);
  tcase_add_test(tcase, flood_of_tickets_goes_by);
  tcase_add_test(tcase, client_does_not_renegotiate_however_often_it_is_asked);
  tcase_add_test(tcase, server_does_not_renegotiate);
  tcase_add_loop_test(
      tcase, chain_of_certificates_without_end_is_refused, 0, 2);
}


Suite* suite(void) {
  Suite* s;

  s = suite_create("behaviour/engine-floods");
  add_before_keys(s);
  add_with_keys(s);
  return s;
}
