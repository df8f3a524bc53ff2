/* SPDX-License-Identifier: MIT */

/* Password: the password of a private key, which is asked for at most once. */

#ifndef TLSLOOP__PASSWORD_H
#define TLSLOOP__PASSWORD_H

#include "tlsloop/callback.h"

/* All zeroes is no password. Wipe it with tlsloop__password_clear. */
typedef struct tlsloop__password_s {
  tlsloop_password_cb cb; /* NULL: what is in |bytes| is all there is */
  void* arg;
  char bytes[TLSLOOP_PASSWORD_MAX];
  int len;    /* in |bytes|, or why there is none, below 0 */
  int known;  /* |len| is valid */
  int needed; /* the key is encrypted */
} tlsloop__password_t;

/* Makes |password| the |len| bytes at |value|, of which NULL is no password.
 * Returns 0 or UV__EINVAL. */
int tlsloop__password_init(tlsloop__password_t* password,
                           const char* value,
                           size_t len);

/* A pem_password_cb for a tlsloop__password_t, which never asks on the
 * terminal as OpenSSL would without one. */
int tlsloop__password_get(char* buf, int size, int writing, void* password);

/* The code for a key that could not be read with |password|. */
int tlsloop__password_code(const tlsloop__password_t* password);

/* What was wrong with |password|, for people. */
const char* tlsloop__password_text(const tlsloop__password_t* password);

/* Wipes |password|. */
void tlsloop__password_clear(tlsloop__password_t* password);

#endif /* TLSLOOP__PASSWORD_H */
