/* SPDX-License-Identifier: MIT */

/* Stream: what a tlsloop_stream_t is inside.
 *
 * Events of the loop and calls of the application only note what they bring;
 * the pump (pump.h) does the work, step by step, in one order. A step is one
 * file's business: handshake, read, write, shutdown, end. */

#ifndef TLSLOOP__STREAM_H
#define TLSLOOP__STREAM_H

#include "engine/bio.h"
#include "engine/engine.h"
#include "stream/deadline.h"
#include "stream/transport.h"
#include "tlsloop.h"

/* How long a handshake and a shutdown may take, in milliseconds, unless the
 * application says otherwise. */
#define TLSLOOP__HANDSHAKE_TIMEOUT 30000
#define TLSLOOP__SHUTDOWN_TIMEOUT  5000

/* The smallest and the largest window, above which nothing more is encrypted,
 * in bytes of ciphertext; see window.c. */
#ifndef TLSLOOP__WINDOW
#define TLSLOOP__WINDOW ((size_t) (64 * 1024))
#endif
#define TLSLOOP__WINDOW_MAX (4 * TLSLOOP__WINDOW)

/* Ciphertext in flight above which nothing is read, since TLS may answer it,
 * in bytes. More than the application can bring about, whose writes never keep
 * it from reading. */
#define TLSLOOP__CHOKED_LIMIT ((size_t) (384 * 1024))

/* Ciphertext kept for a paused reader above which the transport is not read,
 * in bytes. */
#define TLSLOOP__PAUSED_LIMIT ((size_t) (64 * 1024))

/* How far a stream has come; it moves down this list only. */
typedef enum tlsloop__stream_state_e {
  TLSLOOP__STREAM_NEW,         /* no transport */
  TLSLOOP__STREAM_CONNECTING,  /* tlsloop_connect makes the transport */
  TLSLOOP__STREAM_ATTACHED,    /* nothing sent, nothing read */
  TLSLOOP__STREAM_HANDSHAKING, /* from the first call that wants TLS */
  TLSLOOP__STREAM_OPEN,   /* data can flow; each direction may have ended */
  TLSLOOP__STREAM_FAILED, /* the handshake failed and was reported */
  TLSLOOP__STREAM_CLOSING /* tlsloop_close was called */
} tlsloop__stream_state_t;

/* How far our direction's orderly end has come. */
typedef enum tlsloop__shut_state_e {
  TLSLOOP__SHUT_NO,
  TLSLOOP__SHUT_ASKED,   /* tlsloop_shutdown was called */
  TLSLOOP__SHUT_SAID,    /* close_notify is in cipher_out */
  TLSLOOP__SHUT_WAITING, /* the transport is shutting */
  TLSLOOP__SHUT_DONE
} tlsloop__shut_state_t;

/* What makes the transport; see connect.c. */
typedef struct tlsloop__connector_s tlsloop__connector_t;

/* Limits on idleness; see idle.c. */
typedef struct tlsloop__idle_s tlsloop__idle_t;

/* Marks of the write queue; see drain.c. */
typedef struct tlsloop__drain_s tlsloop__drain_t;

/* A file that is being sent; see sendfile.c. */
typedef struct tlsloop__errand_s tlsloop__errand_t;

typedef struct tlsloop__stream_s {
  tlsloop_stream_t* handle;
  tlsloop__loop_t* loop;
  tlsloop_engine_t* engine;
  tlsloop_bio_t cipher_in;
  tlsloop_bio_t cipher_out;
  tlsloop__transport_t transport;
  tlsloop__turn_t turn;
  tlsloop__deadline_t* deadline; /* these three: NULL while none is set */
  tlsloop__idle_t* idle;
  tlsloop__drain_t* drain;

  tlsloop_handshake_cb handshake_cb;
  tlsloop_alloc_cb alloc_cb;
  tlsloop_read_cb read_cb; /* NULL while nobody reads */
  tlsloop_want_cb want_cb;
  tlsloop_close_cb close_cb;
  tlsloop_shutdown_t* shutdown;
  tlsloop_unwrap_t* unwrap;
  tlsloop_connect_t* connect;
  tlsloop__connector_t* connector; /* while CONNECTING */

  tlsloop_write_t* writes;     /* not completed, in order */
  tlsloop_write_t* last_write; /* the last of them */
  tlsloop_write_t* feeding;    /* the first of them not encrypted whole */
  tlsloop__errand_t* errands;  /* files being sent */
  uint64_t flushed;            /* ciphertext with the system, ever */
  size_t plain_out;            /* bytes of |writes| not encrypted yet */

  union {
    uint64_t timeout; /* until it begins: milliseconds, 0 for ever */
    uint64_t time;    /* ns: when it began, then how long it took */
  } handshake;
  uint64_t shutdown_timeout;   /* milliseconds, 0 for ever */
  uint64_t plain_in;           /* bytes delivered, ever */
  uint64_t encrypted;          /* plaintext bytes encrypted, ever */
  tlsloop__error_slot_t error; /* of failures outside the engine */
  int transport_end;           /* UV_EOF or the error that ended its reading */
  int read_end;                /* why no more plaintext will come, or 0 */
  int write_end;               /* why no more can be written, or 0 */
  uint32_t burst_at;    /* when the last record was written; see record.c */
  unsigned int orphans; /* files that the thread pool is still reading */
  unsigned int state : 4;
  unsigned int shut_state : 4;
  unsigned int want : 2;    /* last reported to |want_cb|; see pump.c */
  unsigned int burst : 6;   /* small records since the last pause */
  unsigned int windows : 6; /* taken whole in a row; see window.c */
  unsigned int dynamic_records : 1;
  unsigned int owned : 1; /* the library made the transport's handle */
  unsigned int pumping : 1;
  unsigned int dirty : 1;     /* something was asked of the running pump */
  unsigned int undecided : 1; /* the handshake waits for the application */
  unsigned int read_end_told : 1;
  unsigned int last_words : 1; /* an alert waits under a deadline */
  unsigned int transport_reading : 1;
  unsigned int lingering : 1; /* closing, but waits for the peer */
} tlsloop__stream_t;

/* The one place where |state| changes. */
void tlsloop__stream_set_state(tlsloop__stream_t* s,
                               tlsloop__stream_state_t state);

/* Makes |to| the handle of the stream that |from| is the handle of. */
void tlsloop__stream_move(tlsloop_stream_t* to, const tlsloop_stream_t* from);

/* Whether the application may still ask something of |s|: 0, UV_ECANCELED when
 * it is closing, UV_ENOTCONN without a transport. */
int tlsloop__stream_check(const tlsloop__stream_t* s);

/* Notes that |s| broke outside of TLS: |code| with |text| ends both
 * directions. The first failure counts. */
void tlsloop__stream_break(tlsloop__stream_t* s, int code, const char* text);

/* The same for a failure at |subject|, an address or a name. */
void tlsloop__stream_break_at(tlsloop__stream_t* s,
                              int code,
                              const char* subject,
                              const char* text);

/* Puts |s| on |transport|, a malloc'ed handle that is its own to free. Returns
 * 0 or an error; the handle is then |s|'s all the same. */
int tlsloop__stream_adopt(tlsloop__stream_t* s, uv_stream_t* transport);

/* Keeps the details of a failure outside of TLS, |code| with |text|, NULL for
 * what it means. The first failure counts. */
void tlsloop__stream_note(tlsloop__stream_t* s, int code, const char* text);

/* Notes that ciphertext of |s| was lost to |code|. */
void tlsloop__stream_lose(tlsloop__stream_t* s, int code);

/* Notes that no more plaintext will come from |s|, because of |code|. */
void tlsloop__stream_end_reading(tlsloop__stream_t* s, int code);

/* Notes that nothing can be written to |s| any more, because of |code|. */
void tlsloop__stream_end_writing(tlsloop__stream_t* s, int code);

/* Whether TLS has failed and its last bytes, our alert, are still to be
 * written, to a peer that has not ended the connection itself. */
int tlsloop__stream_has_last_words(const tlsloop__stream_t* s);

/* Whether so much ciphertext waits that what the peer sends must wait too: TLS
 * answers some of it (RFC 8446, 4.6.3), and a peer could ask without end and
 * never read. */
int tlsloop__stream_is_choked(const tlsloop__stream_t* s);

/* Whether all ciphertext that exists is with the system. */
int tlsloop__stream_is_flushed(const tlsloop__stream_t* s);

#endif /* TLSLOOP__STREAM_H */
