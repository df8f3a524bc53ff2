/* SPDX-License-Identifier: MIT */

/* Loop: a uv loop for one test, that watches over it.
 *
 * The test fails when it hangs, when the loop spins, when OpenSSL's error
 * queue is not empty between two callbacks' phases, when a handle was left
 * open, or when a file descriptor was. */

#ifndef TLSLOOP_TESTS_SUPPORT_LOOP_H
#define TLSLOOP_TESTS_SUPPORT_LOOP_H

#include <uv.h>

typedef struct loop_s {
  uv_loop_t uv;
  uv_timer_t watchdog;
  uv_check_t check;
  uv_prepare_t prepare;
  int fds; /* how many were open at the start */
} loop_t;

/* Makes |loop|; its test fails |seconds| later unless loop_close came first. */
void loop_open(loop_t* loop, unsigned int seconds);

/* Lets every handle of |loop| that is closing close, and checks that no other
 * one and no file descriptor is left. */
void loop_close(loop_t* loop);

/* Runs |loop| until |flag|, which a callback sets, is not 0. Fails when there
 * is nothing left to run before. */
void loop_run_until(loop_t* loop, const int* flag);

/* Runs |loop| until it would block. Fails when it never would: it spins. */
void loop_settle(loop_t* loop);

/* Runs |loop| once without blocking. */
void loop_turn(loop_t* loop);

/* Makes |a| and |b| the two ends of a TCP connection on the loopback. */
void loop_tcp_pair(loop_t* loop, uv_tcp_t* a, uv_tcp_t* b);

/* Makes |a| and |b| the two ends of a connected pipe. */
void loop_pipe_pair(loop_t* loop, uv_pipe_t* a, uv_pipe_t* b);

/* Makes |a| one end of a TCP connection whose other end is returned as a
 * blocking socket, for what libuv would not do: the caller closes it. */
int loop_tcp_socket(loop_t* loop, uv_tcp_t* a);

/* Closes |fd| so that its peer meets a reset connection. */
void loop_reset(int fd);

#endif /* TLSLOOP_TESTS_SUPPORT_LOOP_H */
