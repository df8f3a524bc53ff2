/* SPDX-License-Identifier: MIT */

/* Sendfile: a file through TLS. One half of a buffer is read on the thread
 * pool while the other is written, so neither waits for the other. */

#include <stdlib.h>

#include "stream/pump.h"

#define CHUNK_SIZE ((size_t) (64 * 1024))

/* One half of the buffer: it is read into, then written, then read again. */
typedef struct {
  tlsloop_write_t write;
  tlsloop__errand_t* errand;
  size_t len;
  char data[CHUNK_SIZE];
} chunk_t;

struct tlsloop__errand_s {
  tlsloop__errand_t* next_errand; /* of the same stream */
  tlsloop_sendfile_t* req;        /* NULL: the stream has closed */
  tlsloop__stream_t* stream;
  uv_fs_t fs;
  uv_file file;
  int64_t offset;
  uint64_t left; /* to be read */
  int status;    /* the first failure */
  int reading;
  int writing; /* chunks that are being written */
  int next;    /* the chunk to be read into */
  chunk_t chunks[2];
};

static void on_read(uv_fs_t* fs);
static void on_written(tlsloop_write_t* write, int status);

static void unlink_errand(tlsloop__errand_t* errand) {
  tlsloop__errand_t** at = &errand->stream->errands;

  while (*at != errand)
    at = &(*at)->next_errand;
  *at = errand->next_errand;
}

static void finish(tlsloop__errand_t* errand) {
  tlsloop_sendfile_t* req = errand->req;
  int status = errand->status;

  if (req == NULL) {
    tlsloop__close_errand_done(errand->stream);
    free(errand);
    return;
  }
  unlink_errand(errand);
  free(errand);
  req->cb(req, status);
}

/* A read that the thread pool is at cannot be stopped; the stream waits for it
 * before it is closed. */
unsigned int tlsloop__sendfile_cancel(tlsloop__stream_t* s) {
  unsigned int reading = 0;

  while (s->errands != NULL) {
    tlsloop__errand_t* errand = s->errands;
    tlsloop_sendfile_t* req = errand->req;

    s->errands = errand->next_errand;
    errand->req = NULL;
    reading++;
    req->cb(req, UV_ECANCELED);
  }
  return reading;
}

/* Notes that no more is to be read. */
static void stop(tlsloop__errand_t* errand, int status) {
  errand->left = 0;
  if (errand->status == 0)
    errand->status = status;
}

/* Reads the next chunk when one is free; returns 0 or an error. */
static int read_on(tlsloop__errand_t* errand) {
  chunk_t* chunk = &errand->chunks[errand->next];
  uv_buf_t buf = uv_buf_init(chunk->data, CHUNK_SIZE);
  int err;

  if (errand->left == 0 || errand->reading || errand->writing == 2)
    return 0;
  if (errand->left < CHUNK_SIZE)
    buf.len = (size_t) errand->left;
  err = uv_fs_read(errand->stream->loop->uv,
                   &errand->fs,
                   errand->file,
                   &buf,
                   1,
                   errand->offset,
                   on_read);
  errand->reading = err == 0;
  return err;
}

/* Goes on after a chunk was read or written. */
static void go_on(tlsloop__errand_t* errand) {
  int err = read_on(errand);

  if (err != 0)
    stop(errand, err);
  if (!errand->reading && errand->writing == 0)
    finish(errand);
}

static int write_chunk(tlsloop__errand_t* errand, size_t len) {
  chunk_t* chunk = &errand->chunks[errand->next];
  uv_buf_t buf = uv_buf_init(chunk->data, (unsigned int) len);
  int err;

  chunk->errand = errand;
  chunk->len = len;
  chunk->write.data = chunk;
  err =
      tlsloop_write(&chunk->write, errand->stream->handle, &buf, 1, on_written);
  if (err != 0)
    return err;
  errand->next = !errand->next;
  errand->offset += (int64_t) len;
  errand->left -= len;
  errand->writing++;
  return 0;
}

static void on_read(uv_fs_t* fs) {
  tlsloop__errand_t* errand = fs->data;
  ssize_t n = fs->result;
  int err = 0;

  uv_fs_req_cleanup(fs);
  errand->reading = 0;
  if (errand->req == NULL || errand->status != 0 || n <= 0)
    stop(errand, n < 0 ? (int) n : 0);
  else
    err = write_chunk(errand, (size_t) n);
  if (err != 0)
    stop(errand, err);
  go_on(errand);
}

static void on_written(tlsloop_write_t* write, int status) {
  chunk_t* chunk = write->data;
  tlsloop__errand_t* errand = chunk->errand;

  errand->writing--;
  if (status == 0)
    errand->req->sent += chunk->len;
  else
    stop(errand, status);
  go_on(errand);
}

int tlsloop_sendfile(tlsloop_sendfile_t* req,
                     tlsloop_stream_t* stream,
                     int fd,
                     int64_t offset,
                     uint64_t count,
                     tlsloop_sendfile_cb cb) {
  tlsloop__errand_t* errand;
  int err = tlsloop__write_check(stream->impl);

  if (err != 0)
    return err;
  if (cb == NULL || offset < 0)
    return UV_EINVAL;
  errand = malloc(sizeof(*errand));
  if (errand == NULL)
    return UV_ENOMEM;
  req->stream = stream;
  req->sent = 0;
  req->cb = cb;
  errand->req = req;
  errand->stream = stream->impl;
  errand->fs.data = errand;
  errand->file = fd;
  errand->offset = offset;
  errand->left = count == 0 ? UINT64_MAX : count;
  errand->status = 0;
  errand->reading = 0;
  errand->writing = 0;
  errand->next = 0;
  err = read_on(errand);
  if (err != 0) {
    free(errand);
    return err;
  }
  errand->next_errand = stream->impl->errands;
  stream->impl->errands = errand;
  return 0;
}
