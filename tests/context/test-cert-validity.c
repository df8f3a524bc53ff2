/* SPDX-License-Identifier: MIT */

/* Twin of context/cert-validity.c: from when until when it is valid. */

#include "support/suite.h"

#include "support/odd-cert.h"
#include "tlsloop/cert.h"
#include "tlsloop/errno.h"

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <string.h>
#include <uv/errno.h>

#define UTC     V_ASN1_UTCTIME
#define GENERAL V_ASN1_GENERALIZEDTIME

static pki_t* pki;


static void set_up(void) {
  pki = pki_new("validity");
}


static void tear_down(void) {
  pki_free(pki);
}


typedef struct given_s {
  int type;
  const char* time;
  const char* text;
  int64_t seconds;
} given_t;

static const given_t good[] = {
    {UTC, "180105093443Z", "Jan  5 09:34:43 2018 GMT", 1515144883},
    {UTC, "181215093443Z", "Dec 15 09:34:43 2018 GMT", 1544866483},
    {UTC, "491231235959Z", "Dec 31 23:59:59 2049 GMT", 2524607999},
    {UTC, "500101000000Z", "Jan  1 00:00:00 1950 GMT", -631152000},
    {UTC, "691231235959Z", "Dec 31 23:59:59 1969 GMT", -1},
    {UTC, "700101000000Z", "Jan  1 00:00:00 1970 GMT", 0},
    {GENERAL, "20180105093443Z", "Jan  5 09:34:43 2018 GMT", 1515144883},
    {GENERAL, "20380119031408Z", "Jan 19 03:14:08 2038 GMT", 2147483648},
    {GENERAL, "99991231235959Z", "Dec 31 23:59:59 9999 GMT", 253402300799},
    {GENERAL, "19000301000000Z", "Mar  1 00:00:00 1900 GMT", -2203891200},
    {GENERAL, "00010101000000Z", "Jan  1 00:00:00 1 GMT", -62135596800},
};

static const given_t bad[] = {
    {UTC, "", NULL, 0},
    {UTC, "never", NULL, 0},
    {UTC, "181305093443Z", NULL, 0},
    {UTC, "180230093443Z", NULL, 0},
    {UTC, "180105243443Z", NULL, 0},
    {UTC, "20180105093443Z", NULL, 0},
    {UTC, "18010509344\xff", NULL, 0},
    {GENERAL, "180105093443Z", NULL, 0},
    {GENERAL, "20180105", NULL, 0},
    {GENERAL, "20190229000000Z", NULL, 0},
};

#define COUNT(array) ((int) (sizeof(array) / sizeof((array)[0])))


START_TEST(a_time_is_told_as_text_and_as_seconds) {
  const odd_cert_t odd = {.before = good[_i].time, .time_type = good[_i].type};
  tlsloop_cert_t* cert;
  const char* text;
  int64_t seconds;

  cert = odd_cert(pki, &odd);
  ck_assert_int_eq(tlsloop_cert_not_before(cert, &text, &seconds), 0);
  ck_assert_str_eq(text, good[_i].text);
  ck_assert_int_eq(seconds, good[_i].seconds);
  ck_assert_uint_eq(ERR_peek_error(), 0);
  tlsloop_cert_unref(cert);
}
END_TEST


START_TEST(the_end_is_told_as_the_beginning) {
  const odd_cert_t odd = {.after = good[_i].time, .time_type = good[_i].type};
  tlsloop_cert_t* cert;
  const char* text;
  int64_t seconds;

  cert = odd_cert(pki, &odd);
  ck_assert_int_eq(tlsloop_cert_not_after(cert, &text, &seconds), 0);
  ck_assert_str_eq(text, good[_i].text);
  ck_assert_int_eq(seconds, good[_i].seconds);
  tlsloop_cert_unref(cert);
}
END_TEST


START_TEST(what_is_no_time_is_an_error_of_that_time_alone) {
  const odd_cert_t odd = {.before = bad[_i].time, .time_type = bad[_i].type};
  tlsloop_cert_t* cert;
  const char* text;
  int64_t seconds;

  cert = odd_cert(pki, &odd);
  text = "untouched";
  seconds = 77;
  ck_assert_int_eq(tlsloop_cert_not_before(cert, &text, &seconds),
                   TLSLOOP_EBADCERT);
  ck_assert_str_eq(text, "untouched");
  ck_assert_int_eq(seconds, 77);
  ck_assert_int_eq(tlsloop_cert_not_after(cert, &text, &seconds), 0);
  ck_assert_uint_eq(ERR_peek_error(), 0);
  tlsloop_cert_unref(cert);
}
END_TEST


START_TEST(the_text_reads_back_as_the_seconds) {
  tlsloop_cert_t* cert;
  const char* text;
  int64_t seconds;
  int64_t read;

  cert = odd_load(pki_leaf(pki));
  ck_assert_int_eq(tlsloop_cert_not_before(cert, &text, &seconds), 0);
  ck_assert_int_eq(tlsloop_cert_time_to_seconds(text, strlen(text), &read), 0);
  ck_assert_int_eq(read, seconds);
  ck_assert_int_eq(tlsloop_cert_not_after(cert, &text, &seconds), 0);
  ck_assert_int_eq(seconds, read + 25 * 3600);
  tlsloop_cert_unref(cert);
}
END_TEST


START_TEST(a_zone_is_counted_in) {
  const odd_cert_t odd = {.before = "20180105093443+0130",
                          .after = "20180105093443.5Z",
                          .time_type = GENERAL};
  tlsloop_cert_t* cert;
  int64_t seconds;

  cert = odd_cert(pki, &odd);
  ck_assert_int_eq(tlsloop_cert_not_before(cert, NULL, &seconds), 0);
  ck_assert_int_eq(seconds, 1515144883 - 5400);
  ck_assert_int_eq(tlsloop_cert_not_after(cert, NULL, &seconds), 0);
  ck_assert_int_eq(seconds, 1515144883);
  tlsloop_cert_unref(cert);
}
END_TEST


START_TEST(what_is_not_wanted_need_not_be_asked_for) {
  tlsloop_cert_t* cert;
  const char* text;

  cert = odd_load(pki_leaf(pki));
  ck_assert_int_eq(tlsloop_cert_not_before(cert, NULL, NULL), 0);
  ck_assert_int_eq(tlsloop_cert_not_after(cert, &text, NULL), 0);
  ck_assert_str_eq(text + strlen(text) - 4, " GMT");
  tlsloop_cert_unref(cert);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("context/cert-validity");
  tcase = tcase_create("validity");
  tcase_add_checked_fixture(tcase, set_up, tear_down);
  tcase_add_loop_test(
      tcase, a_time_is_told_as_text_and_as_seconds, 0, COUNT(good));
  tcase_add_loop_test(tcase, the_end_is_told_as_the_beginning, 0, COUNT(good));
  tcase_add_loop_test(
      tcase, what_is_no_time_is_an_error_of_that_time_alone, 0, COUNT(bad));
  tcase_add_test(tcase, the_text_reads_back_as_the_seconds);
  tcase_add_test(tcase, a_zone_is_counted_in);
  tcase_add_test(tcase, what_is_not_wanted_need_not_be_asked_for);
  suite_add_tcase(suite, tcase);
  return suite;
}
