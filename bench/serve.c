/* SPDX-License-Identifier: MIT */

/* The loop of the servers on epoll. A connection is read until it would block,
 * into one buffer that all share, and each piece is dealt with before the next
 * is read. */

#define _GNU_SOURCE
#include "bench/serve.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS 256
/* Reads that one connection may have before the others have their turn. */
#define TURN 64

static int epoll_fd;
static char input[CONTRACT_CHUNK];
static char zeros[CONTRACT_CHUNK];
static char answer[] = {'!'};

void serve_watch(conn_t* conn, uint32_t events) {
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

static void conn_close(conn_t* conn) {
  transport_close(conn);
  close(conn->fd);
  free(conn->rest);
  free(conn);
}

/* After the transport returned |r|, which is no number of bytes. Returns -1. */
static int conn_wait(conn_t* conn, int r) {
  if (r < 0)
    conn_close(conn);
  return -1;
}

/* Keeps what cannot be dealt with now: |reply| to send, then |in|. */
static void conn_keep(conn_t* conn, contract_span_t reply, contract_span_t in) {
  char* rest = malloc(reply.len + in.len);

  if (rest == NULL)
    die("server", "out of memory");
  memcpy(rest, reply.data, reply.len);
  memcpy(rest + reply.len, in.data, in.len);
  free(conn->rest);
  conn->rest = rest;
  conn->reply = (contract_span_t){rest, reply.len};
  conn->in = (contract_span_t){rest + reply.len, in.len};
}

/* Sends |span|. Returns 1, or 0 with what the transport returned in |r|. */
static int send_span(conn_t* conn, contract_span_t* span, int* r) {
  while (span->len > 0) {
    *r = transport_write(conn, span->data, span->len);
    if (*r <= 0)
      return 0;
    span->data += *r;
    span->len -= (size_t) *r;
  }
  return 1;
}

static int send_zeros(conn_t* conn, int* r) {
  while (conn->to_send > 0) {
    size_t n = conn->to_send < transport_chunk ? (size_t) conn->to_send
                                               : transport_chunk;

    *r = transport_write(conn, zeros, n);
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
  conn->drained = 0;
  for (i = 0; i < TURN && !conn->drained; i++) {
    r = transport_read(conn, input, transport_chunk);
    if (r <= 0) {
      conn_wait(conn, r);
      return;
    }
    if (conn_serve(conn, (contract_span_t){input, (size_t) r}) < 0)
      return;
  }
  serve_watch(conn, EPOLLIN);
}

static void on_connection(int listener) {
  int fd;
  int on = 1;

  while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >=
         0) {
    conn_t* conn = calloc(1, sizeof(*conn));

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (conn == NULL)
      die("server", "out of memory");
    conn->fd = fd;
    transport_open(conn);
    serve_watch(conn, EPOLLIN);
  }
}

_Noreturn void serve(int argc, char** argv) {
  static struct epoll_event events[EVENTS];
  struct epoll_event event = {.events = EPOLLIN};
  options_t options;
  int listener;
  int i;
  int n;

  options_read(&options, argc, argv);
  transport_setup(&options);
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
