/* SPDX-License-Identifier: MIT */

/* Store: additions to an X509_STORE. OpenSSL can only add one by one, and has
 * no way back. */

#include "context/store.h"

#include <openssl/x509_vfy.h>


static int add(X509_STORE* store,
               STACK_OF(X509) * certs,
               STACK_OF(X509_CRL) * crls) {
  int i;

  for (i = 0; i < sk_X509_num(certs); i++) {
    if (!X509_STORE_add_cert(store, sk_X509_value(certs, i)))
      return 0;
  }
  for (i = 0; i < sk_X509_CRL_num(crls); i++) {
    if (!X509_STORE_add_crl(store, sk_X509_CRL_value(crls, i)))
      return 0;
  }
  return 1;
}


static int is_in(const X509_OBJECT* object,
                 STACK_OF(X509) * certs,
                 STACK_OF(X509_CRL) * crls) {
  const X509* cert;
  int i;

  cert = X509_OBJECT_get0_X509(object);
  for (i = 0; cert != NULL && i < sk_X509_num(certs); i++) {
    if (sk_X509_value(certs, i) == cert)
      return 1;
  }
  for (i = 0; cert == NULL && i < sk_X509_CRL_num(crls); i++) {
    if (sk_X509_CRL_value(crls, i) == X509_OBJECT_get0_X509_CRL(object))
      return 1;
  }
  return 0;
}


/* The same object is in the store only when it was added just now: of what was
 * there already, the store kept its own copy. */
static void take_back(X509_STORE* store,
                      STACK_OF(X509) * certs,
                      STACK_OF(X509_CRL) * crls) {
  STACK_OF(X509_OBJECT) * objects;
  X509_OBJECT* object;
  int i;

  X509_STORE_lock(store);
  objects = X509_STORE_get0_objects(store);
  for (i = sk_X509_OBJECT_num(objects) - 1; i >= 0; i--) {
    object = sk_X509_OBJECT_value(objects, i);
    if (is_in(object, certs, crls)) {
      sk_X509_OBJECT_delete(objects, i);
      X509_OBJECT_free(object);
    }
  }
  X509_STORE_unlock(store);
}


int tlsloop__store_add(X509_STORE* store,
                       STACK_OF(X509) * certs,
                       STACK_OF(X509_CRL) * crls) {
  if (add(store, certs, crls))
    return 1;
  take_back(store, certs, crls);
  return 0;
}
