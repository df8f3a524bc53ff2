/* SPDX-License-Identifier: MIT */

/* What the server's processes use: processor time from /proc/PID/schedstat,
 * which counts nanoseconds where /proc/PID/stat counts ticks, and memory. */

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/load.h"
#include "bench/options.h"

/* How long a server may still be busy with what it was asked for last. */
#define SETTLE_MS 20
#define MAX_WAITS 100

static uint64_t clock_ns(clockid_t id) {
  struct timespec t;

  clock_gettime(id, &t);
  return (uint64_t) t.tv_sec * 1000000000u + (uint64_t) t.tv_nsec;
}

uint64_t now_ns(void) {
  return clock_ns(CLOCK_MONOTONIC);
}

static uint64_t thread_cpu(long pid, const char* thread) {
  uint64_t cpu = 0;
  char path[128];
  FILE* file;

  snprintf(path, sizeof(path), "/proc/%ld/task/%.16s/schedstat", pid, thread);
  file = fopen(path, "r");
  if (file == NULL)
    return 0; /* a thread may have ended meanwhile */
  if (fscanf(file, "%" SCNu64, &cpu) != 1)
    cpu = 0;
  fclose(file);
  return cpu;
}

static uint64_t process_cpu(long pid) {
  const struct dirent* entry;
  uint64_t cpu = 0;
  char path[64];
  DIR* dir;

  snprintf(path, sizeof(path), "/proc/%ld/task", pid);
  dir = opendir(path);
  if (dir == NULL)
    die("server", "it has ended");
  while ((entry = readdir(dir)) != NULL) {
    if (entry->d_name[0] != '.')
      cpu += thread_cpu(pid, entry->d_name);
  }
  closedir(dir);
  return cpu;
}

static uint64_t process_rss(long pid) {
  uint64_t kib = 0;
  char line[256];
  char path[64];
  FILE* file;

  snprintf(path, sizeof(path), "/proc/%ld/smaps_rollup", pid);
  file = fopen(path, "r");
  if (file == NULL)
    die("server", "it has ended");
  while (fgets(line, sizeof(line), file) != NULL) {
    if (strncmp(line, "Rss:", 4) == 0)
      kib = strtoull(line + 4, NULL, 10);
  }
  fclose(file);
  return kib * 1024;
}

static uint64_t sum(uint64_t (*measure)(long pid)) {
  const char* next = opts.pids;
  uint64_t total = 0;
  char* end;

  while (next != NULL && *next != '\0') {
    total += measure(strtol(next, &end, 10));
    next = *end == ',' ? end + 1 : end;
  }
  return total;
}

usage_t usage_now(void) {
  usage_t usage = {.cpu = sum(process_cpu),
                   .own = clock_ns(CLOCK_PROCESS_CPUTIME_ID),
                   .rss = sum(process_rss),
                   .wall = now_ns()};

  usage.settled = now_ns();
  return usage;
}

usage_t usage_read(void) {
  struct timespec pause = {.tv_nsec = SETTLE_MS * 1000000L};
  usage_t usage = {.own = clock_ns(CLOCK_PROCESS_CPUTIME_ID), .wall = now_ns()};
  uint64_t cpu = sum(process_cpu);
  int i;

  /* Idle is when a while has cost less than a hundredth of it. */
  for (i = 0; i < MAX_WAITS; i++) {
    nanosleep(&pause, NULL);
    usage.cpu = sum(process_cpu);
    if (usage.cpu - cpu < SETTLE_MS * 10000)
      break;
    cpu = usage.cpu;
  }
  usage.rss = sum(process_rss);
  usage.settled = now_ns();
  return usage;
}

void usage_report(const char* unit,
                  uint64_t units,
                  const usage_t* before,
                  const usage_t* after) {
  double n = (double) units;

  printf("unit=%s units=%" PRIu64 " cpu_ns=%.3f own_ns=%.3f wall_s=%.6f\n",
         unit,
         units,
         (double) (after->cpu - before->cpu) / n,
         (double) (after->own - before->own) / n,
         (double) (after->wall - before->settled) / 1e9);
}
