/* SPDX-License-Identifier: MIT */

/* Options: reads them with getopt_long and says what is wrong with them. */

#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

const char* option[OPT_END];
static const char* program;

void complain(const char* what, const char* why) {
  fprintf(stderr, "%s: %s%s%s\n", program, what, *why ? ": " : "", why);
}

_Noreturn void die(int status, const char* what, const char* why) {
  complain(what, why);
  if (status == EXIT_USAGE)
    fprintf(stderr, "Try '%s --help'.\n", program);
  exit(status);
}

int parse_options(const char* name,
                  int argc,
                  char** argv,
                  const struct option* longs,
                  const char* help) {
  int c;

  program = name;
  opterr = 0; /* its messages begin with a path, ours with a name */
  while ((c = getopt_long(argc, argv, ":", longs, NULL)) != -1) {
    if (c == '?')
      die(EXIT_USAGE, argv[optind - 1], "no such option");
    if (c == ':')
      die(EXIT_USAGE, argv[optind - 1], "needs a value");
    if (c == OPT_HELP)
      fputs(help, stdout);
    if (c == OPT_VERSION)
      printf("%s (tlsloop) %s\n", program, tlsloop_version_string());
    if (c == OPT_HELP || c == OPT_VERSION)
      exit(fflush(stdout) == 0 ? 0 : EXIT_SETUP);
    if (c > 0) /* others have set their flag */
      option[c] = optarg;
  }
  if (option[OPT_KEY] != NULL && option[OPT_CERT] == NULL)
    die(EXIT_USAGE, "--key", "needs --cert");
  if (option[OPT_PIPE] != NULL &&
      strlen(option[OPT_PIPE]) >= sizeof(((struct sockaddr_un*) 0)->sun_path))
    die(EXIT_USAGE, option[OPT_PIPE], "too long for a socket's path");
  return optind;
}

long parse_number(const char* value, long min, long max, const char* what) {
  char* end;
  long number = strtol(value, &end, 10);

  if (end == value || *end != '\0' || number < min || number > max)
    die(EXIT_USAGE, value, what);
  return number;
}

static int parse_version(const char* value) {
  if (strcmp(value, "1.2") == 0)
    return TLSLOOP_TLS_1_2;
  if (strcmp(value, "1.3") != 0)
    die(EXIT_USAGE, value, "not a TLS version: 1.2 or 1.3");
  return TLSLOOP_TLS_1_3;
}

static void load_versions(tlsloop_ctx_t* ctx) {
  int r = 0;

  if (option[OPT_MIN_VERSION] != NULL)
    r = tlsloop_ctx_set_min_version(ctx,
                                    parse_version(option[OPT_MIN_VERSION]));
  if (r == 0 && option[OPT_MAX_VERSION] != NULL)
    r = tlsloop_ctx_set_max_version(ctx,
                                    parse_version(option[OPT_MAX_VERSION]));
  if (r < 0)
    die(EXIT_USAGE, "--min-version is above --max-version", "");
}

static void load_alpn(tlsloop_ctx_t* ctx) {
  const char* names[16];
  size_t count = 0;
  char* list = strdup(option[OPT_ALPN]);
  char* rest = list;
  int r;

  while (rest != NULL && count < sizeof(names) / sizeof(names[0]))
    names[count++] = strsep(&rest, ",");
  r = rest == NULL ? tlsloop_ctx_set_alpn(ctx, names, count) : UV_E2BIG;
  if (r < 0)
    die(EXIT_USAGE, option[OPT_ALPN], "not a list of protocols");
  free(list);
}

void load_options(tlsloop_ctx_t* ctx) {
  load_versions(ctx);
  if (option[OPT_ALPN] != NULL)
    load_alpn(ctx);
  if (option[OPT_CERT] != NULL)
    check_ctx(ctx,
              tlsloop_ctx_load_cert_chain_file(
                  ctx, option[OPT_CERT], option[OPT_KEY]));
}

void check_ctx(const tlsloop_ctx_t* ctx, int r) {
  const tlsloop_error_t* error = tlsloop_ctx_error(ctx);

  if (r < 0) /* the details name the file concerned */
    die(EXIT_SETUP, error != NULL ? error->text : tlsloop_strerror(r), "");
}
