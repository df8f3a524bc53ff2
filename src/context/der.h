/* SPDX-License-Identifier: MIT */

/* Der: certificates and revocation lists in DER, one right after another. */

#ifndef TLSLOOP__DER_H
#define TLSLOOP__DER_H

#include <openssl/x509.h>
#include <stddef.h>

#include "context/lib.h"

/* What was in a text, in its order. */
typedef struct tlsloop__der_s {
  STACK_OF(X509) * certs;
  STACK_OF(X509_CRL) * crls;
} tlsloop__der_t;

/* Whether the |len| bytes at |data| begin as DER does; no text does so. */
int tlsloop__der_is(const void* data, size_t len);

/* Reads the certificates and the revocation lists in the |len| bytes at |data|,
 * not more than TLSLOOP__FILE_MAX_LEN, for |lib| into |der|. Returns 0, or a
 * code with the reason in OpenSSL's error queue: TLSLOOP_EBADCERT when what
 * follows those in |der| is neither, TLSLOOP_EOPENSSL. |der| needs
 * tlsloop__der_clear anyway. */
int tlsloop__der_read(const tlsloop__lib_t* lib,
                      tlsloop__der_t* der,
                      const void* data,
                      size_t len);

/* Frees what |der| holds. */
void tlsloop__der_clear(tlsloop__der_t* der);

#endif /* TLSLOOP__DER_H */
