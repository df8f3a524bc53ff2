/* SPDX-License-Identifier: MIT */

/* Every code of the base layer has one name and one text, and no other number
 * has any. */

#include "support/suite.h"

#include <stdio.h>
#include <string.h>
#include <uv/errno.h>

#include "base/names.h"
#include "support/fail-alloc.h"
#include "tlsloop/errno.h"

/* Beyond all codes, on both sides. */
#define FIRST (-8000)
#define LAST  300


static void check_name(int code, const char* name) {
  ck_assert_ptr_nonnull(tlsloop__code_name(code));
  ck_assert_str_eq(tlsloop__code_name(code), name);
}


START_TEST(the_codes_of_libuv_have_their_names) {
  check_name(UV__EOF, "UV_EOF");
  check_name(UV__EINVAL, "UV_EINVAL");
  check_name(UV__ENOMEM, "UV_ENOMEM");
  check_name(UV__ECONNRESET, "UV_ECONNRESET");
  check_name(UV__EAI_NONAME, "UV_EAI_NONAME");
  check_name(UV__UNKNOWN, "UV_UNKNOWN");
  check_name(UV__ECANCELED, "UV_ECANCELED");
}
END_TEST


START_TEST(the_codes_of_tlsloop_have_their_names_and_texts) {
#define XX(name, value, text)                   \
  check_name(TLSLOOP_##name, "TLSLOOP_" #name); \
  ck_assert_str_eq(tlsloop__code_text(TLSLOOP_##name), text);
  TLSLOOP_ERRNO_MAP(XX)
#undef XX
}
END_TEST


START_TEST(an_alert_says_which_way_it_went) {
  check_name(TLSLOOP_EALERT_SENT - 40,
             "TLSLOOP_EALERT_SENT(HANDSHAKE_FAILURE)");
  check_name(TLSLOOP_EALERT_RECEIVED - 48,
             "TLSLOOP_EALERT_RECEIVED(UNKNOWN_CA)");
  ck_assert_str_eq(tlsloop__code_text(TLSLOOP_EALERT_SENT - 48),
                   "a TLS alert was sent: unknown certificate authority");
  ck_assert_str_eq(tlsloop__code_text(TLSLOOP_EALERT_RECEIVED - 48),
                   "the peer sent a TLS alert: unknown certificate authority");
}
END_TEST


START_TEST(all_256_alerts_have_a_name_in_both_ways) {
  const char* alert;
  char number[16];
  char sent[64];
  char received[64];
  int n;

  for (n = 0; n < 256; n++) {
    snprintf(number, sizeof(number), "%d", n);
    alert = tlsloop__alert_name(n);
    if (alert == NULL)
      alert = number;
    snprintf(sent, sizeof(sent), "TLSLOOP_EALERT_SENT(%s)", alert);
    snprintf(received, sizeof(received), "TLSLOOP_EALERT_RECEIVED(%s)", alert);
    check_name(TLSLOOP_EALERT_SENT - n, sent);
    check_name(TLSLOOP_EALERT_RECEIVED - n, received);
  }
}
END_TEST


START_TEST(the_families_end_after_255) {
  ck_assert_ptr_null(tlsloop__code_name(TLSLOOP_EALERT_SENT + 1));
  ck_assert_ptr_null(tlsloop__code_name(TLSLOOP_EALERT_SENT - 256));
  ck_assert_ptr_null(tlsloop__code_name(TLSLOOP_EALERT_RECEIVED + 1));
  ck_assert_ptr_null(tlsloop__code_name(TLSLOOP_EALERT_RECEIVED - 256));
}
END_TEST


START_TEST(success_and_verification_have_no_name_here) {
  ck_assert_ptr_null(tlsloop__code_name(0));
  ck_assert_ptr_null(tlsloop__code_text(0));
  ck_assert_ptr_null(tlsloop__code_name(1));
  ck_assert_ptr_null(tlsloop__code_name(TLSLOOP_EVERIFY));
  ck_assert_ptr_null(tlsloop__code_name(TLSLOOP_EVERIFY - 10));
}
END_TEST


START_TEST(a_code_has_both_a_name_and_a_text_or_neither) {
  int code;
  int n;

  n = 0;
  for (code = FIRST; code <= LAST; code++) {
    ck_assert_msg(!tlsloop__code_name(code) == !tlsloop__code_text(code),
                  "code %d",
                  code);
    n += tlsloop__code_name(code) != NULL;
  }
  ck_assert_int_gt(n, 512 + 80);
}
END_TEST


START_TEST(no_two_codes_have_the_same_name) {
  int a;
  int b;

  for (a = FIRST; a <= LAST; a++) {
    if (tlsloop__code_name(a) == NULL)
      continue;
    for (b = a + 1; b <= LAST; b++) {
      if (tlsloop__code_name(b) != NULL)
        ck_assert_str_ne(tlsloop__code_name(a), tlsloop__code_name(b));
    }
  }
}
END_TEST


START_TEST(texts_are_short_and_have_no_full_stop) {
  const char* text;
  int code;

  for (code = FIRST; code <= LAST; code++) {
    text = tlsloop__code_text(code);
    if (text == NULL)
      continue;
    ck_assert_uint_gt(strlen(text), 3);
    ck_assert_uint_le(strlen(text), 72);
    ck_assert_int_ne(text[strlen(text) - 1], '.');
  }
}
END_TEST


START_TEST(names_stay_where_they_are_and_need_no_memory) {
  const char* name;
  int code;

  fail_alloc_from(0);
  for (code = FIRST; code <= LAST; code++) {
    name = tlsloop__code_name(code);
    ck_assert_ptr_eq(name, tlsloop__code_name(code));
    ck_assert_ptr_eq(tlsloop__code_text(code), tlsloop__code_text(code));
  }
  ck_assert_uint_eq(fail_alloc_reset(), 0);
}
END_TEST


/* The registry of RFC 8446, 6, with what came after it and what it reserves
 * for older versions of TLS. */
static const struct {
  int number;
  const char* name;
} alerts[] = {
    {0, "CLOSE_NOTIFY"},
    {10, "UNEXPECTED_MESSAGE"},
    {20, "BAD_RECORD_MAC"},
    {21, "DECRYPTION_FAILED"},
    {22, "RECORD_OVERFLOW"},
    {30, "DECOMPRESSION_FAILURE"},
    {40, "HANDSHAKE_FAILURE"},
    {41, "NO_CERTIFICATE"},
    {42, "BAD_CERTIFICATE"},
    {43, "UNSUPPORTED_CERTIFICATE"},
    {44, "CERTIFICATE_REVOKED"},
    {45, "CERTIFICATE_EXPIRED"},
    {46, "CERTIFICATE_UNKNOWN"},
    {47, "ILLEGAL_PARAMETER"},
    {48, "UNKNOWN_CA"},
    {49, "ACCESS_DENIED"},
    {50, "DECODE_ERROR"},
    {51, "DECRYPT_ERROR"},
    {52, "TOO_MANY_CIDS_REQUESTED"},
    {60, "EXPORT_RESTRICTION"},
    {70, "PROTOCOL_VERSION"},
    {71, "INSUFFICIENT_SECURITY"},
    {80, "INTERNAL_ERROR"},
    {86, "INAPPROPRIATE_FALLBACK"},
    {90, "USER_CANCELED"},
    {100, "NO_RENEGOTIATION"},
    {109, "MISSING_EXTENSION"},
    {110, "UNSUPPORTED_EXTENSION"},
    {111, "CERTIFICATE_UNOBTAINABLE"},
    {112, "UNRECOGNIZED_NAME"},
    {113, "BAD_CERTIFICATE_STATUS_RESPONSE"},
    {114, "BAD_CERTIFICATE_HASH_VALUE"},
    {115, "UNKNOWN_PSK_IDENTITY"},
    {116, "CERTIFICATE_REQUIRED"},
    {117, "GENERAL_ERROR"},
    {120, "NO_APPLICATION_PROTOCOL"},
    {121, "ECH_REQUIRED"},
};


START_TEST(the_alerts_are_those_of_the_registry) {
  size_t at;
  int alert;

  at = 0;
  for (alert = 0; alert <= 255; alert++) {
    if (at < sizeof(alerts) / sizeof(alerts[0]) && alerts[at].number == alert)
      ck_assert_str_eq(tlsloop__alert_name(alert), alerts[at++].name);
    else
      ck_assert_ptr_null(tlsloop__alert_name(alert));
  }
  ck_assert_uint_eq(at, sizeof(alerts) / sizeof(alerts[0]));
}
END_TEST


START_TEST(what_is_no_byte_is_no_alert) {
  ck_assert_ptr_null(tlsloop__alert_name(-1));
  ck_assert_ptr_null(tlsloop__alert_name(256));
  ck_assert_ptr_null(tlsloop__alert_name(256 + 40));
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("names");
  tcase = tcase_create("names");
  tcase_add_test(tcase, the_codes_of_libuv_have_their_names);
  tcase_add_test(tcase, the_codes_of_tlsloop_have_their_names_and_texts);
  tcase_add_test(tcase, an_alert_says_which_way_it_went);
  tcase_add_test(tcase, all_256_alerts_have_a_name_in_both_ways);
  tcase_add_test(tcase, the_families_end_after_255);
  tcase_add_test(tcase, success_and_verification_have_no_name_here);
  tcase_add_test(tcase, a_code_has_both_a_name_and_a_text_or_neither);
  tcase_add_test(tcase, no_two_codes_have_the_same_name);
  tcase_add_test(tcase, texts_are_short_and_have_no_full_stop);
  tcase_add_test(tcase, names_stay_where_they_are_and_need_no_memory);
  tcase_add_test(tcase, the_alerts_are_those_of_the_registry);
  tcase_add_test(tcase, what_is_no_byte_is_no_alert);
  suite_add_tcase(suite, tcase);
  return suite;
}
