/* SPDX-License-Identifier: MIT */

/* Wire: a plain proxy between two transports. */

#include "support/wire.h"

#include <check.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/always.h"

#define STEP_SIZE (64 * 1024)


static void way_init(wire_way_t* way, int from, int to) {
  memset(way, 0, sizeof(*way));
  way->from = from;
  way->to = to;
  way->split = WIRE_NEVER;
  way->hold = WIRE_NEVER;
  way->cut = WIRE_NEVER;
  way->flip = WIRE_NEVER;
}


static void join(wire_t* wire, int client, int server) {
  way_init(&wire->to_server, client, server);
  way_init(&wire->to_client, server, client);
}


/* What was moved has arrived, without waiting for more. */
static int tcp_socket(loop_t* loop, uv_tcp_t* tcp) {
  int on;
  int fd;

  on = 1;
  fd = loop_tcp_socket(loop, tcp);
  ck_assert_int_eq(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)),
                   0);
  ck_assert_int_eq(uv_tcp_nodelay(tcp, 1), 0);
  return fd;
}


void wire_open_tcp(wire_t* wire, loop_t* loop, uv_tcp_t* c, uv_tcp_t* s) {
  int client;
  int server;

  client = tcp_socket(loop, c);
  server = tcp_socket(loop, s);
  join(wire, client, server);
}


static int pipe_socket(loop_t* loop, uv_pipe_t* pipe) {
  uv_os_sock_t fds[2];
  int err;

  err = uv_socketpair(SOCK_STREAM, 0, fds, UV_NONBLOCK_PIPE, 0);
  ck_assert_int_eq(err, 0);
  ck_assert_int_eq(uv_pipe_init(&loop->uv, pipe, 0), 0);
  ck_assert_int_eq(uv_pipe_open(pipe, fds[0]), 0);
  return fds[1];
}


void wire_open_pipe(wire_t* wire, loop_t* loop, uv_pipe_t* c, uv_pipe_t* s) {
  int client;
  int server;

  client = pipe_socket(loop, c);
  server = pipe_socket(loop, s);
  join(wire, client, server);
}


static void forget(wire_t* wire) {
  wire->to_server.from = wire->to_server.to = -1;
  wire->to_client.from = wire->to_client.to = -1;
  wire->to_server.ended = wire->to_client.ended = 1;
}


void wire_close(wire_t* wire) {
  if (wire->to_server.from >= 0)
    close(wire->to_server.from);
  if (wire->to_server.to >= 0)
    close(wire->to_server.to);
  forget(wire);
}


void wire_reset(wire_t* wire) {
  if (wire->to_server.from >= 0)
    loop_reset(wire->to_server.from);
  if (wire->to_server.to >= 0)
    loop_reset(wire->to_server.to);
  forget(wire);
}


/* How many bytes may go at once from here. */
static size_t limit(const wire_way_t* way) {
  uint64_t n;

  n = way->chunk > 0 ? way->chunk : STEP_SIZE;
  if (way->moved < way->split && n > way->split - way->moved)
    n = way->split - way->moved;
  if (n > way->hold - way->moved)
    n = way->hold - way->moved;
  if (n > way->cut - way->moved)
    n = way->cut - way->moved;
  return (size_t) n;
}


static void end_way(wire_way_t* way) {
  shutdown(way->to, SHUT_WR);
  way->ended = 1;
}


static int is_later(void) {
  return errno == EAGAIN;
}


/* Takes |len| bytes, which have been seen, away. */
static void drop(int fd, char* bytes, size_t len) {
  ssize_t n;

  for (; len > 0; len -= (size_t) n) {
    n = recv(fd, bytes, len, 0);
    ALWAYS(n > 0);
  }
}


/* Looks at the bytes first and takes away those that could be sent. Returns 1
 * when something happened, 0 when not, -1 when the wire is broken. */
static int way_step(wire_way_t* way) {
  char bytes[STEP_SIZE];
  size_t len;
  ssize_t n;

  if (way->ended)
    return 0;
  len = limit(way);
  if (way->moved == way->cut) {
    end_way(way);
    return 1;
  }
  if (len == 0)
    return 0;
  n = recv(way->from, bytes, len, MSG_PEEK | MSG_DONTWAIT);
  if (n == 0) {
    end_way(way);
    return 1;
  }
  if (n < 0)
    return is_later() ? 0 : -1;
  if (way->flip >= way->moved && way->flip - way->moved < (uint64_t) n)
    bytes[way->flip - way->moved] ^= (char) way->mask;
  n = send(way->to, bytes, (size_t) n, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (n < 0)
    return is_later() ? 0 : -1;
  drop(way->from, bytes, (size_t) n);
  way->moved += (uint64_t) n;
  return 1;
}


int wire_step(wire_t* wire) {
  int to_server;
  int to_client;

  to_server = way_step(&wire->to_server);
  to_client = way_step(&wire->to_client);
  if (to_server >= 0 && to_client >= 0)
    return to_server | to_client;
  wire_reset(wire);
  return 1;
}


static void shrink(int fd) {
  int size;

  size = WIRE_SMALL;
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}


void wire_shrink(wire_t* wire) {
  shrink(wire->to_server.from);
  shrink(wire->to_server.to);
}
