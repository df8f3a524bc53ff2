/* SPDX-License-Identifier: MIT */

/* Json: writes JSON (RFC 8259). Commas come by themselves. */

#ifndef TLSLOOP__JSON_H
#define TLSLOOP__JSON_H

#include <stddef.h>

/* Text that grows. All zeroes is an empty one. */
typedef struct tlsloop__json_s {
  char* data; /* the caller frees it; NULL: nothing was written */
  size_t len;
  size_t room;
  int comma;  /* the next value is not the first of its array or object */
  int failed; /* memory ran out, and nothing is written any more */
} tlsloop__json_t;

/* Begins and ends an array, with '[' and ']', or an object, '{' and '}'. */
void tlsloop__json_open(tlsloop__json_t* json, char bracket);
void tlsloop__json_close(tlsloop__json_t* json, char bracket);

/* Writes the |key| of a member, plain ASCII. Its value comes next. */
void tlsloop__json_key(tlsloop__json_t* json, const char* key);

/* Writes an integer. */
void tlsloop__json_int(tlsloop__json_t* json, int number);

/* Writes the |len| bytes of |data| as a string, with all control characters
 * and line separators escaped, or, when they are not UTF-8 (RFC 3629), as
 * tlsloop__json_bytes. */
void tlsloop__json_string(tlsloop__json_t* json, const char* data, size_t len);

/* Writes the |len| bytes of |data|, whatever they are, as an object whose only
 * member, "bytes", has them in hexadecimal. */
void tlsloop__json_bytes(tlsloop__json_t* json, const char* data, size_t len);

/* Ends the text with a NUL and gives it to the caller: stores it in |text| and
 * its length in |len|, unless that is NULL. Returns 0, or UV__ENOMEM when
 * memory ran out at any time; |json| is then freed. */
int tlsloop__json_finish(tlsloop__json_t* json, char** text, size_t* len);

#endif /* TLSLOOP__JSON_H */
