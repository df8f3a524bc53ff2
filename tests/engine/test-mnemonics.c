/* SPDX-License-Identifier: MIT */

/* The made tables have every name of OpenSSL's headers and no other. The
 * compiler says what the macros are worth; see tools/mnemonics.sh --macros. */

#include "support/suite.h"

#include <ctype.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <string.h>

#define HEADERS
#include "generated/openssl-macros.h"
#undef HEADERS

#include "engine/mnemonics.h"
#include "engine/ossl.h"

static const struct {
  unsigned long code;
  const char* library;
  const char* reason;
} reasons[] = {
#define VERIFY(name)
#define REASON(lib, name) \
  {ERR_PACK(ERR_LIB_##lib, 0, lib##_R_##name), #lib, #name},
#include "generated/openssl-macros.h"
#undef REASON
#undef VERIFY
};

#define REASONS (sizeof(reasons) / sizeof(reasons[0]))


/* Whether |code| is in the headers more than once: as two macros. */
static int is_alias(unsigned long code) {
  size_t n;
  size_t i;

  n = 0;
  for (i = 0; i < REASONS; i++)
    n += reasons[i].code == code;
  return n > 1;
}


START_TEST(every_reason_has_the_name_of_its_macro) {
  const char* reason;
  size_t i;

  ck_assert_uint_gt(REASONS, 1000);
  for (i = 0; i < REASONS; i++) {
    ck_assert_str_eq(tlsloop__ossl_library(reasons[i].code),
                     reasons[i].library);
    reason = tlsloop__ossl_reason(reasons[i].code);
    ck_assert_msg(reason != NULL, "%s has no name", reasons[i].reason);
    if (!is_alias(reasons[i].code))
      ck_assert_str_eq(reason, reasons[i].reason);
  }
}
END_TEST


START_TEST(every_reason_that_openssl_ssl_can_explain_has_a_name) {
  unsigned long code;
  int named;
  int reason;

  OPENSSL_init_ssl(OPENSSL_INIT_LOAD_SSL_STRINGS, NULL);
  named = 0;
  for (reason = 1; reason < 5000; reason++) {
    code = ERR_PACK(ERR_LIB_SSL, 0, reason);
    ck_assert_msg(!ERR_reason_error_string(code) == !tlsloop__ossl_reason(code),
                  "SSL reason %d",
                  reason);
    named += tlsloop__ossl_reason(code) != NULL;
  }
  ck_assert_int_gt(named, 250);
}
END_TEST


START_TEST(the_keys_are_sorted_and_the_names_are_names) {
  const char* name;
  size_t i;

  for (i = 0; i < tlsloop__mnemonics_len; i++) {
    if (i > 0)
      ck_assert_uint_lt(tlsloop__mnemonics[i - 1].key,
                        tlsloop__mnemonics[i].key);
    name = tlsloop__mnemonic_texts + tlsloop__mnemonics[i].text;
    ck_assert_uint_gt(strlen(name), 0);
    for (; *name != '\0'; name++)
      ck_assert(isupper((unsigned char) *name) ||
                isdigit((unsigned char) *name) || *name == '_');
  }
}
END_TEST


static const struct {
  int number;
  const char* name;
} libraries[] = {
    {ERR_LIB_SYS, "SYS"},
    {ERR_LIB_SSL, "SSL"},
    {ERR_LIB_X509, "X509"},
    {ERR_LIB_X509V3, "X509V3"},
    {ERR_LIB_PEM, "PEM"},
    {ERR_LIB_ASN1, "ASN1"},
    {ERR_LIB_EVP, "EVP"},
    {ERR_LIB_BIO, "BIO"},
    {ERR_LIB_PROV, "PROV"},
    {ERR_LIB_OSSL_STORE, "OSSL_STORE"},
    {ERR_LIB_OSSL_DECODER, "OSSL_DECODER"},
};


START_TEST(libraries_have_the_names_of_their_macros) {
  size_t i;

  for (i = 0; i < sizeof(libraries) / sizeof(libraries[0]); i++)
    ck_assert_str_eq(tlsloop__ossl_library(ERR_PACK(libraries[i].number, 0, 1)),
                     libraries[i].name);
}
END_TEST


START_TEST(what_is_no_library_has_no_name) {
  ck_assert_ptr_null(tlsloop__ossl_library(0));
  ck_assert_ptr_null(tlsloop__ossl_library(ERR_PACK(0, 0, 1)));
  ck_assert_ptr_null(tlsloop__ossl_library(ERR_PACK(ERR_LIB_NONE, 0, 1)));
  ck_assert_ptr_null(tlsloop__ossl_library(ERR_PACK(ERR_LIB_USER, 0, 1)));
  ck_assert_ptr_null(tlsloop__ossl_library(ERR_PACK(255, 0, 1)));
}
END_TEST


START_TEST(what_is_no_reason_has_no_name) {
  ck_assert_ptr_null(tlsloop__ossl_reason(0));
  ck_assert_ptr_null(tlsloop__ossl_reason(ERR_PACK(ERR_LIB_SSL, 0, 0)));
  ck_assert_ptr_null(tlsloop__ossl_reason(ERR_PACK(ERR_LIB_SSL, 0, 99999)));
  ck_assert_ptr_null(tlsloop__ossl_reason(ERR_PACK(ERR_LIB_USER, 0, 100)));
  /* As a reason of all libraries 259 has a name, but not without its flags. */
  ck_assert_ptr_null(tlsloop__ossl_reason(ERR_PACK(0, 0, 259)));
}
END_TEST


START_TEST(shared_reasons_have_names_in_every_library) {
  ck_assert_str_eq(
      tlsloop__ossl_reason(ERR_PACK(ERR_LIB_SSL, 0, ERR_R_INTERNAL_ERROR)),
      "INTERNAL_ERROR");
  ck_assert_str_eq(
      tlsloop__ossl_reason(ERR_PACK(ERR_LIB_X509, 0, ERR_R_MALLOC_FAILURE)),
      "MALLOC_FAILURE");
  ck_assert_str_eq(tlsloop__ossl_reason(
                       ERR_PACK(ERR_LIB_EVP, 0, ERR_R_PASSED_INVALID_ARGUMENT)),
                   "PASSED_INVALID_ARGUMENT");
  ck_assert_ptr_null(
      tlsloop__ossl_reason(ERR_PACK(ERR_LIB_SSL, 0, ERR_R_PEM_LIB)));
}
END_TEST


START_TEST(system_errors_have_the_names_of_errno) {
  ck_assert_str_eq(tlsloop__ossl_library(ERR_SYSTEM_FLAG | ENOENT), "SYS");
  ck_assert_str_eq(tlsloop__ossl_reason(ERR_SYSTEM_FLAG | ENOENT), "ENOENT");
  ck_assert_ptr_null(tlsloop__ossl_reason(ERR_SYSTEM_FLAG | 3999));
  ck_assert_ptr_null(tlsloop__ossl_reason(ERR_SYSTEM_FLAG));
  ck_assert_ptr_null(tlsloop__ossl_reason(ERR_SYSTEM_FLAG | ERR_SYSTEM_MASK));
}
END_TEST


START_TEST(any_number_can_be_asked_about) {
  unsigned long code;
  unsigned int i;

  code = 1;
  for (i = 0; i < 200000; i++) {
    code = code * 6364136223846793005UL + 1442695040888963407UL;
    tlsloop__ossl_library(code);
    tlsloop__ossl_reason(code);
    tlsloop__ossl_library(code >> 32);
    tlsloop__ossl_reason(code >> 32);
  }
  ck_assert_ptr_null(tlsloop__ossl_reason(~0UL));
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("mnemonics");
  tcase = tcase_create("mnemonics");
  tcase_add_test(tcase, every_reason_has_the_name_of_its_macro);
  tcase_add_test(tcase, every_reason_that_openssl_ssl_can_explain_has_a_name);
  tcase_add_test(tcase, the_keys_are_sorted_and_the_names_are_names);
  tcase_add_test(tcase, libraries_have_the_names_of_their_macros);
  tcase_add_test(tcase, what_is_no_library_has_no_name);
  tcase_add_test(tcase, what_is_no_reason_has_no_name);
  tcase_add_test(tcase, shared_reasons_have_names_in_every_library);
  tcase_add_test(tcase, system_errors_have_the_names_of_errno);
  tcase_add_test(tcase, any_number_can_be_asked_about);
  suite_add_tcase(suite, tcase);
  return suite;
}
