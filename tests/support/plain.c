/* SPDX-License-Identifier: MIT */

/* Plain: a pair of engines on plain SSL_CTXs. */

#include "support/plain.h"

#include <check.h>
#include <stdlib.h>

#include "engine/engine.h"


static void make_engine(const plain_t* plain,
                        pair_end_t* end,
                        SSL_CTX* ctx,
                        int side) {
  ck_assert_ptr_nonnull(end->engine = calloc(1, sizeof(*end->engine)));
  tlsloop__engine_init(end->engine, end->in, end->out, side);
  ck_assert_int_eq(tlsloop__engine_make_ssl(end->engine, ctx), 0);
  tlsloop__engine_plug(end->engine, plain->port);
}


static void make_pair(plain_t* plain) {
  pair_t* pair;

  pair = &plain->pair;
  pair_init(pair);
  make_engine(plain, &pair->client, plain->client_ctx, TLSLOOP_CLIENT);
  make_engine(plain, &pair->server, plain->server_ctx, TLSLOOP_SERVER);
}


static void free_pair(plain_t* plain) {
  plain_free_engine(&plain->pair.client);
  plain_free_engine(&plain->pair.server);
  pair_deinit(&plain->pair);
}


void plain_open(plain_t* plain, const pki_cert_t* cert) {
  SSL_CTX* client;
  SSL_CTX* server;

  ck_assert_ptr_nonnull(client = SSL_CTX_new(TLS_method()));
  ck_assert_ptr_nonnull(server = SSL_CTX_new(TLS_method()));
  ck_assert_int_eq(SSL_CTX_use_certificate(server, cert->x509), 1);
  ck_assert_int_eq(SSL_CTX_use_PrivateKey(server, cert->key), 1);
  ck_assert_ptr_nonnull(plain->method = tlsloop__bio_method_new());
  ck_assert_ptr_nonnull(plain->port = BIO_new(plain->method));
  plain->client_ctx = client;
  plain->server_ctx = server;
  make_pair(plain);
}


void plain_reopen(plain_t* plain) {
  free_pair(plain);
  make_pair(plain);
}


void plain_close(plain_t* plain) {
  free_pair(plain);
  BIO_free(plain->port);
  BIO_meth_free(plain->method);
  SSL_CTX_free(plain->client_ctx);
  SSL_CTX_free(plain->server_ctx);
}


void plain_free_engine(pair_end_t* end) {
  if (end->engine == NULL)
    return;

  tlsloop__engine_deinit(end->engine);
  free(end->engine);
  end->engine = NULL;
}


void plain_only_version(plain_t* plain, int version) {
  SSL* ssl;

  ssl = plain->pair.client.engine->ssl;
  ck_assert_int_eq(SSL_set_min_proto_version(ssl, version), 1);
  ck_assert_int_eq(SSL_set_max_proto_version(ssl, version), 1);
}
