/* SPDX-License-Identifier: MIT */

/* Pki, the part in files. */

#ifndef TLSLOOP_TESTS_SUPPORT_PKI_FILE_H
#define TLSLOOP_TESTS_SUPPORT_PKI_FILE_H

#include "support/pki.h"

/* Removes the directory of |pki| and forgets its paths. */
void pki__files_free(pki_t* pki);

#endif /* TLSLOOP_TESTS_SUPPORT_PKI_FILE_H */
