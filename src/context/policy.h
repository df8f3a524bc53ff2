/* SPDX-License-Identifier: MIT */

/* Policy: what a context demands of peers and shows them, as a mark that
 * sessions carry. */

#ifndef TLSLOOP__POLICY_H
#define TLSLOOP__POLICY_H

#include "tlsloop/engine.h"

/* How long the mark is, in bytes: a SHA-256 digest, and as much as OpenSSL
 * takes as a session id context. */
#define TLSLOOP__POLICY_SIZE 32

/* Makes |ctx|'s mark from its verification, whom it trusts, its ciphers and its
 * own certificate, and gives it to its server sessions (OpenSSL,
 * SSL_CTX_set_session_id_context(3)), so that none is resumed under another
 * policy. The same settings make the same mark on every machine. Returns 1, or
 * 0 with OpenSSL's error in its queue. */
int tlsloop__policy_identify(tlsloop_ctx_t* ctx);

/* Notes that |ctx|, which is not sealed, also trusts those in |dir|, whose
 * certificates are not known before they are needed. Returns 1, or 0 with
 * OpenSSL's error in its queue. */
int tlsloop__policy_add_dir(tlsloop_ctx_t* ctx, const char* dir);

#endif /* TLSLOOP__POLICY_H */
