/* SPDX-License-Identifier: MIT */

/* Transport: what carries ciphertext, whatever carries it. */

#include "stream/transport.h"

#include <stdlib.h>

/* How many blocks go to the system in one call. */
#define MAX_BUFS 32

void tlsloop__transport_on_alloc(tlsloop__transport_t* transport,
                                 uv_buf_t* buf) {
  tlsloop__loop_lend(transport->events->loop_of(transport), buf);
}

/* The stream may close inside these events, but nothing it is made of goes
 * before the loop's closing phase. */
void tlsloop__transport_on_read(tlsloop__transport_t* transport,
                                ssize_t nread,
                                const uv_buf_t* buf) {
  if (nread > 0)
    transport->events->on_data(transport, buf->base, (size_t) nread);
  tlsloop__loop_take_back(transport->events->loop_of(transport), buf->base);
  if (nread >= 0)
    return;
  tlsloop__transport_read_stop(transport);
  transport->events->on_end(transport,
                            nread == UV_ENOBUFS ? UV_ENOMEM : (int) nread);
}

int tlsloop__transport_read_start(tlsloop__transport_t* transport) {
  int err = transport->carrier->read_start(transport);

  return err == UV_EALREADY ? 0 : err;
}

void tlsloop__transport_read_stop(tlsloop__transport_t* transport) {
  if (transport->carrier != NULL)
    transport->carrier->read_stop(transport);
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

/* Counts a request that the carrier has given back. When somebody else closed
 * it, the last of them is the last that is heard of it. */
static void request_done(tlsloop__transport_t* transport) {
  transport->requests--;
  if (transport->orphaned && transport->requests == 0)
    transport->events->on_closed(transport);
}

static void land(tlsloop__flight_t* flight, size_t len, int status) {
  tlsloop__transport_t* transport = flight->transport;

  transport->flight = NULL;
  tlsloop__bytes_clear(&flight->bytes);
  free(flight);
  transport->events->on_written(transport, len, status);
  request_done(transport);
}

static int fly(tlsloop__flight_t* flight) {
  uv_buf_t bufs[MAX_BUFS];
  unsigned int n = fill_bufs(&flight->bytes, bufs, &flight->len);

  return flight->transport->carrier->write(flight, bufs, n);
}

void tlsloop__transport_on_written(tlsloop__flight_t* flight, int status) {
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

/* Sends what the carrier did not take: its blocks move into the flight, where
 * nobody else can free them. */
static int take_off(tlsloop__transport_t* transport, tlsloop__bytes_t* bytes) {
  tlsloop__flight_t* flight = calloc(1, sizeof(*flight));
  int err;

  if (flight == NULL)
    return UV_ENOMEM;
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

/* Gives the carrier what it takes at once. */
static int write_now(tlsloop__transport_t* transport,
                     tlsloop__bytes_t* bytes,
                     size_t* written) {
  uv_buf_t bufs[MAX_BUFS];
  size_t len;
  int n;

  do {
    unsigned int nbufs = fill_bufs(bytes, bufs, &len);

    n = transport->carrier->try_write(transport, bufs, nbufs);
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

void tlsloop__transport_cork(tlsloop__transport_t* transport) {
  if (transport->carrier->cork != NULL)
    transport->carrier->cork(transport);
}

int tlsloop__transport_shutdown(tlsloop__transport_t* transport) {
  int err = transport->carrier->shutdown(transport);

  if (err == 0)
    transport->requests++;
  return err;
}

void tlsloop__transport_on_shut(tlsloop__transport_t* transport, int status) {
  transport->events->on_shut(transport, status);
  request_done(transport);
}

int tlsloop__transport_close(tlsloop__transport_t* transport, int reset) {
  if (transport->carrier->is_closing(transport)) {
    transport->carrier->restore_data(transport);
    transport->orphaned = 1;
    return transport->requests > 0;
  }
  transport->carrier->close(transport, reset);
  return 1;
}

const uv_stream_t* tlsloop__transport_bottom(
    const tlsloop__transport_t* transport) {
  return transport->carrier == NULL ? NULL
                                    : transport->carrier->bottom(transport);
}

void tlsloop__transport_on_closed(tlsloop__transport_t* transport) {
  transport->carrier->restore_data(transport);
  transport->events->on_closed(transport);
}

void tlsloop__transport_release(tlsloop__transport_t* transport) {
  tlsloop__transport_read_stop(transport);
  transport->carrier->restore_data(transport);
  transport->carrier = NULL;
}
