/* SPDX-License-Identifier: MIT */

/* Pki, the part in files: a temporary directory that goes with the pki, or with
 * the process when the pki belongs to another: Check runs each test in a
 * process of its own, which never gets to free what was made before. Only a
 * test that fails leaves its directory behind. */

/* nftw is in the X/Open part of POSIX. */
#define _XOPEN_SOURCE 700

#include "support/pki-file.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A directory that is there. */
typedef struct pki_dir_s {
  struct pki_dir_s* next;
  pid_t owner;
  char path[];
} pki_dir_t;

/* A path that was handed out. */
typedef struct pki_path_s {
  struct pki_path_s* next;
  char text[];
} pki_path_t;

static pki_dir_t* dirs;


static void fail(const char* what) {
  perror(what);
  abort();
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


static void remove_dir(const pki_dir_t* dir) {
  if (dir->owner == getpid())
    nftw(dir->path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}


static void remove_dirs(void) {
  const pki_dir_t* dir;

  for (dir = dirs; dir != NULL; dir = dir->next)
    remove_dir(dir);
}


const char* pki_dir(pki_t* pki) {
  static int registered;
  const char* tmp;
  pki_dir_t* dir;
  size_t len;

  if (pki->dir != NULL)
    return pki->dir->path;

  tmp = getenv("TMPDIR");
  if (tmp == NULL || *tmp == '\0')
    tmp = "/tmp";
  len = strlen(tmp) + sizeof("/tlsloop-XXXXXX");
  dir = malloc(sizeof(*dir) + len);
  if (dir == NULL)
    fail("pki: malloc");
  snprintf(dir->path, len, "%s/tlsloop-XXXXXX", tmp);
  if (mkdtemp(dir->path) == NULL)
    fail(dir->path);

  if (!registered && atexit(remove_dirs) != 0)
    fail("pki: atexit");
  registered = 1;
  dir->owner = getpid();
  dir->next = dirs;
  pki->dir = dirs = dir;
  return dir->path;
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


void pki__files_free(pki_t* pki) {
  pki_path_t* path;
  pki_dir_t** link;

  while ((path = pki->paths) != NULL) {
    pki->paths = path->next;
    free(path);
  }
  if (pki->dir == NULL)
    return;

  remove_dir(pki->dir);
  for (link = &dirs; *link != pki->dir; link = &(*link)->next)
    continue;
  *link = pki->dir->next;
  free(pki->dir);
}
