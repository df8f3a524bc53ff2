/* SPDX-License-Identifier: MIT */

/* Resume: sessions go out of connections and into others, if they may. */

#include "support/suite.h"

#include "support/given.h"
#include "tlsloop/policy.h"
#include "tlsloop/session.h"

#include <string.h>
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
static tlsloop_session_t* session; /* the last that came */
static tlsloop_engine_t* engine;   /* to which it came */
static int count;
static pair_t pair;


static void keep(tlsloop_engine_t* from, tlsloop_session_t* made, void* arg) {
  ck_assert_ptr_eq(arg, &count);
  tlsloop_session_unref(session);
  session = tlsloop_session_ref(made);
  engine = from;
  count++;
}


static void setup(void) {
  pki = pki_new("resume");
  client = given_client(pki);
  server = given_server(pki, NULL);
  ck_done(tlsloop_ctx_set_session_cb(client, keep, &count));
  session = NULL;
  engine = NULL;
  count = 0;
}


static void teardown(void) {
  tlsloop_session_unref(session);
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(server);
  pki_free(pki);
}


static void set_kind(tlsloop_ctx_t* ctx, int kind) {
  ck_done(tlsloop_ctx_set_max_version(
      ctx, kind == ON_1_3 ? TLSLOOP_TLS_1_3 : TLSLOOP_TLS_1_2));
  if (kind == BY_ID)
    ck_done(tlsloop_ctx_set_options(
        ctx, tlsloop_ctx_options(ctx) | TLSLOOP_OP_NO_TICKET));
}


static void given_session(int kind) {
  set_kind(client, kind);
  ck_done(try_connection(client, server, "localhost"));
  ck_assert_ptr_nonnull(session);
}


/* Connects with |old|; says whether both ends resumed it. */
static int resumes(tlsloop_session_t* old) {
  int reused;

  pair_open(&pair, client, server, "localhost");
  ck_done(tlsloop_engine_set_session(pair.client.engine, old));
  pair_connect(&pair);
  pair_ping(&pair);
  reused = tlsloop_engine_session_reused(pair.client.engine);
  ck_assert_int_eq(tlsloop_engine_session_reused(pair.server.engine), reused);
  pair_close(&pair);
  return reused;
}


START_TEST(a_session_is_resumed) {
  tlsloop_session_t* first;

  given_session(_i);
  first = tlsloop_session_ref(session);
  ck_assert_int_eq(resumes(first), 1);
  ck_assert_int_eq(resumes(first), 1);
  ck_assert_int_eq(resumes(session), 1);
  tlsloop_session_unref(first);
}
END_TEST


START_TEST(a_picture_is_resumed) {
  tlsloop_session_t* now;

  set_kind(client, _i);
  pair_open(&pair, client, server, "localhost");
  pair_connect(&pair);
  pair_ping(&pair);
  ck_done(tlsloop_engine_session(pair.client.engine, &now));
  pair_close(&pair);
  ck_assert_int_eq(resumes(now), 1);
  tlsloop_session_unref(now);
}
END_TEST


START_TEST(every_ticket_is_told) {
  set_kind(client, _i);
  if (_i == ON_1_3)
    ck_done(tlsloop_ctx_set_num_tickets(server, 5));
  pair_open(&pair, client, server, "localhost");
  pair_connect(&pair);
  pair_ping(&pair);
  ck_assert_int_eq(count, _i == ON_1_3 ? 5 : 1);
  ck_assert_ptr_eq(engine, pair.client.engine);
  pair_close(&pair);
}
END_TEST


START_TEST(a_resumed_connection_gets_a_new_ticket) {
  tlsloop_session_t* old;

  given_session(ON_1_3);
  old = tlsloop_session_ref(session);
  count = 0;
  ck_assert_int_eq(resumes(old), 1);
  ck_assert_int_eq(count, 1);
  ck_assert(!tlsloop_session_equal(old, session));
  tlsloop_session_unref(old);
}
END_TEST


START_TEST(null_ends_the_telling) {
  ck_done(tlsloop_ctx_set_session_cb(client, NULL, NULL));
  set_kind(client, _i);
  ck_done(try_connection(client, server, "localhost"));
  ck_assert_int_eq(count, 0);
}
END_TEST


/* Both peers just vanish. */
START_TEST(it_outlives_a_connection_without_a_close) {
  set_kind(client, _i);
  pair_open(&pair, client, server, "localhost");
  pair_connect(&pair);
  pair_ping(&pair);
  pair_close(&pair);
  ck_assert_int_eq(resumes(session), 1);
}
END_TEST


START_TEST(it_outlives_a_resumed_connection_that_fails) {
  char buf[8];
  size_t n;

  given_session(_i);
  pair_open(&pair, client, server, "localhost");
  ck_done(tlsloop_engine_set_session(pair.client.engine, session));
  pair_connect(&pair);
  end_inject(&pair.client, "\x17\3\3\0\30garbage garbage garbage!", 29);
  while (end_read(&pair.client, buf, sizeof(buf), &n) == 0)
    continue;
  ck_assert_int_eq(tlsloop_engine_state(pair.client.engine),
                   TLSLOOP_ENGINE_FAILED);
  pair_close(&pair);
  ck_assert_int_eq(tlsloop_session_is_resumable(session), 1);
  pair_open(&pair, client, server, "localhost");
  ck_done(tlsloop_engine_set_session(pair.client.engine, session));
  pair_connect(&pair);
  pair_close(&pair);
}
END_TEST


START_TEST(a_server_that_does_not_know_it_begins_anew) {
  given_session(_i);
  tlsloop_ctx_unref(server);
  server = given_server(pki, NULL);
  ck_assert_int_eq(resumes(session), 0);
}
END_TEST


/* Asserts that |session| is refused by the client of |pair|, with |code| and
 * |text|, and that this changed nothing. */
static void expect_refused(tlsloop_session_t* refused,
                           int code,
                           const char* subject,
                           const char* text) {
  ck_engine_failed(pair.client.engine,
                   tlsloop_engine_set_session(pair.client.engine, refused),
                   code,
                   subject,
                   text);
}


START_TEST(a_session_of_another_context_is_refused) {
  tlsloop_ctx_t* other;

  given_session(_i);
  other = given_client(pki);
  pair_open(&pair, other, server, "localhost");
  expect_refused(session, TLSLOOP_ESESSION, NULL, "another context");
  pair_connect(&pair);
  ck_assert_int_eq(tlsloop_engine_session_reused(pair.client.engine), 0);
  /* Also when the handshake is over, as what is asked first. */
  expect_refused(session, TLSLOOP_ESESSION, NULL, "another context");
  pair_close(&pair);
  tlsloop_ctx_unref(other);
}
END_TEST


START_TEST(a_session_of_another_host_is_refused) {
  static const char* const names[] = {"127.0.0.1", "localhost.example", NULL};

  given_session(_i / 3);
  pair_open(&pair, client, server, names[_i % 3]);
  expect_refused(session, TLSLOOP_ESESSION, "localhost", "another host name");
  ck_done(tlsloop_engine_set_hostname(pair.client.engine, "LOCALHOST."));
  ck_done(tlsloop_engine_set_session(pair.client.engine, session));
  pair_close(&pair);
}
END_TEST


START_TEST(a_session_that_has_no_ticket_yet_is_refused) {
  tlsloop_session_t* early;

  set_kind(client, ON_1_3);
  pair_open(&pair, client, server, "localhost");
  pair_connect(&pair);
  ck_done(tlsloop_engine_session(pair.client.engine, &early));
  pair_close(&pair);
  pair_open(&pair, client, server, "localhost");
  expect_refused(early, TLSLOOP_ESESSION, "localhost", "cannot be resumed");
  tlsloop_session_unref(early);
  pair_close(&pair);
}
END_TEST


START_TEST(a_server_refuses_it) {
  tlsloop_session_t* own;
  tlsloop_engine_t* other;

  set_kind(client, _i);
  pair_open(&pair, client, server, "localhost");
  pair_connect(&pair);
  ck_done(tlsloop_engine_session(pair.server.engine, &own));
  other = pair.server.engine;
  ck_engine_failed(other,
                   tlsloop_engine_set_session(other, own),
                   TLSLOOP_ESIDE,
                   NULL,
                   "by itself");
  ck_engine_failed(
      other,
      tlsloop_engine_set_session(other, session == NULL ? own : session),
      session == NULL ? TLSLOOP_ESIDE : TLSLOOP_ESESSION,
      NULL,
      session == NULL ? "by itself" : "another context");
  tlsloop_session_unref(own);
  pair_close(&pair);
}
END_TEST


START_TEST(it_comes_too_late_in_the_handshake) {
  given_session(_i);
  pair_open(&pair, client, server, "localhost");
  end_handshake(&pair.client);
  expect_refused(session, UV__EBUSY, NULL, "has begun");
  pair_connect(&pair);
  expect_refused(session, UV__EBUSY, NULL, "has begun");
  pair_ping(&pair);
  pair_close(&pair);
}
END_TEST


START_TEST(too_late_is_said_before_a_wrong_name) {
  given_session(_i);
  pair_open(&pair, client, server, "127.0.0.1");
  end_handshake(&pair.client);
  expect_refused(session, UV__EBUSY, NULL, "has begun");
  pair_close(&pair);
}
END_TEST


START_TEST(servers_are_not_told) {
  ck_ctx_failed(server,
                tlsloop_ctx_set_session_cb(server, keep, NULL),
                TLSLOOP_ESIDE,
                NULL,
                "only clients");
}
END_TEST


START_TEST(a_context_in_use_keeps_its_callback) {
  pair_open(&pair, client, server, "localhost");
  ck_ctx_failed(client,
                tlsloop_ctx_set_session_cb(client, NULL, NULL),
                UV__EBUSY,
                NULL,
                "connections");
  pair_connect(&pair);
  pair_ping(&pair);
  ck_assert_int_eq(count, 2);
  pair_close(&pair);
}
END_TEST


static void add_resuming(TCase* tcase) {
  tcase_add_loop_test(tcase, a_session_is_resumed, 0, KINDS);
  tcase_add_loop_test(tcase, a_picture_is_resumed, 0, KINDS);
  tcase_add_loop_test(tcase, every_ticket_is_told, 0, KINDS);
  tcase_add_test(tcase, a_resumed_connection_gets_a_new_ticket);
  tcase_add_loop_test(tcase, null_ends_the_telling, 0, KINDS);
  tcase_add_loop_test(
      tcase, it_outlives_a_connection_without_a_close, 0, KINDS);
  tcase_add_loop_test(
      tcase, it_outlives_a_resumed_connection_that_fails, 0, KINDS);
  tcase_add_loop_test(
      tcase, a_server_that_does_not_know_it_begins_anew, 0, KINDS);
}


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("resume");
  tcase = tcase_create("resuming");
  tcase_add_checked_fixture(tcase, setup, teardown);
  add_resuming(tcase);
  suite_add_tcase(suite, tcase);

  tcase = tcase_create("refusals");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_loop_test(tcase, a_session_of_another_context_is_refused, 0, KINDS);
  tcase_add_loop_test(
      tcase, a_session_of_another_host_is_refused, 0, 3 * KINDS);
  tcase_add_test(tcase, a_session_that_has_no_ticket_yet_is_refused);
  tcase_add_loop_test(tcase, a_server_refuses_it, 0, KINDS);
  tcase_add_loop_test(tcase, it_comes_too_late_in_the_handshake, 0, KINDS);
  tcase_add_loop_test(tcase, too_late_is_said_before_a_wrong_name, 0, KINDS);
  tcase_add_test(tcase, servers_are_not_told);
  tcase_add_test(tcase, a_context_in_use_keeps_its_callback);
  suite_add_tcase(suite, tcase);
  return suite;
}
