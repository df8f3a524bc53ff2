/* SPDX-License-Identifier: MIT */

/* Every allocation in the life of two streams, ours and OpenSSL's, fails once,
 * and then all from there on. Nobody crashes, leaks, hangs in silence, or is
 * called back too often or too late; the parties see to it. */

#include <stdlib.h>
#include <string.h>

#include "support/duo.h"
#include "support/fail-alloc.h"
#include "support/fail-ossl.h"

/* What the client writes last: more than sockets hold, when they are to be
 * full. */
#define SMALL ((size_t) 40000)
#define LARGE ((size_t) 1500000)

static duo_t duo;
static int full;             /* whether sockets are to be full */
static unsigned int refused; /* calls that returned UV_ENOMEM */


static void on_switch(int to_library) {
  if (to_library)
    fail_alloc_resume();
  else
    fail_alloc_pause();
}


/* Checks what a call returned. */
static int allowed(int err) {
  if (err == 0)
    return 1;
  /* Without memory, or a consequence of that. */
  ck_assert_int_lt(err, 0);
  ck_assert_int_ne(err, UV_EINVAL);
  ck_assert_int_ne(err, UV_EALREADY);
  refused++;
  return 0;
}


static void shut_down(party_t* party) {
  if (!party->shutdown_begun)
    allowed(party_shutdown(party));
}


/* The server sends back what comes; the client has had enough when all is
 * back. */
static void on_event(party_t* party, int event) {
  uint64_t due;

  due = party->received - party->sent;
  if (party->side == TLSLOOP_SERVER && event == PARTY_DATA && due > 0)
    allowed(party_write(party, (size_t) due));
  if (party->side == TLSLOOP_CLIENT && event == PARTY_DATA &&
      party->received == party->sent)
    shut_down(party);
  if (party->side == TLSLOOP_SERVER && event == PARTY_END &&
      party->read_status == UV_EOF)
    shut_down(party);
}


static void begin(party_t* party) {
  static const size_t lens[] = {1, 2, 3, 4, 5, 6};

  party->hook = on_event;
  allowed(party_handshake(party));
  allowed(party_read_start(party));
  if (party->side == TLSLOOP_SERVER)
    return;
  allowed(party_write(party, 100));
  allowed(party_write_many(party, lens, 6));
  allowed(party_write(party, full ? LARGE : SMALL));
}


static int was_told(const party_t* party) {
  return party->handshake_status != 0 || party->failed_writes != 0 ||
         party->shutdown_status != 0 ||
         (party->read_status != 0 && party->read_status != UV_EOF);
}


static int is_complete(const party_t* party) {
  return party->received == 121 + (full ? LARGE : SMALL) && party->ends &&
         party->shutdowns;
}


static void settle(void) {
  fail_alloc_resume();
  duo_settle(&duo);
  fail_alloc_pause();
}


/* One connection in which allocation |n| fails, or all from there on. Returns
 * whether one did. */
static int live(int kind, unsigned int n, int for_good) {
  unsigned int failed;

  refused = 0;
  duo_open_with(&duo, kind, full, NULL, NULL);
  if (full)
    duo_shrink(&duo);
  if (for_good)
    fail_alloc_from(n);
  else
    fail_alloc_after(n);
  begin(&duo.client);
  begin(&duo.server);
  settle();
  if (!is_complete(&duo.client) || !is_complete(&duo.server))
    ck_assert_msg(refused || was_told(&duo.client) || was_told(&duo.server),
                  "allocation %u: nobody was told",
                  n);
  party_close(&duo.client);
  party_close(&duo.server);
  settle();
  failed = fail_alloc_reset();
  duo_close(&duo);
  if (failed == 0)
    ck_assert(is_complete(&duo.client) && is_complete(&duo.server));
  return failed > 0;
}


/* A first connection lets OpenSSL set up what it sets up once: where that
 * fails, it fails for good. */
static void live_all_lives(int kind, unsigned int stride, int for_good) {
  unsigned int n;

  fail_alloc_pause();
  party_on_switch(on_switch);
  live(kind, UINT32_MAX - 1, 0);
  for (n = 0; live(kind, n, for_good); n += stride * pair_stride())
    ;
  ck_assert_uint_gt(n, 100);
}


START_TEST(a_connection_survives_or_tells_each_failing_allocation) {
  live_all_lives(_i, _i & DUO_PIPE ? 1 : _i & DUO_NESTED ? 31 : 11, 0);
}
END_TEST


START_TEST(a_connection_survives_or_tells_that_memory_is_gone_for_good) {
  live_all_lives(_i, _i & DUO_NESTED ? 31 : 7, 1);
}
END_TEST


START_TEST(a_full_transport_survives_or_tells_each_failing_allocation) {
  full = 1;
  live_all_lives(_i | DUO_TLS_1_3, 31, 0);
}
END_TEST


START_TEST(a_stream_that_finds_no_memory_is_not_made) {
  tlsloop_stream_t stream;
  tlsloop_ctx_t* ctx;
  unsigned int n;
  loop_t loop;
  int err;

  loop_open(&loop, 60);
  ctx = duo_ctx(_i, TLSLOOP_CLIENT);
  for (n = 0;; n++) {
    fail_alloc_after(n);
    err = tlsloop_stream_init(&loop.uv, &stream, ctx, TLSLOOP_CLIENT);
    if (!fail_alloc_reset())
      break;
    if (err == 0) {
      tlsloop_close(&stream, NULL);
      loop_settle(&loop);
      continue;
    }
    ck_assert_int_eq(err, UV_ENOMEM);
  }
  ck_assert_int_eq(err, 0);
  ck_assert_uint_gt(n, 3);
  tlsloop_close(&stream, NULL);
  tlsloop_ctx_unref(ctx);
  loop_close(&loop);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  if (!fail_ossl_install())
    abort();
  suite = suite_create("stream memory");
  tcase = duo_case(suite, "memory");
  tcase_add_loop_test(tcase,
                      a_connection_survives_or_tells_each_failing_allocation,
                      0,
                      DUO_KINDS);
  tcase_add_loop_test(
      tcase,
      a_connection_survives_or_tells_that_memory_is_gone_for_good,
      0,
      DUO_KINDS);
  tcase_add_loop_test(
      tcase,
      a_full_transport_survives_or_tells_each_failing_allocation,
      DUO_PIPE,
      DUO_PIPE + 1);
  tcase_add_loop_test(tcase,
                      a_connection_survives_or_tells_each_failing_allocation,
                      DUO_NESTED,
                      DUO_NESTED + DUO_VERSIONS);
  tcase_add_loop_test(
      tcase,
      a_connection_survives_or_tells_that_memory_is_gone_for_good,
      DUO_NESTED,
      DUO_NESTED + DUO_VERSIONS);
  tcase_add_loop_test(
      tcase, a_stream_that_finds_no_memory_is_not_made, 0, DUO_VERSIONS);
  return suite;
}
