/* SPDX-License-Identifier: MIT */

/* Certificates and what is in them. */

#ifndef TLSLOOP_CERT_H
#define TLSLOOP_CERT_H

#include <stddef.h>

#include "tlsloop/engine.h"
#include "tlsloop/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Takes one more reference to |cert|. Certificates never change and may be
 * shared between threads.
 * Returns: |cert|.
 * Since: 0.1 */
TLSLOOP_EXTERN tlsloop_cert_t* tlsloop_cert_ref(tlsloop_cert_t* cert);

/* Gives one reference to |cert| back and frees it with the last. NULL is
 * ignored.
 * Since: 0.1 */
TLSLOOP_EXTERN void tlsloop_cert_unref(tlsloop_cert_t* cert);

/* The subject of |cert| as one line (RFC 4514, with the most specific part
 * first, such as "CN=localhost,O=Example").
 * Returns: a NUL-terminated UTF-8 string, or NULL when memory ran out.
 * Owns: |cert| owns the string.
 * Since: 0.1 */
TLSLOOP_EXTERN const char* tlsloop_cert_subject(tlsloop_cert_t* cert);

/* The issuer of |cert|, written like tlsloop_cert_subject.
 * Returns: a NUL-terminated UTF-8 string, or NULL when memory ran out.
 * Owns: |cert| owns the string.
 * Since: 0.1 */
TLSLOOP_EXTERN const char* tlsloop_cert_issuer(tlsloop_cert_t* cert);

#ifdef __cplusplus
}
#endif

#endif /* TLSLOOP_CERT_H */
