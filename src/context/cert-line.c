/* SPDX-License-Identifier: MIT */

/* Cert-line: the names of a certificate as lines for people. */

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <stdlib.h>
#include <string.h>
#include <uv/errno.h>

#include "context/cert.h"
#include "engine/ossl.h"

/* RFC 2253 and 4514, but UTF-8 stays as it is. */
#define NAME_FLAGS (XN_FLAG_RFC2253 & ~(unsigned long) ASN1_STRFLGS_ESC_MSB)

/* RFC 4514, 2.4: a value that is no text is "#" and its DER in hexadecimal. */
#define HEX_FLAGS (NAME_FLAGS | ASN1_STRFLGS_DUMP_ALL | ASN1_STRFLGS_DUMP_DER)

typedef _Atomic(char*) late_text_t;


/* What |bio| holds, as a string for the caller to free. */
static char* take_string(BIO* bio) {
  char* string;
  char* data;
  long len;

  len = BIO_get_mem_data(bio, &data);
  string = malloc((size_t) len + 1);
  if (string == NULL)
    return NULL;
  if (len > 0)
    memcpy(string, data, (size_t) len);
  string[len] = '\0';
  return string;
}


/* A peer can send a name that breaks its own encoding; that one is shown in
 * hexadecimal, but not one that there was only no memory for. */
char* tlsloop__cert_line(const X509_NAME* name) {
  char* string;
  BIO* bio;
  int len;

  tlsloop__ossl_begin();
  bio = BIO_new(BIO_s_mem());
  string = NULL;
  if (bio != NULL) {
    len = X509_NAME_print_ex(bio, name, 0, NAME_FLAGS);
    if (len < 0 && tlsloop__cert_fail(TLSLOOP_EBADCERT) != UV__ENOMEM &&
        BIO_reset(bio) == 1)
      len = X509_NAME_print_ex(bio, name, 0, HEX_FLAGS);
    if (len >= 0)
      string = take_string(bio);
  }
  BIO_free(bio);
  tlsloop__ossl_end();
  return string;
}


static const char* get_late(late_text_t* text, const X509_NAME* name) {
  char* made;
  char* first;

  first = atomic_load(text);
  if (first != NULL)
    return first;

  made = tlsloop__cert_line(name);
  if (made == NULL)
    return NULL;
  if (atomic_compare_exchange_strong(text, &first, made))
    return made;
  free(made);
  return first;
}


const char* tlsloop_cert_subject(tlsloop_cert_t* cert) {
  return get_late(&cert->subject, X509_get_subject_name(cert->x509));
}


const char* tlsloop_cert_issuer(tlsloop_cert_t* cert) {
  return get_late(&cert->issuer, X509_get_issuer_name(cert->x509));
}
