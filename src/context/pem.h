/* SPDX-License-Identifier: MIT */

/* Pem: certificates, revocation lists and keys out of PEM text. */

#ifndef TLSLOOP__PEM_H
#define TLSLOOP__PEM_H

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stddef.h>

#include "context/lib.h"
#include "context/password.h"

/* What was in a text, in its order. */
typedef struct tlsloop__pem_s {
  STACK_OF(X509) * certs;
  STACK_OF(X509_CRL) * crls;
  int blocks; /* how many blocks were looked at, of whatever kind */
} tlsloop__pem_t;

/* Reads the certificates (also trusted ones, OpenSSL, openssl-x509(1)) and the
 * revocation lists in the |len| bytes at |data|, not more than
 * TLSLOOP__FILE_MAX_LEN, for |lib| into |pem|; blocks of other kinds and text
 * between them are skipped. Returns 0, or a code with the reason in OpenSSL's
 * error queue: TLSLOOP_EBADCERT or TLSLOOP_EBADCRL when block number
 * |pem|->blocks cannot be read; UV__ENOMEM; TLSLOOP_EOPENSSL. |pem| needs
 * tlsloop__pem_clear anyway. */
int tlsloop__pem_read(const tlsloop__lib_t* lib,
                      tlsloop__pem_t* pem,
                      const void* data,
                      size_t len);

/* Frees what |pem| holds. */
void tlsloop__pem_clear(tlsloop__pem_t* pem);

/* Reads the first private key in the |len| bytes at |data| for |lib| with
 * |password| and stores it, for the caller to free, in |key|. Returns 0, or a
 * code with the reason in OpenSSL's error queue: that of
 * tlsloop__password_code, or UV__ENOMEM. */
int tlsloop__pem_read_key(const tlsloop__lib_t* lib,
                          const void* data,
                          size_t len,
                          tlsloop__password_t* password,
                          EVP_PKEY** key);

#endif /* TLSLOOP__PEM_H */
