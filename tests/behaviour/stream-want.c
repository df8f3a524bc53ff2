/* SPDX-License-Identifier: MIT */

/* The want callback reports from the loop, and only on change, what TLS waits
 * for; the parties check both. */

#include <openssl/ssl.h>
#include <string.h>
#include <tlsloop/openssl.h>

#include "support/duo.h"

#define MIB ((size_t) 1024 * 1024)

static duo_t duo;


START_TEST(a_handshake_waits_for_the_peer) {
  duo_open(&duo, _i);
  ck_assert_int_eq(party_handshake(duo.me), 0);
  DUO_UNTIL(&duo, duo.me->want == TLSLOOP_WANT_READ);
  ck_assert_str_eq(duo.me->log, "N");
  duo_close(&duo);
}
END_TEST


static int decided;

static int decide(SSL* ssl, void* arg) {
  (void) ssl;
  (void) arg;
  return decided ? 1 : -1;
}


/* By a callback of OpenSSL's that the application has set itself. Whatever is
 * asked of the stream asks it again. */
START_TEST(a_decision_of_the_application_is_waited_for) {
  tlsloop_ctx_t* ctx = duo_ctx(_i, TLSLOOP_SERVER);
  party_t* server;

  decided = 0;
  SSL_CTX_set_cert_cb(tlsloop_ctx_ssl_ctx(ctx), decide, NULL);
  duo_open_with(&duo, _i, 0, NULL, ctx);
  server = tlsloop_engine_side(tlsloop_stream_engine(duo.me->stream)) ==
                   TLSLOOP_SERVER
               ? duo.me
               : duo.peer;
  duo_start(&duo);
  DUO_UNTIL(&duo, server->want == TLSLOOP_WANT_DECISION);
  duo_settle(&duo);
  ck_assert_uint_eq(server->handshakes, 0);
  decided = 1;
  ck_assert_int_eq(party_read_start(server), 0);
  DUO_UNTIL(&duo, duo.me->handshakes && duo.peer->handshakes);
  ck_assert_int_eq(server->handshake_status, 0);
  duo_close(&duo);
}
END_TEST


START_TEST(a_stream_that_is_not_used_waits_for_nothing) {
  duo_open(&duo, _i);
  loop_turn(&duo.loop);
  ck_assert_uint_eq(duo.me->wants, 0);
  duo_start(&duo);
  DUO_UNTIL(&duo, duo.me->handshakes && duo.peer->handshakes);
  DUO_UNTIL(&duo, duo.me->want == 0);
  duo_settle(&duo);
  ck_assert_int_eq(duo.me->want, 0);
  duo_close(&duo);
}
END_TEST


START_TEST(a_reader_waits_for_the_peer_until_it_stops) {
  duo_open(&duo, _i);
  duo_connect(&duo);
  DUO_UNTIL(&duo, duo.me->want == TLSLOOP_WANT_READ);
  ck_assert_int_eq(party_read_stop(duo.me), 0);
  /* Something has to happen for it to be noticed. */
  ck_assert_int_eq(party_write(duo.me, 1), 0);
  DUO_UNTIL(&duo, duo.me->want == 0);
  ck_assert_int_eq(party_read_start(duo.me), 0);
  DUO_UNTIL(&duo, duo.me->want == TLSLOOP_WANT_READ);
  duo_close(&duo);
}
END_TEST


START_TEST(a_writer_waits_for_a_peer_that_does_not_read) {
  duo_open_wired(&duo, _i);
  duo_shrink(&duo);
  duo_connect(&duo);
  duo_settle(&duo);
  duo.to_peer->hold = duo.to_peer->moved;
  ck_assert_int_eq(party_write(duo.me, 4 * MIB), 0);
  DUO_UNTIL(&duo, duo.me->want == TLSLOOP_WANT_WRITE);
  duo.to_peer->hold = WIRE_NEVER;
  DUO_UNTIL(&duo, duo.me->writes == 1);
  DUO_UNTIL(&duo, duo.me->want == TLSLOOP_WANT_READ);
  duo_close(&duo);
}
END_TEST


START_TEST(after_the_end_nothing_is_waited_for) {
  duo_open(&duo, _i);
  duo_connect(&duo);
  ck_assert_int_eq(party_shutdown(duo.me), 0);
  ck_assert_int_eq(party_shutdown(duo.peer), 0);
  DUO_UNTIL(&duo, duo.me->ends && duo.me->shutdowns);
  DUO_UNTIL(&duo, duo.me->want == 0);
  duo_close(&duo);
}
END_TEST


START_TEST(after_a_failed_handshake_nothing_is_waited_for) {
  tlsloop_ctx_t* ctx;

  ck_assert_int_eq(tlsloop_ctx_new(&ctx, TLSLOOP_PROTOCOL_TLS_CLIENT), 0);
  duo_open_with(&duo, _i, 0, ctx, NULL);
  duo_start(&duo);
  DUO_UNTIL(&duo, duo.me->handshakes);
  DUO_UNTIL(&duo, duo.me->want == 0);
  duo_close(&duo);
}
END_TEST


/* Traffic as such changes nothing. */
START_TEST(traffic_is_no_change) {
  unsigned int wants;
  int i;

  duo_open(&duo, _i);
  duo_connect(&duo);
  duo_settle(&duo);
  wants = duo.me->wants;
  for (i = 1; i <= 100; i++) {
    ck_assert_int_eq(party_write(duo.peer, 10), 0);
    DUO_UNTIL(&duo, duo.me->received == (uint64_t) i * 10);
  }
  duo_settle(&duo);
  ck_assert_uint_eq(duo.me->wants, wants);
  duo_close(&duo);
}
END_TEST


START_TEST(without_a_callback_nobody_is_told) {
  duo_open(&duo, _i);
  tlsloop_on_want(duo.me->stream, NULL);
  duo_connect(&duo);
  duo_settle(&duo);
  ck_assert_uint_eq(duo.me->wants, 0);
  duo_close(&duo);
}
END_TEST


Suite* suite(void) {
  const TTest* tests[] = {
      a_handshake_waits_for_the_peer,
      a_decision_of_the_application_is_waited_for,
      a_stream_that_is_not_used_waits_for_nothing,
      a_reader_waits_for_the_peer_until_it_stops,
      a_writer_waits_for_a_peer_that_does_not_read,
      after_the_end_nothing_is_waited_for,
      after_a_failed_handshake_nothing_is_waited_for,
      traffic_is_no_change,
      without_a_callback_nobody_is_told,
  };
  Suite* suite;
  TCase* tcase;
  size_t i;

  suite = suite_create("stream want");
  tcase = duo_case(suite, "want");
  for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    tcase_add_loop_test(tcase, tests[i], 0, DUO_ALL);
  return suite;
}
