/* SPDX-License-Identifier: MIT */

/* What is a host name, in which form, and why the rest is none. */

#include "support/suite.h"

#include "context/hostname.h"
#include "tlsloop/errno.h"

#include <stdlib.h>
#include <string.h>
#include <uv/errno.h>

#define TEN     "aaaaaaaaa."
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define LABEL_63 \
  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

typedef struct good_s {
  const char* name;
  const char* ascii;
} good_t;

typedef struct bad_s {
  const char* name;
  const char* why;
} bad_t;

static const good_t dns_names[] = {
    {"localhost", "localhost"},
    {"a", "a"},
    {"Example.ORG", "Example.ORG"},
    {"example.org.", "example.org"},
    {"_dmarc.my_host.example", "_dmarc.my_host.example"},
    {"-a.b-", "-a.b-"},
    {"xn--bcher-kva.example", "xn--bcher-kva.example"},
    {"127.1", "127.1"},
    {"1", "1"},
    {"01.2.3.4", "01.2.3.4"},
    {"256.1.1.1", "256.1.1.1"},
    {"1.2.3.4.5", "1.2.3.4.5"},
    {LABEL_63 ".org", LABEL_63 ".org"},
    {HUNDRED HUNDRED TEN TEN TEN TEN TEN "aaa",
     HUNDRED HUNDRED TEN TEN TEN TEN TEN "aaa"},
    {HUNDRED HUNDRED TEN TEN TEN TEN TEN "aaa.",
     HUNDRED HUNDRED TEN TEN TEN TEN TEN "aaa"},
};

static const good_t international_names[] = {
    {"b\xc3\xbc"
     "cher.example",
     "xn--bcher-kva.example"},
    {"B\xc3\x9c"
     "CHER.Example",
     "xn--bcher-kva.example"},
    {"b\xc3\xbc"
     "cher.example.",
     "xn--bcher-kva.example"},
    {"k\xc3\xb6nig", "xn--knig-5qa"},
    {"\xc3\xbc.a_b", "xn--tda.a_b"},
    /* not decomposed is the same as decomposed */
    {"bu\xcc\x88"
     "cher",
     "xn--bcher-kva"},
    /* the sharp s is a letter, not two */
    {"fa\xc3\x9f.de", "xn--fa-hia.de"},
    {"\xe4\xbe\x8b\xe3\x81\x88.jp", "xn--r8jz45g.jp"},
    /* ideographic full stops separate labels, also at the end */
    {"a\xe3\x80\x82"
     "b",
     "a.b"},
    {"b\xe3\x80\x82", "b"},
    /* full-width letters */
    {"\xef\xbd\x81.org", "a.org"},
};

static const good_t addresses[] = {
    {"127.0.0.1", "127.0.0.1"},
    {"0.0.0.0", "0.0.0.0"},
    {"255.255.255.255", "255.255.255.255"},
    {"127.0.0.1.", "127.0.0.1"},
    {"::1", "::1"},
    {"::", "::"},
    {"2001:DB8::A", "2001:DB8::A"},
    {"::ffff:1.2.3.4", "::ffff:1.2.3.4"},
    /* full-width digits: what looks like an address is one */
    {"\xef\xbc\x91\xef\xbc\x92\xef\xbc\x97.0.0.1", "127.0.0.1"},
};

static const bad_t malformed[] = {
    {"", "it is empty"},
    {"\xc2\xad", "it is empty"},
    {".", "it begins with a dot"},
    {"..", "it begins with a dot"},
    {".example.org", "it begins with a dot"},
    {"\xe3\x80\x82org", "it begins with a dot"},
    {"a..b", "it has an empty label"},
    {"a..", "it has an empty label"},
    {"a.\xe3\x80\x82", "it has an empty label"},
    {LABEL_63 "a.org", "a label is longer than 63 characters"},
    {HUNDRED HUNDRED TEN TEN TEN TEN TEN "aaaa",
     "it is longer than 253 characters"},
    {"a b", "it contains a space"},
    {" a", "it contains a space"},
    {"1.1.1.1 ; junk", "it contains a space"},
    {"a\nb", "it contains a control character"},
    {"a\r\nHost: b", "it contains a control character"},
    {"a\x7f", "it contains a control character"},
    {"a\x01", "it contains a control character"},
    {"*.example.org", "it contains a wildcard"},
    {"[::1]", "it contains a bracket"},
    {"::1.", "it contains a colon"},
    {"example.org:443", "it contains a colon"},
    {"1::2::3", "it contains a colon"},
    {"example%2eorg", "it contains a percent sign"},
    {"a/b", "it contains a slash"},
    {"a@b", "it contains an at sign"},
    {"a,b", "it contains a character that host names do not have"},
    {"a\\b", "it contains a character that host names do not have"},
    {"b\xc3\xbc"
     "cher:443",
     "it contains a colon"},
    {"*.b\xc3\xbc"
     "cher",
     "it contains a wildcard"},
    /* becomes "a/c" */
    {"\xe2\x84\x80.de", "it contains a slash"},
};

static const bad_t not_idna[] = {
    {"a\x80", "it is not UTF-8"},
    {"\xff", "it is not UTF-8"},
    {"b\xc3", "it is not UTF-8"},
    {"\xc0\xae"
     "a",
     "it is not UTF-8"},
    {"\xed\xa0\x80", "it is not UTF-8"},
    {"\xf0\x9f\x92\xa9.la", "a character that IDNA does not allow"},
    {"a\xe2\x80\x8d"
     "b.de",
     "a character that IDNA does not allow"},
    {"\xc3\xbc-.de", "begins or ends with a hyphen"},
    {"\xc3\xbc\xc3\xbc--a.de", "hyphens in its third and fourth place"},
    {"\xc3\xbc.xn--zzzzzzzz", "no A-label"},
    {"\xd7\x90"
     "1.ab1\xd7\x90",
     "directions of writing"},
};


static void expect_good(const good_t* good, int expected_ip) {
  const char* why;
  char* ascii;
  int is_ip;
  int err;

  why = "nothing";
  err = tlsloop__hostname_parse(good->name, &ascii, &is_ip, &why);
  ck_assert_msg(err == 0, "\"%s\": %s", good->name, why);
  ck_assert_str_eq(ascii, good->ascii);
  ck_assert_int_eq(is_ip, expected_ip);
  ck_assert_int_eq(tlsloop__hostname_is_ip(ascii), expected_ip);
  free(ascii);
}


static void expect_bad(const bad_t* bad) {
  const char* why;
  char* ascii;
  int is_ip;
  int err;

  why = NULL;
  ascii = NULL;
  is_ip = -1;
  err = tlsloop__hostname_parse(bad->name, &ascii, &is_ip, &why);
  ck_assert_msg(err == TLSLOOP_EHOSTNAME, "\"%s\" was taken", bad->name);
  ck_assert_ptr_nonnull(why);
  ck_assert_msg(
      strstr(why, bad->why) != NULL, "\"%s\" is not \"%s\"", why, bad->why);
  ck_assert_ptr_null(ascii);
  ck_assert_int_eq(is_ip, -1);
}


START_TEST(a_dns_name_stays_as_it_is_but_for_the_dot_at_its_end) {
  expect_good(&dns_names[_i], 0);
}
END_TEST


START_TEST(a_name_in_another_script_becomes_a_labels) {
  expect_good(&international_names[_i], 0);
}
END_TEST


START_TEST(an_address_literal_is_an_address) {
  expect_good(&addresses[_i], 1);
}
END_TEST


START_TEST(a_malformed_name_is_refused_with_its_reason) {
  expect_bad(&malformed[_i]);
}
END_TEST


START_TEST(what_idna_forbids_is_refused_with_its_reason) {
  expect_bad(&not_idna[_i]);
}
END_TEST


START_TEST(no_name_at_all_is_refused) {
  expect_bad(&(bad_t){NULL, "it is empty"});
}
END_TEST


START_TEST(every_ascii_character_is_allowed_or_refused) {
  static const char allowed[] =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
  char name[] = "a?b";
  const char* why;
  char* ascii;
  int is_ip;
  int err;
  int c;

  for (c = 1; c < 0x80; c++) {
    name[1] = (char) c;
    why = NULL;
    err = tlsloop__hostname_parse(name, &ascii, &is_ip, &why);
    if (strchr(allowed, c) != NULL) {
      ck_assert_int_eq(err, 0);
      ck_assert_str_eq(ascii, name);
      free(ascii);
    } else {
      ck_assert_int_eq(err, TLSLOOP_EHOSTNAME);
      ck_assert_ptr_nonnull(why);
    }
  }
}
END_TEST


START_TEST(a_name_of_a_megabyte_is_refused_at_once) {
  const char* why;
  char* ascii;
  char* name;
  int is_ip;
  size_t i;

  name = malloc(1 << 20);
  ck_assert_ptr_nonnull(name);
  for (i = 0; i + 1 < 1 << 20; i += 2)
    memcpy(name + i, "\xc3\xbc", 2);
  name[(1 << 20) - 2] = '\0';
  ck_assert_int_eq(tlsloop__hostname_parse(name, &ascii, &is_ip, &why),
                   TLSLOOP_EHOSTNAME);
  ck_assert_str_eq(why, "it is longer than 253 characters");
  free(name);
}
END_TEST


START_TEST(too_many_labels_or_too_long_ones_of_other_scripts_are_refused) {
  const char* why;
  char name[400];
  char* ascii;
  int is_ip;
  int i;

  /* 70 letters in one label */
  for (i = 0; i < 70; i++)
    memcpy(name + 2 * i, "\xc3\xbc", 3);
  ck_assert_int_eq(tlsloop__hostname_parse(name, &ascii, &is_ip, &why),
                   TLSLOOP_EHOSTNAME);
  ck_assert_str_eq(why, "a label is longer than 63 characters");

  /* 100 labels of one letter, which becomes seven */
  for (i = 0; i < 100; i++)
    memcpy(name + 3 * i, "\xc3\xbc.", 4);
  ck_assert_int_eq(tlsloop__hostname_parse(name, &ascii, &is_ip, &why),
                   TLSLOOP_EHOSTNAME);
  ck_assert_str_eq(why, "it is longer than 253 characters");
}
END_TEST


#define COUNT(array) ((int) (sizeof(array) / sizeof((array)[0])))


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("hostname");
  tcase = tcase_create("names");
  tcase_add_loop_test(tcase,
                      a_dns_name_stays_as_it_is_but_for_the_dot_at_its_end,
                      0,
                      COUNT(dns_names));
  tcase_add_loop_test(tcase,
                      a_name_in_another_script_becomes_a_labels,
                      0,
                      COUNT(international_names));
  tcase_add_loop_test(
      tcase, an_address_literal_is_an_address, 0, COUNT(addresses));
  suite_add_tcase(suite, tcase);

  tcase = tcase_create("refusals");
  tcase_add_loop_test(
      tcase, a_malformed_name_is_refused_with_its_reason, 0, COUNT(malformed));
  tcase_add_loop_test(
      tcase, what_idna_forbids_is_refused_with_its_reason, 0, COUNT(not_idna));
  tcase_add_test(tcase, no_name_at_all_is_refused);
  tcase_add_test(tcase, every_ascii_character_is_allowed_or_refused);
  tcase_add_test(tcase, a_name_of_a_megabyte_is_refused_at_once);
  tcase_add_test(tcase,
                 too_many_labels_or_too_long_ones_of_other_scripts_are_refused);
  suite_add_tcase(suite, tcase);
  return suite;
}
