/* SPDX-License-Identifier: MIT */

/* starttls-client: sends mail over SMTP, which begins in plaintext and goes on
 * in TLS after STARTTLS (RFC 3207).
 *
 * |steps| is all that it says, and what it wants to hear. The step into TLS is
 * upgrade: tlsloop_upgrade puts a stream on the connection that is there, and
 * is given what has come after the answer to STARTTLS. That can only be an
 * attempt to have plaintext taken for an answer that came over TLS; there it
 * fails. A server that does not offer STARTTLS gets no mail.
 *
 * |help| has its options and what its exit status says. Try it:
 *   echo hello | ./starttls-client --to someone@example.org localhost 2525 */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli.h"

enum {
  EXIT_CONNECTION = 3,
  EXIT_VERIFY = 4,
  EXIT_REFUSED = 5,
  EXIT_STDIO = 6
};

const char program[] = "starttls-client";

static const char help[] =
    "Usage: starttls-client --to ADDRESS [OPTION]... HOST PORT\n"
    "Send standard input as mail over SMTP with STARTTLS.\n\n"
    "      --to ADDRESS            whom it is for\n"
    "      --from ADDRESS          whom it is from (nobody)\n"
    "      --ca FILE               trust these CAs, PEM (the system's)\n"
    "      --server-name NAME      the name to expect (HOST)\n"
    "      --timeout SECONDS       for all of it (60)\n"
    "      --help                  print this and exit\n\n"
    "Exit status: 0 the server has taken it, 1 wrong usage, 2 could not "
    "start,\n"
    "3 connection failed, 4 certificate refused, 5 the server refused it or\n"
    "has no STARTTLS, 6 standard input failed.\n";

/* The command line. */
static const char *host, *ca, *server_name, *to, *from = "", *timeout = "60";

/* The one connection of this program. */
static struct {
  uv_loop_t loop;
  tlsloop_ctx_t* ctx;
  uv_signal_t signals[2];
  uv_timer_t timer;
  uv_getaddrinfo_t resolve;
  struct addrinfo* addrs;
  struct addrinfo* addr; /* the one to try */
  uv_tcp_t tcp;
  uv_connect_t connect;
  tlsloop_stream_t tls; /* on |tcp| once |secure| is set */
  uv_write_t plain_write;
  tlsloop_write_t tls_write;
  tlsloop_shutdown_t shutdown;
  int step;         /* of |steps| */
  int secure;       /* TLS was begun */
  int has_starttls; /* the server offers it */
  int closing;
  int status;           /* of the exit */
  char command[600];    /* on its way */
  char lines[8 * 1024]; /* what the server has answered so far */
  size_t len;
  char* message;
  size_t message_len;
} client;

static void upgrade(void);
static void end(void);

/* What is said, what the server has to answer, and what is done then; NULL:
 * the next step. */
static const struct {
  const char* command;
  const char** address; /* to be put after it, in brackets */
  const char* answer;
  void (*then)(void);
} steps[] = {
    {NULL, NULL, "220", NULL}, /* the greeting */
    {"EHLO localhost", NULL, "250", NULL},
    {"STARTTLS", NULL, "220", upgrade},
    {"EHLO localhost", NULL, "250", NULL},
    {"MAIL FROM:", &from, "250", NULL},
    {"RCPT TO:", &to, "250", NULL},
    {"DATA", NULL, "354", NULL},
    {NULL, NULL, "250", NULL}, /* the message */
    {"QUIT", NULL, "221", end},
};

enum {
  STEP_STARTTLS = 2,
  STEP_MESSAGE = 7,
  STEP_QUIT = 8
};

/* Closes everything, which ends the loop. */
static void finish(void) {
  if (client.closing)
    return;
  client.closing = 1;
  stop_signals(client.signals);
  uv_close((uv_handle_t*) &client.timer, NULL);
  uv_cancel((uv_req_t*) &client.resolve);
  tlsloop_close(&client.tls, NULL); /* and |tcp|, once it is on that */
  if (!client.secure && client.addr != NULL &&
      !uv_is_closing((uv_handle_t*) &client.tcp))
    uv_close((uv_handle_t*) &client.tcp, NULL);
}

/* Whatever goes wrong after the first failure is only its consequence, and
 * after QUIT nothing does. */
static void fail(int status, const char* why) {
  if (!client.closing && client.step <= STEP_QUIT) {
    client.status = status;
    complain(host, why);
  }
  finish();
}

static void fail_io(int code) {
  int refused = tlsloop_err_verify_code(code) != 0;
  const tlsloop_error_t* error = NULL;

  if (client.secure)
    error = tlsloop_stream_error(&client.tls);
  fail(refused ? EXIT_VERIFY : EXIT_CONNECTION, explain(code, error));
}

static void on_signal(uv_signal_t* handle, int signum) {
  (void) handle;
  fail(EXIT_CONNECTION, signum == SIGINT ? "interrupted" : "stopped");
}

static void on_timeout(uv_timer_t* timer) {
  (void) timer;
  fail_io(UV_ETIMEDOUT);
}

/* Writing. */

static void on_plain_written(uv_write_t* req, int status) {
  (void) req;
  if (status < 0 && !client.closing)
    fail_io(status);
}

static void on_tls_written(tlsloop_write_t* req, int status) {
  (void) req;
  if (status < 0 && !client.closing)
    fail_io(status);
}

static void say(char* text, size_t len) {
  uv_buf_t buf = uv_buf_init(text, (unsigned int) len);
  int r;

  if (client.secure)
    r = tlsloop_write(&client.tls_write, &client.tls, &buf, 1, on_tls_written);
  else
    r = uv_write(&client.plain_write,
                 (uv_stream_t*) &client.tcp,
                 &buf,
                 1,
                 on_plain_written);
  if (r < 0)
    fail_io(r);
}

static void next_step(void) {
  const char* const* address = steps[++client.step].address;
  int n;

  if (client.step == STEP_STARTTLS && !client.has_starttls) {
    fail(EXIT_REFUSED, "the server does not offer STARTTLS");
    return;
  }
  if (client.step == STEP_MESSAGE) {
    say(client.message, client.message_len);
    return;
  }
  n = snprintf(client.command,
               sizeof(client.command),
               "%s%s%s%s\r\n",
               steps[client.step].command,
               address != NULL ? "<" : "",
               address != NULL ? *address : "",
               address != NULL ? ">" : "");
  say(client.command, (size_t) n);
}

/* Reading. */

/* A line of an answer: a number, then a dash unless it is the last. */
static void on_line(const char* line) {
  if (strcasecmp(line, "250-STARTTLS") == 0 ||
      strcasecmp(line, "250 STARTTLS") == 0)
    client.has_starttls = 1;
  if (strlen(line) > 3 && line[3] == '-')
    return;
  if (strncmp(line, steps[client.step].answer, 3) != 0)
    fail(EXIT_REFUSED, line);
  else if (steps[client.step].then != NULL)
    steps[client.step].then();
  else
    next_step();
}

/* The answer to STARTTLS is the last line of plaintext: what came with it is
 * not looked at here. */
static void on_bytes(void) {
  int secure = client.secure;
  char line[512];
  char* lf;

  while (!client.closing && client.secure == secure &&
         (lf = memchr(client.lines, '\n', client.len)) != NULL) {
    size_t len = (size_t) (lf - client.lines);
    size_t i, n = len < sizeof(line) ? len : sizeof(line) - 1;

    for (i = 0; i < n; i++) /* it may be shown on a terminal */
      line[i] = client.lines[i] < ' ' ? ' ' : client.lines[i];
    while (n > 0 && line[n - 1] == ' ')
      n--;
    line[n] = '\0';
    client.len -= len + 1;
    memmove(client.lines, lf + 1, client.len);
    on_line(line);
  }
  if (client.len == sizeof(client.lines))
    fail(EXIT_REFUSED, "the answer has no end");
}

static void on_read(ssize_t nread) {
  if (nread > 0 && !client.closing) {
    client.len += (size_t) nread;
    on_bytes();
  } else if (nread == UV_EOF && client.step > STEP_QUIT) {
    finish();
  } else if (nread < 0 && !client.closing) {
    fail_io((int) nread);
  }
}

static void make_room(uv_buf_t* buf) {
  *buf = uv_buf_init(client.lines + client.len,
                     (unsigned int) (sizeof(client.lines) - client.len));
}

static void on_plain_alloc(uv_handle_t* tcp, size_t size, uv_buf_t* buf) {
  (void) tcp;
  (void) size;
  make_room(buf);
}

static void on_tls_alloc(tlsloop_stream_t* tls, size_t size, uv_buf_t* buf) {
  (void) tls;
  (void) size;
  make_room(buf);
}

static void on_plain_read(uv_stream_t* tcp, ssize_t nread, const uv_buf_t* b) {
  (void) tcp;
  (void) b;
  on_read(nread);
}

static void on_tls_read(tlsloop_stream_t* t, ssize_t nread, const uv_buf_t* b) {
  (void) t;
  (void) b;
  on_read(nread);
}

/* From plaintext to TLS. */
static void upgrade(void) {
  tlsloop_stream_t* tls = &client.tls;
  int r;

  uv_read_stop((uv_stream_t*) &client.tcp);
  r = tlsloop_upgrade(
      tls, (uv_stream_t*) &client.tcp, client.lines, client.len);
  client.len = 0;
  client.secure = r == 0;
  if (r == 0)
    r = tlsloop_read_start(tls, on_tls_alloc, on_tls_read);
  if (r < 0)
    fail_io(r);
  else
    next_step(); /* waits for the handshake, and is lost if that fails */
}

static void on_shutdown(tlsloop_shutdown_t* req, int status) {
  (void) req;
  if (status < 0)
    finish(); /* the mail is with the server all the same */
}

/* The server has said goodbye. Its close_notify is to come. */
static void end(void) {
  client.step++;
  if (tlsloop_shutdown(&client.shutdown, &client.tls, on_shutdown) < 0)
    finish();
}

/* Connecting: one address after another. */

static void on_connected(uv_connect_t* req, int status);

static void try_address(uv_handle_t* closed) {
  int r;

  (void) closed;
  if (client.closing)
    return;
  uv_tcp_init(&client.loop, &client.tcp);
  r = uv_tcp_connect(
      &client.connect, &client.tcp, client.addr->ai_addr, on_connected);
  if (r < 0)
    fail_io(r);
}

static void on_connected(uv_connect_t* req, int status) {
  uv_handle_t* tcp = (uv_handle_t*) req->handle;

  if (client.closing)
    return;
  if (status < 0 && client.addr->ai_next != NULL) {
    client.addr = client.addr->ai_next;
    uv_close(tcp, try_address);
    return;
  }
  if (status == 0)
    status = uv_read_start(req->handle, on_plain_alloc, on_plain_read);
  if (status < 0)
    fail_io(status);
}

static void on_resolved(uv_getaddrinfo_t* req,
                        int status,
                        struct addrinfo* addrs) {
  (void) req;
  client.addrs = addrs;
  if (client.closing)
    return;
  client.addr = addrs;
  if (status < 0)
    fail_io(status);
  else
    try_address(NULL);
}

/* Reads the message, and makes it what follows DATA: lines that end with CRLF,
 * one more dot where one begins with a dot, and a dot alone at the end. */
static void read_message(void) {
  int c, last = '\n';
  FILE* out = open_memstream(&client.message, &client.message_len);

  if (out == NULL)
    die(EXIT_SETUP, "the message", "out of memory");
  while ((c = getchar()) != EOF) {
    if (c == '.' && last == '\n')
      fputc('.', out);
    if (c == '\n')
      fputc('\r', out);
    if (c != '\r')
      fputc(c, out);
    if (c != '\r')
      last = c;
  }
  fputs(last == '\n' ? ".\r\n" : "\r\n.\r\n", out);
  if (ferror(stdin))
    die(EXIT_STDIO, "standard input", "cannot read");
  if (fclose(out) != 0)
    die(EXIT_SETUP, "the message", "out of memory");
}

/* What is not part of an address could become a command. */
static void check_address(const char* address) {
  if (strlen(address) > 254 || strpbrk(address, "<>\r\n") != NULL)
    die(EXIT_USAGE, address, "not a mail address");
}

static void start(const char* port) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
  tlsloop_ctx_t* ctx;
  int r = tlsloop_ctx_new(&client.ctx, TLSLOOP_PROTOCOL_TLS_CLIENT);

  if (r < 0)
    die(EXIT_SETUP, "TLS", tlsloop_strerror(r));
  ctx = client.ctx;
  check_ctx(ctx,
            ca != NULL ? tlsloop_ctx_load_verify_file(ctx, ca)
                       : tlsloop_ctx_load_default_certs(ctx));
  check_ctx(
      ctx, tlsloop_stream_init(&client.loop, &client.tls, ctx, TLSLOOP_CLIENT));
  r = tlsloop_stream_set_hostname(&client.tls,
                                  server_name != NULL ? server_name : host);
  if (r < 0)
    die(EXIT_USAGE,
        server_name != NULL ? server_name : host,
        tlsloop_strerror(r));
  start_signals(&client.loop, client.signals, on_signal);
  r = uv_getaddrinfo(
      &client.loop, &client.resolve, on_resolved, host, port, &hints);
  if (r < 0)
    die(EXIT_SETUP, host, uv_strerror(r));
}

int main(int argc, char** argv) {
  static const char** const values[] = {
      &to, &from, &ca, &server_name, &timeout};
  static const struct option options[] = {
      {"to", required_argument, NULL, 0},
      {"from", required_argument, NULL, 0},
      {"ca", required_argument, NULL, 0},
      {"server-name", required_argument, NULL, 0},
      {"timeout", required_argument, NULL, 0},
      {"help", no_argument, NULL, 'h'},
      {NULL, 0, NULL, 0}};
  int seconds, first = read_options(argc, argv, options, values, help);

  if (argc - first != 2 || to == NULL)
    die(EXIT_USAGE, "expected --to ADDRESS, HOST and PORT", "try --help");
  host = argv[first];
  parse_number(argv[first + 1], 1, 65535, "not a port: 1 to 65535");
  seconds = parse_number(timeout, 1, 65535, "not a time: 1 to 65535 seconds");
  check_address(to);
  check_address(from);
  read_message();
  uv_loop_init(&client.loop);
  start(argv[first + 1]);
  uv_timer_init(&client.loop, &client.timer);
  uv_timer_start(&client.timer, on_timeout, 1000 * (uint64_t) seconds, 0);
  uv_run(&client.loop, UV_RUN_DEFAULT);

  uv_freeaddrinfo(client.addrs);
  tlsloop_ctx_unref(client.ctx);
  free(client.message);
  return uv_loop_close(&client.loop) == 0 ? client.status : EXIT_SETUP;
}
