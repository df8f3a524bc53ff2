/* SPDX-License-Identifier: MIT */

/* Cert-uri: where more about a certificate is to be had: from whom its state,
 * its issuer's certificate, its revocation list (RFC 5280, 4.2.2.1 and
 * 4.2.1.13). */

#include <openssl/x509v3.h>
#include <uv/errno.h>

#include "context/cert-facts.h"


static int make_room(tlsloop__arena_t* arena,
                     tlsloop__uris_t* uris,
                     size_t count) {
  uris->items = tlsloop__arena_alloc(arena, count, sizeof(*uris->items));
  return uris->items == NULL ? UV__ENOMEM : 0;
}


/* Adds |name| to |uris|, which has room for it, if it is a URI. */
static int add(tlsloop__arena_t* arena,
               tlsloop__uris_t* uris,
               const GENERAL_NAME* name) {
  if (name->type != GEN_URI)
    return 0;
  return tlsloop__cert_copy(
      arena, &uris->items[uris->count++], name->d.uniformResourceIdentifier);
}


static int add_access(tlsloop__cert_facts_t* facts,
                      const ACCESS_DESCRIPTION* access) {
  switch (OBJ_obj2nid(access->method)) {
    case NID_ad_OCSP:
      return add(
          &facts->arena, &facts->uris[TLSLOOP_CERT_URI_OCSP], access->location);
    case NID_ad_ca_issuers:
      return add(&facts->arena,
                 &facts->uris[TLSLOOP_CERT_URI_CA_ISSUERS],
                 access->location);
    default:
      return 0;
  }
}


static int read_access(tlsloop__cert_facts_t* facts,
                       const AUTHORITY_INFO_ACCESS* info) {
  size_t count;
  int err;
  int i;

  count = (size_t) sk_ACCESS_DESCRIPTION_num(info);
  err = make_room(&facts->arena, &facts->uris[TLSLOOP_CERT_URI_OCSP], count);
  if (err == 0)
    err = make_room(
        &facts->arena, &facts->uris[TLSLOOP_CERT_URI_CA_ISSUERS], count);
  for (i = 0; i < (int) count && err == 0; i++)
    err = add_access(facts, sk_ACCESS_DESCRIPTION_value(info, i));
  return err;
}


/* The full names of |point|. It may have none, or one that is relative to the
 * issuer of the list; both have crashed others (CVE-2019-5010). */
static const GENERAL_NAMES* full_names(const DIST_POINT* point) {
  if (point->distpoint == NULL || point->distpoint->type != 0)
    return NULL;
  return point->distpoint->name.fullname;
}


static int add_point(tlsloop__cert_facts_t* facts, const DIST_POINT* point) {
  const GENERAL_NAMES* names;
  int err;
  int i;

  names = full_names(point);
  err = 0;
  for (i = 0; i < sk_GENERAL_NAME_num(names) && err == 0; i++)
    err = add(&facts->arena,
              &facts->uris[TLSLOOP_CERT_URI_CRL],
              sk_GENERAL_NAME_value(names, i));
  return err;
}


static int read_points(tlsloop__cert_facts_t* facts,
                       const CRL_DIST_POINTS* points) {
  size_t count;
  int names;
  int err;
  int i;

  count = 0;
  for (i = 0; i < sk_DIST_POINT_num(points); i++) {
    names = sk_GENERAL_NAME_num(full_names(sk_DIST_POINT_value(points, i)));
    count += names > 0 ? (size_t) names : 0;
  }
  err = make_room(&facts->arena, &facts->uris[TLSLOOP_CERT_URI_CRL], count);
  for (i = 0; i < sk_DIST_POINT_num(points) && err == 0; i++)
    err = add_point(facts, sk_DIST_POINT_value(points, i));
  return err;
}


int tlsloop__cert_read_uris(tlsloop__cert_facts_t* facts, const X509* x509) {
  AUTHORITY_INFO_ACCESS* info;
  CRL_DIST_POINTS* points;
  int critical;
  int err;

  err = 0;
  info = X509_get_ext_d2i(x509, NID_info_access, &critical, NULL);
  if (info != NULL)
    err = read_access(facts, info);
  else if (critical != -1)
    err = tlsloop__cert_fail(TLSLOOP_EBADCERT);
  AUTHORITY_INFO_ACCESS_free(info);
  if (err == UV__ENOMEM)
    return err;
  facts->uris[TLSLOOP_CERT_URI_OCSP].err = err;
  facts->uris[TLSLOOP_CERT_URI_CA_ISSUERS].err = err;

  err = 0;
  points = X509_get_ext_d2i(x509, NID_crl_distribution_points, &critical, NULL);
  if (points != NULL)
    err = read_points(facts, points);
  else if (critical != -1)
    err = tlsloop__cert_fail(TLSLOOP_EBADCERT);
  CRL_DIST_POINTS_free(points);
  if (err == UV__ENOMEM)
    return err;
  facts->uris[TLSLOOP_CERT_URI_CRL].err = err;
  return 0;
}


int tlsloop_cert_uri_count(tlsloop_cert_t* cert, int kind) {
  const tlsloop__cert_facts_t* facts;
  const tlsloop__uris_t* uris;

  if (kind < 0 || kind >= TLSLOOP__URI_KINDS)
    return UV__EINVAL;
  facts = tlsloop__cert_facts(cert);
  if (facts == NULL)
    return UV__ENOMEM;
  uris = &facts->uris[kind];
  return uris->err != 0 ? uris->err : uris->count;
}


int tlsloop_cert_uri(tlsloop_cert_t* cert,
                     int kind,
                     int index,
                     const char** uri,
                     size_t* len) {
  const tlsloop__text_t* found;
  int count;

  count = tlsloop_cert_uri_count(cert, kind);
  if (count < 0)
    return count;
  if (index < 0 || index >= count)
    return UV__EINVAL;
  found = &tlsloop__cert_facts(cert)->uris[kind].items[index];
  *uri = found->data;
  *len = found->len;
  return 0;
}
