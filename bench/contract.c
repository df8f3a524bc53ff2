/* SPDX-License-Identifier: MIT */

/* The contract of the bench servers, without any I/O, so that all of them do
 * the same. */

#include "bench/contract.h"

#include <string.h>

static void take(contract_span_t* in, size_t n) {
  in->data += n;
  in->len -= n;
}

static uint64_t length_of(const unsigned char command[CONTRACT_COMMAND_SIZE]) {
  uint64_t n = 0;
  int i;

  for (i = 1; i < CONTRACT_COMMAND_SIZE; i++)
    n = n << 8 | command[i];
  return n;
}

/* Begins what a complete command asks for. */
static contract_todo_t begin(contract_t* contract, contract_work_t* work) {
  contract->have = 0;
  contract->left = length_of(contract->command);
  switch (contract->command[0]) {
    case 'E':
      contract->kind = 'E';
      return CONTRACT_MORE;
    case 'S':
      work->send = contract->left;
      return CONTRACT_SEND;
    case 'R':
      if (contract->left == 0)
        return CONTRACT_ANSWER;
      contract->kind = 'R';
      return CONTRACT_MORE;
    default:
      return CONTRACT_BAD;
  }
}

static contract_todo_t next_command(contract_t* contract,
                                    contract_span_t* in,
                                    contract_work_t* work) {
  size_t n = CONTRACT_COMMAND_SIZE - contract->have;

  if (n > in->len)
    n = in->len;
  memcpy(contract->command + contract->have, in->data, n);
  contract->have += (unsigned char) n;
  take(in, n);
  if (contract->have < CONTRACT_COMMAND_SIZE)
    return CONTRACT_MORE;
  return begin(contract, work);
}

static contract_todo_t receive(contract_t* contract, contract_span_t* in) {
  size_t n = contract->left < in->len ? (size_t) contract->left : in->len;

  contract->left -= n;
  take(in, n);
  if (contract->left > 0)
    return CONTRACT_MORE;
  contract->kind = 0;
  return CONTRACT_ANSWER;
}

contract_todo_t contract_next(contract_t* contract,
                              contract_span_t* in,
                              contract_work_t* work) {
  contract_todo_t todo = CONTRACT_MORE;

  while (todo == CONTRACT_MORE && in->len > 0) {
    if (contract->kind == 'E') {
      work->echo = *in;
      take(in, in->len);
      return CONTRACT_ECHO;
    }
    if (contract->kind == 'R')
      todo = receive(contract, in);
    else
      todo = next_command(contract, in, work);
  }
  return todo;
}

void contract_command(unsigned char command[CONTRACT_COMMAND_SIZE],
                      char kind,
                      uint64_t n) {
  int i;

  command[0] = (unsigned char) kind;
  for (i = CONTRACT_COMMAND_SIZE - 1; i > 0; i--) {
    command[i] = (unsigned char) (n & 0xff);
    n >>= 8;
  }
}
