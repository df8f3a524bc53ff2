/* SPDX-License-Identifier: MIT */

/* Servers on epoll that keep the bench's contract. The loop and what clients
 * ask for are theirs together; a transport is what makes them differ. */

#ifndef TLSLOOP_BENCH_SERVE_H
#define TLSLOOP_BENCH_SERVE_H

#include <stddef.h>
#include <stdint.h>

#include "bench/contract.h"
#include "bench/options.h"

/* A client's connection. */
typedef struct conn_s {
  void* session; /* the transport's */
  int fd;
  int drained;     /* by the transport: there is nothing more to read now */
  uint32_t events; /* what epoll watches */
  contract_t contract;
  uint64_t to_send;      /* of an S command */
  char* rest;            /* to be sent, or read and not looked at */
  contract_span_t reply; /* the part of |rest| to send */
  contract_span_t in;    /* the part of |rest| to look at, after that */
} conn_t;

/* The most that the transport reads or writes at once, CONTRACT_CHUNK at most.
 */
extern const size_t transport_chunk;

/* Prepares for connections, or ends the program. */
void transport_setup(const options_t* options);

/* Begins with a connection that was accepted, or ends the program. */
void transport_open(conn_t* conn);

/* Read and write up to |len| bytes. Return how many, 0 when that has to wait
 * for what they let epoll watch, or -1 when the connection is to be closed. */
int transport_read(conn_t* conn, char* data, size_t len);
int transport_write(conn_t* conn, const char* data, size_t len);

/* Ends with a connection before its socket is closed. */
void transport_close(conn_t* conn);

/* Lets epoll watch |conn| for |events|. */
void serve_watch(conn_t* conn, uint32_t events);

/* Reads the command line and serves until the program is killed. */
_Noreturn void serve(int argc, char** argv);

#endif /* TLSLOOP_BENCH_SERVE_H */
