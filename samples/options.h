/* SPDX-License-Identifier: MIT */

/* Options: the command line of the samples, and what of it goes into a
 * context. Nothing here is about connections. */

#ifndef SAMPLES_OPTIONS_H
#define SAMPLES_OPTIONS_H

#include <getopt.h>
#include <tlsloop.h>

enum {
  EXIT_USAGE = 1,
  EXIT_SETUP = 2
};

/* The options with a value: the `val` of their struct option, and their place
 * in |option|. */
enum {
  OPT_HOST = 1,
  OPT_PORT,
  OPT_PIPE,
  OPT_CERT,
  OPT_KEY,
  OPT_SAVE_CERT,
  OPT_CA,
  OPT_CA_DIR,
  OPT_SERVER_NAME,
  OPT_ALPN,
  OPT_MIN_VERSION,
  OPT_MAX_VERSION,
  OPT_TIMEOUT,
  OPT_END,
  OPT_HELP,
  OPT_VERSION
};

/* What was given for each option, or its default, or NULL. */
extern const char* option[OPT_END];

/* Prints "|program|: |what|: |why|" on standard error; an empty |why| and its
 * colon are left out. */
void complain(const char* what, const char* why);

/* Complains and exits with |status|. */
_Noreturn void die(int status, const char* what, const char* why);

/* Reads the options that |longs| lists into |option| for the program |name|.
 * Prints |help| or the version and exits when asked, and exits when they are
 * wrong. Returns the index of the first argument that is no option. */
int parse_options(const char* name,
                  int argc,
                  char** argv,
                  const struct option* longs,
                  const char* help);

/* The number that |value| is, which must be from |min| to |max|; |what| says
 * what it should be when it is none. */
long parse_number(const char* value, long min, long max, const char* what);

/* Sets |ctx|'s versions and ALPN and loads its certificate, as far as options
 * say so; exits when that fails. */
void load_options(tlsloop_ctx_t* ctx);

/* Exits with the details of |ctx|'s last failure when |r| is negative. */
void check_ctx(const tlsloop_ctx_t* ctx, int r);

#endif /* SAMPLES_OPTIONS_H */
