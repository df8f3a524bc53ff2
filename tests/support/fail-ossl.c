/* SPDX-License-Identifier: MIT */

/* Fail-ossl: hooks that call malloc from this program, where the linker wraps
 * it, rather than from libcrypto. */

#include "support/fail-ossl.h"

#include <openssl/crypto.h>
#include <stdlib.h>


static void* hook_malloc(size_t size, const char* file, int line) {
  (void) file;
  (void) line;
  return malloc(size);
}


static void* hook_realloc(void* ptr, size_t size, const char* file, int line) {
  (void) file;
  (void) line;
  return realloc(ptr, size);
}


static void hook_free(void* ptr, const char* file, int line) {
  (void) file;
  (void) line;
  free(ptr);
}


int fail_ossl_install(void) {
  return CRYPTO_set_mem_functions(hook_malloc, hook_realloc, hook_free);
}
