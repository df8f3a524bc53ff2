/* SPDX-License-Identifier: MIT */

/* Read-cert: asks a certificate everything there is to be asked. */

#include "support/read-cert.h"

#include <check.h>
#include <openssl/err.h>
#include <string.h>

#include "tlsloop/errno.h"


/* A count of a broken item is TLSLOOP_EBADCERT, and there is nothing in it. */
static int known_count(int count) {
  ck_assert(count >= 0 || count == TLSLOOP_EBADCERT);
  return count;
}


static void read_name(tlsloop_cert_t* cert, int name) {
  const char* value;
  const char* type;
  size_t len;
  int attr;
  int rdn;

  for (rdn = known_count(tlsloop_cert_rdn_count(cert, name)) - 1; rdn >= 0;
       rdn--) {
    attr = tlsloop_cert_attr_count(cert, name, rdn);
    ck_assert_int_ge(attr, 1);
    for (attr--; attr >= 0; attr--) {
      ck_assert_int_ge(
          tlsloop_cert_attr(cert, name, rdn, attr, &type, &value, &len), 0);
      ck_assert_int_eq(value[len], '\0');
      ck_assert_uint_gt(strlen(type), 0);
      ck_assert_ptr_nonnull(tlsloop_cert_attr_oid(cert, name, rdn, attr));
    }
  }
}


static void read_sans(tlsloop_cert_t* cert) {
  const char* value;
  const char* type;
  size_t len;
  int kind;
  int i;

  for (i = known_count(tlsloop_cert_san_count(cert)) - 1; i >= 0; i--) {
    kind = tlsloop_cert_san(cert, i, &type, &value, &len);
    ck_assert(kind >= TLSLOOP_SAN_OTHERNAME && kind <= TLSLOOP_SAN_RID);
    ck_assert_int_eq(value[len], '\0');
    ck_assert_uint_gt(strlen(type), 0);
    if (kind == TLSLOOP_SAN_DIRNAME)
      read_name(cert, i);
  }
}


static void read_uris(tlsloop_cert_t* cert) {
  const char* uri;
  size_t len;
  int kind;
  int i;

  for (kind = TLSLOOP_CERT_URI_OCSP; kind <= TLSLOOP_CERT_URI_CRL; kind++) {
    for (i = known_count(tlsloop_cert_uri_count(cert, kind)) - 1; i >= 0; i--) {
      ck_assert_int_eq(tlsloop_cert_uri(cert, kind, i, &uri, &len), 0);
      ck_assert_int_eq(uri[len], '\0');
    }
  }
}


/* JSON is plain text whatever a peer has put into its certificate. */
static void read_json(tlsloop_cert_t* cert) {
  char* json;
  size_t len;
  size_t i;
  int ret;

  ret = tlsloop_cert_to_json(cert, &json, &len);
  ck_assert(ret == 0 || ret == TLSLOOP_EBADCERT);
  if (ret != 0)
    return;
  ck_assert_uint_eq(strlen(json), len);
  for (i = 0; i < len; i++)
    ck_assert_uint_ge((unsigned char) json[i], 0x20);
  tlsloop_free(json);
}


void read_cert(tlsloop_cert_t* cert) {
  const char* text;
  int64_t seconds;
  int ret;

  read_name(cert, TLSLOOP_CERT_SUBJECT);
  read_name(cert, TLSLOOP_CERT_ISSUER);
  read_sans(cert);
  read_uris(cert);
  read_json(cert);
  ck_assert_ptr_nonnull(tlsloop_cert_subject(cert));
  ck_assert_ptr_nonnull(tlsloop_cert_issuer(cert));
  ck_assert_ptr_nonnull(tlsloop_cert_serial(cert));
  ret = tlsloop_cert_version(cert);
  ck_assert(ret >= 1 || ret == TLSLOOP_EBADCERT);
  ret = tlsloop_cert_not_before(cert, &text, &seconds);
  ck_assert(ret == 0 || ret == TLSLOOP_EBADCERT);
  ret = tlsloop_cert_not_after(cert, &text, &seconds);
  ck_assert(ret == 0 || ret == TLSLOOP_EBADCERT);
  ck_assert_uint_eq(ERR_peek_error(), 0);
}


int try_cert(const void* der, size_t len) {
  tlsloop_cert_t* cert;
  int ret;

  ret = tlsloop_cert_load_mem(&cert, der, len, TLSLOOP_ENCODING_DER);
  ck_assert_uint_eq(ERR_peek_error(), 0);
  if (ret != 0) {
    ck_assert_int_eq(ret, TLSLOOP_EBADCERT);
    return 0;
  }
  read_cert(cert);
  tlsloop_cert_unref(cert);
  return 1;
}
