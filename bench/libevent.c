/* SPDX-License-Identifier: MIT */

/* The bench server on libevent's bufferevent_openssl, which owns the socket
 * and both buffers. */

#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "bench/contract.h"
#include "bench/openssl.h"
#include "bench/options.h"

/* Plaintext that may wait for the peer before reading stops. */
#define HIGH_WATER ((size_t) 256 * 1024)

typedef struct conn_s {
  struct bufferevent* bev;
  contract_t contract;
  uint64_t to_send; /* of an S command */
} conn_t;

static struct event_base* base;
static SSL_CTX* ctx;
static char zeros[CONTRACT_CHUNK];
static char answer[] = {'!'};

static void conn_close(conn_t* conn) {
  bufferevent_free(conn->bev);
  free(conn);
}

static size_t waiting(const conn_t* conn) {
  return evbuffer_get_length(bufferevent_get_output(conn->bev));
}

/* Adds what an S command wants by reference, as much as may wait. */
static void send_zeros(conn_t* conn) {
  struct evbuffer* output = bufferevent_get_output(conn->bev);

  while (conn->to_send > 0 && waiting(conn) < HIGH_WATER) {
    size_t n = conn->to_send < CONTRACT_CHUNK ? (size_t) conn->to_send
                                              : CONTRACT_CHUNK;

    if (evbuffer_add_reference(output, zeros, n, NULL, NULL) < 0)
      die("libevent", "out of memory");
    conn->to_send -= n;
  }
}

/* Moves all input that is to be echoed; that copies nothing. */
static void echo(conn_t* conn, struct evbuffer* input) {
  if (evbuffer_add_buffer(bufferevent_get_output(conn->bev), input) < 0)
    die("libevent", "out of memory");
}

/* Does what the next |in| asks for. Returns whether there may be more. */
static int serve(conn_t* conn, contract_span_t* in) {
  contract_work_t work;

  switch (contract_next(&conn->contract, in, &work)) {
    case CONTRACT_BAD:
      conn_close(conn);
      return -1;
    case CONTRACT_ECHO:
      bufferevent_write(conn->bev, work.echo.data, work.echo.len);
      break;
    case CONTRACT_ANSWER:
      bufferevent_write(conn->bev, answer, sizeof(answer));
      break;
    case CONTRACT_SEND:
      conn->to_send = work.send;
      send_zeros(conn);
      break;
    case CONTRACT_MORE:
      break;
  }
  return 0;
}

static void on_read(struct bufferevent* bev, void* arg) {
  struct evbuffer* input = bufferevent_get_input(bev);
  conn_t* conn = arg;

  while (conn->to_send == 0 && waiting(conn) < HIGH_WATER &&
         evbuffer_get_length(input) > 0) {
    contract_span_t in;
    size_t len;

    if (conn->contract.kind == 'E') {
      echo(conn, input);
      continue;
    }
    len = evbuffer_get_contiguous_space(input);
    in = (contract_span_t){(char*) evbuffer_pullup(input, (ssize_t) len), len};
    if (serve(conn, &in) < 0)
      return;
    evbuffer_drain(input, len - in.len);
  }
  if (conn->to_send > 0 || waiting(conn) >= HIGH_WATER)
    bufferevent_disable(bev, EV_READ);
}

/* All is with the system. */
static void on_written(struct bufferevent* bev, void* arg) {
  conn_t* conn = arg;

  send_zeros(conn);
  if (conn->to_send > 0)
    return;
  bufferevent_enable(bev, EV_READ);
  on_read(bev, conn);
}

static void on_event(struct bufferevent* bev, short what, void* arg) {
  (void) bev;
  if ((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) != 0) {
    SSL* ssl = bufferevent_openssl_get_ssl(bev);

    if ((SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN) != 0)
      SSL_shutdown(ssl);
    conn_close(arg);
  }
}

static void on_connection(struct evconnlistener* listener,
                          evutil_socket_t fd,
                          struct sockaddr* addr,
                          int len,
                          void* arg) {
  conn_t* conn = calloc(1, sizeof(*conn));
  SSL* ssl = SSL_new(ctx);
  int on = 1;

  (void) listener;
  (void) addr;
  (void) len;
  (void) arg;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  if (conn == NULL || ssl == NULL)
    die("libevent", "out of memory");
  conn->bev = bufferevent_openssl_socket_new(
      base, fd, ssl, BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
  if (conn->bev == NULL)
    die("libevent", "out of memory");
  bufferevent_setcb(conn->bev, on_read, on_written, on_event, conn);
  bufferevent_enable(conn->bev, EV_READ | EV_WRITE);
}

int main(int argc, char** argv) {
  options_t options;
  int fd;

  options_read(&options, argc, argv);
  ctx = openssl_server_ctx(options.cert, options.key);
  base = event_base_new();
  fd = options_listen(options.port);
  if (base == NULL ||
      evconnlistener_new(base,
                         on_connection,
                         NULL,
                         LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC,
                         -1,
                         fd) == NULL)
    die("libevent", "cannot listen");
  options_ready(fd);
  return event_base_dispatch(base) < 0;
}
