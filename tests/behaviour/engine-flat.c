/* SPDX-License-Identifier: MIT */

/* Peers that go on for long: what an engine holds does not grow with the number
 * of records, tickets, key updates and requests that it has seen. */

#include <string.h>
#include <uv/errno.h>

#include "support/always.h"
#include "support/forge.h"
#include "support/given.h"
#include "support/heap.h"
#include "support/suite.h"

/* What may be in use more after a flood than before it: less than a byte for
 * each of what came. */
#define SLACK ((size_t) 8 * 1024)

static pki_t* pki;
static tlsloop_ctx_t* client_ctx;
static tlsloop_ctx_t* server_ctx;
static pair_t pair;
static forge_t forge;
static pair_end_t* victim;


static void set_up(void) {
  pki = pki_new("flat");
  pki_leaf(pki);
  client_ctx = given_client(pki);
  server_ctx = given_server(pki, NULL);
}


static void tear_down(void) {
  tlsloop_ctx_unref(client_ctx);
  tlsloop_ctx_unref(server_ctx);
  pki_free(pki);
}


static void face(int is_server, int version) {
  pair_open(&pair, client_ctx, server_ctx, "localhost");
  victim = is_server ? &pair.server : &pair.client;
  forge_open(&forge, victim, version, is_server ? NULL : pki_leaf(pki));
}


static void leave(void) {
  forge_close(&forge);
  pair_close(&pair);
}


/* The victim reads one byte if |data|, and nothing more; what it answers goes
 * away. */
static void read_all(int data) {
  char bytes[256];
  size_t n;

  if (data)
    ALWAYS(end_read(victim, bytes, sizeof(bytes), &n) == 0 && n == 1);
  ALWAYS(end_read(victim, bytes, sizeof(bytes), &n) == TLSLOOP_WANT_READ);
  while (tlsloop_bio_read(victim->out, bytes, sizeof(bytes)) > 0)
    ;
}


/* Sends |count| records of |type|, and again as many: the second half needs no
 * more memory than the first. */
static void flood(int type, const void* bytes, size_t len, int count) {
  size_t before;
  int i;

  before = 0;
  count /= (int) pair_stride();
  for (i = 0; i < 2 * count; i++) {
    if (i == count)
      before = heap_in_use();
    forge_send(&forge, type, bytes, len);
    read_all(type == FORGE_DATA);
  }
  ck_assert_uint_lt(heap_growth(before), SLACK);
}


/* loop: version, side */
START_TEST(records_of_a_byte_leave_nothing) {
  face(_i & 2, _i & 1 ? TLS1_3_VERSION : TLS1_2_VERSION);
  flood(FORGE_DATA, "x", 1, 50000);
  leave();
}
END_TEST


START_TEST(tickets_leave_nothing) {
  /* For a day, with a nonce of a byte and a ticket of 64 (RFC 8446, 4.6.1). */
  unsigned char ticket[4 + 4 + 4 + 2 + 2 + 64 + 2] = {
      4, 0, 0, 78, 0, 1, 0x51, 0x80, 1, 2, 3, 4, 1, 7, 0, 64};

  face(0, TLS1_3_VERSION);
  flood(FORGE_HANDSHAKE, ticket, sizeof(ticket), 10000);
  leave();
}
END_TEST


START_TEST(requests_to_renegotiate_leave_nothing) {
  static const unsigned char request[4] = {0};

  face(0, TLS1_2_VERSION);
  flood(FORGE_HANDSHAKE, request, sizeof(request), 10000);
  leave();
}
END_TEST


START_TEST(wishes_to_renegotiate_leave_nothing) {
  static const unsigned char hello[4] = {1};

  face(1, TLS1_2_VERSION);
  flood(FORGE_HANDSHAKE, hello, sizeof(hello), 10000);
  leave();
}
END_TEST


/* The raw peer changes its keys each time, so it is its own hand here. */
START_TEST(key_updates_leave_nothing) {
  size_t before;
  SSL* ssl;
  int count;
  int i;

  before = 0;
  count = 3000 / (int) pair_stride();
  face(_i, TLS1_3_VERSION);
  ssl = forge.raw.ssl;
  for (i = 0; i < 2 * count; i++) {
    if (i == count)
      before = heap_in_use();
    ALWAYS(SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED) == 1);
    ALWAYS(SSL_do_handshake(ssl) == 1);
    raw_deliver(&forge.raw);
    read_all(0);
  }
  ck_assert_uint_lt(heap_growth(before), SLACK);
  leave();
}
END_TEST


Suite* suite(void) {
  Suite* s;
  TCase* tcase;

  s = suite_create("behaviour/engine-flat");
  tcase = tcase_create("flat");
  tcase_add_unchecked_fixture(tcase, set_up, tear_down);
  tcase_set_timeout(tcase, 120);
  tcase_add_loop_test(tcase, records_of_a_byte_leave_nothing, 0, 4);
  tcase_add_test(tcase, tickets_leave_nothing);
  tcase_add_test(tcase, requests_to_renegotiate_leave_nothing);
  tcase_add_test(tcase, wishes_to_renegotiate_leave_nothing);
  tcase_add_loop_test(tcase, key_updates_leave_nothing, 0, 2);
  suite_add_tcase(s, tcase);
  return s;
}
