/* SPDX-License-Identifier: MIT */

/* Info: structs that tell facts to the caller, who says how large they are. */

#ifndef TLSLOOP__INFO_H
#define TLSLOOP__INFO_H

#include <stddef.h>

/* Copies what fits of |full|, of |size| bytes, to the caller's |info|. Both
 * begin with a size_t: |info|'s says how much room there is, and afterwards
 * how much of it was filled. Returns 0, or UV__EINVAL when there is not even
 * room for that; nothing has then changed. */
int tlsloop__info_fill(void* info, const void* full, size_t size);

#endif /* TLSLOOP__INFO_H */
