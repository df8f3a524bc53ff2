/* SPDX-License-Identifier: MIT */

/* To be preloaded: a uv_try_write that never writes, so that every write goes
 * through a request and the loop. */

#include <uv.h>

int uv_try_write(uv_stream_t* stream,
                 const uv_buf_t bufs[],
                 unsigned int nbufs) {
  (void) stream, (void) bufs, (void) nbufs;
  return UV_EAGAIN;
}
