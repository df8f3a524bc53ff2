/* SPDX-License-Identifier: MIT */

/* The records of TLS (RFC 8446, 5): how large they are, and how many. */

#ifndef TLSLOOP_RECORDS_H
#define TLSLOOP_RECORDS_H

#include <stdint.h>

#include "tlsloop/engine.h"
#include "tlsloop/export.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tlsloop_stream_s;

/* Makes |stream| begin what it writes with small records when |on| is 1: the
 * first 40 after a second without any take up to 1,370 bytes, which fit one
 * segment, so that the peer can use them as they come; the others take up to
 * 16,384. It costs a little time for latency, which is good for pages and
 * answers and nothing for files. 0, the default, makes all records as large as
 * they can be. In effect from the next record.
 * From callbacks: yes.
 * Since: 0.1; TLS's own limit is in RFC 8446, 5.1. */
TLSLOOP_EXTERN void tlsloop_stream_set_dynamic_records(
    struct tlsloop_stream_s* stream,
    int on);

/* Counts the records of |engine| from now on, whatever they carry.
 * Returns: 0, also when it counts already, or UV_ENOMEM.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_engine_count_records(tlsloop_engine_t* engine);

/* How many records |engine| has read, in |in|, and written, in |out|, since it
 * counts them; 0 when it does not.
 * Since: 0.1 */
TLSLOOP_EXTERN void tlsloop_engine_records(const tlsloop_engine_t* engine,
                                           uint64_t* in,
                                           uint64_t* out);

/* tlsloop_engine_count_records for |stream|; tlsloop_engine_records with
 * tlsloop_stream_engine tells how many there were.
 * Returns: 0, also when it counts already, or UV_ENOMEM.
 * From callbacks: yes.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_stream_count_records(
    struct tlsloop_stream_s* stream);

#ifdef __cplusplus
}
#endif

#endif /* TLSLOOP_RECORDS_H */
