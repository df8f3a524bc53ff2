/* SPDX-License-Identifier: MIT */

/* Marks what the shared library exports. */

#ifndef TLSLOOP_EXPORT_H
#define TLSLOOP_EXPORT_H

#if defined(__GNUC__)
#define TLSLOOP_EXTERN __attribute__((visibility("default")))
#else
#define TLSLOOP_EXTERN
#endif

#endif /* TLSLOOP_EXPORT_H */
