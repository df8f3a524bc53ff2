/* SPDX-License-Identifier: MIT */

/* The bench server without TLS, which stands behind the programs that end TLS
 * for others. It has a certificate on its command line as all bench servers,
 * and no use for it. */

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "bench/options.h"
#include "bench/serve.h"

const size_t transport_chunk = CONTRACT_CHUNK;

void transport_setup(const options_t* options) {
  (void) options;
}

void transport_open(conn_t* conn) {
  (void) conn;
}

/* After a call has failed: what is to be watched, or the end. */
static int result(conn_t* conn, uint32_t events) {
  if (errno != EAGAIN && errno != EINTR)
    return -1;
  serve_watch(conn, events);
  return 0;
}

int transport_read(conn_t* conn, char* data, size_t len) {
  ssize_t n = recv(conn->fd, data, len, 0);

  if (n < 0)
    return result(conn, EPOLLIN);
  conn->drained = (size_t) n < len;
  return n > 0 ? (int) n : -1;
}

int transport_write(conn_t* conn, const char* data, size_t len) {
  ssize_t n = send(conn->fd, data, len, MSG_NOSIGNAL);

  return n > 0 ? (int) n : result(conn, EPOLLOUT);
}

void transport_close(conn_t* conn) {
  (void) conn;
}

int main(int argc, char** argv) {
  serve(argc, argv);
}
