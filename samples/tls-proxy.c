/* SPDX-License-Identifier: MIT */

/* tls-proxy: TLS in front of a server that has none.
 *
 * A client's connection and one to the backend are a pair, with one buffer for
 * each direction. A buffer is being filled or being emptied, never both: what
 * was read is offered to the other side at once; if it does not take all of it,
 * nobody reads until the rest is gone. So a slow reader holds back who writes,
 * whichever side it is on, and a pair never has more than its two buffers.
 *
 * The ends are passed on as they are. A close_notify becomes the end of the
 * backend's input and the other way round, each direction by itself. What is
 * cut off on one side is cut off on the other too, so that nobody takes half
 * of something for all of it.
 *
 * |help| has its options and what its exit status says. Try it:
 *   python3 -m http.server --bind 127.0.0.1 8000 &
 *   ./tls-proxy --cert server.pem --port 8443 127.0.0.1 8000 &
 *   curl --cacert root.pem https://localhost:8443/ */

#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "cli.h"

enum {
  SHUTDOWN_MS = 60 * 1000, /* for a slow client to fetch the rest */
  LINGER_MS = 5 * 1000     /* for everybody, after a signal */
};

/* A client and its connection to the backend. */
typedef struct pair_s {
  tlsloop_stream_t client;
  union uv_any_handle backend;
  uv_connect_t connect;
  tlsloop_write_t client_write;
  uv_write_t backend_write;
  tlsloop_shutdown_t client_shutdown;
  uv_shutdown_t backend_shutdown;
  LIST_ENTRY(pair_s) link;
  int open;         /* handles that are not closed */
  int closing;      /* all of them are about to be */
  int got_eof;      /* from the backend; to be read no more */
  int backend_gone; /* after that, and with it what the client sends */
  int client_ended; /* the client's direction has ended, on both sides */
  int backend_ended;
  char peer[ADDRESS_SIZE];
  char to_backend[64 * 1024];
  char to_client[64 * 1024];
} pair_t;

const char program[] = "tls-proxy";

static const char help[] =
    "Usage: tls-proxy --cert FILE [OPTION]... (ADDRESS PORT | --backend PATH)\n"
    "Take TLS connections and pass on what is in them.\n\n"
    "      --host ADDRESS          listen on this address (127.0.0.1)\n"
    "      --port PORT             listen on this port (0: any free one)\n"
    "      --backend PATH          pass it on to a Unix socket\n"
    "      --cert FILE             certificate chain, PEM\n"
    "      --key FILE              its private key, PEM (in --cert's file)\n"
    "      --help                  print this and exit\n\n"
    "Once clients can connect it prints \"listening on ADDRESS\". SIGINT or\n"
    "SIGTERM takes no more of them, leaves those that are there 5 seconds,\n"
    "and ends the proxy; a second one kills it.\n"
    "Exit status: 0 stopped by a signal, 1 wrong usage, 2 could not start.\n";

/* The one proxy of this program. */
static struct {
  uv_loop_t loop;
  tlsloop_ctx_t* ctx;
  uv_tcp_t tcp;
  tlsloop_listener_t listener;
  uv_signal_t signals[2];
  uv_timer_t linger;
  LIST_HEAD(, pair_s) pairs;
  struct sockaddr_storage address; /* of the backend */
  const char* path;                /* or the backend's; NULL: it is TCP */
  char backend[ADDRESS_SIZE];      /* for messages */
} proxy;

static void pair_release(pair_t* pair) {
  if (--pair->open > 0)
    return;
  LIST_REMOVE(pair, link);
  free(pair);
}

static void on_client_closed(tlsloop_stream_t* client) {
  pair_release(client->data);
}

static void on_backend_closed(uv_handle_t* handle) {
  pair_release(handle->data);
}

/* Closes both sides after an orderly end of both. */
static void pair_close(pair_t* pair) {
  if (pair->closing)
    return;
  pair->closing = 1;
  tlsloop_close(&pair->client, on_client_closed);
  uv_close(&pair->backend.handle, on_backend_closed);
}

/* Closes both sides in the middle of something. The client sees that there
 * was no close_notify; the backend gets a reset in place of an end. */
static void pair_cut(pair_t* pair, const char* what, const char* why) {
  if (pair->closing)
    return;
  if (!pair->backend_ended) /* otherwise the client has all that it came for */
    complain(what, why);
  if (pair->backend.handle.type != UV_TCP ||
      uv_tcp_close_reset(&pair->backend.tcp, on_backend_closed) < 0) {
    pair_close(pair);
    return;
  }
  pair->closing = 1;
  tlsloop_close(&pair->client, on_client_closed);
}

static void client_fail(pair_t* pair, int status) {
  pair_cut(
      pair, pair->peer, explain(status, tlsloop_stream_error(&pair->client)));
}

static void read_client(pair_t* pair);

/* A backend that has ended may go away. Then what the client still sends is
 * read and dropped: closing now would reset its connection, and what it has
 * not read yet could be lost with it. */
static void backend_fail(pair_t* pair, int status) {
  pair->backend_gone = pair->got_eof;
  if (pair->backend_gone)
    read_client(pair);
  else
    pair_cut(pair, proxy.backend, uv_strerror(status));
}

static void end_one(pair_t* pair, int* ended) {
  *ended = 1;
  if (pair->client_ended && pair->backend_ended)
    pair_close(pair);
}

/* From the backend to the client. */

static void on_backend_alloc(uv_handle_t* handle, size_t size, uv_buf_t* buf) {
  pair_t* pair = handle->data;

  (void) size;
  *buf = uv_buf_init(pair->to_client, sizeof(pair->to_client));
}

static void on_backend_read(uv_stream_t* backend,
                            ssize_t nread,
                            const uv_buf_t* buf);

/* The client has taken all: tlsloop_on_drain has been told to say so. */
static void on_client_drain(tlsloop_stream_t* client) {
  pair_t* pair = client->data;
  int r;

  if (pair->closing || pair->got_eof)
    return;
  r = uv_read_start(&pair->backend.stream, on_backend_alloc, on_backend_read);
  if (r < 0 && r != UV_EALREADY)
    backend_fail(pair, r);
}

static void on_client_written(tlsloop_write_t* req, int status) {
  if (status < 0 && status != UV_ECANCELED)
    client_fail(req->stream->data, status);
}

static void on_client_shutdown(tlsloop_shutdown_t* req, int status) {
  pair_t* pair = req->stream->data;

  if (status == 0)
    end_one(pair, &pair->backend_ended);
  else if (status != UV_ECANCELED)
    client_fail(pair, status);
}

static void give_client(pair_t* pair, uv_buf_t buf) {
  int r = tlsloop_try_write(&pair->client, &buf, 1);

  if (r < 0 && r != UV_EAGAIN) {
    client_fail(pair, r);
    return;
  }
  if (r > 0) {
    buf.base += r;
    buf.len -= (size_t) r;
  }
  r = 0;
  if (buf.len > 0)
    r = tlsloop_write(
        &pair->client_write, &pair->client, &buf, 1, on_client_written);
  if (r < 0)
    client_fail(pair, r);
  else if (tlsloop_stream_get_write_queue_size(&pair->client) > 0)
    uv_read_stop(&pair->backend.stream);
}

/* libuv may take a reset right after data for an end; the socket knows. */
static int check_end(pair_t* pair) {
  int error = 0;
  socklen_t len = sizeof(error);
  uv_os_fd_t fd;

  if (uv_fileno(&pair->backend.handle, &fd) == 0)
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
  return error == 0 ? UV_EOF : uv_translate_sys_error(error);
}

static void on_backend_read(uv_stream_t* backend,
                            ssize_t nread,
                            const uv_buf_t* buf) {
  pair_t* pair = backend->data;
  int r = 0;

  if (nread == UV_EOF)
    nread = check_end(pair);
  if (nread > 0)
    give_client(pair, uv_buf_init(buf->base, (unsigned int) nread));
  else if (nread < 0 && nread != UV_EOF)
    backend_fail(pair, (int) nread);
  pair->got_eof = nread == UV_EOF;
  if (pair->got_eof)
    r = tlsloop_shutdown(
        &pair->client_shutdown, &pair->client, on_client_shutdown);
  if (r < 0)
    client_fail(pair, r);
}

/* From the client to the backend. */

static void on_client_alloc(tlsloop_stream_t* client,
                            size_t size,
                            uv_buf_t* buf) {
  pair_t* pair = client->data;

  (void) size;
  *buf = uv_buf_init(pair->to_backend, sizeof(pair->to_backend));
}

static void on_client_read(tlsloop_stream_t* client,
                           ssize_t nread,
                           const uv_buf_t* buf);

static void read_client(pair_t* pair) {
  int r = tlsloop_read_start(&pair->client, on_client_alloc, on_client_read);

  if (r < 0 && r != UV_EALREADY)
    client_fail(pair, r);
}

static void on_backend_written(uv_write_t* req, int status) {
  pair_t* pair = req->data;

  if (pair->closing)
    return;
  if (status < 0)
    backend_fail(pair, status);
  else
    read_client(pair);
}

static void on_backend_shutdown(uv_shutdown_t* req, int status) {
  pair_t* pair = req->data;

  if (pair->closing)
    return;
  if (status == 0 || pair->got_eof)
    end_one(pair, &pair->client_ended);
  else
    backend_fail(pair, status);
}

static void give_backend(pair_t* pair, uv_buf_t buf) {
  int r = uv_try_write(&pair->backend.stream, &buf, 1);

  if (r > 0) {
    buf.base += r;
    buf.len -= (size_t) r;
  }
  if (r >= 0 || r == UV_EAGAIN)
    r = 0;
  if (r == 0 && buf.len > 0) {
    tlsloop_read_stop(&pair->client);
    r = uv_write(&pair->backend_write,
                 &pair->backend.stream,
                 &buf,
                 1,
                 on_backend_written);
  }
  if (r < 0)
    backend_fail(pair, r);
}

static void on_client_read(tlsloop_stream_t* client,
                           ssize_t nread,
                           const uv_buf_t* buf) {
  pair_t* pair = client->data;
  int r = 0;

  if (nread > 0 && !pair->backend_gone)
    give_backend(pair, uv_buf_init(buf->base, (unsigned int) nread));
  else if (nread == UV_EOF && pair->backend_gone)
    end_one(pair, &pair->client_ended);
  else if (nread == UV_EOF)
    r = uv_shutdown(
        &pair->backend_shutdown, &pair->backend.stream, on_backend_shutdown);
  else if (nread < 0)
    client_fail(pair, (int) nread);
  if (r < 0 && pair->got_eof) /* there is nobody to tell any more */
    end_one(pair, &pair->client_ended);
  else if (r < 0)
    backend_fail(pair, r);
}

/* Pairs begin and end. */

static void on_backend_connected(uv_connect_t* req, int status) {
  pair_t* pair = req->data;

  if (pair->closing)
    return;
  if (status < 0) {
    backend_fail(pair, status);
    return;
  }
  on_client_drain(&pair->client); /* reads the backend */
  read_client(pair);
}

static void connect_backend(pair_t* pair) {
  int r = 0;

  pair->connect.data = pair;
  if (proxy.path != NULL) {
    uv_pipe_init(&proxy.loop, &pair->backend.pipe, 0);
    uv_pipe_connect(
        &pair->connect, &pair->backend.pipe, proxy.path, on_backend_connected);
  } else {
    uv_tcp_init(&proxy.loop, &pair->backend.tcp);
    r = uv_tcp_connect(&pair->connect,
                       &pair->backend.tcp,
                       (struct sockaddr*) &proxy.address,
                       on_backend_connected);
  }
  pair->backend.handle.data = pair;
  if (r < 0)
    backend_fail(pair, r);
}

static void on_connection(tlsloop_listener_t* listener) {
  pair_t* pair = calloc(1, sizeof(*pair));
  int r = pair == NULL ? UV_ENOMEM : tlsloop_accept(listener, &pair->client);

  if (r < 0) {
    complain("cannot accept", tlsloop_strerror(r));
    free(pair);
    return;
  }
  pair->client.data = pair->backend_write.data = pair;
  pair->backend_shutdown.data = pair;
  pair->open = 2;
  LIST_INSERT_HEAD(&proxy.pairs, pair, link);
  format_peer((uv_tcp_t*) pair->client.transport, pair->peer);
  tlsloop_stream_set_shutdown_timeout(&pair->client, SHUTDOWN_MS);
  tlsloop_on_drain(&pair->client, 1, 0, on_client_drain);
  connect_backend(pair);
}

static void on_linger(uv_timer_t* timer) {
  pair_t* pair;

  (void) timer;
  LIST_FOREACH(pair, &proxy.pairs, link) {
    pair_cut(pair, pair->peer, "the proxy stops");
  }
}

static void on_signal(uv_signal_t* handle, int signum) {
  (void) handle;
  (void) signum;
  tlsloop_listener_close(&proxy.listener, NULL);
  uv_timer_start(&proxy.linger, on_linger, LINGER_MS, 0);
}

static void start_listening(const char* host, const char* port) {
  char name[ADDRESS_SIZE];
  int r;

  bind_tcp(&proxy.loop, &proxy.tcp, host, port, name);
  r = tlsloop_listener_init(&proxy.loop, &proxy.listener, proxy.ctx);
  if (r == 0)
    r = tlsloop_listen(
        &proxy.listener, (uv_stream_t*) &proxy.tcp, SOMAXCONN, on_connection);
  if (r < 0)
    die(EXIT_SETUP, name, tlsloop_strerror(r));
  tlsloop_listener_on_error(&proxy.listener, on_refused);
  announce(name);
}

int main(int argc, char** argv) {
  static const char *host = "127.0.0.1", *port = "0", *cert, *key;
  static const char** const values[] = {&host, &port, &proxy.path, &cert, &key};
  static const struct option options[] = {
      {"host", required_argument, NULL, 0},
      {"port", required_argument, NULL, 0},
      {"backend", required_argument, NULL, 0},
      {"cert", required_argument, NULL, 0},
      {"key", required_argument, NULL, 0},
      {"help", no_argument, NULL, 'h'},
      {NULL, 0, NULL, 0}};
  int first = read_options(argc, argv, options, values, help);

  if (argc - first != (proxy.path != NULL ? 0 : 2))
    die(EXIT_USAGE, "expected ADDRESS and PORT, or --backend", "try --help");
  if (proxy.path == NULL) {
    parse_address(argv[first], argv[first + 1], &proxy.address);
    format_address((struct sockaddr*) &proxy.address, proxy.backend);
  } else {
    snprintf(proxy.backend, sizeof(proxy.backend), "%s", proxy.path);
  }
  proxy.ctx = make_server_context(cert, key);
  uv_loop_init(&proxy.loop);
  start_signals(&proxy.loop, proxy.signals, on_signal);
  uv_timer_init(&proxy.loop, &proxy.linger);
  uv_unref((uv_handle_t*) &proxy.linger);
  start_listening(host, port);
  uv_run(&proxy.loop, UV_RUN_DEFAULT);

  stop_signals(proxy.signals);
  uv_close((uv_handle_t*) &proxy.linger, NULL);
  uv_run(&proxy.loop, UV_RUN_DEFAULT);
  tlsloop_ctx_unref(proxy.ctx);
  return uv_loop_close(&proxy.loop) == 0 ? 0 : EXIT_SETUP;
}
