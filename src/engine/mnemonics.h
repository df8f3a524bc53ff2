/* SPDX-License-Identifier: MIT */

/* Mnemonics: the names that OpenSSL's numbers have in its headers. The tables
 * are made by tools/mnemonics.sh when tlsloop is built. They hold offsets
 * rather than pointers, so that nothing is relocated when a program starts. */

#ifndef TLSLOOP__MNEMONICS_H
#define TLSLOOP__MNEMONICS_H

#include <stddef.h>
#include <stdint.h>

/* One name, at tlsloop__mnemonic_texts + |text|. */
typedef struct tlsloop__mnemonic_s {
  uint32_t key; /* ERR_PACK(library, 0, reason) */
  uint32_t text;
} tlsloop__mnemonic_t;

/* The names in the order of their keys. Reason 0 is the library itself,
 * library 0 has the reasons that all libraries share, without their flags. */
extern const tlsloop__mnemonic_t tlsloop__mnemonics[];

/* The number of tlsloop__mnemonics. */
extern const size_t tlsloop__mnemonics_len;

/* For each verification code its name as an error code of tlsloop, such as
 * "TLSLOOP_EVERIFY(CERT_HAS_EXPIRED)", or with its number when it has none: an
 * offset into tlsloop__mnemonic_texts. */
extern const uint32_t tlsloop__verify_names[1000];

/* The names, one after the other, each with its NUL. */
extern const char tlsloop__mnemonic_texts[];

#endif /* TLSLOOP__MNEMONICS_H */
