/* SPDX-License-Identifier: MIT */

/* The version, from the three numbers in tlsloop/version.h. */

#include "tlsloop/version.h"

#define TEXT_OF(number) #number
#define VERSION_TEXT(major, minor, patch) \
  TEXT_OF(major) "." TEXT_OF(minor) "." TEXT_OF(patch)


unsigned int tlsloop_version(void) {
  return TLSLOOP_VERSION_HEX;
}


const char* tlsloop_version_string(void) {
  return VERSION_TEXT(
      TLSLOOP_VERSION_MAJOR, TLSLOOP_VERSION_MINOR, TLSLOOP_VERSION_PATCH);
}
