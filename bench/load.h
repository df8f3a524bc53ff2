/* SPDX-License-Identifier: MIT */

/* The load generator: clients on OpenSSL and epoll, and what they measure of
 * the server. */

#ifndef TLSLOOP_BENCH_LOAD_H
#define TLSLOOP_BENCH_LOAD_H

#include <openssl/ssl.h>
#include <stddef.h>
#include <stdint.h>

/* What the command line asks for. */
typedef struct load_opts_s {
  int port;
  int version;      /* of TLS, as OpenSSL's constant */
  int resumed;      /* handshakes are resumed */
  int plain;        /* read like bench/plain, one record at a time */
  const char* pids; /* the processes of the server, with commas between */
  unsigned conns;   /* connections at once */
  unsigned depth;   /* messages under way on each */
  unsigned rate;    /* handshakes a second */
  size_t size;      /* of a message, in bytes */
  uint64_t bytes;   /* in all */
  double seconds;   /* how long to measure */
} load_opts_t;

extern load_opts_t opts;

/* Reads "WORKLOAD --port N [OPTION]..." into |opts|, or ends the program.
 * Returns the workload. */
const char* load_read_options(int argc, char** argv);

/* What a server's processes have used so far. */
typedef struct usage_s {
  uint64_t cpu;     /* processor time of all threads, in nanoseconds */
  uint64_t own;     /* the same of the generator */
  uint64_t rss;     /* resident memory, in bytes */
  uint64_t wall;    /* when this was asked for, in nanoseconds */
  uint64_t settled; /* and when it was known */
} usage_t;

/* Waits until the server has settled and reads its usage. */
usage_t usage_read(void);

/* Reads it as it is, while the server works. */
usage_t usage_now(void);

/* Prints what |units| of work took between two readings. */
void usage_report(const char* unit,
                  uint64_t units,
                  const usage_t* before,
                  const usage_t* after);

/* The clock, in nanoseconds. */
uint64_t now_ns(void);

/* A client's connection. Whenever its socket may be ready, |step| runs. */
typedef struct peer_s peer_t;
typedef void (*peer_step_fn)(peer_t* peer);

struct peer_s {
  SSL* ssl;
  int fd;
  uint32_t events;   /* what epoll watches */
  peer_step_fn step; /* the workload's */
  /* the workload's */
  unsigned phase;
  uint64_t to_send;
  uint64_t to_get;
  uint64_t at; /* a time */
};

/* Makes the context of all clients. */
void peer_setup(void);

/* Connects to the server from one of several loopback addresses. |session|
 * may be NULL. */
peer_t* peer_new(peer_step_fn step, SSL_SESSION* session);
void peer_free(peer_t* peer);

/* The newest session that a server has given, or NULL. */
SSL_SESSION* peer_session(void);

/* Drives the handshake. Returns 1 when it is done, 0 when it has to wait. */
int peer_handshake(peer_t* peer);

/* Reads up to |len| bytes. Returns how many, 0 when it has to wait, -1 at the
 * end of the connection. */
int peer_read(peer_t* peer, void* data, size_t len);

/* Writes up to |len| bytes; returns how many, 0 when it has to wait. */
size_t peer_write(peer_t* peer, const void* data, size_t len);

/* Writes |len| bytes as records of |size| that go to the system together. They
 * have to fit into the socket's buffer. */
void peer_write_records(peer_t* peer,
                        const void* data,
                        size_t len,
                        size_t size);

/* Collects what is written from now on until there are 128 KiB of it or
 * peer_flush is called: OpenSSL would write each record by itself, and the
 * generator be slower than the server. */
void peer_collect(peer_t* peer);

/* Writes what was collected. Returns 1, or 0 when it has to wait. */
int peer_flush(peer_t* peer);

/* Writes a command. */
void peer_command(peer_t* peer, char kind, uint64_t n);

/* Runs the loop until peer_stop_loop, or for |ms| milliseconds when that is not
 * negative. */
void peer_loop(int ms);
void peer_stop_loop(void);

/* Connects |count| peers, a few at a time, runs their handshakes, then gives
 * each to |step|. They are in |peers|. */
void peer_open_all(peer_t** peers, unsigned count, peer_step_fn step);

/* Starts one more handshake, which calls what shake_on_done was given when it
 * is done and closed. */
void shake_start(void);
void shake_on_done(void (*on_done)(void));
unsigned shake_under_way(void);

/* The workloads. */
void load_handshake(void);
void load_echo(void);
void load_send(void);
void load_receive(void);
void load_bulk_echo(void);
void load_idle(void);
void load_silent(void);
void load_held(void);

#endif /* TLSLOOP_BENCH_LOAD_H */
