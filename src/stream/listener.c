/* SPDX-License-Identifier: MIT */

/* Listener: connections in, finished streams out.
 *
 * A connection is a guest from its accept until the application takes its
 * stream. When there are as many guests as may be, the next connection is left
 * in the system's queue: libuv accepts no more until that one is accepted. */

#include <stdlib.h>
#include <string.h>

#include "base/queue.h"
#include "stream/pump.h"

#define MAX_HANDSHAKES 256

/* What a connection can come as. */
typedef union {
  uv_handle_t any;
  uv_stream_t stream;
  uv_tcp_t tcp;
  uv_pipe_t pipe;
} transport_t;

typedef struct tlsloop__listener_s {
  tlsloop_listener_t* handle;
  tlsloop__loop_t* loop;
  tlsloop__turn_t turn;
  tlsloop_connection_cb connection_cb;
  tlsloop_listener_error_cb error_cb;
  tlsloop_listener_close_cb close_cb;
  tlsloop__queue_t handshaking;
  tlsloop__queue_t finished;
  void* saved_data;  /* what the application had in transport->data */
  transport_t spare; /* turns a connection away when there is no memory */
  uint64_t handshake_timeout;
  unsigned int guests;
  unsigned int max_guests;
  unsigned int parts;    /* guests, the transport: what has to close */
  unsigned char waiting; /* a connection that was not accepted yet */
  unsigned char spare_in_use;
  unsigned char closing;
  unsigned char orphaned; /* somebody else has closed the transport */
} tlsloop__listener_t;

typedef struct {
  tlsloop_stream_t stream; /* until the application's takes its place */
  tlsloop__listener_t* listener;
  tlsloop__queue_t node;
  struct sockaddr_storage peer; /* of family AF_UNSPEC when it has none */
} guest_t;

static void on_turn(tlsloop__turn_t* turn);

int tlsloop_listener_init(uv_loop_t* loop,
                          tlsloop_listener_t* listener,
                          tlsloop_ctx_t* ctx) {
  tlsloop__listener_t* l;
  int err;

  if (tlsloop_ctx_protocol(ctx) == TLSLOOP_PROTOCOL_TLS_CLIENT)
    return TLSLOOP_ESIDE;
  l = calloc(1, sizeof(*l));
  if (l == NULL)
    return UV_ENOMEM;
  err = tlsloop__loop_get(&l->loop, ctx, loop);
  if (err != 0) {
    free(l);
    return err;
  }
  l->handle = listener;
  l->max_guests = MAX_HANDSHAKES;
  l->handshake_timeout = TLSLOOP__HANDSHAKE_TIMEOUT;
  tlsloop__queue_init(&l->handshaking);
  tlsloop__queue_init(&l->finished);
  tlsloop__turn_init(&l->turn, on_turn);
  listener->loop = loop;
  listener->transport = NULL;
  listener->ctx = tlsloop_ctx_ref(ctx);
  listener->impl = l;
  return 0;
}

/* Notes who |guest| is while the system knows: it forgets after a reset. */
static void note_peer(guest_t* guest, const uv_stream_t* transport) {
  int len = sizeof(guest->peer);

  if (transport->type != UV_TCP ||
      uv_tcp_getpeername((const uv_tcp_t*) transport,
                         (struct sockaddr*) &guest->peer,
                         &len) != 0)
    guest->peer.ss_family = AF_UNSPEC;
}

static void report(tlsloop__listener_t* l, int status, const guest_t* guest) {
  const tlsloop_error_t* error = NULL;
  const struct sockaddr* peer = NULL;

  if (l->error_cb == NULL || l->closing)
    return;
  if (guest != NULL) {
    error = tlsloop_stream_error(&guest->stream);
    if (guest->peer.ss_family != AF_UNSPEC)
      peer = (const struct sockaddr*) &guest->peer;
  }
  l->error_cb(l->handle, status, error, peer);
}

/* The last of a listener, after which its memory is the application's. */
static void on_loop_put(void* arg) {
  tlsloop__listener_t* l = arg;
  tlsloop_listener_t* handle = l->handle;
  tlsloop_listener_close_cb cb = l->close_cb;

  tlsloop_ctx_unref(handle->ctx);
  handle->ctx = NULL;
  handle->impl = NULL;
  free(l);
  if (cb != NULL)
    cb(handle);
}

static void part_done(tlsloop__listener_t* l) {
  l->parts--;
  if (l->closing && l->parts == 0)
    tlsloop__loop_put(l->loop, on_loop_put, l);
}

/* Lets a connection that waits try again, from the loop: what comes of it may
 * be reported. */
static void ask_to_accept(tlsloop__listener_t* l) {
  if (l->waiting && !l->closing)
    tlsloop__turn_ask(l->loop, &l->turn);
}

/* One guest less; a connection that waits for the place may have it. */
static void leave(guest_t* guest) {
  tlsloop__queue_remove(&guest->node);
  guest->listener->guests--;
  ask_to_accept(guest->listener);
}

static void on_guest_closed(tlsloop_stream_t* stream) {
  guest_t* guest = TLSLOOP__QUEUE_DATA(stream, guest_t, stream);
  tlsloop__listener_t* l = guest->listener;

  leave(guest);
  free(guest);
  part_done(l);
}

static void dismiss(guest_t* guest) {
  tlsloop_close(&guest->stream, on_guest_closed);
}

static void on_handshake(tlsloop_stream_t* stream, int status) {
  guest_t* guest = TLSLOOP__QUEUE_DATA(stream, guest_t, stream);
  tlsloop__listener_t* l = guest->listener;

  if (status == UV_ECANCELED)
    return;
  if (status != 0) {
    report(l, status, guest);
    dismiss(guest);
    return;
  }
  tlsloop__queue_remove(&guest->node);
  tlsloop__queue_push(&l->finished, &guest->node);
  l->connection_cb(l->handle);
}

static void on_transport_closed(uv_handle_t* handle) {
  free(handle);
}

static void on_spare_closed(uv_handle_t* handle) {
  tlsloop__listener_t* l = handle->data;

  l->spare_in_use = 0;
  ask_to_accept(l);
  part_done(l);
}

/* Accepts the connection that waits in libuv with |transport|, which is then
 * to be closed, whatever is returned. */
static int take(tlsloop__listener_t* l, transport_t* transport) {
  uv_stream_t* server = l->handle->transport;

  l->waiting = 0;
  if (server->type == UV_TCP)
    uv_tcp_init(server->loop, &transport->tcp);
  else
    uv_pipe_init(server->loop, &transport->pipe, 0);
  return uv_accept(server, &transport->stream);
}

/* Closes the connection that waits. It cannot be left there: nothing might
 * ever happen that lets it try again. */
static void turn_away(tlsloop__listener_t* l) {
  take(l, &l->spare);
  l->spare.any.data = l;
  l->spare_in_use = 1;
  l->parts++;
  uv_close(&l->spare.any, on_spare_closed);
}

/* Ends a connection that has no stream yet. */
static void discard(guest_t* guest, transport_t* transport) {
  free(guest);
  uv_close(&transport->any, on_transport_closed);
}

/* Makes |guest| of the connection |transport|. */
static int admit(tlsloop__listener_t* l,
                 guest_t* guest,
                 transport_t* transport) {
  int err = tlsloop_stream_init(
      l->handle->loop, &guest->stream, l->handle->ctx, TLSLOOP_SERVER);

  if (err != 0) {
    discard(guest, transport);
    return err;
  }
  guest->listener = l;
  tlsloop__queue_init(&guest->node);
  tlsloop__queue_push(&l->handshaking, &guest->node);
  l->guests++;
  l->parts++;
  if (l->error_cb != NULL)
    note_peer(guest, &transport->stream);
  tlsloop_stream_set_handshake_timeout(&guest->stream, l->handshake_timeout);
  err = tlsloop__stream_adopt(guest->stream.impl, &transport->stream);
  if (err == 0)
    err = tlsloop_handshake(&guest->stream, on_handshake);
  if (err != 0)
    dismiss(guest);
  return err;
}

static int accept_with(tlsloop__listener_t* l,
                       guest_t* guest,
                       transport_t* transport) {
  int err;

  if (guest == NULL || transport == NULL) {
    free(guest);
    free(transport);
    turn_away(l);
    return UV_ENOMEM;
  }
  err = take(l, transport);
  if (err == 0)
    return admit(l, guest, transport);
  discard(guest, transport);
  return err;
}

/* Only from the loop. */
static void accept_waiting(tlsloop__listener_t* l) {
  int err;

  if (!l->waiting || l->guests >= l->max_guests || l->spare_in_use)
    return;
  err = accept_with(
      l, calloc(1, sizeof(guest_t)), calloc(1, sizeof(transport_t)));
  if (err != 0)
    report(l, err, NULL);
}

static void on_connection(uv_stream_t* server, int status) {
  tlsloop__listener_t* l = server->data;

  if (status != 0) {
    report(l, status, NULL);
    return;
  }
  l->waiting = 1;
  accept_waiting(l);
}

int tlsloop_listen(tlsloop_listener_t* listener,
                   uv_stream_t* transport,
                   int backlog,
                   tlsloop_connection_cb cb) {
  tlsloop__listener_t* l = listener->impl;
  int err;

  if (l->closing)
    return UV_ECANCELED;
  if (listener->transport != NULL)
    return UV_EALREADY;
  if (cb == NULL || transport == NULL || transport->loop != listener->loop ||
      (transport->type != UV_TCP && transport->type != UV_NAMED_PIPE))
    return UV_EINVAL;
  if (uv_is_closing((uv_handle_t*) transport))
    return UV_ECANCELED;
  err = uv_listen(transport, backlog, on_connection);
  if (err != 0)
    return err;
  l->connection_cb = cb;
  l->saved_data = transport->data;
  transport->data = l;
  l->parts++;
  listener->transport = transport;
  return 0;
}

int tlsloop_accept(tlsloop_listener_t* listener, tlsloop_stream_t* stream) {
  tlsloop__listener_t* l = listener->impl;
  tlsloop__queue_t* node;
  guest_t* guest;

  if (l->closing)
    return UV_ECANCELED;
  if (tlsloop__queue_empty(&l->finished))
    return UV_EAGAIN;
  node = l->finished.next;
  guest = TLSLOOP__QUEUE_DATA(node, guest_t, node);
  tlsloop__stream_move(stream, &guest->stream);
  leave(guest);
  free(guest);
  l->parts--;
  return 0;
}

void tlsloop_listener_on_error(tlsloop_listener_t* listener,
                               tlsloop_listener_error_cb cb) {
  listener->impl->error_cb = cb;
}

int tlsloop_listener_set_max_handshakes(tlsloop_listener_t* listener,
                                        unsigned int max) {
  if (max == 0)
    return UV_EINVAL;
  listener->impl->max_guests = max;
  ask_to_accept(listener->impl);
  return 0;
}

void tlsloop_listener_set_handshake_timeout(tlsloop_listener_t* listener,
                                            uint64_t timeout) {
  listener->impl->handshake_timeout = timeout;
}

static void on_listener_closed(uv_handle_t* handle) {
  tlsloop__listener_t* l = handle->data;

  handle->data = l->saved_data;
  part_done(l);
}

static void dismiss_all(tlsloop__queue_t* guests) {
  tlsloop__queue_t* node;

  while ((node = tlsloop__queue_pop(guests)) != NULL)
    dismiss(TLSLOOP__QUEUE_DATA(node, guest_t, node));
}

static void on_turn(tlsloop__turn_t* turn) {
  accept_waiting(TLSLOOP__QUEUE_DATA(turn, tlsloop__listener_t, turn));
}

/* A transport that somebody else closes may be closed after the first turn, but
 * not after the second. */
static void on_last_turn(tlsloop__turn_t* turn) {
  tlsloop__listener_t* l = TLSLOOP__QUEUE_DATA(turn, tlsloop__listener_t, turn);

  if (l->orphaned) {
    l->orphaned = 0;
    tlsloop__turn_leave(l->loop, turn);
  } else {
    part_done(l);
  }
}

static void close_transport(tlsloop__listener_t* l, uv_handle_t* transport) {
  if (!uv_is_closing(transport)) {
    uv_close(transport, on_listener_closed);
    return;
  }
  transport->data = l->saved_data;
  l->orphaned = 1;
  l->parts--;
}

void tlsloop_listener_close(tlsloop_listener_t* listener,
                            tlsloop_listener_close_cb cb) {
  tlsloop__listener_t* l = listener->impl;

  if (l->closing)
    return;
  l->closing = 1;
  l->close_cb = cb;
  dismiss_all(&l->handshaking);
  dismiss_all(&l->finished);
  if (listener->transport != NULL)
    close_transport(l, (uv_handle_t*) listener->transport);
  /* It may have no other part. */
  l->parts++;
  tlsloop__turn_cancel(l->loop, &l->turn);
  tlsloop__turn_init(&l->turn, on_last_turn);
  tlsloop__turn_leave(l->loop, &l->turn);
}
