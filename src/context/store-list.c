/* SPDX-License-Identifier: MIT */

/* Store-list: entries of a system store. A store has a few hundred of them, so
 * a search through all is enough. */

#include "context/store-list.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <uv/errno.h>

#define FIRST_ROOM 16


static int same_purposes(const tlsloop_store_entry_t* a,
                         const tlsloop_store_entry_t* b) {
  size_t i;

  if (a->trusted_for_all != b->trusted_for_all ||
      a->purpose_count != b->purpose_count)
    return 0;
  for (i = 0; i < a->purpose_count; i++) {
    if (strcmp(a->purposes[i], b->purposes[i]) != 0)
      return 0;
  }
  return 1;
}


static int same(const tlsloop_store_entry_t* a,
                const tlsloop_store_entry_t* b) {
  return a->encoding == b->encoding && a->len == b->len &&
         memcmp(a->data, b->data, a->len) == 0 && same_purposes(a, b);
}


static int is_in(const tlsloop__store_list_t* list,
                 const tlsloop_store_entry_t* entry) {
  size_t i;

  for (i = 0; i < list->count; i++) {
    if (same(&list->entries[i], entry))
      return 1;
  }
  return 0;
}


static int grow(tlsloop__store_list_t* list) {
  tlsloop_store_entry_t* entries;
  size_t room;

  room = list->room == 0 ? FIRST_ROOM : 2 * list->room;
  entries = realloc(list->entries, room * sizeof(*entries));
  if (entries == NULL)
    return UV__ENOMEM;
  list->entries = entries;
  list->room = room;
  return 0;
}


/* Points |copy| to a copy of all that |entry| points to: one block, which
 * begins with the array of purposes. */
static int copy_block(const tlsloop_store_entry_t* entry,
                      tlsloop_store_entry_t* copy) {
  const char** purposes;
  size_t size;
  size_t len;
  size_t i;
  char* at;

  size = entry->purpose_count * sizeof(*purposes) + entry->len;
  for (i = 0; i < entry->purpose_count; i++)
    size += strlen(entry->purposes[i]) + 1;
  /* malloc may answer a request of 0 with NULL. */
  purposes = malloc(size + 1);
  if (purposes == NULL)
    return UV__ENOMEM;

  at = (char*) (purposes + entry->purpose_count);
  for (i = 0; i < entry->purpose_count; i++) {
    len = strlen(entry->purposes[i]) + 1;
    purposes[i] = memcpy(at, entry->purposes[i], len);
    at += len;
  }
  if (entry->len > 0)
    memcpy(at, entry->data, entry->len);

  *copy = *entry;
  copy->size = sizeof(*copy);
  copy->purposes = purposes;
  copy->data = at;
  return 0;
}


int tlsloop__store_list_add(tlsloop__store_list_t* list,
                            const tlsloop_store_entry_t* entry) {
  int err;

  if (is_in(list, entry))
    return 0;
  if (list->count == list->room) {
    err = grow(list);
    if (err != 0)
      return err;
  }
  err = copy_block(entry, &list->entries[list->count]);
  if (err == 0)
    list->count++;
  return err;
}


int tlsloop__store_list_tell(const tlsloop__store_list_t* list,
                             tlsloop_store_cb cb,
                             void* arg) {
  size_t i;
  int ret;

  ret = 0;
  for (i = 0; i < list->count && ret == 0; i++)
    ret = cb(&list->entries[i], arg);
  return ret;
}


void tlsloop__store_list_clear(tlsloop__store_list_t* list) {
  size_t i;

  for (i = 0; i < list->count; i++)
    free((void*) (uintptr_t) list->entries[i].purposes);
  free(list->entries);
  *list = (tlsloop__store_list_t){0};
}
