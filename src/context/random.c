/* SPDX-License-Identifier: MIT */

/* Random: OpenSSL's generator for buffers of any length. It counts bytes in an
 * int, so long ones go through in parts. */

#include "tlsloop/random.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <uv/errno.h>

#include "base/error.h"
#include "base/info.h"
#include "engine/ossl.h"

#define PART_LEN ((size_t) 1024 * 1024)


static size_t part_of(size_t len) {
  return len < PART_LEN ? len : PART_LEN;
}


/* Gives the caller the details that are in |slot|. */
static void tell(tlsloop__error_slot_t* slot, tlsloop_error_t* error) {
  if (error != NULL)
    tlsloop__info_fill(error, tlsloop__error_get(slot), sizeof(*error));
  tlsloop__error_clear(slot);
}


/* Half of a secret is none. */
static int fail(unsigned char* buf, size_t len, tlsloop_error_t* error) {
  tlsloop__error_slot_t slot = NULL;
  int err;

  err = tlsloop__ossl_fail(&slot, TLSLOOP_EOPENSSL, NULL);
  tell(&slot, error);
  OPENSSL_cleanse(buf, len);
  return err;
}


int tlsloop_random_bytes(void* buf, size_t len, tlsloop_error_t* error) {
  tlsloop__error_slot_t slot = NULL;
  unsigned char* at;
  size_t left;

  if (buf == NULL && len > 0) {
    tlsloop__error_fail(&slot, UV__EINVAL, NULL, "there is no buffer");
    tell(&slot, error);
    return UV__EINVAL;
  }

  tlsloop__ossl_begin();
  at = buf;
  for (left = len; left > 0; left -= part_of(left)) {
    if (RAND_bytes(at, (int) part_of(left)) != 1)
      return fail(buf, len, error);
    at += part_of(left);
  }
  tlsloop__ossl_end();
  return 0;
}


int tlsloop_random_status(void) {
  int ready;

  tlsloop__ossl_begin();
  ready = RAND_status() == 1;
  tlsloop__ossl_end();
  return ready;
}


void tlsloop_random_add(const void* buf, size_t len, double entropy) {
  const unsigned char* at;
  double share;
  size_t left;

  if (len == 0)
    return;

  /* No number is not above 0. */
  share = entropy > 0 ? entropy / (double) len : 0;
  if (share > 1)
    share = 1;

  tlsloop__ossl_begin();
  at = buf;
  for (left = len; left > 0; left -= part_of(left)) {
    RAND_add(at, (int) part_of(left), share * (double) part_of(left));
    at += part_of(left);
  }
  tlsloop__ossl_end();
}
