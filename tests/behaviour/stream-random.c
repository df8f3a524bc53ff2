/* SPDX-License-Identifier: MIT */

/* Two streams are used at random, over a wire that holds, splits, cuts and
 * breaks at random. Whatever happens, the parties hold the streams to their
 * contract; and as long as nothing breaks, all that was written arrives.
 * TLSLOOP_TEST_SEED runs one seed alone, TLSLOOP_TEST_SEEDS more or fewer. */

#include <stdlib.h>

#include "support/always.h"
#include "support/duo.h"

#define SEEDS   40
#define ACTIONS 150

static duo_t duo;
static uint32_t state; /* of the generator */


static uint32_t random_below(uint32_t limit) {
  state = state * 1664525 + 1013904223;
  return (uint32_t) (((uint64_t) (state >> 8) * limit) >> 24);
}


/* Mostly small, sometimes large. */
static size_t random_size(void) {
  uint32_t shift;

  shift = random_below(18);
  return random_below((1u << shift) + 1);
}


static wire_way_t* random_way(void) {
  return random_below(2) ? &duo.wire.to_server : &duo.wire.to_client;
}


/* Checks that |err| is one that a stream of |party| in its state may return. */
static void check(const party_t* party, int err) {
  if (err >= 0)
    return;
  if (tlsloop_is_closing(party->stream))
    ALWAYS(err == UV_ECANCELED);
  else
    ALWAYS(err != UV_EINVAL && err != UV_ECANCELED && err != UV_ENOMEM);
}


static void use(party_t* party) {
  size_t lens[3];
  unsigned int i;

  if (party->stream == NULL)
    return;
  switch (random_below(12)) {
    case 0:
      if (!party->handshake_begun)
        check(party, party_handshake(party));
      break;
    case 1:
      check(party, party_read_stop(party));
      break;
    case 2:
    case 3:
      check(party, party_read_start(party));
      break;
    case 4:
      check(party, party_try_write(party, random_size()));
      break;
    case 5:
      for (i = 0; i < 3; i++)
        lens[i] = random_size() / 4;
      check(party, party_write_many(party, lens, 3));
      break;
    case 6:
      party->alloc_size = 1 + random_size();
      break;
    case 7:
      party->allocs_to_fail = random_below(2);
      break;
    case 8:
      if (random_below(20) == 0)
        check(party, party_shutdown(party));
      break;
    default:
      check(party, party_write(party, random_size()));
      break;
  }
}


/* The wire changes its ways, but breaks nothing. */
static void bend(void) {
  wire_way_t* way;

  way = random_way();
  switch (random_below(4)) {
    case 0:
      way->hold = way->moved + random_size();
      break;
    case 1:
      way->hold = WIRE_NEVER;
      break;
    case 2:
      way->chunk = random_below(3) ? 0 : 1 + random_below(2000);
      break;
    default:
      way->split = way->moved + random_below(1000);
      break;
  }
}


static void break_something(int kind) {
  party_t* party;
  wire_way_t* way;

  way = random_way();
  party = random_below(2) ? duo.me : duo.peer;
  switch (random_below(5)) {
    case 0:
      way->cut = way->moved + random_size();
      break;
    case 1:
      way->flip = way->moved + random_size();
      way->mask = (unsigned char) (1 << random_below(8));
      break;
    case 2:
      if (!(kind & DUO_PIPE))
        wire_reset(&duo.wire);
      break;
    case 3:
      wire_close(&duo.wire);
      break;
    default:
      if (party->stream != NULL)
        party_close(party);
      break;
  }
}


/* Uses the streams from their callbacks too. */
static void on_event(party_t* party, int event) {
  if (event != PARTY_CLOSE && random_below(8) == 0)
    use(party);
}


static void begin(int kind, uint32_t seed) {
  state = seed * 2654435761u + 12345;
  duo_open_wired(&duo, kind);
  if (random_below(2))
    duo_shrink(&duo);
  tlsloop_stream_set_shutdown_timeout(duo.client.stream, 0);
  tlsloop_stream_set_shutdown_timeout(duo.server.stream, 0);
  duo.client.hook = on_event;
  duo.server.hook = on_event;
}


static void act(void) {
  switch (random_below(4)) {
    case 0:
      loop_turn(&duo.loop);
      wire_step(&duo.wire);
      break;
    case 1:
      bend();
      break;
    default:
      use(random_below(2) ? duo.me : duo.peer);
      break;
  }
}


/* From here on nothing is random. */
static void calm_down(void) {
  duo.client.hook = NULL;
  duo.server.hook = NULL;
  duo.client.allocs_to_fail = 0;
  duo.server.allocs_to_fail = 0;
  duo.wire.to_server.hold = WIRE_NEVER;
  duo.wire.to_client.hold = WIRE_NEVER;
  duo.wire.to_server.chunk = 0;
  duo.wire.to_client.chunk = 0;
}


static void finish(party_t* party) {
  if (!party->reading && !party->ends)
    ck_assert_int_eq(party_read_start(party), 0);
  if (!party->shutdown_begun)
    ck_assert_int_eq(party_shutdown(party), 0);
}


static void run_whole(int kind, uint32_t seed) {
  int i;

  begin(kind, seed);
  for (i = 0; i < ACTIONS; i++)
    act();
  calm_down();
  finish(&duo.client);
  finish(&duo.server);
  while (!duo.client.ends || !duo.server.ends || !duo.client.shutdowns ||
         !duo.server.shutdowns) {
    duo_turn(&duo);
    /* A buffer may have failed for the last time. */
    if (!duo.client.reading && !duo.client.ends)
      party_read_start(&duo.client);
    if (!duo.server.reading && !duo.server.ends)
      party_read_start(&duo.server);
  }
  ck_assert_msg(
      duo.client.read_status == UV_EOF && duo.server.read_status == UV_EOF &&
          duo.client.received == duo.server.sent &&
          duo.server.received == duo.client.sent &&
          duo.client.failed_writes == 0 && duo.server.failed_writes == 0 &&
          duo.client.shutdown_status == 0 && duo.server.shutdown_status == 0,
      "seed %u",
      seed);
  duo_close(&duo);
}


static void run_broken(int kind, uint32_t seed) {
  uint32_t when;
  uint32_t i;

  begin(kind, seed);
  when = random_below(ACTIONS);
  for (i = 0; i < ACTIONS; i++) {
    act();
    if (i == when || (i > when && random_below(30) == 0))
      break_something(kind);
  }
  calm_down();
  duo_settle(&duo);
  duo_close(&duo);
}


/* The number in environment variable |name|, or |otherwise|. */
static uint32_t number(const char* name, uint32_t otherwise) {
  const char* value;

  value = getenv(name);
  return value == NULL ? otherwise : (uint32_t) strtoul(value, NULL, 10);
}


static void run_seeds(int kind, void (*run)(int kind, uint32_t seed)) {
  uint32_t first;
  uint32_t count;
  uint32_t seed;

  first = number("TLSLOOP_TEST_SEED", 0);
  count = getenv("TLSLOOP_TEST_SEED") == NULL ? SEEDS : 1;
  count = number("TLSLOOP_TEST_SEEDS", count);
  for (seed = first; seed - first < count; seed += pair_stride())
    run(kind, seed);
}


START_TEST(what_is_used_at_random_delivers_all_that_was_written) {
  run_seeds(_i, run_whole);
}
END_TEST


START_TEST(what_breaks_at_random_breaks_no_contract) {
  run_seeds(_i, run_broken);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("stream random");
  tcase = duo_case(suite, "random");
  tcase_add_loop_test(
      tcase, what_is_used_at_random_delivers_all_that_was_written, 0, DUO_ALL);
  tcase_add_loop_test(
      tcase, what_breaks_at_random_breaks_no_contract, 0, DUO_ALL);
  return suite;
}
