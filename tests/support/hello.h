/* SPDX-License-Identifier: MIT */

/* Hello: ClientHellos that no client sends. */

#ifndef TLSLOOP_TESTS_SUPPORT_HELLO_H
#define TLSLOOP_TESTS_SUPPORT_HELLO_H

#include "support/pair.h"

/* Puts a ClientHello of TLS 1.2 before |server|, in whose server_name extension
 * are the |len| bytes of |data|; NULL: it has none. */
void hello_inject(pair_end_t* server, const void* data, size_t len);

/* The same with |name| as the name. */
void hello_inject_name(pair_end_t* server, const void* name, size_t len);

/* Lets what the client of |pair| has sent arrive with the |len| bytes of |from|
 * in it changed to |to|; returns how often they were. */
int hello_deliver(pair_t* pair, const void* from, const void* to, size_t len);

#endif /* TLSLOOP_TESTS_SUPPORT_HELLO_H */
