/* SPDX-License-Identifier: MIT */

/* Cert-san: the alternative names of a certificate's subject (RFC 5280,
 * 4.2.1.6), in the words of Python's ssl module. What a peer can choose is
 * taken with its length: a NUL in a name must not hide what follows. */

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv/errno.h>

#include "context/cert-facts.h"
#include "engine/ossl.h"


static int set_value(tlsloop__arena_t* arena,
                     tlsloop__san_t* san,
                     const char* value,
                     size_t len) {
  san->value.data = tlsloop__arena_copy(arena, value, len);
  san->value.len = len;
  return san->value.data == NULL ? UV__ENOMEM : 0;
}


static int read_string(tlsloop__arena_t* arena,
                       tlsloop__san_t* san,
                       const char* type,
                       const ASN1_STRING* value) {
  san->type = type;
  return tlsloop__cert_copy(arena, &san->value, value);
}


static int read_dir_name(tlsloop__arena_t* arena,
                         tlsloop__san_t* san,
                         const X509_NAME* name) {
  char* line;
  int err;

  san->type = "DirName";
  err = tlsloop__cert_read_name(arena, &san->name, name);
  if (err == 0)
    err = san->name.err;
  if (err != 0)
    return err;

  line = tlsloop__cert_line(name);
  if (line == NULL)
    return UV__ENOMEM;
  err = set_value(arena, san, line, strlen(line));
  free(line);
  return err;
}


static int read_rid(tlsloop__arena_t* arena,
                    tlsloop__san_t* san,
                    const ASN1_OBJECT* rid) {
  int err;

  san->type = "Registered ID";
  err = tlsloop__cert_object(arena, &san->oid, rid, 1);
  if (err == 0)
    err = tlsloop__cert_object(arena, &san->value.data, rid, 0);
  if (err == 0)
    san->value.len = strlen(san->value.data);
  return err;
}


static int read_ip(tlsloop__arena_t* arena,
                   tlsloop__san_t* san,
                   const ASN1_OCTET_STRING* ip) {
  const unsigned char* p;
  char text[48];
  int len;

  san->type = "IP Address";
  p = ASN1_STRING_get0_data(ip);
  if (ASN1_STRING_length(ip) == 4)
    len = snprintf(text, sizeof(text), "%d.%d.%d.%d", p[0], p[1], p[2], p[3]);
  else if (ASN1_STRING_length(ip) == 16)
    len = snprintf(text,
                   sizeof(text),
                   "%X:%X:%X:%X:%X:%X:%X:%X",
                   p[0] << 8 | p[1],
                   p[2] << 8 | p[3],
                   p[4] << 8 | p[5],
                   p[6] << 8 | p[7],
                   p[8] << 8 | p[9],
                   p[10] << 8 | p[11],
                   p[12] << 8 | p[13],
                   p[14] << 8 | p[15]);
  else
    len = snprintf(text, sizeof(text), "<invalid>");
  return set_value(arena, san, text, (size_t) len);
}


/* Splits what OpenSSL prints for |from|, "type:value". */
static int split(tlsloop__arena_t* arena, tlsloop__san_t* san, BIO* bio) {
  const char* colon;
  char* data;
  long len;

  len = BIO_get_mem_data(bio, &data);
  colon = len > 0 ? memchr(data, ':', (size_t) len) : NULL;
  if (colon == NULL)
    return TLSLOOP_EBADCERT;
  san->type = tlsloop__arena_copy(arena, data, (size_t) (colon - data));
  if (san->type == NULL)
    return UV__ENOMEM;
  return set_value(arena, san, colon + 1, (size_t) (data + len - colon - 1));
}


/* |from| is const to OpenSSL too, though it does not say so. */
static int print(tlsloop__arena_t* arena,
                 tlsloop__san_t* san,
                 GENERAL_NAME* from) {
  BIO* bio;
  int err;

  bio = BIO_new(BIO_s_mem());
  if (bio == NULL)
    return UV__ENOMEM;
  tlsloop__ossl_begin();
  /* It returns success even when it could not write. */
  if (!GENERAL_NAME_print(bio, from) || ERR_peek_error() != 0)
    err = tlsloop__cert_fail(TLSLOOP_EBADCERT);
  else
    err = split(arena, san, bio);
  BIO_free(bio);
  return err;
}


static int has_nul(const ASN1_TYPE* value) {
  const ASN1_STRING* string;

  if (value->type != V_ASN1_UTF8STRING && value->type != V_ASN1_IA5STRING)
    return 0;
  string = value->value.asn1_string;
  return ASN1_STRING_length(string) > 0 &&
         memchr(ASN1_STRING_get0_data(string),
                '\0',
                (size_t) ASN1_STRING_length(string)) != NULL;
}


/* OpenSSL prints a text only up to a NUL. */
static int read_other_name(tlsloop__arena_t* arena,
                           tlsloop__san_t* san,
                           GENERAL_NAME* from) {
  static const char unsupported[] = "<unsupported>";
  int err;

  err = tlsloop__cert_object(arena, &san->oid, from->d.otherName->type_id, 1);
  if (err != 0)
    return err;
  if (!has_nul(from->d.otherName->value))
    return print(arena, san, from);
  san->type = "othername";
  return set_value(arena, san, unsupported, sizeof(unsupported) - 1);
}


static int read_san(tlsloop__arena_t* arena,
                    tlsloop__san_t* san,
                    GENERAL_NAME* from) {
  san->kind = from->type;
  switch (from->type) {
    case GEN_EMAIL:
      return read_string(arena, san, "email", from->d.rfc822Name);
    case GEN_DNS:
      return read_string(arena, san, "DNS", from->d.dNSName);
    case GEN_URI:
      return read_string(arena, san, "URI", from->d.uniformResourceIdentifier);
    case GEN_DIRNAME:
      return read_dir_name(arena, san, from->d.directoryName);
    case GEN_RID:
      return read_rid(arena, san, from->d.registeredID);
    case GEN_IPADD:
      return read_ip(arena, san, from->d.iPAddress);
    case GEN_OTHERNAME:
      return read_other_name(arena, san, from);
    default:
      return print(arena, san, from);
  }
}


static int read_all(tlsloop__arena_t* arena,
                    tlsloop__sans_t* sans,
                    const GENERAL_NAMES* names) {
  int count;
  int err;
  int i;

  count = sk_GENERAL_NAME_num(names);
  sans->items =
      tlsloop__arena_alloc(arena, (size_t) count, sizeof(*sans->items));
  if (sans->items == NULL)
    return UV__ENOMEM;
  for (i = 0; i < count; i++) {
    err = read_san(arena, &sans->items[i], sk_GENERAL_NAME_value(names, i));
    if (err != 0)
      return err;
  }
  sans->count = count;
  return 0;
}


int tlsloop__cert_read_sans(tlsloop__cert_facts_t* facts, const X509* x509) {
  GENERAL_NAMES* names;
  int critical;
  int err;

  names = X509_get_ext_d2i(x509, NID_subject_alt_name, &critical, NULL);
  if (names == NULL && critical == -1)
    return 0;

  facts->sans.present = 1;
  if (names == NULL)
    err = tlsloop__cert_fail(TLSLOOP_EBADCERT);
  else
    err = read_all(&facts->arena, &facts->sans, names);
  GENERAL_NAMES_free(names);
  if (err == 0 || err == UV__ENOMEM)
    return err;
  facts->sans = (tlsloop__sans_t){NULL, 0, 1, err};
  return 0;
}


int tlsloop_cert_san_count(tlsloop_cert_t* cert) {
  const tlsloop__cert_facts_t* facts;

  facts = tlsloop__cert_facts(cert);
  if (facts == NULL)
    return UV__ENOMEM;
  return facts->sans.err != 0 ? facts->sans.err : facts->sans.count;
}


static int find_san(tlsloop_cert_t* cert,
                    int index,
                    const tlsloop__san_t** found) {
  int count;

  count = tlsloop_cert_san_count(cert);
  if (count < 0)
    return count;
  if (index < 0 || index >= count)
    return UV__EINVAL;
  *found = &tlsloop__cert_facts(cert)->sans.items[index];
  return 0;
}


int tlsloop_cert_san(tlsloop_cert_t* cert,
                     int index,
                     const char** type,
                     const char** value,
                     size_t* len) {
  const tlsloop__san_t* san;
  int err;

  err = find_san(cert, index, &san);
  if (err != 0)
    return err;
  *type = san->type;
  *value = san->value.data;
  *len = san->value.len;
  return san->kind;
}


const char* tlsloop_cert_san_oid(tlsloop_cert_t* cert, int index) {
  const tlsloop__san_t* san;

  return find_san(cert, index, &san) == 0 ? san->oid : NULL;
}
