/* SPDX-License-Identifier: MIT */

/* echo-server: sends back what it receives, over TLS.
 *
 * A libuv server becomes a TLS server in three places: a context made once
 * (make_context), a tlsloop_stream_t put on each accepted connection
 * (on_connection), and tlsloop_ in place of uv_ in what reads, writes, shuts
 * down and closes (everything under "One connection").
 *
 * Try it:
 *
 *   ./echo-server --save-cert cert.pem &
 *   listening on 127.0.0.1:40123
 *   ./echo-client --ca cert.pem localhost 40123
 *
 * Exit status: 0 stopped by SIGINT or SIGTERM; 1 wrong usage; 2 it could not
 * start: a file, the address, memory. */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <tlsloop.h>
#include <uv.h>

#include "address.h"
#include "options.h"
#include "self-signed.h"

enum {
  CHUNK_SIZE = 16 * 1024,  /* the most that one TLS record holds */
  CHUNKS_MAX = 16,         /* 256 KiB on their way back to one peer */
  SHUTDOWN_MS = 60 * 1000, /* for a slow reader to fetch the rest */
  LINGER_MS = 5 * 1000     /* for everybody, after a signal */
};

typedef struct conn_s {
  tlsloop_stream_t tls;
  union uv_any_handle transport;
  tlsloop_shutdown_t shutdown;
  LIST_ENTRY(conn_s) link;
  unsigned int chunks; /* being written */
  int open;            /* the handshake is complete */
  int paused;          /* not reading: too much is being written */
  int got_eof;         /* the peer has closed its direction */
  int ending;          /* we are closing ours */
  int ended;           /* we have closed ours */
  char peer[ADDRESS_SIZE];
} conn_t;

/* Bytes on their way through, read into |bytes| and written from there. Having
 * its own request, a chunk needs no other memory to be written. */
typedef struct chunk_s {
  tlsloop_write_t req;
  char bytes[CHUNK_SIZE];
} chunk_t;

/* The one server of this program. */
static struct {
  uv_loop_t loop;
  union uv_any_handle listener;
  uv_signal_t signals[2];
  uv_timer_t linger;
  tlsloop_ctx_t* ctx;
  LIST_HEAD(, conn_s) conns;
  int stopping;
} server;

static struct sockaddr_storage address;
static int verify_mode = TLSLOOP_CERT_NONE;

static const char help[] =
    "Usage: echo-server [OPTION]...\n"
    "Send back what TLS clients send.\n"
    "\n"
    "      --host HOST             listen on this address (127.0.0.1)\n"
    "      --port PORT             listen on this port (0: any free one)\n"
    "      --pipe PATH             listen on a Unix socket instead\n"
    "      --cert FILE             certificate chain, PEM; without it, one is\n"
    "                              made for localhost, 127.0.0.1 and ::1\n"
    "      --key FILE              its private key, PEM (in --cert's file)\n"
    "      --save-cert FILE        write the certificate made to FILE\n"
    "      --ca FILE               whose certificates clients may have\n"
    "      --require-client-cert   refuse clients without one\n"
    "      --request-client-cert   let them in, refuse bad ones only\n"
    "      --alpn A,B              application protocols, best first\n"
    "      --min-version 1.2|1.3   lowest TLS version (1.2)\n"
    "      --max-version 1.2|1.3   highest TLS version (1.3)\n"
    "      --help                  print this and exit\n"
    "      --version               print the version and exit\n"
    "\n"
    "Once clients can connect it prints \"listening on ADDRESS\". SIGINT or\n"
    "SIGTERM ends all connections, then the server; a second one at once.\n"
    "Exit status: 0 stopped by a signal, 1 wrong usage, 2 could not start.\n";

/* --- One connection ------------------------------------------------------ */

static void on_transport_closed(uv_handle_t* transport) {
  free(transport->data);
}

static void on_closed(tlsloop_stream_t* tls) {
  conn_t* conn = tls->data;

  LIST_REMOVE(conn, link);
  if (uv_is_closing(&conn->transport.handle))
    free(conn);
  else /* it was never attached, and is still ours to close */
    uv_close(&conn->transport.handle, on_transport_closed);
}

/* Whatever went wrong: one line that says so, and the end. A second failure of
 * the same connection is only a consequence of the first. */
static void conn_fail(conn_t* conn, int status) {
  const tlsloop_error_t* error = tlsloop_stream_error(&conn->tls);
  const char* why = tlsloop_strerror(status);

  if (tlsloop_is_closing(&conn->tls))
    return;
  if (error != NULL && error->code == status)
    why = error->text;
  /* Once all of ours and close_notify are sent, a peer that just goes away has
   * missed nothing. */
  if (!conn->ended)
    complain(conn->peer, why);
  tlsloop_close(&conn->tls, on_closed);
}

static void on_shutdown(tlsloop_shutdown_t* req, int status) {
  conn_t* conn = req->stream->data;

  if (status < 0) {
    conn_fail(conn, status);
    return;
  }
  conn->ended = 1;
  /* Closing while the peer still sends would reset the connection, and what we
   * have just sent could be lost with it. So wait for its end too. */
  if (conn->got_eof)
    tlsloop_close(&conn->tls, on_closed);
}

/* Closes our direction, once what is being written has gone out. */
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
  chunk_t* chunk = malloc(sizeof(*chunk));

  (void) tls;
  (void) suggested;
  /* An empty buffer makes the read callback run with UV_ENOBUFS. */
  *buf = uv_buf_init(chunk ? chunk->bytes : NULL, chunk ? CHUNK_SIZE : 0);
}

static void on_read(tlsloop_stream_t* tls, ssize_t nread, const uv_buf_t* buf);

static void conn_read(conn_t* conn) {
  int r = tlsloop_read_start(&conn->tls, on_alloc, on_read);

  conn->paused = 0;
  if (r < 0)
    conn_fail(conn, r);
}

static void on_written(tlsloop_write_t* req, int status) {
  conn_t* conn = req->stream->data;

  free(req); /* the chunk that it is part of */
  conn->chunks--;
  if (status < 0)
    conn_fail(conn, status);
  else if (conn->paused && conn->chunks <= CHUNKS_MAX / 2)
    conn_read(conn);
}

/* A peer that sends and does not read must not fill our memory: when enough is
 * waiting we stop reading, and TCP stops the peer, until on_written has seen it
 * go. Chunks are counted, not the bytes of tlsloop_stream_get_write_queue_size,
 * because a chunk takes its room even for a single byte. */
static void conn_echo(conn_t* conn, chunk_t* chunk, size_t len) {
  uv_buf_t buf = uv_buf_init(chunk->bytes, (unsigned int) len);
  int r = tlsloop_write(&chunk->req, &conn->tls, &buf, 1, on_written);

  if (r < 0) {
    free(chunk);
    conn_fail(conn, r);
  } else if (++conn->chunks == CHUNKS_MAX) {
    conn->paused = 1;
    tlsloop_read_stop(&conn->tls);
  }
}

static void on_read(tlsloop_stream_t* tls, ssize_t nread, const uv_buf_t* buf) {
  conn_t* conn = tls->data;
  chunk_t* chunk = NULL;

  if (buf->base != NULL)
    chunk = (chunk_t*) (void*) (buf->base - offsetof(chunk_t, bytes));
  if (nread > 0 && !conn->ending) {
    conn_echo(conn, chunk, (size_t) nread);
    return;
  }
  free(chunk);
  if (nread == UV_EOF) {
    /* The peer has closed its direction only; what it sent still goes back. */
    conn->got_eof = 1;
    conn_end(conn);
    if (conn->ended)
      tlsloop_close(tls, on_closed);
  } else if (nread < 0) {
    conn_fail(conn, (int) nread);
  }
}

static void on_handshake(tlsloop_stream_t* tls, int status) {
  conn_t* conn = tls->data;

  conn->open = status == 0;
  if (status < 0)
    conn_fail(conn, status);
  else
    conn_read(conn);
}

/* --- Accepting ----------------------------------------------------------- */

static void transport_init(union uv_any_handle* transport) {
  if (option[OPT_PIPE] != NULL)
    uv_pipe_init(&server.loop, &transport->pipe, 0);
  else
    uv_tcp_init(&server.loop, &transport->tcp);
}

static void name_peer(conn_t* conn) {
  struct sockaddr_storage addr;
  int len = sizeof(addr);
  uv_tcp_t* tcp = &conn->transport.tcp;

  snprintf(conn->peer, sizeof(conn->peer), "client");
  if (option[OPT_PIPE] == NULL &&
      uv_tcp_getpeername(tcp, (struct sockaddr*) &addr, &len) == 0)
    format_address((struct sockaddr*) &addr, conn->peer);
}

/* libuv has accepted the connection already and holds it until uv_accept. Out
 * of file descriptors it turns it away itself; what it cannot help comes here
 * as |status|, and is no reason to stop serving the others. */
static void on_connection(uv_stream_t* listener, int status) {
  conn_t* conn = status < 0 ? NULL : calloc(1, sizeof(*conn));
  int r = status < 0 ? status : UV_ENOMEM;

  if (conn != NULL) {
    transport_init(&conn->transport);
    conn->transport.handle.data = conn;
    r = uv_accept(listener, &conn->transport.stream);
    if (r == 0)
      r = tlsloop_stream_init(
          &server.loop, &conn->tls, server.ctx, TLSLOOP_SERVER);
    if (r < 0)
      uv_close(&conn->transport.handle, on_transport_closed);
  }
  if (r < 0) {
    complain("cannot accept", tlsloop_strerror(r));
    return;
  }

  conn->tls.data = conn;
  LIST_INSERT_HEAD(&server.conns, conn, link);
  name_peer(conn);
  tlsloop_stream_set_shutdown_timeout(&conn->tls, SHUTDOWN_MS);
  r = tlsloop_attach(&conn->tls, &conn->transport.stream);
  if (r == 0)
    r = tlsloop_handshake(&conn->tls, on_handshake);
  if (r < 0)
    conn_fail(conn, r);
}

/* --- Stopping ------------------------------------------------------------ */

static void close_all(void) {
  conn_t* conn;

  LIST_FOREACH(conn, &server.conns, link) {
    tlsloop_close(&conn->tls, on_closed);
  }
}

static void on_linger(uv_timer_t* timer) {
  (void) timer;
  complain("stopping", "not every client ended in time");
  close_all();
}

/* The first signal ends: what was read still goes back, then close_notify.
 * From here on what clients send is read, so that they get that far, but not
 * sent back. A second signal just closes. */
static void on_signal(uv_signal_t* handle, int signum) {
  conn_t* conn;

  (void) handle;
  (void) signum;
  if (server.stopping++ > 0) {
    close_all();
    return;
  }
  uv_close(&server.listener.handle, NULL);
  uv_timer_start(&server.linger, on_linger, LINGER_MS, 0);
  LIST_FOREACH(conn, &server.conns, link) {
    if (!conn->open) {
      tlsloop_close(&conn->tls, on_closed);
      continue;
    }
    conn_end(conn);
    if (conn->paused)
      conn_read(conn);
  }
}

/* --- Starting ------------------------------------------------------------ */

/* Certificates, keys, trust and policy belong to the context, which is made
 * once and shared by all connections. */
static void make_context(void) {
  tlsloop_ctx_t* ctx;
  int r = tlsloop_ctx_new(&ctx, TLSLOOP_PROTOCOL_TLS_SERVER);

  if (r < 0)
    die(EXIT_SETUP, "TLS", tlsloop_strerror(r));
  load_options(ctx);
  if (option[OPT_CA] != NULL)
    check_ctx(ctx, tlsloop_ctx_load_verify_file(ctx, option[OPT_CA]));
  check_ctx(ctx, tlsloop_ctx_set_verify_mode(ctx, verify_mode));
  if (option[OPT_CERT] == NULL) {
    load_self_signed(ctx, option[OPT_SAVE_CERT]);
    complain("no --cert", "using a new self-signed certificate");
  }
  server.ctx = ctx;
}

static void start_listening(void) {
  union uv_any_handle* listener = &server.listener;
  struct sockaddr* addr = (struct sockaddr*) &address;
  const char* path = option[OPT_PIPE];
  int len = sizeof(address);
  char name[ADDRESS_SIZE];
  int r;

  transport_init(listener);
  if (path != NULL)
    r = uv_pipe_bind(&listener->pipe, path);
  else
    r = uv_tcp_bind(&listener->tcp, addr, 0);
  if (r == 0)
    r = uv_listen(&listener->stream, SOMAXCONN, on_connection);
  if (r == 0 && path == NULL) /* which port has 0 become? */
    r = uv_tcp_getsockname(&listener->tcp, addr, &len);
  format_address(addr, name);
  if (r < 0)
    die(EXIT_SETUP, path ? path : name, uv_strerror(r));
  printf("listening on %s\n", path ? path : name);
  fflush(stdout);
}

/* Signals and the timer do not keep the loop alive: it ends with the last
 * connection once the listener is closed. */
static void start_signals(void) {
  static const int signums[] = {SIGINT, SIGTERM};
  int i;

  /* A client that has gone shows as an error of the write, not as a signal. */
  signal(SIGPIPE, SIG_IGN);
  for (i = 0; i < 2; i++) {
    uv_signal_init(&server.loop, &server.signals[i]);
    uv_signal_start(&server.signals[i], on_signal, signums[i]);
    uv_unref((uv_handle_t*) &server.signals[i]);
  }
  uv_timer_init(&server.loop, &server.linger);
  uv_unref((uv_handle_t*) &server.linger);
}

static void read_address(void) {
  const char* host = option[OPT_HOST];
  int port =
      (int) parse_number(option[OPT_PORT], 0, 65535, "not a port: 0 to 65535");

  if (uv_ip4_addr(host, port, (struct sockaddr_in*) &address) < 0 &&
      uv_ip6_addr(host, port, (struct sockaddr_in6*) &address) < 0)
    die(EXIT_USAGE, host, "not an IPv4 or IPv6 address");
}

static void read_arguments(int argc, char** argv) {
  static const struct option longs[] = {
      {"host", required_argument, NULL, OPT_HOST},
      {"port", required_argument, NULL, OPT_PORT},
      {"pipe", required_argument, NULL, OPT_PIPE},
      {"cert", required_argument, NULL, OPT_CERT},
      {"key", required_argument, NULL, OPT_KEY},
      {"save-cert", required_argument, NULL, OPT_SAVE_CERT},
      {"ca", required_argument, NULL, OPT_CA},
      {"require-client-cert", no_argument, &verify_mode, TLSLOOP_CERT_REQUIRED},
      {"request-client-cert", no_argument, &verify_mode, TLSLOOP_CERT_OPTIONAL},
      {"alpn", required_argument, NULL, OPT_ALPN},
      {"min-version", required_argument, NULL, OPT_MIN_VERSION},
      {"max-version", required_argument, NULL, OPT_MAX_VERSION},
      {"help", no_argument, NULL, OPT_HELP},
      {"version", no_argument, NULL, OPT_VERSION},
      {NULL, 0, NULL, 0}};
  int first;

  option[OPT_HOST] = "127.0.0.1";
  option[OPT_PORT] = "0";
  first = parse_options("echo-server", argc, argv, longs, help);
  if (first < argc)
    die(EXIT_USAGE, argv[first], "not an option");
  read_address();
  if (option[OPT_SAVE_CERT] != NULL && option[OPT_CERT] != NULL)
    die(EXIT_USAGE, "--save-cert", "does not go with --cert");
  if ((verify_mode != TLSLOOP_CERT_NONE) != (option[OPT_CA] != NULL))
    die(EXIT_USAGE, "--ca", "goes with --require- or --request-client-cert");
}

int main(int argc, char** argv) {
  int r;

  read_arguments(argc, argv);
  make_context();
  r = uv_loop_init(&server.loop);
  if (r < 0)
    die(EXIT_SETUP, "event loop", uv_strerror(r));
  start_signals();
  start_listening();
  uv_run(&server.loop, UV_RUN_DEFAULT);

  uv_close((uv_handle_t*) &server.signals[0], NULL);
  uv_close((uv_handle_t*) &server.signals[1], NULL);
  uv_close((uv_handle_t*) &server.linger, NULL);
  uv_run(&server.loop, UV_RUN_DEFAULT);
  tlsloop_ctx_unref(server.ctx);
  /* Fails when a handle was forgotten: worth knowing while you write one. */
  return uv_loop_close(&server.loop) == 0 ? 0 : EXIT_SETUP;
}
