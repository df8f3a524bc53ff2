/* SPDX-License-Identifier: MIT */

/* The workload of handshakes: connections that are closed as soon as they are
 * open. */

#include <sys/socket.h>

#include "bench/load.h"
#include "bench/options.h"

#define WARM_MS 100

static struct {
  SSL_SESSION* session; /* to resume */
  unsigned under_way;
  uint64_t done;
  int ending;
  void (*on_done)(void);
} shakes;

static void on_shake(peer_t* peer);

void shake_start(void) {
  shakes.under_way++;
  peer_new(on_shake, shakes.session);
}

static void finish(peer_t* peer) {
  peer_free(peer);
  shakes.under_way--;
  shakes.done++;
  if (shakes.on_done != NULL)
    shakes.on_done();
  else if (!shakes.ending)
    shake_start();
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
    shake_start();
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

unsigned shake_under_way(void) {
  return shakes.under_way;
}

void shake_on_done(void (*on_done)(void)) {
  shakes.on_done = on_done;
}
