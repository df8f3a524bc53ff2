/* SPDX-License-Identifier: MIT */

/* multi-loop-server: sends back what it receives, on all cores.
 *
 * There is a loop for each core, on a thread of its own, and one context that
 * all of them share: certificates, policy, and the keys of session tickets, so
 * that a client resumes its session on whichever loop it meets. Each loop has a
 * listening socket of its own on one port (SO_REUSEPORT), over which the system
 * deals the connections out. A connection stays with its loop, so that nothing
 * of it needs a lock.
 *
 * |help| has its options and what its exit status says. Try it:
 *   ./multi-loop-server --cert server.pem --port 4433 &
 *   openssl s_time -connect 127.0.0.1:4433 -new -time 5 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli.h"

enum {
  LOOPS_MAX = 256,
  LINGER_MS = 5 * 1000
};

typedef struct worker_s worker_t;

/* A connection. Everything about it happens on the thread of its worker. */
typedef struct conn_s {
  tlsloop_stream_t tls;
  tlsloop_write_t write;
  tlsloop_shutdown_t shutdown;
  worker_t* worker;
  LIST_ENTRY(conn_s) link;
  int got_eof; /* the peer has closed its direction */
  int ending;  /* we are closing ours */
  int ended;   /* we have closed ours */
  char peer[ADDRESS_SIZE];
  char bytes[16 * 1024]; /* on their way back */
} conn_t;

/* A thread with its loop. */
struct worker_s {
  uv_thread_t thread;
  uv_loop_t loop;
  uv_async_t stop; /* sent from the main thread */
  uv_timer_t linger;
  uv_tcp_t tcp;
  tlsloop_listener_t listener;
  LIST_HEAD(, conn_s) conns;
  unsigned long served;
};

const char program[] = "multi-loop-server";

static const char help[] =
    "Usage: multi-loop-server --cert FILE [OPTION]...\n"
    "Send back what TLS clients send, with a loop on each core.\n\n"
    "      --host ADDRESS          listen on this address (127.0.0.1)\n"
    "      --port PORT             listen on this port (0: any free one)\n"
    "      --cert FILE             certificate chain, PEM\n"
    "      --key FILE              its private key, PEM (in --cert's file)\n"
    "      --loops NUMBER          how many loops (one for each core)\n"
    "      --help                  print this and exit\n\n"
    "Once clients can connect it prints \"listening on ADDRESS\". SIGINT or\n"
    "SIGTERM ends all connections, then the server; a second one kills it.\n"
    "Exit status: 0 stopped by a signal, 1 wrong usage, 2 could not start.\n";

static worker_t* workers;
static int count;

static void on_closed(tlsloop_stream_t* tls) {
  conn_t* conn = tls->data;

  LIST_REMOVE(conn, link);
  free(conn);
}

static void conn_fail(conn_t* conn, int status) {
  if (tlsloop_is_closing(&conn->tls))
    return;
  if (!conn->ended) /* otherwise the peer has missed nothing */
    complain(conn->peer, explain(status, tlsloop_stream_error(&conn->tls)));
  tlsloop_close(&conn->tls, on_closed);
}

static void on_shutdown(tlsloop_shutdown_t* req, int status) {
  conn_t* conn = req->stream->data;

  conn->ended = status == 0;
  if (status < 0)
    conn_fail(conn, status);
  else if (conn->got_eof) /* otherwise the peer's end is to come */
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

static void on_alloc(tlsloop_stream_t* tls, size_t suggested, uv_buf_t* buf) {
  conn_t* conn = tls->data;

  (void) suggested;
  *buf = uv_buf_init(conn->bytes, sizeof(conn->bytes));
}

static void on_read(tlsloop_stream_t* tls, ssize_t nread, const uv_buf_t* buf);

static void on_written(tlsloop_write_t* req, int status) {
  conn_t* conn = req->stream->data;

  if (status == 0)
    status = tlsloop_read_start(&conn->tls, on_alloc, on_read);
  if (status < 0)
    conn_fail(conn, status);
}

static void on_read(tlsloop_stream_t* tls, ssize_t nread, const uv_buf_t* buf) {
  conn_t* conn = tls->data;
  uv_buf_t data = uv_buf_init(buf->base, nread > 0 ? (unsigned int) nread : 0);
  int r = 0;

  if (nread == UV_EOF) {
    conn->got_eof = 1;
    conn_end(conn);
    if (conn->ended)
      tlsloop_close(tls, on_closed);
  } else if (nread < 0) {
    conn_fail(conn, (int) nread);
  } else if (nread > 0 && !conn->ending) {
    tlsloop_read_stop(tls); /* until this has gone back */
    r = tlsloop_write(&conn->write, tls, &data, 1, on_written);
  }
  if (r < 0)
    conn_fail(conn, r);
}

static void on_connection(tlsloop_listener_t* listener) {
  worker_t* worker = listener->data;
  conn_t* conn = calloc(1, sizeof(*conn));
  int r = conn == NULL ? UV_ENOMEM : tlsloop_accept(listener, &conn->tls);

  if (r < 0) {
    complain("cannot accept", tlsloop_strerror(r));
    free(conn);
    return;
  }
  worker->served++;
  conn->tls.data = conn;
  conn->worker = worker;
  LIST_INSERT_HEAD(&worker->conns, conn, link);
  format_peer((uv_tcp_t*) conn->tls.transport, conn->peer);
  r = tlsloop_read_start(&conn->tls, on_alloc, on_read);
  if (r < 0)
    conn_fail(conn, r);
}

static void on_linger(uv_timer_t* timer) {
  worker_t* worker = timer->data;
  conn_t* conn;

  complain("stopping", "not every client has ended");
  LIST_FOREACH(conn, &worker->conns, link) {
    tlsloop_close(&conn->tls, on_closed);
  }
}

/* On the thread of the worker, which alone may touch its streams. */
static void on_stop(uv_async_t* async) {
  worker_t* worker = async->data;
  conn_t* conn;

  tlsloop_listener_close(&worker->listener, NULL);
  uv_timer_start(&worker->linger, on_linger, LINGER_MS, 0);
  LIST_FOREACH(conn, &worker->conns, link) {
    conn_end(conn);
  }
}

/* Runs until the listener and the last connection are closed. */
static void work(void* arg) {
  worker_t* worker = arg;

  uv_run(&worker->loop, UV_RUN_DEFAULT);
  uv_close((uv_handle_t*) &worker->stop, NULL);
  uv_close((uv_handle_t*) &worker->linger, NULL);
  uv_run(&worker->loop, UV_RUN_DEFAULT);
}

/* A socket on |addr|, which may be shared with those of the other loops. Port
 * 0 becomes the port that the system has chosen. */
static int bind_shared(struct sockaddr_storage* addr) {
  socklen_t len = sizeof(*addr);
  int fd = socket(addr->ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int on = 1;

  if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
      setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) ||
      bind(fd, (struct sockaddr*) addr, len) ||
      getsockname(fd, (struct sockaddr*) addr, &len)) {
    char name[ADDRESS_SIZE];
    int error = errno;

    format_address((struct sockaddr*) addr, name);
    die(EXIT_SETUP, name, uv_strerror(uv_translate_sys_error(error)));
  }
  return fd;
}

/* Everything that can fail does so before there are threads. */
static void worker_init(worker_t* worker, tlsloop_ctx_t* ctx, int fd) {
  int r = uv_loop_init(&worker->loop);

  if (r == 0)
    r = uv_async_init(&worker->loop, &worker->stop, on_stop);
  if (r == 0)
    r = uv_timer_init(&worker->loop, &worker->linger);
  if (r == 0)
    r = uv_tcp_init(&worker->loop, &worker->tcp);
  if (r == 0)
    r = uv_tcp_open(&worker->tcp, fd);
  if (r == 0)
    r = tlsloop_listener_init(&worker->loop, &worker->listener, ctx);
  if (r == 0)
    r = tlsloop_listen(&worker->listener,
                       (uv_stream_t*) &worker->tcp,
                       SOMAXCONN,
                       on_connection);
  if (r < 0)
    die(EXIT_SETUP, "cannot listen", tlsloop_strerror(r));
  worker->stop.data = worker->linger.data = worker->listener.data = worker;
  uv_unref((uv_handle_t*) &worker->stop);
  uv_unref((uv_handle_t*) &worker->linger);
  tlsloop_listener_on_error(&worker->listener, on_refused);
}

static void on_signal(uv_signal_t* handle, int signum) {
  int i;

  (void) signum;
  for (i = 0; i < count; i++)
    uv_async_send(&workers[i].stop); /* the one call for other threads */
  uv_stop(handle->loop);
}

/* The main thread has a loop for the signals only. Returns the status of the
 * exit: closing a loop fails when a handle was forgotten. */
static int run(const char* name) {
  uv_signal_t signals[2];
  uv_loop_t loop;
  int i, r, status = 0;

  uv_loop_init(&loop);
  start_signals(&loop, signals, on_signal);
  for (i = 0; i < 2; i++)
    uv_ref((uv_handle_t*) &signals[i]);
  for (i = 0; i < count; i++) {
    r = uv_thread_create(&workers[i].thread, work, &workers[i]);
    if (r < 0)
      die(EXIT_SETUP, "cannot start a thread", uv_strerror(r));
  }
  announce(name);
  uv_run(&loop, UV_RUN_DEFAULT);
  for (i = 0; i < count; i++) {
    uv_thread_join(&workers[i].thread);
    if (uv_loop_close(&workers[i].loop) < 0)
      status = EXIT_SETUP;
    fprintf(stderr, "loop %d: %lu served\n", i + 1, workers[i].served);
  }
  stop_signals(signals);
  uv_run(&loop, UV_RUN_DEFAULT);
  return uv_loop_close(&loop) == 0 ? status : EXIT_SETUP;
}

int main(int argc, char** argv) {
  static const char *host = "127.0.0.1", *port = "0", *cert, *key, *loops;
  static const char** const values[] = {&host, &port, &cert, &key, &loops};
  static const struct option options[] = {{"host", required_argument, NULL, 0},
                                          {"port", required_argument, NULL, 0},
                                          {"cert", required_argument, NULL, 0},
                                          {"key", required_argument, NULL, 0},
                                          {"loops", required_argument, NULL, 0},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
  struct sockaddr_storage addr;
  char name[ADDRESS_SIZE];
  tlsloop_ctx_t* ctx;
  int i, status, first = read_options(argc, argv, options, values, help);

  if (first < argc)
    die(EXIT_USAGE, argv[first], "unexpected argument");
  count = (int) uv_available_parallelism();
  if (loops != NULL)
    count = parse_number(loops, 1, LOOPS_MAX, "not a number: 1 to 256");
  parse_address(host, port, &addr);
  ctx = make_server_context(cert, key);
  workers = calloc((size_t) count, sizeof(*workers));
  if (workers == NULL)
    die(EXIT_SETUP, "loops", "out of memory");
  for (i = 0; i < count; i++)
    worker_init(&workers[i], ctx, bind_shared(&addr));
  format_address((struct sockaddr*) &addr, name);
  status = run(name);
  free(workers);
  tlsloop_ctx_unref(ctx);
  return status;
}
