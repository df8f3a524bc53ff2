/* SPDX-License-Identifier: MIT */

/* echo-client: sends its standard input over TLS and prints what comes back.
 *
 * A libuv client becomes a TLS client in three places: a context that says whom
 * to trust (make_context); tlsloop_connect in place of uv_getaddrinfo and
 * uv_tcp_connect, which calls back when the handshake is complete (start,
 * on_connected); and tlsloop_ in place of uv_ in what reads, writes, shuts down
 * and closes (everything before on_connected).
 *
 * |help| has its options and what its exit status says. Try it:
 *   printf 'GET / HTTP/1.0\r\n\r\n' | ./echo-client example.org 443 */

#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tlsloop.h>
#include <unistd.h>
#include <uv.h>

enum {
  EXIT_USAGE = 1,
  EXIT_SETUP = 2,
  EXIT_CONNECTION = 3,
  EXIT_VERIFY = 4,
  EXIT_STDIO = 5
};

/* The one connection of this program. There is one buffer for each direction,
 * and it is either being filled or being emptied: that is all there is to
 * back-pressure. */
static struct {
  uv_loop_t loop;
  tlsloop_ctx_t* ctx;
  uv_signal_t signals[2];
  tlsloop_stream_t tls;
  tlsloop_connect_t connect;
  tlsloop_write_t write;
  tlsloop_shutdown_t shutdown;
  uv_fs_t in;  /* a read of standard input */
  uv_fs_t out; /* a write to standard output */
  char in_bytes[64 * 1024];
  char out_bytes[64 * 1024];
  uv_buf_t left; /* of |out_bytes|, what is to be written */
  int reading;   /* |in| is under way */
  int writing;   /* |out| is under way */
  int open;      /* the handshake is complete */
  int ending;    /* we are closing our direction */
  int ended;     /* we have closed it */
  int got_eof;   /* the server has closed its direction */
  int status;    /* of the exit */
} client;

/* The command line. */
static const char *host, *port, *path, *ca, *server_name, *cert, *key, *alpn;
static const char *lowest = "1.2", *highest = "1.3", *timeout = "30";
static int insecure, number, seconds;
static char target[300]; /* the server, for messages */

static const char help[] =
    "Usage: echo-client [OPTION]... (HOST PORT | --pipe PATH)\n"
    "Send standard input to a TLS server and print what it sends.\n\n"
    "      --pipe PATH             connect to a Unix socket\n"
    "      --ca FILE               trust these CAs, PEM (the system's)\n"
    "      --server-name NAME      the name to expect (HOST or localhost)\n"
    "      --cert FILE             our certificate chain, PEM\n"
    "      --key FILE              its private key, PEM (in --cert's file)\n"
    "      --alpn A,B              application protocols, best first\n"
    "      --min-version 1.2|1.3   lowest TLS version (1.2)\n"
    "      --max-version 1.2|1.3   highest TLS version (1.3)\n"
    "      --insecure              do not verify the server's certificate\n"
    "      --timeout SECONDS       for connecting and the handshake (30)\n"
    "      --help                  print this and exit\n\n"
    "The end of input, SIGINT or SIGTERM close our direction; what the server\n"
    "still sends is printed. A second signal closes at once.\n"
    "Exit status: 0 both directions ended cleanly, 1 wrong usage, 2 could not\n"
    "start, 3 connection failed, 4 certificate refused, 5 standard input or\n"
    "output failed.\n";

static void complain(const char* what, const char* why) {
  fprintf(stderr, "echo-client: %s: %s\n", what, why);
}

static _Noreturn void die(int status, const char* what, const char* why) {
  complain(what, why);
  exit(status);
}

static void tell(const char* what, const char* value) {
  fprintf(stderr, "%s: %s\n", what, value);
}

/* Details, where there are some, say what |status| does not: the file and the
 * reason, or what exactly was wrong with the server. */
static const char* explain(int status, const tlsloop_error_t* error) {
  if (error != NULL && error->code == status)
    return error->text;
  return tlsloop_strerror(status);
}

/* Closes everything, which ends the loop. */
static void finish(void) {
  if (tlsloop_is_closing(&client.tls))
    return;
  uv_close((uv_handle_t*) &client.signals[0], NULL);
  uv_close((uv_handle_t*) &client.signals[1], NULL);
  tlsloop_close(&client.tls, NULL);
}

/* Whatever goes wrong after the first failure is only its consequence. */
static void fail(int status, const char* what, const char* why) {
  if (client.status == 0 && !tlsloop_is_closing(&client.tls)) {
    client.status = status;
    complain(what, why);
  }
  finish();
}

static void fail_tls(int code) {
  int refused = tlsloop_err_verify_code(code) != 0;

  if (refused)
    tell("verification", tlsloop_strerror(code));
  fail(refused ? EXIT_VERIFY : EXIT_CONNECTION,
       target,
       explain(code, tlsloop_stream_error(&client.tls)));
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

static void read_input(void);

static void on_written(tlsloop_write_t* req, int status) {
  (void) req;
  if (status < 0)
    fail_tls(status);
  else if (!client.ending)
    read_input();
}

static void on_input(uv_fs_t* fs) {
  ssize_t n = fs->result;
  uv_buf_t buf = uv_buf_init(client.in_bytes, n > 0 ? (unsigned int) n : 0);
  int r = 0;

  client.reading = 0;
  uv_fs_req_cleanup(fs);
  if (client.ending)
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

/* On libuv's thread pool, which takes files, pipes and terminals alike. */
static void read_input(void) {
  uv_buf_t buf = uv_buf_init(client.in_bytes, sizeof(client.in_bytes));
  int r = uv_fs_read(&client.loop, &client.in, 0, &buf, 1, -1, on_input);

  client.reading = r == 0;
  if (r < 0)
    fail(EXIT_STDIO, "standard input", uv_strerror(r));
}

static void read_server(void);
static void write_output(void);

/* A file may take less than it was given, when the disk is full or the file
 * has reached a limit: the next write then says which. */
static void on_output(uv_fs_t* fs) {
  ssize_t n = fs->result;

  client.writing = 0;
  uv_fs_req_cleanup(fs);
  if (n < 0) {
    fail(EXIT_STDIO, "standard output", uv_strerror((int) n));
    return;
  }
  client.left.base += n;
  client.left.len -= (size_t) n;
  if (client.left.len > 0)
    write_output();
  else if (!tlsloop_is_closing(&client.tls))
    read_server();
}

static void write_output(void) {
  int r =
      uv_fs_write(&client.loop, &client.out, 1, &client.left, 1, -1, on_output);

  client.writing = r == 0;
  if (r < 0)
    fail(EXIT_STDIO, "standard output", uv_strerror(r));
}

static void on_alloc(tlsloop_stream_t* tls, size_t suggested, uv_buf_t* buf) {
  (void) tls;
  (void) suggested;
  *buf = uv_buf_init(client.out_bytes, sizeof(client.out_bytes));
}

static void on_read(tlsloop_stream_t* tls, ssize_t nread, const uv_buf_t* buf) {
  if (nread > 0) {
    tlsloop_read_stop(tls); /* until standard output has taken this */
    client.left = uv_buf_init(buf->base, (unsigned int) nread);
    write_output();
  } else if (nread < 0 && nread != UV_EOF) {
    fail_tls((int) nread);
  } else if (nread == UV_EOF) {
    client.got_eof = 1;
    if (!client.ending) {
      client.status = EXIT_CONNECTION;
      complain(target, "the server closed before the end of the input");
    }
    end_input();
    if (client.ended)
      finish();
  }
}

static void read_server(void) {
  int r = tlsloop_read_start(&client.tls, on_alloc, on_read);

  if (r < 0)
    fail_tls(r);
}

static void describe(void) {
  const tlsloop_engine_t* engine = tlsloop_stream_engine(&client.tls);
  int result = tlsloop_engine_verify_result(engine);
  tlsloop_cert_t* peer = NULL;
  const char* subject = NULL;
  const char* protocol;
  char name[256] = "none";
  size_t len;

  tell("protocol", tlsloop_engine_version(engine));
  tell("cipher", tlsloop_engine_cipher_name(engine));
  tlsloop_engine_alpn(engine, &protocol, &len);
  if (protocol != NULL) /* it is not NUL-terminated */
    snprintf(name, sizeof(name), "%.*s", (int) len, protocol);
  tell("alpn", name);
  if (tlsloop_engine_peer_cert(engine, &peer) == 0 && peer != NULL)
    subject = tlsloop_cert_subject(peer);
  tell("peer", subject != NULL ? subject : "none");
  tlsloop_cert_unref(peer);
  result = result != 0 ? TLSLOOP_EVERIFY - result : 0;
  tell(insecure ? "not verified" : "verification",
       insecure ? tlsloop_strerror(result) : "ok");
}

static void on_connected(tlsloop_connect_t* req, int status) {
  (void) req;
  if (status < 0) {
    fail_tls(status);
    return;
  }
  client.open = 1;
  describe();
  read_server();
  read_input();
}

/* Details of what goes wrong with the context name the file. */
static void check(int r) {
  if (r < 0)
    die(EXIT_SETUP, "TLS", explain(r, tlsloop_ctx_error(client.ctx)));
}

static int parse_version(const char* value) {
  if (strcmp(value, "1.2") == 0)
    return TLSLOOP_TLS_1_2;
  if (strcmp(value, "1.3") != 0)
    die(EXIT_USAGE, value, "not a TLS version: 1.2 or 1.3");
  return TLSLOOP_TLS_1_3;
}

static void set_alpn(void) {
  const char* names[32];
  size_t count = 0;
  char* list = strdup(alpn);
  char* rest = list;

  while (rest != NULL && count < 32)
    names[count++] = strsep(&rest, ",");
  check(tlsloop_ctx_set_alpn(client.ctx, names, count));
  free(list);
}

/* Whom to trust is the one thing that a client must get right. */
static void make_context(void) {
  if (tlsloop_ctx_new(&client.ctx, TLSLOOP_PROTOCOL_TLS_CLIENT) < 0)
    die(EXIT_SETUP, "TLS", "out of memory");
  check(tlsloop_ctx_set_min_version(client.ctx, parse_version(lowest)));
  check(tlsloop_ctx_set_max_version(client.ctx, parse_version(highest)));
  if (alpn != NULL)
    set_alpn();
  if (cert != NULL)
    check(tlsloop_ctx_load_cert_chain_file(client.ctx, cert, key));
  if (insecure) {
    complain("--insecure", "anybody can pretend to be the server");
    check(tlsloop_ctx_allow_insecure(client.ctx));
    check(tlsloop_ctx_set_check_hostname(client.ctx, 0));
    check(tlsloop_ctx_set_verify_mode(client.ctx, TLSLOOP_CERT_NONE));
  } else if (ca != NULL) {
    check(tlsloop_ctx_load_verify_file(client.ctx, ca));
  } else {
    check(tlsloop_ctx_load_default_certs(client.ctx));
  }
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
  tlsloop_stream_t* tls = &client.tls;
  int r = 0;

  check(tlsloop_stream_init(&client.loop, tls, client.ctx, TLSLOOP_CLIENT));
  /* The server may not take our last bytes before we have taken some of its
   * own, and whoever reads our output may take long: no limit. */
  tlsloop_stream_set_shutdown_timeout(tls, 0);
  tlsloop_stream_set_handshake_timeout(tls, 1000 * (uint64_t) seconds);
  start_signals();
  if (path != NULL || server_name != NULL)
    r = tlsloop_stream_set_hostname(tls,
                                    server_name ? server_name : "localhost");
  if (r == 0 && path != NULL)
    r = tlsloop_connect_pipe(&client.connect, tls, path, on_connected);
  else if (r == 0)
    r = tlsloop_connect(&client.connect, tls, host, number, on_connected);
  if (r < 0)
    fail_tls(r);
}

static int parse_number(const char* value, const char* what) {
  char* end;
  long parsed = strtol(value, &end, 10);

  if (end == value || *end != '\0' || parsed < 1 || parsed > 65535)
    die(EXIT_USAGE, value, what);
  return (int) parsed;
}

static const char** const values[] =
    {&path, &ca, &server_name, &cert, &key, &alpn, &timeout, &lowest, &highest};

/* Those with a value come in the order of |values|. */
static const struct option options[] = {
    {"pipe", required_argument, NULL, 0},
    {"ca", required_argument, NULL, 0},
    {"server-name", required_argument, NULL, 0},
    {"cert", required_argument, NULL, 0},
    {"key", required_argument, NULL, 0},
    {"alpn", required_argument, NULL, 0},
    {"timeout", required_argument, NULL, 0},
    {"min-version", required_argument, NULL, 0},
    {"max-version", required_argument, NULL, 0},
    {"insecure", no_argument, &insecure, 1},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0}};

static void read_arguments(int argc, char** argv) {
  int index, option;

  while ((option = getopt_long(argc, argv, "", options, &index)) != -1) {
    if (option == 'h')
      exit(fputs(help, stdout) < 0 ? EXIT_SETUP : 0);
    if (option != 0)
      exit(EXIT_USAGE);
    if (optarg != NULL)
      *values[index] = optarg;
  }
  host = argv[optind];
  port = host == NULL ? NULL : argv[optind + 1];
  if (key != NULL && cert == NULL)
    die(EXIT_USAGE, "--key", "needs --cert");
  seconds = parse_number(timeout, "not a time: 1 to 65535 seconds");
  if (path == NULL && port != NULL) {
    snprintf(target, sizeof(target), "%s port %s", host, port);
    number = parse_number(port, "not a port: 1 to 65535");
  } else if (path != NULL && host == NULL) {
    snprintf(target, sizeof(target), "%s", path);
  } else {
    die(EXIT_USAGE, "expected HOST and PORT, or --pipe PATH", "try --help");
  }
}

int main(int argc, char** argv) {
  read_arguments(argc, argv);
  /* What is closed here would get its number from something that we open. */
  if (fcntl(0, F_GETFD) < 0 || fcntl(1, F_GETFD) < 0)
    die(EXIT_SETUP, "standard input or output", "closed");
  make_context();
  uv_loop_init(&client.loop);
  start();
  /* Nothing ends a read of a terminal but its user, so we do not wait for one
   * that is left alone. */
  while (uv_run(&client.loop, UV_RUN_ONCE) != 0)
    if (tlsloop_is_closing(&client.tls) && client.reading && !client.writing)
      _exit(client.status);

  tlsloop_ctx_unref(client.ctx);
  /* Fails when a handle was forgotten: worth knowing while you write one. */
  return uv_loop_close(&client.loop) == 0 ? client.status : EXIT_SETUP;
}
