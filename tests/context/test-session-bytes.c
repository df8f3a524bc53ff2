/* SPDX-License-Identifier: MIT */

/* Session bytes: what was written can be read where the policy is the same, and
 * anything else is refused. */

#include "support/suite.h"

#include "support/always.h"
#include "support/given.h"
#include "tlsloop/session.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <uv/errno.h>

#define DIGEST_SIZE 32

static pki_t* pki;
static tlsloop_ctx_t* client;
static tlsloop_ctx_t* server;
static tlsloop_session_t* session;
static unsigned char* bytes;
static size_t size;


static void set_version(tlsloop_ctx_t* ctx, int on_1_3) {
  int version;

  version = on_1_3 ? TLSLOOP_TLS_1_3 : TLSLOOP_TLS_1_2;
  ck_done(tlsloop_ctx_set_max_version(ctx, version));
}


static void setup(void) {
  pki = pki_new("bytes");
  client = given_client(pki);
  server = given_server(pki, NULL);
  session = NULL;
  bytes = NULL;
}


static void teardown(void) {
  free(bytes);
  tlsloop_session_unref(session);
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(server);
  pki_free(pki);
}


static void keep(tlsloop_engine_t* engine, tlsloop_session_t* made, void* arg) {
  (void) engine;
  (void) arg;
  if (session == NULL)
    session = tlsloop_session_ref(made);
}


/* Makes a session with |hostname| and writes it. */
static void given_bytes(int on_1_3, const char* hostname) {
  int len;

  set_version(client, on_1_3);
  ck_done(tlsloop_ctx_set_session_cb(client, keep, NULL));
  ck_done(try_connection(client, server, hostname));
  ck_assert_ptr_nonnull(session);
  len = tlsloop_session_to_bytes(session, NULL, 0);
  ck_assert_int_gt(len, 100);
  size = (size_t) len;
  ck_assert_ptr_nonnull(bytes = malloc(size));
  ck_assert_int_eq(tlsloop_session_to_bytes(session, bytes, size), len);
  ck_assert_uint_eq(ERR_peek_error(), 0);
}


/* Whether a client of |ctx| resumes |old|. */
static int resumes(tlsloop_ctx_t* ctx, tlsloop_session_t* old) {
  pair_t pair;
  int reused;

  pair_open(&pair, ctx, server, "localhost");
  ck_done(tlsloop_engine_set_session(pair.client.engine, old));
  pair_connect(&pair);
  pair_ping(&pair);
  reused = tlsloop_engine_session_reused(pair.client.engine);
  pair_close(&pair);
  return reused;
}


/* loops: TLS 1.2, TLS 1.3 */
START_TEST(a_session_is_read_as_it_was_written) {
  tlsloop_session_t* read;

  given_bytes(_i, "localhost");
  ck_done(tlsloop_session_from_bytes(&read, client, bytes, size));
  ck_assert(tlsloop_session_equal(read, session));
  ck_assert_str_eq(tlsloop_session_hostname(read), "localhost");
  ck_assert_int_eq(tlsloop_session_time(read), tlsloop_session_time(session));
  ck_assert_int_eq(tlsloop_session_timeout(read),
                   tlsloop_session_timeout(session));
  ck_assert_int_eq(tlsloop_session_has_ticket(read),
                   tlsloop_session_has_ticket(session));
  ck_assert_int_eq(tlsloop_session_ticket_lifetime_hint(read),
                   tlsloop_session_ticket_lifetime_hint(session));
  ck_assert_int_eq(tlsloop_session_is_resumable(read), 1);
  ck_assert_int_eq(resumes(client, read), 1);
  tlsloop_session_unref(read);
}
END_TEST


START_TEST(another_context_with_the_same_policy_reads_it_too) {
  tlsloop_session_t* read;
  tlsloop_ctx_t* twin;

  given_bytes(_i, "localhost");
  twin = given_client(pki);
  set_version(twin, _i);
  ck_done(tlsloop_session_from_bytes(&read, twin, bytes, size));
  ck_assert_int_eq(resumes(twin, read), 1);
  ck_ctx_failed(twin,
                tlsloop_ctx_set_session_cb(twin, NULL, NULL),
                UV__EBUSY,
                NULL,
                "connections");
  tlsloop_session_unref(read);
  tlsloop_ctx_unref(twin);
}
END_TEST


START_TEST(a_session_without_a_name_has_none_when_it_is_read) {
  tlsloop_session_t* read;

  ck_done(tlsloop_ctx_allow_insecure(client));
  ck_done(tlsloop_ctx_set_check_hostname(client, 0));
  given_bytes(_i, NULL);
  ck_done(tlsloop_session_from_bytes(&read, client, bytes, size));
  ck_assert_ptr_null(tlsloop_session_hostname(read));
  tlsloop_session_unref(read);
}
END_TEST


START_TEST(a_context_with_another_policy_does_not_read_it) {
  tlsloop_session_t* read;
  tlsloop_ctx_t* other;

  given_bytes(1, "localhost");
  other = given_client(pki);
  if (_i == 0) {
    ck_done(tlsloop_ctx_load_verify_mem(other,
                                        pki_leaf(pki)->pem.data,
                                        pki_leaf(pki)->pem.len,
                                        TLSLOOP_ENCODING_PEM));
  } else if (_i == 1) {
    ck_done(tlsloop_ctx_load_cert_chain_mem(
        other, pki_leaf(pki)->both.data, pki_leaf(pki)->both.len, NULL, 0));
  } else {
    ck_done(tlsloop_ctx_allow_insecure(other));
    ck_done(tlsloop_ctx_set_check_hostname(other, 0));
  }
  read = session;
  ck_ctx_failed(other,
                tlsloop_session_from_bytes(&read, other, bytes, size),
                TLSLOOP_ESESSION,
                "localhost",
                "another policy");
  ck_assert_ptr_eq(read, session);
  tlsloop_ctx_unref(other);
}
END_TEST


static void expect_refused(const void* data, size_t len) {
  tlsloop_session_t* read;

  read = session;
  ALWAYS(tlsloop_session_from_bytes(&read, client, data, len) ==
         TLSLOOP_ESESSION);
  ALWAYS(read == session);
  ALWAYS(tlsloop_ctx_error(client)->code == TLSLOOP_ESESSION);
  ALWAYS(ERR_peek_error() == 0);
}


START_TEST(whichever_bit_is_changed_it_is_refused) {
  size_t bit;

  given_bytes(_i, "localhost");
  for (bit = 0; bit < size * 8; bit++) {
    bytes[bit / 8] ^= (unsigned char) (1 << bit % 8);
    expect_refused(bytes, size);
    bytes[bit / 8] ^= (unsigned char) (1 << bit % 8);
  }
}
END_TEST


START_TEST(wherever_it_is_cut_it_is_refused) {
  unsigned char* part;
  size_t len;

  given_bytes(_i, "localhost");
  for (len = 0; len < size; len++) {
    ck_assert_ptr_nonnull(part = malloc(len + 1));
    memcpy(part, bytes, len);
    expect_refused(part, len);
    free(part);
  }
}
END_TEST


START_TEST(what_follows_it_is_refused) {
  unsigned char* more;

  given_bytes(_i, "localhost");
  ck_assert_ptr_nonnull(more = calloc(1, size + 40));
  memcpy(more, bytes, size);
  expect_refused(more, size + 1);
  expect_refused(more, size + 40);
  memcpy(more + size, bytes, 40);
  expect_refused(more, size + 40);
  free(more);
}
END_TEST


START_TEST(what_is_none_is_refused) {
  static const size_t sizes[] = {1, 37, 38, 69, 70, 71, 200, 4096, 2097152};
  unsigned char* data;
  size_t i;

  expect_refused(NULL, 0);
  expect_refused("", 0);
  for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
    ck_assert_ptr_nonnull(data = malloc(sizes[i]));
    pair_fill(data, sizes[i], (uint32_t) i);
    expect_refused(data, sizes[i]);
    memcpy(data, "tls\1", sizes[i] < 4 ? sizes[i] : 4);
    expect_refused(data, sizes[i]);
    free(data);
  }
}
END_TEST


/* Whoever can write to where sessions are kept can forge the digest too. What
 * comes of it is a connection that is verified anew, or none. */
START_TEST(forged_bytes_do_no_harm) {
  tlsloop_session_t* read;
  pair_t pair;
  size_t body;
  size_t i;
  int err;

  given_bytes(_i, "localhost");
  body = size - DIGEST_SIZE;
  for (i = 0; i < body; i++) {
    bytes[i] ^= 1;
    EVP_Digest(bytes, body, bytes + body, NULL, EVP_sha256(), NULL);
    read = NULL;
    err = tlsloop_session_from_bytes(&read, client, bytes, size);
    ALWAYS(ERR_peek_error() == 0);
    ALWAYS(err == 0 ? read != NULL : err == TLSLOOP_ESESSION && read == NULL);
    if (err == 0 && i % 16 == 0) {
      pair_open(&pair, client, server, "localhost");
      if (tlsloop_engine_set_session(pair.client.engine, read) == 0)
        pair_handshake(&pair);
      pair_close(&pair);
    }
    tlsloop_session_unref(read);
    bytes[i] ^= 1;
  }
}
END_TEST


START_TEST(too_little_room_is_told) {
  unsigned char* small;

  given_bytes(_i, "localhost");
  ck_assert_ptr_nonnull(small = malloc(size - 1));
  ck_assert_int_eq(tlsloop_session_to_bytes(session, small, size - 1),
                   UV__ENOBUFS);
  ck_assert_int_eq(tlsloop_session_to_bytes(session, small, 0), UV__ENOBUFS);
  free(small);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("session-bytes");
  tcase = tcase_create("bytes");
  tcase_set_timeout(tcase, 60);
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_loop_test(tcase, a_session_is_read_as_it_was_written, 0, 2);
  tcase_add_loop_test(
      tcase, another_context_with_the_same_policy_reads_it_too, 0, 2);
  tcase_add_loop_test(
      tcase, a_session_without_a_name_has_none_when_it_is_read, 0, 2);
  tcase_add_loop_test(
      tcase, a_context_with_another_policy_does_not_read_it, 0, 3);
  tcase_add_loop_test(tcase, whichever_bit_is_changed_it_is_refused, 0, 2);
  tcase_add_loop_test(tcase, wherever_it_is_cut_it_is_refused, 0, 2);
  tcase_add_loop_test(tcase, what_follows_it_is_refused, 0, 2);
  tcase_add_test(tcase, what_is_none_is_refused);
  tcase_add_loop_test(tcase, forged_bytes_do_no_harm, 0, 2);
  tcase_add_loop_test(tcase, too_little_room_is_told, 0, 2);
  suite_add_tcase(suite, tcase);
  return suite;
}
