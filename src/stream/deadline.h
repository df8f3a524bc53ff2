/* SPDX-License-Identifier: MIT */

/* Deadline: when the handshake, the shutdown, the next plaintext and the next
 * progress of a write have to come. The timer exists while one of them is set,
 * so that a stream without has none. */

#ifndef TLSLOOP__DEADLINE_H
#define TLSLOOP__DEADLINE_H

#include <stdint.h>
#include <uv.h>

typedef enum tlsloop__deadline_kind_e {
  TLSLOOP__DEADLINE_HANDSHAKE,
  TLSLOOP__DEADLINE_SHUTDOWN,
  TLSLOOP__DEADLINE_READ,
  TLSLOOP__DEADLINE_WRITE,
  TLSLOOP__DEADLINE_KINDS
} tlsloop__deadline_kind_t;

typedef struct tlsloop__deadline_s tlsloop__deadline_t;

struct tlsloop__stream_s;

/* Sets |s|'s deadline of |kind| to |timeout| milliseconds from now; 0 sets
 * none. Returns 0 or UV_ENOMEM. */
int tlsloop__deadline_set(struct tlsloop__stream_s* s,
                          tlsloop__deadline_kind_t kind,
                          uint64_t timeout);

/* Takes |s|'s deadline of |kind| back. */
void tlsloop__deadline_clear(struct tlsloop__stream_s* s,
                             tlsloop__deadline_kind_t kind);

/* Takes all of |s|'s deadlines back. */
void tlsloop__deadline_clear_all(struct tlsloop__stream_s* s);

#endif /* TLSLOOP__DEADLINE_H */
