/* SPDX-License-Identifier: MIT */

/* Session bytes: a session written down and read back.
 *
 *     4  magic
 *    32  policy
 *     2  length of the host name, big-endian
 *     .  host name
 *     .  the SSL_SESSION in DER
 *    32  SHA-256 of all that is before
 *
 * OpenSSL's own form knows nothing of names and policies. The digest finds what
 * storage has damaged, which a server might take for an attack. */

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <uv/errno.h>

#include "context/ctx.h"
#include "context/session.h"
#include "engine/ossl.h"

static const unsigned char magic[4] = {'t', 'l', 's', 1};

#define HEAD_SIZE    (sizeof(magic) + TLSLOOP__POLICY_SIZE + 2)
#define DIGEST_SIZE  32
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

static int digest(const tlsloop_ctx_t* ctx,
                  const void* data,
                  size_t len,
                  unsigned char to[DIGEST_SIZE]) {
  const tlsloop__lib_t* lib = &ctx->lib;

  return EVP_Q_digest(lib->libctx, "SHA256", lib->propq, data, len, to, NULL);
}

int tlsloop_session_to_bytes(const tlsloop_session_t* session,
                             void* buf,
                             size_t len) {
  size_t name_len = session->hostname == NULL ? 0 : strlen(session->hostname);
  size_t size = HEAD_SIZE + name_len + DIGEST_SIZE;
  unsigned char* at = buf;
  int der_len;
  int ok;

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
  ok = i2d_SSL_SESSION(session->ssl, &at) > 0 &&
       digest(session->ctx, buf, size - DIGEST_SIZE, at);
  tlsloop__ossl_end();
  return ok ? (int) size : TLSLOOP_EOPENSSL;
}

/* Whether the |len| bytes of |data| are as they were written. */
static int is_intact(const tlsloop_ctx_t* ctx,
                     const unsigned char* data,
                     size_t len) {
  unsigned char sum[DIGEST_SIZE];
  size_t body;

  if (len < HEAD_SIZE + DIGEST_SIZE || len > BYTES_MAX ||
      memcmp(data, magic, sizeof(magic)) != 0)
    return 0;
  body = len - DIGEST_SIZE;
  return digest(ctx, data, body, sum) &&
         memcmp(data + body, sum, sizeof(sum)) == 0;
}

/* Copies the host name of the |len| bytes of |data|, a head and what follows,
 * to |name|. Returns where the DER begins, NULL when there is no such name. */
static const unsigned char* read_name(const unsigned char* data,
                                      size_t len,
                                      char name[HOSTNAME_MAX + 1]) {
  size_t name_len;

  name_len = (size_t) data[HEAD_SIZE - 2] << 8 | data[HEAD_SIZE - 1];
  if (name_len > HOSTNAME_MAX || name_len > len - HEAD_SIZE ||
      memchr(data + HEAD_SIZE, 0, name_len) != NULL)
    return NULL;
  memcpy(name, data + HEAD_SIZE, name_len);
  name[name_len] = '\0';
  return data + HEAD_SIZE + name_len;
}

/* Reads the DER from |at| to |end|, which was under |ctx| for |name|. */
static int read_session(tlsloop_session_t** session,
                        tlsloop_ctx_t* ctx,
                        const unsigned char* at,
                        const unsigned char* end,
                        const char* name) {
  SSL_SESSION* ssl;

  tlsloop__ossl_begin();
  ssl = d2i_SSL_SESSION(NULL, &at, (long) (end - at));
  if (ssl == NULL || at != end) {
    SSL_SESSION_free(ssl);
    return tlsloop__ctx_fail_ossl(
        ctx, TLSLOOP_ESESSION, NULL, "the written session is damaged");
  }
  tlsloop__ossl_end();
  return tlsloop__session_make(session, ssl, ctx, name);
}

int tlsloop_session_from_bytes(tlsloop_session_t** session,
                               tlsloop_ctx_t* ctx,
                               const void* data,
                               size_t len) {
  const unsigned char* bytes = data;
  const unsigned char* at = NULL;
  const unsigned char* end = NULL;
  char name[HOSTNAME_MAX + 1];
  int err;

  tlsloop__ossl_begin();
  if (is_intact(ctx, bytes, len)) {
    end = bytes + len - DIGEST_SIZE;
    at = read_name(bytes, len - DIGEST_SIZE, name);
  }
  if (at == NULL)
    return tlsloop__ctx_fail_ossl(
        ctx, TLSLOOP_ESESSION, NULL, "this is no written session");
  tlsloop__ossl_end();
  err = tlsloop__ctx_seal(ctx);
  if (err != 0)
    return err;
  if (memcmp(bytes + sizeof(magic), ctx->policy, sizeof(ctx->policy)) != 0)
    return tlsloop__ctx_fail(ctx,
                             TLSLOOP_ESESSION,
                             name[0] == '\0' ? NULL : name,
                             "the session was made under another policy");
  return read_session(session, ctx, at, end, name[0] == '\0' ? NULL : name);
}
