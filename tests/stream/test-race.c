/* SPDX-License-Identifier: MIT */

/* Tests of stream/race.c. */

#include "stream/race.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/fail-alloc.h"
#include "support/visit.h"

static loop_t loop;
static tlsloop__race_t* race;
static tlsloop__graves_t graves;

/* What the callback was told. */
static struct {
  int calls;
  int status;
  uv_stream_t* winner;
  char address[128];
} result;


static void on_race(void* arg,
                    uv_stream_t* winner,
                    int status,
                    const tlsloop__address_t* address) {
  ck_assert_ptr_eq(arg, &loop);
  result.calls++;
  result.winner = winner;
  result.status = status;
  tlsloop__address_format(address, result.address, sizeof(result.address));
}


static void put(tlsloop__address_t* address, int port) {
  if (port < 0)
    ck_assert_int_eq(uv_ip6_addr("::1", -port, &address->v6), 0);
  else
    ck_assert_int_eq(uv_ip4_addr("127.0.0.1", port, &address->v4), 0);
}


/* Begins a race to |ports| of the loopback; negative ones are of ::1. */
static int begin(const int ports[], size_t count) {
  tlsloop__address_t* addresses;
  size_t i;
  int err;

  addresses = calloc(count, sizeof(*addresses));
  ck_assert_ptr_nonnull(addresses);
  for (i = 0; i < count; i++)
    put(&addresses[i], ports[i]);
  memset(&result, 0, sizeof(result));
  err = tlsloop__race_start(
      &race, &loop.uv, &graves, addresses, count, on_race, &loop);
  ck_assert_int_eq(result.calls, 0);
  return err;
}


static void on_closed(uv_handle_t* handle) {
  free(handle);
}


static void end(void) {
  if (result.winner != NULL)
    uv_close((uv_handle_t*) result.winner, on_closed);
  loop_close(&loop);
}


/* A listening socket, its port. */
static int listening(int* port) {
  int fd;

  fd = visit_bind(0, port);
  ck_assert_int_eq(listen(fd, 16), 0);
  return fd;
}


START_TEST(families_take_turns_beginning_with_the_first) {
  static const int before[] = {-1, -2, -3, 4, -5, 6};
  static const int after[] = {-1, 4, -2, 6, -3, -5};
  tlsloop__address_t addresses[6];
  tlsloop__address_t wanted;
  int i;

  memset(addresses, 0, sizeof(addresses));
  for (i = 0; i < 6; i++)
    put(&addresses[i], before[i]);
  tlsloop__race_interleave(addresses, 6);
  for (i = 0; i < 6; i++) {
    memset(&wanted, 0, sizeof(wanted));
    put(&wanted, after[i]);
    ck_assert_mem_eq(&addresses[i], &wanted, sizeof(wanted));
  }
  tlsloop__race_interleave(addresses, 1);
}
END_TEST


/* '4' and '6' for the families, in the order they are in. */
static void interleave(const char* before, const char* after) {
  tlsloop__address_t list[8];
  size_t count = strlen(before);
  size_t i;

  memset(list, 0, sizeof(list));
  for (i = 0; i < count; i++)
    list[i].any.sa_family = before[i] == '4' ? AF_INET : AF_INET6;
  tlsloop__race_interleave(list, count);
  for (i = 0; i < count; i++)
    ck_assert_int_eq(list[i].any.sa_family,
                     after[i] == '4' ? AF_INET : AF_INET6);
}


START_TEST(families_take_turns_whatever_their_numbers) {
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


START_TEST(only_addresses_of_the_internet_are_copied) {
  struct sockaddr_storage other;
  tlsloop__address_t from;
  tlsloop__address_t to;
  char text[64];

  memset(&other, 0, sizeof(other));
  other.ss_family = AF_UNIX;
  ck_assert(!tlsloop__address_copy(&to, (struct sockaddr*) &other));
  other.ss_family = AF_UNSPEC;
  ck_assert(!tlsloop__address_copy(&to, (struct sockaddr*) &other));

  put(&from, 443);
  ck_assert(tlsloop__address_copy(&to, &from.any));
  tlsloop__address_format(&to, text, sizeof(text));
  ck_assert_str_eq(text, "127.0.0.1:443");
  put(&from, -443);
  ck_assert(tlsloop__address_copy(&to, &from.any));
  tlsloop__address_format(&to, text, sizeof(text));
  ck_assert_str_eq(text, "[::1]:443");
}
END_TEST


START_TEST(the_first_that_connects_wins) {
  int ports[3];
  int fd;

  loop_open(&loop, 60);
  ports[0] = visit_refused_port();
  ports[1] = -visit_refused_port();
  fd = listening(&ports[2]);
  ck_assert_int_eq(begin(ports, 3), 0);
  loop_run_until(&loop, &result.calls);
  ck_assert_int_eq(result.status, 0);
  ck_assert_ptr_nonnull(result.winner);
  ck_assert_int_eq(uv_is_writable(result.winner), 1);
  close(fd);
  end();
  ck_assert_int_eq(result.calls, 1);
}
END_TEST


START_TEST(an_only_address_that_answers_wins) {
  int port;
  int fd;

  loop_open(&loop, 60);
  fd = listening(&port);
  ck_assert_int_eq(begin(&port, 1), 0);
  loop_run_until(&loop, &result.calls);
  ck_assert_int_eq(result.status, 0);
  ck_assert_int_eq(uv_is_writable(result.winner), 1);
  close(fd);
  end();
}
END_TEST


START_TEST(whoever_does_not_answer_loses) {
  int fds[2];
  int ports[3];
  int fd;

  loop_open(&loop, 60);
  ports[0] = visit_black_hole(fds);
  ports[1] = ports[0];
  fd = listening(&ports[2]);
  ck_assert_int_eq(begin(ports, 3), 0);
  loop_run_until(&loop, &result.calls);
  ck_assert_int_eq(result.status, 0);
  close(fd);
  close(fds[0]);
  close(fds[1]);
  end();
  ck_assert_int_eq(result.calls, 1);
}
END_TEST


START_TEST(the_last_failure_is_that_of_all) {
  char text[32];
  int ports[2];

  loop_open(&loop, 60);
  ports[0] = visit_refused_port();
  ports[1] = visit_refused_port();
  ck_assert_int_eq(begin(ports, 2), 0);
  loop_run_until(&loop, &result.calls);
  ck_assert_int_eq(result.status, UV_ECONNREFUSED);
  ck_assert_ptr_null(result.winner);
  snprintf(text, sizeof(text), "127.0.0.1:%d", ports[1]);
  ck_assert_str_eq(result.address, text);
  end();
  ck_assert_int_eq(result.calls, 1);
}
END_TEST


START_TEST(a_race_is_abandoned_after_any_turn) {
  int fds[2];
  int ports[3];
  int fd;
  int i;

  loop_open(&loop, 60);
  ports[0] = _i & 1 ? visit_black_hole(fds) : visit_refused_port();
  ports[1] = ports[0];
  fd = listening(&ports[2]);
  ck_assert_int_eq(begin(ports, 3), 0);
  for (i = 0; i < _i / 2 && !result.calls; i++)
    loop_turn(&loop);
  if (!result.calls)
    tlsloop__race_abandon(race);
  close(fd);
  if (_i & 1) {
    close(fds[0]);
    close(fds[1]);
  }
  i = result.calls;
  end();
  ck_assert_int_eq(result.calls, i);
}
END_TEST


/* One that cannot be begun is like one that failed. */
START_TEST(a_race_without_memory_fails_or_goes_on) {
  unsigned int n;
  int ports[2];
  int fd;
  int err;

  for (n = 0;; n++) {
    loop_open(&loop, 60);
    ports[0] = visit_refused_port();
    fd = listening(&ports[1]);
    /* The array is the test's. */
    fail_alloc_after(n + 1);
    err = begin(ports, 2);
    if (err == 0)
      loop_run_until(&loop, &result.calls);
    else
      ck_assert_int_eq(err, UV_ENOMEM);
    if (result.calls && result.winner == NULL)
      ck_assert(result.status == UV_ENOMEM || result.status == UV_ECONNREFUSED);
    close(fd);
    end();
    if (!fail_alloc_reset())
      break;
  }
  ck_assert_uint_ge(n, 3);
  ck_assert_ptr_nonnull(result.winner);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("race");
  tcase = duo_case(suite, "race");
  tcase_add_test(tcase, families_take_turns_beginning_with_the_first);
  tcase_add_test(tcase, families_take_turns_whatever_their_numbers);
  tcase_add_test(tcase, only_addresses_of_the_internet_are_copied);
  tcase_add_test(tcase, the_first_that_connects_wins);
  tcase_add_test(tcase, an_only_address_that_answers_wins);
  tcase_add_test(tcase, whoever_does_not_answer_loses);
  tcase_add_test(tcase, the_last_failure_is_that_of_all);
  tcase_add_loop_test(tcase, a_race_is_abandoned_after_any_turn, 0, 12);
  tcase_add_test(tcase, a_race_without_memory_fails_or_goes_on);
  return suite;
}
