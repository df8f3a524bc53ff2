/* SPDX-License-Identifier: MIT */

/* Session: the object and its attributes. */

#include "context/session.h"

#include <stdlib.h>
#include <string.h>
#include <uv/errno.h>

#include "context/ctx.h"

int tlsloop__session_make(tlsloop_session_t** session,
                          SSL_SESSION* ssl,
                          tlsloop_ctx_t* ctx,
                          const char* hostname) {
  tlsloop_session_t* made = calloc(1, sizeof(*made));
  char* copy = hostname == NULL ? NULL : strdup(hostname);

  if (made == NULL || (hostname != NULL && copy == NULL)) {
    free(made);
    free(copy);
    SSL_SESSION_free(ssl);
    return UV__ENOMEM;
  }
  atomic_init(&made->refs, 1);
  made->ssl = ssl;
  made->ctx = tlsloop_ctx_ref(ctx);
  made->hostname = copy;
  memcpy(made->policy, ctx->policy, sizeof(made->policy));
  *session = made;
  return 0;
}

tlsloop_session_t* tlsloop_session_ref(tlsloop_session_t* session) {
  atomic_fetch_add_explicit(&session->refs, 1, memory_order_relaxed);
  return session;
}

void tlsloop_session_unref(tlsloop_session_t* session) {
  if (session == NULL)
    return;
  if (atomic_fetch_sub_explicit(&session->refs, 1, memory_order_acq_rel) > 1)
    return;
  SSL_SESSION_free(session->ssl);
  tlsloop_ctx_unref(session->ctx);
  free(session->hostname);
  free(session);
}

void tlsloop_session_id(const tlsloop_session_t* session,
                        const unsigned char** id,
                        size_t* len) {
  unsigned int n;

  *id = SSL_SESSION_get_id(session->ssl, &n);
  *len = n;
}

int64_t tlsloop_session_time(const tlsloop_session_t* session) {
  return SSL_SESSION_get_time(session->ssl);
}

int64_t tlsloop_session_timeout(const tlsloop_session_t* session) {
  return SSL_SESSION_get_timeout(session->ssl);
}

int64_t tlsloop_session_ticket_lifetime_hint(const tlsloop_session_t* session) {
  return (int64_t) SSL_SESSION_get_ticket_lifetime_hint(session->ssl);
}

int tlsloop_session_has_ticket(const tlsloop_session_t* session) {
  return SSL_SESSION_has_ticket(session->ssl);
}

int tlsloop_session_is_resumable(const tlsloop_session_t* session) {
  return SSL_SESSION_is_resumable(session->ssl);
}

const char* tlsloop_session_hostname(const tlsloop_session_t* session) {
  return session->hostname;
}

int tlsloop_session_equal(const tlsloop_session_t* a,
                          const tlsloop_session_t* b) {
  const unsigned char* a_id;
  const unsigned char* b_id;
  size_t a_len;
  size_t b_len;

  tlsloop_session_id(a, &a_id, &a_len);
  tlsloop_session_id(b, &b_id, &b_len);
  return a_len == b_len && memcmp(a_id, b_id, a_len) == 0;
}
