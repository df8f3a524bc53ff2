/* SPDX-License-Identifier: MIT */

/* Ossl: the way from OpenSSL's error queue to tlsloop's errors. The newest
 * entry of the queue tells what failed; older ones may tell why: that memory
 * ran out or that a file could not be opened. */

#include "engine/ossl.h"

#include <errno.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv/errno.h>

#include "base/names.h"
#include "engine/mnemonics.h"
#include "tlsloop/errno.h"


static int compare_key(const void* key, const void* element) {
  uint32_t a;
  uint32_t b;

  a = *(const uint32_t*) key;
  b = ((const tlsloop__mnemonic_t*) element)->key;
  return a < b ? -1 : a > b;
}


static const char* mnemonic(unsigned long lib, unsigned long reason) {
  const tlsloop__mnemonic_t* found;
  uint32_t key;

  key = (uint32_t) ((lib << ERR_LIB_OFFSET) | reason);
  found = bsearch(&key,
                  tlsloop__mnemonics,
                  tlsloop__mnemonics_len,
                  sizeof(*found),
                  compare_key);
  return found == NULL ? NULL : tlsloop__mnemonic_texts + found->text;
}


/* The name of a system error, such as "ENOENT". */
static const char* system_mnemonic(int sys_errno) {
  const char* name;

  name = tlsloop__code_name(UV__ERR(sys_errno));
  return name == NULL ? NULL : name + sizeof("UV_") - 1;
}


const char* tlsloop__ossl_library(unsigned long code) {
  if (code == 0)
    return NULL;
  return mnemonic((unsigned long) ERR_GET_LIB(code), 0);
}


const char* tlsloop__ossl_reason(unsigned long code) {
  unsigned long lib;
  unsigned long reason;

  if (ERR_SYSTEM_ERROR(code))
    return system_mnemonic(ERR_GET_REASON(code));

  lib = (unsigned long) ERR_GET_LIB(code);
  reason = code & ERR_REASON_MASK;
  if (lib == 0 || reason == 0)
    return NULL;
  if ((reason & ERR_RFLAG_COMMON) != 0)
    return mnemonic(0, reason & ((1UL << ERR_RFLAGS_OFFSET) - 1));
  return mnemonic(lib, reason);
}


int tlsloop__ossl_is(int lib, int reason) {
  unsigned long newest;

  newest = ERR_peek_last_error();
  return newest != 0 && ERR_GET_LIB(newest) == lib &&
         ERR_GET_REASON(newest) == reason;
}


void tlsloop__ossl_begin(void) {
  tlsloop__ossl_end();
  errno = 0;
}


void tlsloop__ossl_end(void) {
  /* Clearing visits every place of the queue; looking whether there is
   * anything visits none, and nearly always there is nothing. */
  if (ERR_peek_error() != 0)
    ERR_clear_error();
}


/* Empties the queue. Returns UV__ENOMEM when one of its errors says so, and
 * leaves the newest system error in |sys_errno|, 0 when there is none. */
static int drain(int* sys_errno) {
  unsigned long error;
  int code;

  code = 0;
  *sys_errno = 0;
  while ((error = ERR_get_error()) != 0) {
    if (ERR_SYSTEM_ERROR(error))
      *sys_errno = ERR_GET_REASON(error);
    else if (ERR_GET_REASON(error) == ERR_R_MALLOC_FAILURE)
      code = UV__ENOMEM;
  }

  if (*sys_errno == ENOMEM)
    code = UV__ENOMEM;
  return code;
}


/* Sets |error|'s text for its packed OpenSSL code, in the form that users of
 * OpenSSL know from elsewhere: "[X509: KEY_VALUES_MISMATCH] key values
 * mismatch". */
static void set_text(tlsloop_error_t* error) {
  const char* text;
  char line[sizeof(error->text)];

  text = ERR_reason_error_string(error->openssl_code);
  if (text == NULL)
    text = "unknown error";

  if (error->library == NULL)
    snprintf(line, sizeof(line), "%s", text);
  else if (error->reason == NULL)
    snprintf(line, sizeof(line), "[%s] %s", error->library, text);
  else
    snprintf(
        line, sizeof(line), "[%s: %s] %s", error->library, error->reason, text);
  tlsloop__error_set_text(error, line);
}


int tlsloop__ossl_fail(tlsloop__error_slot_t* slot,
                       int code,
                       const char* subject) {
  tlsloop_error_t* error;
  unsigned long newest;
  int sys_errno;

  newest = ERR_peek_last_error();
  if (drain(&sys_errno) == UV__ENOMEM)
    code = UV__ENOMEM;
  else if (sys_errno != 0 && code > TLSLOOP_EALERT_SENT)
    code = UV__ERR(sys_errno);

  error = tlsloop__error_reset(slot, code, subject);
  if (error == NULL)
    return UV__ENOMEM;

  error->sys_errno = sys_errno;
  error->openssl_code = newest;
  error->library = tlsloop__ossl_library(newest);
  error->reason = tlsloop__ossl_reason(newest);
  if (newest == 0 || code == UV__ERR(sys_errno))
    tlsloop__error_set_text(error, tlsloop_strerror(code));
  else
    set_text(error);
  return code;
}
