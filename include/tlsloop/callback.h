/* SPDX-License-Identifier: MIT */

/* What a context asks the application while a connection is being made.
 *
 * Each callback runs on the thread that drives the engine, inside the call
 * that drives it, or, on a stream, inside its pump. It may ask the engine for
 * facts and call tlsloop_engine_set_ctx where that is said; it does not drive
 * the engine. A refusal becomes a fatal alert to the peer and an error on the
 * engine. Callbacks are set before a context is sealed. */

#ifndef TLSLOOP_CALLBACK_H
#define TLSLOOP_CALLBACK_H

#include <stddef.h>

#include "tlsloop/engine.h"
#include "tlsloop/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a tlsloop_alpn_cb returns when it chooses none of the names.
 * Since: 0.1 */
typedef enum tlsloop_alpn_choice_e {
  TLSLOOP_ALPN_NONE = -1,  /* the handshake goes on without a protocol */
  TLSLOOP_ALPN_REFUSE = -2 /* fatal alert no_application_protocol, 120 */
} tlsloop_alpn_choice_t;

/* The longest PSK identity and key, in bytes.
 * Since: 0.1 */
typedef enum tlsloop_psk_limit_e {
  TLSLOOP_PSK_IDENTITY_MAX = 256,
  TLSLOOP_PSK_KEY_MAX = 512
} tlsloop_psk_limit_t;

/* Tells server |engine|, of |ctx|, the |name| that its client asks for (SNI,
 * RFC 6066, 3): a NUL-terminated A-label, or NULL when it asks for none. |arg|
 * is of tlsloop_ctx_set_sni_cb. It may call tlsloop_engine_set_ctx: the
 * certificates, verification, versions, ciphers and ALPN of the new context
 * then hold. Runs once for each connection, before anything is negotiated.
 * Returns: 0 to go on, or a TLS alert, 1 to 255, that ends the handshake; any
 * other number ends it with internal_error, 80.
 * Since: 0.1 */
typedef int (*tlsloop_sni_cb)(tlsloop_engine_t* engine,
                              const char* name,
                              tlsloop_ctx_t* ctx,
                              void* arg);

/* Lets server |engine| choose one of its client's application protocols: the
 * |len| bytes of |offered|, which tlsloop_alpn_at takes apart. |arg| is of
 * tlsloop_ctx_set_alpn_cb.
 * Returns: the index of the chosen name, 0 for the first, or one of
 * tlsloop_alpn_choice_t; any other number is like TLSLOOP_ALPN_REFUSE.
 * Since: 0.1 */
typedef int (*tlsloop_alpn_cb)(tlsloop_engine_t* engine,
                               const unsigned char* offered,
                               size_t len,
                               void* arg);

/* Asks client |engine| for a pre-shared key. |hint| is the server's, NULL when
 * it gave none and always on TLS 1.3. |identity| has room for
 * TLSLOOP_PSK_IDENTITY_MAX bytes and |key| for TLSLOOP_PSK_KEY_MAX; fill them
 * in and store how many bytes in |identity_len| and |key_len|. |arg| is of
 * tlsloop_ctx_set_psk_client_cb.
 * Returns: 0, or a negative number to use no key; an identity with a NUL in it,
 * and lengths of 0 or above the limits, are the same. Since: 0.1 */
typedef int (*tlsloop_psk_client_cb)(tlsloop_engine_t* engine,
                                     const char* hint,
                                     char* identity,
                                     size_t* identity_len,
                                     unsigned char* key,
                                     size_t* key_len,
                                     void* arg);

/* Asks server |engine| for the key of |identity|, |identity_len| bytes and a
 * NUL, which may be empty; on TLS 1.3 what a client sends to resume a session
 * can look like one. |key| has room for TLSLOOP_PSK_KEY_MAX bytes; fill it in
 * and store how many in |key_len|. |arg| is of tlsloop_ctx_set_psk_server_cb.
 * Returns: 0, or a negative number when it is unknown.
 * Since: 0.1 */
typedef int (*tlsloop_psk_server_cb)(tlsloop_engine_t* engine,
                                     const char* identity,
                                     size_t identity_len,
                                     unsigned char* key,
                                     size_t* key_len,
                                     void* arg);

/* Makes servers of |ctx| ask |cb| with |arg| about the name that each client
 * wants. NULL ends it.
 * Returns: 0, or a negative code; nothing has then changed.
 * Errors: TLSLOOP_ESIDE on a TLS_CLIENT context; UV_EBUSY when |ctx| is
 * sealed.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_set_sni_cb(tlsloop_ctx_t* ctx,
                                          tlsloop_sni_cb cb,
                                          void* arg);

/* Makes servers of |ctx| ask |cb| with |arg| which application protocol to
 * use, in place of the list of tlsloop_ctx_set_alpn. NULL ends it.
 * Returns: 0, or a negative code; nothing has then changed.
 * Errors: TLSLOOP_ESIDE on a TLS_CLIENT context; UV_EBUSY when |ctx| is
 * sealed.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_set_alpn_cb(tlsloop_ctx_t* ctx,
                                           tlsloop_alpn_cb cb,
                                           void* arg);

/* Finds name number |index|, from 0, in the |len| bytes of |list|, names as
 * they are in the ALPN extension, and stores where it is in |name| and how
 * long in |name_len|.
 * Returns: 0, or a negative code.
 * Errors: UV_ENOENT when there are fewer; UV_EINVAL when |list| is malformed.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_alpn_at(const unsigned char* list,
                                   size_t len,
                                   size_t index,
                                   const char** name,
                                   size_t* name_len);

/* Makes clients of |ctx| ask |cb| with |arg| for a pre-shared key. TLS 1.2
 * needs a PSK cipher (tlsloop_ctx_set_ciphers); on TLS 1.3 the key goes with
 * SHA-256. NULL ends it.
 * Returns: 0, or a negative code; nothing has then changed.
 * Errors: TLSLOOP_ESIDE on a TLS_SERVER context; UV_ENOTSUP when OpenSSL was
 * built without PSK; UV_EBUSY when |ctx| is sealed.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_set_psk_client_cb(tlsloop_ctx_t* ctx,
                                                 tlsloop_psk_client_cb cb,
                                                 void* arg);

/* Makes servers of |ctx| ask |cb| with |arg| for the keys of their clients,
 * and, on TLS 1.2, send them |hint|, at most 256 bytes, unless it is NULL.
 * A NULL |cb| ends it.
 * Returns: 0, or a negative code; nothing has then changed.
 * Errors: UV_EINVAL when |hint| is too long; TLSLOOP_ESIDE on a TLS_CLIENT
 * context; UV_ENOTSUP when OpenSSL was built without PSK; UV_ENOMEM; UV_EBUSY
 * when |ctx| is sealed.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_set_psk_server_cb(tlsloop_ctx_t* ctx,
                                                 tlsloop_psk_server_cb cb,
                                                 void* arg,
                                                 const char* hint);

/* Puts |engine| under |ctx|. In a tlsloop_sni_cb all that |ctx| says of
 * certificates, verification, versions, options, ciphers, groups, ALPN and
 * PSK then holds for the connection; later, what TLS has not used yet. Seals
 * |ctx|. Session tickets and the session cache stay the first context's; a
 * session is resumed only where the policy is the same.
 * Returns: 0, or a negative code; nothing has then changed.
 * Errors: TLSLOOP_ESIDE when |ctx| is made for the other side; UV_ENOMEM;
 * TLSLOOP_EOPENSSL.
 * Owns: |engine| takes its own reference to |ctx|.
 * From callbacks: from tlsloop_sni_cb.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_engine_set_ctx(tlsloop_engine_t* engine,
                                          tlsloop_ctx_t* ctx);

#ifdef __cplusplus
}
#endif

#endif /* TLSLOOP_CALLBACK_H */
