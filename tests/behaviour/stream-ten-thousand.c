/* SPDX-License-Identifier: MIT */

/* Ten thousand connections on one loop at once: each echoes, then all close,
 * and nothing is left of them. */

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "support/always.h"
#include "support/heap.h"
#include "support/visit.h"

#define MANY    10000
#define AT_ONCE 100 /* how many connect at the same time */
#define MESSAGE 100

/* Blocks that malloc keeps for the next one who asks count as in use, but 32
 * bytes a connection would be more. */
#define HEAP_SLACK ((size_t) 256 * 1024)

/* Descriptors of the process that are no connections. */
#define OTHERS 100

/* One end of a connection. */
typedef struct end_s {
  tlsloop_stream_t stream;
  tlsloop_connect_t connect;
  tlsloop_write_t write;
  tlsloop_shutdown_t shutdown;
  char bytes[MESSAGE];
  size_t received;
  int ended; /* directions */
  int is_client;
} end_t;

static loop_t loop;
static tlsloop_listener_t listener;
static uv_tcp_t transport;
static struct sockaddr_in address;
static tlsloop_ctx_t* client_ctx;
static end_t* clients;
static int count;   /* of connections */
static int begun;   /* of them, by clients */
static int pending; /* callbacks that are still to come */

static struct {
  int connects;
  int accepts;
  int echoes; /* in all */
  int writes;
  int ends;
  int shutdowns;
  int closes;
  int listeners;
} seen;


static void on_closed(tlsloop_stream_t* stream) {
  end_t* end;

  end = stream->data;
  memset(&end->stream, 0xee, sizeof(end->stream));
  if (!end->is_client)
    free(end);
  seen.closes++;
  pending--;
}


/* Closes |end| when both its directions have ended. */
static void end_direction(end_t* end) {
  if (++end->ended == 2)
    tlsloop_close(&end->stream, on_closed);
}


static void on_write(tlsloop_write_t* req, int status) {
  (void) req;
  ALWAYS_MSG(status == 0, "%s", tlsloop_err_name(status));
  seen.writes++;
  pending--;
}


static void send_message(end_t* end) {
  uv_buf_t buf;
  int err;

  buf = uv_buf_init(end->bytes, MESSAGE);
  pending++;
  err = tlsloop_write(&end->write, &end->stream, &buf, 1, on_write);
  ALWAYS(err == 0);
}


static void on_alloc(tlsloop_stream_t* stream, size_t size, uv_buf_t* buf) {
  end_t* end;

  (void) size;
  end = stream->data;
  *buf = uv_buf_init(end->bytes + end->received,
                     (unsigned int) (MESSAGE - end->received));
}


static void on_shutdown(tlsloop_shutdown_t* req, int status) {
  end_t* end;

  end = req->data;
  ALWAYS_MSG(status == 0, "%s", tlsloop_err_name(status));
  seen.shutdowns++;
  pending--;
  end_direction(end);
}


static void shut(end_t* end) {
  end->shutdown.data = end;
  pending++;
  ALWAYS(tlsloop_shutdown(&end->shutdown, &end->stream, on_shutdown) == 0);
}


/* A server echoes a message when it has all of it. */
static void on_read(tlsloop_stream_t* stream,
                    ssize_t nread,
                    const uv_buf_t* buf) {
  end_t* end;

  (void) buf;
  end = stream->data;
  if (nread < 0) {
    ALWAYS_MSG(nread == UV_EOF, "%s", tlsloop_err_name((int) nread));
    seen.ends++;
    end_direction(end);
    if (!end->is_client)
      shut(end);
    return;
  }
  end->received += (size_t) nread;
  if (end->received < MESSAGE)
    return;
  end->received = 0;
  if (end->is_client)
    seen.echoes++;
  else
    send_message(end);
}


static void read_end(end_t* end) {
  ALWAYS(tlsloop_read_start(&end->stream, on_alloc, on_read) == 0);
}


static void connect_next(void);

static void on_connect(tlsloop_connect_t* req, int status) {
  end_t* end;

  end = req->data;
  ALWAYS_MSG(status == 0, "%s", tlsloop_err_name(status));
  seen.connects++;
  pending--;
  read_end(end);
  connect_next();
}


static void connect_next(void) {
  const struct sockaddr* addr;
  end_t* end;
  int err;

  if (begun == count)
    return;
  end = &clients[begun++];
  end->is_client = 1;
  memset(end->bytes, begun & 0x7f, MESSAGE);
  err = tlsloop_stream_init(&loop.uv, &end->stream, client_ctx, TLSLOOP_CLIENT);
  ALWAYS(err == 0);
  end->stream.data = end;
  end->connect.data = end;
  ALWAYS(tlsloop_stream_set_hostname(&end->stream, "localhost") == 0);
  addr = (const struct sockaddr*) &address;
  pending += 2; /* and the close */
  err =
      tlsloop_connect_addrs(&end->connect, &end->stream, &addr, 1, on_connect);
  ALWAYS(err == 0);
}


static void on_connection(tlsloop_listener_t* from) {
  end_t* end;

  end = calloc(1, sizeof(*end));
  ALWAYS(end != NULL);
  ALWAYS(tlsloop_accept(from, &end->stream) == 0);
  end->stream.data = end;
  seen.accepts++;
  pending++; /* the close */
  read_end(end);
}


static void on_refused(tlsloop_listener_t* from,
                       int status,
                       const tlsloop_error_t* error,
                       const struct sockaddr* peer) {
  (void) from;
  (void) error;
  (void) peer;
  ck_abort_msg("a connection failed: %s", tlsloop_err_name(status));
}


static void on_listener_closed(tlsloop_listener_t* from) {
  (void) from;
  seen.listeners++;
  pending--;
}


static void begin_to_listen(tlsloop_ctx_t* ctx) {
  int len;

  ck_assert_int_eq(uv_tcp_init(&loop.uv, &transport), 0);
  uv_ip4_addr("127.0.0.1", 0, &address);
  ck_assert_int_eq(uv_tcp_bind(&transport, (struct sockaddr*) &address, 0), 0);
  ck_assert_int_eq(tlsloop_listener_init(&loop.uv, &listener, ctx), 0);
  tlsloop_listener_on_error(&listener, on_refused);
  ck_assert_int_eq(
      tlsloop_listen(&listener, (uv_stream_t*) &transport, 1024, on_connection),
      0);
  len = sizeof(address);
  uv_tcp_getsockname(&transport, (struct sockaddr*) &address, &len);
  pending++;
}


/* Every client sends a message and gets it back. */
static void echo_all(void) {
  int expected;
  int i;

  expected = seen.echoes + count;
  for (i = 0; i < count; i++)
    send_message(&clients[i]);
  VISIT_UNTIL(&loop, seen.echoes == expected);
  for (i = 0; i < count; i++)
    ALWAYS(clients[i].bytes[0] == (char) ((i + 1) & 0x7f) &&
           clients[i].bytes[MESSAGE - 1] == (char) ((i + 1) & 0x7f));
}


static void close_all(void) {
  int i;

  for (i = 0; i < count; i++)
    shut(&clients[i]);
  VISIT_UNTIL(&loop, seen.closes == 2 * count);
  tlsloop_listener_close(&listener, on_listener_closed);
  VISIT_UNTIL(&loop, !uv_loop_alive(&loop.uv));
}


static void check_callbacks(void) {
  ck_assert_int_eq(pending, 0);
  ck_assert_int_eq(seen.connects, count);
  ck_assert_int_eq(seen.accepts, count);
  ck_assert_int_eq(seen.echoes, 2 * count);
  ck_assert_int_eq(seen.writes, 4 * count);
  ck_assert_int_eq(seen.ends, 2 * count);
  ck_assert_int_eq(seen.shutdowns, 2 * count);
  ck_assert_int_eq(seen.closes, 2 * count);
  ck_assert_int_eq(seen.listeners, 1);
}


/* Makes |n| connections; returns how much more of the heap is in use after
 * it. */
static size_t run(int kind, int n) {
  tlsloop_ctx_t* server_ctx;
  size_t before;
  int i;

  before = heap_in_use();
  memset(&seen, 0, sizeof(seen));
  count = n;
  begun = 0;
  loop_open(&loop, 300);
  client_ctx = duo_ctx(kind, TLSLOOP_CLIENT);
  server_ctx = duo_ctx(kind, TLSLOOP_SERVER);
  clients = calloc((size_t) n, sizeof(*clients));
  ck_assert_ptr_nonnull(clients);
  begin_to_listen(server_ctx);
  for (i = 0; i < AT_ONCE; i++)
    connect_next();
  VISIT_UNTIL(&loop, seen.connects == n && seen.accepts == n);
  echo_all();
  echo_all();
  close_all();
  check_callbacks();
  free(clients);
  tlsloop_ctx_unref(client_ctx);
  tlsloop_ctx_unref(server_ctx);
  loop_close(&loop);
  return heap_growth(before);
}


/* As many connections as the system lets one process have, up to MANY. */
static int how_many(int kind) {
  struct rlimit limit;
  rlim_t want;
  int most;

  most = (int) (MANY / pair_stride());
  if (!(kind & DUO_TLS_1_3))
    most /= 10;
  want = (rlim_t) (2 * most + OTHERS);
  ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
  if (limit.rlim_cur >= want)
    return most;
  limit.rlim_cur = want;
  if (limit.rlim_max != RLIM_INFINITY && limit.rlim_max < want)
    limit.rlim_max = want;
  if (setrlimit(RLIMIT_NOFILE, &limit) == 0)
    return most;
  ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
  limit.rlim_cur = limit.rlim_max;
  ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
  return ((int) limit.rlim_cur - OTHERS) / 2;
}


START_TEST(nothing_is_left_of_ten_thousand_connections) {
  int many;

  many = how_many(_i);
  ck_assert_int_gt(many, 10);
  /* The first leaves what is made once for ever. */
  run(_i, 100);
  ck_assert_uint_lt(run(_i, many), HEAP_SLACK);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("stream ten thousand");
  tcase = duo_case(suite, "ten thousand");
  tcase_add_loop_test(
      tcase, nothing_is_left_of_ten_thousand_connections, 0, DUO_VERSIONS);
  return suite;
}
