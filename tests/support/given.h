/* SPDX-License-Identifier: MIT */

/* Given: contexts for tests, and what must hold when a call on one fails. */

#ifndef TLSLOOP_TESTS_SUPPORT_GIVEN_H
#define TLSLOOP_TESTS_SUPPORT_GIVEN_H

#include "support/pair.h"
#include "support/pki.h"
#include "tlsloop/ctx.h"

/* A context for |protocol|. */
tlsloop_ctx_t* given_ctx(int protocol);

/* A context for servers that are |cert|; NULL: the leaf of |pki|. */
tlsloop_ctx_t* given_server(pki_t* pki, const pki_cert_t* cert);

/* A context for clients that trust the root of |pki|. */
tlsloop_ctx_t* given_client(pki_t* pki);

/* Asserts that |got|, which a call on |ctx| returned, is |code|, and that the
 * details say so: with |subject| (NULL: none) and |text| somewhere in theirs.
 * Asserts that OpenSSL's error queue is empty. */
void ck_ctx_failed(const tlsloop_ctx_t* ctx,
                   int got,
                   int code,
                   const char* subject,
                   const char* text);

/* The same of a call on |engine|. */
void ck_engine_failed(const tlsloop_engine_t* engine,
                      int got,
                      int code,
                      const char* subject,
                      const char* text);

/* Asserts that |got| is 0 and that OpenSSL's error queue is empty. */
void ck_done(int got);

/* Lets a client of |client| connect to |hostname|, unless that is NULL, at a
 * server of |server|. Returns what the client's handshake returned; when it
 * succeeded a byte has gone each way. */
int try_connection(tlsloop_ctx_t* client,
                   tlsloop_ctx_t* server,
                   const char* hostname);

#endif /* TLSLOOP_TESTS_SUPPORT_GIVEN_H */
