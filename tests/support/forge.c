/* SPDX-License-Identifier: MIT */

/* Forge: records with valid keys that no honest peer would send. */

#include "support/forge.h"

#include <check.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <string.h>

#include "support/always.h"

#define SECRET_SIZE 32
#define TAG_SIZE    16
#define HEADER_SIZE 5

/* What each side of the last handshake on TLS 1.3 sends data with. */
static unsigned char secrets[2][SECRET_SIZE];


/* Lines are "LABEL client_random secret", in hexadecimal. */
static void on_keylog(const SSL* ssl, const char* line) {
  static const char* const labels[2] = {"CLIENT_TRAFFIC_SECRET_0 ",
                                        "SERVER_TRAFFIC_SECRET_0 "};
  unsigned char* secret;
  long len;
  int i;

  (void) ssl;
  for (i = 0; i < 2; i++) {
    if (strncmp(line, labels[i], strlen(labels[i])) != 0)
      continue;
    secret = OPENSSL_hexstr2buf(strrchr(line, ' ') + 1, &len);
    ALWAYS(secret != NULL && len == SECRET_SIZE);
    memcpy(secrets[i], secret, SECRET_SIZE);
    OPENSSL_free(secret);
  }
}


/* HKDF-Expand-Label (RFC 8446, 7.1) for what is no longer than a hash. */
static void expand(const unsigned char secret[SECRET_SIZE],
                   const char* label,
                   unsigned char* out,
                   size_t len) {
  unsigned char info[64] = {0, (unsigned char) len};
  unsigned char hash[EVP_MAX_MD_SIZE];
  size_t n;

  n = 2;
  info[n++] = (unsigned char) (6 + strlen(label));
  memcpy(info + n, "tls13 ", 6);
  memcpy(info + n + 6, label, strlen(label));
  n += 6 + strlen(label);
  info[n++] = 0; /* the context is empty */
  info[n++] = 1; /* the first block */
  ALWAYS(HMAC(EVP_sha256(), secret, SECRET_SIZE, info, n, hash, NULL) != NULL);
  memcpy(out, hash, len);
}


/* The key block of TLS 1.2 (RFC 5246, 6.3). */
static void derive(SSL* ssl, unsigned char block[40]) {
  static char digest[] = "SHA256";
  unsigned char master[48];
  unsigned char seed[13 + 64];
  OSSL_PARAM params[4];
  EVP_KDF_CTX* ctx;
  EVP_KDF* kdf;

  SSL_SESSION_get_master_key(SSL_get_session(ssl), master, sizeof(master));
  memcpy(seed, "key expansion", 13);
  SSL_get_server_random(ssl, seed + 13, 32);
  SSL_get_client_random(ssl, seed + 13 + 32, 32);
  params[0] =
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0);
  params[1] = OSSL_PARAM_construct_octet_string(
      OSSL_KDF_PARAM_SECRET, master, sizeof(master));
  params[2] = OSSL_PARAM_construct_octet_string(
      OSSL_KDF_PARAM_SEED, seed, sizeof(seed));
  params[3] = OSSL_PARAM_construct_end();
  kdf = EVP_KDF_fetch(NULL, "TLS1-PRF", NULL);
  ck_assert_ptr_nonnull(kdf);
  ctx = EVP_KDF_CTX_new(kdf);
  ck_assert_int_eq(EVP_KDF_derive(ctx, block, 40, params), 1);
  EVP_KDF_CTX_free(ctx);
  EVP_KDF_free(kdf);
}


static void take_keys(forge_t* forge, int server) {
  unsigned char block[40];

  if (forge->tls13) {
    expand(secrets[server], "key", forge->key, sizeof(forge->key));
    expand(secrets[server], "iv", forge->iv, sizeof(forge->iv));
    forge->number = 0;
    return;
  }
  derive(forge->raw.ssl, block);
  memcpy(forge->key, block + (server ? 16 : 0), 16);
  memcpy(forge->iv, block + 32 + (server ? 4 : 0), 4);
  forge->number = 1; /* after Finished */
}


void forge_open(forge_t* forge,
                pair_end_t* end,
                int version,
                const pki_cert_t* cert) {
  raw_t* raw;

  memset(forge, 0, sizeof(*forge));
  raw = &forge->raw;
  raw_open(raw, end, version, cert);
  forge->tls13 = version == TLS1_3_VERSION;
  SSL_CTX_set_keylog_callback(raw->ctx, on_keylog);
  SSL_set_num_tickets(raw->ssl, 0);
  ck_assert_int_eq(SSL_set_ciphersuites(raw->ssl, "TLS_AES_128_GCM_SHA256"), 1);
  ck_assert_int_eq(SSL_set_cipher_list(raw->ssl, "ECDHE+AES128+AESGCM"), 1);
  raw_handshake(raw);
  ck_assert_int_eq(end->handshake, 0);
  take_keys(forge, cert != NULL);
}


void forge_close(forge_t* forge) {
  raw_close(&forge->raw);
}


/* AES-128-GCM of |len| bytes of |in| to |out|, and the tag behind it. */
static void seal(const forge_t* forge,
                 const unsigned char nonce[12],
                 const unsigned char* extra,
                 int extra_len,
                 const unsigned char* in,
                 size_t len,
                 unsigned char* out) {
  EVP_CIPHER_CTX* ctx;
  int n;

  ctx = EVP_CIPHER_CTX_new();
  ALWAYS(ctx != NULL);
  ALWAYS(EVP_EncryptInit_ex(ctx, EVP_aes_128_gcm(), NULL, forge->key, nonce) ==
         1);
  ALWAYS(EVP_EncryptUpdate(ctx, NULL, &n, extra, extra_len) == 1);
  if (len > 0)
    ALWAYS(EVP_EncryptUpdate(ctx, out, &n, in, (int) len) == 1);
  ALWAYS(EVP_EncryptFinal_ex(ctx, out + len, &n) == 1);
  ALWAYS(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, TAG_SIZE, out + len) ==
         1);
  EVP_CIPHER_CTX_free(ctx);
}


static void put_header(unsigned char* header, int type, size_t len) {
  header[0] = (unsigned char) type;
  header[1] = 3;
  header[2] = 3;
  header[3] = (unsigned char) (len >> 8);
  header[4] = (unsigned char) len;
}


static void put_number(unsigned char bytes[8], uint64_t number) {
  int i;

  for (i = 0; i < 8; i++)
    bytes[i] = (unsigned char) (number >> (56 - 8 * i));
}


/* RFC 8446, 5.2 and 5.3: the type is inside, behind the data. */
static size_t make_13(forge_t* forge,
                      int type,
                      const void* data,
                      size_t len,
                      size_t padding,
                      unsigned char* record) {
  static unsigned char inner[20000];
  unsigned char number[8];
  unsigned char nonce[12];
  int i;

  if (len > 0)
    memcpy(inner, data, len);
  inner[len] = (unsigned char) type;
  memset(inner + len + 1, 0, padding);
  len += 1 + padding;
  put_number(number, forge->number++);
  memcpy(nonce, forge->iv, 12);
  for (i = 0; i < 8; i++)
    nonce[4 + i] ^= number[i];
  put_header(record, FORGE_DATA, len + TAG_SIZE);
  seal(forge, nonce, record, HEADER_SIZE, inner, len, record + HEADER_SIZE);
  return HEADER_SIZE + len + TAG_SIZE;
}


/* RFC 5288, 3: the nonce ends with what is sent before the data. */
static size_t make_12(forge_t* forge,
                      int type,
                      const void* data,
                      size_t len,
                      unsigned char* record) {
  unsigned char extra[8 + HEADER_SIZE];
  unsigned char nonce[12];

  put_number(extra, forge->number);
  put_header(extra + 8, type, len);
  memcpy(nonce, forge->iv, 4);
  put_number(nonce + 4, forge->number++);
  put_header(record, type, 8 + len + TAG_SIZE);
  memcpy(record + HEADER_SIZE, nonce + 4, 8);
  seal(forge, nonce, extra, sizeof(extra), data, len, record + HEADER_SIZE + 8);
  return HEADER_SIZE + 8 + len + TAG_SIZE;
}


void forge_send_padded(forge_t* forge,
                       int type,
                       const void* data,
                       size_t len,
                       size_t padding) {
  static unsigned char record[20000 + FORGE_OVERHEAD];
  size_t size;

  ALWAYS(len + padding < 20000);
  if (forge->tls13)
    size = make_13(forge, type, data, len, padding, record);
  else
    size = make_12(forge, type, data, len, record);
  end_inject(forge->raw.end, record, size);
}


void forge_send(forge_t* forge, int type, const void* data, size_t len) {
  forge_send_padded(forge, type, data, len, 0);
}
