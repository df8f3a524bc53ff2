/* SPDX-License-Identifier: MIT */

/* Random numbers come whole or not at all, and entropy counts once. The
 * generator is OpenSSL's, or one that notes what it is given. */

#define OPENSSL_SUPPRESS_DEPRECATED

#include "support/suite.h"

#include "tlsloop/random.h"

#include <math.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv/errno.h>

/* Goes through in four parts. */
#define LONG_LEN ((size_t) 3 * 1024 * 1024 + 5)

/* What the generator under watch was asked for. */
static struct {
  unsigned int calls;
  size_t bytes;
  double entropy;
  double worst; /* most entropy for one byte */
  unsigned int fail_at;
} seen;


static int on_bytes(unsigned char* buf, int num) {
  seen.calls++;
  seen.bytes += (size_t) num;
  memset(buf, 0xaa, (size_t) num);
  if (seen.calls != seen.fail_at)
    return 1;
  ERR_raise(ERR_LIB_RAND, RAND_R_ERROR_RETRIEVING_ENTROPY);
  return 0;
}


static int on_add(const void* buf, int num, double entropy) {
  ck_assert_ptr_nonnull(buf);
  seen.calls++;
  seen.bytes += (size_t) num;
  seen.entropy += entropy;
  if (entropy / num > seen.worst)
    seen.worst = entropy / num;
  return 1;
}


static int on_status(void) {
  ERR_raise(ERR_LIB_RAND, RAND_R_ERROR_RETRIEVING_ENTROPY);
  return 0;
}


static void watch(void) {
  static const RAND_METHOD method = {
      .bytes = on_bytes, .add = on_add, .status = on_status};

  /* What is set before OpenSSL's own is there is in its way at the end. */
  ck_assert_int_eq(RAND_status(), 1);
  ck_assert_int_eq(RAND_set_rand_method(&method), 1);
}


static unsigned char* zeroes(size_t len) {
  unsigned char* buf;

  buf = calloc(1, len);
  ck_assert_ptr_nonnull(buf);
  return buf;
}


START_TEST(bytes_are_random_to_the_last) {
  unsigned char* buf;
  size_t zero;
  size_t i;

  buf = zeroes(LONG_LEN);
  ck_assert_int_eq(tlsloop_random_bytes(buf, LONG_LEN, NULL), 0);
  for (i = 0, zero = 0; i < LONG_LEN; i++)
    zero += buf[i] == 0;
  /* One in 256, give or take a lot. */
  ck_assert_uint_gt(zero, LONG_LEN / 256 / 2);
  ck_assert_uint_lt(zero, LONG_LEN / 256 * 2);
  ck_assert_mem_ne(buf, buf + LONG_LEN - 32, 32);
  free(buf);
}
END_TEST


START_TEST(two_draws_differ) {
  unsigned char a[32];
  unsigned char b[32];

  ck_assert_int_eq(tlsloop_random_bytes(a, sizeof(a), NULL), 0);
  ck_assert_int_eq(tlsloop_random_bytes(b, sizeof(b), NULL), 0);
  ck_assert_mem_ne(a, b, sizeof(a));
}
END_TEST


START_TEST(no_bytes_are_none) {
  unsigned char guard = 0x5c;

  ck_assert_int_eq(tlsloop_random_bytes(&guard, 0, NULL), 0);
  ck_assert_int_eq(tlsloop_random_bytes(NULL, 0, NULL), 0);
  ck_assert_uint_eq(guard, 0x5c);
}
END_TEST


START_TEST(bytes_need_somewhere_to_go) {
  tlsloop_error_t error = {.size = sizeof(error)};

  ck_assert_int_eq(tlsloop_random_bytes(NULL, 1, NULL), UV__EINVAL);
  ck_assert_int_eq(tlsloop_random_bytes(NULL, 1, &error), UV__EINVAL);
  ck_assert_int_eq(error.code, UV__EINVAL);
  ck_assert_str_eq(error.text, "there is no buffer");
}
END_TEST


START_TEST(exactly_as_many_bytes_are_drawn_as_are_asked_for) {
  unsigned char* buf;

  watch();
  buf = zeroes(LONG_LEN);
  ck_assert_int_eq(tlsloop_random_bytes(buf, LONG_LEN - 1, NULL), 0);
  ck_assert_uint_eq(seen.bytes, LONG_LEN - 1);
  ck_assert_uint_eq(buf[0], 0xaa);
  ck_assert_uint_eq(buf[LONG_LEN - 2], 0xaa);
  ck_assert_uint_eq(buf[LONG_LEN - 1], 0);
  free(buf);
}
END_TEST


START_TEST(a_generator_that_fails_leaves_nothing_behind) {
  tlsloop_error_t error = {.size = sizeof(error)};
  unsigned char* expected;
  unsigned char* buf;

  watch();
  expected = zeroes(LONG_LEN);
  buf = zeroes(LONG_LEN);
  seen.fail_at = (unsigned int) _i;
  ck_assert_int_eq(tlsloop_random_bytes(buf, LONG_LEN, &error),
                   TLSLOOP_EOPENSSL);
  ck_assert_uint_eq(seen.calls, seen.fail_at);
  ck_assert_mem_eq(buf, expected, LONG_LEN);
  ck_assert_uint_eq(ERR_peek_error(), 0);

  ck_assert_int_eq(error.code, TLSLOOP_EOPENSSL);
  ck_assert_str_eq(error.library, "RAND");
  ck_assert_str_eq(error.reason, "ERROR_RETRIEVING_ENTROPY");
  ck_assert_ptr_nonnull(strstr(error.text, "error retrieving entropy"));
  free(expected);
  free(buf);
}
END_TEST


START_TEST(the_details_of_a_failure_need_not_be_wanted) {
  unsigned char buf[4];

  watch();
  seen.fail_at = 1;
  ck_assert_int_eq(tlsloop_random_bytes(buf, sizeof(buf), NULL),
                   TLSLOOP_EOPENSSL);
  ck_assert_uint_eq(ERR_peek_error(), 0);
}
END_TEST


START_TEST(the_generator_has_its_seed) {
  ck_assert_int_eq(tlsloop_random_status(), 1);
  ck_assert_uint_eq(ERR_peek_error(), 0);
}
END_TEST


START_TEST(a_generator_without_seed_says_so) {
  watch();
  ck_assert_int_eq(tlsloop_random_status(), 0);
  ck_assert_uint_eq(ERR_peek_error(), 0);
}
END_TEST


START_TEST(what_is_added_does_not_make_it_predictable) {
  static const unsigned char same[64];
  unsigned char a[32];
  unsigned char b[32];

  tlsloop_random_add(same, sizeof(same), 64);
  ck_assert_int_eq(tlsloop_random_bytes(a, sizeof(a), NULL), 0);
  tlsloop_random_add(same, sizeof(same), 64);
  ck_assert_int_eq(tlsloop_random_bytes(b, sizeof(b), NULL), 0);
  ck_assert_mem_ne(a, b, sizeof(a));
  ck_assert_uint_eq(ERR_peek_error(), 0);
}
END_TEST


/* CPython passes all of it with every part. */
START_TEST(entropy_is_shared_out_over_the_parts_of_a_long_buffer) {
  unsigned char* buf;

  watch();
  buf = zeroes(LONG_LEN);
  tlsloop_random_add(buf, LONG_LEN, 1000);
  ck_assert_uint_ge(seen.calls, 2);
  ck_assert_uint_eq(seen.bytes, LONG_LEN);
  ck_assert_double_eq_tol(seen.entropy, 1000, 0.001);
  ck_assert_double_le(seen.worst, 1000 / (double) LONG_LEN * 1.001);
  free(buf);
}
END_TEST


START_TEST(entropy_is_what_it_can_be) {
  static const struct {
    double given;
    double counted;
  } entropies[] = {
      {0, 0},
      {0.5, 0.5},
      {16, 16},
      {17, 16},
      {1e300, 16},
      {(double) INFINITY, 16},
      {-1, 0},
      {-(double) INFINITY, 0},
      {(double) NAN, 0},
  };
  unsigned char buf[16] = {0};

  watch();
  tlsloop_random_add(buf, sizeof(buf), entropies[_i].given);
  ck_assert_uint_eq(seen.bytes, sizeof(buf));
  ck_assert_double_eq_tol(seen.entropy, entropies[_i].counted, 1e-9);
}
END_TEST


START_TEST(nothing_adds_nothing) {
  watch();
  tlsloop_random_add(NULL, 0, 8);
  tlsloop_random_add("", 0, 8);
  ck_assert_uint_eq(seen.calls, 0);
}
END_TEST


/* Draws in a child and stores what it drew in |buf|. */
static void draw_in_child(unsigned char buf[32]) {
  int ends[2];
  int status;
  pid_t pid;

  ck_assert_int_eq(pipe(ends), 0);
  pid = fork();
  ck_assert_int_ge(pid, 0);
  if (pid == 0) {
    if (tlsloop_random_bytes(buf, 32, NULL) != 0 ||
        write(ends[1], buf, 32) != 32)
      _exit(1);
    _exit(0);
  }
  ck_assert_int_eq(waitpid(pid, &status, 0), pid);
  ck_assert_int_eq(status, 0);
  ck_assert_int_eq(read(ends[0], buf, 32), 32);
  close(ends[0]);
  close(ends[1]);
}


START_TEST(parent_and_children_do_not_draw_the_same_after_a_fork) {
  unsigned char drawn[4][32];

  /* Nothing is left to happen at the first use. */
  ck_assert_int_eq(tlsloop_random_bytes(drawn[0], 32, NULL), 0);
  draw_in_child(drawn[1]);
  draw_in_child(drawn[2]);
  ck_assert_int_eq(tlsloop_random_bytes(drawn[3], 32, NULL), 0);
  ck_assert_mem_ne(drawn[1], drawn[2], 32);
  ck_assert_mem_ne(drawn[1], drawn[3], 32);
  ck_assert_mem_ne(drawn[2], drawn[3], 32);
}
END_TEST


Suite* suite(void) {
  TCase* tc;
  Suite* s;

  s = suite_create("random");
  tc = tcase_create("bytes");
  tcase_add_test(tc, bytes_are_random_to_the_last);
  tcase_add_test(tc, two_draws_differ);
  tcase_add_test(tc, no_bytes_are_none);
  tcase_add_test(tc, bytes_need_somewhere_to_go);
  tcase_add_test(tc, exactly_as_many_bytes_are_drawn_as_are_asked_for);
  tcase_add_loop_test(tc, a_generator_that_fails_leaves_nothing_behind, 1, 5);
  tcase_add_test(tc, the_details_of_a_failure_need_not_be_wanted);
  tcase_add_test(tc, parent_and_children_do_not_draw_the_same_after_a_fork);
  suite_add_tcase(s, tc);

  tc = tcase_create("seed");
  tcase_add_test(tc, the_generator_has_its_seed);
  tcase_add_test(tc, a_generator_without_seed_says_so);
  tcase_add_test(tc, what_is_added_does_not_make_it_predictable);
  tcase_add_test(tc, entropy_is_shared_out_over_the_parts_of_a_long_buffer);
  tcase_add_loop_test(tc, entropy_is_what_it_can_be, 0, 9);
  tcase_add_test(tc, nothing_adds_nothing);
  suite_add_tcase(s, tc);
  return s;
}
