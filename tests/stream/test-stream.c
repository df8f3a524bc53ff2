/* SPDX-License-Identifier: MIT */

/* A stream's making: what it is given and refuses, what it counts, and what
 * can be asked of it before anything has happened. */

#include <string.h>

#include "engine/engine.h"
#include "stream/stream.h"
#include "support/duo.h"

static duo_t duo;

START_TEST(an_idle_stream_has_512_bytes_of_ours) {
  ck_assert_uint_le(sizeof(tlsloop__stream_t) + sizeof(struct tlsloop_engine_s),
                    512);
}
END_TEST

START_TEST(a_context_for_the_other_side_is_refused) {
  tlsloop_ctx_t* ctx = duo_ctx(_i, TLSLOOP_CLIENT);
  tlsloop_stream_t stream;
  uv_loop_t loop;

  uv_loop_init(&loop);
  ck_assert_int_eq(tlsloop_stream_init(&loop, &stream, ctx, TLSLOOP_SERVER),
                   TLSLOOP_ESIDE);
  ck_assert_int_eq(tlsloop_stream_init(&loop, &stream, ctx, 7), UV_EINVAL);
  ck_assert_int_eq(uv_loop_close(&loop), 0);
  tlsloop_ctx_unref(ctx);
}
END_TEST

START_TEST(nothing_works_before_there_is_a_transport) {
  tlsloop_ctx_t* ctx = duo_ctx(_i, TLSLOOP_CLIENT);
  tlsloop_stream_t stream;
  tlsloop_write_t write;
  uv_buf_t buf = uv_buf_init(NULL, 0);
  loop_t loop;

  loop_open(&loop, 60);
  ck_assert_int_eq(tlsloop_stream_init(&loop.uv, &stream, ctx, TLSLOOP_CLIENT),
                   0);
  ck_assert_ptr_eq(stream.ctx, ctx);
  ck_assert_ptr_eq(stream.loop, &loop.uv);
  ck_assert_ptr_null(stream.transport);
  ck_assert_int_eq(tlsloop_write(&write, &stream, &buf, 1, NULL), UV_ENOTCONN);
  ck_assert_int_eq(tlsloop_try_write(&stream, &buf, 1), UV_ENOTCONN);
  ck_assert_int_eq(tlsloop_read_stop(&stream), 0);
  ck_assert_int_eq(tlsloop_is_closing(&stream), 0);
  ck_assert_ptr_null(tlsloop_stream_error(&stream));
  ck_assert_uint_eq(tlsloop_stream_get_write_queue_size(&stream), 0);
  ck_assert_int_eq(tlsloop_engine_state(tlsloop_stream_engine(&stream)),
                   TLSLOOP_ENGINE_NEW);
  tlsloop_close(&stream, NULL);
  ck_assert_int_eq(tlsloop_is_closing(&stream), 1);
  loop_settle(&loop);
  tlsloop_ctx_unref(ctx);
  loop_close(&loop);
}
END_TEST

START_TEST(a_transport_is_taken_once) {
  duo_open(&duo, _i);
  ck_assert_int_eq(tlsloop_attach(duo.me->stream, duo.me->transport),
                   UV_EALREADY);
  ck_assert_ptr_eq(duo.me->stream->transport, duo.me->transport);
  duo_close(&duo);
}
END_TEST

START_TEST(settings_are_refused_once_they_are_in_use) {
  tlsloop_stream_t* stream;

  duo_open(&duo, _i);
  stream = duo.me->stream;
  ck_assert_int_eq(tlsloop_stream_set_handshake_timeout(stream, 1000), 0);
  ck_assert_int_eq(tlsloop_stream_set_shutdown_timeout(stream, 1000), 0);
  duo_connect(&duo);
  ck_assert_int_eq(tlsloop_stream_set_handshake_timeout(stream, 1), UV_EBUSY);
  ck_assert_int_eq(tlsloop_stream_set_hostname(stream, "example.org"),
                   _i & DUO_SERVER ? TLSLOOP_ESIDE : UV_EBUSY);
  ck_assert_int_eq(party_shutdown(duo.me), 0);
  ck_assert_int_eq(tlsloop_stream_set_shutdown_timeout(stream, 1), UV_EBUSY);
  duo_close(&duo);
}
END_TEST

START_TEST(it_counts_what_it_moves) {
  tlsloop_stream_info_t mine = {.size = sizeof(mine)};
  tlsloop_stream_info_t theirs = {.size = sizeof(theirs)};

  duo_open(&duo, _i);
  duo_connect(&duo);
  ck_assert_int_eq(party_write(duo.me, 50000), 0);
  DUO_UNTIL(&duo, duo.peer->received == 50000);
  loop_settle(&duo.loop);
  tlsloop_stream_info(duo.me->stream, &mine);
  tlsloop_stream_info(duo.peer->stream, &theirs);
  ck_assert_uint_eq(mine.plain_out, 50000);
  ck_assert_uint_eq(theirs.plain_in, 50000);
  ck_assert_uint_eq(mine.cipher_out, theirs.cipher_in);
  ck_assert_uint_eq(mine.cipher_in, theirs.cipher_out);
  ck_assert_uint_gt(mine.cipher_out, 50000);
  ck_assert_uint_gt(mine.handshake_us, 0);
  duo_close(&duo);
}
END_TEST

START_TEST(a_smaller_struct_of_counts_is_not_overrun) {
  tlsloop_stream_info_t info;

  duo_open(&duo, _i);
  memset(&info, 0x5a, sizeof(info));
  info.size = offsetof(tlsloop_stream_info_t, plain_in);
  tlsloop_stream_info(duo.me->stream, &info);
  ck_assert_uint_eq(info.size, offsetof(tlsloop_stream_info_t, plain_in));
  ck_assert_uint_eq(info.cipher_in, 0);
  ck_assert_uint_eq(info.plain_in, UINT64_C(0x5a5a5a5a5a5a5a5a));
  duo_close(&duo);
}
END_TEST

/* A client that trusts nobody refuses the server. */
START_TEST(it_tells_the_alerts_of_its_end) {
  tlsloop_stream_info_t infos[2];
  tlsloop_ctx_t* ctx;
  int i;

  ck_assert_int_eq(tlsloop_ctx_new(&ctx, TLSLOOP_PROTOCOL_TLS_CLIENT), 0);
  duo_open_with(&duo, _i | DUO_TLS_1_3, 0, ctx, NULL);
  for (i = 0; i < 2; i++) {
    infos[i].size = sizeof(infos[i]);
    tlsloop_stream_info(duo.client.stream, &infos[i]);
    ck_assert_int_eq(infos[i].alert_sent, -1);
    ck_assert_int_eq(infos[i].alert_received, -1);
  }
  duo_start(&duo);
  DUO_UNTIL(&duo, duo.client.handshakes && duo.server.handshakes);
  tlsloop_stream_info(duo.client.stream, &infos[0]);
  tlsloop_stream_info(duo.server.stream, &infos[1]);
  ck_assert_int_eq(infos[0].alert_sent, TLSLOOP_ALERT_UNKNOWN_CA);
  ck_assert_int_eq(infos[0].alert_received, -1);
  ck_assert_int_eq(infos[1].alert_sent, -1);
  ck_assert_int_eq(infos[1].alert_received, TLSLOOP_ALERT_UNKNOWN_CA);
  duo_close(&duo);
}
END_TEST

static tlsloop_session_t* kept;

static void keep(tlsloop_engine_t* engine, tlsloop_session_t* new, void* arg) {
  (void) engine;
  (void) arg;
  tlsloop_session_unref(kept);
  kept = tlsloop_session_ref(new);
}

START_TEST(a_client_resumes_a_session) {
  tlsloop_ctx_t* client = duo_ctx(_i, TLSLOOP_CLIENT);
  tlsloop_ctx_t* server = duo_ctx(_i, TLSLOOP_SERVER);
  int round;

  ck_assert_int_eq(tlsloop_ctx_set_session_cb(client, keep, NULL), 0);
  for (round = 0; round < 2; round++) {
    duo_open_with(
        &duo, _i, 0, tlsloop_ctx_ref(client), tlsloop_ctx_ref(server));
    if (round == 1)
      ck_assert_int_eq(tlsloop_stream_set_session(duo.client.stream, kept), 0);
    duo_connect(&duo);
    ck_assert_int_eq(party_write(&duo.server, 1), 0);
    DUO_UNTIL(&duo, duo.client.received == 1);
    ck_assert_ptr_nonnull(kept);
    ck_assert_int_eq(
        tlsloop_engine_session_reused(tlsloop_stream_engine(duo.client.stream)),
        round);
    ck_assert_int_eq(tlsloop_stream_set_session(duo.client.stream, kept),
                     UV_EBUSY);
    duo_close(&duo);
  }
  tlsloop_session_unref(kept);
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(server);
}
END_TEST

static tlsloop_ctx_t* late_ctx(int kind, int side) {
  tlsloop_ctx_t* ctx = duo_ctx(kind, side);
  const pki_blob_t* own = &pki_leaf(duo_pki())->both;

  ck_assert_int_eq(tlsloop_ctx_set_post_handshake_auth(ctx, 1), 0);
  if (side == TLSLOOP_CLIENT)
    ck_assert_int_eq(
        tlsloop_ctx_load_cert_chain_mem(ctx, own->data, own->len, NULL, 0), 0);
  else
    ck_assert_int_eq(tlsloop_ctx_set_verify_mode(ctx, TLSLOOP_CERT_OPTIONAL),
                     0);
  return ctx;
}

START_TEST(a_server_asks_for_a_certificate_late) {
  const tlsloop_engine_t* engine;

  duo_open_with(
      &duo, _i, 0, late_ctx(_i, TLSLOOP_CLIENT), late_ctx(_i, TLSLOOP_SERVER));
  engine = tlsloop_stream_engine(duo.server.stream);
  ck_assert_int_eq(tlsloop_stream_request_client_cert(duo.server.stream),
                   UV_ENOTCONN);
  duo_connect(&duo);
  ck_assert_int_eq(tlsloop_stream_request_client_cert(duo.client.stream),
                   TLSLOOP_ESIDE);
  if (_i & DUO_TLS_1_3) {
    ck_assert_uint_eq(tlsloop_engine_chain_count(engine, TLSLOOP_CHAIN_PEER),
                      0);
    ck_assert_int_eq(tlsloop_stream_request_client_cert(duo.server.stream), 0);
    DUO_UNTIL(&duo, tlsloop_engine_chain_count(engine, TLSLOOP_CHAIN_PEER) > 0);
  } else {
    ck_assert_int_eq(tlsloop_stream_request_client_cert(duo.server.stream),
                     UV_ENOTSUP);
  }
  ck_assert_int_eq(party_write(&duo.client, 100), 0);
  DUO_UNTIL(&duo, duo.server.received == 100);
  party_close(&duo.server);
  ck_assert_int_eq(tlsloop_stream_request_client_cert(duo.server.stream),
                   UV_ECANCELED);
  duo_close(&duo);
}
END_TEST

Suite* suite(void) {
  Suite* suite = suite_create("stream");
  TCase* tcase = duo_case(suite, "stream");

  tcase_add_test(tcase, an_idle_stream_has_512_bytes_of_ours);
  tcase_add_test(tcase, a_context_for_the_other_side_is_refused);
  tcase_add_test(tcase, nothing_works_before_there_is_a_transport);
  tcase_add_loop_test(tcase, a_transport_is_taken_once, 0, DUO_SIDES);
  tcase_add_loop_test(
      tcase, settings_are_refused_once_they_are_in_use, 0, DUO_SIDES);
  tcase_add_loop_test(tcase, a_client_resumes_a_session, 0, DUO_VERSIONS);
  tcase_add_loop_test(
      tcase, a_server_asks_for_a_certificate_late, 0, DUO_KINDS);
  tcase_add_loop_test(tcase, it_counts_what_it_moves, 0, DUO_SIDES);
  tcase_add_loop_test(tcase, it_tells_the_alerts_of_its_end, 0, DUO_SIDES);
  tcase_add_loop_test(
      tcase, a_smaller_struct_of_counts_is_not_overrun, 0, DUO_SIDES);
  return suite;
}
