/* SPDX-License-Identifier: MIT */

/* Fail-alloc: the linker gives us the calls of malloc and its kin as
 * __wrap_malloc, and malloc itself as __real_malloc. Where Check is a static
 * library its calls come here too: they are none of a test's business. */

#include "support/fail-alloc.h"

#include <limits.h>
#include <stddef.h>

void* __real_malloc(size_t size);
void* __real_calloc(size_t count, size_t size);
void* __real_realloc(void* ptr, size_t size);
char* __real_strdup(const char* string);
char* __real_strndup(const char* string, size_t len);
void __real_free(void* ptr);

/* Check's; the first two are not to be seen when it is a shared library. */
__attribute__((weak)) void* __real_emalloc(size_t size);
__attribute__((weak)) void* __real_erealloc(void* ptr, size_t size);
void __real__mark_point(const char* file, int line);

void* __wrap_malloc(size_t size);
void* __wrap_calloc(size_t count, size_t size);
void* __wrap_realloc(void* ptr, size_t size);
char* __wrap_strdup(const char* string);
char* __wrap_strndup(const char* string, size_t len);
void __wrap_free(void* ptr);
void* __wrap_emalloc(size_t size);
void* __wrap_erealloc(void* ptr, size_t size);
void __wrap__mark_point(const char* file, int line);

/* The allocations that |begin| to |end| - 1 have gone before fail. */
static _Thread_local unsigned int begin = UINT_MAX;
static _Thread_local unsigned int end = UINT_MAX;
static _Thread_local unsigned int count;
static _Thread_local unsigned int failed;
static _Thread_local unsigned int frees;
static _Thread_local int paused; /* inside Check, or the test says so */


static void start(unsigned int from, unsigned int to) {
  begin = from;
  end = to;
  count = 0;
  failed = 0;
  frees = 0;
}


void fail_alloc_after(unsigned int n) {
  start(n, n + 1);
}


void fail_alloc_from(unsigned int n) {
  start(n, UINT_MAX);
}


unsigned int fail_alloc_reset(void) {
  unsigned int n;

  n = failed;
  start(UINT_MAX, UINT_MAX);
  return n;
}


void fail_alloc_pause(void) {
  paused++;
}


void fail_alloc_resume(void) {
  paused--;
}


unsigned int fail_alloc_count(void) {
  return count;
}


unsigned int fail_alloc_frees(void) {
  return frees;
}


/* Counts an allocation; returns whether it is to fail. */
static int fails(void) {
  unsigned int n;

  if (paused)
    return 0;
  n = count++;
  if (n < begin || n >= end)
    return 0;
  failed++;
  return 1;
}


void* __wrap_malloc(size_t size) {
  return fails() ? NULL : __real_malloc(size);
}


void* __wrap_calloc(size_t n, size_t size) {
  return fails() ? NULL : __real_calloc(n, size);
}


void* __wrap_realloc(void* ptr, size_t size) {
  return fails() ? NULL : __real_realloc(ptr, size);
}


char* __wrap_strdup(const char* string) {
  return fails() ? NULL : __real_strdup(string);
}


char* __wrap_strndup(const char* string, size_t len) {
  return fails() ? NULL : __real_strndup(string, len);
}


void __wrap_free(void* ptr) {
  if (ptr != NULL && !paused)
    frees++;
  __real_free(ptr);
}


void* __wrap_emalloc(size_t size) {
  void* ptr;

  paused++;
  ptr = __real_emalloc(size);
  paused--;
  return ptr;
}


void* __wrap_erealloc(void* ptr, size_t size) {
  paused++;
  ptr = __real_erealloc(ptr, size);
  paused--;
  return ptr;
}


void __wrap__mark_point(const char* file, int line) {
  paused++;
  __real__mark_point(file, line);
  paused--;
}
