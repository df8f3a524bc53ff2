/* SPDX-License-Identifier: MIT */

/* Peers that do not speak TLS, or break it: one error, no data, and the alert
 * that TLS has for it. */

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/duo.h"

static loop_t loop;
static party_t party;
static int fd;


/* A party on |side| whose peer is a plain socket. */
static void open_party(int kind, int side) {
  union uv_any_handle* handle;
  tlsloop_ctx_t* ctx;

  loop_open(&loop, 60);
  handle = malloc(sizeof(*handle));
  ck_assert_ptr_nonnull(handle);
  fd = loop_tcp_socket(&loop, &handle->tcp);
  ctx = duo_ctx(kind, side);
  party_open(&party, ctx, side, &handle->stream);
  tlsloop_ctx_unref(ctx);
}


static void close_party(void) {
  if (fd >= 0)
    close(fd);
  if (!tlsloop_is_closing(party.stream))
    party_close(&party);
  loop_run_until(&loop, &party.closed);
  loop_close(&loop);
}


static void say(const void* data, size_t len) {
  ck_assert_int_eq(send(fd, data, len, MSG_NOSIGNAL), (ssize_t) len);
}


static void begin(void) {
  ck_assert_int_eq(party_handshake(&party), 0);
  ck_assert_int_eq(party_read_start(&party), 0);
  ck_assert_int_eq(party_write(&party, 10), 0);
}


static void check_failed(int code) {
  const tlsloop_error_t* error;

  loop_run_until(&loop, &party.handshakes);
  loop_settle(&loop);
  ck_assert_msg(party.handshake_status == code,
                "%s instead of %s",
                tlsloop_err_name(party.handshake_status),
                tlsloop_err_name(code));
  ck_assert_uint_eq(party.received, 0);
  ck_assert_uint_eq(party.failed_writes, 1);
  ck_assert_int_eq(party.ends, 0);
  error = tlsloop_stream_error(party.stream);
  ck_assert_ptr_nonnull(error);
  ck_assert_int_eq(error->code, code);
}


static const char* const greetings[] = {
    "GET / HTTP/1.0\r\n\r\n",
    "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n",
    "CONNECT example.org:443 HTTP/1.1\r\n\r\n",
    "220 mail.example.org ESMTP ready\r\n",
    "SSH-2.0-OpenSSH_9.2\r\n",
    "\n\n\n\n\n\n\n\n\n\n\n\n\n",
};

#define GREETINGS ((int) (sizeof(greetings) / sizeof(greetings[0])))


START_TEST(a_greeting_in_plain_text_is_not_tls_to_a_client) {
  open_party(DUO_TLS_1_3, TLSLOOP_CLIENT);
  begin();
  say(greetings[_i], strlen(greetings[_i]));
  check_failed(TLSLOOP_ENOTTLS);
  close_party();
}
END_TEST


START_TEST(a_greeting_in_plain_text_is_not_tls_to_a_server) {
  open_party(DUO_TLS_1_3, TLSLOOP_SERVER);
  begin();
  say(greetings[_i], strlen(greetings[_i]));
  check_failed(TLSLOOP_ENOTTLS);
  close_party();
}
END_TEST


/* There before the handshake began, the peer long gone: nothing of it must be
 * taken for what was decrypted. */
START_TEST(plain_text_from_before_the_handshake_never_becomes_data) {
  open_party(_i & 1, _i & 2 ? TLSLOOP_SERVER : TLSLOOP_CLIENT);
  say("hello, this is not encrypted", 28);
  close(fd);
  fd = -1;
  begin();
  check_failed(TLSLOOP_ENOTTLS);
  close_party();
}
END_TEST


START_TEST(zeroes_without_end_are_an_error) {
  static const char zeroes[64 * 1024];

  open_party(_i & 1, _i & 2 ? TLSLOOP_SERVER : TLSLOOP_CLIENT);
  begin();
  say(zeroes, sizeof(zeroes));
  loop_run_until(&loop, &party.handshakes);
  ck_assert_int_eq(tlsloop_err_type(party.handshake_status),
                   TLSLOOP_ERR_PROTOCOL);
  check_failed(party.handshake_status);
  close_party();
}
END_TEST


START_TEST(a_peer_that_leaves_at_once_is_truncated) {
  open_party(_i & 1, _i & 2 ? TLSLOOP_SERVER : TLSLOOP_CLIENT);
  begin();
  shutdown(fd, SHUT_WR);
  check_failed(TLSLOOP_ETRUNCATED);
  close_party();
}
END_TEST


START_TEST(a_peer_that_resets_at_once_is_a_reset) {
  open_party(_i & 1, _i & 2 ? TLSLOOP_SERVER : TLSLOOP_CLIENT);
  begin();
  loop_settle(&loop);
  loop_reset(fd);
  fd = -1;
  check_failed(UV_ECONNRESET);
  close_party();
}
END_TEST


/* Reads what the party has sent up to its end into |buf|. */
static size_t hear(char* buf, size_t size) {
  size_t len;
  ssize_t n;

  for (len = 0; len < size; len += (size_t) n) {
    n = recv(fd, buf + len, size - len, MSG_DONTWAIT);
    if (n <= 0)
      break;
  }
  return len;
}


/* A record of a type that does not exist. */
START_TEST(an_unknown_record_is_answered_with_an_alert) {
  static const char record[] = "\x63\x03\x03\x00\x01\x00";
  char answer[2048];
  size_t len;

  open_party(_i & 1, _i & 2 ? TLSLOOP_SERVER : TLSLOOP_CLIENT);
  begin();
  loop_settle(&loop);
  hear(answer, sizeof(answer));
  say(record, sizeof(record) - 1);
  loop_run_until(&loop, &party.handshakes);
  len = hear(answer, sizeof(answer));
  ck_assert_uint_ge(len, 7);
  ck_assert_int_eq(answer[0], 21); /* alert */
  ck_assert_int_eq(answer[5], 2);  /* fatal */
  check_failed(party.handshake_status);
  close_party();
}
END_TEST


/* A server has not heard anything yet to which an alert could be an answer. */
START_TEST(an_alert_instead_of_a_client_hello_is_unexpected) {
  static const char alert[] = "\x15\x03\x01\x00\x02\x02\x50";

  open_party(_i, TLSLOOP_SERVER);
  begin();
  loop_settle(&loop);
  say(alert, sizeof(alert) - 1);
  check_failed(TLSLOOP_EALERT_SENT - 10);
  close_party();
}
END_TEST


/* Every alert there could be has a code of its own. */
START_TEST(every_alert_number_is_told_apart) {
  char alert[] = "\x15\x03\x01\x00\x02\x02\x50";
  int n;

  for (n = 0; n < 256; n += (int) pair_stride()) {
    open_party(_i, TLSLOOP_CLIENT);
    begin();
    loop_settle(&loop);
    alert[6] = (char) n;
    say(alert, sizeof(alert) - 1);
    loop_run_until(&loop, &party.handshakes);
    ck_assert_int_eq(party.handshake_status, TLSLOOP_EALERT_RECEIVED - n);
    close_party();
  }
}
END_TEST


/* As a proxy sends it that closes before there was a connection. Nobody
 * vouches for it, so it is no orderly end; a server does not expect it. */
START_TEST(close_notify_before_the_handshake_is_complete_ends_it) {
  static const char alert[] = "\x15\x03\x01\x00\x02\x01\x00";
  int is_server;

  is_server = (_i & 2) != 0;
  open_party(_i & 1, is_server ? TLSLOOP_SERVER : TLSLOOP_CLIENT);
  begin();
  loop_settle(&loop);
  say(alert, sizeof(alert) - 1);
  check_failed(is_server ? TLSLOOP_EALERT_SENT - 10 : TLSLOOP_ETRUNCATED);
  close_party();
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("stream stranger");
  tcase = duo_case(suite, "stranger");
  tcase_add_loop_test(
      tcase, a_greeting_in_plain_text_is_not_tls_to_a_client, 0, GREETINGS);
  tcase_add_loop_test(
      tcase, a_greeting_in_plain_text_is_not_tls_to_a_server, 0, GREETINGS);
  tcase_add_loop_test(
      tcase, plain_text_from_before_the_handshake_never_becomes_data, 0, 4);
  tcase_add_loop_test(tcase, zeroes_without_end_are_an_error, 0, 4);
  tcase_add_loop_test(tcase, a_peer_that_leaves_at_once_is_truncated, 0, 4);
  tcase_add_loop_test(tcase, a_peer_that_resets_at_once_is_a_reset, 0, 4);
  tcase_add_loop_test(tcase, an_unknown_record_is_answered_with_an_alert, 0, 4);
  tcase_add_loop_test(
      tcase, an_alert_instead_of_a_client_hello_is_unexpected, 0, 2);
  tcase_add_loop_test(tcase, every_alert_number_is_told_apart, 0, 2);
  tcase_add_loop_test(
      tcase, close_notify_before_the_handshake_is_complete_ends_it, 0, 4);
  return suite;
}
