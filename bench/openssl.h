/* SPDX-License-Identifier: MIT */

/* The context of the bench servers that use OpenSSL themselves: what an
 * ordinary server sets. */

#ifndef TLSLOOP_BENCH_OPENSSL_H
#define TLSLOOP_BENCH_OPENSSL_H

#include <openssl/ssl.h>

/* Makes a server's context: TLS 1.2 and 1.3, the certificate of |cert| and
 * |key|, resumption by tickets, OpenSSL's defaults otherwise. */
SSL_CTX* openssl_server_ctx(const char* cert, const char* key);

/* Prints |what| and OpenSSL's reason and ends the program. */
_Noreturn void openssl_die(const char* what);

#endif /* TLSLOOP_BENCH_OPENSSL_H */
