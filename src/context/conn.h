/* SPDX-License-Identifier: MIT */

/* Conn: an engine made under the policy of a context. */

#ifndef TLSLOOP__CONN_H
#define TLSLOOP__CONN_H

#include "tlsloop/engine.h"

struct bio_st;

/* As tlsloop_engine_new, but for tlsloop__conn_begin: |engine| has no port yet,
 * and a server no SSL, which is most of what a connection costs. */
int tlsloop__conn_new(tlsloop_engine_t** engine,
                      tlsloop_ctx_t* ctx,
                      tlsloop_bio_t* cipher_in,
                      tlsloop_bio_t* cipher_out,
                      int side);

/* Makes the SSL of |engine| under its context's policy, unless it has one.
 * Returns 0, or a negative code: there is then none. */
int tlsloop__conn_need_ssl(tlsloop_engine_t* engine);

/* Makes |engine|, whose handshake has not begun, ready for it, over |port|.
 * Returns 0, or the negative code that |engine| has then failed with. */
int tlsloop__conn_begin(tlsloop_engine_t* engine, struct bio_st* port);

/* Makes a port for engines of |ctx|; NULL when memory ran out. Every one of
 * its references goes before |ctx| does. */
struct bio_st* tlsloop__conn_port_new(const tlsloop_ctx_t* ctx);

/* Gives a reference to |port| back. NULL is ignored. */
void tlsloop__conn_port_unref(struct bio_st* port);

/* Makes client |engine|, whose handshake has not begun, check the host name
 * that it has or gets, or not: |on| is 1 or 0. Returns 1, or 0 with OpenSSL's
 * error in its queue. */
int tlsloop__conn_check_name(tlsloop_engine_t* engine, int on);

#endif /* TLSLOOP__CONN_H */
