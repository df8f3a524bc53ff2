/* SPDX-License-Identifier: MIT */

/* Record: how much of what is written goes into one record, and how many
 * records there were.
 *
 * The peer can decrypt a record when its last byte has come. A full one spans
 * a dozen segments, so while TCP's window is small, at the beginning and after
 * a pause, the first bytes wait for round trips. Small records do not, but
 * cost more, so they are for the first of a burst only. */

#include "stream/pump.h"

/* What fits into one segment: 1,500 bytes less the headers of IPv6, TCP with
 * timestamps and TLS, and some for tunnels. */
#define SMALL_SIZE 1370

/* After so many small records TCP's window holds a full one. */
#define SMALL_RECORDS 40

/* After so many milliseconds without a record TCP begins again (RFC 5681,
 * 4.1). */
#define PAUSE 1000

void tlsloop_stream_set_dynamic_records(tlsloop_stream_t* stream, int on) {
  stream->impl->dynamic_records = on != 0;
  stream->impl->burst = 0;
}

int tlsloop_stream_count_records(tlsloop_stream_t* stream) {
  return tlsloop_engine_count_records(stream->impl->engine);
}

size_t tlsloop__record_size(tlsloop__stream_t* s) {
  uint32_t now;

  if (!s->dynamic_records)
    return TLSLOOP__RECORD_SIZE;
  now = (uint32_t) uv_now(s->loop->uv);
  if (now - s->burst_at >= PAUSE)
    s->burst = 0;
  s->burst_at = now;
  if (s->burst == SMALL_RECORDS)
    return TLSLOOP__RECORD_SIZE;
  s->burst++;
  return SMALL_SIZE;
}
