/* SPDX-License-Identifier: MIT */

/* From the callbacks of the engine too, which run inside OpenSSL's calls,
 * anything may be done to a stream; and each of them may refuse. */

#include <stdlib.h>
#include <string.h>

#include "support/duo.h"

#define TEXT 70000

/* The callbacks; each belongs to one side. */
enum {
  SNI,
  ALPN,
  PSK_OF_CLIENT,
  PSK_OF_SERVER,
  SESSION,
  KEYLOG_OF_CLIENT,
  KEYLOG_OF_SERVER,
  MESSAGE_OF_CLIENT,
  MESSAGE_OF_SERVER,
  PLACES
};

static duo_t duo;
static tlsloop_ctx_t* ctxs[2];

/* What is done in which callback, and what that answers. */
static struct {
  int place;
  int countdown; /* of the calls of it */
  void (*act)(party_t* own, party_t* other);
  int refuse;
  int calls;
} plan;


static int here(int place) {
  int is_server;

  if (place != plan.place)
    return 0;
  plan.calls++;
  if (plan.countdown-- != 0)
    return 0;
  is_server = place == SNI || place == ALPN || place == PSK_OF_SERVER ||
              place == KEYLOG_OF_SERVER || place == MESSAGE_OF_SERVER;
  if (plan.act != NULL)
    plan.act(is_server ? &duo.server : &duo.client,
             is_server ? &duo.client : &duo.server);
  return plan.refuse;
}


static int on_sni(tlsloop_engine_t* engine,
                  const char* name,
                  tlsloop_ctx_t* ctx,
                  void* arg) {
  (void) engine;
  (void) name;
  (void) ctx;
  (void) arg;
  return here(SNI) ? TLSLOOP_ALERT_UNRECOGNIZED_NAME : 0;
}


static int on_alpn(tlsloop_engine_t* engine,
                   const unsigned char* offered,
                   size_t len,
                   void* arg) {
  (void) engine;
  (void) offered;
  (void) len;
  (void) arg;
  return here(ALPN) ? TLSLOOP_ALPN_REFUSE : 0;
}


static int on_client_psk(tlsloop_engine_t* engine,
                         const char* hint,
                         char* identity,
                         size_t* identity_len,
                         unsigned char* key,
                         size_t* key_len,
                         void* arg) {
  (void) engine;
  (void) hint;
  (void) arg;
  memset(key, 7, 32);
  *key_len = 32;
  memcpy(identity, "me", 2);
  *identity_len = 2;
  return here(PSK_OF_CLIENT) ? -1 : 0;
}


static int on_server_psk(tlsloop_engine_t* engine,
                         const char* identity,
                         size_t identity_len,
                         unsigned char* key,
                         size_t* key_len,
                         void* arg) {
  (void) engine;
  (void) identity;
  (void) identity_len;
  (void) arg;
  memset(key, 7, 32);
  *key_len = 32;
  return here(PSK_OF_SERVER) ? -1 : 0;
}


static void on_session(tlsloop_engine_t* engine,
                       tlsloop_session_t* session,
                       void* arg) {
  (void) engine;
  (void) session;
  (void) arg;
  here(SESSION);
}


static void on_keylog(tlsloop_engine_t* engine, const char* line, void* arg) {
  (void) line;
  (void) arg;
  here(tlsloop_engine_side(engine) == TLSLOOP_CLIENT ? KEYLOG_OF_CLIENT
                                                     : KEYLOG_OF_SERVER);
}


static void on_message(tlsloop_engine_t* engine,
                       const tlsloop_message_t* message,
                       void* arg) {
  (void) message;
  (void) arg;
  here(tlsloop_engine_side(engine) == TLSLOOP_CLIENT ? MESSAGE_OF_CLIENT
                                                     : MESSAGE_OF_SERVER);
}


/* TLS 1.2 asks for keys only where a cipher suite needs them. */
static void use_keys(int kind) {
  static const char ciphers[] = "ECDHE-PSK-CHACHA20-POLY1305";
  int i;

  if (plan.place != PSK_OF_CLIENT && plan.place != PSK_OF_SERVER)
    return;
  tlsloop_ctx_set_psk_client_cb(ctxs[0], on_client_psk, NULL);
  tlsloop_ctx_set_psk_server_cb(ctxs[1], on_server_psk, NULL, NULL);
  for (i = 0; i < 2; i++) {
    if (!(kind & DUO_TLS_1_3))
      ck_assert_int_eq(tlsloop_ctx_set_ciphers(ctxs[i], ciphers), 0);
    else
      ck_assert_int_eq(
          tlsloop_ctx_set_ciphersuites(ctxs[i], "TLS_AES_128_GCM_SHA256"), 0);
  }
}


static void make_ctxs(int kind) {
  static const char* const protos[] = {"one", "two"};
  int i;

  for (i = 0; i < 2; i++) {
    ctxs[i] = duo_ctx(kind, i);
    ck_assert_int_eq(tlsloop_ctx_set_alpn(ctxs[i], protos, 2), 0);
    ck_assert_int_eq(tlsloop_ctx_set_keylog_cb(ctxs[i], on_keylog, NULL), 0);
    ck_assert_int_eq(tlsloop_ctx_set_message_cb(ctxs[i], on_message, NULL), 0);
  }
  ck_assert_int_eq(tlsloop_ctx_set_sni_cb(ctxs[1], on_sni, NULL), 0);
  ck_assert_int_eq(tlsloop_ctx_set_alpn_cb(ctxs[1], on_alpn, NULL), 0);
  ck_assert_int_eq(tlsloop_ctx_set_session_cb(ctxs[0], on_session, NULL), 0);
  use_keys(kind);
}


/* Each side writes, reads, and ends its direction; the parties see to it that
 * each callback comes once, whatever |act| does in between. */
static void run(int kind,
                int place,
                int countdown,
                void (*act)(party_t*, party_t*),
                int refuse) {
  party_t* parties[2] = {&duo.client, &duo.server};
  int i;

  plan.place = place;
  plan.countdown = countdown;
  plan.act = act;
  plan.refuse = refuse;
  plan.calls = 0;
  make_ctxs(kind);
  duo_open_with(&duo, kind, 0, ctxs[0], ctxs[1]);
  duo_start(&duo);
  for (i = 0; i < 2; i++) {
    ck_assert_int_eq(party_read_start(parties[i]), 0);
    ck_assert_int_eq(party_write(parties[i], TEXT), 0);
    ck_assert_int_eq(party_shutdown(parties[i]), 0);
  }
  duo_settle(&duo);
}


static void everywhere(int kind, void (*act)(party_t*, party_t*)) {
  int countdown;
  int place;

  for (place = 0; place < PLACES; place++) {
    for (countdown = 0; countdown < 3; countdown++) {
      run(kind, place, countdown, act, countdown == 1);
      if (plan.calls <= countdown)
        countdown = 3;
      duo_close(&duo);
    }
  }
}


START_TEST(each_of_them_runs) {
  int place;

  for (place = 0; place < PLACES; place++) {
    run(_i, place, 0, NULL, 0);
    ck_assert_msg(plan.calls > 0, "number %d does not run", place);
    ck_assert_uint_eq(duo.client.received, TEXT);
    ck_assert_uint_eq(duo.server.received, TEXT);
    duo_close(&duo);
  }
}
END_TEST


/* Both sides hear of it, once, and the descriptors are closed. */
START_TEST(a_refusal_fails_the_handshake_of_both) {
  static const struct {
    int place;
    int alert;
  } cases[] = {{SNI, TLSLOOP_ALERT_UNRECOGNIZED_NAME},
               {ALPN, TLSLOOP_ALERT_NO_APPLICATION_PROTOCOL}};
  size_t i;

  for (i = 0; i < 2; i++) {
    run(_i, cases[i].place, 0, NULL, 1);
    ck_assert_int_eq(duo.server.handshake_status,
                     TLSLOOP_EALERT_SENT - cases[i].alert);
    ck_assert_int_eq(duo.client.handshake_status,
                     TLSLOOP_EALERT_RECEIVED - cases[i].alert);
    ck_assert_uint_eq(duo.client.failed_writes, 1);
    ck_assert_uint_eq(duo.server.failed_writes, 1);
    ck_assert_int_eq(duo.client.shutdowns, 1);
    duo_close(&duo);
  }
}
END_TEST


static void close_own(party_t* own, party_t* other) {
  (void) other;
  party_close(own);
}


static void close_other(party_t* own, party_t* other) {
  (void) own;
  if (other->stream != NULL && !tlsloop_is_closing(other->stream))
    party_close(other);
}


static void reset_both(party_t* own, party_t* other) {
  party_close_reset(own);
  close_other(own, other);
}


START_TEST(a_stream_can_be_closed_in_each_of_them) {
  everywhere(_i, close_own);
  everywhere(_i, close_other);
  everywhere(_i, reset_both);
}
END_TEST


static void use(party_t* own, party_t* other) {
  (void) other;
  party_read_stop(own);
  party_read_start(own);
  ck_assert_int_lt(party_write(own, 10), 0);
  ck_assert_int_lt(party_try_write(own, 10), 0);
  ck_assert_int_lt(party_shutdown(own), 0);
  ck_assert_int_lt(party_handshake(own), 0);
}


static void use_closed(party_t* own, party_t* other) {
  party_close(own);
  use(own, other);
}


START_TEST(a_stream_can_be_used_in_each_of_them) {
  everywhere(_i, use);
  everywhere(_i, use_closed);
}
END_TEST


static void free_stream(tlsloop_stream_t* stream) {
  free(stream);
}


/* A third stream, of the same contexts, comes and goes. */
static void make_another(party_t* own, party_t* other) {
  tlsloop_stream_t* stream;

  (void) other;
  stream = malloc(sizeof(*stream));
  ck_assert_ptr_nonnull(stream);
  ck_assert_int_eq(
      tlsloop_stream_init(&duo.loop.uv, stream, own->stream->ctx, own->side),
      0);
  tlsloop_close(stream, free_stream);
}


/* The context's last reference but those of the streams was given back. */
START_TEST(another_stream_can_be_made_in_each_of_them) {
  everywhere(_i, make_another);
}
END_TEST


Suite* suite(void) {
  const TTest* tests[] = {
      each_of_them_runs,
      a_refusal_fails_the_handshake_of_both,
      a_stream_can_be_closed_in_each_of_them,
      a_stream_can_be_used_in_each_of_them,
      another_stream_can_be_made_in_each_of_them,
  };
  Suite* suite;
  TCase* tcase;
  size_t i;

  suite = suite_create("stream reenter engine");
  tcase = duo_case(suite, "reenter");
  for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
    tcase_add_loop_test(tcase, tests[i], 0, DUO_KINDS);
    tcase_add_loop_test(tcase, tests[i], DUO_NESTED, DUO_NESTED + DUO_VERSIONS);
  }
  return suite;
}
