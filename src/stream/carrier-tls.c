/* SPDX-License-Identifier: MIT */

/* Carrier tls: ciphertext on another TLS stream, as through a TLS proxy. */

#include <stdlib.h>
#include <string.h>

#include "stream/stream.h"
#include "stream/transport.h"

int tlsloop__transport_check_tls(uv_loop_t* loop, const tlsloop_stream_t* tls) {
  const tlsloop__stream_t* s = tls == NULL ? NULL : tls->impl;

  if (s == NULL || tls->loop != loop)
    return UV_EINVAL;
  if (s->state == TLSLOOP__STREAM_CLOSING)
    return UV_ECANCELED;
  if (s->state != TLSLOOP__STREAM_OPEN || s->write_end != 0 ||
      s->read_end != 0 || s->shut_state != TLSLOOP__SHUT_NO)
    return UV_ENOTCONN;
  return s->read_cb != NULL ? UV_EBUSY : 0;
}

static void on_alloc(tlsloop_stream_t* tls, size_t suggested, uv_buf_t* buf) {
  (void) suggested;
  tlsloop__transport_on_alloc(tls->data, buf);
}

static void on_read(tlsloop_stream_t* tls, ssize_t nread, const uv_buf_t* buf) {
  tlsloop__transport_on_read(tls->data, nread, buf);
}

/* Whether the carrier is closed, by its owner: it cannot even be asked then. */
static int is_gone(const tlsloop__transport_t* transport) {
  return transport->to.tls->impl == NULL;
}

static int read_start(tlsloop__transport_t* transport) {
  if (is_gone(transport))
    return UV_ECANCELED;
  return tlsloop_read_start(transport->to.tls, on_alloc, on_read);
}

static void read_stop(tlsloop__transport_t* transport) {
  if (!is_gone(transport))
    tlsloop_read_stop(transport->to.tls);
}

static int try_write(tlsloop__transport_t* transport,
                     const uv_buf_t bufs[],
                     unsigned int nbufs) {
  if (is_gone(transport))
    return UV_ECANCELED;
  return tlsloop_try_write(transport->to.tls, bufs, nbufs);
}

static void on_written(tlsloop_write_t* req, int status) {
  tlsloop__transport_on_written(req->data, status);
}

static int write(tlsloop__flight_t* flight,
                 const uv_buf_t bufs[],
                 unsigned int nbufs) {
  if (is_gone(flight->transport))
    return UV_ECANCELED;
  flight->req.tls.data = flight;
  return tlsloop_write(
      &flight->req.tls, flight->transport->to.tls, bufs, nbufs, on_written);
}

static void on_shut(tlsloop_shutdown_t* req, int status) {
  tlsloop__transport_t* transport = req->data;

  free(req);
  tlsloop__transport_on_shut(transport, status);
}

static int shut(tlsloop__transport_t* transport) {
  tlsloop_shutdown_t* req;
  int err;

  if (is_gone(transport))
    return UV_ECANCELED;
  req = malloc(sizeof(*req));
  if (req == NULL)
    return UV_ENOMEM;
  req->data = transport;
  err = tlsloop_shutdown(req, transport->to.tls, on_shut);
  if (err != 0)
    free(req);
  return err;
}

static int is_closing(const tlsloop__transport_t* transport) {
  return tlsloop_is_closing(transport->to.tls);
}

static void on_closed(tlsloop_stream_t* tls) {
  tlsloop__transport_on_closed(tls->data);
}

static void close_stream(tlsloop__transport_t* transport, int reset) {
  if (reset)
    tlsloop_close_reset(transport->to.tls, on_closed);
  else
    tlsloop_close(transport->to.tls, on_closed);
}

static void restore_data(tlsloop__transport_t* transport) {
  transport->to.tls->data = transport->saved_data;
}

static const uv_stream_t* bottom(const tlsloop__transport_t* transport) {
  if (is_gone(transport))
    return NULL;
  return tlsloop__transport_bottom(&transport->to.tls->impl->transport);
}

static const tlsloop__carrier_t carrier_tls = {
    .read_start = read_start,
    .read_stop = read_stop,
    .try_write = try_write,
    .write = write,
    .shutdown = shut,
    .is_closing = is_closing,
    .close = close_stream,
    .restore_data = restore_data,
    .bottom = bottom,
};

void tlsloop__transport_init_tls(tlsloop__transport_t* transport,
                                 tlsloop_stream_t* tls,
                                 const tlsloop__transport_events_t* events) {
  memset(transport, 0, sizeof(*transport));
  transport->carrier = &carrier_tls;
  transport->to.tls = tls;
  transport->events = events;
  transport->saved_data = tls->data;
  tls->data = transport;
}
