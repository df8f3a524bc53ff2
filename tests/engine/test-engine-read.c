/* SPDX-License-Identifier: MIT */

/* Reading on: as much as there is and as there is room for, and why it went no
 * further. */

#include "support/suite.h"

#include "engine/engine.h"
#include "support/plain.h"

#include <openssl/err.h>
#include <string.h>
#include <uv/errno.h>

static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

static plain_t plain;
static pair_end_t* client;
static pair_end_t* server;
static pki_t* pki;
static char buf[64 * 1024];
static size_t n;


static void set_up(void) {
  pki = pki_new("read");
  plain_open(&plain, pki_leaf(pki));
  client = &plain.pair.client;
  server = &plain.pair.server;
}


static void tear_down(void) {
  plain_close(&plain);
  pki_free(pki);
  ck_assert_uint_eq(ERR_peek_error(), 0);
}


/* A connection whose tickets are read already. */
static void connect_both(int version) {
  plain_only_version(&plain, versions[version]);
  pair_connect(&plain.pair);
  pair_ping(&plain.pair);
}


static int read_on(size_t len) {
  int err;

  err = tlsloop__engine_read_on(client->engine, buf, len, &n);
  ck_assert_uint_eq(ERR_peek_error(), 0);
  return err;
}


static void server_writes(const char* text) {
  ck_assert_int_eq(end_write(server, text, strlen(text)), 0);
}


START_TEST(records_are_read_as_one) {
  connect_both(_i);
  server_writes("one ");
  server_writes("two ");
  server_writes("three");
  pair_settle(&plain.pair);
  ck_assert_int_eq(read_on(sizeof(buf)), 0);
  ck_assert_uint_eq(n, 13);
  ck_assert_mem_eq(buf, "one two three", 13);
  ck_assert_int_eq(read_on(sizeof(buf)), TLSLOOP_WANT_READ);
  ck_assert_uint_eq(n, 0);
}
END_TEST


START_TEST(read_ahead_of_the_ssl_ctx_hides_no_record) {
  SSL_CTX_set_read_ahead(plain.client_ctx, 1);
  plain_reopen(&plain);
  connect_both(_i);
  server_writes("one ");
  server_writes("two");
  ck_assert_int_eq(end_shutdown(server), TLSLOOP_WANT_READ);
  pair_settle(&plain.pair);
  end_inject(client, "what is not TLS any more", 24);

  ck_assert_int_eq(read_on(sizeof(buf)), UV__EOF);
  ck_assert_uint_eq(n, 7);
  ck_assert_uint_eq(tlsloop_bio_pending(client->in), 24);
}
END_TEST


START_TEST(what_has_no_room_is_left) {
  connect_both(_i);
  server_writes("one ");
  server_writes("two");
  pair_settle(&plain.pair);
  ck_assert_int_eq(read_on(5), 0);
  ck_assert_uint_eq(n, 5);
  ck_assert_mem_eq(buf, "one t", 5);
  ck_assert_uint_eq(tlsloop_engine_pending(client->engine), 2);
  ck_assert_int_eq(read_on(5), 0);
  ck_assert_uint_eq(n, 2);
}
END_TEST


START_TEST(a_part_of_a_record_is_waited_for) {
  char record[256];
  size_t len;

  connect_both(_i);
  server_writes("whole");
  pair_settle(&plain.pair);
  server_writes("part");
  len = tlsloop_bio_read(server->out, record, sizeof(record));
  end_inject(client, record, len - 1);
  ck_assert_int_eq(read_on(sizeof(buf)), TLSLOOP_WANT_READ);
  ck_assert_uint_eq(n, 5);
  end_inject(client, record + len - 1, 1);
  ck_assert_int_eq(read_on(sizeof(buf)), 0);
  ck_assert_uint_eq(n, 4);
}
END_TEST


START_TEST(data_comes_with_the_end_that_follows_it) {
  connect_both(_i);
  server_writes("last");
  ck_assert_int_eq(end_shutdown(server), TLSLOOP_WANT_READ);
  pair_settle(&plain.pair);
  ck_assert_int_eq(read_on(sizeof(buf)), UV__EOF);
  ck_assert_uint_eq(n, 4);
  ck_assert_int_eq(read_on(sizeof(buf)), UV__EOF);
  ck_assert_uint_eq(n, 0);
  ck_assert_ptr_null(tlsloop_engine_error(client->engine));
}
END_TEST


START_TEST(data_comes_with_the_cut_that_follows_it) {
  connect_both(_i);
  server_writes("last");
  pair_settle(&plain.pair);
  tlsloop_bio_write_eof(client->in);
  ck_assert_int_eq(read_on(sizeof(buf)), TLSLOOP_ETRUNCATED);
  ck_assert_uint_eq(n, 4);
}
END_TEST


START_TEST(data_comes_with_the_failure_that_follows_it) {
  char record[256];
  size_t len;
  int err;

  connect_both(_i);
  server_writes("good");
  pair_settle(&plain.pair);
  server_writes("bad");
  len = tlsloop_bio_read(server->out, record, sizeof(record));
  record[len - 1] ^= 1;
  end_inject(client, record, len);
  err = read_on(sizeof(buf));
  ck_assert_int_eq(tlsloop_err_type(err), TLSLOOP_ERR_ALERT);
  ck_assert_uint_eq(n, 4);
  ck_assert_mem_eq(buf, "good", 4);
  ck_assert_int_eq(read_on(sizeof(buf)), err);
  ck_assert_uint_eq(n, 0);
}
END_TEST


Suite* suite(void) {
  const TTest* tests[] = {records_are_read_as_one,
                          read_ahead_of_the_ssl_ctx_hides_no_record,
                          what_has_no_room_is_left,
                          a_part_of_a_record_is_waited_for,
                          data_comes_with_the_end_that_follows_it,
                          data_comes_with_the_cut_that_follows_it,
                          data_comes_with_the_failure_that_follows_it};
  Suite* suite;
  TCase* tcase;
  size_t i;

  suite = suite_create("engine/engine reads");
  tcase = tcase_create("reading on");
  tcase_add_checked_fixture(tcase, set_up, tear_down);
  for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    tcase_add_loop_test(tcase, tests[i], 0, 2);
  suite_add_tcase(suite, tcase);
  return suite;
}
