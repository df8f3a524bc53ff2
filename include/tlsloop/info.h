/* SPDX-License-Identifier: MIT */

/* What can be asked of a connection beyond engine.h: ciphers, chains, channel
 * bindings, keying material; and asking a client for its certificate late. */

#ifndef TLSLOOP_INFO_H
#define TLSLOOP_INFO_H

#include <stddef.h>
#include <stdint.h>

#include "tlsloop/engine.h"
#include "tlsloop/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A cipher suite. The caller sets |size| to sizeof(tlsloop_cipher_info_t); the
 * library fills in what fits. Strings are static; NULL where OpenSSL has
 * nothing to say.
 * Since: 0.1 */
typedef struct tlsloop_cipher_info_s {
  size_t size;
  const char* name;      /* OpenSSL's, such as "TLS_AES_256_GCM_SHA384" */
  const char* protocol;  /* that defines it, such as "TLSv1.3" */
  int secret_bits;       /* how many bits of the key are secret */
  int alg_bits;          /* how many bits the algorithm processes */
  uint32_t id;           /* OpenSSL's, 0x03000000 plus the one on the wire */
  int aead;              /* 1 or 0 */
  const char* symmetric; /* long name of the symmetric cipher */
  const char* digest;    /* long name of the digest */
  const char* kea;       /* long name of the key exchange */
  const char* auth;      /* long name of the authentication */
  char description[160]; /* OpenSSL's line about it */
} tlsloop_cipher_info_t;

/* Which chain of certificates is meant.
 * Since: 0.1 */
typedef enum tlsloop_chain_e {
  TLSLOOP_CHAIN_PEER = 0,    /* as the peer sent it, its own first */
  TLSLOOP_CHAIN_VERIFIED = 1 /* as it was built, up to the trust anchor */
} tlsloop_chain_t;

/* Describes the cipher suite that |engine| negotiated in |info|.
 * Returns: 0, or a negative code.
 * Errors: UV_ENOTCONN before one is.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_engine_cipher(const tlsloop_engine_t* engine,
                                         tlsloop_cipher_info_t* info);

/* Describes in |info| number |index|, from 0, of the cipher suites that server
 * |engine| and its client have in common, in the server's order.
 * Returns: 0, or a negative code.
 * Errors: UV_ENOENT when there are fewer; UV_ENOTCONN before the handshake;
 * TLSLOOP_ESIDE on a client.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_engine_shared_cipher(const tlsloop_engine_t* engine,
                                                size_t index,
                                                tlsloop_cipher_info_t* info);

/* The compression that |engine| negotiated.
 * Returns: a static string, or NULL, which it always is unless OpenSSL was
 * built with compression and the context allows it.
 * Since: 0.1 */
TLSLOOP_EXTERN const char* tlsloop_engine_compression(
    const tlsloop_engine_t* engine);

/* How many certificates are in |engine|'s chain |which|, one of
 * tlsloop_chain_t.
 * Returns: that number; 0 when there is none, as before the handshake and
 * after resumption, unless tlsloop_engine_request_client_cert was called.
 * Since: 0.1 */
TLSLOOP_EXTERN size_t tlsloop_engine_chain_count(const tlsloop_engine_t* engine,
                                                 int which);

/* Stores number |index|, from 0, of |engine|'s chain |which|, one of
 * tlsloop_chain_t, in |cert|.
 * Returns: 0, or a negative code.
 * Errors: UV_ENOENT when there are fewer; UV_ENOMEM.
 * Owns: the caller owns a reference; give it back with tlsloop_cert_unref.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_engine_chain_cert(const tlsloop_engine_t* engine,
                                             int which,
                                             size_t index,
                                             tlsloop_cert_t** cert);

/* Writes the channel binding |type| of |engine|, which ties what is said over
 * the connection to the connection, into |buf|, which has |len| bytes:
 * "tls-unique" (RFC 5929, 3; not on TLS 1.3, which leaves it undefined),
 * "tls-server-end-point" (RFC 5929, 4), or "tls-exporter" (RFC 9266).
 * Returns: how many bytes it has, or a negative code.
 * Errors: UV_EINVAL for another |type|; UV_ENOTSUP when it is not defined on
 * this connection; UV_ENOTCONN before the handshake is complete; UV_ENOBUFS
 * when |len| is too small: 64 is enough; TLSLOOP_EOPENSSL.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_engine_channel_binding(
    const tlsloop_engine_t* engine,
    const char* type,
    void* buf,
    size_t len);

/* Derives |len| bytes of keying material from |engine|'s secrets into |buf|
 * (RFC 5705; RFC 8446, 7.5), for |label|, NUL-terminated, and the
 * |context_len| bytes of |context|; NULL: none.
 * Returns: 0, or a negative code.
 * Errors: UV_ENOTCONN before the handshake is complete; TLSLOOP_EOPENSSL.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_engine_export_key(const tlsloop_engine_t* engine,
                                             const char* label,
                                             const void* context,
                                             size_t context_len,
                                             void* buf,
                                             size_t len);

/* Asks the client of server |engine| for its certificate now (TLS 1.3
 * post-handshake authentication, RFC 8446, 4.6.2): puts the request into
 * |cipher_out|. The answer comes with what is read; a bad one is then fatal.
 * Returns: 0, or a negative code; the connection goes on.
 * Errors: TLSLOOP_ESIDE on a client; UV_ENOTCONN before the handshake is
 * complete; UV_ENOTSUP below TLS 1.3, or when the client does not offer it;
 * UV_EALREADY when a request is under way; UV_EINVAL when the context asks for
 * no certificates; TLSLOOP_EOPENSSL.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_engine_request_client_cert(tlsloop_engine_t* engine);

#ifdef __cplusplus
}
#endif

#endif /* TLSLOOP_INFO_H */
