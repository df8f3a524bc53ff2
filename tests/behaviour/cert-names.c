/* SPDX-License-Identifier: MIT */

/* Names that are made to look like others: with a NUL or a control character
 * in them, addresses that are names, and names that are addresses. */

#include "support/suite.h"

#include "support/given.h"
#include "support/odd-cert.h"
#include "tlsloop/info.h"

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <string.h>

#define NO_NAME    (TLSLOOP_EVERIFY - X509_V_ERR_HOSTNAME_MISMATCH)
#define NO_ADDRESS (TLSLOOP_EVERIFY - X509_V_ERR_IP_ADDRESS_MISMATCH)

static pki_t* pki;
static tlsloop_ctx_t* client;


static void set_up(void) {
  pki = pki_new("names");
  client = given_client(pki);
}


static void tear_down(void) {
  tlsloop_ctx_unref(client);
  pki_free(pki);
}


/* Asserts what a client gets who looks for |hostname| at |cert|'s server. */
static void expect(const pki_cert_t* cert, const char* hostname, int wanted) {
  tlsloop_ctx_t* server;
  int got;

  server = given_server(pki, cert);
  got = try_connection(client, server, hostname);
  ck_assert_msg(got == wanted,
                "%s: %s instead of %s",
                hostname,
                tlsloop_err_name(got),
                tlsloop_err_name(wanted));
  tlsloop_ctx_unref(server);
}


typedef struct name_s {
  const char* name;
  size_t len;
} name_t;

#define NAME(name) \
  { name, sizeof(name) - 1 }

/* None of these is good.example. */
static const name_t names[] = {
    NAME("good.example\0.evil.example"),
    NAME("good.example\0"),
    NAME("\0good.example"),
    NAME("good\0.example"),
    NAME("good.example\n"),
    NAME("\rgood.example"),
    NAME("good.example\x7f"),
    NAME("good.example "),
    NAME("good.example,good"),
    NAME("\x0cgood.example"),
    NAME("go\bod.example"),
    NAME("good.example\xc2\xa0"),
    NAME("good.example:443"),
    NAME("goo"),
    NAME(""),
};


START_TEST(a_dns_name_counts_as_a_whole_and_nothing_else_does) {
  expect(odd_named(pki, GEN_DNS, names[_i].name, names[_i].len),
         "good.example",
         NO_NAME);
}
END_TEST


START_TEST(the_name_itself_is_good_when_it_is_made_the_same_way) {
  expect(odd_named(pki, GEN_DNS, "good.example", 12), "good.example", 0);
  expect(odd_named(pki, GEN_IPADD, "\xc0\0\2\1", 4), "192.0.2.1", 0);
}
END_TEST


START_TEST(a_common_name_counts_as_a_whole_even_for_who_asks_it) {
  const odd_part_t parts[] = {
      {"CN", V_ASN1_UTF8STRING, names[_i].name, (int) names[_i].len, 0},
      {NULL, 0, NULL, 0, 0},
  };
  const odd_cert_t odd = {.subject = parts};

  ck_done(tlsloop_ctx_set_hostname_checks_cn(client, 1));
  expect(odd_make(pki, &odd), "good.example", NO_NAME);
}
END_TEST


START_TEST(no_other_type_of_name_is_a_dns_name) {
  expect(
      odd_named(pki, GEN_EMAIL, "good.example", 12), "good.example", NO_NAME);
  expect(odd_named(pki, GEN_URI, "good.example", 12), "good.example", NO_NAME);
  expect(
      odd_named(pki, GEN_IPADD, "good.example", 12), "good.example", NO_NAME);
}
END_TEST


typedef struct address_s {
  const char* san;
  const char* hostname;
  int result;
} address_t;

static const address_t addresses[] = {
    {"IP:192.0.2.1", "192.0.2.1", 0},
    {"IP:192.0.2.1", "192.0.2.2", NO_ADDRESS},
    {"IP:2001:db8::1", "2001:db8::1", 0},
    {"IP:2001:db8::1", "2001:DB8:0:0:0:0:0:1", 0},
    {"IP:2001:db8::1", "2001:db8::2", NO_ADDRESS},
    {"DNS:192.0.2.1", "192.0.2.1", NO_ADDRESS},
    {"DNS:*.0.2.1", "192.0.2.1", NO_ADDRESS},
    {"DNS:*", "192.0.2.1", NO_ADDRESS},
    {"DNS:2001:db8::1", "2001:db8::1", NO_ADDRESS},
    {"URI:192.0.2.1", "192.0.2.1", NO_ADDRESS},
    {"email:192.0.2.1", "192.0.2.1", NO_ADDRESS},
    /* An IPv4 address is none of IPv6, though it can be written as one. */
    {"IP:192.0.2.1", "::ffff:192.0.2.1", NO_ADDRESS},
    {"IP:::ffff:192.0.2.1", "192.0.2.1", NO_ADDRESS},
    {"IP:::ffff:192.0.2.1", "::ffff:c000:201", 0},
    {"IP:::192.0.2.1", "192.0.2.1", NO_ADDRESS},
    /* The name of an address is no address. */
    {"DNS:localhost", "127.0.0.1", NO_ADDRESS},
    {"", "192.0.2.1", NO_ADDRESS},
};


START_TEST(an_address_is_one_that_the_certificate_has_as_one) {
  pki_opts_t opts;

  memset(&opts, 0, sizeof(opts));
  opts.cn = addresses[_i].hostname;
  opts.san = addresses[_i].san;
  ck_done(tlsloop_ctx_set_hostname_checks_cn(client, 1));
  expect(pki_make(pki, &opts), addresses[_i].hostname, addresses[_i].result);
}
END_TEST


START_TEST(an_address_of_another_length_is_no_address) {
  expect(odd_named(pki, GEN_IPADD, "\xc0\0\2\1\xff\xff\xff\xff", 8),
         "192.0.2.1",
         NO_ADDRESS);
  expect(odd_named(pki, GEN_IPADD, "\xc0\0\2", 3), "192.0.2.0", NO_ADDRESS);
  expect(odd_named(pki, GEN_IPADD, "\xc0\0\2\1\0", 5), "192.0.2.1", NO_ADDRESS);
  expect(odd_named(pki, GEN_IPADD, "192.0.2.1", 9), "192.0.2.1", NO_ADDRESS);
}
END_TEST


/* Only an address is an address: inet_aton would take most of these. */
START_TEST(what_is_only_like_an_address_is_refused_or_a_name) {
  static const char* const like[] = {"1.1.1.1 ; junk",
                                     "1.1.1.1\n",
                                     " 1.1.1.1",
                                     "fe80::1%lo",
                                     "fe80::1%1",
                                     "[::1]",
                                     "::1]",
                                     "1::2::3",
                                     "12345::",
                                     "1.1.1.1:443",
                                     "1.1.1.1/32",
                                     "::g"};
  tlsloop_engine_t* engine;
  pair_t pair;
  size_t i;

  pair_init(&pair);
  for (i = 0; i < sizeof(like) / sizeof(like[0]); i++) {
    ck_done(tlsloop_engine_new(
        &engine, client, pair.client.in, pair.client.out, TLSLOOP_CLIENT));
    ck_assert_msg(
        tlsloop_engine_set_hostname(engine, like[i]) == TLSLOOP_EHOSTNAME,
        "%s",
        like[i]);
    ck_assert_int_eq(tlsloop_engine_handshake(engine), TLSLOOP_ENOHOSTNAME);
    tlsloop_engine_free(engine);
  }
  pair_deinit(&pair);
}
END_TEST


START_TEST(an_address_is_not_sent_as_a_name) {
  tlsloop_ctx_t* server;
  pair_t pair;

  server = given_server(pki, NULL);
  pair_open(&pair, client, server, "127.0.0.1");
  pair_connect(&pair);
  ck_assert_ptr_null(tlsloop_engine_hostname(pair.server.engine));
  pair_close(&pair);
  pair_open(&pair, client, server, "localhost");
  pair_connect(&pair);
  ck_assert_str_eq(tlsloop_engine_hostname(pair.server.engine), "localhost");
  pair_close(&pair);
  tlsloop_ctx_unref(server);
}
END_TEST


#define COUNT(array) ((int) (sizeof(array) / sizeof((array)[0])))


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("behaviour/cert-names");
  tcase = tcase_create("names");
  tcase_add_checked_fixture(tcase, set_up, tear_down);
  tcase_set_timeout(tcase, 60);
  tcase_add_loop_test(tcase,
                      a_dns_name_counts_as_a_whole_and_nothing_else_does,
                      0,
                      COUNT(names));
  tcase_add_test(tcase, the_name_itself_is_good_when_it_is_made_the_same_way);
  tcase_add_loop_test(tcase,
                      a_common_name_counts_as_a_whole_even_for_who_asks_it,
                      0,
                      COUNT(names));
  tcase_add_test(tcase, no_other_type_of_name_is_a_dns_name);
  suite_add_tcase(suite, tcase);

  tcase = tcase_create("addresses");
  tcase_add_checked_fixture(tcase, set_up, tear_down);
  tcase_set_timeout(tcase, 60);
  tcase_add_loop_test(tcase,
                      an_address_is_one_that_the_certificate_has_as_one,
                      0,
                      COUNT(addresses));
  tcase_add_test(tcase, an_address_of_another_length_is_no_address);
  tcase_add_test(tcase, what_is_only_like_an_address_is_refused_or_a_name);
  tcase_add_test(tcase, an_address_is_not_sent_as_a_name);
  suite_add_tcase(suite, tcase);
  return suite;
}
