/* SPDX-License-Identifier: MIT */

/* Window: how much ciphertext may be on its way at a time.
 *
 * The more goes to the system in one call, the less a byte costs. But what the
 * system does not take stays with us, for as long as the peer does not read.
 * So the window doubles when the system has taken it whole so many times in a
 * row, and is small again when it leaves something over: for a peer that does
 * not read we hold little next to what the system holds for it. */

#include "stream/pump.h"

/* Whole windows in a row from one size to the next, and to the largest. */
#define STEP 24
#ifndef TLSLOOP__WINDOW_STEPS
#define TLSLOOP__WINDOW_STEPS (2 * STEP)
#endif

size_t tlsloop__window(const tlsloop__stream_t* s) {
  return TLSLOOP__WINDOW << s->windows / STEP;
}

void tlsloop__window_note(tlsloop__stream_t* s, size_t written) {
  if (s->windows == 0 && written < TLSLOOP__WINDOW)
    return; /* a message */
  if (tlsloop__transport_in_flight(&s->transport) > 0)
    s->windows = 0;
  else if (written >= tlsloop__window(s) && s->windows < TLSLOOP__WINDOW_STEPS)
    s->windows++;
}
