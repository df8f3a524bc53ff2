/* SPDX-License-Identifier: MIT */

/* Slots: records that the layer above keeps in a context, one for each key,
 * without the context knowing what they are. */

#ifndef TLSLOOP__SLOTS_H
#define TLSLOOP__SLOTS_H

#include "tlsloop/ctx.h"

/* Makes the record for |key|; NULL when it cannot. It runs under the lock of
 * the context, so it calls nothing of the context. */
typedef void* (*tlsloop__slot_make)(const void* key, void* arg);

/* The record for |key| in |ctx|; when there is none, what |make| returns for
 * |key| and |arg| becomes it. NULL when |make| returned that or memory ran
 * out, before |make| was called. Safe from any thread. */
void* tlsloop__slots_find_or_make(tlsloop_ctx_t* ctx,
                                  const void* key,
                                  tlsloop__slot_make make,
                                  void* arg);

/* Takes the record for |key| out of |ctx| if it is |value|. The caller frees
 * it, and does so before its last reference to |ctx| goes. Returns whether it
 * was taken out. Safe from any thread. */
int tlsloop__slots_remove(tlsloop_ctx_t* ctx,
                          const void* key,
                          const void* value);

/* Forgets all records of |ctx|, which nobody else uses any more. */
void tlsloop__slots_clear(tlsloop_ctx_t* ctx);

#endif /* TLSLOOP__SLOTS_H */
