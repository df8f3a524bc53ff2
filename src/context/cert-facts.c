/* SPDX-License-Identifier: MIT */

/* Cert-facts: reads all that is in a certificate at once. That is cheap, and
 * spares each item a lock or a flag of its own: there is one pointer, and who
 * is first sets it. */

#include "context/cert-facts.h"

#include <limits.h>
#include <openssl/objects.h>
#include <stdlib.h>
#include <uv/errno.h>

#include "engine/ossl.h"


int tlsloop__cert_copy(tlsloop__arena_t* arena,
                       tlsloop__text_t* text,
                       const ASN1_STRING* string) {
  text->len = (size_t) ASN1_STRING_length(string);
  text->data =
      tlsloop__arena_copy(arena, ASN1_STRING_get0_data(string), text->len);
  return text->data == NULL ? UV__ENOMEM : 0;
}


int tlsloop__cert_object(tlsloop__arena_t* arena,
                         const char** text,
                         const ASN1_OBJECT* object,
                         int dotted) {
  char* made;
  int len;

  len = OBJ_obj2txt(NULL, 0, object, dotted);
  if (len < 0)
    return tlsloop__cert_fail(TLSLOOP_EBADCERT);
  made = tlsloop__arena_alloc(arena, (size_t) len + 1, 1);
  if (made == NULL)
    return UV__ENOMEM;
  if (OBJ_obj2txt(made, len + 1, object, dotted) != len)
    return tlsloop__cert_fail(TLSLOOP_EBADCERT);
  *text = made;
  return 0;
}


/* Like i2a_ASN1_INTEGER, which breaks long ones into lines. */
static int read_serial(tlsloop__cert_facts_t* facts, const X509* x509) {
  static const char digits[] = "0123456789ABCDEF";
  const ASN1_INTEGER* serial;
  const unsigned char* data;
  char* text;
  char* p;
  int len;
  int i;

  serial = X509_get0_serialNumber(x509);
  data = ASN1_STRING_get0_data(serial);
  len = ASN1_STRING_length(serial);
  text = tlsloop__arena_alloc(&facts->arena, 2 * (size_t) len + 4, 1);
  if (text == NULL)
    return UV__ENOMEM;

  p = text;
  if ((ASN1_STRING_type(serial) & V_ASN1_NEG) != 0)
    *p++ = '-';
  for (i = 0; i < len; i++) {
    *p++ = digits[data[i] >> 4];
    *p++ = digits[data[i] & 0xf];
  }
  if (len == 0) {
    *p++ = '0';
    *p++ = '0';
  }
  facts->serial = text;
  return 0;
}


static tlsloop__cert_facts_t* read_facts(const X509* x509) {
  tlsloop__cert_facts_t* facts;
  int err;

  facts = calloc(1, sizeof(*facts));
  if (facts == NULL)
    return NULL;

  tlsloop__ossl_begin();
  err = tlsloop__cert_read_names(facts, x509);
  if (err == 0)
    err = read_serial(facts, x509);
  if (err == 0)
    err = tlsloop__cert_read_times(facts, x509);
  if (err == 0)
    err = tlsloop__cert_read_sans(facts, x509);
  if (err == 0)
    err = tlsloop__cert_read_uris(facts, x509);
  tlsloop__ossl_end();
  if (err == 0)
    return facts;
  tlsloop__cert_facts_free(facts);
  return NULL;
}


const tlsloop__cert_facts_t* tlsloop__cert_facts(tlsloop_cert_t* cert) {
  tlsloop__cert_facts_t* first;
  tlsloop__cert_facts_t* made;

  first = atomic_load(&cert->facts);
  if (first != NULL)
    return first;

  made = read_facts(cert->x509);
  if (made == NULL)
    return NULL;
  if (atomic_compare_exchange_strong(&cert->facts, &first, made))
    return made;
  tlsloop__cert_facts_free(made);
  return first;
}


void tlsloop__cert_facts_free(tlsloop__cert_facts_t* facts) {
  if (facts == NULL)
    return;
  tlsloop__arena_clear(&facts->arena);
  free(facts);
}


const char* tlsloop_cert_serial(tlsloop_cert_t* cert) {
  const tlsloop__cert_facts_t* facts;

  facts = tlsloop__cert_facts(cert);
  return facts == NULL ? NULL : facts->serial;
}


int tlsloop_cert_version(const tlsloop_cert_t* cert) {
  long version;

  version = X509_get_version(cert->x509);
  if (version < 0 || version >= INT_MAX)
    return TLSLOOP_EBADCERT;
  return (int) version + 1;
}
