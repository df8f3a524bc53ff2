/* SPDX-License-Identifier: MIT */

/* The handshake begins once, by whatever call comes first, and its callback
 * runs once, before everything else. */

#include <openssl/ssl.h>
#include <string.h>

#include "stream/stream.h"
#include "support/duo.h"
#include "tlsloop/openssl.h"

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

/* A stream of a server that waits for a client. */
static const tlsloop_engine_t* waiting(int kind) {
  duo_open(&duo, kind | DUO_SERVER);
  ck_assert_int_eq(party_handshake(duo.me), 0);
  duo_settle(&duo);
  return tlsloop_stream_engine(duo.me->stream);
}

static void complete(void) {
  ck_assert_int_eq(party_handshake(duo.peer), 0);
  DUO_UNTIL(&duo, duo.me->handshakes == 1 && duo.peer->handshakes == 1);
  ck_assert_int_eq(duo.me->handshake_status, 0);
}

START_TEST(a_server_has_no_ssl_before_the_client_speaks) {
  const tlsloop_engine_t* engine = waiting(_i);

  ck_assert_ptr_null(engine->ssl);
  complete();
  ck_assert_ptr_nonnull(engine->ssl);
  duo_close(&duo);
}
END_TEST

static void ask_for_certificates(const tlsloop_engine_t* engine) {
  tlsloop_cert_t* cert;
  int which;

  ck_assert_int_eq(tlsloop_engine_peer_cert(engine, &cert), UV_ENOTCONN);
  for (which = TLSLOOP_CHAIN_PEER; which <= TLSLOOP_CHAIN_VERIFIED; which++) {
    ck_assert_uint_eq(tlsloop_engine_chain_count(engine, which), 0);
    ck_assert_int_eq(tlsloop_engine_chain_cert(engine, which, 0, &cert),
                     UV_ENOENT);
  }
}

/* Asks |engine|, which has no SSL, for everything. */
static void ask_for_all(const tlsloop_engine_t* engine) {
  tlsloop_cipher_info_t info = {.size = sizeof(info)};
  tlsloop_session_t* session;
  const char* proto;
  char buf[64];
  size_t len;

  ck_assert_ptr_null(tlsloop_engine_version(engine));
  ck_assert_ptr_null(tlsloop_engine_cipher_name(engine));
  ck_assert_ptr_null(tlsloop_engine_hostname(engine));
  ck_assert_ptr_null(tlsloop_engine_compression(engine));
  tlsloop_engine_alpn(engine, &proto, &len);
  ck_assert_ptr_null(proto);
  ck_assert_int_eq(tlsloop_engine_verify_result(engine), X509_V_OK);
  ck_assert_int_eq(tlsloop_engine_session_reused(engine), 0);
  ck_assert_uint_eq(tlsloop_engine_pending(engine), 0);
  ck_assert_int_eq(tlsloop_engine_cipher(engine, &info), UV_ENOTCONN);
  ck_assert_int_eq(tlsloop_engine_shared_cipher(engine, 0, &info), UV_ENOTCONN);
  ck_assert_int_eq(tlsloop_engine_session(engine, &session), 0);
  ck_assert_ptr_null(session);
  ck_assert_int_eq(
      tlsloop_engine_channel_binding(engine, "tls-exporter", buf, sizeof(buf)),
      UV_ENOTCONN);
  ck_assert_int_eq(tlsloop_engine_export_key(engine, "x", NULL, 0, buf, 32),
                   UV_ENOTCONN);
  ask_for_certificates(engine);
  ck_assert_ptr_null(engine->ssl);
}

START_TEST(a_server_that_heard_nothing_knows_nothing) {
  const tlsloop_engine_t* engine = waiting(_i);

  ask_for_all(engine);
  complete();
  ck_assert_ptr_nonnull(tlsloop_engine_version(engine));
  duo_close(&duo);
}
END_TEST

/* Its time is over before there was an SSL. */
START_TEST(a_server_that_heard_nothing_fails_without_an_ssl) {
  const tlsloop_engine_t* engine;

  duo_open(&duo, _i | DUO_SERVER);
  tlsloop_stream_set_handshake_timeout(duo.me->stream, 1);
  ck_assert_int_eq(party_handshake(duo.me), 0);
  DUO_UNTIL(&duo, duo.me->handshakes == 1);
  ck_assert_int_eq(duo.me->handshake_status, UV_ETIMEDOUT);
  engine = tlsloop_stream_engine(duo.me->stream);
  ask_for_all(engine);
  duo_close(&duo);
}
END_TEST

START_TEST(the_ssl_of_a_server_that_heard_nothing_is_made_for_who_asks) {
  const tlsloop_engine_t* engine = waiting(_i);
  SSL* ssl = tlsloop_engine_ssl(engine);
  char groups[] = "P-384"; /* the macro takes no const */

  ck_assert_ptr_nonnull(ssl);
  ck_assert_ptr_eq(tlsloop_engine_ssl(engine), ssl);
  ck_assert_int_eq(SSL_set1_groups_list(ssl, groups), 1);
  complete();
  ck_assert_ptr_eq(tlsloop_engine_ssl(engine), ssl);
  ck_assert_int_eq(SSL_get_shared_group(ssl, 0), NID_secp384r1);
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
  tcase_add_loop_test(
      tcase, a_server_has_no_ssl_before_the_client_speaks, 0, DUO_KINDS);
  tcase_add_loop_test(
      tcase, a_server_that_heard_nothing_knows_nothing, 0, DUO_KINDS);
  tcase_add_loop_test(
      tcase, a_server_that_heard_nothing_fails_without_an_ssl, 0, DUO_KINDS);
  tcase_add_loop_test(
      tcase,
      the_ssl_of_a_server_that_heard_nothing_is_made_for_who_asks,
      0,
      DUO_KINDS);
  return suite;
}
