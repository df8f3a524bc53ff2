/* SPDX-License-Identifier: MIT */

/* Files come into memory whole or not at all. */

#include "support/suite.h"

#include "context/file.h"
#include "support/fail-alloc.h"
#include "support/pki.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv/errno.h>

static pki_t* pki;


static void setup(void) {
  pki = pki_new("file");
}


static void teardown(void) {
  pki_free(pki);
}


static pki_blob_t given_bytes(size_t len) {
  pki_blob_t blob;
  size_t i;

  blob.len = len;
  blob.data = malloc(len + 1);
  ck_assert_ptr_nonnull(blob.data);
  for (i = 0; i < len; i++)
    blob.data[i] = (char) (i * 7 + (i >> 8));
  return blob;
}


static void expect_error(const char* path, int code) {
  unsigned char* data;
  size_t len;

  data = NULL;
  len = 77;
  ck_assert_int_eq(tlsloop__file_read(path, &data, &len), code);
  ck_assert_ptr_null(data);
  ck_assert_uint_eq(len, 77);
}


START_TEST(a_file_is_read_to_its_last_byte) {
  static const size_t sizes[] = {1, 4095, 4096, 4097, 16384, 1000003};
  unsigned char* data;
  pki_blob_t blob;
  size_t len;

  blob = given_bytes(sizes[_i]);
  ck_assert_int_eq(
      tlsloop__file_read(pki_write(pki, "bytes", &blob), &data, &len), 0);
  ck_assert_uint_eq(len, blob.len);
  ck_assert_mem_eq(data, blob.data, len);
  tlsloop__file_free(data, len);
  free(blob.data);
}
END_TEST


START_TEST(an_empty_file_is_no_error) {
  char nothing[] = "";
  pki_blob_t blob = {nothing, 0};
  unsigned char* data;
  size_t len;

  ck_assert_int_eq(
      tlsloop__file_read(pki_write(pki, "empty", &blob), &data, &len), 0);
  ck_assert_uint_eq(len, 0);
  tlsloop__file_free(data, len);
}
END_TEST


START_TEST(a_file_of_the_largest_size_is_read_and_a_larger_one_is_not) {
  unsigned char* data;
  pki_blob_t blob;
  size_t len;

  blob = given_bytes(TLSLOOP__FILE_MAX_LEN + 1);
  expect_error(pki_write(pki, "large", &blob), UV__EFBIG);
  blob.len--;
  ck_assert_int_eq(
      tlsloop__file_read(pki_write(pki, "large", &blob), &data, &len), 0);
  ck_assert_uint_eq(len, TLSLOOP__FILE_MAX_LEN);
  ck_assert_int_eq(data[len - 1], (unsigned char) blob.data[len - 1]);
  tlsloop__file_free(data, len);
  free(blob.data);
}
END_TEST


START_TEST(a_device_without_end_is_too_large) {
  expect_error("/dev/zero", UV__EFBIG);
}
END_TEST


START_TEST(a_file_that_tells_no_size_is_read) {
  unsigned char* data;
  size_t len;

  ck_assert_int_eq(tlsloop__file_read("/proc/self/status", &data, &len), 0);
  ck_assert_uint_gt(len, 5);
  ck_assert_mem_eq(data, "Name:", 5);
  tlsloop__file_free(data, len);
}
END_TEST


static void* write_to_pipe(void* path) {
  pki_blob_t blob;
  FILE* file;

  blob = given_bytes(100000);
  file = fopen(path, "wb");
  ck_assert_ptr_nonnull(file);
  ck_assert_uint_eq(fwrite(blob.data, 1, blob.len, file), blob.len);
  ck_assert_int_eq(fclose(file), 0);
  free(blob.data);
  return NULL;
}


START_TEST(a_pipe_is_read_until_its_writer_closes_it) {
  unsigned char* data;
  pthread_t writer;
  pki_blob_t blob;
  char path[512];
  size_t len;

  snprintf(path, sizeof(path), "%s/pipe", pki_dir(pki));
  ck_assert_int_eq(mkfifo(path, 0600), 0);
  ck_assert_int_eq(pthread_create(&writer, NULL, write_to_pipe, path), 0);
  ck_assert_int_eq(tlsloop__file_read(path, &data, &len), 0);
  ck_assert_int_eq(pthread_join(writer, NULL), 0);

  blob = given_bytes(100000);
  ck_assert_uint_eq(len, blob.len);
  ck_assert_mem_eq(data, blob.data, len);
  tlsloop__file_free(data, len);
  free(blob.data);
}
END_TEST


START_TEST(a_file_that_is_not_there_is_told) {
  char path[512];

  snprintf(path, sizeof(path), "%s/nothing", pki_dir(pki));
  expect_error(path, UV__ENOENT);
  expect_error("", UV__ENOENT);
}
END_TEST


START_TEST(a_directory_is_told) {
  expect_error(pki_dir(pki), UV__EISDIR);
}
END_TEST


START_TEST(a_path_through_a_file_is_told) {
  char x[] = "x";
  pki_blob_t blob = {x, 1};
  char path[512];

  snprintf(path, sizeof(path), "%s/x", pki_write(pki, "file", &blob));
  expect_error(path, UV__ENOTDIR);
}
END_TEST


START_TEST(a_file_without_permission_is_told) {
  char x[] = "x";
  pki_blob_t blob = {x, 1};
  const char* path;

  path = pki_write(pki, "secret", &blob);
  ck_assert_int_eq(chmod(path, 0), 0);
  ck_assert_int_eq(chmod(pki_dir(pki), 0755), 0);
  /* Permissions do not hold root back. This is a process of its own. */
  if (geteuid() == 0)
    ck_assert_int_eq(seteuid(65534), 0);
  expect_error(path, UV__EACCES);
  if (getuid() == 0)
    ck_assert_int_eq(seteuid(0), 0);
}
END_TEST


/* The memory of this process begins where there is none: it opens, and cannot
 * be read. */
START_TEST(a_file_that_opens_and_cannot_be_read_is_told) {
  if (access("/proc/self/mem", R_OK) == 0)
    expect_error("/proc/self/mem", UV__EIO);
}
END_TEST


START_TEST(without_memory_to_grow_nothing_is_read) {
  unsigned char* data;
  unsigned int failures;
  unsigned int n;
  size_t len;
  int err;

  if (access("/proc/self/smaps", R_OK) != 0)
    return;
  failures = 0;
  for (n = 0;; n++) {
    fail_alloc_after(n);
    err = tlsloop__file_read("/proc/self/smaps", &data, &len);
    if (!fail_alloc_reset())
      break;
    ck_assert_int_eq(err, UV__ENOMEM);
    failures++;
  }
  ck_assert_int_eq(err, 0);
  ck_assert_uint_gt(failures, 1);
  tlsloop__file_free(data, len);
}
END_TEST


START_TEST(nothing_is_freed_of_nothing) {
  tlsloop__file_free(NULL, 0);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("file");
  tcase = tcase_create("reading");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_loop_test(tcase, a_file_is_read_to_its_last_byte, 0, 6);
  tcase_add_test(tcase, an_empty_file_is_no_error);
  tcase_add_test(tcase,
                 a_file_of_the_largest_size_is_read_and_a_larger_one_is_not);
  tcase_add_test(tcase, a_file_that_tells_no_size_is_read);
  tcase_add_test(tcase, a_pipe_is_read_until_its_writer_closes_it);
  tcase_add_test(tcase, nothing_is_freed_of_nothing);
  suite_add_tcase(suite, tcase);

  tcase = tcase_create("refusals");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_test(tcase, a_device_without_end_is_too_large);
  tcase_add_test(tcase, a_file_that_is_not_there_is_told);
  tcase_add_test(tcase, a_directory_is_told);
  tcase_add_test(tcase, a_path_through_a_file_is_told);
  tcase_add_test(tcase, a_file_without_permission_is_told);
  tcase_add_test(tcase, a_file_that_opens_and_cannot_be_read_is_told);
  tcase_add_test(tcase, without_memory_to_grow_nothing_is_read);
  suite_add_tcase(suite, tcase);
  return suite;
}
