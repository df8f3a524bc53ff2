/* SPDX-License-Identifier: MIT */

/* Twin of engine/bio.c, the half that OpenSSL sees: the BIO over two stores. */

#include "engine/bio.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <string.h>

#include "support/suite.h"

static tlsloop_bio_t* in;
static tlsloop_bio_t* out;
static tlsloop__bio_pair_t pair;
static BIO_METHOD* method;
static BIO* bio;


static void set_up(void) {
  ck_assert_int_eq(tlsloop_bio_new(&in), 0);
  ck_assert_int_eq(tlsloop_bio_new(&out), 0);
  pair.in = in;
  pair.out = out;
  ck_assert_ptr_nonnull(method = tlsloop__bio_method_new());
  ck_assert_ptr_nonnull(bio = BIO_new(method));
  BIO_set_data(bio, &pair);
}


static void tear_down(void) {
  BIO_free(bio);
  BIO_meth_free(method);
  tlsloop_bio_unref(in);
  tlsloop_bio_unref(out);
  ck_assert_uint_eq(ERR_peek_error(), 0);
}


static void put(tlsloop_bio_t* to, const char* text) {
  ck_assert_int_eq(tlsloop_bio_write(to, text, strlen(text)), 0);
}


/* Takes up to |len| bytes out of |from|, which have to be |text|. */
static void expect(tlsloop_bio_t* from, size_t len, const char* text) {
  char buf[64];

  ck_assert_uint_le(len, sizeof(buf));
  ck_assert_uint_eq(tlsloop_bio_read(from, buf, len), strlen(text));
  ck_assert_mem_eq(buf, text, strlen(text));
}


/* Reads as OpenSSL does. */
static void expect_openssl(int len, const char* text) {
  char buf[64];

  ck_assert_int_eq(BIO_read(bio, buf, len), (int) strlen(text));
  ck_assert_mem_eq(buf, text, strlen(text));
}


START_TEST(openssl_reads_what_came_in) {
  put(in, "from the peer");
  expect_openssl(4, "from");
  ck_assert_int_eq(BIO_should_retry(bio), 0);
  expect_openssl(64, " the peer");
}
END_TEST


START_TEST(openssl_is_told_to_come_back_when_nothing_is_there) {
  char buf[8];

  ck_assert_int_lt(BIO_read(bio, buf, sizeof(buf)), 0);
  ck_assert_int_ne(BIO_should_retry(bio), 0);
  ck_assert_int_ne(BIO_should_read(bio), 0);
  ck_assert_int_eq(BIO_should_write(bio), 0);
  ck_assert_int_eq(BIO_eof(bio), 0);
}
END_TEST


START_TEST(openssl_is_not_told_to_come_back_at_the_end) {
  char buf[8];

  put(in, "x");
  tlsloop_bio_write_eof(in);
  ck_assert_int_eq(BIO_eof(bio), 0);
  expect_openssl(8, "x");
  ck_assert_int_eq(BIO_read(bio, buf, sizeof(buf)), 0);
  ck_assert_int_eq(BIO_should_retry(bio), 0);
  ck_assert_int_eq(BIO_eof(bio), 1);
}
END_TEST


START_TEST(each_read_clears_the_retry_flags_of_the_one_before) {
  char buf[8];

  ck_assert_int_lt(BIO_read(bio, buf, sizeof(buf)), 0);
  put(in, "x");
  expect_openssl(8, "x");
  ck_assert_int_eq(BIO_should_retry(bio), 0);

  ck_assert_int_lt(BIO_read(bio, buf, sizeof(buf)), 0);
  tlsloop_bio_write_eof(in);
  ck_assert_int_eq(BIO_read(bio, buf, sizeof(buf)), 0);
  ck_assert_int_eq(BIO_should_retry(bio), 0);
}
END_TEST


START_TEST(each_write_clears_the_retry_flags_too) {
  char buf[8];

  ck_assert_int_lt(BIO_read(bio, buf, sizeof(buf)), 0);
  ck_assert_int_eq(BIO_write(bio, "x", 1), 1);
  ck_assert_int_eq(BIO_should_retry(bio), 0);
}
END_TEST


START_TEST(openssl_writes_to_the_other_store) {
  size_t n;

  ck_assert_int_eq(BIO_write_ex(bio, "to the peer", 11, &n), 1);
  ck_assert_uint_eq(n, 11);
  ck_assert_uint_eq(tlsloop_bio_pending(in), 0);
  expect(out, 64, "to the peer");
}
END_TEST


START_TEST(openssl_cannot_write_to_a_store_that_has_ended) {
  tlsloop_bio_write_eof(out);
  ck_assert_int_lt(BIO_write(bio, "x", 1), 0);
  ck_assert_int_eq(BIO_should_retry(bio), 0);
  ck_assert_uint_ne(ERR_peek_error(), 0);
  ERR_clear_error();
}
END_TEST


START_TEST(openssl_sees_how_much_waits_on_either_side) {
  put(in, "four");
  put(out, "seventy");
  ck_assert_uint_eq(BIO_ctrl_pending(bio), 4);
  ck_assert_uint_eq(BIO_ctrl_wpending(bio), 7);
}
END_TEST


START_TEST(openssl_sees_lent_bytes_as_waiting) {
  char lent[] = "lent";

  tlsloop__bio_lend(in, lent, 4);
  ck_assert_uint_eq(BIO_ctrl_pending(bio), 4);
  expect_openssl(64, "lent");
}
END_TEST


START_TEST(flushing_always_succeeds) {
  put(out, "waiting");
  ck_assert_int_eq(BIO_flush(bio), 1);
  expect(out, 64, "waiting");
}
END_TEST


START_TEST(controls_that_mean_nothing_here_return_0) {
  ck_assert_int_eq(BIO_get_ktls_send(bio), 0);
  ck_assert_int_eq((int) BIO_ctrl(bio, BIO_C_GET_FD, 0, NULL), 0);
  ck_assert_int_eq((int) BIO_ctrl(bio, 12345, 0, NULL), 0);
}
END_TEST


START_TEST(the_close_flag_is_remembered) {
  ck_assert_int_eq(BIO_set_close(bio, BIO_NOCLOSE), 1);
  ck_assert_int_eq(BIO_get_close(bio), BIO_NOCLOSE);
  ck_assert_int_eq(BIO_set_close(bio, BIO_CLOSE), 1);
  ck_assert_int_eq(BIO_get_close(bio), BIO_CLOSE);
}
END_TEST


START_TEST(freeing_the_openssl_bio_leaves_the_stores_alone) {
  put(in, "mine");
  BIO_free(bio);
  bio = NULL;
  expect(in, 64, "mine");
}
END_TEST


START_TEST(our_bio_is_told_from_others) {
  BIO* other;

  ck_assert_ptr_nonnull(other = BIO_new(BIO_s_mem()));
  ck_assert_int_eq(tlsloop__bio_is_ours(bio), 1);
  ck_assert_int_eq(tlsloop__bio_is_ours(other), 0);
  BIO_free(other);
}
END_TEST


START_TEST(foreign_bio_of_the_same_type_number_is_not_taken_for_ours) {
  BIO_METHOD* foreign;
  BIO* other;

  foreign = BIO_meth_new(BIO_method_type(bio), "foreign");
  ck_assert_ptr_nonnull(foreign);
  ck_assert_ptr_nonnull(other = BIO_new(foreign));
  ck_assert_int_eq(tlsloop__bio_is_ours(other), 0);
  BIO_free(other);
  BIO_meth_free(foreign);
}
END_TEST


static TCase* add_case(Suite* s, const char* name) {
  TCase* tcase;

  tcase = tcase_create(name);
  tcase_add_checked_fixture(tcase, set_up, tear_down);
  tcase_set_timeout(tcase, 10);
  suite_add_tcase(s, tcase);
  return tcase;
}


Suite* suite(void) {
  TCase* tcase;
  Suite* s;

  s = suite_create("engine/bio-openssl");
  tcase = add_case(s, "OpenSSL");
  tcase_add_test(tcase, openssl_reads_what_came_in);
  tcase_add_test(tcase, openssl_is_told_to_come_back_when_nothing_is_there);
  tcase_add_test(tcase, openssl_is_not_told_to_come_back_at_the_end);
  tcase_add_test(tcase, each_read_clears_the_retry_flags_of_the_one_before);
  tcase_add_test(tcase, each_write_clears_the_retry_flags_too);
  tcase_add_test(tcase, openssl_writes_to_the_other_store);
  tcase_add_test(tcase, openssl_cannot_write_to_a_store_that_has_ended);
  tcase_add_test(tcase, openssl_sees_how_much_waits_on_either_side);
  tcase_add_test(tcase, openssl_sees_lent_bytes_as_waiting);
  tcase_add_test(tcase, flushing_always_succeeds);
  tcase_add_test(tcase, controls_that_mean_nothing_here_return_0);
  tcase_add_test(tcase, the_close_flag_is_remembered);
  tcase_add_test(tcase, freeing_the_openssl_bio_leaves_the_stores_alone);
  tcase_add_test(tcase, our_bio_is_told_from_others);
  tcase_add_test(tcase,
                 foreign_bio_of_the_same_type_number_is_not_taken_for_ours);
  return s;
}
