/* SPDX-License-Identifier: MIT */

/* Dial: looks a name up and tries its addresses one after another, because
 * often some of them do not work from here. */

#include "dial.h"

#include "address.h"
#include "options.h"

static void finish(dial_t* dial, int status) {
  dial_cb cb = dial->cb;

  dial->cb = NULL;
  uv_timer_stop(&dial->timer);
  if (cb != NULL)
    cb(dial, status);
}

static void try_next(dial_t* dial);

static void on_closed(uv_handle_t* transport) {
  dial_t* dial = transport->data;

  if (dial->cb != NULL)
    try_next(dial);
}

static void try_failed(dial_t* dial, int status) {
  char name[ADDRESS_SIZE];

  if (dial->addr == NULL || dial->addr->ai_next == NULL) {
    finish(dial, status);
    return;
  }
  format_address(dial->addr->ai_addr, name);
  complain(name, uv_strerror(status));
  dial->addr = dial->addr->ai_next;
  dial->open = 0;
  uv_close(&dial->transport.handle, on_closed);
}

static void on_connected(uv_connect_t* req, int status) {
  dial_t* dial = req->data;

  if (dial->cb == NULL) /* given up */
    return;
  if (status < 0)
    try_failed(dial, status);
  else
    finish(dial, 0);
}

static void try_next(dial_t* dial) {
  int r;

  uv_tcp_init(dial->timer.loop, &dial->transport.tcp);
  dial->transport.handle.data = dial;
  dial->open = 1;
  dial->connect.data = dial;
  r = uv_tcp_connect(
      &dial->connect, &dial->transport.tcp, dial->addr->ai_addr, on_connected);
  if (r < 0)
    try_failed(dial, r);
}

static void on_resolved(uv_getaddrinfo_t* req,
                        int status,
                        struct addrinfo* addrs) {
  dial_t* dial = req->data;

  if (dial->cb == NULL) {
    uv_freeaddrinfo(addrs);
    return;
  }
  dial->addrs = addrs;
  dial->addr = addrs;
  if (status < 0)
    finish(dial, status);
  else
    try_next(dial);
}

static void on_timeout(uv_timer_t* timer) {
  finish(timer->data, UV_ETIMEDOUT);
}

int dial_host(dial_t* dial,
              uv_loop_t* loop,
              const char* host,
              const char* port,
              uint64_t timeout,
              dial_cb cb) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM};

  dial->cb = cb;
  uv_timer_init(loop, &dial->timer);
  dial->timer.data = dial;
  uv_timer_start(&dial->timer, on_timeout, timeout, 0);
  dial->resolve.data = dial;
  return uv_getaddrinfo(loop, &dial->resolve, on_resolved, host, port, &hints);
}

int dial_path(dial_t* dial, uv_loop_t* loop, const char* path, dial_cb cb) {
  dial->cb = cb;
  uv_timer_init(loop, &dial->timer);
  uv_pipe_init(loop, &dial->transport.pipe, 0);
  dial->open = 1;
  dial->connect.data = dial;
  uv_pipe_connect(&dial->connect, &dial->transport.pipe, path, on_connected);
  return 0;
}

void dial_close(dial_t* dial) {
  dial->cb = NULL;
  uv_close((uv_handle_t*) &dial->timer, NULL);
  if (dial->open)
    uv_close(&dial->transport.handle, NULL);
  uv_freeaddrinfo(dial->addrs);
  dial->addrs = NULL;
}
