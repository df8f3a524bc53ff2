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
 *   self-signed.pem    as server.pem, signed by itself
 *   early.pem          as server.pem, of tomorrow
 *   no-names.pem       as server.pem, with a common name alone
 *   purpose.pem        as server.pem, but only good for a client
 *   weak.pem           as server.pem, with RSA of 1024 bits
 *   revoked.pem        as server.pem, which crl.pem and crl.der revoke
 *   root.der           root.pem in DER
 *   chain.pem          the chain of server.pem
 *   key.pem            its key
 *   encrypted.pem      a chain and its key, with the password "secret" */

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


/* Certificates that are refused, each for a reason of its own. */
static void make_refused(pki_t* pki) {
  pki_crl_opts_t opts = {.count = 1};
  pki_cert_t* revoked;
  pki_crl_t* crl;

  make(pki,
       "expired.pem",
       &(pki_opts_t){.not_before = -2 * DAY, .not_after = -DAY});
  make(
      pki, "early.pem", &(pki_opts_t){.not_before = DAY, .not_after = 2 * DAY});
  make(pki,
       "wrong-host.pem",
       &(pki_opts_t){.cn = "example.org", .san = "DNS:example.org"});
  make(pki, "self-signed.pem", &(pki_opts_t){.self_signed = 1});
  make(pki, "no-names.pem", &(pki_opts_t){.san = ""});
  make(pki, "purpose.pem", &(pki_opts_t){.eku = "clientAuth"});
  make(pki, "weak.pem", &(pki_opts_t){.key = PKI_RSA_1024});

  revoked = pki_make(pki, NULL);
  opts.revoked = &revoked;
  crl = pki_crl(pki, &opts);
  put("revoked.pem", &revoked->both);
  put("crl.pem", &crl->pem);
  put("crl.der", &crl->der);
}


/* What a program loads, part by part. */
static void put_parts(pki_t* pki) {
  put("root.pem", &pki->root->pem);
  put("root.der", &pki->root->der);
  put("chain.pem", &pki_leaf(pki)->chain);
  put("key.pem", &pki_leaf(pki)->key_pem);
  put("server.pem", &pki_leaf(pki)->both);
  make(pki, "encrypted.pem", &(pki_opts_t){.password = "secret"});
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
  put_parts(pki);
  make_refused(pki);
  put("other-root.pem", &other->root->pem);
  make(other, "other.pem", NULL);
  make(pki, "rsa.pem", &(pki_opts_t){.key = PKI_RSA_2048});
  make(pki,
       "client.pem",
       &(pki_opts_t){.cn = "client", .san = "", .eku = "clientAuth"});
  pki_free(pki);
  pki_free(other);
  return EXIT_SUCCESS;
}
