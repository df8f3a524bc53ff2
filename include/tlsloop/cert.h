/* SPDX-License-Identifier: MIT */

/* Certificates and what is in them.
 *
 * A certificate never changes and may be shared between threads. What is in it
 * is read by index: a count, then each item up to it. Pointers that come out
 * belong to the certificate and stay valid until its last reference is given
 * back. Bytes that a peer chose may contain a NUL, so they come with their
 * length, which does not count the NUL that always follows them.
 *
 * A certificate that breaks its own encoding is refused when it is loaded, or,
 * where only one item of it is broken, when that item is asked for, with
 * TLSLOOP_EBADCERT. Nothing is ever left out or cut short without an error. */

#ifndef TLSLOOP_CERT_H
#define TLSLOOP_CERT_H

#include <stddef.h>
#include <stdint.h>

#include "tlsloop/ctx.h"
#include "tlsloop/engine.h"
#include "tlsloop/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The names of a certificate that consist of parts. Where a function takes one
 * of these, the index of an alternative name of type TLSLOOP_SAN_DIRNAME is
 * taken too.
 * Since: 0.1 */
typedef enum tlsloop_cert_name_e {
  TLSLOOP_CERT_SUBJECT = -1, /* whom the certificate is about */
  TLSLOOP_CERT_ISSUER = -2   /* who signed it */
} tlsloop_cert_name_t;

/* The types of alternative names (RFC 5280, 4.2.1.6).
 * Since: 0.1 */
typedef enum tlsloop_san_type_e {
  TLSLOOP_SAN_OTHERNAME = 0, /* "othername" */
  TLSLOOP_SAN_EMAIL = 1,     /* "email" */
  TLSLOOP_SAN_DNS = 2,       /* "DNS" */
  TLSLOOP_SAN_X400 = 3,      /* "X400Name" */
  TLSLOOP_SAN_DIRNAME = 4,   /* "DirName", which has parts */
  TLSLOOP_SAN_EDIPARTY = 5,  /* "EdiPartyName" */
  TLSLOOP_SAN_URI = 6,       /* "URI" */
  TLSLOOP_SAN_IP = 7,        /* "IP Address" */
  TLSLOOP_SAN_RID = 8        /* "Registered ID" */
} tlsloop_san_type_t;

/* The kinds of URIs in a certificate (RFC 5280, 4.2.2.1 and 4.2.1.13).
 * Since: 0.1 */
typedef enum tlsloop_cert_uri_kind_e {
  TLSLOOP_CERT_URI_OCSP = 0,       /* who tells whether it is revoked */
  TLSLOOP_CERT_URI_CA_ISSUERS = 1, /* where the issuer's certificate is */
  TLSLOOP_CERT_URI_CRL = 2         /* where the revocation list is */
} tlsloop_cert_uri_kind_t;

/* Frees |ptr|, memory that a function of tlsloop says is the caller's to give
 * back here. NULL is ignored.
 * Since: 0.1 */
TLSLOOP_EXTERN void tlsloop_free(void* ptr);

/* Loads the first certificate of |file|, in |encoding|, one of
 * tlsloop_encoding_t, and stores it in |cert|. The rest of the file has to be
 * good too: PEM is read as by tlsloop_ctx_load_verify_file, and DER is that
 * one certificate.
 * Returns: 0, or a negative code; |cert| is then untouched.
 * Errors: libuv's code when the file cannot be read (UV_ENOENT, UV_EACCES,
 * UV_EISDIR, ...) or is larger than 16 MiB (UV_EFBIG); TLSLOOP_ENOCERT when
 * there is none; TLSLOOP_EBADCERT and TLSLOOP_EBADCRL for what cannot be read;
 * UV_EINVAL; UV_ENOMEM; TLSLOOP_EOPENSSL.
 * Owns: the caller owns the reference; give it back with tlsloop_cert_unref.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_cert_load_file(tlsloop_cert_t** cert,
                                          const char* file,
                                          int encoding);

/* Loads the first certificate in the |len| bytes of |data|, in |encoding|, and
 * stores it in |cert|, as tlsloop_cert_load_file.
 * Returns: 0, or a negative code; |cert| is then untouched.
 * Errors: as tlsloop_cert_load_file, without those of reading files but
 * UV_EFBIG.
 * Owns: the caller owns the reference; give it back with tlsloop_cert_unref.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_cert_load_mem(tlsloop_cert_t** cert,
                                         const void* data,
                                         size_t len,
                                         int encoding);

/* Loads all certificates of |file|, in |encoding|, one of tlsloop_encoding_t,
 * and stores them in their order in |certs|, a new array, and their number, 1
 * or more, in |count|. In DER they are one right after another.
 * Returns: 0, or a negative code; nothing is then stored.
 * Errors: as tlsloop_cert_load_file.
 * Owns: the caller owns the array and a reference to each; give all back with
 * tlsloop_cert_list_free.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_cert_list_load_file(tlsloop_cert_t*** certs,
                                               size_t* count,
                                               const char* file,
                                               int encoding);

/* Loads all certificates in the |len| bytes of |data|, in |encoding|, and
 * stores them in |certs| and their number in |count|, as
 * tlsloop_cert_list_load_file.
 * Returns: 0, or a negative code; nothing is then stored.
 * Errors: as tlsloop_cert_load_mem.
 * Owns: as tlsloop_cert_list_load_file.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_cert_list_load_mem(tlsloop_cert_t*** certs,
                                              size_t* count,
                                              const void* data,
                                              size_t len,
                                              int encoding);

/* Gives back the references to all |count| certificates of |certs| and frees
 * the array. NULL is ignored.
 * Since: 0.1 */
TLSLOOP_EXTERN void tlsloop_cert_list_free(tlsloop_cert_t** certs,
                                           size_t count);

/* Takes one more reference to |cert|. Safe from any thread.
 * Returns: |cert|.
 * Since: 0.1 */
TLSLOOP_EXTERN tlsloop_cert_t* tlsloop_cert_ref(tlsloop_cert_t* cert);

/* Gives one reference to |cert| back and frees it with the last. NULL is
 * ignored. Safe from any thread.
 * Since: 0.1 */
TLSLOOP_EXTERN void tlsloop_cert_unref(tlsloop_cert_t* cert);

/* Whether |a| and |b| are the same certificate, byte for byte.
 * Returns: 1 or 0.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_cert_equal(const tlsloop_cert_t* a,
                                      const tlsloop_cert_t* b);

/* A number to look |cert| up by, for tables: the first 8 bytes of the SHA-256
 * of its DER, most significant first. The same in every process.
 * Returns: that number.
 * Since: 0.1 */
TLSLOOP_EXTERN uint64_t tlsloop_cert_hash(const tlsloop_cert_t* cert);

/* The DER of |cert| (X.690), whose length in bytes is stored in |len|.
 * Returns: the bytes, never NULL.
 * Owns: |cert| owns them.
 * Since: 0.1 */
TLSLOOP_EXTERN const unsigned char* tlsloop_cert_der(const tlsloop_cert_t* cert,
                                                     size_t* len);

/* The PEM of |cert| (RFC 7468), as tlsloop_cert_der_to_pem makes it, stored in
 * |pem|, its length in |len| unless that is NULL.
 * Returns: 0, or a negative code; nothing is then stored.
 * Errors: UV_ENOMEM.
 * Owns: the caller owns |pem|; free it with tlsloop_free.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_cert_to_pem(const tlsloop_cert_t* cert,
                                       char** pem,
                                       size_t* len);

/* What is in |cert| as one line of JSON (RFC 8259), stored in |json|, its
 * length in |len| unless that is NULL. It is the dictionary of Python's
 * SSLSocket.getpeercert, with arrays where that has tuples:
 *
 *     {"subject": [[["commonName", "localhost"]]], "issuer": ...,
 *      "version": 3, "serialNumber": "01",
 *      "notBefore": "Jan  5 09:34:43 2018 GMT", "notAfter": ...,
 *      "subjectAltName": [["DNS", "localhost"], ["DirName", [[[...]]]]],
 *      "OCSP": ["http://..."], "caIssuers": [...],
 *      "crlDistributionPoints": [...]}
 *
 * subjectAltName is there when the certificate has that extension, the three
 * after it when they have a URI. The text is UTF-8 without control
 * characters: those of a value, NUL and U+007F to U+009F included, and the
 * line separators U+2028 and U+2029 are written as \u escapes. A value that is
 * no text, a BIT STRING or invalid UTF-8, is {"bytes": "c3ff"} with its bytes
 * in hexadecimal, so it is never taken for a name.
 * Returns: 0, or a negative code; nothing is then stored.
 * Errors: TLSLOOP_EBADCERT when any of these items is broken; UV_ENOMEM.
 * Owns: the caller owns |json|; free it with tlsloop_free.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_cert_to_json(tlsloop_cert_t* cert,
                                        char** json,
                                        size_t* len);

/* Computes the digest of |cert|'s DER by the algorithm that OpenSSL calls
 * |digest|, such as "SHA256", into |buf|. |len| has the room in |buf| before,
 * in bytes, and the length of the digest after, 64 at most for SHA-2 and
 * SHA-3.
 * Returns: 0, or a negative code.
 * Errors: UV_ENOBUFS when there is not enough room, |len| is then what is
 * needed; UV_ENOTSUP when OpenSSL does not have |digest|; UV_EINVAL for NULL;
 * UV_ENOMEM; TLSLOOP_EOPENSSL.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_cert_fingerprint(const tlsloop_cert_t* cert,
                                            const char* digest,
                                            unsigned char* buf,
                                            size_t* len);

/* The subject of |cert| as one line (RFC 4514, with the most specific part
 * first, such as "CN=localhost,O=Example"). For people: names are compared
 * part by part, with tlsloop_cert_attr.
 * Returns: a NUL-terminated UTF-8 string, or NULL when memory ran out.
 * Owns: |cert| owns the string.
 * Since: 0.1 */
TLSLOOP_EXTERN const char* tlsloop_cert_subject(tlsloop_cert_t* cert);

/* The issuer of |cert|, written like tlsloop_cert_subject.
 * Returns: a NUL-terminated UTF-8 string, or NULL when memory ran out.
 * Owns: |cert| owns the string.
 * Since: 0.1 */
TLSLOOP_EXTERN const char* tlsloop_cert_issuer(tlsloop_cert_t* cert);

/* How many relative distinguished names, in the order of the certificate,
 * |name| of |cert| has: one of tlsloop_cert_name_t, or the index of an
 * alternative name.
 * Returns: 0 or more, or a negative code.
 * Errors: UV_EINVAL when there is no such name; TLSLOOP_EBADCERT; UV_ENOMEM.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_cert_rdn_count(tlsloop_cert_t* cert, int name);

/* How many attributes relative distinguished name number |rdn|, from 0, of
 * |name| of |cert| has; nearly always one.
 * Returns: 1 or more, or a negative code.
 * Errors: as tlsloop_cert_rdn_count; UV_EINVAL also when there is no |rdn|.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_cert_attr_count(tlsloop_cert_t* cert,
                                           int name,
                                           int rdn);

/* Attribute number |attr|, from 0, of relative distinguished name |rdn| of
 * |name| of |cert|: stores what it is, a long name of OpenSSL such as
 * "commonName", or the dotted object identifier when it has none, in |type|;
 * its value in |value|, as UTF-8 whatever the certificate has it in; and the
 * length of that, in bytes, in |len|.
 * Returns: 1; 0 when the value is no text, as that of a BIT STRING, but its
 * bytes as they are; or a negative code, nothing is then stored.
 * Errors: as tlsloop_cert_attr_count; UV_EINVAL also when there is no |attr|.
 * Owns: |cert| owns both.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_cert_attr(tlsloop_cert_t* cert,
                                     int name,
                                     int rdn,
                                     int attr,
                                     const char** type,
                                     const char** value,
                                     size_t* len);

/* The dotted object identifier, such as "2.5.4.3", of attribute |attr| of
 * relative distinguished name |rdn| of |name| of |cert|.
 * Returns: a NUL-terminated string, or NULL where tlsloop_cert_attr fails.
 * Owns: |cert| owns the string.
 * Since: 0.1 */
TLSLOOP_EXTERN const char* tlsloop_cert_attr_oid(tlsloop_cert_t* cert,
                                                 int name,
                                                 int rdn,
                                                 int attr);

/* The version of |cert|: 3 for nearly all that there are (RFC 5280, 4.1.2.1).
 * Returns: 1 or more, or a negative code.
 * Errors: TLSLOOP_EBADCERT when it is below 1 or no int.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_cert_version(const tlsloop_cert_t* cert);

/* The serial number of |cert|: an even number of upper-case hexadecimal
 * digits, "00" for zero, after a "-" when it is negative.
 * Returns: a NUL-terminated string, or NULL when memory ran out.
 * Owns: |cert| owns the string.
 * Since: 0.1 */
TLSLOOP_EXTERN const char* tlsloop_cert_serial(tlsloop_cert_t* cert);

/* When |cert| begins to be valid: stores in |text| what people read, such as
 * "Jan  5 09:34:43 2018 GMT" (OpenSSL, ASN1_TIME_print(3)), and in |seconds|
 * the seconds since 1970 without leap seconds; negative before. Either may be
 * NULL.
 * Returns: 0, or a negative code; nothing is then stored.
 * Errors: TLSLOOP_EBADCERT when it is no time; UV_ENOMEM.
 * Owns: |cert| owns the text.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_cert_not_before(tlsloop_cert_t* cert,
                                           const char** text,
                                           int64_t* seconds);

/* When |cert| ceases to be valid, that second still included: stored in |text|
 * and |seconds| as by tlsloop_cert_not_before.
 * Returns: 0, or a negative code; nothing is then stored.
 * Errors: as tlsloop_cert_not_before.
 * Owns: |cert| owns the text.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_cert_not_after(tlsloop_cert_t* cert,
                                          const char** text,
                                          int64_t* seconds);

/* How many alternative names of its subject |cert| has.
 * Returns: 0 or more, or a negative code.
 * Errors: TLSLOOP_EBADCERT when the extension, or any name in it, is broken,
 * or occurs twice; UV_ENOMEM.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_cert_san_count(tlsloop_cert_t* cert);

/* Alternative name number |index|, from 0, in the order of |cert|: stores the
 * name of its type, such as "DNS", in |type|, its value in |value|, and the
 * length of that, in bytes, in |len|. The value of
 *
 *   - an email, a DNS name or a URI is its bytes as they are: ASCII if it is
 *     what it should be, but a peer can put anything there;
 *   - an IP address is a dotted quad, or eight groups of IPv6 in upper-case
 *     hexadecimal, neither padded nor compressed, "2001:DB8:0:0:0:0:0:1", or
 *     "<invalid>" when it has neither's length;
 *   - a registered ID is a long name of OpenSSL, or its dotted object
 *     identifier when it has none;
 *   - a DirName is a line like tlsloop_cert_subject's; its parts are read by
 *     |index| with tlsloop_cert_attr;
 *   - all others is what OpenSSL says (GENERAL_NAME_print), such as
 *     "UPN:user@example" or "<unsupported>", which is also what becomes of a
 *     text with a NUL in it.
 *
 * Returns: one of tlsloop_san_type_t, or a negative code; nothing is then
 * stored.
 * Errors: as tlsloop_cert_san_count; UV_EINVAL when there is no |index|.
 * Owns: |cert| owns both.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_cert_san(tlsloop_cert_t* cert,
                                    int index,
                                    const char** type,
                                    const char** value,
                                    size_t* len);

/* The dotted object identifier of alternative name number |index| of |cert|,
 * if that is a registered ID, or the type of an otherName.
 * Returns: a NUL-terminated string; NULL for the other types, and where
 * tlsloop_cert_san fails.
 * Owns: |cert| owns the string.
 * Since: 0.1 */
TLSLOOP_EXTERN const char* tlsloop_cert_san_oid(tlsloop_cert_t* cert,
                                                int index);

/* How many URIs of |kind|, one of tlsloop_cert_uri_kind_t, |cert| has.
 * Returns: 0 or more, or a negative code.
 * Errors: UV_EINVAL for another |kind|; TLSLOOP_EBADCERT when the extension
 * that has them is broken or occurs twice; UV_ENOMEM.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_cert_uri_count(tlsloop_cert_t* cert, int kind);

/* URI number |index|, from 0, of |kind| of |cert|: stores its bytes, as they
 * are, in |uri|, and their number in |len|.
 * Returns: 0, or a negative code; nothing is then stored.
 * Errors: as tlsloop_cert_uri_count; UV_EINVAL also when there is no |index|.
 * Owns: |cert| owns the bytes.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_cert_uri(tlsloop_cert_t* cert,
                                    int kind,
                                    int index,
                                    const char** uri,
                                    size_t* len);

/* Reads the |len| bytes of |text|, a time as tlsloop_cert_not_before writes
 * it, such as "Jan  5 09:34:43 2018 GMT", and stores the seconds since 1970,
 * without leap seconds, in |seconds|. Neither the time zone nor the locale of
 * the process matters. As in Python's cert_time_to_seconds, month and GMT may
 * be in any case, between the parts may be any white space of ASCII, numbers
 * but the year's four digits may lack their leading zero, a day that the month
 * does not have is one of the next month, and 60 and 61 are seconds too.
 * Returns: 0, or a negative code; |seconds| is then untouched.
 * Errors: UV_EINVAL for anything else.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_cert_time_to_seconds(const char* text,
                                                size_t len,
                                                int64_t* seconds);

/* Encodes the |der_len| bytes of |der|, whatever they are, as the PEM of a
 * certificate: base64 in lines of 64, the last as long as needed, between the
 * two marks. Stores the text in |pem|, its length in |pem_len| unless that is
 * NULL.
 * Returns: 0, or a negative code; nothing is then stored.
 * Errors: UV_EINVAL when |der| is NULL but has bytes; UV_ENOMEM.
 * Owns: the caller owns |pem|; free it with tlsloop_free.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_cert_der_to_pem(const void* der,
                                           size_t der_len,
                                           char** pem,
                                           size_t* pem_len);

/* Decodes the |pem_len| bytes of |pem|, ASCII that begins with
 * tlsloop_cert_pem_header and ends with tlsloop_cert_pem_footer, but for white
 * space after it. Stores what it encodes, which need be no certificate, in
 * |der|, its length in |der_len|. Between the marks characters that base64
 * does not have are ignored, and so is what follows its padding: this decodes
 * one certificate, it does not look for more.
 * Returns: 0, or a negative code; nothing is then stored.
 * Errors: TLSLOOP_EBADCERT when a mark is missing, a byte is not ASCII, or the
 * base64 is incomplete; UV_EINVAL for NULL; UV_ENOMEM.
 * Owns: the caller owns |der|; free it with tlsloop_free.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_cert_pem_to_der(const char* pem,
                                           size_t pem_len,
                                           unsigned char** der,
                                           size_t* der_len);

/* The line before a certificate in PEM.
 * Returns: "-----BEGIN CERTIFICATE-----".
 * Since: 0.1 */
TLSLOOP_EXTERN const char* tlsloop_cert_pem_header(void);

/* The line after a certificate in PEM.
 * Returns: "-----END CERTIFICATE-----".
 * Since: 0.1 */
TLSLOOP_EXTERN const char* tlsloop_cert_pem_footer(void);

#ifdef __cplusplus
}
#endif

#endif /* TLSLOOP_CERT_H */
