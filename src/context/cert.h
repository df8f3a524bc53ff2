/* SPDX-License-Identifier: MIT */

/* Cert: a certificate as the application sees it. */

#ifndef TLSLOOP__CERT_H
#define TLSLOOP__CERT_H

#include <openssl/x509.h>
#include <stdatomic.h>

#include "tlsloop/cert.h"

struct tlsloop__cert_facts_s;

struct tlsloop_cert_s {
  X509* x509;
  unsigned char* der;
  size_t der_len;
  uint64_t hash;
  _Atomic(char*) subject; /* see cert-line.c; NULL: not asked for yet */
  _Atomic(char*) issuer;
  _Atomic(struct tlsloop__cert_facts_s*) facts; /* see cert-facts.h */
  atomic_uint refs;
};

/* Makes a certificate with one reference over |x509|, whose reference it takes
 * over, and stores it in |cert|. Returns 0, UV__ENOMEM, or TLSLOOP_EOPENSSL
 * when OpenSSL cannot encode it; the reference is then gone too. */
int tlsloop__cert_new(tlsloop_cert_t** cert, X509* x509);

/* What the failure in OpenSSL's error queue comes to: UV__ENOMEM when memory
 * ran out, otherwise |code|. Empties the queue. */
int tlsloop__cert_fail(int code);

/* |name| as one line of UTF-8, for the caller to free; NULL when memory ran
 * out. */
char* tlsloop__cert_line(const X509_NAME* name);

#endif /* TLSLOOP__CERT_H */
