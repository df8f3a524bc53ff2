/* SPDX-License-Identifier: MIT */

/* What a server of SMTP understands and answers (RFC 5321). Lines go in and
 * answers come out; how they travel, and whether in plaintext or in TLS, is
 * starttls-server's business. */

#ifndef TLSLOOP_SAMPLES_SMTP_H
#define TLSLOOP_SAMPLES_SMTP_H

#include <stddef.h>

enum {
  SMTP_PATH_SIZE = 256, /* of an address; RFC 5321, 4.5.3.1.3 */
  SMTP_MESSAGE_SIZE = 1024 * 1024
};

/* What follows an answer. */
typedef enum smtp_next_e {
  SMTP_LINE,    /* the next line */
  SMTP_UPGRADE, /* TLS */
  SMTP_END
} smtp_next_t;

/* A session; all zeroes at first. */
typedef struct smtp_s {
  smtp_next_t next; /* after the last answer */
  int secure;       /* it is in TLS */
  int greeted;      /* EHLO or HELO has come */
  int in_data;      /* lines are those of the message */
  char from[SMTP_PATH_SIZE];
  char to[SMTP_PATH_SIZE]; /* the last of them */
  char* message;
  size_t message_len;
} smtp_t;

/* Obeys |line|, of |len| bytes and a NUL. Returns the answer, or NULL for a
 * line in the middle of a message. */
const char* smtp_obey(smtp_t* smtp, const char* line, size_t len);

/* From now on |smtp| is in TLS. What was said in plaintext is forgotten:
 * anybody could have said it (RFC 3207, 4.2). */
void smtp_secure(smtp_t* smtp);

/* Frees what is in |smtp|. */
void smtp_free(smtp_t* smtp);

#endif /* TLSLOOP_SAMPLES_SMTP_H */
