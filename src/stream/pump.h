/* SPDX-License-Identifier: MIT */

/* Pump: the one place that moves bytes and calls the application.
 *
 * Every event ends in tlsloop__pump, which repeats its steps while they get on:
 * handshake, read, write, shutdown, flush, completions, ends. A step looks at
 * the stream as it is now, since the application may have done anything in
 * the step before. */

#ifndef TLSLOOP__PUMP_H
#define TLSLOOP__PUMP_H

#include "stream/stream.h"

/* What a step came to. */
typedef enum tlsloop__step_e {
  TLSLOOP__STEP_IDLE = 0,    /* steps before it have nothing new to do */
  TLSLOOP__STEP_PROGRESS = 1 /* it, or one before it, may go on */
} tlsloop__step_t;

/* Runs the steps of |s|. Only from the loop. */
void tlsloop__pump(tlsloop__stream_t* s);

/* Asks for the pump of |s|: the one that is running goes round again, or the
 * loop runs it soon. From anywhere. */
void tlsloop__pump_ask(tlsloop__stream_t* s);

/* The turn of a stream: runs its pump. */
void tlsloop__pump_turn(tlsloop__turn_t* turn);

/* Gives the transport what is in cipher_out. */
tlsloop__step_t tlsloop__flush(tlsloop__stream_t* s);

/* handshake.c: whether one can begin, 0 or TLSLOOP_ENOHOSTNAME; starts it when
 * nobody has, and returns 0 or an error. */
int tlsloop__handshake_check(const tlsloop__stream_t* s);
int tlsloop__handshake_begin(tlsloop__stream_t* s);
tlsloop__step_t tlsloop__handshake_step(tlsloop__stream_t* s);

/* read.c: delivers plaintext, or lets TLS go on while nobody reads. */
tlsloop__step_t tlsloop__read_step(tlsloop__stream_t* s);

/* write.c: whether writes are taken, 0 or why not; encrypts what is queued;
 * completes what is written; fails what cannot be any more. */
int tlsloop__write_check(const tlsloop__stream_t* s);
tlsloop__step_t tlsloop__write_step(tlsloop__stream_t* s);
tlsloop__step_t tlsloop__write_complete(tlsloop__stream_t* s);
tlsloop__step_t tlsloop__write_fail(tlsloop__stream_t* s, int code);

/* window.c: how many bytes of ciphertext may be on their way; notes that the
 * system has taken |written| of them at once, and whether it left some over. */
size_t tlsloop__window(const tlsloop__stream_t* s);
void tlsloop__window_note(tlsloop__stream_t* s, size_t written);

/* record.c: how many bytes the next record takes, which is then written. */
size_t tlsloop__record_size(tlsloop__stream_t* s);

/* shutdown.c: whether one can begin; says close_notify, then shuts the
 * transport, which ends in on_shut; ends the request. */
int tlsloop__shutdown_check(const tlsloop__stream_t* s);
tlsloop__step_t tlsloop__shutdown_step(tlsloop__stream_t* s);
void tlsloop__shutdown_on_shut(tlsloop__stream_t* s, int status);
void tlsloop__shutdown_done(tlsloop__stream_t* s, int status);

/* unwrap.c: waits for the peer's close_notify, then gives the transport back;
 * ends the request. */
tlsloop__step_t tlsloop__unwrap_step(tlsloop__stream_t* s);
void tlsloop__unwrap_done(tlsloop__stream_t* s,
                          int status,
                          const char* data,
                          size_t len);

/* drain.c: notes that the write queue has grown; tells when it has shrunk. */
void tlsloop__drain_note(tlsloop__stream_t* s);
tlsloop__step_t tlsloop__drain_step(tlsloop__stream_t* s);

/* idle.c: moves the deadlines of reading and writing on. */
void tlsloop__idle_watch(tlsloop__stream_t* s);

/* end.c: tells the reader of a clean end; reports what else has ended to whom
 * it concerns. */
tlsloop__step_t tlsloop__eof_step(tlsloop__stream_t* s);
tlsloop__step_t tlsloop__end_step(tlsloop__stream_t* s);

/* connect.c: gives up what makes the transport, if it is still at work. */
void tlsloop__connector_abandon(tlsloop__stream_t* s);

/* sendfile.c: cancels what is being sent; returns for how many files the
 * thread pool has to finish first. */
unsigned int tlsloop__sendfile_cancel(tlsloop__stream_t* s);

/* linger.c: whether a closing stream waits for its peer first; the peer has
 * closed, or time is up. */
int tlsloop__linger_begin(tlsloop__stream_t* s);
void tlsloop__linger_end(tlsloop__stream_t* s);

/* close.c: one of those files is finished; closes the transport of a closing
 * stream; it has closed. */
void tlsloop__close_errand_done(tlsloop__stream_t* s);
void tlsloop__close_transport(tlsloop__stream_t* s, int reset);
void tlsloop__close_transport_closed(tlsloop__stream_t* s);

#endif /* TLSLOOP__PUMP_H */
