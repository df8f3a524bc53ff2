/* SPDX-License-Identifier: MIT */

/* A stream that is connecting can be closed at any point. */

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/visit.h"

/* More turns of the loop than anything on the loopback takes. */
#define TURNS 100

/* Ways to connect, and what becomes of them. */
enum {
  BY_NAME,
  BY_ADDRESSES,
  BY_PIPE,
  TO_NOBODY,
  TO_A_BLACK_HOLE,
  TO_SILENCE,
  WAYS
};

static loop_t loop;
static house_t house;
static visitor_t visitor;
static tlsloop_ctx_t* client;
static tlsloop_ctx_t* server;
static int fds[2];
static int silent;


static void open_all(int way) {
  int port;

  loop_open(&loop, 300);
  client = duo_ctx(DUO_TLS_1_3, TLSLOOP_CLIENT);
  server = duo_ctx(DUO_TLS_1_3, TLSLOOP_SERVER);
  house_init(&house, &loop, server);
  if (way == BY_PIPE)
    house_listen_pipe(&house);
  else
    house_listen_on(&house, visit_bind(0, &port));
  visitor_open(&visitor, &loop, client);
  ck_assert_int_eq(tlsloop_stream_set_hostname(visitor.stream, "localhost"), 0);
}


/* A look-up that is at work cannot be stopped: the loop's end waits for it. */
static void close_all(void) {
  house_close(&house);
  while (uv_loop_alive(&loop.uv))
    visit_turn(&loop);
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(server);
  loop_close(&loop);
  ck_assert_int_eq(visitor.closed, 1);
  ck_assert_int_eq(house.closed, 1);
}


static int begin(int way) {
  int ports[3];
  int port;

  switch (way) {
    case BY_NAME:
      return visitor_connect(&visitor, "localhost", house.port);
    case BY_PIPE:
      return visitor_connect_pipe(&visitor, house.path);
    case TO_NOBODY:
      return visitor_connect(&visitor, "localhost", visit_refused_port());
    case TO_SILENCE:
      silent = visit_bind(0, &port);
      ck_assert_int_eq(listen(silent, 5), 0);
      return visitor_connect(&visitor, "127.0.0.1", port);
    default:
      ports[0] =
          way == TO_A_BLACK_HOLE ? visit_black_hole(fds) : visit_refused_port();
      ports[1] = way == TO_A_BLACK_HOLE ? ports[0] : house.port;
      ports[2] = ports[1];
      return visitor_connect_ports(&visitor, ports, 3);
  }
}


static void end(int way) {
  if (way == TO_SILENCE)
    close(silent);
  if (way == TO_A_BLACK_HOLE) {
    close(fds[0]);
    close(fds[1]);
  }
}


/* Turns the loop once, and waits if something is sure to come. */
static void step(int way) {
  if (way == TO_A_BLACK_HOLE || way == TO_SILENCE)
    loop_turn(&loop);
  else
    visit_turn(&loop);
}


/* Returns whether it was over before. */
static int close_after(int way, int turns) {
  int over;

  open_all(way);
  ck_assert_int_eq(begin(way), 0);
  ck_assert_int_eq(visitor_write(&visitor, 10), 0);
  ck_assert_int_eq(visitor_read(&visitor), 0);
  while (turns-- > 0 && visitor.connects == 0)
    step(way);
  over = visitor.connects;
  visitor_close(&visitor);
  VISIT_UNTIL(&loop, visitor.closed);
  ck_assert(visitor.connects == 1 && visitor.writes == 1);
  end(way);
  close_all();
  return over;
}


START_TEST(a_close_after_any_turn_is_the_end) {
  int turns;

  turns = 0;
  while (turns < TURNS && !close_after(_i, turns))
    turns++;
  ck_assert_int_gt(turns, 1);
}
END_TEST


static void close_in(visitor_t* who, int event) {
  if (event == VISIT_CONNECTED)
    visitor_close(who);
}


START_TEST(a_close_inside_the_callback_is_the_end) {
  open_all(_i);
  visitor.hook = close_in;
  ck_assert_int_eq(begin(_i), 0);
  ck_assert_int_eq(visitor_write(&visitor, 10), 0);
  VISIT_UNTIL(&loop, visitor.closed);
  ck_assert_int_eq(visitor.status, _i == TO_NOBODY ? UV_ECONNREFUSED : 0);
  close_all();
}
END_TEST


START_TEST(a_close_while_handshaking_is_the_end) {
  open_all(TO_SILENCE);
  ck_assert_int_eq(begin(TO_SILENCE), 0);
  VISIT_UNTIL(&loop, visitor.stream->transport != NULL);
  loop_settle(&loop);
  ck_assert_int_eq(visitor.connects, 0);
  visitor_close(&visitor);
  VISIT_UNTIL(&loop, visitor.closed);
  ck_assert_int_eq(visitor.status, UV_ECANCELED);
  end(TO_SILENCE);
  close_all();
}
END_TEST


START_TEST(a_race_that_is_won_closes_its_losers) {
  int ports[3];

  open_all(BY_ADDRESSES);
  house.hook = house_welcome;
  ports[0] = visit_black_hole(fds);
  ports[1] = ports[0];
  ports[2] = house.port;
  ck_assert_int_eq(visitor_connect_ports(&visitor, ports, 3), 0);
  VISIT_UNTIL(&loop, visitor.connects == 1 && house.taken == 1);
  ck_assert_int_eq(visitor.status, 0);
  visitor_close(&visitor);
  visitor_close(&house.guests[0]);
  end(TO_A_BLACK_HOLE);
  close_all();
}
END_TEST


/* More look-ups than libuv has threads: some are at work when their streams
 * go, and end later; the others are taken back. */
START_TEST(look_ups_outlive_their_streams) {
  visitor_t crowd[20];
  int i;

  open_all(BY_NAME);
  for (i = 0; i < 20; i++) {
    visitor_open(&crowd[i], &loop, client);
    ck_assert_int_eq(visitor_connect(&crowd[i], "localhost", house.port), 0);
  }
  for (i = 0; i < 20; i++)
    visitor_close(&crowd[i]);
  for (i = 0; i < 20; i++) {
    VISIT_UNTIL(&loop, crowd[i].closed);
    ck_assert_int_eq(crowd[i].status, UV_ECANCELED);
  }
  visitor_close(&visitor);
  close_all();
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("connect close");
  tcase = duo_case(suite, "close");
  tcase_add_loop_test(tcase, a_close_after_any_turn_is_the_end, 0, WAYS);
  tcase_add_loop_test(
      tcase, a_close_inside_the_callback_is_the_end, 0, TO_NOBODY + 1);
  tcase_add_test(tcase, a_close_while_handshaking_is_the_end);
  tcase_add_test(tcase, a_race_that_is_won_closes_its_losers);
  tcase_add_test(tcase, look_ups_outlive_their_streams);
  return suite;
}
