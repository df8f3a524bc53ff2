/* SPDX-License-Identifier: MIT */

/* Options and the security level: exactly what was asked for, and what weakens
 * only when it was allowed. */

#include "support/suite.h"

#include "context/ctx.h"
#include "support/given.h"
#include "tlsloop/policy.h"

#include <uv/errno.h>

static pki_t* pki;
static tlsloop_ctx_t* ctx;


static void setup(void) {
  pki = pki_new("options");
  ctx = given_server(pki, NULL);
}


static void teardown(void) {
  tlsloop_ctx_unref(ctx);
  pki_free(pki);
}


/* Options that go on and off as anybody likes. */
static const uint64_t free_options[] = {TLSLOOP_OP_NO_TICKET,
                                        TLSLOOP_OP_CIPHER_SERVER_PREFERENCE,
                                        TLSLOOP_OP_ENABLE_MIDDLEBOX_COMPAT,
                                        TLSLOOP_OP_ENABLE_KTLS,
                                        TLSLOOP_OP_NO_TLS_1_0,
                                        TLSLOOP_OP_NO_TLS_1_1,
                                        TLSLOOP_OP_NO_TLS_1_2,
                                        TLSLOOP_OP_NO_TLS_1_3,
                                        SSL_OP_PRIORITIZE_CHACHA,
                                        SSL_OP_CLEANSE_PLAINTEXT};

/* Options that weaken when they are on, the last one of no known meaning. */
static const uint64_t weak_options[] = {
    TLSLOOP_OP_LEGACY_SERVER_CONNECT,
    TLSLOOP_OP_IGNORE_UNEXPECTED_EOF,
    SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION,
    SSL_OP_ALLOW_CLIENT_RENEGOTIATION,
    SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS,
    SSL_OP_ALLOW_NO_DHE_KEX,
    SSL_OP_NO_ENCRYPT_THEN_MAC,
    SSL_OP_NO_EXTENDED_MASTER_SECRET,
    SSL_OP_NO_ANTI_REPLAY,
    (uint64_t) 1 << 63};

/* Options that weaken when they are off. */
static const uint64_t protecting[] = {TLSLOOP_OP_NO_RENEGOTIATION,
                                      TLSLOOP_OP_NO_COMPRESSION,
                                      TLSLOOP_OP_NO_SSLV3};

#define COUNT(array) ((int) (sizeof(array) / sizeof(array[0])))


START_TEST(the_defaults_protect) {
  uint64_t options;
  int i;

  options = tlsloop_ctx_options(ctx);
  for (i = 0; i < COUNT(protecting); i++)
    ck_assert_uint_eq(options & protecting[i], protecting[i]);
  for (i = 0; i < COUNT(weak_options); i++)
    ck_assert_uint_eq(options & weak_options[i], 0);
}
END_TEST


START_TEST(an_option_goes_on_and_off) {
  uint64_t option;
  uint64_t before;

  option = free_options[_i];
  before = tlsloop_ctx_options(ctx) & ~option;
  ck_done(tlsloop_ctx_set_options(ctx, before));
  ck_assert_uint_eq(tlsloop_ctx_options(ctx), before);
  ck_done(tlsloop_ctx_set_options(ctx, before | option));
  ck_assert_uint_eq(tlsloop_ctx_options(ctx), before | option);
}
END_TEST


START_TEST(all_workarounds_are_harmless) {
  ck_done(tlsloop_ctx_set_options(ctx,
                                  tlsloop_ctx_options(ctx) | tlsloop_op_all()));
}
END_TEST


START_TEST(an_option_holds_for_connections) {
  tlsloop_ctx_t* client;
  pair_t pair;

  client = given_client(pki);
  ck_done(tlsloop_ctx_set_options(
      ctx, tlsloop_ctx_options(ctx) | TLSLOOP_OP_NO_TLS_1_3));
  pair_open(&pair, client, ctx, "localhost");
  pair_connect(&pair);
  ck_assert_str_eq(tlsloop_engine_version(pair.client.engine), "TLSv1.2");
  pair_close(&pair);
  tlsloop_ctx_unref(client);
}
END_TEST


START_TEST(an_option_that_weakens_needs_to_be_allowed) {
  uint64_t before;

  before = tlsloop_ctx_options(ctx);
  ck_ctx_failed(ctx,
                tlsloop_ctx_set_options(
                    ctx, (before | weak_options[_i]) ^ TLSLOOP_OP_NO_TICKET),
                TLSLOOP_EINSECURE,
                NULL,
                "switched on weakens");
  ck_assert_uint_eq(tlsloop_ctx_options(ctx), before);

  ck_done(tlsloop_ctx_allow_insecure(ctx));
  ck_done(tlsloop_ctx_set_options(ctx, before | weak_options[_i]));
  ck_assert_uint_eq(tlsloop_ctx_options(ctx), before | weak_options[_i]);
}
END_TEST


START_TEST(an_option_that_protects_stays_unless_allowed) {
  uint64_t before;

  before = tlsloop_ctx_options(ctx);
  ck_ctx_failed(ctx,
                tlsloop_ctx_set_options(ctx, before & ~protecting[_i]),
                TLSLOOP_EINSECURE,
                NULL,
                "switched off protects");
  ck_assert_uint_eq(tlsloop_ctx_options(ctx), before);

  ck_done(tlsloop_ctx_allow_insecure(ctx));
  ck_done(tlsloop_ctx_set_options(ctx, before & ~protecting[_i]));
  ck_assert_uint_eq(tlsloop_ctx_options(ctx), before & ~protecting[_i]);
}
END_TEST


START_TEST(zero_clears_all_when_that_is_allowed) {
  ck_ctx_failed(ctx,
                tlsloop_ctx_set_options(ctx, 0),
                TLSLOOP_EINSECURE,
                NULL,
                "switched off protects");
  ck_done(tlsloop_ctx_allow_insecure(ctx));
  ck_done(tlsloop_ctx_set_options(ctx, 0));
  ck_assert_uint_eq(tlsloop_ctx_options(ctx), 0);
}
END_TEST


START_TEST(the_security_level_is_two_and_can_be_raised) {
  int level;

  ck_assert_int_eq(tlsloop_ctx_security_level(ctx), 2);
  for (level = 5; level >= 2; level--) {
    ck_done(tlsloop_ctx_set_security_level(ctx, level));
    ck_assert_int_eq(tlsloop_ctx_security_level(ctx), level);
  }
}
END_TEST


START_TEST(a_security_level_below_two_needs_to_be_allowed) {
  ck_ctx_failed(ctx,
                tlsloop_ctx_set_security_level(ctx, _i),
                TLSLOOP_EINSECURE,
                NULL,
                "below 2");
  ck_assert_int_eq(tlsloop_ctx_security_level(ctx), 2);
  ck_done(tlsloop_ctx_allow_insecure(ctx));
  ck_done(tlsloop_ctx_set_security_level(ctx, _i));
  ck_assert_int_eq(tlsloop_ctx_security_level(ctx), _i);
}
END_TEST


START_TEST(there_are_no_other_security_levels) {
  ck_done(tlsloop_ctx_allow_insecure(ctx));
  ck_ctx_failed(ctx,
                tlsloop_ctx_set_security_level(ctx, -1),
                UV__EINVAL,
                NULL,
                "from 0 to 5");
  ck_ctx_failed(ctx,
                tlsloop_ctx_set_security_level(ctx, 6),
                UV__EINVAL,
                NULL,
                "from 0 to 5");
  ck_assert_int_eq(tlsloop_ctx_security_level(ctx), 2);
}
END_TEST


START_TEST(the_security_level_refuses_weak_certificates) {
  pki_opts_t opts = {.key = PKI_RSA_1024};
  pki_blob_t* both;

  both = &pki_make(pki, &opts)->both;
  ck_ctx_failed(
      ctx,
      tlsloop_ctx_load_cert_chain_mem(ctx, both->data, both->len, NULL, 0),
      TLSLOOP_EWEAK,
      NULL,
      "too weak");
  ck_done(tlsloop_ctx_allow_insecure(ctx));
  ck_done(tlsloop_ctx_set_security_level(ctx, 1));
  ck_done(tlsloop_ctx_load_cert_chain_mem(ctx, both->data, both->len, NULL, 0));
}
END_TEST


START_TEST(a_context_in_use_keeps_both) {
  tlsloop_ctx_t* client;
  uint64_t before;

  client = given_client(pki);
  before = tlsloop_ctx_options(ctx);
  ck_done(try_connection(client, ctx, "localhost"));
  ck_ctx_failed(
      ctx, tlsloop_ctx_set_options(ctx, 0), UV__EBUSY, NULL, "connections");
  ck_ctx_failed(ctx,
                tlsloop_ctx_set_security_level(ctx, 3),
                UV__EBUSY,
                NULL,
                "connections");
  ck_assert_uint_eq(tlsloop_ctx_options(ctx), before);
  ck_assert_int_eq(tlsloop_ctx_security_level(ctx), 2);
  tlsloop_ctx_unref(client);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("options");
  tcase = tcase_create("options");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_test(tcase, the_defaults_protect);
  tcase_add_loop_test(tcase, an_option_goes_on_and_off, 0, COUNT(free_options));
  tcase_add_test(tcase, all_workarounds_are_harmless);
  tcase_add_test(tcase, an_option_holds_for_connections);
  tcase_add_loop_test(tcase,
                      an_option_that_weakens_needs_to_be_allowed,
                      0,
                      COUNT(weak_options));
  tcase_add_loop_test(tcase,
                      an_option_that_protects_stays_unless_allowed,
                      0,
                      COUNT(protecting));
  tcase_add_test(tcase, zero_clears_all_when_that_is_allowed);
  suite_add_tcase(suite, tcase);

  tcase = tcase_create("security level");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_test(tcase, the_security_level_is_two_and_can_be_raised);
  tcase_add_loop_test(
      tcase, a_security_level_below_two_needs_to_be_allowed, 0, 2);
  tcase_add_test(tcase, there_are_no_other_security_levels);
  tcase_add_test(tcase, the_security_level_refuses_weak_certificates);
  tcase_add_test(tcase, a_context_in_use_keeps_both);
  suite_add_tcase(suite, tcase);
  return suite;
}
