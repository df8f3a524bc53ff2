/* SPDX-License-Identifier: MIT */

/* The command line of those that make load. */

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "bench/load.h"
#include "bench/options.h"

load_opts_t opts = {.version = TLS1_3_VERSION,
                    .conns = 1,
                    .depth = 1,
                    .size = 64,
                    .bytes = 64 << 20,
                    .seconds = 1};

static const char help[] =
    "WORKLOAD --port N [OPTION]...\n"
    "  --pids P,...  processes of the server   --tls 1.2|1.3\n"
    "  --resumed     resume sessions           --conns N\n"
    "  --size N      of a message, in bytes    --depth N  messages at once\n"
    "  --bytes N     of bulk, in all           --seconds S\n"
    "  --rate N      handshakes a second       --plain  read record by record\n"
    "workloads: handshake held echo idle silent send receive bulk-echo\n";

static void set(int option) {
  if (option == 'v')
    opts.version = strcmp(optarg, "1.2") == 0 ? TLS1_2_VERSION : TLS1_3_VERSION;
  else if (option == 'p')
    opts.port = atoi(optarg);
  else if (option == 'P')
    opts.pids = optarg;
  else if (option == 'c')
    opts.conns = (unsigned) atoi(optarg);
  else if (option == 'd')
    opts.depth = (unsigned) atoi(optarg);
  else if (option == 'r')
    opts.rate = (unsigned) atoi(optarg);
  else if (option == 's')
    opts.size = (size_t) atoi(optarg);
  else if (option == 'b')
    opts.bytes = strtoull(optarg, NULL, 10);
  else if (option == 't')
    opts.seconds = atof(optarg);
  else if (option != 0)
    die("usage", help);
}

const char* load_read_options(int argc, char** argv) {
  static const struct option known[] = {
      {"port", required_argument, NULL, 'p'},
      {"pids", required_argument, NULL, 'P'},
      {"tls", required_argument, NULL, 'v'},
      {"conns", required_argument, NULL, 'c'},
      {"depth", required_argument, NULL, 'd'},
      {"rate", required_argument, NULL, 'r'},
      {"size", required_argument, NULL, 's'},
      {"bytes", required_argument, NULL, 'b'},
      {"seconds", required_argument, NULL, 't'},
      {"resumed", no_argument, &opts.resumed, 1},
      {"plain", no_argument, &opts.plain, 1},
      {NULL, 0, NULL, 0}};
  int option;

  if (argc < 2)
    die("usage", help);
  while ((option = getopt_long(argc - 1, argv + 1, "", known, NULL)) != -1)
    set(option);
  if (opts.port == 0 || opts.conns == 0 || opts.depth == 0)
    die("usage", help);
  return argv[1];
}
