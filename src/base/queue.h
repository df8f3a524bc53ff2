/* SPDX-License-Identifier: MIT */

/* Queue: an intrusive circular list. A node that is in no list points to
 * itself. */

#ifndef TLSLOOP__QUEUE_H
#define TLSLOOP__QUEUE_H

#include <stddef.h>

/* A list, or the place of an element in one. */
typedef struct tlsloop__queue_s {
  struct tlsloop__queue_s* next;
  struct tlsloop__queue_s* prev;
} tlsloop__queue_t;

/* The |type| whose member |field| is at |node|. */
#define TLSLOOP__QUEUE_DATA(node, type, field) \
  ((type*) (void*) ((char*) (node) -offsetof(type, field)))

/* Makes |queue| an empty list, or a node in no list. */
void tlsloop__queue_init(tlsloop__queue_t* queue);

/* Whether |queue| is an empty list, or a node in no list. */
int tlsloop__queue_empty(const tlsloop__queue_t* queue);

/* Puts |node| at the end of |queue|. */
void tlsloop__queue_push(tlsloop__queue_t* queue, tlsloop__queue_t* node);

/* Takes |node| out of its list, if it is in one. */
void tlsloop__queue_remove(tlsloop__queue_t* node);

/* Takes the first node out of |queue|; NULL when it is empty. */
tlsloop__queue_t* tlsloop__queue_pop(tlsloop__queue_t* queue);

/* Moves all of |from| into the empty list |to|. */
void tlsloop__queue_move(tlsloop__queue_t* to, tlsloop__queue_t* from);

#endif /* TLSLOOP__QUEUE_H */
