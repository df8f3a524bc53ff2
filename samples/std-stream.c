/* SPDX-License-Identifier: MIT */

/* Std-stream: terminals, pipes and sockets are streams of libuv. Everything
 * else is taken for a file, which is always ready as far as the system is
 * concerned: libuv reads and writes it on its thread pool. */

#include "std-stream.h"

#include <fcntl.h>

void std_stream_find(std_stream_t* std, uv_file fd) {
  std->fd = fd;
  std->type = uv_guess_handle(fd);
  std->flags = fcntl(fd, F_GETFL);
}

int std_stream_open(std_stream_t* std, uv_loop_t* loop) {
  std->loop = loop;
  switch (std->type) {
    case UV_FILE:
      return 0;
    case UV_TTY:
      return uv_tty_init(loop, &std->handle.tty, std->fd, 0);
    case UV_NAMED_PIPE:
      uv_pipe_init(loop, &std->handle.pipe, 0);
      return uv_pipe_open(&std->handle.pipe, std->fd);
    case UV_TCP:
      uv_tcp_init(loop, &std->handle.tcp);
      return uv_tcp_open(&std->handle.tcp, std->fd);
    default:
      return UV_EBADF;
  }
}

static void on_file_read(uv_fs_t* req) {
  std_stream_t* std = req->data;
  ssize_t n = req->result;

  uv_fs_req_cleanup(req);
  std->cb(std, n);
}

static void on_alloc(uv_handle_t* handle, size_t suggested, uv_buf_t* buf) {
  std_stream_t* std = handle->data;

  (void) suggested;
  *buf = uv_buf_init(std->bytes, sizeof(std->bytes));
}

static void on_read(uv_stream_t* stream, ssize_t nread, const uv_buf_t* buf) {
  std_stream_t* std = stream->data;

  (void) buf;
  if (nread == 0) /* nothing yet */
    return;
  uv_read_stop(stream);
  std->cb(std, nread == UV_EOF ? 0 : nread);
}

int std_stream_read(std_stream_t* std, std_stream_cb cb) {
  uv_buf_t buf = uv_buf_init(std->bytes, sizeof(std->bytes));

  std->cb = cb;
  std->fs.data = std;
  std->handle.handle.data = std;
  if (std->type != UV_FILE)
    return uv_read_start(&std->handle.stream, on_alloc, on_read);
  return uv_fs_read(std->loop, &std->fs, std->fd, &buf, 1, -1, on_file_read);
}

void std_stream_stop(std_stream_t* std) {
  if (std->type != UV_FILE)
    uv_read_stop(&std->handle.stream);
}

static int write_file(std_stream_t* std);

/* A file may take less than it was given, when the disk is full or the file
 * has reached a limit: the next write then says which. */
static void on_file_written(uv_fs_t* req) {
  std_stream_t* std = req->data;
  ssize_t n = req->result;

  uv_fs_req_cleanup(req);
  if (n >= 0) {
    std->done += (size_t) n;
    n = std->done < std->len ? write_file(std) : 0;
    if (std->done < std->len && n == 0)
      return;
  }
  std->cb(std, n);
}

static int write_file(std_stream_t* std) {
  uv_buf_t buf = uv_buf_init(std->bytes + std->done,
                             (unsigned int) (std->len - std->done));

  return uv_fs_write(
      std->loop, &std->fs, std->fd, &buf, 1, -1, on_file_written);
}

static void on_written(uv_write_t* req, int status) {
  std_stream_t* std = req->data;

  std->cb(std, status);
}

int std_stream_write(std_stream_t* std, size_t len, std_stream_cb cb) {
  uv_buf_t buf = uv_buf_init(std->bytes, (unsigned int) len);

  std->cb = cb;
  std->len = len;
  std->done = 0;
  std->fs.data = std;
  std->write.data = std;
  if (std->type == UV_FILE)
    return write_file(std);
  return uv_write(&std->write, &std->handle.stream, &buf, 1, on_written);
}

void std_stream_close(std_stream_t* std) {
  if (std->type != UV_FILE)
    uv_close(&std->handle.handle, NULL);
}

/* libuv makes what it opens non-blocking, for everybody who shares it: the
 * shell and the programs next to us want it back as it was. */
void std_stream_restore(const std_stream_t* std) {
  if (std->type != UV_FILE)
    fcntl(std->fd, F_SETFL, std->flags);
}
