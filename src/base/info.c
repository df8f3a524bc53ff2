/* SPDX-License-Identifier: MIT */

/* Info: structs that grow from release to release. A program that was compiled
 * with an older header has a smaller one and must not be written past. */

#include "base/info.h"

#include <string.h>
#include <uv/errno.h>


int tlsloop__info_fill(void* info, const void* full, size_t size) {
  size_t room;

  memcpy(&room, info, sizeof(room));
  if (room < sizeof(room))
    return UV__EINVAL;

  if (room > size)
    room = size;
  memcpy(info, full, room);
  memcpy(info, &room, sizeof(room));
  return 0;
}
