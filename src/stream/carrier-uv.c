/* SPDX-License-Identifier: MIT */

/* Carrier uv: ciphertext on a uv_tcp_t or uv_pipe_t. */

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "stream/transport.h"

int tlsloop__transport_check(uv_loop_t* loop, const uv_stream_t* uv) {
  if (uv == NULL || uv->loop != loop)
    return UV_EINVAL;
  if (uv->type != UV_TCP && uv->type != UV_NAMED_PIPE)
    return UV_EINVAL;
  if (uv->type == UV_NAMED_PIPE && ((const uv_pipe_t*) uv)->ipc)
    return UV_EINVAL;
  if (uv_is_closing((const uv_handle_t*) uv))
    return UV_ECANCELED;
  if (!uv_is_readable(uv) || !uv_is_writable(uv))
    return UV_ENOTCONN;
  if (uv_is_active((const uv_handle_t*) uv))
    return UV_EBUSY;
  return 0;
}

static void on_alloc(uv_handle_t* handle, size_t suggested, uv_buf_t* buf) {
  (void) suggested;
  tlsloop__transport_on_alloc(handle->data, buf);
}

static void on_read(uv_stream_t* uv, ssize_t nread, const uv_buf_t* buf) {
  tlsloop__transport_on_read(uv->data, nread, buf);
}

static int read_start(tlsloop__transport_t* transport) {
  return uv_read_start(transport->to.uv, on_alloc, on_read);
}

static void read_stop(tlsloop__transport_t* transport) {
  uv_read_stop(transport->to.uv);
}

static int try_write(tlsloop__transport_t* transport,
                     const uv_buf_t bufs[],
                     unsigned int nbufs) {
  return uv_try_write(transport->to.uv, bufs, nbufs);
}

static void on_written(uv_write_t* req, int status) {
  tlsloop__transport_on_written(req->data, status);
}

static int write(tlsloop__flight_t* flight,
                 const uv_buf_t bufs[],
                 unsigned int nbufs) {
  flight->req.uv.data = flight;
  return uv_write(
      &flight->req.uv, flight->transport->to.uv, bufs, nbufs, on_written);
}

static void cork(tlsloop__transport_t* transport) {
#ifdef TCP_CORK
  const uv_stream_t* uv = transport->to.uv;
  uv_os_fd_t fd;
  int on = 1;

  if (uv->type == UV_TCP && uv_fileno((const uv_handle_t*) uv, &fd) == 0)
    setsockopt(fd, IPPROTO_TCP, TCP_CORK, &on, sizeof(on));
#else
  (void) transport;
#endif
}

static void on_shut(uv_shutdown_t* req, int status) {
  tlsloop__transport_t* transport = req->data;

  free(req);
  tlsloop__transport_on_shut(transport, status);
}

static int shut(tlsloop__transport_t* transport) {
  uv_shutdown_t* req = malloc(sizeof(*req));
  int err;

  if (req == NULL)
    return UV_ENOMEM;
  req->data = transport;
  err = uv_shutdown(req, transport->to.uv, on_shut);
  if (err != 0)
    free(req);
  return err;
}

static int is_closing(const tlsloop__transport_t* transport) {
  return uv_is_closing((const uv_handle_t*) transport->to.uv);
}

static void on_closed(uv_handle_t* handle) {
  tlsloop__transport_on_closed(handle->data);
}

static void close_handle(tlsloop__transport_t* transport, int reset) {
  uv_stream_t* uv = transport->to.uv;

  if (reset && uv->type == UV_TCP &&
      uv_tcp_close_reset((uv_tcp_t*) uv, on_closed) == 0)
    return;
  uv_close((uv_handle_t*) uv, on_closed);
}

static void restore_data(tlsloop__transport_t* transport) {
  transport->to.uv->data = transport->saved_data;
}

static const uv_stream_t* bottom(const tlsloop__transport_t* transport) {
  return transport->to.uv;
}

static const tlsloop__carrier_t carrier_uv = {
    .read_start = read_start,
    .read_stop = read_stop,
    .try_write = try_write,
    .write = write,
    .cork = cork,
    .shutdown = shut,
    .is_closing = is_closing,
    .close = close_handle,
    .restore_data = restore_data,
    .bottom = bottom,
};

void tlsloop__transport_init(tlsloop__transport_t* transport,
                             uv_stream_t* uv,
                             const tlsloop__transport_events_t* events) {
  memset(transport, 0, sizeof(*transport));
  transport->carrier = &carrier_uv;
  transport->to.uv = uv;
  transport->events = events;
  transport->saved_data = uv->data;
  uv->data = transport;
}
