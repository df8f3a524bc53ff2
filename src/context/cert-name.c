/* SPDX-License-Identifier: MIT */

/* Cert-name: the parts of the names in a certificate. A name is a list of
 * relative distinguished names, each a set of attributes; nearly every set has
 * one (RFC 5280, 4.1.2.4). */

#include <openssl/asn1.h>
#include <openssl/x509.h>
#include <uv/errno.h>

#include "context/cert-facts.h"


/* Whether |string| is of a type that OpenSSL knows as characters. */
static int is_char_string(const ASN1_STRING* string) {
  switch (ASN1_STRING_type(string)) {
    case V_ASN1_UTF8STRING:
    case V_ASN1_NUMERICSTRING:
    case V_ASN1_PRINTABLESTRING:
    case V_ASN1_T61STRING:
    case V_ASN1_IA5STRING:
    case V_ASN1_VISIBLESTRING:
    case V_ASN1_UNIVERSALSTRING:
    case V_ASN1_BMPSTRING:
    case V_ASN1_UTCTIME:
    case V_ASN1_GENERALIZEDTIME:
      return 1;
    default:
      return 0;
  }
}


static int read_value(tlsloop__arena_t* arena,
                      tlsloop__attr_t* attr,
                      const ASN1_STRING* value) {
  unsigned char* utf8;
  int len;

  attr->is_text = is_char_string(value);
  if (!attr->is_text)
    return tlsloop__cert_copy(arena, &attr->value, value);

  utf8 = NULL;
  len = ASN1_STRING_to_UTF8(&utf8, value);
  if (len < 0)
    return tlsloop__cert_fail(TLSLOOP_EBADCERT);
  attr->value.len = (size_t) len;
  attr->value.data = tlsloop__arena_copy(arena, utf8, attr->value.len);
  OPENSSL_free(utf8);
  return attr->value.data == NULL ? UV__ENOMEM : 0;
}


static int read_attr(tlsloop__arena_t* arena,
                     tlsloop__attr_t* attr,
                     const X509_NAME_ENTRY* entry) {
  const ASN1_OBJECT* object;
  int err;

  object = X509_NAME_ENTRY_get_object(entry);
  err = tlsloop__cert_object(arena, &attr->oid, object, 1);
  if (err == 0)
    err = tlsloop__cert_object(arena, &attr->type, object, 0);
  if (err == 0)
    err = read_value(arena, attr, X509_NAME_ENTRY_get_data(entry));
  return err;
}


/* How many entries of |from|, from |at| on, are in one set. */
static int set_size(const X509_NAME* from, int at) {
  int size;
  int set;

  set = X509_NAME_ENTRY_set(X509_NAME_get_entry(from, at));
  for (size = 1; at + size < X509_NAME_entry_count(from); size++) {
    if (X509_NAME_ENTRY_set(X509_NAME_get_entry(from, at + size)) != set)
      break;
  }
  return size;
}


static int read_rdn(tlsloop__arena_t* arena,
                    tlsloop__rdn_t* rdn,
                    const X509_NAME* from,
                    int at) {
  int err;
  int i;

  rdn->count = set_size(from, at);
  rdn->attrs =
      tlsloop__arena_alloc(arena, (size_t) rdn->count, sizeof(*rdn->attrs));
  err = rdn->attrs == NULL ? UV__ENOMEM : 0;
  for (i = 0; i < rdn->count && err == 0; i++)
    err = read_attr(arena, &rdn->attrs[i], X509_NAME_get_entry(from, at + i));
  return err;
}


static int read_rdns(tlsloop__arena_t* arena,
                     tlsloop__name_t* name,
                     const X509_NAME* from) {
  int entries;
  int count;
  int err;
  int at;

  entries = X509_NAME_entry_count(from);
  if (entries <= 0)
    return 0;

  name->rdns =
      tlsloop__arena_alloc(arena, (size_t) entries, sizeof(*name->rdns));
  if (name->rdns == NULL)
    return UV__ENOMEM;
  count = 0;
  for (at = 0; at < entries; at += name->rdns[count++].count) {
    err = read_rdn(arena, &name->rdns[count], from, at);
    if (err != 0)
      return err;
  }
  name->count = count;
  return 0;
}


int tlsloop__cert_read_name(tlsloop__arena_t* arena,
                            tlsloop__name_t* name,
                            const X509_NAME* from) {
  int err;

  err = read_rdns(arena, name, from);
  if (err == 0 || err == UV__ENOMEM)
    return err;
  *name = (tlsloop__name_t){NULL, 0, err};
  return 0;
}


int tlsloop__cert_read_names(tlsloop__cert_facts_t* facts, const X509* x509) {
  int err;

  err = tlsloop__cert_read_name(
      &facts->arena, &facts->subject, X509_get_subject_name(x509));
  if (err == 0)
    err = tlsloop__cert_read_name(
        &facts->arena, &facts->issuer, X509_get_issuer_name(x509));
  return err;
}


/* The name of |facts| that |name| is: one of tlsloop_cert_name_t or the index
 * of an alternative name. */
static int find_name(const tlsloop__cert_facts_t* facts,
                     int name,
                     const tlsloop__name_t** found) {
  const tlsloop__sans_t* sans;

  sans = &facts->sans;
  if (name == TLSLOOP_CERT_SUBJECT)
    *found = &facts->subject;
  else if (name == TLSLOOP_CERT_ISSUER)
    *found = &facts->issuer;
  else if (name >= 0 && sans->err != 0)
    return sans->err;
  else if (name >= 0 && name < sans->count &&
           sans->items[name].kind == TLSLOOP_SAN_DIRNAME)
    *found = &sans->items[name].name;
  else
    return UV__EINVAL;
  return (*found)->err;
}


static int find_rdn(tlsloop_cert_t* cert,
                    int name,
                    int rdn,
                    const tlsloop__rdn_t** found) {
  const tlsloop__cert_facts_t* facts;
  const tlsloop__name_t* in;
  int err;

  facts = tlsloop__cert_facts(cert);
  if (facts == NULL)
    return UV__ENOMEM;
  err = find_name(facts, name, &in);
  if (err != 0)
    return err;
  if (rdn < 0 || rdn >= in->count)
    return UV__EINVAL;
  *found = &in->rdns[rdn];
  return 0;
}


static int find_attr(tlsloop_cert_t* cert,
                     int name,
                     int rdn,
                     int attr,
                     const tlsloop__attr_t** found) {
  const tlsloop__rdn_t* in;
  int err;

  err = find_rdn(cert, name, rdn, &in);
  if (err != 0)
    return err;
  if (attr < 0 || attr >= in->count)
    return UV__EINVAL;
  *found = &in->attrs[attr];
  return 0;
}


int tlsloop_cert_rdn_count(tlsloop_cert_t* cert, int name) {
  const tlsloop__cert_facts_t* facts;
  const tlsloop__name_t* found;
  int err;

  facts = tlsloop__cert_facts(cert);
  if (facts == NULL)
    return UV__ENOMEM;
  err = find_name(facts, name, &found);
  return err == 0 ? found->count : err;
}


int tlsloop_cert_attr_count(tlsloop_cert_t* cert, int name, int rdn) {
  const tlsloop__rdn_t* found;
  int err;

  err = find_rdn(cert, name, rdn, &found);
  return err == 0 ? found->count : err;
}


int tlsloop_cert_attr(tlsloop_cert_t* cert,
                      int name,
                      int rdn,
                      int attr,
                      const char** type,
                      const char** value,
                      size_t* len) {
  const tlsloop__attr_t* found;
  int err;

  err = find_attr(cert, name, rdn, attr, &found);
  if (err != 0)
    return err;
  *type = found->type;
  *value = found->value.data;
  *len = found->value.len;
  return found->is_text;
}


const char* tlsloop_cert_attr_oid(tlsloop_cert_t* cert,
                                  int name,
                                  int rdn,
                                  int attr) {
  const tlsloop__attr_t* found;

  if (find_attr(cert, name, rdn, attr, &found) != 0)
    return NULL;
  return found->oid;
}
