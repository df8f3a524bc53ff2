/* SPDX-License-Identifier: MIT */

/* The command line of conformance-server, and the context that it asks for. */

#include "conformance-options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tlsloop/openssl.h>

static const char help[] =
    "Usage: conformance-server (--http | --echo) [OPTION]...\n"
    "A TLS server of tlsloop to point test suites at.\n\n"
    "  --http                   answer after a blank line, and close\n"
    "  --echo                   send back what comes\n"
    "  --host ADDRESS           IPv4 address (127.0.0.1)\n"
    "  --port PORT              0: any free one, the default\n"
    "  --cert FILE, --key FILE  certificate chain and key, PEM\n"
    "  --cert2, --key2 FILE     the same with another type of key\n"
    "  --ca FILE                whose certificates clients may have\n"
    "  --verify none|optional|required   ask for them (none)\n"
    "  --ciphers LIST           of TLS 1.2 and below, with @SECLEVEL=n\n"
    "  --ciphersuites LIST      of TLS 1.3\n"
    "  --groups LIST            for key exchange\n"
    "  --min-version, --max-version 1.0|1.1|1.2|1.3   (1.2, 1.3)\n"
    "  --alpn A,B               application protocols, best first\n"
    "  --psk HEX                a pre-shared key\n"
    "  --psk-identity NAME      whose (Client_identity)\n"
    "  --no-cache               keep no sessions\n"
    "  --tickets NUMBER         session tickets on TLS 1.3 (2); 0: none at "
    "all\n"
    "  --verbose                say why connections fail\n"
    "  --help                   print this and exit\n\n"
    "The first line of its output is \"listening on ADDRESS:PORT\".\n";

static _Noreturn void die(const char* what, const char* why) {
  fprintf(stderr, "conformance-server: %s: %s\n", what, why);
  exit(2);
}

static int parse_word(const char* text,
                      const char* const words[],
                      const int values[],
                      const char* what) {
  int i;

  for (i = 0; words[i] != NULL; i++)
    if (strcmp(text, words[i]) == 0)
      return values[i];
  die(text, what);
}

static int parse_version(const char* text) {
  static const char* const words[] = {"1.0", "1.1", "1.2", "1.3", NULL};
  static const int values[] = {
      TLSLOOP_TLS_1_0, TLSLOOP_TLS_1_1, TLSLOOP_TLS_1_2, TLSLOOP_TLS_1_3};

  return parse_word(text, words, values, "not a version: 1.0 to 1.3");
}

static int parse_verify(const char* text) {
  static const char* const words[] = {"none", "optional", "required", NULL};
  static const int values[] = {
      TLSLOOP_CERT_NONE, TLSLOOP_CERT_OPTIONAL, TLSLOOP_CERT_REQUIRED};

  return parse_word(text, words, values, "not none, optional or required");
}

static int parse_number(const char* text, int highest) {
  char* end;
  long number = strtol(text, &end, 10);

  if (end == text || *end != '\0' || number < 0 || number > highest)
    die(text, "not a number that fits");
  return (int) number;
}

static void parse_psk(options_t* options, const char* hex) {
  size_t len = strlen(hex);
  size_t i;

  if (len == 0 || len % 2 != 0 || len / 2 > sizeof(options->psk) ||
      strspn(hex, "0123456789abcdefABCDEF") != len)
    die(hex, "not a key in hexadecimal");
  for (i = 0; i < len / 2; i++)
    if (sscanf(hex + 2 * i, "%2hhx", &options->psk[i]) != 1)
      die(hex, "not a key in hexadecimal");
  options->psk_len = len / 2;
}

enum {
  TEXTS = 12,
  OPT_PORT = TEXTS,
  OPT_VERIFY,
  OPT_MIN,
  OPT_MAX,
  OPT_PSK,
  OPT_TICKETS,
  OPT_HTTP,
  OPT_ECHO,
  OPT_NO_CACHE,
  OPT_VERBOSE,
  OPT_HELP
};

static const struct option table[] = {
    {"host", required_argument, NULL, 0},
    {"cert", required_argument, NULL, 1},
    {"key", required_argument, NULL, 2},
    {"cert2", required_argument, NULL, 3},
    {"key2", required_argument, NULL, 4},
    {"ca", required_argument, NULL, 5},
    {"ciphers", required_argument, NULL, 6},
    {"ciphersuites", required_argument, NULL, 7},
    {"groups", required_argument, NULL, 8},
    {"alpn", required_argument, NULL, 9},
    {"psk-identity", required_argument, NULL, 10},
    {"port", required_argument, NULL, OPT_PORT},
    {"verify", required_argument, NULL, OPT_VERIFY},
    {"min-version", required_argument, NULL, OPT_MIN},
    {"max-version", required_argument, NULL, OPT_MAX},
    {"psk", required_argument, NULL, OPT_PSK},
    {"tickets", required_argument, NULL, OPT_TICKETS},
    {"http", no_argument, NULL, OPT_HTTP},
    {"echo", no_argument, NULL, OPT_ECHO},
    {"no-cache", no_argument, NULL, OPT_NO_CACHE},
    {"verbose", no_argument, NULL, OPT_VERBOSE},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0}};

/* Options that are not only kept as text. */
static void read_option(options_t* options, int option) {
  if (option == OPT_PORT)
    options->port = parse_number(optarg, 65535);
  else if (option == OPT_VERIFY)
    options->verify = parse_verify(optarg);
  else if (option == OPT_MIN)
    options->min = parse_version(optarg);
  else if (option == OPT_MAX)
    options->max = parse_version(optarg);
  else if (option == OPT_PSK)
    parse_psk(options, optarg);
  else if (option == OPT_TICKETS)
    options->tickets = parse_number(optarg, TLSLOOP_TICKETS_MAX);
  else if (option == OPT_NO_CACHE)
    options->no_cache = 1;
  else if (option == OPT_VERBOSE)
    options->verbose = 1;
  else if (option == OPT_HELP)
    exit(fputs(help, stdout) < 0 ? 2 : 0);
  else
    exit(1); /* getopt_long has said why */
}

void options_read(options_t* options, int argc, char** argv) {
  const char** const texts[] = {&options->host,
                                &options->cert,
                                &options->key,
                                &options->cert2,
                                &options->key2,
                                &options->ca,
                                &options->ciphers,
                                &options->ciphersuites,
                                &options->groups,
                                &options->alpn,
                                &options->psk_identity};
  int mode = 0;
  int option;

  *options = (options_t){.host = "127.0.0.1",
                         .tickets = 2,
                         .verify = TLSLOOP_CERT_NONE,
                         .max = TLSLOOP_TLS_1_3,
                         .psk_identity = "Client_identity"};
  while ((option = getopt_long(argc, argv, "", table, NULL)) != -1) {
    if (option == OPT_HTTP || option == OPT_ECHO)
      mode = option;
    else if (option < TEXTS)
      *texts[option] = optarg;
    else
      read_option(options, option);
  }
  if (mode == 0 || optind < argc)
    die("expected --http or --echo, and options", "try --help");
  if (options->cert == NULL && options->psk_len == 0)
    die("expected --cert or --psk", "try --help");
  if (options->min == 0)
    options->min =
        options->max < TLSLOOP_TLS_1_2 ? options->max : TLSLOOP_TLS_1_2;
  options->http = mode == OPT_HTTP;
}

static int on_psk(tlsloop_engine_t* engine,
                  const char* identity,
                  size_t identity_len,
                  unsigned char* key,
                  size_t* key_len,
                  void* arg) {
  const options_t* options = arg;

  (void) engine;
  if (identity_len != strlen(options->psk_identity) ||
      memcmp(identity, options->psk_identity, identity_len) != 0)
    return -1;
  memcpy(key, options->psk, options->psk_len);
  *key_len = options->psk_len;
  return 0;
}

static void need(const tlsloop_ctx_t* ctx, int r, const char* what) {
  const tlsloop_error_t* error = tlsloop_ctx_error(ctx);

  if (r < 0)
    die(what, error != NULL ? error->text : tlsloop_strerror(r));
}

/* Where |name| is among what a client offers, or TLSLOOP_ALPN_REFUSE. */
static int find_protocol(const char* name,
                         size_t len,
                         const unsigned char* offered,
                         size_t offered_len) {
  const char* other;
  size_t other_len;
  int i;

  for (i = 0; tlsloop_alpn_at(
                  offered, offered_len, (size_t) i, &other, &other_len) == 0;
       i++)
    if (other_len == len && memcmp(other, name, len) == 0)
      return i;
  return TLSLOOP_ALPN_REFUSE;
}

/* As RFC 7301, 3.2, has it: without a name in common there is an alert. */
static int on_alpn(tlsloop_engine_t* engine,
                   const unsigned char* offered,
                   size_t len,
                   void* arg) {
  const options_t* options = arg;
  const char* name = options->alpn;
  int choice;

  (void) engine;
  for (;;) {
    size_t n = strcspn(name, ",");

    choice = find_protocol(name, n, offered, len);
    if (choice >= 0 || name[n] == '\0')
      return choice;
    name += n + 1;
  }
}

static void set_sessions(tlsloop_ctx_t* ctx, const options_t* options) {
  SSL_CTX* ssl_ctx = tlsloop_ctx_ssl_ctx(ctx);

  need(ctx, tlsloop_ctx_set_num_tickets(ctx, options->tickets), "--tickets");
  if (options->tickets == 0)
    need(ctx,
         tlsloop_ctx_set_options(
             ctx, tlsloop_ctx_options(ctx) | TLSLOOP_OP_NO_TICKET),
         "--tickets");
  if (options->no_cache)
    SSL_CTX_set_session_cache_mode(ssl_ctx, SSL_SESS_CACHE_OFF);
}

static void load(tlsloop_ctx_t* ctx, const options_t* options) {
  if (options->cert != NULL)
    need(ctx,
         tlsloop_ctx_load_cert_chain_file(ctx, options->cert, options->key),
         "--cert");
  if (options->cert2 != NULL)
    need(ctx,
         tlsloop_ctx_load_cert_chain_file(ctx, options->cert2, options->key2),
         "--cert2");
  if (options->ca != NULL)
    need(ctx, tlsloop_ctx_load_verify_file(ctx, options->ca), "--ca");
  need(ctx, tlsloop_ctx_set_verify_mode(ctx, options->verify), "--verify");
}

tlsloop_ctx_t* options_context(options_t* options) {
  tlsloop_ctx_t* ctx;
  int r = tlsloop_ctx_new(&ctx, TLSLOOP_PROTOCOL_TLS_SERVER);

  if (r < 0)
    die("context", tlsloop_strerror(r));
  need(ctx, tlsloop_ctx_allow_insecure(ctx), "context");
  need(ctx, tlsloop_ctx_set_min_version(ctx, options->min), "--min-version");
  need(ctx, tlsloop_ctx_set_max_version(ctx, options->max), "--max-version");
  need(ctx, tlsloop_ctx_set_dh_auto(ctx, 1), "context");
  /* The security level in a list of ciphers decides what can be loaded. */
  if (options->ciphers != NULL)
    need(ctx, tlsloop_ctx_set_ciphers(ctx, options->ciphers), "--ciphers");
  if (options->ciphersuites != NULL)
    need(ctx,
         tlsloop_ctx_set_ciphersuites(ctx, options->ciphersuites),
         "--ciphersuites");
  if (options->groups != NULL)
    need(ctx, tlsloop_ctx_set_groups(ctx, options->groups), "--groups");
  if (options->alpn != NULL)
    need(ctx, tlsloop_ctx_set_alpn_cb(ctx, on_alpn, options), "--alpn");
  if (options->psk_len > 0)
    need(ctx,
         tlsloop_ctx_set_psk_server_cb(ctx, on_psk, options, NULL),
         "--psk");
  set_sessions(ctx, options);
  load(ctx, options);
  return ctx;
}
