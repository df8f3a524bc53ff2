/* SPDX-License-Identifier: MIT */

/* The end of handles: those that we close, and those that others have. */

#include "stream/grave.h"

#include <stdlib.h>

#include "support/loop.h"
#include "support/suite.h"

static loop_t loop;
static tlsloop__graves_t graves;

/* A handle and something after it in the same memory. */
typedef struct {
  uv_idle_t idle;
  char more[100];
} block_t;


static uv_handle_t* make(void) {
  block_t* block;

  block = malloc(sizeof(*block));
  ck_assert_ptr_nonnull(block);
  uv_idle_init(&loop.uv, &block->idle);
  return (uv_handle_t*) &block->idle;
}


/* A leak or a handle left open would be found at the end of each test. */
START_TEST(what_nobody_has_closed_is_closed_and_freed) {
  loop_open(&loop, 60);
  tlsloop__graves_close(&graves, make());
  tlsloop__graves_close(&graves, make());
  ck_assert_ptr_null(graves.first);
  loop_settle(&loop);
  loop_close(&loop);
}
END_TEST


START_TEST(what_somebody_closes_is_kept_until_it_is_closed) {
  uv_handle_t* handles[3];
  int i;

  loop_open(&loop, 60);
  for (i = 0; i < 3; i++) {
    handles[i] = make();
    uv_close(handles[i], NULL);
    if (i == 0)
      loop_settle(&loop);
    tlsloop__graves_close(&graves, handles[i]);
    ck_assert_ptr_eq(graves.first, handles[i]);
  }
  loop_settle(&loop);
  tlsloop__graves_clear(&graves);
  ck_assert_ptr_null(graves.first);
  tlsloop__graves_clear(&graves);
  loop_close(&loop);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("grave");
  tcase = tcase_create("grave");
  tcase_add_test(tcase, what_nobody_has_closed_is_closed_and_freed);
  tcase_add_test(tcase, what_somebody_closes_is_kept_until_it_is_closed);
  suite_add_tcase(suite, tcase);
  return suite;
}
