/* SPDX-License-Identifier: MIT */

/* A close after a fatal alert waits for the peer, so that the alert arrives
 * whatever the peer is sending, but not for ever. */

#include "support/duo.h"

static duo_t duo;

/* The client trusts nobody, so its handshake ends with an alert. */
static void open_distrusting(int kind) {
  tlsloop_ctx_t* client;

  ck_assert_int_eq(tlsloop_ctx_new(&client, TLSLOOP_PROTOCOL_TLS_CLIENT), 0);
  ck_assert_int_eq(
      tlsloop_ctx_set_max_version(
          client, kind & DUO_TLS_1_3 ? TLSLOOP_TLS_1_3 : TLSLOOP_TLS_1_2),
      0);
  duo_open_with(&duo, kind, 1, client, NULL);
}

static void on_event(party_t* party, int event) {
  if (event == PARTY_HANDSHAKE && party->handshake_status != 0)
    party_close(party);
}

START_TEST(the_peer_gets_the_alert_of_a_stream_that_closes_at_once) {
  open_distrusting(_i);
  duo.client.hook = on_event;
  duo_start(&duo);
  DUO_UNTIL(&duo, duo.server.handshakes == 1);
  ck_assert_int_eq(tlsloop_err_verify_code(duo.client.handshake_status), 20);
  ck_assert_int_eq(duo.server.handshake_status, TLSLOOP_EALERT_RECEIVED - 48);
  duo_close(&duo);
}
END_TEST

START_TEST(it_closes_as_soon_as_the_peer_has) {
  open_distrusting(_i);
  duo.client.hook = on_event;
  duo.server.hook = on_event;
  duo_start(&duo);
  DUO_UNTIL(&duo, duo.client.closed && duo.server.closed);
  duo_close(&duo);
}
END_TEST

START_TEST(a_peer_that_never_closes_is_left_after_a_while) {
  open_distrusting(_i);
  duo.client.hook = on_event;
  duo_start(&duo);
  while (duo.client.handshakes == 0)
    duo_turn(&duo);
  duo.to_peer->hold = duo.to_peer->moved;
  duo.to_me->hold = duo.to_me->moved;
  while (!duo.client.closed)
    uv_run(&duo.loop.uv, UV_RUN_ONCE);
  duo_close(&duo);
}
END_TEST

START_TEST(a_reset_does_not_linger) {
  open_distrusting(_i);
  duo_start(&duo);
  DUO_UNTIL(&duo, duo.client.handshakes == 1);
  duo.to_me->hold = duo.to_me->moved;
  duo.to_peer->hold = duo.to_peer->moved;
  party_close_reset(&duo.client);
  loop_settle(&duo.loop);
  ck_assert_int_eq(duo.client.closed, 1);
  duo_close(&duo);
}
END_TEST

START_TEST(a_stream_without_an_alert_closes_at_once) {
  duo_open_wired(&duo, _i);
  duo_connect(&duo);
  duo.to_me->hold = duo.to_me->moved;
  party_close(duo.me);
  loop_settle(&duo.loop);
  ck_assert_int_eq(duo.me->closed, 1);
  duo_close(&duo);
}
END_TEST

Suite* suite(void) {
  Suite* suite = suite_create("linger");
  TCase* tcase = duo_case(suite, "linger");

  tcase_add_loop_test(
      tcase, the_peer_gets_the_alert_of_a_stream_that_closes_at_once, 0, 4);
  tcase_add_loop_test(tcase, it_closes_as_soon_as_the_peer_has, 0, 4);
  tcase_add_loop_test(
      tcase, a_peer_that_never_closes_is_left_after_a_while, 0, 4);
  tcase_add_loop_test(tcase, a_reset_does_not_linger, 0, 4);
  tcase_add_loop_test(
      tcase, a_stream_without_an_alert_closes_at_once, 0, DUO_SIDES);
  return suite;
}
