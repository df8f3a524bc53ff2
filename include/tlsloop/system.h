/* SPDX-License-Identifier: MIT */

/* What the system offers as trust: the default file and directory of OpenSSL,
 * and the certificate stores of Windows. tlsloop_ctx_load_default_certs uses
 * both; here they can be looked at. */

#ifndef TLSLOOP_SYSTEM_H
#define TLSLOOP_SYSTEM_H

#include <stddef.h>

#include "tlsloop/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Where OpenSSL looks for trusted certificates. The caller sets |size| to
 * sizeof(tlsloop_verify_paths_t); the library fills in what fits. What is from
 * the environment is valid until the program changes that; the rest is static.
 * Since: 0.1 */
typedef struct tlsloop_verify_paths_s {
  size_t size;
  const char* cafile;             /* the file that is used; NULL: none */
  const char* capath;             /* the directory that is used; NULL: none */
  const char* openssl_cafile_env; /* variable that replaces the file */
  const char* openssl_cafile;     /* built into OpenSSL */
  const char* openssl_capath_env; /* variable that replaces the directory */
  const char* openssl_capath;     /* built into OpenSSL */
} tlsloop_verify_paths_t;

/* Tells in |paths| where tlsloop_ctx_load_default_certs finds certificates:
 * the file and the directory that the environment variables name, or else
 * those built into OpenSSL, if they exist. As OpenSSL itself, it ignores the
 * environment in programs that run with more rights than their user has
 * (secure_getenv(3)).
 * Returns: 0, or a negative code.
 * Errors: UV_EINVAL when the size of |paths| was not set.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_default_verify_paths(tlsloop_verify_paths_t* paths);

/* How an entry of a system store is encoded, by Windows' numbers.
 * Since: 0.1 */
typedef enum tlsloop_store_encoding_e {
  TLSLOOP_STORE_X509_ASN = 1,        /* "x509_asn": the DER of one object */
  TLSLOOP_STORE_PKCS_7_ASN = 0x10000 /* "pkcs_7_asn": in a PKCS #7 message */
} tlsloop_store_encoding_t;

/* An entry of a system store.
 * Since: 0.1 */
typedef struct tlsloop_store_entry_s {
  size_t size;                 /* bytes of this struct in the library */
  const void* data;            /* the certificate or revocation list */
  size_t len;                  /* how many bytes that are */
  int encoding;                /* of tlsloop_store_encoding_t, or another */
  int trusted_for_all;         /* 1: for every purpose; 0: for |purposes| */
  const char* const* purposes; /* object identifiers, such as
                                * "1.3.6.1.5.5.7.3.1" */
  size_t purpose_count;        /* 0 is possible: trusted for nothing */
} tlsloop_store_entry_t;

/* Is told of one |entry| of a system store, which is valid during the call.
 * |arg| is of the function that enumerates.
 * Returns: 0 to go on; anything else ends the enumeration.
 * Since: 0.1 */
typedef int (*tlsloop_store_cb)(const tlsloop_store_entry_t* entry, void* arg);

/* Tells |cb|, with |arg|, of every certificate in |store| of Windows, such as
 * "CA", "ROOT" or "MY", over the places that a store has: of the machine, the
 * user, group policy and so on. The same certificate with the same trust is
 * told once. What it is trusted for is the property that an administrator has
 * set, or else its extended key usage.
 * Returns: 0, what |cb| returned to end it, or a negative code.
 * Errors: UV_ENOTSUP where there is no Windows; UV_ENOENT when there is no such
 * store; UV_EACCES; UV_EINVAL for NULL; UV_EIO; UV_ENOMEM.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_enum_certificates(const char* store,
                                             tlsloop_store_cb cb,
                                             void* arg);

/* Tells |cb|, with |arg|, of every certificate revocation list in |store| of
 * Windows, as tlsloop_enum_certificates; purposes have no meaning for them.
 * Returns: 0, what |cb| returned to end it, or a negative code.
 * Errors: as tlsloop_enum_certificates.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_enum_crls(const char* store,
                                     tlsloop_store_cb cb,
                                     void* arg);

#ifdef __cplusplus
}
#endif

#endif /* TLSLOOP_SYSTEM_H */
