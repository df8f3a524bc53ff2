/* SPDX-License-Identifier: MIT */

/* echo-server: sends back what it receives, over TLS.
 *
 * A libuv server becomes a TLS server in three places: a context made once
 * (make_context); tlsloop_listen and tlsloop_accept in place of uv_listen and
 * uv_accept, which hand over streams whose handshake is complete (main,
 * on_connection); and tlsloop_ in place of uv_ in what reads, writes, shuts
 * down and closes (everything before on_connection).
 *
 * |help| has its options and what its exit status says. Try it:
 *   ./echo-server &
 *   listening on 127.0.0.1:40123
 *   echo hello | ./echo-client --insecure localhost 40123 */

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <tlsloop.h>
#include <uv.h>

enum {
  EXIT_USAGE = 1,
  EXIT_SETUP = 2,
  SHUTDOWN_MS = 60 * 1000, /* for a slow reader to fetch the rest */
  LINGER_MS = 5 * 1000,    /* for everybody, after a signal */
  ADDRESS_SIZE = 128       /* any address as text */
};

typedef struct conn_s {
  tlsloop_stream_t tls;
  tlsloop_write_t write;
  tlsloop_shutdown_t shutdown;
  LIST_ENTRY(conn_s) link;
  int got_eof; /* the peer has closed its direction */
  int ending;  /* we are closing ours */
  int ended;   /* we have closed ours */
  char peer[ADDRESS_SIZE];
  char bytes[64 * 1024]; /* on their way back */
} conn_t;

/* The one server of this program. */
static struct {
  uv_loop_t loop;
  tlsloop_ctx_t* ctx;
  tlsloop_listener_t listener;
  union uv_any_handle transport; /* where it listens: a TCP or Unix socket */
  uv_signal_t signals[2];
  uv_timer_t linger;
  LIST_HEAD(, conn_s) conns;
} server;

/* The command line. */
static const char *path, *cert, *key, *ca, *alpn;
static const char *host = "127.0.0.1", *port = "0";
static const char *lowest = "1.2", *highest = "1.3";
static int verify_mode = TLSLOOP_CERT_NONE;

static const char help[] =
    "Usage: echo-server [OPTION]...\n"
    "Send back what TLS clients send.\n\n"
    "      --host ADDRESS          listen on this address (127.0.0.1)\n"
    "      --port PORT             listen on this port (0: any free one)\n"
    "      --pipe PATH             listen on a Unix socket instead\n"
    "      --cert FILE             certificate chain, PEM (one made now)\n"
    "      --key FILE              its private key, PEM (in --cert's file)\n"
    "      --ca FILE               whose certificates clients may have\n"
    "      --require-client-cert   refuse clients without one\n"
    "      --request-client-cert   let them in, refuse bad ones only\n"
    "      --alpn A,B              application protocols, best first\n"
    "      --min-version 1.2|1.3   lowest TLS version (1.2)\n"
    "      --max-version 1.2|1.3   highest TLS version (1.3)\n"
    "      --help                  print this and exit\n\n"
    "Once clients can connect it prints \"listening on ADDRESS\". SIGINT or\n"
    "SIGTERM ends all connections, then the server; a second one kills it.\n"
    "Exit status: 0 stopped by a signal, 1 wrong usage, 2 could not start.\n";

static void complain(const char* what, const char* why) {
  fprintf(stderr, "echo-server: %s: %s\n", what, why);
}

static _Noreturn void die(int status, const char* what, const char* why) {
  complain(what, why);
  exit(status);
}

/* Details, where there are some, say what |status| does not: the file and the
 * reason, or what exactly was wrong with the peer. */
static const char* explain(int status, const tlsloop_error_t* error) {
  if (error != NULL && error->code == status)
    return error->text;
  return tlsloop_strerror(status);
}

/* Writes |addr|, unless it is NULL, as "127.0.0.1:80" or "[::1]:80". */
static void format_address(const struct sockaddr* addr,
                           char text[ADDRESS_SIZE]) {
  struct sockaddr_in in; /* in IPv6 addresses too, the port is there */
  char ip[INET6_ADDRSTRLEN];

  snprintf(text, ADDRESS_SIZE, "client");
  if (addr == NULL || uv_ip_name(addr, ip, sizeof(ip)) < 0)
    return;
  memcpy(&in, addr, sizeof(in));
  snprintf(text,
           ADDRESS_SIZE,
           addr->sa_family == AF_INET6 ? "[%s]:%d" : "%s:%d",
           ip,
           ntohs(in.sin_port));
}

static void on_closed(tlsloop_stream_t* tls) {
  conn_t* conn = tls->data;

  LIST_REMOVE(conn, link);
  free(conn);
}

/* Whatever went wrong: one line that says so, and the end. A second failure of
 * the same connection is only a consequence of the first. */
static void conn_fail(conn_t* conn, int status) {
  if (tlsloop_is_closing(&conn->tls))
    return;
  /* Once all of ours and close_notify are sent, a peer that just goes away has
   * missed nothing. */
  if (!conn->ended)
    complain(conn->peer, explain(status, tlsloop_stream_error(&conn->tls)));
  tlsloop_close(&conn->tls, on_closed);
}

static void on_shutdown(tlsloop_shutdown_t* req, int status) {
  conn_t* conn = req->stream->data;

  conn->ended = status == 0;
  /* Closing while the peer still sends would reset the connection, and what we
   * have just sent could be lost with it. So wait for its end too. */
  if (status < 0)
    conn_fail(conn, status);
  else if (conn->got_eof)
    tlsloop_close(&conn->tls, on_closed);
}

/* Closes our direction, once what is being written has gone out. */
static void conn_end(conn_t* conn) {
  int r;

  if (conn->ending)
    return;
  conn->ending = 1;
  r = tlsloop_shutdown(&conn->shutdown, &conn->tls, on_shutdown);
  if (r < 0)
    conn_fail(conn, r);
}

static void on_alloc(tlsloop_stream_t* tls, size_t suggested, uv_buf_t* buf) {
  conn_t* conn = tls->data;

  (void) suggested;
  *buf = uv_buf_init(conn->bytes, sizeof(conn->bytes));
}

static void on_read(tlsloop_stream_t* tls, ssize_t nread, const uv_buf_t* buf);

static void conn_read(conn_t* conn) {
  int r = tlsloop_read_start(&conn->tls, on_alloc, on_read);

  if (r < 0)
    conn_fail(conn, r);
}

static void on_written(tlsloop_write_t* req, int status) {
  conn_t* conn = req->stream->data;

  if (status < 0)
    conn_fail(conn, status);
  else
    conn_read(conn);
}

static void on_read(tlsloop_stream_t* tls, ssize_t nread, const uv_buf_t* buf) {
  conn_t* conn = tls->data;
  uv_buf_t data = uv_buf_init(buf->base, nread > 0 ? (unsigned int) nread : 0);
  int r = 0;

  if (nread == UV_EOF) {
    /* The peer has closed its direction only; what it sent still goes back. */
    conn->got_eof = 1;
    conn_end(conn);
    if (conn->ended)
      tlsloop_close(tls, on_closed);
  } else if (nread < 0) {
    conn_fail(conn, (int) nread);
  } else if (nread > 0 && !conn->ending) {
    /* A peer that sends and does not read must not fill our memory: we read no
     * more until this is on its way back, and TCP stops the peer meanwhile. */
    tlsloop_read_stop(tls);
    r = tlsloop_write(&conn->write, tls, &data, 1, on_written);
  }
  if (r < 0)
    conn_fail(conn, r);
}

static void on_connection(tlsloop_listener_t* listener) {
  conn_t* conn = calloc(1, sizeof(*conn));
  struct sockaddr_storage storage = {0};
  struct sockaddr* addr = (struct sockaddr*) &storage;
  int len = sizeof(storage);

  if (conn == NULL || tlsloop_accept(listener, &conn->tls) < 0) {
    complain("cannot accept", "out of memory");
    free(conn);
    return;
  }
  conn->tls.data = conn;
  LIST_INSERT_HEAD(&server.conns, conn, link);
  if (path == NULL)
    uv_tcp_getpeername((uv_tcp_t*) conn->tls.transport, addr, &len);
  format_address(addr, conn->peer);
  tlsloop_stream_set_shutdown_timeout(&conn->tls, SHUTDOWN_MS);
  conn_read(conn);
}

/* Somebody who did not get in is no reason to stop serving the others. */
static void on_refused(tlsloop_listener_t* listener,
                       int status,
                       const tlsloop_error_t* error,
                       const struct sockaddr* addr) {
  char peer[ADDRESS_SIZE];

  (void) listener;
  format_address(addr, peer);
  complain(peer, explain(status, error));
}

static void on_linger(uv_timer_t* timer) {
  conn_t* conn;

  (void) timer;
  complain("stopping", "not every client has ended");
  LIST_FOREACH(conn, &server.conns, link) {
    tlsloop_close(&conn->tls, on_closed);
  }
}

/* What was read still goes back, then close_notify. From here on what clients
 * send is read, so that they get that far, but not sent back. A second signal
 * finds no handler and ends the process. */
static void on_signal(uv_signal_t* handle, int signum) {
  conn_t* conn;

  (void) handle;
  (void) signum;
  tlsloop_listener_close(&server.listener, NULL);
  uv_timer_start(&server.linger, on_linger, LINGER_MS, 0);
  LIST_FOREACH(conn, &server.conns, link) {
    conn_end(conn);
  }
}

/* Certificates, keys, trust and policy belong to the context, which is made
 * once and shared by all connections. Details of what goes wrong with it name
 * the file. */
static void check(int r) {
  if (r < 0)
    die(EXIT_SETUP, "TLS", explain(r, tlsloop_ctx_error(server.ctx)));
}

/* Makes a certificate for trying things out. Programs whose certificates come
 * from files need nothing of OpenSSL. */
static void load_self_signed(void) {
  const unsigned char name[] = "localhost";
  EVP_PKEY* pkey = EVP_EC_gen("P-256");
  X509* x509 = X509_new();
  BIO* pem = BIO_new(BIO_s_mem());
  char* data;
  size_t len;

  if (pkey == NULL || x509 == NULL || pem == NULL ||
      !X509_NAME_add_entry_by_txt(
          X509_get_subject_name(x509), "CN", MBSTRING_ASC, name, -1, -1, 0) ||
      !X509_set_issuer_name(x509, X509_get_subject_name(x509)) ||
      X509_gmtime_adj(X509_getm_notBefore(x509), 0) == NULL ||
      X509_gmtime_adj(X509_getm_notAfter(x509), 30 * 24 * 60 * 60) == NULL ||
      !X509_set_pubkey(x509, pkey) || !X509_sign(x509, pkey, EVP_sha256()) ||
      !PEM_write_bio_X509(pem, x509) ||
      !PEM_write_bio_PrivateKey(pem, pkey, NULL, NULL, 0, NULL, NULL))
    die(EXIT_SETUP, "self-signed certificate", "OpenSSL cannot make one");
  len = (size_t) BIO_get_mem_data(pem, &data);
  check(tlsloop_ctx_load_cert_chain_mem(server.ctx, data, len, NULL, 0));
  X509_free(x509);
  EVP_PKEY_free(pkey);
  BIO_free(pem);
  complain("no --cert", "using a new self-signed certificate");
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
  check(tlsloop_ctx_set_alpn(server.ctx, names, count));
  free(list);
}

static void make_context(void) {
  if (tlsloop_ctx_new(&server.ctx, TLSLOOP_PROTOCOL_TLS_SERVER) < 0)
    die(EXIT_SETUP, "TLS", "out of memory");
  check(tlsloop_ctx_set_min_version(server.ctx, parse_version(lowest)));
  check(tlsloop_ctx_set_max_version(server.ctx, parse_version(highest)));
  if (alpn != NULL)
    set_alpn();
  if (cert != NULL)
    check(tlsloop_ctx_load_cert_chain_file(server.ctx, cert, key));
  else
    load_self_signed();
  if (ca != NULL)
    check(tlsloop_ctx_load_verify_file(server.ctx, ca));
  check(tlsloop_ctx_set_verify_mode(server.ctx, verify_mode));
}

/* Binds the socket and stores where it is in |name|. */
static int bind_tcp(uv_tcp_t* tcp, char name[ADDRESS_SIZE]) {
  struct sockaddr_storage storage;
  struct sockaddr* addr = (struct sockaddr*) &storage;
  int len = sizeof(storage);
  char* end;
  long number = strtol(port, &end, 10);
  int r;

  if (end == port || *end != '\0' || number < 0 || number > 65535)
    die(EXIT_USAGE, port, "not a port: 0 to 65535");
  if (uv_ip4_addr(host, (int) number, (struct sockaddr_in*) &storage) < 0 &&
      uv_ip6_addr(host, (int) number, (struct sockaddr_in6*) &storage) < 0)
    die(EXIT_USAGE, host, "not an IPv4 or IPv6 address");
  uv_tcp_init(&server.loop, tcp);
  r = uv_tcp_bind(tcp, addr, 0);
  if (r == 0) /* which port has 0 become? */
    r = uv_tcp_getsockname(tcp, addr, &len);
  format_address(addr, name);
  return r;
}

static void start_listening(void) {
  char name[ADDRESS_SIZE];
  int r;

  if (path == NULL) {
    r = bind_tcp(&server.transport.tcp, name);
  } else {
    snprintf(name, sizeof(name), "%s", path);
    uv_pipe_init(&server.loop, &server.transport.pipe, 0);
    r = uv_pipe_bind(&server.transport.pipe, path);
  }
  if (r == 0)
    r = tlsloop_listen(
        &server.listener, &server.transport.stream, SOMAXCONN, on_connection);
  if (r < 0)
    die(EXIT_SETUP, name, uv_strerror(r));
  printf("listening on %s\n", name);
  fflush(stdout);
}

/* Signals and the timer do not keep the loop alive: it ends with the last
 * connection once the listener is closed. */
static void start_signals(void) {
  static const int signums[] = {SIGINT, SIGTERM};
  int i;

  /* A client that has gone shows as an error of the write, not as a signal. */
  signal(SIGPIPE, SIG_IGN);
  for (i = 0; i < 2; i++) {
    uv_signal_init(&server.loop, &server.signals[i]);
    uv_signal_start_oneshot(&server.signals[i], on_signal, signums[i]);
    uv_unref((uv_handle_t*) &server.signals[i]);
  }
  uv_timer_init(&server.loop, &server.linger);
  uv_unref((uv_handle_t*) &server.linger);
}

static const char** const values[] =
    {&host, &port, &path, &cert, &key, &ca, &alpn, &lowest, &highest};

/* Those with a value come in the order of |values|. */
static const struct option options[] = {
    {"host", required_argument, NULL, 0},
    {"port", required_argument, NULL, 0},
    {"pipe", required_argument, NULL, 0},
    {"cert", required_argument, NULL, 0},
    {"key", required_argument, NULL, 0},
    {"ca", required_argument, NULL, 0},
    {"alpn", required_argument, NULL, 0},
    {"min-version", required_argument, NULL, 0},
    {"max-version", required_argument, NULL, 0},
    {"require-client-cert", no_argument, &verify_mode, TLSLOOP_CERT_REQUIRED},
    {"request-client-cert", no_argument, &verify_mode, TLSLOOP_CERT_OPTIONAL},
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
  if (optind < argc)
    die(EXIT_USAGE, argv[optind], "unexpected argument");
  if (key != NULL && cert == NULL)
    die(EXIT_USAGE, "--key", "needs --cert");
  if ((verify_mode != TLSLOOP_CERT_NONE) != (ca != NULL))
    die(EXIT_USAGE, "--ca", "goes with --require- or --request-client-cert");
}

int main(int argc, char** argv) {
  read_arguments(argc, argv);
  make_context();
  uv_loop_init(&server.loop);
  check(tlsloop_listener_init(&server.loop, &server.listener, server.ctx));
  tlsloop_listener_on_error(&server.listener, on_refused);
  start_signals();
  start_listening();
  uv_run(&server.loop, UV_RUN_DEFAULT);

  uv_close((uv_handle_t*) &server.signals[0], NULL);
  uv_close((uv_handle_t*) &server.signals[1], NULL);
  uv_close((uv_handle_t*) &server.linger, NULL);
  uv_run(&server.loop, UV_RUN_DEFAULT);
  tlsloop_ctx_unref(server.ctx);
  return uv_loop_close(&server.loop) == 0 ? 0 : EXIT_SETUP;
}
