/* SPDX-License-Identifier: MIT */

/* Pem: certificates, revocation lists and keys out of PEM text. */

#include "context/pem.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>
#include <uv/errno.h>

#include "engine/ossl.h"
#include "tlsloop/errno.h"

/* What editors of other systems put before text. OpenSSL would not see the
 * first block of such a file, and nobody would notice. */
static const unsigned char byte_order_mark[] = {0xef, 0xbb, 0xbf};

typedef struct block_s {
  char* name;
  char* header;
  unsigned char* data;
  long len;
} block_t;


static BIO* open_text(const void* data, size_t len) {
  const unsigned char* text;

  text = data;
  if (len >= sizeof(byte_order_mark) &&
      memcmp(text, byte_order_mark, sizeof(byte_order_mark)) == 0) {
    text += sizeof(byte_order_mark);
    len -= sizeof(byte_order_mark);
  }
  return BIO_new_mem_buf(text, (int) len);
}


static void block_clear(block_t* block) {
  OPENSSL_free(block->name);
  OPENSSL_free(block->header);
  OPENSSL_clear_free(block->data, (size_t) block->len);
}


static int is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}


/* Whether the block that ends before |end| in the text from |begin| has no
 * bytes: the line over its last one is its first, or one of a header. */
static int is_empty_block(const char* begin, const char* end) {
  while (end > begin && is_space(end[-1]))
    end--;
  while (end > begin && end[-1] != '\n')
    end--;
  while (end > begin && is_space(end[-1]))
    end--;
  for (; end > begin && end[-1] != '\n'; end--) {
    if (end[-1] == '-' || end[-1] == ':')
      return 1;
  }
  return 0;
}


/* Why |bio|, over the |len| bytes at |text|, has no next block; 0 at its end.
 * OpenSSL says nothing in two cases: memory ran out, or there are no bytes in
 * the block. */
static int read_code(BIO* bio, const char* text, size_t len) {
  if (tlsloop__ossl_is(ERR_LIB_PEM, PEM_R_NO_START_LINE))
    return 0;
  if (ERR_peek_error() != 0 ||
      is_empty_block(text, text + len - BIO_ctrl_pending(bio)))
    return TLSLOOP_EBADCERT;
  return UV__ENOMEM;
}


static int is_a(const block_t* block, const char* name) {
  return strcmp(block->name, name) == 0;
}


static int add_cert(tlsloop__pem_t* pem, X509* x509) {
  if (x509 == NULL)
    return TLSLOOP_EBADCERT;
  if (sk_X509_push(pem->certs, x509))
    return 0;
  X509_free(x509);
  return TLSLOOP_EOPENSSL;
}


static int add_crl(tlsloop__pem_t* pem, X509_CRL* crl) {
  if (crl == NULL)
    return TLSLOOP_EBADCRL;
  if (sk_X509_CRL_push(pem->crls, crl))
    return 0;
  X509_CRL_free(crl);
  return TLSLOOP_EOPENSSL;
}


static int add_block(const tlsloop__lib_t* lib,
                     tlsloop__pem_t* pem,
                     const block_t* block) {
  const unsigned char* p;

  p = block->data;
  if (is_a(block, PEM_STRING_X509) || is_a(block, PEM_STRING_X509_OLD))
    return add_cert(pem, tlsloop__lib_read_cert(lib, &p, block->len));
  if (is_a(block, PEM_STRING_X509_TRUSTED))
    return add_cert(pem, tlsloop__lib_read_trusted_cert(lib, &p, block->len));
  if (is_a(block, PEM_STRING_X509_CRL))
    return add_crl(pem, tlsloop__lib_read_crl(lib, &p, block->len));
  return 0;
}


static int read_blocks(const tlsloop__lib_t* lib,
                       tlsloop__pem_t* pem,
                       BIO* bio,
                       const char* text,
                       size_t len) {
  block_t block;
  int err;

  for (;;) {
    if (!PEM_read_bio(
            bio, &block.name, &block.header, &block.data, &block.len)) {
      err = read_code(bio, text, len);
      pem->blocks += err != 0;
      return err;
    }
    pem->blocks++;
    err = add_block(lib, pem, &block);
    block_clear(&block);
    if (err != 0)
      return err;
  }
}


int tlsloop__pem_read(const tlsloop__lib_t* lib,
                      tlsloop__pem_t* pem,
                      const void* data,
                      size_t len) {
  BIO* bio;
  int err;

  tlsloop__ossl_begin();
  bio = open_text(data, len);
  pem->certs = sk_X509_new_null();
  pem->crls = sk_X509_CRL_new_null();
  pem->blocks = 0;
  if (bio == NULL || pem->certs == NULL || pem->crls == NULL)
    err = UV__ENOMEM;
  else
    err = read_blocks(lib, pem, bio, data, len);
  BIO_free(bio);
  if (err == 0)
    tlsloop__ossl_end();
  return err;
}


void tlsloop__pem_clear(tlsloop__pem_t* pem) {
  sk_X509_pop_free(pem->certs, X509_free);
  sk_X509_CRL_pop_free(pem->crls, X509_CRL_free);
}


int tlsloop__pem_read_key(const tlsloop__lib_t* lib,
                          const void* data,
                          size_t len,
                          tlsloop__password_t* password,
                          EVP_PKEY** key) {
  EVP_PKEY* made;
  BIO* bio;

  tlsloop__ossl_begin();
  bio = open_text(data, len);
  if (bio == NULL)
    return UV__ENOMEM;

  made = PEM_read_bio_PrivateKey_ex(
      bio, NULL, tlsloop__password_get, password, lib->libctx, lib->propq);
  BIO_free(bio);
  if (made == NULL)
    return tlsloop__password_code(password);
  tlsloop__ossl_end();
  *key = made;
  return 0;
}
