/* SPDX-License-Identifier: MIT */

/* What this OpenSSL is and can do. */

#include "support/suite.h"

#include "support/given.h"
#include "tlsloop/constants.h"
#include "tlsloop/info.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <uv/errno.h>


START_TEST(what_every_openssl_3_can_do_is_there) {
  static const int features[] = {TLSLOOP_FEATURE_SNI,
                                 TLSLOOP_FEATURE_ALPN,
                                 TLSLOOP_FEATURE_ECDH,
                                 TLSLOOP_FEATURE_TLS_UNIQUE,
                                 TLSLOOP_FEATURE_NEVER_CHECK_COMMON_NAME};
  int i;

  for (i = 0; i < 5; i++)
    ck_assert_int_eq(tlsloop_has_feature(features[i]), 1);
}
END_TEST


START_TEST(what_no_openssl_3_can_do_is_not) {
  ck_assert_int_eq(tlsloop_has_feature(TLSLOOP_FEATURE_SSLV2), 0);
  ck_assert_int_eq(tlsloop_has_feature(TLSLOOP_FEATURE_NPN), 0);
}
END_TEST


START_TEST(what_is_no_feature_is_not_there) {
  ck_assert_int_eq(tlsloop_has_feature(0), 0);
  ck_assert_int_eq(tlsloop_has_feature(-1), 0);
  ck_assert_int_eq(tlsloop_has_feature(14), 0);
}
END_TEST


/* What the feature says is what a context does. */
START_TEST(a_version_is_a_feature_when_a_context_can_have_it) {
  static const struct {
    int feature;
    int version;
  } versions[] = {
      {TLSLOOP_FEATURE_SSLV3, TLSLOOP_TLS_SSLV3},
      {TLSLOOP_FEATURE_TLS_1_0, TLSLOOP_TLS_1_0},
      {TLSLOOP_FEATURE_TLS_1_1, TLSLOOP_TLS_1_1},
      {TLSLOOP_FEATURE_TLS_1_2, TLSLOOP_TLS_1_2},
      {TLSLOOP_FEATURE_TLS_1_3, TLSLOOP_TLS_1_3},
  };
  tlsloop_ctx_t* ctx;

  ck_done(tlsloop_ctx_new_insecure(&ctx, TLSLOOP_PROTOCOL_TLS));
  ck_assert_int_eq(tlsloop_ctx_set_min_version(ctx, versions[_i].version),
                   tlsloop_has_feature(versions[_i].feature) ? 0 : UV__ENOTSUP);
  tlsloop_ctx_unref(ctx);
}
END_TEST


START_TEST(psk_is_a_feature_when_openssl_has_it) {
#ifdef OPENSSL_NO_PSK
  ck_assert_int_eq(tlsloop_has_feature(TLSLOOP_FEATURE_PSK), 0);
#else
  ck_assert_int_eq(tlsloop_has_feature(TLSLOOP_FEATURE_PSK), 1);
#endif
}
END_TEST


START_TEST(the_version_is_that_of_the_running_openssl) {
  char text[64];

  ck_assert_str_eq(tlsloop_openssl_version(), OpenSSL_version(OPENSSL_VERSION));
  snprintf(text,
           sizeof(text),
           "OpenSSL %u.%u.%u",
           OPENSSL_version_major(),
           OPENSSL_version_minor(),
           OPENSSL_version_patch());
  ck_assert_int_eq(strncmp(tlsloop_openssl_version(), text, strlen(text)), 0);
  ck_assert_uint_eq(tlsloop_openssl_version_number(), OpenSSL_version_num());
  ck_assert_uint_eq(tlsloop_openssl_headers_version_number(),
                    OPENSSL_VERSION_NUMBER);
}
END_TEST


START_TEST(a_version_comes_apart_as_in_python) {
  static const struct {
    unsigned long number;
    int info[5];
  } versions[] = {
      {0x30000130UL, {3, 0, 0, 19, 0}},
      {0x30500040UL, {3, 5, 0, 4, 0}},
      {0x1010117fUL, {1, 1, 1, 23, 15}},
      {0xffffffffUL, {15, 255, 255, 255, 15}},
      {0, {0, 0, 0, 0, 0}},
  };
  int info[5];

  tlsloop_openssl_version_info(versions[_i].number, info);
  ck_assert_mem_eq(info, versions[_i].info, sizeof(info));
}
END_TEST


START_TEST(the_running_version_is_openssl_3_or_later) {
  int info[5];

  tlsloop_openssl_version_info(tlsloop_openssl_version_number(), info);
  ck_assert_int_eq(info[0], (int) OPENSSL_version_major());
  ck_assert_int_eq(info[1], (int) OPENSSL_version_minor());
  ck_assert_int_eq(info[2], 0);
  ck_assert_int_eq(info[3], (int) OPENSSL_version_patch());
}
END_TEST


START_TEST(the_first_channel_binding_is_the_one_that_python_has) {
  ck_assert_str_eq(tlsloop_channel_binding_type(0), "tls-unique");
}
END_TEST


START_TEST(every_channel_binding_that_is_listed_can_be_asked_for) {
  unsigned char value[64];
  tlsloop_ctx_t* client;
  tlsloop_ctx_t* server;
  pki_t* pki;
  pair_t pair;
  size_t i;

  pki = pki_new("features");
  client = given_client(pki);
  server = given_server(pki, NULL);
  ck_done(tlsloop_ctx_set_max_version(client, TLSLOOP_TLS_1_2));
  pair_open(&pair, client, server, "localhost");
  pair_connect(&pair);
  for (i = 0; tlsloop_channel_binding_type(i) != NULL; i++)
    ck_assert_int_gt(
        tlsloop_engine_channel_binding(pair.client.engine,
                                       tlsloop_channel_binding_type(i),
                                       value,
                                       sizeof(value)),
        0);
  ck_assert_uint_ge(i, 1);
  ck_assert_ptr_null(tlsloop_channel_binding_type(SIZE_MAX));
  ck_assert_int_eq(tlsloop_engine_channel_binding(
                       pair.client.engine, "tls-other", value, sizeof(value)),
                   UV__EINVAL);

  pair_close(&pair);
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(server);
  pki_free(pki);
}
END_TEST


Suite* suite(void) {
  TCase* tc;
  Suite* s;

  s = suite_create("features");
  tc = tcase_create("features");
  tcase_add_test(tc, what_every_openssl_3_can_do_is_there);
  tcase_add_test(tc, what_no_openssl_3_can_do_is_not);
  tcase_add_test(tc, what_is_no_feature_is_not_there);
  tcase_add_loop_test(
      tc, a_version_is_a_feature_when_a_context_can_have_it, 0, 5);
  tcase_add_test(tc, psk_is_a_feature_when_openssl_has_it);
  suite_add_tcase(s, tc);

  tc = tcase_create("version");
  tcase_add_test(tc, the_version_is_that_of_the_running_openssl);
  tcase_add_loop_test(tc, a_version_comes_apart_as_in_python, 0, 5);
  tcase_add_test(tc, the_running_version_is_openssl_3_or_later);
  suite_add_tcase(s, tc);

  tc = tcase_create("bindings");
  tcase_add_test(tc, the_first_channel_binding_is_the_one_that_python_has);
  tcase_add_test(tc, every_channel_binding_that_is_listed_can_be_asked_for);
  suite_add_tcase(s, tc);
  return s;
}
