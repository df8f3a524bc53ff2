/* SPDX-License-Identifier: MIT */

/* Hostname: what may be called a host, in the form that TLS uses. */

#ifndef TLSLOOP__HOSTNAME_H
#define TLSLOOP__HOSTNAME_H

/* Reads |name|, NUL-terminated UTF-8: an IP address literal, a dotted quad or
 * IPv6 without brackets and zone, or a DNS name of letters, digits, hyphens and
 * underscores, which may have labels in other scripts and a dot at its end.
 * Stores in |ascii| what the caller frees, the name as A-labels without that
 * dot, and in |is_ip| whether it is an address. Returns 0, UV__ENOMEM, or
 * TLSLOOP_EHOSTNAME with a static string that tells why in |why|; the other
 * two are then untouched.
 *
 * Labels in other scripts are read by IDNA 2008 after the mapping of UTS 46,
 * non-transitional: capitals become small, and the German sharp s stays what
 * it is. Labels in ASCII stay as they are when all of them are. */
int tlsloop__hostname_parse(const char* name,
                            char** ascii,
                            int* is_ip,
                            const char** why);

/* Whether |name| is an IP address literal. */
int tlsloop__hostname_is_ip(const char* name);

#endif /* TLSLOOP__HOSTNAME_H */
