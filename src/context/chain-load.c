/* SPDX-License-Identifier: MIT */

/* Chain-load: the ways to load a chain: from files or from memory, with a
 * password, with somebody who knows it, or with none. */

#include <uv/errno.h>

#include "context/chain.h"
#include "context/ctx.h"

static int load_file(tlsloop_ctx_t* ctx,
                     const char* cert_file,
                     const char* key_file,
                     tlsloop__password_t* password) {
  int err;

  err = tlsloop__chain_load_file(ctx, cert_file, key_file, password);
  tlsloop__password_clear(password);
  return err;
}


static int load_mem(tlsloop_ctx_t* ctx,
                    const tlsloop__chain_mem_t* mem,
                    tlsloop__password_t* password) {
  int err;

  err = tlsloop__chain_load_mem(ctx, mem, password);
  tlsloop__password_clear(password);
  return err;
}


/* A context in use says so first. */
static int take_value(tlsloop_ctx_t* ctx,
                      tlsloop__password_t* password,
                      const char* value,
                      size_t len) {
  int err;

  err = tlsloop__ctx_check_open(ctx);
  if (err != 0)
    return err;
  err = tlsloop__password_init(password, value, len);
  if (err != 0)
    return tlsloop__ctx_fail(ctx, err, NULL, tlsloop__password_text(password));
  return 0;
}


int tlsloop_ctx_load_cert_chain_file(tlsloop_ctx_t* ctx,
                                     const char* cert_file,
                                     const char* key_file) {
  tlsloop__password_t password = {0};

  return load_file(ctx, cert_file, key_file, &password);
}


int tlsloop_ctx_load_cert_chain_mem(tlsloop_ctx_t* ctx,
                                    const void* cert,
                                    size_t cert_len,
                                    const void* key,
                                    size_t key_len) {
  tlsloop__chain_mem_t mem = {cert, cert_len, key, key_len};
  tlsloop__password_t password = {0};

  return load_mem(ctx, &mem, &password);
}


int tlsloop_ctx_load_cert_chain_file_password(tlsloop_ctx_t* ctx,
                                              const char* cert_file,
                                              const char* key_file,
                                              const char* password,
                                              size_t len) {
  tlsloop__password_t taken;
  int err;

  err = take_value(ctx, &taken, password, len);
  return err != 0 ? err : load_file(ctx, cert_file, key_file, &taken);
}


int tlsloop_ctx_load_cert_chain_mem_password(tlsloop_ctx_t* ctx,
                                             const void* cert,
                                             size_t cert_len,
                                             const void* key,
                                             size_t key_len,
                                             const char* password,
                                             size_t len) {
  tlsloop__chain_mem_t mem = {cert, cert_len, key, key_len};
  tlsloop__password_t taken;
  int err;

  err = take_value(ctx, &taken, password, len);
  return err != 0 ? err : load_mem(ctx, &mem, &taken);
}


int tlsloop_ctx_load_cert_chain_file_cb(tlsloop_ctx_t* ctx,
                                        const char* cert_file,
                                        const char* key_file,
                                        tlsloop_password_cb cb,
                                        void* arg) {
  tlsloop__password_t password = {.cb = cb, .arg = arg};

  return load_file(ctx, cert_file, key_file, &password);
}


int tlsloop_ctx_load_cert_chain_mem_cb(tlsloop_ctx_t* ctx,
                                       const void* cert,
                                       size_t cert_len,
                                       const void* key,
                                       size_t key_len,
                                       tlsloop_password_cb cb,
                                       void* arg) {
  tlsloop__chain_mem_t mem = {cert, cert_len, key, key_len};
  tlsloop__password_t password = {.cb = cb, .arg = arg};

  return load_mem(ctx, &mem, &password);
}
