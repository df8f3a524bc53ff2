/* SPDX-License-Identifier: MIT */

/* Odd-cert: certificates that a pki does not make by itself, because no honest
 * authority would. */

#ifndef TLSLOOP_TESTS_SUPPORT_ODD_CERT_H
#define TLSLOOP_TESTS_SUPPORT_ODD_CERT_H

#include <openssl/x509.h>
#include <stddef.h>

#include "support/pki.h"
#include "tlsloop/cert.h"

/* One attribute of a name, of which |type| is the type of its string. */
typedef struct odd_part_s {
  const char* field;
  int type;
  const char* value;
  int len; /* -1: up to its NUL */
  int set; /* 0: a part of its own; -1: beside the one before */
} odd_part_t;

/* What is odd about a certificate; all zeroes is nothing. The subject ends
 * with a part without a field. */
typedef struct odd_cert_s {
  const odd_part_t* subject;
  int nid;         /* of an extension: */
  const void* der; /* what is in it */
  int der_len;
  int again;          /* the extension is there twice */
  const char* before; /* a time, of |time_type| */
  const char* after;  /* the same */
  int time_type;      /* V_ASN1_UTCTIME or V_ASN1_GENERALIZEDTIME */
  const void* serial; /* its bytes */
  int serial_len;
  int negative;   /* the serial number is */
  int no_version; /* there is no field for it, which is version 1 */
  long version;   /* what is in that field, if not 0 */
} odd_cert_t;

/* The subject |parts|, for the caller to free. */
X509_NAME* odd_name(const odd_part_t* parts);

/* A certificate of |pki| that is odd. It has no alternative names but |odd|'s.
 * The caller gives it back. */
tlsloop_cert_t* odd_cert(pki_t* pki, const odd_cert_t* odd);

/* The same, as the pki keeps it. */
pki_cert_t* odd_make(pki_t* pki, const odd_cert_t* odd);

/* A certificate of |pki| whose only alternative name has the |len| bytes of
 * |name|, at most 100, and is of type |tag|, GEN_DNS and so on. */
pki_cert_t* odd_named(pki_t* pki, int tag, const char* name, size_t len);

/* What |made| is for the library. The caller gives it back. */
tlsloop_cert_t* odd_load(const pki_cert_t* made);

#endif /* TLSLOOP_TESTS_SUPPORT_ODD_CERT_H */
