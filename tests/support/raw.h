/* SPDX-License-Identifier: MIT */

/* Raw: a peer that is OpenSSL itself, for what an engine would never send. It
 * stands at the other side of one end of a pair. */

#ifndef TLSLOOP_TESTS_SUPPORT_RAW_H
#define TLSLOOP_TESTS_SUPPORT_RAW_H

#include <openssl/ssl.h>

#include "support/pair.h"
#include "support/pki.h"

typedef struct raw_s {
  SSL_CTX* ctx;
  SSL* ssl;
  BIO* in;
  BIO* out;
  pair_end_t* end;
} raw_t;

/* Makes |raw| the peer of |end|: a server that is |cert|, or a client when
 * that is NULL, of |version|, such as TLS1_3_VERSION, only. */
void raw_open(raw_t* raw, pair_end_t* end, int version, const pki_cert_t* cert);

/* Frees |raw|, but not the end. */
void raw_close(raw_t* raw);

/* Lets what |raw| has sent arrive at its end. Returns how many bytes. */
size_t raw_deliver(raw_t* raw);

/* Lets what the end has sent arrive at |raw|. Returns how many bytes. */
size_t raw_collect(raw_t* raw);

/* Drives both handshakes until nothing moves. */
void raw_handshake(raw_t* raw);

/* Sends a few bytes each way, and asserts that they arrive. */
void raw_ping(raw_t* raw);

#endif /* TLSLOOP_TESTS_SUPPORT_RAW_H */
