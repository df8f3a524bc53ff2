/* SPDX-License-Identifier: MIT */

/* Certificates that are damaged: whatever is in one, it is read or refused, and
 * nothing but that happens. Best run under a memory checker. */

#include "support/suite.h"

#include "support/given.h"
#include "support/odd-cert.h"
#include "support/read-cert.h"

#include <stdlib.h>
#include <string.h>

static pki_t* pki;


static void set_up(void) {
  pki = pki_new("damaged");
}


static void tear_down(void) {
  pki_free(pki);
}


/* All that can be in a certificate. */
static const pki_cert_t* given_full(void) {
  pki_opts_t opts;

  memset(&opts, 0, sizeof(opts));
  opts.san =
      "DNS:a.example,IP:192.0.2.1,IP:::1,URI:http://a.example/,"
      "email:a@a.example,RID:1.2.3.4,"
      "otherName:1.3.6.1.4.1.311.20.2.3;UTF8:a@a.example";
  opts.aia = "OCSP;URI:http://ocsp.example/,caIssuers;URI:http://ca.example/";
  opts.crl = "URI:http://crl.example/";
  return pki_make(pki, &opts);
}


/* What is done to a byte, and what it then is. */
static const unsigned char masks[] =
    {0xff, 0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80};


START_TEST(any_byte_may_be_another) {
  const pki_blob_t* blob;
  unsigned char* der;
  int good;
  size_t i;

  blob = &given_full()->der;
  ck_assert_ptr_nonnull(der = malloc(blob->len));
  good = 0;
  for (i = 0; i < blob->len; i++) {
    memcpy(der, blob->data, blob->len);
    der[i] ^= masks[_i];
    good += try_cert(der, blob->len);
  }
  free(der);
  /* The signature and many a text may be anything. */
  ck_assert_int_gt(good, 64);
  ck_assert_int_lt(good, (int) blob->len - 64);
}
END_TEST


START_TEST(any_byte_may_be_missing) {
  const pki_blob_t* blob;
  unsigned char* der;
  size_t i;

  blob = &given_full()->der;
  for (i = 0; i < blob->len; i++) {
    /* Room for exactly what is there, so that a checker sees its end. */
    ck_assert_ptr_nonnull(der = malloc(blob->len - 1));
    memcpy(der, blob->data, i);
    memcpy(der + i, blob->data + i + 1, blob->len - i - 1);
    ck_assert_int_eq(try_cert(der, blob->len - 1), 0);
    free(der);
  }
}
END_TEST


START_TEST(many_bytes_may_be_others) {
  const pki_blob_t* blob;
  unsigned char* der;
  unsigned char rnd[8];
  uint32_t seed;
  int i;

  blob = &given_full()->der;
  ck_assert_ptr_nonnull(der = malloc(blob->len));
  for (seed = 1; seed <= 1000; seed++) {
    memcpy(der, blob->data, blob->len);
    pair_fill(rnd, sizeof(rnd), seed);
    for (i = 0; i < 4; i++)
      der[(rnd[2 * i] * 256u + rnd[2 * i + 1]) % blob->len] ^= rnd[7 - i];
    try_cert(der, blob->len);
  }
  free(der);
}
END_TEST


START_TEST(noise_is_no_certificate) {
  unsigned char noise[200];
  uint32_t seed;

  for (seed = 1; seed <= 1000; seed++) {
    pair_fill(noise, sizeof(noise), seed);
    noise[0] = 0x30;
    ck_assert_int_eq(try_cert(noise, sizeof(noise)), 0);
  }
}
END_TEST


START_TEST(what_is_nested_without_end_is_refused) {
  unsigned char der[4096];
  size_t i;

  /* Sequences of indefinite length, each in the one before. */
  for (i = 0; i < sizeof(der); i += 2)
    memcpy(der + i, "\x30\x80", 2);
  ck_assert_int_eq(try_cert(der, sizeof(der)), 0);
}
END_TEST


START_TEST(a_length_beyond_the_end_is_refused) {
  ck_assert_int_eq(try_cert("\x30\x84\xff\xff\xff\xff", 6), 0);
  ck_assert_int_eq(try_cert("\x30\x84\x7f\xff\xff\xff", 6), 0);
  ck_assert_int_eq(try_cert("\x30\x88\x7f\xff\xff\xff\xff\xff\xff\xff", 10), 0);
  ck_assert_int_eq(try_cert("\x30\x80", 2), 0);
  ck_assert_int_eq(try_cert("\x30", 1), 0);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("behaviour/cert-damaged");
  tcase = tcase_create("damaged");
  tcase_set_timeout(tcase, 120);
  tcase_add_checked_fixture(tcase, set_up, tear_down);
  tcase_add_loop_test(tcase, any_byte_may_be_another, 0, sizeof(masks));
  tcase_add_test(tcase, any_byte_may_be_missing);
  tcase_add_test(tcase, many_bytes_may_be_others);
  tcase_add_test(tcase, noise_is_no_certificate);
  tcase_add_test(tcase, what_is_nested_without_end_is_refused);
  tcase_add_test(tcase, a_length_beyond_the_end_is_refused);

  suite_add_tcase(suite, tcase);
  return suite;
}
