/* SPDX-License-Identifier: MIT */

/* Sendfile sends what is asked of a file, no more, and says how much. */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/duo.h"

#define SIZE (1000 * 1000)

static duo_t duo;
static tlsloop_sendfile_t req;
static int done;
static int status;

static void on_sent(tlsloop_sendfile_t* sent, int code) {
  ck_assert_ptr_eq(sent, &req);
  ck_assert_int_eq(done, 0);
  done = 1;
  status = code;
}

/* A file that the other party expects: its byte |from| is my first. */
static int make_file(size_t from) {
  char name[] = "/tmp/tlsloop-sendfile-XXXXXX";
  int fd = mkstemp(name);
  FILE* file = fdopen(dup(fd), "w");
  size_t i;

  ck_assert_int_ge(fd, 0);
  unlink(name);
  for (i = 0; i < SIZE; i++)
    fputc(i < from ? 'x' : party_pattern(duo.me->side, i - from), file);
  fclose(file);
  return fd;
}

static int send_file(int fd, int64_t offset, uint64_t count) {
  done = 0;
  return tlsloop_sendfile(&req, duo.me->stream, fd, offset, count, on_sent);
}

static void check_sent(uint64_t count) {
  DUO_UNTIL(&duo, done);
  ck_assert_int_eq(status, 0);
  ck_assert_uint_eq(req.sent, count);
  DUO_UNTIL(&duo, duo.peer->received == count);
}

START_TEST(a_whole_file_arrives) {
  int fd;

  duo_open(&duo, _i);
  fd = make_file(0);
  duo_connect(&duo);
  ck_assert_int_eq(send_file(fd, 0, 0), 0);
  check_sent(SIZE);
  close(fd);
  duo_close(&duo);
}
END_TEST

START_TEST(a_part_of_a_file_arrives) {
  int fd;

  duo_open(&duo, _i);
  fd = make_file(12345);
  duo_connect(&duo);
  ck_assert_int_eq(send_file(fd, 12345, 200001), 0);
  check_sent(200001);
  close(fd);
  duo_close(&duo);
}
END_TEST

START_TEST(a_file_that_is_shorter_is_sent_to_its_end) {
  int fd;

  duo_open(&duo, _i);
  fd = make_file(SIZE - 10);
  duo_connect(&duo);
  ck_assert_int_eq(send_file(fd, SIZE - 10, 5000), 0);
  check_sent(10);
  ck_assert_int_eq(send_file(fd, SIZE + 10, 0), 0);
  DUO_UNTIL(&duo, done);
  ck_assert_int_eq(status, 0);
  ck_assert_uint_eq(req.sent, 0);
  close(fd);
  duo_close(&duo);
}
END_TEST

START_TEST(it_waits_for_the_handshake) {
  int fd;

  duo_open(&duo, _i);
  fd = make_file(0);
  ck_assert_int_eq(send_file(fd, 0, 1000), 0);
  ck_assert_int_eq(party_read_start(duo.peer), 0);
  check_sent(1000);
  close(fd);
  duo_close(&duo);
}
END_TEST

START_TEST(a_file_that_cannot_be_read_fails) {
  int fd;

  duo_open(&duo, _i);
  fd = open("/tmp", O_RDONLY | O_DIRECTORY);
  duo_connect(&duo);
  ck_assert_int_eq(send_file(fd, 0, 0), 0);
  DUO_UNTIL(&duo, done);
  ck_assert_int_eq(status, UV_EISDIR);
  ck_assert_int_eq(party_write(duo.me, 1), 0);
  DUO_UNTIL(&duo, duo.peer->received == 1);
  close(fd);
  duo_close(&duo);
}
END_TEST

START_TEST(a_close_cancels_it_before_the_close_callback) {
  int fd;

  duo_open_wired(&duo, _i);
  fd = make_file(0);
  duo_shrink(&duo);
  duo_connect(&duo);
  duo_settle(&duo);
  duo.to_peer->hold = duo.to_peer->moved;
  ck_assert_int_eq(send_file(fd, 0, 0), 0);
  party_close(duo.me);
  while (!duo.me->closed)
    loop_turn(&duo.loop);
  ck_assert_int_eq(done, 1);
  ck_assert_int_eq(status, UV_ECANCELED);
  duo.to_peer->hold = WIRE_NEVER;
  DUO_UNTIL(&duo, duo.peer->ends == 1);
  close(fd);
  duo_close(&duo);
}
END_TEST

START_TEST(what_makes_no_sense_is_refused) {
  duo_open(&duo, _i);
  duo_connect(&duo);
  ck_assert_int_eq(send_file(0, -1, 0), UV_EINVAL);
  ck_assert_int_eq(tlsloop_sendfile(&req, duo.me->stream, 0, 0, 0, NULL),
                   UV_EINVAL);
  ck_assert_int_eq(party_shutdown(duo.me), 0);
  ck_assert_int_eq(send_file(0, 0, 0), UV_EPIPE);
  duo_close(&duo);
}
END_TEST

Suite* suite(void) {
  const TTest* tests[] = {
      a_whole_file_arrives,
      a_part_of_a_file_arrives,
      a_file_that_is_shorter_is_sent_to_its_end,
      it_waits_for_the_handshake,
      a_file_that_cannot_be_read_fails,
      a_close_cancels_it_before_the_close_callback,
      what_makes_no_sense_is_refused,
  };
  Suite* suite = suite_create("sendfile");
  TCase* tcase = duo_case(suite, "sendfile");
  size_t i;

  for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
    tcase_add_loop_test(tcase, tests[i], 0, DUO_SIDES);
  return suite;
}
