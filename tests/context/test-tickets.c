/* SPDX-License-Identifier: MIT */

/* Tickets: as many as the server's context says. */

#include "support/suite.h"

#include "support/given.h"
#include "tlsloop/policy.h"
#include "tlsloop/session.h"

#include <uv/errno.h>

static pki_t* pki;
static tlsloop_ctx_t* client;
static tlsloop_ctx_t* server;
static int tickets;


static void setup(void) {
  pki = pki_new("tickets");
  client = given_client(pki);
  server = given_server(pki, NULL);
  tickets = 0;
}


static void teardown(void) {
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(server);
  pki_free(pki);
}


static void on_session(tlsloop_engine_t* engine,
                       tlsloop_session_t* session,
                       void* arg) {
  (void) engine;
  (void) session;
  ++*(int*) arg;
}


static void expect_tickets(int count) {
  ck_done(tlsloop_ctx_set_session_cb(client, on_session, &tickets));
  ck_done(try_connection(client, server, "localhost"));
  ck_assert_int_eq(tickets, count);
}


START_TEST(two_are_sent_by_default) {
  ck_assert_int_eq(tlsloop_ctx_num_tickets(server), 2);
  expect_tickets(2);
}
END_TEST


START_TEST(as_many_as_wanted_are_sent) {
  static const int counts[] = {0, 1, 3, TLSLOOP_TICKETS_MAX};

  ck_done(tlsloop_ctx_set_num_tickets(server, counts[_i]));
  ck_assert_int_eq(tlsloop_ctx_num_tickets(server), counts[_i]);
  expect_tickets(counts[_i]);
}
END_TEST


START_TEST(a_context_for_both_sides_sends_them_too) {
  tlsloop_ctx_t* both;

  both = given_ctx(TLSLOOP_PROTOCOL_TLS);
  ck_done(tlsloop_ctx_set_num_tickets(both, 5));
  ck_assert_int_eq(tlsloop_ctx_num_tickets(both), 5);
  tlsloop_ctx_unref(both);
}
END_TEST


START_TEST(there_is_a_limit) {
  ck_ctx_failed(server,
                tlsloop_ctx_set_num_tickets(server, -1),
                UV__EINVAL,
                NULL,
                "from 0 to 255");
  ck_ctx_failed(server,
                tlsloop_ctx_set_num_tickets(server, TLSLOOP_TICKETS_MAX + 1),
                UV__EINVAL,
                NULL,
                "from 0 to 255");
  ck_assert_int_eq(tlsloop_ctx_num_tickets(server), 2);
}
END_TEST


START_TEST(clients_send_none) {
  ck_ctx_failed(client,
                tlsloop_ctx_set_num_tickets(client, 1),
                TLSLOOP_ESIDE,
                NULL,
                "only servers");
}
END_TEST


START_TEST(a_context_in_use_keeps_its_number) {
  expect_tickets(2);
  ck_ctx_failed(server,
                tlsloop_ctx_set_num_tickets(server, 1),
                UV__EBUSY,
                NULL,
                "connections");
  ck_assert_int_eq(tlsloop_ctx_num_tickets(server), 2);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("tickets");
  tcase = tcase_create("tickets");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_test(tcase, two_are_sent_by_default);
  tcase_add_loop_test(tcase, as_many_as_wanted_are_sent, 0, 4);
  tcase_add_test(tcase, a_context_for_both_sides_sends_them_too);
  tcase_add_test(tcase, there_is_a_limit);
  tcase_add_test(tcase, clients_send_none);
  tcase_add_test(tcase, a_context_in_use_keeps_its_number);
  suite_add_tcase(suite, tcase);
  return suite;
}
