/* SPDX-License-Identifier: MIT */

/* Store: additions to an X509_STORE. */

#ifndef TLSLOOP__STORE_H
#define TLSLOOP__STORE_H

#include <openssl/x509.h>

/* Adds |certs| and |crls|, of which either may be NULL, to |store|: all of
 * them or none. What is there already is not added again. Returns whether they
 * are there; if not, the reason is in OpenSSL's error queue. Connections may
 * use |store| meanwhile, on any thread. */
int tlsloop__store_add(X509_STORE* store,
                       STACK_OF(X509) * certs,
                       STACK_OF(X509_CRL) * crls);

#endif /* TLSLOOP__STORE_H */
