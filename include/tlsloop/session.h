/* SPDX-License-Identifier: MIT */

/* Sessions: what a client keeps of a connection to make the next one with the
 * same server short (RFC 8446, 2.2; RFC 5077; RFC 5246, 7.3).
 *
 * A session belongs to the context it came from. It remembers for which host
 * name and under which policy (verification, trust, ciphers, own certificate)
 * it was made, and is refused for any other: a resumed connection is as well
 * protected as the first. */

#ifndef TLSLOOP_SESSION_H
#define TLSLOOP_SESSION_H

#include <stddef.h>
#include <stdint.h>

#include "tlsloop/engine.h"
#include "tlsloop/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A session. It never changes and may be shared between threads.
 * Since: 0.1 */
typedef struct tlsloop_session_s tlsloop_session_t;

/* What has happened to the sessions of a context, in both directions. The
 * caller sets |size| to sizeof(tlsloop_session_stats_t); the library fills in
 * what fits.
 * Since: 0.1 */
typedef struct tlsloop_session_stats_s {
  size_t size;
  int64_t number;              /* in the server's cache now */
  int64_t connect;             /* handshakes that clients began */
  int64_t connect_good;        /* and finished */
  int64_t connect_renegotiate; /* clients' renegotiations */
  int64_t accept;              /* handshakes that servers began */
  int64_t accept_good;         /* and finished */
  int64_t accept_renegotiate;  /* servers' renegotiations */
  int64_t hits;                /* sessions resumed */
  int64_t misses;              /* that clients had and servers did not find */
  int64_t timeouts;            /* that were too old */
  int64_t cache_full;          /* that had to make room for others */
} tlsloop_session_stats_t;

/* Tells client |engine|'s application of a new |session| that can be resumed:
 * on TLS 1.3 for every ticket as it comes, on TLS 1.2 once. |arg| is of
 * tlsloop_ctx_set_session_cb. The reference is lent; tlsloop_session_ref takes
 * one to keep.
 * Since: 0.1 */
typedef void (*tlsloop_session_cb)(tlsloop_engine_t* engine,
                                   tlsloop_session_t* session,
                                   void* arg);

/* Calls |cb| with |arg| for each new session of |ctx|'s clients. NULL ends it.
 * Servers of a TLS context that has one keep no sessions, only tickets.
 * Returns: 0, or a negative code; nothing has then changed.
 * Errors: TLSLOOP_ESIDE on a TLS_SERVER context; UV_EBUSY when |ctx| is
 * sealed.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_set_session_cb(tlsloop_ctx_t* ctx,
                                              tlsloop_session_cb cb,
                                              void* arg);

/* Tells in |stats| what has happened to the sessions of |ctx| (OpenSSL,
 * SSL_CTX_sess_number(3)).
 * Returns: 0, or a negative code.
 * Errors: UV_EINVAL when |stats| says that it has no room.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_session_stats(const tlsloop_ctx_t* ctx,
                                             tlsloop_session_stats_t* stats);

/* Takes one more reference to |session|.
 * Returns: |session|.
 * Since: 0.1 */
TLSLOOP_EXTERN tlsloop_session_t* tlsloop_session_ref(
    tlsloop_session_t* session);

/* Gives one reference to |session| back and frees it with the last. NULL is
 * ignored.
 * Since: 0.1 */
TLSLOOP_EXTERN void tlsloop_session_unref(tlsloop_session_t* session);

/* Takes a picture of |engine|'s session as it is now and stores it in
 * |session|, or NULL when there is none, as before the handshake. On TLS 1.3 a
 * client's can be resumed only once a ticket has been read.
 * Returns: 0, or a negative code.
 * Errors: UV_ENOMEM; TLSLOOP_EOPENSSL.
 * Owns: the caller owns a reference; give it back with tlsloop_session_unref.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_engine_session(const tlsloop_engine_t* engine,
                                          tlsloop_session_t** session);

/* Makes client |engine| try to resume |session|; its host name is to be set
 * before. The server may refuse: the handshake is then a full one.
 * Returns: 0, or a negative code; nothing has then changed.
 * Errors: TLSLOOP_ESESSION when it is of another context, host name or policy,
 * or cannot be resumed; TLSLOOP_ESIDE on a server; UV_EBUSY once the handshake
 * has begun; TLSLOOP_EOPENSSL.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_engine_set_session(tlsloop_engine_t* engine,
                                              tlsloop_session_t* session);

/* The id of |session|: stores where its bytes are in |id| and how many, 0 to
 * 32, in |len|.
 * Owns: |session| owns the bytes.
 * Since: 0.1 */
TLSLOOP_EXTERN void tlsloop_session_id(const tlsloop_session_t* session,
                                       const unsigned char** id,
                                       size_t* len);

/* When |session| was made.
 * Returns: seconds since 1970-01-01 00:00 UTC.
 * Since: 0.1 */
TLSLOOP_EXTERN int64_t tlsloop_session_time(const tlsloop_session_t* session);

/* How long after tlsloop_session_time |session| can be resumed.
 * Returns: seconds.
 * Since: 0.1 */
TLSLOOP_EXTERN int64_t
tlsloop_session_timeout(const tlsloop_session_t* session);

/* How long the server said that |session|'s ticket is good for (RFC 8446,
 * 4.6.1).
 * Returns: seconds, 0 without a ticket.
 * Since: 0.1 */
TLSLOOP_EXTERN int64_t
tlsloop_session_ticket_lifetime_hint(const tlsloop_session_t* session);

/* Whether |session| has a ticket.
 * Returns: 1 or 0.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_session_has_ticket(const tlsloop_session_t* session);

/* Whether |session| can be resumed at all.
 * Returns: 1 or 0.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_session_is_resumable(
    const tlsloop_session_t* session);

/* The host name for which |session| was made, as A-labels.
 * Returns: a NUL-terminated string of |session|, or NULL when there is none.
 * Since: 0.1 */
TLSLOOP_EXTERN const char* tlsloop_session_hostname(
    const tlsloop_session_t* session);

/* Whether |a| and |b| have the same id.
 * Returns: 1 or 0.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_session_equal(const tlsloop_session_t* a,
                                         const tlsloop_session_t* b);

/* Writes |session| down: with |buf| NULL it only tells how many bytes that
 * takes, otherwise it writes them if |len| is enough. They hold the secrets of
 * the session: keep them as a key.
 * Returns: the number of bytes, or a negative code.
 * Errors: UV_ENOBUFS when |len| is too small; UV_ENOMEM; TLSLOOP_EOPENSSL.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_session_to_bytes(const tlsloop_session_t* session,
                                            void* buf,
                                            size_t len);

/* Makes a session of |ctx| from the |len| bytes at |data|, written by
 * tlsloop_session_to_bytes, maybe of another process, and stores it in
 * |session|. Seals |ctx|.
 * Returns: 0, or a negative code; |session| is then untouched.
 * Errors: TLSLOOP_ESESSION when they are anything else, or when the policy was
 * another; UV_ENOMEM; TLSLOOP_EOPENSSL.
 * Owns: the caller owns a reference; give it back with tlsloop_session_unref.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_session_from_bytes(tlsloop_session_t** session,
                                              tlsloop_ctx_t* ctx,
                                              const void* data,
                                              size_t len);

#ifdef __cplusplus
}
#endif

#endif /* TLSLOOP_SESSION_H */
