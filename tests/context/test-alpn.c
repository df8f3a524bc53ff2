/* SPDX-License-Identifier: MIT */

/* Application protocols: who offers what, who chooses, and what is no list. */

#include "support/suite.h"

#include "context/ctx.h"
#include "support/fail-alloc.h"
#include "support/given.h"

#include <openssl/err.h>
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


typedef struct choice_s {
  const char* client;
  const char* server;
  const char* expected;
} choice_t;

static const choice_t choices[] = {
    {"h2", "h2", "h2"},
    {"h2,http/1.1", "http/1.1,h2", "http/1.1"},
    {"http/1.1,h2", "h2,http/1.1", "h2"},
    {"a,b,c", "x,c,b", "c"},
    {"h2", "http/1.1", NULL},
    {"h2", "h", NULL},
    {"h", "h2", NULL},
    {"H2", "h2", NULL},
    {"h2", "", NULL},
    {"", "h2", NULL},
    {"", "", NULL},
};


START_TEST(the_server_chooses_by_its_own_order) {
  ck_done(set(client, choices[_i].client));
  ck_done(set(server, choices[_i].server));
  expect_agreed(choices[_i].expected);
}
END_TEST


START_TEST(it_is_the_same_in_tls_1_2) {
  ck_done(tlsloop_ctx_set_max_version(client, TLSLOOP_TLS_1_2));
  ck_done(set(client, choices[_i].client));
  ck_done(set(server, choices[_i].server));
  expect_agreed(choices[_i].expected);
}
END_TEST


START_TEST(the_last_list_counts) {
  ck_done(set(client, "a"));
  ck_done(set(server, "a"));
  ck_done(set(client, "b,c"));
  ck_done(set(server, "c,b"));
  expect_agreed("c");
}
END_TEST


START_TEST(no_names_clear_the_list) {
  ck_done(set(client, "h2"));
  ck_done(set(server, "h2"));
  ck_done(tlsloop_ctx_set_alpn(server, NULL, 0));
  expect_agreed(NULL);
}
END_TEST


START_TEST(a_client_without_a_list_offers_nothing) {
  ck_done(set(client, "h2"));
  ck_done(set(server, "h2"));
  ck_done(tlsloop_ctx_set_alpn(client, NULL, 0));
  expect_agreed(NULL);
}
END_TEST


START_TEST(names_of_1_and_of_255_bytes_are_names) {
  const char* protos[2];
  char name[256];

  memset(name, 'x', 255);
  name[255] = '\0';
  protos[0] = "y";
  protos[1] = name;
  ck_done(tlsloop_ctx_set_alpn(client, protos, 2));
  ck_done(tlsloop_ctx_set_alpn(server, protos + 1, 1));
  expect_agreed(name);
}
END_TEST


START_TEST(a_context_for_both_sides_offers_and_chooses) {
  tlsloop_ctx_t* both;
  pair_t pair;

  both = given_ctx(TLSLOOP_PROTOCOL_TLS);
  ck_done(tlsloop_ctx_load_cert_chain_mem(
      both, pki_leaf(pki)->both.data, pki_leaf(pki)->both.len, NULL, 0));
  ck_done(set(both, "a,b"));
  pair_open(&pair, both, both, NULL);
  pair_connect(&pair);
  expect_selected(pair.client.engine, "a");
  pair_close(&pair);
  tlsloop_ctx_unref(both);
}
END_TEST


/* What was set before is in force after each. */
static void expect_refused(int got, const char* text) {
  ck_ctx_failed(server, got, UV__EINVAL, NULL, text);
}


START_TEST(what_is_no_name_is_refused_and_the_old_list_stays) {
  const char* empty[] = {"a", ""};
  const char* missing[] = {"a", NULL};
  const char* twice[] = {"a", "b", "a"};
  const char* too_long[] = {"a", NULL};
  char name[257];

  memset(name, 'x', 256);
  name[256] = '\0';
  too_long[1] = name;

  ck_done(set(client, "a,b,h2"));
  ck_done(set(server, "h2"));
  expect_refused(tlsloop_ctx_set_alpn(server, empty, 2), "has no name");
  expect_refused(tlsloop_ctx_set_alpn(server, missing, 2), "has no name");
  expect_refused(tlsloop_ctx_set_alpn(server, twice, 3), "twice");
  expect_refused(tlsloop_ctx_set_alpn(server, too_long, 2),
                 "longer than 255 bytes");
  expect_agreed("h2");
}
END_TEST


/* Stores |count| names of 255 bytes in |protos|; they differ. */
static void given_long_names(char (*names)[256],
                             const char** protos,
                             size_t count) {
  size_t i;

  for (i = 0; i < count; i++) {
    memset(names[i], 'x', 255);
    names[i][0] = (char) ('A' + i % 26);
    names[i][1] = (char) ('A' + i / 26);
    names[i][255] = '\0';
    protos[i] = names[i];
  }
}


START_TEST(a_list_is_at_most_65535_bytes_long) {
  static char names[256][256];
  static const char* protos[256];

  given_long_names(names, protos, 256);
  names[255][254] = '\0'; /* 255 * 256 + 255 */
  ck_done(tlsloop_ctx_set_alpn(server, protos, 256));
  names[255][254] = 'x';
  expect_refused(tlsloop_ctx_set_alpn(server, protos, 256),
                 "longer than 65,535 bytes");
}
END_TEST


START_TEST(a_context_in_use_keeps_its_list) {
  ck_done(set(client, "a,b"));
  ck_done(set(server, "a"));
  expect_agreed("a");
  ck_ctx_failed(server, set(server, "b"), UV__EBUSY, NULL, "connections");
  ck_ctx_failed(server, set(server, ""), UV__EBUSY, NULL, "connections");
  expect_agreed("a");
}
END_TEST


START_TEST(without_memory_the_old_list_stays) {
  ck_done(set(client, "a,b"));
  ck_done(set(server, "a"));
  fail_alloc_after(1); /* the first one is ours */
  ck_assert_int_eq(set(server, "b"), UV__ENOMEM);
  ck_assert_uint_eq(fail_alloc_reset(), 1);
  ck_assert_uint_eq(ERR_peek_error(), 0);
  expect_agreed("a");
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;
  int count;

  count = sizeof(choices) / sizeof(choices[0]);
  suite = suite_create("alpn");
  tcase = tcase_create("choices");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_loop_test(tcase, the_server_chooses_by_its_own_order, 0, count);
  tcase_add_loop_test(tcase, it_is_the_same_in_tls_1_2, 0, count);
  tcase_add_test(tcase, the_last_list_counts);
  tcase_add_test(tcase, no_names_clear_the_list);
  tcase_add_test(tcase, a_client_without_a_list_offers_nothing);
  tcase_add_test(tcase, names_of_1_and_of_255_bytes_are_names);
  tcase_add_test(tcase, a_context_for_both_sides_offers_and_chooses);
  suite_add_tcase(suite, tcase);

  tcase = tcase_create("refusals");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_test(tcase, what_is_no_name_is_refused_and_the_old_list_stays);
  tcase_add_test(tcase, a_list_is_at_most_65535_bytes_long);
  tcase_add_test(tcase, a_context_in_use_keeps_its_list);
  tcase_add_test(tcase, without_memory_the_old_list_stays);
  suite_add_tcase(suite, tcase);
  return suite;
}
