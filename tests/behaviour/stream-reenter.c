/* SPDX-License-Identifier: MIT */

/* From every callback anything may be done to the stream. The memory of a
 * closed stream is overwritten and freed in its close callback, and that of
 * requests in theirs, so that whoever still looks at them is caught. */

#include <string.h>

#include "support/duo.h"

#define TO_ME ((size_t) 200 * 1000)

static duo_t duo;

/* What is done to |me|, from which callback, at which of its calls. */
static struct {
  void (*act)(party_t* me);
  int event;
  int countdown;
  int done;
} plan;


static void on_event(party_t* party, int event) {
  if (event != plan.event || plan.done || plan.countdown-- > 0)
    return;
  plan.done = 1;
  plan.act(party);
}


static void start_all(void) {
  duo.me->hook = on_event;
  duo_start(&duo);
  ck_assert_int_eq(party_read_start(duo.me), 0);
  ck_assert_int_eq(party_read_start(duo.peer), 0);
  ck_assert_int_eq(party_write(duo.me, 10), 0);
  ck_assert_int_eq(party_write(duo.me, 300000), 0);
  ck_assert_int_eq(party_write(duo.me, 20), 0);
  ck_assert_int_eq(party_write(duo.peer, TO_ME), 0);
}


/* Data of several reads comes and then the end; writes complete. */
static void open_script(int kind) {
  duo_open(&duo, kind);
  start_all();
  ck_assert_int_eq(party_shutdown(duo.peer), 0);
}


/* And a shutdown completes. */
static void full_script(int kind) {
  open_script(kind);
  ck_assert_int_eq(party_shutdown(duo.me), 0);
}


/* The handshake fails, and with it what was asked for. */
static void rejected_script(int kind) {
  tlsloop_ctx_t* ctx;

  /* Trusts nobody. */
  ck_assert_int_eq(tlsloop_ctx_new(&ctx, TLSLOOP_PROTOCOL_TLS_CLIENT), 0);
  if (!(kind & DUO_TLS_1_3))
    tlsloop_ctx_set_max_version(ctx, TLSLOOP_TLS_1_2);
  duo_open_with(&duo, kind, 0, ctx, NULL);
  start_all();
  ck_assert_int_eq(party_shutdown(duo.me), 0);
}


static void close_peer(party_t* party, int event) {
  if (event == PARTY_DATA && party->received >= 100000 &&
      !tlsloop_is_closing(party->stream))
    party_close(party);
}


/* The peer goes away without an end in the middle of everything. */
static void truncated_script(int kind) {
  duo_open(&duo, kind);
  duo.peer->hook = close_peer;
  start_all();
}


/* There is no room for what comes. */
static void no_room_script(int kind) {
  full_script(kind);
  duo.me->allocs_to_fail = 1;
}


typedef struct script_s {
  void (*begin)(int kind);
  const char* events; /* those that it has */
  const char* twice;  /* those that it has more than once */
} script_t;

static const script_t scripts[] = {{full_script, "HADEWSN", "ADWN"},
                                   {open_script, "HADEWN", "ADW"},
                                   {rejected_script, "HWSN", "W"},
                                   {truncated_script, "HEN", ""},
                                   {no_room_script, "HAEWSN", "WN"}};


static void run(const script_t* script,
                int kind,
                void (*act)(party_t*),
                int event,
                int countdown) {
  plan.act = act;
  plan.event = event;
  plan.countdown = countdown;
  plan.done = 0;
  script->begin(kind);
  DUO_UNTIL(&duo, plan.done);
  duo_settle(&duo);
  duo_close(&duo);
}


/* Does |act| in each callback of each script. */
static void everywhere(int kind, void (*act)(party_t*)) {
  const script_t* script;
  const char* event;
  size_t i;

  for (i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
    script = &scripts[i];
    for (event = script->events; *event != '\0'; event++)
      run(script, kind, act, *event, 0);
    for (event = script->twice; *event != '\0'; event++)
      run(script, kind, act, *event, 1);
  }
}


START_TEST(a_stream_can_be_closed_from_every_callback) {
  everywhere(_i, party_close);
}
END_TEST


static void close_both(party_t* party) {
  party_close(party);
  party_close(party);
  if (duo.peer->stream != NULL)
    party_close(duo.peer);
}


START_TEST(both_streams_can_be_closed_from_every_callback) {
  everywhere(_i, close_both);
}
END_TEST


static void close_the_other(party_t* party) {
  (void) party;
  if (duo.peer->stream != NULL)
    party_close(duo.peer);
}


START_TEST(the_other_stream_can_be_closed_from_every_callback) {
  everywhere(_i, close_the_other);
}
END_TEST


static void use_closed(party_t* party) {
  party_close(party);
  ck_assert_int_eq(tlsloop_is_closing(party->stream), 1);
  ck_assert_int_eq(party_handshake(party), UV_ECANCELED);
  ck_assert_int_eq(party_write(party, 1), UV_ECANCELED);
  ck_assert_int_eq(party_try_write(party, 1), UV_ECANCELED);
  ck_assert_int_eq(party_shutdown(party), UV_ECANCELED);
  ck_assert_int_eq(party_read_start(party), UV_ECANCELED);
  ck_assert_int_eq(party_read_stop(party), 0);
}


START_TEST(a_closing_stream_refuses_everything_in_every_callback) {
  everywhere(_i, use_closed);
}
END_TEST


static void close_in_close(party_t* party, int event) {
  if (event == PARTY_CLOSE)
    party_close(party->arg);
}


START_TEST(another_stream_can_be_closed_from_the_close_callback) {
  duo_open(&duo, _i);
  duo_connect(&duo);
  duo.me->hook = close_in_close;
  duo.me->arg = duo.peer;
  party_close(duo.me);
  DUO_UNTIL(&duo, duo.peer->closed);
  duo_close(&duo);
}
END_TEST


static void stop(party_t* party) {
  ck_assert_int_eq(party_read_stop(party), 0);
}


START_TEST(reading_can_be_stopped_from_every_callback) {
  everywhere(_i, stop);
}
END_TEST


static void start_again(party_t* party) {
  int expected;
  int err;

  expected = party->ends ? party->read_status : 0;
  if (party->handshakes && party->handshake_status != 0)
    expected = party->handshake_status;
  if (party->reading)
    ck_assert_int_eq(party_read_start(party), UV_EALREADY);
  ck_assert_int_eq(party_read_stop(party), 0);
  err = party_read_start(party);
  ck_assert_int_eq(err, expected);
}


START_TEST(reading_can_be_started_again_from_every_callback) {
  everywhere(_i, start_again);
}
END_TEST


/* Nothing is lost by it. */
START_TEST(reading_that_goes_on_gets_everything) {
  const char* event;

  for (event = "HADNWS"; *event != '\0'; event++) {
    plan.act = start_again;
    plan.event = *event;
    plan.countdown = 0;
    plan.done = 0;
    full_script(_i);
    DUO_UNTIL(&duo, plan.done && duo.me->ends && duo.me->shutdowns);
    ck_assert_uint_eq(duo.me->received, TO_ME);
    ck_assert_int_eq(duo.me->read_status, UV_EOF);
    ck_assert_int_eq(duo.me->shutdown_status, 0);
    duo_close(&duo);
  }
}
END_TEST


static void shut(party_t* party) {
  int begun;
  int err;

  begun = party->shutdown_begun;
  err = party_shutdown(party);
  if (begun)
    ck_assert_int_lt(err, 0);
  ck_assert_int_lt(party_shutdown(party), 0);
  ck_assert_int_lt(party_write(party, 1), 0);
  ck_assert_int_lt(party_try_write(party, 1), 0);
}


START_TEST(a_stream_can_be_shut_down_from_every_callback) {
  everywhere(_i, shut);
}
END_TEST


/* A write in a callback is made or refused, never lost. */
static void write_more(party_t* party) {
  int err;

  err = party_write(party, 100000);
  if (party->shutdown_begun)
    ck_assert_int_lt(err, 0);
  ck_assert_int_eq(party_try_write(party, 10) < 0, 1);
}


START_TEST(writing_from_every_callback_is_taken_or_refused) {
  everywhere(_i, write_more);
}
END_TEST


static void try_once(party_t* party) {
  party_try_write(party, 100000);
}


START_TEST(try_write_from_every_callback_keeps_the_stream_intact) {
  everywhere(_i, try_once);
}
END_TEST


Suite* suite(void) {
  const TTest* tests[] = {
      a_stream_can_be_closed_from_every_callback,
      both_streams_can_be_closed_from_every_callback,
      the_other_stream_can_be_closed_from_every_callback,
      a_closing_stream_refuses_everything_in_every_callback,
      another_stream_can_be_closed_from_the_close_callback,
      reading_can_be_stopped_from_every_callback,
      reading_can_be_started_again_from_every_callback,
      reading_that_goes_on_gets_everything,
      a_stream_can_be_shut_down_from_every_callback,
      writing_from_every_callback_is_taken_or_refused,
      try_write_from_every_callback_keeps_the_stream_intact,
  };
  Suite* suite;
  TCase* tcase;
  size_t i;

  suite = suite_create("stream reenter");
  tcase = duo_case(suite, "reenter");
  for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
    tcase_add_loop_test(tcase, tests[i], 0, DUO_SIDES);
    /* It takes long. */
    tcase_add_loop_test(tcase, tests[i], DUO_NESTED, DUO_NESTED + DUO_VERSIONS);
  }
  return suite;
}
