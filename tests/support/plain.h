/* SPDX-License-Identifier: MIT */

/* Plain: a pair of engines on plain SSL_CTXs, for tests of the engine alone.
 * The server has a certificate; neither side verifies the other. */

#ifndef TLSLOOP_TESTS_SUPPORT_PLAIN_H
#define TLSLOOP_TESTS_SUPPORT_PLAIN_H

#include <openssl/ssl.h>

#include "support/pair.h"
#include "support/pki.h"

typedef struct plain_s {
  pair_t pair;
  SSL_CTX* client_ctx;
  SSL_CTX* server_ctx;
  BIO_METHOD* method;
  BIO* port; /* of both engines */
} plain_t;

/* Makes both ends of |plain|; the server is |cert|. */
void plain_open(plain_t* plain, const pki_cert_t* cert);

/* Frees both engines and the wire between them, and makes new ones. */
void plain_reopen(plain_t* plain);

/* Frees all. */
void plain_close(plain_t* plain);

/* Frees the engine of |end| before plain_close does. */
void plain_free_engine(pair_end_t* end);

/* Lets only |version|, such as TLS1_3_VERSION, be negotiated. */
void plain_only_version(plain_t* plain, int version);

#endif /* TLSLOOP_TESTS_SUPPORT_PLAIN_H */
