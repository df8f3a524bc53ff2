/* SPDX-License-Identifier: MIT */

/* Twin of engine/engine.c and engine/bio.c, when memory runs out: every
 * allocation in the life of a connection, ours and OpenSSL's, fails once, and
 * then all from there on. Whoever was hit says so or got over it, nobody hangs
 * and nothing leaks, and the next connection works. */

#include "engine/engine.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>
#include <uv/errno.h>

#include "support/fail-alloc.h"
#include "support/fail-ossl.h"
#include "support/plain.h"
#include "support/suite.h"

/* An end's way through its life. */
typedef struct life_s {
  pair_end_t* end;
  const char* steps; /* handshake, write, read, shutdown; what is to come */
  int err;           /* of the last call */
} life_t;

static pki_t* pki;
static plain_t plain;
static BIO_METHOD* method;

/* Only calls of the code under test fail; the test's own go on. */
static unsigned int left; /* allocations until the first that fails */
static unsigned int failed;
static int for_good; /* all fail from there on */


static void arm(void) {
  if (for_good)
    fail_alloc_from(left);
  else
    fail_alloc_after(left);
}


static int disarm(int err) {
  unsigned int count;

  count = fail_alloc_count();
  failed += fail_alloc_reset();
  if (count <= left)
    left -= count;
  else
    left = for_good ? 0 : UINT32_MAX - 1;
  ck_assert_uint_eq(ERR_peek_error(), 0);
  return err;
}


/* A first connection lets OpenSSL set up what it sets up once: where that
 * fails, it fails for good. */
static void make_pki(void) {
  pki = pki_new("engine");
  plain_open(&plain, pki_leaf(pki));
  pair_connect(&plain.pair);
  pair_ping(&plain.pair);
  plain_close(&plain);
}


static void free_pki(void) {
  pki_free(pki);
}


static void set_up(void) {
  plain_open(&plain, pki_leaf(pki));
  method = plain.method;
  failed = 0;
  for_good = 0;
}


static void tear_down(void) {
  fail_alloc_reset();
  plain_close(&plain);
}


static int read_echo(pair_end_t* end) {
  char buf[16];
  size_t n;
  int err;

  arm();
  err = disarm(tlsloop_engine_read(end->engine, buf, sizeof(buf), &n));
  if (err == 0) {
    ck_assert_uint_eq(n, 4);
    ck_assert_mem_eq(buf, "echo", 4);
  }
  return err;
}


static int act(pair_end_t* end, char step) {
  if (step == 'r')
    return read_echo(end);

  arm();
  if (step == 'h')
    return disarm(tlsloop_engine_handshake(end->engine));
  if (step == 'w')
    return disarm(tlsloop_engine_write(end->engine, "echo", 4));
  return disarm(tlsloop_engine_shutdown(end->engine));
}


static int is_over(const life_t* life) {
  if (tlsloop_err_type(life->err) == TLSLOOP_ERR_WANT)
    return 0;
  return life->err != 0 || *life->steps == '\0';
}


static void go_on(life_t* life) {
  while (!is_over(life)) {
    life->err = act(life->end, *life->steps);
    if (life->err != 0)
      return;
    life->steps++;
  }
}


static int has_failed(const life_t* life) {
  return life->err != 0 && tlsloop_err_type(life->err) != TLSLOOP_ERR_WANT;
}


/* Without memory an end may find none for an alert either, or send half a
 * message: then the other waits until the connection is closed, or takes it
 * for a breach of the protocol. Whoever was hit itself must not blame others.
 */
static void check_end(const life_t* life, const life_t* other) {
  const tlsloop_error_t* error;

  if (life->err == 0)
    return;

  ck_assert_uint_gt(failed, 0);
  if (life->err == TLSLOOP_WANT_READ) {
    ck_assert(has_failed(other));
    return;
  }

  ck_assert_int_ne(tlsloop_err_type(life->err), TLSLOOP_ERR_USAGE);
  if (tlsloop_err_type(life->err) == TLSLOOP_ERR_PROTOCOL)
    ck_assert_int_eq(tlsloop_err_type(other->err), TLSLOOP_ERR_INTERNAL);
  ck_assert_ptr_nonnull(error = tlsloop_engine_error(life->end->engine));
  ck_assert_int_eq(error->code, life->err);
  ck_assert_str_ne(error->text, "");
}


/* One connection in which the allocation |n| fails. Returns whether there was
 * one. */
static int live(unsigned int n) {
  life_t client = {&plain.pair.client, "hwrs", 0};
  life_t server = {&plain.pair.server, "hrws", 0};

  left = n;
  failed = 0;
  do {
    go_on(&client);
    go_on(&server);
  } while (pair_pump(&plain.pair));

  check_end(&client, &server);
  check_end(&server, &client);
  return failed > 0;
}


static void live_all_lives(int version, unsigned int stride) {
  unsigned int n;
  int hit;

  n = 0;
  do {
    plain_reopen(&plain);
    plain_only_version(&plain, version);
    hit = live(n);
    n += stride * pair_stride();
  } while (hit);
  ck_assert_uint_gt(n, 100);
}


/* loop: 2 */
START_TEST(connection_survives_or_tells_each_failing_allocation) {
  live_all_lives(_i == 0 ? TLS1_2_VERSION : TLS1_3_VERSION, 1);
}
END_TEST


/* loop: 2 */
START_TEST(connection_survives_or_tells_that_memory_is_gone_for_good) {
  for_good = 1;
  live_all_lives(_i == 0 ? TLS1_2_VERSION : TLS1_3_VERSION, 7);
}
END_TEST


START_TEST(ssl_that_finds_no_memory_is_not_made) {
  tlsloop_engine_t engine;
  tlsloop_bio_t* in;
  unsigned int n;
  int err;

  ck_assert_int_eq(tlsloop_bio_new(&in), 0);
  for (n = 0;; n++) {
    memset(&engine, 0, sizeof(engine));
    tlsloop__engine_init(&engine, in, in, TLSLOOP_CLIENT);
    fail_alloc_after(n);
    err = tlsloop__engine_make_ssl(&engine, plain.client_ctx);
    if (!fail_alloc_reset())
      break;
    if (err != 0) {
      ck_assert_int_eq(err, UV__ENOMEM);
      ck_assert_uint_eq(ERR_peek_error(), 0);
      ck_assert_ptr_null(engine.error);
      ck_assert_ptr_null(engine.ssl);
    }
    tlsloop__engine_deinit(&engine);
    ck_assert_uint_eq(atomic_load(&in->refs), 1);
  }
  ck_assert_uint_gt(n, 3);
  ck_assert_int_eq(err, 0);
  tlsloop__engine_deinit(&engine);
  tlsloop_bio_unref(in);
}
END_TEST


START_TEST(store_that_finds_no_memory_is_not_made) {
  tlsloop_bio_t* store;
  int err;

  store = NULL;
  fail_alloc_after(0);
  err = tlsloop_bio_new(&store);
  ck_assert_uint_eq(fail_alloc_reset(), 1);
  ck_assert_int_eq(err, UV__ENOMEM);
  ck_assert_ptr_null(store);
}
END_TEST


START_TEST(write_that_finds_no_memory_adds_nothing) {
  static const char much[50000];
  tlsloop_bio_t* store;
  char buf[8];
  unsigned int n;
  int err;

  ck_assert_int_eq(tlsloop_bio_new(&store), 0);
  ck_assert_int_eq(tlsloop_bio_write(store, "before", 6), 0);
  for (n = 0;; n++) {
    fail_alloc_after(n);
    err = tlsloop_bio_write(store, much, sizeof(much));
    if (!fail_alloc_reset())
      break;
    ck_assert_int_eq(err, UV__ENOMEM);
    ck_assert_uint_eq(tlsloop_bio_pending(store), 6);
    ck_assert_uint_eq(store->total, 6);
  }
  ck_assert_uint_gt(n, 1);
  ck_assert_int_eq(err, 0);
  ck_assert_uint_eq(tlsloop_bio_pending(store), 6 + sizeof(much));
  ck_assert_uint_eq(tlsloop_bio_read(store, buf, 6), 6);
  ck_assert_mem_eq(buf, "before", 6);
  tlsloop_bio_unref(store);
}
END_TEST


START_TEST(lent_bytes_without_memory_to_keep_them_are_still_lent) {
  char lent[] = "lent";
  tlsloop_bio_t* store;
  int err;

  ck_assert_int_eq(tlsloop_bio_new(&store), 0);
  tlsloop__bio_lend(store, lent, 4);
  fail_alloc_after(0);
  err = tlsloop__bio_keep(store);
  ck_assert_uint_eq(fail_alloc_reset(), 1);
  ck_assert_int_eq(err, UV__ENOMEM);
  ck_assert_uint_eq(tlsloop_bio_pending(store), 4);
  ck_assert_int_eq(tlsloop__bio_keep(store), 0);
  ck_assert_uint_eq(tlsloop_bio_pending(store), 4);
  tlsloop_bio_unref(store);
}
END_TEST


START_TEST(openssl_is_told_when_its_bytes_find_no_memory) {
  tlsloop__bio_pair_t stores;
  BIO* bio;
  int ret;

  stores.in = plain.pair.client.in;
  stores.out = plain.pair.client.out;
  ck_assert_ptr_nonnull(bio = BIO_new(method));
  BIO_set_data(bio, &stores);
  fail_alloc_after(0);
  ret = BIO_write(bio, "lost", 4);
  fail_alloc_reset();
  ck_assert_int_lt(ret, 0);
  ck_assert_int_eq(BIO_should_retry(bio), 0);
  ck_assert_int_eq(ERR_GET_REASON(ERR_peek_last_error()), ERR_R_MALLOC_FAILURE);
  ck_assert_uint_eq(tlsloop_bio_pending(stores.out), 0);
  ERR_clear_error();
  BIO_free(bio);
}
END_TEST


START_TEST(method_that_finds_no_memory_is_not_made) {
  BIO_METHOD* made;
  unsigned int n;

  for (n = 0;; n++) {
    fail_alloc_after(n);
    made = tlsloop__bio_method_new();
    if (!fail_alloc_reset())
      break;
    ck_assert_ptr_null(made);
    ERR_clear_error();
  }
  ck_assert_uint_gt(n, 0);
  ck_assert_ptr_nonnull(made);
  BIO_meth_free(made);
}
END_TEST


static TCase* add_case(Suite* s, const char* name) {
  TCase* tcase;

  tcase = tcase_create(name);
  tcase_add_checked_fixture(tcase, set_up, tear_down);
  tcase_add_unchecked_fixture(tcase, make_pki, free_pki);
  tcase_set_timeout(tcase, 600);
  suite_add_tcase(s, tcase);
  return tcase;
}


static void add_lives(Suite* s) {
  TCase* tcase;

  tcase = add_case(s, "lives");
  tcase_add_loop_test(
      tcase, connection_survives_or_tells_each_failing_allocation, 0, 2);
  tcase_add_loop_test(
      tcase, connection_survives_or_tells_that_memory_is_gone_for_good, 0, 2);
}


static void add_objects(Suite* s) {
  TCase* tcase;

  tcase = add_case(s, "objects");
  tcase_add_test(tcase, ssl_that_finds_no_memory_is_not_made);
  tcase_add_test(tcase, store_that_finds_no_memory_is_not_made);
  tcase_add_test(tcase, write_that_finds_no_memory_adds_nothing);
  tcase_add_test(tcase, lent_bytes_without_memory_to_keep_them_are_still_lent);
  tcase_add_test(tcase, openssl_is_told_when_its_bytes_find_no_memory);
  tcase_add_test(tcase, method_that_finds_no_memory_is_not_made);
}


Suite* suite(void) {
  Suite* s;

  /* OpenSSL takes other allocators only before it first allocates. */
  if (!fail_ossl_install())
    abort();
  s = suite_create("engine/engine-memory");
  add_lives(s);
  add_objects(s);
  return s;
}
