/* SPDX-License-Identifier: MIT */

/* TLS in TLS: two streams whose carriers are two streams. */

#include <stdlib.h>
#include <string.h>

#include "support/duo.h"

#define KIB ((size_t) 1024)

/* The inner stream of one side: it echoes, or counts what comes back. */
typedef struct {
  tlsloop_stream_t stream;
  tlsloop_write_t write;
  tlsloop_shutdown_t shutdown;
  char buf[64 * 1024];
  size_t received;
  int connected;
  int end;
  int written;
  int shut;
  int closed;
} inner_t;

static duo_t duo;
static inner_t client;
static inner_t server;
static char message[200 * 1024];

static void on_alloc(tlsloop_stream_t* stream, size_t size, uv_buf_t* buf) {
  inner_t* inner = stream->data;

  (void) size;
  *buf = uv_buf_init(inner->buf, sizeof(inner->buf));
}

static void on_read(tlsloop_stream_t* stream,
                    ssize_t nread,
                    const uv_buf_t* buf) {
  inner_t* inner = stream->data;

  if (nread < 0) {
    inner->end = (int) nread;
    return;
  }
  ck_assert_mem_eq(buf->base, message + inner->received, (size_t) nread);
  inner->received += (size_t) nread;
}

static void on_handshake(tlsloop_stream_t* stream, int status) {
  inner_t* inner = stream->data;

  ck_assert_int_eq(status, 0);
  inner->connected = 1;
}

static void on_written(tlsloop_write_t* req, int status) {
  inner_t* inner = req->stream->data;

  ck_assert_int_eq(status, 0);
  inner->written = 1;
}

static void on_shutdown(tlsloop_shutdown_t* req, int status) {
  inner_t* inner = req->stream->data;

  ck_assert_int_eq(status, 0);
  inner->shut = 1;
}

static void on_closed(tlsloop_stream_t* stream) {
  inner_t* inner = stream->data;

  inner->closed = 1;
}

static void inner_open(inner_t* inner, party_t* party, int kind) {
  tlsloop_ctx_t* ctx = duo_ctx(kind, party->side);

  memset(inner, 0, sizeof(*inner));
  ck_assert_int_eq(
      tlsloop_stream_init(&duo.loop.uv, &inner->stream, ctx, party->side), 0);
  tlsloop_ctx_unref(ctx);
  inner->stream.data = inner;
  if (party->side == TLSLOOP_CLIENT)
    ck_assert_int_eq(tlsloop_stream_set_hostname(&inner->stream, "localhost"),
                     0);
  /* From here on the party's stream is not the party's. */
  tlsloop_on_want(party->stream, NULL);
  ck_assert_int_eq(tlsloop_attach_tls(&inner->stream, party->stream), 0);
  ck_assert_int_eq(tlsloop_handshake(&inner->stream, on_handshake), 0);
  ck_assert_int_eq(tlsloop_read_start(&inner->stream, on_alloc, on_read), 0);
}

/* The outer handshakes, then the inner ones. */
static void open_nested(int kind) {
  size_t i;

  for (i = 0; i < sizeof(message); i++)
    message[i] = (char) (i * 31 + (i >> 10));
  duo_open(&duo, kind);
  duo_connect(&duo);
  party_read_stop(&duo.client);
  party_read_stop(&duo.server);
  inner_open(&client, &duo.client, kind);
  inner_open(&server, &duo.server, kind);
  DUO_UNTIL(&duo, client.connected && server.connected);
}

/* The inner streams close the outer ones too; their parties learn of it by
 * hand. */
static void party_forget(party_t* party) {
  free(party->stream);
  free(party->transport);
  party->stream = NULL;
  party->closed = 1;
}

static void close_nested(void) {
  if (!client.closed)
    tlsloop_close(&client.stream, on_closed);
  if (!server.closed)
    tlsloop_close(&server.stream, on_closed);
  while (!client.closed || !server.closed)
    loop_turn(&duo.loop);
  party_forget(&duo.client);
  party_forget(&duo.server);
  duo_close(&duo);
}

static void write_message(inner_t* inner, size_t len) {
  uv_buf_t buf = uv_buf_init(message, (unsigned int) len);

  inner->written = 0;
  ck_assert_int_eq(
      tlsloop_write(&inner->write, &inner->stream, &buf, 1, on_written), 0);
}

START_TEST(bytes_go_through_both_ways) {
  open_nested(_i);
  write_message(&client, sizeof(message));
  write_message(&server, sizeof(message));
  DUO_UNTIL(
      &duo,
      client.received == sizeof(message) && server.received == sizeof(message));
  DUO_UNTIL(&duo, client.written && server.written);
  close_nested();
}
END_TEST

START_TEST(an_orderly_end_goes_through) {
  open_nested(_i);
  write_message(&client, 1000);
  ck_assert_int_eq(
      tlsloop_shutdown(&client.shutdown, &client.stream, on_shutdown), 0);
  DUO_UNTIL(&duo, server.end != 0 && client.shut);
  ck_assert_int_eq(server.end, UV_EOF);
  ck_assert_uint_eq(server.received, 1000);
  ck_assert_int_eq(
      tlsloop_shutdown(&server.shutdown, &server.stream, on_shutdown), 0);
  DUO_UNTIL(&duo, client.end != 0 && server.shut);
  ck_assert_int_eq(client.end, UV_EOF);
  close_nested();
}
END_TEST

START_TEST(an_end_of_the_carrier_is_a_truncation) {
  open_nested(_i);
  loop_settle(&duo.loop);
  tlsloop_close(&client.stream, on_closed);
  DUO_UNTIL(&duo, server.end != 0);
  ck_assert_int_eq(server.end, TLSLOOP_ETRUNCATED);
  close_nested();
}
END_TEST

START_TEST(a_carrier_has_to_be_open_and_free) {
  tlsloop_ctx_t* ctx = duo_ctx(_i, TLSLOOP_CLIENT);
  tlsloop_stream_t inner;

  duo_open(&duo, _i);
  ck_assert_int_eq(
      tlsloop_stream_init(&duo.loop.uv, &inner, ctx, TLSLOOP_CLIENT), 0);
  tlsloop_ctx_unref(ctx);
  ck_assert_int_eq(tlsloop_attach_tls(&inner, NULL), UV_EINVAL);
  ck_assert_int_eq(tlsloop_attach_tls(&inner, &inner), UV_ENOTCONN);
  ck_assert_int_eq(tlsloop_attach_tls(&inner, duo.client.stream), UV_ENOTCONN);
  duo_connect(&duo);
  ck_assert_int_eq(tlsloop_attach_tls(&inner, duo.client.stream), UV_EBUSY);
  ck_assert_int_eq(tlsloop_attach_tls(duo.client.stream, duo.server.stream),
                   UV_EALREADY);
  tlsloop_close(&inner, NULL);
  ck_assert_int_eq(tlsloop_attach_tls(&inner, duo.client.stream), UV_ECANCELED);
  loop_settle(&duo.loop);
  duo_close(&duo);
}
END_TEST

Suite* suite(void) {
  Suite* suite = suite_create("carrier tls");
  TCase* tcase = duo_case(suite, "carrier tls");

  tcase_add_loop_test(tcase, bytes_go_through_both_ways, 0, DUO_KINDS);
  tcase_add_loop_test(tcase, an_orderly_end_goes_through, 0, DUO_KINDS);
  tcase_add_loop_test(
      tcase, an_end_of_the_carrier_is_a_truncation, 0, DUO_KINDS);
  tcase_add_loop_test(tcase, a_carrier_has_to_be_open_and_free, 0, DUO_KINDS);
  return suite;
}
