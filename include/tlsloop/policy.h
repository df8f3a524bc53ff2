/* SPDX-License-Identifier: MIT */

/* The finer policy of a context: options, cipher suites in detail, groups,
 * Diffie-Hellman parameters, the security level, tickets, late client
 * certificates, and how chains and host names are verified.
 *
 * As everywhere, what goes below the defaults of tlsloop_ctx_new needs
 * tlsloop_ctx_allow_insecure first, a sealed context refuses its setters with
 * UV_EBUSY, and a failing call leaves the context as it was. */

#ifndef TLSLOOP_POLICY_H
#define TLSLOOP_POLICY_H

#include <stddef.h>
#include <stdint.h>

#include "tlsloop/ctx.h"
#include "tlsloop/export.h"
#include "tlsloop/info.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How the host name is looked for in a certificate: bits, OpenSSL's
 * X509_CHECK_FLAG_* (OpenSSL, X509_check_host(3)).
 * Since: 0.1 */
typedef enum tlsloop_host_flag_e {
  TLSLOOP_HOST_ALWAYS_CHECK_SUBJECT = 0x1, /* the common name counts too */
  TLSLOOP_HOST_NO_WILDCARDS = 0x2,
  TLSLOOP_HOST_NO_PARTIAL_WILDCARDS = 0x4, /* on; no "www*.example" */
  TLSLOOP_HOST_MULTI_LABEL_WILDCARDS = 0x8,
  TLSLOOP_HOST_SINGLE_LABEL_SUBDOMAINS = 0x10,
  TLSLOOP_HOST_NEVER_CHECK_SUBJECT = 0x20 /* on */
} tlsloop_host_flag_t;

/* The most session tickets that a server sends for one handshake.
 * Since: 0.1 */
typedef enum tlsloop_ticket_limit_e {
  TLSLOOP_TICKETS_MAX = 255
} tlsloop_ticket_limit_t;

/* Sets the options of |ctx| to exactly |options|, bits as in tlsloop_option_t,
 * also those of OpenSSL that have no name there: what is not in |options| is
 * switched off. Change single ones with tlsloop_ctx_options.
 *
 * These weaken: switching TLSLOOP_OP_NO_RENEGOTIATION,
 * TLSLOOP_OP_NO_COMPRESSION or TLSLOOP_OP_NO_SSLV3 off, and switching
 * TLSLOOP_OP_LEGACY_SERVER_CONNECT, TLSLOOP_OP_IGNORE_UNEXPECTED_EOF or one on
 * that is not known to be harmless.
 * Returns: 0, or a negative code; nothing has then changed.
 * Errors: TLSLOOP_EINSECURE for what weakens without
 * tlsloop_ctx_allow_insecure; UV_EBUSY when |ctx| is sealed.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_set_options(tlsloop_ctx_t* ctx,
                                           uint64_t options);

/* The options of |ctx|.
 * Returns: bits as in tlsloop_option_t.
 * Since: 0.1 */
TLSLOOP_EXTERN uint64_t tlsloop_ctx_options(const tlsloop_ctx_t* ctx);

/* How many cipher suites |ctx| takes, those of TLS 1.3 included.
 * Returns: that number.
 * Since: 0.1 */
TLSLOOP_EXTERN size_t tlsloop_ctx_cipher_count(const tlsloop_ctx_t* ctx);

/* Describes number |index|, from 0, of the cipher suites of |ctx| in |info|;
 * the most preferred comes first.
 * Returns: 0, or a negative code.
 * Errors: UV_ENOENT when there are fewer.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_cipher(const tlsloop_ctx_t* ctx,
                                      size_t index,
                                      tlsloop_cipher_info_t* info);

/* Sets the groups for key exchange that |ctx| offers or accepts: |list| has
 * their names with colons between, the most preferred first, such as
 * "X25519:P-256:ffdhe3072" (OpenSSL, SSL_CTX_set1_groups_list(3)). Those below
 * the security level are never used.
 * Returns: 0, or a negative code; nothing has then changed.
 * Errors: UV_EINVAL when one is unknown or there twice, or when there is none;
 * UV_EBUSY when |ctx| is sealed; UV_ENOMEM.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_set_groups(tlsloop_ctx_t* ctx, const char* list);

/* Makes |name| the only group for key exchange of |ctx|, clients and TLS 1.3
 * included: one of OpenSSL's short names, such as "prime256v1", "secp384r1" or
 * "X25519".
 * Returns: 0, or a negative code; nothing has then changed.
 * Errors: UV_EINVAL when it is no short name or no group; UV_EBUSY when |ctx|
 * is sealed; UV_ENOMEM.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_set_ecdh_curve(tlsloop_ctx_t* ctx,
                                              const char* name);

/* Loads the Diffie-Hellman parameters of |file| (PEM) into |ctx|, for the
 * ciphers of TLS 1.2 whose names begin with DHE.
 * Returns: 0, or a negative code; nothing has then changed.
 * Errors: libuv's code when the file cannot be read, UV_EFBIG when it is larger
 * than 16 MiB; TLSLOOP_EBADKEY when it has no such parameters; TLSLOOP_EWEAK
 * when they are below the security level; TLSLOOP_EINSECURE, without
 * tlsloop_ctx_allow_insecure, when they are not of a safe prime; UV_EINVAL for
 * NULL; UV_EBUSY when |ctx| is sealed; UV_ENOMEM; TLSLOOP_EOPENSSL.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_load_dh_params_file(tlsloop_ctx_t* ctx,
                                                   const char* file);

/* Loads Diffie-Hellman parameters from the |len| bytes of PEM at |data| into
 * |ctx|, as tlsloop_ctx_load_dh_params_file.
 * Returns: 0, or a negative code; nothing has then changed.
 * Errors: as tlsloop_ctx_load_dh_params_file, without those of reading files.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_load_dh_params_mem(tlsloop_ctx_t* ctx,
                                                  const void* data,
                                                  size_t len);

/* Sets whether servers of |ctx| choose Diffie-Hellman parameters of RFC 3526
 * that are as strong as the certificate's key when none were loaded: |on| is 1
 * or 0, the default, with which they use no DHE cipher then.
 * Returns: 0, or a negative code; nothing has then changed.
 * Errors: UV_EINVAL for another |on|; UV_EBUSY when |ctx| is sealed.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_set_dh_auto(tlsloop_ctx_t* ctx, int on);

/* Sets the security level of |ctx|, below which no key, certificate, group,
 * cipher or version is used: |level| is 0, anything, to 5, 256 bits (OpenSSL,
 * SSL_CTX_set_security_level(3)); contexts begin with 2.
 * Returns: 0, or a negative code; nothing has then changed.
 * Errors: UV_EINVAL for another |level|; TLSLOOP_EINSECURE below 2 without
 * tlsloop_ctx_allow_insecure; UV_EBUSY when |ctx| is sealed.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_set_security_level(tlsloop_ctx_t* ctx,
                                                  int level);

/* The security level of |ctx|.
 * Returns: 0 to 5.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_security_level(const tlsloop_ctx_t* ctx);

/* Sets how many session tickets servers of |ctx| send after a full handshake
 * of TLS 1.3: |count| is 0 to TLSLOOP_TICKETS_MAX, 2 by default. After a
 * resumption they send one, unless |count| is 0.
 * Returns: 0, or a negative code; nothing has then changed.
 * Errors: UV_EINVAL for another |count|; TLSLOOP_ESIDE on a TLS_CLIENT
 * context; UV_EBUSY when |ctx| is sealed.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_set_num_tickets(tlsloop_ctx_t* ctx, int count);

/* How many session tickets servers of |ctx| send.
 * Returns: 0 to TLSLOOP_TICKETS_MAX.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_num_tickets(const tlsloop_ctx_t* ctx);

/* Sets whether certificates of clients come after the handshake (TLS 1.3,
 * RFC 8446, 4.6.2): |on| is 1 or 0, the default. On, clients of |ctx| offer
 * that, and servers of |ctx| that verify ask for none in the handshake of
 * TLS 1.3, but when tlsloop_engine_request_client_cert is called. Until then
 * a server has not seen one, even if it requires it; TLS 1.2 is as before.
 * Returns: 0, or a negative code; nothing has then changed.
 * Errors: UV_EINVAL for another |on|; UV_EBUSY when |ctx| is sealed.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_set_post_handshake_auth(tlsloop_ctx_t* ctx,
                                                       int on);

/* Whether certificates of clients of |ctx| come after the handshake.
 * Returns: 1 or 0.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_post_handshake_auth(const tlsloop_ctx_t* ctx);

/* Sets how |ctx| verifies chains to exactly |flags|, bits as in
 * tlsloop_verify_flag_t, also those of OpenSSL that have no name there.
 * TLSLOOP_VERIFY_ALLOW_PROXY_CERTS weakens, and so does one that is not known
 * to be harmless. OpenSSL may add bits that others imply.
 * Returns: 0, or a negative code; nothing has then changed.
 * Errors: TLSLOOP_EINSECURE for one that weakens without
 * tlsloop_ctx_allow_insecure; UV_EINVAL for bits beyond OpenSSL's type;
 * UV_EBUSY when |ctx| is sealed.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_set_verify_flags(tlsloop_ctx_t* ctx,
                                                uint64_t flags);

/* How |ctx| verifies chains.
 * Returns: bits as in tlsloop_verify_flag_t.
 * Since: 0.1 */
TLSLOOP_EXTERN uint64_t tlsloop_ctx_verify_flags(const tlsloop_ctx_t* ctx);

/* Sets how clients of |ctx| look for the host name in a certificate to exactly
 * |flags|, bits as in tlsloop_host_flag_t. To look at the common name beside
 * DNS names, wildcards for parts of a label or for several labels, and bits
 * without a name there, weaken.
 * Returns: 0, or a negative code; nothing has then changed.
 * Errors: TLSLOOP_EINSECURE for what weakens without
 * tlsloop_ctx_allow_insecure; UV_EBUSY when |ctx| is sealed.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_set_host_flags(tlsloop_ctx_t* ctx,
                                              unsigned int flags);

/* How clients of |ctx| look for the host name.
 * Returns: bits as in tlsloop_host_flag_t.
 * Since: 0.1 */
TLSLOOP_EXTERN unsigned int tlsloop_ctx_host_flags(const tlsloop_ctx_t* ctx);

#ifdef __cplusplus
}
#endif

#endif /* TLSLOOP_POLICY_H */
