/* SPDX-License-Identifier: MIT */

/* Which tlsloop a program was compiled with, and which one it runs with. */

#ifndef TLSLOOP_VERSION_H
#define TLSLOOP_VERSION_H

#include "tlsloop/export.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TLSLOOP_VERSION_MAJOR 0
#define TLSLOOP_VERSION_MINOR 1
#define TLSLOOP_VERSION_PATCH 0

/* The version of these headers as one number that grows with each release:
 * 0x000100 is 0.1.0.
 * Since: 0.1 */
#define TLSLOOP_VERSION_HEX                                       \
  ((TLSLOOP_VERSION_MAJOR << 16) | (TLSLOOP_VERSION_MINOR << 8) | \
   TLSLOOP_VERSION_PATCH)

/* The version of the library that is running, which may be newer than the
 * headers a program was compiled with.
 * Returns: a number like TLSLOOP_VERSION_HEX.
 * Since: 0.1 */
TLSLOOP_EXTERN unsigned int tlsloop_version(void);

/* The version of the library that is running, for people.
 * Returns: a static string such as "0.1.0".
 * Since: 0.1 */
TLSLOOP_EXTERN const char* tlsloop_version_string(void);

#ifdef __cplusplus
}
#endif

#endif /* TLSLOOP_VERSION_H */
