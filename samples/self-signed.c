/* SPDX-License-Identifier: MIT */

/* Self-signed: makes a certificate with OpenSSL and hands it to tlsloop as
 * PEM in memory. Programs whose certificates come from files never need to
 * know that there is an OpenSSL. */

#include "self-signed.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "options.h"

enum {
  LIFETIME = 30 * 24 * 60 * 60 /* seconds */
};

/* Clients look at the alternative names only; the common name is for
 * people. */
static int set_names(X509* cert) {
  static const unsigned char cn[] = "localhost";
  X509_NAME* name = X509_get_subject_name(cert);
  X509_EXTENSION* san = X509V3_EXT_conf_nid(
      NULL, NULL, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1");
  int ok =
      san != NULL && X509_add_ext(cert, san, -1) &&
      X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, cn, -1, -1, 0) &&
      X509_set_issuer_name(cert, name);

  X509_EXTENSION_free(san);
  return ok;
}

/* Clients that trust two certificates of the same name tell them apart by
 * their numbers, so it is a random one. */
static int set_serial(X509* cert) {
  uint64_t serial;

  return RAND_bytes((unsigned char*) &serial, sizeof(serial)) > 0 &&
         ASN1_INTEGER_set_uint64(X509_get_serialNumber(cert), serial);
}

/* Writes the certificate and then its key to |pem|, and the certificate to
 * |file| too unless that is NULL. */
static int make(BIO* pem, BIO* file) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* cert = X509_new();
  int ok = key != NULL && cert != NULL &&
           X509_set_version(cert, X509_VERSION_3) && set_serial(cert) &&
           X509_gmtime_adj(X509_getm_notBefore(cert), 0) != NULL &&
           X509_gmtime_adj(X509_getm_notAfter(cert), LIFETIME) != NULL &&
           set_names(cert) && X509_set_pubkey(cert, key) &&
           X509_sign(cert, key, EVP_sha256()) > 0 &&
           PEM_write_bio_X509(pem, cert) &&
           PEM_write_bio_PrivateKey(pem, key, NULL, NULL, 0, NULL, NULL) &&
           (file == NULL || PEM_write_bio_X509(file, cert));

  X509_free(cert);
  EVP_PKEY_free(key);
  return ok;
}

void load_self_signed(tlsloop_ctx_t* ctx, const char* file) {
  BIO* pem = BIO_new(BIO_s_mem());
  BIO* out = file != NULL ? BIO_new_file(file, "w") : NULL;
  char* data;
  long len;

  if (file != NULL && out == NULL)
    die(EXIT_SETUP, file, uv_strerror(uv_translate_sys_error(errno)));
  if (pem == NULL || !make(pem, out) || (out != NULL && BIO_flush(out) <= 0))
    die(EXIT_SETUP, "cannot make a self-signed certificate", "");
  len = BIO_get_mem_data(pem, &data);
  check_ctx(ctx,
            tlsloop_ctx_load_cert_chain_mem(ctx, data, (size_t) len, NULL, 0));
  BIO_free(out);
  BIO_free(pem);
}
