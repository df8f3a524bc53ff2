/* SPDX-License-Identifier: MIT */

/* Given: contexts for tests, and what must hold when a call on one fails. */

#include "support/given.h"

#include <check.h>
#include <openssl/err.h>
#include <string.h>


tlsloop_ctx_t* given_ctx(int protocol) {
  tlsloop_ctx_t* ctx;

  ck_done(tlsloop_ctx_new(&ctx, protocol));
  return ctx;
}


tlsloop_ctx_t* given_server(pki_t* pki, const pki_cert_t* cert) {
  tlsloop_ctx_t* ctx;

  if (cert == NULL)
    cert = pki_leaf(pki);
  ctx = given_ctx(TLSLOOP_PROTOCOL_TLS_SERVER);
  ck_done(tlsloop_ctx_load_cert_chain_mem(
      ctx, cert->both.data, cert->both.len, NULL, 0));
  return ctx;
}


tlsloop_ctx_t* given_client(pki_t* pki) {
  tlsloop_ctx_t* ctx;

  ctx = given_ctx(TLSLOOP_PROTOCOL_TLS_CLIENT);
  ck_done(tlsloop_ctx_load_verify_mem(
      ctx, pki->root->pem.data, pki->root->pem.len, TLSLOOP_ENCODING_PEM));
  return ctx;
}


static void ck_error(const tlsloop_error_t* error,
                     int got,
                     int code,
                     const char* subject,
                     const char* text) {
  ck_assert_msg(got == code,
                "%s instead of %s: %s",
                tlsloop_err_name(got),
                tlsloop_err_name(code),
                error == NULL ? "no details" : error->text);
  ck_assert_ptr_nonnull(error);
  ck_assert_int_eq(error->code, code);
  ck_assert_str_eq(error->subject, subject == NULL ? "" : subject);
  ck_assert_msg(strstr(error->text, text) != NULL,
                "\"%s\" is not in \"%s\"",
                text,
                error->text);
  ck_assert_uint_eq(ERR_peek_error(), 0);
}


void ck_ctx_failed(const tlsloop_ctx_t* ctx,
                   int got,
                   int code,
                   const char* subject,
                   const char* text) {
  ck_error(tlsloop_ctx_error(ctx), got, code, subject, text);
}


void ck_engine_failed(const tlsloop_engine_t* engine,
                      int got,
                      int code,
                      const char* subject,
                      const char* text) {
  ck_error(tlsloop_engine_error(engine), got, code, subject, text);
}


void ck_done(int got) {
  ck_assert_msg(got == 0, "%s", tlsloop_err_name(got));
  ck_assert_uint_eq(ERR_peek_error(), 0);
}


int try_connection(tlsloop_ctx_t* client,
                   tlsloop_ctx_t* server,
                   const char* hostname) {
  pair_t pair;
  int result;

  pair_open(&pair, client, server, hostname);
  pair_handshake(&pair);
  result = pair.client.handshake;
  if (result == 0)
    pair_ping(&pair);
  pair_close(&pair);
  return result;
}
