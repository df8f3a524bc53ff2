/* SPDX-License-Identifier: MIT */

/* Loops on several threads share a client's and a server's context, and the
 * sessions: what one thread has made another resumes. */

#include <stdlib.h>

#include "support/crew.h"
#include "support/duo.h"

#define NO_TICKET 8 /* kinds: a server that keeps its sessions itself */

static crew_t crew;

static void open_crew(int kind, int count) {
  tlsloop_ctx_t* server = duo_ctx(kind, TLSLOOP_SERVER);
  const char* stride = getenv("TLSLOOP_TEST_STRIDE");

  if (kind & NO_TICKET)
    ck_assert_int_eq(
        tlsloop_ctx_set_options(
            server, tlsloop_ctx_options(server) | TLSLOOP_OP_NO_TICKET),
        0);
  crew_open(&crew, count, duo_ctx(kind, TLSLOOP_CLIENT), server);
  if (stride != NULL)
    crew.rounds = 4 + crew.rounds / atoi(stride);
}

/* The sums over all threads. */
static crew_member_t sum(void) {
  crew_member_t sums = {0};
  int i;

  for (i = 0; i < crew.count; i++) {
    sums.met += crew.members[i].met;
    sums.tried += crew.members[i].tried;
    sums.resumed += crew.members[i].resumed;
    sums.refused += crew.members[i].refused;
  }
  return sums;
}

START_TEST(threads_resume_each_others_sessions) {
  tlsloop_session_stats_t stats = {.size = sizeof(stats)};
  crew_member_t sums;

  open_crew(_i, CREW_MAX);
  crew_start(&crew);
  crew_join(&crew);
  sums = sum();
  ck_assert_uint_eq(sums.met, (unsigned int) (crew.count * crew.rounds));
  ck_assert_uint_eq(sums.refused, 0);
  ck_assert_uint_eq(sums.resumed, sums.tried);
  /* At most the first of each thread has found none. */
  ck_assert_uint_ge(sums.tried, sums.met - CREW_MAX);
  ck_assert_int_eq(tlsloop_ctx_session_stats(crew.server, &stats), 0);
  ck_assert_int_eq(stats.accept_good, sums.met);
  ck_assert_int_eq(stats.hits, sums.resumed);
  ck_assert_int_eq(tlsloop_ctx_session_stats(crew.client, &stats), 0);
  ck_assert_int_eq(stats.connect_good, sums.met);
  crew_close(&crew);
}
END_TEST

/* Who is trusted is part of what a session was made under. */
START_TEST(trust_is_added_while_threads_connect) {
  crew_member_t sums;
  pki_t* pki;
  int i;

  open_crew(_i, 4);
  crew_start(&crew);
  for (i = 0; i < 10; i++) {
    tlsloop_store_stats_t stats = {.size = sizeof(stats)};
    tlsloop_cert_t* certs[16];
    size_t count;
    size_t j;

    pki = pki_new("another");
    ck_assert_int_eq(tlsloop_ctx_load_verify_mem(crew.client,
                                                 pki->root->pem.data,
                                                 pki->root->pem.len,
                                                 TLSLOOP_ENCODING_PEM),
                     0);
    pki_free(pki);
    ck_assert_int_eq(tlsloop_ctx_store_stats(crew.client, &stats), 0);
    ck_assert_uint_eq(stats.x509, (size_t) i + 2);
    ck_assert_int_eq(tlsloop_ctx_ca_certs(crew.client, certs, 16, &count), 0);
    ck_assert_uint_eq(count, (size_t) i + 2);
    for (j = 0; j < count; j++)
      tlsloop_cert_unref(certs[j]);
  }
  crew_join(&crew);
  sums = sum();
  ck_assert_uint_eq(sums.met, (unsigned int) (crew.count * crew.rounds));
  ck_assert_uint_le(sums.resumed, sums.tried);
  crew_close(&crew);
}
END_TEST

/* The last of them to end may be on any thread. */
START_TEST(contexts_and_sessions_end_on_any_thread) {
  tlsloop_ctx_t* client;
  tlsloop_ctx_t* server;

  open_crew(_i, 4);
  client = crew.client;
  server = crew.server;
  crew.rounds = 3;
  tlsloop_ctx_ref(client);
  tlsloop_ctx_ref(server);
  crew_start(&crew);
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(server);
  crew_join(&crew);
  crew_close(&crew);
}
END_TEST

Suite* suite(void) {
  Suite* suite = suite_create("threads that resume");
  TCase* tcase = duo_case(suite, "threads");

  tcase_add_loop_test(
      tcase, threads_resume_each_others_sessions, 0, DUO_VERSIONS);
  tcase_add_loop_test(tcase,
                      threads_resume_each_others_sessions,
                      NO_TICKET,
                      NO_TICKET + DUO_VERSIONS);
  tcase_add_loop_test(
      tcase, trust_is_added_while_threads_connect, 0, DUO_VERSIONS);
  tcase_add_loop_test(
      tcase, contexts_and_sessions_end_on_any_thread, 0, DUO_VERSIONS);
  return suite;
}
