/* SPDX-License-Identifier: MIT */

/* Peers that speak no TLS, or speak it to do harm, before there are keys: one
 * error each, told again by every call, and never a byte of data. */

#include <string.h>
#include <uv/errno.h>

#include "support/given.h"
#include "support/suite.h"

enum {
  ALERT = 21,
  HANDSHAKE = 22,
  UNEXPECTED_MESSAGE = 10,
  RECORD_OVERFLOW = 22,
  ILLEGAL_PARAMETER = 47
};

typedef struct text_s {
  const char* data;
  size_t len;
} text_t;

#define TEXT(literal) \
  { literal, sizeof(literal) - 1 }

static const text_t requests[] = {
    TEXT("GET / HTTP/1.0\r\n\r\n"),
    TEXT("POST /submit HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    TEXT("HEAD / HTTP/1.1\r\n\r\n"),
    TEXT("PUT /file HTTP/1.1\r\n\r\n"),
    TEXT("CONNECT localhost:443 HTTP/1.1\r\n\r\n"),
    TEXT("OPTIONS * HTTP/1.1\r\n\r\n"),
    TEXT("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    TEXT("EHLO localhost\r\n"),
    TEXT("SSH-2.0-OpenSSH_9.2\r\n"),
    TEXT("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
    TEXT("\377\377\377\377\377\377\377\377\377\377\377\377"),
    TEXT("{\"jsonrpc\":\"2.0\",\"method\":\"hello\"}\n"),
};

static const text_t banners[] = {
    TEXT("HTTP/1.1 400 Bad Request\r\n\r\n"),
    TEXT("220 mail.example.org ESMTP\r\n"),
    TEXT("SSH-2.0-OpenSSH_9.2\r\n"),
    TEXT("* OK IMAP4rev1 ready\r\n"),
    TEXT("-ERR unknown command\r\n"),
    TEXT("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
    TEXT("\377\377\377\377\377\377\377\377\377\377\377\377"),
};

static pki_t* pki;
static tlsloop_ctx_t* client_ctx;
static tlsloop_ctx_t* server_ctx;
static pair_t pair;
static pair_end_t* client;
static pair_end_t* server;


static void make_pki(void) {
  pki = pki_new("hostile");
  pki_leaf(pki);
}


static void free_pki(void) {
  pki_free(pki);
}


static void open_pair(void) {
  pair_open(&pair, client_ctx, server_ctx, "localhost");
  client = &pair.client;
  server = &pair.server;
}


static void set_up(void) {
  client_ctx = given_client(pki);
  server_ctx = given_server(pki, NULL);
  open_pair();
}


static void tear_down(void) {
  pair_close(&pair);
  tlsloop_ctx_unref(client_ctx);
  tlsloop_ctx_unref(server_ctx);
}


static void again(void) {
  pair_close(&pair);
  open_pair();
}


/* Even loops of a test attack the client, odd ones the server. */
static pair_end_t* victim_of(int i) {
  pair_end_t* victim;

  victim = i % 2 == 0 ? client : server;
  ck_assert_int_eq(end_handshake(victim), TLSLOOP_WANT_READ);
  return victim;
}


/* Drives |end|, which has failed or does so now, and returns its error. */
static int failure_of(pair_end_t* end) {
  const tlsloop_error_t* error;
  char byte;
  size_t n;
  int err;

  err = end_handshake(end);
  ck_assert_int_lt(err, 0);
  ck_assert_int_ne(tlsloop_err_type(err), TLSLOOP_ERR_WANT);
  ck_assert_int_eq(tlsloop_engine_state(end->engine), TLSLOOP_ENGINE_FAILED);
  ck_assert_int_eq(end_read(end, &byte, 1, &n), err);
  ck_assert_int_eq(end_write(end, "x", 1), err);
  ck_assert_int_eq(end_shutdown(end), err);
  ck_assert_int_eq(end_handshake(end), err);
  ck_assert_ptr_nonnull(error = tlsloop_engine_error(end->engine));
  ck_assert_int_eq(error->code, err);
  ck_assert_str_ne(error->text, "");
  return err;
}


/* A record of |type| whose |len| bytes are |body|. */
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


/* loop: sizeof(requests) / sizeof(requests[0]) */
START_TEST(server_tells_that_a_client_speaks_no_tls) {
  end_inject(server, requests[_i].data, requests[_i].len);
  ck_assert_int_eq(failure_of(server), TLSLOOP_ENOTTLS);
}
END_TEST


/* loop: sizeof(banners) / sizeof(banners[0]) */
START_TEST(client_tells_that_a_server_speaks_no_tls) {
  ck_assert_int_eq(end_handshake(client), TLSLOOP_WANT_READ);
  end_inject(client, banners[_i].data, banners[_i].len);
  ck_assert_int_eq(failure_of(client), TLSLOOP_ENOTTLS);
}
END_TEST


START_TEST(server_tells_it_however_slowly_the_bytes_come) {
  size_t i;
  int err;

  err = TLSLOOP_WANT_READ;
  for (i = 0; i < requests[0].len && err == TLSLOOP_WANT_READ; i++) {
    end_inject(server, requests[0].data + i, 1);
    err = end_handshake(server);
  }
  ck_assert_int_eq(failure_of(server), TLSLOOP_ENOTTLS);
}
END_TEST


START_TEST(half_a_word_of_plain_text_is_truncated_when_the_peer_goes) {
  end_inject(server, "GET", 3);
  ck_assert_int_eq(end_handshake(server), TLSLOOP_WANT_READ);
  tlsloop_bio_write_eof(server->in);
  ck_assert_int_eq(failure_of(server), TLSLOOP_ETRUNCATED);
}
END_TEST


/* loop: 2 */
START_TEST(peer_that_goes_without_a_byte_is_truncated) {
  pair_end_t* victim;

  victim = victim_of(_i);
  tlsloop_bio_write_eof(victim->in);
  ck_assert_int_eq(failure_of(victim), TLSLOOP_ETRUNCATED);
}
END_TEST


/* loop: 2 */
START_TEST(garbage_is_an_error_and_never_data) {
  unsigned char garbage[4096];
  pair_end_t* victim;
  uint32_t seed;

  for (seed = 0; seed < 300; seed += pair_stride()) {
    victim = victim_of(_i);
    pair_fill(garbage, sizeof(garbage), seed);
    end_inject(victim, garbage, sizeof(garbage));
    tlsloop_bio_write_eof(victim->in);
    failure_of(victim);
    again();
  }
}
END_TEST


/* loop: 2 */
START_TEST(garbage_in_a_record_is_an_error_and_never_data) {
  unsigned char garbage[1024];
  pair_end_t* victim;
  uint32_t seed;

  for (seed = 0; seed < 300; seed += pair_stride()) {
    victim = victim_of(_i);
    pair_fill(garbage, sizeof(garbage), seed);
    inject_record(victim, 20 + (int) seed % 5, garbage, sizeof(garbage));
    tlsloop_bio_write_eof(victim->in);
    failure_of(victim);
    again();
  }
}
END_TEST


/* Like victim_of, but a server has read a client's first message: before that
 * an alert means nothing to it. */
static pair_end_t* greeted_victim_of(int i) {
  unsigned char hello[4096];
  size_t len;

  if (i % 2 == 1) {
    ck_assert_int_eq(end_handshake(client), TLSLOOP_WANT_READ);
    len = tlsloop_bio_read(client->out, hello, sizeof(hello));
    end_inject(server, hello, len);
  }
  return victim_of(i);
}


/* loop: 2 */
START_TEST(fatal_alert_of_any_number_is_told_by_its_number) {
  unsigned char alert[] = {2, 0};
  pair_end_t* victim;
  int n;

  tlsloop_ctx_unref(client_ctx);
  client_ctx = given_client(pki);
  ck_done(tlsloop_ctx_set_max_version(client_ctx, TLSLOOP_TLS_1_2));
  for (n = 0; n < 256; n++) {
    again();
    victim = greeted_victim_of(_i);
    alert[1] = (unsigned char) n;
    inject_record(victim, ALERT, alert, sizeof(alert));
    ck_assert_int_eq(failure_of(victim), TLSLOOP_EALERT_RECEIVED - n);
    ck_assert_int_eq(tlsloop_engine_error(victim->engine)->alert, n);
  }
}
END_TEST


START_TEST(alert_of_no_level_is_an_error) {
  static const unsigned char alert[] = {3, 40};

  ck_assert_int_eq(end_handshake(client), TLSLOOP_WANT_READ);
  inject_record(client, ALERT, alert, sizeof(alert));
  ck_assert_int_eq(failure_of(client), TLSLOOP_EALERT_SENT - ILLEGAL_PARAMETER);
}
END_TEST


/* loop: 2 */
START_TEST(record_of_a_type_that_does_not_belong_here_is_an_error) {
  static const unsigned char body[8] = {0};
  pair_end_t* victim;
  int type;

  for (type = 0; type < 256; type++) {
    if (type == HANDSHAKE)
      continue;
    victim = victim_of(_i);
    inject_record(victim, type, body, sizeof(body));
    failure_of(victim);
    again();
  }
}
END_TEST


/* loop: 2 */
START_TEST(record_longer_than_any_may_be_is_refused_by_its_header) {
  static const unsigned char header[] = {HANDSHAKE, 3, 3, 0x48, 0x01};
  pair_end_t* victim;

  victim = victim_of(_i);
  end_inject(victim, header, sizeof(header));
  ck_assert_int_eq(failure_of(victim), TLSLOOP_EALERT_SENT - RECORD_OVERFLOW);
}
END_TEST


/* loop: 2 */
START_TEST(message_that_claims_to_be_huge_is_refused_by_its_header) {
  unsigned char message[] = {1, 0xff, 0xff, 0xff, 3, 3};
  pair_end_t* victim;

  victim = victim_of(_i);
  message[0] = _i == 0 ? 2 : 1;
  inject_record(victim, HANDSHAKE, message, sizeof(message));
  ck_assert_int_eq(failure_of(victim), TLSLOOP_EALERT_SENT - ILLEGAL_PARAMETER);
}
END_TEST


/* loop: 2 */
START_TEST(data_before_there_are_keys_is_refused) {
  static const char data[] = "plain text that must never be read";
  pair_end_t* victim;

  victim = victim_of(_i);
  inject_record(victim, 23, data, sizeof(data));
  ck_assert_int_eq(failure_of(victim),
                   TLSLOOP_EALERT_SENT - UNEXPECTED_MESSAGE);
}
END_TEST


/* loop: 2 */
START_TEST(plain_text_that_lies_before_the_handshake_is_never_data) {
  static const char data[] = "HTTP/1.1 200 OK\r\n\r\nadmin=1";
  pair_end_t* victim;

  victim = _i == 0 ? client : server;
  end_inject(victim, data, sizeof(data));
  tlsloop_bio_write_eof(victim->in);
  failure_of(victim);
}
END_TEST


/* loop: 2 */
START_TEST(one_peers_failure_does_not_touch_another_connection) {
  pair_end_t* victim;
  pair_t healthy;

  pair_open(&healthy, client_ctx, server_ctx, "localhost");
  pair_connect(&healthy);
  victim = victim_of(_i);
  end_inject(victim, "no TLS at all\r\n", 15);
  failure_of(victim);
  pair_ping(&healthy);
  pair_close(&healthy);
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


static void add_not_TLS(Suite* s) {
  TCase* tcase;

  tcase = add_case(s, "not TLS");
  tcase_add_loop_test(tcase,
                      server_tells_that_a_client_speaks_no_tls,
                      0,
                      sizeof(requests) / sizeof(requests[0]));
  tcase_add_loop_test(tcase,
                      client_tells_that_a_server_speaks_no_tls,
                      0,
                      sizeof(banners) / sizeof(banners[0]));
  tcase_add_test(tcase, server_tells_it_however_slowly_the_bytes_come);
  tcase_add_test(tcase,
                 half_a_word_of_plain_text_is_truncated_when_the_peer_goes);
  tcase_add_loop_test(tcase, peer_that_goes_without_a_byte_is_truncated, 0, 2);
  tcase_add_loop_test(tcase, garbage_is_an_error_and_never_data, 0, 2);
  tcase_add_loop_test(
      tcase, garbage_in_a_record_is_an_error_and_never_data, 0, 2);
}


static void add_records(Suite* s) {
  TCase* tcase;

  tcase = add_case(s, "records");
  tcase_add_loop_test(
      tcase, fatal_alert_of_any_number_is_told_by_its_number, 0, 2);
  tcase_add_test(tcase, alert_of_no_level_is_an_error);
  tcase_add_loop_test(
      tcase, record_of_a_type_that_does_not_belong_here_is_an_error, 0, 2);
  tcase_add_loop_test(
      tcase, record_longer_than_any_may_be_is_refused_by_its_header, 0, 2);
  tcase_add_loop_test(
      tcase, message_that_claims_to_be_huge_is_refused_by_its_header, 0, 2);
  tcase_add_loop_test(tcase, data_before_there_are_keys_is_refused, 0, 2);
  tcase_add_loop_test(
      tcase, plain_text_that_lies_before_the_handshake_is_never_data, 0, 2);
  tcase_add_loop_test(
      tcase, one_peers_failure_does_not_touch_another_connection, 0, 2);
}


Suite* suite(void) {
  Suite* s;

  s = suite_create("behaviour/engine-hostile");
  add_not_TLS(s);
  add_records(s);
  return s;
}
