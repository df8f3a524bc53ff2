/* SPDX-License-Identifier: MIT */

/* TLS without I/O: an engine between two memory BIOs.
 *
 * Put the peer's bytes into |cipher_in|, take the bytes for the peer out of
 * |cipher_out|, and call handshake, read, write and shutdown in between. The
 * engine never blocks, calls no system call, and knows no loop; tlsloop.h
 * drives one for you on libuv.
 *
 * An engine and its BIOs belong to one thread at a time. */

#ifndef TLSLOOP_ENGINE_H
#define TLSLOOP_ENGINE_H

#include <stddef.h>

#include "tlsloop/errno.h"
#include "tlsloop/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A context: everything that connections have in common. See ctx.h.
 * Since: 0.1 */
typedef struct tlsloop_ctx_s tlsloop_ctx_t;

/* A certificate. See cert.h.
 * Since: 0.1 */
typedef struct tlsloop_cert_s tlsloop_cert_t;

/* A memory BIO: bytes in, the same bytes out, and a mark for the end.
 * Reference-counted.
 * Since: 0.1 */
typedef struct tlsloop_bio_s tlsloop_bio_t;

/* One TLS connection between two memory BIOs.
 * Since: 0.1 */
typedef struct tlsloop_engine_s tlsloop_engine_t;

/* The side of a connection.
 * Since: 0.1 */
typedef enum tlsloop_side_e {
  TLSLOOP_CLIENT = 0,
  TLSLOOP_SERVER = 1
} tlsloop_side_t;

/* How far a connection has come. It only ever moves downward in this list.
 * Since: 0.1 */
typedef enum tlsloop_engine_state_e {
  TLSLOOP_ENGINE_NEW = 0,         /* nothing was sent or received */
  TLSLOOP_ENGINE_HANDSHAKING = 1, /* the handshake is under way */
  TLSLOOP_ENGINE_OPEN = 2,        /* data can flow */
  TLSLOOP_ENGINE_CLOSED = 3,      /* close_notify went both ways */
  TLSLOOP_ENGINE_FAILED = 4       /* a fatal error; nothing moves any more */
} tlsloop_engine_state_t;

/* Makes an empty memory BIO with one reference and stores it in |bio|.
 * Returns: 0, or a negative code; |bio| is then untouched.
 * Errors: UV_ENOMEM.
 * Owns: the caller owns the reference; give it back with tlsloop_bio_unref.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_bio_new(tlsloop_bio_t** bio);

/* Takes one more reference to |bio|.
 * Returns: |bio|.
 * Since: 0.1 */
TLSLOOP_EXTERN tlsloop_bio_t* tlsloop_bio_ref(tlsloop_bio_t* bio);

/* Gives one reference to |bio| back and frees it with the last. NULL is
 * ignored.
 * Since: 0.1 */
TLSLOOP_EXTERN void tlsloop_bio_unref(tlsloop_bio_t* bio);

/* Appends |len| bytes of |data| to |bio|. All are taken or none.
 * Returns: 0, or a negative code.
 * Errors: UV_EPIPE after tlsloop_bio_write_eof, even for 0 bytes; UV_ENOMEM.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_bio_write(tlsloop_bio_t* bio,
                                     const void* data,
                                     size_t len);

/* Takes up to |len| bytes out of |bio| into |buf|.
 * Returns: how many bytes were taken; 0 when |bio| is empty.
 * Since: 0.1 */
TLSLOOP_EXTERN size_t tlsloop_bio_read(tlsloop_bio_t* bio,
                                       void* buf,
                                       size_t len);

/* How many bytes |bio| holds.
 * Returns: that number.
 * Since: 0.1 */
TLSLOOP_EXTERN size_t tlsloop_bio_pending(const tlsloop_bio_t* bio);

/* Marks the end: no more bytes will be written to |bio|. TLS that reads past
 * the last byte then meets the end of the transport instead of wanting more.
 * Since: 0.1 */
TLSLOOP_EXTERN void tlsloop_bio_write_eof(tlsloop_bio_t* bio);

/* Whether |bio| is at its end: it is empty and tlsloop_bio_write_eof was
 * called.
 * Returns: 1 or 0.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_bio_eof(const tlsloop_bio_t* bio);

/* Makes an engine on |side| (TLSLOOP_CLIENT or TLSLOOP_SERVER) from |ctx|
 * between |cipher_in|, bytes from the peer, and |cipher_out|, bytes for the
 * peer, and stores it in |engine|. The first engine of a context seals it.
 * Returns: 0, or a negative code; |engine| is then untouched.
 * Errors: UV_EINVAL for another |side|; TLSLOOP_ESIDE when |ctx| is made for
 * the other side; UV_ENOMEM; TLSLOOP_EOPENSSL.
 * Owns: the caller owns the engine (tlsloop_engine_free); the engine takes its
 * own references to |ctx| and both BIOs.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_engine_new(tlsloop_engine_t** engine,
                                      tlsloop_ctx_t* ctx,
                                      tlsloop_bio_t* cipher_in,
                                      tlsloop_bio_t* cipher_out,
                                      int side);

/* Frees |engine| without sending anything. Its session stays resumable. NULL
 * is ignored.
 * From callbacks: not from a callback of this engine.
 * Since: 0.1 */
TLSLOOP_EXTERN void tlsloop_engine_free(tlsloop_engine_t* engine);

/* Names the server that client |engine| talks to: |name|, NUL-terminated
 * UTF-8, is a DNS name (made an A-label, sent as SNI, RFC 6066) or an IP
 * address literal, IPv6 without brackets and zone (not sent). The server's
 * certificate must be valid for it (RFC 9525), unless the context leaves names
 * unchecked. A dot at the end is dropped; labels in other scripts are read by
 * IDNA 2008 (UTS 46, non-transitional). To be called before the handshake; a
 * second call replaces the name.
 * Returns: 0, or a negative code; nothing has then changed.
 * Errors: TLSLOOP_EHOSTNAME when it is empty, too long, or no host name: the
 * details say why; TLSLOOP_ESIDE on a server; UV_EBUSY once the handshake has
 * begun; UV_ENOMEM.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_engine_set_hostname(tlsloop_engine_t* engine,
                                               const char* name);

/* The name given with tlsloop_engine_set_hostname, as A-labels, or the name
 * that the client of server |engine| asked for (SNI), as it sent it: trust it
 * no more than other bytes of a stranger.
 * Returns: a NUL-terminated string of |engine|, or NULL when there is none.
 * Since: 0.1 */
TLSLOOP_EXTERN const char* tlsloop_engine_hostname(
    const tlsloop_engine_t* engine);

/* Drives the handshake of |engine| as far as it goes.
 * Returns: 0 when it is complete, now or before; or a negative code.
 * Errors: TLSLOOP_WANT_READ, TLSLOOP_WANT_WRITE, TLSLOOP_WANT_DECISION: call
 * again when that has come; TLSLOOP_ENOHOSTNAME when a client must verify a
 * server that was not named; everything else is fatal, and the alert for the
 * peer, where TLS has one, is in |cipher_out|: TLSLOOP_EALERT_SENT - n,
 * TLSLOOP_EALERT_RECEIVED - n, TLSLOOP_EVERIFY - n, TLSLOOP_ENOTTLS,
 * TLSLOOP_EPROTOCOL, TLSLOOP_ETRUNCATED, UV_ENOMEM, TLSLOOP_EOPENSSL. After a
 * fatal error every call returns that error again.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_engine_handshake(tlsloop_engine_t* engine);

/* Reads up to |len| decrypted bytes of |engine| into |buf| and stores their
 * number, 1 or more, in |nread|; at most one record (16,384 bytes) a call.
 * Starts or goes on with the handshake when it is not complete. With |len| 0
 * it stores 0 and does nothing.
 * Returns: 0, or a negative code.
 * Errors: UV_EOF after the peer's close_notify; TLSLOOP_ETRUNCATED when the
 * transport ended without one; otherwise as tlsloop_engine_handshake.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_engine_read(tlsloop_engine_t* engine,
                                       void* buf,
                                       size_t len,
                                       size_t* nread);

/* Encrypts the |len| bytes of |buf| into |engine|'s |cipher_out|; all of them
 * or none. Starts or goes on with the handshake when it is not complete. With
 * |len| 0 it does nothing.
 * Returns: 0, or a negative code.
 * Errors: UV_EPIPE after tlsloop_engine_shutdown; otherwise as
 * tlsloop_engine_handshake. After TLSLOOP_WANT_READ the next write must begin
 * with the same bytes; they may have moved.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_engine_write(tlsloop_engine_t* engine,
                                        const void* buf,
                                        size_t len);

/* Closes |engine|'s side with a close_notify, at the first call, and tells
 * whether the peer has closed its side too. Bytes that follow the peer's
 * close_notify stay in |cipher_in|.
 * Returns: 0 when both sides are closed, or a negative code.
 * Errors: TLSLOOP_WANT_READ when the peer has not closed yet: reading goes on;
 * TLSLOOP_EUNREAD when the peer's data is to be read first; UV_ENOTCONN before
 * the handshake is complete; UV_EOF does not occur; otherwise as
 * tlsloop_engine_handshake.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_engine_shutdown(tlsloop_engine_t* engine);

/* How many decrypted bytes of the current record can be read without another
 * byte from the peer. More records may wait in |cipher_in|.
 * |engine| may be in any state.
 * Returns: 0 to 16,384.
 * Since: 0.1 */
TLSLOOP_EXTERN size_t tlsloop_engine_pending(const tlsloop_engine_t* engine);

/* How far |engine| has come.
 * Returns: one of tlsloop_engine_state_t.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_engine_state(const tlsloop_engine_t* engine);

/* The details of the last failure of |engine|; WANT codes and UV_EOF are no
 * failures.
 * Returns: the details, or NULL when nothing has failed.
 * Owns: |engine| owns them; valid until its next call.
 * Since: 0.1 */
TLSLOOP_EXTERN const tlsloop_error_t* tlsloop_engine_error(
    const tlsloop_engine_t* engine);

/* The context of |engine|.
 * Returns: the context; it lives at least as long as |engine| uses it.
 * Since: 0.1 */
TLSLOOP_EXTERN tlsloop_ctx_t* tlsloop_engine_ctx(
    const tlsloop_engine_t* engine);

/* The side of |engine|.
 * Returns: TLSLOOP_CLIENT or TLSLOOP_SERVER.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_engine_side(const tlsloop_engine_t* engine);

/* Stores |data|, anything of the caller's, in |engine|.
 * Since: 0.1 */
TLSLOOP_EXTERN void tlsloop_engine_set_data(tlsloop_engine_t* engine,
                                            void* data);

/* What tlsloop_engine_set_data stored in |engine|.
 * Returns: that pointer, NULL at first.
 * Since: 0.1 */
TLSLOOP_EXTERN void* tlsloop_engine_data(const tlsloop_engine_t* engine);

/* The protocol version that |engine| negotiated.
 * Returns: a static string such as "TLSv1.3", or NULL before the handshake is
 * complete.
 * Since: 0.1 */
TLSLOOP_EXTERN const char* tlsloop_engine_version(
    const tlsloop_engine_t* engine);

/* The cipher suite that |engine| negotiated, by OpenSSL's name.
 * Returns: a static string such as "TLS_AES_256_GCM_SHA384", or NULL before
 * the handshake is complete.
 * Since: 0.1 */
TLSLOOP_EXTERN const char* tlsloop_engine_cipher_name(
    const tlsloop_engine_t* engine);

/* The application protocol that |engine| negotiated (ALPN, RFC 7301): stores
 * where its bytes are in |proto| and how many in |len|; NULL and 0 when none
 * was.
 * Owns: |engine| owns the bytes.
 * Since: 0.1 */
TLSLOOP_EXTERN void tlsloop_engine_alpn(const tlsloop_engine_t* engine,
                                        const char** proto,
                                        size_t* len);

/* The result of verifying the peer's certificate in |engine| (OpenSSL,
 * SSL_get_verify_result(3)).
 * Returns: 0, X509_V_OK, when it was good, when the peer sent none, or before
 * the handshake; otherwise an X509_V_ERR_*.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_engine_verify_result(const tlsloop_engine_t* engine);

/* The certificate of |engine|'s peer, verified or not; stored in |cert|, NULL
 * when it sent none.
 * Returns: 0, or a negative code.
 * Errors: UV_ENOTCONN before the handshake is complete; UV_ENOMEM.
 * Owns: the caller owns a reference; give it back with tlsloop_cert_unref.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_engine_peer_cert(const tlsloop_engine_t* engine,
                                            tlsloop_cert_t** cert);

/* Whether |engine| resumed an earlier session.
 * Returns: 1 or 0.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_engine_session_reused(
    const tlsloop_engine_t* engine);

#ifdef __cplusplus
}
#endif

#endif /* TLSLOOP_ENGINE_H */
