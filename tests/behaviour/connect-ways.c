/* SPDX-License-Identifier: MIT */

/* A client connects by name, by addresses, or by pipe, and its stream is then
 * like any other. */

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
  house_init(&house, &loop, server);
  house.hook = house_welcome;
  visitor_open(&visitor, &loop, client);
}


static void open_tcp(int kind) {
  int port;

  open_all(kind);
  house_listen_on(&house, visit_bind(0, &port));
}


static void close_all(void) {
  int i;

  if (!visitor.closed)
    visitor_close(&visitor);
  for (i = 0; i < house.taken; i++)
    visitor_close(&house.guests[i]);
  house_close(&house);
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(server);
  loop_close(&loop);
  ck_assert_int_eq(visitor.closed, 1);
  ck_assert_int_eq(house.closed, 1);
}


/* Waits for the connection and sends something each way. */
static void talk(void) {
  visitor_t* guest;

  guest = &house.guests[0];
  VISIT_UNTIL(&loop, visitor.connects == 1 && house.taken == 1);
  ck_assert_int_eq(visitor.status, 0);
  ck_assert_ptr_null(tlsloop_stream_error(visitor.stream));
  ck_assert_int_eq(visitor_read(&visitor), 0);
  ck_assert_int_eq(visitor_read(guest), 0);
  ck_assert_int_eq(visitor_write(&visitor, 100000), 0);
  ck_assert_int_eq(visitor_write(guest, 1000), 0);
  VISIT_UNTIL(&loop, guest->received == 100000 && visitor.received == 1000);
}


START_TEST(a_name_is_tried_at_all_its_addresses) {
  open_tcp(_i);
  ck_assert_int_eq(visitor_connect(&visitor, "localhost", house.port), 0);
  talk();
  ck_assert_str_eq(
      tlsloop_engine_hostname(tlsloop_stream_engine(visitor.stream)),
      "localhost");
  close_all();
}
END_TEST


START_TEST(an_address_is_a_name_too) {
  open_tcp(_i);
  ck_assert_int_eq(visitor_connect(&visitor, "127.0.0.1", house.port), 0);
  talk();
  close_all();
}
END_TEST


START_TEST(an_ipv6_address_needs_no_other_on_the_machine) {
  int port;

  open_all(_i);
  house_listen_on(&house, visit_bind(1, &port));
  ck_assert_int_eq(visitor_connect(&visitor, "::1", port), 0);
  talk();
  close_all();
}
END_TEST


START_TEST(a_refused_address_makes_way_for_the_next) {
  int ports[3];

  open_tcp(_i);
  ports[0] = visit_refused_port();
  ports[1] = -visit_refused_port();
  ports[2] = house.port;
  tlsloop_stream_set_hostname(visitor.stream, "localhost");
  ck_assert_int_eq(visitor_connect_ports(&visitor, ports, 3), 0);
  talk();
  close_all();
}
END_TEST


START_TEST(an_address_that_does_not_answer_makes_way_too) {
  int fds[2];
  int ports[2];

  open_tcp(_i);
  ports[0] = visit_black_hole(fds);
  ports[1] = house.port;
  tlsloop_stream_set_hostname(visitor.stream, "localhost");
  ck_assert_int_eq(visitor_connect_ports(&visitor, ports, 2), 0);
  talk();
  close(fds[0]);
  close(fds[1]);
  close_all();
}
END_TEST


START_TEST(a_pipe_is_connected_to_by_its_path) {
  open_all(_i);
  house_listen_pipe(&house);
  tlsloop_stream_set_hostname(visitor.stream, "localhost");
  ck_assert_int_eq(visitor_connect_pipe(&visitor, house.path), 0);
  talk();
  close_all();
}
END_TEST


START_TEST(what_was_asked_before_happens_after) {
  open_tcp(_i);
  ck_assert_int_eq(visitor_connect(&visitor, "localhost", house.port), 0);
  ck_assert_int_eq(visitor_read(&visitor), 0);
  ck_assert_int_eq(visitor_write(&visitor, 300000), 0);
  ck_assert_int_eq(visitor_write(&visitor, 1), 0);
  VISIT_UNTIL(&loop, house.taken == 1);
  ck_assert_int_eq(visitor_read(&house.guests[0]), 0);
  ck_assert_int_eq(visitor_write(&house.guests[0], 5), 0);
  VISIT_UNTIL(&loop,
              house.guests[0].received == 300001 && visitor.received == 5 &&
                  visitor.writes == 2);
  ck_assert_int_eq(visitor.write_status, 0);
  close_all();
}
END_TEST


/* A server that is other.example and nobody else. */
static void open_other(int kind) {
  pki_opts_t opts = {.san = "DNS:other.example", .cn = "other.example"};
  pki_cert_t* cert;

  open_all(kind);
  house_close(&house);
  while (!house.closed)
    loop_turn(&loop);
  tlsloop_ctx_unref(server);
  server = duo_ctx(kind, TLSLOOP_SERVER);
  cert = pki_make(duo_pki(), &opts);
  ck_assert_int_eq(tlsloop_ctx_load_cert_chain_mem(
                       server, cert->both.data, cert->both.len, NULL, 0),
                   0);
  house_open(&house, &loop, server);
  house.hook = house_welcome;
}


START_TEST(the_name_connected_to_is_the_name_verified) {
  open_other(_i);
  ck_assert_int_eq(visitor_connect(&visitor, "localhost", house.port), 0);
  VISIT_UNTIL(&loop, visitor.connects == 1);
  ck_assert_int_eq(tlsloop_err_type(visitor.status), TLSLOOP_ERR_CERT);
  ck_assert_ptr_nonnull(strstr(visitor.text, "localhost"));
  close_all();
}
END_TEST


START_TEST(a_name_given_before_is_the_name_verified) {
  open_other(_i);
  tlsloop_stream_set_hostname(visitor.stream, "other.example");
  ck_assert_int_eq(visitor_connect(&visitor, "localhost", house.port), 0);
  talk();
  close_all();
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("connect ways");
  tcase = duo_case(suite, "ways");
  tcase_add_loop_test(
      tcase, a_name_is_tried_at_all_its_addresses, 0, DUO_VERSIONS);
  tcase_add_test(tcase, an_address_is_a_name_too);
  tcase_add_test(tcase, an_ipv6_address_needs_no_other_on_the_machine);
  tcase_add_test(tcase, a_refused_address_makes_way_for_the_next);
  tcase_add_test(tcase, an_address_that_does_not_answer_makes_way_too);
  tcase_add_loop_test(
      tcase, a_pipe_is_connected_to_by_its_path, 0, DUO_VERSIONS);
  tcase_add_loop_test(
      tcase, what_was_asked_before_happens_after, 0, DUO_VERSIONS);
  tcase_add_loop_test(
      tcase, the_name_connected_to_is_the_name_verified, 0, DUO_VERSIONS);
  tcase_add_loop_test(
      tcase, a_name_given_before_is_the_name_verified, 0, DUO_VERSIONS);
  return suite;
}
