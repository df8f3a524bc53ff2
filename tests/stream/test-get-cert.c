/* SPDX-License-Identifier: MIT */

/* A server's certificate is fetched and handed over as PEM, verified only
 * against what the caller trusts. */

#include <string.h>

#include "support/duo.h"
#include "support/pki-file.h"

static loop_t loop;
static uv_tcp_t socket_handle;
static tlsloop_listener_t listener;
static int port;
static int closed;
static int done;
static int status;
static char pem[4096];

static void on_connection(tlsloop_listener_t* l) {
  (void) l;
}

static void on_listener_closed(tlsloop_listener_t* l) {
  (void) l;
  closed = 1;
}

static void serve(int kind) {
  tlsloop_ctx_t* ctx = duo_ctx(kind, TLSLOOP_SERVER);
  struct sockaddr_in addr;
  int len = sizeof(addr);

  loop_open(&loop, 60);
  closed = done = 0;
  pem[0] = '\0';
  uv_ip4_addr("127.0.0.1", 0, &addr);
  uv_tcp_init(&loop.uv, &socket_handle);
  uv_tcp_bind(&socket_handle, (struct sockaddr*) &addr, 0);
  ck_assert_int_eq(tlsloop_listener_init(&loop.uv, &listener, ctx), 0);
  tlsloop_ctx_unref(ctx);
  ck_assert_int_eq(
      tlsloop_listen(
          &listener, (uv_stream_t*) &socket_handle, 16, on_connection),
      0);
  uv_tcp_getsockname(&socket_handle, (struct sockaddr*) &addr, &len);
  port = ntohs(addr.sin_port);
}

static void stop(void) {
  tlsloop_listener_close(&listener, on_listener_closed);
  loop_run_until(&loop, &closed);
  loop_close(&loop);
}

static void on_cert(tlsloop_get_cert_t* req,
                    int code,
                    const char* text,
                    const tlsloop_error_t* error) {
  (void) req;
  ck_assert_int_eq(done, 0);
  ck_assert_int_eq(text == NULL, code != 0);
  if (code != 0)
    ck_assert_ptr_nonnull(error);
  if (text != NULL)
    strncpy(pem, text, sizeof(pem) - 1);
  status = code;
  done = 1;
}

static void fetch(const char* ca_file, uint64_t timeout) {
  tlsloop_get_cert_t req;

  ck_assert_int_eq(
      tlsloop_get_server_certificate(
          &req, &loop.uv, "127.0.0.1", port, ca_file, timeout, on_cert),
      0);
  loop_run_until(&loop, &done);
}

START_TEST(an_unverified_certificate_is_the_servers_own) {
  const pki_cert_t* leaf = pki_leaf(duo_pki());

  serve(_i);
  fetch(NULL, 0);
  ck_assert_int_eq(status, 0);
  ck_assert_uint_eq(strlen(pem), leaf->pem.len);
  ck_assert_mem_eq(pem, leaf->pem.data, leaf->pem.len);
  stop();
}
END_TEST

START_TEST(a_server_that_does_not_speak_tls_is_an_error) {
  serve(_i);
  stop();
  loop_open(&loop, 60);
  fetch(NULL, 0);
  ck_assert_int_eq(status, UV_ECONNREFUSED);
  loop_close(&loop);
}
END_TEST

START_TEST(bad_arguments_and_files_are_refused_at_once) {
  tlsloop_get_cert_t req;

  loop_open(&loop, 60);
  ck_assert_int_eq(tlsloop_get_server_certificate(
                       &req, &loop.uv, "127.0.0.1", 1, NULL, 0, NULL),
                   UV_EINVAL);
  ck_assert_int_eq(tlsloop_get_server_certificate(
                       &req, &loop.uv, "127.0.0.1", 0, NULL, 0, on_cert),
                   UV_EINVAL);
  ck_assert_int_eq(
      tlsloop_get_server_certificate(&req, &loop.uv, "", 1, NULL, 0, on_cert),
      TLSLOOP_EHOSTNAME);
  ck_assert_int_eq(
      tlsloop_get_server_certificate(
          &req, &loop.uv, "127.0.0.1", 1, "/nonexistent.pem", 0, on_cert),
      UV_ENOENT);
  loop_close(&loop);
}
END_TEST

Suite* suite(void) {
  Suite* suite = suite_create("get cert");
  TCase* tcase = duo_case(suite, "get cert");

  tcase_add_loop_test(
      tcase, an_unverified_certificate_is_the_servers_own, 0, DUO_VERSIONS);
  tcase_add_loop_test(
      tcase, a_server_that_does_not_speak_tls_is_an_error, 0, 1);
  tcase_add_test(tcase, bad_arguments_and_files_are_refused_at_once);
  return suite;
}
