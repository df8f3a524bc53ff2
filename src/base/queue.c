/* SPDX-License-Identifier: MIT */

/* Queue: the intrusive list. A removed node points to itself again, so that
 * removing it twice is harmless. */

#include "base/queue.h"


void tlsloop__queue_init(tlsloop__queue_t* queue) {
  queue->next = queue;
  queue->prev = queue;
}


int tlsloop__queue_empty(const tlsloop__queue_t* queue) {
  return queue->next == queue;
}


void tlsloop__queue_push(tlsloop__queue_t* queue, tlsloop__queue_t* node) {
  node->next = queue;
  node->prev = queue->prev;
  queue->prev->next = node;
  queue->prev = node;
}


void tlsloop__queue_remove(tlsloop__queue_t* node) {
  node->prev->next = node->next;
  node->next->prev = node->prev;
  tlsloop__queue_init(node);
}


tlsloop__queue_t* tlsloop__queue_pop(tlsloop__queue_t* queue) {
  tlsloop__queue_t* node;

  if (tlsloop__queue_empty(queue))
    return NULL;

  node = queue->next;
  tlsloop__queue_remove(node);
  return node;
}


void tlsloop__queue_move(tlsloop__queue_t* to, tlsloop__queue_t* from) {
  if (tlsloop__queue_empty(from))
    return;

  /* |to| takes the place of |from| in the ring. */
  to->next = from->next;
  to->prev = from->prev;
  to->next->prev = to;
  to->prev->next = to;
  tlsloop__queue_init(from);
}
