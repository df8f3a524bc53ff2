/* SPDX-License-Identifier: MIT */

/* OpenSSL's own objects in and out, for what tlsloop has no function for. The
 * only header that includes OpenSSL's; tlsloop.h does not include it.
 *
 * tlsloop clears the thread's error queue of OpenSSL in most of its calls and
 * leaves it empty. */

#ifndef TLSLOOP_OPENSSL_H
#define TLSLOOP_OPENSSL_H

#include <openssl/ssl.h>

#include "tlsloop/ctx.h"
#include "tlsloop/engine.h"
#include "tlsloop/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Makes a context for |protocol| as tlsloop_ctx_new, of the OpenSSL library
 * context |libctx| (NULL: the default one) with the property query |propq|
 * (NULL: none), such as "fips=yes" (OpenSSL, property(7)), and stores it in
 * |ctx|. Everything that |ctx| loads and all that its connections do takes its
 * algorithms from there.
 * Returns: 0, or a negative code; |ctx| is then untouched.
 * Errors: as tlsloop_ctx_new; TLSLOOP_EOPENSSL also when |libctx| has not what
 * TLS needs by |propq|.
 * Owns: the caller owns the reference; give it back with tlsloop_ctx_unref.
 * |propq| is copied; |libctx| is not, and must live longer than |ctx|, its
 * sessions and its certificates.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_new_ex(tlsloop_ctx_t** ctx,
                                      int protocol,
                                      OSSL_LIB_CTX* libctx,
                                      const char* propq);

/* Makes a context for |protocol| (TLSLOOP_PROTOCOL_TLS, _TLS_CLIENT or
 * _TLS_SERVER) over the caller's |ssl_ctx| and stores it in |ctx|. |ssl_ctx|
 * stays as it is: its versions, ciphers, options, certificates, trust and
 * verification hold, be they weaker than tlsloop's, until
 * tlsloop_ctx_apply_defaults. Only the check of host names is tlsloop's: a
 * TLS_CLIENT context whose |ssl_ctx| verifies begins with it switched on.
 *
 * tlsloop's setters for |ctx| change |ssl_ctx|. Where they and the caller set
 * the same callback, the later one counts.
 * Returns: 0, or a negative code; |ctx| is then untouched.
 * Errors: UV_EINVAL for NULL, for another |protocol|, and for an |ssl_ctx|
 * that is not of TLS_method or the method for the side of |protocol|;
 * UV_ENOMEM.
 * Owns: the caller owns the reference (tlsloop_ctx_unref). |ctx| takes one of
 * its own to |ssl_ctx|, which the caller may go on to use.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_from_ssl_ctx(tlsloop_ctx_t** ctx,
                                            SSL_CTX* ssl_ctx,
                                            int protocol);

/* As tlsloop_ctx_from_ssl_ctx for an |ssl_ctx| of SSL_CTX_new_ex: |libctx| and
 * |propq| are those that it was made with, which it does not tell. They are
 * for what tlsloop's setters load into it for |protocol|; |ctx| is where the
 * context is stored.
 * Returns: 0, or a negative code; |ctx| is then untouched.
 * Errors: as tlsloop_ctx_from_ssl_ctx.
 * Owns: as tlsloop_ctx_from_ssl_ctx and tlsloop_ctx_new_ex.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_from_ssl_ctx_ex(tlsloop_ctx_t** ctx,
                                               SSL_CTX* ssl_ctx,
                                               int protocol,
                                               OSSL_LIB_CTX* libctx,
                                               const char* propq);

/* Puts on |ctx| what tlsloop_ctx_new begins with: versions, ciphers, security
 * level, options and verification, without the callback that verification may
 * have had. Certificates and trust stay.
 * Returns: 0, or a negative code; nothing has then been weakened.
 * Errors: UV_EBUSY when |ctx| is sealed; UV_ENOMEM; TLSLOOP_EOPENSSL.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_apply_defaults(tlsloop_ctx_t* ctx);

/* The SSL_CTX of |ctx|. Change it only before |ctx| is sealed, and no callback
 * that a setter of tlsloop has set; tlsloop does not see what is weakened in
 * it. Its app data and ex data are the caller's.
 * Returns: the SSL_CTX, always the same one.
 * Owns: |ctx| owns it; take a reference with SSL_CTX_up_ref to keep it longer.
 * Since: 0.1 */
TLSLOOP_EXTERN SSL_CTX* tlsloop_ctx_ssl_ctx(const tlsloop_ctx_t* ctx);

/* The SSL of |engine|, made now when the stream of a server has none yet
 * because its peer has said nothing: to ask it for what tlsloop has no function
 * for, or to set what belongs to one connection before its handshake. Reading,
 * writing, shaking hands and shutting down are |engine|'s; so are the SSL's
 * BIOs, modes and info callback. Its app data and ex data are the caller's.
 * Returns: the SSL, always the same one; NULL when memory runs out, for that
 * stream alone.
 * Owns: |engine| owns it.
 * Since: 0.1 */
TLSLOOP_EXTERN SSL* tlsloop_engine_ssl(const tlsloop_engine_t* engine);

#ifdef __cplusplus
}
#endif

#endif /* TLSLOOP_OPENSSL_H */
