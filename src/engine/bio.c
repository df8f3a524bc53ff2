/* SPDX-License-Identifier: MIT */

/* Bio: byte stores as OpenSSL's transport. */

#include "engine/bio.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>
#include <uv/errno.h>

/* A type number that no BIO of OpenSSL has; BIO_get_new_index would draw from
 * a process-wide supply of 128. */
#define BIO_TYPE_TLSLOOP (127 | BIO_TYPE_SOURCE_SINK)

void tlsloop__bio_init(tlsloop_bio_t* bio, tlsloop__pool_t* pool) {
  memset(bio, 0, sizeof(*bio));
  bio->bytes.pool = pool;
  atomic_init(&bio->refs, 1);
}

void tlsloop__bio_clear(tlsloop_bio_t* bio) {
  tlsloop__bytes_clear(&bio->bytes);
  bio->borrowed = (tlsloop__span_t){NULL, 0};
}

int tlsloop_bio_new(tlsloop_bio_t** bio) {
  tlsloop_bio_t* made = malloc(sizeof(*made));

  if (made == NULL)
    return UV__ENOMEM;
  tlsloop__bio_init(made, NULL);
  *bio = made;
  return 0;
}

tlsloop_bio_t* tlsloop_bio_ref(tlsloop_bio_t* bio) {
  atomic_fetch_add_explicit(&bio->refs, 1, memory_order_relaxed);
  return bio;
}

void tlsloop_bio_unref(tlsloop_bio_t* bio) {
  if (bio == NULL)
    return;
  if (atomic_fetch_sub_explicit(&bio->refs, 1, memory_order_acq_rel) > 1)
    return;
  tlsloop__bio_clear(bio);
  free(bio);
}

void tlsloop__bio_lend(tlsloop_bio_t* bio, void* data, size_t len) {
  bio->borrowed = (tlsloop__span_t){data, len};
  bio->total += len;
}

int tlsloop__bio_keep(tlsloop_bio_t* bio) {
  tlsloop__span_t rest = bio->borrowed;
  int err = tlsloop__bytes_append(&bio->bytes, rest.data, rest.len);

  if (err == 0)
    bio->borrowed = (tlsloop__span_t){NULL, 0};
  return err;
}

int tlsloop_bio_write(tlsloop_bio_t* bio, const void* data, size_t len) {
  int err;

  if (bio->ended)
    return UV__EPIPE;
  err = tlsloop__bio_keep(bio);
  if (err == 0)
    err = tlsloop__bytes_append(&bio->bytes, data, len);
  if (err == 0)
    bio->total += len;
  return err;
}

size_t tlsloop_bio_read(tlsloop_bio_t* bio, void* buf, size_t len) {
  tlsloop__span_t* span = &bio->borrowed;
  size_t n = tlsloop__bytes_read(&bio->bytes, buf, len);
  size_t more = len - n;

  if (more > span->len)
    more = span->len;
  if (more > 0) {
    memcpy((char*) buf + n, span->data, more);
    span->data += more;
    span->len -= more;
  }
  return n + more;
}

size_t tlsloop_bio_pending(const tlsloop_bio_t* bio) {
  return bio->bytes.size + bio->borrowed.len;
}

void tlsloop_bio_write_eof(tlsloop_bio_t* bio) {
  bio->ended = 1;
}

int tlsloop_bio_eof(const tlsloop_bio_t* bio) {
  return bio->ended && tlsloop_bio_pending(bio) == 0;
}

/* The BIO leads nowhere while none of the engines that share it is in a call;
 * it is then empty and takes nothing.
 *
 * -1 with the retry flag is "nothing yet", 0 without it is the end: OpenSSL
 * tells a truncated connection by the latter and BIO_CTRL_EOF. */
static int on_read(BIO* bio, char* buf, size_t len, size_t* nread) {
  tlsloop__bio_pair_t* pair = BIO_get_data(bio);

  BIO_clear_retry_flags(bio);
  *nread = pair == NULL ? 0 : tlsloop_bio_read(pair->in, buf, len);
  if (*nread > 0 || len == 0)
    return 1;
  if (pair != NULL && pair->in->ended)
    return 0;
  BIO_set_retry_read(bio);
  return -1;
}

static int on_write(BIO* bio, const char* buf, size_t len, size_t* nwritten) {
  tlsloop__bio_pair_t* pair = BIO_get_data(bio);

  BIO_clear_retry_flags(bio);
  *nwritten = 0;
  if (pair == NULL || tlsloop_bio_write(pair->out, buf, len) != 0) {
    ERR_raise(ERR_LIB_BIO, ERR_R_MALLOC_FAILURE);
    return -1;
  }
  *nwritten = len;
  return 1;
}

static long on_ctrl(BIO* bio, int cmd, long num, void* ptr) {
  tlsloop__bio_pair_t* pair = BIO_get_data(bio);

  (void) ptr;
  switch (cmd) {
    case BIO_CTRL_EOF:
      return pair != NULL && tlsloop_bio_eof(pair->in);
    case BIO_CTRL_PENDING:
      return pair == NULL ? 0 : (long) tlsloop_bio_pending(pair->in);
    case BIO_CTRL_WPENDING:
      return pair == NULL ? 0 : (long) tlsloop_bio_pending(pair->out);
    case BIO_CTRL_GET_CLOSE:
      return BIO_get_shutdown(bio);
    case BIO_CTRL_SET_CLOSE:
      BIO_set_shutdown(bio, (int) num);
      return 1;
    case BIO_CTRL_FLUSH:
    case BIO_CTRL_DUP:
      return 1;
    default:
      return 0;
  }
}

static int on_create(BIO* bio) {
  BIO_set_init(bio, 1);
  return 1;
}

BIO_METHOD* tlsloop__bio_method_new(void) {
  BIO_METHOD* method = BIO_meth_new(BIO_TYPE_TLSLOOP, "tlsloop");

  if (method == NULL)
    return NULL;
  BIO_meth_set_create(method, on_create);
  BIO_meth_set_read_ex(method, on_read);
  BIO_meth_set_write_ex(method, on_write);
  BIO_meth_set_ctrl(method, on_ctrl);
  return method;
}

int tlsloop__bio_is_ours(const BIO* bio) {
  return BIO_method_type(bio) == BIO_TYPE_TLSLOOP &&
         strcmp(BIO_method_name(bio), "tlsloop") == 0;
}
