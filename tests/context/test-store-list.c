/* SPDX-License-Identifier: MIT */

/* Entries of a system store are kept once, whole, and in their order. */

#include "support/suite.h"

#include "context/store-list.h"
#include "support/fail-alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv/errno.h>

/* More than one step of growth. */
#define MANY        100

#define SERVER_AUTH "1.3.6.1.5.5.7.3.1"
#define CLIENT_AUTH "1.3.6.1.5.5.7.3.2"

static tlsloop__store_list_t list;
static int told;
static int stop_at; /* which entry ends it; 0: none */


static void teardown(void) {
  tlsloop__store_list_clear(&list);
}


static tlsloop_store_entry_t entry_of(const char* data) {
  return (tlsloop_store_entry_t){.data = data,
                                 .len = strlen(data),
                                 .encoding = TLSLOOP_STORE_X509_ASN,
                                 .trusted_for_all = 1};
}


static int add(tlsloop_store_entry_t entry) {
  return tlsloop__store_list_add(&list, &entry);
}


/* |count| of SERVER_AUTH and CLIENT_AUTH, in |order|. */
static int add_for(const char* data, size_t count, int order) {
  const char* purposes[] = {order == 0 ? SERVER_AUTH : CLIENT_AUTH,
                            order == 0 ? CLIENT_AUTH : SERVER_AUTH};
  tlsloop_store_entry_t entry = entry_of(data);

  entry.trusted_for_all = 0;
  entry.purposes = purposes;
  entry.purpose_count = count;
  return add(entry);
}


/* |arg| is the data of the entries, one character each. */
static int on_entry(const tlsloop_store_entry_t* entry, void* arg) {
  const char* expected = arg;

  ck_assert_uint_eq(entry->size, sizeof(*entry));
  ck_assert_uint_eq(entry->len, 1);
  ck_assert_int_eq(*(const char*) entry->data, expected[told]);
  told++;
  return told == stop_at ? -42 : 0;
}


static int tell(const char* expected) {
  char data[16];

  told = 0;
  snprintf(data, sizeof(data), "%s", expected);
  return tlsloop__store_list_tell(&list, on_entry, data);
}


START_TEST(entries_are_told_in_their_order) {
  ck_assert_int_eq(add(entry_of("c")), 0);
  ck_assert_int_eq(add(entry_of("a")), 0);
  ck_assert_int_eq(add(entry_of("b")), 0);
  ck_assert_int_eq(tell("cab"), 0);
  ck_assert_int_eq(told, 3);
}
END_TEST


START_TEST(an_empty_list_tells_nothing) {
  ck_assert_int_eq(tell(""), 0);
  ck_assert_int_eq(told, 0);
}
END_TEST


START_TEST(the_one_who_is_told_can_end_it) {
  add(entry_of("a"));
  add(entry_of("b"));
  add(entry_of("c"));
  stop_at = 2;
  ck_assert_int_eq(tell("abc"), -42);
  ck_assert_int_eq(told, 2);
}
END_TEST


START_TEST(the_same_entry_is_kept_once) {
  add(entry_of("a"));
  add(entry_of("b"));
  add(entry_of("a"));
  add_for("a", 2, 0);
  add_for("a", 2, 0);
  ck_assert_uint_eq(list.count, 3);
}
END_TEST


START_TEST(entries_differ_by_data_encoding_and_trust) {
  tlsloop_store_entry_t other = entry_of("a");

  add(entry_of("a"));
  add(entry_of("b"));
  add(entry_of("aa"));
  add(entry_of(""));
  other.encoding = TLSLOOP_STORE_PKCS_7_ASN;
  add(other);
  add_for("a", 0, 0);
  add_for("a", 1, 0);
  add_for("a", 1, 1);
  add_for("a", 2, 0);
  add_for("a", 2, 1);
  ck_assert_uint_eq(list.count, 10);
}
END_TEST


START_TEST(a_list_keeps_copies) {
  char purpose[] = SERVER_AUTH;
  const char* purposes[] = {purpose};
  char data[] = "data";
  tlsloop_store_entry_t entry = entry_of(data);

  entry.trusted_for_all = 0;
  entry.purposes = purposes;
  entry.purpose_count = 1;
  ck_assert_int_eq(add(entry), 0);
  memset(purpose, 'x', sizeof(purpose) - 1);
  memset(data, 'x', sizeof(data) - 1);
  purposes[0] = NULL;

  ck_assert_uint_eq(list.entries[0].len, 4);
  ck_assert_mem_eq(list.entries[0].data, "data", 4);
  ck_assert_int_eq(list.entries[0].trusted_for_all, 0);
  ck_assert_uint_eq(list.entries[0].purpose_count, 1);
  ck_assert_str_eq(list.entries[0].purposes[0], SERVER_AUTH);
}
END_TEST


START_TEST(a_list_grows) {
  char data[16];
  int i;

  for (i = 0; i < MANY; i++) {
    snprintf(data, sizeof(data), "%d", i);
    ck_assert_int_eq(add(entry_of(data)), 0);
  }
  ck_assert_uint_eq(list.count, MANY);
  for (i = 0; i < MANY; i++) {
    snprintf(data, sizeof(data), "%d", i);
    ck_assert_uint_eq(list.entries[i].len, strlen(data));
    ck_assert_mem_eq(list.entries[i].data, data, strlen(data));
  }
}
END_TEST


START_TEST(an_entry_without_memory_is_left_out) {
  unsigned int n;
  int err;

  for (n = 0;; n++) {
    fail_alloc_after(n);
    err = add_for("a", 2, 0);
    if (!fail_alloc_reset())
      break;
    ck_assert_int_eq(err, UV__ENOMEM);
    ck_assert_uint_eq(list.count, 0);
  }
  ck_assert_int_eq(err, 0);
  ck_assert_uint_eq(n, 2);
  ck_assert_int_eq(tell("a"), 0);
}
END_TEST


START_TEST(a_cleared_list_can_be_used_again) {
  add(entry_of("a"));
  tlsloop__store_list_clear(&list);
  ck_assert_uint_eq(list.count, 0);
  ck_assert_int_eq(add(entry_of("b")), 0);
  ck_assert_int_eq(tell("b"), 0);
  ck_assert_int_eq(told, 1);
}
END_TEST


Suite* suite(void) {
  TCase* tc;
  Suite* s;

  s = suite_create("store-list");
  tc = tcase_create("store-list");
  tcase_add_checked_fixture(tc, NULL, teardown);
  tcase_add_test(tc, entries_are_told_in_their_order);
  tcase_add_test(tc, an_empty_list_tells_nothing);
  tcase_add_test(tc, the_one_who_is_told_can_end_it);
  tcase_add_test(tc, the_same_entry_is_kept_once);
  tcase_add_test(tc, entries_differ_by_data_encoding_and_trust);
  tcase_add_test(tc, a_list_keeps_copies);
  tcase_add_test(tc, a_list_grows);
  tcase_add_test(tc, an_entry_without_memory_is_left_out);
  tcase_add_test(tc, a_cleared_list_can_be_used_again);
  suite_add_tcase(s, tc);
  return s;
}
