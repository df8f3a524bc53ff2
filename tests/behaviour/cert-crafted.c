/* SPDX-License-Identifier: MIT */

/* Certificates that were made to do harm to who reads or verifies them: they
 * come through a handshake, or are refused, in bounded time. */

#include "support/suite.h"

#include "support/given.h"
#include "support/read-cert.h"

#include <openssl/x509v3.h>
#include <string.h>

static pki_t* pki;


static void set_up(void) {
  pki = pki_new("crafted");
}


static void tear_down(void) {
  pki_free(pki);
}


/* The key of a certificate, in place of the P-256 key that the pki gave it. */
static void put_key(X509* x509, const void* der, size_t len) {
  const unsigned char* p;
  X509_PUBKEY* from;
  X509_PUBKEY* to;
  ASN1_OBJECT* algorithm;
  const unsigned char* key;
  X509_ALGOR* algor;
  const void* parameter;
  unsigned char* copy;
  ASN1_STRING* string;
  int type;
  int n;

  p = der;
  from = d2i_X509_PUBKEY(NULL, &p, (long) len);
  ck_assert_ptr_nonnull(from);
  to = X509_get_X509_PUBKEY(x509);
  X509_PUBKEY_get0_param(&algorithm, &key, &n, &algor, from);
  X509_ALGOR_get0(NULL, &type, &parameter, algor);
  string = ASN1_STRING_dup(parameter);
  copy = OPENSSL_memdup(key, (size_t) n);
  ck_assert(string != NULL && copy != NULL);
  ck_assert_int_eq(
      X509_PUBKEY_set0_param(to, OBJ_dup(algorithm), type, string, copy, n), 1);
  X509_PUBKEY_free(from);
}


/* CVE-2022-0778: a curve over a number that is no prime, 697 = 17 * 41, with a
 * compressed generator whose square root OpenSSL searched for ever. */
static void put_endless_key(X509* x509, void* arg) {
  static const char key[] =
      "\x30\x3b"
      "\x30\x33\x06\x07\x2a\x86\x48\xce\x3d\x02\x01"
      "\x30\x28\x02\x01\x01"
      "\x30\x0d\x06\x07\x2a\x86\x48\xce\x3d\x01\x01\x02\x02\x02\xb9"
      "\x30\x08\x04\x02\x00\x01\x04\x02\x02\xb8"
      "\x04\x03\x02\x00\x00"
      "\x02\x02\x02\xb3"
      "\x02\x01\x01"
      "\x03\x04\x00\x02\x00\x00";

  (void) arg;
  put_key(x509, key, sizeof(key) - 1);
}


static const pki_cert_t* given_endless(void) {
  pki_opts_t opts;

  memset(&opts, 0, sizeof(opts));
  opts.tweak = put_endless_key;
  return pki_make(pki, &opts);
}


START_TEST(a_key_that_has_no_end_is_read_or_refused) {
  const pki_cert_t* made;

  made = given_endless();
  try_cert(made->der.data, made->der.len);
}
END_TEST


typedef struct crafted_s {
  int nid;
  const char* der;
  int len;
  int again;
  int result; /* of the handshake; 1: any refusal of the certificate */
} crafted_t;

#define SAN     NID_subject_alt_name
#define CRL     NID_crl_distribution_points
#define DER(s)  s, (int) sizeof(s) - 1
#define REFUSED 1

/* What is wrong beside a name that is right is no reason to crash, and what
 * verification needs is a reason to refuse. */
static const crafted_t crafted[] = {
    /* CVE-2019-5010: an empty distribution point. */
    {CRL, DER("\x30\x02\x30\x00"), 0, REFUSED},
    {CRL, DER("\x30\x06\x30\x04\x81\x02\x00\x80"), 0, REFUSED},
    {CRL, DER("\x30\x00"), 0, 0},
    {CRL, DER("\x30\x05"), 0, REFUSED},
    {SAN, DER("\x30\x05"), 0, REFUSED},
    {SAN, DER(""), 0, REFUSED},
    {SAN, DER("\x30\x00"), 0, REFUSED},
    {SAN, DER("\x30\x0b\x82\x09localhost"), 1, REFUSED},
    {SAN, DER("\x30\x0b\x82\x09localhost"), 0, 0},
    /* CVE-2023-0286: an X.400 address. */
    {SAN, DER("\x30\x0f\x82\x09localhost\xa3\x02\x30\x00"), 0, 0},
    /* CVE-2020-1971: an EDIPartyName. */
    {SAN, DER("\x30\x11\x82\x09localhost\xa5\x04\xa1\x02\x0c\x00"), 0, 0},
    {NID_info_access, DER("\x30\x05"), 0, 0},
    {NID_basic_constraints, DER("\x30\x05"), 1, REFUSED},
    {NID_name_constraints, DER("\x30\x05"), 0, REFUSED},
    {NID_policy_constraints, DER("\x30\x05"), 0, 0},
    {NID_key_usage, DER("\x03\x02\x00"), 1, REFUSED},
};


/* The certificate that |crafted| tells of, for localhost unless its names are
 * what is crafted. */
static void craft(X509* x509, void* arg) {
  const crafted_t* what = arg;
  X509_EXTENSION* extension;
  ASN1_OCTET_STRING* value;
  int i;

  ck_assert_ptr_nonnull(value = ASN1_OCTET_STRING_new());
  ck_assert_int_eq(
      ASN1_OCTET_STRING_set(value, (const unsigned char*) what->der, what->len),
      1);
  extension = X509_EXTENSION_create_by_NID(NULL, what->nid, 0, value);
  ck_assert_ptr_nonnull(extension);
  for (i = 0; i <= what->again; i++)
    ck_assert_int_eq(X509_add_ext(x509, extension, -1), 1);
  X509_EXTENSION_free(extension);
  ASN1_OCTET_STRING_free(value);
}


START_TEST(a_crafted_certificate_comes_through_or_is_refused) {
  crafted_t what = crafted[_i];
  const pki_cert_t* made;
  tlsloop_ctx_t* client;
  tlsloop_ctx_t* server;
  pki_opts_t opts;
  int ret;

  memset(&opts, 0, sizeof(opts));
  opts.san = what.nid == SAN ? "" : "DNS:localhost";
  opts.tweak = craft;
  opts.arg = &what;
  made = pki_make(pki, &opts);
  try_cert(made->der.data, made->der.len);

  client = given_client(pki);
  server = given_server(pki, made);
  ret = try_connection(client, server, "localhost");
  if (what.result == REFUSED)
    ck_assert_msg(
        tlsloop_err_verify_code(ret) > 0, "%s", tlsloop_err_name(ret));
  else
    ck_assert_msg(ret == 0, "%s", tlsloop_err_name(ret));
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(server);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("behaviour/cert-crafted");
  tcase = tcase_create("crafted");
  tcase_set_timeout(tcase, 60);
  tcase_add_checked_fixture(tcase, set_up, tear_down);
  tcase_add_test(tcase, a_key_that_has_no_end_is_read_or_refused);
  tcase_add_loop_test(tcase,
                      a_crafted_certificate_comes_through_or_is_refused,
                      0,
                      sizeof(crafted) / sizeof(crafted[0]));
  suite_add_tcase(suite, tcase);
  return suite;
}
