/* SPDX-License-Identifier: MIT */

/* Race: connections to several addresses of one host, the next after a while
 * or when one fails; the first that connects wins (RFC 8305, 5). It knows
 * nothing of TLS. */

#ifndef TLSLOOP__RACE_H
#define TLSLOOP__RACE_H

#include <sys/un.h>
#include <uv.h>

#include "stream/grave.h"

typedef struct tlsloop__race_s tlsloop__race_t;

/* An address to connect to: of the internet, or a pipe. */
typedef union tlsloop__address_u {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
  struct sockaddr_un pipe;
} tlsloop__address_t;

/* The end of a race: |winner| is connected and |status| 0, or it is NULL and
 * |status| is the last attempt's error, to |address|. The winner is malloc'ed,
 * and the callee's to close and free. */
typedef void (*tlsloop__race_cb)(void* arg,
                                 uv_stream_t* winner,
                                 int status,
                                 const tlsloop__address_t* address);

/* Whether |addr| is one of the internet; copies it into |address|. */
int tlsloop__address_copy(tlsloop__address_t* address,
                          const struct sockaddr* addr);

/* Writes |address| into |text| as "192.0.2.1:443", "[2001:db8::1]:443", or the
 * name of the pipe. */
void tlsloop__address_format(const tlsloop__address_t* address,
                             char* text,
                             size_t size);

/* Orders |count| addresses so that families take turns, the first one's first
 * (RFC 8305, 4). */
void tlsloop__race_interleave(tlsloop__address_t* addresses, size_t count);

/* Makes a race on |loop| to |count| |addresses|, 1 or more, a malloc'ed array
 * that it takes over, also on failure. Handles that somebody else closes end in
 * |graves|. |cb| runs once, from the loop. Returns 0 or an error. */
int tlsloop__race_start(tlsloop__race_t** race,
                        uv_loop_t* loop,
                        tlsloop__graves_t* graves,
                        tlsloop__address_t* addresses,
                        size_t count,
                        tlsloop__race_cb cb,
                        void* arg);

/* Ends |race| before its callback, which then never runs. */
void tlsloop__race_abandon(tlsloop__race_t* race);

#endif /* TLSLOOP__RACE_H */
