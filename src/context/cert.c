/* SPDX-License-Identifier: MIT */

/* Cert: a certificate as the application sees it. Nothing in it changes once
 * it can be seen, so it needs no lock: what is worked out late is put in place
 * by whoever is first. */

#include "context/cert.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/x509.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <uv/errno.h>

#include "engine/ossl.h"

/* RFC 2253 and 4514, but UTF-8 stays as it is. */
#define NAME_FLAGS (XN_FLAG_RFC2253 & ~(unsigned long) ASN1_STRFLGS_ESC_MSB)

typedef _Atomic(char*) late_text_t;

struct tlsloop_cert_s {
  X509* x509;
  late_text_t subject;
  late_text_t issuer;
  atomic_uint refs;
};


int tlsloop__cert_new(tlsloop_cert_t** cert, X509* x509) {
  tlsloop_cert_t* made;

  made = malloc(sizeof(*made));
  if (made == NULL) {
    X509_free(x509);
    return UV__ENOMEM;
  }

  made->x509 = x509;
  atomic_init(&made->subject, NULL);
  atomic_init(&made->issuer, NULL);
  atomic_init(&made->refs, 1);
  *cert = made;
  return 0;
}


tlsloop_cert_t* tlsloop_cert_ref(tlsloop_cert_t* cert) {
  atomic_fetch_add_explicit(&cert->refs, 1, memory_order_relaxed);
  return cert;
}


void tlsloop_cert_unref(tlsloop_cert_t* cert) {
  if (cert == NULL)
    return;
  if (atomic_fetch_sub_explicit(&cert->refs, 1, memory_order_acq_rel) != 1)
    return;
  X509_free(cert->x509);
  free(atomic_load(&cert->subject));
  free(atomic_load(&cert->issuer));
  free(cert);
}


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


/* |name| as one line, for the caller to free. A name that cannot be shown did
 * not come through the decoder, so only memory can fail. */
static char* describe(const X509_NAME* name) {
  char* string;
  BIO* bio;

  tlsloop__ossl_begin();
  bio = BIO_new(BIO_s_mem());
  string = NULL;
  if (bio != NULL && X509_NAME_print_ex(bio, name, 0, NAME_FLAGS) >= 0)
    string = take_string(bio);
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

  made = describe(name);
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
