/* SPDX-License-Identifier: MIT */

/* Twin of engine/engine.c: what an engine is before, while and after data
 * flows, on plain SSL_CTXs. The tests of behaviour go through what the peer and
 * the wire can do to it. */

#include "engine/engine.h"

#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>
#include <uv/errno.h>

#include "support/plain.h"
#include "support/suite.h"

static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

static pki_t* pki;
static plain_t plain;
static pair_end_t* client;
static pair_end_t* server;


static void make_pki(void) {
  pki = pki_new("engine");
}


static void free_pki(void) {
  pki_free(pki);
}


static void set_up(void) {
  plain_open(&plain, pki_leaf(pki));
  client = &plain.pair.client;
  server = &plain.pair.server;
}


static void tear_down(void) {
  plain_close(&plain);
  ck_assert_uint_eq(ERR_peek_error(), 0);
}


static int state_of(const pair_end_t* end) {
  return tlsloop_engine_state(end->engine);
}


static int advance(const pair_end_t* end) {
  int err;

  err = tlsloop__engine_advance(end->engine);
  ck_assert_uint_eq(ERR_peek_error(), 0);
  return err;
}


/* Breaks the record that |from| has just sent, so that |to| fails. */
static int break_connection(pair_end_t* from, pair_end_t* to) {
  unsigned char record[256];
  size_t len;
  size_t n;

  ck_assert_int_eq(end_write(from, "data", 4), 0);
  len = tlsloop_bio_read(from->out, record, sizeof(record));
  ck_assert_uint_gt(len, 0);
  record[len - 1] ^= 1;
  end_inject(to, record, len);
  return end_read(to, record, sizeof(record), &n);
}


START_TEST(new_engine_is_new_and_on_its_side) {
  ck_assert_int_eq(state_of(client), TLSLOOP_ENGINE_NEW);
  ck_assert_int_eq(tlsloop_engine_side(client->engine), TLSLOOP_CLIENT);
  ck_assert_int_eq(tlsloop_engine_side(server->engine), TLSLOOP_SERVER);
  ck_assert_uint_eq(tlsloop_engine_pending(client->engine), 0);
  ck_assert_ptr_null(tlsloop_engine_error(client->engine));
  ck_assert_uint_eq(tlsloop_bio_pending(client->out), 0);
}
END_TEST


START_TEST(writes_may_move_and_are_never_partial) {
  long mode;

  mode = SSL_get_mode(client->engine->ssl);
  ck_assert_int_ne(mode & SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER, 0);
  ck_assert_int_ne(mode & SSL_MODE_AUTO_RETRY, 0);
  ck_assert_int_eq(mode & SSL_MODE_ENABLE_PARTIAL_WRITE, 0);
}
END_TEST


START_TEST(engine_holds_its_own_references_to_its_bios) {
  ck_assert_uint_eq(atomic_load(&client->in->refs), 2);
  ck_assert_uint_eq(atomic_load(&client->out->refs), 2);
  plain_free_engine(client);
  ck_assert_uint_eq(atomic_load(&client->in->refs), 1);
  ck_assert_uint_eq(atomic_load(&client->out->refs), 1);
}
END_TEST


static unsigned int found;


/* OpenSSL's message callback: |arg| is the engine that is in a call. */
static void expect_engine(int written,
                          int version,
                          int type,
                          const void* data,
                          size_t len,
                          SSL* ssl,
                          void* arg) {
  (void) written, (void) version, (void) type, (void) data, (void) len;
  ck_assert_ptr_eq(tlsloop__engine_of(ssl), arg);
  found++;
}


/* Both share a port, and take turns. */
START_TEST(engine_is_found_from_its_ssl_during_a_call) {
  found = 0;
  SSL_set_msg_callback(client->engine->ssl, expect_engine);
  SSL_set_msg_callback_arg(client->engine->ssl, client->engine);
  SSL_set_msg_callback(server->engine->ssl, expect_engine);
  SSL_set_msg_callback_arg(server->engine->ssl, server->engine);
  pair_handshake(&plain.pair);
  ck_assert_uint_gt(found, 10);
  ck_assert_ptr_null(tlsloop__engine_of(client->engine->ssl));
  ck_assert_ptr_null(tlsloop__engine_of(server->engine->ssl));
}
END_TEST


START_TEST(port_of_nobody_is_empty_and_takes_nothing) {
  BIO* port;
  char byte;

  port = SSL_get_rbio(client->engine->ssl);
  ck_assert_int_eq(tlsloop_bio_write(client->in, "x", 1), 0);
  ck_assert_int_eq(BIO_pending(port), 0);
  ck_assert_int_eq(BIO_wpending(port), 0);
  ck_assert_int_eq(BIO_eof(port), 0);
  ck_assert_int_le(BIO_read(port, &byte, 1), 0);
  ck_assert_int_ne(BIO_should_retry(port), 0);
  ck_assert_int_le(BIO_write(port, "x", 1), 0);
  ck_assert_int_eq(BIO_should_retry(port), 0);
  ck_assert_uint_eq(tlsloop_bio_pending(client->in), 1);
  ck_assert_uint_eq(tlsloop_bio_pending(client->out), 0);
  ERR_clear_error();
}
END_TEST


START_TEST(no_engine_is_found_from_a_foreign_ssl) {
  SSL* ssl;
  BIO* bio;

  ck_assert_ptr_nonnull(ssl = SSL_new(plain.client_ctx));
  ck_assert_ptr_null(tlsloop__engine_of(ssl));
  ck_assert_ptr_nonnull(bio = BIO_new(BIO_s_mem()));
  SSL_set_bio(ssl, bio, bio);
  ck_assert_ptr_null(tlsloop__engine_of(ssl));
  SSL_free(ssl);
}
END_TEST


START_TEST(engine_keeps_the_applications_pointer) {
  int mine;

  ck_assert_ptr_null(tlsloop_engine_data(client->engine));
  tlsloop_engine_set_data(client->engine, &mine);
  ck_assert_ptr_eq(tlsloop_engine_data(client->engine), &mine);
}
END_TEST


/* loop: 2 */
START_TEST(handshake_goes_from_new_over_handshaking_to_open) {
  plain_only_version(&plain, versions[_i]);
  ck_assert_int_eq(end_handshake(client), TLSLOOP_WANT_READ);
  ck_assert_int_eq(state_of(client), TLSLOOP_ENGINE_HANDSHAKING);
  ck_assert_int_eq(end_handshake(server), TLSLOOP_WANT_READ);
  ck_assert_int_eq(state_of(server), TLSLOOP_ENGINE_HANDSHAKING);
  pair_connect(&plain.pair);
  ck_assert_int_eq(state_of(client), TLSLOOP_ENGINE_OPEN);
  ck_assert_int_eq(state_of(server), TLSLOOP_ENGINE_OPEN);
  ck_assert_int_eq(SSL_version(client->engine->ssl), versions[_i]);
  pair_ping(&plain.pair);
}
END_TEST


START_TEST(waiting_for_the_peer_is_no_failure) {
  ck_assert_int_eq(end_handshake(client), TLSLOOP_WANT_READ);
  ck_assert_int_eq(end_handshake(client), TLSLOOP_WANT_READ);
  ck_assert_ptr_null(tlsloop_engine_error(client->engine));
}
END_TEST


START_TEST(handshake_of_an_open_connection_returns_0_and_sends_nothing) {
  pair_connect(&plain.pair);
  pair_settle(&plain.pair);
  ck_assert_int_eq(end_handshake(client), 0);
  ck_assert_int_eq(end_handshake(server), 0);
  ck_assert_int_eq(pair_pump(&plain.pair), 0);
}
END_TEST


/* loop: 2 */
START_TEST(handshake_works_on_lent_bytes) {
  unsigned char wire[2][16384];
  pair_end_t* ends[2] = {client, server};
  size_t len;
  int turns;
  int i;

  plain_only_version(&plain, versions[_i]);
  for (turns = 0; turns < 6; turns++) {
    for (i = 0; i < 2; i++) {
      end_handshake(ends[i]);
      ck_assert_int_eq(tlsloop__bio_keep(ends[i]->in), 0);
      len = tlsloop_bio_read(ends[i]->out, wire[i], sizeof(wire[i]));
      tlsloop__bio_lend(ends[!i]->in, wire[i], len);
    }
  }
  pair_connect(&plain.pair);
  pair_ping(&plain.pair);
}
END_TEST


START_TEST(reading_and_writing_start_the_handshake) {
  char buf[16];
  size_t n;

  ck_assert_int_eq(end_write(client, "early", 5), TLSLOOP_WANT_READ);
  do {
    ck_assert_int_eq(pair_pump(&plain.pair), 1);
    ck_assert_int_eq(end_read(server, buf, 16, &n), TLSLOOP_WANT_READ);
    pair_pump(&plain.pair);
  } while (end_write(client, "early", 5) != 0);

  ck_assert_int_eq(state_of(client), TLSLOOP_ENGINE_OPEN);
  pair_settle(&plain.pair);
  ck_assert_int_eq(end_read(server, buf, 16, &n), 0);
  ck_assert_int_eq(state_of(server), TLSLOOP_ENGINE_OPEN);
  ck_assert_uint_eq(n, 5);
  ck_assert_mem_eq(buf, "early", 5);
}
END_TEST


START_TEST(reading_and_writing_nothing_does_nothing) {
  size_t n;

  ck_assert_int_eq(end_read(client, NULL, 0, &n), 0);
  ck_assert_uint_eq(n, 0);
  ck_assert_int_eq(end_write(client, NULL, 0), 0);
  ck_assert_int_eq(state_of(client), TLSLOOP_ENGINE_NEW);
  pair_connect(&plain.pair);
  pair_settle(&plain.pair);
  ck_assert_int_eq(end_write(server, "", 0), 0);
  ck_assert_int_eq(pair_pump(&plain.pair), 0);
}
END_TEST


START_TEST(client_that_must_verify_a_name_does_not_start_without_one) {
  const tlsloop_error_t* error;

  client->engine->must_name = 1;
  ck_assert_int_eq(end_handshake(client), TLSLOOP_ENOHOSTNAME);
  ck_assert_int_eq(end_write(client, "x", 1), TLSLOOP_ENOHOSTNAME);
  ck_assert_int_eq(state_of(client), TLSLOOP_ENGINE_NEW);
  ck_assert_uint_eq(tlsloop_bio_pending(client->out), 0);
  ck_assert_ptr_nonnull(error = tlsloop_engine_error(client->engine));
  ck_assert_int_eq(error->code, TLSLOOP_ENOHOSTNAME);
  ck_assert_str_ne(error->text, "");
}
END_TEST


START_TEST(client_that_was_named_late_can_still_start) {
  client->engine->must_name = 1;
  ck_assert_int_eq(end_handshake(client), TLSLOOP_ENOHOSTNAME);
  ck_assert_ptr_nonnull(client->engine->hostname = strdup("localhost"));
  client->handshake = TLSLOOP_WANT_READ;
  pair_connect(&plain.pair);
}
END_TEST


/* loop: 2 */
START_TEST(rest_of_a_record_is_pending) {
  char buf[100];
  size_t n;

  plain_only_version(&plain, versions[_i]);
  pair_connect(&plain.pair);
  ck_assert_int_eq(end_write(client, "0123456789", 10), 0);
  pair_settle(&plain.pair);
  ck_assert_uint_eq(tlsloop_engine_pending(server->engine), 0);
  ck_assert_int_eq(end_read(server, buf, 3, &n), 0);
  ck_assert_uint_eq(n, 3);
  ck_assert_uint_eq(tlsloop_engine_pending(server->engine), 7);
  ck_assert_int_eq(end_read(server, buf, 100, &n), 0);
  ck_assert_uint_eq(n, 7);
  ck_assert_uint_eq(tlsloop_engine_pending(server->engine), 0);
}
END_TEST


/* loop: 2 */
START_TEST(advancing_stops_at_data_and_takes_none_of_it) {
  char buf[16];
  size_t n;

  plain_only_version(&plain, versions[_i]);
  pair_connect(&plain.pair);
  ck_assert_int_eq(end_write(server, "data", 4), 0);
  pair_settle(&plain.pair);
  ck_assert_int_eq(advance(client), 0);
  ck_assert_int_eq(advance(client), 0);
  ck_assert_uint_eq(tlsloop_engine_pending(client->engine), 4);
  ck_assert_int_eq(end_read(client, buf, 16, &n), 0);
  ck_assert_uint_eq(n, 4);
  ck_assert_int_eq(advance(client), TLSLOOP_WANT_READ);
}
END_TEST


START_TEST(advancing_takes_in_tickets) {
  pair_connect(&plain.pair);
  pair_settle(&plain.pair);
  ck_assert_uint_gt(tlsloop_bio_pending(client->in), 0);
  ck_assert_int_eq(advance(client), TLSLOOP_WANT_READ);
  ck_assert_uint_eq(tlsloop_bio_pending(client->in), 0);
}
END_TEST


/* loop: 2 */
START_TEST(advancing_notices_the_end) {
  plain_only_version(&plain, versions[_i]);
  pair_connect(&plain.pair);
  ck_assert_int_eq(tlsloop__engine_send_close(server->engine), 0);
  pair_settle(&plain.pair);
  ck_assert_int_eq(advance(client), UV__EOF);
  ck_assert_int_eq(advance(client), UV__EOF);
  ck_assert_int_eq(state_of(client), TLSLOOP_ENGINE_OPEN);
}
END_TEST


START_TEST(advancing_a_failed_engine_returns_its_failure) {
  int err;

  pair_connect(&plain.pair);
  err = break_connection(client, server);
  ck_assert_int_eq(advance(server), err);
}
END_TEST


static TCase* add_case(Suite* s, const char* name) {
  TCase* tcase;

  tcase = tcase_create(name);
  tcase_add_checked_fixture(tcase, set_up, tear_down);
  tcase_add_unchecked_fixture(tcase, make_pki, free_pki);
  tcase_set_timeout(tcase, 10);
  suite_add_tcase(s, tcase);
  return tcase;
}


static void add_life(Suite* s) {
  TCase* tcase;

  tcase = add_case(s, "life");
  tcase_add_test(tcase, new_engine_is_new_and_on_its_side);
  tcase_add_test(tcase, engine_holds_its_own_references_to_its_bios);
  tcase_add_test(tcase, writes_may_move_and_are_never_partial);
  tcase_add_test(tcase, engine_is_found_from_its_ssl_during_a_call);
  tcase_add_test(tcase, port_of_nobody_is_empty_and_takes_nothing);
  tcase_add_test(tcase, no_engine_is_found_from_a_foreign_ssl);
  tcase_add_test(tcase, engine_keeps_the_applications_pointer);
  tcase_add_loop_test(
      tcase, handshake_goes_from_new_over_handshaking_to_open, 0, 2);
  tcase_add_test(tcase, waiting_for_the_peer_is_no_failure);
  tcase_add_test(tcase,
                 handshake_of_an_open_connection_returns_0_and_sends_nothing);
  tcase_add_loop_test(tcase, handshake_works_on_lent_bytes, 0, 2);
  tcase_add_test(tcase, reading_and_writing_start_the_handshake);
  tcase_add_test(tcase, reading_and_writing_nothing_does_nothing);
  tcase_add_test(tcase,
                 client_that_must_verify_a_name_does_not_start_without_one);
  tcase_add_test(tcase, client_that_was_named_late_can_still_start);
  tcase_add_loop_test(tcase, rest_of_a_record_is_pending, 0, 2);
}


static void add_advance(Suite* s) {
  TCase* tcase;

  tcase = add_case(s, "advance");
  tcase_add_loop_test(
      tcase, advancing_stops_at_data_and_takes_none_of_it, 0, 2);
  tcase_add_test(tcase, advancing_takes_in_tickets);
  tcase_add_loop_test(tcase, advancing_notices_the_end, 0, 2);
  tcase_add_test(tcase, advancing_a_failed_engine_returns_its_failure);
}


Suite* suite(void) {
  Suite* s;

  s = suite_create("engine/engine");
  add_life(s);
  add_advance(s);
  return s;
}
