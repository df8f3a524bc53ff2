/* SPDX-License-Identifier: MIT */

/* Party: a TLS stream whose every callback is recorded and checked.
 *
 * Whatever a test is about, each party holds the stream to its contract: no
 * callback runs inside a call, before the handshake's, a second time, out of
 * order, or after the close callback; every buffer comes back; the bytes are
 * those that the other side sent; and the error queue is empty. The memory of
 * the stream, its transport and its requests is overwritten and freed as soon
 * as it is ours again. */

#ifndef TLSLOOP_TESTS_SUPPORT_PARTY_H
#define TLSLOOP_TESTS_SUPPORT_PARTY_H

#include <tlsloop.h>
#include <uv.h>

/* Each callback leaves one of these in the log. */
typedef enum party_event_e {
  PARTY_HANDSHAKE = 'H',
  PARTY_ALLOC = 'A',
  PARTY_DATA = 'D',
  PARTY_UNUSED = 'U', /* a buffer came back empty */
  PARTY_END = 'E',    /* the read callback with an end or an error */
  PARTY_WRITE = 'W',
  PARTY_SHUTDOWN = 'S',
  PARTY_WANT = 'N',
  PARTY_CLOSE = 'C'
} party_event_t;

typedef struct party_s party_t;

struct party_s {
  tlsloop_stream_t* stream;  /* NULL from the close callback on */
  uv_stream_t* transport;    /* the same */
  tlsloop_stream_t* carrier; /* the same; on |transport|, under |stream| */
  int side;

  /* What the test wants. */
  void (*hook)(party_t* party, int event); /* at the end of each callback */
  void* arg;                               /* of the hook */
  size_t alloc_size;                       /* of buffers; 0: as suggested */
  unsigned int allocs_to_fail;             /* the next ones give nothing */

  /* What happened. */
  char log[64]; /* the first events */
  int handshakes;
  int handshake_status;
  int ends;
  int read_status; /* of the last end */
  int shutdowns;
  int shutdown_status;
  int closed;
  int want; /* the last reported */
  unsigned int wants;
  unsigned int allocs;
  unsigned int writes;
  int write_status; /* of the last write */
  unsigned int failed_writes;
  uint64_t sent;     /* bytes given to writes that began */
  uint64_t received; /* bytes */

  /* Its own. */
  int handshake_begun;
  int reading;
  int shutdown_begun;
  unsigned int writes_begun;
  char* buffer; /* out to the library */
  size_t buffer_size;
};

/* Makes |party| a stream on |side| of |ctx| on |transport|, which was
 * allocated and is freed with it. A client talks to localhost. */
void party_open(party_t* party,
                tlsloop_ctx_t* ctx,
                int side,
                uv_stream_t* transport);

/* The same on |carrier|, an open TLS stream that was allocated too and is on
 * |transport|: TLS in TLS. */
void party_open_nested(party_t* party,
                       tlsloop_ctx_t* ctx,
                       int side,
                       tlsloop_stream_t* carrier,
                       uv_stream_t* transport);

/* As the functions of tlsloop.h; every call goes through here. */
int party_handshake(party_t* party);
int party_read_start(party_t* party);
int party_read_stop(party_t* party);
int party_shutdown(party_t* party);
void party_close(party_t* party);
void party_close_reset(party_t* party);

/* Writes the next |len| bytes of the party's own pattern as one buffer. */
int party_write(party_t* party, size_t len);

/* The same as |count| buffers of |lens| bytes; those of 0 are at NULL. */
int party_write_many(party_t* party, const size_t lens[], unsigned int count);

/* Offers the next |len| bytes to tlsloop_try_write. */
int party_try_write(party_t* party, size_t len);

/* Byte number |offset| of what a party on |side| sends. */
char party_pattern(int side, uint64_t offset);

/* From now on |watch| is called with 1 when the library is entered from a call
 * or goes on after a callback, and with 0 when it calls back or returns. */
void party_on_switch(void (*watch)(int to_library));

/* From now on every call and every callback leaves a stale errno and a stale
 * error in OpenSSL's queue for what comes next. */
void party_make_stale(int on);

#endif /* TLSLOOP_TESTS_SUPPORT_PARTY_H */
