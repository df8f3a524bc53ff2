/* SPDX-License-Identifier: MIT */

/* What the bench servers have in common around their loops: the command line
 * and the socket. */

#ifndef TLSLOOP_BENCH_OPTIONS_H
#define TLSLOOP_BENCH_OPTIONS_H

typedef struct options_s {
  const char* cert; /* files, PEM */
  const char* key;
  const char* without; /* a part of the server to do without; NULL: all */
  int port;            /* 0: any free one */
} options_t;

/* Prints |what| and |why| and ends the program. */
_Noreturn void die(const char* what, const char* why);

/* Reads "--port N --cert FILE --key FILE" and "--without PART", or ends the
 * program. */
void options_read(options_t* options, int argc, char** argv);

/* Makes a nonblocking socket that listens on |port| of 127.0.0.1. */
int options_listen(int port);

/* Says on standard output that clients can connect to |fd| now. */
void options_ready(int fd);

/* Lets this process have as many descriptors as it may. */
void options_raise_limit(void);

#endif /* TLSLOOP_BENCH_OPTIONS_H */
