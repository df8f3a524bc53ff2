/* SPDX-License-Identifier: MIT */

/* Application protocols that the application chooses itself, and the list that
 * it chooses from. */

#include "support/suite.h"

#include "support/given.h"
#include "tlsloop/callback.h"

#include <stdlib.h>
#include <string.h>
#include <uv/errno.h>

static pki_t* pki;
static tlsloop_ctx_t* client;
static tlsloop_ctx_t* server;


static void setup(void) {
  pki = pki_new("alpn");
  client = given_client(pki);
  server = given_server(pki, NULL);
}


static void teardown(void) {
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(server);
  pki_free(pki);
}


/* Sets the names in |list|, which a comma separates; "" is none. */
static int set(tlsloop_ctx_t* ctx, const char* list) {
  const char* protos[8];
  size_t count;
  char* copy;
  char* rest;
  int err;

  copy = strdup(list);
  rest = NULL;
  count = 0;
  for (char* p = strtok_r(copy, ",", &rest); p != NULL;
       p = strtok_r(NULL, ",", &rest))
    protos[count++] = p;
  err = tlsloop_ctx_set_alpn(ctx, protos, count);
  free(copy);
  return err;
}


static void expect_selected(const tlsloop_engine_t* engine,
                            const char* expected) {
  const char* proto;
  size_t len;

  proto = "something";
  len = 77;
  tlsloop_engine_alpn(engine, &proto, &len);
  if (expected == NULL) {
    ck_assert_ptr_null(proto);
    ck_assert_uint_eq(len, 0);
    return;
  }
  ck_assert_uint_eq(len, strlen(expected));
  ck_assert_mem_eq(proto, expected, len);
}


/* Both ends have agreed on |expected|, NULL: on nothing. */
static void expect_agreed(const char* expected) {
  pair_t pair;

  pair_open(&pair, client, server, "localhost");
  expect_selected(pair.client.engine, NULL);
  pair_connect(&pair);
  expect_selected(pair.client.engine, expected);
  expect_selected(pair.server.engine, expected);
  pair_close(&pair);
}


/* What the callback says, and what it was offered. */
static int answer;
static int calls;
static unsigned char offered[1024];
static size_t offered_len;


static int on_offer(tlsloop_engine_t* engine,
                    const unsigned char* list,
                    size_t len,
                    void* arg) {
  ck_assert_ptr_eq(arg, &calls);
  ck_assert_ptr_eq(tlsloop_engine_ctx(engine), server);
  ck_assert_uint_le(len, sizeof(offered));
  memcpy(offered, list, len);
  offered_len = len;
  calls++;
  return answer;
}


/* Lets the callback choose number |choice| of "a", "bc" and "def" for a client
 * of TLS 1.2 or 1.3. */
static void offer(pair_t* pair, int choice, int version) {
  answer = choice;
  calls = 0;
  ck_done(tlsloop_ctx_set_max_version(client, version));
  ck_done(set(client, "a,bc,def"));
  ck_done(tlsloop_ctx_set_alpn_cb(server, on_offer, &calls));
  pair_open(pair, client, server, "localhost");
  pair_handshake(pair);
}


static const int versions[] = {TLSLOOP_TLS_1_2, TLSLOOP_TLS_1_3};


START_TEST(the_callback_chooses_by_index) {
  static const char* const names[] = {"a", "bc", "def", NULL};
  pair_t pair;

  /* Instead of the list. */
  ck_done(set(server, "a"));
  offer(&pair, _i / 2 == 3 ? TLSLOOP_ALPN_NONE : _i / 2, versions[_i % 2]);
  ck_assert_int_eq(pair.client.handshake, 0);
  ck_assert_int_eq(calls, 1);
  ck_assert_uint_eq(offered_len, 9);
  ck_assert_mem_eq(offered, "\1a\2bc\3def", 9);
  expect_selected(pair.client.engine, names[_i / 2]);
  expect_selected(pair.server.engine, names[_i / 2]);
  pair_close(&pair);
}
END_TEST


START_TEST(the_callback_can_refuse) {
  static const int answers[] = {
      TLSLOOP_ALPN_REFUSE, 3, 4, 255, 9999, -3, -120, -0x7fffffff - 1};
  pair_t pair;

  offer(&pair, answers[_i / 2], versions[_i % 2]);
  ck_assert_int_eq(calls, 1);
  ck_assert_int_eq(pair.server.handshake, TLSLOOP_EALERT_SENT - 120);
  ck_assert_int_eq(pair.client.handshake, TLSLOOP_EALERT_RECEIVED - 120);
  pair_close(&pair);
}
END_TEST


START_TEST(the_callback_is_not_asked_when_nothing_is_offered) {
  answer = 0;
  ck_done(tlsloop_ctx_set_alpn_cb(server, on_offer, &calls));
  calls = 0;
  expect_agreed(NULL);
  ck_assert_int_eq(calls, 0);
}
END_TEST


START_TEST(without_the_callback_the_list_is_back) {
  answer = 0;
  ck_done(tlsloop_ctx_set_alpn_cb(server, on_offer, &calls));
  ck_done(set(client, "a,b"));
  ck_done(set(server, "b"));
  ck_done(tlsloop_ctx_set_alpn_cb(server, NULL, NULL));
  calls = 0;
  expect_agreed("b");
  ck_assert_int_eq(calls, 0);
}
END_TEST


START_TEST(clients_do_not_choose) {
  ck_ctx_failed(client,
                tlsloop_ctx_set_alpn_cb(client, on_offer, NULL),
                TLSLOOP_ESIDE,
                NULL,
                "only servers");
}
END_TEST


START_TEST(a_context_in_use_keeps_its_callback) {
  expect_agreed(NULL);
  ck_ctx_failed(server,
                tlsloop_ctx_set_alpn_cb(server, on_offer, NULL),
                UV__EBUSY,
                NULL,
                "connections");
}
END_TEST


/* Name |index| of |list|, whose length is |len|, is at |list| + |at|; a
 * negative |at| is a code. */
typedef struct at_s {
  const char* list;
  size_t len;
  size_t index;
  int at;
} at_t;

static const at_t ats[] = {
    {"\1a\2bc", 5, 0, 1},
    {"\1a\2bc", 5, 1, 3},
    {"\1a\2bc", 5, 2, UV__ENOENT},
    {"\1a\2bc", 5, (size_t) -1, UV__ENOENT},
    {NULL, 0, 0, UV__ENOENT},
    {"\1", 1, 0, UV__EINVAL},
    {"\0", 1, 0, UV__EINVAL},
    {"\1a\0", 3, 1, UV__EINVAL},
    {"\1a\3bc", 5, 1, UV__EINVAL},
    {"\1a\3bc", 5, 0, 1},
    {"\377abc", 4, 0, UV__EINVAL},
};


START_TEST(a_list_is_taken_apart_within_its_bounds) {
  const at_t* at = &ats[_i];
  const char* name = NULL;
  unsigned char* list;
  size_t len = 77;
  int err;

  /* A copy, so that a byte too far is noticed. */
  list = malloc(at->len + 1);
  if (at->len > 0)
    memcpy(list, at->list, at->len);
  list = realloc(list, at->len == 0 ? 1 : at->len);
  err = tlsloop_alpn_at(list, at->len, at->index, &name, &len);
  if (at->at < 0) {
    ck_assert_int_eq(err, at->at);
    ck_assert_ptr_null(name);
    ck_assert_uint_eq(len, 77);
  } else {
    ck_assert_int_eq(err, 0);
    ck_assert_ptr_eq(name, list + at->at);
    ck_assert_uint_eq(len, list[at->at - 1]);
  }
  free(list);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;
  int count;

  count = sizeof(ats) / sizeof(ats[0]);
  suite = suite_create("alpn-callback");
  tcase = tcase_create("callback");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_loop_test(tcase, the_callback_chooses_by_index, 0, 8);
  tcase_add_loop_test(tcase, the_callback_can_refuse, 0, 16);
  tcase_add_test(tcase, the_callback_is_not_asked_when_nothing_is_offered);
  tcase_add_test(tcase, without_the_callback_the_list_is_back);
  tcase_add_test(tcase, clients_do_not_choose);
  tcase_add_test(tcase, a_context_in_use_keeps_its_callback);
  tcase_add_loop_test(tcase, a_list_is_taken_apart_within_its_bounds, 0, count);
  suite_add_tcase(suite, tcase);
  return suite;
}
