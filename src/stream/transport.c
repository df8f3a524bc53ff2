/* SPDX-License-Identifier: MIT */

/* Transport: a uv_stream_t, narrowed to what TLS needs of it. */

#include "stream/transport.h"

#include <stdlib.h>
#include <string.h>

/* How many blocks go to the system in one call. */
#define MAX_BUFS 32

struct tlsloop__flight_s {
  uv_write_t req;
  tlsloop__transport_t* transport;
  tlsloop__bytes_t bytes; /* not with the system yet */
  size_t len;             /* of them, what the uv_write under way has */
  size_t done;            /* with the system */
};

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

void tlsloop__transport_init(tlsloop__transport_t* transport,
                             uv_stream_t* uv,
                             tlsloop__loop_t* loop,
                             const tlsloop__transport_events_t* events,
                             void* user) {
  memset(transport, 0, sizeof(*transport));
  transport->uv = uv;
  transport->events = events;
  transport->user = user;
  transport->loop = loop;
  transport->saved_data = uv->data;
  uv->data = transport;
}

static void on_alloc(uv_handle_t* handle, size_t suggested, uv_buf_t* buf) {
  tlsloop__transport_t* transport = handle->data;

  (void) suggested;
  tlsloop__loop_lend(transport->loop, buf);
}

/* The stream may close inside these events, but nothing it is made of goes
 * before the loop's closing phase. */
static void on_read(uv_stream_t* uv, ssize_t nread, const uv_buf_t* buf) {
  tlsloop__transport_t* transport = uv->data;
  tlsloop__loop_t* loop = transport->loop;

  if (nread > 0)
    transport->events->on_data(transport->user, buf->base, (size_t) nread);
  tlsloop__loop_take_back(loop, buf->base);
  if (nread < 0) {
    uv_read_stop(uv);
    transport->events->on_end(transport->user,
                              nread == UV_ENOBUFS ? UV_ENOMEM : (int) nread);
  }
}

int tlsloop__transport_read_start(tlsloop__transport_t* transport) {
  int err = uv_read_start(transport->uv, on_alloc, on_read);

  return err == UV_EALREADY ? 0 : err;
}

void tlsloop__transport_read_stop(tlsloop__transport_t* transport) {
  uv_read_stop(transport->uv);
}

/* Fills |bufs| in with the first bytes of |bytes| and stores how many bytes
 * that are in |len|. Returns how many buffers. */
static unsigned int fill_bufs(const tlsloop__bytes_t* bytes,
                              uv_buf_t bufs[MAX_BUFS],
                              size_t* len) {
  tlsloop__span_t spans[MAX_BUFS];
  size_t n = tlsloop__bytes_peek(bytes, spans, MAX_BUFS);
  size_t i;

  *len = 0;
  for (i = 0; i < n; i++) {
    bufs[i] = uv_buf_init((char*) spans[i].data, (unsigned) spans[i].len);
    *len += spans[i].len;
  }
  return (unsigned int) n;
}

/* Counts a request that libuv has given back. When somebody else closed the
 * handle, the last of them is the last that is heard of it. */
static void request_done(tlsloop__transport_t* transport) {
  transport->requests--;
  if (transport->orphaned && transport->requests == 0)
    transport->events->on_closed(transport->user);
}

static void land(tlsloop__flight_t* flight, size_t len, int status) {
  tlsloop__transport_t* transport = flight->transport;

  transport->flight = NULL;
  tlsloop__bytes_clear(&flight->bytes);
  free(flight);
  transport->events->on_written(transport->user, len, status);
  request_done(transport);
}

static void on_written(uv_write_t* req, int status);

static int fly(tlsloop__flight_t* flight) {
  uv_buf_t bufs[MAX_BUFS];
  unsigned int n = fill_bufs(&flight->bytes, bufs, &flight->len);

  return uv_write(&flight->req, flight->transport->uv, bufs, n, on_written);
}

static void on_written(uv_write_t* req, int status) {
  tlsloop__flight_t* flight = req->data;
  size_t len = flight->len;

  flight->done += len;
  if (status == 0 && flight->bytes.size > len) {
    tlsloop__bytes_drop(&flight->bytes, len);
    status = fly(flight);
    if (status == 0)
      return;
  }
  land(flight, flight->done, status);
}

/* Sends what the system did not take: its blocks move into the flight, where
 * nobody else can free them. */
static int take_off(tlsloop__transport_t* transport, tlsloop__bytes_t* bytes) {
  tlsloop__flight_t* flight = calloc(1, sizeof(*flight));
  int err;

  if (flight == NULL)
    return UV_ENOMEM;
  flight->req.data = flight;
  flight->transport = transport;
  flight->bytes.pool = bytes->pool;
  tlsloop__bytes_move(&flight->bytes, bytes);
  err = fly(flight);
  if (err != 0) {
    tlsloop__bytes_clear(&flight->bytes);
    free(flight);
    return err;
  }
  transport->flight = flight;
  transport->requests++;
  return 0;
}

/* Gives the system what it takes at once. */
static int write_now(tlsloop__transport_t* transport,
                     tlsloop__bytes_t* bytes,
                     size_t* written) {
  uv_buf_t bufs[MAX_BUFS];
  size_t len;
  int n;

  do {
    unsigned int nbufs = fill_bufs(bytes, bufs, &len);

    n = uv_try_write(transport->uv, bufs, nbufs);
    if (n < 0)
      return n == UV_EAGAIN ? 0 : n;
    tlsloop__bytes_drop(bytes, (size_t) n);
    *written += (size_t) n;
  } while ((size_t) n == len && bytes->size > 0);
  return 0;
}

int tlsloop__transport_write(tlsloop__transport_t* transport,
                             tlsloop__bytes_t* bytes,
                             size_t* written) {
  int err;

  *written = 0;
  if (transport->flight != NULL || bytes->size == 0)
    return 0;
  err = write_now(transport, bytes, written);
  if (err == 0 && bytes->size > 0)
    err = take_off(transport, bytes);
  if (err != 0)
    tlsloop__bytes_clear(bytes);
  return err;
}

size_t tlsloop__transport_in_flight(const tlsloop__transport_t* transport) {
  tlsloop__flight_t* flight = transport->flight;

  return flight == NULL ? 0 : flight->bytes.size;
}

static void on_shut(uv_shutdown_t* req, int status) {
  tlsloop__transport_t* transport = req->data;

  free(req);
  transport->events->on_shut(transport->user, status);
  request_done(transport);
}

int tlsloop__transport_shutdown(tlsloop__transport_t* transport) {
  uv_shutdown_t* req = malloc(sizeof(*req));
  int err;

  if (req == NULL)
    return UV_ENOMEM;
  req->data = transport;
  err = uv_shutdown(req, transport->uv, on_shut);
  if (err == 0)
    transport->requests++;
  else
    free(req);
  return err;
}

static void on_closed(uv_handle_t* handle) {
  tlsloop__transport_t* transport = handle->data;

  handle->data = transport->saved_data;
  transport->events->on_closed(transport->user);
}

int tlsloop__transport_close(tlsloop__transport_t* transport) {
  uv_handle_t* handle = (uv_handle_t*) transport->uv;

  if (uv_is_closing(handle)) {
    handle->data = transport->saved_data;
    transport->orphaned = 1;
    return transport->requests > 0;
  }
  uv_close(handle, on_closed);
  return 1;
}

int tlsloop__transport_reset(tlsloop__transport_t* transport) {
  uv_stream_t* uv = transport->uv;

  if (uv->type == UV_TCP && !uv_is_closing((uv_handle_t*) uv) &&
      uv_tcp_close_reset((uv_tcp_t*) uv, on_closed) == 0)
    return 1;
  return tlsloop__transport_close(transport);
}

void tlsloop__transport_release(tlsloop__transport_t* transport) {
  uv_read_stop(transport->uv);
  transport->uv->data = transport->saved_data;
}
