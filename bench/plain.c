/* SPDX-License-Identifier: MIT */

/* The bench server on OpenSSL and epoll alone, which all others are compared
 * with: the way that OpenSSL's documentation shows, done with care. OpenSSL
 * reads and writes the socket itself; it is asked until it would block, into
 * one buffer of a record's size that all connections share. */

#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/contract.h"
#include "bench/openssl.h"
#include "bench/options.h"

#define RECORD_SIZE 16384
#define EVENTS      256
/* Records that one connection may have before the others have their turn. */
#define TURN 64

typedef struct conn_s {
  SSL* ssl;
  int fd;
  uint32_t events; /* what epoll watches */
  contract_t contract;
  uint64_t to_send;      /* of an S command */
  char* rest;            /* to be sent, or read and not looked at */
  contract_span_t reply; /* the part of |rest| to send */
  contract_span_t in;    /* the part of |rest| to look at, after that */
} conn_t;

static int epoll_fd;
static SSL_CTX* ctx;
static char input[RECORD_SIZE];
static char zeros[RECORD_SIZE];
static char answer[] = {'!'};

static void conn_close(conn_t* conn) {
  if (SSL_is_init_finished(conn->ssl))
    SSL_shutdown(conn->ssl);
  SSL_free(conn->ssl);
  close(conn->fd);
  free(conn->rest);
  free(conn);
  ERR_clear_error();
}

static void conn_watch(conn_t* conn, uint32_t events) {
  struct epoll_event event = {.events = events, .data.ptr = conn};

  if (events == conn->events)
    return;
  if (epoll_ctl(epoll_fd,
                conn->events == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD,
                conn->fd,
                &event) < 0)
    die("epoll", strerror(errno));
  conn->events = events;
}

/* What to do after a call returned |r|: wait for the socket, or close.
 * Returns -1. */
static int conn_wait(conn_t* conn, int r) {
  switch (SSL_get_error(conn->ssl, r)) {
    case SSL_ERROR_WANT_READ:
      conn_watch(conn, EPOLLIN);
      break;
    case SSL_ERROR_WANT_WRITE:
      conn_watch(conn, EPOLLOUT);
      break;
    case SSL_ERROR_ZERO_RETURN:
      conn_close(conn);
      break;
    default: /* nothing more may be sent */
      SSL_set_quiet_shutdown(conn->ssl, 1);
      conn_close(conn);
  }
  return -1;
}

/* Keeps what cannot be dealt with now: |reply| to send, then |in|. */
static void conn_keep(conn_t* conn, contract_span_t reply, contract_span_t in) {
  char* rest = malloc(reply.len + in.len);

  if (rest == NULL)
    die("plain", "out of memory");
  memcpy(rest, reply.data, reply.len);
  memcpy(rest + reply.len, in.data, in.len);
  free(conn->rest);
  conn->rest = rest;
  conn->reply = (contract_span_t){rest, reply.len};
  conn->in = (contract_span_t){rest + reply.len, in.len};
}

/* Sends |span|. Returns 1, or 0 with what SSL_write returned in |r|. */
static int send_span(conn_t* conn, contract_span_t* span, int* r) {
  while (span->len > 0) {
    *r = SSL_write(conn->ssl, span->data, (int) span->len);
    if (*r <= 0)
      return 0;
    span->data += *r;
    span->len -= (size_t) *r;
  }
  return 1;
}

static int send_zeros(conn_t* conn, int* r) {
  while (conn->to_send > 0) {
    size_t n = conn->to_send < RECORD_SIZE ? (size_t) conn->to_send
                                           : (size_t) RECORD_SIZE;

    *r = SSL_write(conn->ssl, zeros, (int) n);
    if (*r <= 0)
      return 0;
    conn->to_send -= (uint64_t) *r;
  }
  return 1;
}

/* Does what |in| asks for. Returns 0, or -1 when the connection has to wait or
 * is gone. */
static int conn_serve(conn_t* conn, contract_span_t in) {
  contract_work_t work;
  contract_span_t reply;
  contract_todo_t todo;
  int r = 0;

  while ((todo = contract_next(&conn->contract, &in, &work)) != CONTRACT_MORE) {
    if (todo == CONTRACT_BAD) {
      conn_close(conn);
      return -1;
    }
    reply = (contract_span_t){NULL, 0};
    if (todo == CONTRACT_ECHO)
      reply = work.echo;
    else if (todo == CONTRACT_ANSWER)
      reply = (contract_span_t){answer, sizeof(answer)};
    else
      conn->to_send = work.send;
    if (!send_span(conn, &reply, &r) || !send_zeros(conn, &r)) {
      conn_keep(conn, reply, in);
      return conn_wait(conn, r);
    }
  }
  return 0;
}

/* Goes on where the connection had to wait. Returns as conn_serve. */
static int conn_resume(conn_t* conn) {
  contract_span_t in;
  char* rest;
  int r = 0;

  if (!send_span(conn, &conn->reply, &r) || !send_zeros(conn, &r))
    return conn_wait(conn, r);
  rest = conn->rest;
  in = conn->in;
  conn->rest = NULL;
  conn->in = (contract_span_t){NULL, 0};
  r = conn_serve(conn, in);
  free(rest);
  return r;
}

static void on_event(conn_t* conn) {
  int i;
  int r;

  if ((conn->rest != NULL || conn->to_send > 0) && conn_resume(conn) < 0)
    return;
  for (i = 0; i < TURN; i++) {
    r = SSL_read(conn->ssl, input, sizeof(input));
    if (r <= 0) {
      conn_wait(conn, r);
      return;
    }
    if (conn_serve(conn, (contract_span_t){input, (size_t) r}) < 0)
      return;
  }
  conn_watch(conn, EPOLLIN);
}

static void on_connection(int listener) {
  int fd;
  int on = 1;

  while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >=
         0) {
    conn_t* conn = calloc(1, sizeof(*conn));

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (conn == NULL || (conn->ssl = SSL_new(ctx)) == NULL ||
        !SSL_set_fd(conn->ssl, fd))
      die("plain", "out of memory");
    conn->fd = fd;
    SSL_set_accept_state(conn->ssl);
    conn_watch(conn, EPOLLIN);
  }
}

int main(int argc, char** argv) {
  static struct epoll_event events[EVENTS];
  struct epoll_event event = {.events = EPOLLIN};
  options_t options;
  int listener;
  int i;
  int n;

  options_read(&options, argc, argv);
  ctx = openssl_server_ctx(options.cert, options.key);
  epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  listener = options_listen(options.port);
  if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listener, &event) < 0)
    die("epoll", strerror(errno));
  options_ready(listener);
  for (;;) {
    n = epoll_wait(epoll_fd, events, EVENTS, -1);
    for (i = 0; i < n; i++) {
      if (events[i].data.ptr == NULL)
        on_connection(listener);
      else
        on_event(events[i].data.ptr);
    }
  }
}
