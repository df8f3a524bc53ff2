/* SPDX-License-Identifier: MIT */

/* limit WORKLOAD [OPTION]...: what OpenSSL alone spends on the server's part of
 * a workload: a client and a server in memory, and only the server's calls
 * count. No server that uses OpenSSL can cost less. Options and output are the
 * generator's. */

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/load.h"
#include "bench/openssl.h"
#include "bench/options.h"

#define RECORD_SIZE 16384
/* The memory between the two, each way. */
#define PIPE_SIZE ((size_t) 256 * 1024)
/* Bytes or messages that go one way before they go the other, so that reading
 * the clock does not count. */
#define BATCH_BYTES    ((size_t) 8 * RECORD_SIZE)
#define BATCH_MESSAGES 100
#define WARM_SECONDS   0.05

typedef struct pair_s {
  SSL* client;
  SSL* server;
} pair_t;

static SSL_CTX* server_ctx;
static SSL_CTX* client_ctx;
static SSL_SESSION* newest;
static uint64_t spent; /* by the server, in nanoseconds */
static char bytes[RECORD_SIZE];

static uint64_t clock_thread(void) {
  struct timespec t;

  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (uint64_t) t.tv_sec * 1000000000u + (uint64_t) t.tv_nsec;
}

static int on_session(SSL* ssl, SSL_SESSION* session) {
  (void) ssl;
  SSL_SESSION_free(newest);
  newest = session;
  return 1;
}

static void setup(void) {
  const char* cert = getenv("LIMIT_CERT"); /* with its key */

  if (cert == NULL)
    die("limit", "LIMIT_CERT does not name a certificate");
  server_ctx = openssl_server_ctx(cert, cert);
  client_ctx = SSL_CTX_new(TLS_client_method());
  if (client_ctx == NULL ||
      !SSL_CTX_set_min_proto_version(client_ctx, opts.version) ||
      !SSL_CTX_set_max_proto_version(client_ctx, opts.version))
    openssl_die("TLS");
  SSL_CTX_set_session_cache_mode(
      client_ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(client_ctx, on_session);
}

/* The server's half of a connection is part of its work. */
static SSL* server_new(BIO* bio) {
  uint64_t start = clock_thread();
  SSL* ssl = SSL_new(server_ctx);

  if (ssl == NULL)
    openssl_die("server");
  SSL_set_bio(ssl, bio, bio);
  SSL_set_accept_state(ssl);
  spent += clock_thread() - start;
  return ssl;
}

static int server_handshake(SSL* ssl) {
  uint64_t start = clock_thread();
  int r = SSL_do_handshake(ssl);

  spent += clock_thread() - start;
  return r == 1;
}

static void server_free(SSL* ssl) {
  uint64_t start = clock_thread();

  SSL_shutdown(ssl);
  SSL_free(ssl);
  spent += clock_thread() - start;
}

static void connect_pair(pair_t* pair, SSL_SESSION* session) {
  BIO *ours, *theirs;
  int done = 0;

  if (!BIO_new_bio_pair(&ours, PIPE_SIZE, &theirs, PIPE_SIZE))
    openssl_die("pair");
  pair->server = server_new(ours);
  pair->client = SSL_new(client_ctx);
  if (pair->client == NULL)
    openssl_die("client");
  SSL_set_bio(pair->client, theirs, theirs);
  SSL_set_connect_state(pair->client);
  if (session != NULL) {
    SSL_SESSION* copy = SSL_SESSION_dup(session);

    if (copy == NULL || !SSL_set_session(pair->client, copy))
      openssl_die("session");
    SSL_SESSION_free(copy);
  }
  while (!done) {
    SSL_do_handshake(pair->client);
    done = server_handshake(pair->server);
  }
  /* The server's last flight, and the tickets. */
  if (SSL_do_handshake(pair->client) != 1)
    openssl_die("handshake");
  SSL_read(pair->client, bytes, 1);
}

static void free_pair(pair_t* pair) {
  SSL_shutdown(pair->client);
  server_free(pair->server);
  SSL_free(pair->client);
}

/* Each of these does one piece of work and returns how many units that was. */

static SSL_SESSION* session;

static uint64_t do_handshake(pair_t* unused) {
  pair_t pair;

  (void) unused;
  connect_pair(&pair, session);
  if (session != NULL && !SSL_session_reused(pair.client))
    die("limit", "the server has not resumed");
  free_pair(&pair);
  return 1;
}

static void must(int r, size_t n) {
  if (r != (int) n)
    openssl_die("memory");
}

/* What is read together is answered with one record. */
static uint64_t do_echo(pair_t* pair) {
  unsigned batches = (BATCH_MESSAGES + opts.depth - 1) / opts.depth;
  size_t len = opts.size * opts.depth;
  uint64_t start;
  unsigned i, j;

  if (len > RECORD_SIZE)
    die("limit", "there is too much in a batch");
  for (i = 0; i < batches * opts.depth; i++)
    must(SSL_write(pair->client, bytes, (int) opts.size), opts.size);
  start = clock_thread();
  for (i = 0; i < batches; i++) {
    for (j = 0; j < opts.depth; j++)
      must(SSL_read(pair->server, bytes + j * opts.size, (int) opts.size),
           opts.size);
    must(SSL_write(pair->server, bytes, (int) len), len);
  }
  spent += clock_thread() - start;
  for (i = 0; i < batches; i++)
    must(SSL_read(pair->client, bytes, (int) len), len);
  return (uint64_t) batches * opts.depth;
}

static void put(SSL* ssl) {
  size_t n;

  for (n = 0; n < BATCH_BYTES; n += RECORD_SIZE)
    must(SSL_write(ssl, bytes, RECORD_SIZE), RECORD_SIZE);
}

static void get(SSL* ssl) {
  size_t n;

  for (n = 0; n < BATCH_BYTES; n += RECORD_SIZE)
    must(SSL_read(ssl, bytes, RECORD_SIZE), RECORD_SIZE);
}

static uint64_t do_send(pair_t* pair) {
  uint64_t start = clock_thread();

  put(pair->server);
  spent += clock_thread() - start;
  get(pair->client);
  return BATCH_BYTES;
}

static uint64_t do_receive(pair_t* pair) {
  uint64_t start;

  put(pair->client);
  start = clock_thread();
  get(pair->server);
  spent += clock_thread() - start;
  return BATCH_BYTES;
}

static uint64_t do_bulk_echo(pair_t* pair) {
  return (do_receive(pair) + do_send(pair)) / 2;
}

static const struct {
  const char* name;
  uint64_t (*run)(pair_t* pair);
  const char* unit;
  double scale; /* of what |run| counts to a unit */
} workloads[] = {
    {"handshake", do_handshake, "handshake", 1},
    {"echo", do_echo, "message", 1},
    {"send", do_send, "MiB", 1 << 20},
    {"receive", do_receive, "MiB", 1 << 20},
    {"bulk-echo", do_bulk_echo, "MiB", 1 << 20},
};

static void measure(size_t i) {
  uint64_t start = now_ns();
  usage_t before = {0}, after = {0};
  uint64_t n = 0;
  pair_t pair;

  connect_pair(&pair, NULL);
  if (opts.resumed) {
    session = newest;
    SSL_SESSION_up_ref(session);
  }
  while (now_ns() - start < (uint64_t) (WARM_SECONDS * 1e9))
    workloads[i].run(&pair);
  spent = 0;
  start = now_ns();
  while (now_ns() - start < (uint64_t) (opts.seconds * 1e9))
    n += workloads[i].run(&pair);
  after.cpu = (uint64_t) ((double) spent * workloads[i].scale);
  after.wall = now_ns() - start;
  usage_report(workloads[i].unit, n, &before, &after);
  free_pair(&pair);
}

int main(int argc, char** argv) {
  const char* name = load_read_options(argc, argv);
  size_t i;

  setup();
  for (i = 0; i < sizeof(workloads) / sizeof(workloads[0]); i++) {
    if (strcmp(workloads[i].name, name) == 0) {
      measure(i);
      return EXIT_SUCCESS;
    }
  }
  die(name, "there is no such workload");
}
