/* SPDX-License-Identifier: MIT */

/* Cipher: what OpenSSL says of a cipher suite. */

#include "context/cipher.h"

#include <openssl/objects.h>
#include <string.h>
#include <uv/errno.h>

#include "engine/engine.h"

static const char* long_name(int nid) {
  return nid == NID_undef ? NULL : OBJ_nid2ln(nid);
}

void tlsloop__cipher_describe(const SSL_CIPHER* cipher,
                              tlsloop_cipher_info_t* info) {
  tlsloop_cipher_info_t full = {0};
  size_t size = info->size < sizeof(full) ? info->size : sizeof(full);
  size_t len;

  full.size = size;
  full.name = SSL_CIPHER_get_name(cipher);
  full.protocol = SSL_CIPHER_get_version(cipher);
  full.secret_bits = SSL_CIPHER_get_bits(cipher, &full.alg_bits);
  full.id = SSL_CIPHER_get_id(cipher);
  full.aead = SSL_CIPHER_is_aead(cipher);
  full.symmetric = long_name(SSL_CIPHER_get_cipher_nid(cipher));
  full.digest = long_name(SSL_CIPHER_get_digest_nid(cipher));
  full.kea = long_name(SSL_CIPHER_get_kx_nid(cipher));
  full.auth = long_name(SSL_CIPHER_get_auth_nid(cipher));
  SSL_CIPHER_description(
      cipher, full.description, (int) sizeof(full.description));
  len = strcspn(full.description, "\n");
  full.description[len] = '\0';
  memcpy(info, &full, size);
}

int tlsloop_engine_cipher(const tlsloop_engine_t* engine,
                          tlsloop_cipher_info_t* info) {
  /* Before it is complete, OpenSSL has that of the session to resume. */
  if (tlsloop_engine_cipher_name(engine) == NULL)
    return UV__ENOTCONN;
  tlsloop__cipher_describe(SSL_get_current_cipher(engine->ssl), info);
  return 0;
}

int tlsloop_engine_shared_cipher(const tlsloop_engine_t* engine,
                                 size_t index,
                                 tlsloop_cipher_info_t* info) {
  STACK_OF(SSL_CIPHER) * ours;
  STACK_OF(SSL_CIPHER) * theirs;
  const SSL_CIPHER* cipher;
  int i;

  if (engine->side != TLSLOOP_SERVER)
    return TLSLOOP_ESIDE;
  if (engine->ssl == NULL)
    return UV__ENOTCONN;
  ours = SSL_get_ciphers(engine->ssl);
  theirs = SSL_get_client_ciphers(engine->ssl);
  if (theirs == NULL)
    return UV__ENOTCONN;
  for (i = 0; i < sk_SSL_CIPHER_num(ours); i++) {
    cipher = sk_SSL_CIPHER_value(ours, i);
    if (sk_SSL_CIPHER_find(theirs, cipher) < 0)
      continue;
    if (index-- > 0)
      continue;
    tlsloop__cipher_describe(cipher, info);
    return 0;
  }
  return UV__ENOENT;
}

const char* tlsloop_engine_compression(const tlsloop_engine_t* engine) {
  const COMP_METHOD* method = NULL;

  if (engine->ssl != NULL)
    method = SSL_get_current_compression(engine->ssl);
  return method == NULL ? NULL : SSL_COMP_get_name(method);
}
