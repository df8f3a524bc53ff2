/* SPDX-License-Identifier: MIT */

/* The command line and the listening socket of the bench servers. */

#include "bench/options.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#define BACKLOG 4096

_Noreturn void die(const char* what, const char* why) {
  fprintf(stderr, "%s: %s\n", what, why);
  exit(EXIT_FAILURE);
}

void options_read(options_t* options, int argc, char** argv) {
  static const struct option known[] = {{"port", required_argument, NULL, 'p'},
                                        {"cert", required_argument, NULL, 'c'},
                                        {"key", required_argument, NULL, 'k'},
                                        {"without", 1, NULL, 'w'},
                                        {NULL, 0, NULL, 0}};
  int option;

  memset(options, 0, sizeof(*options));
  while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
    if (option == 'p')
      options->port = atoi(optarg);
    else if (option == 'c')
      options->cert = optarg;
    else if (option == 'k')
      options->key = optarg;
    else if (option == 'w')
      options->without = optarg;
    else
      exit(EXIT_FAILURE);
  }
  if (options->cert == NULL || options->key == NULL)
    die("usage", "--port N --cert FILE --key FILE");
  signal(SIGPIPE, SIG_IGN);
  options_raise_limit();
}

int options_listen(int port) {
  struct sockaddr_in addr = {.sin_family = AF_INET};
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int on = 1;

  addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  addr.sin_port = htons((uint16_t) port);
  if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
      bind(fd, (struct sockaddr*) &addr, sizeof(addr)) < 0 ||
      listen(fd, BACKLOG) < 0)
    die("cannot listen", strerror(errno));
  return fd;
}

void options_ready(int fd) {
  struct sockaddr_in addr;
  socklen_t len = sizeof(addr);

  if (getsockname(fd, (struct sockaddr*) &addr, &len) < 0)
    die("cannot listen", strerror(errno));
  printf("listening on 127.0.0.1:%d\n", ntohs(addr.sin_port));
  fflush(stdout);
}

void options_raise_limit(void) {
  struct rlimit limit;

  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
}
