/* SPDX-License-Identifier: MIT */

/* Session: an SSL_SESSION, and what it may be used for. */

#ifndef TLSLOOP__SESSION_H
#define TLSLOOP__SESSION_H

#include <openssl/ssl.h>
#include <stdatomic.h>

#include "context/policy.h"
#include "tlsloop/session.h"

struct tlsloop_session_s {
  SSL_SESSION* ssl;
  tlsloop_ctx_t* ctx;
  char* hostname;                             /* NULL: none was given */
  unsigned char policy[TLSLOOP__POLICY_SIZE]; /* of |ctx| at the time */
  atomic_uint refs;
};

/* Makes a session of |ssl|, a reference that it takes over, also on failure,
 * for |hostname| under |ctx|. Returns 0 or UV__ENOMEM. */
int tlsloop__session_make(tlsloop_session_t** session,
                          SSL_SESSION* ssl,
                          tlsloop_ctx_t* ctx,
                          const char* hostname);

#endif /* TLSLOOP__SESSION_H */
