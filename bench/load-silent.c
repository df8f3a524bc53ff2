/* SPDX-License-Identifier: MIT */

/* Memory of connections that never say anything. */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/load.h"
#include "bench/options.h"

static int connect_one(void) {
  struct sockaddr_in addr = {.sin_family = AF_INET};
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  addr.sin_port = htons((uint16_t) opts.port);
  if (fd < 0 || connect(fd, (struct sockaddr*) &addr, sizeof(addr)) < 0)
    die("connect", strerror(errno));
  return fd;
}

/* One comes first, so that what a server sets up once does not count. */
void load_silent(void) {
  int* fds = calloc(opts.conns + 1, sizeof(int));
  usage_t before, after;
  unsigned i;

  if (fds == NULL)
    die("load", "out of memory");
  fds[0] = connect_one();
  before = usage_read();
  for (i = 1; i <= opts.conns; i++)
    fds[i] = connect_one();
  after = usage_read();
  printf("silent_bytes=%.1f ",
         ((double) after.rss - (double) before.rss) / opts.conns);
  usage_report("connection", opts.conns, &before, &after);
  for (i = 0; i <= opts.conns; i++)
    close(fds[i]);
  free(fds);
}
