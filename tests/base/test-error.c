/* SPDX-License-Identifier: MIT */

/* The details of a failure are complete, readable, and never a failure of
 * their own. */

#include "support/suite.h"

#include <string.h>
#include <uv/errno.h>

#include "base/error.h"
#include "support/fail-alloc.h"

static tlsloop__error_slot_t slot;


static void setup(void) {
  slot = NULL;
}


static void teardown(void) {
  fail_alloc_reset();
  tlsloop__error_clear(&slot);
}


static tlsloop_error_t* reset(int code, const char* subject) {
  tlsloop_error_t* error;

  error = tlsloop__error_reset(&slot, code, subject);
  ck_assert_ptr_nonnull(error);
  return error;
}


/* |len| times |unit|, in a static buffer. */
static const char* repeat(const char* unit, size_t times) {
  static char buf[4096];
  size_t i;

  buf[0] = '\0';
  for (i = 0; i < times; i++)
    strcat(buf, unit);
  return buf;
}


START_TEST(nothing_is_there_and_nothing_allocated_before_a_failure) {
  fail_alloc_reset();
  ck_assert_ptr_null(tlsloop__error_get(&slot));
  ck_assert_ptr_null(tlsloop__error_details(&slot));
  tlsloop__error_clear(&slot);
  ck_assert_ptr_null(slot);
  ck_assert_uint_eq(fail_alloc_count(), 0);
}
END_TEST


START_TEST(a_reset_says_what_is_known_and_empties_the_rest) {
  tlsloop_error_t* error;

  error = reset(TLSLOOP_EBADCERT, "server.pem");
  ck_assert_uint_eq(error->size, sizeof(tlsloop_error_t));
  ck_assert_int_eq(error->code, TLSLOOP_EBADCERT);
  ck_assert_int_eq(error->sys_errno, 0);
  ck_assert_int_eq(error->ssl_error, 0);
  ck_assert_int_eq(error->alert, -1);
  ck_assert_int_eq(error->verify_code, 0);
  ck_assert_uint_eq(error->openssl_code, 0);
  ck_assert_ptr_null(error->library);
  ck_assert_ptr_null(error->reason);
  ck_assert_str_eq(error->subject, "server.pem");
  ck_assert_str_eq(error->verify_message, "");
  ck_assert_str_eq(error->text, "");
}
END_TEST


START_TEST(a_second_failure_forgets_the_first) {
  tlsloop_error_t* error;
  tlsloop_error_t* again;

  fail_alloc_reset();
  error = reset(TLSLOOP_EVERIFY - 10, "example.org");
  tlsloop__error_set_text(error, "old");
  tlsloop__error_set_verify(error, 10, "certificate has expired");
  error->alert = 42;
  error->library = "SSL";
  again = reset(UV__EINVAL, NULL);
  ck_assert_ptr_eq(again, error);
  ck_assert_uint_eq(fail_alloc_count(), 1);
  ck_assert_int_eq(again->code, UV__EINVAL);
  ck_assert_int_eq(again->alert, -1);
  ck_assert_int_eq(again->verify_code, 0);
  ck_assert_ptr_null(again->library);
  ck_assert_str_eq(again->subject, "");
  ck_assert_str_eq(again->verify_message, "");
  ck_assert_str_eq(again->text, "");
}
END_TEST


START_TEST(the_application_sees_the_details) {
  tlsloop_error_t* error;

  error = reset(UV__EINVAL, NULL);
  ck_assert_ptr_eq(tlsloop__error_get(&slot), error);
  ck_assert_ptr_eq(tlsloop__error_details(&slot), error);
}
END_TEST


START_TEST(clearing_frees_the_details_and_can_be_repeated) {
  fail_alloc_reset();
  reset(UV__EINVAL, "x");
  tlsloop__error_clear(&slot);
  ck_assert_uint_eq(fail_alloc_frees(), 1);
  ck_assert_ptr_null(tlsloop__error_get(&slot));
  tlsloop__error_clear(&slot);
  ck_assert_uint_eq(fail_alloc_frees(), 1);
}
END_TEST


START_TEST(the_text_begins_with_the_subject) {
  tlsloop_error_t* error;

  error = reset(TLSLOOP_EBADKEY, "server.key");
  tlsloop__error_set_text(error, "cannot be read");
  ck_assert_str_eq(error->text, "server.key: cannot be read");
}
END_TEST


START_TEST(a_text_without_a_subject_stands_alone) {
  tlsloop_error_t* error;

  error = reset(TLSLOOP_EBADKEY, NULL);
  tlsloop__error_set_text(error, "cannot be read");
  ck_assert_str_eq(error->text, "cannot be read");
  reset(TLSLOOP_EBADKEY, "");
  tlsloop__error_set_text(error, "cannot be read");
  ck_assert_str_eq(error->text, "cannot be read");
}
END_TEST


START_TEST(no_text_means_the_text_of_the_code) {
  tlsloop_error_t* error;

  error = reset(UV__ENOENT, "ca.pem");
  tlsloop__error_set_text(error, NULL);
  ck_assert_str_eq(error->text, "ca.pem: no such file or directory");
}
END_TEST


START_TEST(a_code_without_a_text_leaves_the_subject) {
  tlsloop_error_t* error;

  error = reset(TLSLOOP_EVERIFY - 10, "ca.pem");
  tlsloop__error_set_text(error, NULL);
  ck_assert_str_eq(error->text, "ca.pem");
}
END_TEST


START_TEST(setting_the_text_again_replaces_it) {
  tlsloop_error_t* error;

  error = reset(TLSLOOP_EBADKEY, "k");
  tlsloop__error_set_text(error, "one");
  tlsloop__error_set_text(error, "two");
  ck_assert_str_eq(error->text, "k: two");
}
END_TEST


START_TEST(the_verify_message_comes_last) {
  tlsloop_error_t* error;

  error = reset(TLSLOOP_EVERIFY - 10, "example.org");
  tlsloop__error_set_text(error, "verify failed");
  tlsloop__error_set_verify(error, 10, "certificate has expired");
  ck_assert_int_eq(error->verify_code, 10);
  ck_assert_str_eq(error->verify_message, "certificate has expired");
  ck_assert_str_eq(error->text,
                   "example.org: verify failed: certificate has expired");
  tlsloop__error_set_text(error, "no");
  ck_assert_str_eq(error->text, "example.org: no: certificate has expired");
}
END_TEST


START_TEST(control_characters_do_not_reach_a_terminal) {
  tlsloop_error_t* error;

  error = reset(TLSLOOP_EBADKEY,
                "a\nb\r\x1b[2J\x7f\t\xc2\x9b"
                "c");
  ck_assert_str_eq(error->subject, "a?b??[2J????c");
  tlsloop__error_set_text(error, "x\ny");
  ck_assert_str_eq(error->text, "a?b??[2J????c: x?y");
  tlsloop__error_set_verify(error, 1, "p\x01q");
  ck_assert_str_eq(error->verify_message, "p?q");
}
END_TEST


START_TEST(names_in_any_script_are_left_alone) {
  const char* name = "\xc3\xa4\xe2\x82\xac\xf0\x9f\x94\x92\xc2\xa0";
  tlsloop_error_t* error;

  error = reset(TLSLOOP_EBADKEY, name);
  ck_assert_str_eq(error->subject, name);
}
END_TEST


START_TEST(a_long_subject_is_cut_to_fit) {
  tlsloop_error_t* error;

  error = reset(TLSLOOP_EBADKEY, repeat("a", 255));
  ck_assert_str_eq(error->subject, repeat("a", 255));
  error = reset(TLSLOOP_EBADKEY, repeat("a", 256));
  ck_assert_str_eq(error->subject, repeat("a", 255));
  error = reset(TLSLOOP_EBADKEY, repeat("a", 4000));
  ck_assert_str_eq(error->subject, repeat("a", 255));
}
END_TEST


/* A character of two bytes at the end of the room, of three, and of four, each
 * beginning at any offset. */
START_TEST(a_cut_never_splits_a_character) {
  static const char* const units[] = {
      "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x94\x92"};
  char name[600];
  tlsloop_error_t* error;
  size_t shift;
  size_t len;

  len = strlen(units[_i]);
  for (shift = 0; shift < len; shift++) {
    name[0] = '\0';
    strncat(name, "xxx", shift);
    strcat(name, repeat(units[_i], 100));
    strcat(name, repeat(units[_i], 30));
    error = reset(TLSLOOP_EBADKEY, name);
    ck_assert_uint_eq(strlen(error->subject),
                      shift + (255 - shift) / len * len);
    ck_assert_mem_eq(error->subject, name, strlen(error->subject));
  }
}
END_TEST


START_TEST(what_is_not_utf_8_is_cut_anywhere) {
  tlsloop_error_t* error;

  error = reset(TLSLOOP_EBADKEY, repeat("\xa4", 300));
  ck_assert_str_eq(error->subject, repeat("\xa4", 255));
}
END_TEST


START_TEST(a_long_text_keeps_the_subject_and_is_cut_to_fit) {
  tlsloop_error_t* error;

  error = reset(TLSLOOP_EBADKEY, "server.key");
  tlsloop__error_set_text(error, repeat("t", 2000));
  ck_assert_uint_eq(strlen(error->text), sizeof(error->text) - 1);
  ck_assert_int_eq(strncmp(error->text, "server.key: ttt", 15), 0);
  tlsloop__error_set_verify(error, 1, repeat("v", 2000));
  ck_assert_uint_eq(strlen(error->text), sizeof(error->text) - 1);
  ck_assert_str_eq(error->verify_message, repeat("v", 319));
}
END_TEST


START_TEST(without_memory_the_slot_says_so) {
  const tlsloop_error_t* error;

  fail_alloc_from(0);
  ck_assert_ptr_null(
      tlsloop__error_reset(&slot, TLSLOOP_EBADKEY, "server.key"));
  error = tlsloop__error_get(&slot);
  ck_assert_ptr_nonnull(error);
  ck_assert_int_eq(error->code, UV__ENOMEM);
  ck_assert_uint_eq(error->size, sizeof(*error));
  ck_assert_int_eq(error->alert, -1);
  ck_assert_str_eq(error->text, "not enough memory");
  ck_assert_ptr_null(tlsloop__error_details(&slot));
}
END_TEST


START_TEST(the_slot_recovers_when_memory_is_back) {
  fail_alloc_from(0);
  ck_assert_ptr_null(tlsloop__error_reset(&slot, UV__EINVAL, NULL));
  ck_assert_ptr_null(tlsloop__error_reset(&slot, UV__EINVAL, NULL));
  fail_alloc_reset();
  reset(TLSLOOP_EBADKEY, "server.key");
  ck_assert_int_eq(tlsloop__error_get(&slot)->code, TLSLOOP_EBADKEY);
}
END_TEST


START_TEST(clearing_does_not_free_what_was_never_allocated) {
  fail_alloc_from(0);
  ck_assert_ptr_null(tlsloop__error_reset(&slot, UV__EINVAL, NULL));
  tlsloop__error_clear(&slot);
  ck_assert_uint_eq(fail_alloc_frees(), 0);
  ck_assert_ptr_null(tlsloop__error_get(&slot));
}
END_TEST


START_TEST(details_that_exist_need_no_more_memory) {
  reset(UV__EINVAL, NULL);
  fail_alloc_from(0);
  ck_assert_int_eq(tlsloop__error_fail(&slot, TLSLOOP_EBADKEY, "k", "wrong"),
                   TLSLOOP_EBADKEY);
  ck_assert_str_eq(tlsloop__error_get(&slot)->text, "k: wrong");
}
END_TEST


START_TEST(failing_sets_all_and_returns_the_code) {
  ck_assert_int_eq(tlsloop__error_fail(&slot, UV__EBUSY, "ctx", "is sealed"),
                   UV__EBUSY);
  ck_assert_int_eq(tlsloop__error_get(&slot)->code, UV__EBUSY);
  ck_assert_str_eq(tlsloop__error_get(&slot)->subject, "ctx");
  ck_assert_str_eq(tlsloop__error_get(&slot)->text, "ctx: is sealed");
  ck_assert_int_eq(tlsloop__error_fail(&slot, TLSLOOP_ETRUNCATED, NULL, NULL),
                   TLSLOOP_ETRUNCATED);
  ck_assert_str_eq(tlsloop__error_get(&slot)->text,
                   "the connection ended without close_notify");
}
END_TEST


START_TEST(failing_without_memory_still_returns_the_code) {
  fail_alloc_from(0);
  ck_assert_int_eq(tlsloop__error_fail(&slot, UV__EBUSY, "ctx", "is sealed"),
                   UV__EBUSY);
  ck_assert_int_eq(tlsloop__error_get(&slot)->code, UV__ENOMEM);
}
END_TEST


static void add_text_tests(Suite* suite) {
  TCase* tcase;

  tcase = tcase_create("text");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_test(tcase, the_text_begins_with_the_subject);
  tcase_add_test(tcase, a_text_without_a_subject_stands_alone);
  tcase_add_test(tcase, no_text_means_the_text_of_the_code);
  tcase_add_test(tcase, a_code_without_a_text_leaves_the_subject);
  tcase_add_test(tcase, setting_the_text_again_replaces_it);
  tcase_add_test(tcase, the_verify_message_comes_last);
  tcase_add_test(tcase, control_characters_do_not_reach_a_terminal);
  tcase_add_test(tcase, names_in_any_script_are_left_alone);
  tcase_add_test(tcase, a_long_subject_is_cut_to_fit);
  tcase_add_loop_test(tcase, a_cut_never_splits_a_character, 0, 3);
  tcase_add_test(tcase, what_is_not_utf_8_is_cut_anywhere);
  tcase_add_test(tcase, a_long_text_keeps_the_subject_and_is_cut_to_fit);
  suite_add_tcase(suite, tcase);
}


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("error");
  tcase = tcase_create("details");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_test(tcase,
                 nothing_is_there_and_nothing_allocated_before_a_failure);
  tcase_add_test(tcase, a_reset_says_what_is_known_and_empties_the_rest);
  tcase_add_test(tcase, a_second_failure_forgets_the_first);
  tcase_add_test(tcase, the_application_sees_the_details);
  tcase_add_test(tcase, clearing_frees_the_details_and_can_be_repeated);
  tcase_add_test(tcase, without_memory_the_slot_says_so);
  tcase_add_test(tcase, the_slot_recovers_when_memory_is_back);
  tcase_add_test(tcase, clearing_does_not_free_what_was_never_allocated);
  tcase_add_test(tcase, details_that_exist_need_no_more_memory);
  tcase_add_test(tcase, failing_sets_all_and_returns_the_code);
  tcase_add_test(tcase, failing_without_memory_still_returns_the_code);
  suite_add_tcase(suite, tcase);
  add_text_tests(suite);
  return suite;
}
