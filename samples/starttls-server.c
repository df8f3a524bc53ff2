/* SPDX-License-Identifier: MIT */

/* starttls-server: takes mail over SMTP, which begins in plaintext and goes on
 * in TLS after STARTTLS (RFC 3207).
 *
 * Of a connection the same lines are read and answered before and after; only
 * what moves the bytes changes (conn_read, reply). The step between, upgrade,
 * passes on what has come after the STARTTLS line. That is either the client's
 * first TLS message or an attempt to have plaintext obeyed as if it had come
 * over TLS; it goes into TLS, which takes the one and fails on the other.
 *
 * A client is read no further while an answer is on its way, so that each
 * connection needs one buffer for lines, one for the answer, and no more.
 *
 * |help| has its options and what its exit status says. Try it:
 *   ./starttls-server --cert server.pem --port 2525 &
 *   swaks --server 127.0.0.1:2525 --tls --to someone@example.org */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "cli.h"
#include "smtp.h"

enum {
  IDLE_MS = 300 * 1000, /* between lines; RFC 5321, 4.5.3.2.7 */
  LINGER_MS = 5 * 1000, /* for everybody, after a signal */
  LINE_SIZE = 4 * 1024  /* longer than any line may be */
};

typedef struct conn_s conn_t;

struct conn_s {
  uv_tcp_t tcp;
  uv_timer_t idle;
  tlsloop_stream_t tls; /* on |tcp| once |smtp| is secure */
  uv_write_t plain_write;
  tlsloop_write_t tls_write;
  tlsloop_shutdown_t shutdown;
  LIST_ENTRY(conn_s) link;
  int open;                   /* handles that are not closed */
  int closing;                /* all of them are about to be */
  int ending;                 /* nothing more is obeyed */
  int got_eof;                /* the client has closed its direction */
  void (*then)(conn_t* conn); /* what follows the answer; NULL: more lines */
  char peer[ADDRESS_SIZE];
  smtp_t smtp;           /* what is said; the rest is how it travels */
  char lines[LINE_SIZE]; /* what has come and was not obeyed yet */
  size_t len;
  char answer[512];
  int answering;
};

const char program[] = "starttls-server";

static const char help[] =
    "Usage: starttls-server --cert FILE [OPTION]...\n"
    "Take mail over SMTP with STARTTLS, and print it.\n\n"
    "      --host ADDRESS          listen on this address (127.0.0.1)\n"
    "      --port PORT             listen on this port (0: any free one)\n"
    "      --cert FILE             certificate chain, PEM\n"
    "      --key FILE              its private key, PEM (in --cert's file)\n"
    "      --help                  print this and exit\n\n"
    "Once clients can connect it prints \"listening on ADDRESS\". It takes\n"
    "mail over TLS only, and brings it no further than standard output.\n"
    "SIGINT or SIGTERM ends all connections, then the server; a second one\n"
    "kills it.\n"
    "Exit status: 0 stopped by a signal, 1 wrong usage, 2 could not start.\n";

/* The one server of this program. */
static struct {
  uv_loop_t loop;
  tlsloop_ctx_t* ctx;
  uv_tcp_t tcp;
  uv_signal_t signals[2];
  uv_timer_t linger;
  LIST_HEAD(, conn_s) conns;
} server;

static void conn_release(conn_t* conn) {
  if (--conn->open > 0)
    return;
  LIST_REMOVE(conn, link);
  smtp_free(&conn->smtp);
  free(conn);
}

static void on_closed(uv_handle_t* handle) {
  conn_release(handle->data);
}

static void on_tls_closed(tlsloop_stream_t* tls) {
  conn_release(tls->data);
}

/* A TLS stream closes the transport that it is on. */
static void conn_close(conn_t* conn) {
  if (conn->closing)
    return;
  conn->closing = 1;
  uv_close((uv_handle_t*) &conn->idle, on_closed);
  if (conn->smtp.secure)
    tlsloop_close(&conn->tls, on_tls_closed);
  else
    uv_close((uv_handle_t*) &conn->tcp, on_closed);
}

static void conn_fail(conn_t* conn, int status) {
  const tlsloop_error_t* error = NULL;

  if (conn->closing)
    return;
  if (conn->smtp.secure)
    error = tlsloop_stream_error(&conn->tls);
  if (!conn->ending) /* otherwise nothing is lost */
    complain(conn->peer, explain(status, error));
  conn_close(conn);
}

static void on_idle(uv_timer_t* timer) {
  conn_fail(timer->data, UV_ETIMEDOUT);
}

static void obey(conn_t* conn);

static void replied(conn_t* conn, int status) {
  if (conn->closing)
    return;
  conn->answering = 0;
  if (status < 0)
    conn_fail(conn, status);
  else if (conn->then != NULL)
    conn->then(conn);
  else
    obey(conn);
}

static void on_plain_written(uv_write_t* req, int status) {
  replied(req->data, status);
}

static void on_tls_written(tlsloop_write_t* req, int status) {
  replied(req->stream->data, status);
}

/* Answers with |text|, and then does |then|. */
static void reply_then(conn_t* conn, const char* text, void (*then)(conn_t*)) {
  uv_buf_t buf = uv_buf_init(conn->answer, 0);
  int r;

  buf.len =
      (size_t) snprintf(conn->answer, sizeof(conn->answer), "%s\r\n", text);
  conn->then = then;
  conn->answering = 1;
  if (conn->smtp.secure)
    r = tlsloop_write(&conn->tls_write, &conn->tls, &buf, 1, on_tls_written);
  else
    r = uv_write(&conn->plain_write,
                 (uv_stream_t*) &conn->tcp,
                 &buf,
                 1,
                 on_plain_written);
  if (r < 0)
    conn_fail(conn, r);
}

/* Reading: whatever comes is put after the lines that are there. */

static void conn_alloc(conn_t* conn, uv_buf_t* buf) {
  *buf = uv_buf_init(conn->lines + conn->len,
                     (unsigned int) (sizeof(conn->lines) - conn->len));
}

static void on_plain_alloc(uv_handle_t* tcp, size_t size, uv_buf_t* buf) {
  (void) size;
  conn_alloc(tcp->data, buf);
}

static void on_tls_alloc(tlsloop_stream_t* tls, size_t size, uv_buf_t* buf) {
  (void) size;
  conn_alloc(tls->data, buf);
}

static void conn_read(conn_t* conn);
static void conn_end(conn_t* conn);

static void conn_come(conn_t* conn, ssize_t nread) {
  conn->got_eof = nread == UV_EOF;
  if (conn->got_eof && conn->ending) {
    conn_close(conn);
  } else if (conn->got_eof) {
    conn_end(conn);
  } else if (nread < 0) {
    conn_fail(conn, (int) nread);
  } else if (nread > 0 && conn->ending) {
    conn_read(conn);
  } else if (nread > 0) {
    uv_timer_start(&conn->idle, on_idle, IDLE_MS, 0);
    conn->len += (size_t) nread;
    obey(conn);
  }
}

static void on_plain_read(uv_stream_t* tcp, ssize_t nread, const uv_buf_t* b) {
  (void) b;
  if (nread != 0)
    uv_read_stop(tcp);
  conn_come(tcp->data, nread);
}

static void on_tls_read(tlsloop_stream_t* t, ssize_t nread, const uv_buf_t* b) {
  (void) b;
  if (nread != 0)
    tlsloop_read_stop(t);
  conn_come(t->data, nread);
}

static void conn_read(conn_t* conn) {
  int r;

  if (conn->smtp.secure)
    r = tlsloop_read_start(&conn->tls, on_tls_alloc, on_tls_read);
  else
    r = uv_read_start((uv_stream_t*) &conn->tcp, on_plain_alloc, on_plain_read);
  if (r < 0)
    conn_fail(conn, r);
}

/* The end: close_notify, then the client's. What it still sends is nothing to
 * us, but closing before its end could take our last answer from it. */

static void on_shutdown(tlsloop_shutdown_t* req, int status) {
  conn_t* conn = req->stream->data;

  conn->len = 0;
  if (status < 0)
    conn_fail(conn, status);
  else if (conn->got_eof)
    conn_close(conn);
  else
    conn_read(conn);
}

static void conn_end(conn_t* conn) {
  int r;

  conn->ending = 1;
  uv_timer_start(&conn->idle, on_idle, LINGER_MS, 0);
  if (!conn->smtp.secure) {
    conn_close(conn);
    return;
  }
  r = tlsloop_shutdown(&conn->shutdown, &conn->tls, on_shutdown);
  if (r < 0)
    conn_fail(conn, r);
}

/* Puts TLS on the connection, and into it whatever has come already. */
static void upgrade(conn_t* conn) {
  int r =
      tlsloop_stream_init(&server.loop, &conn->tls, server.ctx, TLSLOOP_SERVER);

  if (r == 0) {
    conn->tls.data = conn;
    r = tlsloop_upgrade(
        &conn->tls, (uv_stream_t*) &conn->tcp, conn->lines, conn->len);
    if (r < 0) {
      conn->open++; /* beside the transport, which it has not got */
      tlsloop_close(&conn->tls, on_tls_closed);
    }
  }
  if (r < 0) {
    conn_fail(conn, r);
    return;
  }
  smtp_secure(&conn->smtp);
  conn->len = 0;
  conn_read(conn);
}

/* Takes the first line out of what has come. Only CRLF ends one: who lets a
 * lone LF do so can be made to see two messages in one. */
static int take_line(conn_t* conn, char line[LINE_SIZE], size_t* len) {
  const char* lines = conn->lines;
  size_t n = 1;

  while (n < conn->len && (lines[n - 1] != '\r' || lines[n] != '\n'))
    n++;
  if (n >= conn->len)
    return 0;
  *len = n - 1;
  memcpy(line, lines, *len);
  line[*len] = '\0';
  conn->len -= n + 1;
  memmove(conn->lines, lines + n + 1, conn->len);
  return 1;
}

/* Obeys what has come until an answer is under way or more has to come. */
static void obey(conn_t* conn) {
  static void (*const nexts[])(conn_t * conn) = {
      [SMTP_LINE] = NULL, [SMTP_UPGRADE] = upgrade, [SMTP_END] = conn_end};
  char line[LINE_SIZE];
  const char* answer;
  size_t len;

  while (!conn->answering && !conn->closing && take_line(conn, line, &len)) {
    answer = smtp_obey(&conn->smtp, line, len);
    if (answer != NULL)
      reply_then(conn, answer, nexts[conn->smtp.next]);
  }
  if (conn->answering || conn->closing)
    return;
  if (conn->len == sizeof(conn->lines))
    reply_then(conn, "500 the line is too long", conn_end);
  else
    conn_read(conn);
}

static void on_connection(uv_stream_t* listener, int status) {
  conn_t* conn = status < 0 ? NULL : calloc(1, sizeof(*conn));
  int r = status;

  if (conn == NULL) {
    complain("cannot accept", status < 0 ? uv_strerror(r) : "out of memory");
    return;
  }
  uv_tcp_init(&server.loop, &conn->tcp);
  uv_timer_init(&server.loop, &conn->idle);
  conn->tcp.data = conn->idle.data = conn->plain_write.data = conn;
  conn->open = 2;
  LIST_INSERT_HEAD(&server.conns, conn, link);
  r = uv_accept(listener, (uv_stream_t*) &conn->tcp);
  if (r < 0) {
    conn_fail(conn, r);
    return;
  }
  format_peer(&conn->tcp, conn->peer);
  uv_timer_start(&conn->idle, on_idle, IDLE_MS, 0);
  reply_then(conn, "220 localhost ESMTP", NULL);
}

static void on_linger(uv_timer_t* timer) {
  conn_t* conn;

  (void) timer;
  LIST_FOREACH(conn, &server.conns, link) {
    conn_close(conn);
  }
}

/* Whoever gets an answer anyway gets that one as the last. */
static void on_signal(uv_signal_t* handle, int signum) {
  conn_t* conn;

  (void) handle;
  (void) signum;
  uv_close((uv_handle_t*) &server.tcp, NULL);
  uv_timer_start(&server.linger, on_linger, LINGER_MS, 0);
  LIST_FOREACH(conn, &server.conns, link) {
    if (conn->answering)
      conn->then = conn_end;
    else if (!conn->ending && !conn->closing)
      reply_then(conn, "421 the server stops", conn_end);
  }
}

int main(int argc, char** argv) {
  static const char *host = "127.0.0.1", *port = "0", *cert, *key;
  static const char** const values[] = {&host, &port, &cert, &key};
  static const struct option options[] = {{"host", required_argument, NULL, 0},
                                          {"port", required_argument, NULL, 0},
                                          {"cert", required_argument, NULL, 0},
                                          {"key", required_argument, NULL, 0},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
  int r, first = read_options(argc, argv, options, values, help);
  char name[ADDRESS_SIZE];

  if (first < argc)
    die(EXIT_USAGE, argv[first], "unexpected argument");
  server.ctx = make_server_context(cert, key);
  uv_loop_init(&server.loop);
  start_signals(&server.loop, server.signals, on_signal);
  uv_timer_init(&server.loop, &server.linger);
  uv_unref((uv_handle_t*) &server.linger);
  bind_tcp(&server.loop, &server.tcp, host, port, name);
  r = uv_listen((uv_stream_t*) &server.tcp, SOMAXCONN, on_connection);
  if (r < 0)
    die(EXIT_SETUP, name, uv_strerror(r));
  announce(name);
  uv_run(&server.loop, UV_RUN_DEFAULT);

  stop_signals(server.signals);
  uv_close((uv_handle_t*) &server.linger, NULL);
  uv_run(&server.loop, UV_RUN_DEFAULT);
  tlsloop_ctx_unref(server.ctx);
  return uv_loop_close(&server.loop) == 0 ? 0 : EXIT_SETUP;
}
