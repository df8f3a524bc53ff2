/* SPDX-License-Identifier: MIT */

/* What has happened to the sessions of a context is counted. */

#include "support/suite.h"

#include "support/given.h"
#include "tlsloop/session.h"

#include <stddef.h>
#include <string.h>
#include <uv/errno.h>

static pki_t* pki;
static tlsloop_ctx_t* client;
static tlsloop_ctx_t* server;
static tlsloop_session_stats_t stats;


static void setup(void) {
  pki = pki_new("session-stats");
  client = given_client(pki);
  server = given_server(pki, NULL);
}


static void teardown(void) {
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(server);
  pki_free(pki);
}


static void tell(const tlsloop_ctx_t* ctx) {
  memset(&stats, 0x55, sizeof(stats));
  stats.size = sizeof(stats);
  ck_done(tlsloop_ctx_session_stats(ctx, &stats));
  ck_assert_uint_eq(stats.size, sizeof(stats));
}


START_TEST(at_first_nothing_has_happened) {
  tell(server);
  ck_assert_int_eq(stats.number, 0);
  ck_assert_int_eq(stats.connect, 0);
  ck_assert_int_eq(stats.connect_good, 0);
  ck_assert_int_eq(stats.connect_renegotiate, 0);
  ck_assert_int_eq(stats.accept, 0);
  ck_assert_int_eq(stats.accept_good, 0);
  ck_assert_int_eq(stats.accept_renegotiate, 0);
  ck_assert_int_eq(stats.hits, 0);
  ck_assert_int_eq(stats.misses, 0);
  ck_assert_int_eq(stats.timeouts, 0);
  ck_assert_int_eq(stats.cache_full, 0);
}
END_TEST


START_TEST(each_side_counts_its_handshakes) {
  ck_done(try_connection(client, server, "localhost"));
  ck_done(try_connection(client, server, "localhost"));
  tell(client);
  ck_assert_int_eq(stats.connect, 2);
  ck_assert_int_eq(stats.connect_good, 2);
  ck_assert_int_eq(stats.accept, 0);
  tell(server);
  ck_assert_int_eq(stats.accept, 2);
  ck_assert_int_eq(stats.accept_good, 2);
  ck_assert_int_eq(stats.connect, 0);
}
END_TEST


START_TEST(a_handshake_that_fails_was_begun) {
  ck_assert_int_lt(try_connection(client, server, "example.org"), 0);
  tell(client);
  ck_assert_int_eq(stats.connect, 1);
  ck_assert_int_eq(stats.connect_good, 0);
}
END_TEST


static void keep(tlsloop_engine_t* engine,
                 tlsloop_session_t* session,
                 void* arg) {
  tlsloop_session_t** kept;

  (void) engine;
  kept = arg;
  if (*kept == NULL)
    *kept = tlsloop_session_ref(session);
}


START_TEST(a_resumption_is_a_hit_on_both_sides) {
  tlsloop_session_t* session;
  pair_t pair;

  session = NULL;
  ck_done(tlsloop_ctx_set_session_cb(client, keep, &session));
  ck_done(try_connection(client, server, "localhost"));
  ck_assert_ptr_nonnull(session);
  pair_open(&pair, client, server, "localhost");
  ck_done(tlsloop_engine_set_session(pair.client.engine, session));
  pair_connect(&pair);
  ck_assert_int_eq(tlsloop_engine_session_reused(pair.client.engine), 1);
  pair_close(&pair);
  tlsloop_session_unref(session);
  tell(client);
  ck_assert_int_eq(stats.hits, 1);
  tell(server);
  ck_assert_int_eq(stats.hits, 1);
}
END_TEST


START_TEST(what_has_no_room_is_not_written) {
  ck_done(try_connection(client, server, "localhost"));
  memset(&stats, 0x55, sizeof(stats));
  stats.size = offsetof(tlsloop_session_stats_t, connect_good);
  ck_done(tlsloop_ctx_session_stats(client, &stats));
  ck_assert_int_eq(stats.connect, 1);
  ck_assert_int_eq(stats.connect_good, 0x5555555555555555);
  stats.size = 0;
  ck_assert_int_eq(tlsloop_ctx_session_stats(client, &stats), UV__EINVAL);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("session-stats");
  tcase = tcase_create("session-stats");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_test(tcase, at_first_nothing_has_happened);
  tcase_add_test(tcase, each_side_counts_its_handshakes);
  tcase_add_test(tcase, a_handshake_that_fails_was_begun);
  tcase_add_test(tcase, a_resumption_is_a_hit_on_both_sides);
  tcase_add_test(tcase, what_has_no_room_is_not_written);
  suite_add_tcase(suite, tcase);
  return suite;
}
