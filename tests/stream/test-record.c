/* SPDX-License-Identifier: MIT */

/* Records are as large as they can be, unless a stream was told to begin with
 * small ones. */

#include <openssl/ssl.h>

#include "stream/pump.h"
#include "support/duo.h"

#define FULL  16384
#define SMALL 1370
#define COUNT 40 /* small ones in a burst */

static duo_t duo;
static size_t sizes[256]; /* of the plaintext in each record */
static unsigned int records;

static tlsloop__stream_t* inside(void) {
  return duo.me->stream->impl;
}

/* OpenSSL's message callback: a record's header. What encryption adds is the
 * same for every record of a connection. */
static void on_message(int written,
                       int version,
                       int type,
                       const void* data,
                       size_t len,
                       SSL* ssl,
                       void* arg) {
  const unsigned char* header = data;

  (void) version, (void) len, (void) ssl;
  if (!written || type != SSL3_RT_HEADER)
    return;
  ck_assert_uint_lt(records, sizeof(sizes) / sizeof(sizes[0]));
  sizes[records++] = (size_t) (header[3] << 8 | header[4]) - *(size_t*) arg;
}

/* A connection that has said nothing yet. */
static void open_quiet(int kind) {
  static size_t overhead;

  records = 0;
  duo_open(&duo, kind);
  duo_connect(&duo);
  duo_settle(&duo);
  overhead = (kind & DUO_TLS_1_3) != 0 ? 17 : 24;
  SSL_set_msg_callback(inside()->engine->ssl, on_message);
  SSL_set_msg_callback_arg(inside()->engine->ssl, &overhead);
}

static void write_all(size_t len) {
  uint64_t before = duo.peer->received;

  ck_assert_int_eq(party_write(duo.me, len), 0);
  DUO_UNTIL(&duo, duo.peer->received == before + len);
}

/* As if nothing had been written for |time| milliseconds. */
static void pause_for(uint32_t time) {
  inside()->burst_at -= time;
}

static void expect(unsigned int first, unsigned int end, size_t size) {
  for (; first < end; first++)
    ck_assert_uint_eq(sizes[first], size);
}

START_TEST(records_are_full_by_default) {
  open_quiet(_i);
  write_all(10 * FULL);
  ck_assert_uint_eq(records, 10);
  expect(0, 10, FULL);
  duo_close(&duo);
}
END_TEST

START_TEST(the_first_ones_fit_a_segment_if_wanted) {
  open_quiet(_i);
  tlsloop_stream_set_dynamic_records(duo.me->stream, 1);
  write_all(COUNT * SMALL + 5 * FULL);
  ck_assert_uint_eq(records, COUNT + 5);
  expect(0, COUNT, SMALL);
  expect(COUNT, COUNT + 5, FULL);
  duo_close(&duo);
}
END_TEST

START_TEST(they_are_small_again_after_a_pause) {
  open_quiet(_i);
  tlsloop_stream_set_dynamic_records(duo.me->stream, 1);
  write_all(COUNT * SMALL + FULL);
  pause_for(1000);
  write_all(3 * SMALL);
  ck_assert_uint_eq(records, COUNT + 1 + 3);
  expect(COUNT + 1, COUNT + 4, SMALL);
  duo_close(&duo);
}
END_TEST

START_TEST(they_stay_full_while_there_is_none) {
  open_quiet(_i);
  tlsloop_stream_set_dynamic_records(duo.me->stream, 1);
  write_all(COUNT * SMALL + FULL);
  inside()->burst_at = (uint32_t) uv_now(&duo.loop.uv);
  write_all(FULL);
  ck_assert_uint_eq(records, COUNT + 2);
  expect(COUNT, COUNT + 2, FULL);
  duo_close(&duo);
}
END_TEST

START_TEST(small_writes_count_too) {
  unsigned int i;

  open_quiet(_i);
  tlsloop_stream_set_dynamic_records(duo.me->stream, 1);
  for (i = 0; i < COUNT; i++) {
    inside()->burst_at = (uint32_t) uv_now(&duo.loop.uv);
    write_all(1);
  }
  inside()->burst_at = (uint32_t) uv_now(&duo.loop.uv);
  write_all(FULL);
  ck_assert_uint_eq(records, COUNT + 1);
  expect(0, COUNT, 1);
  expect(COUNT, COUNT + 1, FULL);
  duo_close(&duo);
}
END_TEST

START_TEST(small_buffers_are_gathered_into_small_records) {
  unsigned int i;

  open_quiet(_i);
  tlsloop_stream_set_dynamic_records(duo.me->stream, 1);
  for (i = 0; i < 20; i++)
    ck_assert_int_eq(party_write(duo.me, SMALL / 2), 0);
  DUO_UNTIL(&duo, duo.peer->received == 20 * (SMALL / 2));
  ck_assert_uint_eq(records, 10);
  expect(0, 10, SMALL);
  duo_close(&duo);
}
END_TEST

START_TEST(they_are_counted_for_who_asks) {
  uint64_t in;
  uint64_t out;

  open_quiet(_i);
  ck_assert_int_eq(tlsloop_stream_count_records(duo.me->stream), 0);
  write_all(3 * FULL);
  tlsloop_engine_records(tlsloop_stream_engine(duo.me->stream), &in, &out);
  ck_assert_uint_eq(in, 0);
  ck_assert_uint_eq(out, 3);
  duo_close(&duo);
}
END_TEST

START_TEST(it_can_be_taken_back) {
  open_quiet(_i);
  tlsloop_stream_set_dynamic_records(duo.me->stream, 1);
  write_all(2 * SMALL);
  tlsloop_stream_set_dynamic_records(duo.me->stream, 0);
  write_all(2 * FULL);
  ck_assert_uint_eq(records, 4);
  expect(0, 2, SMALL);
  expect(2, 4, FULL);
  duo_close(&duo);
}
END_TEST

Suite* suite(void) {
  Suite* suite = suite_create("record");
  TCase* tcase = duo_case(suite, "record");

  tcase_add_loop_test(tcase, records_are_full_by_default, 0, DUO_SIDES);
  tcase_add_loop_test(
      tcase, the_first_ones_fit_a_segment_if_wanted, 0, DUO_SIDES);
  tcase_add_loop_test(tcase, they_are_small_again_after_a_pause, 0, DUO_SIDES);
  tcase_add_loop_test(tcase, they_stay_full_while_there_is_none, 0, DUO_SIDES);
  tcase_add_loop_test(tcase, small_writes_count_too, 0, DUO_SIDES);
  tcase_add_loop_test(
      tcase, small_buffers_are_gathered_into_small_records, 0, DUO_SIDES);
  tcase_add_loop_test(tcase, they_are_counted_for_who_asks, 0, DUO_SIDES);
  tcase_add_loop_test(tcase, it_can_be_taken_back, 0, DUO_SIDES);
  return suite;
}
