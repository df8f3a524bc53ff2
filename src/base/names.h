/* SPDX-License-Identifier: MIT */

/* Names: the tables that turn numbers into names and texts. */

#ifndef TLSLOOP__NAMES_H
#define TLSLOOP__NAMES_H

/* The name of code |code|, one of libuv's or of TLSLOOP_ERRNO_MAP, or of
 * TLSLOOP_EALERT_SENT - n and TLSLOOP_EALERT_RECEIVED - n; NULL for any
 * other. */
const char* tlsloop__code_name(int code);

/* The text of the codes that tlsloop__code_name knows; NULL for any other. */
const char* tlsloop__code_text(int code);

/* The name of TLS alert |alert| in the IANA registry, in upper case; NULL when
 * it has none. */
const char* tlsloop__alert_name(int alert);

#endif /* TLSLOOP__NAMES_H */
