/* SPDX-License-Identifier: MIT */

/* The addresses of a stream's ends. */

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "support/duo.h"

static duo_t duo;

typedef int (*getter_t)(const tlsloop_stream_t*, struct sockaddr*, int*);


static int ask(getter_t getter, tlsloop_stream_t* stream, int* port) {
  struct sockaddr_in address;
  int len;
  int err;

  len = sizeof(address);
  memset(&address, 0, sizeof(address));
  err = getter(stream, (struct sockaddr*) &address, &len);
  if (err == 0) {
    ck_assert_int_eq(len, sizeof(address));
    ck_assert_int_eq(address.sin_family, AF_INET);
    ck_assert_uint_eq(ntohl(address.sin_addr.s_addr), INADDR_LOOPBACK);
  }
  *port = ntohs(address.sin_port);
  return err;
}


static int peer_port(party_t* party) {
  int port;

  ck_assert_int_eq(ask(tlsloop_stream_getpeername, party->stream, &port), 0);
  return port;
}


static int own_port(party_t* party) {
  int port;

  ck_assert_int_eq(ask(tlsloop_stream_getsockname, party->stream, &port), 0);
  return port;
}


START_TEST(each_end_knows_both_addresses) {
  duo_open(&duo, _i);
  ck_assert_int_gt(peer_port(duo.me), 0);
  ck_assert_int_eq(peer_port(duo.me), own_port(duo.peer));
  ck_assert_int_eq(own_port(duo.me), peer_port(duo.peer));
  duo_connect(&duo);
  ck_assert_int_eq(peer_port(duo.me), own_port(duo.peer));
  duo_close(&duo);
}
END_TEST


START_TEST(a_pipe_has_no_address) {
  int port;

  duo_open(&duo, _i | DUO_PIPE);
  ck_assert_int_eq(ask(tlsloop_stream_getpeername, duo.me->stream, &port),
                   UV_ENOTSUP);
  ck_assert_int_eq(ask(tlsloop_stream_getsockname, duo.me->stream, &port),
                   UV_ENOTSUP);
  duo_close(&duo);
}
END_TEST


START_TEST(tls_in_tls_has_the_addresses_of_the_socket) {
  tlsloop_stream_t inner;
  int expected;
  int port;

  duo_open(&duo, _i);
  duo_connect(&duo);
  expected = peer_port(duo.me);
  ck_assert_int_eq(party_read_stop(duo.me), 0);
  ck_assert_int_eq(tlsloop_stream_init(
                       &duo.loop.uv, &inner, duo.me->stream->ctx, duo.me->side),
                   0);
  ck_assert_int_eq(ask(tlsloop_stream_getpeername, &inner, &port), UV_ENOTCONN);
  ck_assert_int_eq(tlsloop_attach_tls(&inner, duo.me->stream), 0);
  ck_assert_int_eq(ask(tlsloop_stream_getpeername, &inner, &port), 0);
  ck_assert_int_eq(port, expected);
  /* The outer one is what it closes; that is not the party's own close. */
  tlsloop_close(&inner, NULL);
  ck_assert_int_eq(ask(tlsloop_stream_getsockname, &inner, &port), UV_ENOTCONN);
  loop_settle(&duo.loop);
  free(duo.me->stream);
  free(duo.me->transport);
  duo.me->stream = NULL;
  duo.me->closed = 1;
  duo_close(&duo);
}
END_TEST


START_TEST(a_stream_that_is_closing_has_none) {
  int port;

  duo_open(&duo, _i);
  party_close(duo.me);
  ck_assert_int_eq(ask(tlsloop_stream_getpeername, duo.me->stream, &port),
                   UV_ENOTCONN);
  duo_close(&duo);
}
END_TEST


/* What the system needs it says; what it does not have room for is cut. */
START_TEST(a_name_without_room_is_cut) {
  union {
    struct sockaddr name;
    unsigned char bytes[sizeof(struct sockaddr)];
  } room;
  int len;

  duo_open(&duo, _i);
  len = 2;
  memset(&room, 0x5a, sizeof(room));
  ck_assert_int_eq(tlsloop_stream_getpeername(duo.me->stream, &room.name, &len),
                   0);
  ck_assert_int_eq(len, sizeof(struct sockaddr_in));
  ck_assert_uint_eq(room.bytes[2], 0x5a);
  duo_close(&duo);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("endpoint");
  tcase = duo_case(suite, "endpoint");
  tcase_add_loop_test(tcase, each_end_knows_both_addresses, 0, DUO_VERSIONS);
  tcase_add_loop_test(tcase, a_pipe_has_no_address, 0, DUO_VERSIONS);
  tcase_add_loop_test(
      tcase, tls_in_tls_has_the_addresses_of_the_socket, 0, DUO_VERSIONS);
  tcase_add_loop_test(
      tcase, a_stream_that_is_closing_has_none, 0, DUO_VERSIONS);
  tcase_add_loop_test(tcase, a_name_without_room_is_cut, 0, DUO_VERSIONS);
  return suite;
}
