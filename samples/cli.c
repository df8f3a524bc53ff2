/* SPDX-License-Identifier: MIT */

/* What the command lines of samples have in common. */

#include "cli.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void complain(const char* what, const char* why) {
  fprintf(stderr, "%s: %s: %s\n", program, what, why);
}

_Noreturn void die(int status, const char* what, const char* why) {
  complain(what, why);
  exit(status);
}

const char* explain(int status, const tlsloop_error_t* error) {
  if (error != NULL && error->code == status)
    return error->text;
  return tlsloop_strerror(status);
}

void check_ctx(const tlsloop_ctx_t* ctx, int status) {
  if (status < 0)
    die(EXIT_SETUP, "TLS", explain(status, tlsloop_ctx_error(ctx)));
}

tlsloop_ctx_t* make_server_context(const char* cert, const char* key) {
  tlsloop_ctx_t* ctx;
  int r;

  if (cert == NULL)
    die(EXIT_USAGE, "--cert", "a server needs a certificate");
  r = tlsloop_ctx_new(&ctx, TLSLOOP_PROTOCOL_TLS_SERVER);
  if (r < 0)
    die(EXIT_SETUP, "TLS", tlsloop_strerror(r));
  check_ctx(ctx, tlsloop_ctx_load_cert_chain_file(ctx, cert, key));
  return ctx;
}

int read_options(int argc,
                 char** argv,
                 const struct option* options,
                 const char** const* values,
                 const char* help) {
  int index, option;

  while ((option = getopt_long(argc, argv, "", options, &index)) != -1) {
    if (option == 'h')
      exit(fputs(help, stdout) < 0 ? EXIT_SETUP : 0);
    if (option != 0)
      exit(EXIT_USAGE); /* getopt_long has said why */
    if (optarg != NULL)
      *values[index] = optarg;
  }
  return optind;
}

int parse_number(const char* text, int lowest, int highest, const char* what) {
  char* end;
  long number = strtol(text, &end, 10);

  if (end == text || *end != '\0' || number < lowest || number > highest)
    die(EXIT_USAGE, text, what);
  return (int) number;
}

void parse_address(const char* host,
                   const char* port,
                   struct sockaddr_storage* storage) {
  int number = parse_number(port, 0, 65535, "not a port: 0 to 65535");

  memset(storage, 0, sizeof(*storage));
  if (uv_ip4_addr(host, number, (struct sockaddr_in*) storage) < 0 &&
      uv_ip6_addr(host, number, (struct sockaddr_in6*) storage) < 0)
    die(EXIT_USAGE, host, "not an IPv4 or IPv6 address");
}

void format_address(const struct sockaddr* addr, char text[ADDRESS_SIZE]) {
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

void format_peer(const uv_tcp_t* tcp, char text[ADDRESS_SIZE]) {
  struct sockaddr_storage storage = {0};
  int len = sizeof(storage);

  uv_tcp_getpeername(tcp, (struct sockaddr*) &storage, &len);
  format_address((struct sockaddr*) &storage, text);
}

void on_refused(tlsloop_listener_t* listener,
                int status,
                const tlsloop_error_t* error,
                const struct sockaddr* peer) {
  char name[ADDRESS_SIZE];

  (void) listener;
  format_address(peer, name);
  complain(name, explain(status, error));
}

void bind_tcp(uv_loop_t* loop,
              uv_tcp_t* tcp,
              const char* host,
              const char* port,
              char name[ADDRESS_SIZE]) {
  struct sockaddr_storage storage;
  struct sockaddr* addr = (struct sockaddr*) &storage;
  int len = sizeof(storage);
  int r;

  parse_address(host, port, &storage);
  format_address(addr, name);
  uv_tcp_init(loop, tcp);
  r = uv_tcp_bind(tcp, addr, 0);
  if (r == 0) /* which port has 0 become? */
    r = uv_tcp_getsockname(tcp, addr, &len);
  if (r < 0)
    die(EXIT_SETUP, name, uv_strerror(r));
  format_address(addr, name);
}

void start_signals(uv_loop_t* loop, uv_signal_t signals[], uv_signal_cb cb) {
  static const int signums[] = {SIGINT, SIGTERM};
  int i;

  /* A peer that has gone shows as an error of the write, not as a signal. */
  signal(SIGPIPE, SIG_IGN);
  for (i = 0; i < 2; i++) {
    uv_signal_init(loop, &signals[i]);
    uv_signal_start_oneshot(&signals[i], cb, signums[i]);
    uv_unref((uv_handle_t*) &signals[i]);
  }
}

void stop_signals(uv_signal_t signals[]) {
  uv_close((uv_handle_t*) &signals[0], NULL);
  uv_close((uv_handle_t*) &signals[1], NULL);
}

void announce(const char* where) {
  printf("listening on %s\n", where);
  fflush(stdout);
}
