/* SPDX-License-Identifier: MIT */

/* Messages of TLS are shown, application data is not. */

#include "support/suite.h"

#include "support/given.h"
#include "tlsloop/callback.h"

#include <string.h>
#include <uv/errno.h>

enum {
  CLIENT_HELLO = 1,
  SERVER_HELLO = 2,
  CERTIFICATE = 11,
  FINISHED = 20,
  APPLICATION_DATA = 23
};

#define MAX_SEEN 200

/* What was shown. */
typedef struct seen_s {
  tlsloop_engine_t* engine;
  tlsloop_message_t messages[MAX_SEEN]; /* without their bytes */
  int count;
} seen_t;

static pki_t* pki;
static tlsloop_ctx_t* client;
static tlsloop_ctx_t* server;
static seen_t seen;
static pair_t pair;


static void setup(void) {
  pki = pki_new("message");
  client = given_client(pki);
  server = given_server(pki, NULL);
  memset(&seen, 0, sizeof(seen));
}


static void teardown(void) {
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(server);
  pki_free(pki);
}


static void on_message(tlsloop_engine_t* engine,
                       const tlsloop_message_t* message,
                       void* arg) {
  static const char secret[] = "ping";
  seen_t* to;

  to = arg;
  ck_assert_int_lt(to->count, MAX_SEEN);
  ck_assert_uint_eq(message->size, sizeof(*message));
  ck_assert(message->len < 4 || memcmp(message->data, secret, 4) != 0);
  to->engine = engine;
  to->messages[to->count] = *message;
  to->messages[to->count++].data = NULL;
}


static void connect_pair(void) {
  pair_open(&pair, client, server, "localhost");
  pair_connect(&pair);
  pair_ping(&pair);
}


/* How many messages of that kind there were. */
static int count(int sent, int content_type, int type) {
  int found;
  int i;

  found = 0;
  for (i = 0; i < seen.count; i++)
    found += seen.messages[i].sent == sent &&
             seen.messages[i].content_type == content_type &&
             seen.messages[i].type == type;
  return found;
}


START_TEST(the_handshake_is_shown) {
  ck_done(tlsloop_ctx_set_message_cb(client, on_message, &seen));
  connect_pair();
  ck_assert_ptr_eq(seen.engine, pair.client.engine);
  ck_assert_int_eq(count(1, TLSLOOP_CONTENT_HANDSHAKE, CLIENT_HELLO), 1);
  ck_assert_int_eq(count(0, TLSLOOP_CONTENT_HANDSHAKE, SERVER_HELLO), 1);
  ck_assert_int_eq(count(0, TLSLOOP_CONTENT_HANDSHAKE, CERTIFICATE), 1);
  ck_assert_int_eq(count(0, TLSLOOP_CONTENT_HANDSHAKE, FINISHED), 1);
  ck_assert_int_eq(count(1, TLSLOOP_CONTENT_HANDSHAKE, FINISHED), 1);
  pair_close(&pair);
}
END_TEST


START_TEST(the_server_sees_it_from_its_side) {
  ck_done(tlsloop_ctx_set_message_cb(server, on_message, &seen));
  connect_pair();
  ck_assert_ptr_eq(seen.engine, pair.server.engine);
  ck_assert_int_eq(count(0, TLSLOOP_CONTENT_HANDSHAKE, CLIENT_HELLO), 1);
  ck_assert_int_eq(count(1, TLSLOOP_CONTENT_HANDSHAKE, SERVER_HELLO), 1);
  pair_close(&pair);
}
END_TEST


START_TEST(records_and_what_is_in_them_are_shown) {
  ck_done(tlsloop_ctx_set_message_cb(client, on_message, &seen));
  connect_pair();
  ck_assert_int_gt(count(1, TLSLOOP_CONTENT_HEADER, TLSLOOP_CONTENT_HANDSHAKE),
                   0);
  ck_assert_int_gt(count(0, TLSLOOP_CONTENT_HEADER, APPLICATION_DATA), 0);
  ck_assert_int_gt(
      count(0, TLSLOOP_CONTENT_INNER_TYPE, TLSLOOP_CONTENT_HANDSHAKE), 0);
  ck_assert_int_gt(count(0, TLSLOOP_CONTENT_INNER_TYPE, APPLICATION_DATA), 0);
  ck_assert_int_gt(count(1, TLSLOOP_CONTENT_CHANGE_CIPHER_SPEC, 1), 0);
  pair_close(&pair);
}
END_TEST


START_TEST(a_header_has_the_version_that_it_says) {
  int i;

  ck_done(tlsloop_ctx_set_message_cb(client, on_message, &seen));
  connect_pair();
  for (i = 0; i < seen.count; i++) {
    if (seen.messages[i].content_type == TLSLOOP_CONTENT_HEADER) {
      ck_assert_uint_eq(seen.messages[i].len, 5);
      ck_assert(seen.messages[i].version == TLSLOOP_TLS_1_2 ||
                seen.messages[i].version == TLSLOOP_TLS_1_0);
    }
  }
  pair_close(&pair);
}
END_TEST


START_TEST(alerts_are_shown) {
  ck_done(tlsloop_ctx_set_message_cb(client, on_message, &seen));
  connect_pair();
  ck_assert_int_eq(end_shutdown(&pair.client), TLSLOOP_WANT_READ);
  ck_assert_int_eq(count(1, TLSLOOP_CONTENT_ALERT, TLSLOOP_ALERT_CLOSE_NOTIFY),
                   1);
  pair_close(&pair);

  memset(&seen, 0, sizeof(seen));
  ck_assert_int_lt(try_connection(client, server, "example.org"), 0);
  ck_assert_int_eq(
      count(1, TLSLOOP_CONTENT_ALERT, TLSLOOP_ALERT_BAD_CERTIFICATE), 1);
}
END_TEST


START_TEST(a_callback_can_be_taken_away) {
  ck_done(tlsloop_ctx_set_message_cb(client, on_message, &seen));
  ck_done(tlsloop_ctx_set_message_cb(client, NULL, NULL));
  ck_done(try_connection(client, server, "localhost"));
  ck_assert_int_eq(seen.count, 0);
}
END_TEST


static int on_name(tlsloop_engine_t* engine,
                   const char* name,
                   tlsloop_ctx_t* ctx,
                   void* arg) {
  (void) name;
  (void) ctx;
  ck_done(tlsloop_engine_set_ctx(engine, arg));
  return 0;
}


START_TEST(a_context_for_a_name_brings_its_callback) {
  tlsloop_ctx_t* other;

  other = given_server(pki, NULL);
  ck_done(tlsloop_ctx_set_sni_cb(server, on_name, other));
  ck_done(tlsloop_ctx_set_message_cb(other, on_message, &seen));
  connect_pair();
  ck_assert_int_eq(count(1, TLSLOOP_CONTENT_HANDSHAKE, SERVER_HELLO), 1);
  ck_assert_int_eq(count(1, TLSLOOP_CONTENT_HANDSHAKE, FINISHED), 1);
  pair_close(&pair);
  tlsloop_ctx_unref(other);
}
END_TEST


START_TEST(a_context_for_a_name_without_one_is_not_watched) {
  tlsloop_ctx_t* other;

  other = given_server(pki, NULL);
  ck_done(tlsloop_ctx_set_sni_cb(server, on_name, other));
  ck_done(tlsloop_ctx_set_message_cb(server, on_message, &seen));
  connect_pair();
  ck_assert_int_eq(count(1, TLSLOOP_CONTENT_HANDSHAKE, SERVER_HELLO), 0);
  pair_close(&pair);
  tlsloop_ctx_unref(other);
}
END_TEST


START_TEST(a_context_in_use_keeps_its_callback) {
  ck_done(try_connection(client, server, "localhost"));
  ck_ctx_failed(client,
                tlsloop_ctx_set_message_cb(client, on_message, &seen),
                UV__EBUSY,
                NULL,
                "connections");
  ck_done(try_connection(client, server, "localhost"));
  ck_assert_int_eq(seen.count, 0);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("message");
  tcase = tcase_create("message");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_test(tcase, the_handshake_is_shown);
  tcase_add_test(tcase, the_server_sees_it_from_its_side);
  tcase_add_test(tcase, records_and_what_is_in_them_are_shown);
  tcase_add_test(tcase, a_header_has_the_version_that_it_says);
  tcase_add_test(tcase, alerts_are_shown);
  tcase_add_test(tcase, a_callback_can_be_taken_away);
  tcase_add_test(tcase, a_context_for_a_name_brings_its_callback);
  tcase_add_test(tcase, a_context_for_a_name_without_one_is_not_watched);
  tcase_add_test(tcase, a_context_in_use_keeps_its_callback);
  suite_add_tcase(suite, tcase);
  return suite;
}
