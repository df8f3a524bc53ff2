/* SPDX-License-Identifier: MIT */

/* Pair, the part that needs contexts: tests of the engine alone do without. */

#include <check.h>

#include "support/pair.h"


static void make(pair_end_t* end, tlsloop_ctx_t* ctx, int side) {
  int err;

  err = tlsloop_engine_new(&end->engine, ctx, end->in, end->out, side);
  ck_assert_int_eq(err, 0);
}


void pair_open(pair_t* pair,
               tlsloop_ctx_t* client,
               tlsloop_ctx_t* server,
               const char* hostname) {
  int err;

  pair_init(pair);
  make(&pair->client, client, TLSLOOP_CLIENT);
  make(&pair->server, server, TLSLOOP_SERVER);
  if (hostname == NULL)
    return;

  err = tlsloop_engine_set_hostname(pair->client.engine, hostname);
  ck_assert_int_eq(err, 0);
}


void pair_close(pair_t* pair) {
  tlsloop_engine_free(pair->client.engine);
  tlsloop_engine_free(pair->server.engine);
  pair_deinit(pair);
}
