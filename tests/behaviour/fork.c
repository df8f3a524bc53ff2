/* SPDX-License-Identifier: MIT */

/* A process that forks: contexts and sessions are good in both processes, and
 * what is random differs. Streams are good in the one that made them; the other
 * may close what it has inherited of them, and does not disturb. */

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/visit.h"
#include "tlsloop/openssl.h"
#include "tlsloop/random.h"

#define TALKS 4

/* What no two connections have in common. */
typedef struct secrets_s {
  unsigned char client[SSL3_RANDOM_SIZE];
  unsigned char server[SSL3_RANDOM_SIZE];
  unsigned char exported[32];
  unsigned char random[32];
} secrets_t;

static duo_t duo;
static tlsloop_ctx_t* client;
static tlsloop_ctx_t* server;
static tlsloop_session_t* kept;

static void keep(tlsloop_engine_t* engine, tlsloop_session_t* new, void* arg) {
  (void) engine;
  (void) arg;
  tlsloop_session_unref(kept);
  kept = tlsloop_session_ref(new);
}

static void make_contexts(int kind) {
  kept = NULL;
  client = duo_ctx(kind, TLSLOOP_CLIENT);
  server = duo_ctx(kind, TLSLOOP_SERVER);
  ck_assert_int_eq(tlsloop_ctx_set_session_cb(client, keep, NULL), 0);
}

static void free_contexts(void) {
  tlsloop_session_unref(kept);
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(server);
}

/* Ends a child: what it was given is its parent's to free. */
static _Noreturn void leave(void) {
  _exit(0);
}

static void wait_for(pid_t pid) {
  int status;

  ck_assert_int_eq(waitpid(pid, &status, 0), pid);
  ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0,
                "the child has failed");
}

/* Something each way, on streams that are open. */
static void exchange(duo_t* d, size_t len) {
  uint64_t sent = d->client.sent + len;

  ck_assert_int_eq(party_write(&d->client, len), 0);
  ck_assert_int_eq(party_write(&d->server, len), 0);
  DUO_UNTIL(d, d->client.received == sent && d->server.received == sent);
}

static void talk(int kind, secrets_t* secrets) {
  const tlsloop_engine_t* engine;
  SSL* ssl;

  duo_open_with(
      &duo, kind, 0, tlsloop_ctx_ref(client), tlsloop_ctx_ref(server));
  duo_connect(&duo);
  exchange(&duo, 100);
  engine = tlsloop_stream_engine(duo.client.stream);
  ssl = tlsloop_engine_ssl(engine);
  SSL_get_client_random(ssl, secrets->client, sizeof(secrets->client));
  SSL_get_server_random(ssl, secrets->server, sizeof(secrets->server));
  ck_assert_int_eq(tlsloop_engine_export_key(engine,
                                             "test",
                                             NULL,
                                             0,
                                             secrets->exported,
                                             sizeof(secrets->exported)),
                   0);
  ck_assert_int_eq(
      tlsloop_random_bytes(secrets->random, sizeof(secrets->random), NULL), 0);
  duo_close(&duo);
}

static void talk_all(int kind, secrets_t secrets[TALKS]) {
  int i;

  for (i = 0; i < TALKS; i++)
    talk(kind, &secrets[i]);
}

/* No 32 bytes anywhere in |secrets| are there twice. */
static void check_different(const secrets_t* secrets, size_t count) {
  const unsigned char* bytes = (const unsigned char*) secrets;
  size_t n = count * sizeof(*secrets) / 32;
  size_t i, j;

  for (i = 0; i < n; i++)
    for (j = 0; j < i; j++)
      ck_assert_msg(memcmp(bytes + 32 * i, bytes + 32 * j, 32) != 0,
                    "%zu and %zu are the same",
                    i,
                    j);
}

/* Two children, so that they differ from each other too. One talk comes before,
 * so that there is a state that they inherit. */
START_TEST(contexts_work_in_both_and_nothing_random_is_the_same) {
  secrets_t secrets[1 + 3 * TALKS];
  secrets_t* next = secrets + 1 + TALKS;
  pid_t pids[2];
  int fds[2];
  int i;

  make_contexts(_i);
  talk(_i, &secrets[0]);
  ck_assert_int_eq(pipe(fds), 0);
  for (i = 0; i < 2; i++) {
    pids[i] = fork();
    ck_assert_int_ge(pids[i], 0);
    if (pids[i] == 0) {
      talk_all(_i, next);
      ck_assert_int_eq(write(fds[1], next, TALKS * sizeof(*next)),
                       TALKS * sizeof(*next));
      leave();
    }
  }
  talk_all(_i, secrets + 1);
  for (i = 0; i < 2; i++) {
    wait_for(pids[i]);
    ck_assert_int_eq(read(fds[0], next, TALKS * sizeof(*next)),
                     TALKS * sizeof(*next));
    next += TALKS;
  }
  check_different(secrets, 1 + 3 * TALKS);
  close(fds[0]);
  close(fds[1]);
  free_contexts();
}
END_TEST

/* Opens streams of its own on the loop of |duo|, whose others are closed. */
static void open_again(int kind) {
  union uv_any_handle* a = malloc(sizeof(*a));
  union uv_any_handle* b = malloc(sizeof(*b));

  if (kind & DUO_PIPE)
    loop_pipe_pair(&duo.loop, &a->pipe, &b->pipe);
  else
    loop_tcp_pair(&duo.loop, &a->tcp, &b->tcp);
  party_open(&duo.client, client, TLSLOOP_CLIENT, &a->stream);
  party_open(&duo.server, server, TLSLOOP_SERVER, &b->stream);
}

/* uv_loop_fork has the child's loop watch the sockets that it has inherited, so
 * they are closed before it runs. */
START_TEST(a_child_closes_what_it_inherited_and_goes_on_with_the_loop) {
  pid_t pid;

  make_contexts(_i);
  duo_open_with(&duo, _i, 0, tlsloop_ctx_ref(client), tlsloop_ctx_ref(server));
  duo_connect(&duo);
  exchange(&duo, 50000);
  ck_assert_int_eq(party_write(&duo.client, 1000), 0); /* has not gone yet */
  pid = fork();
  ck_assert_int_ge(pid, 0);
  if (pid == 0) {
    ck_assert_int_eq(uv_loop_fork(&duo.loop.uv), 0);
    party_close(&duo.client);
    party_close(&duo.server);
    DUO_UNTIL(&duo, duo.client.closed && duo.server.closed);
    open_again(_i);
    duo_connect(&duo);
    exchange(&duo, 50000);
    leave();
  }
  wait_for(pid);
  DUO_UNTIL(&duo, duo.server.received == duo.client.sent);
  ck_assert_int_eq(party_write(&duo.server, 1000), 0);
  exchange(&duo, 50000);
  ck_assert_int_eq(party_shutdown(&duo.client), 0);
  ck_assert_int_eq(party_shutdown(&duo.server), 0);
  DUO_UNTIL(&duo, duo.client.ends == 1 && duo.server.ends == 1);
  ck_assert_int_eq(duo.client.read_status, UV_EOF);
  ck_assert_int_eq(duo.server.read_status, UV_EOF);
  duo_close(&duo);
  free_contexts();
}
END_TEST

START_TEST(a_child_that_leaves_alone_what_it_inherited_has_its_own_loop) {
  static duo_t theirs;
  pid_t pid;

  make_contexts(_i);
  duo_open_with(
      &theirs, _i, 0, tlsloop_ctx_ref(client), tlsloop_ctx_ref(server));
  duo_connect(&theirs);
  exchange(&theirs, 1000);
  pid = fork();
  ck_assert_int_ge(pid, 0);
  if (pid == 0) {
    secrets_t secrets[TALKS];

    talk_all(_i, secrets);
    leave();
  }
  exchange(&theirs, 50000);
  wait_for(pid);
  exchange(&theirs, 50000);
  duo_close(&theirs);
  free_contexts();
}
END_TEST

static void greet(house_t* house, int event) {
  house_welcome(house, event);
  if (event == HOUSE_VISITED)
    ck_assert_int_eq(visitor_write(&house->guests[house->taken - 1], 7), 0);
}

/* A worker that serves one client on the listening socket |fd|. */
static _Noreturn void serve_one(int fd) {
  house_t house;
  loop_t loop;

  loop_open(&loop, 60);
  house_init(&house, &loop, server);
  house.hook = greet;
  house_listen_on(&house, fd);
  VISIT_UNTIL(&loop, house.taken == 1);
  ck_assert_int_eq(visitor_read(&house.guests[0]), 0);
  VISIT_UNTIL(&loop, house.guests[0].ends == 1);
  leave();
}

/* Returns whether a session was resumed. */
static int visit(int port) {
  visitor_t visitor;
  loop_t loop;
  int reused;

  loop_open(&loop, 60);
  visitor_open(&visitor, &loop, client);
  ck_assert_int_eq(tlsloop_stream_set_hostname(visitor.stream, "localhost"), 0);
  if (kept != NULL)
    ck_assert_int_eq(tlsloop_stream_set_session(visitor.stream, kept), 0);
  ck_assert_int_eq(visitor_connect_ports(&visitor, &port, 1), 0);
  ck_assert_int_eq(visitor_read(&visitor), 0);
  VISIT_UNTIL(&loop, visitor.received == 7);
  reused = tlsloop_engine_session_reused(tlsloop_stream_engine(visitor.stream));
  visitor_close(&visitor);
  VISIT_UNTIL(&loop, visitor.closed);
  loop_close(&loop);
  return reused;
}

/* They have one context, and so one key for tickets. */
START_TEST(workers_of_one_context_resume_each_others_sessions) {
  pid_t pid;
  int port;
  int fd;
  int i;

  make_contexts(_i);
  fd = visit_bind(0, &port);
  ck_assert_int_eq(listen(fd, 16), 0);
  for (i = 0; i < 3; i++) {
    pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0)
      serve_one(fd);
    ck_assert_int_eq(visit(port), i > 0);
    ck_assert_ptr_nonnull(kept);
    wait_for(pid);
  }
  close(fd);
  free_contexts();
}
END_TEST

Suite* suite(void) {
  Suite* suite = suite_create("fork");
  TCase* tcase = duo_case(suite, "fork");

  tcase_add_loop_test(tcase,
                      contexts_work_in_both_and_nothing_random_is_the_same,
                      0,
                      DUO_VERSIONS);
  tcase_add_loop_test(
      tcase,
      a_child_closes_what_it_inherited_and_goes_on_with_the_loop,
      0,
      DUO_KINDS);
  tcase_add_loop_test(
      tcase,
      a_child_that_leaves_alone_what_it_inherited_has_its_own_loop,
      0,
      DUO_KINDS);
  tcase_add_loop_test(tcase,
                      workers_of_one_context_resume_each_others_sessions,
                      0,
                      DUO_VERSIONS);
  return suite;
}
