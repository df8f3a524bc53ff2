/* SPDX-License-Identifier: MIT */

/* Race: connections to several addresses of one host. */

#include "stream/race.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/queue.h"

/* How long an attempt has before the next begins (RFC 8305, 5), in
 * milliseconds. */
#define ATTEMPT_DELAY 250

/* One connection being made. The handle comes first: the winner's memory is
 * the winner. */
typedef struct {
  union {
    uv_handle_t any;
    uv_stream_t stream;
    uv_tcp_t tcp;
    uv_pipe_t pipe;
  } handle;
  uv_connect_t req;
  tlsloop__queue_t node;
  tlsloop__race_t* race; /* NULL: dropped; it may be gone */
  size_t index;
} attempt_t;

struct tlsloop__race_s {
  uv_timer_t timer; /* first: it is freed as a handle */
  tlsloop__graves_t* graves;
  tlsloop__queue_t attempts;
  tlsloop__address_t* addresses;
  size_t count;
  size_t next;  /* the address to try next */
  size_t tried; /* the address that failed last */
  int status;   /* its error */
  tlsloop__race_cb cb;
  void* arg;
};

int tlsloop__address_copy(tlsloop__address_t* address,
                          const struct sockaddr* addr) {
  if (addr->sa_family == AF_INET)
    memcpy(&address->v4, addr, sizeof(address->v4));
  else if (addr->sa_family == AF_INET6)
    memcpy(&address->v6, addr, sizeof(address->v6));
  else
    return 0;
  return 1;
}

void tlsloop__address_format(const tlsloop__address_t* address,
                             char* text,
                             size_t size) {
  char name[INET6_ADDRSTRLEN] = "?";

  if (address->any.sa_family == AF_UNIX) {
    snprintf(text, size, "%s", address->pipe.sun_path);
  } else if (address->any.sa_family == AF_INET) {
    uv_ip4_name(&address->v4, name, sizeof(name));
    snprintf(text, size, "%s:%d", name, ntohs(address->v4.sin_port));
  } else {
    uv_ip6_name(&address->v6, name, sizeof(name));
    snprintf(text, size, "[%s]:%d", name, ntohs(address->v6.sin6_port));
  }
}

/* Moves the address at |from| forward to |to|. */
static void bring(tlsloop__address_t* addresses, size_t to, size_t from) {
  tlsloop__address_t moved = addresses[from];

  memmove(
      &addresses[to + 1], &addresses[to], (from - to) * sizeof(addresses[0]));
  addresses[to] = moved;
}

void tlsloop__race_interleave(tlsloop__address_t* addresses, size_t count) {
  size_t i;
  size_t j;

  for (i = 1; i < count; i++) {
    for (j = i; j < count; j++)
      if (addresses[j].any.sa_family != addresses[i - 1].any.sa_family)
        break;
    if (j == count)
      return;
    bring(addresses, i, j);
  }
}

static void drop(attempt_t* attempt) {
  tlsloop__graves_t* graves = attempt->race->graves;

  attempt->race = NULL;
  tlsloop__queue_remove(&attempt->node);
  tlsloop__graves_close(graves, &attempt->handle.any);
}

void tlsloop__race_abandon(tlsloop__race_t* race) {
  while (!tlsloop__queue_empty(&race->attempts))
    drop(TLSLOOP__QUEUE_DATA(race->attempts.next, attempt_t, node));
  free(race->addresses);
  tlsloop__graves_close(race->graves, (uv_handle_t*) &race->timer);
}

/* Calls back and goes; nothing of the race is touched after it. */
static void finish(tlsloop__race_t* race, uv_stream_t* winner, int status) {
  tlsloop__race_cb cb = race->cb;
  tlsloop__address_t address = race->addresses[race->tried];

  tlsloop__race_abandon(race);
  cb(race->arg, winner, status, &address);
}

static void try_next(tlsloop__race_t* race);

static void on_timer(uv_timer_t* timer) {
  try_next(timer->data);
}

static void note_failure(tlsloop__race_t* race, size_t index, int status) {
  race->tried = index;
  race->status = status;
}

static void on_connect(uv_connect_t* req, int status) {
  attempt_t* attempt = req->data;
  tlsloop__race_t* race = attempt->race;

  if (race == NULL)
    return;
  if (status == 0) {
    tlsloop__queue_remove(&attempt->node);
    race->tried = attempt->index;
    finish(race, &attempt->handle.stream, 0);
    return;
  }
  note_failure(race, attempt->index, status);
  drop(attempt);
  try_next(race);
}

static int start(attempt_t* attempt, const tlsloop__address_t* address) {
  uv_loop_t* loop = attempt->race->timer.loop;

  if (address->any.sa_family == AF_UNIX)
    uv_pipe_init(loop, &attempt->handle.pipe, 0);
  else
    uv_tcp_init(loop, &attempt->handle.tcp);
  attempt->handle.any.data = attempt;
  if (address->any.sa_family != AF_UNIX)
    return uv_tcp_connect(
        &attempt->req, &attempt->handle.tcp, &address->any, on_connect);
  uv_pipe_connect(
      &attempt->req, &attempt->handle.pipe, address->pipe.sun_path, on_connect);
  return 0;
}

/* Begins to connect to address number |index|. */
static int begin(tlsloop__race_t* race, size_t index) {
  attempt_t* attempt = calloc(1, sizeof(*attempt));
  int err;

  if (attempt == NULL)
    return UV_ENOMEM;
  attempt->req.data = attempt;
  attempt->race = race;
  attempt->index = index;
  tlsloop__queue_init(&attempt->node);
  tlsloop__queue_push(&race->attempts, &attempt->node);
  err = start(attempt, &race->addresses[index]);
  if (err != 0)
    drop(attempt);
  return err;
}

/* Begins the next attempt, or ends the race when none is left or under way. */
static void try_next(tlsloop__race_t* race) {
  while (race->next < race->count) {
    size_t index = race->next++;
    int err = begin(race, index);

    if (err == 0) {
      uv_timer_start(&race->timer, on_timer, ATTEMPT_DELAY, 0);
      return;
    }
    note_failure(race, index, err);
  }
  uv_timer_stop(&race->timer);
  if (tlsloop__queue_empty(&race->attempts))
    finish(race, NULL, race->status);
}

int tlsloop__race_start(tlsloop__race_t** race,
                        uv_loop_t* loop,
                        tlsloop__graves_t* graves,
                        tlsloop__address_t* addresses,
                        size_t count,
                        tlsloop__race_cb cb,
                        void* arg) {
  tlsloop__race_t* made = calloc(1, sizeof(*made));

  if (made == NULL) {
    free(addresses);
    return UV_ENOMEM;
  }
  tlsloop__queue_init(&made->attempts);
  made->graves = graves;
  made->addresses = addresses;
  made->count = count;
  made->cb = cb;
  made->arg = arg;
  uv_timer_init(loop, &made->timer);
  made->timer.data = made;
  /* The first attempt too begins from the loop, so that |cb| does. */
  uv_timer_start(&made->timer, on_timer, 0, 0);
  *race = made;
  return 0;
}
