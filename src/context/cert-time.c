/* SPDX-License-Identifier: MIT */

/* Cert-time: reads the text of a certificate's time. Not with strptime and
 * mktime, which ask the locale and the time zone of the process. */

#include "context/cert-time.h"

#include <stddef.h>
#include <uv/errno.h>

#include "tlsloop/cert.h"

typedef struct reader_s {
  const char* at;
  const char* end;
} reader_t;


/* The days from 1970-01-01 to the first of |month|. Years begin in March
 * here, so that a leap day is the last of its year. */
static int64_t days_to(int year, int month) {
  int64_t of_year;
  int64_t years;
  int64_t era;

  years = month > 2 ? year : (int64_t) year - 1;
  era = (years >= 0 ? years : years - 399) / 400;
  years -= era * 400;
  of_year = (153 * ((month + 9) % 12) + 2) / 5;
  return era * 146097 + years * 365 + years / 4 - years / 100 + of_year -
         719468;
}


int64_t tlsloop__cert_seconds(int year,
                              int month,
                              int day,
                              int hour,
                              int minute,
                              int second) {
  int64_t seconds;

  seconds = days_to(year, month) + day - 1;
  seconds = seconds * 24 + hour;
  seconds = seconds * 60 + minute;
  return seconds * 60 + second;
}


/* What Python calls white space; without <ctype.h>, which asks the locale. */
static int is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r') || (c >= '\x1c' && c <= '\x1f');
}


static int skip_spaces(reader_t* reader) {
  const char* from;

  from = reader->at;
  while (reader->at < reader->end && is_space(*reader->at))
    reader->at++;
  return reader->at > from;
}


static int skip_char(reader_t* reader, char c) {
  if (reader->at == reader->end || *reader->at != c)
    return 0;
  reader->at++;
  return 1;
}


/* Whether |reader| is at |word|, in whatever case, and past it then. */
static int skip_word(reader_t* reader, const char* word) {
  const char* at;
  char lower;

  for (at = reader->at; *word != '\0'; at++, word++) {
    if (at == reader->end)
      return 0;
    lower = *at >= 'A' && *at <= 'Z' ? (char) (*at + ('a' - 'A')) : *at;
    if (lower != *word)
      return 0;
  }
  reader->at = at;
  return 1;
}


/* Reads |digits| digits at most into |number|; returns how many there were. */
static int read_digits(reader_t* reader, int digits, int* number) {
  int count;

  *number = 0;
  for (count = 0; count < digits && reader->at < reader->end; count++) {
    if (*reader->at < '0' || *reader->at > '9')
      break;
    *number = *number * 10 + (*reader->at++ - '0');
  }
  return count;
}


/* Reads a number of one or two digits, |max| at most. */
static int read_number(reader_t* reader, int max, int* number) {
  return read_digits(reader, 2, number) > 0 && *number <= max;
}


static int read_month(reader_t* reader, int* month) {
  static const char* const names[] = {"jan",
                                      "feb",
                                      "mar",
                                      "apr",
                                      "may",
                                      "jun",
                                      "jul",
                                      "aug",
                                      "sep",
                                      "oct",
                                      "nov",
                                      "dec"};

  for (*month = 1; *month <= 12; ++*month) {
    if (skip_word(reader, names[*month - 1]))
      return 1;
  }
  return 0;
}


int tlsloop_cert_time_to_seconds(const char* text,
                                 size_t len,
                                 int64_t* seconds) {
  int second;
  int minute;
  int month;
  int hour;
  int year;
  int day;

  if (text == NULL)
    return UV__EINVAL;

  reader_t reader = {text, text + len};
  if (!read_month(&reader, &month) || !skip_spaces(&reader) ||
      !read_number(&reader, 31, &day) || day == 0 || !skip_spaces(&reader) ||
      !read_number(&reader, 23, &hour) || !skip_char(&reader, ':') ||
      !read_number(&reader, 59, &minute) || !skip_char(&reader, ':') ||
      !read_number(&reader, 61, &second) || !skip_spaces(&reader) ||
      read_digits(&reader, 4, &year) != 4 || year == 0 ||
      !skip_spaces(&reader) || !skip_word(&reader, "gmt") ||
      reader.at != reader.end)
    return UV__EINVAL;

  *seconds = tlsloop__cert_seconds(year, month, day, hour, minute, second);
  return 0;
}
