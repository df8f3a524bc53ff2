/* SPDX-License-Identifier: MIT */

/* Who does not get through the handshake is reported once, with the address
 * and the reason, and keeps nobody else out for longer than the deadline. */

#include <string.h>
#include <sys/resource.h>
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
  house.hook = house_welcome;
}


static void close_all(void) {
  int i;

  for (i = 0; i < house.taken; i++)
    visitor_close(&house.guests[i]);
  if (visitor.stream != NULL)
    visitor_close(&visitor);
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


/* Somebody healthy gets in. */
static void still_open(void) {
  int taken;

  taken = house.taken;
  come();
  VISIT_UNTIL(&loop, visitor.connects == 1 && house.taken == taken + 1);
  ck_assert_int_eq(visitor.status, 0);
}


static int port_of(int fd) {
  struct sockaddr_in address;
  socklen_t len;

  len = sizeof(address);
  ck_assert_int_eq(getsockname(fd, (struct sockaddr*) &address, &len), 0);
  return ntohs(address.sin_port);
}


/* What somebody says who does not speak TLS, and what is said of it. */
static const struct {
  const char* words;
  int status; /* 0: some code of TLS */
  const char* text;
} strangers[] = {
    {"GET / HTTP/1.0\r\n\r\n", 0, "http request"},
    {"CONNECT example.org:443 HTTP/1.1\r\n\r\n", 0, "https proxy request"},
    {"SSH-2.0-OpenSSH_9.2\r\n", 0, ""},
    {"\xff\xff\xff\xff\xff\xff\xff\xff\xff", 0, ""},
    {"\x16\x03\x01\x00\x01", TLSLOOP_ETRUNCATED, ""},
    {"", TLSLOOP_ETRUNCATED, ""},
};

START_TEST(who_speaks_no_tls_is_reported_with_the_reason) {
  const char* words;
  int port;
  int fd;

  open_all(DUO_TLS_1_3);
  words = strangers[_i].words;
  fd = visit_socket(house.port);
  port = port_of(fd);
  ck_assert_int_eq(write(fd, words, strlen(words)), (int) strlen(words));
  ck_assert_int_eq(shutdown(fd, SHUT_WR), 0);
  VISIT_UNTIL(&loop, house.refusals == 1);
  if (strangers[_i].status != 0)
    ck_assert_int_eq(house.status, strangers[_i].status);
  ck_assert_msg(strstr(house.text, strangers[_i].text) != NULL,
                "no '%s' in '%s'",
                strangers[_i].text,
                house.text);
  ck_assert_int_eq(house.peer_port, port);
  close(fd);
  still_open();
  ck_assert_int_eq(house.refusals, 1);
  close_all();
}
END_TEST


/* The system has forgotten the address by then. */
START_TEST(a_reset_is_reported_with_the_address) {
  int port;
  int fd;

  open_all(DUO_TLS_1_3);
  fd = visit_socket(house.port);
  port = port_of(fd);
  loop_settle(&loop);
  loop_reset(fd);
  VISIT_UNTIL(&loop, house.refusals == 1);
  ck_assert_int_eq(house.status, UV_ECONNRESET);
  ck_assert_int_eq(house.peer_port, port);
  still_open();
  close_all();
}
END_TEST


START_TEST(a_client_that_does_not_trust_us_is_reported) {
  pki_t* strange;

  open_all(_i);
  tlsloop_ctx_unref(client);
  strange = pki_new("strange");
  ck_assert_int_eq(tlsloop_ctx_new(&client, TLSLOOP_PROTOCOL_TLS_CLIENT), 0);
  ck_assert_int_eq(tlsloop_ctx_load_verify_mem(client,
                                               strange->root->pem.data,
                                               strange->root->pem.len,
                                               TLSLOOP_ENCODING_PEM),
                   0);
  come();
  VISIT_UNTIL(&loop, visitor.connects == 1 && house.refusals == 1);
  ck_assert_int_eq(tlsloop_err_type(visitor.status), TLSLOOP_ERR_CERT);
  ck_assert_int_eq(tlsloop_err_type(house.status), TLSLOOP_ERR_ALERT);
  ck_assert_int_eq(house.visits, 0);
  pki_free(strange);
  close_all();
}
END_TEST


START_TEST(who_says_nothing_is_given_up) {
  int fd;

  open_all(DUO_TLS_1_3);
  tlsloop_listener_set_handshake_timeout(house.listener, 30);
  fd = visit_socket(house.port);
  VISIT_UNTIL(&loop, house.refusals == 1);
  ck_assert_int_eq(house.status, UV_ETIMEDOUT);
  ck_assert_int_eq(house.peer_port, port_of(fd));
  close(fd);
  close_all();
}
END_TEST


/* From the fourth on whoever gets in has time, however slow this machine. */
static void give_time(house_t* place, int event) {
  house_welcome(place, event);
  if (event == HOUSE_REFUSED && place->refusals == 4)
    tlsloop_listener_set_handshake_timeout(place->listener, 0);
}


/* More of them than may be at once: those beyond wait in the system's queue
 * until the others are given up, and so does somebody healthy. */
START_TEST(silence_keeps_nobody_out_beyond_the_deadline) {
  int fds[7];
  int i;

  open_all(_i);
  house.hook = give_time;
  ck_assert_int_eq(tlsloop_listener_set_max_handshakes(house.listener, 0),
                   UV_EINVAL);
  ck_assert_int_eq(tlsloop_listener_set_max_handshakes(house.listener, 3), 0);
  tlsloop_listener_set_handshake_timeout(house.listener, 100);
  for (i = 0; i < 7; i++)
    fds[i] = visit_socket(house.port);
  still_open();
  ck_assert_int_ge(house.refusals, 5);
  VISIT_UNTIL(&loop, house.refusals == 6);
  ck_assert_int_eq(house.status, UV_ETIMEDOUT);
  for (i = 0; i < 7; i++)
    close(fds[i]);
  VISIT_UNTIL(&loop, house.refusals == 7);
  ck_assert_int_eq(house.status, TLSLOOP_ETRUNCATED);
  close_all();
}
END_TEST


START_TEST(a_higher_limit_lets_in_who_waits) {
  int fd;

  open_all(DUO_TLS_1_3);
  tlsloop_listener_set_max_handshakes(house.listener, 1);
  fd = visit_socket(house.port);
  loop_settle(&loop);
  come();
  loop_settle(&loop);
  ck_assert_int_eq(house.visits, 0);
  tlsloop_listener_set_max_handshakes(house.listener, 2);
  VISIT_UNTIL(&loop, house.taken == 1 && visitor.connects == 1);
  ck_assert_int_eq(house.refusals, 0);
  close(fd);
  VISIT_UNTIL(&loop, house.refusals == 1);
  close_all();
}
END_TEST


START_TEST(a_stream_not_taken_counts_until_it_is) {
  visitor_t second;

  open_all(_i);
  house.hook = NULL;
  tlsloop_listener_set_max_handshakes(house.listener, 1);
  come();
  VISIT_UNTIL(&loop, visitor.connects == 1 && house.visits == 1);
  visitor_open(&second, &loop, client);
  ck_assert_int_eq(visitor_connect(&second, "127.0.0.1", house.port), 0);
  VISIT_UNTIL(&loop, second.stream->transport != NULL);
  loop_settle(&loop);
  ck_assert_int_eq(house.visits, 1);
  ck_assert_int_eq(house_accept(&house), 0);
  VISIT_UNTIL(&loop, house.visits == 2 && second.connects == 1);
  ck_assert_int_eq(house_accept(&house), 0);
  visitor_close(&second);
  VISIT_UNTIL(&loop, second.closed);
  close_all();
}
END_TEST


/* Uses every descriptor but |spare| up; returns how many it took. */
static int use_up(int fds[64], int spare) {
  int count;

  count = 0;
  while (count < 64 && (fds[count] = dup(0)) >= 0)
    count++;
  ck_assert_int_gt(count, spare);
  ck_assert_int_lt(count, 64);
  while (spare-- > 0)
    close(fds[--count]);
  return count;
}


/* Without descriptors nobody comes in; who is in goes on. */
START_TEST(a_lack_of_descriptors_passes) {
  struct rlimit limit;
  struct rlimit before;
  char end;
  int fds[64];
  int count;
  int late;

  open_all(_i);
  come();
  VISIT_UNTIL(&loop, visitor.connects == 1 && house.taken == 1);
  ck_assert_int_eq(visitor_read(&house.guests[0]), 0);

  ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
  limit = before;
  limit.rlim_cur = 48;
  ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
  count = use_up(fds, 1);
  late = visit_socket(house.port);
  loop_settle(&loop);
  ck_assert_int_eq(house.visits, 1);
  ck_assert_int_eq(visitor_write(&visitor, 1000), 0);
  VISIT_UNTIL(&loop, house.guests[0].received == 1000);
  loop_settle(&loop);

  /* libuv turned the late one away, or still lets it wait. */
  (void) !recv(late, &end, 1, MSG_DONTWAIT);
  close(late);
  while (count > 0)
    close(fds[--count]);
  ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
  loop_settle(&loop);
  visitor_close(&visitor);
  VISIT_UNTIL(&loop, visitor.closed);
  still_open();
  close_all();
}
END_TEST


static int refuse_all(tlsloop_engine_t* engine,
                      const unsigned char* offered,
                      size_t len,
                      void* arg) {
  (void) engine;
  (void) offered;
  (void) len;
  (void) arg;
  return TLSLOOP_ALPN_REFUSE;
}


/* The lowest descriptor that is free, which is another one when one leaks. */
static int lowest_free(void) {
  int fd;

  fd = dup(0);
  close(fd);
  return fd;
}


START_TEST(refused_protocols_leave_no_descriptor) {
  static const char* const proto = "unheard-of";
  int lowest;
  int i;

  loop_open(&loop, 300);
  client = duo_ctx(_i, TLSLOOP_CLIENT);
  server = duo_ctx(_i, TLSLOOP_SERVER);
  ck_assert_int_eq(tlsloop_ctx_set_alpn(client, &proto, 1), 0);
  ck_assert_int_eq(tlsloop_ctx_set_alpn_cb(server, refuse_all, NULL), 0);
  house_open(&house, &loop, server);
  lowest = 0;
  for (i = 0; i < 300; i++) {
    come();
    VISIT_UNTIL(&loop, visitor.connects == 1 && house.refusals == i + 1);
    ck_assert_int_eq(
        visitor.status,
        TLSLOOP_EALERT_RECEIVED - TLSLOOP_ALERT_NO_APPLICATION_PROTOCOL);
    visitor_close(&visitor);
    VISIT_UNTIL(&loop, visitor.closed);
    loop_settle(&loop);
    if (i == 10)
      lowest = lowest_free();
  }
  ck_assert_int_eq(lowest_free(), lowest);
  ck_assert_int_eq(house.visits, 0);
  close_all();
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("listener refusals");
  tcase = duo_case(suite, "reports");
  tcase_add_loop_test(
      tcase, who_speaks_no_tls_is_reported_with_the_reason, 0, 6);
  tcase_add_test(tcase, a_reset_is_reported_with_the_address);
  tcase_add_loop_test(
      tcase, a_client_that_does_not_trust_us_is_reported, 0, DUO_VERSIONS);
  tcase_add_test(tcase, who_says_nothing_is_given_up);
  tcase_add_loop_test(
      tcase, refused_protocols_leave_no_descriptor, 0, DUO_VERSIONS);
  tcase = duo_case(suite, "limits");
  tcase_add_loop_test(
      tcase, silence_keeps_nobody_out_beyond_the_deadline, 0, DUO_VERSIONS);
  tcase_add_test(tcase, a_higher_limit_lets_in_who_waits);
  tcase_add_loop_test(
      tcase, a_stream_not_taken_counts_until_it_is, 0, DUO_VERSIONS);
  tcase_add_loop_test(tcase, a_lack_of_descriptors_passes, 0, DUO_VERSIONS);
  return suite;
}
