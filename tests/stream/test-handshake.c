/* SPDX-License-Identifier: MIT */

/* The handshake begins once, by whatever call comes first, and its callback
 * runs once, before everything else. */

#include "support/duo.h"

static duo_t duo;

static void on_never(tlsloop_stream_t* stream, int status) {
  (void) stream;
  ck_abort_msg("a refused handshake called back with %d", status);
}

START_TEST(it_is_refused_where_it_makes_no_sense) {
  duo_open(&duo, _i);
  ck_assert_int_eq(tlsloop_handshake(duo.me->stream, NULL), UV_EINVAL);
  ck_assert_int_eq(party_handshake(duo.me), 0);
  ck_assert_int_eq(party_handshake(duo.me), UV_EALREADY);
  ck_assert_int_eq(party_handshake(duo.peer), 0);
  DUO_UNTIL(&duo, duo.me->handshakes);
  ck_assert_int_eq(party_handshake(duo.me), UV_EISCONN);
  party_close(duo.me);
  ck_assert_int_eq(party_handshake(duo.me), UV_ECANCELED);
  duo_close(&duo);
}
END_TEST

START_TEST(a_read_begins_it_without_a_callback) {
  duo_open(&duo, _i);
  ck_assert_int_eq(party_read_start(duo.me), 0);
  ck_assert_int_eq(party_read_start(duo.peer), 0);
  ck_assert_int_eq(party_write(duo.me, 100), 0);
  ck_assert_int_eq(party_write(duo.peer, 100), 0);
  DUO_UNTIL(&duo, duo.me->received == 100 && duo.peer->received == 100);
  duo_close(&duo);
}
END_TEST

START_TEST(one_asked_for_after_a_write_began_it_still_calls_back) {
  duo_open(&duo, _i);
  ck_assert_int_eq(party_write(duo.me, 100), 0);
  ck_assert_int_eq(party_handshake(duo.me), 0);
  ck_assert_int_eq(party_read_start(duo.peer), 0);
  DUO_UNTIL(&duo, duo.peer->received == 100 && duo.me->writes == 1);
  ck_assert_int_eq(duo.me->handshakes, 1);
  duo_close(&duo);
}
END_TEST

START_TEST(a_client_without_a_name_is_refused_at_once) {
  tlsloop_ctx_t* ctx = duo_ctx(_i, TLSLOOP_CLIENT);
  tlsloop_stream_t stream;
  uv_tcp_t a;
  uv_tcp_t b;
  loop_t loop;

  loop_open(&loop, 60);
  loop_tcp_pair(&loop, &a, &b);
  ck_assert_int_eq(tlsloop_stream_init(&loop.uv, &stream, ctx, TLSLOOP_CLIENT),
                   0);
  ck_assert_int_eq(tlsloop_attach(&stream, (uv_stream_t*) &a), 0);
  ck_assert_int_eq(tlsloop_handshake(&stream, on_never), TLSLOOP_ENOHOSTNAME);
  ck_assert_int_eq(tlsloop_stream_set_hostname(&stream, "bad host"),
                   TLSLOOP_EHOSTNAME);
  tlsloop_close(&stream, NULL);
  uv_close((uv_handle_t*) &b, NULL);
  loop_settle(&loop);
  tlsloop_ctx_unref(ctx);
  loop_close(&loop);
}
END_TEST

START_TEST(a_failed_one_keeps_saying_why) {
  tlsloop_ctx_t* client;

  ck_assert_int_eq(tlsloop_ctx_new(&client, TLSLOOP_PROTOCOL_TLS_CLIENT), 0);
  duo_open_with(&duo, _i, 0, client, NULL);
  duo_start(&duo);
  DUO_UNTIL(&duo, duo.client.handshakes && duo.server.handshakes);
  ck_assert_int_eq(party_handshake(&duo.client), duo.client.handshake_status);
  ck_assert_int_eq(party_read_start(&duo.client), duo.client.handshake_status);
  ck_assert_int_eq(party_write(&duo.client, 1), duo.client.handshake_status);
  ck_assert_int_eq(tlsloop_stream_error(duo.client.stream)->code,
                   duo.client.handshake_status);
  duo_close(&duo);
}
END_TEST

Suite* suite(void) {
  Suite* suite = suite_create("handshake");
  TCase* tcase = duo_case(suite, "handshake");

  tcase_add_loop_test(
      tcase, it_is_refused_where_it_makes_no_sense, 0, DUO_SIDES);
  tcase_add_loop_test(tcase, a_read_begins_it_without_a_callback, 0, DUO_SIDES);
  tcase_add_loop_test(tcase,
                      one_asked_for_after_a_write_began_it_still_calls_back,
                      0,
                      DUO_SIDES);
  tcase_add_test(tcase, a_client_without_a_name_is_refused_at_once);
  tcase_add_loop_test(tcase, a_failed_one_keeps_saying_why, 0, DUO_KINDS);
  return suite;
}
