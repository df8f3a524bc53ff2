/* SPDX-License-Identifier: MIT */

/* The bench server on OpenSSL and epoll alone, which all others are compared
 * with: the way that OpenSSL's documentation shows, done with care. OpenSSL
 * reads and writes the socket itself; it is asked until it would block, a
 * record at a time. */

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>

#include "bench/openssl.h"
#include "bench/options.h"
#include "bench/serve.h"

#define RECORD_SIZE 16384

const size_t transport_chunk = RECORD_SIZE;

static SSL_CTX* ctx;

void transport_setup(const options_t* options) {
  ctx = openssl_server_ctx(options->cert, options->key);
}

void transport_open(conn_t* conn) {
  SSL* ssl = SSL_new(ctx);

  if (ssl == NULL || !SSL_set_fd(ssl, conn->fd))
    die("plain", "out of memory");
  SSL_set_accept_state(ssl);
  conn->session = ssl;
}

/* What to do after a call returned |r|, which is no number of bytes. */
static int result(conn_t* conn, int r) {
  switch (SSL_get_error(conn->session, r)) {
    case SSL_ERROR_WANT_READ:
      serve_watch(conn, EPOLLIN);
      return 0;
    case SSL_ERROR_WANT_WRITE:
      serve_watch(conn, EPOLLOUT);
      return 0;
    case SSL_ERROR_ZERO_RETURN:
      return -1;
    default: /* nothing more may be sent */
      SSL_set_quiet_shutdown(conn->session, 1);
      return -1;
  }
}

int transport_read(conn_t* conn, char* data, size_t len) {
  int r = SSL_read(conn->session, data, (int) len);

  return r > 0 ? r : result(conn, r);
}

int transport_write(conn_t* conn, const char* data, size_t len) {
  int r = SSL_write(conn->session, data, (int) len);

  return r > 0 ? r : result(conn, r);
}

void transport_close(conn_t* conn) {
  if (SSL_is_init_finished(conn->session))
    SSL_shutdown(conn->session);
  SSL_free(conn->session);
  ERR_clear_error();
}

int main(int argc, char** argv) {
  serve(argc, argv);
}
