/* SPDX-License-Identifier: MIT */

/* A password is asked for at most once and never written past. */

#include "support/suite.h"

#include "context/password.h"
#include "tlsloop/errno.h"

#include <string.h>
#include <uv/errno.h>

static tlsloop__password_t password;
static char buf[TLSLOOP_PASSWORD_MAX];
static int asked;


static void setup(void) {
  memset(&password, 0, sizeof(password));
  memset(buf, 'x', sizeof(buf));
  asked = 0;
}


static int get(void) {
  return tlsloop__password_get(buf, sizeof(buf), 0, &password);
}


/* Returns what |arg| points to, after as many bytes as fit. */
static int answer(char* to, size_t size, void* arg) {
  int len;

  len = *(int*) arg;
  ck_assert_uint_eq(size, TLSLOOP_PASSWORD_MAX);
  if (len > 0)
    memset(to, 'p', len < (int) size ? (size_t) len : size);
  asked++;
  return len;
}


START_TEST(a_value_is_given_whenever_it_is_asked_for) {
  ck_assert_int_eq(tlsloop__password_init(&password, "se\0cret", 7), 0);
  ck_assert_int_eq(get(), 7);
  ck_assert_mem_eq(buf, "se\0cretx", 8);
  ck_assert_int_eq(get(), 7);
  ck_assert_int_eq(tlsloop__password_code(&password), TLSLOOP_EPASSWORD);
  ck_assert_str_eq(tlsloop__password_text(&password),
                   "the private key's password is wrong");
}
END_TEST


START_TEST(an_empty_value_is_a_password) {
  ck_assert_int_eq(tlsloop__password_init(&password, "", 0), 0);
  ck_assert_int_eq(get(), 0);
  ck_assert_str_eq(tlsloop__password_text(&password),
                   "the private key's password is wrong");
}
END_TEST


START_TEST(none_is_none) {
  ck_assert_int_eq(tlsloop__password_init(&password, NULL, 7), 0);
  ck_assert_int_eq(get(), -1);
  ck_assert_int_eq(tlsloop__password_code(&password), TLSLOOP_EPASSWORD);
  ck_assert_str_eq(tlsloop__password_text(&password),
                   "the private key is encrypted");
}
END_TEST


START_TEST(a_key_that_needs_none_is_just_bad) {
  ck_assert_int_eq(tlsloop__password_init(&password, "secret", 6), 0);
  ck_assert_int_eq(tlsloop__password_code(&password), TLSLOOP_EBADKEY);
  ck_assert_str_eq(tlsloop__password_text(&password),
                   "no private key can be read");
}
END_TEST


START_TEST(a_value_has_a_longest_length) {
  char value[TLSLOOP_PASSWORD_MAX + 1];

  memset(value, 'p', sizeof(value));
  ck_assert_int_eq(tlsloop__password_init(&password, value, sizeof(value) - 1),
                   0);
  ck_assert_int_eq(get(), TLSLOOP_PASSWORD_MAX);
  ck_assert_mem_eq(buf, value, sizeof(buf));
  ck_assert_int_eq(tlsloop__password_init(&password, value, sizeof(value)),
                   UV__EINVAL);
  ck_assert_str_eq(tlsloop__password_text(&password),
                   "password cannot be longer than 1024 bytes");
  ck_assert_int_eq(get(), -1);
}
END_TEST


START_TEST(the_callback_is_asked_once) {
  int len = 5;

  password.cb = answer;
  password.arg = &len;
  ck_assert_int_eq(asked, 0);
  ck_assert_int_eq(get(), 5);
  ck_assert_mem_eq(buf, "pppppx", 6);
  ck_assert_int_eq(get(), 5);
  ck_assert_int_eq(asked, 1);
}
END_TEST


START_TEST(a_callback_may_have_none) {
  int len = -1;

  password.cb = answer;
  password.arg = &len;
  ck_assert_int_eq(get(), -1);
  ck_assert_int_eq(get(), -1);
  ck_assert_int_eq(asked, 1);
  ck_assert_int_eq(tlsloop__password_code(&password), TLSLOOP_ECALLBACK);
  ck_assert_str_eq(tlsloop__password_text(&password),
                   "the callback has no password");
}
END_TEST


START_TEST(a_callback_cannot_have_more_than_fits) {
  int len = TLSLOOP_PASSWORD_MAX + 1;

  password.cb = answer;
  password.arg = &len;
  ck_assert_int_eq(get(), -1);
  ck_assert_int_eq(tlsloop__password_code(&password), UV__EINVAL);
  ck_assert_str_eq(tlsloop__password_text(&password),
                   "password cannot be longer than 1024 bytes");
}
END_TEST


START_TEST(a_smaller_buffer_is_not_written_past) {
  ck_assert_int_eq(tlsloop__password_init(&password, "secret", 6), 0);
  ck_assert_int_eq(tlsloop__password_get(buf, 5, 0, &password), -1);
  ck_assert_int_eq(buf[0], 'x');
  ck_assert_int_eq(tlsloop__password_get(buf, 6, 0, &password), 6);
}
END_TEST


START_TEST(nothing_is_left_when_it_is_cleared) {
  static const tlsloop__password_t nothing;

  ck_assert_int_eq(tlsloop__password_init(&password, "secret", 6), 0);
  ck_assert_int_eq(get(), 6);
  tlsloop__password_clear(&password);
  ck_assert_mem_eq(&password, &nothing, sizeof(nothing));
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("password");
  tcase = tcase_create("password");
  tcase_add_checked_fixture(tcase, setup, NULL);
  tcase_add_test(tcase, a_value_is_given_whenever_it_is_asked_for);
  tcase_add_test(tcase, an_empty_value_is_a_password);
  tcase_add_test(tcase, none_is_none);
  tcase_add_test(tcase, a_key_that_needs_none_is_just_bad);
  tcase_add_test(tcase, a_value_has_a_longest_length);
  tcase_add_test(tcase, the_callback_is_asked_once);
  tcase_add_test(tcase, a_callback_may_have_none);
  tcase_add_test(tcase, a_callback_cannot_have_more_than_fits);
  tcase_add_test(tcase, a_smaller_buffer_is_not_written_past);
  tcase_add_test(tcase, nothing_is_left_when_it_is_cleared);
  suite_add_tcase(suite, tcase);
  return suite;
}
