/* SPDX-License-Identifier: MIT */

/* What a stream needs lives as long as it does, whoever else lets go of it;
 * and what goes wrong in one stream stays there. */

#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/duo.h"

static duo_t duo;


/* duo_open_with keeps no reference. */
START_TEST(a_context_lives_as_long_as_its_streams) {
  duo_open_with(
      &duo, _i, 0, duo_ctx(_i, TLSLOOP_CLIENT), duo_ctx(_i, TLSLOOP_SERVER));
  duo_connect(&duo);
  ck_assert_int_eq(party_write(duo.me, 100000), 0);
  DUO_UNTIL(&duo, duo.peer->received == 100000);
  duo_close(&duo);
}
END_TEST


START_TEST(an_unused_stream_closes) {
  duo_open(&duo, _i);
  party_close(duo.me);
  DUO_UNTIL(&duo, duo.me->closed);
  ck_assert_str_eq(duo.me->log, "C");
  duo_close(&duo);
}
END_TEST


static void on_close(tlsloop_stream_t* stream) {
  ++*(int*) stream->data;
}


START_TEST(a_stream_without_a_transport_closes_once) {
  tlsloop_stream_t stream;
  tlsloop_ctx_t* ctx;
  loop_t loop;
  int closed;

  closed = 0;
  loop_open(&loop, 60);
  ctx = duo_ctx(_i, TLSLOOP_CLIENT);
  ck_assert_int_eq(tlsloop_stream_init(&loop.uv, &stream, ctx, TLSLOOP_CLIENT),
                   0);
  tlsloop_ctx_unref(ctx);
  stream.data = &closed;
  ck_assert_int_eq(tlsloop_is_closing(&stream), 0);
  tlsloop_close(&stream, on_close);
  tlsloop_close(&stream, on_close);
  ck_assert_int_eq(tlsloop_is_closing(&stream), 1);
  ck_assert_int_eq(closed, 0);
  loop_run_until(&loop, &closed);
  loop_settle(&loop);
  ck_assert_int_eq(closed, 1);
  ck_assert_int_eq(tlsloop_is_closing(&stream), 1);
  loop_close(&loop);
}
END_TEST


START_TEST(a_stream_of_the_wrong_side_is_not_made) {
  tlsloop_stream_t stream;
  tlsloop_ctx_t* ctx;
  loop_t loop;

  loop_open(&loop, 60);
  ctx = duo_ctx(_i, TLSLOOP_CLIENT);
  ck_assert_int_eq(tlsloop_stream_init(&loop.uv, &stream, ctx, TLSLOOP_SERVER),
                   TLSLOOP_ESIDE);
  ck_assert_int_eq(tlsloop_stream_init(&loop.uv, &stream, ctx, 7), UV_EINVAL);
  tlsloop_ctx_unref(ctx);
  loop_close(&loop);
}
END_TEST


/* Any of these may be asked until the close callback. */
START_TEST(facts_can_be_asked_for_until_the_close_callback) {
  tlsloop_stream_t* stream;

  duo_open(&duo, _i);
  duo_connect(&duo);
  party_close(duo.me);
  while (!duo.me->closed) {
    stream = duo.me->stream;
    ck_assert_ptr_nonnull(
        tlsloop_engine_version(tlsloop_stream_engine(stream)));
    ck_assert_ptr_null(tlsloop_stream_error(stream));
    ck_assert_int_eq(tlsloop_is_closing(stream), 1);
    tlsloop_stream_get_write_queue_size(stream);
    loop_turn(&duo.loop);
  }
  duo_close(&duo);
}
END_TEST


/* --- The owner closes the transport under the stream --------------------- */

typedef struct owned_s {
  union uv_any_handle handle;
  tlsloop_stream_t stream;
  tlsloop_write_t req;
  int handshake;
  int written;
  int stream_closed;
  int transport_closed;
} owned_t;


static void on_owned_handshake(tlsloop_stream_t* stream, int status) {
  owned_t* owned;

  owned = stream->data;
  owned->handshake = status;
}


static void on_owned_write(tlsloop_write_t* req, int status) {
  owned_t* owned;

  owned = req->data;
  ck_assert_int_lt(status, 0);
  owned->written++;
}


static void on_owned_close(tlsloop_stream_t* stream) {
  owned_t* owned;

  owned = stream->data;
  owned->stream_closed++;
}


static void on_owner_s_close(uv_handle_t* handle) {
  owned_t* owned;

  /* The data field may still be the stream's. */
  owned = (owned_t*) handle;
  owned->transport_closed++;
}


/* Opens |owned| on a transport whose peer, |fd|, reads nothing, with more
 * written than fits when |busy|. */
static int open_owned(loop_t* loop, owned_t* owned, int busy) {
  static char data[8 * 1024 * 1024];
  tlsloop_ctx_t* ctx;
  uv_buf_t buf;
  int fd;

  memset(owned, 0, sizeof(*owned));
  fd = loop_tcp_socket(loop, &owned->handle.tcp);
  owned->handle.handle.data = owned;
  ctx = duo_ctx(DUO_TLS_1_3, TLSLOOP_CLIENT);
  ck_assert_int_eq(
      tlsloop_stream_init(&loop->uv, &owned->stream, ctx, TLSLOOP_CLIENT), 0);
  tlsloop_ctx_unref(ctx);
  owned->stream.data = owned;
  tlsloop_stream_set_hostname(&owned->stream, "localhost");
  ck_assert_int_eq(tlsloop_attach(&owned->stream, &owned->handle.stream), 0);
  ck_assert_int_eq(tlsloop_handshake(&owned->stream, on_owned_handshake), 0);
  owned->req.data = owned;
  buf = uv_buf_init(data, busy ? sizeof(data) : 1);
  ck_assert_int_eq(
      tlsloop_write(&owned->req, &owned->stream, &buf, 1, on_owned_write), 0);
  return fd;
}


/* Whether the owner's close comes first or has even completed, whatever is
 * under way: both are closed, each once. */
START_TEST(a_transport_closed_by_its_owner_does_no_harm) {
  owned_t owned;
  loop_t loop;
  int fd;

  loop_open(&loop, 60);
  fd = open_owned(&loop, &owned, _i & 1);
  if (_i & 2)
    loop_settle(&loop);
  uv_close(&owned.handle.handle, on_owner_s_close);
  if (_i & 4)
    loop_settle(&loop);
  tlsloop_close(&owned.stream, on_owned_close);
  loop_settle(&loop);
  ck_assert_int_eq(owned.transport_closed, 1);
  ck_assert_ptr_eq(owned.handle.handle.data, &owned);
  ck_assert_int_eq(owned.stream_closed, 1);
  ck_assert_int_eq(owned.written, 1);
  ck_assert_int_lt(owned.handshake, 0);
  close(fd);
  loop_close(&loop);
}
END_TEST


/* --- Others are left alone ----------------------------------------------- */

/* A pair of streams whose handshake fails at every turn next to one that
 * talks. */
START_TEST(a_failure_in_one_stream_leaves_another_alone) {
  union uv_any_handle* handles[2];
  party_t client;
  party_t server;
  tlsloop_ctx_t* nobody;
  tlsloop_ctx_t* ctx;
  int i;

  duo_open(&duo, _i);
  duo_connect(&duo);
  ck_assert_int_eq(tlsloop_ctx_new(&nobody, TLSLOOP_PROTOCOL_TLS_CLIENT), 0);
  ctx = duo_ctx(DUO_TLS_1_3, TLSLOOP_SERVER);
  for (i = 1; i <= 10; i++) {
    handles[0] = malloc(sizeof(*handles[0]));
    handles[1] = malloc(sizeof(*handles[1]));
    loop_tcp_pair(&duo.loop, &handles[0]->tcp, &handles[1]->tcp);
    party_open(&client, nobody, TLSLOOP_CLIENT, &handles[0]->stream);
    party_open(&server, ctx, TLSLOOP_SERVER, &handles[1]->stream);
    ck_assert_int_eq(party_handshake(&client), 0);
    ck_assert_int_eq(party_handshake(&server), 0);
    ck_assert_int_eq(party_write(duo.me, 100000), 0);
    DUO_UNTIL(&duo, client.handshakes && server.handshakes);
    ck_assert_int_ne(client.handshake_status, 0);
    ck_assert_int_ne(server.handshake_status, 0);
    DUO_UNTIL(&duo, duo.peer->received == (uint64_t) i * 100000);
    party_close(&client);
    party_close(&server);
    DUO_UNTIL(&duo, client.closed && server.closed);
  }
  tlsloop_ctx_unref(nobody);
  tlsloop_ctx_unref(ctx);
  ck_assert_ptr_null(tlsloop_stream_error(duo.me->stream));
  duo_close(&duo);
}
END_TEST


/* Everything as ever though errno and OpenSSL's queue are full of others'
 * errors at every event. */
START_TEST(stale_errors_of_others_have_no_effect) {
  duo_open(&duo, _i);
  uv_check_stop(&duo.loop.check);
  uv_prepare_stop(&duo.loop.prepare);
  party_make_stale(1);
  duo_connect(&duo);
  ck_assert_int_eq(party_write(duo.me, 300000), 0);
  ck_assert_int_eq(party_write(duo.peer, 300000), 0);
  DUO_UNTIL(&duo, duo.me->received == 300000 && duo.peer->received == 300000);
  ck_assert_int_eq(party_read_stop(duo.me), 0);
  ck_assert_int_eq(party_write(duo.peer, 30000), 0);
  DUO_UNTIL(&duo, duo.peer->writes == 2);
  ck_assert_int_eq(party_read_start(duo.me), 0);
  ck_assert_int_eq(party_shutdown(duo.me), 0);
  ck_assert_int_eq(party_shutdown(duo.peer), 0);
  DUO_UNTIL(&duo, duo.me->ends && duo.peer->ends);
  DUO_UNTIL(&duo, duo.me->shutdowns && duo.peer->shutdowns);
  ck_assert_int_eq(duo.me->read_status, UV_EOF);
  ck_assert_int_eq(duo.me->shutdown_status, 0);
  ck_assert_uint_eq(duo.me->failed_writes, 0);
  ck_assert_uint_eq(duo.me->received, 330000);
  party_make_stale(0);
  ERR_clear_error();
  duo_close(&duo);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("stream life");
  tcase = duo_case(suite, "life");
  tcase_add_loop_test(
      tcase, a_context_lives_as_long_as_its_streams, 0, DUO_ALL);
  tcase_add_loop_test(tcase, an_unused_stream_closes, 0, DUO_ALL);
  tcase_add_loop_test(tcase, a_stream_without_a_transport_closes_once, 0, 2);
  tcase_add_loop_test(tcase, a_stream_of_the_wrong_side_is_not_made, 0, 2);
  tcase_add_loop_test(
      tcase, facts_can_be_asked_for_until_the_close_callback, 0, DUO_ALL);
  tcase_add_loop_test(
      tcase, a_transport_closed_by_its_owner_does_no_harm, 0, 8);
  tcase_add_loop_test(
      tcase, a_failure_in_one_stream_leaves_another_alone, 0, DUO_ALL);
  tcase_add_loop_test(tcase, stale_errors_of_others_have_no_effect, 0, DUO_ALL);
  return suite;
}
