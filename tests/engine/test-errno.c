/* SPDX-License-Identifier: MIT */

/* A code says what it is called, what it means and what kind it is, and
 * carries its alert or verification result. */

#include "support/suite.h"

#include <limits.h>
#include <openssl/x509_vfy.h>
#include <stdio.h>
#include <string.h>
#include <uv/errno.h>

#include "support/fail-alloc.h"
#include "tlsloop/errno.h"

/* What OpenSSL says of a number that is no verification result. */
static const char* unknown_verify_text;


static void setup(void) {
  unknown_verify_text = X509_verify_cert_error_string(999);
}


START_TEST(codes_have_their_names) {
  ck_assert_str_eq(tlsloop_err_name(UV__EINVAL), "UV_EINVAL");
  ck_assert_str_eq(tlsloop_err_name(UV__EOF), "UV_EOF");
  ck_assert_str_eq(tlsloop_err_name(TLSLOOP_ETRUNCATED), "TLSLOOP_ETRUNCATED");
  ck_assert_str_eq(tlsloop_err_name(TLSLOOP_WANT_READ), "TLSLOOP_WANT_READ");
  ck_assert_str_eq(tlsloop_err_name(TLSLOOP_EALERT_RECEIVED - 48),
                   "TLSLOOP_EALERT_RECEIVED(UNKNOWN_CA)");
  ck_assert_str_eq(tlsloop_err_name(TLSLOOP_EALERT_SENT - 200),
                   "TLSLOOP_EALERT_SENT(200)");
  ck_assert_str_eq(tlsloop_err_name(TLSLOOP_EVERIFY - 10),
                   "TLSLOOP_EVERIFY(CERT_HAS_EXPIRED)");
  ck_assert_str_eq(tlsloop_err_name(TLSLOOP_EVERIFY - 999),
                   "TLSLOOP_EVERIFY(999)");
}
END_TEST


/* The numbers between and beyond the ranges. */
static const int strangers[] = {
    0,
    1,
    255,
    INT_MAX,
    -4100,
    -5000,
    -5004,
    -5099,
    TLSLOOP_EALERT_SENT + 1,
    TLSLOOP_EALERT_SENT - 256,
    TLSLOOP_EALERT_RECEIVED + 1,
    TLSLOOP_EALERT_RECEIVED - 256,
    TLSLOOP_EVERIFY + 1,
    TLSLOOP_EVERIFY,
    TLSLOOP_EVERIFY - 1000,
    INT_MIN + 1,
    INT_MIN,
};

#define STRANGERS ((int) (sizeof(strangers) / sizeof(strangers[0])))


START_TEST(what_is_no_code_is_unknown_and_carries_nothing) {
  int n;

  for (n = 0; n < STRANGERS; n++) {
    ck_assert_str_eq(tlsloop_err_name(strangers[n]), "UNKNOWN");
    ck_assert_str_eq(tlsloop_strerror(strangers[n]), "unknown error");
    ck_assert_int_eq(tlsloop_err_alert(strangers[n]), -1);
    ck_assert_int_eq(tlsloop_err_verify_code(strangers[n]), 0);
    ck_assert_int_eq(tlsloop_err_type(strangers[n]),
                     strangers[n] >= 0      ? TLSLOOP_ERR_NONE
                     : strangers[n] > -4100 ? TLSLOOP_ERR_IO
                                            : TLSLOOP_ERR_INTERNAL);
  }
}
END_TEST


START_TEST(codes_have_their_texts) {
  ck_assert_str_eq(tlsloop_strerror(UV__ENOENT), "no such file or directory");
  ck_assert_str_eq(tlsloop_strerror(TLSLOOP_ETRUNCATED),
                   "the connection ended without close_notify");
  ck_assert_str_eq(tlsloop_strerror(TLSLOOP_EALERT_RECEIVED - 48),
                   "the peer sent a TLS alert: unknown certificate authority");
  ck_assert_str_eq(tlsloop_strerror(TLSLOOP_EVERIFY - 10),
                   "certificate has expired");
  ck_assert_str_eq(tlsloop_strerror(TLSLOOP_EVERIFY - 999),
                   unknown_verify_text);
}
END_TEST


START_TEST(every_verification_result_has_a_name_and_a_text) {
  char number[32];
  const char* name;
  int n;

  for (n = 1; n < 1000; n++) {
    snprintf(number, sizeof(number), "TLSLOOP_EVERIFY(%d)", n);
    name = tlsloop_err_name(TLSLOOP_EVERIFY - n);
    ck_assert_int_eq(strncmp(name, "TLSLOOP_EVERIFY(", 16), 0);
    ck_assert_int_eq(name[strlen(name) - 1], ')');
    ck_assert_str_ne(tlsloop_strerror(TLSLOOP_EVERIFY - n), "");
    ck_assert_str_eq(tlsloop_strerror(TLSLOOP_EVERIFY - n),
                     X509_verify_cert_error_string(n));

    /* What OpenSSL has a text for has a mnemonic. */
    if (strcmp(tlsloop_strerror(TLSLOOP_EVERIFY - n), unknown_verify_text) != 0)
      ck_assert_str_ne(name, number);
  }
}
END_TEST


static void check_verify_name(int verify_code, const char* macro) {
  char name[128];

  snprintf(
      name, sizeof(name), "TLSLOOP_EVERIFY(%s)", macro + strlen("X509_V_ERR_"));
  ck_assert_str_eq(tlsloop_err_name(TLSLOOP_EVERIFY - verify_code), name);
}


START_TEST(verification_results_have_the_names_of_openssl_s_macros) {
  int n;

  n = 0;
#define REASON(lib, name)
#define VERIFY(name) \
  check_verify_name(X509_V_ERR_##name, "X509_V_ERR_" #name), n++;
#include "generated/openssl-macros.h"
#undef REASON
#undef VERIFY
  ck_assert_int_gt(n, 80);
}
END_TEST


START_TEST(names_and_texts_stay_and_need_no_memory) {
  const char* name;
  const char* text;
  int code;

  fail_alloc_from(0);
  for (code = -8000; code < 10; code++) {
    name = tlsloop_err_name(code);
    text = tlsloop_strerror(code);
    ck_assert_ptr_nonnull(name);
    ck_assert_ptr_nonnull(text);
    ck_assert_ptr_eq(tlsloop_err_name(code), name);
    ck_assert_ptr_eq(tlsloop_strerror(code), text);
  }
  ck_assert_uint_eq(fail_alloc_reset(), 0);
}
END_TEST


START_TEST(an_alert_s_number_comes_back) {
  int n;

  for (n = 0; n < 256; n++) {
    ck_assert_int_eq(tlsloop_err_alert(TLSLOOP_EALERT_SENT - n), n);
    ck_assert_int_eq(tlsloop_err_alert(TLSLOOP_EALERT_RECEIVED - n), n);
    ck_assert_int_eq(tlsloop_err_type(TLSLOOP_EALERT_SENT - n),
                     TLSLOOP_ERR_ALERT);
    ck_assert_int_eq(tlsloop_err_type(TLSLOOP_EALERT_RECEIVED - n),
                     TLSLOOP_ERR_ALERT);
    ck_assert_int_eq(tlsloop_err_verify_code(TLSLOOP_EALERT_SENT - n), 0);
  }
}
END_TEST


START_TEST(a_verification_result_comes_back) {
  int n;

  for (n = 1; n < 1000; n++) {
    ck_assert_int_eq(tlsloop_err_verify_code(TLSLOOP_EVERIFY - n), n);
    ck_assert_int_eq(tlsloop_err_type(TLSLOOP_EVERIFY - n), TLSLOOP_ERR_CERT);
    ck_assert_int_eq(tlsloop_err_alert(TLSLOOP_EVERIFY - n), -1);
  }
}
END_TEST


static const struct {
  int code;
  int type;
} kinds[] = {
    {0, TLSLOOP_ERR_NONE},
    {5, TLSLOOP_ERR_NONE},
    {TLSLOOP_WANT_READ, TLSLOOP_ERR_WANT},
    {TLSLOOP_WANT_WRITE, TLSLOOP_ERR_WANT},
    {TLSLOOP_WANT_DECISION, TLSLOOP_ERR_WANT},
    {UV__ECONNRESET, TLSLOOP_ERR_IO},
    {UV__ENOENT, TLSLOOP_ERR_IO},
    {UV__ETIMEDOUT, TLSLOOP_ERR_IO},
    {UV__ECANCELED, TLSLOOP_ERR_IO},
    {UV__EAI_NONAME, TLSLOOP_ERR_IO},
    {UV__UNKNOWN, TLSLOOP_ERR_IO},
    {UV__EOF, TLSLOOP_ERR_EOF},
    {TLSLOOP_ETRUNCATED, TLSLOOP_ERR_EOF},
    {TLSLOOP_ENOCERT, TLSLOOP_ERR_CERT},
    {TLSLOOP_EBADCERT, TLSLOOP_ERR_CERT},
    {TLSLOOP_EBADKEY, TLSLOOP_ERR_CERT},
    {TLSLOOP_EKEYMISMATCH, TLSLOOP_ERR_CERT},
    {TLSLOOP_EPASSWORD, TLSLOOP_ERR_CERT},
    {TLSLOOP_EBADCRL, TLSLOOP_ERR_CERT},
    {TLSLOOP_EWEAK, TLSLOOP_ERR_CERT},
    {TLSLOOP_EHOSTNAME, TLSLOOP_ERR_CERT},
    {TLSLOOP_EPROTOCOL, TLSLOOP_ERR_PROTOCOL},
    {TLSLOOP_ENOTTLS, TLSLOOP_ERR_PROTOCOL},
    {UV__EINVAL, TLSLOOP_ERR_USAGE},
    {UV__EBUSY, TLSLOOP_ERR_USAGE},
    {UV__EALREADY, TLSLOOP_ERR_USAGE},
    {UV__ENOTSUP, TLSLOOP_ERR_USAGE},
    {TLSLOOP_EUNREAD, TLSLOOP_ERR_USAGE},
    {TLSLOOP_ENOHOSTNAME, TLSLOOP_ERR_USAGE},
    {TLSLOOP_ESIDE, TLSLOOP_ERR_USAGE},
    {TLSLOOP_EINSECURE, TLSLOOP_ERR_USAGE},
    {TLSLOOP_ECIPHERS, TLSLOOP_ERR_USAGE},
    {TLSLOOP_ESESSION, TLSLOOP_ERR_USAGE},
    {UV__ENOMEM, TLSLOOP_ERR_INTERNAL},
    {UV__EAI_MEMORY, TLSLOOP_ERR_INTERNAL},
    {TLSLOOP_ECALLBACK, TLSLOOP_ERR_INTERNAL},
    {TLSLOOP_EOPENSSL, TLSLOOP_ERR_INTERNAL},
};

#define KINDS ((int) (sizeof(kinds) / sizeof(kinds[0])))


START_TEST(each_code_is_of_its_kind) {
  int n;

  for (n = 0; n < KINDS; n++) {
    ck_assert_int_eq(tlsloop_err_type(kinds[n].code), kinds[n].type);
  }
}
END_TEST


START_TEST(each_code_of_tlsloop_was_given_a_kind) {
  int i;

#define XX(name, value, text)                               \
  for (i = 0; i < KINDS && kinds[i].code != (value); i++) { \
  }                                                         \
  ck_assert_msg(i < KINDS, "TLSLOOP_" #name);
  TLSLOOP_ERRNO_MAP(XX)
#undef XX
}
END_TEST


START_TEST(alerts_have_names_and_other_numbers_have_none) {
  ck_assert_str_eq(tlsloop_alert_name(0), "CLOSE_NOTIFY");
  ck_assert_str_eq(tlsloop_alert_name(40), "HANDSHAKE_FAILURE");
  ck_assert_str_eq(tlsloop_alert_name(120), "NO_APPLICATION_PROTOCOL");
  ck_assert_ptr_null(tlsloop_alert_name(200));
  ck_assert_ptr_null(tlsloop_alert_name(-1));
  ck_assert_ptr_null(tlsloop_alert_name(256));
  ck_assert_ptr_null(tlsloop_alert_name(INT_MAX));
  ck_assert_ptr_null(tlsloop_alert_name(INT_MIN));
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("errno");
  tcase = tcase_create("errno");
  tcase_add_checked_fixture(tcase, setup, NULL);
  tcase_add_test(tcase, codes_have_their_names);
  tcase_add_test(tcase, codes_have_their_texts);
  tcase_add_test(tcase, what_is_no_code_is_unknown_and_carries_nothing);
  tcase_add_test(tcase, every_verification_result_has_a_name_and_a_text);
  tcase_add_test(tcase,
                 verification_results_have_the_names_of_openssl_s_macros);
  tcase_add_test(tcase, names_and_texts_stay_and_need_no_memory);
  tcase_add_test(tcase, an_alert_s_number_comes_back);
  tcase_add_test(tcase, a_verification_result_comes_back);
  tcase_add_test(tcase, each_code_is_of_its_kind);
  tcase_add_test(tcase, each_code_of_tlsloop_was_given_a_kind);
  tcase_add_test(tcase, alerts_have_names_and_other_numbers_have_none);
  suite_add_tcase(suite, tcase);
  return suite;
}
