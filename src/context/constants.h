/* SPDX-License-Identifier: MIT */

/* Constants: the enumerators of the public headers. The table is made by
 * tools/constants.sh when tlsloop is built. */

#ifndef TLSLOOP__CONSTANTS_H
#define TLSLOOP__CONSTANTS_H

#include <stddef.h>
#include <stdint.h>

typedef struct tlsloop__constant_s {
  const char* name;
  int64_t value;
} tlsloop__constant_t;

/* All enumerators, in the order of their headers. */
extern const tlsloop__constant_t tlsloop__enumerators[];

/* The number of tlsloop__enumerators. */
extern const size_t tlsloop__enumerators_len;

#endif /* TLSLOOP__CONSTANTS_H */
