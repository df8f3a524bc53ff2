/* SPDX-License-Identifier: MIT */

/* The bench server on tlsloop.
 *
 * All connections read into one buffer. What is to be sent back is given to
 * tlsloop_try_write first, right from there; only what the socket does not
 * take is copied, into a job, which is a write request with a buffer that
 * connections pass among themselves. An idle connection has neither. */

#include <stdlib.h>
#include <string.h>
#include <openssl/ssl.h>
#include <tlsloop.h>
#include <tlsloop/openssl.h>
#include <uv.h>

#include "bench/contract.h"
#include "bench/options.h"

/* How many bytes are sent with one request. */
#define SEND_CHUNKS 4

typedef struct conn_s {
  tlsloop_stream_t tls;
  uv_tcp_t tcp;
  contract_t contract;
  uint64_t to_send; /* of an S command */
  char* rest;       /* read after an S command, and not looked at */
  size_t rest_len;  /* in bytes */
} conn_t;

/* A write or a shutdown under way. */
typedef struct job_s {
  struct job_s* next; /* of the spare ones */
  union {
    tlsloop_write_t write;
    tlsloop_shutdown_t shutdown;
  } req;
  char bytes[CONTRACT_CHUNK];
} job_t;

static options_t options;
static uv_loop_t loop;
static uv_tcp_t listener;
static tlsloop_ctx_t* ctx;
static job_t* spare;
static char input[CONTRACT_CHUNK];
static char zeros[CONTRACT_CHUNK];
static char answer[] = {'!'};

static void go_on(conn_t* conn);

static job_t* job_new(void) {
  job_t* job = spare;

  if (job == NULL)
    job = malloc(sizeof(*job));
  else
    spare = job->next;
  if (job == NULL)
    die("server", "out of memory");
  return job;
}

static void job_done(job_t* job) {
  job->next = spare;
  spare = job;
}

static void on_closed(tlsloop_stream_t* tls) {
  conn_t* conn = tls->data;

  free(conn->rest);
  free(conn);
}

static void on_shutdown(tlsloop_shutdown_t* req, int status) {
  tlsloop_stream_t* tls = req->stream;

  (void) status;
  job_done(req->data);
  tlsloop_close(tls, on_closed);
}

static void conn_end(conn_t* conn) {
  job_t* job = job_new();

  job->req.shutdown.data = job;
  if (tlsloop_shutdown(&job->req.shutdown, &conn->tls, on_shutdown) < 0) {
    job_done(job);
    tlsloop_close(&conn->tls, on_closed);
  }
}

static void on_written(tlsloop_write_t* req, int status) {
  conn_t* conn = req->stream->data;

  job_done(req->data);
  if (status == 0)
    go_on(conn);
  else
    tlsloop_close(&conn->tls, on_closed);
}

/* Hands |bufs| to a request; nothing is read until it is complete. */
static void conn_write(conn_t* conn,
                       job_t* job,
                       const uv_buf_t bufs[],
                       unsigned int nbufs) {
  job->req.write.data = job;
  tlsloop_read_stop(&conn->tls);
  if (tlsloop_write(&job->req.write, &conn->tls, bufs, nbufs, on_written) < 0) {
    job_done(job);
    tlsloop_close(&conn->tls, on_closed);
  }
}

/* Sends |data|, which is not there any more when this returns. Returns whether
 * all of it is with the system. */
static int send_copy(conn_t* conn, char* data, size_t len) {
  uv_buf_t buf = uv_buf_init(data, (unsigned int) len);
  int n = tlsloop_try_write(&conn->tls, &buf, 1);
  job_t* job;

  if (n == (int) len)
    return 1;
  if (n < 0)
    n = 0; /* a failure comes back from the request */
  job = job_new();
  buf = uv_buf_init(job->bytes, (unsigned int) (len - (size_t) n));
  memcpy(job->bytes, data + n, buf.len);
  conn_write(conn, job, &buf, 1);
  return 0;
}

static void send_zeros(conn_t* conn) {
  uv_buf_t bufs[SEND_CHUNKS];
  unsigned int n;

  for (n = 0; n < SEND_CHUNKS && conn->to_send > 0; n++) {
    size_t len = conn->to_send < CONTRACT_CHUNK ? (size_t) conn->to_send
                                                : CONTRACT_CHUNK;

    bufs[n] = uv_buf_init(zeros, (unsigned int) len);
    conn->to_send -= len;
  }
  conn_write(conn, job_new(), bufs, n);
}

/* Does what |in| asks for. Returns whether there may be more at once. */
static int conn_serve(conn_t* conn, contract_span_t* in) {
  contract_work_t work;

  for (;;) {
    switch (contract_next(&conn->contract, in, &work)) {
      case CONTRACT_MORE:
        return 1;
      case CONTRACT_ECHO:
        if (!send_copy(conn, work.echo.data, work.echo.len))
          return 0;
        break;
      case CONTRACT_ANSWER:
        if (!send_copy(conn, answer, sizeof(answer)))
          return 0;
        break;
      case CONTRACT_SEND:
        conn->to_send = work.send;
        if (conn->to_send > 0) {
          send_zeros(conn);
          return 0;
        }
        break;
      case CONTRACT_BAD:
        tlsloop_close(&conn->tls, on_closed);
        return 0;
    }
  }
}

static void conn_keep(conn_t* conn, const contract_span_t* in) {
  char* rest = NULL;

  if (in->len > 0) {
    rest = malloc(in->len);
    if (rest == NULL)
      die("server", "out of memory");
    memcpy(rest, in->data, in->len);
  }
  free(conn->rest);
  conn->rest = rest;
  conn->rest_len = in->len;
}

static void on_alloc(tlsloop_stream_t* tls, size_t suggested, uv_buf_t* buf) {
  (void) tls;
  (void) suggested;
  *buf = uv_buf_init(input, sizeof(input));
}

static void on_read(tlsloop_stream_t* tls, ssize_t nread, const uv_buf_t* buf) {
  conn_t* conn = tls->data;
  contract_span_t in = {buf->base, nread > 0 ? (size_t) nread : 0};

  if (nread == UV_EOF)
    conn_end(conn);
  else if (nread < 0)
    tlsloop_close(tls, on_closed);
  else if (!conn_serve(conn, &in) && in.len > 0)
    conn_keep(conn, &in);
}

/* Goes on after a write: first with the rest of it, then with what was read
 * already, then with what comes. */
static void go_on(conn_t* conn) {
  contract_span_t in = {conn->rest, conn->rest_len};

  if (conn->to_send > 0) {
    send_zeros(conn);
    return;
  }
  if (in.len > 0) {
    int done = conn_serve(conn, &in);

    conn_keep(conn, &in);
    if (!done)
      return;
  }
  if (tlsloop_read_start(&conn->tls, on_alloc, on_read) < 0)
    tlsloop_close(&conn->tls, on_closed);
}

/* Whether |part| is what this run does without; see bench/parts.py. */
static int lacks(const char* part) {
  return options.without != NULL && strcmp(options.without, part) == 0;
}

/* Takes a part of the context away. */
static void leave_out(void) {
  SSL_CTX* ssl_ctx = tlsloop_ctx_ssl_ctx(ctx);

  if (lacks("stateless"))
    SSL_CTX_set_options(ssl_ctx, SSL_OP_NO_TICKET);
  if (lacks("release"))
    SSL_CTX_clear_mode(ssl_ctx, SSL_MODE_RELEASE_BUFFERS);
  if (lacks("second-ticket"))
    tlsloop_ctx_set_num_tickets(ctx, 1);
  if (lacks("tickets"))
    tlsloop_ctx_set_num_tickets(ctx, 0);
}

static void conn_begin(conn_t* conn) {
  if (tlsloop_stream_init(&loop, &conn->tls, ctx, TLSLOOP_SERVER) < 0)
    die("cannot accept", "no stream");
  conn->tls.data = conn;
  if (tlsloop_attach(&conn->tls, (uv_stream_t*) &conn->tcp) < 0 ||
      tlsloop_read_start(&conn->tls, on_alloc, on_read) < 0)
    die("cannot accept", "no transport");
  tlsloop_stream_set_dynamic_records(&conn->tls, lacks("full-records"));
  if (lacks("late-ssl"))
    tlsloop_engine_ssl(tlsloop_stream_engine(&conn->tls));
}

static void on_connection(uv_stream_t* server, int status) {
  conn_t* conn = calloc(1, sizeof(*conn));

  if (conn == NULL || status < 0)
    die("cannot accept", conn == NULL ? "out of memory" : uv_strerror(status));
  uv_tcp_init(&loop, &conn->tcp);
  if (uv_accept(server, (uv_stream_t*) &conn->tcp) < 0 ||
      uv_tcp_nodelay(&conn->tcp, !lacks("nodelay")) < 0)
    die("cannot accept", "no transport");
  conn_begin(conn);
}

int main(int argc, char** argv) {
  int fd;
  int r;

  options_read(&options, argc, argv);
  r = tlsloop_ctx_new(&ctx, TLSLOOP_PROTOCOL_TLS_SERVER);
  if (r == 0)
    r = tlsloop_ctx_load_cert_chain_file(ctx, options.cert, options.key);
  if (r < 0)
    die("TLS", tlsloop_strerror(r));
  leave_out();
  fd = options_listen(options.port);
  uv_loop_init(&loop);
  uv_tcp_init(&loop, &listener);
  r = uv_tcp_open(&listener, fd);
  if (r == 0)
    r = uv_listen((uv_stream_t*) &listener, 4096, on_connection);
  if (r < 0)
    die("cannot listen", uv_strerror(r));
  options_ready(fd);
  return uv_run(&loop, UV_RUN_DEFAULT);
}
