/* SPDX-License-Identifier: MIT */

/* Loop: a uv loop for one test, that watches over it. */

#include "support/loop.h"

#include <arpa/inet.h>
#include <check.h>
#include <dirent.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/always.h"

/* More turns than any test takes without waiting for the system once. */
#define TURNS_MAX 1000000


static void assert_uv(int err, const char* what) {
  ALWAYS_MSG(err == 0, "%s: %s", what, err < 0 ? uv_strerror(err) : "");
}


static int count_fds(void) {
  struct dirent* entry;
  DIR* dir;
  int count;

  dir = opendir("/proc/self/fd");
  if (dir == NULL)
    dir = opendir("/dev/fd");
  ck_assert_ptr_nonnull(dir);
  count = 0;
  while ((entry = readdir(dir)) != NULL)
    count += entry->d_name[0] != '.';
  closedir(dir);
  return count;
}


static void on_watchdog(uv_timer_t* timer) {
  uv_print_all_handles(timer->loop, stderr);
  ck_abort_msg("the test hangs");
}


static void on_check(uv_check_t* check) {
  (void) check;
  ALWAYS(ERR_peek_error() == 0);
}


static void on_prepare(uv_prepare_t* prepare) {
  (void) prepare;
  ALWAYS(ERR_peek_error() == 0);
}


/* The first loop of a process opens descriptors that libuv then keeps. */
static void warm_up(void) {
  uv_loop_t uv;

  assert_uv(uv_loop_init(&uv), "uv_loop_init");
  assert_uv(uv_loop_close(&uv), "uv_loop_close");
}


/* None of the watching handles keeps the loop alive. */
static void watch(loop_t* loop, unsigned int seconds) {
  assert_uv(uv_timer_init(&loop->uv, &loop->watchdog), "uv_timer_init");
  assert_uv(uv_timer_start(&loop->watchdog, on_watchdog, seconds * 1000, 0),
            "uv_timer_start");
  assert_uv(uv_check_init(&loop->uv, &loop->check), "uv_check_init");
  assert_uv(uv_check_start(&loop->check, on_check), "uv_check_start");
  assert_uv(uv_prepare_init(&loop->uv, &loop->prepare), "uv_prepare_init");
  assert_uv(uv_prepare_start(&loop->prepare, on_prepare), "uv_prepare_start");
  uv_unref((uv_handle_t*) &loop->watchdog);
  uv_unref((uv_handle_t*) &loop->check);
  uv_unref((uv_handle_t*) &loop->prepare);
}


void loop_open(loop_t* loop, unsigned int seconds) {
  warm_up();
  memset(loop, 0, sizeof(*loop));
  loop->fds = count_fds();
  assert_uv(uv_loop_init(&loop->uv), "uv_loop_init");
  watch(loop, seconds);
}


static void complain(uv_handle_t* handle, void* arg) {
  (void) arg;
  if (!uv_is_closing(handle))
    fprintf(stderr,
            "a %s was left open\n",
            uv_handle_type_name(uv_handle_get_type(handle)));
}


void loop_close(loop_t* loop) {
  uv_close((uv_handle_t*) &loop->check, NULL);
  uv_close((uv_handle_t*) &loop->prepare, NULL);
  /* The watchdog stays until the test's own handles are closed. */
  loop_settle(loop);
  uv_close((uv_handle_t*) &loop->watchdog, NULL);
  loop_settle(loop);
  uv_walk(&loop->uv, complain, NULL);
  assert_uv(uv_loop_close(&loop->uv), "uv_loop_close");
  ck_assert_int_eq(count_fds(), loop->fds);
  ck_assert_uint_eq(ERR_peek_error(), 0);
}


void loop_run_until(loop_t* loop, const int* flag) {
  int turns;

  for (turns = 0; *flag == 0; turns++) {
    ALWAYS_MSG(uv_loop_alive(&loop->uv), "nothing is left to wait for");
    ALWAYS_MSG(turns < TURNS_MAX, "the loop spins");
    uv_run(&loop->uv, UV_RUN_ONCE);
  }
}


void loop_turn(loop_t* loop) {
  uv_run(&loop->uv, UV_RUN_NOWAIT);
}


/* Whether the next turn would have nothing to do at once. A turn has to come
 * before: libuv tells the system what it waits for at the start of one. */
static int would_block(loop_t* loop) {
  struct pollfd backend;

  if (!uv_loop_alive(&loop->uv))
    return 1;
  if (uv_backend_timeout(&loop->uv) == 0)
    return 0;
  backend.fd = uv_backend_fd(&loop->uv);
  backend.events = POLLIN;
  return poll(&backend, 1, 0) == 0;
}


void loop_settle(loop_t* loop) {
  int turns;

  turns = 0;
  do {
    ALWAYS_MSG(turns++ < TURNS_MAX, "the loop spins");
    loop_turn(loop);
  } while (!would_block(loop));
}


static void tcp_sockets(int fds[2]) {
  struct sockaddr_in address;
  socklen_t len;
  int listener;

  memset(&address, 0, sizeof(address));
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  len = sizeof(address);
  listener = socket(AF_INET, SOCK_STREAM, 0);
  ck_assert_int_ge(listener, 0);
  ck_assert_int_eq(bind(listener, (struct sockaddr*) &address, len), 0);
  ck_assert_int_eq(listen(listener, 1), 0);
  ck_assert_int_eq(getsockname(listener, (struct sockaddr*) &address, &len), 0);
  fds[0] = socket(AF_INET, SOCK_STREAM, 0);
  ck_assert_int_ge(fds[0], 0);
  ck_assert_int_eq(connect(fds[0], (struct sockaddr*) &address, len), 0);
  fds[1] = accept(listener, NULL, NULL);
  ck_assert_int_ge(fds[1], 0);
  close(listener);
}


void loop_tcp_pair(loop_t* loop, uv_tcp_t* a, uv_tcp_t* b) {
  int fd;

  fd = loop_tcp_socket(loop, a);
  assert_uv(uv_tcp_init(&loop->uv, b), "uv_tcp_init");
  assert_uv(uv_tcp_open(b, fd), "uv_tcp_open");
}


void loop_pipe_pair(loop_t* loop, uv_pipe_t* a, uv_pipe_t* b) {
  uv_os_sock_t fds[2];
  int flags;

  flags = UV_NONBLOCK_PIPE;
  assert_uv(uv_socketpair(SOCK_STREAM, 0, fds, flags, flags), "uv_socketpair");
  assert_uv(uv_pipe_init(&loop->uv, a, 0), "uv_pipe_init");
  assert_uv(uv_pipe_init(&loop->uv, b, 0), "uv_pipe_init");
  assert_uv(uv_pipe_open(a, fds[0]), "uv_pipe_open");
  assert_uv(uv_pipe_open(b, fds[1]), "uv_pipe_open");
}


int loop_tcp_socket(loop_t* loop, uv_tcp_t* a) {
  int fds[2];

  tcp_sockets(fds);
  assert_uv(uv_tcp_init(&loop->uv, a), "uv_tcp_init");
  assert_uv(uv_tcp_open(a, fds[0]), "uv_tcp_open");
  return fds[1];
}


void loop_reset(int fd) {
  struct linger linger;

  linger.l_onoff = 1;
  linger.l_linger = 0;
  ck_assert_int_eq(
      setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)), 0);
  close(fd);
}
