/* SPDX-License-Identifier: MIT */

/* TLS in TLS whose carrier is closed by its owner, at any point: the inner
 * stream can still be asked for anything, and closes. */

#include <string.h>

#include "support/always.h"
#include "support/duo.h"

#define POINTS 30

static duo_t duo;
static int carrier_closed;


static void on_carrier_closed(tlsloop_stream_t* stream) {
  (void) stream;
  carrier_closed++;
}


/* Both sides write more than fits, read, and end. */
static void open_busy(int kind) {
  party_t* parties[2];
  int i;

  duo_open(&duo, kind | DUO_NESTED);
  carrier_closed = 0;
  duo_start(&duo);
  parties[0] = &duo.client;
  parties[1] = &duo.server;
  for (i = 0; i < 2; i++) {
    ck_assert_int_eq(party_read_start(parties[i]), 0);
    ck_assert_int_eq(party_write(parties[i], 400000), 0);
    ck_assert_int_eq(party_write(parties[i], 10), 0);
  }
}


/* Everything that can be asked of a stream whose carrier has gone. What it
 * answers depends on how far it was. */
static void use(party_t* party) {
  struct sockaddr_storage address;
  int len;

  len = sizeof(address);
  party_read_stop(party);
  party_read_start(party);
  party_write(party, 100);
  party_try_write(party, 100);
  if (!party->shutdown_begun)
    party_shutdown(party);
  ck_assert_int_eq(tlsloop_stream_getpeername(
                       party->stream, (struct sockaddr*) &address, &len),
                   UV_ENOTCONN);
}


static void run(int kind, int point, int before, int after) {
  int i;

  open_busy(kind);
  for (i = 0; i < point; i++)
    loop_turn(&duo.loop);
  tlsloop_close(duo.me->carrier, on_carrier_closed);
  if (before)
    use(duo.me);
  loop_settle(&duo.loop);
  ck_assert_int_eq(carrier_closed, 1);
  if (after) {
    use(duo.me);
    loop_settle(&duo.loop);
  }
  party_close(duo.me);
  DUO_UNTIL(&duo, duo.me->closed);
  /* What the inner stream put into the carrier's data is put back. */
  duo_close(&duo);
}


START_TEST(a_carrier_closed_by_its_owner_does_no_harm) {
  int point;

  for (point = 0; point < POINTS; point += (int) pair_stride())
    run(_i, point, point & 1, point & 2);
}
END_TEST


/* A handle at the bottom that its owner closes is the carrier's affair. */
static void on_handle_closed(uv_handle_t* handle) {
  (void) handle;
}


START_TEST(a_socket_closed_by_its_owner_does_no_harm) {
  int point;
  int i;

  for (point = 0; point < POINTS; point += (int) pair_stride()) {
    open_busy(_i);
    for (i = 0; i < point; i++)
      loop_turn(&duo.loop);
    uv_close((uv_handle_t*) duo.me->transport, on_handle_closed);
    if (point & 1)
      use(duo.me);
    loop_settle(&duo.loop);
    use(duo.me);
    loop_settle(&duo.loop);
    party_close(duo.me);
    DUO_UNTIL(&duo, duo.me->closed);
    duo_close(&duo);
  }
}
END_TEST


/* Both layers are closed, in either order, and again. */
START_TEST(closing_both_layers_closes_each_once) {
  open_busy(_i);
  loop_turn(&duo.loop);
  party_close(duo.me);
  tlsloop_close(duo.me->carrier, on_carrier_closed);
  DUO_UNTIL(&duo, duo.me->closed);
  /* The inner stream had closed it before. */
  ck_assert_int_eq(carrier_closed, 0);
  duo_close(&duo);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("nested owner");
  tcase = duo_case(suite, "owner");
  tcase_add_loop_test(
      tcase, a_carrier_closed_by_its_owner_does_no_harm, 0, DUO_SIDES);
  tcase_add_loop_test(
      tcase, a_socket_closed_by_its_owner_does_no_harm, 0, DUO_SIDES);
  tcase_add_loop_test(
      tcase, closing_both_layers_closes_each_once, 0, DUO_SIDES);
  return suite;
}
