/* SPDX-License-Identifier: MIT */

/* The context of the bench servers that use OpenSSL themselves. */

#include "bench/openssl.h"

#include <openssl/err.h>

#include "bench/options.h"

_Noreturn void openssl_die(const char* what) {
  const char* why = ERR_reason_error_string(ERR_peek_error());

  die(what, why == NULL ? "OpenSSL has failed" : why);
}

SSL_CTX* openssl_server_ctx(const char* cert, const char* key) {
  static const unsigned char id[] = "bench";
  SSL_CTX* ctx = SSL_CTX_new(TLS_server_method());

  if (ctx == NULL || !SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) ||
      SSL_CTX_use_certificate_chain_file(ctx, cert) != 1 ||
      SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1 ||
      !SSL_CTX_set_session_id_context(ctx, id, sizeof(id) - 1))
    openssl_die("TLS");
  SSL_CTX_set_mode(
      ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return ctx;
}
