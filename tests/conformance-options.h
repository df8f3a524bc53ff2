/* SPDX-License-Identifier: MIT */

/* The command line of conformance-server, and the context that it asks for. */

#ifndef TLSLOOP_TESTS_CONFORMANCE_OPTIONS_H
#define TLSLOOP_TESTS_CONFORMANCE_OPTIONS_H

#include <tlsloop.h>

typedef struct options_s {
  const char* host;
  int port;
  int http; /* otherwise it echoes */
  int verbose;
  int no_cache;
  int tickets; /* how many on TLS 1.3; 0: none, nor on TLS 1.2 */
  int verify;  /* of tlsloop_verify_mode_t */
  int min;     /* of tlsloop_tls_version_t */
  int max;
  const char* cert;
  const char* key;
  const char* cert2; /* of another type of key */
  const char* key2;
  const char* ca;
  const char* ciphers;
  const char* ciphersuites;
  const char* groups;
  const char* alpn;
  const char* psk_identity;
  unsigned char psk[TLSLOOP_PSK_KEY_MAX];
  size_t psk_len; /* 0: none */
} options_t;

/* Reads the command line into |options|, or exits and says what is wrong. */
void options_read(options_t* options, int argc, char** argv);

/* Makes the context that |options| ask for, or exits and says why not.
 * |options| must live as long. */
tlsloop_ctx_t* options_context(options_t* options);

#endif /* TLSLOOP_TESTS_CONFORMANCE_OPTIONS_H */
