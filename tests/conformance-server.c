/* SPDX-License-Identifier: MIT */

/* conformance-server: a TLS server of tlsloop at which suites of tests can be
 * pointed (docs/conformance.md). It does whatever it is told to, weak things
 * too, and goes on after everything that a client can do to it.
 *
 * With --http a client is answered after a blank line, and then the connection
 * is closed in good order; with --echo it gets back what it sends until it
 * closes. This file is what happens on connections; what the command line makes
 * of the context is in conformance-options.c. */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "conformance-options.h"

typedef struct conn_s {
  tlsloop_stream_t tls;
  tlsloop_write_t write;
  tlsloop_shutdown_t shutdown;
  LIST_ENTRY(conn_s) link;
  int newlines; /* that came one after another, CR apart */
  int ending;
  int ended;
  int got_eof;
  char bytes[16 * 1024];
} conn_t;

static uv_loop_t loop;
static tlsloop_listener_t listener;
static uv_tcp_t tcp;
static uv_signal_t signals[2];
static options_t options;
static LIST_HEAD(, conn_s) conns;

static const char page[] =
    "HTTP/1.0 200 OK\r\n"
    "Content-Type: text/plain\r\n"
    "Content-Length: 8\r\n"
    "\r\n"
    "tlsloop\n";

static void on_closed(tlsloop_stream_t* tls) {
  conn_t* conn = tls->data;

  LIST_REMOVE(conn, link);
  free(conn);
}

/* Suites break connections on purpose: what went wrong is only of interest to
 * who asks for it. */
static void conn_fail(conn_t* conn, int status) {
  const tlsloop_error_t* error = tlsloop_stream_error(&conn->tls);

  if (tlsloop_is_closing(&conn->tls))
    return;
  if (options.verbose && !conn->ended)
    fprintf(stderr,
            "%s: %s\n",
            tlsloop_err_name(status),
            error != NULL ? error->text : tlsloop_strerror(status));
  tlsloop_close(&conn->tls, on_closed);
}

static void on_shutdown(tlsloop_shutdown_t* req, int status) {
  conn_t* conn = req->stream->data;

  conn->ended = status == 0;
  if (status < 0)
    conn_fail(conn, status);
  else if (conn->got_eof)
    tlsloop_close(&conn->tls, on_closed);
}

static void conn_end(conn_t* conn) {
  int r;

  if (conn->ending)
    return;
  conn->ending = 1;
  r = tlsloop_shutdown(&conn->shutdown, &conn->tls, on_shutdown);
  if (r < 0)
    conn_fail(conn, r);
}

static void on_alloc(tlsloop_stream_t* tls, size_t size, uv_buf_t* buf) {
  conn_t* conn = tls->data;

  (void) size;
  *buf = uv_buf_init(conn->bytes, sizeof(conn->bytes));
}

static void on_read(tlsloop_stream_t* tls, ssize_t nread, const uv_buf_t* buf);

static void on_written(tlsloop_write_t* req, int status) {
  conn_t* conn = req->stream->data;

  if (status == 0)
    status = tlsloop_read_start(&conn->tls, on_alloc, on_read);
  if (status < 0)
    conn_fail(conn, status);
  else if (options.http)
    conn_end(conn);
}

/* Whether |len| bytes bring the blank line at the end of a request. */
static int is_request(conn_t* conn, const char* bytes, size_t len) {
  size_t i;

  for (i = 0; i < len && conn->newlines < 2; i++) {
    if (bytes[i] == '\n')
      conn->newlines++;
    else if (bytes[i] != '\r')
      conn->newlines = 0;
  }
  return conn->newlines == 2;
}

static int on_data(conn_t* conn, char* bytes, size_t len) {
  uv_buf_t buf = uv_buf_init(bytes, (unsigned int) len);

  if (conn->ending)
    return 0;
  if (options.http) {
    if (conn->newlines == 2 || !is_request(conn, bytes, len))
      return 0;
    /* It is not changed, for all that uv_buf_t says. */
    memcpy(conn->bytes, page, sizeof(page));
    buf = uv_buf_init(conn->bytes, sizeof(page) - 1);
  }
  tlsloop_read_stop(&conn->tls);
  return tlsloop_write(&conn->write, &conn->tls, &buf, 1, on_written);
}

static void on_read(tlsloop_stream_t* tls, ssize_t nread, const uv_buf_t* buf) {
  conn_t* conn = tls->data;
  int r = 0;

  if (nread == UV_EOF) {
    conn->got_eof = 1;
    conn_end(conn);
    if (conn->ended)
      tlsloop_close(tls, on_closed);
  } else if (nread < 0) {
    conn_fail(conn, (int) nread);
  } else if (nread > 0) {
    r = on_data(conn, buf->base, (size_t) nread);
  }
  if (r < 0)
    conn_fail(conn, r);
}

static void on_connection(tlsloop_listener_t* from) {
  conn_t* conn = calloc(1, sizeof(*conn));
  int r = conn == NULL ? UV_ENOMEM : tlsloop_accept(from, &conn->tls);

  if (r < 0) {
    free(conn);
    return;
  }
  conn->tls.data = conn;
  LIST_INSERT_HEAD(&conns, conn, link);
  r = tlsloop_read_start(&conn->tls, on_alloc, on_read);
  if (r < 0)
    conn_fail(conn, r);
}

static void on_refused(tlsloop_listener_t* from,
                       int status,
                       const tlsloop_error_t* error,
                       const struct sockaddr* peer) {
  (void) from;
  (void) peer;
  if (options.verbose)
    fprintf(stderr,
            "%s: %s\n",
            tlsloop_err_name(status),
            error != NULL ? error->text : tlsloop_strerror(status));
}

static void on_signal(uv_signal_t* handle, int signum) {
  conn_t* conn;

  (void) handle;
  (void) signum;
  tlsloop_listener_close(&listener, NULL);
  uv_close((uv_handle_t*) &signals[0], NULL);
  uv_close((uv_handle_t*) &signals[1], NULL);
  LIST_FOREACH(conn, &conns, link) {
    tlsloop_close(&conn->tls, on_closed);
  }
}

static void need(int r, const char* what) {
  if (r >= 0)
    return;
  fprintf(stderr, "conformance-server: %s: %s\n", what, tlsloop_strerror(r));
  exit(2);
}

static void start(tlsloop_ctx_t* ctx) {
  static const int signums[] = {SIGINT, SIGTERM};
  struct sockaddr_in addr;
  int len = sizeof(addr);
  int i;

  signal(SIGPIPE, SIG_IGN);
  need(uv_loop_init(&loop), "loop");
  for (i = 0; i < 2; i++) {
    need(uv_signal_init(&loop, &signals[i]), "signal");
    need(uv_signal_start(&signals[i], on_signal, signums[i]), "signal");
  }
  need(uv_ip4_addr(options.host, options.port, &addr), options.host);
  need(uv_tcp_init(&loop, &tcp), "socket");
  need(uv_tcp_bind(&tcp, (struct sockaddr*) &addr, 0), options.host);
  need(tlsloop_listener_init(&loop, &listener, ctx), "listener");
  tlsloop_listener_on_error(&listener, on_refused);
  need(tlsloop_listen(&listener, (uv_stream_t*) &tcp, SOMAXCONN, on_connection),
       options.host);
  need(uv_tcp_getsockname(&tcp, (struct sockaddr*) &addr, &len), "socket");
  printf("listening on %s:%d\n", options.host, ntohs(addr.sin_port));
  fflush(stdout);
}

int main(int argc, char** argv) {
  tlsloop_ctx_t* ctx;

  options_read(&options, argc, argv);
  ctx = options_context(&options);
  start(ctx);
  uv_run(&loop, UV_RUN_DEFAULT);
  tlsloop_ctx_unref(ctx);
  return uv_loop_close(&loop) == 0 ? 0 : 2;
}
