/* SPDX-License-Identifier: MIT */

/* Conn: an engine made under the policy of a context. */

#include "context/conn.h"

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <stdlib.h>
#include <uv/errno.h>

#include "context/ctx.h"
#include "context/hostname.h"
#include "context/pha.h"
#include "engine/engine.h"
#include "engine/ossl.h"


/* The mark of the context's policy is for what servers resume. A client goes by
 * that of the session, and OpenSSL gives a pre-shared key none. */
static void forget_mark(const tlsloop_ctx_t* ctx, SSL* ssl) {
  if (!SSL_is_server(ssl) && !ctx->foreign)
    SSL_set_session_id_context(ssl, ctx->policy, 0);
}


BIO* tlsloop__conn_port_new(const tlsloop_ctx_t* ctx) {
  BIO* port;

  tlsloop__ossl_begin();
  port = BIO_new(ctx->bio_method);
  tlsloop__ossl_end();
  return port;
}


void tlsloop__conn_port_unref(BIO* port) {
  BIO_free(port);
}


int tlsloop__conn_need_ssl(tlsloop_engine_t* engine) {
  int err;

  if (engine->ssl != NULL)
    return 0;
  err = tlsloop__engine_make_ssl(engine, engine->ctx->ssl_ctx);
  if (err != 0)
    return err;
  forget_mark(engine->ctx, engine->ssl);
  tlsloop__pha_apply(engine->ctx, engine->ssl);
  return 0;
}


int tlsloop__conn_begin(tlsloop_engine_t* engine, BIO* port) {
  int err;

  err = tlsloop__conn_need_ssl(engine);
  if (err != 0)
    tlsloop__engine_give_up(engine, err);
  else
    tlsloop__engine_plug(engine, port);
  return err;
}


int tlsloop__conn_new(tlsloop_engine_t** engine,
                      tlsloop_ctx_t* ctx,
                      tlsloop_bio_t* cipher_in,
                      tlsloop_bio_t* cipher_out,
                      int side) {
  tlsloop_engine_t* made;
  int err;

  err = tlsloop__ctx_check_side(ctx, side);
  if (err == 0)
    err = tlsloop__ctx_seal(ctx);
  if (err != 0)
    return err;

  made = calloc(1, sizeof(*made));
  if (made == NULL)
    return tlsloop__ctx_fail(ctx, UV__ENOMEM, NULL, NULL);
  tlsloop__engine_init(made, cipher_in, cipher_out, side);
  made->ctx = tlsloop_ctx_ref(ctx);
  made->first_ctx = tlsloop_ctx_ref(ctx);
  made->must_name = side == TLSLOOP_CLIENT && ctx->check_hostname;
  /* What a client is to do is told its SSL; a server's can wait for a peer that
   * speaks. */
  if (side == TLSLOOP_CLIENT)
    err = tlsloop__conn_need_ssl(made);
  if (err != 0) {
    tlsloop_engine_free(made);
    return tlsloop__ctx_fail(ctx, err, NULL, NULL);
  }
  *engine = made;
  return 0;
}


/* An engine of the application's own, which may be on any thread, has its own
 * port, which always leads to it. */
int tlsloop_engine_new(tlsloop_engine_t** engine,
                       tlsloop_ctx_t* ctx,
                       tlsloop_bio_t* cipher_in,
                       tlsloop_bio_t* cipher_out,
                       int side) {
  tlsloop_engine_t* made;
  BIO* port;
  int err;

  err = tlsloop__conn_new(&made, ctx, cipher_in, cipher_out, side);
  if (err != 0)
    return err;
  err = tlsloop__conn_need_ssl(made);
  port = err == 0 ? tlsloop__conn_port_new(ctx) : NULL;
  if (port == NULL) {
    tlsloop_engine_free(made);
    return tlsloop__ctx_fail(ctx, err != 0 ? err : UV__ENOMEM, NULL, NULL);
  }
  BIO_set_data(port, &made->bios);
  tlsloop__engine_plug(made, port);
  tlsloop__conn_port_unref(port);
  *engine = made;
  return 0;
}


void tlsloop_engine_free(tlsloop_engine_t* engine) {
  if (engine == NULL)
    return;
  tlsloop__engine_deinit(engine);
  tlsloop_ctx_unref(engine->ctx);
  tlsloop_ctx_unref(engine->first_ctx);
  free(engine);
}


tlsloop_ctx_t* tlsloop_engine_ctx(const tlsloop_engine_t* engine) {
  return engine->ctx;
}


/* Makes OpenSSL send |name|, unless it is an address, and check it, if the
 * context wants that. NULL undoes it. A name and an address would both have to
 * match, so one goes when the other comes. */
static int set_name(tlsloop_engine_t* engine, char* name) {
  X509_VERIFY_PARAM* param;
  char* dns;
  int is_ip;

  is_ip = name != NULL && tlsloop__hostname_is_ip(name);
  dns = is_ip ? NULL : name;
  if (!SSL_set_tlsext_host_name(engine->ssl, dns))
    return 0;
  if (!engine->must_name)
    return 1;

  param = SSL_get0_param(engine->ssl);
  if (!X509_VERIFY_PARAM_set1_host(param, dns, 0) ||
      !X509_VERIFY_PARAM_set1_ip(param, NULL, 0))
    return 0;
  return !is_ip || X509_VERIFY_PARAM_set1_ip_asc(param, name);
}


int tlsloop__conn_check_name(tlsloop_engine_t* engine, int on) {
  X509_VERIFY_PARAM* param;

  engine->must_name = on & 1u;
  if (on)
    return engine->hostname == NULL || set_name(engine, engine->hostname);
  param = SSL_get0_param(engine->ssl);
  return X509_VERIFY_PARAM_set1_host(param, NULL, 0) &&
         X509_VERIFY_PARAM_set1_ip(param, NULL, 0);
}


/* Goes back to the name from before. If not even that works there is none, and
 * a client that must have one refuses its handshake: nothing is left
 * unchecked. */
static void restore_name(tlsloop_engine_t* engine) {
  if (set_name(engine, engine->hostname))
    return;
  free(engine->hostname);
  engine->hostname = NULL;
}


/* Takes |name| over. */
static int apply_name(tlsloop_engine_t* engine, char* name) {
  int err;

  tlsloop__ossl_begin();
  if (set_name(engine, name)) {
    free(engine->hostname);
    engine->hostname = name;
    return 0;
  }

  /* The name is good, so only memory can have failed, which OpenSSL calls an
   * internal error here. */
  err = tlsloop__ossl_fail(&engine->error, UV__ENOMEM, name);
  free(name);
  restore_name(engine);
  tlsloop__ossl_end();
  return err;
}


int tlsloop_engine_set_hostname(tlsloop_engine_t* engine, const char* name) {
  const char* why;
  char* ascii;
  int is_ip;
  int err;

  if (engine->side == TLSLOOP_SERVER)
    return tlsloop__error_fail(
        &engine->error, TLSLOOP_ESIDE, NULL, "a server does not name its peer");
  if (engine->state != TLSLOOP_ENGINE_NEW)
    return tlsloop__error_fail(
        &engine->error, UV__EBUSY, NULL, "the handshake has begun");

  why = NULL;
  err = tlsloop__hostname_parse(name, &ascii, &is_ip, &why);
  if (err != 0)
    return tlsloop__error_fail(&engine->error, err, name, why);
  return apply_name(engine, ascii);
}


const char* tlsloop_engine_hostname(const tlsloop_engine_t* engine) {
  if (engine->side == TLSLOOP_CLIENT || engine->sni != TLSLOOP__SNI_NOT_ASKED)
    return engine->hostname;
  return engine->ssl == NULL
             ? NULL
             : SSL_get_servername(engine->ssl, TLSEXT_NAMETYPE_host_name);
}
