/* SPDX-License-Identifier: MIT */

/* Prints what constants.py compares with Python: one fact a line, its parts
 * with tabs between. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "tlsloop/constants.h"
#include "tlsloop/oid.h"
#include "tlsloop/system.h"


static void print_constants(void) {
  const char* name;
  int64_t value;
  size_t i;

  for (i = 0; tlsloop_constant_at(i, &name, &value) == 0; i++)
    printf("constant\t%s\t%" PRId64 "\n", name, value);
}


static void print_version(const char* what, unsigned long number) {
  int info[5];

  tlsloop_openssl_version_info(number, info);
  printf("%s\t%lu\t%d\t%d\t%d\t%d\t%d\n",
         what,
         number,
         info[0],
         info[1],
         info[2],
         info[3],
         info[4]);
}


static void print_versions(void) {
  printf("openssl\t%s\n", tlsloop_openssl_version());
  print_version("running", tlsloop_openssl_version_number());
  print_version("headers", tlsloop_openssl_headers_version_number());
}


static void print_bindings(void) {
  size_t i;

  for (i = 0; tlsloop_channel_binding_type(i) != NULL; i++)
    printf("binding\t%s\n", tlsloop_channel_binding_type(i));
}


static void print_protocols(void) {
  int i;

  for (i = -1; i <= 20; i++)
    printf("protocol\t%d\t%s\n", i, tlsloop_protocol_name(i));
}


static void print_objects(void) {
  tlsloop_oid_t oid = {.size = sizeof(oid)};
  int nid;

  for (nid = -1; nid <= 1400; nid++) {
    if (tlsloop_oid_from_nid(nid, &oid) == 0)
      printf("object\t%d\t%s\t%s\t%s\n",
             oid.nid,
             oid.short_name,
             oid.long_name,
             oid.dotted);
  }
}


static void print_path(const char* path) {
  printf("path\t%s\n", path == NULL ? "" : path);
}


static int print_paths(void) {
  tlsloop_verify_paths_t paths = {.size = sizeof(paths)};

  if (tlsloop_default_verify_paths(&paths) != 0)
    return EXIT_FAILURE;
  print_path(paths.cafile);
  print_path(paths.capath);
  print_path(paths.openssl_cafile_env);
  print_path(paths.openssl_cafile);
  print_path(paths.openssl_capath_env);
  print_path(paths.openssl_capath);
  return EXIT_SUCCESS;
}


int main(void) {
  print_constants();
  print_versions();
  print_bindings();
  print_protocols();
  print_objects();
  return print_paths();
}
