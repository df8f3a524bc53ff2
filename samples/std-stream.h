/* SPDX-License-Identifier: MIT */

/* Std-stream: standard input or output on a loop, whatever it is. */

#ifndef SAMPLES_STD_STREAM_H
#define SAMPLES_STD_STREAM_H

#include <uv.h>

typedef struct std_stream_s std_stream_t;

/* Tells that a read has put |n| bytes into std->bytes, 0 at the end of the
 * input, or that a write is complete, |n| 0. A negative |n| is libuv's code. */
typedef void (*std_stream_cb)(std_stream_t* std, ssize_t n);

struct std_stream_s {
  char bytes[64 * 1024]; /* what was read, or is to be written */
  /* private */
  uv_loop_t* loop;
  uv_file fd;
  uv_handle_type type;
  int flags;
  union uv_any_handle handle;
  uv_fs_t fs;
  uv_write_t write;
  std_stream_cb cb;
  size_t len;
  size_t done;
};

/* Finds out what |fd|, 0 or 1, is. To be called before there is a loop, which
 * opens descriptors: were |fd| closed, one of those would get its number. */
void std_stream_find(std_stream_t* std, uv_file fd);

/* Puts |std| on |loop|. Returns 0 or libuv's code. */
int std_stream_open(std_stream_t* std, uv_loop_t* loop);

/* Reads once, then calls |cb|. Returns 0 or libuv's code. */
int std_stream_read(std_stream_t* std, std_stream_cb cb);

/* Waits no longer for input: |cb| does not run, but for a file's. */
void std_stream_stop(std_stream_t* std);

/* Writes the first |len| bytes of std->bytes, then calls |cb|. Returns 0 or
 * libuv's code. */
int std_stream_write(std_stream_t* std, size_t len, std_stream_cb cb);

/* Closes |std|; what is under way still ends in its callback. */
void std_stream_close(std_stream_t* std);

/* Leaves the descriptor as it was found, once |std| is closed. */
void std_stream_restore(const std_stream_t* std);

#endif /* SAMPLES_STD_STREAM_H */
