/* SPDX-License-Identifier: MIT */

/* What streams of one context share on one loop: one record, one buffer at a
 * time, turns in order; it comes with the first and goes with the last. */

#include "stream/loop.h"

#include "support/loop.h"
#include "support/suite.h"

static loop_t loop;
static tlsloop_ctx_t* ctx;
static int gone;
static char order[16];
static size_t ordered;

typedef struct {
  tlsloop__turn_t turn;
  tlsloop__loop_t* loop;
  tlsloop__turn_t* cancels;
  int again;
  char name;
} player_t;

static void set_up(void) {
  loop_open(&loop, 60);
  ck_assert_int_eq(tlsloop_ctx_new(&ctx, TLSLOOP_PROTOCOL_TLS_CLIENT), 0);
  gone = 0;
  ordered = 0;
}

static void tear_down(void) {
  tlsloop_ctx_unref(ctx);
  loop_close(&loop);
}

static tlsloop__loop_t* get(tlsloop_ctx_t* of) {
  tlsloop__loop_t* record;

  ck_assert_int_eq(tlsloop__loop_get(&record, of, &loop.uv), 0);
  return record;
}

static void on_gone(void* arg) {
  ck_assert_ptr_eq(arg, &gone);
  gone++;
}

static void put(tlsloop__loop_t* record) {
  tlsloop__loop_put(record, on_gone, &gone);
}

static void put_last(tlsloop__loop_t* record) {
  gone = 0;
  put(record);
  ck_assert_int_eq(gone, 0);
  loop_run_until(&loop, &gone);
  ck_assert_int_eq(gone, 1);
}

START_TEST(streams_of_one_context_share_a_record) {
  tlsloop__loop_t* record = get(ctx);

  ck_assert_ptr_eq(get(ctx), record);
  put(record);
  ck_assert_int_eq(gone, 1);
  put_last(record);
}
END_TEST

START_TEST(another_context_has_another_record) {
  tlsloop__loop_t* record = get(ctx);
  tlsloop__loop_t* others;
  tlsloop_ctx_t* other;

  ck_assert_int_eq(tlsloop_ctx_new(&other, TLSLOOP_PROTOCOL_TLS_SERVER), 0);
  others = get(other);
  ck_assert_ptr_ne(others, record);
  put_last(others);
  put_last(record);
  tlsloop_ctx_unref(other);
}
END_TEST

START_TEST(a_record_that_is_going_is_not_found_again) {
  tlsloop__loop_t* record = get(ctx);
  tlsloop__loop_t* next;

  put(record);
  next = get(ctx);
  ck_assert_ptr_ne(next, record);
  loop_run_until(&loop, &gone);
  put_last(next);
}
END_TEST

START_TEST(the_read_buffer_is_lent_to_one_at_a_time) {
  tlsloop__loop_t* record = get(ctx);
  uv_buf_t first;
  uv_buf_t second;
  uv_buf_t third;

  tlsloop__loop_lend(record, &first);
  tlsloop__loop_lend(record, &second);
  ck_assert_uint_eq(first.len, TLSLOOP__READ_SIZE);
  ck_assert_uint_eq(second.len, TLSLOOP__READ_SIZE);
  ck_assert_ptr_ne(first.base, second.base);
  tlsloop__loop_take_back(record, second.base);
  tlsloop__loop_take_back(record, first.base);
  tlsloop__loop_lend(record, &third);
  ck_assert_ptr_eq(third.base, first.base);
  tlsloop__loop_take_back(record, third.base);
  tlsloop__loop_take_back(record, NULL);
  put_last(record);
}
END_TEST

START_TEST(a_buffer_for_one_record_is_there) {
  tlsloop__loop_t* record = get(ctx);
  char* buf = tlsloop__loop_record_buf(record);

  ck_assert_ptr_nonnull(buf);
  buf[0] = buf[TLSLOOP__RECORD_SIZE - 1] = 'x';
  ck_assert_ptr_eq(tlsloop__loop_record_buf(record), buf);
  put_last(record);
}
END_TEST

static void play(tlsloop__turn_t* turn) {
  player_t* player = TLSLOOP__QUEUE_DATA(turn, player_t, turn);

  order[ordered++] = player->name;
  order[ordered] = '\0';
  if (player->cancels != NULL)
    tlsloop__turn_cancel(player->loop, player->cancels);
  if (player->again-- > 0)
    tlsloop__turn_ask(player->loop, &player->turn);
}

static void join(player_t* player, tlsloop__loop_t* record, char name) {
  *player = (player_t){.loop = record, .name = name};
  tlsloop__turn_init(&player->turn, play);
  tlsloop__turn_ask(record, &player->turn);
}

START_TEST(turns_are_taken_in_order_and_once) {
  tlsloop__loop_t* record = get(ctx);
  player_t a;
  player_t b;

  join(&a, record, 'a');
  join(&b, record, 'b');
  tlsloop__turn_ask(record, &a.turn);
  ck_assert_uint_eq(ordered, 0);
  loop_settle(&loop);
  ck_assert_str_eq(order, "ab");
  put_last(record);
}
END_TEST

START_TEST(a_turn_asked_for_in_a_turn_comes_after_the_others) {
  tlsloop__loop_t* record = get(ctx);
  player_t a;
  player_t b;

  join(&a, record, 'a');
  join(&b, record, 'b');
  a.again = 2;
  loop_settle(&loop);
  ck_assert_str_eq(order, "abaa");
  put_last(record);
}
END_TEST

START_TEST(a_turn_taken_back_is_not_taken) {
  tlsloop__loop_t* record = get(ctx);
  player_t a;
  player_t b;
  player_t c;

  join(&a, record, 'a');
  join(&b, record, 'b');
  join(&c, record, 'c');
  a.cancels = &b.turn;
  tlsloop__turn_cancel(record, &c.turn);
  loop_settle(&loop);
  ck_assert_str_eq(order, "a");
  put_last(record);
}
END_TEST

START_TEST(no_turn_keeps_no_loop_alive) {
  tlsloop__loop_t* record = get(ctx);
  player_t a;

  join(&a, record, 'a');
  tlsloop__turn_cancel(record, &a.turn);
  loop_settle(&loop);
  ck_assert_uint_eq(ordered, 0);
  put_last(record);
}
END_TEST

START_TEST(a_turn_comes_though_its_handle_was_closed) {
  tlsloop__loop_t* record = get(ctx);
  player_t a;
  player_t b;

  join(&a, record, 'a');
  uv_close((uv_handle_t*) record->idle, NULL);
  join(&b, record, 'b');
  loop_settle(&loop);
  ck_assert_str_eq(order, "ab");
  /* The same again, when nothing is under way. */
  uv_close((uv_handle_t*) record->idle, NULL);
  loop_settle(&loop);
  tlsloop__turn_ask(record, &a.turn);
  loop_settle(&loop);
  ck_assert_str_eq(order, "aba");
  put_last(record);
}
END_TEST

START_TEST(a_record_goes_though_its_handle_was_closed) {
  tlsloop__loop_t* record = get(ctx);

  uv_close((uv_handle_t*) record->idle, NULL);
  if (_i == 1)
    loop_settle(&loop);
  put_last(record);
}
END_TEST

static void close_it(uv_handle_t* handle, void* arg) {
  tlsloop__loop_t* record = arg;

  if (handle == (uv_handle_t*) record->idle && !uv_is_closing(handle))
    uv_close(handle, NULL);
}

START_TEST(a_last_turn_comes_whatever_was_closed) {
  tlsloop__loop_t* record = get(ctx);
  player_t a = {.loop = record, .name = 'a'};
  player_t b = {.loop = record, .name = 'b'};

  tlsloop__turn_init(&a.turn, play);
  tlsloop__turn_init(&b.turn, play);
  tlsloop__turn_leave(record, &a.turn);
  uv_walk(&loop.uv, close_it, record);
  tlsloop__turn_leave(record, &b.turn);
  ck_assert_uint_eq(ordered, 0);
  loop_settle(&loop);
  ck_assert_str_eq(order, "ab");
  put_last(record);
}
END_TEST

Suite* suite(void) {
  Suite* suite = suite_create("loop");
  TCase* tcase = tcase_create("loop");

  tcase_add_checked_fixture(tcase, set_up, tear_down);
  tcase_add_test(tcase, streams_of_one_context_share_a_record);
  tcase_add_test(tcase, another_context_has_another_record);
  tcase_add_test(tcase, a_record_that_is_going_is_not_found_again);
  tcase_add_test(tcase, the_read_buffer_is_lent_to_one_at_a_time);
  tcase_add_test(tcase, a_buffer_for_one_record_is_there);
  tcase_add_test(tcase, turns_are_taken_in_order_and_once);
  tcase_add_test(tcase, a_turn_asked_for_in_a_turn_comes_after_the_others);
  tcase_add_test(tcase, a_turn_taken_back_is_not_taken);
  tcase_add_test(tcase, no_turn_keeps_no_loop_alive);
  tcase_add_test(tcase, a_turn_comes_though_its_handle_was_closed);
  tcase_add_loop_test(tcase, a_record_goes_though_its_handle_was_closed, 0, 2);
  tcase_add_test(tcase, a_last_turn_comes_whatever_was_closed);
  suite_add_tcase(suite, tcase);
  return suite;
}
