/* SPDX-License-Identifier: MIT */

/* Buffers of every kind that an alloc callback can give: each comes back in
 * one read callback, and no byte is lost. */

#include <string.h>
#include <sys/mman.h>

#include "support/always.h"
#include "support/duo.h"

#define GIB    ((size_t) 1024 * 1024 * 1024)
#define AMOUNT ((uint64_t) 100000)

/* What the callback gives. */
enum {
  NO_MEMORY,   /* neither memory nor a length */
  ONLY_LENGTH, /* a length without memory */
  ONLY_MEMORY, /* memory without a length */
  ONE_BYTE,    /* little */
  FOUR_GIB,    /* more than 32 bits can count */
  NOT_AT_ONCE, /* nothing every other time */
  GIFTS
};

static duo_t duo;
static struct {
  int gift;
  char* memory; /* 4 GiB of addresses */
  uv_buf_t out; /* what was given last */
  int given;
  int back;
  int refused;
  uint64_t received;
} reader;


static void on_alloc(tlsloop_stream_t* stream, size_t size, uv_buf_t* buf) {
  int gift;

  (void) stream;
  ALWAYS(size > 0);
  ALWAYS(reader.given == reader.back);
  gift = reader.gift;
  if (gift == NOT_AT_ONCE)
    gift = reader.given % 2 == 0 ? NO_MEMORY : ONE_BYTE;
  buf->base = gift == NO_MEMORY || gift == ONLY_LENGTH ? NULL : reader.memory;
  buf->len = gift == ONE_BYTE      ? 1
             : gift == FOUR_GIB    ? 4 * GIB
             : gift == ONLY_LENGTH ? 1000
                                   : 0;
  reader.out = *buf;
  reader.given++;
}


static void start(void);

static void on_read(tlsloop_stream_t* stream,
                    ssize_t nread,
                    const uv_buf_t* buf) {
  ssize_t i;

  (void) stream;
  reader.back++;
  ALWAYS(reader.given == reader.back);
  ALWAYS(buf->base == reader.out.base && buf->len == reader.out.len);
  if (nread < 0) {
    ALWAYS(nread == UV_ENOBUFS);
    reader.refused++;
    if (reader.gift == NOT_AT_ONCE)
      start();
    return;
  }
  ALWAYS((size_t) nread <= buf->len);
  for (i = 0; i < nread; i++)
    ALWAYS(buf->base[i] ==
           party_pattern(duo.peer->side, reader.received + (uint64_t) i));
  reader.received += (uint64_t) nread;
}


static void start(void) {
  ALWAYS(tlsloop_read_start(duo.me->stream, on_alloc, on_read) == 0);
}


static void open_reader(int kind, int gift) {
  duo_open(&duo, kind);
  duo_connect(&duo);
  ck_assert_int_eq(party_read_stop(duo.me), 0);
  memset(&reader, 0, sizeof(reader));
  reader.gift = gift;
  reader.memory = mmap(NULL,
                       4 * GIB,
                       PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                       -1,
                       0);
  ck_assert_ptr_ne(reader.memory, MAP_FAILED);
  start();
  ck_assert_int_eq(party_write(duo.peer, AMOUNT), 0);
}


static void close_reader(void) {
  duo_close(&duo);
  munmap(reader.memory, 4 * GIB);
  ck_assert_int_eq(reader.given, reader.back);
}


START_TEST(a_buffer_of_any_size_takes_what_comes) {
  int gift;

  for (gift = ONE_BYTE; gift < GIFTS; gift++) {
    open_reader(_i, gift);
    DUO_UNTIL(&duo, reader.received == AMOUNT);
    ck_assert_int_ge(reader.given, 1);
    close_reader();
  }
}
END_TEST


START_TEST(without_a_buffer_reading_stops_once_and_loses_nothing) {
  int gift;

  for (gift = NO_MEMORY; gift <= ONLY_MEMORY; gift++) {
    open_reader(_i, gift);
    DUO_UNTIL(&duo, reader.refused == 1);
    duo_settle(&duo);
    ck_assert_int_eq(reader.refused, 1);
    ck_assert_int_eq(reader.given, 1);
    reader.gift = FOUR_GIB;
    start();
    DUO_UNTIL(&duo, reader.received == AMOUNT);
    close_reader();
  }
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("stream buffers");
  tcase = duo_case(suite, "buffers");
  tcase_add_loop_test(tcase, a_buffer_of_any_size_takes_what_comes, 0, DUO_ALL);
  tcase_add_loop_test(
      tcase, without_a_buffer_reading_stops_once_and_loses_nothing, 0, DUO_ALL);
  return suite;
}
