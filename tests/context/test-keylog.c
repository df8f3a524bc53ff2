/* SPDX-License-Identifier: MIT */

/* Secrets are shown to whom the application wants, and to nobody else. */

#include "support/suite.h"

#include "context/file.h"
#include "support/given.h"
#include "tlsloop/callback.h"
#include "tlsloop/policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv/errno.h>

#define MAX_LINES 32

/* What was shown. */
typedef struct seen_s {
  tlsloop_engine_t* engine;
  char lines[MAX_LINES][512];
  int count;
} seen_t;

static pki_t* pki;
static tlsloop_ctx_t* client;
static tlsloop_ctx_t* server;
static char path[512];
static seen_t seen;
static pair_t pair;


static void setup(void) {
  pki = pki_new("keylog");
  client = given_client(pki);
  server = given_server(pki, NULL);
  snprintf(path, sizeof(path), "%s/keys", pki_dir(pki));
  memset(&seen, 0, sizeof(seen));
  unsetenv("SSLKEYLOGFILE");
}


static void teardown(void) {
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(server);
  pki_free(pki);
}


static void on_line(tlsloop_engine_t* engine, const char* line, void* arg) {
  seen_t* to;

  to = arg;
  ck_assert_int_lt(to->count, MAX_LINES);
  ck_assert_ptr_null(strchr(line, '\n'));
  to->engine = engine;
  snprintf(to->lines[to->count++], sizeof(to->lines[0]), "%s", line);
}


/* Whether there is just one line with |label|. */
static int has(const char* label) {
  int found;
  int i;

  found = 0;
  for (i = 0; i < seen.count; i++)
    found += strncmp(seen.lines[i], label, strlen(label)) == 0 &&
             seen.lines[i][strlen(label)] == ' ';
  return found == 1;
}


/* The file, for the caller to free. */
static char* contents(void) {
  unsigned char* data;
  char* text;
  size_t len;

  ck_done(tlsloop__file_read(path, &data, &len));
  text = strndup((char*) data, len);
  tlsloop__file_free(data, len);
  ck_assert_ptr_nonnull(text);
  return text;
}


static int count_lines(void) {
  char* text;
  int count;
  char* at;

  text = contents();
  count = 0;
  for (at = text; (at = strchr(at, '\n')) != NULL; at++)
    count++;
  free(text);
  return count;
}


START_TEST(a_handshake_of_tls_1_3_has_five_secrets) {
  tlsloop_ctx_t* ctx;

  ctx = _i ? server : client;
  ck_done(tlsloop_ctx_set_keylog_cb(ctx, on_line, &seen));
  pair_open(&pair, client, server, "localhost");
  pair_connect(&pair);
  ck_assert_ptr_eq(seen.engine, _i ? pair.server.engine : pair.client.engine);
  ck_assert_int_eq(seen.count, 5);
  ck_assert(has("SERVER_HANDSHAKE_TRAFFIC_SECRET"));
  ck_assert(has("CLIENT_HANDSHAKE_TRAFFIC_SECRET"));
  ck_assert(has("EXPORTER_SECRET"));
  ck_assert(has("SERVER_TRAFFIC_SECRET_0"));
  ck_assert(has("CLIENT_TRAFFIC_SECRET_0"));
  pair_close(&pair);
}
END_TEST


START_TEST(a_handshake_of_tls_1_2_has_one) {
  ck_done(tlsloop_ctx_set_max_version(client, TLSLOOP_TLS_1_2));
  ck_done(tlsloop_ctx_set_keylog_cb(server, on_line, &seen));
  ck_done(try_connection(client, server, "localhost"));
  ck_assert_int_eq(seen.count, 1);
  ck_assert(has("CLIENT_RANDOM"));
}
END_TEST


START_TEST(both_sides_have_the_same) {
  seen_t others;
  int i;

  memset(&others, 0, sizeof(others));
  ck_done(tlsloop_ctx_set_max_version(client, TLSLOOP_TLS_1_2));
  ck_done(tlsloop_ctx_set_keylog_cb(server, on_line, &seen));
  ck_done(tlsloop_ctx_set_keylog_cb(client, on_line, &others));
  ck_done(try_connection(client, server, "localhost"));
  ck_assert_int_eq(seen.count, others.count);
  for (i = 0; i < seen.count; i++)
    ck_assert_str_eq(seen.lines[i], others.lines[i]);
}
END_TEST


START_TEST(a_callback_can_be_taken_away) {
  ck_done(tlsloop_ctx_set_keylog_cb(client, on_line, &seen));
  ck_done(tlsloop_ctx_set_keylog_cb(client, NULL, NULL));
  ck_done(try_connection(client, server, "localhost"));
  ck_assert_int_eq(seen.count, 0);
}
END_TEST


START_TEST(the_file_has_the_lines_of_all_connections) {
  ck_assert_ptr_null(tlsloop_ctx_keylog_file(client));
  ck_done(tlsloop_ctx_set_keylog_file(client, path));
  ck_assert_str_eq(tlsloop_ctx_keylog_file(client), path);
  ck_assert_int_eq(count_lines(), 1);
  ck_done(try_connection(client, server, "localhost"));
  ck_assert_int_eq(count_lines(), 6);
  ck_done(try_connection(client, server, "localhost"));
  ck_assert_int_eq(count_lines(), 11);
}
END_TEST


START_TEST(a_file_and_a_callback_go_together) {
  char* text;
  int i;

  ck_done(tlsloop_ctx_set_keylog_file(client, path));
  ck_done(tlsloop_ctx_set_keylog_cb(client, on_line, &seen));
  ck_done(try_connection(client, server, "localhost"));
  ck_assert_int_eq(seen.count, 5);
  text = contents();
  for (i = 0; i < seen.count; i++)
    ck_assert_ptr_nonnull(strstr(text, seen.lines[i]));
  free(text);
}
END_TEST


START_TEST(two_contexts_may_share_a_file) {
  ck_done(tlsloop_ctx_set_keylog_file(client, path));
  ck_done(tlsloop_ctx_set_keylog_file(server, path));
  ck_done(try_connection(client, server, "localhost"));
  ck_assert_int_eq(count_lines(), 11);
}
END_TEST


START_TEST(a_file_can_be_taken_away) {
  ck_done(tlsloop_ctx_set_keylog_file(client, path));
  ck_done(tlsloop_ctx_set_keylog_file(client, NULL));
  ck_assert_ptr_null(tlsloop_ctx_keylog_file(client));
  ck_done(try_connection(client, server, "localhost"));
  ck_assert_int_eq(count_lines(), 1);
}
END_TEST


START_TEST(a_file_that_cannot_be_opened_leaves_the_old_one) {
  ck_done(tlsloop_ctx_set_keylog_file(client, path));
  ck_ctx_failed(client,
                tlsloop_ctx_set_keylog_file(client, pki_dir(pki)),
                UV__EISDIR,
                pki_dir(pki),
                "directory");
  ck_assert_str_eq(tlsloop_ctx_keylog_file(client), path);
  ck_done(try_connection(client, server, "localhost"));
  ck_assert_int_eq(count_lines(), 6);
}
END_TEST


START_TEST(a_log_that_cannot_be_written_ends_no_connection) {
  const tlsloop_error_t* error;

  ck_done(tlsloop_ctx_set_keylog_file(client, "/dev/full"));
  ck_done(tlsloop_ctx_set_keylog_cb(client, on_line, &seen));
  pair_open(&pair, client, server, "localhost");
  pair_connect(&pair);
  pair_ping(&pair);
  ck_assert_ptr_null(tlsloop_engine_error(pair.client.engine));
  pair_close(&pair);
  error = tlsloop_ctx_error(client);
  ck_assert_ptr_nonnull(error);
  ck_assert_int_eq(error->code, UV__ENOSPC);
  ck_assert_str_eq(error->subject, "/dev/full");
  ck_assert_int_eq(seen.count, 5);
}
END_TEST


START_TEST(the_environment_counts_when_it_is_asked) {
  ck_assert_int_eq(setenv("SSLKEYLOGFILE", path, 1), 0);
  ck_done(try_connection(client, server, "localhost"));
  tlsloop_ctx_unref(client);
  client = given_client(pki);
  ck_assert_ptr_null(tlsloop_ctx_keylog_file(client));
  ck_done(tlsloop_ctx_set_keylog_from_env(client));
  ck_assert_str_eq(tlsloop_ctx_keylog_file(client), path);
  ck_done(try_connection(client, server, "localhost"));
  ck_assert_int_eq(count_lines(), 6);
}
END_TEST


START_TEST(an_environment_that_says_nothing_changes_nothing) {
  ck_done(tlsloop_ctx_set_keylog_file(client, path));
  ck_done(tlsloop_ctx_set_keylog_from_env(client));
  ck_assert_int_eq(setenv("SSLKEYLOGFILE", "", 1), 0);
  ck_done(tlsloop_ctx_set_keylog_from_env(client));
  ck_assert_str_eq(tlsloop_ctx_keylog_file(client), path);
}
END_TEST


START_TEST(an_environment_that_is_wrong_is_told) {
  ck_assert_int_eq(setenv("SSLKEYLOGFILE", pki_dir(pki), 1), 0);
  ck_ctx_failed(client,
                tlsloop_ctx_set_keylog_from_env(client),
                UV__EISDIR,
                pki_dir(pki),
                "directory");
  ck_assert_ptr_null(tlsloop_ctx_keylog_file(client));
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


START_TEST(a_context_for_a_name_brings_its_log) {
  tlsloop_ctx_t* other;
  seen_t first;

  memset(&first, 0, sizeof(first));
  other = given_server(pki, NULL);
  ck_done(tlsloop_ctx_set_sni_cb(server, on_name, other));
  ck_done(tlsloop_ctx_set_keylog_cb(server, on_line, &first));
  ck_done(tlsloop_ctx_set_keylog_cb(other, on_line, &seen));
  ck_done(try_connection(client, server, "localhost"));
  ck_assert_int_eq(first.count, 0);
  ck_assert_int_eq(seen.count, 5);
  tlsloop_ctx_unref(other);
}
END_TEST


START_TEST(a_context_in_use_keeps_its_log) {
  ck_done(try_connection(client, server, "localhost"));
  ck_ctx_failed(client,
                tlsloop_ctx_set_keylog_cb(client, on_line, &seen),
                UV__EBUSY,
                NULL,
                "connections");
  ck_ctx_failed(client,
                tlsloop_ctx_set_keylog_file(client, path),
                UV__EBUSY,
                NULL,
                "connections");
  ck_ctx_failed(client,
                tlsloop_ctx_set_keylog_from_env(client),
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

  suite = suite_create("keylog");
  tcase = tcase_create("keylog");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_loop_test(tcase, a_handshake_of_tls_1_3_has_five_secrets, 0, 2);
  tcase_add_test(tcase, a_handshake_of_tls_1_2_has_one);
  tcase_add_test(tcase, both_sides_have_the_same);
  tcase_add_test(tcase, a_callback_can_be_taken_away);
  tcase_add_test(tcase, the_file_has_the_lines_of_all_connections);
  tcase_add_test(tcase, a_file_and_a_callback_go_together);
  tcase_add_test(tcase, two_contexts_may_share_a_file);
  tcase_add_test(tcase, a_file_can_be_taken_away);
  tcase_add_test(tcase, a_file_that_cannot_be_opened_leaves_the_old_one);
  tcase_add_test(tcase, a_log_that_cannot_be_written_ends_no_connection);
  tcase_add_test(tcase, the_environment_counts_when_it_is_asked);
  tcase_add_test(tcase, an_environment_that_says_nothing_changes_nothing);
  tcase_add_test(tcase, an_environment_that_is_wrong_is_told);
  tcase_add_test(tcase, a_context_for_a_name_brings_its_log);
  tcase_add_test(tcase, a_context_in_use_keeps_its_log);
  suite_add_tcase(suite, tcase);
  return suite;
}
