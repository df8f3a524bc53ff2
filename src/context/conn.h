/* SPDX-License-Identifier: MIT */

/* Conn: an engine made under the policy of a context. */

#ifndef TLSLOOP__CONN_H
#define TLSLOOP__CONN_H

#include "tlsloop/engine.h"

/* Makes client |engine|, whose handshake has not begun, check the host name
 * that it has or gets, or not: |on| is 1 or 0. Returns 1, or 0 with OpenSSL's
 * error in its queue. */
int tlsloop__conn_check_name(tlsloop_engine_t* engine, int on);

#endif /* TLSLOOP__CONN_H */
