/* SPDX-License-Identifier: MIT */

/* Duo: a client and a server on one watched loop, joined directly or by a
 * wire. A test runs for every kind of transport, version and side:
 *
 *     tcase_add_loop_test(tcase, test, 0, DUO_SIDES);
 *     duo_open(&duo, _i);
 */

#ifndef TLSLOOP_TESTS_SUPPORT_DUO_H
#define TLSLOOP_TESTS_SUPPORT_DUO_H

#include "support/loop.h"
#include "support/pair.h"
#include "support/party.h"
#include "support/pki.h"
#include "support/suite.h"
#include "support/wire.h"

#define DUO_TLS_1_3  1 /* otherwise 1.2 */
#define DUO_PIPE     2 /* otherwise TCP */
#define DUO_SERVER   4 /* |me| is the server, otherwise the client */
#define DUO_NESTED   8 /* TLS in TLS: the transport is all in memory */

#define DUO_VERSIONS 2 /* kinds over TCP where |me| is the client */
#define DUO_KINDS    4 /* kinds where |me| is the client */
#define DUO_SIDES    8 /* all kinds of the system's transports */
#define DUO_ALL      16

typedef struct duo_s {
  loop_t loop;
  wire_t wire;
  int wired;
  party_t client;
  party_t server;
  party_t* me;
  party_t* peer;
  wire_way_t* to_me;
  wire_way_t* to_peer;
} duo_t;

/* Adds a case to |suite| whose tests use this: it makes the authority and the
 * contexts once for all of them. */
TCase* duo_case(Suite* suite, const char* name);

/* The authority. */
pki_t* duo_pki(void);

/* A context like those of a duo of |kind|, not sealed yet, for |side|. */
tlsloop_ctx_t* duo_ctx(int kind, int side);

/* Makes |duo|: two streams that have not begun, joined directly. Nested ones
 * are on streams that are connected already; a wire counts from there. */
void duo_open(duo_t* duo, int kind);

/* The same, joined by a wire. */
void duo_open_wired(duo_t* duo, int kind);

/* The same with contexts of the test's own, whose references it takes over;
 * NULL: the usual. */
void duo_open_with(duo_t* duo,
                   int kind,
                   int wired,
                   tlsloop_ctx_t* client,
                   tlsloop_ctx_t* server);

/* Begins both handshakes. */
void duo_start(duo_t* duo);

/* Completes them, and begins to read on both sides. */
void duo_connect(duo_t* duo);

/* Closes the streams that still are open, and checks that nothing is left. */
void duo_close(duo_t* duo);

/* Runs the loop once and moves what is on the wire. Without a wire it waits
 * until something happens. */
void duo_turn(duo_t* duo);

/* Runs until nothing happens by itself any more. */
void duo_settle(duo_t* duo);

/* Makes the sockets hold little: less than 2 MiB in all. Wired only. */
void duo_shrink(duo_t* duo);

/* Runs until |condition| holds. */
#define DUO_UNTIL(duo, condition) \
  do {                            \
    while (!(condition))          \
      duo_turn(duo);              \
  } while (0)

#endif /* TLSLOOP_TESTS_SUPPORT_DUO_H */
