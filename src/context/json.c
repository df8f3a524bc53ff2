/* SPDX-License-Identifier: MIT */

/* Json: text that grows. A failure is kept until the end, so that those who
 * write need not look after every word. */

#include "context/json.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv/errno.h>

#define FIRST_ROOM 1024

static const char hex_digits[] = "0123456789abcdef";


/* Makes room for |more| bytes. Returns whether there is. */
static int grow(tlsloop__json_t* json, size_t more) {
  size_t room;
  char* data;

  if (json->failed)
    return 0;
  if (more <= json->room - json->len)
    return 1;

  room = json->room == 0 ? FIRST_ROOM : json->room;
  while (room - json->len < more && room <= SIZE_MAX / 2)
    room *= 2;
  data = room - json->len < more ? NULL : realloc(json->data, room);
  if (data == NULL) {
    json->failed = 1;
    return 0;
  }
  json->data = data;
  json->room = room;
  return 1;
}


static void put(tlsloop__json_t* json, const char* data, size_t len) {
  if (len == 0 || !grow(json, len))
    return;
  memcpy(json->data + json->len, data, len);
  json->len += len;
}


static void put_char(tlsloop__json_t* json, char c) {
  put(json, &c, 1);
}


/* What comes before a value or a key. */
static void separate(tlsloop__json_t* json) {
  if (json->comma)
    put(json, ", ", 2);
  json->comma = 1;
}


void tlsloop__json_open(tlsloop__json_t* json, char bracket) {
  separate(json);
  put_char(json, bracket);
  json->comma = 0;
}


void tlsloop__json_close(tlsloop__json_t* json, char bracket) {
  put_char(json, bracket);
  json->comma = 1;
}


void tlsloop__json_key(tlsloop__json_t* json, const char* key) {
  tlsloop__json_string(json, key, strlen(key));
  put(json, ": ", 2);
  json->comma = 0;
}


void tlsloop__json_int(tlsloop__json_t* json, int number) {
  char text[16];
  int len;

  separate(json);
  len = snprintf(text, sizeof(text), "%d", number);
  put(json, text, (size_t) len);
}


static int is_continuation(unsigned char c) {
  return (c & 0xc0) == 0x80;
}


/* Reads one character of the |len| bytes, at least one, at |p|. Returns how
 * many bytes it has; 0 when it is none: too long, a surrogate or beyond
 * Unicode. */
static size_t read_char(const unsigned char* p, size_t len, unsigned int* c) {
  static const unsigned int least[] = {0, 0, 0x80, 0x800, 0x10000};
  size_t size;
  size_t i;

  if (p[0] < 0x80) {
    *c = p[0];
    return 1;
  }
  if (p[0] < 0xc0 || p[0] >= 0xf8)
    return 0;
  size = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
  if (size > len)
    return 0;

  *c = p[0] & (0x7fu >> size);
  for (i = 1; i < size; i++) {
    if (!is_continuation(p[i]))
      return 0;
    *c = *c << 6 | (p[i] & 0x3fu);
  }
  if (*c < least[size] || *c > 0x10ffff || (*c >= 0xd800 && *c <= 0xdfff))
    return 0;
  return size;
}


static int is_utf8(const char* data, size_t len) {
  const unsigned char* p;
  unsigned int c;
  size_t size;

  p = (const unsigned char*) data;
  for (; len > 0; len -= size, p += size) {
    size = read_char(p, len, &c);
    if (size == 0)
      return 0;
  }
  return 1;
}


/* What terminals and other programs take for more than a character. */
static int needs_escape(unsigned int c) {
  return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x2028 || c == 0x2029;
}


static void put_escape(tlsloop__json_t* json, unsigned int c) {
  int shift;

  put(json, "\\u", 2);
  for (shift = 12; shift >= 0; shift -= 4)
    put_char(json, hex_digits[c >> shift & 0xf]);
}


void tlsloop__json_string(tlsloop__json_t* json, const char* data, size_t len) {
  unsigned int c;
  size_t size;

  if (!is_utf8(data, len)) {
    tlsloop__json_bytes(json, data, len);
    return;
  }
  separate(json);
  put_char(json, '"');
  for (; len > 0; len -= size, data += size) {
    size = read_char((const unsigned char*) data, len, &c);
    if (needs_escape(c)) {
      put_escape(json, c);
      continue;
    }
    if (c == '"' || c == '\\')
      put_char(json, '\\');
    put(json, data, size);
  }
  put_char(json, '"');
}


void tlsloop__json_bytes(tlsloop__json_t* json, const char* data, size_t len) {
  size_t i;

  tlsloop__json_open(json, '{');
  tlsloop__json_key(json, "bytes");
  put_char(json, '"');
  for (i = 0; i < len; i++) {
    put_char(json, hex_digits[(unsigned char) data[i] >> 4]);
    put_char(json, hex_digits[data[i] & 0xf]);
  }
  put_char(json, '"');
  tlsloop__json_close(json, '}');
}


int tlsloop__json_finish(tlsloop__json_t* json, char** text, size_t* len) {
  put_char(json, '\0');
  if (json->failed) {
    free(json->data);
    return UV__ENOMEM;
  }
  *text = json->data;
  if (len != NULL)
    *len = json->len - 1;
  return 0;
}
