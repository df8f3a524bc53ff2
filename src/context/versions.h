/* SPDX-License-Identifier: MIT */

/* Versions: which versions of TLS this OpenSSL has. */

#ifndef TLSLOOP__VERSIONS_H
#define TLSLOOP__VERSIONS_H

/* The one version of |protocol|, one of tlsloop_protocol_t; 0 when it has
 * several or is none. */
int tlsloop__version_of(int protocol);

/* Whether OpenSSL was built with |version|, one of tlsloop_tls_version_t. */
int tlsloop__version_available(int version);

#endif /* TLSLOOP__VERSIONS_H */
