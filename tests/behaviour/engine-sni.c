/* SPDX-License-Identifier: MIT */

/* Names of servers as no client should send them: the application is told of
 * those that are names, as they are, and never of a part of one. */

#include "support/suite.h"

#include "support/given.h"
#include "support/hello.h"
#include "tlsloop/callback.h"

#include <string.h>

enum {
  DECODE_ERROR = 50,
  INTERNAL_ERROR = 80,
  UNRECOGNIZED_NAME = 112
};

static pki_t* pki;
static tlsloop_ctx_t* client;
static tlsloop_ctx_t* server;
static pair_t pair;

/* What the callback saw. */
static int calls;
static int named;
static char seen[300];


static int on_name(tlsloop_engine_t* engine,
                   const char* name,
                   tlsloop_ctx_t* ctx,
                   void* arg) {
  (void) engine;
  (void) ctx;
  (void) arg;
  calls++;
  named = name != NULL;
  seen[0] = '\0';
  if (named) {
    ck_assert_uint_lt(strlen(name), sizeof(seen));
    strcpy(seen, name);
  }
  return 0;
}


static void setup(void) {
  pki = pki_new("names");
  client = given_client(pki);
  server = given_server(pki, NULL);
  ck_done(tlsloop_ctx_set_sni_cb(server, on_name, NULL));
  calls = named = 0;
}


static void teardown(void) {
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(server);
  pki_free(pki);
}


/* Sends a ClientHello with |len| bytes of |name|. */
static void say(const void* name, size_t len) {
  pair_open(&pair, client, server, NULL);
  hello_inject_name(&pair.server, name, len);
  end_handshake(&pair.server);
}


/* The handshake went on and |name| was told; NULL: that there is none. */
static void expect_told(const char* name) {
  ck_assert_int_eq(pair.server.handshake, TLSLOOP_WANT_READ);
  ck_assert_uint_gt(tlsloop_bio_pending(pair.server.out), 100);
  ck_assert_int_eq(calls, 1);
  ck_assert_int_eq(named, name != NULL);
  ck_assert_str_eq(seen, name == NULL ? "" : name);
  pair_close(&pair);
}


static void expect_refused(int alert) {
  ck_assert_int_eq(pair.server.handshake, TLSLOOP_EALERT_SENT - alert);
  ck_assert_int_eq(calls, 0);
  pair_close(&pair);
}


START_TEST(a_client_without_the_extension_asks_for_no_name) {
  pair_open(&pair, client, server, NULL);
  hello_inject(&pair.server, NULL, 0);
  end_handshake(&pair.server);
  expect_told(NULL);
}
END_TEST


START_TEST(a_name_is_told_as_the_bytes_that_it_is) {
  static const char* const names[] = {
      "LocalHost", "localhost.", "127.0.0.1", "*.example", "a", "!\"~"};

  say(names[_i], strlen(names[_i]));
  expect_told(names[_i]);
}
END_TEST


START_TEST(a_name_of_255_bytes_is_told) {
  char name[256];

  memset(name, 'a', 255);
  name[255] = '\0';
  say(name, 255);
  expect_told(name);
}
END_TEST


START_TEST(a_name_of_256_bytes_is_refused) {
  char name[1000];

  memset(name, 'a', sizeof(name));
  say(name, _i == 0 ? 256 : sizeof(name));
  expect_refused(UNRECOGNIZED_NAME);
}
END_TEST


START_TEST(a_name_with_a_nul_is_refused) {
  static const char* const names[] = {"a\0b", "\0ab", "ab\0"};

  say(names[_i], 3);
  expect_refused(UNRECOGNIZED_NAME);
}
END_TEST


START_TEST(a_name_that_is_not_visible_ascii_is_refused) {
  static const char* const names[] = {
      "b\xc3\xbc", "\x80", "\xff", "a b", "a\nb", "\x7f", "\x01"};

  say(names[_i], strlen(names[_i]));
  expect_refused(INTERNAL_ERROR);
}
END_TEST


typedef struct malformed_s {
  size_t len;
  const char* data;
} malformed_t;

static const malformed_t malformed[] = {
    {0, ""},
    {1, "\0"},
    {2, "\0\0"},
    {3, "\0\1\0"},
    {5, "\0\3\0\0\0"},             /* an empty name */
    {5, "\0\3\0\0\1"},             /* its byte is missing */
    {6, "\0\3\0\0\1a"},            /* the list is shorter */
    {6, "\0\5\0\0\1a"},            /* the list is longer */
    {6, "\0\4\0\0\2a"},            /* the name is longer */
    {7, "\0\5\0\0\1aa"},           /* a byte follows it */
    {6, "\0\4\1\0\1a"},            /* another type */
    {6, "\0\4\xff\0\1a"},          /* another type */
    {10, "\0\10\0\0\1a\0\0\1b"},   /* two names */
    {10, "\0\10\0\0\1a\0\0\1a"},   /* twice the same */
    {12, "\0\12\1\0\1a\0\0\3abc"}, /* another type first */
    {10,
     "\xff\xff\0\xff\xff"
     "abcde"}, /* lengths beyond all */
};

#define MALFORMED ((int) (sizeof(malformed) / sizeof(malformed[0])))


START_TEST(what_is_malformed_is_refused) {
  pair_open(&pair, client, server, NULL);
  hello_inject(&pair.server, malformed[_i].data, malformed[_i].len);
  end_handshake(&pair.server);
  expect_refused(DECODE_ERROR);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("engine-sni");
  tcase = tcase_create("names");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_test(tcase, a_client_without_the_extension_asks_for_no_name);
  tcase_add_loop_test(tcase, a_name_is_told_as_the_bytes_that_it_is, 0, 6);
  tcase_add_test(tcase, a_name_of_255_bytes_is_told);
  tcase_add_loop_test(tcase, a_name_of_256_bytes_is_refused, 0, 2);
  tcase_add_loop_test(tcase, a_name_with_a_nul_is_refused, 0, 3);
  tcase_add_loop_test(tcase, a_name_that_is_not_visible_ascii_is_refused, 0, 7);
  tcase_add_loop_test(tcase, what_is_malformed_is_refused, 0, MALFORMED);
  suite_add_tcase(suite, tcase);
  return suite;
}
