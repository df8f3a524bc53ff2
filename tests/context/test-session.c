/* SPDX-License-Identifier: MIT */

/* Session: what a session tells, on TLS 1.2 with an id, on TLS 1.2 with a
 * ticket, and on TLS 1.3. */

#include "support/suite.h"

#include "support/given.h"
#include "tlsloop/policy.h"
#include "tlsloop/session.h"

#include <string.h>
#include <time.h>
#include <uv/errno.h>

enum {
  BY_ID,
  BY_TICKET,
  ON_1_3,
  KINDS
};

static pki_t* pki;
static tlsloop_ctx_t* client;
static tlsloop_ctx_t* server;
static tlsloop_session_t* sessions[4];
static int count;


static void keep(tlsloop_engine_t* engine,
                 tlsloop_session_t* session,
                 void* arg) {
  (void) engine;
  (void) arg;
  ck_assert_int_lt(count, 4);
  sessions[count++] = tlsloop_session_ref(session);
}


static void setup(void) {
  pki = pki_new("session");
  client = given_client(pki);
  server = given_server(pki, NULL);
  ck_done(tlsloop_ctx_set_session_cb(client, keep, NULL));
  count = 0;
}


static void teardown(void) {
  while (count > 0)
    tlsloop_session_unref(sessions[--count]);
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(server);
  pki_free(pki);
}


static void begin(int kind) {
  ck_done(tlsloop_ctx_set_max_version(
      client, kind == ON_1_3 ? TLSLOOP_TLS_1_3 : TLSLOOP_TLS_1_2));
  if (kind == BY_ID)
    ck_done(tlsloop_ctx_set_options(
        client, tlsloop_ctx_options(client) | TLSLOOP_OP_NO_TICKET));
}


/* Makes sessions of a |kind|. */
static void given_sessions(int kind) {
  begin(kind);
  ck_done(try_connection(client, server, "localhost"));
  ck_assert_int_eq(count, kind == ON_1_3 ? 2 : 1);
}


START_TEST(what_it_tells_is_true) {
  const unsigned char* id;
  size_t len;
  time_t now;

  now = time(NULL);
  given_sessions(_i);
  tlsloop_session_id(sessions[0], &id, &len);
  ck_assert_ptr_nonnull(id);
  ck_assert_uint_eq(len, 32);
  ck_assert_int_ge(tlsloop_session_time(sessions[0]), now);
  ck_assert_int_le(tlsloop_session_time(sessions[0]), time(NULL));
  ck_assert_int_eq(tlsloop_session_timeout(sessions[0]), 7200);
  ck_assert_int_eq(tlsloop_session_ticket_lifetime_hint(sessions[0]),
                   _i == BY_ID ? 0 : 7200);
  ck_assert_int_eq(tlsloop_session_has_ticket(sessions[0]), _i != BY_ID);
  ck_assert_int_eq(tlsloop_session_is_resumable(sessions[0]), 1);
  ck_assert_str_eq(tlsloop_session_hostname(sessions[0]), "localhost");
}
END_TEST


START_TEST(a_picture_of_it_is_equal_to_it) {
  tlsloop_session_t* now;
  pair_t pair;

  begin(_i);
  pair_open(&pair, client, server, "localhost");
  ck_done(tlsloop_engine_session(pair.client.engine, &now));
  ck_assert_ptr_null(now);
  pair_connect(&pair);
  pair_ping(&pair);
  ck_done(tlsloop_engine_session(pair.client.engine, &now));
  ck_assert_ptr_nonnull(now);
  ck_assert_ptr_ne(now, sessions[count - 1]);
  ck_assert(tlsloop_session_equal(now, sessions[count - 1]));
  ck_assert(tlsloop_session_equal(now, now));
  tlsloop_session_unref(now);
  pair_close(&pair);
}
END_TEST


START_TEST(two_are_not_equal) {
  given_sessions(_i);
  if (_i != ON_1_3)
    ck_done(try_connection(client, server, "localhost"));
  ck_assert(!tlsloop_session_equal(sessions[0], sessions[1]));
}
END_TEST


/* Before a ticket has come there is nothing to resume. */
START_TEST(on_tls_1_3_it_begins_without_a_ticket) {
  tlsloop_session_t* early;
  const unsigned char* id;
  size_t len;
  pair_t pair;

  begin(ON_1_3);
  pair_open(&pair, client, server, "localhost");
  pair_connect(&pair);
  ck_done(tlsloop_engine_session(pair.client.engine, &early));
  tlsloop_session_id(early, &id, &len);
  ck_assert_uint_eq(len, 0);
  ck_assert_int_eq(tlsloop_session_has_ticket(early), 0);
  ck_assert_int_eq(tlsloop_session_is_resumable(early), 0);
  ck_assert_int_eq(tlsloop_session_ticket_lifetime_hint(early), 0);
  tlsloop_session_unref(early);
  pair_close(&pair);
}
END_TEST


START_TEST(a_server_has_one_too) {
  tlsloop_session_t* session;
  pair_t pair;

  begin(_i);
  pair_open(&pair, client, server, "localhost");
  ck_done(tlsloop_engine_session(pair.server.engine, &session));
  ck_assert_ptr_null(session);
  pair_connect(&pair);
  ck_done(tlsloop_engine_session(pair.server.engine, &session));
  ck_assert_ptr_nonnull(session);
  ck_assert_str_eq(tlsloop_session_hostname(session), "localhost");
  tlsloop_session_unref(session);
  pair_close(&pair);
}
END_TEST


START_TEST(a_handshake_that_fails_has_none) {
  tlsloop_session_t* session;
  pair_t pair;

  begin(_i);
  pair_open(&pair, client, server, "elsewhere");
  pair_handshake(&pair);
  ck_assert_int_lt(pair.client.handshake, 0);
  ck_done(tlsloop_engine_session(pair.client.engine, &session));
  ck_assert_ptr_null(session);
  ck_done(tlsloop_engine_session(pair.server.engine, &session));
  ck_assert_ptr_null(session);
  ck_assert_int_eq(count, 0);
  pair_close(&pair);
}
END_TEST


START_TEST(one_of_no_host_has_no_name) {
  ck_done(tlsloop_ctx_allow_insecure(client));
  ck_done(tlsloop_ctx_set_check_hostname(client, 0));
  begin(_i);
  ck_done(try_connection(client, server, NULL));
  ck_assert_ptr_null(tlsloop_session_hostname(sessions[0]));
}
END_TEST


START_TEST(it_lives_longer_than_all_it_came_from) {
  given_sessions(_i);
  tlsloop_ctx_unref(tlsloop_ctx_ref(client));
  tlsloop_ctx_unref(client);
  client = given_client(pki);
  ck_assert_ptr_eq(tlsloop_session_ref(sessions[0]), sessions[0]);
  tlsloop_session_unref(sessions[0]);
  ck_assert_str_eq(tlsloop_session_hostname(sessions[0]), "localhost");
  ck_assert_int_eq(tlsloop_session_is_resumable(sessions[0]), 1);
  tlsloop_session_unref(NULL);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("session");
  tcase = tcase_create("session");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_loop_test(tcase, what_it_tells_is_true, 0, KINDS);
  tcase_add_loop_test(tcase, a_picture_of_it_is_equal_to_it, 0, KINDS);
  tcase_add_loop_test(tcase, two_are_not_equal, 0, KINDS);
  tcase_add_test(tcase, on_tls_1_3_it_begins_without_a_ticket);
  tcase_add_loop_test(tcase, a_server_has_one_too, 0, KINDS);
  tcase_add_loop_test(tcase, a_handshake_that_fails_has_none, 0, KINDS);
  tcase_add_loop_test(tcase, one_of_no_host_has_no_name, 0, KINDS);
  tcase_add_loop_test(tcase, it_lives_longer_than_all_it_came_from, 0, KINDS);
  suite_add_tcase(suite, tcase);
  return suite;
}
