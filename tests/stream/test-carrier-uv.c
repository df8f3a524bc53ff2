/* SPDX-License-Identifier: MIT */

/* A uv_stream_t as a carrier: which handles it takes, and how it breaks a
 * connection. */

#include "stream/transport.h"
#include "support/duo.h"

static duo_t duo;

START_TEST(a_handle_of_another_kind_is_refused) {
  uv_loop_t other;
  loop_t loop;
  uv_tcp_t tcp;
  uv_pipe_t ipc;
  uv_idle_t idle;

  loop_open(&loop, 60);
  uv_loop_init(&other);
  uv_tcp_init(&loop.uv, &tcp);
  uv_pipe_init(&loop.uv, &ipc, 1);
  uv_idle_init(&loop.uv, &idle);
  ck_assert_int_eq(tlsloop__transport_check(&loop.uv, NULL), UV_EINVAL);
  ck_assert_int_eq(tlsloop__transport_check(&other, (uv_stream_t*) &tcp),
                   UV_EINVAL);
  ck_assert_int_eq(tlsloop__transport_check(&loop.uv, (uv_stream_t*) &ipc),
                   UV_EINVAL);
  ck_assert_int_eq(
      tlsloop__transport_check(&loop.uv, (uv_stream_t*) (void*) &idle),
      UV_EINVAL);
  ck_assert_int_eq(tlsloop__transport_check(&loop.uv, (uv_stream_t*) &tcp),
                   UV_ENOTCONN);
  uv_close((uv_handle_t*) &tcp, NULL);
  ck_assert_int_eq(tlsloop__transport_check(&loop.uv, (uv_stream_t*) &tcp),
                   UV_ECANCELED);
  uv_close((uv_handle_t*) &ipc, NULL);
  uv_close((uv_handle_t*) &idle, NULL);
  uv_loop_close(&other);
  loop_close(&loop);
}
END_TEST

START_TEST(a_reset_breaks_a_tcp_connection) {
  duo_open(&duo, _i);
  duo_connect(&duo);
  loop_settle(&duo.loop);
  party_close_reset(duo.me);
  DUO_UNTIL(&duo, duo.peer->ends == 1);
  ck_assert_int_eq(duo.peer->read_status,
                   _i & DUO_PIPE ? TLSLOOP_ETRUNCATED : UV_ECONNRESET);
  duo_close(&duo);
}
END_TEST

START_TEST(a_reset_cancels_what_was_written) {
  duo_open_wired(&duo, _i);
  duo_shrink(&duo);
  duo_connect(&duo);
  duo_settle(&duo);
  duo.to_peer->hold = duo.to_peer->moved;
  ck_assert_int_eq(party_write(duo.me, 8 * 1024 * 1024), 0);
  duo_settle(&duo);
  party_close_reset(duo.me);
  DUO_UNTIL(&duo, duo.me->closed);
  ck_assert_int_eq(duo.me->write_status, UV_ECANCELED);
  duo_close(&duo);
}
END_TEST

Suite* suite(void) {
  Suite* suite = suite_create("carrier uv");
  TCase* tcase = duo_case(suite, "carrier uv");

  tcase_add_test(tcase, a_handle_of_another_kind_is_refused);
  tcase_add_loop_test(tcase, a_reset_breaks_a_tcp_connection, 0, DUO_SIDES);
  tcase_add_loop_test(tcase, a_reset_cancels_what_was_written, 0, DUO_SIDES);
  return suite;
}
