/* SPDX-License-Identifier: MIT */

/* Cert-json: a certificate as the dictionary that Python's ssl module makes of
 * one. */

#include <stdlib.h>
#include <string.h>
#include <uv/errno.h>

#include "context/cert-facts.h"
#include "context/json.h"


static void write_cstring(tlsloop__json_t* json, const char* text) {
  tlsloop__json_string(json, text, strlen(text));
}


static void write_text(tlsloop__json_t* json, const tlsloop__text_t* text) {
  tlsloop__json_string(json, text->data, text->len);
}


static void write_attr(tlsloop__json_t* json, const tlsloop__attr_t* attr) {
  tlsloop__json_open(json, '[');
  write_cstring(json, attr->type);
  if (attr->is_text)
    write_text(json, &attr->value);
  else
    tlsloop__json_bytes(json, attr->value.data, attr->value.len);
  tlsloop__json_close(json, ']');
}


static void write_name(tlsloop__json_t* json, const tlsloop__name_t* name) {
  int i;
  int k;

  tlsloop__json_open(json, '[');
  for (i = 0; i < name->count; i++) {
    tlsloop__json_open(json, '[');
    for (k = 0; k < name->rdns[i].count; k++)
      write_attr(json, &name->rdns[i].attrs[k]);
    tlsloop__json_close(json, ']');
  }
  tlsloop__json_close(json, ']');
}


static void write_sans(tlsloop__json_t* json, const tlsloop__sans_t* sans) {
  const tlsloop__san_t* san;
  int i;

  if (!sans->present)
    return;
  tlsloop__json_key(json, "subjectAltName");
  tlsloop__json_open(json, '[');
  for (i = 0; i < sans->count; i++) {
    san = &sans->items[i];
    tlsloop__json_open(json, '[');
    write_cstring(json, san->type);
    if (san->kind == TLSLOOP_SAN_DIRNAME)
      write_name(json, &san->name);
    else
      write_text(json, &san->value);
    tlsloop__json_close(json, ']');
  }
  tlsloop__json_close(json, ']');
}


static void write_uris(tlsloop__json_t* json,
                       const char* key,
                       const tlsloop__uris_t* uris) {
  int i;

  if (uris->count == 0)
    return;
  tlsloop__json_key(json, key);
  tlsloop__json_open(json, '[');
  for (i = 0; i < uris->count; i++)
    write_text(json, &uris->items[i]);
  tlsloop__json_close(json, ']');
}


static void write_facts(tlsloop__json_t* json,
                        const tlsloop__cert_facts_t* facts,
                        int version) {
  tlsloop__json_open(json, '{');
  tlsloop__json_key(json, "subject");
  write_name(json, &facts->subject);
  tlsloop__json_key(json, "issuer");
  write_name(json, &facts->issuer);
  tlsloop__json_key(json, "version");
  tlsloop__json_int(json, version);
  tlsloop__json_key(json, "serialNumber");
  write_cstring(json, facts->serial);
  tlsloop__json_key(json, "notBefore");
  write_cstring(json, facts->not_before.text);
  tlsloop__json_key(json, "notAfter");
  write_cstring(json, facts->not_after.text);
  write_sans(json, &facts->sans);
  write_uris(json, "OCSP", &facts->uris[TLSLOOP_CERT_URI_OCSP]);
  write_uris(json, "caIssuers", &facts->uris[TLSLOOP_CERT_URI_CA_ISSUERS]);
  write_uris(json, "crlDistributionPoints", &facts->uris[TLSLOOP_CERT_URI_CRL]);
  tlsloop__json_close(json, '}');
}


/* All of it or nothing: whoever looks for a name must not be told of a part of
 * them. */
static int check_facts(const tlsloop__cert_facts_t* facts, int version) {
  int i;

  if (version < 0 || facts->subject.err != 0 || facts->issuer.err != 0 ||
      facts->not_before.err != 0 || facts->not_after.err != 0 ||
      facts->sans.err != 0)
    return TLSLOOP_EBADCERT;
  for (i = 0; i < TLSLOOP__URI_KINDS; i++) {
    if (facts->uris[i].err != 0)
      return TLSLOOP_EBADCERT;
  }
  return 0;
}


int tlsloop_cert_to_json(tlsloop_cert_t* cert, char** json, size_t* len) {
  tlsloop__json_t text = {NULL, 0, 0, 0, 0};
  const tlsloop__cert_facts_t* facts;
  int version;
  int err;

  facts = tlsloop__cert_facts(cert);
  if (facts == NULL)
    return UV__ENOMEM;
  version = tlsloop_cert_version(cert);
  err = check_facts(facts, version);
  if (err != 0)
    return err;
  write_facts(&text, facts, version);
  return tlsloop__json_finish(&text, json, len);
}


void tlsloop_free(void* ptr) {
  free(ptr);
}
