/* SPDX-License-Identifier: MIT */

/* Whom a context trusts: contexts that trust somebody from the start,
 * revocation lists, and what is in the store. The rest is in ctx.h. */

#ifndef TLSLOOP_TRUST_H
#define TLSLOOP_TRUST_H

#include <stddef.h>
#include <stdint.h>

#include "tlsloop/cert.h"
#include "tlsloop/ctx.h"
#include "tlsloop/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What is in the store of a context. The caller sets |size| to
 * sizeof(tlsloop_store_stats_t); the library fills in what fits. What a
 * directory has counts once it has been used.
 * Since: 0.1 */
typedef struct tlsloop_store_stats_s {
  size_t size;
  size_t x509;    /* certificates */
  size_t crl;     /* revocation lists */
  size_t x509_ca; /* those of the certificates that are a CA's */
} tlsloop_store_stats_t;

/* Makes a context for |purpose|, one of tlsloop_purpose_t, and stores it in
 * |ctx|: with TLSLOOP_PURPOSE_SERVER_AUTH for clients, which verify servers,
 * with TLSLOOP_PURPOSE_CLIENT_AUTH for servers, which ask for no certificate.
 * Both have the flags TLSLOOP_VERIFY_X509_STRICT and
 * TLSLOOP_VERIFY_X509_PARTIAL_CHAIN; everything else is as of tlsloop_ctx_new.
 *
 * It trusts the CAs of |cafile|, of directory |capath| and of the |len| bytes
 * at |cadata|, in |encoding|, one of tlsloop_encoding_t, as the
 * tlsloop_ctx_load_verify_ functions do; each may be NULL. When all are, a
 * client trusts the system's, of tlsloop_ctx_load_default_certs, and a server
 * nobody. The environment has no other say: a key log needs
 * tlsloop_ctx_set_keylog_from_env.
 * Returns: 0, or a negative code; |ctx| is then untouched.
 * Errors: UV_EINVAL for another |purpose|; those of tlsloop_ctx_new,
 * tlsloop_ctx_load_verify_file, _dir and _mem.
 * Owns: the caller owns the reference; give it back with tlsloop_ctx_unref.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_new_default(tlsloop_ctx_t** ctx,
                                           int purpose,
                                           const char* cafile,
                                           const char* capath,
                                           const void* cadata,
                                           size_t len,
                                           int encoding);

/* Gives |ctx| the certificate revocation lists of |file|: PEM, any number,
 * other things between, or DER, one right after another. It trusts no
 * certificate that is there too. They have a say once |ctx| has
 * TLSLOOP_VERIFY_CRL_CHECK_LEAF or _CHAIN (tlsloop_ctx_set_verify_flags). One
 * that is there already is no error. Connections from then on know them;
 * |ctx| may be sealed.
 * Returns: 0, or a negative code; |ctx| is then as before.
 * Errors: libuv's code when the file cannot be read, UV_EFBIG when it is larger
 * than 16 MiB; TLSLOOP_EBADCRL when it has none or one of them cannot be read;
 * TLSLOOP_EBADCERT when a certificate between them cannot; UV_EINVAL;
 * UV_ENOMEM; TLSLOOP_EOPENSSL.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_load_crl_file(tlsloop_ctx_t* ctx,
                                             const char* file);

/* Gives |ctx| the certificate revocation lists in the |len| bytes at |data|,
 * in |encoding|, one of tlsloop_encoding_t, as tlsloop_ctx_load_crl_file.
 * Returns: 0, or a negative code; |ctx| is then as before.
 * Errors: as tlsloop_ctx_load_crl_file, without those of reading files.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_load_crl_mem(tlsloop_ctx_t* ctx,
                                            const void* data,
                                            size_t len,
                                            int encoding);

/* Counts what is in the store of |ctx| and tells it in |stats|. Other threads
 * may use |ctx| meanwhile.
 * Returns: 0, or a negative code.
 * Errors: UV_EINVAL when |stats| says that it has no room.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_store_stats(const tlsloop_ctx_t* ctx,
                                           tlsloop_store_stats_t* stats);

/* The CA certificates in the store of |ctx|, at one moment: stores the first
 * |cap| of them in |certs| (NULL when |cap| is 0) and how many there are in
 * |count|. What a directory has is there once it has been used.
 * Returns: 0, or a negative code; nothing is then stored.
 * Errors: UV_ENOMEM; TLSLOOP_EOPENSSL.
 * Owns: the caller owns a reference to each; give them back with
 * tlsloop_cert_unref.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_ca_certs(const tlsloop_ctx_t* ctx,
                                        tlsloop_cert_t** certs,
                                        size_t cap,
                                        size_t* count);

#ifdef __cplusplus
}
#endif

#endif /* TLSLOOP_TRUST_H */
