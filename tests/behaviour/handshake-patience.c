/* SPDX-License-Identifier: MIT */

/* Peers that say nothing, or very little: they cost no turns of the loop, a
 * bounded amount of memory, and nobody else's place. */

#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/always.h"
#include "support/heap.h"
#include "support/visit.h"

#define MANY 1000

/* What a connection may hold that has said how long its ClientHello is. */
#define HELLO_MEMORY ((size_t) 192 * 1024)

/* What one may hold that has said nothing, and so has no SSL. */
#define SILENT_MEMORY ((size_t) 2 * 1024)

/* A ClientHello of 128 KiB begins in a record of 16 KiB. */
static const unsigned char hello_start[] =
    {22, 3, 1, 0x40, 0, 1, 1, 0xff, 0xf0, 3, 3};

static duo_t duo;
static loop_t loop;
static house_t house;
static visitor_t visitor;
static tlsloop_ctx_t* ctxs[2];
static int fds[MANY];
static int many;


/* A stream waits for a peer that never says a word, with all that it is to do
 * already asked for: the loop goes round for that and for the deadline, and
 * not otherwise. */
START_TEST(a_silent_peer_costs_no_turns) {
  int turns;

  duo_open(&duo, _i);
  ck_assert_int_eq(tlsloop_stream_set_handshake_timeout(duo.me->stream, 300),
                   0);
  ck_assert_int_eq(party_handshake(duo.me), 0);
  ck_assert_int_eq(party_read_start(duo.me), 0);
  ck_assert_int_eq(party_write(duo.me, 100), 0);
  ck_assert_int_eq(party_write(duo.me, 1000000), 0);
  for (turns = 0; !duo.me->handshakes; turns++)
    duo_turn(&duo);
  ck_assert_int_lt(turns, 10);
  ck_assert_int_eq(duo.me->handshake_status, UV_ETIMEDOUT);
  DUO_UNTIL(&duo, duo.me->failed_writes == 2);
  duo_close(&duo);
}
END_TEST


static void on_timer(uv_timer_t* timer) {
  (void) timer;
}


/* The same after the handshake, when one waits for data, one for the other to
 * read, and limits are set that are far away. */
START_TEST(an_idle_connection_costs_no_turns) {
  uv_timer_t timer;
  int turns;

  duo_open(&duo, _i);
  duo_connect(&duo);
  tlsloop_stream_set_read_timeout(duo.me->stream, 100000);
  ck_assert_int_eq(party_read_stop(duo.peer), 0);
  ck_assert_int_eq(party_write(duo.me, 16 * 1024 * 1024), 0);
  duo_settle(&duo);
  ck_assert_uint_eq(duo.me->writes, 0);

  uv_timer_init(&duo.loop.uv, &timer);
  uv_timer_start(&timer, on_timer, 200, 0);
  for (turns = 0; uv_is_active((uv_handle_t*) &timer); turns++)
    duo_turn(&duo);
  ck_assert_int_lt(turns, 5);
  uv_close((uv_handle_t*) &timer, NULL);
  duo_close(&duo);
}
END_TEST


/* As many connections as descriptors allow, two for each. */
static int how_many(void) {
  struct rlimit limit;
  int most;

  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max < 4096 ? limit.rlim_max : 4096;
  setrlimit(RLIMIT_NOFILE, &limit);
  getrlimit(RLIMIT_NOFILE, &limit);
  most = ((int) limit.rlim_cur - 100) / 2;
  most = most < MANY ? most : MANY;
  return most / (int) pair_stride();
}


static void open_all(int kind, uint64_t timeout) {
  loop_open(&loop, 300);
  many = how_many();
  ctxs[0] = duo_ctx(kind, TLSLOOP_CLIENT);
  ctxs[1] = duo_ctx(kind, TLSLOOP_SERVER);
  house_open(&house, &loop, ctxs[1]);
  house.hook = house_welcome;
  tlsloop_listener_set_handshake_timeout(house.listener, timeout);
  tlsloop_listener_set_max_handshakes(house.listener, MANY + 10);
  visitor_open(&visitor, &loop, ctxs[0]);
  ck_assert_int_eq(tlsloop_stream_set_hostname(visitor.stream, "localhost"), 0);
}


static void close_all(void) {
  int i;

  visitor_close(&visitor);
  for (i = 0; i < house.taken; i++)
    visitor_close(&house.guests[i]);
  house_close(&house);
  VISIT_UNTIL(&loop, !uv_loop_alive(&loop.uv));
  for (i = 0; i < many; i++)
    close(fds[i]);
  tlsloop_ctx_unref(ctxs[0]);
  tlsloop_ctx_unref(ctxs[1]);
  loop_close(&loop);
}


/* One byte more from each; those that were closed do not matter. */
static void trickle(void) {
  int i;

  for (i = 0; i < many; i++)
    send(fds[i], "x", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
  loop_settle(&loop);
}


/* Many connect, and each sends |len| bytes of a ClientHello. */
static void begin_hellos(size_t len) {
  int i;

  for (i = 0; i < many; i++) {
    fds[i] = visit_socket(house.port);
    ALWAYS(send(fds[i], hello_start, len, 0) == (ssize_t) len);
    if (i % 100 == 0)
      loop_settle(&loop);
  }
  loop_settle(&loop);
}


static void visit(void) {
  ck_assert_int_eq(visitor_connect_ports(&visitor, &house.port, 1), 0);
  VISIT_UNTIL(&loop, visitor.connects == 1 && house.taken == 1);
  ck_assert_int_eq(visitor.status, 0);
}


START_TEST(a_thousand_that_say_nothing_cost_next_to_nothing) {
  size_t before;

  open_all(_i, 0);
  before = heap_in_use();
  begin_hellos(0);
  ck_assert_uint_le(heap_growth(before) / (size_t) many, SILENT_MEMORY);
  visit();
  ck_assert_int_eq(house.refusals, 0);
  close_all();
}
END_TEST


START_TEST(a_thousand_that_dawdle_keep_nobody_out) {
  size_t before;
  int i;

  open_all(_i, 0);
  before = heap_in_use();
  begin_hellos(sizeof(hello_start));
  for (i = 0; i < 10; i++)
    trickle();
  ck_assert_uint_le(heap_growth(before) / (size_t) many, HELLO_MEMORY);
  visit();
  trickle();
  ck_assert_int_eq(house.refusals, 0);
  close_all();
}
END_TEST


/* However often they send, their time is limited as a whole. */
START_TEST(a_thousand_that_dawdle_are_given_up) {
  open_all(_i, 300);
  begin_hellos(sizeof(hello_start));
  while (house.refusals < many)
    trickle();
  ck_assert_int_eq(house.status, UV_ETIMEDOUT);
  ck_assert_int_eq(house.visits, 0);
  tlsloop_listener_set_handshake_timeout(house.listener, 0);
  visit();
  ck_assert_int_eq(house.refusals, many);
  close_all();
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("handshake patience");
  tcase = duo_case(suite, "patience");
  tcase_add_loop_test(tcase, a_silent_peer_costs_no_turns, 0, DUO_ALL);
  tcase_add_loop_test(tcase, an_idle_connection_costs_no_turns, 0, DUO_ALL);
  tcase_add_loop_test(
      tcase, a_thousand_that_say_nothing_cost_next_to_nothing, 0, DUO_VERSIONS);
  tcase_add_loop_test(
      tcase, a_thousand_that_dawdle_keep_nobody_out, 0, DUO_VERSIONS);
  tcase_add_loop_test(
      tcase, a_thousand_that_dawdle_are_given_up, 0, DUO_VERSIONS);
  return suite;
}
