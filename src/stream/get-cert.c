/* SPDX-License-Identifier: MIT */

/* Get cert: connects to a server only to see its certificate. */

#include <stdlib.h>

#include "tlsloop.h"

typedef struct {
  tlsloop_stream_t stream;
  tlsloop_connect_t connect;
  tlsloop_get_cert_t* req;
} errand_t;

static void on_closed(tlsloop_stream_t* stream) {
  free(stream->data);
}

static void on_connected(tlsloop_connect_t* connect, int status) {
  tlsloop_stream_t* stream = connect->stream;
  errand_t* errand = stream->data;
  tlsloop_get_cert_t* req = errand->req;
  tlsloop_cert_t* cert = NULL;
  char* pem = NULL;

  if (status == 0)
    status = tlsloop_engine_peer_cert(tlsloop_stream_engine(stream), &cert);
  if (status == 0)
    status =
        cert == NULL ? TLSLOOP_ENOCERT : tlsloop_cert_to_pem(cert, &pem, NULL);
  req->cb(req, status, pem, tlsloop_stream_error(stream));
  tlsloop_free(pem);
  tlsloop_cert_unref(cert);
  tlsloop_close(stream, on_closed);
}

/* A context that checks what |ca_file| can vouch for, and no names. */
static int make_ctx(tlsloop_ctx_t** ctx, const char* ca_file) {
  int err = tlsloop_ctx_new(ctx, TLSLOOP_PROTOCOL_TLS_CLIENT);

  if (err != 0)
    return err;
  err = tlsloop_ctx_allow_insecure(*ctx);
  if (err == 0)
    err = tlsloop_ctx_set_check_hostname(*ctx, 0);
  if (err == 0)
    err = ca_file == NULL ? tlsloop_ctx_set_verify_mode(*ctx, TLSLOOP_CERT_NONE)
                          : tlsloop_ctx_load_verify_file(*ctx, ca_file);
  if (err != 0)
    tlsloop_ctx_unref(*ctx);
  return err;
}

static int start(errand_t* errand,
                 uv_loop_t* loop,
                 tlsloop_ctx_t* ctx,
                 const char* host,
                 int port,
                 uint64_t timeout) {
  tlsloop_stream_t* stream = &errand->stream;
  int err = tlsloop_stream_init(loop, stream, ctx, TLSLOOP_CLIENT);

  if (err != 0) {
    free(errand);
    return err;
  }
  stream->data = errand;
  tlsloop_stream_set_handshake_timeout(stream, timeout);
  err = tlsloop_connect(&errand->connect, stream, host, port, on_connected);
  if (err != 0)
    tlsloop_close(stream, on_closed);
  return err;
}

int tlsloop_get_server_certificate(tlsloop_get_cert_t* req,
                                   uv_loop_t* loop,
                                   const char* host,
                                   int port,
                                   const char* ca_file,
                                   uint64_t timeout,
                                   tlsloop_get_cert_cb cb) {
  errand_t* errand;
  tlsloop_ctx_t* ctx;
  int err;

  if (cb == NULL)
    return UV_EINVAL;
  err = make_ctx(&ctx, ca_file);
  if (err != 0)
    return err;
  errand = calloc(1, sizeof(*errand));
  if (errand == NULL) {
    tlsloop_ctx_unref(ctx);
    return UV_ENOMEM;
  }
  req->cb = cb;
  errand->req = req;
  err = start(errand, loop, ctx, host, port, timeout);
  tlsloop_ctx_unref(ctx);
  return err;
}
