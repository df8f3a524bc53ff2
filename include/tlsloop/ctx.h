/* SPDX-License-Identifier: MIT */

/* Contexts: certificates, trust, policy; everything that connections share.
 *
 * A context starts with secure defaults: TLS 1.2 and later, forward-secret
 * ciphers at security level 2, no renegotiation, no compression; a client
 * verifies the server's certificate and its host name. What goes below that
 * needs tlsloop_ctx_allow_insecure first.
 *
 * Set a context up, then use it: its first connection seals it, and what would
 * change the rules of connections returns UV_EBUSY from then on. A failing
 * call leaves the context as it was. A sealed context may be shared between
 * threads. */

#ifndef TLSLOOP_CTX_H
#define TLSLOOP_CTX_H

#include <stddef.h>

#include "tlsloop/constants.h"
#include "tlsloop/engine.h"
#include "tlsloop/errno.h"
#include "tlsloop/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Makes a context for |protocol|, one of tlsloop_protocol_t, with one
 * reference and secure defaults, and stores it in |ctx|. A TLS_CLIENT context
 * trusts nobody until a tlsloop_ctx_load_verify_ function or
 * tlsloop_ctx_load_default_certs says whom.
 * Returns: 0, or a negative code; |ctx| is then untouched.
 * Errors: UV_EINVAL for another |protocol|; UV_ENOTSUP for one that OpenSSL was
 * built without; TLSLOOP_EINSECURE for one below TLS 1.2, which needs
 * tlsloop_ctx_new_insecure; UV_ENOMEM; TLSLOOP_EOPENSSL.
 * Owns: the caller owns the reference; give it back with tlsloop_ctx_unref.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_new(tlsloop_ctx_t** ctx, int protocol);

/* Makes a context for |protocol|, which may be one of the weak ones, stores it
 * in |ctx|, and calls tlsloop_ctx_allow_insecure for it. The ciphers and the
 * security level are still those of every context, under which versions below
 * TLS 1.2 find no signature that they can use: that takes
 * tlsloop_ctx_set_ciphers with "@SECLEVEL=0" in the list.
 * Returns: 0, or a negative code; |ctx| is then untouched.
 * Errors: as tlsloop_ctx_new, without TLSLOOP_EINSECURE.
 * Owns: the caller owns the reference; give it back with tlsloop_ctx_unref.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_new_insecure(tlsloop_ctx_t** ctx, int protocol);

/* Takes one more reference to |ctx|. Safe from any thread.
 * Returns: |ctx|.
 * Since: 0.1 */
TLSLOOP_EXTERN tlsloop_ctx_t* tlsloop_ctx_ref(tlsloop_ctx_t* ctx);

/* Gives one reference to |ctx| back and frees it with the last; connections
 * hold their own. NULL is ignored. Safe from any thread.
 * Since: 0.1 */
TLSLOOP_EXTERN void tlsloop_ctx_unref(tlsloop_ctx_t* ctx);

/* The details of the last failure of a call on |ctx|, or of tlsloop_engine_new
 * with it. When calls fail on several threads, it is one of them.
 * Returns: the details, or NULL when nothing has failed.
 * Owns: |ctx| owns them; valid until its next call, on whichever thread.
 * Since: 0.1 */
TLSLOOP_EXTERN const tlsloop_error_t* tlsloop_ctx_error(
    const tlsloop_ctx_t* ctx);

/* Allows |ctx| to be made weaker than the defaults: from here on verification
 * may be switched off, host names left unchecked, versions below TLS 1.2 and
 * weak ciphers chosen. By itself it changes nothing.
 * Returns: 0, or a negative code.
 * Errors: UV_EBUSY when |ctx| is sealed.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_allow_insecure(tlsloop_ctx_t* ctx);

/* Loads the certificate chain of |cert_file| (PEM; the own certificate first,
 * then its issuers) and the private key of |key_file| (PEM; NULL: it is in
 * |cert_file|) into |ctx|. Once for each type of key: a second RSA pair
 * replaces the first, an ECDSA pair goes beside it. Never asks for a password
 * on the terminal.
 * Returns: 0, or a negative code; |ctx| is then as before.
 * Errors: libuv's code when a file cannot be read (UV_ENOENT, UV_EACCES,
 * UV_EISDIR, ...) or is larger than 16 MiB (UV_EFBIG); TLSLOOP_ENOCERT,
 * TLSLOOP_EBADCERT, TLSLOOP_EBADCRL, TLSLOOP_EBADKEY, also for a type of key
 * that TLS has no use for, TLSLOOP_EKEYMISMATCH, TLSLOOP_EPASSWORD for an
 * encrypted key, TLSLOOP_EWEAK for what is below the security level; UV_EINVAL;
 * UV_EBUSY when |ctx| is sealed; UV_ENOMEM; TLSLOOP_EOPENSSL.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_load_cert_chain_file(tlsloop_ctx_t* ctx,
                                                    const char* cert_file,
                                                    const char* key_file);

/* Loads a certificate chain and its key from memory into |ctx|: |cert|, of
 * |cert_len| bytes, and |key|, of |key_len| bytes, are PEM as in
 * tlsloop_ctx_load_cert_chain_file; with |key| NULL the key is in |cert|.
 * Returns: 0, or a negative code; |ctx| is then as before.
 * Errors: as tlsloop_ctx_load_cert_chain_file, without those of reading files.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_load_cert_chain_mem(tlsloop_ctx_t* ctx,
                                                   const void* cert,
                                                   size_t cert_len,
                                                   const void* key,
                                                   size_t key_len);

/* Trusts the CA certificates of |file| (PEM, any number, or DER, one right
 * after another) in |ctx|, and takes the certificate revocation lists between
 * them. One that is there already is
 * no error. Connections from then on know them; |ctx| may be sealed.
 * Returns: 0, or a negative code; |ctx| is then as before.
 * Errors: libuv's code when the file cannot be read, UV_EFBIG when it is larger
 * than 16 MiB; TLSLOOP_ENOCERT when it has nothing of either; TLSLOOP_EBADCERT
 * and TLSLOOP_EBADCRL when one of them cannot be read; UV_EINVAL; UV_ENOMEM;
 * TLSLOOP_EOPENSSL.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_load_verify_file(tlsloop_ctx_t* ctx,
                                                const char* file);

/* Trusts the CA certificates in directory |dir| in |ctx|, which are looked up
 * by the hash of their name when they are needed (OpenSSL,
 * openssl-rehash(1)).
 * Returns: 0, or a negative code; |ctx| is then as before.
 * Errors: UV_ENOENT, UV_ENOTDIR, UV_EACCES when it is no readable directory;
 * UV_EINVAL, also for a name with a colon; UV_EBUSY when |ctx| is sealed;
 * UV_ENOMEM; TLSLOOP_EOPENSSL.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_load_verify_dir(tlsloop_ctx_t* ctx,
                                               const char* dir);

/* Trusts the CA certificates in the |len| bytes of |data|, in |encoding|, one
 * of tlsloop_encoding_t, in |ctx|, as tlsloop_ctx_load_verify_file.
 * Returns: 0, or a negative code; |ctx| is then as before.
 * Errors: TLSLOOP_ENOCERT when there is none; TLSLOOP_EBADCERT when one of
 * them, or what follows the last in DER, cannot be read; TLSLOOP_EBADCRL;
 * UV_EFBIG for more than 16 MiB; UV_EINVAL; UV_ENOMEM; TLSLOOP_EOPENSSL.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_load_verify_mem(tlsloop_ctx_t* ctx,
                                               const void* data,
                                               size_t len,
                                               int encoding);

/* Trusts the system's CA certificates in |ctx|: OpenSSL's own file and
 * directory, or those that the environment variables SSL_CERT_FILE and
 * SSL_CERT_DIR name (system.h); on Windows also what its stores "CA" and "ROOT"
 * trust for the other side. None found is no error: then nobody is trusted.
 * Returns: 0, or a negative code.
 * Errors: UV_EBUSY when |ctx| is sealed; UV_ENOMEM; TLSLOOP_EOPENSSL.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_load_default_certs(tlsloop_ctx_t* ctx);

/* Sets what |ctx| asks of the peer's certificate: |mode|, one of
 * tlsloop_verify_mode_t.
 * Returns: 0, or a negative code; nothing has then changed.
 * Errors: UV_EINVAL for another |mode|, or for TLSLOOP_CERT_NONE while host
 * names are checked; TLSLOOP_EINSECURE for TLSLOOP_CERT_NONE on a TLS_CLIENT
 * context without tlsloop_ctx_allow_insecure; UV_EBUSY when |ctx| is sealed.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_set_verify_mode(tlsloop_ctx_t* ctx, int mode);

/* What |ctx| asks of the peer's certificate.
 * Returns: one of tlsloop_verify_mode_t.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_verify_mode(const tlsloop_ctx_t* ctx);

/* Sets whether clients of |ctx| check that the certificate is valid for the
 * server's host name: |on| is 1 or 0. On, it also makes verification required
 * where there was none.
 * Returns: 0, or a negative code; nothing has then changed.
 * Errors: TLSLOOP_EINSECURE for 0 on a TLS_CLIENT context without
 * tlsloop_ctx_allow_insecure; UV_EINVAL for another |on|; UV_EBUSY when |ctx|
 * is sealed.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_set_check_hostname(tlsloop_ctx_t* ctx, int on);

/* Whether clients of |ctx| check the host name.
 * Returns: 1 or 0.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_check_hostname(const tlsloop_ctx_t* ctx);

/* Sets whether clients of |ctx| look for the host name in the common name of a
 * certificate that has no DNS names, as they did long ago (RFC 9525, 2, says
 * not to): |on| is 1 or 0, the default.
 * Returns: 0, or a negative code; nothing has then changed.
 * Errors: UV_EINVAL for another |on|; UV_EBUSY when |ctx| is sealed.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_set_hostname_checks_cn(tlsloop_ctx_t* ctx,
                                                      int on);

/* Whether clients of |ctx| look for the host name in the common name.
 * Returns: 1 or 0.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_hostname_checks_cn(const tlsloop_ctx_t* ctx);

/* Sets the application protocols that |ctx| offers or, as a server, accepts in
 * its own order of preference (ALPN, RFC 7301): |count| names in |protos|, each
 * NUL-terminated and 1 to 255 bytes long. 0 names clear the list.
 * Without a name in common a server goes on without one.
 * Returns: 0, or a negative code; nothing has then changed.
 * Errors: UV_EINVAL when a name is empty or too long, occurs twice, or all
 * together are longer than 65,535 bytes; UV_EBUSY when |ctx| is sealed;
 * UV_ENOMEM.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_set_alpn(tlsloop_ctx_t* ctx,
                                        const char* const* protos,
                                        size_t count);

/* Sets the cipher suites of TLS 1.2 and below that |ctx| takes, and, with
 * "@SECLEVEL=n" in it, its security level: |list| is a cipher list in OpenSSL's
 * syntax (openssl-ciphers(1)). Those of TLS 1.3 stay as they are.
 * Returns: 0, or a negative code; nothing has then changed.
 * Errors: TLSLOOP_ECIPHERS when it selects none; TLSLOOP_EINSECURE, without
 * tlsloop_ctx_allow_insecure, when one of them has no forward secrecy, no
 * authentication or no encryption, or the security level is below 2; UV_EINVAL
 * for NULL; UV_EBUSY when |ctx| is sealed; UV_ENOMEM; TLSLOOP_EOPENSSL.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_set_ciphers(tlsloop_ctx_t* ctx,
                                           const char* list);

/* Sets the cipher suites of TLS 1.3 that |ctx| takes: |list| has their names,
 * such as "TLS_AES_128_GCM_SHA256", with colons between (OpenSSL,
 * SSL_CTX_set_ciphersuites(3)).
 * Returns: 0, or a negative code; nothing has then changed.
 * Errors: TLSLOOP_ECIPHERS when it selects none; UV_EINVAL for NULL; UV_EBUSY
 * when |ctx| is sealed; UV_ENOMEM; TLSLOOP_EOPENSSL.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_set_ciphersuites(tlsloop_ctx_t* ctx,
                                                const char* list);

/* Sets the lowest version that |ctx| accepts: |version|, one of
 * tlsloop_tls_version_t; TLSLOOP_TLS_MINIMUM_SUPPORTED is the lowest that
 * OpenSSL has.
 * Returns: 0, or a negative code; nothing has then changed.
 * Errors: UV_EINVAL when it is none or above the maximum, or when the protocol
 * of |ctx| has only one version; UV_ENOTSUP when OpenSSL was built without it;
 * TLSLOOP_EINSECURE below TLS 1.2 without tlsloop_ctx_allow_insecure; UV_EBUSY
 * when |ctx| is sealed.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_set_min_version(tlsloop_ctx_t* ctx, int version);

/* Sets the highest version that |ctx| accepts: |version|, one of
 * tlsloop_tls_version_t; TLSLOOP_TLS_MAXIMUM_SUPPORTED is the highest that
 * OpenSSL has.
 * Returns: 0, or a negative code; nothing has then changed.
 * Errors: UV_EINVAL when it is none or below the minimum, or when the protocol
 * of |ctx| has only one version; UV_ENOTSUP when OpenSSL was built without it;
 * TLSLOOP_EINSECURE below TLS 1.2 without tlsloop_ctx_allow_insecure; UV_EBUSY
 * when |ctx| is sealed.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_set_max_version(tlsloop_ctx_t* ctx, int version);

/* The lowest version that |ctx| accepts.
 * Returns: one of tlsloop_tls_version_t; TLSLOOP_TLS_MINIMUM_SUPPORTED also
 * when its protocol has only one.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_min_version(const tlsloop_ctx_t* ctx);

/* The highest version that |ctx| accepts.
 * Returns: one of tlsloop_tls_version_t; TLSLOOP_TLS_MAXIMUM_SUPPORTED also
 * when its protocol has only one.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_max_version(const tlsloop_ctx_t* ctx);

/* What |ctx| was made for.
 * Returns: one of tlsloop_protocol_t.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_protocol(const tlsloop_ctx_t* ctx);

/* Stores |data|, anything of the caller's, in |ctx|, sealed or not. There is
 * no lock over it: threads that share |ctx| only read it.
 * Since: 0.1 */
TLSLOOP_EXTERN void tlsloop_ctx_set_data(tlsloop_ctx_t* ctx, void* data);

/* What tlsloop_ctx_set_data stored in |ctx|.
 * Returns: that pointer, NULL at first.
 * Since: 0.1 */
TLSLOOP_EXTERN void* tlsloop_ctx_data(const tlsloop_ctx_t* ctx);

#ifdef __cplusplus
}
#endif

#endif /* TLSLOOP_CTX_H */
