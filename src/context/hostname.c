/* SPDX-License-Identifier: MIT */

/* Hostname: what may be called a host. Whatever comes out is safe to send as
 * SNI (RFC 6066, 3) and to compare with a certificate (RFC 9525): above all it
 * has no leading dot, which OpenSSL takes for "any host below". */

#include "context/hostname.h"

#include <arpa/inet.h>
#include <idn2.h>
#include <stdlib.h>
#include <string.h>
#include <uv/errno.h>

#include "tlsloop/errno.h"

#define LABEL_MAX_LEN 63
#define NAME_MAX_LEN  253

/* No character that stays needs more than four bytes of UTF-8. This bounds the
 * work of conversion, which grows with the square of the length. */
#define INPUT_MAX_LEN (4 * NAME_MAX_LEN)


static int refuse(const char** why, const char* reason) {
  *why = reason;
  return TLSLOOP_EHOSTNAME;
}


static int is_ipv4(const char* name) {
  struct in_addr addr;

  return inet_pton(AF_INET, name, &addr) == 1;
}


static int is_ipv6(const char* name) {
  struct in6_addr addr;

  return inet_pton(AF_INET6, name, &addr) == 1;
}


int tlsloop__hostname_is_ip(const char* name) {
  return is_ipv4(name) || is_ipv6(name);
}


static int is_ascii(const char* name) {
  for (; *name != '\0'; name++) {
    if ((unsigned char) *name >= 0x80)
      return 0;
  }
  return 1;
}


/* Without <ctype.h>, which asks the locale. */
static int is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '-' || c == '_';
}


/* What |c| is in a name where it must not be. */
static const char* describe(char c) {
  switch (c) {
    case ' ':
      return "it contains a space";
    case '*':
      return "it contains a wildcard";
    case '[':
    case ']':
      return "it contains a bracket; addresses are written without";
    case ':':
      return "it contains a colon and is no IPv6 address; a port is no part of "
             "it";
    case '%':
      return "it contains a percent sign; addresses are written without zone";
    case '/':
      return "it contains a slash; it is no URL";
    case '@':
      return "it contains an at sign; it is no mail address";
    default:
      if ((unsigned char) c < 0x20 || c == 0x7f)
        return "it contains a control character";
      return "it contains a character that host names do not have";
  }
}


/* Checks the characters of |name| that are ASCII. */
static int check_chars(const char* name, const char** why) {
  for (; *name != '\0'; name++) {
    if ((unsigned char) *name < 0x80 && *name != '.' && !is_name_char(*name))
      return refuse(why, describe(*name));
  }
  return 0;
}


/* Checks the labels of |name|, which is ASCII without a dot at its end. */
static int check_labels(const char* name, const char** why) {
  size_t label_len;
  const char* p;

  if (*name == '\0')
    return refuse(why, "it is empty");
  if (*name == '.')
    return refuse(why, "it begins with a dot");
  if (strlen(name) > NAME_MAX_LEN)
    return refuse(why, "it is longer than 253 characters");

  label_len = 0;
  for (p = name; *p != '\0'; p++) {
    label_len = *p == '.' ? 0 : label_len + 1;
    if (*p == '.' && p[1] == '.')
      return refuse(why, "it has an empty label");
    if (label_len > LABEL_MAX_LEN)
      return refuse(why, "a label is longer than 63 characters");
  }
  return 0;
}


/* idn2_strerror would answer in the language of the locale. */
static int refuse_idn(int idn, const char** why) {
  switch (idn) {
    case IDN2_MALLOC:
      return UV__ENOMEM;
    case IDN2_ENCODING_ERROR:
    case IDN2_ICONV_FAIL:
      return refuse(why, "it is not UTF-8");
    case IDN2_TOO_BIG_LABEL:
    case IDN2_PUNYCODE_BIG_OUTPUT:
      return refuse(why, "a label is longer than 63 characters");
    case IDN2_TOO_BIG_DOMAIN:
      return refuse(why, "it is longer than 253 characters");
    case IDN2_BIDI:
      return refuse(why, "it mixes the directions of writing");
    case IDN2_HYPHEN_STARTEND:
      return refuse(why, "a label begins or ends with a hyphen");
    case IDN2_2HYPHEN:
      return refuse(why, "a label has hyphens in its third and fourth place");
    case IDN2_INVALID_ALABEL:
    case IDN2_UALABEL_MISMATCH:
    case IDN2_ALABEL_ROUNDTRIP_FAILED:
    case IDN2_PUNYCODE_BAD_INPUT:
    case IDN2_PUNYCODE_OVERFLOW:
      return refuse(why, "a label that begins with xn-- is no A-label");
    default:
      return refuse(why, "it contains a character that IDNA does not allow");
  }
}


/* Stores |name| as ASCII, for the caller to free, in |ascii|. */
static int to_ascii(const char* name, char** ascii, const char** why) {
  uint8_t* converted;
  int idn;

  converted = NULL;
  if (!is_ascii(name)) {
    idn = idn2_lookup_u8((const uint8_t*) name,
                         &converted,
                         IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    if (idn != IDN2_OK)
      return refuse_idn(idn, why);
    name = (const char*) converted;
  }

  *ascii = strdup(name);
  idn2_free(converted);
  return *ascii == NULL ? UV__ENOMEM : 0;
}


/* Drops the dot at the end of |name|. */
static void drop_dot(char* name) {
  size_t len;

  len = strlen(name);
  if (len > 1 && name[len - 1] == '.' && name[len - 2] != '.')
    name[len - 1] = '\0';
}


/* Stores |name|, which is no IPv6 address, in |ascii|. Mapping may make digits
 * and separators of other characters, so it is checked before and after. */
static int parse_name(const char* name,
                      char** ascii,
                      int* is_ip,
                      const char** why) {
  char* made;
  int err;

  err = check_chars(name, why);
  if (err == 0)
    err = to_ascii(name, &made, why);
  if (err != 0)
    return err;

  drop_dot(made);
  *is_ip = is_ipv4(made);
  if (!*is_ip)
    err = check_chars(made, why);
  if (!*is_ip && err == 0)
    err = check_labels(made, why);
  if (err != 0)
    free(made);
  else
    *ascii = made;
  return err;
}


int tlsloop__hostname_parse(const char* name,
                            char** ascii,
                            int* is_ip,
                            const char** why) {
  char* made;
  int ip;
  int err;

  if (name == NULL || *name == '\0')
    return refuse(why, "it is empty");
  if (strlen(name) > INPUT_MAX_LEN)
    return refuse(why, "it is longer than 253 characters");

  ip = is_ipv6(name);
  if (ip) {
    made = strdup(name);
    err = made == NULL ? UV__ENOMEM : 0;
  } else {
    err = parse_name(name, &made, &ip, why);
  }
  if (err != 0)
    return err;
  *ascii = made;
  *is_ip = ip;
  return 0;
}
