/* SPDX-License-Identifier: MIT */

/* Handshakes that must fail do: each side gets the one code that says why,
 * what it had queued fails once, and the alert is on its way before whoever
 * sends it is told. */

#include <openssl/ssl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "support/duo.h"

static duo_t duo;


/* How much lies in the socket that |me|'s transport has sent to. */
static int sent_and_not_moved(void) {
  int len;

  ck_assert_int_eq(ioctl(duo.to_peer->from, FIONREAD, &len), 0);
  return len;
}


static int waiting_at_failure;


static void note_alert(party_t* party, int event) {
  if (event == PARTY_HANDSHAKE && party->handshake_status != 0)
    waiting_at_failure = sent_and_not_moved();
}


static int is_sent_alert(int code) {
  return code <= TLSLOOP_EALERT_SENT && code > TLSLOOP_EALERT_RECEIVED;
}


/* Checks what |party| was told: |code|, by the handshake callback. */
static void check_failed(party_t* party, int code) {
  const tlsloop_error_t* error;

  ck_assert_msg(party->handshake_status == code,
                "%s instead of %s",
                tlsloop_err_name(party->handshake_status),
                tlsloop_err_name(code));
  ck_assert_int_eq(party->ends, 0);
  ck_assert_uint_eq(party->writes, 2);
  ck_assert_uint_eq(party->failed_writes, 2);
  ck_assert_int_eq(party->write_status, code);
  ck_assert_int_eq(party->shutdown_status, party->shutdown_begun ? code : 0);
  ck_assert_uint_eq(party->received, 0);
  error = tlsloop_stream_error(party->stream);
  ck_assert_ptr_nonnull(error);
  ck_assert_int_eq(error->code, code);
  ck_assert_int_gt((int) strlen(error->text), 5);
  ck_assert_int_eq(party_handshake(party), code);
  ck_assert_int_eq(party_read_start(party), code);
  if (party->shutdown_begun)
    code = UV_EPIPE;
  ck_assert_int_eq(party_write(party, 1), code);
  ck_assert_int_eq(party_try_write(party, 1), code);
}


static void ask_for_all(party_t* party) {
  ck_assert_int_eq(party_handshake(party), 0);
  ck_assert_int_eq(party_read_start(party), 0);
  ck_assert_int_eq(party_write(party, 10), 0);
  ck_assert_int_eq(party_write(party, 100000), 0);
}


/* Lets the handshake of contexts |client| and |server| fail with these codes.
 * |hostname| NULL is localhost. */
static void reject(int kind,
                   tlsloop_ctx_t* client,
                   tlsloop_ctx_t* server,
                   const char* hostname,
                   int client_code,
                   int server_code) {
  int my_code;
  int peer_code;

  my_code = kind & DUO_SERVER ? server_code : client_code;
  peer_code = kind & DUO_SERVER ? client_code : server_code;
  duo_open_with(&duo, kind, 1, client, server);
  if (hostname != NULL)
    ck_assert_int_eq(tlsloop_stream_set_hostname(duo.client.stream, hostname),
                     0);
  duo.me->hook = note_alert;
  waiting_at_failure = 0;
  ask_for_all(&duo.client);
  ask_for_all(&duo.server);
  ck_assert_int_eq(party_shutdown(duo.peer), 0);
  DUO_UNTIL(&duo, duo.me->writes == 2);
  /* A record with two bytes in it, at least. */
  if (is_sent_alert(my_code) || tlsloop_err_verify_code(my_code) != 0)
    ck_assert_int_ge(waiting_at_failure, 7);
  DUO_UNTIL(&duo, duo.peer->shutdowns);
  check_failed(duo.me, my_code);
  check_failed(duo.peer, peer_code);
  duo_close(&duo);
}


START_TEST(an_untrusted_server_is_refused) {
  tlsloop_ctx_t* client;

  ck_assert_int_eq(tlsloop_ctx_new(&client, TLSLOOP_PROTOCOL_TLS_CLIENT), 0);
  reject(_i,
         client,
         NULL,
         NULL,
         TLSLOOP_EVERIFY - X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
         TLSLOOP_EALERT_RECEIVED - SSL_AD_UNKNOWN_CA);
}
END_TEST


START_TEST(a_server_of_another_name_is_refused) {
  reject(_i,
         NULL,
         NULL,
         "example.org",
         TLSLOOP_EVERIFY - X509_V_ERR_HOSTNAME_MISMATCH,
         TLSLOOP_EALERT_RECEIVED - SSL_AD_BAD_CERTIFICATE);
}
END_TEST


static tlsloop_ctx_t* server_with(int kind, const pki_opts_t* opts) {
  const pki_cert_t* cert;
  tlsloop_ctx_t* ctx;

  cert = pki_make(duo_pki(), opts);
  ctx = duo_ctx(kind, TLSLOOP_SERVER);
  ck_assert_int_eq(tlsloop_ctx_load_cert_chain_mem(
                       ctx, cert->both.data, cert->both.len, NULL, 0),
                   0);
  return ctx;
}


START_TEST(an_expired_server_is_refused) {
  pki_opts_t opts = {.not_before = -7200, .not_after = -3600};

  reject(_i,
         NULL,
         server_with(_i, &opts),
         NULL,
         TLSLOOP_EVERIFY - X509_V_ERR_CERT_HAS_EXPIRED,
         TLSLOOP_EALERT_RECEIVED - SSL_AD_CERTIFICATE_EXPIRED);
}
END_TEST


START_TEST(sides_without_a_version_in_common_fail) {
  tlsloop_ctx_t* client;

  client = duo_ctx(_i ^ DUO_TLS_1_3, TLSLOOP_CLIENT);
  reject(_i,
         client,
         NULL,
         NULL,
         TLSLOOP_EALERT_RECEIVED - SSL_AD_PROTOCOL_VERSION,
         TLSLOOP_EALERT_SENT - SSL_AD_PROTOCOL_VERSION);
}
END_TEST


START_TEST(sides_without_a_cipher_in_common_fail) {
  tlsloop_ctx_t* client;
  tlsloop_ctx_t* server;

  client = duo_ctx(_i, TLSLOOP_CLIENT);
  server = duo_ctx(_i, TLSLOOP_SERVER);
  tlsloop_ctx_set_ciphers(client, "ECDHE-ECDSA-AES128-GCM-SHA256");
  tlsloop_ctx_set_ciphers(server, "ECDHE-ECDSA-AES256-GCM-SHA384");
  tlsloop_ctx_set_ciphersuites(client, "TLS_AES_128_GCM_SHA256");
  tlsloop_ctx_set_ciphersuites(server, "TLS_AES_256_GCM_SHA384");
  reject(_i,
         client,
         server,
         NULL,
         TLSLOOP_EALERT_RECEIVED - SSL_AD_HANDSHAKE_FAILURE,
         TLSLOOP_EALERT_SENT - SSL_AD_HANDSHAKE_FAILURE);
}
END_TEST


START_TEST(a_server_without_a_certificate_fails) {
  tlsloop_ctx_t* server;
  int alert;

  /* OpenSSL does not consider TLS 1.3 without one. */
  alert = _i & DUO_TLS_1_3 ? SSL_AD_PROTOCOL_VERSION : SSL_AD_HANDSHAKE_FAILURE;
  ck_assert_int_eq(tlsloop_ctx_new(&server, TLSLOOP_PROTOCOL_TLS_SERVER), 0);
  reject(_i,
         NULL,
         server,
         NULL,
         TLSLOOP_EALERT_RECEIVED - alert,
         TLSLOOP_EALERT_SENT - alert);
}
END_TEST


static tlsloop_ctx_t* demanding_server(int kind) {
  tlsloop_ctx_t* ctx;

  ctx = duo_ctx(kind, TLSLOOP_SERVER);
  ck_assert_int_eq(tlsloop_ctx_set_verify_mode(ctx, TLSLOOP_CERT_REQUIRED), 0);
  return ctx;
}


/* In TLS 1.2 the server decides before the client is done. */
START_TEST(a_client_without_a_certificate_is_refused_in_tls_1_2) {
  int kind;

  kind = (_i & 1 ? DUO_PIPE : 0) | (_i & 2 ? DUO_SERVER : 0);
  reject(kind,
         NULL,
         demanding_server(kind),
         NULL,
         TLSLOOP_EALERT_RECEIVED - SSL_AD_HANDSHAKE_FAILURE,
         TLSLOOP_EALERT_SENT - SSL_AD_HANDSHAKE_FAILURE);
}
END_TEST


/* In TLS 1.3 it is done before the server decides, and learns it as a
 * reader. */
START_TEST(a_client_without_a_certificate_learns_it_late_in_tls_1_3) {
  const tlsloop_error_t* error;
  int expected;
  int kind;

  kind = DUO_TLS_1_3 | (_i ? DUO_PIPE : 0);
  expected = TLSLOOP_EALERT_RECEIVED - 116;
  duo_open_with(&duo, kind, 1, NULL, demanding_server(kind));
  duo_start(&duo);
  ck_assert_int_eq(party_read_start(duo.me), 0);
  DUO_UNTIL(&duo, duo.peer->handshakes && duo.me->ends);
  ck_assert_int_eq(duo.peer->handshake_status, TLSLOOP_EALERT_SENT - 116);
  ck_assert_int_eq(duo.me->handshake_status, 0);
  ck_assert_int_eq(duo.me->read_status, expected);
  ck_assert_int_eq(party_write(duo.me, 1), expected);
  error = tlsloop_stream_error(duo.me->stream);
  ck_assert_ptr_nonnull(error);
  ck_assert_int_eq(error->code, expected);
  ck_assert_int_eq(error->alert, 116);
  duo_close(&duo);
}
END_TEST


/* What it has written by then fails once, if it has not gone already. */
START_TEST(writes_of_a_client_that_learns_it_late_fail_once_each) {
  int kind;
  int i;

  kind = DUO_TLS_1_3 | (_i ? DUO_PIPE : 0);
  duo_open_with(&duo, kind, 1, NULL, demanding_server(kind));
  duo_shrink(&duo);
  tlsloop_stream_set_shutdown_timeout(duo.me->stream, 0);
  duo_start(&duo);
  ck_assert_int_eq(party_read_start(duo.me), 0);
  for (i = 0; i < 4; i++)
    ck_assert_int_eq(party_write(duo.me, 1024 * 1024), 0);
  ck_assert_int_eq(party_shutdown(duo.me), 0);
  /* The client's answer arrives and what follows it does not. */
  DUO_UNTIL(&duo, duo.me->handshakes);
  duo.to_peer->hold = duo.to_peer->moved + 1000;
  DUO_UNTIL(&duo, duo.me->ends && duo.me->shutdowns);
  ck_assert_int_eq(duo.me->handshake_status, 0);
  ck_assert_int_eq(duo.me->read_status, TLSLOOP_EALERT_RECEIVED - 116);
  ck_assert_uint_eq(duo.me->failed_writes, 4);
  ck_assert_int_eq(duo.me->write_status, TLSLOOP_EALERT_RECEIVED - 116);
  ck_assert_int_eq(duo.me->shutdown_status, TLSLOOP_EALERT_RECEIVED - 116);
  duo_close(&duo);
}
END_TEST


START_TEST(a_client_that_must_verify_needs_a_name) {
  tlsloop_stream_t stream;
  tlsloop_write_t req;
  uv_buf_t buf;
  loop_t loop;
  uv_tcp_t tcp;
  tlsloop_ctx_t* ctx;
  int fd;

  loop_open(&loop, 60);
  fd = loop_tcp_socket(&loop, &tcp);
  ctx = duo_ctx(_i, TLSLOOP_CLIENT);
  ck_assert_int_eq(tlsloop_stream_init(&loop.uv, &stream, ctx, TLSLOOP_CLIENT),
                   0);
  tlsloop_ctx_unref(ctx);
  ck_assert_int_eq(tlsloop_attach(&stream, (uv_stream_t*) &tcp), 0);
  buf = uv_buf_init(NULL, 0);
  ck_assert_int_eq(tlsloop_write(&req, &stream, &buf, 1, NULL),
                   TLSLOOP_ENOHOSTNAME);
  ck_assert_int_eq(tlsloop_try_write(&stream, &buf, 1), TLSLOOP_ENOHOSTNAME);
  ck_assert_int_eq(tlsloop_stream_set_hostname(&stream, "localhost"), 0);
  ck_assert_int_eq(tlsloop_write(&req, &stream, &buf, 1, NULL), 0);
  ck_assert_int_eq(tlsloop_stream_set_hostname(&stream, "localhost"), 0);
  tlsloop_close(&stream, NULL);
  close(fd);
  loop_close(&loop);
}
END_TEST


Suite* suite(void) {
  const TTest* tests[] = {
      an_untrusted_server_is_refused,
      a_server_of_another_name_is_refused,
      an_expired_server_is_refused,
      sides_without_a_version_in_common_fail,
      sides_without_a_cipher_in_common_fail,
      a_server_without_a_certificate_fails,
  };
  Suite* suite;
  TCase* tcase;
  size_t i;

  suite = suite_create("stream reject");
  tcase = duo_case(suite, "reject");
  for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    tcase_add_loop_test(tcase, tests[i], 0, DUO_ALL);
  tcase_add_loop_test(
      tcase, a_client_without_a_certificate_is_refused_in_tls_1_2, 0, 4);
  tcase_add_loop_test(
      tcase, a_client_without_a_certificate_learns_it_late_in_tls_1_3, 0, 2);
  tcase_add_loop_test(
      tcase, writes_of_a_client_that_learns_it_late_fail_once_each, 0, 2);
  tcase_add_loop_test(
      tcase, a_client_that_must_verify_needs_a_name, 0, DUO_VERSIONS);
  return suite;
}
