/* SPDX-License-Identifier: MIT */

/* Windows: its certificate stores as a context's trust. */

#ifndef TLSLOOP__WINDOWS_H
#define TLSLOOP__WINDOWS_H

#include "tlsloop/ctx.h"
#include "tlsloop/system.h"

/* A tlsloop_store_cb for which |arg| is a context: trusts |entry| in it when it
 * is a certificate, can be read, and is trusted for what the context verifies:
 * clients in a TLS_SERVER context, else servers. Returns 0 or UV__ENOMEM. */
int tlsloop__windows_trust(const tlsloop_store_entry_t* entry, void* arg);

/* Trusts what the stores "CA" and "ROOT" trust in |ctx|. A store that may not
 * be read, and a certificate that cannot be, is left out. Returns 0 or a
 * negative code. */
int tlsloop__windows_load(tlsloop_ctx_t* ctx);

#endif /* TLSLOOP__WINDOWS_H */
