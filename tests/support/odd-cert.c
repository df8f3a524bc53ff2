/* SPDX-License-Identifier: MIT */

/* Odd-cert: changes a certificate right before it is signed. */

#include "support/odd-cert.h"

#include <check.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>


X509_NAME* odd_name(const odd_part_t* parts) {
  const odd_part_t* part;
  X509_NAME* name;

  name = X509_NAME_new();
  ck_assert_ptr_nonnull(name);
  for (part = parts; part->field != NULL; part++)
    ck_assert_int_eq(
        X509_NAME_add_entry_by_txt(name,
                                   part->field,
                                   part->type,
                                   (const unsigned char*) part->value,
                                   part->len,
                                   -1,
                                   part->set),
        1);
  return name;
}


static void set_subject(X509* x509, const odd_part_t* parts) {
  X509_NAME* name;

  if (parts == NULL)
    return;
  name = odd_name(parts);
  ck_assert_int_eq(X509_set_subject_name(x509, name), 1);
  X509_NAME_free(name);
}


static void add_extension(X509* x509, const odd_cert_t* odd) {
  X509_EXTENSION* extension;
  ASN1_OCTET_STRING* value;

  if (odd->nid == 0)
    return;
  value = ASN1_OCTET_STRING_new();
  ck_assert_ptr_nonnull(value);
  ck_assert_int_eq(ASN1_OCTET_STRING_set(value, odd->der, odd->der_len), 1);
  extension = X509_EXTENSION_create_by_NID(NULL, odd->nid, 0, value);
  ck_assert_ptr_nonnull(extension);
  ck_assert_int_eq(X509_add_ext(x509, extension, -1), 1);
  if (odd->again)
    ck_assert_int_eq(X509_add_ext(x509, extension, -1), 1);
  X509_EXTENSION_free(extension);
  ASN1_OCTET_STRING_free(value);
}


/* Not with ASN1_TIME_set_string, which takes only times. */
static void set_time(ASN1_TIME* time, const char* text, int type) {
  if (text == NULL)
    return;
  ck_assert_int_eq(ASN1_STRING_set(time, text, -1), 1);
  time->type = type;
}


static void set_serial(X509* x509, const odd_cert_t* odd) {
  ASN1_INTEGER* serial;

  if (odd->serial == NULL)
    return;
  serial = X509_get_serialNumber(x509);
  ck_assert_int_eq(ASN1_STRING_set(serial, odd->serial, odd->serial_len), 1);
  serial->type = odd->negative ? V_ASN1_NEG_INTEGER : V_ASN1_INTEGER;
}


static void tweak(X509* x509, void* arg) {
  const odd_cert_t* odd = arg;

  set_subject(x509, odd->subject);
  add_extension(x509, odd);
  set_time(X509_getm_notBefore(x509), odd->before, odd->time_type);
  set_time(X509_getm_notAfter(x509), odd->after, odd->time_type);
  set_serial(x509, odd);
  if (odd->no_version || odd->version != 0)
    ck_assert_int_eq(X509_set_version(x509, odd->version), 1);
}


pki_cert_t* odd_make(pki_t* pki, const odd_cert_t* odd) {
  odd_cert_t copy = *odd;
  pki_opts_t opts;

  memset(&opts, 0, sizeof(opts));
  opts.san = "";
  opts.tweak = tweak;
  opts.arg = &copy;
  return pki_make(pki, &opts);
}


pki_cert_t* odd_named(pki_t* pki, int tag, const char* name, size_t len) {
  unsigned char der[104];
  const odd_cert_t odd = {
      .nid = NID_subject_alt_name, .der = der, .der_len = (int) len + 4};

  ck_assert_uint_le(len, sizeof(der) - 4);
  der[0] = 0x30;
  der[1] = (unsigned char) (len + 2);
  der[2] = (unsigned char) (0x80 | tag);
  der[3] = (unsigned char) len;
  memcpy(der + 4, name, len);
  return odd_make(pki, &odd);
}


tlsloop_cert_t* odd_load(const pki_cert_t* made) {
  tlsloop_cert_t* cert;

  ck_assert_int_eq(
      tlsloop_cert_load_mem(
          &cert, made->der.data, made->der.len, TLSLOOP_ENCODING_DER),
      0);
  ck_assert_uint_eq(ERR_peek_error(), 0);
  return cert;
}


tlsloop_cert_t* odd_cert(pki_t* pki, const odd_cert_t* odd) {
  return odd_load(odd_make(pki, odd));
}
