/* SPDX-License-Identifier: MIT */

/* Bio: byte stores as OpenSSL's transport.
 *
 * A tlsloop_bio_t is a FIFO of bytes that may begin with a borrowed span: bytes
 * that still lie in the buffer into which the socket was read. OpenSSL reads
 * them in place; whoever lent them takes the rest back with
 * tlsloop__bio_keep. One OpenSSL BIO joins the two stores of a connection. */

#ifndef TLSLOOP__BIO_H
#define TLSLOOP__BIO_H

#include <stdatomic.h>

#include "base/bytes.h"
#include "tlsloop/engine.h"

struct bio_st;
struct bio_method_st;

struct tlsloop_bio_s {
  tlsloop__bytes_t bytes;
  tlsloop__span_t borrowed; /* comes after what is in |bytes| */
  uint64_t total;           /* bytes ever written */
  atomic_uint refs;
  int ended;
};

/* The two stores of a connection, and what its OpenSSL BIO points to. */
typedef struct tlsloop__bio_pair_s {
  tlsloop_bio_t* in;
  tlsloop_bio_t* out;
} tlsloop__bio_pair_t;

/* Makes |bio| an empty store with one reference that takes its blocks from
 * |pool|, or from malloc when that is NULL. */
void tlsloop__bio_init(tlsloop_bio_t* bio, tlsloop__pool_t* pool);

/* Empties |bio|. */
void tlsloop__bio_clear(tlsloop_bio_t* bio);

/* Lends |len| bytes at |data| to |bio|, as its last bytes, until
 * tlsloop__bio_keep. Nothing is lent to it already. */
void tlsloop__bio_lend(tlsloop_bio_t* bio, void* data, size_t len);

/* Copies what was lent to |bio| and not yet read, so that the lender has its
 * memory back. Returns 0 or UV__ENOMEM; it is then lent still. */
int tlsloop__bio_keep(tlsloop_bio_t* bio);

/* Makes the method of OpenSSL BIOs over a tlsloop__bio_pair_t, the BIO's data;
 * NULL when memory ran out. To be freed with BIO_meth_free after the last of
 * its BIOs. */
struct bio_method_st* tlsloop__bio_method_new(void);

/* Whether |bio| is of tlsloop__bio_method_new; its BIO_get_data is then a
 * tlsloop__bio_pair_t*. */
int tlsloop__bio_is_ours(const struct bio_st* bio);

#endif /* TLSLOOP__BIO_H */
