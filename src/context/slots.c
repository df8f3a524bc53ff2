/* SPDX-License-Identifier: MIT */

/* Slots: records that the layer above keeps in a context. A program has a
 * handful of loops, so a list is enough. */

#include "context/slots.h"

#include <stdlib.h>

#include "context/ctx.h"

struct tlsloop__slot_s {
  struct tlsloop__slot_s* next;
  const void* key;
  void* value;
};


/* The link that leads to the slot for |key|, or to the end. */
static struct tlsloop__slot_s** find(tlsloop_ctx_t* ctx, const void* key) {
  struct tlsloop__slot_s** link;

  for (link = &ctx->slots; *link != NULL; link = &(*link)->next) {
    if ((*link)->key == key)
      break;
  }
  return link;
}


static void* make_slot(struct tlsloop__slot_s** link,
                       const void* key,
                       tlsloop__slot_make make,
                       void* arg) {
  struct tlsloop__slot_s* slot;

  slot = malloc(sizeof(*slot));
  if (slot == NULL)
    return NULL;

  slot->value = make(key, arg);
  if (slot->value == NULL) {
    free(slot);
    return NULL;
  }
  slot->key = key;
  slot->next = NULL;
  *link = slot;
  return slot->value;
}


void* tlsloop__slots_find_or_make(tlsloop_ctx_t* ctx,
                                  const void* key,
                                  tlsloop__slot_make make,
                                  void* arg) {
  struct tlsloop__slot_s** link;
  void* value;

  tlsloop__ctx_lock(ctx);
  link = find(ctx, key);
  value = *link != NULL ? (*link)->value : make_slot(link, key, make, arg);
  tlsloop__ctx_unlock(ctx);
  return value;
}


int tlsloop__slots_remove(tlsloop_ctx_t* ctx,
                          const void* key,
                          const void* value) {
  struct tlsloop__slot_s** link;
  struct tlsloop__slot_s* slot;

  tlsloop__ctx_lock(ctx);
  link = find(ctx, key);
  slot = *link;
  if (slot != NULL && slot->value == value)
    *link = slot->next;
  else
    slot = NULL;
  tlsloop__ctx_unlock(ctx);

  free(slot);
  return slot != NULL;
}


void tlsloop__slots_clear(tlsloop_ctx_t* ctx) {
  struct tlsloop__slot_s* slot;

  while ((slot = ctx->slots) != NULL) {
    ctx->slots = slot->next;
    free(slot);
  }
}
