/* SPDX-License-Identifier: MIT */

/* Forge: records with valid keys that no honest peer would send. It takes the
 * keys of a raw peer and speaks in its place. */

#ifndef TLSLOOP_TESTS_SUPPORT_FORGE_H
#define TLSLOOP_TESTS_SUPPORT_FORGE_H

#include "support/raw.h"

/* Types of records (RFC 8446, 5.1). */
enum {
  FORGE_CIPHER_CHANGE = 20,
  FORGE_ALERT = 21,
  FORGE_HANDSHAKE = 22,
  FORGE_DATA = 23
};

/* How much a record is longer than what is in it, at most. */
#define FORGE_OVERHEAD 64

typedef struct forge_s {
  raw_t raw;
  unsigned char key[16];
  unsigned char iv[12]; /* TLS 1.2 uses 4 of them */
  uint64_t number;      /* of the next record */
  int tls13;
} forge_t;

/* Makes a raw peer of |end|, as raw_open, completes its handshake, and takes
 * its keys. Nothing may be sent through the raw peer from then on. */
void forge_open(forge_t* forge,
                pair_end_t* end,
                int version,
                const pki_cert_t* cert);

void forge_close(forge_t* forge);

/* Puts a record of |type| with the |len| bytes of |data| and, on TLS 1.3,
 * |padding| bytes of it before the end. */
void forge_send_padded(forge_t* forge,
                       int type,
                       const void* data,
                       size_t len,
                       size_t padding);

/* The same without padding. */
void forge_send(forge_t* forge, int type, const void* data, size_t len);

#endif /* TLSLOOP_TESTS_SUPPORT_FORGE_H */
