/* SPDX-License-Identifier: MIT */

/* Records: how many there were. OpenSSL shows each header; to look costs a
 * little, so it is done for who asks only. */

#include "tlsloop/records.h"

#include <stdlib.h>
#include <uv/errno.h>

#include "context/callbacks.h"
#include "engine/engine.h"


int tlsloop_engine_count_records(tlsloop_engine_t* engine) {
  if (engine->records != NULL)
    return 0;
  engine->records = calloc(2, sizeof(*engine->records));
  if (engine->records == NULL)
    return UV__ENOMEM;
  tlsloop__message_watch(engine);
  return 0;
}


void tlsloop_engine_records(const tlsloop_engine_t* engine,
                            uint64_t* in,
                            uint64_t* out) {
  *in = engine->records == NULL ? 0 : engine->records[0];
  *out = engine->records == NULL ? 0 : engine->records[1];
}
