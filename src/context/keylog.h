/* SPDX-License-Identifier: MIT */

/* Keylog: the file for the secrets of a context's connections. */

#ifndef TLSLOOP__KEYLOG_H
#define TLSLOOP__KEYLOG_H

/* An open key log. */
typedef struct tlsloop__keylog_s {
  int fd;
  char* path;
} tlsloop__keylog_t;

/* Opens |path| to append to it and stores it in |keylog|. Returns 0 or a
 * negative code; nothing is then stored. */
int tlsloop__keylog_open(tlsloop__keylog_t** keylog, const char* path);

/* Appends |line| and a newline. Safe from any thread. Returns 0 or a negative
 * code. */
int tlsloop__keylog_write(const tlsloop__keylog_t* keylog, const char* line);

/* Closes |keylog|. NULL is ignored. */
void tlsloop__keylog_close(tlsloop__keylog_t* keylog);

#endif /* TLSLOOP__KEYLOG_H */
