/* SPDX-License-Identifier: MIT */

/* Unwrap gives the transport back after close_notify went both ways, with the
 * plaintext that followed; upgrade takes in what was read before TLS. */

#include <string.h>

#include "support/duo.h"

static duo_t duo;

typedef struct {
  tlsloop_unwrap_t req;
  int done;
  int status;
  char left[64];
  size_t len;
} unwrapping_t;

static unwrapping_t mine;
static unwrapping_t theirs;

static void on_unwrap(tlsloop_unwrap_t* req,
                      int status,
                      const char* data,
                      size_t len) {
  unwrapping_t* unwrapping = req->data;

  ck_assert_int_eq(unwrapping->done, 0);
  ck_assert_uint_le(len, sizeof(unwrapping->left));
  unwrapping->done = 1;
  unwrapping->status = status;
  unwrapping->len = len;
  if (len > 0)
    memcpy(unwrapping->left, data, len);
}

static int unwrap(unwrapping_t* unwrapping, party_t* party) {
  memset(unwrapping, 0, sizeof(*unwrapping));
  unwrapping->req.data = unwrapping;
  return tlsloop_unwrap(&unwrapping->req, party->stream, on_unwrap);
}

/* The transport is the test's from here on, so the test closes it. */
static void close_transport(party_t* party) {
  ck_assert_ptr_null(party->stream->transport);
  ck_assert_ptr_eq(party->transport->data, party);
  uv_close((uv_handle_t*) party->transport, NULL);
}

static void close_both(void) {
  close_transport(duo.me);
  close_transport(duo.peer);
  loop_settle(&duo.loop);
  duo_close(&duo);
}

START_TEST(both_sides_unwrap_and_have_their_transports_back) {
  duo_open(&duo, _i);
  duo_connect(&duo);
  ck_assert_int_eq(party_write(duo.me, 100000), 0);
  ck_assert_int_eq(unwrap(&mine, duo.me), 0);
  ck_assert_int_eq(unwrap(&theirs, duo.peer), 0);
  DUO_UNTIL(&duo, mine.done && theirs.done);
  ck_assert_int_eq(mine.status, 0);
  ck_assert_int_eq(theirs.status, 0);
  ck_assert_uint_eq(mine.len + theirs.len, 0);
  ck_assert_uint_eq(duo.peer->received, 100000);
  ck_assert_int_eq(duo.me->read_status, UV_EOF);
  close_both();
}
END_TEST

START_TEST(after_it_nothing_can_be_read_or_written) {
  duo_open(&duo, _i);
  duo_connect(&duo);
  ck_assert_int_eq(unwrap(&mine, duo.me), 0);
  ck_assert_int_eq(unwrap(&theirs, duo.peer), 0);
  DUO_UNTIL(&duo, mine.done && theirs.done);
  ck_assert_int_eq(party_write(duo.me, 1), UV_EPIPE);
  ck_assert_int_eq(party_try_write(duo.me, 1), UV_EPIPE);
  ck_assert_int_eq(party_read_start(duo.me), UV_EOF);
  ck_assert_int_eq(party_shutdown(duo.me), UV_EALREADY);
  ck_assert_int_eq(unwrap(&theirs, duo.me), UV_EALREADY);
  close_both();
}
END_TEST

START_TEST(unwrapping_waits_for_the_peer_but_reads_what_it_sends) {
  duo_open(&duo, _i);
  duo_connect(&duo);
  ck_assert_int_eq(unwrap(&mine, duo.me), 0);
  DUO_UNTIL(&duo, duo.peer->ends == 1);
  ck_assert_int_eq(party_write(duo.peer, 5000), 0);
  DUO_UNTIL(&duo, duo.me->received == 5000);
  ck_assert_int_eq(mine.done, 0);
  ck_assert_int_eq(unwrap(&theirs, duo.peer), 0);
  DUO_UNTIL(&duo, mine.done && theirs.done);
  ck_assert_int_eq(mine.status, 0);
  close_both();
}
END_TEST

static uv_write_t plain_req;

static void write_plain(party_t* party, const char* text) {
  uv_buf_t buf = uv_buf_init((char*) (uintptr_t) text, (unsigned) strlen(text));

  ck_assert_int_eq(uv_write(&plain_req, party->transport, &buf, 1, NULL), 0);
}

/* The peer's plaintext comes right behind its close_notify, in one piece. */
START_TEST(what_followed_close_notify_is_handed_over) {
  duo_open_wired(&duo, _i);
  duo_connect(&duo);
  duo_settle(&duo);
  duo.to_me->hold = duo.to_me->moved;
  ck_assert_int_eq(unwrap(&theirs, duo.peer), 0);
  ck_assert_int_eq(unwrap(&mine, duo.me), 0);
  DUO_UNTIL(&duo, theirs.done);
  write_plain(duo.peer, "250 ok\r\n");
  duo_settle(&duo);
  duo.to_me->hold = WIRE_NEVER;
  DUO_UNTIL(&duo, mine.done);
  ck_assert_int_eq(mine.status, 0);
  ck_assert_uint_eq(mine.len, 8);
  ck_assert_mem_eq(mine.left, "250 ok\r\n", 8);
  close_both();
}
END_TEST

START_TEST(data_that_nobody_reads_fails_it) {
  duo_open(&duo, _i);
  duo_connect(&duo);
  ck_assert_int_eq(party_read_stop(duo.me), 0);
  ck_assert_int_eq(unwrap(&mine, duo.me), 0);
  ck_assert_int_eq(party_write(duo.peer, 10), 0);
  DUO_UNTIL(&duo, mine.done);
  ck_assert_int_eq(mine.status, TLSLOOP_EUNREAD);
  ck_assert_ptr_nonnull(duo.me->stream->transport);
  ck_assert_int_eq(party_read_start(duo.me), 0);
  DUO_UNTIL(&duo, duo.me->received == 10);
  duo_close(&duo);
}
END_TEST

START_TEST(a_peer_that_never_answers_is_given_up) {
  duo_open(&duo, _i);
  ck_assert_int_eq(tlsloop_stream_set_shutdown_timeout(duo.me->stream, 20), 0);
  duo_connect(&duo);
  ck_assert_int_eq(unwrap(&mine, duo.me), 0);
  DUO_UNTIL(&duo, mine.done);
  ck_assert_int_eq(mine.status, UV_ETIMEDOUT);
  duo_close(&duo);
}
END_TEST

START_TEST(a_transport_that_ends_fails_it) {
  duo_open_wired(&duo, _i);
  duo_connect(&duo);
  duo_settle(&duo);
  duo.to_me->cut = duo.to_me->moved;
  ck_assert_int_eq(unwrap(&mine, duo.me), 0);
  DUO_UNTIL(&duo, mine.done);
  ck_assert_int_eq(mine.status, TLSLOOP_ETRUNCATED);
  ck_assert_int_eq(duo.me->read_status, TLSLOOP_ETRUNCATED);
  duo_close(&duo);
}
END_TEST

START_TEST(a_close_cancels_it_once) {
  duo_open(&duo, _i);
  duo_connect(&duo);
  ck_assert_int_eq(unwrap(&mine, duo.me), 0);
  duo_close(&duo);
  ck_assert_int_eq(mine.done, 1);
  ck_assert_int_eq(mine.status, UV_ECANCELED);
}
END_TEST

START_TEST(it_is_refused_where_it_makes_no_sense) {
  duo_open(&duo, _i);
  ck_assert_int_eq(unwrap(&mine, duo.me), UV_ENOTCONN);
  duo_connect(&duo);
  ck_assert_int_eq(tlsloop_unwrap(&mine.req, duo.me->stream, NULL), UV_EINVAL);
  ck_assert_int_eq(unwrap(&mine, duo.me), 0);
  ck_assert_int_eq(unwrap(&theirs, duo.me), UV_EALREADY);
  ck_assert_int_eq(party_shutdown(duo.me), UV_EALREADY);
  ck_assert_int_eq(party_write(duo.me, 1), UV_EPIPE);
  theirs.done = 0;
  memset(&theirs, 0, sizeof(theirs));
  duo_close(&duo);
}
END_TEST

Suite* suite(void) {
  const TTest* tests[] = {
      both_sides_unwrap_and_have_their_transports_back,
      after_it_nothing_can_be_read_or_written,
      unwrapping_waits_for_the_peer_but_reads_what_it_sends,
      what_followed_close_notify_is_handed_over,
      data_that_nobody_reads_fails_it,
      a_peer_that_never_answers_is_given_up,
      a_transport_that_ends_fails_it,
      a_close_cancels_it_once,
      it_is_refused_where_it_makes_no_sense,
  };
  Suite* suite = suite_create("unwrap");
  TCase* tcase = duo_case(suite, "unwrap");
  size_t i;

  for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    tcase_add_loop_test(tcase, tests[i], 0, DUO_SIDES);
  return suite;
}
