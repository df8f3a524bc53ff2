/* SPDX-License-Identifier: MIT */

/* Twin of engine/engine.c, how connections end: by close_notify of one side or
 * both, by the transport, or by a failure. */

#include "engine/engine.h"

#include <openssl/err.h>
#include <string.h>
#include <uv/errno.h>

#include "support/plain.h"
#include "support/suite.h"

#define BAD_RECORD_MAC 20

static pki_t* pki;
static plain_t plain;
static pair_end_t* client;
static pair_end_t* server;


static void make_pki(void) {
  pki = pki_new("engine");
}


static void free_pki(void) {
  pki_free(pki);
}


static void set_up(void) {
  plain_open(&plain, pki_leaf(pki));
  client = &plain.pair.client;
  server = &plain.pair.server;
}


static void tear_down(void) {
  plain_close(&plain);
  ck_assert_uint_eq(ERR_peek_error(), 0);
}


static int state_of(const pair_end_t* end) {
  return tlsloop_engine_state(end->engine);
}


/* Opens the connection with the version of a loop test. */
static void open_version(int i) {
  plain_only_version(&plain, i == 0 ? TLS1_2_VERSION : TLS1_3_VERSION);
  pair_connect(&plain.pair);
  pair_ping(&plain.pair);
}


/* Breaks a record on its way from |from| to |to|; returns what reading it
 * does. */
static int break_record(pair_end_t* from, pair_end_t* to) {
  unsigned char record[256];
  size_t len;
  size_t n;

  ck_assert_int_eq(end_write(from, "data", 4), 0);
  len = tlsloop_bio_read(from->out, record, sizeof(record));
  ck_assert_uint_gt(len, 0);
  record[len - 1] ^= 1;
  end_inject(to, record, len);
  return end_read(to, record, sizeof(record), &n);
}


START_TEST(new_connection_cannot_be_shut_down) {
  ck_assert_int_eq(end_shutdown(client), UV__ENOTCONN);
  ck_assert_int_eq(state_of(client), TLSLOOP_ENGINE_NEW);
}
END_TEST


START_TEST(unfinished_handshake_cannot_be_shut_down) {
  ck_assert_int_eq(end_handshake(client), TLSLOOP_WANT_READ);
  ck_assert_int_eq(end_shutdown(client), UV__ENOTCONN);
  ck_assert_int_eq(state_of(client), TLSLOOP_ENGINE_HANDSHAKING);
  pair_connect(&plain.pair);
  pair_ping(&plain.pair);
}
END_TEST


/* loop: 2 */
START_TEST(shutdown_waits_for_the_peers) {
  char byte;
  size_t n;

  open_version(_i);
  ck_assert_int_eq(end_shutdown(client), TLSLOOP_WANT_READ);
  ck_assert_int_eq(state_of(client), TLSLOOP_ENGINE_OPEN);
  pair_settle(&plain.pair);
  ck_assert_int_eq(end_read(server, &byte, 1, &n), UV__EOF);
  ck_assert_int_eq(state_of(server), TLSLOOP_ENGINE_OPEN);
  ck_assert_int_eq(end_shutdown(server), 0);
  ck_assert_int_eq(state_of(server), TLSLOOP_ENGINE_CLOSED);
  pair_settle(&plain.pair);
  ck_assert_int_eq(end_shutdown(client), 0);
  ck_assert_int_eq(state_of(client), TLSLOOP_ENGINE_CLOSED);
}
END_TEST


/* loop: 2 */
START_TEST(close_notify_is_sent_once) {
  open_version(_i);
  ck_assert_int_eq(end_shutdown(client), TLSLOOP_WANT_READ);
  ck_assert_uint_gt(tlsloop_bio_pending(client->out), 0);
  pair_settle(&plain.pair);
  ck_assert_int_eq(end_shutdown(client), TLSLOOP_WANT_READ);
  ck_assert_int_eq(end_shutdown(client), TLSLOOP_WANT_READ);
  ck_assert_uint_eq(tlsloop_bio_pending(client->out), 0);
}
END_TEST


START_TEST(closed_connection_stays_closed) {
  char byte;
  size_t n;
  int i;

  open_version(1);
  end_shutdown(client);
  end_shutdown(server);
  pair_settle(&plain.pair);
  for (i = 0; i < 3; i++) {
    ck_assert_int_eq(end_shutdown(client), 0);
    ck_assert_int_eq(end_read(client, &byte, 1, &n), UV__EOF);
    ck_assert_int_eq(end_write(client, "x", 1), UV__EPIPE);
    ck_assert_int_eq(state_of(client), TLSLOOP_ENGINE_CLOSED);
  }
  ck_assert_int_eq(end_handshake(client), 0);
  ck_assert_int_eq(pair_pump(&plain.pair), 0);
}
END_TEST


START_TEST(end_of_the_peer_is_no_failure) {
  char byte;
  size_t n;

  open_version(1);
  end_shutdown(client);
  pair_settle(&plain.pair);
  ck_assert_int_eq(end_read(server, &byte, 1, &n), UV__EOF);
  ck_assert_ptr_null(tlsloop_engine_error(server->engine));
}
END_TEST


/* loop: 2 */
START_TEST(data_has_to_be_read_before_the_shutdown_is_complete) {
  char buf[16];
  size_t n;

  open_version(_i);
  ck_assert_int_eq(end_write(server, "last words", 10), 0);
  ck_assert_int_eq(end_shutdown(server), TLSLOOP_WANT_READ);
  pair_settle(&plain.pair);
  ck_assert_int_eq(end_shutdown(client), TLSLOOP_EUNREAD);
  ck_assert_int_eq(end_shutdown(client), TLSLOOP_EUNREAD);
  ck_assert_int_eq(end_read(client, buf, sizeof(buf), &n), 0);
  ck_assert_uint_eq(n, 10);
  ck_assert_mem_eq(buf, "last words", 10);
  ck_assert_int_eq(end_shutdown(client), 0);
}
END_TEST


START_TEST(nothing_can_be_written_after_the_shutdown) {
  open_version(1);
  ck_assert_int_eq(end_shutdown(client), TLSLOOP_WANT_READ);
  pair_settle(&plain.pair);
  ck_assert_int_eq(end_write(client, "x", 1), UV__EPIPE);
  ck_assert_int_eq(end_write(client, "", 0), UV__EPIPE);
  ck_assert_uint_eq(tlsloop_bio_pending(client->out), 0);
  ck_assert_ptr_null(tlsloop_engine_error(client->engine));
}
END_TEST


/* loop: 2 */
START_TEST(sending_the_close_leaves_reading_alone) {
  open_version(_i);
  ck_assert_int_eq(tlsloop__engine_send_close(client->engine), 0);
  pair_settle(&plain.pair);
  pair_send(&plain.pair, server, client, "still here", 10);
  ck_assert_int_eq(state_of(client), TLSLOOP_ENGINE_OPEN);
}
END_TEST


/* loop: 2 */
START_TEST(end_of_the_transport_is_told_from_the_end_of_the_peer) {
  const tlsloop_error_t* error;
  char byte;
  size_t n;

  open_version(_i);
  tlsloop_bio_write_eof(client->in);
  ck_assert_int_eq(end_read(client, &byte, 1, &n), TLSLOOP_ETRUNCATED);
  ck_assert_uint_eq(n, 0);
  ck_assert_int_eq(state_of(client), TLSLOOP_ENGINE_FAILED);
  ck_assert_ptr_nonnull(error = tlsloop_engine_error(client->engine));
  ck_assert_int_eq(error->code, TLSLOOP_ETRUNCATED);
}
END_TEST


/* loop: 2 */
START_TEST(every_call_after_a_failure_returns_it_and_sends_nothing) {
  const int failure = TLSLOOP_EALERT_SENT - BAD_RECORD_MAC;
  char byte;
  size_t n;
  int i;

  open_version(_i);
  ck_assert_int_eq(break_record(client, server), failure);
  ck_assert_int_eq(state_of(server), TLSLOOP_ENGINE_FAILED);
  ck_assert_uint_gt(tlsloop_bio_pending(server->out), 0);
  pair_settle(&plain.pair);
  for (i = 0; i < 3; i++) {
    ck_assert_int_eq(end_handshake(server), failure);
    ck_assert_int_eq(end_read(server, &byte, 1, &n), failure);
    ck_assert_int_eq(end_write(server, "x", 1), failure);
    ck_assert_int_eq(end_shutdown(server), failure);
    ck_assert_int_eq(tlsloop__engine_advance(server->engine), failure);
  }
  ck_assert_uint_eq(tlsloop_bio_pending(server->out), 0);
}
END_TEST


START_TEST(failure_after_our_close_is_told_but_sends_no_alert) {
  open_version(1);
  ck_assert_int_eq(end_shutdown(server), TLSLOOP_WANT_READ);
  pair_settle(&plain.pair);
  ck_assert_int_eq(break_record(client, server), TLSLOOP_EPROTOCOL);
  ck_assert_int_eq(end_write(server, "x", 1), TLSLOOP_EPROTOCOL);
  ck_assert_uint_eq(tlsloop_bio_pending(server->out), 0);
}
END_TEST


/* loop: 2 */
START_TEST(failure_is_told_in_full) {
  const tlsloop_error_t* error;

  open_version(_i);
  break_record(client, server);
  ck_assert_ptr_nonnull(error = tlsloop_engine_error(server->engine));
  ck_assert_uint_eq(error->size, sizeof(*error));
  ck_assert_int_eq(error->code, TLSLOOP_EALERT_SENT - BAD_RECORD_MAC);
  ck_assert_int_eq(error->alert, BAD_RECORD_MAC);
  ck_assert_int_eq(error->ssl_error, SSL_ERROR_SSL);
  ck_assert_int_eq(error->sys_errno, 0);
  ck_assert_int_eq(error->verify_code, 0);
  ck_assert_str_eq(error->library, "SSL");
  ck_assert_str_eq(error->reason, "DECRYPTION_FAILED_OR_BAD_RECORD_MAC");
  ck_assert_ptr_nonnull(strstr(error->text, error->reason));
}
END_TEST


/* loop: 2 */
START_TEST(alert_of_a_failure_reaches_the_peer) {
  const tlsloop_error_t* error;
  char byte;
  size_t n;
  int err;

  open_version(_i);
  break_record(client, server);
  pair_settle(&plain.pair);
  err = end_read(client, &byte, 1, &n);
  ck_assert_int_eq(err, TLSLOOP_EALERT_RECEIVED - BAD_RECORD_MAC);
  ck_assert_ptr_nonnull(error = tlsloop_engine_error(client->engine));
  ck_assert_int_eq(error->alert, BAD_RECORD_MAC);
  ck_assert_str_eq(error->reason, "SSLV3_ALERT_BAD_RECORD_MAC");
  ck_assert_uint_eq(tlsloop_bio_pending(client->out), 0);
}
END_TEST


/* loop: 2 */
START_TEST(session_outlives_a_connection_that_was_just_dropped) {
  SSL_SESSION* session;

  open_version(_i);
  ck_assert_ptr_nonnull(session = SSL_get1_session(client->engine->ssl));
  plain_free_engine(client);
  ck_assert_int_eq(SSL_SESSION_is_resumable(session), 1);
  SSL_SESSION_free(session);
}
END_TEST


/* loop: 2 */
START_TEST(session_of_a_failed_connection_is_not_resumed) {
  SSL_SESSION* session;

  open_version(_i);
  ck_assert_ptr_nonnull(session = SSL_get1_session(client->engine->ssl));
  break_record(server, client);
  plain_free_engine(client);
  ck_assert_int_eq(SSL_SESSION_is_resumable(session), 0);
  SSL_SESSION_free(session);
}
END_TEST


static TCase* add_case(Suite* s, const char* name) {
  TCase* tcase;

  tcase = tcase_create(name);
  tcase_add_checked_fixture(tcase, set_up, tear_down);
  tcase_add_unchecked_fixture(tcase, make_pki, free_pki);
  tcase_set_timeout(tcase, 10);
  suite_add_tcase(s, tcase);
  return tcase;
}


static void add_shutdown(Suite* s) {
  TCase* tcase;

  tcase = add_case(s, "shutdown");
  tcase_add_test(tcase, new_connection_cannot_be_shut_down);
  tcase_add_test(tcase, unfinished_handshake_cannot_be_shut_down);
  tcase_add_loop_test(tcase, shutdown_waits_for_the_peers, 0, 2);
  tcase_add_loop_test(tcase, close_notify_is_sent_once, 0, 2);
  tcase_add_test(tcase, closed_connection_stays_closed);
  tcase_add_test(tcase, end_of_the_peer_is_no_failure);
  tcase_add_loop_test(
      tcase, data_has_to_be_read_before_the_shutdown_is_complete, 0, 2);
  tcase_add_test(tcase, nothing_can_be_written_after_the_shutdown);
  tcase_add_loop_test(tcase, sending_the_close_leaves_reading_alone, 0, 2);
}


static void add_failure(Suite* s) {
  TCase* tcase;

  tcase = add_case(s, "failure");
  tcase_add_loop_test(
      tcase, end_of_the_transport_is_told_from_the_end_of_the_peer, 0, 2);
  tcase_add_loop_test(
      tcase, every_call_after_a_failure_returns_it_and_sends_nothing, 0, 2);
  tcase_add_test(tcase, failure_after_our_close_is_told_but_sends_no_alert);
  tcase_add_loop_test(tcase, failure_is_told_in_full, 0, 2);
  tcase_add_loop_test(tcase, alert_of_a_failure_reaches_the_peer, 0, 2);
}


static void add_sessions(Suite* s) {
  TCase* tcase;

  tcase = add_case(s, "sessions");
  tcase_add_loop_test(
      tcase, session_outlives_a_connection_that_was_just_dropped, 0, 2);
  tcase_add_loop_test(
      tcase, session_of_a_failed_connection_is_not_resumed, 0, 2);
}


Suite* suite(void) {
  Suite* s;

  s = suite_create("engine/engine-end");
  add_shutdown(s);
  add_failure(s);
  add_sessions(s);
  return s;
}
