/* SPDX-License-Identifier: MIT */

/* File: whole files in memory. Not through stdio, which would leave a second
 * copy of private keys in its buffer. */

#include "context/file.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv/errno.h>

#define FIRST_ROOM 4096

typedef struct buffer_s {
  unsigned char* data;
  size_t len;
  size_t room;
} buffer_t;


void tlsloop__file_free(unsigned char* data, size_t len) {
  if (data == NULL)
    return;
  OPENSSL_cleanse(data, len);
  free(data);
}


static int open_file(const char* path, int* fd) {
  do
    *fd = open(path, O_RDONLY | O_CLOEXEC);
  while (*fd < 0 && errno == EINTR);
  return *fd < 0 ? UV__ERR(errno) : 0;
}


/* Grows |buffer|. Not with realloc, which leaves the old bytes behind. */
static int grow(buffer_t* buffer, size_t room) {
  unsigned char* data;

  data = malloc(room);
  if (data == NULL)
    return UV__ENOMEM;

  if (buffer->len > 0)
    memcpy(data, buffer->data, buffer->len);
  tlsloop__file_free(buffer->data, buffer->len);
  buffer->data = data;
  buffer->room = room;
  return 0;
}


/* How much room to begin with: pipes and the files of /proc tell no size. One
 * byte more than the file is what meets its end without growing. */
static int first_room(int fd, size_t* room) {
  struct stat st;

  if (fstat(fd, &st) != 0)
    return UV__ERR(errno);
  if (S_ISDIR(st.st_mode))
    return UV__EISDIR;
  if (st.st_size > (off_t) TLSLOOP__FILE_MAX_LEN)
    return UV__EFBIG;
  *room = st.st_size > 0 ? (size_t) st.st_size + 1 : FIRST_ROOM;
  return 0;
}


static int read_all(int fd, buffer_t* buffer) {
  ssize_t n;
  int err;

  for (;;) {
    if (buffer->len > TLSLOOP__FILE_MAX_LEN)
      return UV__EFBIG;
    if (buffer->len == buffer->room) {
      err = grow(buffer, 2 * buffer->room);
      if (err != 0)
        return err;
    }
    n = read(fd, buffer->data + buffer->len, buffer->room - buffer->len);
    if (n == 0)
      return 0;
    if (n > 0)
      buffer->len += (size_t) n;
    else if (errno != EINTR)
      return UV__ERR(errno);
  }
}


int tlsloop__file_read(const char* path, unsigned char** data, size_t* len) {
  buffer_t buffer = {NULL, 0, 0};
  size_t room = 0;
  int err;
  int fd;

  err = open_file(path, &fd);
  if (err != 0)
    return err;

  err = first_room(fd, &room);
  if (err == 0)
    err = grow(&buffer, room);
  if (err == 0)
    err = read_all(fd, &buffer);
  close(fd);
  if (err != 0) {
    tlsloop__file_free(buffer.data, buffer.len);
    return err;
  }

  *data = buffer.data;
  *len = buffer.len;
  return 0;
}
