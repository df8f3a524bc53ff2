/* SPDX-License-Identifier: MIT */

/* get-certificate: prints the certificate of a TLS server.
 *
 * All of it is one call, tlsloop_get_server_certificate, which connects, makes
 * a handshake and hands over the certificate. Without --ca it is not verified:
 * good for looking at, and for trusting after somebody has compared it.
 *
 * |help| has its options and what its exit status says. Try it:
 *   ./get-certificate example.org 443 | openssl x509 -noout -subject -dates */

#include <signal.h>
#include <stdio.h>

#include "cli.h"

enum {
  EXIT_CONNECTION = 3,
  EXIT_VERIFY = 4,
  EXIT_OUTPUT = 5
};

const char program[] = "get-certificate";

static const char help[] =
    "Usage: get-certificate [OPTION]... HOST PORT\n"
    "Print the certificate of a TLS server as PEM.\n\n"
    "      --ca FILE               verify it against these CAs, PEM\n"
    "      --timeout SECONDS       for all of it (30)\n"
    "      --help                  print this and exit\n\n"
    "Its name is not compared with HOST.\n"
    "Exit status: 0 printed, 1 wrong usage, 2 could not start, 3 connection\n"
    "failed, 4 certificate refused, 5 standard output failed.\n";

static uv_signal_t signals[2];
static const char* host;
static int exit_status;

static void on_certificate(tlsloop_get_cert_t* req,
                           int status,
                           const char* pem,
                           const tlsloop_error_t* error) {
  (void) req;
  stop_signals(signals);
  if (status < 0) {
    complain(host, explain(status, error));
    exit_status =
        tlsloop_err_verify_code(status) != 0 ? EXIT_VERIFY : EXIT_CONNECTION;
  } else if (fputs(pem, stdout) < 0 || fflush(stdout) != 0) {
    complain("standard output", "cannot write");
    exit_status = EXIT_OUTPUT;
  }
}

/* There is nothing to tell the server, and nothing to save. */
static void on_signal(uv_signal_t* handle, int signum) {
  complain(host, signum == SIGINT ? "interrupted" : "stopped");
  exit_status = EXIT_CONNECTION;
  uv_stop(handle->loop);
}

int main(int argc, char** argv) {
  static const char *ca, *timeout = "30";
  static const char** const values[] = {&ca, &timeout};
  static const struct option options[] = {
      {"ca", required_argument, NULL, 0},
      {"timeout", required_argument, NULL, 0},
      {"help", no_argument, NULL, 'h'},
      {NULL, 0, NULL, 0}};
  static uv_loop_t loop;
  static tlsloop_get_cert_t req;
  int first = read_options(argc, argv, options, values, help);
  int port, seconds, r;

  if (argc - first != 2)
    die(EXIT_USAGE, "expected HOST and PORT", "try --help");
  host = argv[first];
  port = parse_number(argv[first + 1], 1, 65535, "not a port: 1 to 65535");
  seconds = parse_number(timeout, 1, 65535, "not a time: 1 to 65535 seconds");

  uv_loop_init(&loop);
  start_signals(&loop, signals, on_signal);
  r = tlsloop_get_server_certificate(
      &req, &loop, host, port, ca, 1000 * (uint64_t) seconds, on_certificate);
  if (r < 0)
    die(EXIT_SETUP, ca != NULL ? ca : host, tlsloop_strerror(r));
  uv_run(&loop, UV_RUN_DEFAULT);
  return exit_status;
}
