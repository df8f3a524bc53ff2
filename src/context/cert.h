/* SPDX-License-Identifier: MIT */

/* Cert: a certificate as the application sees it. */

#ifndef TLSLOOP__CERT_H
#define TLSLOOP__CERT_H

#include <openssl/x509.h>

#include "tlsloop/cert.h"

/* Makes a certificate with one reference over |x509|, whose reference it takes
 * over, and stores it in |cert|. Returns 0 or UV__ENOMEM; the reference is
 * then gone too. */
int tlsloop__cert_new(tlsloop_cert_t** cert, X509* x509);

#endif /* TLSLOOP__CERT_H */
