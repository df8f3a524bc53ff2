/* SPDX-License-Identifier: MIT */

/* Raw: a peer that is OpenSSL itself. */

#include "support/raw.h"

#include <check.h>
#include <openssl/err.h>
#include <string.h>


static void use_cert(SSL_CTX* ctx, const pki_cert_t* cert) {
  ck_assert_int_eq(SSL_CTX_use_certificate(ctx, cert->x509), 1);
  ck_assert_int_eq(SSL_CTX_use_PrivateKey(ctx, cert->key), 1);
  ck_assert_int_eq((int) SSL_CTX_add1_chain_cert(ctx, cert->issuer->x509), 1);
}


void raw_open(raw_t* raw,
              pair_end_t* end,
              int version,
              const pki_cert_t* cert) {
  raw->end = end;
  ck_assert_ptr_nonnull(raw->ctx = SSL_CTX_new(TLS_method()));
  ck_assert_int_eq(SSL_CTX_set_min_proto_version(raw->ctx, version), 1);
  ck_assert_int_eq(SSL_CTX_set_max_proto_version(raw->ctx, version), 1);
  if (cert != NULL)
    use_cert(raw->ctx, cert);

  ck_assert_ptr_nonnull(raw->ssl = SSL_new(raw->ctx));
  ck_assert_ptr_nonnull(raw->in = BIO_new(BIO_s_mem()));
  ck_assert_ptr_nonnull(raw->out = BIO_new(BIO_s_mem()));
  SSL_set_bio(raw->ssl, raw->in, raw->out);
  if (cert != NULL)
    SSL_set_accept_state(raw->ssl);
  else
    SSL_set_connect_state(raw->ssl);
}


void raw_close(raw_t* raw) {
  SSL_free(raw->ssl);
  SSL_CTX_free(raw->ctx);
  ERR_clear_error();
}


size_t raw_deliver(raw_t* raw) {
  char buf[16384];
  size_t total;
  int n;

  /* What went wrong at the peer is its own affair. */
  ERR_clear_error();
  total = 0;
  while ((n = BIO_read(raw->out, buf, sizeof(buf))) > 0) {
    end_inject(raw->end, buf, (size_t) n);
    total += (size_t) n;
  }
  return total;
}


size_t raw_collect(raw_t* raw) {
  char buf[16384];
  size_t total;
  size_t n;

  total = 0;
  while ((n = tlsloop_bio_read(raw->end->out, buf, sizeof(buf))) > 0) {
    ck_assert_int_eq(BIO_write(raw->in, buf, (int) n), (int) n);
    total += n;
  }
  return total;
}


void raw_handshake(raw_t* raw) {
  do {
    SSL_do_handshake(raw->ssl);
    raw_deliver(raw);
    end_handshake(raw->end);
  } while (raw_collect(raw) > 0);
  SSL_do_handshake(raw->ssl);
  raw_deliver(raw);
}


void raw_ping(raw_t* raw) {
  char buf[16];
  size_t n;

  ck_assert_int_eq(SSL_write(raw->ssl, "ping", 4), 4);
  raw_deliver(raw);
  ck_assert_int_eq(end_read(raw->end, buf, sizeof(buf), &n), 0);
  ck_assert_uint_eq(n, 4);
  ck_assert_mem_eq(buf, "ping", 4);

  ck_assert_int_eq(end_write(raw->end, "pong!", 5), 0);
  raw_collect(raw);
  ck_assert_int_eq(SSL_read(raw->ssl, buf, sizeof(buf)), 5);
  ck_assert_mem_eq(buf, "pong!", 5);
}
