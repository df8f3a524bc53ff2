/* SPDX-License-Identifier: MIT */

/* Features: what this OpenSSL is and can do. */

#include <openssl/crypto.h>
#include <openssl/opensslv.h>

#include "context/versions.h"
#include "tlsloop/constants.h"

#ifdef OPENSSL_NO_PSK
#define HAVE_PSK 0
#else
#define HAVE_PSK 1
#endif


int tlsloop_has_feature(int feature) {
  switch (feature) {
    case TLSLOOP_FEATURE_SSLV3:
      return tlsloop__version_available(TLSLOOP_TLS_SSLV3);
    case TLSLOOP_FEATURE_TLS_1_0:
      return tlsloop__version_available(TLSLOOP_TLS_1_0);
    case TLSLOOP_FEATURE_TLS_1_1:
      return tlsloop__version_available(TLSLOOP_TLS_1_1);
    case TLSLOOP_FEATURE_TLS_1_2:
      return tlsloop__version_available(TLSLOOP_TLS_1_2);
    case TLSLOOP_FEATURE_TLS_1_3:
      return tlsloop__version_available(TLSLOOP_TLS_1_3);
    case TLSLOOP_FEATURE_PSK:
      return HAVE_PSK;
    case TLSLOOP_FEATURE_SNI:
    case TLSLOOP_FEATURE_ALPN:
    case TLSLOOP_FEATURE_ECDH:
    case TLSLOOP_FEATURE_TLS_UNIQUE:
    case TLSLOOP_FEATURE_NEVER_CHECK_COMMON_NAME:
      return 1;
    default:
      return 0;
  }
}


const char* tlsloop_openssl_version(void) {
  return OpenSSL_version(OPENSSL_VERSION);
}


unsigned long tlsloop_openssl_version_number(void) {
  return OpenSSL_version_num();
}


unsigned long tlsloop_openssl_headers_version_number(void) {
  return OPENSSL_VERSION_NUMBER;
}


/* 0xMNNFFPPS, of which each letter is four bits. */
void tlsloop_openssl_version_info(unsigned long number, int info[5]) {
  info[0] = (int) (number >> 28 & 0xf);
  info[1] = (int) (number >> 20 & 0xff);
  info[2] = (int) (number >> 12 & 0xff);
  info[3] = (int) (number >> 4 & 0xff);
  info[4] = (int) (number & 0xf);
}
