/* SPDX-License-Identifier: MIT */

/* The errors of tlsloop: every code it can return, what they are called, and
 * the details of one failure.
 *
 * A function returns 0 or more on success and a negative code on failure. A
 * code is one of
 *
 *   - libuv's own (UV_EINVAL, UV_ECONNRESET, UV_EOF, ...), passed through
 *     unchanged; they lie above -4100;
 *   - one of the names below, from -5001 to -5099;
 *   - TLSLOOP_EALERT_SENT - n: we sent the fatal TLS alert n (0 to 255);
 *   - TLSLOOP_EALERT_RECEIVED - n: the peer sent us the fatal TLS alert n;
 *   - TLSLOOP_EVERIFY - n: the peer's certificate failed verification with
 *     OpenSSL's code n, X509_V_ERR_* (1 to 999).
 *
 * Nothing else is ever returned. */

#ifndef TLSLOOP_ERRNO_H
#define TLSLOOP_ERRNO_H

#include <stddef.h>

#include "tlsloop/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The codes that are tlsloop's own: XX(name, value, text). The one list from
 * which the enumerators, the names and the texts are made.
 * Since: 0.1 */
#define TLSLOOP_ERRNO_MAP(XX)                                               \
  XX(WANT_READ, -5001, "TLS waits for bytes from the peer")                 \
  XX(WANT_WRITE, -5002, "TLS waits until its bytes are taken away")         \
  XX(WANT_DECISION, -5003, "TLS waits for a decision of the application")   \
  XX(ETRUNCATED, -5010, "the connection ended without close_notify")        \
  XX(EPROTOCOL, -5011, "the peer broke the TLS protocol")                   \
  XX(ENOTTLS, -5012, "the peer does not speak TLS")                         \
  XX(EUNREAD, -5013, "application data waits to be read first")             \
  XX(ENOHOSTNAME, -5020, "a host name is needed to verify the server")      \
  XX(EHOSTNAME, -5021, "the host name is malformed")                        \
  XX(ESIDE, -5022, "the context is made for the other side")                \
  XX(EINSECURE, -5023, "this weakens security and was not allowed")         \
  XX(ENOCERT, -5030, "no certificate was found")                            \
  XX(EBADCERT, -5031, "the certificate cannot be read")                     \
  XX(EBADKEY, -5032, "the private key cannot be read")                      \
  XX(EKEYMISMATCH, -5033, "the private key does not match the certificate") \
  XX(EPASSWORD, -5034, "the private key's password is missing or wrong")    \
  XX(EBADCRL, -5035, "the certificate revocation list cannot be read")      \
  XX(EWEAK,                                                                 \
     -5036,                                                                 \
     "the certificate or key is too weak for the security level")           \
  XX(ECIPHERS, -5040, "no cipher can be selected")                          \
  XX(ESESSION, -5041, "the session does not fit here")                      \
  XX(ECALLBACK, -5042, "an application callback failed")                    \
  XX(EOPENSSL, -5050, "OpenSSL failed")

/* The codes of TLSLOOP_ERRNO_MAP as enumerators, and the bases of the three
 * families that are encoded by arithmetic.
 * Since: 0.1 */
typedef enum tlsloop_errno_e {
#define XX(name, value, text) TLSLOOP_##name = (value),
  TLSLOOP_ERRNO_MAP(XX)
#undef XX
  TLSLOOP_EALERT_SENT = -5200,
  TLSLOOP_EALERT_RECEIVED = -5500,
  TLSLOOP_EVERIFY = -6000
} tlsloop_errno_t;

/* What kind of failure a code is, for programs that treat all of a kind alike.
 * Since: 0.1 */
typedef enum tlsloop_err_type_e {
  TLSLOOP_ERR_NONE = 0,     /* 0 or more: no error */
  TLSLOOP_ERR_WANT = 1,     /* not an error: try again when it has come */
  TLSLOOP_ERR_IO = 2,       /* the transport or the system failed */
  TLSLOOP_ERR_EOF = 3,      /* the connection ended, cleanly or truncated */
  TLSLOOP_ERR_ALERT = 4,    /* a fatal alert was sent or received */
  TLSLOOP_ERR_CERT = 5,     /* a certificate, key or host name is not good */
  TLSLOOP_ERR_PROTOCOL = 6, /* the peer broke TLS or does not speak it */
  TLSLOOP_ERR_USAGE = 7,    /* the call was wrong here */
  TLSLOOP_ERR_INTERNAL = 8  /* OpenSSL, a callback or memory failed */
} tlsloop_err_type_t;

/* The details of the last failure on an object. Read it through the object's
 * `_error` function; every pointer and array stays valid until the next call
 * on that object. New fields are added at the end: |size| tells which are
 * there.
 * Since: 0.1 */
typedef struct tlsloop_error_s {
  size_t size;     /* bytes of this struct in the library at run time */
  int code;        /* the code that was returned or reported */
  int sys_errno;   /* the system's errno, 0 when it played no part */
  int ssl_error;   /* OpenSSL's SSL_ERROR_* class, 0 outside TLS I/O */
  int alert;       /* the TLS alert of this failure, -1 when none */
  int verify_code; /* X509_V_ERR_*, 0 when verification did not fail */
  unsigned long openssl_code; /* OpenSSL's packed error code, 0 when none */
  const char* library;        /* mnemonic such as "SSL", or NULL */
  const char*
      reason;        /* mnemonic such as "CERTIFICATE_VERIFY_FAILED", or NULL */
  char subject[256]; /* the file, name or item concerned, "" when none */
  char verify_message[320]; /* why verification failed, "" when it did not */
  char text[640];           /* one readable line with all of the above */
} tlsloop_error_t;

/* The name of |code|, such as "UV_EINVAL", "TLSLOOP_ETRUNCATED",
 * "TLSLOOP_EALERT_RECEIVED(UNKNOWN_CA)" or "TLSLOOP_EVERIFY(CERT_HAS_EXPIRED)".
 * Returns: a static string, never NULL; "UNKNOWN" for a number that is no code
 * of a failure, 0 included, as uv_err_name has no name for it either.
 * Since: 0.1 */
TLSLOOP_EXTERN const char* tlsloop_err_name(int code);

/* What |code| means, as a short sentence without a full stop, in English
 * whatever the locale.
 * Returns: a static string, never NULL; "unknown error" for a code that is
 * none.
 * Since: 0.1 */
TLSLOOP_EXTERN const char* tlsloop_strerror(int code);

/* What kind of failure |code| is.
 * Returns: one of tlsloop_err_type_t.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_err_type(int code);

/* The TLS alert that |code| carries (RFC 8446, 6).
 * Returns: 0 to 255, or -1 when |code| is neither TLSLOOP_EALERT_SENT - n nor
 * TLSLOOP_EALERT_RECEIVED - n.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_err_alert(int code);

/* The verification result that |code| carries (OpenSSL,
 * X509_STORE_CTX_get_error(3)).
 * Returns: 1 to 999, an X509_V_ERR_*, or 0 when |code| is not
 * TLSLOOP_EVERIFY - n.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_err_verify_code(int code);

/* The name of TLS alert |alert|, 0 to 255, as the IANA registry has it in
 * upper case, such as "HANDSHAKE_FAILURE".
 * Returns: a static string, or NULL when the number has no name.
 * Since: 0.1 */
TLSLOOP_EXTERN const char* tlsloop_alert_name(int alert);

#ifdef __cplusplus
}
#endif

#endif /* TLSLOOP_ERRNO_H */
