/* SPDX-License-Identifier: MIT */

/* The constants of TLS: protocols, versions, verification, options, alerts;
 * what this OpenSSL can do; and one table of them all, by name, so that
 * bindings for other languages need no C compiler.
 *
 * Numbers and meanings are those of Python's ssl module where it has them. */

#ifndef TLSLOOP_CONSTANTS_H
#define TLSLOOP_CONSTANTS_H

#include <stddef.h>
#include <stdint.h>

#include "tlsloop/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a context is for. Those of one version take that version alone, on both
 * sides, and verify nothing; those below TLS 1.2 are weak and need
 * tlsloop_ctx_new_insecure.
 * Since: 0.1 */
typedef enum tlsloop_protocol_e {
  TLSLOOP_PROTOCOL_SSLV3 = 1,       /* most builds of OpenSSL lack it */
  TLSLOOP_PROTOCOL_TLS = 2,         /* both sides, verifies nothing */
  TLSLOOP_PROTOCOL_TLS_1_0 = 3,     /* TLS 1.0 alone */
  TLSLOOP_PROTOCOL_TLS_1_1 = 4,     /* TLS 1.1 alone */
  TLSLOOP_PROTOCOL_TLS_1_2 = 5,     /* TLS 1.2 alone */
  TLSLOOP_PROTOCOL_TLS_CLIENT = 16, /* clients; verifies servers */
  TLSLOOP_PROTOCOL_TLS_SERVER = 17  /* servers; asks for no certificate */
} tlsloop_protocol_t;

/* Protocol versions as they are on the wire (RFC 8446, 4.2.1), and the lowest
 * and highest that OpenSSL has.
 * Since: 0.1 */
typedef enum tlsloop_tls_version_e {
  TLSLOOP_TLS_MINIMUM_SUPPORTED = -2,
  TLSLOOP_TLS_MAXIMUM_SUPPORTED = -1,
  TLSLOOP_TLS_SSLV3 = 0x300,
  TLSLOOP_TLS_1_0 = 0x301,
  TLSLOOP_TLS_1_1 = 0x302,
  TLSLOOP_TLS_1_2 = 0x303,
  TLSLOOP_TLS_1_3 = 0x304
} tlsloop_tls_version_t;

/* What is asked of the peer's certificate.
 * Since: 0.1 */
typedef enum tlsloop_verify_mode_e {
  TLSLOOP_CERT_NONE = 0,     /* servers ask for none, clients verify none */
  TLSLOOP_CERT_OPTIONAL = 1, /* it may be absent; a bad one is refused */
  TLSLOOP_CERT_REQUIRED = 2  /* it must be there and good */
} tlsloop_verify_mode_t;

/* How a chain of certificates is verified: bits, OpenSSL's X509_V_FLAG_*
 * (OpenSSL, X509_VERIFY_PARAM_set_flags(3)).
 * Since: 0.1 */
typedef enum tlsloop_verify_flag_e {
  TLSLOOP_VERIFY_DEFAULT = 0,           /* revocation is not looked at */
  TLSLOOP_VERIFY_CRL_CHECK_LEAF = 0x4,  /* a CRL must clear the peer's own */
  TLSLOOP_VERIFY_CRL_CHECK_CHAIN = 0xc, /* CRLs must clear the whole chain */
  TLSLOOP_VERIFY_X509_STRICT = 0x20,    /* no workaround for broken ones */
  TLSLOOP_VERIFY_ALLOW_PROXY_CERTS = 0x40,
  TLSLOOP_VERIFY_X509_TRUSTED_FIRST = 0x8000, /* on in every context */
  TLSLOOP_VERIFY_X509_PARTIAL_CHAIN = 0x80000 /* any trusted one is enough */
} tlsloop_verify_flag_t;

/* Options of a context: bits, OpenSSL's SSL_OP_* (OpenSSL,
 * SSL_CTX_set_options(3)). They are 64 bits wide, and tlsloop_op_all does not
 * fit an enumerator. Options of 0 are no longer needed.
 * Since: 0.1 */
typedef enum tlsloop_option_e {
  TLSLOOP_OP_NO_SSLV2 = 0,
  TLSLOOP_OP_SINGLE_DH_USE = 0,
  TLSLOOP_OP_SINGLE_ECDH_USE = 0,
  TLSLOOP_OP_LEGACY_SERVER_CONNECT = 0x4,
  TLSLOOP_OP_ENABLE_KTLS = 0x8, /* without effect: it needs a socket's BIO */
  TLSLOOP_OP_IGNORE_UNEXPECTED_EOF = 0x80,
  TLSLOOP_OP_NO_TICKET = 0x4000, /* a server of TLS 1.3: stateful tickets */
  TLSLOOP_OP_NO_COMPRESSION = 0x20000,
  TLSLOOP_OP_ENABLE_MIDDLEBOX_COMPAT = 0x100000,
  TLSLOOP_OP_CIPHER_SERVER_PREFERENCE = 0x400000,
  TLSLOOP_OP_NO_SSLV3 = 0x2000000,
  TLSLOOP_OP_NO_TLS_1_0 = 0x4000000,
  TLSLOOP_OP_NO_TLS_1_2 = 0x8000000,
  TLSLOOP_OP_NO_TLS_1_1 = 0x10000000,
  TLSLOOP_OP_NO_TLS_1_3 = 0x20000000,
  TLSLOOP_OP_NO_RENEGOTIATION = 0x40000000
} tlsloop_option_t;

/* How certificates in memory are encoded.
 * Since: 0.1 */
typedef enum tlsloop_encoding_e {
  TLSLOOP_ENCODING_PEM = 1, /* text, one after another, other text between */
  TLSLOOP_ENCODING_DER = 2  /* binary, one right after another */
} tlsloop_encoding_t;

/* The alerts of TLS (RFC 8446, 6, and the IANA registry).
 * Since: 0.1 */
typedef enum tlsloop_alert_e {
  TLSLOOP_ALERT_CLOSE_NOTIFY = 0,
  TLSLOOP_ALERT_UNEXPECTED_MESSAGE = 10,
  TLSLOOP_ALERT_BAD_RECORD_MAC = 20,
  TLSLOOP_ALERT_RECORD_OVERFLOW = 22,
  TLSLOOP_ALERT_DECOMPRESSION_FAILURE = 30,
  TLSLOOP_ALERT_HANDSHAKE_FAILURE = 40,
  TLSLOOP_ALERT_BAD_CERTIFICATE = 42,
  TLSLOOP_ALERT_UNSUPPORTED_CERTIFICATE = 43,
  TLSLOOP_ALERT_CERTIFICATE_REVOKED = 44,
  TLSLOOP_ALERT_CERTIFICATE_EXPIRED = 45,
  TLSLOOP_ALERT_CERTIFICATE_UNKNOWN = 46,
  TLSLOOP_ALERT_ILLEGAL_PARAMETER = 47,
  TLSLOOP_ALERT_UNKNOWN_CA = 48,
  TLSLOOP_ALERT_ACCESS_DENIED = 49,
  TLSLOOP_ALERT_DECODE_ERROR = 50,
  TLSLOOP_ALERT_DECRYPT_ERROR = 51,
  TLSLOOP_ALERT_PROTOCOL_VERSION = 70,
  TLSLOOP_ALERT_INSUFFICIENT_SECURITY = 71,
  TLSLOOP_ALERT_INTERNAL_ERROR = 80,
  TLSLOOP_ALERT_INAPPROPRIATE_FALLBACK = 86,
  TLSLOOP_ALERT_USER_CANCELED = 90,
  TLSLOOP_ALERT_NO_RENEGOTIATION = 100,
  TLSLOOP_ALERT_MISSING_EXTENSION = 109,
  TLSLOOP_ALERT_UNSUPPORTED_EXTENSION = 110,
  TLSLOOP_ALERT_CERTIFICATE_UNOBTAINABLE = 111,
  TLSLOOP_ALERT_UNRECOGNIZED_NAME = 112,
  TLSLOOP_ALERT_BAD_CERTIFICATE_STATUS_RESPONSE = 113,
  TLSLOOP_ALERT_BAD_CERTIFICATE_HASH_VALUE = 114,
  TLSLOOP_ALERT_UNKNOWN_PSK_IDENTITY = 115,
  TLSLOOP_ALERT_CERTIFICATE_REQUIRED = 116,
  TLSLOOP_ALERT_NO_APPLICATION_PROTOCOL = 120
} tlsloop_alert_t;

/* The classes of TLS failures (OpenSSL, SSL_get_error(3)), as they are in
 * tlsloop_error_t; the last two are Python's own.
 * Since: 0.1 */
typedef enum tlsloop_ssl_error_e {
  TLSLOOP_SSL_ERROR_SSL = 1,
  TLSLOOP_SSL_ERROR_WANT_READ = 2,
  TLSLOOP_SSL_ERROR_WANT_WRITE = 3,
  TLSLOOP_SSL_ERROR_WANT_X509_LOOKUP = 4,
  TLSLOOP_SSL_ERROR_SYSCALL = 5,
  TLSLOOP_SSL_ERROR_ZERO_RETURN = 6,
  TLSLOOP_SSL_ERROR_WANT_CONNECT = 7,
  TLSLOOP_SSL_ERROR_EOF = 8,
  TLSLOOP_SSL_ERROR_INVALID_ERROR_CODE = 10
} tlsloop_ssl_error_t;

/* What certificates can be for: OpenSSL's numbers (NIDs) of the extended key
 * usages (RFC 5280, 4.2.1.12).
 * Since: 0.1 */
typedef enum tlsloop_purpose_e {
  TLSLOOP_PURPOSE_SERVER_AUTH = 129, /* what clients ask of servers */
  TLSLOOP_PURPOSE_CLIENT_AUTH = 130  /* what servers ask of clients */
} tlsloop_purpose_t;

/* What an OpenSSL can be able to do.
 * Since: 0.1 */
typedef enum tlsloop_feature_e {
  TLSLOOP_FEATURE_SSLV2 = 1, /* never */
  TLSLOOP_FEATURE_SSLV3 = 2,
  TLSLOOP_FEATURE_TLS_1_0 = 3,
  TLSLOOP_FEATURE_TLS_1_1 = 4,
  TLSLOOP_FEATURE_TLS_1_2 = 5,
  TLSLOOP_FEATURE_TLS_1_3 = 6,
  TLSLOOP_FEATURE_SNI = 7,                     /* always */
  TLSLOOP_FEATURE_ALPN = 8,                    /* always */
  TLSLOOP_FEATURE_NPN = 9,                     /* never: ALPN replaced it */
  TLSLOOP_FEATURE_ECDH = 10,                   /* always */
  TLSLOOP_FEATURE_PSK = 11,                    /* keys shared beforehand */
  TLSLOOP_FEATURE_TLS_UNIQUE = 12,             /* always */
  TLSLOOP_FEATURE_NEVER_CHECK_COMMON_NAME = 13 /* always */
} tlsloop_feature_t;

/* Whether OpenSSL can do |feature|, one of tlsloop_feature_t. That it has a
 * version does not mean that the security level lets it be used.
 * Returns: 1 or 0.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_has_feature(int feature);

/* All of OpenSSL's workarounds for the faults of others, as one option
 * (SSL_OP_ALL), but for the one that opens an attack: the empty fragments that
 * protect CBC ciphers are sent.
 * Returns: bits as in tlsloop_option_t.
 * Since: 0.1 */
TLSLOOP_EXTERN uint64_t tlsloop_op_all(void);

/* The types of channel bindings that tlsloop_engine_channel_binding knows:
 * |index| 0 is the first.
 * Returns: a static string, such as "tls-unique" (RFC 5929), or NULL after the
 * last.
 * Since: 0.1 */
TLSLOOP_EXTERN const char* tlsloop_channel_binding_type(size_t index);

/* The version of the OpenSSL that is running, for people.
 * Returns: a static string such as "OpenSSL 3.0.15 3 Sep 2024".
 * Since: 0.1 */
TLSLOOP_EXTERN const char* tlsloop_openssl_version(void);

/* The version of the OpenSSL that is running, as a number that grows
 * (OpenSSL, OpenSSL_version_num(3)).
 * Returns: major << 28 | minor << 20 | patch << 4.
 * Since: 0.1 */
TLSLOOP_EXTERN unsigned long tlsloop_openssl_version_number(void);

/* The version of the OpenSSL whose headers tlsloop was compiled with.
 * Returns: a number as of tlsloop_openssl_version_number.
 * Since: 0.1 */
TLSLOOP_EXTERN unsigned long tlsloop_openssl_headers_version_number(void);

/* Takes |number|, of tlsloop_openssl_version_number, apart by the scheme of
 * OpenSSL 1, as Python does, into |info|: major, minor, fix, patch, status.
 * With OpenSSL 3 fix is 0, and 3.0.15 is {3, 0, 0, 15, 0}.
 * Since: 0.1 */
TLSLOOP_EXTERN void tlsloop_openssl_version_info(unsigned long number,
                                                 int info[5]);

/* The constants by name: first those of Python's ssl module, such as
 * "CERT_NONE", "OP_ALL", "HAS_SNI" (1 or 0) and "TLSVersion.TLSv1_3", then
 * every enumerator of these headers, such as "TLSLOOP_CERT_NONE".
 * Returns: how many there are.
 * Since: 0.1 */
TLSLOOP_EXTERN size_t tlsloop_constant_count(void);

/* Constant number |index|, from 0 to tlsloop_constant_count() - 1: stores its
 * |name|, a static string, and its |value|.
 * Returns: 0, or a negative code; nothing is then stored.
 * Errors: UV_EINVAL for a larger |index|.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_constant_at(size_t index,
                                       const char** name,
                                       int64_t* value);

/* Stores the value of the constant that is called |name| in |value|.
 * Returns: 0, or a negative code; nothing is then stored.
 * Errors: UV_EINVAL when there is none.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_constant_value(const char* name, int64_t* value);

/* The name of |protocol|, one of tlsloop_protocol_t, in Python's ssl module.
 * Returns: a static string such as "PROTOCOL_TLS_CLIENT"; "<unknown>" for any
 * other number.
 * Since: 0.1 */
TLSLOOP_EXTERN const char* tlsloop_protocol_name(int protocol);

/* The name of |version|, one of tlsloop_tls_version_t, in Python's TLSVersion.
 * Returns: a static string such as "TLSv1_3" or "MINIMUM_SUPPORTED"; NULL for
 * any other number.
 * Since: 0.1 */
TLSLOOP_EXTERN const char* tlsloop_tls_version_name(int version);

/* The name of |mode|, one of tlsloop_verify_mode_t, in Python's ssl module.
 * Returns: a static string such as "CERT_REQUIRED"; NULL for any other number.
 * Since: 0.1 */
TLSLOOP_EXTERN const char* tlsloop_verify_mode_name(int mode);

/* The name of |flag|, one of tlsloop_verify_flag_t, in Python's ssl module.
 * Returns: a static string such as "VERIFY_X509_STRICT"; NULL for any other
 * number.
 * Since: 0.1 */
TLSLOOP_EXTERN const char* tlsloop_verify_flag_name(uint64_t flag);

/* The name of |option|, one of tlsloop_option_t or tlsloop_op_all, in Python's
 * ssl module.
 * Returns: a static string such as "OP_NO_TICKET"; NULL for any other number.
 * Since: 0.1 */
TLSLOOP_EXTERN const char* tlsloop_option_name(uint64_t option);

/* The name of |error|, one of tlsloop_ssl_error_t, in Python's ssl module.
 * Returns: a static string such as "SSL_ERROR_WANT_READ"; NULL for any other
 * number.
 * Since: 0.1 */
TLSLOOP_EXTERN const char* tlsloop_ssl_error_name(int error);

#ifdef __cplusplus
}
#endif

#endif /* TLSLOOP_CONSTANTS_H */
