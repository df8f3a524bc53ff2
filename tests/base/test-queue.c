/* SPDX-License-Identifier: MIT */

/* The intrusive list keeps its order and forgets what leaves it. */

#include "support/suite.h"

#include "base/queue.h"

typedef struct item_s {
  int before;
  tlsloop__queue_t node;
  int number;
} item_t;

#define ITEMS 5

static tlsloop__queue_t queue;
static item_t items[ITEMS];


static int number_of(tlsloop__queue_t* node) {
  return TLSLOOP__QUEUE_DATA(node, item_t, node)->number;
}


/* Empties |list|, which has to hold |len| items numbered from |first| on. */
static void check_pops(tlsloop__queue_t* list, int first, int len) {
  tlsloop__queue_t* node;
  int i;

  for (i = 0; i < len; i++) {
    ck_assert_int_eq(tlsloop__queue_empty(list), 0);
    node = tlsloop__queue_pop(list);
    ck_assert_ptr_nonnull(node);
    ck_assert_int_eq(number_of(node), first + i);
    ck_assert_int_ne(tlsloop__queue_empty(node), 0);
  }

  ck_assert_int_ne(tlsloop__queue_empty(list), 0);
  ck_assert_ptr_null(tlsloop__queue_pop(list));
}


static void push_all(void) {
  int i;

  for (i = 0; i < ITEMS; i++)
    tlsloop__queue_push(&queue, &items[i].node);
}


static void setup(void) {
  int i;

  tlsloop__queue_init(&queue);
  for (i = 0; i < ITEMS; i++) {
    tlsloop__queue_init(&items[i].node);
    items[i].number = i;
  }
}


START_TEST(a_new_list_is_empty_and_gives_nothing) {
  check_pops(&queue, 0, 0);
}
END_TEST


START_TEST(nodes_come_out_in_the_order_they_went_in) {
  push_all();
  check_pops(&queue, 0, ITEMS);
}
END_TEST


START_TEST(a_list_can_be_filled_again) {
  push_all();
  check_pops(&queue, 0, ITEMS);
  push_all();
  check_pops(&queue, 0, ITEMS);
}
END_TEST


START_TEST(the_links_are_a_ring_in_both_directions) {
  tlsloop__queue_t* node;
  int n;

  push_all();
  n = 0;
  for (node = queue.next; node != &queue; node = node->next)
    ck_assert_int_eq(number_of(node), n++);
  ck_assert_int_eq(n, ITEMS);
  for (node = queue.prev; node != &queue; node = node->prev)
    ck_assert_int_eq(number_of(node), --n);
  ck_assert_int_eq(n, 0);
}
END_TEST


START_TEST(the_first_the_last_and_a_middle_node_can_be_removed) {
  push_all();
  tlsloop__queue_remove(&items[0].node);
  tlsloop__queue_remove(&items[4].node);
  tlsloop__queue_remove(&items[2].node);
  ck_assert_int_eq(number_of(tlsloop__queue_pop(&queue)), 1);
  ck_assert_int_eq(number_of(tlsloop__queue_pop(&queue)), 3);
  ck_assert_ptr_null(tlsloop__queue_pop(&queue));
}
END_TEST


START_TEST(a_removed_node_is_in_no_list_and_can_be_pushed_again) {
  push_all();
  tlsloop__queue_remove(&items[0].node);
  ck_assert_int_ne(tlsloop__queue_empty(&items[0].node), 0);
  items[0].number = ITEMS;
  tlsloop__queue_push(&queue, &items[0].node);
  check_pops(&queue, 1, ITEMS);
}
END_TEST


START_TEST(removing_a_node_that_is_in_no_list_does_nothing) {
  tlsloop__queue_remove(&items[1].node);
  push_all();
  tlsloop__queue_remove(&items[0].node);
  tlsloop__queue_remove(&items[0].node);
  check_pops(&queue, 1, ITEMS - 1);
}
END_TEST


START_TEST(removing_the_only_node_empties_the_list) {
  tlsloop__queue_push(&queue, &items[0].node);
  tlsloop__queue_remove(&items[0].node);
  check_pops(&queue, 0, 0);
}
END_TEST


START_TEST(moving_takes_everything_along_in_order) {
  tlsloop__queue_t other;

  tlsloop__queue_init(&other);
  push_all();
  tlsloop__queue_move(&other, &queue);
  check_pops(&queue, 0, 0);
  check_pops(&other, 0, ITEMS);
}
END_TEST


START_TEST(moving_an_empty_list_leaves_both_empty) {
  tlsloop__queue_t other;

  tlsloop__queue_init(&other);
  tlsloop__queue_move(&other, &queue);
  check_pops(&queue, 0, 0);
  check_pops(&other, 0, 0);
}
END_TEST


START_TEST(both_lists_live_on_after_a_move) {
  tlsloop__queue_t other;

  tlsloop__queue_init(&other);
  tlsloop__queue_push(&queue, &items[0].node);
  tlsloop__queue_push(&queue, &items[1].node);
  tlsloop__queue_move(&other, &queue);
  tlsloop__queue_push(&queue, &items[3].node);
  tlsloop__queue_push(&other, &items[2].node);
  check_pops(&other, 0, 3);
  check_pops(&queue, 3, 1);
}
END_TEST


START_TEST(nodes_may_leave_while_a_moved_list_is_emptied) {
  tlsloop__queue_t other;

  tlsloop__queue_init(&other);
  push_all();
  tlsloop__queue_move(&other, &queue);
  ck_assert_int_eq(number_of(tlsloop__queue_pop(&other)), 0);
  tlsloop__queue_remove(&items[1].node);
  tlsloop__queue_push(&queue, &items[1].node);
  check_pops(&other, 2, ITEMS - 2);
  check_pops(&queue, 1, 1);
}
END_TEST


Suite* suite(void) {
  Suite* suite;
  TCase* tcase;

  suite = suite_create("queue");
  tcase = tcase_create("queue");
  tcase_add_checked_fixture(tcase, setup, NULL);
  tcase_add_test(tcase, a_new_list_is_empty_and_gives_nothing);
  tcase_add_test(tcase, nodes_come_out_in_the_order_they_went_in);
  tcase_add_test(tcase, a_list_can_be_filled_again);
  tcase_add_test(tcase, the_links_are_a_ring_in_both_directions);
  tcase_add_test(tcase, the_first_the_last_and_a_middle_node_can_be_removed);
  tcase_add_test(tcase, a_removed_node_is_in_no_list_and_can_be_pushed_again);
  tcase_add_test(tcase, removing_a_node_that_is_in_no_list_does_nothing);
  tcase_add_test(tcase, removing_the_only_node_empties_the_list);
  tcase_add_test(tcase, moving_takes_everything_along_in_order);
  tcase_add_test(tcase, moving_an_empty_list_leaves_both_empty);
  tcase_add_test(tcase, both_lists_live_on_after_a_move);
  tcase_add_test(tcase, nodes_may_leave_while_a_moved_list_is_emptied);
  suite_add_tcase(suite, tcase);
  return suite;
}
