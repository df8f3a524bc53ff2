/* SPDX-License-Identifier: MIT */

/* Names: the tables. Every string is a literal, so that a name can be kept for
 * ever and asking for it needs neither memory nor a lock. */

#include "base/names.h"

#include <uv/errno.h>

#include "tlsloop/errno.h"

/* libuv has these since 1.46 and 1.45. */
#ifdef UV__ENODATA
#define ENODATA_MAP(XX) XX(ENODATA, "no data available")
#else
#define ENODATA_MAP(XX)
#endif
#ifdef UV__EUNATCH
#define EUNATCH_MAP(XX) XX(EUNATCH, "protocol driver not attached")
#else
#define EUNATCH_MAP(XX)
#endif

/* libuv's codes: XX(name, text). Its own table is in <uv.h>, which only the
 * stream layer may need. */
#define UV_MAP(XX)                                                  \
  XX(E2BIG, "argument list too long")                               \
  XX(EACCES, "permission denied")                                   \
  XX(EADDRINUSE, "address in use already")                          \
  XX(EADDRNOTAVAIL, "address not available")                        \
  XX(EAFNOSUPPORT, "address family not supported")                  \
  XX(EAGAIN, "resource not available now")                          \
  XX(EAI_ADDRFAMILY, "host has no address of this family")          \
  XX(EAI_AGAIN, "host name cannot be resolved now")                 \
  XX(EAI_BADFLAGS, "bad flags for name resolution")                 \
  XX(EAI_BADHINTS, "bad hints for name resolution")                 \
  XX(EAI_CANCELED, "name resolution canceled")                      \
  XX(EAI_FAIL, "host name cannot be resolved")                      \
  XX(EAI_FAMILY, "address family not supported in name resolution") \
  XX(EAI_MEMORY, "not enough memory for name resolution")           \
  XX(EAI_NODATA, "host has no address")                             \
  XX(EAI_NONAME, "unknown host or service")                         \
  XX(EAI_OVERFLOW, "buffer too small for name resolution")          \
  XX(EAI_PROTOCOL, "resolved protocol is unknown")                  \
  XX(EAI_SERVICE, "service not available for this socket type")     \
  XX(EAI_SOCKTYPE, "socket type not supported in name resolution")  \
  XX(EALREADY, "connection in progress already")                    \
  XX(EBADF, "bad file descriptor")                                  \
  XX(EBUSY, "resource busy or locked")                              \
  XX(ECANCELED, "operation canceled")                               \
  XX(ECHARSET, "invalid Unicode character")                         \
  XX(ECONNABORTED, "connection aborted")                            \
  XX(ECONNREFUSED, "connection refused")                            \
  XX(ECONNRESET, "connection reset by the peer")                    \
  XX(EDESTADDRREQ, "destination address required")                  \
  XX(EEXIST, "file exists already")                                 \
  XX(EFAULT, "bad address in a system call")                        \
  XX(EFBIG, "file too large")                                       \
  XX(EFTYPE, "wrong type or format of file")                        \
  XX(EHOSTDOWN, "host is down")                                     \
  XX(EHOSTUNREACH, "host cannot be reached")                        \
  XX(EILSEQ, "illegal sequence of bytes")                           \
  XX(EINTR, "system call interrupted")                              \
  XX(EINVAL, "invalid argument")                                    \
  XX(EIO, "input or output error")                                  \
  XX(EISCONN, "socket is connected already")                        \
  XX(EISDIR, "is a directory")                                      \
  XX(ELOOP, "too many symbolic links")                              \
  XX(EMFILE, "too many open files")                                 \
  XX(EMLINK, "too many links")                                      \
  XX(EMSGSIZE, "message too long")                                  \
  XX(ENAMETOOLONG, "name too long")                                 \
  XX(ENETDOWN, "network is down")                                   \
  XX(ENETUNREACH, "network cannot be reached")                      \
  XX(ENFILE, "too many open files in the system")                   \
  XX(ENOBUFS, "no buffer space available")                          \
  XX(ENODEV, "no such device")                                      \
  XX(ENOENT, "no such file or directory")                           \
  XX(ENOMEM, "not enough memory")                                   \
  XX(ENONET, "machine is not on the network")                       \
  XX(ENOPROTOOPT, "protocol option not available")                  \
  XX(ENOSPC, "no space left on device")                             \
  XX(ENOSYS, "function not implemented")                            \
  XX(ENOTCONN, "socket is not connected")                           \
  XX(ENOTDIR, "not a directory")                                    \
  XX(ENOTEMPTY, "directory not empty")                              \
  XX(ENOTSOCK, "not a socket")                                      \
  XX(ENOTSUP, "operation not supported")                            \
  XX(ENOTTY, "operation does not fit this device")                  \
  XX(ENXIO, "no such device or address")                            \
  XX(EOF, "end of file")                                            \
  XX(EOVERFLOW, "value too large for its type")                     \
  XX(EPERM, "operation not permitted")                              \
  XX(EPIPE, "broken pipe")                                          \
  XX(EPROTO, "protocol error")                                      \
  XX(EPROTONOSUPPORT, "protocol not supported")                     \
  XX(EPROTOTYPE, "wrong protocol for this socket")                  \
  XX(ERANGE, "result too large")                                    \
  XX(EREMOTEIO, "remote input or output error")                     \
  XX(EROFS, "file system is read-only")                             \
  XX(ESHUTDOWN, "cannot send after shutdown")                       \
  XX(ESOCKTNOSUPPORT, "socket type not supported")                  \
  XX(ESPIPE, "cannot seek here")                                    \
  XX(ESRCH, "no such process")                                      \
  XX(ETIMEDOUT, "operation timed out")                              \
  XX(ETXTBSY, "program file is busy")                               \
  XX(EXDEV, "link goes across devices")                             \
  XX(UNKNOWN, "unknown system error")                               \
  ENODATA_MAP(XX)                                                   \
  EUNATCH_MAP(XX)

/* The TLS alerts of the IANA registry: XX(name, number, text). Those that it
 * marks as reserved keep the names under which old peers send them. */
#define ALERT_MAP(XX)                                                         \
  XX(CLOSE_NOTIFY, 0, "end of data")                                          \
  XX(UNEXPECTED_MESSAGE, 10, "unexpected message")                            \
  XX(BAD_RECORD_MAC, 20, "record fails authentication")                       \
  XX(DECRYPTION_FAILED, 21, "record cannot be decrypted")                     \
  XX(RECORD_OVERFLOW, 22, "record too long")                                  \
  XX(DECOMPRESSION_FAILURE, 30, "record cannot be decompressed")              \
  XX(HANDSHAKE_FAILURE, 40, "no common security parameters")                  \
  XX(NO_CERTIFICATE, 41, "no certificate")                                    \
  XX(BAD_CERTIFICATE, 42, "bad certificate")                                  \
  XX(UNSUPPORTED_CERTIFICATE, 43, "unsupported type of certificate")          \
  XX(CERTIFICATE_REVOKED, 44, "certificate revoked")                          \
  XX(CERTIFICATE_EXPIRED, 45, "certificate expired or not valid yet")         \
  XX(CERTIFICATE_UNKNOWN, 46, "certificate not accepted")                     \
  XX(ILLEGAL_PARAMETER, 47, "illegal parameter")                              \
  XX(UNKNOWN_CA, 48, "unknown certificate authority")                         \
  XX(ACCESS_DENIED, 49, "access denied")                                      \
  XX(DECODE_ERROR, 50, "message cannot be decoded")                           \
  XX(DECRYPT_ERROR, 51, "handshake signature or check value is wrong")        \
  XX(TOO_MANY_CIDS_REQUESTED, 52, "too many connection IDs requested")        \
  XX(EXPORT_RESTRICTION, 60, "export restriction")                            \
  XX(PROTOCOL_VERSION, 70, "protocol version not supported")                  \
  XX(INSUFFICIENT_SECURITY, 71, "parameters not secure enough")               \
  XX(INTERNAL_ERROR, 80, "internal error")                                    \
  XX(INAPPROPRIATE_FALLBACK, 86, "inappropriate fallback to an old version")  \
  XX(USER_CANCELED, 90, "handshake canceled by the user")                     \
  XX(NO_RENEGOTIATION, 100, "no renegotiation")                               \
  XX(MISSING_EXTENSION, 109, "missing extension")                             \
  XX(UNSUPPORTED_EXTENSION, 110, "unsupported extension")                     \
  XX(CERTIFICATE_UNOBTAINABLE, 111, "certificate cannot be obtained")         \
  XX(UNRECOGNIZED_NAME, 112, "unrecognized server name")                      \
  XX(BAD_CERTIFICATE_STATUS_RESPONSE, 113, "bad certificate status response") \
  XX(BAD_CERTIFICATE_HASH_VALUE, 114, "bad certificate hash")                 \
  XX(UNKNOWN_PSK_IDENTITY, 115, "unknown PSK identity")                       \
  XX(CERTIFICATE_REQUIRED, 116, "certificate required")                       \
  XX(GENERAL_ERROR, 117, "general error")                                     \
  XX(NO_APPLICATION_PROTOCOL, 120, "no common application protocol")          \
  XX(ECH_REQUIRED, 121, "encrypted client hello required")

/* The numbers of a byte: XX(number). */
/* clang-format off */
#define SIX(XX, t) \
  XX(t##0) XX(t##1) XX(t##2) XX(t##3) XX(t##4) XX(t##5)
#define TEN(XX, t) \
  SIX(XX, t) XX(t##6) XX(t##7) XX(t##8) XX(t##9)
#define BYTE_MAP(XX)                                                  \
  TEN(XX,   ) TEN(XX,  1) TEN(XX,  2) TEN(XX,  3) TEN(XX,  4)         \
  TEN(XX,  5) TEN(XX,  6) TEN(XX,  7) TEN(XX,  8) TEN(XX,  9)         \
  TEN(XX, 10) TEN(XX, 11) TEN(XX, 12) TEN(XX, 13) TEN(XX, 14)         \
  TEN(XX, 15) TEN(XX, 16) TEN(XX, 17) TEN(XX, 18) TEN(XX, 19)         \
  TEN(XX, 20) TEN(XX, 21) TEN(XX, 22) TEN(XX, 23) TEN(XX, 24)         \
  SIX(XX, 25)
/* clang-format on */

#define SENT_NAME(x)     "TLSLOOP_EALERT_SENT(" #x ")"
#define RECEIVED_NAME(x) "TLSLOOP_EALERT_RECEIVED(" #x ")"
#define SENT_TEXT        "a TLS alert was sent: "
#define RECEIVED_TEXT    "the peer sent a TLS alert: "

/* For the alerts without a name. Arrays of arrays need no relocation. */
static const char sent_names[][sizeof(SENT_NAME(255))] = {
#define XX(n) SENT_NAME(n),
    BYTE_MAP(XX)
#undef XX
};
static const char received_names[][sizeof(RECEIVED_NAME(255))] = {
#define XX(n) RECEIVED_NAME(n),
    BYTE_MAP(XX)
#undef XX
};


static int is_sent(int code) {
  return code <= TLSLOOP_EALERT_SENT && code >= TLSLOOP_EALERT_SENT - 255;
}


static int is_received(int code) {
  return code <= TLSLOOP_EALERT_RECEIVED &&
         code >= TLSLOOP_EALERT_RECEIVED - 255;
}


static const char* sent_name(int alert) {
  switch (alert) {
#define XX(name, value, text) \
  case value:                 \
    return SENT_NAME(name);
    ALERT_MAP(XX)
#undef XX
    default:
      return sent_names[alert];
  }
}


static const char* received_name(int alert) {
  switch (alert) {
#define XX(name, value, text) \
  case value:                 \
    return RECEIVED_NAME(name);
    ALERT_MAP(XX)
#undef XX
    default:
      return received_names[alert];
  }
}


static const char* sent_text(int alert) {
  switch (alert) {
#define XX(name, value, text) \
  case value:                 \
    return SENT_TEXT text;
    ALERT_MAP(XX)
#undef XX
    default:
      return SENT_TEXT "unassigned alert";
  }
}


static const char* received_text(int alert) {
  switch (alert) {
#define XX(name, value, text) \
  case value:                 \
    return RECEIVED_TEXT text;
    ALERT_MAP(XX)
#undef XX
    default:
      return RECEIVED_TEXT "unassigned alert";
  }
}


const char* tlsloop__code_name(int code) {
  if (is_sent(code))
    return sent_name(TLSLOOP_EALERT_SENT - code);
  if (is_received(code))
    return received_name(TLSLOOP_EALERT_RECEIVED - code);

  switch (code) {
#define XX(name, text) \
  case UV__##name:     \
    return "UV_" #name;
    UV_MAP(XX)
#undef XX
#define XX(name, value, text) \
  case value:                 \
    return "TLSLOOP_" #name;
    TLSLOOP_ERRNO_MAP(XX)
#undef XX
    default:
      return NULL;
  }
}


const char* tlsloop__code_text(int code) {
  if (is_sent(code))
    return sent_text(TLSLOOP_EALERT_SENT - code);
  if (is_received(code))
    return received_text(TLSLOOP_EALERT_RECEIVED - code);

  switch (code) {
#define XX(name, text) \
  case UV__##name:     \
    return text;
    UV_MAP(XX)
#undef XX
#define XX(name, value, text) \
  case value:                 \
    return text;
    TLSLOOP_ERRNO_MAP(XX)
#undef XX
    default:
      return NULL;
  }
}


const char* tlsloop__alert_name(int alert) {
  switch (alert) {
#define XX(name, value, text) \
  case value:                 \
    return #name;
    ALERT_MAP(XX)
#undef XX
    default:
      return NULL;
  }
}
