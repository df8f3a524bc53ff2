/* SPDX-License-Identifier: MIT */

/* Sni: the application is asked about names, once, and its answer counts. */

#include "support/suite.h"

#include "support/given.h"
#include "support/hello.h"
#include "tlsloop/callback.h"
#include "tlsloop/info.h"
#include "tlsloop/policy.h"
#include "tlsloop/session.h"

#include <string.h>
#include <uv/errno.h>

enum {
  INTERNAL_ERROR = 80,
  UNRECOGNIZED_NAME = 112
};

static pki_t* pki;
static tlsloop_ctx_t* client;
static tlsloop_ctx_t* server;
static pair_t pair;

/* What the callback saw and says. */
static int calls;
static int named;
static char seen[300];
static int answer;


static int on_name(tlsloop_engine_t* engine,
                   const char* name,
                   tlsloop_ctx_t* ctx,
                   void* arg) {
  const char* proto;
  size_t len;

  ck_assert_ptr_eq(arg, &calls);
  ck_assert_ptr_eq(ctx, server);
  ck_assert_ptr_eq(engine, pair.server.engine);
  ck_assert_ptr_eq(tlsloop_engine_ctx(engine), server);
  ck_assert_ptr_null(tlsloop_engine_version(engine));
  ck_assert_ptr_null(tlsloop_engine_cipher_name(engine));
  tlsloop_engine_alpn(engine, &proto, &len);
  ck_assert_ptr_null(proto);
  ck_assert_uint_eq(tlsloop_engine_chain_count(engine, TLSLOOP_CHAIN_PEER), 0);
  calls++;
  named = name != NULL;
  seen[0] = '\0';
  if (named) {
    ck_assert_uint_lt(strlen(name), sizeof(seen));
    strcpy(seen, name);
    ck_assert_str_eq(tlsloop_engine_hostname(engine), name);
  }
  return answer;
}


static void setup(void) {
  pki = pki_new("sni");
  client = given_client(pki);
  server = given_server(pki, NULL);
  ck_done(tlsloop_ctx_set_sni_cb(server, on_name, &calls));
  calls = named = answer = 0;
}


static void teardown(void) {
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(server);
  pki_free(pki);
}


static void set_version(int version) {
  ck_done(tlsloop_ctx_set_min_version(client, version));
  ck_done(tlsloop_ctx_set_max_version(client, version));
}


static const int versions[] = {TLSLOOP_TLS_1_2, TLSLOOP_TLS_1_3};


START_TEST(the_name_is_told_once) {
  set_version(versions[_i]);
  pair_open(&pair, client, server, "localhost");
  pair_connect(&pair);
  ck_assert_int_eq(calls, 1);
  ck_assert_str_eq(seen, "localhost");
  ck_assert_str_eq(tlsloop_engine_hostname(pair.server.engine), "localhost");
  pair_ping(&pair);
  ck_assert_int_eq(calls, 1);
  pair_close(&pair);
}
END_TEST


START_TEST(a_name_in_other_letters_is_told_as_it_is_sent) {
  pair_open(&pair,
            client,
            server,
            "b\xc3\xbc"
            "cher.example");
  pair_handshake(&pair);
  ck_assert_str_eq(seen, "xn--bcher-kva.example");
  pair_close(&pair);
}
END_TEST


START_TEST(who_asks_for_an_address_asks_for_no_name) {
  set_version(versions[_i]);
  pair_open(&pair, client, server, "127.0.0.1");
  pair_connect(&pair);
  ck_assert_int_eq(calls, 1);
  ck_assert_int_eq(named, 0);
  ck_assert_ptr_null(tlsloop_engine_hostname(pair.server.engine));
  pair_close(&pair);
}
END_TEST


typedef struct answer_s {
  int answer;
  int alert;
} answer_t;

static const answer_t answers[] = {
    {10, 10},
    {40, 40},
    {112, 112},
    {115, 115},
    {120, 120},
    {80, 80},
    /* OpenSSL could not send these. */
    {1, 80},
    {41, 80},
    {109, 80},
    {116, 80},
    {117, 80},
    {121, 80},
    {255, 80},
    /* These are none. */
    {256, 80},
    {9999, 80},
    {-1, 80},
    {-40, 80},
    {-256, 80},
    {0x7fffffff, 80},
    {-0x7fffffff - 1, 80},
};

#define ANSWERS ((int) (sizeof(answers) / sizeof(answers[0])))


START_TEST(any_other_answer_than_0_is_an_alert) {
  int alert;

  alert = answers[_i].alert;
  answer = answers[_i].answer;
  set_version(versions[answers[_i].answer & 1]);
  pair_open(&pair, client, server, "localhost");
  pair_handshake(&pair);
  ck_assert_int_eq(calls, 1);
  ck_engine_failed(pair.server.engine,
                   pair.server.handshake,
                   TLSLOOP_EALERT_SENT - alert,
                   "localhost",
                   "CALLBACK_FAILED");
  ck_assert_int_eq(pair.client.handshake, TLSLOOP_EALERT_RECEIVED - alert);
  ck_assert_int_eq(end_handshake(&pair.server), TLSLOOP_EALERT_SENT - alert);
  ck_assert_int_eq(calls, 1);
  pair_close(&pair);
}
END_TEST


START_TEST(whatever_the_answer_the_client_is_told) {
  int alert;

  for (answer = 1; answer < 256; answer++) {
    pair_open(&pair, client, server, "localhost");
    pair_handshake(&pair);
    alert = tlsloop_err_alert(pair.server.handshake);
    ck_assert_msg(alert == answer || alert == INTERNAL_ERROR, "%d", answer);
    ck_assert_int_eq(pair.client.handshake, TLSLOOP_EALERT_RECEIVED - alert);
    pair_close(&pair);
  }
}
END_TEST


START_TEST(a_refused_name_does_not_touch_other_connections) {
  pair_t other;

  pair_open(&other, client, server, "localhost");
  pair = other;
  pair_connect(&pair);
  other = pair;
  answer = 112;
  pair_open(&pair, client, server, "localhost");
  pair_handshake(&pair);
  ck_assert_int_eq(pair.server.handshake, TLSLOOP_EALERT_SENT - 112);
  pair_close(&pair);
  pair_ping(&other);
  pair_close(&other);
}
END_TEST


/* The client's key share is of a group that the server does not have. */
static void given_retry(void) {
  set_version(TLSLOOP_TLS_1_3);
  ck_done(tlsloop_ctx_set_groups(client, "X25519:P-384"));
  ck_done(tlsloop_ctx_set_groups(server, "P-384"));
  pair_open(&pair, client, server, "localhost");
}


START_TEST(a_retried_hello_does_not_ask_again) {
  given_retry();
  end_handshake(&pair.client);
  pair_pump(&pair);
  end_handshake(&pair.server);
  pair_pump(&pair);
  ck_assert_int_eq(calls, 1);
  end_handshake(&pair.client);
  ck_assert_int_eq(hello_deliver(&pair, "localhost", "localhost", 9), 1);
  pair_connect(&pair);
  ck_assert_int_eq(calls, 1);
  pair_ping(&pair);
  pair_close(&pair);
}
END_TEST


START_TEST(a_retried_hello_cannot_change_the_name) {
  given_retry();
  end_handshake(&pair.client);
  pair_pump(&pair);
  end_handshake(&pair.server);
  pair_pump(&pair);
  end_handshake(&pair.client);
  ck_assert_int_eq(hello_deliver(&pair, "localhost", "elsewhere", 9), 1);
  end_handshake(&pair.server);
  ck_assert_int_eq(calls, 1);
  ck_assert_str_eq(tlsloop_engine_hostname(pair.server.engine), "localhost");
  pair_close(&pair);
}
END_TEST


START_TEST(a_resumed_connection_is_asked_about_too) {
  static const char* const names[] = {
      "elsewhere", "\0lsewhere", "\xe9lsewhere"};
  tlsloop_session_t* session;

  set_version(TLSLOOP_TLS_1_2);
  pair_open(&pair, client, server, "localhost");
  pair_connect(&pair);
  ck_done(tlsloop_engine_session(pair.client.engine, &session));
  pair_close(&pair);

  pair_open(&pair, client, server, "localhost");
  ck_done(tlsloop_engine_set_session(pair.client.engine, session));
  end_handshake(&pair.client);
  calls = 0;
  hello_deliver(&pair, "localhost", names[_i], 9);
  end_handshake(&pair.server);
  if (_i == 0) {
    ck_assert_int_eq(calls, 1);
    ck_assert_str_eq(seen, "elsewhere");
    ck_assert_str_eq(tlsloop_engine_hostname(pair.server.engine), "elsewhere");
  } else {
    ck_assert_int_eq(calls, 0);
    ck_assert_int_eq(
        pair.server.handshake,
        TLSLOOP_EALERT_SENT - (_i == 1 ? UNRECOGNIZED_NAME : INTERNAL_ERROR));
  }
  pair_close(&pair);
  tlsloop_session_unref(session);
}
END_TEST


START_TEST(null_ends_it) {
  ck_done(tlsloop_ctx_set_sni_cb(server, NULL, NULL));
  pair_open(&pair, client, server, "localhost");
  pair_connect(&pair);
  ck_assert_int_eq(calls, 0);
  ck_assert_str_eq(tlsloop_engine_hostname(pair.server.engine), "localhost");
  pair_close(&pair);
}
END_TEST


START_TEST(clients_are_not_asked) {
  ck_ctx_failed(client,
                tlsloop_ctx_set_sni_cb(client, on_name, NULL),
                TLSLOOP_ESIDE,
                NULL,
                "only servers");
}
END_TEST


START_TEST(a_context_in_use_keeps_its_callback) {
  pair_open(&pair, client, server, "localhost");
  ck_ctx_failed(server,
                tlsloop_ctx_set_sni_cb(server, NULL, NULL),
                UV__EBUSY,
                NULL,
                "connections");
  pair_connect(&pair);
  ck_assert_int_eq(calls, 1);
  pair_close(&pair);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("sni");
  tcase = tcase_create("names");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_loop_test(tcase, the_name_is_told_once, 0, 2);
  tcase_add_test(tcase, a_name_in_other_letters_is_told_as_it_is_sent);
  tcase_add_loop_test(tcase, who_asks_for_an_address_asks_for_no_name, 0, 2);
  tcase_add_test(tcase, a_retried_hello_does_not_ask_again);
  tcase_add_test(tcase, a_retried_hello_cannot_change_the_name);
  tcase_add_loop_test(tcase, a_resumed_connection_is_asked_about_too, 0, 3);
  suite_add_tcase(suite, tcase);

  tcase = tcase_create("answers");
  tcase_set_timeout(tcase, 60);
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_loop_test(tcase, any_other_answer_than_0_is_an_alert, 0, ANSWERS);
  tcase_add_test(tcase, whatever_the_answer_the_client_is_told);
  tcase_add_test(tcase, a_refused_name_does_not_touch_other_connections);
  tcase_add_test(tcase, null_ends_it);
  tcase_add_test(tcase, clients_are_not_asked);
  tcase_add_test(tcase, a_context_in_use_keeps_its_callback);
  suite_add_tcase(suite, tcase);
  return suite;
}
