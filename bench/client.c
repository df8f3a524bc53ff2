/* SPDX-License-Identifier: MIT */

/* client WORKLOAD --port N [OPTION]...: the generator's workloads in which a
 * client on tlsloop is what is measured: handshake, send and receive, with the
 * generator's options and its line of output. */

#include <stdlib.h>
#include <string.h>
#include <tlsloop.h>
#include <unistd.h>
#include <uv.h>

#include "bench/contract.h"
#include "bench/load.h"
#include "bench/options.h"

#define LIMIT_SECONDS 300
#define WARM_MS       100
#define WARM_BYTES    (4u << 20)
/* How many buffers one request has. */
#define SEND_CHUNKS 4

typedef struct conn_s {
  tlsloop_stream_t tls;
  uv_tcp_t tcp;
  uv_connect_t connect;
  union {
    tlsloop_write_t write;
    tlsloop_shutdown_t shutdown;
  } req;
  unsigned char command[CONTRACT_COMMAND_SIZE];
  uint64_t to_send;
  uint64_t to_get;
} conn_t;

static uv_loop_t loop;
static tlsloop_ctx_t* ctx;
static char bytes[CONTRACT_CHUNK];
static uv_timer_t clock_timer;
static unsigned under_way;
static uint64_t done;
static int ending;
static tlsloop_session_t* session; /* to resume */
static tlsloop_session_t* newest;  /* that the server has given */

static void check(int status) {
  if (status < 0)
    die("client", tlsloop_strerror(status));
}

static void on_alloc(tlsloop_stream_t* tls, size_t suggested, uv_buf_t* buf) {
  (void) tls;
  (void) suggested;
  *buf = uv_buf_init(bytes, sizeof(bytes));
}

static conn_t* conn_new(uv_connect_cb on_connected) {
  conn_t* conn = calloc(1, sizeof(*conn));
  struct sockaddr_in addr;

  if (conn == NULL)
    die("client", "out of memory");
  check(uv_ip4_addr("127.0.0.1", opts.port, &addr));
  check(uv_tcp_init(&loop, &conn->tcp));
  check(tlsloop_stream_init(&loop, &conn->tls, ctx, TLSLOOP_CLIENT));
  check(tlsloop_stream_set_hostname(&conn->tls, "localhost"));
  conn->tls.data = conn;
  conn->connect.data = conn;
  check(uv_tcp_connect(
      &conn->connect, &conn->tcp, (struct sockaddr*) &addr, on_connected));
  return conn;
}

/* Puts TLS on the connection that |req| has made. */
static conn_t* conn_attach(uv_connect_t* req, int status) {
  conn_t* conn = req->data;

  check(status);
  check(uv_tcp_nodelay(&conn->tcp, 1));
  check(tlsloop_attach(&conn->tls, (uv_stream_t*) &conn->tcp));
  return conn;
}

/* Handshakes. */

static void start_one(void);

static void on_session(tlsloop_engine_t* engine,
                       tlsloop_session_t* given,
                       void* arg) {
  (void) engine;
  (void) arg;
  tlsloop_session_unref(newest);
  newest = tlsloop_session_ref(given);
}

static void on_closed(tlsloop_stream_t* tls) {
  free(tls->data);
  under_way--;
  done++;
  if (!ending)
    start_one();
  else if (under_way == 0)
    uv_stop(&loop);
}

static void on_end(tlsloop_stream_t* tls, ssize_t nread, const uv_buf_t* buf) {
  (void) buf;
  if (nread < 0)
    tlsloop_close(tls, on_closed);
}

static void on_shut(tlsloop_shutdown_t* req, int status) {
  (void) req;
  check(status);
}

static void on_handshake(tlsloop_stream_t* tls, int status) {
  conn_t* conn = tls->data;

  check(status);
  if (session != NULL &&
      !tlsloop_engine_session_reused(tlsloop_stream_engine(tls)))
    die("handshake", "the server has not resumed");
  check(tlsloop_shutdown(&conn->req.shutdown, tls, on_shut));
  check(tlsloop_read_start(tls, on_alloc, on_end));
}

static void on_connected(uv_connect_t* req, int status) {
  conn_t* conn = conn_attach(req, status);

  check(tlsloop_handshake(&conn->tls, on_handshake));
}

static void start_one(void) {
  conn_t* conn = conn_new(on_connected);

  under_way++;
  if (session != NULL)
    check(tlsloop_stream_set_session(&conn->tls, session));
}

static void on_time(uv_timer_t* timer) {
  (void) timer;
  ending = 1;
}

static void shake_for(double seconds) {
  unsigned i;

  done = 0;
  ending = 0;
  uv_update_time(&loop);
  uv_timer_start(&clock_timer, on_time, (uint64_t) (seconds * 1000), 0);
  for (i = 0; i < opts.conns; i++)
    start_one();
  uv_run(&loop, UV_RUN_DEFAULT);
}

/* The first handshake is full and brings what the others resume. */
static void get_session(void) {
  unsigned conns = opts.conns;

  opts.conns = 1;
  shake_for(0);
  opts.conns = conns;
  if (newest == NULL)
    die("handshake", "the server gives no session");
  session = tlsloop_session_ref(newest);
}

static void handshake(void) {
  usage_t before, after;

  if (opts.resumed)
    get_session();
  shake_for(WARM_MS / 1000.0);
  before = usage_read();
  shake_for(opts.seconds);
  after = usage_read();
  usage_report("handshake", done, &before, &after);
}

/* Bulk data. */

static void on_open(uv_connect_t* req, int status) {
  conn_attach(req, status);
  if (--under_way == 0)
    uv_stop(&loop);
}

static void on_data(tlsloop_stream_t* tls, ssize_t nread, const uv_buf_t* buf) {
  conn_t* conn = tls->data;

  (void) buf;
  if (nread < 0)
    check((int) nread);
  conn->to_get -= (uint64_t) nread;
  if (conn->to_get == 0) {
    tlsloop_read_stop(tls);
    if (--under_way == 0)
      uv_stop(&loop);
  }
}

static void on_written(tlsloop_write_t* req, int status) {
  conn_t* conn = req->stream->data;
  uv_buf_t bufs[SEND_CHUNKS];
  unsigned int n;

  check(status);
  for (n = 0; n < SEND_CHUNKS && conn->to_send > 0; n++) {
    size_t len =
        conn->to_send < sizeof(bytes) ? (size_t) conn->to_send : sizeof(bytes);

    bufs[n] = uv_buf_init(bytes, (unsigned int) len);
    conn->to_send -= len;
  }
  if (n > 0)
    check(tlsloop_write(req, &conn->tls, bufs, n, on_written));
}

static void move(conn_t** conns, char kind, uint64_t n) {
  uint64_t share = n / opts.conns;
  unsigned i;

  under_way = opts.conns;
  for (i = 0; i < opts.conns; i++) {
    conn_t* conn = conns[i];
    uv_buf_t buf = uv_buf_init((char*) conn->command, CONTRACT_COMMAND_SIZE);

    contract_command(conn->command, kind, share);
    conn->to_get = kind == 'S' ? share : 1;
    conn->to_send = kind == 'S' ? 0 : share;
    check(tlsloop_write(&conn->req.write, &conn->tls, &buf, 1, on_written));
    check(tlsloop_read_start(&conn->tls, on_alloc, on_data));
  }
  uv_run(&loop, UV_RUN_DEFAULT);
}

static void bulk(char kind) {
  conn_t** conns = calloc(opts.conns, sizeof(*conns));
  usage_t before, after;
  unsigned i;

  if (conns == NULL)
    die("client", "out of memory");
  under_way = opts.conns;
  for (i = 0; i < opts.conns; i++)
    conns[i] = conn_new(on_open);
  uv_run(&loop, UV_RUN_DEFAULT);
  move(conns, kind, WARM_BYTES);
  before = usage_read();
  move(conns, kind, opts.bytes);
  after = usage_read();
  usage_report("MiB", opts.bytes >> 20, &before, &after);
  free(conns);
}

int main(int argc, char** argv) {
  const char* name = load_read_options(argc, argv);

  alarm(LIMIT_SECONDS);
  options_raise_limit();
  check(uv_loop_init(&loop));
  check(uv_timer_init(&loop, &clock_timer));
  check(tlsloop_ctx_new(&ctx, TLSLOOP_PROTOCOL_TLS_CLIENT));
  /* The plain client does not verify either. */
  check(tlsloop_ctx_allow_insecure(ctx));
  check(tlsloop_ctx_set_check_hostname(ctx, 0));
  check(tlsloop_ctx_set_verify_mode(ctx, TLSLOOP_CERT_NONE));
  check(tlsloop_ctx_set_min_version(ctx, opts.version));
  check(tlsloop_ctx_set_max_version(ctx, opts.version));
  if (opts.resumed)
    check(tlsloop_ctx_set_session_cb(ctx, on_session, NULL));
  if (strcmp(name, "handshake") == 0)
    handshake();
  else if (strcmp(name, "send") == 0)
    bulk('S');
  else if (strcmp(name, "receive") == 0)
    bulk('R');
  else
    die(name, "there is no such workload");
  return EXIT_SUCCESS;
}
