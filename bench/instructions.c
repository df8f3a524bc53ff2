/* SPDX-License-Identifier: MIT */

/* instructions UNIT N FILE: does N times the same work with a tlsloop server,
 * for counting the instructions of the library; FILE has the certificate and
 * its key. The client is OpenSSL's, and all happens in one thread, over a
 * socket that delivers at once, in the same order every time. */

#include <errno.h>
#include <fcntl.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <tlsloop.h>
#include <unistd.h>
#include <uv.h>

#include "bench/openssl.h"
#include "bench/options.h"

#define RECORD_SIZE 16384
/* Turns of the loop after which the server must have answered. */
#define MAX_TURNS 100

typedef struct duo_s {
  tlsloop_stream_t tls;
  uv_pipe_t pipe;
  union {
    tlsloop_write_t write;
    tlsloop_shutdown_t shutdown;
  } req;
  int closed;
  SSL* client;
  int fd; /* the client's */
} duo_t;

static uv_loop_t loop;
static tlsloop_ctx_t* ctx;
static SSL_CTX* client_ctx;
static char input[4 * RECORD_SIZE];
static char message[RECORD_SIZE];

static void check(int status) {
  if (status < 0)
    die("instructions", tlsloop_strerror(status));
}

static void on_closed(tlsloop_stream_t* tls) {
  duo_t* duo = tls->data;

  duo->closed = 1;
}

static void on_shutdown(tlsloop_shutdown_t* req, int status) {
  check(status);
  tlsloop_close(req->stream, on_closed);
}

static void on_alloc(tlsloop_stream_t* tls, size_t suggested, uv_buf_t* buf) {
  (void) tls;
  (void) suggested;
  *buf = uv_buf_init(input, sizeof(input));
}

static void on_read(tlsloop_stream_t* tls, ssize_t nread, const uv_buf_t* buf) {
  duo_t* duo = tls->data;
  uv_buf_t data;

  if (nread == UV_EOF) {
    check(tlsloop_shutdown(&duo->req.shutdown, tls, on_shutdown));
    return;
  }
  check((int) nread);
  data = uv_buf_init(buf->base, (unsigned int) nread);
  if (nread > 0 && tlsloop_try_write(tls, &data, 1) != (int) nread)
    die("instructions", "the socket is full");
}

static void duo_open(duo_t* duo) {
  int fds[2];

  memset(duo, 0, sizeof(*duo));
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0 ||
      fcntl(fds[0], F_SETFL, O_NONBLOCK) < 0)
    die("socketpair", strerror(errno));
  duo->fd = fds[0];
  check(uv_pipe_init(&loop, &duo->pipe, 0));
  check(uv_pipe_open(&duo->pipe, fds[1]));
  check(tlsloop_stream_init(&loop, &duo->tls, ctx, TLSLOOP_SERVER));
  duo->tls.data = duo;
  check(tlsloop_attach(&duo->tls, (uv_stream_t*) &duo->pipe));
  check(tlsloop_read_start(&duo->tls, on_alloc, on_read));
  duo->client = SSL_new(client_ctx);
  if (duo->client == NULL || !SSL_set_fd(duo->client, duo->fd))
    openssl_die("client");
}

/* Lets the server work until |step| of the client is done. */
static void drive(duo_t* duo, int (*step)(duo_t* duo)) {
  int turns = 0;

  while (!step(duo)) {
    if (++turns > MAX_TURNS)
      die("instructions", "the server does not answer");
    uv_run(&loop, UV_RUN_NOWAIT);
  }
}

static int step_handshake(duo_t* duo) {
  return SSL_connect(duo->client) == 1;
}

/* Reads the tickets, and the close_notify at the end. */
static int step_end(duo_t* duo) {
  char byte;

  return SSL_read(duo->client, &byte, 1) <= 0 && duo->closed;
}

static size_t to_get;

static int step_answer(duo_t* duo) {
  static char answer[RECORD_SIZE];
  int n;

  while (to_get > 0 && (n = SSL_read(duo->client, answer, sizeof(answer))) > 0)
    to_get -= (size_t) n;
  return to_get == 0;
}

static void duo_close(duo_t* duo) {
  SSL_shutdown(duo->client);
  drive(duo, step_end);
  SSL_free(duo->client);
  close(duo->fd);
}

static void do_handshakes(int n) {
  duo_t duo;

  for (; n > 0; n--) {
    duo_open(&duo);
    drive(&duo, step_handshake);
    duo_close(&duo);
  }
}

static void do_echoes(int n, size_t size) {
  duo_t duo;

  duo_open(&duo);
  drive(&duo, step_handshake);
  uv_run(&loop, UV_RUN_NOWAIT); /* the server's handshake ends here */
  for (; n > 0; n--) {
    if (SSL_write(duo.client, message, (int) size) != (int) size)
      openssl_die("client");
    to_get = size;
    drive(&duo, step_answer);
  }
  duo_close(&duo);
}

int main(int argc, char** argv) {
  int n = argc == 4 ? atoi(argv[2]) : 0;

  if (n <= 0)
    die("usage", "instructions handshake|echo|record N FILE");
  check(uv_loop_init(&loop));
  check(tlsloop_ctx_new(&ctx, TLSLOOP_PROTOCOL_TLS_SERVER));
  check(tlsloop_ctx_load_cert_chain_file(ctx, argv[3], NULL));
  client_ctx = SSL_CTX_new(TLS_client_method());
  if (client_ctx == NULL)
    openssl_die("client");
  if (strcmp(argv[1], "handshake") == 0)
    do_handshakes(n);
  else if (strcmp(argv[1], "echo") == 0)
    do_echoes(n, 64);
  else if (strcmp(argv[1], "record") == 0)
    do_echoes(n, RECORD_SIZE);
  else
    die("usage", argv[1]);
  tlsloop_ctx_unref(ctx);
  SSL_CTX_free(client_ctx);
  return uv_loop_close(&loop) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
