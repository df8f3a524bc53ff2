/* SPDX-License-Identifier: MIT */

/* Writing encrypts as much as may wait and no more, joins what is small, takes
 * what is large from where it is, and copies the array of buffers. */

#include <string.h>

#include "stream/pump.h"
#include "support/always.h"
#include "support/duo.h"
#include "support/fail-alloc.h"

#define KIB ((size_t) 1024)
#define MIB (KIB * KIB)

/* What TLS adds to a record at most, with a wide margin. */
#define OVERHEAD ((size_t) 64)

static duo_t duo;


static tlsloop__stream_t* inside(const party_t* party) {
  return party->stream->impl;
}


static size_t waiting(const tlsloop__stream_t* s) {
  return (size_t) (s->cipher_out.total - s->flushed);
}


static void check_bound(party_t* party, int event) {
  (void) event;
  ALWAYS(waiting(inside(party)) < TLSLOOP__WINDOW_MAX + 68 * KIB);
}


/* At each callback, before, while and after the peer does not read. */
START_TEST(ciphertext_that_waits_is_bounded_at_any_time) {
  int i;

  duo_open_wired(&duo, _i);
  duo_shrink(&duo);
  duo.me->hook = check_bound;
  duo_connect(&duo);
  duo_settle(&duo);
  duo.to_peer->hold = duo.to_peer->moved;
  for (i = 0; i < 64; i++)
    ck_assert_int_eq(party_write(duo.me, 64 * KIB), 0);
  duo_settle(&duo);
  check_bound(duo.me, 0);
  ck_assert_uint_ge(waiting(inside(duo.me)), TLSLOOP__WINDOW);
  ck_assert_uint_gt(inside(duo.me)->plain_out, MIB);
  duo.to_peer->hold = WIRE_NEVER;
  DUO_UNTIL(&duo, duo.me->writes == 64);
  ck_assert_uint_eq(waiting(inside(duo.me)), 0);
  ck_assert_uint_eq(inside(duo.me)->plain_out, 0);
  ck_assert_ptr_null(inside(duo.me)->writes);
  ck_assert_ptr_null(inside(duo.me)->feeding);
  duo.me->hook = NULL;
  duo_close(&duo);
}
END_TEST


/* Returns how many bytes of ciphertext the writes of |count| times |len| bytes
 * made. */
static size_t cost(size_t len, unsigned int count) {
  uint64_t before;
  unsigned int i;

  before = inside(duo.me)->cipher_out.total;
  for (i = 0; i < count; i++)
    ck_assert_int_eq(party_write(duo.me, len), 0);
  DUO_UNTIL(&duo, duo.me->writes == duo.me->writes_begun);
  DUO_UNTIL(&duo, duo.peer->received == duo.me->sent);
  return (size_t) (inside(duo.me)->cipher_out.total - before);
}


START_TEST(small_writes_share_full_records) {
  duo_open(&duo, _i);
  duo_connect(&duo);
  ck_assert_uint_lt(cost(1, 1000), 1000 + OVERHEAD);
  ck_assert_uint_lt(cost(1000, 32), 32000 + 2 * OVERHEAD);
  ck_assert_uint_lt(cost(16 * KIB + 1, 16), 16 * (16 * KIB + 1 + 2 * OVERHEAD));
  duo_close(&duo);
}
END_TEST


START_TEST(large_writes_are_not_copied) {
  duo_open(&duo, _i);
  duo_connect(&duo);
  ck_assert_uint_lt(cost(64 * KIB, 4), 256 * KIB + 16 * OVERHEAD);
  ck_assert_uint_lt(cost(100, 1), 100 + OVERHEAD);
  ck_assert_ptr_null(inside(duo.me)->loop->record_buf);
  ck_assert_uint_lt(cost(100, 2), 200 + OVERHEAD);
  ck_assert_ptr_nonnull(inside(duo.me)->loop->record_buf);
  duo_close(&duo);
}
END_TEST


static int written;


static void on_write(tlsloop_write_t* req, int status) {
  ck_assert_int_eq(status, req->data == NULL ? 0 : *(int*) req->data);
  ck_assert_ptr_null(req->bufs);
  written++;
}


/* The array is the caller's again as soon as the call returns. */
START_TEST(the_array_of_buffers_is_copied) {
  static char byte[1];
  tlsloop_write_t reqs[2];
  uv_buf_t bufs[5];
  unsigned int count;
  unsigned int i;

  duo_open(&duo, _i);
  duo_start(&duo);
  written = 0;
  for (count = 4; count <= 5; count++) {
    for (i = 0; i < count; i++)
      bufs[i] = uv_buf_init(i == 2 ? byte : NULL, i == 2);
    memset(&reqs[count - 4], 0xee, sizeof(reqs[0]));
    reqs[count - 4].data = NULL;
    ck_assert_int_eq(
        tlsloop_write(&reqs[count - 4], duo.me->stream, bufs, count, on_write),
        0);
    memset(bufs, 0xee, sizeof(bufs));
  }
  ck_assert_ptr_eq(reqs[0].bufs, reqs[0].bufsml);
  ck_assert_ptr_ne(reqs[1].bufs, reqs[1].bufsml);
  ck_assert_uint_eq(inside(duo.me)->plain_out, 2);
  DUO_UNTIL(&duo, written == 2);
  duo_close(&duo);
}
END_TEST


START_TEST(a_write_that_finds_no_memory_changes_nothing) {
  static char byte[1];
  tlsloop_write_t req;
  uv_buf_t bufs[5];
  unsigned int i;
  unsigned int n;
  int err;

  for (i = 0; i < 5; i++)
    bufs[i] = uv_buf_init(byte, 1);
  for (n = 0;; n++) {
    duo_open(&duo, _i);
    fail_alloc_after(n);
    err = tlsloop_write(&req, duo.me->stream, bufs, 5, on_write);
    if (!fail_alloc_reset())
      break;
    ck_assert_int_eq(err, UV_ENOMEM);
    ck_assert_ptr_null(inside(duo.me)->writes);
    ck_assert_uint_eq(inside(duo.me)->plain_out, 0);
    ck_assert_int_eq(inside(duo.me)->state, TLSLOOP__STREAM_ATTACHED);
    duo_close(&duo);
  }
  ck_assert_int_eq(err, 0);
  ck_assert_uint_gt(n, 0);
  err = UV_ECANCELED;
  req.data = &err;
  duo_close(&duo);
}
END_TEST


/* Nothing that was queued could be sent in order after it. */
START_TEST(without_memory_to_join_small_writes_the_stream_breaks) {
  duo_open(&duo, _i);
  duo_connect(&duo);
  duo_settle(&duo);
  ck_assert_int_eq(party_write(duo.me, 1), 0);
  ck_assert_int_eq(party_write(duo.me, 1), 0);
  fail_alloc_after(0);
  loop_turn(&duo.loop);
  ck_assert_uint_eq(fail_alloc_reset(), 1);
  DUO_UNTIL(&duo, duo.me->writes == 2 && duo.me->ends == 1);
  ck_assert_int_eq(duo.me->write_status, UV_ENOMEM);
  ck_assert_int_eq(duo.me->read_status, UV_ENOMEM);
  ck_assert_int_eq(tlsloop_stream_error(duo.me->stream)->code, UV_ENOMEM);
  ck_assert_int_eq(party_write(duo.me, 1), UV_ENOMEM);
  duo_close(&duo);
}
END_TEST


START_TEST(a_try_leaves_no_request_behind) {
  duo_open(&duo, _i);
  duo_connect(&duo);
  DUO_UNTIL(&duo, party_try_write(duo.me, 100) == 100);
  ck_assert_ptr_null(inside(duo.me)->writes);
  ck_assert_ptr_null(inside(duo.me)->feeding);
  ck_assert_uint_eq(inside(duo.me)->plain_out, 0);
  ck_assert_int_eq(party_write(duo.me, 100), 0);
  DUO_UNTIL(&duo, duo.peer->received == 200);
  duo_close(&duo);
}
END_TEST


/* Each completes when what it brought is with the system, whatever follows. */
START_TEST(a_write_does_not_wait_for_those_after_it) {
  tlsloop_write_t* first;

  duo_open_wired(&duo, _i);
  duo_shrink(&duo);
  duo_connect(&duo);
  duo_settle(&duo);
  duo.to_peer->hold = duo.to_peer->moved;
  ck_assert_int_eq(party_write(duo.me, 10), 0);
  ck_assert_int_eq(party_write(duo.me, 64 * KIB), 0);
  ck_assert_int_eq(party_write(duo.me, 8 * MIB), 0);
  first = inside(duo.me)->writes;
  ck_assert_ptr_nonnull(first);
  DUO_UNTIL(&duo, duo.me->writes == 2);
  duo_settle(&duo);
  ck_assert_uint_eq(duo.me->writes, 2);
  ck_assert_ptr_eq(inside(duo.me)->writes, inside(duo.me)->feeding);
  duo_close(&duo);
}
END_TEST


Suite* suite(void) {
  const TTest* tests[] = {
      ciphertext_that_waits_is_bounded_at_any_time,
      small_writes_share_full_records,
      large_writes_are_not_copied,
      the_array_of_buffers_is_copied,
      a_write_that_finds_no_memory_changes_nothing,
      without_memory_to_join_small_writes_the_stream_breaks,
      a_try_leaves_no_request_behind,
      a_write_does_not_wait_for_those_after_it,
  };
  Suite* suite;
  TCase* tcase;
  size_t i;

  suite = suite_create("write");
  tcase = duo_case(suite, "write");
  for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    tcase_add_loop_test(tcase, tests[i], 0, DUO_SIDES);
  return suite;
}
