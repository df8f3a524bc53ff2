/* SPDX-License-Identifier: MIT */

/* Transport: a uv_stream_t, narrowed to what TLS needs of it.
 *
 * It writes straight away what the system takes and queues the rest; one
 * uv_write at a time, whose blocks nobody else holds. */

#ifndef TLSLOOP__TRANSPORT_H
#define TLSLOOP__TRANSPORT_H

#include <uv.h>

#include "base/bytes.h"
#include "stream/loop.h"

/* What happens on a transport; each is called from the loop. */
typedef struct tlsloop__transport_events_s {
  /* |len| bytes at |data| have come; they may be used until it returns. */
  void (*on_data)(void* user, char* data, size_t len);
  /* The peer's direction has ended: UV_EOF or an error. No data follows. */
  void (*on_end)(void* user, int status);
  /* |len| queued bytes are with the system, or were lost: |status|. */
  void (*on_written)(void* user, size_t len, int status);
  /* Our direction is shut, or could not be: |status|. */
  void (*on_shut)(void* user, int status);
  /* The handle is closed. */
  void (*on_closed)(void* user);
} tlsloop__transport_events_t;

/* A write that the system did not take at once. */
typedef struct tlsloop__flight_s tlsloop__flight_t;

typedef struct tlsloop__transport_s {
  uv_stream_t* uv;
  const tlsloop__transport_events_t* events;
  void* user;
  void* saved_data; /* what the application had in uv->data */
  tlsloop__loop_t* loop;
  tlsloop__flight_t* flight;
  unsigned char requests; /* that libuv holds */
  unsigned char orphaned; /* closed while somebody else was closing it */
} tlsloop__transport_t;

/* Whether |uv| can be taken as a transport on |loop|: 0 or the error of
 * tlsloop_attach. */
int tlsloop__transport_check(uv_loop_t* loop, const uv_stream_t* uv);

/* Makes |transport| of |uv| and takes its data field. */
void tlsloop__transport_init(tlsloop__transport_t* transport,
                             uv_stream_t* uv,
                             tlsloop__loop_t* loop,
                             const tlsloop__transport_events_t* events,
                             void* user);

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

/* Shuts our direction when all is written, then calls on_shut. Returns 0 or an
 * error; on_shut then never runs. */
int tlsloop__transport_shutdown(tlsloop__transport_t* transport);

/* Closes a TCP connection with a reset, anything else like
 * tlsloop__transport_close, and returns the same. */
int tlsloop__transport_reset(tlsloop__transport_t* transport);

/* Stops reading and gives the data field back. Nothing is in flight. */
void tlsloop__transport_release(tlsloop__transport_t* transport);

/* Closes the handle, gives its data field back, and calls on_closed. Returns
 * whether on_closed will run: not when somebody else is closing the handle and
 * no request is left. */
int tlsloop__transport_close(tlsloop__transport_t* transport);

#endif /* TLSLOOP__TRANSPORT_H */
