/* SPDX-License-Identifier: MIT */

/* The byte store against a model of it, a flat buffer: whatever is done to
 * both, their bytes are the same. */

#include "support/suite.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "support/check-bytes.h"
#include "support/fail-alloc.h"

#define ROOM        TLSLOOP__BLOCK_ROOM
#define MANY        (4 * ROOM)

#define MODEL_STEPS 1500
#define MODEL_SIZE  (MODEL_STEPS * 3 * ROOM)

static unsigned char source[MANY];
static unsigned char sink[MANY];

/* A buffer that is long enough for all that is ever appended. */
typedef struct model_s {
  unsigned char* data;
  size_t head;
  size_t tail;
} model_t;


static void setup(void) {
  size_t i;

  for (i = 0; i < MANY; i++)
    source[i] = (unsigned char) (i * 7 + i / 251);
}


static unsigned int random_next(uint64_t* state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return (unsigned int) (*state >> 32);
}


/* A length around those where something happens. */
static size_t random_len(uint64_t* state) {
  switch (random_next(state) % 4) {
    case 0:
      return random_next(state) % 20;
    case 1:
      return ROOM - 2 + random_next(state) % 5;
    case 2:
      return 2 * ROOM - 2 + random_next(state) % 5;
    default:
      return random_next(state) % (3 * ROOM);
  }
}


static void model_append(model_t* model, tlsloop__bytes_t* store, uint64_t* r) {
  size_t len;
  size_t at;

  len = random_len(r);
  at = random_next(r) % (MANY - len);
  if (random_next(r) % 8 == 0)
    fail_alloc_after(random_next(r) % 3);
  if (tlsloop__bytes_append(store, source + at, len) == 0) {
    memcpy(model->data + model->tail, source + at, len);
    model->tail += len;
  } else {
    ck_assert_uint_eq(fail_alloc_reset(), 1);
  }
  fail_alloc_reset();
}


static void model_take(model_t* model, tlsloop__bytes_t* store, uint64_t* r) {
  size_t len;
  size_t n;

  len = random_len(r);
  n = len < store->size ? len : store->size;
  if (random_next(r) % 4 == 0) {
    tlsloop__bytes_drop(store, n);
  } else {
    ck_assert_uint_eq(tlsloop__bytes_read(store, sink, len), n);
    ck_assert_int_eq(memcmp(sink, model->data + model->head, n), 0);
  }
  model->head += n;
}


static void model_peek(const model_t* model, const tlsloop__bytes_t* store) {
  tlsloop__span_t spans[6];
  size_t at;
  size_t n;
  size_t i;

  n = tlsloop__bytes_peek(store, spans, 6);
  at = model->head;
  for (i = 0; i < n; i++) {
    ck_assert_uint_gt(spans[i].len, 0);
    ck_assert_uint_le(at + spans[i].len, model->tail);
    ck_assert_int_eq(memcmp(spans[i].data, model->data + at, spans[i].len), 0);
    at += spans[i].len;
  }
  ck_assert(n == 6 || at == model->tail);
}


START_TEST(it_behaves_as_a_flat_buffer_does) {
  tlsloop__bytes_t bytes;
  tlsloop__bytes_t other;
  tlsloop__pool_t pool;
  model_t model;
  uint64_t r;
  int step;

  r = 0x9e3779b97f4a7c15U * (uint64_t) (_i + 1);
  memset(&bytes, 0, sizeof(bytes));
  memset(&other, 0, sizeof(other));
  tlsloop__pool_init(&pool, 3);
  if (_i % 2) {
    bytes.pool = &pool;
    other.pool = &pool;
  }
  model = (model_t){malloc(MODEL_SIZE), 0, 0};
  ck_assert_ptr_nonnull(model.data);

  for (step = 0; step < MODEL_STEPS; step++) {
    switch (random_next(&r) % 5) {
      case 0:
      case 1:
        model_append(&model, &bytes, &r);
        break;
      case 2:
      case 3:
        model_take(&model, &bytes, &r);
        break;
      default:
        /* There and back, with more behind it. */
        tlsloop__bytes_move(&other, &bytes);
        check_bytes(&bytes);
        model_append(&model, &other, &r);
        tlsloop__bytes_move(&bytes, &other);
        check_bytes(&other);
    }
    check_bytes(&bytes);
    ck_assert_uint_eq(bytes.size, model.tail - model.head);
    ck_assert_uint_le(pool.count, pool.limit);
    model_peek(&model, &bytes);
  }

  tlsloop__bytes_clear(&bytes);
  tlsloop__pool_clear(&pool);
  free(model.data);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("bytes, model");
  tcase = tcase_create("model");
  tcase_add_checked_fixture(tcase, setup, NULL);
  tcase_add_loop_test(tcase, it_behaves_as_a_flat_buffer_does, 0, 8);
  suite_add_tcase(suite, tcase);
  return suite;
}
