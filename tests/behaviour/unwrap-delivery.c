/* SPDX-License-Identifier: MIT */

/* However the transport cuts what ends TLS and the plaintext behind it, and
 * whenever a stream is closed meanwhile, no byte of either is taken for the
 * other. */

#include <string.h>

#include "support/always.h"
#include "support/duo.h"

#define PLAIN 100
#define TURNS 20

static duo_t duo;
static tlsloop_unwrap_t mine;
static tlsloop_unwrap_t theirs;
static uv_write_t plain_req;
static char plain[PLAIN];
static char room[PLAIN + 1];
static size_t received; /* plaintext, by |me| */
static int unwrapped;   /* callbacks of |me| */
static int status_of_me;
static int answered; /* callbacks of |peer| */
static int handles_closed;


static void take(const char* data, size_t len) {
  ALWAYS(received + len <= PLAIN);
  ALWAYS(len == 0 || memcmp(data, plain + received, len) == 0);
  received += len;
}


static void on_plain_alloc(uv_handle_t* handle, size_t size, uv_buf_t* buf) {
  (void) handle;
  (void) size;
  *buf = uv_buf_init(room, sizeof(room));
}


static void on_plain(uv_stream_t* stream, ssize_t nread, const uv_buf_t* buf) {
  (void) stream;
  ALWAYS(nread >= 0);
  take(buf->base, (size_t) nread);
}


static void on_unwrapped(tlsloop_unwrap_t* req,
                         int status,
                         const char* data,
                         size_t len) {
  ALWAYS(req == &mine);
  unwrapped++;
  status_of_me = status;
  if (status != 0)
    return;
  /* The reader has heard of the end before. */
  ALWAYS(duo.me->ends == 1 && duo.me->read_status == UV_EOF);
  ALWAYS(req->stream->transport == NULL);
  ALWAYS(duo.me->transport->data == duo.me);
  take(data, len);
  ALWAYS(uv_read_start(duo.me->transport, on_plain_alloc, on_plain) == 0);
}


static void on_plain_written(uv_write_t* req, int status) {
  (void) req;
  ALWAYS(status == 0 || status == UV_ECANCELED);
}


static void on_answered(tlsloop_unwrap_t* req,
                        int status,
                        const char* data,
                        size_t len) {
  uv_buf_t buf;

  (void) data;
  answered++;
  ALWAYS(req == &theirs);
  ALWAYS(len == 0);
  if (status != 0)
    return;
  buf = uv_buf_init(plain, PLAIN);
  ALWAYS(uv_write(&plain_req, duo.peer->transport, &buf, 1, on_plain_written) ==
         0);
}


static void answer(party_t* party, int event) {
  if (event == PARTY_END && party->read_status == UV_EOF)
    ALWAYS(tlsloop_unwrap(&theirs, party->stream, on_answered) == 0);
}


/* Both are connected and have said something, and |me| unwraps. */
static void begin(int kind) {
  memset(plain, 'p', PLAIN);
  received = 0;
  unwrapped = 0;
  answered = 0;
  handles_closed = 0;
  duo_open_wired(&duo, kind);
  duo_connect(&duo);
  ck_assert_int_eq(party_write(duo.me, 1000), 0);
  ck_assert_int_eq(party_write(duo.peer, 1000), 0);
  DUO_UNTIL(&duo, duo.me->received == 1000 && duo.peer->received == 1000);
  duo_settle(&duo);
  duo.peer->hook = answer;
  ck_assert_int_eq(tlsloop_unwrap(&mine, duo.me->stream, on_unwrapped), 0);
}


static void on_handle_closed(uv_handle_t* handle) {
  (void) handle;
  handles_closed++;
}


/* What was given back is ours to close. */
static void end(void) {
  party_t* parties[2] = {duo.me, duo.peer};
  int count;
  int i;

  count = 0;
  for (i = 0; i < 2; i++) {
    if (parties[i]->stream == NULL || parties[i]->stream->transport != NULL)
      continue;
    uv_close((uv_handle_t*) parties[i]->transport, on_handle_closed);
    count++;
  }
  while (handles_closed < count)
    loop_turn(&duo.loop);
  duo_close(&duo);
}


START_TEST(every_split_gives_the_same_plaintext) {
  uint64_t split;

  for (split = 0; split < 140; split += pair_stride()) {
    begin(_i);
    duo.to_me->split = duo.to_me->moved + split;
    DUO_UNTIL(&duo, received == PLAIN);
    ck_assert_int_eq(unwrapped, 1);
    ck_assert_int_eq(answered, 1);
    end();
  }
}
END_TEST


START_TEST(single_bytes_give_the_same_plaintext) {
  begin(_i);
  duo.wire.to_server.chunk = 1;
  duo.wire.to_client.chunk = 1;
  DUO_UNTIL(&duo, received == PLAIN);
  ck_assert_int_eq(unwrapped, 1);
  end();
}
END_TEST


/* A close after any turn: the unwrapping is complete or cancelled, once. */
START_TEST(a_close_after_any_turn_is_the_end) {
  int given_back;
  int turn;
  int i;

  for (turn = 0; turn < TURNS; turn++) {
    begin(_i);
    for (i = 0; i < turn; i++) {
      loop_turn(&duo.loop);
      wire_step(&duo.wire);
    }
    given_back = duo.me->stream->transport == NULL;
    if (given_back) {
      uv_close((uv_handle_t*) duo.me->transport, on_handle_closed);
      while (handles_closed == 0)
        loop_turn(&duo.loop);
      handles_closed = 0;
    }
    party_close(duo.me);
    while (!duo.me->closed)
      loop_turn(&duo.loop);
    ck_assert_int_eq(unwrapped, 1);
    ck_assert_int_eq(status_of_me, given_back ? 0 : UV_ECANCELED);
    end();
    ck_assert_int_le(answered, 1);
  }
}
END_TEST


/* A transport that ends after any byte of the peer's close_notify. */
START_TEST(a_cut_anywhere_is_one_error) {
  uint64_t cut;

  for (cut = 0;; cut++) {
    begin(_i);
    duo.to_me->cut = duo.to_me->moved + cut;
    DUO_UNTIL(&duo, unwrapped == 1);
    if (status_of_me == 0) {
      end();
      break;
    }
    ck_assert_int_eq(status_of_me, TLSLOOP_ETRUNCATED);
    ck_assert_uint_eq(received, 0);
    end();
  }
  ck_assert_uint_gt(cut, 20);
}
END_TEST


Suite* suite(void) {
  const TTest* tests[] = {
      every_split_gives_the_same_plaintext,
      single_bytes_give_the_same_plaintext,
      a_close_after_any_turn_is_the_end,
      a_cut_anywhere_is_one_error,
  };
  Suite* suite;
  TCase* tcase;
  size_t i;

  suite = suite_create("unwrap delivery");
  tcase = duo_case(suite, "unwrap");
  for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    tcase_add_loop_test(tcase, tests[i], 0, DUO_SIDES);
  return suite;
}
