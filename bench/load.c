/* SPDX-License-Identifier: MIT */

/* load WORKLOAD --port N [OPTION]...: the load generator. Prints one line of
 * name=value pairs, among them cpu_ns, the processor time that the server spent
 * on one unit of work, and own_ns, the same of the generator. */

#include "bench/load.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/options.h"

/* Nothing takes longer than this. */
#define LIMIT_SECONDS 300

static const struct {
  const char* name;
  void (*run)(void);
} workloads[] = {
    {"handshake", load_handshake},
    {"held", load_held},
    {"echo", load_echo},
    {"idle", load_idle},
    {"silent", load_silent},
    {"send", load_send},
    {"receive", load_receive},
    {"bulk-echo", load_bulk_echo},
};

int main(int argc, char** argv) {
  const char* name = load_read_options(argc, argv);
  size_t i;

  signal(SIGPIPE, SIG_IGN);
  alarm(LIMIT_SECONDS);
  options_raise_limit();
  peer_setup();
  for (i = 0; i < sizeof(workloads) / sizeof(workloads[0]); i++) {
    if (strcmp(workloads[i].name, name) == 0) {
      workloads[i].run();
      return EXIT_SUCCESS;
    }
  }
  die(name, "there is no such workload");
}
