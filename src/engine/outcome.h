/* SPDX-License-Identifier: MIT */

/* Outcome: what a call of OpenSSL came to, as one of our codes, and what it
 * makes of the engine. */

#ifndef TLSLOOP__OUTCOME_H
#define TLSLOOP__OUTCOME_H

#include "engine/engine.h"

/* The one place where the state of |engine| changes: it moves forward, and
 * failure is for good. */
void tlsloop__engine_set_state(tlsloop_engine_t* engine,
                               tlsloop_engine_state_t state);

/* Translates |ret|, which a call with the SSL of |engine| has returned; the
 * error queue is empty after it. Returns 0, what |engine| waits for, UV_EOF
 * after the peer's close_notify, or the error that it has failed with. */
int tlsloop__outcome(tlsloop_engine_t* engine, int ret);

#endif /* TLSLOOP__OUTCOME_H */
