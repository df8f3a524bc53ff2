/* SPDX-License-Identifier: MIT */

/* echo-client: sends its standard input over TLS and prints what comes back.
 *
 * A libuv client becomes a TLS client like this: a context that says whom to
 * trust (make_context), a tlsloop_stream_t that knows the server's name
 * (start), and, when the transport is connected, tlsloop_attach and
 * tlsloop_handshake (on_connected). From then on tlsloop_ takes the place of
 * uv_ in what reads, writes, shuts down and closes.
 *
 * Try it:
 *
 *   printf 'GET / HTTP/1.0\r\n\r\n' | ./echo-client example.org 443
 *
 * Exit status: 0 both directions ended cleanly; 1 wrong usage; 2 it could not
 * start: a file, memory; 3 the connection failed; 4 the server's certificate
 * was refused; 5 standard input or output failed. */

#include <signal.h>
#include <stdio.h>
#include <tlsloop.h>
#include <uv.h>

#include "dial.h"
#include "options.h"
#include "std-stream.h"

enum {
  EXIT_CONNECTION = 3,
  EXIT_VERIFY = 4,
  EXIT_STDIO = 5
};

/* The one connection of this program. */
static struct {
  uv_loop_t loop;
  uv_signal_t signals[2];
  dial_t dial;
  tlsloop_stream_t tls;
  tlsloop_write_t write;
  tlsloop_shutdown_t shutdown;
  std_stream_t in;
  std_stream_t out;
  int open;     /* the handshake is complete */
  int ending;   /* we are closing our direction */
  int ended;    /* we have closed it */
  int got_eof;  /* the server has closed its direction */
  int finished; /* everything is being closed */
  int status;   /* of the exit */
} client;

static const char* host = "localhost";
static const char* port;
static char target[300]; /* the server, for messages */
static int insecure;
static int quiet;

static const char help[] =
    "Usage: echo-client [OPTION]... HOST PORT\n"
    "  or:  echo-client [OPTION]... --pipe PATH\n"
    "Send standard input to a TLS server and print what it sends.\n"
    "\n"
    "      --pipe PATH             connect to a Unix socket\n"
    "      --ca FILE               trust these CAs, PEM (the system's)\n"
    "      --ca-dir DIR            trust the CAs in DIR, made by c_rehash\n"
    "      --server-name NAME      the name to expect (HOST or localhost)\n"
    "      --cert FILE             our certificate chain, PEM\n"
    "      --key FILE              its private key, PEM (in --cert's file)\n"
    "      --alpn A,B              application protocols, best first\n"
    "      --min-version 1.2|1.3   lowest TLS version (1.2)\n"
    "      --max-version 1.2|1.3   highest TLS version (1.3)\n"
    "      --insecure              do not verify the server's certificate\n"
    "      --timeout SECONDS       for connecting, then for TLS (30)\n"
    "      --quiet                 print errors only\n"
    "      --help                  print this and exit\n"
    "      --version               print the version and exit\n"
    "\n"
    "The end of input, SIGINT or SIGTERM close our direction; what the server\n"
    "still sends is printed. A second signal closes at once.\n"
    "Exit status: 0 both directions ended cleanly, 1 wrong usage, 2 could not\n"
    "start, 3 connection failed, 4 certificate refused, 5 standard input or\n"
    "output failed.\n";

static void tell(const char* what, const char* value) {
  if (!quiet)
    fprintf(stderr, "%s: %s\n", what, value);
}

/* --- Ending -------------------------------------------------------------- */

/* Closes everything, which ends the loop. May be called in any state. */
static void finish(void) {
  if (client.finished)
    return;
  client.finished = 1;
  uv_close((uv_handle_t*) &client.signals[0], NULL);
  uv_close((uv_handle_t*) &client.signals[1], NULL);
  std_stream_close(&client.in);
  std_stream_close(&client.out);
  tlsloop_close(&client.tls, NULL); /* and its transport, if it has one */
  dial_close(&client.dial);
}

static void fail(int status, const char* what, const char* why) {
  if (client.finished)
    return;
  if (client.status == 0) {
    client.status = status;
    complain(what, why);
  }
  finish();
}

static void fail_tls(int code) {
  const tlsloop_error_t* error = tlsloop_stream_error(&client.tls);
  int refused = tlsloop_err_verify_code(code) != 0;
  const char* why = tlsloop_strerror(code);

  if (client.finished)
    return;
  if (refused)
    tell("verification", why);
  if (error != NULL && error->code == code)
    why = error->text;
  fail(refused ? EXIT_VERIFY : EXIT_CONNECTION, target, why);
}

static void on_shutdown(tlsloop_shutdown_t* req, int status) {
  (void) req;
  client.ended = status == 0;
  if (status < 0)
    fail_tls(status);
  else if (client.got_eof)
    finish();
}

/* Closes our direction; the server's stays open until it closes it. */
static void end_input(void) {
  int r;

  if (client.ending)
    return;
  client.ending = 1;
  std_stream_stop(&client.in);
  r = tlsloop_shutdown(&client.shutdown, &client.tls, on_shutdown);
  if (r < 0)
    fail_tls(r);
}

static void on_signal(uv_signal_t* handle, int signum) {
  (void) handle;
  if (client.open && !client.ending)
    end_input();
  else
    fail(EXIT_CONNECTION, target, signum == SIGINT ? "interrupted" : "stopped");
}

/* --- Standard input to the server ---------------------------------------- */

static void read_input(void);

static void on_written(tlsloop_write_t* req, int status) {
  (void) req;
  if (status < 0)
    fail_tls(status);
  else if (!client.ending)
    read_input();
}

static void on_input(std_stream_t* in, ssize_t n) {
  uv_buf_t buf = uv_buf_init(in->bytes, (unsigned int) n);
  int r = 0;

  if (client.ending || client.finished)
    return;
  if (n < 0)
    fail(EXIT_STDIO, "standard input", uv_strerror((int) n));
  else if (n == 0)
    end_input();
  else
    r = tlsloop_write(&client.write, &client.tls, &buf, 1, on_written);
  if (r < 0)
    fail_tls(r);
}

/* There is one buffer for each direction, and it is either being filled or
 * being emptied: that is all there is to back-pressure. */
static void read_input(void) {
  int r = std_stream_read(&client.in, on_input);

  if (r < 0)
    fail(EXIT_STDIO, "standard input", uv_strerror(r));
}

/* --- The server to standard output --------------------------------------- */

static void read_server(void);

static void on_output(std_stream_t* out, ssize_t n) {
  (void) out;
  if (n < 0)
    fail(EXIT_STDIO, "standard output", uv_strerror((int) n));
  else if (!client.finished)
    read_server();
}

static void on_alloc(tlsloop_stream_t* tls, size_t suggested, uv_buf_t* buf) {
  (void) tls;
  (void) suggested;
  *buf = uv_buf_init(client.out.bytes, sizeof(client.out.bytes));
}

static void on_eof(void) {
  client.got_eof = 1;
  if (client.ended) {
    finish();
  } else if (!client.ending) {
    client.status = EXIT_CONNECTION;
    complain(target, "the server closed before the end of the input");
    end_input();
  }
}

static void on_read(tlsloop_stream_t* tls, ssize_t nread, const uv_buf_t* buf) {
  int r = 0;

  (void) buf;
  if (nread == UV_EOF) {
    on_eof();
  } else if (nread < 0) {
    fail_tls((int) nread);
  } else if (nread > 0) {
    tlsloop_read_stop(tls); /* until standard output has taken this */
    r = std_stream_write(&client.out, (size_t) nread, on_output);
  }
  if (r < 0)
    fail(EXIT_STDIO, "standard output", uv_strerror(r));
}

static void read_server(void) {
  int r = tlsloop_read_start(&client.tls, on_alloc, on_read);

  if (r < 0)
    fail_tls(r);
}

/* --- The handshake ------------------------------------------------------- */

static void describe(void) {
  const tlsloop_engine_t* engine = tlsloop_stream_engine(&client.tls);
  int result = tlsloop_engine_verify_result(engine);
  tlsloop_cert_t* cert = NULL;
  const char* subject = NULL;
  const char* alpn;
  char name[256] = "none";
  size_t len;

  tell("protocol", tlsloop_engine_version(engine));
  tell("cipher", tlsloop_engine_cipher_name(engine));
  tlsloop_engine_alpn(engine, &alpn, &len);
  if (alpn != NULL) /* it is not NUL-terminated */
    snprintf(name, sizeof(name), "%.*s", (int) len, alpn);
  tell("alpn", name);
  if (tlsloop_engine_peer_cert(engine, &cert) == 0 && cert != NULL)
    subject = tlsloop_cert_subject(cert);
  tell("peer", subject != NULL ? subject : "none");
  tlsloop_cert_unref(cert);
  if (!insecure)
    tell("verification", "ok");
  else
    tell("not verified",
         tlsloop_strerror(result ? TLSLOOP_EVERIFY - result : 0));
}

static void on_handshake(tlsloop_stream_t* tls, int status) {
  (void) tls;
  if (status < 0) {
    fail_tls(status);
    return;
  }
  client.open = 1;
  describe();
  read_server();
  read_input();
}

static void on_connected(dial_t* dial, int status) {
  int r;

  if (status < 0) {
    fail(EXIT_CONNECTION, target, uv_strerror(status));
    return;
  }
  r = tlsloop_attach(&client.tls, &dial->transport.stream);
  if (r == 0) {
    dial->open = 0; /* from now on tlsloop_close closes the transport */
    r = tlsloop_handshake(&client.tls, on_handshake);
  }
  if (r < 0)
    fail_tls(r);
}

/* --- Starting ------------------------------------------------------------ */

/* Whom to trust: the one thing that a client must get right. */
static void load_trust(tlsloop_ctx_t* ctx) {
  if (insecure) {
    complain("--insecure", "anybody can pretend to be the server");
    check_ctx(ctx, tlsloop_ctx_allow_insecure(ctx));
    check_ctx(ctx, tlsloop_ctx_set_check_hostname(ctx, 0));
    check_ctx(ctx, tlsloop_ctx_set_verify_mode(ctx, TLSLOOP_CERT_NONE));
    return;
  }
  if (option[OPT_CA] != NULL)
    check_ctx(ctx, tlsloop_ctx_load_verify_file(ctx, option[OPT_CA]));
  if (option[OPT_CA_DIR] != NULL)
    check_ctx(ctx, tlsloop_ctx_load_verify_dir(ctx, option[OPT_CA_DIR]));
  if (option[OPT_CA] == NULL && option[OPT_CA_DIR] == NULL)
    check_ctx(ctx, tlsloop_ctx_load_default_certs(ctx));
}

static tlsloop_ctx_t* make_context(void) {
  tlsloop_ctx_t* ctx;
  int r = tlsloop_ctx_new(&ctx, TLSLOOP_PROTOCOL_TLS_CLIENT);

  if (r < 0)
    die(EXIT_SETUP, "TLS", tlsloop_strerror(r));
  load_options(ctx);
  load_trust(ctx);
  return ctx;
}

static void make_stream(uint64_t timeout) {
  const char* name =
      option[OPT_SERVER_NAME] != NULL ? option[OPT_SERVER_NAME] : host;
  tlsloop_ctx_t* ctx = make_context();
  int r = tlsloop_stream_init(&client.loop, &client.tls, ctx, TLSLOOP_CLIENT);

  tlsloop_ctx_unref(ctx); /* the stream holds its own reference */
  if (r == 0)
    r = tlsloop_stream_set_hostname(&client.tls, name);
  if (r < 0)
    die(EXIT_SETUP, name, tlsloop_strerror(r));
  tlsloop_stream_set_handshake_timeout(&client.tls, timeout);
  /* The server may not take our last bytes before we have taken some of its
   * own, and whoever reads our output may take long: no limit. */
  tlsloop_stream_set_shutdown_timeout(&client.tls, 0);
}

static void open_std_streams(void) {
  int r = std_stream_open(&client.in, &client.loop);

  if (r < 0)
    die(EXIT_SETUP, "standard input", uv_strerror(r));
  r = std_stream_open(&client.out, &client.loop);
  if (r < 0)
    die(EXIT_SETUP, "standard output", uv_strerror(r));
}

static void start_signals(void) {
  static const int signums[] = {SIGINT, SIGTERM};
  int i;

  /* A reader that has gone shows as an error of the write, not as a signal. */
  signal(SIGPIPE, SIG_IGN);
  for (i = 0; i < 2; i++) {
    uv_signal_init(&client.loop, &client.signals[i]);
    uv_signal_start(&client.signals[i], on_signal, signums[i]);
  }
}

static void start(void) {
  uint64_t timeout =
      1000 *
      (uint64_t) parse_number(
          option[OPT_TIMEOUT], 1, 86400, "not a time: 1 to 86400 seconds");
  int r;

  make_stream(timeout);
  open_std_streams();
  start_signals();
  if (option[OPT_PIPE] != NULL)
    r = dial_path(&client.dial, &client.loop, option[OPT_PIPE], on_connected);
  else
    r = dial_host(
        &client.dial, &client.loop, host, port, timeout, on_connected);
  if (r < 0)
    fail(EXIT_CONNECTION, target, uv_strerror(r));
}

static void read_server_name(int argc, char** argv) {
  if (argc != (option[OPT_PIPE] != NULL ? 0 : 2))
    die(EXIT_USAGE, "expected HOST and PORT, or --pipe PATH", "");
  if (option[OPT_PIPE] != NULL) {
    snprintf(target, sizeof(target), "%s", option[OPT_PIPE]);
    return;
  }
  host = argv[0];
  port = argv[1];
  parse_number(port, 1, 65535, "not a port: 1 to 65535");
  snprintf(target, sizeof(target), "%s port %s", host, port);
}

static void read_arguments(int argc, char** argv) {
  static const struct option longs[] = {
      {"pipe", required_argument, NULL, OPT_PIPE},
      {"ca", required_argument, NULL, OPT_CA},
      {"ca-dir", required_argument, NULL, OPT_CA_DIR},
      {"server-name", required_argument, NULL, OPT_SERVER_NAME},
      {"cert", required_argument, NULL, OPT_CERT},
      {"key", required_argument, NULL, OPT_KEY},
      {"alpn", required_argument, NULL, OPT_ALPN},
      {"min-version", required_argument, NULL, OPT_MIN_VERSION},
      {"max-version", required_argument, NULL, OPT_MAX_VERSION},
      {"insecure", no_argument, &insecure, 1},
      {"timeout", required_argument, NULL, OPT_TIMEOUT},
      {"quiet", no_argument, &quiet, 1},
      {"help", no_argument, NULL, OPT_HELP},
      {"version", no_argument, NULL, OPT_VERSION},
      {NULL, 0, NULL, 0}};
  int first;

  option[OPT_TIMEOUT] = "30";
  first = parse_options("echo-client", argc, argv, longs, help);
  read_server_name(argc - first, argv + first);
  if (insecure && (option[OPT_CA] != NULL || option[OPT_CA_DIR] != NULL))
    die(EXIT_USAGE, "--insecure", "does not go with --ca or --ca-dir");
}

int main(int argc, char** argv) {
  int r;

  read_arguments(argc, argv);
  std_stream_find(&client.in, 0);
  std_stream_find(&client.out, 1);
  r = uv_loop_init(&client.loop);
  if (r < 0)
    die(EXIT_SETUP, "event loop", uv_strerror(r));
  start();
  uv_run(&client.loop, UV_RUN_DEFAULT);

  std_stream_restore(&client.in);
  std_stream_restore(&client.out);
  /* Fails when a handle was forgotten: worth knowing while you write one. */
  return uv_loop_close(&client.loop) == 0 ? client.status : EXIT_SETUP;
}
