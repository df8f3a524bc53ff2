/* SPDX-License-Identifier: MIT */

/* Store-list: entries of a system store, each once. They are collected before
 * the application is told, so that it is told while no store is open. */

#ifndef TLSLOOP__STORE_LIST_H
#define TLSLOOP__STORE_LIST_H

#include "tlsloop/system.h"

/* All zeroes is an empty list. */
typedef struct tlsloop__store_list_s {
  tlsloop_store_entry_t* entries;
  size_t count;
  size_t room;
} tlsloop__store_list_t;

/* Appends a copy of |entry| to |list|, unless the same is in it. Returns 0 or
 * UV__ENOMEM. */
int tlsloop__store_list_add(tlsloop__store_list_t* list,
                            const tlsloop_store_entry_t* entry);

/* Tells |cb| of the entries of |list| until it returns something else than 0.
 * Returns what it returned last, 0 for an empty list. */
int tlsloop__store_list_tell(const tlsloop__store_list_t* list,
                             tlsloop_store_cb cb,
                             void* arg);

/* Frees the entries of |list|. */
void tlsloop__store_list_clear(tlsloop__store_list_t* list);

#endif /* TLSLOOP__STORE_LIST_H */
