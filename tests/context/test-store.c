/* SPDX-License-Identifier: MIT */

/* Additions to a store are all there or none is. */

#include "support/suite.h"

#include "context/store.h"
#include "support/fail-alloc.h"
#include "support/fail-ossl.h"
#include "support/pki.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <pthread.h>

#define THREADS 4
#define ROUNDS  200

static pki_t* pki;
static int installed; /* fail_ossl_install */
static X509_STORE* store;
static STACK_OF(X509) * certs;
static STACK_OF(X509_CRL) * crls;


static void setup(void) {
  ck_assert_int_eq(installed, 1);
  pki = pki_new("store");
  store = X509_STORE_new();
  certs = sk_X509_new_null();
  crls = sk_X509_CRL_new_null();
}


static void teardown(void) {
  sk_X509_pop_free(certs, X509_free);
  sk_X509_CRL_pop_free(crls, X509_CRL_free);
  X509_STORE_free(store);
  pki_free(pki);
}


static void given_certs(pki_cert_t* const* list, int count) {
  int i;

  for (i = 0; i < count; i++)
    ck_assert_int_gt(sk_X509_push(certs, X509_dup(list[i]->x509)), 0);
}


static void given_crl(void) {
  ck_assert_int_gt(
      sk_X509_CRL_push(crls, X509_CRL_dup(pki_crl(pki, NULL)->crl)), 0);
}


static int stored(void) {
  return sk_X509_OBJECT_num(X509_STORE_get0_objects(store));
}


static int is_stored(const pki_cert_t* cert) {
  STACK_OF(X509_OBJECT) * objects;
  const X509* found;
  int i;

  objects = X509_STORE_get0_objects(store);
  for (i = 0; i < sk_X509_OBJECT_num(objects); i++) {
    found = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i));
    if (found != NULL && X509_cmp(found, cert->x509) == 0)
      return 1;
  }
  return 0;
}


START_TEST(certificates_and_lists_are_added) {
  pki_cert_t* list[] = {pki->root, pki->intermediate};

  given_certs(list, 2);
  given_crl();
  ck_assert_int_eq(tlsloop__store_add(store, certs, crls), 1);
  ck_assert_int_eq(stored(), 3);
}
END_TEST


START_TEST(either_may_be_missing) {
  pki_cert_t* list[] = {pki->root};

  given_certs(list, 1);
  given_crl();
  ck_assert_int_eq(tlsloop__store_add(store, certs, NULL), 1);
  ck_assert_int_eq(stored(), 1);
  ck_assert_int_eq(tlsloop__store_add(store, NULL, crls), 1);
  ck_assert_int_eq(stored(), 2);
  ck_assert_int_eq(tlsloop__store_add(store, NULL, NULL), 1);
  ck_assert_int_eq(stored(), 2);
}
END_TEST


START_TEST(what_is_there_is_not_added_again) {
  pki_cert_t* list[] = {pki->root, pki->intermediate, pki->root};

  given_certs(list, 3);
  given_crl();
  ck_assert_int_eq(tlsloop__store_add(store, certs, crls), 1);
  ck_assert_int_eq(tlsloop__store_add(store, certs, crls), 1);
  ck_assert_int_eq(stored(), 3);
  ck_assert_uint_eq(ERR_peek_error(), 0);
}
END_TEST


/* One of the new ones is in the store before, and must stay there. OpenSSL
 * gets over some of the failures. */
START_TEST(whichever_allocation_fails_all_are_there_or_none) {
  pki_cert_t* list[] = {pki->root, pki->intermediate, pki_leaf(pki)};
  unsigned int failures;
  unsigned int n;
  int added;

  given_certs(list, 3);
  given_crl();
  failures = 0;
  for (n = 0;; n++) {
    X509_STORE_free(store);
    store = X509_STORE_new();
    ck_assert_int_eq(X509_STORE_add_cert(store, pki->intermediate->x509), 1);
    fail_alloc_after(n);
    added = tlsloop__store_add(store, certs, crls);
    if (!fail_alloc_reset())
      break;
    failures += !added;
    ck_assert_int_eq(stored(), added ? 4 : 1);
    ck_assert_int_eq(is_stored(pki->intermediate), 1);
    ERR_clear_error();
  }
  ck_assert_uint_ge(failures, 3);
  ck_assert_int_eq(added, 1);
}
END_TEST


static void* add_and_look(void* arg) {
  X509_STORE_CTX* lookup;
  int i;

  (void) arg;
  for (i = 0; i < ROUNDS; i++) {
    ck_assert_int_eq(tlsloop__store_add(store, certs, crls), 1);
    lookup = X509_STORE_CTX_new();
    ck_assert_int_eq(
        X509_STORE_CTX_init(lookup, store, pki_leaf(pki)->x509, NULL), 1);
    ck_assert_int_eq(X509_verify_cert(lookup), 1);
    X509_STORE_CTX_free(lookup);
  }
  return NULL;
}


START_TEST(several_threads_add_and_look_at_once) {
  pki_cert_t* list[] = {pki->root, pki->intermediate};
  pthread_t threads[THREADS];
  int i;

  pki_leaf(pki);
  given_certs(list, 2);
  given_crl();
  for (i = 0; i < THREADS; i++)
    ck_assert_int_eq(pthread_create(&threads[i], NULL, add_and_look, NULL), 0);
  for (i = 0; i < THREADS; i++)
    ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
  ck_assert_int_eq(stored(), 3);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  installed = fail_ossl_install();
  suite = suite_create("store");
  tcase = tcase_create("store");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_test(tcase, certificates_and_lists_are_added);
  tcase_add_test(tcase, either_may_be_missing);
  tcase_add_test(tcase, what_is_there_is_not_added_again);
  tcase_add_test(tcase, whichever_allocation_fails_all_are_there_or_none);
  tcase_add_test(tcase, several_threads_add_and_look_at_once);
  suite_add_tcase(suite, tcase);
  return suite;
}
