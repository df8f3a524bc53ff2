/* SPDX-License-Identifier: MIT */

/* Callbacks: what the application is asked, and the policy of a context put on
 * a connection. */

#ifndef TLSLOOP__CALLBACKS_H
#define TLSLOOP__CALLBACKS_H

#include "tlsloop/callback.h"
#include "tlsloop/session.h"

struct ssl_st;

/* The callbacks of a context. */
typedef struct tlsloop__callbacks_s {
  tlsloop_sni_cb sni;
  void* sni_arg;
  tlsloop_alpn_cb alpn;
  void* alpn_arg;
  tlsloop_psk_client_cb psk_client;
  void* psk_client_arg;
  tlsloop_psk_server_cb psk_server;
  void* psk_server_arg;
  tlsloop_session_cb session;
  void* session_arg;
  tlsloop_message_cb message;
  void* message_arg;
  tlsloop_keylog_cb keylog;
  void* keylog_arg;
} tlsloop__callbacks_t;

/* Makes |ssl|, under |ctx|, ask |ctx|'s PSK callbacks. */
void tlsloop__psk_apply(const tlsloop_ctx_t* ctx, struct ssl_st* ssl);

/* Installs what chooses the protocol for servers of |ctx|: its callback, its
 * list, or nothing. */
void tlsloop__alpn_install(tlsloop_ctx_t* ctx);

/* Makes |engine| show its messages: to its context's callback, and to who
 * counts records. */
void tlsloop__message_watch(tlsloop_engine_t* engine);

/* Makes |engine| show its messages to |to|'s callback, when it has shown them
 * to that of |from|, or to none. */
void tlsloop__message_apply(tlsloop_engine_t* engine,
                            const tlsloop_ctx_t* from,
                            const tlsloop_ctx_t* to);

#endif /* TLSLOOP__CALLBACKS_H */
