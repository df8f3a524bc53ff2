/* SPDX-License-Identifier: MIT */

/* Every constant is found by its name, and by its number where it has one of
 * its own. That Python agrees is tested in tests/interop/constants.py. */

#include "support/suite.h"

#include "tlsloop/callback.h"
#include "tlsloop/constants.h"
#include "tlsloop/ctx.h"

#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>
#include <uv/errno.h>


static int64_t value_of(const char* name) {
  int64_t value;

  ck_assert_msg(tlsloop_constant_value(name, &value) == 0, "no %s", name);
  return value;
}


START_TEST(every_constant_has_its_place_and_its_name) {
  const char* name;
  int64_t value;
  size_t i;

  ck_assert_uint_gt(tlsloop_constant_count(), 200);
  for (i = 0; i < tlsloop_constant_count(); i++) {
    name = NULL;
    ck_assert_int_eq(tlsloop_constant_at(i, &name, &value), 0);
    ck_assert_ptr_nonnull(name);
    ck_assert_int_eq(value_of(name), value);
  }
}
END_TEST


START_TEST(no_two_constants_have_the_same_name) {
  const char* a;
  const char* b;
  int64_t value;
  size_t i;
  size_t j;

  for (i = 0; tlsloop_constant_at(i, &a, &value) == 0; i++) {
    for (j = i + 1; tlsloop_constant_at(j, &b, &value) == 0; j++)
      ck_assert_str_ne(a, b);
  }
}
END_TEST


START_TEST(there_is_nothing_after_the_last) {
  const char* name = "before";
  int64_t value = 42;

  ck_assert_int_eq(tlsloop_constant_at(tlsloop_constant_count(), &name, &value),
                   UV__EINVAL);
  ck_assert_int_eq(tlsloop_constant_at(SIZE_MAX, &name, &value), UV__EINVAL);
  ck_assert_str_eq(name, "before");
  ck_assert_int_eq(value, 42);
}
END_TEST


START_TEST(what_is_no_name_is_refused) {
  static const char* const names[] = {"",
                                      "CERT",
                                      "CERT_NONE ",
                                      "cert_none",
                                      "TLSLOOP_",
                                      "TLSLOOP_OP_ALL_",
                                      "SSL_ERROR_NONE",
                                      "TLSv1_3"};
  int64_t value = 42;
  size_t i;

  for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
    ck_assert_int_eq(tlsloop_constant_value(names[i], &value), UV__EINVAL);
  ck_assert_int_eq(value, 42);
}
END_TEST


START_TEST(verify_modes_have_their_numbers) {
  ck_assert_int_eq(value_of("CERT_NONE"), 0);
  ck_assert_int_eq(value_of("CERT_OPTIONAL"), 1);
  ck_assert_int_eq(value_of("CERT_REQUIRED"), 2);
  ck_assert_str_eq(tlsloop_verify_mode_name(0), "CERT_NONE");
  ck_assert_str_eq(tlsloop_verify_mode_name(1), "CERT_OPTIONAL");
  ck_assert_str_eq(tlsloop_verify_mode_name(2), "CERT_REQUIRED");
  ck_assert_ptr_null(tlsloop_verify_mode_name(3));
  ck_assert_ptr_null(tlsloop_verify_mode_name(-1));
}
END_TEST


static const struct {
  const char* name;
  int value;
} verify_flags[] = {
    {"VERIFY_DEFAULT", 0},
    {"VERIFY_CRL_CHECK_LEAF", 4},
    {"VERIFY_CRL_CHECK_CHAIN", 12},
    {"VERIFY_X509_STRICT", 0x20},
    {"VERIFY_ALLOW_PROXY_CERTS", 0x40},
    {"VERIFY_X509_TRUSTED_FIRST", 0x8000},
    {"VERIFY_X509_PARTIAL_CHAIN", 0x80000},
};

START_TEST(verify_flags_have_their_numbers) {
  ck_assert_int_eq(value_of(verify_flags[_i].name), verify_flags[_i].value);
  ck_assert_str_eq(tlsloop_verify_flag_name(verify_flags[_i].value),
                   verify_flags[_i].name);
}
END_TEST


START_TEST(flags_together_have_no_name) {
  ck_assert_ptr_null(tlsloop_verify_flag_name(8));
  ck_assert_ptr_null(tlsloop_verify_flag_name(0x8020));
  ck_assert_ptr_null(tlsloop_verify_flag_name(UINT64_MAX));
  ck_assert_ptr_null(
      tlsloop_option_name(TLSLOOP_OP_NO_TICKET | TLSLOOP_OP_NO_COMPRESSION));
  ck_assert_ptr_null(tlsloop_option_name(UINT64_MAX));
}
END_TEST


static const struct {
  const char* name;
  int value;
} protocols[] = {
    {"PROTOCOL_SSLv3", 1},
    {"PROTOCOL_TLS", 2},
    {"PROTOCOL_TLSv1", 3},
    {"PROTOCOL_TLSv1_1", 4},
    {"PROTOCOL_TLSv1_2", 5},
    {"PROTOCOL_TLS_CLIENT", 16},
    {"PROTOCOL_TLS_SERVER", 17},
};

START_TEST(protocols_have_their_numbers) {
  ck_assert_int_eq(value_of(protocols[_i].name), protocols[_i].value);
  ck_assert_str_eq(tlsloop_protocol_name(protocols[_i].value),
                   protocols[_i].name);
}
END_TEST


START_TEST(the_old_name_of_a_protocol_is_only_another_name) {
  ck_assert_int_eq(value_of("PROTOCOL_SSLv23"), TLSLOOP_PROTOCOL_TLS);
}
END_TEST


START_TEST(what_is_no_protocol_is_unknown) {
  static const int unknown[] = {-1, 0, 6, 15, 18, 0x303};
  int i;

  for (i = 0; i < 6; i++)
    ck_assert_str_eq(tlsloop_protocol_name(unknown[i]), "<unknown>");
}
END_TEST


static const struct {
  const char* name;
  int value;
} versions[] = {
    {"MINIMUM_SUPPORTED", -2},
    {"SSLv3", 0x300},
    {"TLSv1", 0x301},
    {"TLSv1_1", 0x302},
    {"TLSv1_2", 0x303},
    {"TLSv1_3", 0x304},
    {"MAXIMUM_SUPPORTED", -1},
};

START_TEST(versions_have_their_numbers) {
  char name[64];

  snprintf(name, sizeof(name), "TLSVersion.%s", versions[_i].name);
  ck_assert_int_eq(value_of(name), versions[_i].value);
  ck_assert_str_eq(tlsloop_tls_version_name(versions[_i].value),
                   versions[_i].name);
}
END_TEST


START_TEST(what_is_no_version_has_no_name) {
  ck_assert_ptr_null(tlsloop_tls_version_name(0));
  ck_assert_ptr_null(tlsloop_tls_version_name(0x305));
  ck_assert_ptr_null(tlsloop_tls_version_name(-3));
}
END_TEST


static const struct {
  const char* name;
  uint64_t value;
} options[] = {
    {"OP_NO_SSLv2", 0},
    {"OP_LEGACY_SERVER_CONNECT", SSL_OP_LEGACY_SERVER_CONNECT},
    {"OP_ENABLE_KTLS", SSL_OP_ENABLE_KTLS},
    {"OP_IGNORE_UNEXPECTED_EOF", SSL_OP_IGNORE_UNEXPECTED_EOF},
    {"OP_NO_TICKET", SSL_OP_NO_TICKET},
    {"OP_NO_COMPRESSION", SSL_OP_NO_COMPRESSION},
    {"OP_ENABLE_MIDDLEBOX_COMPAT", SSL_OP_ENABLE_MIDDLEBOX_COMPAT},
    {"OP_CIPHER_SERVER_PREFERENCE", SSL_OP_CIPHER_SERVER_PREFERENCE},
    {"OP_NO_SSLv3", SSL_OP_NO_SSLv3},
    {"OP_NO_TLSv1", SSL_OP_NO_TLSv1},
    {"OP_NO_TLSv1_1", SSL_OP_NO_TLSv1_1},
    {"OP_NO_TLSv1_2", SSL_OP_NO_TLSv1_2},
    {"OP_NO_TLSv1_3", SSL_OP_NO_TLSv1_3},
    {"OP_NO_RENEGOTIATION", SSL_OP_NO_RENEGOTIATION},
    {"OP_ALL", SSL_OP_ALL & ~SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS},
};

START_TEST(options_have_openssls_numbers) {
  ck_assert_int_eq(value_of(options[_i].name), (int64_t) options[_i].value);
  ck_assert_str_eq(tlsloop_option_name(options[_i].value), options[_i].name);
}
END_TEST


START_TEST(options_that_mean_nothing_any_more_are_zero) {
  ck_assert_int_eq(value_of("OP_SINGLE_DH_USE"), 0);
  ck_assert_int_eq(value_of("OP_SINGLE_ECDH_USE"), 0);
  ck_assert_int_eq(value_of("OP_NO_SSLv2"), 0);
}
END_TEST


START_TEST(all_workarounds_are_not_the_one_that_weakens) {
  ck_assert_uint_eq(tlsloop_op_all() & SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS, 0);
  ck_assert_uint_eq(tlsloop_op_all() | SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS,
                    SSL_OP_ALL);
  ck_assert_int_gt(value_of("OP_ALL"), INT32_MAX);
}
END_TEST


START_TEST(no_constant_of_options_is_negative) {
  const char* name;
  int64_t value;
  size_t i;

  for (i = 0; tlsloop_constant_at(i, &name, &value) == 0; i++) {
    if (strncmp(name, "OP_", 3) == 0)
      ck_assert_int_ge(value, 0);
  }
}
END_TEST


/* The two lists of alerts were written apart. */
START_TEST(alerts_are_called_as_in_the_registry) {
  const char* name;
  char alert_name[64];
  int64_t value;
  size_t i;
  int n;

  n = 0;
  for (i = 0; tlsloop_constant_at(i, &name, &value) == 0; i++) {
    if (strncmp(name, "TLSLOOP_ALERT_", 14) != 0)
      continue;
    ck_assert_ptr_nonnull(tlsloop_alert_name((int) value));
    snprintf(alert_name,
             sizeof(alert_name),
             "TLSLOOP_ALERT_%s",
             tlsloop_alert_name((int) value));
    ck_assert_str_eq(alert_name, name);
    n++;
  }
  ck_assert_int_eq(n, 31);
}
END_TEST


START_TEST(python_has_27_of_the_alerts_and_spells_one_differently) {
  const char* name;
  int64_t value;
  size_t i;
  int n;

  n = 0;
  for (i = 0; tlsloop_constant_at(i, &name, &value) == 0; i++) {
    if (strncmp(name, "ALERT_DESCRIPTION_", 18) != 0)
      continue;
    if (value != TLSLOOP_ALERT_USER_CANCELED)
      ck_assert_str_eq(name + 18, tlsloop_alert_name((int) value));
    n++;
  }
  ck_assert_int_eq(n, 27);
  ck_assert_int_eq(value_of("ALERT_DESCRIPTION_USER_CANCELLED"), 90);
}
END_TEST


static const struct {
  const char* name;
  int value;
} ssl_errors[] = {
    {"SSL_ERROR_SSL", 1},
    {"SSL_ERROR_WANT_READ", 2},
    {"SSL_ERROR_WANT_WRITE", 3},
    {"SSL_ERROR_WANT_X509_LOOKUP", 4},
    {"SSL_ERROR_SYSCALL", 5},
    {"SSL_ERROR_ZERO_RETURN", 6},
    {"SSL_ERROR_WANT_CONNECT", 7},
    {"SSL_ERROR_EOF", 8},
    {"SSL_ERROR_INVALID_ERROR_CODE", 10},
};

START_TEST(ssl_errors_have_their_numbers) {
  ck_assert_int_eq(value_of(ssl_errors[_i].name), ssl_errors[_i].value);
  ck_assert_str_eq(tlsloop_ssl_error_name(ssl_errors[_i].value),
                   ssl_errors[_i].name);
}
END_TEST


START_TEST(what_is_no_ssl_error_has_no_name) {
  ck_assert_ptr_null(tlsloop_ssl_error_name(0));
  ck_assert_ptr_null(tlsloop_ssl_error_name(9));
  ck_assert_ptr_null(tlsloop_ssl_error_name(11));
  ck_assert_ptr_null(tlsloop_ssl_error_name(-1));
}
END_TEST


START_TEST(enumerators_of_all_headers_are_in_the_table) {
  ck_assert_int_eq(value_of("TLSLOOP_CLIENT"), TLSLOOP_CLIENT);
  ck_assert_int_eq(value_of("TLSLOOP_ENGINE_FAILED"), TLSLOOP_ENGINE_FAILED);
  ck_assert_int_eq(value_of("TLSLOOP_EINSECURE"), TLSLOOP_EINSECURE);
  ck_assert_int_eq(value_of("TLSLOOP_EVERIFY"), TLSLOOP_EVERIFY);
  ck_assert_int_eq(value_of("TLSLOOP_ERR_INTERNAL"), TLSLOOP_ERR_INTERNAL);
  ck_assert_int_eq(value_of("TLSLOOP_ALPN_REFUSE"), TLSLOOP_ALPN_REFUSE);
  ck_assert_int_eq(value_of("TLSLOOP_ENCODING_DER"), TLSLOOP_ENCODING_DER);
  ck_assert_int_eq(value_of("TLSLOOP_TLS_MINIMUM_SUPPORTED"), -2);
}
END_TEST


/* For a binding, "HAS_SNI" is the answer, "TLSLOOP_FEATURE_SNI" the question.
 */
START_TEST(features_by_pythons_names_are_yes_or_no) {
  ck_assert_int_eq(value_of("HAS_SNI"), 1);
  ck_assert_int_eq(value_of("HAS_ALPN"), 1);
  ck_assert_int_eq(value_of("HAS_ECDH"), 1);
  ck_assert_int_eq(value_of("HAS_TLS_UNIQUE"), 1);
  ck_assert_int_eq(value_of("HAS_NEVER_CHECK_COMMON_NAME"), 1);
  ck_assert_int_eq(value_of("HAS_NPN"), 0);
  ck_assert_int_eq(value_of("HAS_SSLv2"), 0);
  ck_assert_int_eq(value_of("HAS_SSLv3"),
                   tlsloop_has_feature(TLSLOOP_FEATURE_SSLV3));
  ck_assert_int_eq(value_of("HAS_TLSv1_3"),
                   tlsloop_has_feature(TLSLOOP_FEATURE_TLS_1_3));
  ck_assert_int_eq(value_of("TLSLOOP_FEATURE_SNI"), TLSLOOP_FEATURE_SNI);
}
END_TEST


#define COUNT(table) ((int) (sizeof(table) / sizeof((table)[0])))

Suite* suite(void) {
  TCase* tc;
  Suite* s;

  s = suite_create("constants");

  tc = tcase_create("table");
  tcase_add_test(tc, every_constant_has_its_place_and_its_name);
  tcase_add_test(tc, no_two_constants_have_the_same_name);
  tcase_add_test(tc, there_is_nothing_after_the_last);
  tcase_add_test(tc, what_is_no_name_is_refused);
  tcase_add_test(tc, enumerators_of_all_headers_are_in_the_table);
  tcase_add_test(tc, features_by_pythons_names_are_yes_or_no);
  suite_add_tcase(s, tc);

  tc = tcase_create("numbers");
  tcase_add_test(tc, verify_modes_have_their_numbers);
  tcase_add_loop_test(
      tc, verify_flags_have_their_numbers, 0, COUNT(verify_flags));
  tcase_add_loop_test(tc, protocols_have_their_numbers, 0, COUNT(protocols));
  tcase_add_test(tc, the_old_name_of_a_protocol_is_only_another_name);
  tcase_add_test(tc, what_is_no_protocol_is_unknown);
  tcase_add_loop_test(tc, versions_have_their_numbers, 0, COUNT(versions));
  tcase_add_test(tc, what_is_no_version_has_no_name);
  tcase_add_loop_test(tc, ssl_errors_have_their_numbers, 0, COUNT(ssl_errors));
  tcase_add_test(tc, what_is_no_ssl_error_has_no_name);
  tcase_add_test(tc, alerts_are_called_as_in_the_registry);
  tcase_add_test(tc, python_has_27_of_the_alerts_and_spells_one_differently);
  suite_add_tcase(s, tc);

  tc = tcase_create("options");
  tcase_add_loop_test(tc, options_have_openssls_numbers, 0, COUNT(options));
  tcase_add_test(tc, options_that_mean_nothing_any_more_are_zero);
  tcase_add_test(tc, all_workarounds_are_not_the_one_that_weakens);
  tcase_add_test(tc, no_constant_of_options_is_negative);
  tcase_add_test(tc, flags_together_have_no_name);
  suite_add_tcase(s, tc);
  return s;
}
