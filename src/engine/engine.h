/* SPDX-License-Identifier: MIT */

/* Engine: TLS without I/O, on one SSL between two byte stores.
 *
 * This layer knows an SSL_CTX and nothing of contexts: tlsloop_engine_new,
 * which applies a context's policy, is in context/conn.c. */

#ifndef TLSLOOP__ENGINE_H
#define TLSLOOP__ENGINE_H

#include "base/error.h"
#include "engine/bio.h"
#include "tlsloop/engine.h"

struct bio_st;
struct ssl_ctx_st;
struct ssl_st;

/* Whether the application was asked about the name that a client wants. */
typedef enum tlsloop__sni_e {
  TLSLOOP__SNI_NOT_ASKED,
  TLSLOOP__SNI_ASKING, /* it is in its callback */
  TLSLOOP__SNI_ASKED,
  TLSLOOP__SNI_SPOILED /* what it did could not be undone */
} tlsloop__sni_t;

struct tlsloop_engine_s {
  tlsloop__bio_pair_t bios; /* first: its port points here during a call */
  struct ssl_st* ssl;       /* NULL until a server's stream needs it */
  tlsloop__error_slot_t error;
  tlsloop_ctx_t* ctx;       /* a reference of the layer above */
  tlsloop_ctx_t* first_ctx; /* likewise: it owns the port's method */
  void* data;               /* the application's */
  uint64_t* records;        /* read, written; NULL: nobody counts */
  char* hostname;           /* as A-labels; NULL when none was given; what the
                               application was asked about on a server */
  int failure;              /* what every call returns once the engine failed */
  unsigned int state : 4;
  unsigned int side : 1;
  unsigned int sent_close : 1;     /* our close_notify is in |out| */
  unsigned int received_close : 1; /* the peer's was read */
  unsigned int alert_sent : 8;     /* a fatal alert, or 0 */
  unsigned int sni : 2;            /* tlsloop__sni_t */
  unsigned int asked_cert : 1;     /* for the client's, after the handshake */
  unsigned int must_name : 1;      /* refuse a handshake without a host name */
};

/* Makes |engine|, zeroed memory, an engine on |side| over |in| and |out|, to
 * which it takes references. Until it has an SSL it can only be asked. */
void tlsloop__engine_init(tlsloop_engine_t* engine,
                          tlsloop_bio_t* in,
                          tlsloop_bio_t* out,
                          int side);

/* Makes the SSL of |engine|, of |ssl_ctx|; it has no port yet. Returns 0 or a
 * negative code; there is then no SSL. */
int tlsloop__engine_make_ssl(tlsloop_engine_t* engine,
                             struct ssl_ctx_st* ssl_ctx);

/* Gives |engine|, which has an SSL, its port, unless it has it: the OpenSSL
 * BIO, of tlsloop__bio_method_new, through which its SSL reads and writes. All
 * engines of one thread can share a port; it leads to each for the time of a
 * call. Takes a reference. */
void tlsloop__engine_plug(tlsloop_engine_t* engine, struct bio_st* port);

/* Frees what |engine| holds, but neither |ctx| nor |engine| itself. */
void tlsloop__engine_deinit(tlsloop_engine_t* engine);

/* The engine of |ssl|; NULL when it has none. For OpenSSL's callbacks: outside
 * a call of the engine there is none. */
tlsloop_engine_t* tlsloop__engine_of(const struct ssl_st* ssl);

/* Reads as tlsloop_engine_read, but goes on while |buf| has room and |in| has
 * bytes. |nread| counts all that was read, also with a code that is not 0. */
int tlsloop__engine_read_on(tlsloop_engine_t* engine,
                            void* buf,
                            size_t len,
                            size_t* nread);

/* Reads what the peer has sent up to its next application data, so that
 * alerts, close_notify and handshake messages take effect while nobody reads.
 * Returns 0 when application data waits, otherwise as tlsloop_engine_read. */
int tlsloop__engine_advance(tlsloop_engine_t* engine);

/* Puts our close_notify into |out|, once the handshake is complete. Returns 0
 * or a fatal error. */
int tlsloop__engine_send_close(tlsloop_engine_t* engine);

/* Ends |engine|, which has not failed yet, for good with |code|, because it is
 * not any more what it was. Sends nothing. */
void tlsloop__engine_give_up(tlsloop_engine_t* engine, int code);

/* Puts a handshake message that waits to be sent after the handshake into
 * |out|. Returns 0 or a fatal error. */
int tlsloop__engine_send_handshake(tlsloop_engine_t* engine);

#endif /* TLSLOOP__ENGINE_H */
