/* SPDX-License-Identifier: MIT */

/* Visit: clients that connect by themselves, and a house that takes them in.
 *
 * Both hold the library to its contract: no callback runs inside a call or
 * after the close callback, a connect and a close call back once, in that
 * order, and nothing is touched any more that was given back, for it is
 * overwritten and freed. Everything is on the loopback. */

#ifndef TLSLOOP_TESTS_SUPPORT_VISIT_H
#define TLSLOOP_TESTS_SUPPORT_VISIT_H

#include "support/duo.h"

/* What a hook hears of. */
typedef enum visit_event_e {
  VISIT_CONNECTED, /* or failed to */
  VISIT_DATA,
  VISIT_END,
  VISIT_WRITTEN,
  VISIT_CLOSED,
  HOUSE_VISITED, /* a stream is to be taken */
  HOUSE_REFUSED,
  HOUSE_CLOSED
} visit_event_t;

typedef struct visitor_s visitor_t;
typedef struct house_s house_t;

/* One end of a connection: a client's, or a stream that a house took. */
struct visitor_s {
  tlsloop_stream_t* stream; /* NULL from the close callback on */
  void (*hook)(visitor_t* visitor, int event);
  int begun;      /* a connect is under way or has ended */
  int connects;   /* callbacks of it */
  int status;     /* the last one's */
  char text[640]; /* of the error at that time */
  uint64_t received;
  int ends;
  int read_status;
  int writes; /* callbacks */
  int writes_begun;
  int write_status; /* the last one's */
  int closed;
};

/* A listener. */
struct house_s {
  tlsloop_listener_t* listener; /* NULL from the close callback on */
  union uv_any_handle* transport;
  void (*hook)(house_t* house, int event);
  visitor_t guests[16];
  int taken; /* of |guests|, those in use */
  int port;
  char path[108];
  int visits;     /* callbacks that a stream is there */
  int refusals;   /* callbacks that there is none */
  int status;     /* the last one's */
  char text[640]; /* of its error */
  int peer_port;  /* its peer's, 0 when that was not known */
  int closed;
};

/* Makes |visitor| a client's stream with |ctx| on |loop|. */
void visitor_open(visitor_t* visitor, loop_t* loop, tlsloop_ctx_t* ctx);

/* As the functions of tlsloop.h; every call goes through here. */
int visitor_connect(visitor_t* visitor, const char* host, int port);
int visitor_connect_pipe(visitor_t* visitor, const char* path);
int visitor_write(visitor_t* visitor, size_t len);
int visitor_read(visitor_t* visitor);
void visitor_close(visitor_t* visitor);

/* To |count| ports of 127.0.0.1; those that are negative are of ::1. */
int visitor_connect_ports(visitor_t* visitor, const int ports[], size_t count);

/* Makes |house| listen with |ctx| on a port of 127.0.0.1 of its own. */
void house_open(house_t* house, loop_t* loop, tlsloop_ctx_t* ctx);

/* The same without listening yet, for what is to be set before. */
void house_init(house_t* house, loop_t* loop, tlsloop_ctx_t* ctx);

/* Listens on the bound TCP socket |fd|, or on a pipe of its own. */
void house_listen_on(house_t* house, int fd);
void house_listen_pipe(house_t* house);

/* Takes a stream in, as the next of |guests|. */
int house_accept(house_t* house);

void house_close(house_t* house);

/* A hook that takes everybody in. */
void house_welcome(house_t* house, int event);

/* A socket bound to a port of the loopback, of IPv6 if |v6|; its port. */
int visit_bind(int v6, int* port);

/* A port of the loopback on which nobody listens. */
int visit_refused_port(void);

/* A port of 127.0.0.1 where connecting takes for ever, while the two
 * descriptors are open. */
int visit_black_hole(int fds[2]);

/* A plain socket connected to |port| of 127.0.0.1. */
int visit_socket(int port);

/* Runs |loop| until |condition| holds. */
#define VISIT_UNTIL(loop, condition) \
  do {                               \
    while (!(condition))             \
      visit_turn(loop);              \
  } while (0)

/* Runs |loop| once and waits for something to happen. */
void visit_turn(loop_t* loop);

#endif /* TLSLOOP_TESTS_SUPPORT_VISIT_H */
