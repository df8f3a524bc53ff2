/* SPDX-License-Identifier: MIT */

/* Data over an open connection: whatever the sizes and however the wire cuts
 * it up, what goes in comes out, in order and once. */

/* memmem is GNU. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <uv/errno.h>

#include "support/given.h"
#include "support/suite.h"

#define RECORD ((size_t) 16384)

static const size_t sizes[] = {
    0,
    1,
    2,
    3,
    255,
    256,
    1021,
    RECORD - 1,
    RECORD,
    RECORD + 1,
    40009,
    65537,
    99991,
    1048576,
};

static pki_t* pki;
static tlsloop_ctx_t* client_ctx;
static tlsloop_ctx_t* server_ctx;
static pair_t pair;
static pair_end_t* client;
static pair_end_t* server;


static void make_pki(void) {
  pki = pki_new("data");
  pki_leaf(pki);
}


static void free_pki(void) {
  pki_free(pki);
}


static void set_up(void) {
  client_ctx = given_client(pki);
  server_ctx = given_server(pki, NULL);
  client = &pair.client;
  server = &pair.server;
}


static void tear_down(void) {
  pair_close(&pair);
  tlsloop_ctx_unref(client_ctx);
  tlsloop_ctx_unref(server_ctx);
}


/* Even loops of a test are TLS 1.2, odd ones TLS 1.3. */
static void open_version(int i) {
  if (i % 2 == 0)
    ck_done(tlsloop_ctx_set_max_version(client_ctx, TLSLOOP_TLS_1_2));
  else
    ck_done(tlsloop_ctx_set_min_version(client_ctx, TLSLOOP_TLS_1_3));
  pair_open(&pair, client_ctx, server_ctx, "localhost");
  pair_connect(&pair);
}


static char* filled(size_t len) {
  char* data;

  ck_assert_ptr_nonnull(data = malloc(len + 1));
  pair_fill(data, len, (uint32_t) len);
  return data;
}


/* loop: 2 */
START_TEST(data_of_any_size_arrives_both_ways) {
  char* data;
  size_t i;

  open_version(_i);
  for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
    data = filled(sizes[i]);
    pair_send(&pair, client, server, data, sizes[i]);
    pair_send(&pair, server, client, data, sizes[i]);
    free(data);
  }
}
END_TEST


/* loop: 2 */
START_TEST(data_arrives_byte_by_byte) {
  char* data;

  open_version(_i);
  pair.to_server.chunk = 1;
  pair.to_client.chunk = 1;
  data = filled(20011);
  pair_send(&pair, client, server, data, 20011);
  pair_send(&pair, server, client, data, 20011);
  free(data);
}
END_TEST


/* loop: 2 */
START_TEST(data_arrives_in_chunks_of_any_odd_size) {
  size_t chunk;
  char* data;

  open_version(_i);
  data = filled(70001);
  for (chunk = 5; chunk < 40000; chunk = chunk * 2 + 1) {
    pair.to_server.chunk = chunk;
    pair_send(&pair, client, server, data, 70001);
  }
  free(data);
}
END_TEST


/* loop: 2 */
START_TEST(record_split_anywhere_is_read_when_it_is_whole) {
  unsigned char record[64];
  char buf[16];
  size_t split;
  size_t len;
  size_t n;

  open_version(_i);
  for (split = 1, len = 2; split < len; split++) {
    ck_assert_int_eq(end_write(client, "whole", 5), 0);
    len = tlsloop_bio_read(client->out, record, sizeof(record));
    end_inject(server, record, split);
    ck_assert_int_eq(end_read(server, buf, 16, &n), TLSLOOP_WANT_READ);
    end_inject(server, record + split, len - split);
    ck_assert_int_eq(end_read(server, buf, 16, &n), 0);
    ck_assert_uint_eq(n, 5);
    ck_assert_mem_eq(buf, "whole", 5);
  }
  ck_assert_uint_gt(len, 20);
}
END_TEST


/* loop: 2 */
START_TEST(ten_thousand_records_of_one_byte_arrive) {
  char data[10000];
  char buf[10001];
  size_t i;
  size_t n;

  open_version(_i);
  pair_fill(data, sizeof(data), 1);
  for (i = 0; i < sizeof(data); i++)
    ck_assert_int_eq(end_write(client, data + i, 1), 0);
  pair_settle(&pair);
  ck_assert_int_eq(end_read_all(server, buf, sizeof(buf), &n),
                   TLSLOOP_WANT_READ);
  ck_assert_uint_eq(n, sizeof(data));
  ck_assert_mem_eq(buf, data, sizeof(data));
}
END_TEST


/* loop: 2 */
START_TEST(one_read_returns_no_more_than_one_record) {
  char* data;
  char* buf;
  size_t n;

  open_version(_i);
  data = filled(3 * RECORD);
  buf = filled(3 * RECORD);
  ck_assert_int_eq(end_write(client, data, 3 * RECORD), 0);
  while (pair_pump(&pair))
    continue;
  ck_assert_int_eq(end_read(server, buf, 3 * RECORD, &n), 0);
  ck_assert_uint_eq(n, RECORD);
  ck_assert_int_eq(end_read(server, buf, 100, &n), 0);
  ck_assert_uint_eq(n, 100);
  ck_assert_uint_eq(tlsloop_engine_pending(server->engine), RECORD - 100);
  ck_assert_int_eq(end_read(server, buf, 3 * RECORD, &n), 0);
  ck_assert_uint_eq(n, RECORD - 100);
  free(data);
  free(buf);
}
END_TEST


/* loop: 2 */
START_TEST(data_can_be_read_one_byte_at_a_time) {
  char data[1000];
  char byte;
  size_t i;
  size_t n;

  open_version(_i);
  pair_fill(data, sizeof(data), 2);
  ck_assert_int_eq(end_write(server, data, sizeof(data)), 0);
  pair_settle(&pair);
  for (i = 0; i < sizeof(data); i++) {
    ck_assert_int_eq(end_read(client, &byte, 1, &n), 0);
    ck_assert_int_eq(byte, data[i]);
  }
  ck_assert_int_eq(end_read(client, &byte, 1, &n), TLSLOOP_WANT_READ);
  ck_assert_uint_eq(n, 0);
}
END_TEST


/* loop: 2 */
START_TEST(both_directions_flow_at_the_same_time) {
  char there[5000];
  char back[5000];
  char buf[5000];
  size_t n;
  int i;

  open_version(_i);
  for (i = 0; i < 50; i++) {
    pair_fill(there, sizeof(there), (uint32_t) i);
    pair_fill(back, sizeof(back), (uint32_t) ~i);
    ck_assert_int_eq(end_write(client, there, sizeof(there)), 0);
    ck_assert_int_eq(end_write(server, back, sizeof(back)), 0);
    pair_settle(&pair);
    ck_assert_int_eq(end_read_all(server, buf, sizeof(buf), &n), 0);
    ck_assert_mem_eq(buf, there, sizeof(there));
    ck_assert_int_eq(end_read_all(client, buf, sizeof(buf), &n), 0);
    ck_assert_mem_eq(buf, back, sizeof(back));
  }
}
END_TEST


/* loop: 2 */
START_TEST(writes_while_the_peer_does_not_read_all_arrive_later) {
  char* data;
  char* buf;
  size_t n;
  int i;

  open_version(_i);
  data = filled(1000000);
  buf = filled(1000000);
  for (i = 0; i < 100; i++)
    ck_assert_int_eq(end_write(server, data + 10000 * i, 10000), 0);
  pair_settle(&pair);
  ck_assert_int_eq(end_read_all(client, buf, 1000000, &n), 0);
  ck_assert_mem_eq(buf, data, 1000000);
  free(data);
  free(buf);
}
END_TEST


/* loop: 2 */
START_TEST(nothing_of_what_is_written_is_on_the_wire_as_it_is) {
  char wire[4096];
  char data[64];
  size_t len;

  open_version(_i);
  pair_settle(&pair);
  memset(data, 'S', sizeof(data));
  ck_assert_int_eq(end_write(client, data, sizeof(data)), 0);
  len = tlsloop_bio_read(client->out, wire, sizeof(wire));
  ck_assert_uint_gt(len, sizeof(data));
  ck_assert_ptr_null(memmem(wire, len, "SSSS", 4));
}
END_TEST


/* loop: 2 */
START_TEST(reading_into_no_room_takes_nothing) {
  char buf[8];
  size_t n;

  open_version(_i);
  ck_assert_int_eq(end_write(client, "data", 4), 0);
  pair_settle(&pair);
  ck_assert_int_eq(end_read(server, buf, 0, &n), 0);
  ck_assert_uint_eq(n, 0);
  ck_assert_int_eq(end_read(server, buf, sizeof(buf), &n), 0);
  ck_assert_uint_eq(n, 4);
}
END_TEST


static TCase* add_case(Suite* s, const char* name) {
  TCase* tcase;

  tcase = tcase_create(name);
  tcase_add_checked_fixture(tcase, set_up, tear_down);
  tcase_add_unchecked_fixture(tcase, make_pki, free_pki);
  tcase_set_timeout(tcase, 120);
  suite_add_tcase(s, tcase);
  return tcase;
}


Suite* suite(void) {
  TCase* tcase;
  Suite* s;

  s = suite_create("behaviour/engine-data");
  tcase = add_case(s, "data");
  tcase_add_loop_test(tcase, data_of_any_size_arrives_both_ways, 0, 2);
  tcase_add_loop_test(tcase, data_arrives_byte_by_byte, 0, 2);
  tcase_add_loop_test(tcase, data_arrives_in_chunks_of_any_odd_size, 0, 2);
  tcase_add_loop_test(
      tcase, record_split_anywhere_is_read_when_it_is_whole, 0, 2);
  tcase_add_loop_test(tcase, ten_thousand_records_of_one_byte_arrive, 0, 2);
  tcase_add_loop_test(tcase, one_read_returns_no_more_than_one_record, 0, 2);
  tcase_add_loop_test(tcase, data_can_be_read_one_byte_at_a_time, 0, 2);
  tcase_add_loop_test(tcase, both_directions_flow_at_the_same_time, 0, 2);
  tcase_add_loop_test(
      tcase, writes_while_the_peer_does_not_read_all_arrive_later, 0, 2);
  tcase_add_loop_test(
      tcase, nothing_of_what_is_written_is_on_the_wire_as_it_is, 0, 2);
  tcase_add_loop_test(tcase, reading_into_no_room_takes_nothing, 0, 2);
  return s;
}
