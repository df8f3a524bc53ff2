/* SPDX-License-Identifier: MIT */

/* A server's certificate is fetched and handed over as PEM, verified only
 * against what the caller trusts. */

#include <openssl/x509_vfy.h>
#include <string.h>
#include <unistd.h>

#include "support/pki-file.h"
#include "support/visit.h"

static loop_t loop;
static uv_tcp_t socket_handle;
static tlsloop_listener_t listener;
static int port;
static int closed;
static int done;
static int status;
static char pem[4096];
static char asked_for[64]; /* by the name in the ClientHello */

static void on_connection(tlsloop_listener_t* l) {
  (void) l;
}

static void on_listener_closed(tlsloop_listener_t* l) {
  (void) l;
  closed = 1;
}

static int on_name(tlsloop_engine_t* engine,
                   const char* name,
                   tlsloop_ctx_t* ctx,
                   void* arg) {
  (void) engine;
  (void) ctx;
  (void) arg;
  strncpy(asked_for, name == NULL ? "nobody" : name, sizeof(asked_for) - 1);
  return 0;
}

static void serve_as(int kind, const pki_cert_t* cert) {
  tlsloop_ctx_t* ctx = duo_ctx(kind, TLSLOOP_SERVER);
  struct sockaddr_in addr;
  int len = sizeof(addr);

  loop_open(&loop, 60);
  closed = done = 0;
  pem[0] = '\0';
  memset(asked_for, 0, sizeof(asked_for));
  ck_assert_int_eq(tlsloop_ctx_set_sni_cb(ctx, on_name, NULL), 0);
  if (cert != NULL)
    ck_assert_int_eq(tlsloop_ctx_load_cert_chain_mem(
                         ctx, cert->both.data, cert->both.len, NULL, 0),
                     0);
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

static void serve(int kind) {
  serve_as(kind, NULL);
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

static void fetch_from(const char* host, const char* ca_file, uint64_t limit) {
  tlsloop_get_cert_t req;

  ck_assert_int_eq(tlsloop_get_server_certificate(
                       &req, &loop.uv, host, port, ca_file, limit, on_cert),
                   0);
  loop_run_until(&loop, &done);
}

static void fetch(const char* ca_file) {
  fetch_from("127.0.0.1", ca_file, 0);
}

static const char* ca_file_of(pki_t* pki) {
  return pki_write(pki, "root.pem", &pki->root->pem);
}

static void expect_pem(const pki_cert_t* cert) {
  ck_assert_int_eq(status, 0);
  ck_assert_uint_eq(strlen(pem), cert->pem.len);
  ck_assert_mem_eq(pem, cert->pem.data, cert->pem.len);
}

START_TEST(an_unverified_certificate_is_the_servers_own) {
  serve(_i);
  fetch(NULL);
  expect_pem(pki_leaf(duo_pki()));
  ck_assert_str_eq(asked_for, "nobody");
  stop();
}
END_TEST

START_TEST(the_name_of_the_host_is_asked_for) {
  serve(_i);
  fetch_from("localhost", NULL, 0);
  expect_pem(pki_leaf(duo_pki()));
  ck_assert_str_eq(asked_for, "localhost");
  stop();
}
END_TEST

START_TEST(without_a_ca_file_any_certificate_is_told) {
  pki_opts_t opts = {
      .self_signed = 1, .san = "", .not_before = -7200, .not_after = -3600};
  pki_cert_t* cert = pki_make(duo_pki(), &opts);

  serve_as(_i, cert);
  fetch(NULL);
  expect_pem(cert);
  stop();
}
END_TEST

START_TEST(with_a_ca_file_it_is_verified_for_whatever_name) {
  pki_opts_t opts = {.cn = "other", .san = "DNS:other.example"};
  pki_cert_t* cert = pki_make(duo_pki(), &opts);

  serve_as(_i, cert);
  fetch(ca_file_of(duo_pki()));
  expect_pem(cert);
  stop();
}
END_TEST

START_TEST(with_the_wrong_ca_file_it_is_refused) {
  pki_t* other = pki_new("duo");

  serve(_i);
  fetch(ca_file_of(other));
  ck_assert_int_eq(tlsloop_err_type(status), TLSLOOP_ERR_CERT);
  ck_assert_int_ne(tlsloop_err_verify_code(status), 0);
  ck_assert_str_eq(pem, "");
  stop();
  pki_free(other);
}
END_TEST

START_TEST(a_server_that_is_not_there_is_an_error) {
  serve(_i);
  stop();
  loop_open(&loop, 60);
  fetch(NULL);
  ck_assert_int_eq(status, UV_ECONNREFUSED);
  loop_close(&loop);
}
END_TEST

static void on_plain(uv_stream_t* server, int code) {
  static uv_tcp_t guest;
  static uv_write_t req;
  uv_buf_t buf = uv_buf_init((char[]){"220 hello\r\n"}, 11);

  ck_assert_int_eq(code, 0);
  ck_assert_int_eq(uv_tcp_init(server->loop, &guest), 0);
  ck_assert_int_eq(uv_accept(server, (uv_stream_t*) &guest), 0);
  ck_assert_int_eq(uv_write(&req, (uv_stream_t*) &guest, &buf, 1, NULL), 0);
  uv_close((uv_handle_t*) &guest, NULL);
}

START_TEST(a_server_that_speaks_no_tls_is_an_error) {
  int fd;

  loop_open(&loop, 60);
  fd = visit_bind(0, &port);
  done = 0;
  ck_assert_int_eq(uv_tcp_init(&loop.uv, &socket_handle), 0);
  ck_assert_int_eq(uv_tcp_open(&socket_handle, fd), 0);
  ck_assert_int_eq(uv_listen((uv_stream_t*) &socket_handle, 1, on_plain), 0);
  fetch(NULL);
  ck_assert_int_eq(status, TLSLOOP_ENOTTLS);
  uv_close((uv_handle_t*) &socket_handle, NULL);
  loop_close(&loop);
}
END_TEST

START_TEST(a_server_that_says_nothing_is_given_up) {
  int fd;

  loop_open(&loop, 60);
  fd = visit_bind(0, &port);
  ck_assert_int_eq(listen(fd, 1), 0);
  done = 0;
  fetch_from("127.0.0.1", NULL, 20);
  ck_assert_int_eq(status, UV_ETIMEDOUT);
  close(fd);
  /* The stream closes in its own time. */
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
  const TTest* tests[] = {an_unverified_certificate_is_the_servers_own,
                          the_name_of_the_host_is_asked_for,
                          without_a_ca_file_any_certificate_is_told,
                          with_a_ca_file_it_is_verified_for_whatever_name,
                          with_the_wrong_ca_file_it_is_refused};
  Suite* suite = suite_create("get cert");
  TCase* tcase = duo_case(suite, "get cert");
  size_t i;

  for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    tcase_add_loop_test(tcase, tests[i], 0, DUO_VERSIONS);
  tcase_add_test(tcase, a_server_that_is_not_there_is_an_error);
  tcase_add_test(tcase, a_server_that_speaks_no_tls_is_an_error);
  tcase_add_test(tcase, a_server_that_says_nothing_is_given_up);
  tcase_add_test(tcase, bad_arguments_and_files_are_refused_at_once);
  return suite;
}
