/* SPDX-License-Identifier: MIT */

/* Which entries of Windows' stores a context trusts, and that there are none
 * elsewhere. What asks Windows itself is compiled by windows.sh. */

#include "support/suite.h"

#include "context/ctx.h"
#include "context/windows.h"
#include "support/fail-alloc.h"
#include "support/fail-ossl.h"
#include "support/given.h"

#include <openssl/err.h>
#include <string.h>
#include <uv/errno.h>

#define SERVER_AUTH      "1.3.6.1.5.5.7.3.1"
#define CLIENT_AUTH      "1.3.6.1.5.5.7.3.2"
#define EMAIL_PROTECTION "1.3.6.1.5.5.7.3.4"

static pki_t* pki;
static tlsloop_ctx_t* ctx;
static tlsloop_store_entry_t entry;
static int installed; /* fail_ossl_install */


static void setup(void) {
  ck_assert_int_eq(installed, 1);
  pki = pki_new("windows");
  ctx = given_ctx(TLSLOOP_PROTOCOL_TLS_CLIENT);
  entry = (tlsloop_store_entry_t){.size = sizeof(entry),
                                  .data = pki->root->der.data,
                                  .len = pki->root->der.len,
                                  .encoding = TLSLOOP_STORE_X509_ASN};
}


static void teardown(void) {
  tlsloop_ctx_unref(ctx);
  pki_free(pki);
}


static void use_protocol(int protocol) {
  tlsloop_ctx_unref(ctx);
  ctx = given_ctx(protocol);
}


/* Offers the entry for |count| |purposes|; returns whether it was trusted. */
static int trusted_for(const char* const* purposes, size_t count) {
  entry.purposes = purposes;
  entry.purpose_count = count;
  ck_assert_int_eq(tlsloop__windows_trust(&entry, ctx), 0);
  ck_assert_uint_eq(ERR_peek_error(), 0);
  return sk_X509_OBJECT_num(
      X509_STORE_get0_objects(SSL_CTX_get_cert_store(ctx->ssl_ctx)));
}


START_TEST(what_is_trusted_for_everything_is_trusted) {
  static const int protocols[] = {TLSLOOP_PROTOCOL_TLS,
                                  TLSLOOP_PROTOCOL_TLS_CLIENT,
                                  TLSLOOP_PROTOCOL_TLS_SERVER};

  use_protocol(protocols[_i]);
  entry.trusted_for_all = 1;
  ck_assert_int_eq(trusted_for(NULL, 0), 1);
}
END_TEST


START_TEST(clients_trust_what_is_for_servers) {
  static const char* const both[] = {EMAIL_PROTECTION, SERVER_AUTH};
  static const char* const other[] = {EMAIL_PROTECTION, CLIENT_AUTH};

  ck_assert_int_eq(trusted_for(other, 2), 0);
  ck_assert_int_eq(trusted_for(both, 2), 1);
}
END_TEST


START_TEST(servers_trust_what_is_for_clients) {
  static const char* const both[] = {CLIENT_AUTH, EMAIL_PROTECTION};
  static const char* const other[] = {SERVER_AUTH};

  use_protocol(TLSLOOP_PROTOCOL_TLS_SERVER);
  ck_assert_int_eq(trusted_for(other, 1), 0);
  ck_assert_int_eq(trusted_for(both, 2), 1);
}
END_TEST


START_TEST(what_is_for_nothing_is_not_trusted) {
  ck_assert_int_eq(trusted_for(NULL, 0), 0);
}
END_TEST


START_TEST(what_is_no_certificate_is_not_trusted) {
  entry.trusted_for_all = 1;
  entry.encoding = TLSLOOP_STORE_PKCS_7_ASN;
  ck_assert_int_eq(trusted_for(NULL, 0), 0);
}
END_TEST


START_TEST(a_certificate_that_cannot_be_read_is_left_out) {
  entry.trusted_for_all = 1;
  entry.len--;
  ck_assert_int_eq(trusted_for(NULL, 0), 0);
  entry.data = "garbage";
  entry.len = 7;
  ck_assert_int_eq(trusted_for(NULL, 0), 0);
}
END_TEST


START_TEST(a_root_of_the_system_vouches_for_servers) {
  tlsloop_ctx_t* server;

  entry.trusted_for_all = 1;
  ck_assert_int_eq(trusted_for(NULL, 0), 1);
  server = given_server(pki, NULL);
  ck_assert_int_eq(try_connection(ctx, server, "localhost"), 0);
  tlsloop_ctx_unref(server);
}
END_TEST


START_TEST(a_lack_of_memory_is_not_passed_over) {
  unsigned int lacking;
  unsigned int n;
  int err;

  entry.trusted_for_all = 1;
  lacking = 0;
  for (n = 0;; n++) {
    fail_alloc_after(n);
    err = tlsloop__windows_trust(&entry, ctx);
    if (!fail_alloc_reset())
      break;
    ck_assert(err == 0 || err == UV__ENOMEM);
    lacking += err == UV__ENOMEM;
  }
  ck_assert_int_eq(err, 0);
  ck_assert_uint_ge(lacking, 1);
}
END_TEST


static int never(const tlsloop_store_entry_t* told, void* arg) {
  ck_abort_msg("told of %p with %p", (const void*) told, arg);
  return 0;
}


#ifndef _WIN32
START_TEST(there_are_no_stores_where_there_is_no_windows) {
  ck_assert_int_eq(tlsloop_enum_certificates("ROOT", never, NULL), UV__ENOTSUP);
  ck_assert_int_eq(tlsloop_enum_crls("CA", never, NULL), UV__ENOTSUP);
  ck_assert_int_eq(tlsloop__windows_load(ctx), UV__ENOTSUP);
}
END_TEST
#endif


START_TEST(a_store_has_a_name_and_somebody_to_tell) {
  ck_assert_int_eq(tlsloop_enum_certificates(NULL, never, NULL), UV__EINVAL);
  ck_assert_int_eq(tlsloop_enum_certificates("ROOT", NULL, NULL), UV__EINVAL);
  ck_assert_int_eq(tlsloop_enum_crls(NULL, never, NULL), UV__EINVAL);
  ck_assert_int_eq(tlsloop_enum_crls("CA", NULL, NULL), UV__EINVAL);
}
END_TEST


Suite* suite(void) {
  TCase* tc;
  Suite* s;

  installed = fail_ossl_install();
  s = suite_create("windows");
  tc = tcase_create("trust");
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_loop_test(tc, what_is_trusted_for_everything_is_trusted, 0, 3);
  tcase_add_test(tc, clients_trust_what_is_for_servers);
  tcase_add_test(tc, servers_trust_what_is_for_clients);
  tcase_add_test(tc, what_is_for_nothing_is_not_trusted);
  tcase_add_test(tc, what_is_no_certificate_is_not_trusted);
  tcase_add_test(tc, a_certificate_that_cannot_be_read_is_left_out);
  tcase_add_test(tc, a_root_of_the_system_vouches_for_servers);
  tcase_add_test(tc, a_lack_of_memory_is_not_passed_over);
#ifndef _WIN32
  tcase_add_test(tc, there_are_no_stores_where_there_is_no_windows);
#endif
  tcase_add_test(tc, a_store_has_a_name_and_somebody_to_tell);
  suite_add_tcase(s, tc);
  return s;
}
