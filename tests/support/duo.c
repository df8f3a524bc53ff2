/* SPDX-License-Identifier: MIT */

/* Duo: a client and a server on one watched loop. */

#include "support/duo.h"

#include <signal.h>
#include <stdlib.h>

#include "support/always.h"

/* Seconds that a test may take, also where everything is slow. */
#define PATIENCE 300

static pki_t* pki;
static tlsloop_ctx_t* ctxs[2][2]; /* by version and side */


pki_t* duo_pki(void) {
  return pki;
}


tlsloop_ctx_t* duo_ctx(int kind, int side) {
  const pki_cert_t* leaf;
  const pki_blob_t* root;
  tlsloop_ctx_t* ctx;
  int protocol;
  int version;
  int err;

  protocol = side == TLSLOOP_CLIENT ? TLSLOOP_PROTOCOL_TLS_CLIENT
                                    : TLSLOOP_PROTOCOL_TLS_SERVER;
  ck_assert_int_eq(tlsloop_ctx_new(&ctx, protocol), 0);
  root = &pki->root->pem;
  err = tlsloop_ctx_load_verify_mem(
      ctx, root->data, root->len, TLSLOOP_ENCODING_PEM);
  ck_assert_int_eq(err, 0);
  leaf = pki_leaf(pki);
  if (side == TLSLOOP_SERVER)
    err = tlsloop_ctx_load_cert_chain_mem(
        ctx, leaf->both.data, leaf->both.len, NULL, 0);
  ck_assert_int_eq(err, 0);

  version = kind & DUO_TLS_1_3 ? TLSLOOP_TLS_1_3 : TLSLOOP_TLS_1_2;
  ck_assert_int_eq(tlsloop_ctx_set_min_version(ctx, version), 0);
  ck_assert_int_eq(tlsloop_ctx_set_max_version(ctx, version), 0);
  return ctx;
}


/* A peer that has gone away must show as an error, not as a signal. */
static void set_up(void) {
  int version;

  signal(SIGPIPE, SIG_IGN);
  pki = pki_new("duo");
  for (version = 0; version < 2; version++) {
    ctxs[version][0] = duo_ctx(version, TLSLOOP_CLIENT);
    ctxs[version][1] = duo_ctx(version, TLSLOOP_SERVER);
  }
}


static void tear_down(void) {
  int i;

  for (i = 0; i < 4; i++)
    tlsloop_ctx_unref(ctxs[i / 2][i % 2]);
  pki_free(pki);
}


TCase* duo_case(Suite* suite, const char* name) {
  TCase* tcase;

  tcase = tcase_create(name);
  tcase_add_unchecked_fixture(tcase, set_up, tear_down);
  tcase_set_timeout(tcase, PATIENCE + 10);
  suite_add_tcase(suite, tcase);
  return tcase;
}


static void tcp_pair(loop_t* loop, uv_tcp_t* client, uv_tcp_t* server) {
  loop_tcp_pair(loop, client, server);
  ck_assert_int_eq(uv_tcp_nodelay(client, 1), 0);
  ck_assert_int_eq(uv_tcp_nodelay(server, 1), 0);
}


/* Makes the transports. Each has its own memory, which is freed as soon as it
 * is closed. */
static void make_transports(duo_t* duo,
                            int kind,
                            union uv_any_handle* handles[2]) {
  loop_t* loop;
  int i;

  loop = &duo->loop;
  for (i = 0; i < 2; i++) {
    handles[i] = malloc(sizeof(*handles[i]));
    ck_assert_ptr_nonnull(handles[i]);
  }
  if (kind & DUO_PIPE) {
    if (duo->wired)
      wire_open_pipe(&duo->wire, loop, &handles[0]->pipe, &handles[1]->pipe);
    else
      loop_pipe_pair(loop, &handles[0]->pipe, &handles[1]->pipe);
  } else {
    if (duo->wired)
      wire_open_tcp(&duo->wire, loop, &handles[0]->tcp, &handles[1]->tcp);
    else
      tcp_pair(loop, &handles[0]->tcp, &handles[1]->tcp);
  }
}


static void on_carrier_ready(tlsloop_stream_t* stream, int status) {
  int* ready = stream->data;

  ALWAYS(status == 0);
  *ready += 1;
}


static tlsloop_stream_t* make_carrier(duo_t* duo,
                                      int kind,
                                      int side,
                                      uv_stream_t* transport,
                                      int* ready) {
  tlsloop_stream_t* stream;
  tlsloop_ctx_t* ctx;

  ctx = ctxs[(kind & DUO_TLS_1_3) != 0][side];
  stream = malloc(sizeof(*stream));
  ck_assert_ptr_nonnull(stream);
  ck_assert_int_eq(tlsloop_stream_init(&duo->loop.uv, stream, ctx, side), 0);
  stream->data = ready;
  ck_assert_int_eq(tlsloop_attach(stream, transport), 0);
  if (side == TLSLOOP_CLIENT)
    ck_assert_int_eq(tlsloop_stream_set_hostname(stream, "localhost"), 0);
  ck_assert_int_eq(tlsloop_handshake(stream, on_carrier_ready), 0);
  return stream;
}


/* Connects two streams for those of |duo| to be on. */
static void make_carriers(duo_t* duo,
                          int kind,
                          union uv_any_handle* handles[2],
                          tlsloop_stream_t* carriers[2]) {
  int ready;
  int i;

  ready = 0;
  carriers[0] = carriers[1] = NULL;
  if (!(kind & DUO_NESTED))
    return;
  for (i = 0; i < 2; i++)
    carriers[i] = make_carrier(duo, kind, i, &handles[i]->stream, &ready);
  DUO_UNTIL(duo, ready == 2);
  duo_settle(duo);
  duo->wire.to_server.moved = 0;
  duo->wire.to_client.moved = 0;
}


static void choose_sides(duo_t* duo, int kind) {
  int server;

  server = (kind & DUO_SERVER) != 0;
  duo->me = server ? &duo->server : &duo->client;
  duo->peer = server ? &duo->client : &duo->server;
  duo->to_me = server ? &duo->wire.to_server : &duo->wire.to_client;
  duo->to_peer = server ? &duo->wire.to_client : &duo->wire.to_server;
}


void duo_open_with(duo_t* duo,
                   int kind,
                   int wired,
                   tlsloop_ctx_t* client,
                   tlsloop_ctx_t* server) {
  tlsloop_ctx_t** usual;
  union uv_any_handle* handles[2];
  tlsloop_stream_t* carriers[2];

  usual = ctxs[(kind & DUO_TLS_1_3) != 0];
  if (client == NULL)
    client = tlsloop_ctx_ref(usual[0]);
  if (server == NULL)
    server = tlsloop_ctx_ref(usual[1]);
  loop_open(&duo->loop, PATIENCE);
  duo->wired = wired;
  make_transports(duo, kind, handles);
  make_carriers(duo, kind, handles, carriers);
  party_open_nested(
      &duo->client, client, TLSLOOP_CLIENT, carriers[0], &handles[0]->stream);
  party_open_nested(
      &duo->server, server, TLSLOOP_SERVER, carriers[1], &handles[1]->stream);
  choose_sides(duo, kind);
  /* From here on the streams have what they need. */
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(server);
}


void duo_open(duo_t* duo, int kind) {
  duo_open_with(duo, kind, 0, NULL, NULL);
}


void duo_open_wired(duo_t* duo, int kind) {
  duo_open_with(duo, kind, 1, NULL, NULL);
}


void duo_start(duo_t* duo) {
  ck_assert_int_eq(party_handshake(&duo->client), 0);
  ck_assert_int_eq(party_handshake(&duo->server), 0);
}


void duo_connect(duo_t* duo) {
  duo_start(duo);
  ck_assert_int_eq(party_read_start(&duo->client), 0);
  ck_assert_int_eq(party_read_start(&duo->server), 0);
  DUO_UNTIL(duo, duo->client.handshakes && duo->server.handshakes);
  ck_assert_int_eq(duo->client.handshake_status, 0);
  ck_assert_int_eq(duo->server.handshake_status, 0);
}


void duo_turn(duo_t* duo) {
  ALWAYS_MSG(uv_loop_alive(&duo->loop.uv), "nothing is left to wait for");
  if (!duo->wired) {
    uv_run(&duo->loop.uv, UV_RUN_ONCE);
    return;
  }
  loop_settle(&duo->loop);
  wire_step(&duo->wire);
}


void duo_settle(duo_t* duo) {
  do {
    loop_settle(&duo->loop);
  } while (duo->wired && wire_step(&duo->wire));
}


void duo_shrink(duo_t* duo) {
  party_t* parties[2] = {&duo->client, &duo->server};
  int size;
  int i;

  ck_assert_int_eq(duo->wired, 1);
  wire_shrink(&duo->wire);
  for (i = 0; i < 2; i++) {
    size = WIRE_SMALL;
    uv_send_buffer_size((uv_handle_t*) parties[i]->transport, &size);
    size = WIRE_SMALL;
    uv_recv_buffer_size((uv_handle_t*) parties[i]->transport, &size);
  }
}


static void close_party(party_t* party) {
  if (party->stream != NULL && !tlsloop_is_closing(party->stream))
    party_close(party);
}


void duo_close(duo_t* duo) {
  close_party(&duo->client);
  close_party(&duo->server);
  while (!duo->client.closed || !duo->server.closed) {
    loop_turn(&duo->loop);
    if (duo->wired)
      wire_step(&duo->wire);
  }
  if (duo->wired)
    wire_close(&duo->wire);
  loop_close(&duo->loop);
}
