/* SPDX-License-Identifier: MIT */

/* Workloads of messages: each connection sends some, waits until all are back,
 * and sends the next. And connections that do nothing. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/contract.h"
#include "bench/load.h"
#include "bench/options.h"

#define MAX_BATCH    (64 * 1024)
#define RECORD_SIZE  16384
#define WARM_BATCHES 3

static struct {
  peer_t** peers;
  char batch[CONTRACT_COMMAND_SIZE + MAX_BATCH];
  uint64_t done;      /* batches */
  unsigned under_way; /* connections that wait for one */
  uint64_t warm;      /* batches to go until the loop stops */
  int ending;
} echo;

static void send_batch(peer_t* peer) {
  peer->to_get = opts.size * opts.depth;
  echo.under_way++;
  peer_write_records(
      peer, echo.batch + CONTRACT_COMMAND_SIZE, peer->to_get, opts.size);
}

static void on_batch(peer_t* peer) {
  echo.under_way--;
  echo.done++;
  if (echo.warm > 0 && --echo.warm == 0)
    echo.ending = 1;
  if (!echo.ending)
    send_batch(peer);
  else if (echo.under_way == 0)
    peer_stop_loop();
}

static void on_echo(peer_t* peer) {
  static char bytes[64 * 1024];
  int n;

  while ((n = peer_read(peer, bytes, sizeof(bytes))) > 0) {
    if ((uint64_t) n > peer->to_get)
      die("echo", "more comes back than was sent");
    peer->to_get -= (uint64_t) n;
    if (peer->to_get == 0) {
      on_batch(peer);
      return;
    }
  }
  if (n < 0)
    die("echo", "the server has closed");
}

/* The command and the first batch share a record. */
static void send_first(peer_t* peer) {
  size_t len = opts.size * opts.depth;

  contract_command((unsigned char*) echo.batch, 'E', 0);
  peer->to_get = len;
  echo.under_way++;
  peer_write_records(peer,
                     echo.batch,
                     CONTRACT_COMMAND_SIZE + len,
                     opts.size < RECORD_SIZE - CONTRACT_COMMAND_SIZE
                         ? CONTRACT_COMMAND_SIZE + opts.size
                         : RECORD_SIZE);
}

static void open_connections(peer_step_fn step) {
  if (opts.size * opts.depth > MAX_BATCH)
    die("usage", "there is too much in a batch");
  echo.peers = calloc(opts.conns, sizeof(peer_t*));
  if (echo.peers == NULL)
    die("load", "out of memory");
  memset(echo.batch, 'x', sizeof(echo.batch));
  peer_open_all(echo.peers, opts.conns, step);
}

void load_echo(void) {
  usage_t before, after;
  unsigned i;

  open_connections(on_echo);
  echo.warm = (uint64_t) opts.conns * WARM_BATCHES;
  for (i = 0; i < opts.conns; i++)
    send_first(echo.peers[i]);
  peer_loop(-1);

  before = usage_read();
  echo.done = 0;
  echo.ending = 0;
  for (i = 0; i < opts.conns; i++)
    send_batch(echo.peers[i]);
  peer_loop((int) (opts.seconds * 1000));
  echo.ending = 1;
  peer_loop(-1);
  after = usage_read();
  usage_report("message", echo.done * opts.depth, &before, &after);
}

/* Memory: before all connections, with them, and, unless messages are empty,
 * when each has echoed. One comes first, so that what a server sets up once
 * does not count. */
void load_idle(void) {
  usage_t before, fresh, after;
  double n = opts.conns;
  unsigned i;
  peer_t* first;

  peer_open_all(&first, 1, on_echo);
  before = usage_read();
  open_connections(on_echo);
  fresh = usage_read();
  echo.ending = 1;
  for (i = 0; i < opts.conns && opts.size > 0; i++) {
    send_first(echo.peers[i]);
    peer_loop(-1);
  }
  after = usage_read();
  printf("fresh_bytes=%.1f echoed_bytes=%.1f ",
         ((double) fresh.rss - (double) before.rss) / n,
         ((double) after.rss - (double) before.rss) / n);
  usage_report("connection", opts.conns, &before, &fresh);
  peer_free(first);
}
