/* SPDX-License-Identifier: MIT */

/* What OpenSSL left in its queue becomes one readable error, and nothing of it
 * stays. */

#include "support/suite.h"

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509err.h>
#include <string.h>
#include <uv/errno.h>

#include "engine/ossl.h"
#include "support/fail-alloc.h"
#include "tlsloop/errno.h"

static tlsloop__error_slot_t slot;


static void setup(void) {
  slot = NULL;
  OPENSSL_init_ssl(OPENSSL_INIT_LOAD_SSL_STRINGS, NULL);
  tlsloop__ossl_begin();
}


static void teardown(void) {
  fail_alloc_reset();
  ck_assert_uint_eq(ERR_peek_error(), 0);
  tlsloop__error_clear(&slot);
}


/* Fails with TLSLOOP_EOPENSSL, which has to become |expected|; returns the
 * details. */
static const tlsloop_error_t* check_fail(int expected, const char* subject) {
  const tlsloop_error_t* error;

  ck_assert_int_eq(tlsloop__ossl_fail(&slot, TLSLOOP_EOPENSSL, subject),
                   expected);
  ck_assert_uint_eq(ERR_peek_error(), 0);
  error = tlsloop__error_get(&slot);
  ck_assert_ptr_nonnull(error);
  ck_assert_int_eq(error->code, expected);
  return error;
}


START_TEST(beginning_forgets_what_others_left) {
  ERR_raise(ERR_LIB_SSL, SSL_R_BAD_LENGTH);
  ERR_raise(ERR_LIB_X509, X509_R_KEY_VALUES_MISMATCH);
  errno = EIO;
  tlsloop__ossl_begin();
  ck_assert_int_eq(errno, 0);
  ck_assert_uint_eq(ERR_peek_error(), 0);
  tlsloop__ossl_begin();
  ck_assert_uint_eq(ERR_peek_error(), 0);
}
END_TEST


START_TEST(ending_forgets_what_openssl_got_over) {
  ERR_raise(ERR_LIB_SSL, SSL_R_BAD_LENGTH);
  tlsloop__ossl_end();
  ck_assert_uint_eq(ERR_peek_error(), 0);
  tlsloop__ossl_end();
}
END_TEST


START_TEST(the_newest_error_is_the_one_reported) {
  const tlsloop_error_t* error;

  ERR_raise(ERR_LIB_SSL, SSL_R_BAD_LENGTH);
  ERR_raise(ERR_LIB_X509, X509_R_KEY_VALUES_MISMATCH);
  error = check_fail(TLSLOOP_EOPENSSL, "server.pem");
  ck_assert_uint_eq(error->openssl_code,
                    ERR_PACK(ERR_LIB_X509, 0, X509_R_KEY_VALUES_MISMATCH));
  ck_assert_str_eq(error->library, "X509");
  ck_assert_str_eq(error->reason, "KEY_VALUES_MISMATCH");
  ck_assert_str_eq(error->subject, "server.pem");
  ck_assert_str_eq(error->text,
                   "server.pem: [X509: KEY_VALUES_MISMATCH] key values "
                   "mismatch");
  ck_assert_int_eq(error->sys_errno, 0);
}
END_TEST


START_TEST(a_failure_does_not_repeat_the_one_before) {
  const tlsloop_error_t* error;

  ERR_raise(ERR_LIB_SYS, ENOENT);
  check_fail(UV__ENOENT, "a");
  error = check_fail(TLSLOOP_EOPENSSL, NULL);
  ck_assert_int_eq(error->sys_errno, 0);
  ck_assert_uint_eq(error->openssl_code, 0);
  ck_assert_ptr_null(error->library);
  ck_assert_ptr_null(error->reason);
  ck_assert_str_eq(error->text, "OpenSSL failed");
}
END_TEST


START_TEST(an_empty_queue_leaves_the_meaning_of_the_code) {
  ck_assert_int_eq(tlsloop__ossl_fail(&slot, TLSLOOP_EVERIFY - 10, "host"),
                   TLSLOOP_EVERIFY - 10);
  ck_assert_str_eq(tlsloop__error_get(&slot)->text,
                   "host: certificate has expired");
}
END_TEST


START_TEST(a_verify_message_follows_the_text) {
  tlsloop_error_t* error;

  ERR_raise(ERR_LIB_SSL, SSL_R_CERTIFICATE_VERIFY_FAILED);
  ck_assert_int_eq(tlsloop__ossl_fail(&slot, TLSLOOP_EVERIFY - 10, NULL),
                   TLSLOOP_EVERIFY - 10);
  error = tlsloop__error_details(&slot);
  ck_assert_ptr_nonnull(error);
  tlsloop__error_set_verify(error, 10, "certificate has expired");
  ck_assert_str_eq(error->text,
                   "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify "
                   "failed: certificate has expired");
}
END_TEST


START_TEST(where_it_came_from_is_no_reason) {
  const tlsloop_error_t* error;

  ERR_raise(ERR_LIB_SSL, ERR_R_PEM_LIB);
  error = check_fail(TLSLOOP_EOPENSSL, NULL);
  ck_assert_str_eq(error->library, "SSL");
  ck_assert_ptr_null(error->reason);
  ck_assert_str_eq(error->text, "[SSL] PEM lib");
}
END_TEST


START_TEST(reasons_of_all_libraries_have_mnemonics) {
  const tlsloop_error_t* error;

  ERR_raise(ERR_LIB_EVP, ERR_R_INTERNAL_ERROR);
  error = check_fail(TLSLOOP_EOPENSSL, NULL);
  ck_assert_str_eq(error->text, "[EVP: INTERNAL_ERROR] internal error");
}
END_TEST


START_TEST(a_library_that_openssl_does_not_know_has_no_mnemonic) {
  const tlsloop_error_t* error;
  ERR_STRING_DATA strings[] = {{0, NULL}, {0, NULL}};
  int library;

  library = ERR_get_next_error_library();
  strings[0].error = ERR_PACK(library, 0, 7);
  strings[0].string = "engine on fire";
  ERR_load_strings(library, strings);
  ERR_raise(library, 7);
  error = check_fail(TLSLOOP_EOPENSSL, "engine");
  ck_assert_ptr_null(error->library);
  ck_assert_ptr_null(error->reason);
  ck_assert_str_eq(error->text, "engine: engine on fire");
  ERR_unload_strings(library, strings);
}
END_TEST


START_TEST(an_error_without_any_text_is_unknown) {
  const tlsloop_error_t* error;

  ERR_raise(ERR_LIB_USER + 90, 4321);
  error = check_fail(TLSLOOP_EOPENSSL, NULL);
  ck_assert_str_eq(error->text, "unknown error");
  ERR_raise(ERR_LIB_SSL, 99999);
  error = check_fail(TLSLOOP_EOPENSSL, NULL);
  ck_assert_str_eq(error->text, "[SSL] unknown error");
}
END_TEST


START_TEST(a_file_that_is_not_there_is_a_system_error) {
  const tlsloop_error_t* error;

  ck_assert_ptr_null(BIO_new_file("/nonexistent/server.pem", "r"));
  error = check_fail(UV__ENOENT, "server.pem");
  ck_assert_int_eq(error->sys_errno, ENOENT);
  ck_assert_str_eq(error->text, "server.pem: no such file or directory");
}
END_TEST


START_TEST(a_system_error_is_found_below_what_followed_from_it) {
  const tlsloop_error_t* error;
  SSL_CTX* ctx;

  ctx = SSL_CTX_new(TLS_method());
  ck_assert_ptr_nonnull(ctx);
  ck_assert_int_eq(
      SSL_CTX_use_certificate_file(ctx, "/nonexistent/a", SSL_FILETYPE_PEM), 0);
  ck_assert_int_ne(ERR_GET_LIB(ERR_peek_last_error()), ERR_LIB_SYS);
  error = check_fail(UV__ENOENT, "a");
  ck_assert_int_eq(error->sys_errno, ENOENT);
  ck_assert_ptr_nonnull(error->library);
  ck_assert_str_eq(error->text, "a: no such file or directory");
  SSL_CTX_free(ctx);
}
END_TEST


START_TEST(a_system_error_has_the_name_of_its_errno) {
  const tlsloop_error_t* error;

  ERR_raise(ERR_LIB_SYS, EISDIR);
  error = check_fail(UV__EISDIR, "/etc");
  ck_assert_str_eq(error->library, "SYS");
  ck_assert_str_eq(error->reason, "EISDIR");
  ck_assert_str_eq(error->text, "/etc: is a directory");
}
END_TEST


START_TEST(a_system_error_that_libuv_does_not_know_passes_through) {
  const tlsloop_error_t* error;

  ERR_raise(ERR_LIB_SYS, 3999);
  error = check_fail(UV__ERR(3999), NULL);
  ck_assert_int_eq(error->sys_errno, 3999);
  ck_assert_ptr_null(error->reason);
  ck_assert_str_eq(error->text, "unknown error");
}
END_TEST


START_TEST(the_newest_system_error_counts) {
  ERR_raise(ERR_LIB_SYS, ENOENT);
  ERR_raise(ERR_LIB_SYS, EACCES);
  ERR_raise(ERR_LIB_SSL, ERR_R_SYS_LIB);
  check_fail(UV__EACCES, NULL);
}
END_TEST


START_TEST(errno_alone_is_no_system_error) {
  errno = EACCES;
  ERR_raise(ERR_LIB_SSL, SSL_R_BAD_LENGTH);
  ck_assert_int_eq(check_fail(TLSLOOP_EOPENSSL, NULL)->sys_errno, 0);
  ERR_raise(ERR_LIB_SYS, 0);
  ck_assert_int_eq(check_fail(TLSLOOP_EOPENSSL, NULL)->sys_errno, 0);
}
END_TEST


/* A folder of certificates that cannot be read must not hide that the peer's
 * certificate was refused. */
START_TEST(a_system_error_does_not_hide_a_verdict) {
  static const int verdicts[] = {TLSLOOP_EVERIFY - 20,
                                 TLSLOOP_EALERT_SENT - 48,
                                 TLSLOOP_EALERT_RECEIVED - 0,
                                 TLSLOOP_EALERT_SENT};

  ERR_raise(ERR_LIB_SYS, EACCES);
  ERR_raise(ERR_LIB_SSL, SSL_R_CERTIFICATE_VERIFY_FAILED);
  ck_assert_int_eq(tlsloop__ossl_fail(&slot, verdicts[_i], NULL), verdicts[_i]);
  ck_assert_int_eq(tlsloop__error_get(&slot)->sys_errno, EACCES);
  ck_assert_str_eq(tlsloop__error_get(&slot)->text,
                   "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify "
                   "failed");
}
END_TEST


START_TEST(memory_that_ran_out_is_found_below_what_followed_from_it) {
  const tlsloop_error_t* error;

  ERR_raise(ERR_LIB_ASN1, ERR_R_MALLOC_FAILURE);
  ERR_raise(ERR_LIB_X509, ERR_R_ASN1_LIB);
  error = check_fail(UV__ENOMEM, "server.pem");
  ck_assert_int_eq(error->sys_errno, 0);
  ck_assert_str_eq(error->library, "X509");

  ERR_raise(ERR_LIB_SYS, EACCES);
  ERR_raise(ERR_LIB_SSL, ERR_R_MALLOC_FAILURE);
  error = check_fail(UV__ENOMEM, NULL);
  ck_assert_str_eq(error->text, "[SSL: MALLOC_FAILURE] malloc failure");

  ERR_raise(ERR_LIB_SYS, ENOMEM);
  error = check_fail(UV__ENOMEM, NULL);
  ck_assert_int_eq(error->sys_errno, ENOMEM);
}
END_TEST


START_TEST(memory_that_ran_out_hides_even_a_verdict) {
  ERR_raise(ERR_LIB_X509, ERR_R_MALLOC_FAILURE);
  ck_assert_int_eq(tlsloop__ossl_fail(&slot, TLSLOOP_EALERT_SENT - 80, NULL),
                   UV__ENOMEM);
  ERR_raise(ERR_LIB_SYS, ENOMEM);
  ck_assert_int_eq(tlsloop__ossl_fail(&slot, TLSLOOP_EVERIFY - 20, NULL),
                   UV__ENOMEM);
}
END_TEST


START_TEST(without_memory_for_the_details_that_is_the_failure) {
  ERR_raise(ERR_LIB_SSL, SSL_R_CERTIFICATE_VERIFY_FAILED);
  fail_alloc_from(0);
  ck_assert_int_eq(tlsloop__ossl_fail(&slot, TLSLOOP_EVERIFY - 10, "host"),
                   UV__ENOMEM);
  ck_assert_uint_eq(fail_alloc_reset(), 1);
  ck_assert_ptr_null(tlsloop__error_details(&slot));
  ck_assert_int_eq(tlsloop__error_get(&slot)->code, UV__ENOMEM);
}
END_TEST


START_TEST(an_overflowing_queue_is_emptied_too) {
  int i;

  for (i = 0; i < 40; i++)
    ERR_raise(ERR_LIB_SSL, SSL_R_BAD_LENGTH);
  check_fail(TLSLOOP_EOPENSSL, NULL);
}
END_TEST


START_TEST(asking_for_the_newest_error_leaves_the_queue_alone) {
  ERR_raise(ERR_LIB_SSL, SSL_R_BAD_LENGTH);
  ERR_raise(ERR_LIB_PEM, PEM_R_NO_START_LINE);
  ck_assert_int_ne(tlsloop__ossl_is(ERR_LIB_PEM, PEM_R_NO_START_LINE), 0);
  ck_assert_int_eq(tlsloop__ossl_is(ERR_LIB_SSL, SSL_R_BAD_LENGTH), 0);
  ck_assert_int_eq(tlsloop__ossl_is(ERR_LIB_SSL, PEM_R_NO_START_LINE), 0);
  ck_assert_int_eq(tlsloop__ossl_is(ERR_LIB_PEM, PEM_R_BAD_PASSWORD_READ), 0);
  ck_assert_int_eq(ERR_GET_LIB(ERR_get_error()), ERR_LIB_SSL);
  ck_assert_int_eq(ERR_GET_LIB(ERR_get_error()), ERR_LIB_PEM);
}
END_TEST


START_TEST(an_empty_queue_has_no_newest_error) {
  ck_assert_int_eq(tlsloop__ossl_is(ERR_LIB_SSL, SSL_R_BAD_LENGTH), 0);
  ck_assert_int_eq(tlsloop__ossl_is(0, 0), 0);
}
END_TEST


START_TEST(a_system_error_can_be_asked_for) {
  ERR_raise(ERR_LIB_SYS, ENOENT);
  ck_assert_int_ne(tlsloop__ossl_is(ERR_LIB_SYS, ENOENT), 0);
  ck_assert_int_eq(tlsloop__ossl_is(ERR_LIB_SYS, EACCES), 0);
  tlsloop__ossl_end();
}
END_TEST


static void add_system_tests(Suite* suite) {
  TCase* tcase;

  tcase = tcase_create("system and memory");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_test(tcase, a_file_that_is_not_there_is_a_system_error);
  tcase_add_test(tcase, a_system_error_is_found_below_what_followed_from_it);
  tcase_add_test(tcase, a_system_error_has_the_name_of_its_errno);
  tcase_add_test(tcase, a_system_error_that_libuv_does_not_know_passes_through);
  tcase_add_test(tcase, the_newest_system_error_counts);
  tcase_add_test(tcase, errno_alone_is_no_system_error);
  tcase_add_loop_test(tcase, a_system_error_does_not_hide_a_verdict, 0, 4);
  tcase_add_test(tcase,
                 memory_that_ran_out_is_found_below_what_followed_from_it);
  tcase_add_test(tcase, memory_that_ran_out_hides_even_a_verdict);
  tcase_add_test(tcase, without_memory_for_the_details_that_is_the_failure);
  suite_add_tcase(suite, tcase);
}


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("ossl");
  tcase = tcase_create("queue");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_test(tcase, beginning_forgets_what_others_left);
  tcase_add_test(tcase, ending_forgets_what_openssl_got_over);
  tcase_add_test(tcase, the_newest_error_is_the_one_reported);
  tcase_add_test(tcase, a_failure_does_not_repeat_the_one_before);
  tcase_add_test(tcase, an_empty_queue_leaves_the_meaning_of_the_code);
  tcase_add_test(tcase, a_verify_message_follows_the_text);
  tcase_add_test(tcase, where_it_came_from_is_no_reason);
  tcase_add_test(tcase, reasons_of_all_libraries_have_mnemonics);
  tcase_add_test(tcase, a_library_that_openssl_does_not_know_has_no_mnemonic);
  tcase_add_test(tcase, an_error_without_any_text_is_unknown);
  tcase_add_test(tcase, an_overflowing_queue_is_emptied_too);
  tcase_add_test(tcase, asking_for_the_newest_error_leaves_the_queue_alone);
  tcase_add_test(tcase, an_empty_queue_has_no_newest_error);
  tcase_add_test(tcase, a_system_error_can_be_asked_for);
  suite_add_tcase(suite, tcase);
  add_system_tests(suite);
  return suite;
}
