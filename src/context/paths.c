/* SPDX-License-Identifier: MIT */

/* Paths: where OpenSSL's default certificates are. */

#define _GNU_SOURCE /* secure_getenv */

#include <openssl/x509.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/info.h"
#include "tlsloop/system.h"


#ifndef __linux__
static const char* secure_getenv(const char* variable) {
  return issetugid() ? NULL : getenv(variable);
}
#endif


/* What |variable| names, or else |built_in|. By the same rule as OpenSSL, so
 * that this tells where it will look. */
static const char* choose(const char* variable, const char* built_in) {
  const char* path;

  path = secure_getenv(variable);
  return path == NULL ? built_in : path;
}


static const char* if_file(const char* path) {
  struct stat st;

  return stat(path, &st) == 0 && S_ISREG(st.st_mode) ? path : NULL;
}


static const char* if_directory(const char* path) {
  struct stat st;

  return stat(path, &st) == 0 && S_ISDIR(st.st_mode) ? path : NULL;
}


int tlsloop_default_verify_paths(tlsloop_verify_paths_t* paths) {
  tlsloop_verify_paths_t full = {
      .size = sizeof(full),
      .openssl_cafile_env = X509_get_default_cert_file_env(),
      .openssl_cafile = X509_get_default_cert_file(),
      .openssl_capath_env = X509_get_default_cert_dir_env(),
      .openssl_capath = X509_get_default_cert_dir(),
  };

  full.cafile = if_file(choose(full.openssl_cafile_env, full.openssl_cafile));
  full.capath =
      if_directory(choose(full.openssl_capath_env, full.openssl_capath));
  return tlsloop__info_fill(paths, &full, sizeof(full));
}
