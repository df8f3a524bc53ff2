/* SPDX-License-Identifier: MIT */

/* Window: how much ciphertext may be on its way at a time.
 *
 * The more goes to the system in one call, the less a byte costs. But what the
 * system does not take stays with us, for as long as the peer does not read.
 * So the window grows with what the system has taken since it last left
 * something over: who reads slowly soon holds a sixteenth of what the system
 * itself keeps for him, at least a minimum and at most a maximum. */

#include "stream/pump.h"

#define SHARE 16

size_t tlsloop__window(const tlsloop__stream_t* s) {
  uint64_t size = (s->flushed - s->stalled) / SHARE;

  if (size < TLSLOOP__WINDOW_MIN)
    return TLSLOOP__WINDOW_MIN;
  return size < TLSLOOP__WINDOW_MAX ? (size_t) size : TLSLOOP__WINDOW_MAX;
}

void tlsloop__window_note(tlsloop__stream_t* s) {
  if (tlsloop__transport_in_flight(&s->transport) > 0)
    s->stalled = s->flushed;
}
