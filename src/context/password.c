/* SPDX-License-Identifier: MIT */

/* Password: the password of a private key. OpenSSL tries one reader after
 * another and asks again for each; the application is asked once. */

#include "context/password.h"

#include <openssl/crypto.h>
#include <string.h>
#include <uv/errno.h>

static const char too_long[] = "password cannot be longer than 1024 bytes";


int tlsloop__password_init(tlsloop__password_t* password,
                           const char* value,
                           size_t len) {
  memset(password, 0, sizeof(*password));
  if (value == NULL)
    return 0;
  password->known = 1;
  if (len > sizeof(password->bytes)) {
    password->len = UV__EINVAL;
    return UV__EINVAL;
  }
  memcpy(password->bytes, value, len);
  password->len = (int) len;
  return 0;
}


static void ask(tlsloop__password_t* password) {
  int len;

  password->known = 1;
  len = password->cb(password->bytes, sizeof(password->bytes), password->arg);
  if (len < 0)
    len = TLSLOOP_ECALLBACK;
  else if (len > (int) sizeof(password->bytes))
    len = UV__EINVAL;
  password->len = len;
}


int tlsloop__password_get(char* buf, int size, int writing, void* arg) {
  tlsloop__password_t* password;

  (void) writing;
  password = arg;
  password->needed = 1;
  if (!password->known && password->cb != NULL)
    ask(password);
  if (!password->known || password->len < 0 || password->len > size)
    return -1;
  memcpy(buf, password->bytes, (size_t) password->len);
  return password->len;
}


int tlsloop__password_code(const tlsloop__password_t* password) {
  if (password->len < 0)
    return password->len;
  return password->needed ? TLSLOOP_EPASSWORD : TLSLOOP_EBADKEY;
}


const char* tlsloop__password_text(const tlsloop__password_t* password) {
  if (password->len == UV__EINVAL)
    return too_long;
  if (password->len < 0)
    return "the callback has no password";
  if (!password->needed)
    return "no private key can be read";
  return password->known ? "the private key's password is wrong"
                         : "the private key is encrypted";
}


void tlsloop__password_clear(tlsloop__password_t* password) {
  OPENSSL_cleanse(password, sizeof(*password));
}
