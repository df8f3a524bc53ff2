/* SPDX-License-Identifier: MIT */

/* A listener can be closed at any time, from every callback, with handshakes
 * in every state and with streams that nobody took. */

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/visit.h"

static loop_t loop;
static house_t house;
static visitor_t visitor;
static tlsloop_ctx_t* client;
static tlsloop_ctx_t* server;


static void open_all(int kind) {
  loop_open(&loop, 300);
  client = duo_ctx(kind, TLSLOOP_CLIENT);
  server = duo_ctx(kind, TLSLOOP_SERVER);
  house_open(&house, &loop, server);
  visitor.stream = NULL;
}


static void close_all(void) {
  int i;

  for (i = 0; i < house.taken; i++)
    if (!house.guests[i].closed)
      visitor_close(&house.guests[i]);
  if (visitor.stream != NULL)
    visitor_close(&visitor);
  if (!house.closed)
    house_close(&house);
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(server);
  loop_close(&loop);
  ck_assert_int_eq(house.closed, 1);
}


static void come(void) {
  visitor_open(&visitor, &loop, client);
  ck_assert_int_eq(visitor_connect(&visitor, "127.0.0.1", house.port), 0);
}


/* Returns whether the stream was ready before. */
static int close_after(int kind, int turns) {
  int ready;

  open_all(kind);
  come();
  while (turns-- > 0 && !house.visits)
    visit_turn(&loop);
  ready = house.visits;
  house_close(&house);
  VISIT_UNTIL(&loop, house.closed);
  /* The client has connected, or is told. */
  VISIT_UNTIL(&loop, visitor.connects == 1);
  ck_assert_int_eq(house.refusals, 0);
  close_all();
  return ready;
}


START_TEST(a_close_after_any_turn_is_the_end) {
  int turns;

  turns = 0;
  while (!close_after(_i, turns))
    turns++;
  ck_assert_int_gt(turns, 1);
}
END_TEST


START_TEST(a_close_ends_handshakes_in_every_state) {
  static const char hello[] = "\x16\x03\x01\x02\x00\x01";
  int fds[6];
  int i;

  open_all(DUO_TLS_1_3);
  tlsloop_listener_set_max_handshakes(house.listener, 5);
  for (i = 0; i < 6; i++) {
    fds[i] = visit_socket(house.port);
    ck_assert_int_eq(write(fds[i], hello, (size_t) i), i);
  }
  loop_settle(&loop);
  house_close(&house);
  VISIT_UNTIL(&loop, house.closed);
  ck_assert_int_eq(house.refusals, 0);
  for (i = 0; i < 6; i++)
    close(fds[i]);
  close_all();
}
END_TEST


START_TEST(a_close_ends_streams_that_nobody_took) {
  open_all(_i);
  come();
  VISIT_UNTIL(&loop, house.visits == 1 && visitor.connects == 1);
  ck_assert_int_eq(visitor_read(&visitor), 0);
  house_close(&house);
  ck_assert_int_eq(house_accept(&house), UV_ECANCELED);
  VISIT_UNTIL(&loop, house.closed && visitor.ends == 1);
  ck_assert_int_ne(visitor.read_status, UV_EOF);
  close_all();
}
END_TEST


START_TEST(a_listener_that_never_listened_closes) {
  tlsloop_listener_t* listener;

  loop_open(&loop, 300);
  client = duo_ctx(DUO_TLS_1_3, TLSLOOP_CLIENT);
  server = duo_ctx(DUO_TLS_1_3, TLSLOOP_SERVER);
  house_init(&house, &loop, server);
  listener = house.listener;
  ck_assert_ptr_null(listener->transport);
  house_close(&house);
  house_close(&house); /* ignored */
  ck_assert_int_eq(
      tlsloop_listen(listener, NULL, 1, (tlsloop_connection_cb) abort),
      UV_ECANCELED);
  VISIT_UNTIL(&loop, house.closed);
  close_all();
}
END_TEST


static int close_at;

static void close_in(house_t* place, int event) {
  if (event == HOUSE_VISITED && close_at != HOUSE_REFUSED)
    ck_assert_int_eq(house_accept(place), 0);
  if (event == close_at)
    house_close(place);
}


START_TEST(a_close_inside_the_connection_callback_is_the_end) {
  open_all(_i);
  close_at = HOUSE_VISITED;
  house.hook = close_in;
  come();
  VISIT_UNTIL(&loop, house.closed && visitor.connects == 1);
  ck_assert_int_eq(house.taken, 1);
  ck_assert_int_eq(visitor_write(&visitor, 10), 0);
  ck_assert_int_eq(visitor_read(&house.guests[0]), 0);
  VISIT_UNTIL(&loop, house.guests[0].received == 10);
  close_all();
}
END_TEST


static void close_untaken(house_t* place, int event) {
  if (event == HOUSE_VISITED)
    house_close(place);
}


START_TEST(a_close_instead_of_taking_is_the_end) {
  open_all(_i);
  house.hook = close_untaken;
  come();
  VISIT_UNTIL(&loop, house.closed && visitor.connects == 1);
  close_all();
}
END_TEST


START_TEST(a_close_inside_the_error_callback_is_the_end) {
  int fds[2];

  open_all(DUO_TLS_1_3);
  close_at = HOUSE_REFUSED;
  house.hook = close_in;
  fds[0] = visit_socket(house.port);
  fds[1] = visit_socket(house.port);
  ck_assert_int_eq(write(fds[0], "nonsense", 8), 8);
  ck_assert_int_eq(write(fds[1], "nonsense", 8), 8);
  VISIT_UNTIL(&loop, house.closed);
  ck_assert_int_eq(house.refusals, 1);
  close(fds[0]);
  close(fds[1]);
  close_all();
}
END_TEST


static void close_house(visitor_t* who, int event) {
  (void) who;
  if (event == close_at && !house.closed)
    house_close(&house);
}


/* Its own streams' callbacks, the last of them after it has closed. */
START_TEST(a_close_inside_a_streams_callback_is_the_end) {
  open_all(_i & 1);
  close_at = _i & 2 ? VISIT_DATA : VISIT_CLOSED;
  house.hook = house_welcome;
  come();
  VISIT_UNTIL(&loop, house.taken == 1 && visitor.connects == 1);
  house.guests[0].hook = close_house;
  ck_assert_int_eq(visitor_read(&house.guests[0]), 0);
  ck_assert_int_eq(visitor_write(&visitor, 10), 0);
  VISIT_UNTIL(&loop, house.guests[0].received == 10);
  visitor_close(&house.guests[0]);
  VISIT_UNTIL(&loop, house.closed && house.guests[0].closed);
  close_all();
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("listener close");
  tcase = duo_case(suite, "close");
  tcase_add_loop_test(
      tcase, a_close_after_any_turn_is_the_end, 0, DUO_VERSIONS);
  tcase_add_test(tcase, a_close_ends_handshakes_in_every_state);
  tcase_add_loop_test(
      tcase, a_close_ends_streams_that_nobody_took, 0, DUO_VERSIONS);
  tcase_add_test(tcase, a_listener_that_never_listened_closes);
  tcase_add_loop_test(
      tcase, a_close_inside_the_connection_callback_is_the_end, 0, 2);
  tcase_add_loop_test(
      tcase, a_close_instead_of_taking_is_the_end, 0, DUO_VERSIONS);
  tcase_add_test(tcase, a_close_inside_the_error_callback_is_the_end);
  tcase_add_loop_test(
      tcase, a_close_inside_a_streams_callback_is_the_end, 0, 4);
  return suite;
}
