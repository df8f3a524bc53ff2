/* SPDX-License-Identifier: MIT */

/* Grave: the end of handles that tlsloop has made.
 *
 * A program may walk over all handles of its loop and close those too. Their
 * close callbacks are then its own, and nobody says when libuv has done with
 * their memory; so that is kept until it must have. */

#ifndef TLSLOOP__GRAVE_H
#define TLSLOOP__GRAVE_H

#include <uv.h>

/* Handles that somebody else has closed. All zeroes is none. */
typedef struct tlsloop__graves_s {
  uv_handle_t* first; /* the next one is in its `data` */
} tlsloop__graves_t;

/* Closes and then frees |handle|, the beginning of malloc'ed memory; or puts it
 * into |graves| when it is being closed or is closed already. */
void tlsloop__graves_close(tlsloop__graves_t* graves, uv_handle_t* handle);

/* Frees what is in |graves|. For when every handle that was being closed when
 * it came there is closed: in the close callback of a handle whose uv_close was
 * called in the close callback of one closed after them. */
void tlsloop__graves_clear(tlsloop__graves_t* graves);

#endif /* TLSLOOP__GRAVE_H */
