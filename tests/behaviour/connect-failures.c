/* SPDX-License-Identifier: MIT */

/* A connect that comes to nothing says so once, whatever the reason, and takes
 * what was queued with it; one that cannot begin changes nothing. */

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/visit.h"

static loop_t loop;
static visitor_t visitor;
static tlsloop_ctx_t* ctx;


static void open_all(void) {
  loop_open(&loop, 300);
  ctx = duo_ctx(DUO_TLS_1_3, TLSLOOP_CLIENT);
  visitor_open(&visitor, &loop, ctx);
}


/* A look-up that is at work cannot be stopped: the loop's end waits for it. */
static void close_all(void) {
  if (!tlsloop_is_closing(visitor.stream))
    visitor_close(&visitor);
  VISIT_UNTIL(&loop, !uv_loop_alive(&loop.uv));
  tlsloop_ctx_unref(ctx);
  loop_close(&loop);
  ck_assert_int_eq(visitor.closed, 1);
}


static void fails_with(int status, const char* text) {
  VISIT_UNTIL(&loop, visitor.connects == 1);
  ck_assert_msg(visitor.status == status,
                "%s instead of %s",
                tlsloop_err_name(visitor.status),
                tlsloop_err_name(status));
  ck_assert_msg(strstr(visitor.text, text) != NULL,
                "no '%s' in '%s'",
                text,
                visitor.text);
}


START_TEST(when_all_refuse_the_last_is_named) {
  char text[32];
  int ports[3];
  int i;

  open_all();
  for (i = 0; i < 3; i++)
    ports[i] = visit_refused_port();
  tlsloop_stream_set_hostname(visitor.stream, "localhost");
  ck_assert_int_eq(visitor_connect_ports(&visitor, ports, 3), 0);
  snprintf(text, sizeof(text), "127.0.0.1:%d: ", ports[2]);
  fails_with(UV_ECONNREFUSED, text);
  close_all();
}
END_TEST


START_TEST(a_refused_name_is_told_with_its_address) {
  char text[32];
  int port;

  open_all();
  port = visit_refused_port();
  ck_assert_int_eq(visitor_connect(&visitor, "localhost", port), 0);
  snprintf(text, sizeof(text), ":%d: connection refused", port);
  fails_with(UV_ECONNREFUSED, text);
  close_all();
}
END_TEST


START_TEST(a_pipe_that_is_not_there_is_named) {
  open_all();
  tlsloop_stream_set_hostname(visitor.stream, "localhost");
  ck_assert_int_eq(visitor_connect_pipe(&visitor, "/nonexistent/door"), 0);
  fails_with(UV_ENOENT, "/nonexistent/door: ");
  close_all();
}
END_TEST


START_TEST(a_silent_server_is_given_up) {
  int port;
  int fd;

  open_all();
  fd = visit_bind(0, &port);
  ck_assert_int_eq(listen(fd, 5), 0);
  tlsloop_stream_set_handshake_timeout(visitor.stream, 50);
  ck_assert_int_eq(visitor_connect(&visitor, "localhost", port), 0);
  fails_with(UV_ETIMEDOUT, "");
  close(fd);
  close_all();
}
END_TEST


START_TEST(a_server_that_does_not_answer_is_given_up) {
  int fds[2];
  int ports[2];

  open_all();
  ports[0] = visit_black_hole(fds);
  ports[1] = ports[0];
  tlsloop_stream_set_hostname(visitor.stream, "localhost");
  /* The second attempt is under way by then. */
  tlsloop_stream_set_handshake_timeout(visitor.stream, 300);
  ck_assert_int_eq(visitor_connect_ports(&visitor, ports, 2), 0);
  fails_with(UV_ETIMEDOUT, "");
  close(fds[0]);
  close(fds[1]);
  close_all();
}
END_TEST


/* What a server that is none says. */
static const struct {
  const char* words; /* NULL: it resets the connection */
  int status;
} strangers[] = {
    {NULL, UV_ECONNRESET},
    {"", TLSLOOP_ETRUNCATED},
    {"HTTP/1.0 400 Bad Request\r\n\r\n", 0},
    {"220 mail.example.org ESMTP\r\n", 0},
    {"\x15\x03\x03\x00\x02\x02\x28", 0},
};

START_TEST(a_server_that_speaks_no_tls_is_told_once) {
  const char* words;
  int listener;
  int port;
  int fd;

  open_all();
  words = strangers[_i].words;
  listener = visit_bind(0, &port);
  ck_assert_int_eq(listen(listener, 5), 0);
  ck_assert_int_eq(visitor_connect(&visitor, "127.0.0.1", port), 0);
  ck_assert_int_eq(visitor_write(&visitor, 10), 0);
  VISIT_UNTIL(&loop, visitor.stream->transport != NULL);
  fd = accept(listener, NULL, NULL);
  ck_assert_int_ge(fd, 0);
  if (words == NULL) {
    loop_reset(fd);
  } else {
    ck_assert_int_eq(write(fd, words, strlen(words)), (int) strlen(words));
    ck_assert_int_eq(shutdown(fd, SHUT_WR), 0);
  }
  VISIT_UNTIL(&loop, visitor.connects == 1 && visitor.writes == 1);
  ck_assert_int_lt(visitor.status, 0);
  if (strangers[_i].status != 0)
    ck_assert_int_eq(visitor.status, strangers[_i].status);
  ck_assert_int_eq(visitor.write_status, visitor.status);
  if (words != NULL)
    close(fd);
  close(listener);
  close_all();
}
END_TEST


START_TEST(what_was_queued_fails_with_the_connect) {
  open_all();
  ck_assert_int_eq(visitor_connect(&visitor, "127.0.0.1", visit_refused_port()),
                   0);
  ck_assert_int_eq(visitor_write(&visitor, 10), 0);
  ck_assert_int_eq(visitor_write(&visitor, 20), 0);
  fails_with(UV_ECONNREFUSED, "");
  VISIT_UNTIL(&loop, visitor.writes == 2);
  ck_assert_int_eq(visitor.write_status, UV_ECONNREFUSED);
  ck_assert_int_eq(visitor_write(&visitor, 1), UV_ECONNREFUSED);
  ck_assert_int_eq(visitor_connect(&visitor, "127.0.0.1", 1), UV_EALREADY);
  close_all();
}
END_TEST


static const char* const bad_hosts[] =
    {"", " ", "bad host", "a..b", "[::1]", "localhost:443", "::1%lo", "\xff"};

START_TEST(a_malformed_host_is_refused_and_leaves_nothing) {
  const tlsloop_engine_t* engine;

  open_all();
  ck_assert_int_eq(visitor_connect(&visitor, bad_hosts[_i], 443),
                   TLSLOOP_EHOSTNAME);
  engine = tlsloop_stream_engine(visitor.stream);
  ck_assert_ptr_null(tlsloop_engine_hostname(engine));
  ck_assert_int_eq(visitor_connect(&visitor, "127.0.0.1", visit_refused_port()),
                   0);
  ck_assert_str_eq(tlsloop_engine_hostname(engine), "127.0.0.1");
  fails_with(UV_ECONNREFUSED, "");
  close_all();
}
END_TEST


START_TEST(a_port_is_from_1_to_65535) {
  static const int ports[] = {-1, 0, 65536, 1 << 30};
  size_t i;

  open_all();
  for (i = 0; i < 4; i++)
    ck_assert_int_eq(visitor_connect(&visitor, "localhost", ports[i]),
                     UV_EINVAL);
  ck_assert_ptr_null(
      tlsloop_engine_hostname(tlsloop_stream_engine(visitor.stream)));
  close_all();
}
END_TEST


START_TEST(addresses_and_pipes_need_a_name_before) {
  int port = 1;

  open_all();
  ck_assert_int_eq(visitor_connect_ports(&visitor, &port, 1),
                   TLSLOOP_ENOHOSTNAME);
  ck_assert_int_eq(visitor_connect_pipe(&visitor, "door"), TLSLOOP_ENOHOSTNAME);
  close_all();
}
END_TEST


START_TEST(what_is_no_address_is_refused) {
  struct sockaddr other = {.sa_family = AF_UNIX};
  const struct sockaddr* addrs[1] = {&other};
  tlsloop_connect_t req;
  char path[200];

  open_all();
  tlsloop_stream_set_hostname(visitor.stream, "localhost");
  ck_assert_int_eq(visitor_connect_ports(&visitor, NULL, 0), UV_EINVAL);
  ck_assert_int_eq(
      tlsloop_connect_addrs(
          &req, visitor.stream, addrs, 1, (tlsloop_connect_cb) abort),
      UV_EINVAL);
  ck_assert_int_eq(visitor_connect_pipe(&visitor, NULL), UV_EINVAL);
  ck_assert_int_eq(visitor_connect_pipe(&visitor, ""), UV_EINVAL);
  memset(path, 'x', sizeof(path) - 1);
  path[sizeof(path) - 1] = '\0';
  ck_assert_int_eq(visitor_connect_pipe(&visitor, path), UV_ENAMETOOLONG);
  ck_assert_int_eq(tlsloop_connect(&req, visitor.stream, "localhost", 1, NULL),
                   UV_EINVAL);
  close_all();
}
END_TEST


START_TEST(a_stream_connects_once) {
  int fds[2];
  int port;

  open_all();
  port = visit_black_hole(fds);
  ck_assert_int_eq(visitor_connect(&visitor, "127.0.0.1", port), 0);
  ck_assert_int_eq(visitor_connect(&visitor, "127.0.0.1", port), UV_EALREADY);
  loop_turn(&loop);
  ck_assert_int_eq(visitor_connect_pipe(&visitor, "door"), UV_EALREADY);
  visitor_close(&visitor);
  ck_assert_int_eq(visitor_connect(&visitor, "127.0.0.1", port), UV_ECANCELED);
  close(fds[0]);
  close(fds[1]);
  close_all();
}
END_TEST


static void on_closed(tlsloop_stream_t* stream) {
  *(int*) stream->data = 1;
}


START_TEST(a_server_does_not_connect) {
  tlsloop_ctx_t* server;
  tlsloop_stream_t stream;
  tlsloop_connect_t req;
  int closed;

  open_all();
  server = duo_ctx(DUO_TLS_1_3, TLSLOOP_SERVER);
  closed = 0;
  ck_assert_int_eq(
      tlsloop_stream_init(&loop.uv, &stream, server, TLSLOOP_SERVER), 0);
  stream.data = &closed;
  ck_assert_int_eq(
      tlsloop_connect(
          &req, &stream, "localhost", 1, (tlsloop_connect_cb) abort),
      TLSLOOP_ESIDE);
  tlsloop_close(&stream, on_closed);
  tlsloop_ctx_unref(server);
  loop_run_until(&loop, &closed);
  close_all();
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("connect failures");
  tcase = duo_case(suite, "later");
  tcase_add_test(tcase, when_all_refuse_the_last_is_named);
  tcase_add_test(tcase, a_refused_name_is_told_with_its_address);
  tcase_add_test(tcase, a_pipe_that_is_not_there_is_named);
  tcase_add_test(tcase, a_silent_server_is_given_up);
  tcase_add_test(tcase, a_server_that_does_not_answer_is_given_up);
  tcase_add_loop_test(tcase, a_server_that_speaks_no_tls_is_told_once, 0, 5);
  tcase_add_test(tcase, what_was_queued_fails_with_the_connect);
  tcase = duo_case(suite, "at once");
  tcase_add_loop_test(
      tcase, a_malformed_host_is_refused_and_leaves_nothing, 0, 8);
  tcase_add_test(tcase, a_port_is_from_1_to_65535);
  tcase_add_test(tcase, addresses_and_pipes_need_a_name_before);
  tcase_add_test(tcase, what_is_no_address_is_refused);
  tcase_add_test(tcase, a_stream_connects_once);
  tcase_add_test(tcase, a_server_does_not_connect);
  return suite;
}
