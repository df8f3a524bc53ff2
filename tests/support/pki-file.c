/* SPDX-License-Identifier: MIT */

/* Pki, the part in files: a temporary directory that goes with the pki. */

/* nftw is in the X/Open part of POSIX. */
#define _XOPEN_SOURCE 700

#include "support/pki-file.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A path that was handed out. */
typedef struct pki_path_s {
  struct pki_path_s* next;
  char text[];
} pki_path_t;


static void fail(const char* what) {
  perror(what);
  abort();
}


const char* pki_dir(pki_t* pki) {
  const char* tmp;
  size_t len;

  if (pki->dir != NULL)
    return pki->dir;

  tmp = getenv("TMPDIR");
  if (tmp == NULL || *tmp == '\0')
    tmp = "/tmp";
  len = strlen(tmp) + sizeof("/tlsloop-XXXXXX");
  pki->dir = malloc(len);
  if (pki->dir == NULL)
    fail("pki: malloc");
  snprintf(pki->dir, len, "%s/tlsloop-XXXXXX", tmp);
  if (mkdtemp(pki->dir) == NULL)
    fail(pki->dir);
  return pki->dir;
}


const char* pki_write(pki_t* pki, const char* name, const pki_blob_t* blob) {
  const char* dir;
  pki_path_t* path;
  size_t len;
  FILE* file;

  dir = pki_dir(pki);
  len = strlen(dir) + strlen(name) + 2;
  path = malloc(sizeof(*path) + len);
  if (path == NULL)
    fail("pki: malloc");
  snprintf(path->text, len, "%s/%s", dir, name);
  path->next = pki->paths;
  pki->paths = path;

  file = fopen(path->text, "wb");
  if (file == NULL)
    fail(path->text);
  if (fwrite(blob->data, 1, blob->len, file) != blob->len)
    fail(path->text);
  if (fclose(file) != 0)
    fail(path->text);
  return path->text;
}


const char* pki_write_hashed(pki_t* pki, const pki_cert_t* cert) {
  char name[32];

  snprintf(name, sizeof(name), "%08lx.0", X509_subject_name_hash(cert->x509));
  return pki_write(pki, name, &cert->pem);
}


static int remove_one(const char* path,
                      const struct stat* info,
                      int kind,
                      struct FTW* place) {
  (void) info;
  (void) kind;
  (void) place;
  return remove(path);
}


void pki__files_free(pki_t* pki) {
  pki_path_t* path;

  while ((path = pki->paths) != NULL) {
    pki->paths = path->next;
    free(path);
  }
  if (pki->dir == NULL)
    return;

  if (nftw(pki->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS) != 0)
    fail(pki->dir);
  free(pki->dir);
}
