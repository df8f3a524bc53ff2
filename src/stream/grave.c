/* SPDX-License-Identifier: MIT */

/* Grave: the end of handles that tlsloop has made. */

#include "stream/grave.h"

#include <stdlib.h>

static void on_closed(uv_handle_t* handle) {
  free(handle);
}

void tlsloop__graves_close(tlsloop__graves_t* graves, uv_handle_t* handle) {
  if (!uv_is_closing(handle)) {
    uv_close(handle, on_closed);
    return;
  }
  handle->data = graves->first;
  graves->first = handle;
}

void tlsloop__graves_clear(tlsloop__graves_t* graves) {
  uv_handle_t* handle;

  while ((handle = graves->first) != NULL) {
    graves->first = handle->data;
    free(handle);
  }
}
