/* SPDX-License-Identifier: MIT */

/* Oid: objects by their identifier, name or number. OpenSSL makes an object of
 * any identifier; only those that it has a number for are told. */

#include "tlsloop/oid.h"

#include <openssl/asn1.h>
#include <openssl/objects.h>
#include <uv/errno.h>

#include "base/error.h"
#include "base/info.h"
#include "engine/ossl.h"


static int describe(const ASN1_OBJECT* object, int nid, tlsloop_oid_t* oid) {
  tlsloop_oid_t full = {
      .size = sizeof(full),
      .nid = nid,
      .short_name = OBJ_nid2sn(nid),
      .long_name = OBJ_nid2ln(nid),
  };
  int len;

  /* 0: a number and names without an identifier. */
  len = OBJ_obj2txt(full.dotted, sizeof(full.dotted), object, 1);
  if (len >= (int) sizeof(full.dotted))
    return UV__ENOBUFS;
  if (len < 0)
    return UV__EINVAL;
  return tlsloop__info_fill(oid, &full, sizeof(full));
}


/* Why OpenSSL made no object: there is none of that name, or no memory. */
static int unknown(void) {
  tlsloop__error_slot_t slot = NULL;
  int err;

  err = tlsloop__ossl_fail(&slot, UV__EINVAL, NULL);
  tlsloop__error_clear(&slot);
  return err;
}


int tlsloop_oid_lookup(const char* text, int by_name, tlsloop_oid_t* oid) {
  ASN1_OBJECT* object;
  int err;
  int nid;

  if (text == NULL)
    return UV__EINVAL;

  tlsloop__ossl_begin();
  object = OBJ_txt2obj(text, by_name == 0);
  if (object == NULL) {
    err = unknown();
  } else {
    nid = OBJ_obj2nid(object);
    err = nid == NID_undef ? UV__EINVAL : describe(object, nid, oid);
  }
  ASN1_OBJECT_free(object);
  tlsloop__ossl_end();
  return err;
}


int tlsloop_oid_from_nid(int nid, tlsloop_oid_t* oid) {
  const ASN1_OBJECT* object;
  int err;

  if (nid <= NID_undef)
    return UV__EINVAL;

  tlsloop__ossl_begin();
  object = OBJ_nid2obj(nid);
  err = object == NULL ? UV__EINVAL : describe(object, nid, oid);
  tlsloop__ossl_end();
  return err;
}


const char* tlsloop_purpose_oid(int purpose) {
  switch (purpose) {
    case TLSLOOP_PURPOSE_SERVER_AUTH:
      return "1.3.6.1.5.5.7.3.1";
    case TLSLOOP_PURPOSE_CLIENT_AUTH:
      return "1.3.6.1.5.5.7.3.2";
    default:
      return NULL;
  }
}
