/* SPDX-License-Identifier: MIT */

/* The limits on connecting: set while it is under way, taken back, and that of
 * a shutdown that was asked for before there was a connection. */

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/visit.h"

/* Where a visitor connects to. */
enum {
  TO_A_BLACK_HOLE, /* nobody takes the connection */
  TO_SILENCE,      /* nobody says anything on it */
  PLACES
};

static loop_t loop;
static visitor_t visitor;
static int fds[2];
static tlsloop_shutdown_t shutdown_req;
static int shutdowns;
static int shutdown_status;


static void open_all(int place) {
  tlsloop_ctx_t* ctx;
  int port;

  loop_open(&loop, 300);
  ctx = duo_ctx(DUO_TLS_1_3, TLSLOOP_CLIENT);
  visitor_open(&visitor, &loop, ctx);
  tlsloop_ctx_unref(ctx);
  ck_assert_int_eq(tlsloop_stream_set_hostname(visitor.stream, "localhost"), 0);
  fds[1] = -1;
  if (place == TO_A_BLACK_HOLE) {
    port = visit_black_hole(fds);
  } else {
    fds[0] = visit_bind(0, &port);
    ck_assert_int_eq(listen(fds[0], 5), 0);
  }
  ck_assert_int_eq(visitor_connect_ports(&visitor, &port, 1), 0);
  if (place == TO_SILENCE)
    VISIT_UNTIL(&loop, visitor.stream->transport != NULL);
  shutdowns = 0;
}


static void close_all(void) {
  visitor_close(&visitor);
  VISIT_UNTIL(&loop, visitor.closed);
  close(fds[0]);
  if (fds[1] >= 0)
    close(fds[1]);
  loop_close(&loop);
}


static void expect_timeout(void) {
  const tlsloop_error_t* error;

  VISIT_UNTIL(&loop, visitor.connects == 1);
  ck_assert_int_eq(visitor.status, UV_ETIMEDOUT);
  error = tlsloop_stream_error(visitor.stream);
  ck_assert_ptr_nonnull(error);
  ck_assert_ptr_nonnull(strstr(error->text, "too long"));
}


START_TEST(a_limit_set_while_connecting_counts_from_then) {
  open_all(_i);
  ck_assert_int_eq(tlsloop_stream_set_handshake_timeout(visitor.stream, 30), 0);
  expect_timeout();
  close_all();
}
END_TEST


/* The default would come in half a minute; the watchdog comes after five. */
START_TEST(a_limit_taken_back_while_connecting_never_comes) {
  open_all(_i);
  loop_settle(&loop);
  ck_assert_int_lt(uv_backend_timeout(&loop.uv), 31000);
  ck_assert_int_eq(tlsloop_stream_set_handshake_timeout(visitor.stream, 0), 0);
  /* Once nothing else is due, only the watchdog is. */
  VISIT_UNTIL(&loop, uv_backend_timeout(&loop.uv) > 100000);
  ck_assert_int_eq(visitor.connects, 0);
  close_all();
}
END_TEST


/* A connect that has failed has no limit any more. */
START_TEST(a_limit_set_after_connecting_failed_is_refused) {
  open_all(_i);
  ck_assert_int_eq(tlsloop_stream_set_handshake_timeout(visitor.stream, 1), 0);
  expect_timeout();
  ck_assert_int_eq(tlsloop_stream_set_handshake_timeout(visitor.stream, 1),
                   UV_EBUSY);
  close_all();
}
END_TEST


static void on_shutdown(tlsloop_shutdown_t* req, int status) {
  ck_assert_ptr_eq(req, &shutdown_req);
  ck_assert_int_eq(visitor.connects, 1);
  ck_assert_int_eq(visitor.writes, 2);
  shutdowns++;
  shutdown_status = status;
}


static void ask_for_an_end(void) {
  int err;

  ck_assert_int_eq(visitor_write(&visitor, 10), 0);
  ck_assert_int_eq(visitor_write(&visitor, 100000), 0);
  err = tlsloop_shutdown(&shutdown_req, visitor.stream, on_shutdown);
  ck_assert_int_eq(err, 0);
  err = tlsloop_shutdown(&shutdown_req, visitor.stream, on_shutdown);
  ck_assert_int_eq(err, UV_EALREADY);
}


/* Whatever the connect still might do: it has no limit of its own here. */
START_TEST(a_shutdown_asked_for_while_connecting_ends_in_its_own_time) {
  open_all(_i);
  tlsloop_stream_set_handshake_timeout(visitor.stream, 0);
  tlsloop_stream_set_shutdown_timeout(visitor.stream, 30);
  ask_for_an_end();
  expect_timeout();
  VISIT_UNTIL(&loop, shutdowns == 1);
  ck_assert_int_eq(shutdown_status, UV_ETIMEDOUT);
  ck_assert_int_eq(visitor.write_status, UV_ETIMEDOUT);
  close_all();
  ck_assert_int_eq(shutdowns, 1);
}
END_TEST


START_TEST(a_shutdown_asked_for_while_connecting_is_cancelled_by_a_close) {
  open_all(_i);
  ask_for_an_end();
  close_all();
  ck_assert_int_eq(visitor.status, UV_ECANCELED);
  ck_assert_int_eq(visitor.write_status, UV_ECANCELED);
  ck_assert_int_eq(shutdowns, 1);
  ck_assert_int_eq(shutdown_status, UV_ECANCELED);
}
END_TEST


Suite* suite(void) {
  const TTest* tests[] = {
      a_limit_set_while_connecting_counts_from_then,
      a_limit_taken_back_while_connecting_never_comes,
      a_limit_set_after_connecting_failed_is_refused,
      a_shutdown_asked_for_while_connecting_ends_in_its_own_time,
      a_shutdown_asked_for_while_connecting_is_cancelled_by_a_close,
  };
  Suite* suite;
  TCase* tcase;
  size_t i;

  suite = suite_create("connect deadline");
  tcase = duo_case(suite, "deadline");
  for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    tcase_add_loop_test(tcase, tests[i], 0, PLACES);
  return suite;
}
