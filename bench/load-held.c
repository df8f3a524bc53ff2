/* SPDX-License-Identifier: MIT */

/* The workload of connections that are held while others come and go. A process
 * of its own, with less right to the processor, makes the handshakes, so that
 * answers are seen when they come. */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/load.h"
#include "bench/options.h"

#define MESSAGE_SIZE 64
#define WARM_SECONDS 0.2
/* How often each connection sends a message, in nanoseconds. */
#define PING_EVERY 20000000u
#define TICK_MS    1
/* A generator that cannot keep up does not pile handshakes up. */
#define MAX_UNDER_WAY  64
#define STORM_NICENESS 10

static struct {
  peer_t** peers;
  uint64_t* times; /* how long answers took, in nanoseconds */
  size_t count;
  size_t room;
  int measuring;
} pings;

/* Handshakes done, in memory that both processes have. */
static volatile uint64_t* done;

static void on_done(void) {
  ++*done;
}

/* Makes handshakes by the rate until the process is killed. */
static _Noreturn void storm(void) {
  uint64_t start = now_ns();
  uint64_t begun = 0;

  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (nice(STORM_NICENESS) < 0)
    die("held", "nice");
  peer_setup();
  shake_on_done(on_done);
  for (;;) {
    uint64_t due = (now_ns() - start) / 1000 * opts.rate / 1000000;

    for (; begun < due; begun++) {
      if (shake_under_way() < MAX_UNDER_WAY)
        shake_start();
    }
    peer_loop(TICK_MS);
  }
}

static pid_t start_storm(void) {
  pid_t pid;

  done = mmap(NULL,
              sizeof(*done),
              PROT_READ | PROT_WRITE,
              MAP_SHARED | MAP_ANONYMOUS,
              -1,
              0);
  if (done == MAP_FAILED)
    die("held", "no shared memory");
  pid = fork();
  if (pid < 0)
    die("held", "fork");
  if (pid == 0)
    storm();
  return pid;
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

static void send_due(void) {
  static const char message[MESSAGE_SIZE];
  unsigned i;

  for (i = 0; i < opts.conns; i++) {
    peer_t* peer = pings.peers[i];

    if (peer->to_get > 0 || now_ns() < peer->at + PING_EVERY)
      continue;
    peer->at = now_ns();
    peer->to_get = sizeof(message);
    peer_write_records(peer, message, sizeof(message), sizeof(message));
  }
}

static void hold_for(double seconds) {
  uint64_t start = now_ns();

  while (now_ns() - start < (uint64_t) (seconds * 1e9)) {
    send_due();
    peer_loop(TICK_MS);
  }
}

static void open_all(void) {
  unsigned i;

  pings.peers = calloc(opts.conns, sizeof(peer_t*));
  pings.room = (size_t) (opts.seconds * 1e9 / PING_EVERY + 2) * opts.conns;
  pings.times = calloc(pings.room, sizeof(uint64_t));
  if (pings.peers == NULL || pings.times == NULL)
    die("held", "out of memory");
  peer_open_all(pings.peers, opts.conns, on_pong);
  for (i = 0; i < opts.conns; i++) {
    peer_command(pings.peers[i], 'E', 0);
    pings.peers[i]->at = now_ns() + PING_EVERY * i / opts.conns;
  }
}

static int compare(const void* a, const void* b) {
  uint64_t x = *(const uint64_t*) a;
  uint64_t y = *(const uint64_t*) b;

  return x < y ? -1 : x > y;
}

/* Prints where |part| of the times are below, in microseconds. */
static void print_time(const char* name, double part) {
  size_t i = (size_t) ((double) pings.count * part);

  printf("%s=%.1f ", name, (double) pings.times[i] / 1000);
}

void load_held(void) {
  usage_t before, after;
  uint64_t first;
  pid_t pid;

  open_all();
  pid = start_storm();
  hold_for(WARM_SECONDS);
  before = usage_now();
  first = *done;
  pings.measuring = 1;
  hold_for(opts.seconds);
  after = usage_now();
  first = *done - first;
  kill(pid, SIGKILL);
  waitpid(pid, NULL, 0);
  if (pings.count == 0 || first == 0)
    die("held", "nothing was answered");
  qsort(pings.times, pings.count, sizeof(uint64_t), compare);
  printf("rate=%.0f pings=%zu ", (double) first / opts.seconds, pings.count);
  print_time("p50_us", 0.5);
  print_time("p99_us", 0.99);
  usage_report("handshake", first, &before, &after);
}
