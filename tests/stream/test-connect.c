/* SPDX-License-Identifier: MIT */

/* Tests of stream/connect.c: what a connect leaves behind that finds no
 * memory, and what it does to the stream. */

#include "stream/stream.h"
#include "support/fail-alloc.h"
#include "support/visit.h"

static loop_t loop;
static house_t house;
static visitor_t visitor;
static tlsloop_ctx_t* client;
static tlsloop_ctx_t* server;


/* To a name, or to addresses after it. */
static void open_all(int way) {
  loop_open(&loop, 300);
  client = duo_ctx(DUO_TLS_1_3, TLSLOOP_CLIENT);
  server = duo_ctx(DUO_TLS_1_3, TLSLOOP_SERVER);
  house_open(&house, &loop, server);
  visitor_open(&visitor, &loop, client);
  if (way != 0)
    ck_assert_int_eq(tlsloop_stream_set_hostname(visitor.stream, "localhost"),
                     0);
}


static void close_all(void) {
  visitor_close(&visitor);
  house_close(&house);
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(server);
  loop_close(&loop);
  ck_assert_int_eq(visitor.closed, 1);
}


static int begin(int way) {
  if (way == 0)
    return visitor_connect(&visitor, "127.0.0.1", house.port);
  return visitor_connect_ports(&visitor, &house.port, 1);
}


/* The first allocation is that of the test's request. */
START_TEST(a_call_without_memory_leaves_a_stream_that_can_connect) {
  const tlsloop__stream_t* s;
  unsigned int n;
  int err;

  open_all(_i);
  s = visitor.stream->impl;
  for (n = 1;; n++) {
    fail_alloc_after(n);
    err = begin(_i);
    if (!fail_alloc_reset())
      break;
    ck_assert_int_eq(err, UV_ENOMEM);
    ck_assert_int_eq(s->state, TLSLOOP__STREAM_NEW);
    ck_assert_ptr_null(s->connector);
    ck_assert_ptr_null(s->connect);
    ck_assert(s->handshake_cb == NULL);
    ck_assert_ptr_null(s->deadline);
    if (_i == 0)
      ck_assert_ptr_null(s->engine->hostname);
  }
  ck_assert_uint_ge(n, 3);
  ck_assert_int_eq(err, 0);
  VISIT_UNTIL(&loop, visitor.connects == 1);
  ck_assert_int_eq(visitor.status, 0);
  close_all();
}
END_TEST


/* Each allocation of the loop's thread after the call fails once. */
START_TEST(a_connect_without_memory_fails_once) {
  unsigned int n;

  for (n = 0;; n++) {
    open_all(_i);
    ck_assert_int_eq(begin(_i), 0);
    fail_alloc_after(n);
    VISIT_UNTIL(&loop, visitor.connects == 1);
    if (!fail_alloc_reset())
      break;
    ck_assert_int_le(visitor.status, 0);
    close_all();
  }
  ck_assert_uint_ge(n, 2);
  ck_assert_int_eq(visitor.status, 0);
  close_all();
}
END_TEST


START_TEST(a_connected_stream_owns_its_transport) {
  const tlsloop__stream_t* s;

  open_all(_i);
  s = visitor.stream->impl;
  ck_assert_int_eq(begin(_i), 0);
  ck_assert_int_eq(s->state, TLSLOOP__STREAM_CONNECTING);
  ck_assert_ptr_nonnull(s->deadline);
  ck_assert_ptr_null(visitor.stream->transport);
  VISIT_UNTIL(&loop, visitor.connects == 1);
  ck_assert_int_eq(visitor.status, 0);
  ck_assert_int_eq(s->state, TLSLOOP__STREAM_OPEN);
  ck_assert_ptr_null(s->connector);
  ck_assert_ptr_null(s->connect);
  ck_assert_ptr_null(s->deadline);
  ck_assert_int_eq(s->owned, 1);
  close_all();
}
END_TEST


START_TEST(a_failed_connect_leaves_nothing_running) {
  const tlsloop__stream_t* s;

  open_all(0);
  s = visitor.stream->impl;
  ck_assert_int_eq(visitor_connect(&visitor, "127.0.0.1", visit_refused_port()),
                   0);
  VISIT_UNTIL(&loop, visitor.connects == 1);
  ck_assert_int_eq(s->state, TLSLOOP__STREAM_FAILED);
  ck_assert_ptr_null(s->connector);
  ck_assert_ptr_null(s->deadline);
  ck_assert_int_eq(s->owned, 0);
  close_all();
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("connect");
  tcase = duo_case(suite, "connect");
  tcase_add_loop_test(
      tcase, a_call_without_memory_leaves_a_stream_that_can_connect, 0, 2);
  tcase_add_loop_test(tcase, a_connect_without_memory_fails_once, 0, 2);
  tcase_add_loop_test(tcase, a_connected_stream_owns_its_transport, 0, 2);
  tcase_add_test(tcase, a_failed_connect_leaves_nothing_running);
  return suite;
}
