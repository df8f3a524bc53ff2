/* SPDX-License-Identifier: MIT */

/* The bench server on libuv and OpenSSL's memory BIOs, as most programs that
 * join the two by themselves do it: a buffer for each read, and for each write
 * a request with a copy of what came out of the BIO. */

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "bench/contract.h"
#include "bench/openssl.h"
#include "bench/options.h"

#define RECORD_SIZE 16384
/* Ciphertext that may wait for the peer before reading or sending stops. */
#define HIGH_WATER (256 * 1024)

typedef struct conn_s {
  uv_tcp_t tcp;
  SSL* ssl;
  contract_t contract;
  uint64_t to_send; /* of an S command */
  char* rest;       /* read after it, and not looked at */
  size_t rest_len;  /* in bytes */
  size_t queued;    /* bytes in requests */
  int paused;       /* not being read */
} conn_t;

typedef struct write_s {
  uv_write_t req;
  size_t len; /* of |bytes| */
  char bytes[];
} write_t;

static uv_loop_t loop;
static uv_tcp_t listener;
static SSL_CTX* ctx;
static char zeros[RECORD_SIZE];
static char answer[] = {'!'};

static void conn_go_on(conn_t* conn);

static void on_closed(uv_handle_t* handle) {
  conn_t* conn = handle->data;

  SSL_free(conn->ssl);
  free(conn->rest);
  free(conn);
}

static void conn_close(conn_t* conn) {
  if (!uv_is_closing((uv_handle_t*) &conn->tcp))
    uv_close((uv_handle_t*) &conn->tcp, on_closed);
}

static void on_written(uv_write_t* req, int status) {
  write_t* write = req->data;
  conn_t* conn = req->handle->data;

  conn->queued -= write->len;
  free(write);
  if (status < 0)
    conn_close(conn);
  else if (conn->queued == 0 && (conn->paused || conn->to_send > 0))
    conn_go_on(conn);
}

/* Sends what has collected in the BIO. */
static void conn_flush(conn_t* conn) {
  BIO* bio = SSL_get_wbio(conn->ssl);
  size_t len = BIO_ctrl_pending(bio);
  write_t* write;
  uv_buf_t buf;

  if (len == 0 || uv_is_closing((uv_handle_t*) &conn->tcp))
    return;
  write = malloc(sizeof(*write) + len);
  if (write == NULL || BIO_read(bio, write->bytes, (int) len) != (int) len)
    die("naive", "out of memory");
  write->len = len;
  write->req.data = write;
  conn->queued += len;
  buf = uv_buf_init(write->bytes, (unsigned int) len);
  if (uv_write(&write->req, (uv_stream_t*) &conn->tcp, &buf, 1, on_written) < 0)
    die("naive", "uv_write");
}

static void conn_write(conn_t* conn, const char* data, size_t len) {
  if (len > 0 && SSL_write(conn->ssl, data, (int) len) != (int) len)
    die("naive", "a memory BIO refuses");
  conn_flush(conn);
}

static void send_zeros(conn_t* conn) {
  while (conn->to_send > 0 && conn->queued < HIGH_WATER) {
    size_t n = conn->to_send < RECORD_SIZE ? (size_t) conn->to_send
                                           : (size_t) RECORD_SIZE;

    conn_write(conn, zeros, n);
    conn->to_send -= n;
  }
}

static void conn_keep(conn_t* conn, const contract_span_t* in) {
  char* rest = realloc(conn->rest, conn->rest_len + in->len);

  if (rest == NULL)
    die("naive", "out of memory");
  memcpy(rest + conn->rest_len, in->data, in->len);
  conn->rest = rest;
  conn->rest_len += in->len;
}

static void conn_serve(conn_t* conn, contract_span_t in) {
  contract_work_t work;
  contract_todo_t todo;

  while (conn->to_send == 0 &&
         (todo = contract_next(&conn->contract, &in, &work)) != CONTRACT_MORE) {
    if (todo == CONTRACT_BAD) {
      conn_close(conn);
      return;
    }
    if (todo == CONTRACT_ECHO)
      conn_write(conn, work.echo.data, work.echo.len);
    else if (todo == CONTRACT_ANSWER)
      conn_write(conn, answer, sizeof(answer));
    else
      conn->to_send = work.send;
    send_zeros(conn);
  }
  if (in.len > 0)
    conn_keep(conn, &in);
}

static void conn_end(conn_t* conn, int r) {
  int error = SSL_get_error(conn->ssl, r);

  conn_flush(conn); /* the handshake's bytes */
  if (error == SSL_ERROR_WANT_READ)
    return;
  if (error == SSL_ERROR_ZERO_RETURN) {
    SSL_shutdown(conn->ssl);
    conn_flush(conn);
  }
  ERR_clear_error();
  conn_close(conn);
}

static void on_alloc(uv_handle_t* handle, size_t suggested, uv_buf_t* buf) {
  (void) handle;
  *buf = uv_buf_init(malloc(suggested), (unsigned int) suggested);
}

static void on_read(uv_stream_t* stream, ssize_t nread, const uv_buf_t* buf) {
  conn_t* conn = stream->data;
  char* data;
  int r;

  if (nread > 0)
    BIO_write(SSL_get_rbio(conn->ssl), buf->base, (int) nread);
  free(buf->base);
  if (nread < 0)
    conn_close(conn);
  if (nread <= 0)
    return;
  data = malloc(RECORD_SIZE);
  if (data == NULL)
    die("naive", "out of memory");
  while ((r = SSL_read(conn->ssl, data, RECORD_SIZE)) > 0)
    conn_serve(conn, (contract_span_t){data, (size_t) r});
  free(data);
  conn_end(conn, r);
  if (conn->queued > HIGH_WATER) {
    uv_read_stop(stream);
    conn->paused = 1;
  }
}

static void conn_go_on(conn_t* conn) {
  contract_span_t in = {conn->rest, conn->rest_len};

  send_zeros(conn);
  if (conn->to_send == 0 && in.data != NULL) {
    conn->rest = NULL;
    conn->rest_len = 0;
    conn_serve(conn, in);
    free(in.data);
  }
  if (conn->paused && !uv_is_closing((uv_handle_t*) &conn->tcp)) {
    conn->paused = 0;
    uv_read_start((uv_stream_t*) &conn->tcp, on_alloc, on_read);
  }
}

static void on_connection(uv_stream_t* server, int status) {
  conn_t* conn = calloc(1, sizeof(*conn));

  if (conn == NULL || status < 0)
    die("naive", "cannot accept");
  uv_tcp_init(&loop, &conn->tcp);
  conn->tcp.data = conn;
  conn->ssl = SSL_new(ctx);
  if (conn->ssl == NULL)
    die("naive", "out of memory");
  SSL_set_bio(conn->ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_set_accept_state(conn->ssl);
  if (uv_accept(server, (uv_stream_t*) &conn->tcp) < 0 ||
      uv_tcp_nodelay(&conn->tcp, 1) < 0 ||
      uv_read_start((uv_stream_t*) &conn->tcp, on_alloc, on_read) < 0)
    die("naive", "cannot accept");
}

int main(int argc, char** argv) {
  options_t options;
  int fd;

  options_read(&options, argc, argv);
  ctx = openssl_server_ctx(options.cert, options.key);
  SSL_CTX_clear_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE);
  fd = options_listen(options.port);
  uv_loop_init(&loop);
  uv_tcp_init(&loop, &listener);
  if (uv_tcp_open(&listener, fd) < 0 ||
      uv_listen((uv_stream_t*) &listener, 4096, on_connection) < 0)
    die("naive", "cannot listen");
  options_ready(fd);
  return uv_run(&loop, UV_RUN_DEFAULT);
}
