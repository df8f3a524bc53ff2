/* SPDX-License-Identifier: MIT */

/* Cert-facts: what is in a certificate, read once, when any of it is asked
 * for. Nobody changes it after that. */

#ifndef TLSLOOP__CERT_FACTS_H
#define TLSLOOP__CERT_FACTS_H

#include <openssl/asn1.h>
#include <openssl/x509.h>
#include <stddef.h>
#include <stdint.h>

#include "context/arena.h"
#include "context/cert.h"

/* |err|, wherever it is, is 0, or TLSLOOP_EBADCERT; all else is then zeroes. */

/* Bytes with a NUL after them. */
typedef struct tlsloop__text_s {
  const char* data;
  size_t len;
} tlsloop__text_t;

typedef struct tlsloop__attr_s {
  const char* type; /* a long name, or the same as |oid| */
  const char* oid;
  tlsloop__text_t value;
  int is_text;
} tlsloop__attr_t;

typedef struct tlsloop__rdn_s {
  tlsloop__attr_t* attrs;
  int count;
} tlsloop__rdn_t;

typedef struct tlsloop__name_s {
  tlsloop__rdn_t* rdns;
  int count;
  int err;
} tlsloop__name_t;

typedef struct tlsloop__san_s {
  int kind; /* one of tlsloop_san_type_t */
  const char* type;
  tlsloop__text_t value;
  const char* oid;      /* NULL: it has none */
  tlsloop__name_t name; /* of a TLSLOOP_SAN_DIRNAME; its |err| is 0 */
} tlsloop__san_t;

typedef struct tlsloop__sans_s {
  tlsloop__san_t* items;
  int count;
  int present; /* the extension is there, be it empty */
  int err;
} tlsloop__sans_t;

typedef struct tlsloop__uris_s {
  tlsloop__text_t* items;
  int count;
  int err;
} tlsloop__uris_t;

typedef struct tlsloop__cert_time_s {
  const char* text;
  int64_t seconds;
  int err;
} tlsloop__cert_time_t;

/* How many tlsloop_cert_uri_kind_t there are. */
#define TLSLOOP__URI_KINDS 3

typedef struct tlsloop__cert_facts_s {
  tlsloop__arena_t arena; /* everything below is in it */
  tlsloop__name_t subject;
  tlsloop__name_t issuer;
  const char* serial;
  tlsloop__cert_time_t not_before;
  tlsloop__cert_time_t not_after;
  tlsloop__sans_t sans;
  tlsloop__uris_t uris[TLSLOOP__URI_KINDS];
} tlsloop__cert_facts_t;

/* What is in |cert|; NULL when memory ran out. Safe from any thread. */
const tlsloop__cert_facts_t* tlsloop__cert_facts(tlsloop_cert_t* cert);

/* Frees |facts|. NULL is ignored. */
void tlsloop__cert_facts_free(tlsloop__cert_facts_t* facts);

/* Each reads one part of |facts| from |x509|, or of |name| from |from|.
 * Returns 0 or UV__ENOMEM. What is malformed is noted in its |err|. OpenSSL's
 * error queue may have errors before and after. */
int tlsloop__cert_read_names(tlsloop__cert_facts_t* facts, const X509* x509);
int tlsloop__cert_read_times(tlsloop__cert_facts_t* facts, const X509* x509);
int tlsloop__cert_read_sans(tlsloop__cert_facts_t* facts, const X509* x509);
int tlsloop__cert_read_uris(tlsloop__cert_facts_t* facts, const X509* x509);
int tlsloop__cert_read_name(tlsloop__arena_t* arena,
                            tlsloop__name_t* name,
                            const X509_NAME* from);

/* Stores in |text| a copy of |string| in |arena|. Returns 0 or UV__ENOMEM. */
int tlsloop__cert_copy(tlsloop__arena_t* arena,
                       tlsloop__text_t* text,
                       const ASN1_STRING* string);

/* Stores in |text| what |object| is called, in |arena|: its long name, unless
 * |dotted| or when it has none its dotted identifier. Returns 0, UV__ENOMEM or
 * TLSLOOP_EBADCERT. */
int tlsloop__cert_object(tlsloop__arena_t* arena,
                         const char** text,
                         const ASN1_OBJECT* object,
                         int dotted);

#endif /* TLSLOOP__CERT_FACTS_H */
