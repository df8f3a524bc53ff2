/* SPDX-License-Identifier: MIT */

/* Error: the details of a failure. They are large and rarely needed, so they
 * exist from the first failure on. */

#include "base/error.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <uv/errno.h>

#include "base/names.h"

/* Stands in for details that found no memory. Never written, never freed. */
static const tlsloop_error_t no_memory = {
    .size = sizeof(tlsloop_error_t),
    .code = UV__ENOMEM,
    .alert = -1,
    .text = "not enough memory",
};


static int is_real(const tlsloop_error_t* error) {
  return error != NULL && error != &no_memory;
}


static int is_control(const unsigned char* p) {
  return p[0] < 0x20 || p[0] == 0x7f;
}


/* Whether a C1 control begins at |p|, U+0080 to U+009F as UTF-8 has them. */
static int is_c1_control(const unsigned char* p) {
  return p[0] == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0;
}


/* The length of the longest beginning of |text|, not more than |len| bytes,
 * that does not end inside a character of UTF-8. */
static size_t whole_characters(const char* text, size_t len) {
  size_t n;

  for (n = len; n > 0 && len - n <= 3; n--) {
    if (((unsigned char) text[n] & 0xc0) != 0x80)
      return n;
  }

  /* Not UTF-8 at all. */
  return len;
}


/* Appends |text| to the string in |buf| of |size| bytes, cut to fit. What a
 * terminal or a log would obey becomes a question mark. */
static void append(char* buf, size_t size, const char* text) {
  unsigned char* p;
  size_t len;
  size_t at;

  at = strlen(buf);
  len = strlen(text);
  if (len > size - 1 - at)
    len = whole_characters(text, size - 1 - at);
  memcpy(buf + at, text, len);
  buf[at + len] = '\0';

  for (p = (unsigned char*) buf + at; *p != '\0'; p++) {
    if (is_control(p)) {
      *p = '?';
    } else if (is_c1_control(p)) {
      p[0] = '?';
      p[1] = '?';
    }
  }
}


/* Appends |text| to |error|'s text, after ": " when something precedes it. */
static void join(tlsloop_error_t* error, const char* text) {
  if (text[0] == '\0')
    return;
  if (error->text[0] != '\0')
    append(error->text, sizeof(error->text), ": ");
  append(error->text, sizeof(error->text), text);
}


tlsloop_error_t* tlsloop__error_reset(tlsloop__error_slot_t* slot,
                                      int code,
                                      const char* subject) {
  tlsloop_error_t* error;

  error = *slot;
  if (!is_real(error)) {
    error = malloc(sizeof(*error));
    if (error == NULL) {
      *slot = (tlsloop_error_t*) (uintptr_t) &no_memory;
      return NULL;
    }
  }

  memset(error, 0, sizeof(*error));
  error->size = sizeof(*error);
  error->code = code;
  error->alert = -1;
  if (subject != NULL)
    append(error->subject, sizeof(error->subject), subject);

  *slot = error;
  return error;
}


void tlsloop__error_set_text(tlsloop_error_t* error, const char* text) {
  if (text == NULL)
    text = tlsloop__code_text(error->code);

  error->text[0] = '\0';
  join(error, error->subject);
  if (text != NULL)
    join(error, text);
  join(error, error->verify_message);
}


void tlsloop__error_set_verify(tlsloop_error_t* error,
                               int verify_code,
                               const char* message) {
  error->verify_code = verify_code;
  error->verify_message[0] = '\0';
  append(error->verify_message, sizeof(error->verify_message), message);
  join(error, error->verify_message);
}


tlsloop_error_t* tlsloop__error_details(const tlsloop__error_slot_t* slot) {
  return is_real(*slot) ? *slot : NULL;
}


const tlsloop_error_t* tlsloop__error_get(const tlsloop__error_slot_t* slot) {
  return *slot;
}


void tlsloop__error_clear(tlsloop__error_slot_t* slot) {
  if (is_real(*slot))
    free(*slot);
  *slot = NULL;
}


int tlsloop__error_fail(tlsloop__error_slot_t* slot,
                        int code,
                        const char* subject,
                        const char* text) {
  tlsloop_error_t* error;

  error = tlsloop__error_reset(slot, code, subject);
  if (error != NULL)
    tlsloop__error_set_text(error, text);
  return code;
}
