/* SPDX-License-Identifier: MIT */

/* Crew: threads with a loop each, that share contexts. */

#include "support/crew.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct meeting_s meeting_t;

/* One side of a meeting. */
typedef struct guest_s {
  meeting_t* meeting;
  tlsloop_stream_t tls;
  uv_pipe_t pipe;
  tlsloop_write_t write;
  tlsloop_shutdown_t shutdown;
  size_t received;
  int got_eof;
  int ended;
  char bytes[16 * 1024];
} guest_t;

/* A client and a server on one loop. */
struct meeting_s {
  crew_member_t* member;
  guest_t client;
  guest_t server;
  int open;    /* sides that are not closed */
  int resumes; /* the client tries to */
  char* data;
};

void crew_need(int holds, const char* condition) {
  if (holds)
    return;
  fprintf(stderr, "on a thread: %s: not so\n", condition);
  abort();
}

static void need_ok(int status) {
  if (status >= 0)
    return;
  fprintf(stderr, "on a thread: %s\n", tlsloop_err_name(status));
  abort();
}

/* On whichever thread the session was made. */
static void on_session(tlsloop_engine_t* engine,
                       tlsloop_session_t* session,
                       void* arg) {
  crew_t* crew = arg;
  crew_member_t* member = uv_key_get(&crew->self);
  tlsloop_session_t* old;

  (void) engine;
  uv_mutex_lock(&crew->lock);
  old = member->session;
  member->session = tlsloop_session_ref(session);
  uv_mutex_unlock(&crew->lock);
  tlsloop_session_unref(old);
}

/* The last session of the next member that has one; NULL: there is none. */
static tlsloop_session_t* borrow(const crew_member_t* member) {
  crew_t* crew = member->crew;
  tlsloop_session_t* session = NULL;
  int i;

  uv_mutex_lock(&crew->lock);
  for (i = 1; i <= crew->count && session == NULL; i++)
    session = crew->members[(member->index + i) % crew->count].session;
  if (session != NULL)
    tlsloop_session_ref(session);
  uv_mutex_unlock(&crew->lock);
  return session;
}

static void meet(crew_member_t* member);

static void on_closed(tlsloop_stream_t* tls) {
  meeting_t* meeting = ((guest_t*) tls->data)->meeting;
  crew_member_t* member = meeting->member;

  if (--meeting->open > 0)
    return;
  free(meeting->data);
  free(meeting);
  if (--member->rounds > 0)
    meet(member);
}

static void part(guest_t* guest) {
  if (guest->got_eof && guest->ended)
    tlsloop_close(&guest->tls, on_closed);
}

static void on_shutdown(tlsloop_shutdown_t* req, int status) {
  guest_t* guest = req->stream->data;

  need_ok(status);
  guest->ended = 1;
  part(guest);
}

static void end(guest_t* guest) {
  need_ok(tlsloop_shutdown(&guest->shutdown, &guest->tls, on_shutdown));
}

static void on_alloc(tlsloop_stream_t* tls, size_t size, uv_buf_t* buf) {
  guest_t* guest = tls->data;

  (void) size;
  *buf = uv_buf_init(guest->bytes, sizeof(guest->bytes));
}

static void on_read(tlsloop_stream_t* tls, ssize_t nread, const uv_buf_t* buf);

static void on_echoed(tlsloop_write_t* req, int status) {
  need_ok(status);
  need_ok(tlsloop_read_start(req->stream, on_alloc, on_read));
}

static void on_client_data(guest_t* client, const char* data, size_t len) {
  meeting_t* meeting = client->meeting;

  CREW_NEED(client->received + len <= meeting->member->crew->len);
  CREW_NEED(memcmp(meeting->data + client->received, data, len) == 0);
  client->received += len;
  if (client->received == meeting->member->crew->len)
    end(client);
}

static void on_read(tlsloop_stream_t* tls, ssize_t nread, const uv_buf_t* buf) {
  guest_t* guest = tls->data;
  meeting_t* meeting = guest->meeting;
  uv_buf_t data;

  if (nread == UV_EOF) {
    guest->got_eof = 1;
    if (guest == &meeting->server)
      end(guest);
    else
      part(guest);
    return;
  }
  need_ok((int) nread);
  if (nread == 0)
    return;
  if (guest == &meeting->client) {
    on_client_data(guest, buf->base, (size_t) nread);
  } else {
    data = uv_buf_init(buf->base, (unsigned int) nread);
    tlsloop_read_stop(tls);
    need_ok(tlsloop_write(&guest->write, tls, &data, 1, on_echoed));
  }
}

static void on_handshake(tlsloop_stream_t* tls, int status) {
  meeting_t* meeting = ((guest_t*) tls->data)->meeting;
  crew_member_t* member = meeting->member;
  int reused;

  need_ok(status);
  reused = tlsloop_engine_session_reused(tlsloop_stream_engine(tls));
  CREW_NEED(!reused || meeting->resumes);
  member->met++;
  member->resumed += (unsigned int) reused;
}

static void begin(guest_t* guest, meeting_t* meeting, int side, int fd) {
  uv_loop_t* loop = &meeting->member->loop;
  crew_t* crew = meeting->member->crew;

  guest->meeting = meeting;
  need_ok(
      tlsloop_stream_init(loop,
                          &guest->tls,
                          side == TLSLOOP_CLIENT ? crew->client : crew->server,
                          side));
  guest->tls.data = guest;
  need_ok(uv_pipe_init(loop, &guest->pipe, 0));
  need_ok(uv_pipe_open(&guest->pipe, fd));
  need_ok(tlsloop_attach(&guest->tls, (uv_stream_t*) &guest->pipe));
}

static void name_and_resume(meeting_t* meeting) {
  crew_member_t* member = meeting->member;
  tlsloop_stream_t* tls = &meeting->client.tls;
  tlsloop_session_t* session = borrow(member);
  int r;

  need_ok(tlsloop_stream_set_hostname(tls, "localhost"));
  if (session == NULL)
    return;
  r = tlsloop_stream_set_session(tls, session);
  if (r == TLSLOOP_ESESSION)
    member->refused++;
  else
    need_ok(r);
  meeting->resumes = r == 0;
  member->tried += r == 0;
  tlsloop_session_unref(session);
}

static void meet(crew_member_t* member) {
  meeting_t* meeting = calloc(1, sizeof(*meeting));
  size_t i, len = member->crew->len;
  uv_os_sock_t fds[2];
  uv_buf_t buf;

  CREW_NEED(meeting != NULL);
  meeting->member = member;
  meeting->open = 2;
  meeting->data = malloc(len);
  CREW_NEED(meeting->data != NULL);
  for (i = 0; i < len; i++)
    meeting->data[i] = (char) (i * 7 + (unsigned int) member->rounds);
  need_ok(
      uv_socketpair(SOCK_STREAM, 0, fds, UV_NONBLOCK_PIPE, UV_NONBLOCK_PIPE));
  begin(&meeting->client, meeting, TLSLOOP_CLIENT, fds[0]);
  begin(&meeting->server, meeting, TLSLOOP_SERVER, fds[1]);
  name_and_resume(meeting);
  need_ok(tlsloop_handshake(&meeting->client.tls, on_handshake));
  need_ok(tlsloop_read_start(&meeting->client.tls, on_alloc, on_read));
  need_ok(tlsloop_read_start(&meeting->server.tls, on_alloc, on_read));
  buf = uv_buf_init(meeting->data, (unsigned int) len);
  need_ok(tlsloop_write(
      &meeting->client.write, &meeting->client.tls, &buf, 1, NULL));
}

static void work(void* arg) {
  crew_member_t* member = arg;

  uv_key_set(&member->crew->self, member);
  meet(member);
  need_ok(uv_run(&member->loop, UV_RUN_DEFAULT));
}

void crew_open(crew_t* crew,
               int count,
               tlsloop_ctx_t* client,
               tlsloop_ctx_t* server) {
  memset(crew, 0, sizeof(*crew));
  need_ok(uv_mutex_init(&crew->lock));
  need_ok(uv_key_create(&crew->self));
  need_ok(tlsloop_ctx_set_session_cb(client, on_session, crew));
  crew->client = client;
  crew->server = server;
  crew->count = count;
  crew->rounds = 20;
  crew->len = 100000;
}

/* All loops come before the first thread, and go after the last: libuv closes
 * descriptors in a way that the thread sanitizer does not see, and it would
 * take the next use of their numbers for a race. */
void crew_start(crew_t* crew) {
  crew_member_t* member;
  int i;

  for (i = 0; i < crew->count; i++)
    need_ok(uv_loop_init(&crew->members[i].loop));
  for (i = 0; i < crew->count; i++) {
    member = &crew->members[i];
    member->crew = crew;
    member->index = i;
    member->rounds = crew->rounds;
    need_ok(uv_thread_create(&member->thread, work, member));
  }
}

void crew_join(crew_t* crew) {
  int i;

  for (i = 0; i < crew->count; i++)
    need_ok(uv_thread_join(&crew->members[i].thread));
  for (i = 0; i < crew->count; i++)
    need_ok(uv_loop_close(&crew->members[i].loop));
}

void crew_close(crew_t* crew) {
  int i;

  for (i = 0; i < crew->count; i++)
    tlsloop_session_unref(crew->members[i].session);
  uv_key_delete(&crew->self);
  uv_mutex_destroy(&crew->lock);
  tlsloop_ctx_unref(crew->client);
  tlsloop_ctx_unref(crew->server);
}
