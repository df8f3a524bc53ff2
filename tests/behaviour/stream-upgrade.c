/* SPDX-License-Identifier: MIT */

/* A connection that spoke plaintext goes over to TLS: what was read of it
 * already is TLS's, and never the application's. */

#include <stdlib.h>
#include <string.h>

#include "support/duo.h"

static char greeting[] = "STARTTLS\r\n";

static loop_t loop;
static uv_tcp_t client_tcp;
static uv_tcp_t server_tcp;
static tlsloop_stream_t client;
static tlsloop_stream_t server;
static tlsloop_write_t hello;
static char early[4096]; /* what the server read before TLS */
static size_t early_len;
static size_t step; /* and how many bytes of it at a time */
static int read_early;
static int shaken;
static int client_status;
static int server_status;
static char heard[64]; /* by the server, after decryption */
static int ended;


static void on_shaken(tlsloop_stream_t* stream, int status) {
  shaken++;
  if (stream == &client)
    client_status = status;
  else
    server_status = status;
}


static void on_early_alloc(uv_handle_t* handle, size_t size, uv_buf_t* buf) {
  (void) handle;
  (void) size;
  ck_assert_uint_lt(early_len, sizeof(early) - step);
  *buf = uv_buf_init(early + early_len, (unsigned int) step);
}


static void on_early(uv_stream_t* stream, ssize_t nread, const uv_buf_t* buf) {
  (void) buf;
  ck_assert_int_ge(nread, 0);
  early_len += (size_t) nread;
  if (nread == 0)
    return;
  ck_assert_int_eq(uv_read_stop(stream), 0);
  read_early = 1;
}


static void on_alloc(tlsloop_stream_t* stream, size_t size, uv_buf_t* buf) {
  (void) stream;
  (void) size;
  *buf = uv_buf_init(heard, sizeof(heard) - 1);
}


static void on_heard(tlsloop_stream_t* stream,
                     ssize_t nread,
                     const uv_buf_t* buf) {
  (void) stream;
  ended = nread != 0;
  if (nread > 0)
    ck_assert_str_eq(buf->base, greeting);
}


/* A client that has begun its handshake, and a server that knows nothing of
 * TLS yet. */
static void set_up(int kind) {
  tlsloop_ctx_t* ctx;
  uv_buf_t buf = uv_buf_init(greeting, sizeof(greeting));

  loop_open(&loop, 60);
  loop_tcp_pair(&loop, &client_tcp, &server_tcp);
  ctx = duo_ctx(kind, TLSLOOP_CLIENT);
  ck_assert_int_eq(tlsloop_stream_init(&loop.uv, &client, ctx, TLSLOOP_CLIENT),
                   0);
  tlsloop_ctx_unref(ctx);
  ck_assert_int_eq(tlsloop_stream_set_hostname(&client, "localhost"), 0);
  ck_assert_int_eq(tlsloop_attach(&client, (uv_stream_t*) &client_tcp), 0);
  ck_assert_int_eq(tlsloop_handshake(&client, on_shaken), 0);
  ck_assert_int_eq(tlsloop_write(&hello, &client, &buf, 1, NULL), 0);

  ctx = duo_ctx(kind, TLSLOOP_SERVER);
  ck_assert_int_eq(tlsloop_stream_init(&loop.uv, &server, ctx, TLSLOOP_SERVER),
                   0);
  tlsloop_ctx_unref(ctx);
  early_len = 0;
  shaken = read_early = ended = 0;
  memset(heard, 0, sizeof(heard));
}


static void take_down(void) {
  tlsloop_close(&client, NULL);
  tlsloop_close(&server, NULL);
  loop_close(&loop);
}


/* The server reads up to |len| bytes of the client's first. */
static void read_some(size_t len) {
  step = len;
  ck_assert_int_eq(
      uv_read_start((uv_stream_t*) &server_tcp, on_early_alloc, on_early), 0);
  loop_run_until(&loop, &read_early);
}


static int upgrade(void) {
  return tlsloop_upgrade(&server, (uv_stream_t*) &server_tcp, early, early_len);
}


static void serve(void) {
  ck_assert_int_eq(tlsloop_handshake(&server, on_shaken), 0);
  ck_assert_int_eq(tlsloop_read_start(&server, on_alloc, on_heard), 0);
}


static void expect_connection(void) {
  serve();
  loop_run_until(&loop, &ended);
  ck_assert_int_eq(server_status, 0);
  ck_assert_str_eq(heard, greeting);
  while (shaken < 2)
    loop_turn(&loop);
  ck_assert_int_eq(client_status, 0);
}


static const size_t lengths[] = {1, 5, 100, 2048};


START_TEST(what_was_read_before_is_the_first_of_tls) {
  set_up(_i & 1);
  read_some(lengths[_i / 2]);
  ck_assert_int_eq(upgrade(), 0);
  ck_assert_ptr_eq(server.transport, (uv_stream_t*) &server_tcp);
  /* The bytes were copied. */
  memset(early, 0x5a, sizeof(early));
  expect_connection();
  take_down();
}
END_TEST


START_TEST(nothing_may_have_been_read_before) {
  set_up(_i);
  ck_assert_int_eq(upgrade(), 0);
  expect_connection();
  take_down();
}
END_TEST


START_TEST(plain_text_read_before_is_no_data) {
  set_up(DUO_TLS_1_3);
  memcpy(early, greeting, sizeof(greeting));
  early_len = sizeof(greeting);
  ck_assert_int_eq(upgrade(), 0);
  serve();
  loop_run_until(&loop, &shaken);
  ck_assert_int_eq(server_status, TLSLOOP_ENOTTLS);
  ck_assert_str_eq(heard, "");
  take_down();
}
END_TEST


START_TEST(a_refused_transport_leaves_nothing_of_it) {
  uv_udp_t udp;

  set_up(_i);
  ck_assert_int_eq(uv_udp_init(&loop.uv, &udp), 0);
  ck_assert_int_eq(tlsloop_upgrade(&server, (uv_stream_t*) &udp, "no TLS", 6),
                   UV_EINVAL);
  uv_close((uv_handle_t*) &udp, NULL);
  ck_assert_ptr_null(server.transport);
  ck_assert_int_eq(tlsloop_attach(&server, (uv_stream_t*) &server_tcp), 0);
  expect_connection();
  take_down();
}
END_TEST


START_TEST(a_stream_that_has_a_transport_takes_nothing) {
  set_up(_i);
  ck_assert_int_eq(upgrade(), 0);
  ck_assert_int_eq(
      tlsloop_upgrade(&server, (uv_stream_t*) &client_tcp, "no TLS", 6),
      UV_EALREADY);
  expect_connection();
  take_down();
}
END_TEST


START_TEST(a_stream_that_is_closing_takes_nothing) {
  set_up(_i);
  tlsloop_close(&server, NULL);
  ck_assert_int_eq(
      tlsloop_upgrade(&server, (uv_stream_t*) &server_tcp, "no TLS", 6),
      UV_ECANCELED);
  uv_close((uv_handle_t*) &server_tcp, NULL);
  take_down();
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("stream upgrade");
  tcase = duo_case(suite, "upgrade");
  tcase_add_loop_test(tcase, what_was_read_before_is_the_first_of_tls, 0, 8);
  tcase_add_loop_test(
      tcase, nothing_may_have_been_read_before, 0, DUO_VERSIONS);
  tcase_add_test(tcase, plain_text_read_before_is_no_data);
  tcase_add_loop_test(
      tcase, a_refused_transport_leaves_nothing_of_it, 0, DUO_VERSIONS);
  tcase_add_loop_test(
      tcase, a_stream_that_has_a_transport_takes_nothing, 0, DUO_VERSIONS);
  tcase_add_loop_test(
      tcase, a_stream_that_is_closing_takes_nothing, 0, DUO_VERSIONS);
  return suite;
}
