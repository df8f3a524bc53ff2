/* SPDX-License-Identifier: MIT */

/* Crew: threads with a loop each, on which clients and servers of contexts that
 * all of them share meet, talk and part, again and again. Each client tries to
 * resume a session that was made on another thread.
 *
 * What goes wrong on a thread ends the process: Check's assertions are for the
 * thread of the test. */

#ifndef TLSLOOP_TESTS_SUPPORT_CREW_H
#define TLSLOOP_TESTS_SUPPORT_CREW_H

#include <tlsloop.h>
#include <uv.h>

#define CREW_MAX 8

typedef struct crew_s crew_t;

/* One thread. What it counts is to be read after crew_join. */
typedef struct crew_member_s {
  crew_t* crew;
  uv_thread_t thread;
  uv_loop_t loop;
  tlsloop_session_t* session; /* the last made here; under the crew's lock */
  int index;
  int rounds; /* that are left */
  unsigned int met;
  unsigned int tried;   /* to resume */
  unsigned int resumed; /* of these */
  unsigned int refused; /* sessions of another policy */
} crew_member_t;

struct crew_s {
  tlsloop_ctx_t* client;
  tlsloop_ctx_t* server;
  int count;  /* of members */
  int rounds; /* connections of each member */
  size_t len; /* how much each client sends, and gets back */
  uv_mutex_t lock;
  uv_key_t self; /* the member that a thread is */
  crew_member_t members[CREW_MAX];
};

/* Makes |crew|, and takes over the references to contexts that are not sealed
 * yet. */
void crew_open(crew_t* crew,
               int count,
               tlsloop_ctx_t* client,
               tlsloop_ctx_t* server);

/* Starts the threads. */
void crew_start(crew_t* crew);

/* Waits until all of them have done their rounds. */
void crew_join(crew_t* crew);

/* Frees what |crew| has. */
void crew_close(crew_t* crew);

/* Ends the process unless |condition| holds. */
#define CREW_NEED(condition) crew_need((condition) != 0, #condition)
void crew_need(int holds, const char* condition);

#endif /* TLSLOOP_TESTS_SUPPORT_CREW_H */
