/* SPDX-License-Identifier: MIT */

/* Transport: what carries ciphertext, narrowed to what TLS needs of it: a
 * uv_stream_t, or another TLS stream.
 *
 * It writes straight away what the carrier takes and queues the rest; one
 * write at a time, whose blocks nobody else holds. */

#ifndef TLSLOOP__TRANSPORT_H
#define TLSLOOP__TRANSPORT_H

#include <uv.h>

#include "base/bytes.h"
#include "stream/loop.h"
#include "tlsloop.h"

typedef struct tlsloop__transport_s tlsloop__transport_t;

/* What happens on a transport; each is called from the loop. */
typedef struct tlsloop__transport_events_s {
  /* Who lends room for a read. */
  tlsloop__loop_t* (*loop_of)(tlsloop__transport_t* transport);
  /* |len| bytes at |data| have come; they may be used until it returns. */
  void (*on_data)(tlsloop__transport_t* transport, char* data, size_t len);
  /* The peer's direction has ended: UV_EOF or an error. No data follows. */
  void (*on_end)(tlsloop__transport_t* transport, int status);
  /* |len| queued bytes are with the system, or were lost: |status|. */
  void (*on_written)(tlsloop__transport_t* transport, size_t len, int status);
  /* Our direction is shut, or could not be: |status|. */
  void (*on_shut)(tlsloop__transport_t* transport, int status);
  /* The handle is closed. */
  void (*on_closed)(tlsloop__transport_t* transport);
} tlsloop__transport_events_t;

/* A write that the carrier did not take at once. */
typedef struct tlsloop__flight_s {
  union {
    uv_write_t uv;
    tlsloop_write_t tls;
  } req;
  tlsloop__transport_t* transport;
  tlsloop__bytes_t bytes; /* not with the system yet */
  size_t len;             /* of them, what the write under way has */
  size_t done;            /* with the system */
} tlsloop__flight_t;

/* How a kind of carrier does what its uv_ namesakes do. */
typedef struct tlsloop__carrier_s {
  int (*read_start)(tlsloop__transport_t* transport);
  void (*read_stop)(tlsloop__transport_t* transport);
  int (*try_write)(tlsloop__transport_t* transport,
                   const uv_buf_t bufs[],
                   unsigned int nbufs);
  int (*write)(tlsloop__flight_t* flight,
               const uv_buf_t bufs[],
               unsigned int nbufs);
  void (*cork)(tlsloop__transport_t* transport); /* NULL: not needed */
  int (*shutdown)(tlsloop__transport_t* transport);
  int (*is_closing)(const tlsloop__transport_t* transport);
  void (*close)(tlsloop__transport_t* transport, int reset);
  void (*restore_data)(tlsloop__transport_t* transport);
  const uv_stream_t* (*bottom)(const tlsloop__transport_t* transport);
} tlsloop__carrier_t;

struct tlsloop__transport_s {
  const tlsloop__carrier_t* carrier; /* NULL: none yet */
  union {
    uv_stream_t* uv;
    tlsloop_stream_t* tls;
  } to;
  const tlsloop__transport_events_t* events;
  void* saved_data; /* what the application had in the carrier's data */
  tlsloop__flight_t* flight;
  unsigned char requests; /* that the carrier holds */
  unsigned char orphaned; /* closed while somebody else was closing it */
};

/* Whether |uv| can be taken as a transport on |loop|: 0 or the error of
 * tlsloop_attach. */
int tlsloop__transport_check(uv_loop_t* loop, const uv_stream_t* uv);

/* Makes |transport| of |uv| and takes its data field. */
void tlsloop__transport_init(tlsloop__transport_t* transport,
                             uv_stream_t* uv,
                             const tlsloop__transport_events_t* events);

/* The same for a TLS stream |tls|. */
int tlsloop__transport_check_tls(uv_loop_t* loop, const tlsloop_stream_t* tls);
void tlsloop__transport_init_tls(tlsloop__transport_t* transport,
                                 tlsloop_stream_t* tls,
                                 const tlsloop__transport_events_t* events);

/* Starts to read. Returns 0, also when reading, or an error. */
int tlsloop__transport_read_start(tlsloop__transport_t* transport);

/* Stops reading. */
void tlsloop__transport_read_stop(tlsloop__transport_t* transport);

/* Writes what is in |bytes|, takes it out, and stores in |written| how much
 * went to the system at once; the rest is in flight until on_written. Does
 * nothing while something is in flight. Returns 0 or an error; the bytes are
 * then dropped. */
int tlsloop__transport_write(tlsloop__transport_t* transport,
                             tlsloop__bytes_t* bytes,
                             size_t* written);

/* How many bytes are in flight. */
size_t tlsloop__transport_in_flight(const tlsloop__transport_t* transport);

/* Tells the system that our direction is shut as soon as the next writes are
 * done: the end goes into the segment of the last bytes instead of one of its
 * own. Nothing is told when it cannot. */
void tlsloop__transport_cork(tlsloop__transport_t* transport);

/* Shuts our direction when all is written, then calls on_shut. Returns 0 or an
 * error; on_shut then never runs. */
int tlsloop__transport_shutdown(tlsloop__transport_t* transport);

/* Stops reading, gives the data field back, and forgets the carrier. Nothing
 * is in flight. */
void tlsloop__transport_release(tlsloop__transport_t* transport);

/* The handle that reaches the system, however many streams are above it; NULL
 * without a carrier. */
const uv_stream_t* tlsloop__transport_bottom(
    const tlsloop__transport_t* transport);

/* Closes the carrier, with a reset where it has one if |reset|, gives its data
 * field back, and calls on_closed. Returns whether on_closed will run: not when
 * somebody else is closing the carrier and no request is left. */
int tlsloop__transport_close(tlsloop__transport_t* transport, int reset);

/* For carriers: room for a read; the end of a read, as of a uv_read_cb, of a
 * write, of a shutdown and of a close. */
void tlsloop__transport_on_alloc(tlsloop__transport_t* transport,
                                 uv_buf_t* buf);
void tlsloop__transport_on_read(tlsloop__transport_t* transport,
                                ssize_t nread,
                                const uv_buf_t* buf);
void tlsloop__transport_on_written(tlsloop__flight_t* flight, int status);
void tlsloop__transport_on_shut(tlsloop__transport_t* transport, int status);
void tlsloop__transport_on_closed(tlsloop__transport_t* transport);

#endif /* TLSLOOP__TRANSPORT_H */
