/* SPDX-License-Identifier: MIT */

/* Errno: what the public codes are called and what they mean. */

#include "tlsloop/errno.h"

#include <openssl/x509_vfy.h>
#include <uv/errno.h>

#include "base/names.h"
#include "engine/mnemonics.h"

/* All of libuv's codes are above this. */
#define UV_END          (-4100)

#define ALERT_MAX       255
#define VERIFY_CODE_MAX 999


/* The place of |code| in the family that counts down from |base| to
 * |base| - |max|; -1 when it is not in there. */
static int member(int code, int base, int max) {
  if (code > base || code < base - max)
    return -1;
  return base - code;
}


const char* tlsloop_err_name(int code) {
  const char* name;
  int verify_code;

  verify_code = tlsloop_err_verify_code(code);
  if (verify_code != 0)
    return tlsloop__mnemonic_texts + tlsloop__verify_names[verify_code];

  name = tlsloop__code_name(code);
  return name == NULL ? "UNKNOWN" : name;
}


const char* tlsloop_strerror(int code) {
  const char* text;
  int verify_code;

  verify_code = tlsloop_err_verify_code(code);
  if (verify_code != 0)
    return X509_verify_cert_error_string(verify_code);

  text = tlsloop__code_text(code);
  return text == NULL ? "unknown error" : text;
}


static int system_type(int code) {
  switch (code) {
    case UV__EOF:
      return TLSLOOP_ERR_EOF;
    case UV__ENOMEM:
    case UV__EAI_MEMORY:
      return TLSLOOP_ERR_INTERNAL;
    case UV__EALREADY:
    case UV__EBUSY:
    case UV__EINVAL:
    case UV__ENOTSUP:
      return TLSLOOP_ERR_USAGE;
    default:
      return TLSLOOP_ERR_IO;
  }
}


static int own_type(int code) {
  switch (code) {
    case TLSLOOP_WANT_READ:
    case TLSLOOP_WANT_WRITE:
    case TLSLOOP_WANT_DECISION:
      return TLSLOOP_ERR_WANT;
    case TLSLOOP_ETRUNCATED:
      return TLSLOOP_ERR_EOF;
    case TLSLOOP_EPROTOCOL:
    case TLSLOOP_ENOTTLS:
      return TLSLOOP_ERR_PROTOCOL;
    case TLSLOOP_EUNREAD:
    case TLSLOOP_ENOHOSTNAME:
    case TLSLOOP_ESIDE:
    case TLSLOOP_EINSECURE:
    case TLSLOOP_ECIPHERS:
    case TLSLOOP_ESESSION:
      return TLSLOOP_ERR_USAGE;
    case TLSLOOP_EHOSTNAME:
    case TLSLOOP_ENOCERT:
    case TLSLOOP_EBADCERT:
    case TLSLOOP_EBADKEY:
    case TLSLOOP_EKEYMISMATCH:
    case TLSLOOP_EPASSWORD:
    case TLSLOOP_EBADCRL:
    case TLSLOOP_EWEAK:
      return TLSLOOP_ERR_CERT;
    default:
      return TLSLOOP_ERR_INTERNAL;
  }
}


int tlsloop_err_type(int code) {
  if (code >= 0)
    return TLSLOOP_ERR_NONE;
  if (code > UV_END)
    return system_type(code);
  if (tlsloop_err_alert(code) >= 0)
    return TLSLOOP_ERR_ALERT;
  if (tlsloop_err_verify_code(code) != 0)
    return TLSLOOP_ERR_CERT;
  return own_type(code);
}


int tlsloop_err_alert(int code) {
  int alert;

  alert = member(code, TLSLOOP_EALERT_SENT, ALERT_MAX);
  if (alert < 0)
    alert = member(code, TLSLOOP_EALERT_RECEIVED, ALERT_MAX);
  return alert;
}


int tlsloop_err_verify_code(int code) {
  int verify_code;

  verify_code = member(code, TLSLOOP_EVERIFY, VERIFY_CODE_MAX);
  return verify_code < 0 ? 0 : verify_code;
}


const char* tlsloop_alert_name(int alert) {
  return tlsloop__alert_name(alert);
}
