/* SPDX-License-Identifier: MIT */

/* A listener hands over streams whose handshake is complete, wherever it
 * listens, and whenever they are taken. */

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/visit.h"

#define CROWD 1000

static loop_t loop;
static house_t house;
static visitor_t visitors[20];
static tlsloop_ctx_t* client;
static tlsloop_ctx_t* server;


static void open_all(int kind) {
  loop_open(&loop, 300);
  client = duo_ctx(kind, TLSLOOP_CLIENT);
  server = duo_ctx(kind, TLSLOOP_SERVER);
  house_init(&house, &loop, server);
  house.hook = house_welcome;
}


static void listen_tcp(void) {
  int port;

  house_listen_on(&house, visit_bind(0, &port));
}


static void close_all(void) {
  int i;

  for (i = 0; i < 20; i++)
    if (visitors[i].stream != NULL)
      visitor_close(&visitors[i]);
  for (i = 0; i < house.taken; i++)
    if (!house.guests[i].closed)
      visitor_close(&house.guests[i]);
  if (!house.closed)
    house_close(&house);
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(server);
  loop_close(&loop);
}


static void come(visitor_t* visitor) {
  visitor_open(visitor, &loop, client);
  ck_assert_int_eq(tlsloop_stream_set_hostname(visitor->stream, "localhost"),
                   0);
  if (house.port != 0)
    ck_assert_int_eq(visitor_connect_ports(visitor, &house.port, 1), 0);
  else
    ck_assert_int_eq(visitor_connect_pipe(visitor, house.path), 0);
}


/* Something each way. */
static void talk(visitor_t* visitor, visitor_t* guest) {
  ck_assert_int_eq(visitor_read(visitor), 0);
  ck_assert_int_eq(visitor_read(guest), 0);
  ck_assert_int_eq(visitor_write(visitor, 50000), 0);
  ck_assert_int_eq(visitor_write(guest, 7), 0);
  VISIT_UNTIL(&loop, visitor->received == 7 && guest->received == 50000);
}


START_TEST(a_stream_is_handed_over_when_it_is_ready) {
  open_all(_i);
  if (_i & DUO_PIPE)
    house_listen_pipe(&house);
  else
    listen_tcp();
  come(&visitors[0]);
  VISIT_UNTIL(&loop, house.taken == 1 && visitors[0].connects == 1);
  ck_assert_int_eq(visitors[0].status, 0);
  ck_assert_str_eq(
      tlsloop_engine_version(tlsloop_stream_engine(house.guests[0].stream)),
      _i & DUO_TLS_1_3 ? "TLSv1.3" : "TLSv1.2");
  ck_assert_ptr_eq(house.guests[0].stream->ctx, server);
  ck_assert_ptr_eq(house.guests[0].stream->loop, &loop.uv);
  ck_assert_ptr_nonnull(house.guests[0].stream->transport);
  talk(&visitors[0], &house.guests[0]);
  ck_assert(house.visits == 1 && house.refusals == 0);
  close_all();
}
END_TEST


START_TEST(a_stream_waits_to_be_taken) {
  open_all(_i);
  house.hook = NULL;
  listen_tcp();
  ck_assert_int_eq(house_accept(&house), UV_EAGAIN);
  come(&visitors[0]);
  VISIT_UNTIL(&loop, visitors[0].connects == 1 && house.visits == 1);
  ck_assert_int_eq(visitor_write(&visitors[0], 3), 0);
  loop_settle(&loop);
  ck_assert_int_eq(house_accept(&house), 0);
  ck_assert_int_eq(house_accept(&house), UV_EAGAIN);
  ck_assert_int_eq(visitor_read(&house.guests[0]), 0);
  VISIT_UNTIL(&loop, house.guests[0].received == 3);
  close_all();
}
END_TEST


START_TEST(streams_are_taken_in_the_order_they_came) {
  int i;

  open_all(DUO_TLS_1_3);
  house.hook = NULL;
  listen_tcp();
  for (i = 0; i < 3; i++) {
    come(&visitors[i]);
    VISIT_UNTIL(&loop, house.visits == i + 1 && visitors[i].connects == 1);
  }
  for (i = 0; i < 3; i++)
    ck_assert_int_eq(house_accept(&house), 0);
  for (i = 0; i < 3; i++)
    talk(&visitors[i], &house.guests[i]);
  close_all();
}
END_TEST


START_TEST(a_stream_whose_client_has_gone_can_be_taken) {
  open_all(_i);
  house.hook = NULL;
  listen_tcp();
  come(&visitors[0]);
  VISIT_UNTIL(&loop, visitors[0].connects == 1 && house.visits == 1);
  visitor_close(&visitors[0]);
  loop_settle(&loop);
  ck_assert_int_eq(house_accept(&house), 0);
  ck_assert_int_eq(visitor_read(&house.guests[0]), 0);
  VISIT_UNTIL(&loop, house.guests[0].ends == 1);
  ck_assert_int_lt(house.guests[0].read_status, 0);
  ck_assert_int_eq(house.refusals, 0);
  close_all();
}
END_TEST


START_TEST(streams_outlive_their_listener) {
  open_all(_i);
  listen_tcp();
  come(&visitors[0]);
  VISIT_UNTIL(&loop, house.taken == 1 && visitors[0].connects == 1);
  house_close(&house);
  VISIT_UNTIL(&loop, house.closed);
  talk(&visitors[0], &house.guests[0]);
  close_all();
}
END_TEST


/* Both bind to one port; the system deals the connections out. */
START_TEST(two_loops_share_a_port) {
  static house_t other;
  loop_t loop2;
  uv_tcp_t first;
  struct sockaddr_in address;
  socklen_t len;
  int fds[2];
  int one;
  int i;

  /* libuv opens a descriptor with the first stream of a loop. */
  loop_open(&loop2, 300);
  uv_tcp_init(&loop2.uv, &first);
  uv_close((uv_handle_t*) &first, NULL);
  loop_settle(&loop2);
  open_all(DUO_TLS_1_3);
  one = 1;
  len = sizeof(address);
  memset(&address, 0, sizeof(address));
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  for (i = 0; i < 2; i++) {
    fds[i] = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(
        setsockopt(fds[i], SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one)), 0);
    ck_assert_int_eq(bind(fds[i], (struct sockaddr*) &address, len), 0);
    ck_assert_int_eq(getsockname(fds[i], (struct sockaddr*) &address, &len), 0);
  }
  house_listen_on(&house, fds[0]);
  house_init(&other, &loop2, server);
  other.hook = house_welcome;
  house_listen_on(&other, fds[1]);
  ck_assert_int_eq(other.port, house.port);

  for (i = 0; i < 14; i++)
    come(&visitors[i]);
  while (house.taken + other.taken < 14) {
    loop_turn(&loop);
    loop_turn(&loop2);
  }
  ck_assert_int_gt(house.taken, 0);
  ck_assert_int_gt(other.taken, 0);
  for (i = 0; i < other.taken; i++)
    visitor_close(&other.guests[i]);
  house_close(&other);
  loop_settle(&loop2);
  close_all();
  loop_close(&loop2);
}
END_TEST


START_TEST(a_thousand_come_and_go) {
  int rounds;
  int i;

  open_all(_i);
  listen_tcp();
  for (rounds = 0; rounds < CROWD / 10; rounds++) {
    for (i = 0; i < 10; i++)
      come(&visitors[i]);
    for (i = 0; i < 10; i++)
      VISIT_UNTIL(&loop, visitors[i].connects == 1);
    VISIT_UNTIL(&loop, house.taken == 10);
    for (i = 0; i < 10; i++) {
      ck_assert_int_eq(visitors[i].status, 0);
      visitor_close(&visitors[i]);
      visitor_close(&house.guests[i]);
    }
    for (i = 0; i < 10; i++)
      VISIT_UNTIL(&loop, visitors[i].closed && house.guests[i].closed);
    house.taken = 0;
  }
  ck_assert_int_eq(house.visits, CROWD);
  ck_assert_int_eq(house.refusals, 0);
  close_all();
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("listener visits");
  tcase = duo_case(suite, "visits");
  tcase_add_loop_test(
      tcase, a_stream_is_handed_over_when_it_is_ready, 0, DUO_KINDS);
  tcase_add_loop_test(tcase, a_stream_waits_to_be_taken, 0, DUO_VERSIONS);
  tcase_add_test(tcase, streams_are_taken_in_the_order_they_came);
  tcase_add_loop_test(
      tcase, a_stream_whose_client_has_gone_can_be_taken, 0, DUO_VERSIONS);
  tcase_add_loop_test(tcase, streams_outlive_their_listener, 0, DUO_VERSIONS);
  tcase_add_test(tcase, two_loops_share_a_port);
  tcase_add_loop_test(tcase, a_thousand_come_and_go, 0, DUO_VERSIONS);
  return suite;
}
