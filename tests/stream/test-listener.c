/* SPDX-License-Identifier: MIT */

/* Tests of stream/listener.c: what cannot be listened on, and how it does
 * without memory. */

#include <string.h>
#include <unistd.h>

#include "support/fail-alloc.h"
#include "support/visit.h"

static loop_t loop;
static house_t house;
static visitor_t visitor;
static tlsloop_ctx_t* client;
static tlsloop_ctx_t* server;


static void open_all(void) {
  loop_open(&loop, 300);
  client = duo_ctx(DUO_TLS_1_3, TLSLOOP_CLIENT);
  server = duo_ctx(DUO_TLS_1_3, TLSLOOP_SERVER);
  house_init(&house, &loop, server);
  house.hook = house_welcome;
}


static void listen_tcp(void) {
  int port;

  house_listen_on(&house, visit_bind(0, &port));
}


static void close_all(void) {
  int i;

  for (i = 0; i < house.taken; i++)
    visitor_close(&house.guests[i]);
  house_close(&house);
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(server);
  loop_close(&loop);
  ck_assert_int_eq(house.closed, 1);
}


static void never(tlsloop_listener_t* listener) {
  ck_abort_msg("a callback of %p", (void*) listener);
}


static int try_listen(uv_tcp_t* tcp, tlsloop_connection_cb cb) {
  return tlsloop_listen(house.listener, (uv_stream_t*) tcp, 1, cb);
}


START_TEST(what_cannot_be_listened_on_is_left_alone) {
  uv_loop_t other;
  uv_tcp_t tcp;
  uv_udp_t udp;

  open_all();
  ck_assert_int_eq(try_listen(NULL, never), UV_EINVAL);
  ck_assert_int_eq(uv_udp_init(&loop.uv, &udp), 0);
  ck_assert_int_eq(try_listen((uv_tcp_t*) &udp, never), UV_EINVAL);
  uv_close((uv_handle_t*) &udp, NULL);

  ck_assert_int_eq(uv_loop_init(&other), 0);
  ck_assert_int_eq(uv_tcp_init(&other, &tcp), 0);
  ck_assert_int_eq(try_listen(&tcp, never), UV_EINVAL);
  uv_close((uv_handle_t*) &tcp, NULL);
  uv_run(&other, UV_RUN_DEFAULT);
  ck_assert_int_eq(uv_loop_close(&other), 0);

  ck_assert_int_eq(uv_tcp_init(&loop.uv, &tcp), 0);
  tcp.data = &other;
  ck_assert_int_eq(try_listen(&tcp, NULL), UV_EINVAL);
  uv_close((uv_handle_t*) &tcp, NULL);
  ck_assert_int_eq(try_listen(&tcp, never), UV_ECANCELED);
  ck_assert_ptr_eq(tcp.data, &other);
  ck_assert_ptr_null(house.listener->transport);

  listen_tcp();
  ck_assert_int_eq(try_listen(&tcp, never), UV_EALREADY);
  close_all();
}
END_TEST


START_TEST(an_address_in_use_is_told_and_another_can_be_tried) {
  struct sockaddr_in address;
  uv_tcp_t tcp;
  int port;
  int fd;

  open_all();
  fd = visit_bind(0, &port);
  ck_assert_int_eq(uv_ip4_addr("127.0.0.1", port, &address), 0);
  ck_assert_int_eq(uv_tcp_init(&loop.uv, &tcp), 0);
  ck_assert_int_eq(uv_tcp_bind(&tcp, (struct sockaddr*) &address, 0), 0);
  ck_assert_int_eq(try_listen(&tcp, never), UV_EADDRINUSE);
  uv_close((uv_handle_t*) &tcp, NULL);
  close(fd);
  listen_tcp();
  close_all();
}
END_TEST


START_TEST(a_context_for_clients_does_not_listen) {
  tlsloop_listener_t listener;

  open_all();
  ck_assert_int_eq(tlsloop_listener_init(&loop.uv, &listener, client),
                   TLSLOOP_ESIDE);
  close_all();
}
END_TEST


START_TEST(a_listener_that_finds_no_memory_is_not_made) {
  tlsloop_listener_t listener;
  int err;

  open_all();
  fail_alloc_after(0);
  err = tlsloop_listener_init(&loop.uv, &listener, server);
  ck_assert_uint_eq(fail_alloc_reset(), 1);
  ck_assert_int_eq(err, UV_ENOMEM);
  close_all();
}
END_TEST


static void come(void) {
  visitor_open(&visitor, &loop, client);
  ck_assert_int_eq(tlsloop_stream_set_hostname(visitor.stream, "localhost"), 0);
  ck_assert_int_eq(visitor_connect_ports(&visitor, &house.port, 1), 0);
}


static void go(void) {
  visitor_close(&visitor);
  VISIT_UNTIL(&loop, visitor.closed);
}


/* Somebody is turned away, whichever allocation it is that fails, and whoever
 * comes next gets in. */
START_TEST(without_memory_one_is_turned_away_and_the_next_gets_in) {
  unsigned int failed;
  unsigned int n;
  int fd;

  for (n = 0;; n++) {
    open_all();
    listen_tcp();
    fd = visit_socket(house.port);
    fail_alloc_after(n);
    loop_settle(&loop);
    failed = fail_alloc_reset();
    ck_assert_int_le(house.refusals, (int) failed);
    close(fd);
    VISIT_UNTIL(&loop, house.refusals == 1);

    come();
    VISIT_UNTIL(&loop, visitor.connects == 1 && house.taken == 1);
    ck_assert_int_eq(visitor.status, 0);
    go();
    close_all();
    if (failed == 0)
      break;
  }
  ck_assert_uint_ge(n, 3);
}
END_TEST


/* While memory is short, each of them is turned away with the one spare. */
START_TEST(a_crowd_without_memory_is_turned_away_one_by_one) {
  int fds[5];
  int i;

  open_all();
  listen_tcp();
  for (i = 0; i < 5; i++)
    fds[i] = visit_socket(house.port);
  fail_alloc_from(0);
  VISIT_UNTIL(&loop, house.refusals == 5);
  fail_alloc_reset();
  ck_assert_int_eq(house.status, UV_ENOMEM);
  for (i = 0; i < 5; i++)
    close(fds[i]);
  come();
  VISIT_UNTIL(&loop, visitor.connects == 1 && house.taken == 1);
  go();
  close_all();
}
END_TEST


static void close_at_once(house_t* place, int event) {
  if (event == HOUSE_REFUSED)
    house_close(place);
}


START_TEST(a_close_while_turning_away_is_the_end) {
  int fd;

  open_all();
  listen_tcp();
  house.hook = close_at_once;
  fd = visit_socket(house.port);
  fail_alloc_from(0);
  VISIT_UNTIL(&loop, house.closed);
  fail_alloc_reset();
  close(fd);
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(server);
  loop_close(&loop);
  ck_assert_int_eq(house.refusals, 1);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("listener");
  tcase = duo_case(suite, "listen");
  tcase_add_test(tcase, what_cannot_be_listened_on_is_left_alone);
  tcase_add_test(tcase, an_address_in_use_is_told_and_another_can_be_tried);
  tcase_add_test(tcase, a_context_for_clients_does_not_listen);
  tcase = duo_case(suite, "memory");
  tcase_add_test(tcase, a_listener_that_finds_no_memory_is_not_made);
  tcase_add_test(tcase, without_memory_one_is_turned_away_and_the_next_gets_in);
  tcase_add_test(tcase, a_crowd_without_memory_is_turned_away_one_by_one);
  tcase_add_test(tcase, a_close_while_turning_away_is_the_end);
  return suite;
}
