/* SPDX-License-Identifier: MIT */

/* The generator's connections and their loop. */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/contract.h"
#include "bench/load.h"
#include "bench/openssl.h"
#include "bench/options.h"

#define EVENTS 256
/* What goes out together, in bytes. */
#define BATCH (128 * 1024)
/* Each address has its own 28,000 or so ports. */
#define ADDRESSES 8
/* How many handshakes are under way when many are wanted. */
#define OPENING 32

static SSL_CTX* ctx;
static SSL_SESSION* newest;
static int epoll_fd;
static int stopped;
/* Those being opened. */
static struct {
  peer_t** peers;
  unsigned count;
  unsigned begun;
  unsigned done;
} opening;

static int on_session(SSL* ssl, SSL_SESSION* session) {
  (void) ssl;
  SSL_SESSION_free(newest);
  newest = session;
  return 1;
}

SSL_SESSION* peer_session(void) {
  return newest;
}

void peer_setup(void) {
  ctx = SSL_CTX_new(TLS_client_method());
  if (ctx == NULL || !SSL_CTX_set_min_proto_version(ctx, opts.version) ||
      !SSL_CTX_set_max_proto_version(ctx, opts.version))
    openssl_die("TLS");
  SSL_CTX_set_mode(
      ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(
      ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(ctx, on_session);
  if (!opts.plain) {
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(ctx, 1);
    SSL_CTX_set_default_read_buffer_len(ctx, 64 * 1024);
  }
  epoll_fd = epoll_create1(EPOLL_CLOEXEC);
}

static void watch(peer_t* peer, uint32_t events) {
  struct epoll_event event = {.events = events, .data.ptr = peer};

  if (events == peer->events)
    return;
  if (epoll_ctl(epoll_fd,
                peer->events == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD,
                peer->fd,
                &event) < 0)
    die("epoll", strerror(errno));
  peer->events = events;
}

/* Starts to connect. The source address spreads many connections over more
 * ports than one address has. */
static int start_connect(void) {
  static unsigned turn;
  struct sockaddr_in addr = {.sin_family = AF_INET};
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int on = 1;

  addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK + turn++ % ADDRESSES);
  if (fd < 0 ||
      setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on)) <
          0 ||
      bind(fd, (struct sockaddr*) &addr, sizeof(addr)) < 0)
    die("socket", strerror(errno));
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  addr.sin_port = htons((uint16_t) opts.port);
  if (connect(fd, (struct sockaddr*) &addr, sizeof(addr)) < 0 &&
      errno != EINPROGRESS)
    die("connect", strerror(errno));
  return fd;
}

/* Resumes a copy: what happens to a connection marks its session. */
static void resume(peer_t* peer, const SSL_SESSION* session) {
  SSL_SESSION* copy = SSL_SESSION_dup(session);

  if (copy == NULL || !SSL_set_session(peer->ssl, copy))
    openssl_die("session");
  SSL_SESSION_free(copy);
}

peer_t* peer_new(peer_step_fn step, SSL_SESSION* session) {
  peer_t* peer = calloc(1, sizeof(*peer));

  if (peer == NULL || (peer->ssl = SSL_new(ctx)) == NULL)
    die("load", "out of memory");
  peer->step = step;
  peer->fd = start_connect();
  SSL_set_connect_state(peer->ssl);
  if (!SSL_set_fd(peer->ssl, peer->fd) ||
      !SSL_set_tlsext_host_name(peer->ssl, "localhost"))
    openssl_die("client");
  if (session != NULL)
    resume(peer, session);
  watch(peer, EPOLLOUT);
  return peer;
}

void peer_free(peer_t* peer) {
  SSL_free(peer->ssl);
  close(peer->fd);
  free(peer);
}

/* Waits after a call returned |r|. Returns 0, or -1 at the end. */
static int wait_for(peer_t* peer, int r) {
  int error = SSL_get_error(peer->ssl, r);

  if (error == SSL_ERROR_WANT_READ) {
    watch(peer, EPOLLIN);
    return 0;
  }
  if (error == SSL_ERROR_WANT_WRITE) {
    watch(peer, EPOLLIN | EPOLLOUT);
    return 0;
  }
  /* Once we have said our close_notify, any end will do. */
  if (error == SSL_ERROR_ZERO_RETURN ||
      (SSL_get_shutdown(peer->ssl) & SSL_SENT_SHUTDOWN) != 0) {
    ERR_clear_error();
    return -1;
  }
  openssl_die("connection");
}

int peer_handshake(peer_t* peer) {
  int r = SSL_do_handshake(peer->ssl);

  if (r == 1)
    return 1;
  if (wait_for(peer, r) < 0)
    die("handshake", "the server has closed");
  return 0;
}

int peer_read(peer_t* peer, void* data, size_t len) {
  int r = SSL_read(peer->ssl, data, (int) len);

  return r > 0 ? r : wait_for(peer, r);
}

size_t peer_write(peer_t* peer, const void* data, size_t len) {
  int r = SSL_write(peer->ssl, data, (int) len);

  if (r > 0)
    return (size_t) r;
  if (wait_for(peer, r) < 0)
    die("write", "the server has closed");
  return 0;
}

/* Puts a buffer before what |peer| writes to. */
static BIO* buffer_writes(peer_t* peer, int size) {
  BIO* buffer = BIO_new(BIO_f_buffer());
  BIO* bio = SSL_get_wbio(peer->ssl);

  if (buffer == NULL || !BIO_set_write_buffer_size(buffer, size) ||
      !BIO_up_ref(bio))
    die("load", "out of memory");
  SSL_set0_wbio(peer->ssl, BIO_push(buffer, bio));
  return buffer;
}

void peer_collect(peer_t* peer) {
  buffer_writes(peer, BATCH);
}

int peer_flush(peer_t* peer) {
  BIO* bio = SSL_get_wbio(peer->ssl);

  if (BIO_flush(bio) == 1)
    return 1;
  if (!BIO_should_retry(bio))
    die("write", "the server has closed");
  watch(peer, EPOLLIN | EPOLLOUT);
  return 0;
}

void peer_write_records(peer_t* peer,
                        const void* data,
                        size_t len,
                        size_t size) {
  const char* from = data;
  BIO* bio = SSL_get_wbio(peer->ssl);
  BIO* together = len > size ? buffer_writes(peer, BATCH) : NULL;
  size_t n;

  for (; len > 0; len -= n, from += n) {
    n = len < size ? len : size;
    if (SSL_write(peer->ssl, from, (int) n) != (int) n)
      die("write", "a message does not fit into the socket");
  }
  if (together != NULL) {
    if (BIO_flush(together) != 1 || !BIO_up_ref(bio))
      die("write", "messages do not fit into the socket");
    BIO_pop(together);
    SSL_set0_wbio(peer->ssl, bio);
    BIO_free(bio);
  }
}

void peer_command(peer_t* peer, char kind, uint64_t n) {
  unsigned char command[CONTRACT_COMMAND_SIZE];

  contract_command(command, kind, n);
  peer_write_records(peer, command, sizeof(command), sizeof(command));
}

void peer_stop_loop(void) {
  stopped = 1;
}

void peer_loop(int ms) {
  static struct epoll_event events[EVENTS];
  uint64_t end = now_ns() + (uint64_t) (ms < 0 ? 0 : ms) * 1000000;
  int i;

  stopped = 0;
  while (!stopped) {
    int wait = -1;
    int n;

    if (ms >= 0) {
      uint64_t now = now_ns();

      if (now >= end)
        return;
      wait = (int) ((end - now + 999999) / 1000000);
    }
    n = epoll_wait(epoll_fd, events, EVENTS, wait);
    for (i = 0; i < n; i++) {
      peer_t* peer = events[i].data.ptr;

      peer->step(peer);
    }
  }
}

static void open_next(void);

/* Those that are open stay in the loop while others are being opened: session
 * tickets come now. */
static void on_ticket(peer_t* peer) {
  char byte;

  if (peer_read(peer, &byte, 1) != 0)
    die("connection", "the server sends what nobody asked for");
}

static void on_opening(peer_t* peer) {
  if (!peer_handshake(peer))
    return;
  watch(peer, EPOLLIN);
  peer->step = on_ticket;
  open_next();
  if (++opening.done == opening.count)
    peer_stop_loop();
}

static void open_next(void) {
  if (opening.begun < opening.count) {
    opening.peers[opening.begun] = peer_new(on_opening, NULL);
    opening.begun++;
  }
}

void peer_open_all(peer_t** peers, unsigned count, peer_step_fn step) {
  unsigned i;

  opening.peers = peers;
  opening.count = count;
  opening.begun = opening.done = 0;
  for (i = 0; i < OPENING; i++)
    open_next();
  peer_loop(-1);
  peer_loop(50); /* the last tickets */
  for (i = 0; i < count; i++)
    peers[i]->step = step;
}
