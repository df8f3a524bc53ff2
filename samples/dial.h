/* SPDX-License-Identifier: MIT */

/* Dial: a connected transport for a host and port, or for a path. */

#ifndef SAMPLES_DIAL_H
#define SAMPLES_DIAL_H

#include <uv.h>

typedef struct dial_s dial_t;

/* Tells that dial->transport is connected, |status| 0, or why not. */
typedef void (*dial_cb)(dial_t* dial, int status);

struct dial_s {
  union uv_any_handle transport;
  int open; /* there is a transport, and dial_close closes it */
  /* private */
  dial_cb cb;
  uv_timer_t timer;
  uv_getaddrinfo_t resolve;
  uv_connect_t connect;
  struct addrinfo* addrs;
  struct addrinfo* addr; /* the one that is being tried */
};

/* Connects |dial|, all zeroes, to |port| of |host| within |timeout|
 * milliseconds and calls |cb|. Returns 0 or libuv's code; dial_close is to be
 * called in either case. */
int dial_host(dial_t* dial,
              uv_loop_t* loop,
              const char* host,
              const char* port,
              uint64_t timeout,
              dial_cb cb);

/* Connects |dial|, all zeroes, to the Unix socket |path|, as dial_host. */
int dial_path(dial_t* dial, uv_loop_t* loop, const char* path, dial_cb cb);

/* Closes what |dial| has open; its callback no longer runs. */
void dial_close(dial_t* dial);

#endif /* SAMPLES_DIAL_H */
