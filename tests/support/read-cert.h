/* SPDX-License-Identifier: MIT */

/* Read-cert: asks a certificate everything there is to be asked, and asserts
 * that each answer is one that the headers allow. */

#ifndef TLSLOOP_TESTS_SUPPORT_READ_CERT_H
#define TLSLOOP_TESTS_SUPPORT_READ_CERT_H

#include <stddef.h>

#include "tlsloop/cert.h"

/* Reads all of |cert|. */
void read_cert(tlsloop_cert_t* cert);

/* Loads the |len| bytes of |der|, which may be a certificate, and reads all of
 * it. Returns whether it was one. */
int try_cert(const void* der, size_t len);

#endif /* TLSLOOP_TESTS_SUPPORT_READ_CERT_H */
