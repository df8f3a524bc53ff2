/* SPDX-License-Identifier: MIT */

/* Connect: a name becomes addresses, the addresses a transport, the transport
 * a TLS stream; one deadline over all of it. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "context/hostname.h"
#include "stream/pump.h"
#include "stream/race.h"

/* What a stream has while it is connecting. It outlives the stream when the
 * resolver cannot be stopped. */
struct tlsloop__connector_s {
  tlsloop__stream_t* stream; /* NULL: abandoned */
  tlsloop__race_t* race;     /* NULL while the name is resolved */
  uv_getaddrinfo_t resolver;
  char target[256]; /* what errors are about */
};

static void on_handshake(tlsloop_stream_t* stream, int status) {
  tlsloop_connect_t* req = stream->impl->connect;

  stream->impl->connect = NULL;
  req->cb(req, status);
}

/* Ends |s|'s connecting with |status|, about |target|. */
static void fail(tlsloop__stream_t* s, int status, const char* target) {
  tlsloop__stream_break_at(s, status, target, uv_strerror(status));
  tlsloop__pump(s);
}

/* Goes on with the handshake on |transport|. */
static void succeed(tlsloop__stream_t* s, uv_stream_t* transport) {
  int err;

  err = tlsloop__stream_adopt(s, transport);
  if (err == 0)
    err = tlsloop__handshake_begin(s);
  if (err != 0)
    tlsloop__stream_break(s, err, tlsloop_strerror(err));
  tlsloop__pump(s);
}

static void on_race(void* arg,
                    uv_stream_t* winner,
                    int status,
                    const tlsloop__address_t* address) {
  tlsloop__connector_t* connector = arg;
  tlsloop__stream_t* s = connector->stream;
  char target[sizeof(tlsloop__address_t) + 16];

  tlsloop__address_format(address, target, sizeof(target));
  s->connector = NULL;
  free(connector);
  if (winner != NULL)
    succeed(s, winner);
  else
    fail(s, status, target);
}

static int race(tlsloop__connector_t* connector,
                tlsloop__address_t* addresses,
                size_t count) {
  return tlsloop__race_start(&connector->race,
                             connector->stream->loop->uv,
                             &connector->stream->loop->graves,
                             addresses,
                             count,
                             on_race,
                             connector);
}

/* Turns the resolver's answer into an array for the race. */
static int race_to(tlsloop__connector_t* connector,
                   const struct addrinfo* list) {
  const struct addrinfo* info;
  tlsloop__address_t* addresses;
  size_t count = 0;

  for (info = list; info != NULL; info = info->ai_next)
    count++;
  addresses = calloc(count + 1, sizeof(*addresses));
  if (addresses == NULL)
    return UV_ENOMEM;
  count = 0;
  for (info = list; info != NULL; info = info->ai_next)
    count += (size_t) tlsloop__address_copy(&addresses[count], info->ai_addr);
  if (count == 0) {
    free(addresses);
    return UV_EAI_NODATA;
  }
  tlsloop__race_interleave(addresses, count);
  return race(connector, addresses, count);
}

static void on_resolved(uv_getaddrinfo_t* req,
                        int status,
                        struct addrinfo* list) {
  tlsloop__connector_t* connector = req->data;
  tlsloop__stream_t* s = connector->stream;

  if (s != NULL && status == 0)
    status = race_to(connector, list);
  uv_freeaddrinfo(list);
  if (s != NULL && status == 0)
    return;
  if (s != NULL) {
    s->connector = NULL;
    fail(s, status, connector->target);
  }
  free(connector);
}

/* Without AI_ADDRCONFIG, by which a machine that has no other IPv6 address
 * does not find ::1 either. */
static int resolve(tlsloop__connector_t* connector,
                   const char* host,
                   int port) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                           .ai_flags = AI_NUMERICSERV};
  char service[16];

  snprintf(service, sizeof(service), "%d", port);
  snprintf(connector->target, sizeof(connector->target), "%s", host);
  connector->resolver.data = connector;
  return uv_getaddrinfo(connector->stream->loop->uv,
                        &connector->resolver,
                        on_resolved,
                        host,
                        service,
                        &hints);
}

/* A resolver that is at work already cannot be stopped; it frees the connector
 * when it is done. */
void tlsloop__connector_abandon(tlsloop__stream_t* s) {
  tlsloop__connector_t* connector = s->connector;

  if (connector == NULL)
    return;
  s->connector = NULL;
  connector->stream = NULL;
  if (connector->race == NULL) {
    uv_cancel((uv_req_t*) &connector->resolver);
    return;
  }
  tlsloop__race_abandon(connector->race);
  free(connector);
}

/* Whether |s| can begin to connect: 0 or why not. */
static int check(const tlsloop__stream_t* s, tlsloop_connect_cb cb) {
  if (s->state == TLSLOOP__STREAM_CLOSING)
    return UV_ECANCELED;
  if (s->state != TLSLOOP__STREAM_NEW)
    return UV_EALREADY;
  if (s->engine->side == TLSLOOP_SERVER)
    return TLSLOOP_ESIDE;
  return cb == NULL ? UV_EINVAL : 0;
}

/* Gives |s| a connector and its deadline. Returns 0 or UV_ENOMEM. */
static int prepare(tlsloop__stream_t* s) {
  tlsloop__connector_t* connector = calloc(1, sizeof(*connector));

  if (connector == NULL)
    return UV_ENOMEM;
  if (tlsloop__deadline_set(
          s, TLSLOOP__DEADLINE_HANDSHAKE, s->handshake.timeout) != 0) {
    free(connector);
    return UV_ENOMEM;
  }
  connector->stream = s;
  s->connector = connector;
  return 0;
}

/* Ends what prepare began: with |err| 0 |s| is connecting for |req|, otherwise
 * it is as it was. Returns |err|. */
static int commit(tlsloop__stream_t* s,
                  int err,
                  tlsloop_connect_t* req,
                  tlsloop_connect_cb cb) {
  if (err != 0) {
    tlsloop__deadline_clear(s, TLSLOOP__DEADLINE_HANDSHAKE);
    free(s->connector);
    s->connector = NULL;
    return err;
  }
  req->stream = s->handle;
  req->cb = cb;
  s->connect = req;
  s->handshake_cb = on_handshake;
  tlsloop__stream_set_state(s, TLSLOOP__STREAM_CONNECTING);
  return 0;
}

/* Begins to look |host| up, and names the server so unless it has a name. The
 * name comes last because it could not be taken back. */
static int begin(tlsloop__stream_t* s, const char* host, int port) {
  int err = prepare(s);

  if (err == 0)
    err = resolve(s->connector, host, port);
  if (err != 0 || s->engine->hostname != NULL)
    return err;
  err = tlsloop_engine_set_hostname(s->engine, host);
  if (err != 0)
    tlsloop__connector_abandon(s);
  return err;
}

int tlsloop_connect(tlsloop_connect_t* req,
                    tlsloop_stream_t* stream,
                    const char* host,
                    int port,
                    tlsloop_connect_cb cb) {
  tlsloop__stream_t* s = stream->impl;
  const char* why = NULL;
  char* ascii;
  int is_ip;
  int err = check(s, cb);

  if (err != 0)
    return err;
  if (port < 1 || port > 65535)
    return UV_EINVAL;
  err = tlsloop__hostname_parse(host, &ascii, &is_ip, &why);
  if (err != 0)
    return tlsloop__error_fail(&s->engine->error, err, host, why);
  err = commit(s, begin(s, ascii, port), req, cb);
  free(ascii);
  return err;
}

/* Connects |s| to |addresses|, which it takes over. */
static int connect_to(tlsloop_connect_t* req,
                      tlsloop__stream_t* s,
                      tlsloop__address_t* addresses,
                      size_t count,
                      tlsloop_connect_cb cb) {
  int err = check(s, cb);

  if (err == 0)
    err = tlsloop__handshake_check(s);
  if (err == 0)
    err = prepare(s);
  if (err != 0) {
    free(addresses);
    return err;
  }
  return commit(s, race(s->connector, addresses, count), req, cb);
}

int tlsloop_connect_addrs(tlsloop_connect_t* req,
                          tlsloop_stream_t* stream,
                          const struct sockaddr* const* addrs,
                          size_t count,
                          tlsloop_connect_cb cb) {
  tlsloop__address_t* addresses;
  size_t i;

  if (count == 0)
    return UV_EINVAL;
  addresses = calloc(count, sizeof(*addresses));
  if (addresses == NULL)
    return UV_ENOMEM;
  for (i = 0; i < count; i++) {
    if (!tlsloop__address_copy(&addresses[i], addrs[i])) {
      free(addresses);
      return UV_EINVAL;
    }
  }
  return connect_to(req, stream->impl, addresses, count, cb);
}

int tlsloop_connect_pipe(tlsloop_connect_t* req,
                         tlsloop_stream_t* stream,
                         const char* name,
                         tlsloop_connect_cb cb) {
  tlsloop__address_t* address;

  if (name == NULL || name[0] == '\0')
    return UV_EINVAL;
  if (strlen(name) >= sizeof(address->pipe.sun_path))
    return UV_ENAMETOOLONG;
  address = calloc(1, sizeof(*address));
  if (address == NULL)
    return UV_ENOMEM;
  address->pipe.sun_family = AF_UNIX;
  strcpy(address->pipe.sun_path, name);
  return connect_to(req, stream->impl, address, 1, cb);
}
