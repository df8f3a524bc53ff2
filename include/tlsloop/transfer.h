/* SPDX-License-Identifier: MIT */

/* Whole errands in one call: sending a file, fetching a server's
 * certificate. */

#ifndef TLSLOOP_TRANSFER_H
#define TLSLOOP_TRANSFER_H

#include <stddef.h>
#include <stdint.h>

#include "tlsloop/errno.h"
#include "tlsloop/export.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tlsloop_stream_s;
struct uv_loop_s;

/* A file being sent. The application allocates it and may use |data|; it is
 * the library's from tlsloop_sendfile to its callback.
 * Since: 0.1 */
typedef struct tlsloop_sendfile_s tlsloop_sendfile_t;

/* Tells that |req|'s bytes are with the system, |status| 0, or that reading or
 * writing failed: |status| is a negative code. req->sent says how many bytes
 * were sent, fewer than asked for when the file is shorter.
 * Since: 0.1 */
typedef void (*tlsloop_sendfile_cb)(tlsloop_sendfile_t* req, int status);

struct tlsloop_sendfile_s {
  void* data;                      /* the application's */
  struct tlsloop_stream_s* stream; /* read-only */
  uint64_t sent;                   /* read-only: bytes with the system */
  /* private */
  tlsloop_sendfile_cb cb;
  void* reserved[4];
};

/* A server's certificate being fetched, used like tlsloop_sendfile_t.
 * Since: 0.1 */
typedef struct tlsloop_get_cert_s tlsloop_get_cert_t;

/* Hands over the certificate that |req| was for: |status| 0 and |pem|, its
 * NUL-terminated PEM; or a negative code, NULL and the details in |error|,
 * which may be NULL. All valid until the callback returns.
 * Since: 0.1 */
typedef void (*tlsloop_get_cert_cb)(tlsloop_get_cert_t* req,
                                    int status,
                                    const char* pem,
                                    const tlsloop_error_t* error);

struct tlsloop_get_cert_s {
  void* data; /* the application's */
  /* private */
  tlsloop_get_cert_cb cb;
  void* reserved[4];
};

/* Sends |count| bytes of the open file |fd| from |offset| on to |stream|, or
 * all from there to its end when |count| is 0, and calls |cb|. The file is read
 * on the loop's thread pool, 64 KiB ahead; its own position does not change.
 * Bytes written to |stream| meanwhile go out between those of the file.
 * Returns: 0, or a negative code; |req|'s |cb| then never runs.
 * Errors: UV_EINVAL without |cb| or for a negative |offset|; UV_ENOMEM;
 * otherwise as tlsloop_write.
 * Owns: |req| is the library's until |cb|; |fd| is to stay open until then.
 * From callbacks: yes.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_sendfile(tlsloop_sendfile_t* req,
                                    struct tlsloop_stream_s* stream,
                                    int fd,
                                    int64_t offset,
                                    uint64_t count,
                                    tlsloop_sendfile_cb cb);

/* Connects on |loop| to |port| of |host|, makes a handshake with that name as
 * SNI, and hands the server's certificate to |cb| of |req|, then closes. The
 * certificate is verified against the CAs of |ca_file|, but not against the
 * name; with NULL it is not verified at all, which is for looking, never for
 * trusting. |timeout|, in milliseconds, limits all of it; 0 is without limit.
 * Returns: 0, or a negative code; |cb| then never runs.
 * Errors: as tlsloop_ctx_load_verify_file and tlsloop_connect.
 * Owns: |req| is the library's until |cb|, after which it is used no more.
 * From callbacks: yes.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_get_server_certificate(tlsloop_get_cert_t* req,
                                                  struct uv_loop_s* loop,
                                                  const char* host,
                                                  int port,
                                                  const char* ca_file,
                                                  uint64_t timeout,
                                                  tlsloop_get_cert_cb cb);

#ifdef __cplusplus
}
#endif

#endif /* TLSLOOP_TRANSFER_H */
