/* SPDX-License-Identifier: MIT */

/* Cert-pem: between DER and PEM, by the rules of Python's ssl module, which
 * look at nothing but the two marks and the base64 between. */

#include <openssl/evp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <uv/errno.h>

#include "tlsloop/cert.h"
#include "tlsloop/errno.h"

#define LINE_LEN      64
#define BYTES_IN_LINE 48

static const char header[] = "-----BEGIN CERTIFICATE-----";
static const char footer[] = "-----END CERTIFICATE-----";

#define HEADER_LEN (sizeof(header) - 1)
#define FOOTER_LEN (sizeof(footer) - 1)


const char* tlsloop_cert_pem_header(void) {
  return header;
}


const char* tlsloop_cert_pem_footer(void) {
  return footer;
}


static char* put_line(char* to, const char* line, size_t len) {
  memcpy(to, line, len);
  to[len] = '\n';
  return to + len + 1;
}


int tlsloop_cert_der_to_pem(const void* der,
                            size_t der_len,
                            char** pem,
                            size_t* pem_len) {
  const unsigned char* data;
  size_t lines;
  size_t n;
  char* text;
  char* p;

  if (der == NULL && der_len > 0)
    return UV__EINVAL;
  lines = der_len / BYTES_IN_LINE + 1;
  if (lines > SIZE_MAX / (LINE_LEN + 1) - 2)
    return UV__ENOMEM;
  text = malloc((lines + 2) * (LINE_LEN + 1));
  if (text == NULL)
    return UV__ENOMEM;

  p = put_line(text, header, HEADER_LEN);
  for (data = der; der_len > 0; data += n, der_len -= n) {
    n = der_len < BYTES_IN_LINE ? der_len : BYTES_IN_LINE;
    p += EVP_EncodeBlock((unsigned char*) p, data, (int) n);
    *p++ = '\n';
  }
  p = put_line(p, footer, FOOTER_LEN);
  *p = '\0';
  *pem = text;
  if (pem_len != NULL)
    *pem_len = (size_t) (p - text);
  return 0;
}


int tlsloop_cert_to_pem(const tlsloop_cert_t* cert, char** pem, size_t* len) {
  const unsigned char* der;
  size_t der_len;

  der = tlsloop_cert_der(cert, &der_len);
  return tlsloop_cert_der_to_pem(der, der_len, pem, len);
}


/* What Python strips; without <ctype.h>, which asks the locale. */
static int is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r') || (c >= '\x1c' && c <= '\x1f');
}


static int is_ascii(const char* text, size_t len) {
  size_t i;

  for (i = 0; i < len; i++) {
    if ((unsigned char) text[i] >= 0x80)
      return 0;
  }
  return 1;
}


/* Moves the two to what is between the marks. Returns whether they are there.
 * They may share dashes; then there is nothing between. */
static int strip_marks(const char** text, size_t* len) {
  if (*len < HEADER_LEN || memcmp(*text, header, HEADER_LEN) != 0)
    return 0;
  while (is_space((*text)[*len - 1]))
    --*len;
  if (memcmp(*text + *len - FOOTER_LEN, footer, FOOTER_LEN) != 0)
    return 0;

  *text += HEADER_LEN;
  *len = *len < HEADER_LEN + FOOTER_LEN ? 0 : *len - HEADER_LEN - FOOTER_LEN;
  return 1;
}


/* The value of base64 digit |c|, -1 when it is none. */
static int digit_value(char c) {
  if (c >= 'A' && c <= 'Z')
    return c - 'A';
  if (c >= 'a' && c <= 'z')
    return c - 'a' + 26;
  if (c >= '0' && c <= '9')
    return c - '0' + 52;
  if (c == '+')
    return 62;
  return c == '/' ? 63 : -1;
}


/* Decodes |text| to |to|, which is large enough, and stores the length in
 * |to_len|. Returns whether the last group of four digits is complete. Padding
 * counts where a group can end, and ends all; elsewhere it is ignored like
 * what base64 does not have. */
static int decode(const char* text,
                  size_t len,
                  unsigned char* to,
                  size_t* to_len) {
  unsigned int bits;
  unsigned char* p;
  int digits;
  int pads;
  int value;

  p = to;
  bits = 0;
  digits = 0;
  for (pads = 0; len > 0 && digits + pads < 4; text++, len--) {
    value = digit_value(*text);
    if (*text == '=' && digits >= 2)
      pads++;
    if (value < 0)
      continue;
    pads = 0;
    bits = (bits << 6 | (unsigned int) value) & 0xffff;
    if (digits > 0)
      *p++ = (unsigned char) (bits >> (6 - 2 * digits));
    digits = (digits + 1) % 4;
  }
  *to_len = (size_t) (p - to);
  return digits == 0 || digits + pads >= 4;
}


int tlsloop_cert_pem_to_der(const char* pem,
                            size_t pem_len,
                            unsigned char** der,
                            size_t* der_len) {
  unsigned char* data;
  size_t len;

  if (pem == NULL)
    return UV__EINVAL;
  if (!strip_marks(&pem, &pem_len) || !is_ascii(pem, pem_len))
    return TLSLOOP_EBADCERT;

  data = malloc(pem_len / 4 * 3 + 4);
  if (data == NULL)
    return UV__ENOMEM;
  if (!decode(pem, pem_len, data, &len)) {
    free(data);
    return TLSLOOP_EBADCERT;
  }
  *der = data;
  *der_len = len;
  return 0;
}
