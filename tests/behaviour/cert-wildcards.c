/* SPDX-License-Identifier: MIT */

/* Which names a certificate with a wildcard is good for (RFC 9525, 6.3): a
 * star is all of the leftmost label, and is one label. Each pair is a whole
 * handshake, because it is the handshake that must refuse. */

#include "support/suite.h"

#include "support/given.h"
#include "support/odd-cert.h"

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <string.h>

#define NO_NAME (TLSLOOP_EVERIFY - X509_V_ERR_HOSTNAME_MISMATCH)

static pki_t* pki;
static tlsloop_ctx_t* client;


static void set_up(void) {
  pki = pki_new("wildcards");
  client = given_client(pki);
}


static void tear_down(void) {
  tlsloop_ctx_unref(client);
  pki_free(pki);
}


/* A DNS name of a certificate, and names of servers, of which the certificate
 * is good for |good| and not for |bad|. */
typedef struct pattern_s {
  const char* pattern;
  const char* good[8];
  const char* bad[16];
} pattern_t;

static const pattern_t patterns[] = {
    {"*.example.org",
     {"a.example.org",
      "A.EXAMPLE.ORG",
      "a.example.org.",
      "a-b.example.org",
      "1.example.org",
      "xn--bcher-kva.example.org",
      "b\xc3\xbc"
      "cher.example.org"},
     {"example.org",
      "example.org.",
      "a.b.example.org",
      "b.a.example.org",
      "aexample.org",
      "a.example.com",
      "a.example.org.com",
      "a.example.or",
      "a_b.example.org",
      "_.example.org",
      "org",
      "localhost"}},
    {"*.EXAMPLE.org", {"a.example.org", "a.example.ORG"}, {"example.org"}},
    {"*.a.b.c.example.org",
     {"x.a.b.c.example.org"},
     {"a.b.c.example.org",
      "x.y.a.b.c.example.org",
      "x.b.c.example.org",
      "x.a.b.example.org"}},
    /* A star needs two labels behind it. */
    {"*",
     {NULL},
     {"localhost", "a", "a.b", "example.org", "a.example.org", "a.b.c.d"}},
    {"*.", {NULL}, {"localhost", "a", "localhost.", "example.org"}},
    {"*.org", {NULL}, {"example.org", "a.example.org", "org", "a.org"}},
    {"*.org.", {NULL}, {"example.org", "example.org.", "org"}},
    {"*.localhost", {NULL}, {"a.localhost", "localhost"}},
    {"*.example.org.", {NULL}, {"a.example.org", "a.example.org."}},
    {".example.org", {NULL}, {"a.example.org", "example.org"}},
    {"*..example.org", {NULL}, {"a.example.org", "example.org"}},
    {"*.example..org", {NULL}, {"a.example.org"}},
    /* A star is all of a label. */
    {"f*.example.org",
     {NULL},
     {"f.example.org", "fo.example.org", "foo.example.org", "a.example.org"}},
    {"*o.example.org",
     {NULL},
     {"o.example.org", "fo.example.org", "foo.example.org"}},
    {"f*o.example.org",
     {NULL},
     {"fo.example.org", "foo.example.org", "f.example.org"}},
    {"-*.example.org", {NULL}, {"-a.example.org", "a.example.org"}},
    {"*-.example.org", {NULL}, {"a-.example.org", "a.example.org"}},
    /* And one. */
    {"**.example.org",
     {NULL},
     {"a.example.org", "ab.example.org", "a.b.example.org"}},
    {"*.*.example.org",
     {NULL},
     {"a.b.example.org", "a.example.org", "example.org"}},
    {"*.*", {NULL}, {"a.b", "a.b.c", "localhost"}},
    {"*.*.org", {NULL}, {"a.b.org", "b.org", "a.org"}},
    /* It is the leftmost. */
    {"a.*.example.org",
     {NULL},
     {"a.b.example.org", "a.example.org", "b.b.example.org"}},
    {"a.b.*", {NULL}, {"a.b.c", "a.b.org", "a.b"}},
    {"example.*", {NULL}, {"example.org", "example.com", "example"}},
    {"example.*.org", {NULL}, {"example.a.org", "example.org"}},
    {"a.example.o*g", {NULL}, {"a.example.org", "a.example.og"}},
    {"a.exam*le.org", {NULL}, {"a.example.org", "a.examle.org"}},
    {"a.example.org*", {NULL}, {"a.example.org", "a.example.orgx"}},
    {"*a*.example.org", {NULL}, {"a.example.org", "bab.example.org"}},
    {"a*", {NULL}, {"a", "ab", "a.b"}},
    /* A-labels are labels like all others, but not in parts. */
    {"xn--*.example.org",
     {NULL},
     {"xn--bcher-kva.example.org",
      "b\xc3\xbc"
      "cher.example.org",
      "a.example.org"}},
    {"*xn--bcher-kva.example.org",
     {NULL},
     {"xn--bcher-kva.example.org", "axn--bcher-kva.example.org"}},
    {"*.xn--bcher-kva.example",
     {"a.xn--bcher-kva.example",
      "a.b\xc3\xbc"
      "cher.example",
      "A.B\xc3\x9c"
      "CHER.example"},
     {"xn--bcher-kva.example",
      "a.bucher.example",
      "a.b.xn--bcher-kva.example"}},
    {"xn--bcher-kva.example.org",
     {"b\xc3\xbc"
      "cher.example.org",
      "xn--bcher-kva.example.org",
      "XN--BCHER-KVA.example.org"},
     {"bucher.example.org", "xn--bucher.example.org", "bcher.example.org"}},
    /* A certificate has A-labels; this one does not. */
    {"b\xc3\xbc"
     "cher.example.org",
     {NULL},
     {"b\xc3\xbc"
      "cher.example.org",
      "xn--bcher-kva.example.org"}},
    /* The full stop of other scripts is one, before anything is compared. */
    {"a.example.org",
     {"a\xe3\x80\x82"
      "example.org",
      "a.example.org",
      "a.example.org."},
     {"b.example.org",
      "a.a.example.org",
      "example.org",
      "aexample.org",
      "a-example.org"}},
    /* What is around a star changes nothing. */
    {" *.example.org", {NULL}, {"a.example.org", "example.org"}},
    {"*.example.org ", {NULL}, {"a.example.org"}},
    {"http://*.example.org", {NULL}, {"a.example.org"}},
    {"*.example.org:443", {NULL}, {"a.example.org"}},
    {"*.example.org/", {NULL}, {"a.example.org"}},
    {"[*].example.org", {NULL}, {"a.example.org"}},
    {"?.example.org", {NULL}, {"a.example.org"}},
    {"%.example.org", {NULL}, {"a.example.org"}},
    /* No star, no wildcard. */
    {"example.org",
     {"example.org", "EXAMPLE.ORG", "example.org."},
     {"a.example.org", "xexample.org", "example.orgx", "example", "org"}},
    {"a_b.example.org", {"a_b.example.org"}, {"ab.example.org"}},
    {"example.org.", {NULL}, {"example.org", "example.org."}},
    {"localhost", {"localhost", "LOCALHOST."}, {"a.localhost", "localhos"}},
    {"", {NULL}, {"localhost", "example.org"}},
    {".", {NULL}, {"localhost", "example.org"}},
};


static void expect(const pattern_t* pattern,
                   tlsloop_ctx_t* server,
                   const char* name,
                   int wanted) {
  int got;

  got = try_connection(client, server, name);
  ck_assert_msg(got == wanted,
                "%s for %s: %s",
                pattern->pattern,
                name,
                tlsloop_err_name(got));
}


START_TEST(a_wildcard_is_one_whole_label_with_two_behind_it) {
  const pattern_t* pattern;
  tlsloop_ctx_t* server;
  int i;

  pattern = &patterns[_i];
  server = given_server(
      pki, odd_named(pki, GEN_DNS, pattern->pattern, strlen(pattern->pattern)));
  for (i = 0; pattern->good[i] != NULL; i++)
    expect(pattern, server, pattern->good[i], 0);
  for (i = 0; pattern->bad[i] != NULL; i++)
    expect(pattern, server, pattern->bad[i], NO_NAME);
  tlsloop_ctx_unref(server);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("behaviour/cert-wildcards");
  tcase = tcase_create("wildcards");
  tcase_set_timeout(tcase, 60);
  tcase_add_checked_fixture(tcase, set_up, tear_down);
  tcase_add_loop_test(tcase,
                      a_wildcard_is_one_whole_label_with_two_behind_it,
                      0,
                      sizeof(patterns) / sizeof(patterns[0]));
  suite_add_tcase(suite, tcase);
  return suite;
}
