/* SPDX-License-Identifier: MIT */

/* A peer that has the keys and sends what it must not: alerts of every number,
 * records of nothing, of odd types and lengths, and messages out of place. */

#include <string.h>
#include <uv/errno.h>

#include "support/always.h"
#include "support/forge.h"
#include "support/given.h"
#include "support/suite.h"

enum {
  UNEXPECTED_MESSAGE = 10,
  RECORD_OVERFLOW = 22,
  USER_CANCELED = 90,
  NO_RENEGOTIATION = 100
};

/* The handshake messages that may come at any time. */
enum {
  HELLO_REQUEST = 0,
  CLIENT_HELLO = 1
};

/* Loops of a test: bit 0 is TLS 1.3, bit 1 attacks the server. */
#define LOOPS 4

static pki_t* pki;
static tlsloop_ctx_t* client_ctx;
static tlsloop_ctx_t* server_ctx;
static pair_t pair;
static forge_t forge;
static pair_end_t* victim;


static void set_up(void) {
  pki = pki_new("forged");
  pki_leaf(pki);
  client_ctx = given_client(pki);
  server_ctx = given_server(pki, NULL);
}


static void tear_down(void) {
  tlsloop_ctx_unref(client_ctx);
  tlsloop_ctx_unref(server_ctx);
  pki_free(pki);
}


static void face(int loop) {
  pair_open(&pair, client_ctx, server_ctx, "localhost");
  victim = loop & 2 ? &pair.server : &pair.client;
  forge_open(&forge,
             victim,
             loop & 1 ? TLS1_3_VERSION : TLS1_2_VERSION,
             loop & 2 ? NULL : pki_leaf(pki));
  tlsloop_bio_read(victim->out, (char[16384]){0}, 16384);
}


static void leave(void) {
  forge_close(&forge);
  pair_close(&pair);
}


static int read_byte(void) {
  char byte;
  size_t n;
  int err;

  err = end_read(victim, &byte, 1, &n);
  ALWAYS(err != 0 || byte == 'x');
  return err;
}


/* The victim has failed with |code|, said so in one alert at most, and does
 * nothing more. */
static void expect_failure(int code) {
  size_t said;
  int err;

  err = read_byte();
  ck_assert_msg(err == code || (code == 0 && err < 0 && err > -6000),
                "%s instead of %s",
                tlsloop_err_name(err),
                tlsloop_err_name(code));
  ck_assert_int_eq(tlsloop_engine_state(victim->engine), TLSLOOP_ENGINE_FAILED);
  said = tlsloop_bio_pending(victim->out);
  ck_assert_uint_lt(said, 64);
  forge_send(&forge, FORGE_DATA, "x", 1);
  ck_assert_int_eq(read_byte(), err);
  ck_assert_int_eq(end_write(victim, "y", 1), err);
  ck_assert_int_eq(end_shutdown(victim), err);
  ck_assert_uint_eq(tlsloop_bio_pending(victim->out), said);
}


static void expect_alert(int alert) {
  expect_failure(TLSLOOP_EALERT_SENT - alert);
  ck_assert_uint_gt(tlsloop_bio_pending(victim->out), 0);
}


/* The forge's keys are good: what it sends is data. */
START_TEST(an_honest_record_is_data) {
  face(_i);
  forge_send(&forge, FORGE_DATA, "x", 1);
  ck_assert_int_eq(read_byte(), 0);
  forge_send_padded(&forge, FORGE_DATA, "x", 1, 1000);
  ck_assert_int_eq(read_byte(), 0);
  ck_assert_int_eq(read_byte(), TLSLOOP_WANT_READ);
  leave();
}
END_TEST


START_TEST(a_fatal_alert_of_any_number_is_told_by_its_number) {
  unsigned char alert[2] = {2, 1};
  unsigned int number;

  for (number = 1; number < 256; number += pair_stride()) {
    alert[1] = (unsigned char) number;
    /* On TLS 1.3 its level says nothing. */
    if ((_i & 1) && number == USER_CANCELED)
      continue;
    face(_i);
    forge_send(&forge, FORGE_ALERT, alert, 2);
    expect_failure(TLSLOOP_EALERT_RECEIVED - (int) number);
    ck_assert_uint_eq(tlsloop_bio_pending(victim->out), 0);
    leave();
  }
}
END_TEST


/* On TLS 1.2 a few warnings are passed over; on TLS 1.3 there are none. */
START_TEST(warnings_without_end_are_cut_off) {
  static const unsigned char warning[2] = {1, 112};
  int count;
  int err;

  face(_i);
  err = TLSLOOP_WANT_READ;
  for (count = 0; err == TLSLOOP_WANT_READ && count < 1000; count++) {
    forge_send(&forge, FORGE_ALERT, warning, 2);
    err = read_byte();
  }
  ck_assert_int_le(count, _i & 1 ? 1 : 10);
  expect_failure(_i & 1 ? TLSLOOP_EALERT_RECEIVED - 112
                        : TLSLOOP_EALERT_SENT - UNEXPECTED_MESSAGE);
  leave();
}
END_TEST


/* Sends records of nothing until they are cut off; returns how many. */
static int flood_with_nothing(size_t padding) {
  int count;

  for (count = 1; count < 100000; count++) {
    forge_send_padded(&forge, FORGE_DATA, NULL, 0, padding);
    if (read_byte() != TLSLOOP_WANT_READ)
      break;
  }
  return count;
}


START_TEST(records_of_nothing_are_cut_off) {
  face(_i);
  ck_assert_int_lt(flood_with_nothing(0), 100);
  expect_alert(UNEXPECTED_MESSAGE);
  leave();
}
END_TEST


START_TEST(records_of_padding_are_cut_off) {
  face(_i | 1);
  ck_assert_int_lt(flood_with_nothing(1000), 100);
  expect_alert(UNEXPECTED_MESSAGE);
  leave();
}
END_TEST


START_TEST(a_few_records_of_nothing_are_nothing) {
  int round;
  int i;

  face(_i);
  for (round = 0; round < 100; round++) {
    for (i = 0; i < 10; i++)
      forge_send(&forge, FORGE_DATA, NULL, 0);
    ck_assert_int_eq(read_byte(), TLSLOOP_WANT_READ);
    forge_send(&forge, FORGE_DATA, "x", 1);
    ck_assert_int_eq(read_byte(), 0);
  }
  leave();
}
END_TEST


START_TEST(a_record_of_a_type_that_there_is_not_is_refused) {
  int type;

  for (type = 0; type < 256; type += (int) pair_stride()) {
    if (type >= FORGE_CIPHER_CHANGE && type <= FORGE_DATA)
      continue;
    face(_i);
    forge_send(&forge, type, "xx", 2);
    expect_alert(UNEXPECTED_MESSAGE);
    leave();
  }
}
END_TEST


START_TEST(a_record_that_holds_too_much_is_refused) {
  static const char much[16384 + 1] = "x";

  face(_i);
  forge_send(&forge, FORGE_DATA, much, sizeof(much));
  expect_alert(RECORD_OVERFLOW);
  leave();
}
END_TEST


/* On TLS 1.3, which knows no empty messages. */
START_TEST(an_empty_message_is_refused) {
  static const int types[] = {FORGE_ALERT, FORGE_HANDSHAKE};
  size_t i;

  for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
    face(_i | 1);
    forge_send(&forge, types[i], NULL, 0);
    expect_alert(UNEXPECTED_MESSAGE);
    leave();
  }
}
END_TEST


START_TEST(a_change_of_ciphers_out_of_place_is_refused) {
  face(_i);
  forge_send(&forge, FORGE_CIPHER_CHANGE, "\1", 1);
  expect_alert(UNEXPECTED_MESSAGE);
  leave();
}
END_TEST


/* Half a message, and data before the other half (RFC 8446, 5.1). */
START_TEST(data_inside_a_message_is_refused) {
  face(_i | 1);
  forge_send(&forge, FORGE_HANDSHAKE, "\x18\0", 2);
  ck_assert_int_eq(read_byte(), TLSLOOP_WANT_READ);
  forge_send(&forge, FORGE_DATA, "x", 1);
  expect_alert(UNEXPECTED_MESSAGE);
  leave();
}
END_TEST


/* Messages of the handshake that come again, or for the first time too late.
 * Only the wish to negotiate anew is declined, on TLS 1.2. */
START_TEST(a_message_out_of_place_ends_the_connection) {
  unsigned char message[4] = {0};
  int declined;
  int type;

  declined = _i & 2 ? CLIENT_HELLO : HELLO_REQUEST;
  for (type = 0; type < 256; type += (int) pair_stride()) {
    face(_i);
    message[0] = (unsigned char) type;
    forge_send(&forge, FORGE_HANDSHAKE, message, sizeof(message));
    if (!(_i & 1) && type == declined) {
      ck_assert_int_eq(read_byte(), TLSLOOP_WANT_READ);
      forge_send(&forge, FORGE_DATA, "x", 1);
      ck_assert_int_eq(read_byte(), 0);
    } else {
      expect_failure(0);
      ck_assert_uint_gt(tlsloop_bio_pending(victim->out), 0);
    }
    leave();
  }
}
END_TEST


/* Another connection goes on, though this one failed or declined just before,
 * at every step of what the two do. */
START_TEST(a_failure_does_not_reach_another_connection) {
  unsigned char message[4] = {CLIENT_HELLO};
  pair_t other;
  int round;

  pair_open(&other, client_ctx, server_ctx, "localhost");
  pair_connect(&other);
  for (round = 0; round < 20; round++) {
    face(_i);
    forge_send(&forge, FORGE_HANDSHAKE, message, sizeof(message));
    read_byte();
    pair_ping(&other);
    forge_send(&forge, 99, "x", 1);
    ck_assert_int_lt(read_byte(), 0);
    pair_ping(&other);
    leave();
    pair_ping(&other);
  }
  pair_close(&other);
}
END_TEST


Suite* suite(void) {
  const TTest* tests[] = {
      an_honest_record_is_data,
      a_fatal_alert_of_any_number_is_told_by_its_number,
      warnings_without_end_are_cut_off,
      records_of_nothing_are_cut_off,
      records_of_padding_are_cut_off,
      a_few_records_of_nothing_are_nothing,
      a_record_of_a_type_that_there_is_not_is_refused,
      a_record_that_holds_too_much_is_refused,
      an_empty_message_is_refused,
      a_change_of_ciphers_out_of_place_is_refused,
      data_inside_a_message_is_refused,
      a_message_out_of_place_ends_the_connection,
      a_failure_does_not_reach_another_connection,
  };
  Suite* s;
  TCase* tcase;
  size_t i;

  s = suite_create("behaviour/engine-forged");
  tcase = tcase_create("forged");
  tcase_add_unchecked_fixture(tcase, set_up, tear_down);
  tcase_set_timeout(tcase, 120);
  for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    tcase_add_loop_test(tcase, tests[i], 0, LOOPS);
  suite_add_tcase(s, tcase);
  return s;
}
