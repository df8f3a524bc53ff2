/* SPDX-License-Identifier: MIT */

/* Session bytes: a session written down and read back.
 *
 *     4  magic
 *    32  policy
 *     2  length of the host name, big-endian
 *     .  host name
 *     .  the SSL_SESSION in DER, to the end
 *
 * OpenSSL's own form knows nothing of names and policies. */

#include <stdlib.h>
#include <string.h>
#include <uv/errno.h>

#include "context/ctx.h"
#include "context/session.h"
#include "engine/ossl.h"

static const unsigned char magic[4] = {'t', 'l', 's', 1};

#define HEAD_SIZE    (sizeof(magic) + TLSLOOP__POLICY_SIZE + 2)
#define HOSTNAME_MAX 255
#define BYTES_MAX    (1024 * 1024)

static size_t write_head(const tlsloop_session_t* session, unsigned char* to) {
  size_t name_len = session->hostname == NULL ? 0 : strlen(session->hostname);
  unsigned char* at = to;

  memcpy(at, magic, sizeof(magic));
  at += sizeof(magic);
  memcpy(at, session->policy, sizeof(session->policy));
  at += sizeof(session->policy);
  *at++ = (unsigned char) (name_len >> 8);
  *at++ = (unsigned char) name_len;
  if (name_len > 0)
    memcpy(at, session->hostname, name_len);
  return (size_t) (at - to) + name_len;
}

int tlsloop_session_to_bytes(const tlsloop_session_t* session,
                             void* buf,
                             size_t len) {
  size_t name_len = session->hostname == NULL ? 0 : strlen(session->hostname);
  size_t size = HEAD_SIZE + name_len;
  unsigned char* at = buf;
  int der_len;

  tlsloop__ossl_begin();
  der_len = i2d_SSL_SESSION(session->ssl, NULL);
  tlsloop__ossl_end();
  if (der_len <= 0)
    return TLSLOOP_EOPENSSL;
  size += (size_t) der_len;
  if (size > BYTES_MAX)
    return TLSLOOP_EOPENSSL;
  if (buf == NULL)
    return (int) size;
  if (len < size)
    return UV__ENOBUFS;

  at += write_head(session, at);
  tlsloop__ossl_begin();
  der_len = i2d_SSL_SESSION(session->ssl, &at);
  tlsloop__ossl_end();
  return der_len <= 0 ? TLSLOOP_EOPENSSL : (int) size;
}

/* The host name of a written session at |data|, of |len| bytes, into |name|;
 * returns where the DER begins, NULL when it is none. */
static const unsigned char* read_head(const unsigned char* data,
                                      size_t len,
                                      char name[HOSTNAME_MAX + 1]) {
  size_t name_len;

  if (len < HEAD_SIZE || len > BYTES_MAX ||
      memcmp(data, magic, sizeof(magic)) != 0)
    return NULL;
  name_len = (size_t) data[HEAD_SIZE - 2] << 8 | data[HEAD_SIZE - 1];
  if (name_len > HOSTNAME_MAX || name_len > len - HEAD_SIZE ||
      memchr(data + HEAD_SIZE, 0, name_len) != NULL)
    return NULL;
  memcpy(name, data + HEAD_SIZE, name_len);
  name[name_len] = '\0';
  return data + HEAD_SIZE + name_len;
}

int tlsloop_session_from_bytes(tlsloop_session_t** session,
                               tlsloop_ctx_t* ctx,
                               const void* data,
                               size_t len) {
  const unsigned char* end = (const unsigned char*) data + len;
  const unsigned char* policy = (const unsigned char*) data + sizeof(magic);
  char name[HOSTNAME_MAX + 1];
  const unsigned char* at = read_head(data, len, name);
  SSL_SESSION* ssl;
  int err;

  if (at == NULL)
    return tlsloop__ctx_fail(
        ctx, TLSLOOP_ESESSION, NULL, "this is no written session");
  err = tlsloop__ctx_seal(ctx);
  if (err != 0)
    return err;
  if (memcmp(policy, ctx->policy, sizeof(ctx->policy)) != 0)
    return tlsloop__ctx_fail(ctx,
                             TLSLOOP_ESESSION,
                             name[0] == '\0' ? NULL : name,
                             "the session was made under another policy");
  tlsloop__ossl_begin();
  ssl = d2i_SSL_SESSION(NULL, &at, (long) (end - at));
  if (ssl == NULL || at != end) {
    SSL_SESSION_free(ssl);
    return tlsloop__ctx_fail_ossl(
        ctx, TLSLOOP_ESESSION, NULL, "the written session is damaged");
  }
  tlsloop__ossl_end();
  return tlsloop__session_make(
      session, ssl, ctx, name[0] == '\0' ? NULL : name);
}
