/* SPDX-License-Identifier: MIT */

/* The contract of the bench servers: what a client may ask for after the
 * handshake. A command is a letter and a 64-bit big-endian length:
 *
 *   E 0   echo everything that follows
 *   S n   send n bytes, then wait for the next command
 *   R n   receive n bytes, answer one byte, then wait for the next command
 *
 * A command may share a record with what is before and after it. */

#ifndef TLSLOOP_BENCH_CONTRACT_H
#define TLSLOOP_BENCH_CONTRACT_H

#include <stddef.h>
#include <stdint.h>

#define CONTRACT_COMMAND_SIZE 9

/* The most that a server reads or sends at once, in bytes. */
#define CONTRACT_CHUNK ((size_t) 64 * 1024)

/* How far a connection has come in what its client asks for. */
typedef struct contract_s {
  uint64_t left; /* bytes still to receive */
  unsigned char command[CONTRACT_COMMAND_SIZE];
  unsigned char have; /* how much of the command has come */
  char kind;          /* the command being carried out, or 0 */
} contract_t;

/* Bytes that were received. */
typedef struct contract_span_s {
  char* data;
  size_t len;
} contract_span_t;

typedef enum contract_todo_e {
  CONTRACT_BAD = -1, /* this is no command: close */
  CONTRACT_MORE,     /* read on */
  CONTRACT_ECHO,     /* send back what is in the span |echo| */
  CONTRACT_SEND,     /* send |send| bytes */
  CONTRACT_ANSWER    /* send one byte */
} contract_todo_t;

typedef struct contract_work_s {
  contract_span_t echo;
  uint64_t send;
} contract_work_t;

/* Takes from the front of |in| what makes up the next thing to do, tells what
 * that is, and stores its details in |work|. It is CONTRACT_MORE only when
 * nothing is left of |in|. */
contract_todo_t contract_next(contract_t* contract,
                              contract_span_t* in,
                              contract_work_t* work);

/* Writes the command |kind| with |n| into |command|. */
void contract_command(unsigned char command[CONTRACT_COMMAND_SIZE],
                      char kind,
                      uint64_t n);

#endif /* TLSLOOP_BENCH_CONTRACT_H */
