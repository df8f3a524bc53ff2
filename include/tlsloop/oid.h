/* SPDX-License-Identifier: MIT */

/* Object identifiers: the names that ASN.1 has for algorithms, attributes and
 * purposes, as numbers, as words, and with dots. */

#ifndef TLSLOOP_OID_H
#define TLSLOOP_OID_H

#include <stddef.h>

#include "tlsloop/constants.h"
#include "tlsloop/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/* An object that OpenSSL knows. The caller sets |size| to
 * sizeof(tlsloop_oid_t); the library fills in what fits. The names are static
 * strings, or as old as the program's own call of OBJ_create.
 * Since: 0.1 */
typedef struct tlsloop_oid_s {
  size_t size;
  int nid;                /* OpenSSL's number, such as 129 */
  const char* short_name; /* such as "serverAuth" */
  const char* long_name;  /* such as "TLS Web Server Authentication" */
  char dotted[128];       /* such as "1.3.6.1.5.5.7.3.1"; "" when it has none */
} tlsloop_oid_t;

/* Looks |text| up, an object identifier with dots, or, when |by_name| is not 0,
 * that or a short or long name, in which case counts, and describes the object
 * in |oid| (OpenSSL, OBJ_txt2obj(3)).
 * Returns: 0, or a negative code; |oid| is then untouched.
 * Errors: UV_EINVAL when |text| is NULL, malformed, or an object that OpenSSL
 * does not know; UV_ENOBUFS when the identifier has more than 127 characters;
 * UV_ENOMEM.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_oid_lookup(const char* text,
                                      int by_name,
                                      tlsloop_oid_t* oid);

/* Describes the object that has OpenSSL's number |nid| in |oid|.
 * Returns: 0, or a negative code; |oid| is then untouched.
 * Errors: UV_EINVAL when there is none, which 0 and below never are;
 * UV_ENOBUFS as tlsloop_oid_lookup.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_oid_from_nid(int nid, tlsloop_oid_t* oid);

/* The object identifier of |purpose|, one of tlsloop_purpose_t, as it is in a
 * certificate's extended key usage (RFC 5280, 4.2.1.12).
 * Returns: a static string such as "1.3.6.1.5.5.7.3.1"; NULL for any other
 * number.
 * Since: 0.1 */
TLSLOOP_EXTERN const char* tlsloop_purpose_oid(int purpose);

#ifdef __cplusplus
}
#endif

#endif /* TLSLOOP_OID_H */
