/* SPDX-License-Identifier: MIT */

/* Endpoint: the addresses of a stream's two ends, those of the socket at the
 * bottom of it. */

#include "stream/stream.h"

/* The socket of |stream|: 0, or why there is none. */
static int find(const tlsloop_stream_t* stream, const uv_tcp_t** tcp) {
  const uv_stream_t* uv = tlsloop__transport_bottom(&stream->impl->transport);

  if (uv == NULL || uv_is_closing((const uv_handle_t*) uv))
    return UV_ENOTCONN;
  if (uv->type != UV_TCP)
    return UV_ENOTSUP;
  *tcp = (const uv_tcp_t*) uv;
  return 0;
}

int tlsloop_stream_getpeername(const tlsloop_stream_t* stream,
                               struct sockaddr* name,
                               int* namelen) {
  const uv_tcp_t* tcp;
  int err = find(stream, &tcp);

  return err != 0 ? err : uv_tcp_getpeername(tcp, name, namelen);
}

int tlsloop_stream_getsockname(const tlsloop_stream_t* stream,
                               struct sockaddr* name,
                               int* namelen) {
  const uv_tcp_t* tcp;
  int err = find(stream, &tcp);

  return err != 0 ? err : uv_tcp_getsockname(tcp, name, namelen);
}
