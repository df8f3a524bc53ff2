/* SPDX-License-Identifier: MIT */

/* Hello: ClientHellos that no client sends. */

#include "support/hello.h"

#include <check.h>
#include <string.h>

#define MAX_SIZE 2048

/* Bytes that grow. */
typedef struct hello_s {
  unsigned char data[MAX_SIZE];
  size_t len;
} hello_t;


static void put(hello_t* hello, const void* data, size_t len) {
  ck_assert_uint_le(len, sizeof(hello->data) - hello->len);
  memcpy(hello->data + hello->len, data, len);
  hello->len += len;
}


/* Makes room for a length of |size| bytes; returns where. */
static size_t begin(hello_t* hello, size_t size) {
  put(hello, "\0\0\0", size);
  return hello->len;
}


/* Fills in the length of what begins at |start|. */
static void end(hello_t* hello, size_t start, size_t size) {
  size_t len;
  size_t i;

  len = hello->len - start;
  for (i = 1; i <= size; i++, len >>= 8)
    hello->data[start - i] = (unsigned char) len;
}


/* Groups, signatures and what keeps OpenSSL from suspecting an old client. */
static void put_others(hello_t* hello) {
  static const unsigned char others[] = {
      0,    10, 0, 6, 0, 4, 0, 0x17, 0, 0x1d,       /* P-256, X25519 */
      0,    13, 0, 8, 0, 6, 4, 3,    8, 4,    4, 1, /* with SHA-256 */
      0,    11, 0, 2, 1, 0,                         /* points */
      0,    23, 0, 0,                               /* master secret */
      0xff, 1,  0, 1, 0,                            /* renegotiation */
  };

  put(hello, others, sizeof(others));
}


static void put_server_name(hello_t* hello, const void* data, size_t len) {
  size_t extension;

  put(hello, "\0\0", 2);
  extension = begin(hello, 2);
  put(hello, data, len);
  end(hello, extension, 2);
}


void hello_inject(pair_end_t* server, const void* data, size_t len) {
  hello_t hello = {.len = 0};
  size_t extensions;
  size_t message;
  size_t record;

  put(&hello, "\x16\x03\x01", 3);
  record = begin(&hello, 2);
  put(&hello, "\x01", 1);
  message = begin(&hello, 3);
  put(&hello, "\x03\x03 is as random as it gets in here!", 34);
  put(&hello, "\0\0\x04\xc0\x2b\xc0\x2f\x01\0", 9);
  extensions = begin(&hello, 2);
  if (data != NULL)
    put_server_name(&hello, data, len);
  put_others(&hello);
  end(&hello, extensions, 2);
  end(&hello, message, 3);
  end(&hello, record, 2);
  end_inject(server, hello.data, hello.len);
}


void hello_inject_name(pair_end_t* server, const void* name, size_t len) {
  hello_t list = {.len = 0};
  size_t entries;
  size_t entry;

  entries = begin(&list, 2);
  put(&list, "\0", 1);
  entry = begin(&list, 2);
  put(&list, name, len);
  end(&list, entry, 2);
  end(&list, entries, 2);
  hello_inject(server, list.data, list.len);
}


int hello_deliver(pair_t* pair, const void* from, const void* to, size_t len) {
  unsigned char buf[16384];
  unsigned char* at;
  size_t size;
  int count;

  size = tlsloop_bio_read(pair->client.out, buf, sizeof(buf));
  count = 0;
  for (at = buf; at + len <= buf + size; at++) {
    if (memcmp(at, from, len) != 0)
      continue;
    memcpy(at, to, len);
    count++;
  }
  end_inject(&pair->server, buf, size);
  return count;
}
