/* SPDX-License-Identifier: MIT */

/* A race goes to the first address that answers, tries the families in turn,
 * and leaves nothing of the losers. */

#include "stream/race.h"

#include <stdlib.h>
#include <string.h>

#include "support/loop.h"
#include "support/suite.h"

static loop_t loop;
static uv_tcp_t server;
static struct sockaddr_in good;
static struct sockaddr_in bad;
static int done;
static int status;
static int won;
static char address_text[128];
static uv_stream_t* winner;

static void on_connection(uv_stream_t* stream, int err) {
  (void) stream;
  ck_assert_int_eq(err, 0);
}

/* A port that nobody listens on: it was ours a moment ago. */
static void find_bad(void) {
  uv_tcp_t tcp;
  int len = sizeof(bad);

  uv_ip4_addr("127.0.0.1", 0, &bad);
  uv_tcp_init(&loop.uv, &tcp);
  uv_tcp_bind(&tcp, (struct sockaddr*) &bad, 0);
  uv_tcp_getsockname(&tcp, (struct sockaddr*) &bad, &len);
  uv_close((uv_handle_t*) &tcp, NULL);
  loop_settle(&loop);
}

static void set_up(void) {
  int len = sizeof(good);

  loop_open(&loop, 60);
  done = won = 0;
  winner = NULL;
  uv_ip4_addr("127.0.0.1", 0, &good);
  uv_tcp_init(&loop.uv, &server);
  uv_tcp_bind(&server, (struct sockaddr*) &good, 0);
  ck_assert_int_eq(uv_listen((uv_stream_t*) &server, 8, on_connection), 0);
  uv_tcp_getsockname(&server, (struct sockaddr*) &good, &len);
  find_bad();
}

static void on_winner_closed(uv_handle_t* handle) {
  free(handle);
}

static void tear_down(void) {
  if (winner != NULL)
    uv_close((uv_handle_t*) winner, on_winner_closed);
  uv_close((uv_handle_t*) &server, NULL);
  loop_settle(&loop);
  loop_close(&loop);
}

static void on_race(void* arg,
                    uv_stream_t* stream,
                    int code,
                    const tlsloop__address_t* address) {
  ck_assert_ptr_eq(arg, &loop);
  ck_assert_int_eq(done, 0);
  ck_assert_int_eq(stream == NULL, code != 0);
  tlsloop__address_format(address, address_text, sizeof(address_text));
  winner = stream;
  status = code;
  done = 1;
}

static tlsloop__race_t* start(const struct sockaddr_in* addrs[], size_t count) {
  tlsloop__address_t* copies = calloc(count, sizeof(*copies));
  tlsloop__race_t* race;
  size_t i;

  for (i = 0; i < count; i++)
    ck_assert_int_eq(
        tlsloop__address_copy(&copies[i], (const struct sockaddr*) addrs[i]),
        1);
  ck_assert_int_eq(
      tlsloop__race_start(&race, &loop.uv, copies, count, on_race, &loop), 0);
  ck_assert_int_eq(done, 0);
  return race;
}

START_TEST(an_address_that_answers_wins) {
  const struct sockaddr_in* addrs[] = {&good};

  start(addrs, 1);
  loop_run_until(&loop, &done);
  ck_assert_int_eq(status, 0);
  ck_assert_int_eq(uv_is_writable(winner), 1);
}
END_TEST

START_TEST(after_a_refusal_the_next_is_tried_at_once) {
  const struct sockaddr_in* addrs[] = {&bad, &bad, &good};

  start(addrs, 3);
  loop_run_until(&loop, &done);
  ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(when_all_refuse_the_last_one_is_reported) {
  const struct sockaddr_in* addrs[] = {&bad, &bad};
  char expected[64];

  snprintf(expected, sizeof(expected), "127.0.0.1:%d", ntohs(bad.sin_port));
  start(addrs, 2);
  loop_run_until(&loop, &done);
  ck_assert_int_eq(status, UV_ECONNREFUSED);
  ck_assert_str_eq(address_text, expected);
}
END_TEST

START_TEST(an_abandoned_race_says_nothing) {
  const struct sockaddr_in* addrs[] = {&good, &bad};
  int turns;

  for (turns = 0; turns < 4; turns++) {
    tlsloop__race_t* race = start(addrs, 2);
    int i;

    for (i = 0; i < turns && !done; i++)
      uv_run(&loop.uv, UV_RUN_NOWAIT);
    if (done)
      break;
    tlsloop__race_abandon(race);
    loop_settle(&loop);
    ck_assert_int_eq(done, 0);
  }
}
END_TEST

/* '4' and '6' for the families, in the order they are in. */
static void interleave(const char* before, const char* after) {
  tlsloop__address_t list[8];
  size_t count = strlen(before);
  size_t i;

  memset(list, 0, sizeof(list));
  for (i = 0; i < count; i++) {
    list[i].any.sa_family = before[i] == '4' ? AF_INET : AF_INET6;
    list[i].v4.sin_port = (in_port_t) i;
  }
  tlsloop__race_interleave(list, count);
  for (i = 0; i < count; i++)
    ck_assert_int_eq(list[i].any.sa_family,
                     after[i] == '4' ? AF_INET : AF_INET6);
}

START_TEST(families_take_turns_beginning_with_the_first) {
  interleave("", "");
  interleave("4", "4");
  interleave("444", "444");
  interleave("6644", "6464");
  interleave("4466", "4646");
  interleave("666644", "646466");
  interleave("46", "46");
  interleave("466", "466");
  interleave("6664", "6466");
}
END_TEST

START_TEST(the_order_within_a_family_stays) {
  tlsloop__address_t list[4] = {0};
  int i;

  for (i = 0; i < 4; i++) {
    list[i].any.sa_family = i < 2 ? AF_INET6 : AF_INET;
    list[i].v4.sin_port = (in_port_t) i;
  }
  tlsloop__race_interleave(list, 4);
  ck_assert_int_eq(list[0].v4.sin_port, 0);
  ck_assert_int_eq(list[1].v4.sin_port, 2);
  ck_assert_int_eq(list[2].v4.sin_port, 1);
  ck_assert_int_eq(list[3].v4.sin_port, 3);
}
END_TEST

START_TEST(addresses_are_written_as_people_do) {
  tlsloop__address_t address = {0};
  char text[128];

  uv_ip4_addr("192.0.2.1", 443, &address.v4);
  tlsloop__address_format(&address, text, sizeof(text));
  ck_assert_str_eq(text, "192.0.2.1:443");
  uv_ip6_addr("2001:db8::1", 443, &address.v6);
  tlsloop__address_format(&address, text, sizeof(text));
  ck_assert_str_eq(text, "[2001:db8::1]:443");
}
END_TEST

START_TEST(other_families_are_refused) {
  struct sockaddr other = {.sa_family = AF_UNSPEC};
  tlsloop__address_t address;

  ck_assert_int_eq(tlsloop__address_copy(&address, &other), 0);
}
END_TEST

Suite* suite(void) {
  Suite* suite = suite_create("race");
  TCase* tcase = tcase_create("race");

  tcase_add_checked_fixture(tcase, set_up, tear_down);
  tcase_set_timeout(tcase, 70);
  tcase_add_test(tcase, an_address_that_answers_wins);
  tcase_add_test(tcase, after_a_refusal_the_next_is_tried_at_once);
  tcase_add_test(tcase, when_all_refuse_the_last_one_is_reported);
  tcase_add_test(tcase, an_abandoned_race_says_nothing);
  suite_add_tcase(suite, tcase);
  tcase = tcase_create("addresses");
  tcase_add_test(tcase, families_take_turns_beginning_with_the_first);
  tcase_add_test(tcase, the_order_within_a_family_stays);
  tcase_add_test(tcase, addresses_are_written_as_people_do);
  tcase_add_test(tcase, other_families_are_refused);
  suite_add_tcase(suite, tcase);
  return suite;
}
