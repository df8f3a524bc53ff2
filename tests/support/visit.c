/* SPDX-License-Identifier: MIT */

/* Visit: clients that connect by themselves, and a house that takes them in. */

#include "support/visit.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/always.h"

#define POISON 0xee

static int inside; /* a call is under way */

static void* allocate(size_t size) {
  void* memory;

  memory = malloc(size);
  ALWAYS(memory != NULL);
  return memset(memory, POISON, size);
}

static void give_back(void* memory, size_t size) {
  memset(memory, POISON, size);
  free(memory);
}

static void copy_text(char text[640], const tlsloop_error_t* error) {
  snprintf(text, 640, "%s", error == NULL ? "" : error->text);
}

static void tell(visitor_t* visitor, int event) {
  if (visitor->hook != NULL)
    visitor->hook(visitor, event);
}

static void note(const visitor_t* visitor) {
  ALWAYS_MSG(inside == 0, "a callback runs inside a call");
  ALWAYS_MSG(!visitor->closed, "a callback comes after the close callback");
}

void visitor_open(visitor_t* visitor, loop_t* loop, tlsloop_ctx_t* ctx) {
  tlsloop_stream_t* stream;

  memset(visitor, 0, sizeof(*visitor));
  stream = visitor->stream = allocate(sizeof(*stream));
  ALWAYS(tlsloop_stream_init(&loop->uv, stream, ctx, TLSLOOP_CLIENT) == 0);
  visitor->stream->data = visitor;
}

static void on_connect(tlsloop_connect_t* req, int status) {
  visitor_t* visitor;

  visitor = req->data;
  note(visitor);
  ALWAYS(req->stream == visitor->stream);
  ALWAYS(visitor->connects == 0);
  ALWAYS(visitor->writes == 0 && visitor->received == 0);
  ALWAYS(status <= 0);
  visitor->connects++;
  visitor->status = status;
  copy_text(visitor->text, tlsloop_stream_error(visitor->stream));
  give_back(req, sizeof(*req));
  tell(visitor, VISIT_CONNECTED);
}

static tlsloop_connect_t* enter(visitor_t* visitor) {
  tlsloop_connect_t* req;

  req = allocate(sizeof(*req));
  req->data = visitor;
  inside++;
  return req;
}

static int leave(visitor_t* visitor, tlsloop_connect_t* req, int err) {
  inside--;
  if (err != 0)
    free(req);
  visitor->begun |= err == 0;
  return err;
}

int visitor_connect(visitor_t* visitor, const char* host, int port) {
  tlsloop_connect_t* req;

  req = enter(visitor);
  return leave(visitor,
               req,
               tlsloop_connect(req, visitor->stream, host, port, on_connect));
}

int visitor_connect_pipe(visitor_t* visitor, const char* path) {
  tlsloop_connect_t* req;

  req = enter(visitor);
  return leave(visitor,
               req,
               tlsloop_connect_pipe(req, visitor->stream, path, on_connect));
}

/* The loopback's address of |port|; of IPv6 if that is negative. */
static void make_address(struct sockaddr_storage* storage, int port) {
  struct sockaddr_in6* v6;
  struct sockaddr_in* v4;

  v4 = (struct sockaddr_in*) storage;
  v6 = (struct sockaddr_in6*) storage;
  if (port < 0)
    ALWAYS(uv_ip6_addr("::1", -port, v6) == 0);
  else
    ALWAYS(uv_ip4_addr("127.0.0.1", port, v4) == 0);
}

int visitor_connect_ports(visitor_t* visitor, const int ports[], size_t count) {
  struct sockaddr_storage storage[8];
  const struct sockaddr* addrs[8];
  tlsloop_connect_t* req;
  size_t i;

  ALWAYS(count <= 8);
  for (i = 0; i < count; i++) {
    make_address(&storage[i], ports[i]);
    addrs[i] = (struct sockaddr*) &storage[i];
  }
  req = enter(visitor);
  return leave(
      visitor,
      req,
      tlsloop_connect_addrs(req, visitor->stream, addrs, count, on_connect));
}

/* A write; the bytes follow. */
typedef struct {
  tlsloop_write_t req;
  size_t len;
  char bytes[];
} letter_t;

static void on_write(tlsloop_write_t* req, int status) {
  visitor_t* visitor;

  visitor = req->data;
  note(visitor);
  ALWAYS(!visitor->begun || visitor->connects == 1);
  visitor->writes++;
  visitor->write_status = status;
  give_back(req, sizeof(letter_t) + ((letter_t*) req)->len);
  tell(visitor, VISIT_WRITTEN);
}

int visitor_write(visitor_t* visitor, size_t len) {
  letter_t* letter;
  uv_buf_t buf;
  int err;

  letter = allocate(sizeof(*letter) + len);
  letter->req.data = visitor;
  letter->len = len;
  buf = uv_buf_init(letter->bytes, (unsigned int) len);
  inside++;
  err = tlsloop_write(&letter->req, visitor->stream, &buf, 1, on_write);
  inside--;
  if (err != 0)
    free(letter);
  visitor->writes_begun += err == 0;
  return err;
}

static void on_alloc(tlsloop_stream_t* stream, size_t size, uv_buf_t* buf) {
  static char room[64 * 1024];

  note(stream->data);
  ALWAYS(size > 0);
  *buf = uv_buf_init(room, sizeof(room));
}

static void on_read(tlsloop_stream_t* stream,
                    ssize_t nread,
                    const uv_buf_t* buf) {
  visitor_t* visitor;
  ssize_t i;

  visitor = stream->data;
  note(visitor);
  ALWAYS(visitor->ends == 0);
  for (i = 0; i < nread; i++)
    ALWAYS((unsigned char) buf->base[i] == POISON);
  if (nread > 0)
    visitor->received += (uint64_t) nread;
  if (nread < 0) {
    visitor->ends++;
    visitor->read_status = (int) nread;
  }
  tell(visitor, nread < 0 ? VISIT_END : VISIT_DATA);
}

int visitor_read(visitor_t* visitor) {
  int err;

  inside++;
  err = tlsloop_read_start(visitor->stream, on_alloc, on_read);
  inside--;
  return err;
}

static void on_close(tlsloop_stream_t* stream) {
  visitor_t* visitor;

  visitor = stream->data;
  note(visitor);
  ALWAYS(visitor->connects == visitor->begun);
  ALWAYS(visitor->writes == visitor->writes_begun);
  give_back(stream, sizeof(*stream));
  visitor->stream = NULL;
  visitor->closed = 1;
  tell(visitor, VISIT_CLOSED);
}

void visitor_close(visitor_t* visitor) {
  inside++;
  tlsloop_close(visitor->stream, on_close);
  inside--;
}

static void note_house(const house_t* house) {
  ALWAYS_MSG(inside == 0, "a callback runs inside a call");
  ALWAYS_MSG(!house->closed, "a callback comes after the close callback");
}

static void tell_house(house_t* house, int event) {
  if (house->hook != NULL)
    house->hook(house, event);
}

static void on_refused(tlsloop_listener_t* listener,
                       int status,
                       const tlsloop_error_t* error,
                       const struct sockaddr* peer) {
  struct sockaddr_in address;
  house_t* house;

  house = listener->data;
  note_house(house);
  ALWAYS(status < 0);
  house->refusals++;
  house->status = status;
  copy_text(house->text, error);
  memset(&address, 0, sizeof(address));
  if (peer != NULL)
    memcpy(&address, peer, sizeof(address));
  house->peer_port = ntohs(address.sin_port);
  tell_house(house, HOUSE_REFUSED);
}

static void on_visit(tlsloop_listener_t* listener) {
  house_t* house;

  house = listener->data;
  note_house(house);
  house->visits++;
  tell_house(house, HOUSE_VISITED);
}

void house_init(house_t* house, loop_t* loop, tlsloop_ctx_t* ctx) {
  memset(house, 0, sizeof(*house));
  house->listener = allocate(sizeof(*house->listener));
  house->transport = allocate(sizeof(*house->transport));
  ALWAYS(tlsloop_listener_init(&loop->uv, house->listener, ctx) == 0);
  house->listener->data = house;
  tlsloop_listener_on_error(house->listener, on_refused);
}

static void house_listen(house_t* house) {
  int err;

  house->transport->handle.data = house;
  inside++;
  err = tlsloop_listen(
      house->listener, &house->transport->stream, 2048, on_visit);
  inside--;
  ALWAYS_MSG(err == 0, "tlsloop_listen: %s", tlsloop_strerror(err));
}

void house_listen_on(house_t* house, int fd) {
  struct sockaddr_in address;
  socklen_t len;

  len = sizeof(address);
  ALWAYS(getsockname(fd, (struct sockaddr*) &address, &len) == 0);
  house->port = ntohs(address.sin_port);
  uv_tcp_init(house->listener->loop, &house->transport->tcp);
  ALWAYS(uv_tcp_open(&house->transport->tcp, fd) == 0);
  house_listen(house);
}

void house_listen_pipe(house_t* house) {
  snprintf(house->path, sizeof(house->path), "%s/door", pki_dir(duo_pki()));
  uv_pipe_init(house->listener->loop, &house->transport->pipe, 0);
  ALWAYS(uv_pipe_bind(&house->transport->pipe, house->path) == 0);
  house_listen(house);
}

void house_open(house_t* house, loop_t* loop, tlsloop_ctx_t* ctx) {
  int port;

  house_init(house, loop, ctx);
  house_listen_on(house, visit_bind(0, &port));
}

int house_accept(house_t* house) {
  visitor_t* guest;
  int err;

  ALWAYS(house->taken < 16);
  guest = &house->guests[house->taken];
  memset(guest, 0, sizeof(*guest));
  guest->stream = allocate(sizeof(*guest->stream));
  inside++;
  err = tlsloop_accept(house->listener, guest->stream);
  inside--;
  if (err != 0) {
    free(guest->stream);
    return err;
  }
  guest->stream->data = guest;
  house->taken++;
  return 0;
}

void house_welcome(house_t* house, int event) {
  if (event == HOUSE_VISITED)
    ALWAYS(house_accept(house) == 0);
}

static void on_house_closed(tlsloop_listener_t* listener) {
  house_t* house;

  house = listener->data;
  note_house(house);
  if (listener->transport != NULL)
    ALWAYS(house->transport->handle.data == house);
  give_back(listener, sizeof(*listener));
  give_back(house->transport, sizeof(*house->transport));
  house->listener = NULL;
  house->closed = 1;
  tell_house(house, HOUSE_CLOSED);
}

void house_close(house_t* house) {
  inside++;
  tlsloop_listener_close(house->listener, on_house_closed);
  inside--;
}

int visit_bind(int v6, int* port) {
  struct sockaddr_storage storage;
  socklen_t len;
  int fd;

  memset(&storage, 0, sizeof(storage));
  make_address(&storage, v6 ? -1 : 0);
  ((struct sockaddr_in*) &storage)->sin_port = 0;
  fd = socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ck_assert_int_ge(fd, 0);
  len = v6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
  ck_assert_int_eq(bind(fd, (struct sockaddr*) &storage, len), 0);
  ck_assert_int_eq(getsockname(fd, (struct sockaddr*) &storage, &len), 0);
  *port = ntohs(((struct sockaddr_in*) &storage)->sin_port);
  return fd;
}

int visit_refused_port(void) {
  int port;

  close(visit_bind(0, &port));
  return port;
}

int visit_socket(int port) {
  struct sockaddr_storage storage;
  int err;
  int fd;

  make_address(&storage, port);
  fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ck_assert_int_ge(fd, 0);
  err = connect(fd, (struct sockaddr*) &storage, sizeof(struct sockaddr_in));
  ck_assert_int_eq(err, 0);
  return fd;
}

/* A queue of none still takes one connection; what comes when it is full is
 * not answered. */
int visit_black_hole(int fds[2]) {
  int port;

  fds[0] = visit_bind(0, &port);
  ck_assert_int_eq(listen(fds[0], 0), 0);
  fds[1] = visit_socket(port);
  return port;
}

void visit_turn(loop_t* loop) {
  ALWAYS_MSG(uv_loop_alive(&loop->uv), "nothing is left to wait for");
  uv_run(&loop->uv, UV_RUN_ONCE);
}
