/* SPDX-License-Identifier: MIT */

/* Workloads of bulk data, in one direction or in both. */

#include <stdio.h>
#include <stdlib.h>

#include "bench/contract.h"
#include "bench/load.h"
#include "bench/options.h"

#define RECORD_SIZE 16384
/* How much may be on its way out and back again. */
#define WINDOW     (1024 * 1024)
#define WARM_BYTES (4u << 20)

static char bytes[64 * 1024];
static peer_t** peers;
static unsigned under_way;

static void check_done(const peer_t* peer) {
  if (peer->to_send == 0 && peer->to_get == 0 && --under_way == 0)
    peer_stop_loop();
}

/* Returns whether anything came. */
static int get_some(peer_t* peer) {
  int n = peer_read(peer, bytes, sizeof(bytes));

  if (n < 0 || (uint64_t) n > peer->to_get)
    die("bulk", "the server does not send what it was asked for");
  peer->to_get -= (uint64_t) n;
  return n > 0;
}

static int put_record(peer_t* peer) {
  size_t n = peer->to_send < RECORD_SIZE ? (size_t) peer->to_send
                                         : (size_t) RECORD_SIZE;

  if (n > 0)
    n = peer_write(peer, bytes, n);
  peer->to_send -= n;
  return n > 0;
}

static void on_receiving(peer_t* peer) {
  while (peer->to_get > 0 && get_some(peer))
    continue;
  if (peer->to_get == 0)
    check_done(peer);
}

static void on_sending(peer_t* peer) {
  while (put_record(peer))
    continue;
  if (peer_flush(peer) && peer->to_send == 0)
    on_receiving(peer);
}

/* What comes back is read first, so that nobody waits for nobody. A write that
 * cannot go on is watched for last, together with reading. */
static void on_both(peer_t* peer) {
  int got, put;

  do {
    got = peer->to_get > 0 && get_some(peer);
    put = 0;
    while (peer->to_get - peer->to_send < WINDOW && put_record(peer))
      put = 1;
    put = peer_flush(peer) && put;
  } while (got || put);
  if (peer->to_get == 0)
    check_done(peer);
}

/* Moves |n| bytes on all connections together. */
static void move(char kind, uint64_t n) {
  peer_step_fn step = kind == 'S'   ? on_receiving
                      : kind == 'R' ? on_sending
                                    : on_both;
  uint64_t share = n / opts.conns;
  unsigned i;

  under_way = opts.conns;
  for (i = 0; i < opts.conns; i++) {
    peer_t* peer = peers[i];

    peer->to_send = kind == 'S' ? 0 : share;
    peer->to_get = kind == 'R' ? 1 : share;
    peer->step = step;
    if (kind != 'E')
      peer_command(peer, kind, share);
    if (kind != 'S')
      step(peer);
  }
  if (under_way > 0)
    peer_loop(-1);
}

static void measure(char kind) {
  usage_t before, after;
  unsigned i;

  peers = calloc(opts.conns, sizeof(peer_t*));
  if (peers == NULL)
    die("load", "out of memory");
  peer_open_all(peers, opts.conns, on_both);
  for (i = 0; i < opts.conns && kind != 'S'; i++)
    peer_collect(peers[i]);
  for (i = 0; i < opts.conns && kind == 'E'; i++)
    peer_command(peers[i], 'E', 0);
  move(kind, WARM_BYTES);
  before = usage_read();
  move(kind, opts.bytes);
  after = usage_read();
  usage_report("MiB", opts.bytes >> 20, &before, &after);
}

void load_send(void) {
  measure('S');
}

void load_receive(void) {
  measure('R');
}

void load_bulk_echo(void) {
  measure('E');
}
