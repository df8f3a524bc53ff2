/* SPDX-License-Identifier: MIT */

/* How a context comes, fails, is sealed, shared and goes. */

#include "support/suite.h"

#include "context/ctx.h"
#include "support/fail-alloc.h"
#include "support/fail-ossl.h"
#include "support/given.h"

#include <openssl/err.h>
#include <pthread.h>
#include <string.h>
#include <uv/errno.h>

#define THREADS 4

static const int protocols[] = {TLSLOOP_PROTOCOL_TLS,
                                TLSLOOP_PROTOCOL_TLS_CLIENT,
                                TLSLOOP_PROTOCOL_TLS_SERVER};

static tlsloop_ctx_t* ctx;
static int installed; /* fail_ossl_install */


static void setup(void) {
  ck_assert_int_eq(installed, 1);
  ctx = given_ctx(TLSLOOP_PROTOCOL_TLS);
}


static void teardown(void) {
  tlsloop_ctx_unref(ctx);
}


/* Uses |ctx| for a connection that ends at once. */
static void use(void) {
  tlsloop_engine_t* engine;
  tlsloop_bio_t* bio;

  ck_done(tlsloop_bio_new(&bio));
  ck_done(tlsloop_engine_new(&engine, ctx, bio, bio, TLSLOOP_CLIENT));
  tlsloop_engine_free(engine);
  tlsloop_bio_unref(bio);
}


START_TEST(a_context_knows_what_it_is_for) {
  tlsloop_ctx_t* made;

  made = given_ctx(protocols[_i]);
  ck_assert_int_eq(tlsloop_ctx_protocol(made), protocols[_i]);
  ck_assert_ptr_null(tlsloop_ctx_error(made));
  tlsloop_ctx_unref(made);
}
END_TEST


START_TEST(there_is_no_context_for_an_unknown_protocol) {
  static const int unknown[] = {-1, 0, 6, 15, 18, 0x303};
  tlsloop_ctx_t* made;
  int i;

  for (i = 0; i < 6; i++) {
    made = ctx;
    ck_assert_int_eq(tlsloop_ctx_new(&made, unknown[i]), UV__EINVAL);
    ck_assert_ptr_eq(made, ctx);
  }
}
END_TEST


START_TEST(whichever_allocation_fails_there_is_a_context_or_none) {
  tlsloop_ctx_t* made;
  unsigned int n;
  int err;

  for (n = 0;; n++) {
    made = NULL;
    fail_alloc_after(n);
    err = tlsloop_ctx_new(&made, TLSLOOP_PROTOCOL_TLS_CLIENT);
    if (!fail_alloc_reset())
      break;
    ck_assert((err == 0) == (made != NULL));
    ck_assert_uint_eq(ERR_peek_error(), 0);
    tlsloop_ctx_unref(made);
  }
  ck_done(err);
  ck_assert_uint_gt(n, 10);
  tlsloop_ctx_unref(made);
}
END_TEST


START_TEST(a_context_lives_as_long_as_somebody_has_it) {
  ck_assert_ptr_eq(tlsloop_ctx_ref(ctx), ctx);
  tlsloop_ctx_unref(ctx);
  ck_assert_int_eq(tlsloop_ctx_protocol(ctx), TLSLOOP_PROTOCOL_TLS);
}
END_TEST


START_TEST(nothing_is_no_context_to_give_back) {
  tlsloop_ctx_unref(NULL);
}
END_TEST


START_TEST(the_details_are_those_of_the_last_failure) {
  const tlsloop_error_t* error;

  ck_ctx_failed(ctx,
                tlsloop_ctx_load_verify_file(ctx, "/nonexistent/ca.pem"),
                UV__ENOENT,
                "/nonexistent/ca.pem",
                "/nonexistent/ca.pem: no such file or directory");
  ck_ctx_failed(ctx,
                tlsloop_ctx_load_verify_mem(ctx, "", 0, TLSLOOP_ENCODING_PEM),
                TLSLOOP_ENOCERT,
                NULL,
                "no certificate was found");
  ck_done(tlsloop_ctx_set_verify_mode(ctx, TLSLOOP_CERT_OPTIONAL));
  error = tlsloop_ctx_error(ctx);
  ck_assert_int_eq(error->code, TLSLOOP_ENOCERT);
  ck_assert_uint_eq(error->size, sizeof(*error));
  ck_assert_int_eq(error->alert, -1);
}
END_TEST


START_TEST(what_openssl_says_is_in_the_details) {
  static const char bad[] =
      "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n";
  const tlsloop_error_t* error;

  ck_ctx_failed(
      ctx,
      tlsloop_ctx_load_verify_mem(ctx, bad, strlen(bad), TLSLOOP_ENCODING_PEM),
      TLSLOOP_EBADCERT,
      NULL,
      "[PEM: BAD_BASE64_DECODE] PEM block 1 cannot be read");
  error = tlsloop_ctx_error(ctx);
  ck_assert_str_eq(error->library, "PEM");
  ck_assert_str_eq(error->reason, "BAD_BASE64_DECODE");
  ck_assert_uint_ne(error->openssl_code, 0);
}
END_TEST


START_TEST(without_memory_for_details_the_code_is_still_right) {
  fail_alloc_from(0);
  ck_assert_int_eq(tlsloop_ctx_set_verify_mode(ctx, 77), UV__EINVAL);
  ck_assert_uint_ge(fail_alloc_reset(), 1);
  ck_assert_int_eq(tlsloop_ctx_error(ctx)->code, UV__ENOMEM);
  ck_ctx_failed(ctx,
                tlsloop_ctx_set_verify_mode(ctx, 77),
                UV__EINVAL,
                NULL,
                "no verification mode");
}
END_TEST


START_TEST(nothing_is_allowed_that_was_not_asked_for) {
  ck_ctx_failed(ctx,
                tlsloop_ctx_set_min_version(ctx, TLSLOOP_TLS_1_0),
                TLSLOOP_EINSECURE,
                NULL,
                "weak");
  ck_done(tlsloop_ctx_allow_insecure(ctx));
  ck_done(tlsloop_ctx_allow_insecure(ctx));
  ck_done(tlsloop_ctx_set_min_version(ctx, TLSLOOP_TLS_1_0));
}
END_TEST


START_TEST(the_first_connection_seals_the_context) {
  ck_done(tlsloop_ctx_set_verify_mode(ctx, TLSLOOP_CERT_OPTIONAL));
  use();
  ck_ctx_failed(ctx,
                tlsloop_ctx_allow_insecure(ctx),
                UV__EBUSY,
                NULL,
                "the context has connections");
  ck_ctx_failed(ctx,
                tlsloop_ctx_set_verify_mode(ctx, TLSLOOP_CERT_NONE),
                UV__EBUSY,
                NULL,
                "the context has connections");
  ck_assert_int_eq(tlsloop_ctx_verify_mode(ctx), TLSLOOP_CERT_OPTIONAL);
}
END_TEST


static void* fail_often(void* arg) {
  int i;

  (void) arg;
  for (i = 0; i < 500; i++) {
    ck_assert_int_eq(tlsloop_ctx_set_verify_mode(ctx, TLSLOOP_CERT_NONE),
                     UV__EBUSY);
    ck_assert_int_eq(tlsloop_ctx_load_verify_mem(ctx, "", 0, 1),
                     TLSLOOP_ENOCERT);
    tlsloop_ctx_unref(tlsloop_ctx_ref(ctx));
  }
  return NULL;
}


START_TEST(calls_may_fail_on_several_threads_at_once) {
  pthread_t threads[THREADS];
  int code;
  int i;

  use();
  for (i = 0; i < THREADS; i++)
    ck_assert_int_eq(pthread_create(&threads[i], NULL, fail_often, NULL), 0);
  for (i = 0; i < THREADS; i++)
    ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
  code = tlsloop_ctx_error(ctx)->code;
  ck_assert(code == UV__EBUSY || code == TLSLOOP_ENOCERT);
}
END_TEST


static void* use_often(void* arg) {
  int i;

  (void) arg;
  for (i = 0; i < 20; i++)
    use();
  return NULL;
}


START_TEST(connections_may_come_and_go_on_several_threads_at_once) {
  pthread_t threads[THREADS];
  int i;

  for (i = 0; i < THREADS; i++)
    ck_assert_int_eq(pthread_create(&threads[i], NULL, use_often, NULL), 0);
  for (i = 0; i < THREADS; i++)
    ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
  ck_assert_ptr_null(tlsloop_ctx_error(ctx));
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  installed = fail_ossl_install();
  suite = suite_create("ctx");
  tcase = tcase_create("life");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_set_timeout(tcase, 60);
  tcase_add_loop_test(tcase, a_context_knows_what_it_is_for, 0, 3);
  tcase_add_test(tcase, there_is_no_context_for_an_unknown_protocol);
  tcase_add_test(tcase, whichever_allocation_fails_there_is_a_context_or_none);
  tcase_add_test(tcase, a_context_lives_as_long_as_somebody_has_it);
  tcase_add_test(tcase, nothing_is_no_context_to_give_back);
  tcase_add_test(tcase, nothing_is_allowed_that_was_not_asked_for);
  tcase_add_test(tcase, the_first_connection_seals_the_context);
  suite_add_tcase(suite, tcase);

  tcase = tcase_create("details");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_test(tcase, the_details_are_those_of_the_last_failure);
  tcase_add_test(tcase, what_openssl_says_is_in_the_details);
  tcase_add_test(tcase, without_memory_for_details_the_code_is_still_right);
  suite_add_tcase(suite, tcase);

  tcase = tcase_create("threads");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_test(tcase, calls_may_fail_on_several_threads_at_once);
  tcase_add_test(tcase, connections_may_come_and_go_on_several_threads_at_once);
  suite_add_tcase(suite, tcase);
  return suite;
}
