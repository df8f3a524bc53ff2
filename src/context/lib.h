/* SPDX-License-Identifier: MIT */

/* Lib: which OpenSSL a context uses: a library context, with its providers and
 * configuration, and what to ask of the algorithms in it. */

#ifndef TLSLOOP__LIB_H
#define TLSLOOP__LIB_H

#include <openssl/types.h>

typedef struct tlsloop__lib_s {
  OSSL_LIB_CTX* libctx; /* the application's; NULL: the default one */
  char* propq;          /* NULL: none */
} tlsloop__lib_t;

/* Sets |lib| up with a copy of |propq|. Returns 1, or 0 with OpenSSL's error
 * in its queue. */
int tlsloop__lib_init(tlsloop__lib_t* lib,
                      OSSL_LIB_CTX* libctx,
                      const char* propq);

/* Frees what |lib| holds. */
void tlsloop__lib_deinit(tlsloop__lib_t* lib);

/* Reads the certificate at |*der|, of at most |len| bytes, and moves |*der|
 * past it. The algorithms that it needs come from |lib|. Returns it, or NULL
 * with OpenSSL's error in its queue. */
X509* tlsloop__lib_read_cert(const tlsloop__lib_t* lib,
                             const unsigned char** der,
                             long len);

/* The same for a trusted certificate (OpenSSL, openssl-x509(1)). */
X509* tlsloop__lib_read_trusted_cert(const tlsloop__lib_t* lib,
                                     const unsigned char** der,
                                     long len);

/* The same for a revocation list. */
X509_CRL* tlsloop__lib_read_crl(const tlsloop__lib_t* lib,
                                const unsigned char** der,
                                long len);

#endif /* TLSLOOP__LIB_H */
