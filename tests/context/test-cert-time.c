/* SPDX-License-Identifier: MIT */

/* Twin of context/cert-time.c: the text of a certificate's time as a number. */

/* setenv and tzset are in POSIX. */
#define _POSIX_C_SOURCE 200809L

#include "support/suite.h"

#include "context/cert-time.h"
#include "tlsloop/cert.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <uv/errno.h>

typedef struct given_s {
  const char* text;
  int64_t seconds;
} given_t;

static const given_t good[] = {
    {"Jan  5 09:34:43 2018 GMT", 1515144883},
    {"Jan 5 09:34:43 2018 GMT", 1515144883},
    {"Jan 05 09:34:43 2018 GMT", 1515144883},
    {"jan  5 09:34:43 2018 gmt", 1515144883},
    {"JAN  5 09:34:43 2018 GmT", 1515144883},
    {"Jan\t5\n\v\f\r09:34:43 \x1c\x1d\x1e\x1f 2018   GMT", 1515144883},
    {"Jan  5 9:34:43 2018 GMT", 1515144883},
    {"Jan  5 09:04:03 2018 GMT", 1515143043},
    {"Jan  5 9:4:3 2018 GMT", 1515143043},
    {"May  9 00:00:00 2007 GMT", 1178668800},
    {"Jan  1 00:00:00 1970 GMT", 0},
    {"Dec 31 23:59:59 1969 GMT", -1},
    {"Feb 28 23:59:59 1900 GMT", -2203891201},
    {"Mar  1 00:00:00 1900 GMT", -2203891200},
    {"Feb 29 00:00:00 2000 GMT", 951782400},
    {"Mar  1 00:00:00 2000 GMT", 951868800},
    {"Jan 19 03:14:08 2038 GMT", 2147483648},
    {"Feb  7 06:28:16 2106 GMT", 4294967296},
    {"Jan  1 00:00:00 0001 GMT", -62135596800},
    {"Jan  5 09:34:43 0001 GMT", -62135216717},
    {"Dec 31 23:59:59 9999 GMT", 253402300799},
    /* A day that the month does not have. */
    {"Feb 31 00:00:00 2018 GMT", 1520035200},
    {"Mar  3 00:00:00 2018 GMT", 1520035200},
    {"Feb 29 00:00:00 2100 GMT", 4107542400},
    {"Apr 31 00:00:00 2018 GMT", 1525132800},
    /* Seconds that a minute does not have. */
    {"Jan  5 09:34:60 2018 GMT", 1515144900},
    {"Jan  5 09:34:61 2018 GMT", 1515144901},
    {"Dec 31 23:59:60 9999 GMT", 253402300800},
};

static const char* const refused[] = {
    "",
    "Jan",
    "Jan  5",
    " Jan  5 09:34:43 2018 GMT",
    "Jan  5 09:34:43 2018 GMT ",
    "Jan  5 09:34:43 2018 GMT\n",
    "Jan  5 09:34:43 2018 GMTx",
    "Jan  5 09:34:43 2018 UTC",
    "Jan  5 09:34:43 2018 Z",
    "Jan  5 09:34:43 2018",
    "Jan  5 09:34:43 2018 ",
    "Jan  5 09:34:43 2018GMT",
    "Jan  5 09:34:432018 GMT",
    "Jan 509:34:43 2018 GMT",
    "Jan5 09:34:43 2018 GMT",
    "January  5 09:34:43 2018 GMT",
    "Jon  5 09:34:43 2018 GMT",
    "Mai  5 09:34:43 2018 GMT",
    "Jan  5 09:34 2018 GMT",
    "Jan  5 09:34: 2018 GMT",
    "Jan  5 :34:43 2018 GMT",
    "Jan  5 09 34 43 2018 GMT",
    "Jan  5 09: 34:43 2018 GMT",
    "Jan  5 09:34 :43 2018 GMT",
    "Jan  0 09:34:43 2018 GMT",
    "Jan 00 09:34:43 2018 GMT",
    "Jan 32 09:34:43 2018 GMT",
    "Jan 005 09:34:43 2018 GMT",
    "Jan -5 09:34:43 2018 GMT",
    "Jan +5 09:34:43 2018 GMT",
    "Jan  5 24:34:43 2018 GMT",
    "Jan  5 009:34:43 2018 GMT",
    "Jan  5 09:60:43 2018 GMT",
    "Jan  5 09:034:43 2018 GMT",
    "Jan  5 09:34:62 2018 GMT",
    "Jan  5 09:34:043 2018 GMT",
    "Jan  5 09:34:43.5 2018 GMT",
    "Jan  5 09:34:43 0000 GMT",
    "Jan  5 09:34:43 218 GMT",
    "Jan  5 09:34:43 02018 GMT",
    "Jan  5 09:34:43 -018 GMT",
    "5 Jan 09:34:43 2018 GMT",
    "Jan\302\2405 09:34:43 2018 GMT",
    "Jan  \xd9\xa5 09:34:43 2018 GMT",
};

#define COUNT(array) ((int) (sizeof(array) / sizeof((array)[0])))


static void expect(const char* text, int64_t wanted) {
  int64_t seconds;

  ck_assert_int_eq(tlsloop_cert_time_to_seconds(text, strlen(text), &seconds),
                   0);
  ck_assert_int_eq(seconds, wanted);
}


START_TEST(a_time_is_read) {
  expect(good[_i].text, good[_i].seconds);
}
END_TEST


START_TEST(what_is_no_time_is_refused) {
  int64_t seconds;

  seconds = 77;
  ck_assert_int_eq(
      tlsloop_cert_time_to_seconds(refused[_i], strlen(refused[_i]), &seconds),
      UV__EINVAL);
  ck_assert_int_eq(seconds, 77);
}
END_TEST


START_TEST(nothing_is_no_time) {
  int64_t seconds;

  ck_assert_int_eq(tlsloop_cert_time_to_seconds(NULL, 0, &seconds), UV__EINVAL);
}
END_TEST


START_TEST(a_time_ends_at_its_length_and_not_at_a_nul) {
  static const char cut[] = "Jan  5 09:34:43 2018 GMT, or later";
  static const char hidden[] = "Jan  5 09:34:43 2018 GMT\0or later";
  int64_t seconds;
  size_t len;

  ck_assert_int_eq(tlsloop_cert_time_to_seconds(cut, 24, &seconds), 0);
  ck_assert_int_eq(seconds, 1515144883);
  ck_assert_int_eq(
      tlsloop_cert_time_to_seconds(hidden, sizeof(hidden) - 1, &seconds),
      UV__EINVAL);
  for (len = 0; len < 24; len++)
    ck_assert_int_eq(tlsloop_cert_time_to_seconds(cut, len, &seconds),
                     UV__EINVAL);
}
END_TEST


/* The calendar, counted day by day. */
START_TEST(every_month_begins_where_the_one_before_ends) {
  static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  int64_t wanted;
  int month;
  int year;
  int leap;

  wanted = -62135596800;
  for (year = 1; year <= 9999; year++) {
    leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    for (month = 1; month <= 12; month++) {
      ck_assert_int_eq(tlsloop__cert_seconds(year, month, 1, 0, 0, 0), wanted);
      wanted += 86400 * (lengths[month - 1] + (month == 2 && leap));
    }
  }
}
END_TEST


START_TEST(years_before_the_first_count_on) {
  ck_assert_int_eq(tlsloop__cert_seconds(0, 12, 31, 23, 59, 59), -62135596801);
  ck_assert_int_eq(tlsloop__cert_seconds(0, 2, 29, 0, 0, 0), -62162121600);
  ck_assert_int_eq(tlsloop__cert_seconds(0, 1, 1, 0, 0, 0), -62167219200);
  ck_assert_int_eq(tlsloop__cert_seconds(-400, 1, 1, 0, 0, 0),
                   -62167219200 - 146097 * INT64_C(86400));
}
END_TEST


START_TEST(neither_the_time_zone_nor_the_locale_matters) {
  ck_assert_int_eq(setenv("TZ", "EST5EDT", 1), 0);
  tzset();
  setlocale(LC_ALL, "de_DE.UTF-8");
  expect("May  9 00:00:00 2007 GMT", 1178668800);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("context/cert-time");
  tcase = tcase_create("time");
  tcase_add_loop_test(tcase, a_time_is_read, 0, COUNT(good));
  tcase_add_loop_test(tcase, what_is_no_time_is_refused, 0, COUNT(refused));
  tcase_add_test(tcase, nothing_is_no_time);
  tcase_add_test(tcase, a_time_ends_at_its_length_and_not_at_a_nul);
  tcase_add_test(tcase, every_month_begins_where_the_one_before_ends);
  tcase_add_test(tcase, years_before_the_first_count_on);
  tcase_add_test(tcase, neither_the_time_zone_nor_the_locale_matters);
  suite_add_tcase(suite, tcase);
  return suite;
}
