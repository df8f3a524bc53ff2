/* SPDX-License-Identifier: MIT */

/* Workloads of handshakes: connections that are closed as soon as they are
 * open; and connections that are held while others come and go. */

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "bench/load.h"
#include "bench/options.h"

#define WARM_MS 100
/* Connections that talk while others come, and how often, in nanoseconds. */
#define PING_EVERY 20000000u
#define TICK_MS    1

static struct {
  SSL_SESSION* session; /* to resume */
  unsigned under_way;
  uint64_t done;
  int ending;
} shakes;

static struct {
  peer_t** peers;
  uint64_t* times; /* how long answers took */
  size_t count;
  size_t room;
  int measuring;
} pings;

static void on_shake(peer_t* peer);

static void start_one(void) {
  shakes.under_way++;
  peer_new(on_shake, shakes.session);
}

static void finish(peer_t* peer) {
  peer_free(peer);
  shakes.under_way--;
  shakes.done++;
  if (opts.rate > 0)
    return;
  if (!shakes.ending)
    start_one();
  else if (shakes.under_way == 0)
    peer_stop_loop();
}

/* Handshake, close_notify, and then whatever the server says until its end. */
static void on_shake(peer_t* peer) {
  char bytes[1024];
  int n;

  if (peer->phase == 0) {
    if (!peer_handshake(peer))
      return;
    if (shakes.session != NULL && !SSL_session_reused(peer->ssl))
      die("handshake", "the server has not resumed");
    peer->phase = 1;
    SSL_shutdown(peer->ssl);
    shutdown(peer->fd, SHUT_WR); /* some heed only this */
  }
  do {
    n = peer_read(peer, bytes, sizeof(bytes));
  } while (n > 0);
  if (n < 0)
    finish(peer);
}

static void run_for(double seconds) {
  unsigned i;

  shakes.done = 0;
  shakes.ending = 0;
  for (i = 0; i < opts.conns; i++)
    start_one();
  peer_loop((int) (seconds * 1000));
  shakes.ending = 1;
  peer_loop(-1);
}

/* The first handshake is full and brings what the others resume. */
static void get_session(void) {
  unsigned conns = opts.conns;

  opts.conns = 1;
  run_for(0);
  opts.conns = conns;
  shakes.session = peer_session();
  if (shakes.session == NULL)
    die("handshake", "the server gives no session");
  SSL_SESSION_up_ref(shakes.session);
}

void load_handshake(void) {
  usage_t before, after;

  if (opts.resumed)
    get_session();
  run_for(WARM_MS / 1000.0);
  before = usage_read();
  run_for(opts.seconds);
  after = usage_read();
  usage_report("handshake", shakes.done, &before, &after);
}

static void on_pong(peer_t* peer) {
  char bytes[4096];
  int n = peer_read(peer, bytes, sizeof(bytes));

  if (n < 0)
    die("connection", "the server has closed");
  if (n == 0 || peer->to_get == 0)
    return;
  peer->to_get -= (uint64_t) n;
  if (peer->to_get == 0 && pings.measuring && pings.count < pings.room)
    pings.times[pings.count++] = now_ns() - peer->at;
}

static int compare(const void* a, const void* b) {
  uint64_t x = *(const uint64_t*) a;
  uint64_t y = *(const uint64_t*) b;

  return x < y ? -1 : x > y;
}

/* What is due at |now|: handshakes by the rate, pings each in its turn. */
static void do_due(uint64_t start, uint64_t now, uint64_t* shaken) {
  static const char message[64];
  unsigned i;

  for (; *shaken < (now - start) / 1000 * opts.rate / 1000000; ++*shaken)
    start_one();
  for (i = 0; i < opts.conns; i++) {
    peer_t* peer = pings.peers[i];

    if (peer->to_get > 0 || now < peer->at + PING_EVERY)
      continue;
    peer->at = now_ns();
    peer->to_get = sizeof(message);
    peer_write_records(peer, message, sizeof(message), sizeof(message));
  }
}

static void hold_for(double seconds) {
  uint64_t start = now_ns();
  uint64_t now = start;
  uint64_t shaken = 0;

  while (now - start < (uint64_t) (seconds * 1e9)) {
    do_due(start, now, &shaken);
    peer_loop(TICK_MS);
    now = now_ns();
  }
}

/* Prints where |part| of the times are below, in microseconds. */
static void print_time(const char* name, double part) {
  size_t i = (size_t) ((double) pings.count * part);

  printf("%s=%.1f ", name, (double) pings.times[i] / 1000);
}

void load_held(void) {
  usage_t before, after;
  unsigned i;

  pings.peers = calloc(opts.conns, sizeof(peer_t*));
  pings.room = (size_t) (opts.seconds * 1e9 / PING_EVERY + 2) * opts.conns;
  pings.times = calloc(pings.room, sizeof(uint64_t));
  if (pings.peers == NULL || pings.times == NULL)
    die("load", "out of memory");
  peer_open_all(pings.peers, opts.conns, on_pong);
  for (i = 0; i < opts.conns; i++) {
    peer_command(pings.peers[i], 'E', 0);
    pings.peers[i]->at = now_ns() + PING_EVERY * i / opts.conns;
  }
  hold_for(WARM_MS / 1000.0);
  before = usage_read();
  shakes.done = 0;
  pings.measuring = 1;
  hold_for(opts.seconds);
  pings.measuring = 0;
  after = usage_read();
  if (pings.count == 0 || shakes.done == 0)
    die("held", "nothing was answered");
  qsort(pings.times, pings.count, sizeof(uint64_t), compare);
  printf("pings=%zu ", pings.count);
  print_time("p50_us", 0.5);
  print_time("p99_us", 0.99);
  usage_report("handshake", shakes.done, &before, &after);
}
