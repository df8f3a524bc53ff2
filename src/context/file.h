/* SPDX-License-Identifier: MIT */

/* File: whole files in memory. */

#ifndef TLSLOOP__FILE_H
#define TLSLOOP__FILE_H

#include <stddef.h>

/* No bundle of certificates or revocation lists is larger than this many
 * bytes. */
#define TLSLOOP__FILE_MAX_LEN ((size_t) 16 * 1024 * 1024)

/* Reads all of the file |path| and stores its bytes in |data|, their number in
 * |len|. Returns 0 or a negative code of the system: UV__ENOENT, UV__EACCES,
 * UV__EISDIR, UV__EFBIG for more than TLSLOOP__FILE_MAX_LEN, UV__ENOMEM, ...;
 * nothing is then stored. */
int tlsloop__file_read(const char* path, unsigned char** data, size_t* len);

/* Wipes and frees what tlsloop__file_read stored: it may be a private key.
 * NULL is ignored. */
void tlsloop__file_free(unsigned char* data, size_t len);

#endif /* TLSLOOP__FILE_H */
