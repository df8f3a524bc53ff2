/* SPDX-License-Identifier: MIT */

/* Cipher: what OpenSSL says of a cipher suite. */

#ifndef TLSLOOP__CIPHER_H
#define TLSLOOP__CIPHER_H

#include <openssl/ssl.h>

#include "tlsloop/info.h"

/* Describes |cipher| in |info|, as far as its size goes. */
void tlsloop__cipher_describe(const SSL_CIPHER* cipher,
                              tlsloop_cipher_info_t* info);

#endif /* TLSLOOP__CIPHER_H */
