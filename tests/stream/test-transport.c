/* SPDX-License-Identifier: MIT */

/* A transport gives its carrier what it takes at once, queues the rest as one
 * write, and reports what comes, what went and what ended. */

#include "stream/transport.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/loop.h"
#include "support/suite.h"

#define MIB ((size_t) 1024 * 1024)

static loop_t loop;
static tlsloop_ctx_t* ctx;
static tlsloop__loop_t* record;
static tlsloop__transport_t transport;
static uv_tcp_t tcp;
static int fd;
static size_t received;
static int ended;
static int end_status;
static size_t written;
static int write_events;
static int write_status;
static int shut;
static int shut_status;
static int closed;
static int gone;

static tlsloop__loop_t* loop_of(tlsloop__transport_t* from) {
  ck_assert_ptr_eq(from, &transport);
  return record;
}

static void on_data(tlsloop__transport_t* from, char* data, size_t len) {
  ck_assert_ptr_eq(from, &transport);
  ck_assert_ptr_nonnull(data);
  received += len;
}

static void on_end(tlsloop__transport_t* from, int status) {
  ck_assert_ptr_eq(from, &transport);
  ended++;
  end_status = status;
}

static void on_written(tlsloop__transport_t* from, size_t len, int status) {
  ck_assert_ptr_eq(from, &transport);
  written += len;
  write_events++;
  write_status = status;
}

static void on_shut(tlsloop__transport_t* from, int status) {
  ck_assert_ptr_eq(from, &transport);
  shut++;
  shut_status = status;
}

static void on_closed(tlsloop__transport_t* from) {
  ck_assert_ptr_eq(from, &transport);
  closed++;
}

static const tlsloop__transport_events_t events =
    {loop_of, on_data, on_end, on_written, on_shut, on_closed};

static void set_up(void) {
  loop_open(&loop, 60);
  ck_assert_int_eq(tlsloop_ctx_new(&ctx, TLSLOOP_PROTOCOL_TLS_CLIENT), 0);
  ck_assert_int_eq(tlsloop__loop_get(&record, ctx, &loop.uv), 0);
  fd = loop_tcp_socket(&loop, &tcp);
  tcp.data = &loop;
  tlsloop__transport_init(&transport, (uv_stream_t*) &tcp, &events);
}

static void on_gone(void* arg) {
  (void) arg;
  gone = 1;
}

static void tear_down(void) {
  if (!closed && tlsloop__transport_close(&transport, 0))
    loop_run_until(&loop, &closed);
  ck_assert_int_eq(closed, 1);
  ck_assert_ptr_eq(tcp.data, &loop);
  tlsloop__loop_put(record, on_gone, NULL);
  loop_run_until(&loop, &gone);
  tlsloop_ctx_unref(ctx);
  if (fd >= 0)
    close(fd);
  loop_close(&loop);
}

/* Fills |bytes| with |len| bytes. */
static void fill(tlsloop__bytes_t* bytes, size_t len) {
  char* data = calloc(1, len);

  ck_assert_ptr_nonnull(data);
  memset(bytes, 0, sizeof(*bytes));
  bytes->pool = &record->pool;
  ck_assert_int_eq(tlsloop__bytes_append(bytes, data, len), 0);
  free(data);
}

/* Reads |len| bytes at the other end, turning the loop. */
static void drain(size_t len) {
  char buf[65536];
  ssize_t n;

  while (len > 0) {
    n = read(fd, buf, len < sizeof(buf) ? len : sizeof(buf));
    ck_assert_int_gt(n, 0);
    len -= (size_t) n;
    loop_turn(&loop);
  }
}

START_TEST(a_small_write_goes_at_once) {
  tlsloop__bytes_t bytes;
  size_t n;

  fill(&bytes, 1000);
  ck_assert_int_eq(tlsloop__transport_write(&transport, &bytes, &n), 0);
  ck_assert_uint_eq(n, 1000);
  ck_assert_uint_eq(bytes.size, 0);
  ck_assert_uint_eq(tlsloop__transport_in_flight(&transport), 0);
  drain(1000);
  ck_assert_int_eq(write_events, 0);
}
END_TEST

START_TEST(what_is_not_taken_flies_and_is_reported_once) {
  tlsloop__bytes_t bytes;
  size_t n;
  size_t none;

  fill(&bytes, 16 * MIB);
  ck_assert_int_eq(tlsloop__transport_write(&transport, &bytes, &n), 0);
  ck_assert_uint_lt(n, 16 * MIB);
  ck_assert_uint_eq(bytes.size, 0);
  ck_assert_uint_eq(tlsloop__transport_in_flight(&transport), 16 * MIB - n);
  fill(&bytes, 10);
  ck_assert_int_eq(tlsloop__transport_write(&transport, &bytes, &none), 0);
  ck_assert_uint_eq(none, 0);
  ck_assert_uint_eq(bytes.size, 10);
  tlsloop__bytes_clear(&bytes);
  drain(16 * MIB);
  loop_settle(&loop);
  ck_assert_int_eq(write_events, 1);
  ck_assert_int_eq(write_status, 0);
  ck_assert_uint_eq(n + written, 16 * MIB);
  ck_assert_uint_eq(tlsloop__transport_in_flight(&transport), 0);
}
END_TEST

START_TEST(a_close_cancels_what_flies_first) {
  tlsloop__bytes_t bytes;
  size_t n;

  fill(&bytes, 16 * MIB);
  ck_assert_int_eq(tlsloop__transport_write(&transport, &bytes, &n), 0);
  ck_assert_int_eq(tlsloop__transport_close(&transport, 0), 1);
  loop_run_until(&loop, &closed);
  ck_assert_int_eq(write_events, 1);
  ck_assert_int_eq(write_status, UV_ECANCELED);
}
END_TEST

START_TEST(a_broken_connection_drops_what_was_to_be_written) {
  tlsloop__bytes_t bytes;
  size_t n;
  int err;

  signal(SIGPIPE, SIG_IGN);
  loop_reset(fd);
  fd = -1;
  do {
    fill(&bytes, 1000);
    err = tlsloop__transport_write(&transport, &bytes, &n);
  } while (err == 0);
  ck_assert_int_eq(tlsloop_err_type(err), TLSLOOP_ERR_IO);
  ck_assert_uint_eq(bytes.size, 0);
}
END_TEST

START_TEST(what_comes_is_reported_until_reading_stops) {
  ck_assert_int_eq(tlsloop__transport_read_start(&transport), 0);
  ck_assert_int_eq(tlsloop__transport_read_start(&transport), 0);
  ck_assert_int_eq(write(fd, "hello", 5), 5);
  while (received < 5)
    loop_turn(&loop);
  tlsloop__transport_read_stop(&transport);
  ck_assert_int_eq(write(fd, "hello", 5), 5);
  loop_settle(&loop);
  ck_assert_uint_eq(received, 5);
  ck_assert_int_eq(tlsloop__transport_read_start(&transport), 0);
  while (received < 10)
    loop_turn(&loop);
}
END_TEST

START_TEST(an_end_is_reported_once) {
  ck_assert_int_eq(tlsloop__transport_read_start(&transport), 0);
  close(fd);
  fd = -1;
  loop_run_until(&loop, &ended);
  ck_assert_int_eq(end_status, UV_EOF);
  loop_settle(&loop);
  ck_assert_int_eq(ended, 1);
}
END_TEST

START_TEST(a_shut_transport_says_so) {
  char byte;

  ck_assert_int_eq(tlsloop__transport_shutdown(&transport), 0);
  loop_run_until(&loop, &shut);
  ck_assert_int_eq(shut_status, 0);
  ck_assert_int_eq(read(fd, &byte, 1), 0);
  ck_assert_int_ne(tlsloop__transport_shutdown(&transport), 0);
}
END_TEST

START_TEST(a_released_handle_is_the_applications_again) {
  tlsloop__transport_release(&transport);
  ck_assert_ptr_eq(tcp.data, &loop);
  ck_assert_ptr_null(transport.carrier);
  uv_close((uv_handle_t*) &tcp, NULL);
  closed = 1;
}
END_TEST

START_TEST(a_handle_that_somebody_else_closed_is_let_go) {
  tlsloop__bytes_t bytes;
  size_t n;

  fill(&bytes, 16 * MIB);
  ck_assert_int_eq(tlsloop__transport_write(&transport, &bytes, &n), 0);
  uv_close((uv_handle_t*) &tcp, NULL);
  ck_assert_int_eq(tlsloop__transport_close(&transport, 0), 1);
  loop_run_until(&loop, &closed);
  ck_assert_int_eq(write_status, UV_ECANCELED);
}
END_TEST

Suite* suite(void) {
  Suite* suite = suite_create("transport");
  TCase* tcase = tcase_create("transport");

  tcase_add_checked_fixture(tcase, set_up, tear_down);
  tcase_set_timeout(tcase, 70);
  tcase_add_test(tcase, a_small_write_goes_at_once);
  tcase_add_test(tcase, what_is_not_taken_flies_and_is_reported_once);
  tcase_add_test(tcase, a_close_cancels_what_flies_first);
  tcase_add_test(tcase, a_broken_connection_drops_what_was_to_be_written);
  tcase_add_test(tcase, what_comes_is_reported_until_reading_stops);
  tcase_add_test(tcase, an_end_is_reported_once);
  tcase_add_test(tcase, a_shut_transport_says_so);
  tcase_add_test(tcase, a_released_handle_is_the_applications_again);
  tcase_add_test(tcase, a_handle_that_somebody_else_closed_is_let_go);
  suite_add_tcase(suite, tcase);
  return suite;
}
