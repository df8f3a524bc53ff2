/* SPDX-License-Identifier: MIT */

/* Twin of context/json.c: JSON that every parser reads the same. */

#include "support/suite.h"

#include "context/json.h"
#include "support/fail-alloc.h"

#include <stdlib.h>
#include <string.h>
#include <uv/errno.h>

static tlsloop__json_t json;


static void set_up(void) {
  memset(&json, 0, sizeof(json));
}


static void expect(const char* wanted) {
  char* text;
  size_t len;

  ck_assert_int_eq(tlsloop__json_finish(&json, &text, &len), 0);
  ck_assert_str_eq(text, wanted);
  ck_assert_uint_eq(len, strlen(wanted));
  free(text);
}


static void write_string(const char* data) {
  tlsloop__json_string(&json, data, strlen(data));
}


START_TEST(commas_are_between_values_only) {
  tlsloop__json_open(&json, '[');
  tlsloop__json_open(&json, '[');
  tlsloop__json_close(&json, ']');
  write_string("a");
  tlsloop__json_int(&json, -12);
  tlsloop__json_open(&json, '[');
  write_string("b");
  tlsloop__json_close(&json, ']');
  tlsloop__json_close(&json, ']');
  expect("[[], \"a\", -12, [\"b\"]]");
}
END_TEST


START_TEST(members_have_a_key_and_a_value) {
  tlsloop__json_open(&json, '{');
  tlsloop__json_key(&json, "one");
  tlsloop__json_int(&json, 1);
  tlsloop__json_key(&json, "list");
  tlsloop__json_open(&json, '[');
  tlsloop__json_close(&json, ']');
  tlsloop__json_key(&json, "text");
  write_string("t");
  tlsloop__json_close(&json, '}');
  expect("{\"one\": 1, \"list\": [], \"text\": \"t\"}");
}
END_TEST


START_TEST(quotes_and_backslashes_are_escaped) {
  write_string("a\"b\\c/d");
  expect("\"a\\\"b\\\\c/d\"");
}
END_TEST


START_TEST(control_characters_are_escaped_and_a_nul_ends_nothing) {
  tlsloop__json_string(&json, "\0\t\n\x1f ~\x7f", 7);
  expect("\"\\u0000\\u0009\\u000a\\u001f ~\\u007f\"");
}
END_TEST


START_TEST(what_terminals_and_scripts_take_for_control_is_escaped) {
  write_string("\xc2\x80\xc2\x9b\xc2\x9f\xc2\xa0\xe2\x80\xa8\xe2\x80\xa9");
  expect("\"\\u0080\\u009b\\u009f\xc2\xa0\\u2028\\u2029\"");
}
END_TEST


START_TEST(every_plane_of_unicode_stays_as_it_is) {
  static const char text[] =
      "\xc3\xbc\xe4\xbe\x8b\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbd"
      "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf";
  char wanted[64];

  write_string(text);
  strcpy(wanted, "\"");
  strcat(wanted, text);
  strcat(wanted, "\"");
  expect(wanted);
}
END_TEST


typedef struct bad_s {
  const char* data;
  const char* wanted;
} bad_t;

/* Not UTF-8, each for a reason of its own. */
static const bad_t bad[] = {
    {"\x80", "{\"bytes\": \"80\"}"},                         /* no start */
    {"a\xff", "{\"bytes\": \"61ff\"}"},                      /* no byte of it */
    {"\xc3", "{\"bytes\": \"c3\"}"},                         /* cut short */
    {"\xc3(", "{\"bytes\": \"c328\"}"},                      /* likewise */
    {"\xe4\xbe", "{\"bytes\": \"e4be\"}"},                   /* likewise */
    {"\xf0\x90\x80", "{\"bytes\": \"f09080\"}"},             /* likewise */
    {"\xc0\x80", "{\"bytes\": \"c080\"}"},                   /* a long NUL */
    {"\xc1\xbf", "{\"bytes\": \"c1bf\"}"},                   /* too long */
    {"\xe0\x9f\xbf", "{\"bytes\": \"e09fbf\"}"},             /* too long */
    {"\xf0\x8f\xbf\xbf", "{\"bytes\": \"f08fbfbf\"}"},       /* too long */
    {"\xed\xa0\x80", "{\"bytes\": \"eda080\"}"},             /* a surrogate */
    {"\xed\xbf\xbf", "{\"bytes\": \"edbfbf\"}"},             /* a surrogate */
    {"\xf4\x90\x80\x80", "{\"bytes\": \"f4908080\"}"},       /* beyond */
    {"\xf8\x88\x80\x80\x80", "{\"bytes\": \"f888808080\"}"}, /* five bytes */
};


START_TEST(what_is_no_utf8_becomes_bytes) {
  write_string(bad[_i].data);
  expect(bad[_i].wanted);
}
END_TEST


START_TEST(bytes_are_one_value_among_others) {
  tlsloop__json_open(&json, '[');
  tlsloop__json_bytes(&json, "\0\xc3", 2);
  tlsloop__json_bytes(&json, "", 0);
  tlsloop__json_close(&json, ']');
  expect("[{\"bytes\": \"00c3\"}, {\"bytes\": \"\"}]");
}
END_TEST


START_TEST(text_grows_as_far_as_needed) {
  char* wanted;
  char* data;

  data = malloc(100001);
  wanted = malloc(100003);
  ck_assert(data != NULL && wanted != NULL);
  memset(data, 'x', 100000);
  data[100000] = '\0';
  write_string(data);
  strcpy(wanted, "\"");
  strcat(wanted, data);
  strcat(wanted, "\"");
  expect(wanted);
  free(data);
  free(wanted);
}
END_TEST


START_TEST(the_length_need_not_be_asked_for) {
  char* text;

  tlsloop__json_int(&json, 0);
  ck_assert_int_eq(tlsloop__json_finish(&json, &text, NULL), 0);
  ck_assert_str_eq(text, "0");
  free(text);
}
END_TEST


static int write_much(char** text) {
  int i;

  set_up();
  tlsloop__json_open(&json, '[');
  for (i = 0; i < 500; i++)
    write_string("0123456789");
  tlsloop__json_close(&json, ']');
  return tlsloop__json_finish(&json, text, NULL);
}


START_TEST(a_failure_on_the_way_is_one_at_the_end) {
  unsigned int n;
  char* text;
  int ret;

  for (n = 0;; n++) {
    text = NULL;
    fail_alloc_after(n);
    ret = write_much(&text);
    if (!fail_alloc_reset())
      break;
    ck_assert_int_eq(ret, UV__ENOMEM);
    ck_assert_ptr_null(text);
  }
  ck_assert_uint_gt(n, 1);
  ck_assert_int_eq(ret, 0);
  ck_assert_uint_eq(strlen(text), 500 * 14);
  free(text);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("context/json");
  tcase = tcase_create("json");
  tcase_add_checked_fixture(tcase, set_up, NULL);
  tcase_add_test(tcase, commas_are_between_values_only);
  tcase_add_test(tcase, members_have_a_key_and_a_value);
  tcase_add_test(tcase, quotes_and_backslashes_are_escaped);
  tcase_add_test(tcase, control_characters_are_escaped_and_a_nul_ends_nothing);
  tcase_add_test(tcase, what_terminals_and_scripts_take_for_control_is_escaped);
  tcase_add_test(tcase, every_plane_of_unicode_stays_as_it_is);
  tcase_add_loop_test(
      tcase, what_is_no_utf8_becomes_bytes, 0, sizeof(bad) / sizeof(bad[0]));
  tcase_add_test(tcase, bytes_are_one_value_among_others);
  tcase_add_test(tcase, text_grows_as_far_as_needed);
  tcase_add_test(tcase, the_length_need_not_be_asked_for);
  tcase_add_test(tcase, a_failure_on_the_way_is_one_at_the_end);
  suite_add_tcase(suite, tcase);
  return suite;
}
