/* SPDX-License-Identifier: MIT */

/* make-pki DIRECTORY: writes the certificates that tests of programs use.
 *
 *   root.pem           whom to trust
 *   other-root.pem     another root of the same name
 *   server.pem         localhost, 127.0.0.1 and ::1; chain and key
 *   rsa.pem            the same with an RSA key
 *   client.pem         for a client
 *   other.pem          as server.pem, of the other root
 *   expired.pem        as server.pem, of yesterday
 *   wrong-host.pem     for example.org
 *   self-signed.pem    as server.pem, signed by itself */

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "support/pki.h"

#define DAY (24 * 3600L)

static const char* directory;


static void put(const char* name, const pki_blob_t* blob) {
  char path[4096];
  FILE* file;

  snprintf(path, sizeof(path), "%s/%s", directory, name);
  file = fopen(path, "wb");
  if (file == NULL || fwrite(blob->data, 1, blob->len, file) != blob->len ||
      fclose(file) != 0) {
    perror(path);
    exit(EXIT_FAILURE);
  }
}


static void make(pki_t* pki, const char* name, const pki_opts_t* opts) {
  put(name, &pki_make(pki, opts)->both);
}


int main(int argc, char** argv) {
  pki_t* pki;
  pki_t* other;

  if (argc != 2) {
    fputs("usage: make-pki DIRECTORY\n", stderr);
    return EXIT_FAILURE;
  }
  directory = argv[1];
  umask(077);

  pki = pki_new("interop");
  other = pki_new("interop");
  put("root.pem", &pki->root->pem);
  put("other-root.pem", &other->root->pem);
  make(pki, "server.pem", NULL);
  make(other, "other.pem", NULL);
  make(pki, "rsa.pem", &(pki_opts_t){.key = PKI_RSA_2048});
  make(pki,
       "client.pem",
       &(pki_opts_t){.cn = "client", .san = "", .eku = "clientAuth"});
  make(pki,
       "expired.pem",
       &(pki_opts_t){.not_before = -2 * DAY, .not_after = -DAY});
  make(pki,
       "wrong-host.pem",
       &(pki_opts_t){.cn = "example.org", .san = "DNS:example.org"});
  make(pki, "self-signed.pem", &(pki_opts_t){.self_signed = 1});
  pki_free(pki);
  pki_free(other);
  return EXIT_SUCCESS;
}
