/* SPDX-License-Identifier: MIT */

/* Pki: makes certificates, keys and revocation lists with OpenSSL. */

#include "support/pki.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/pki-file.h"

#define HOUR             3600L
#define DAY              (24 * HOUR)

#define MUST(expression) must((expression) != 0, #expression)


static void must(int good, const char* what) {
  if (good)
    return;

  fprintf(stderr, "pki: %s failed\n", what);
  ERR_print_errors_fp(stderr);
  abort();
}


static EVP_PKEY* key_new(pki_key_t type) {
  switch (type) {
    case PKI_P256:
      return EVP_EC_gen("P-256");
    case PKI_P384:
      return EVP_EC_gen("P-384");
    case PKI_RSA_2048:
      return EVP_RSA_gen(2048);
    case PKI_RSA_1024:
      return EVP_RSA_gen(1024);
    case PKI_ED25519:
      return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
  }
  return NULL;
}


/* One key of each type serves the whole process: RSA keys take long. */
static EVP_PKEY* key_get(pki_key_t type) {
  static EVP_PKEY* keys[PKI_ED25519 + 1];

  if (keys[type] == NULL)
    MUST(keys[type] = key_new(type));
  MUST(EVP_PKEY_up_ref(keys[type]));
  return keys[type];
}


static void take_mem(pki_blob_t* blob, BIO* bio) {
  char* data;
  long len;

  len = BIO_get_mem_data(bio, &data);
  MUST(len > 0);
  blob->len = (size_t) len;
  MUST(blob->data = malloc(blob->len + 1));
  memcpy(blob->data, data, blob->len);
  blob->data[blob->len] = '\0';
  BIO_free(bio);
}


static void take_text(pki_blob_t* to, const pki_blob_t* a, const char* b) {
  size_t len;

  len = strlen(b);
  to->len = a->len + len;
  MUST(to->data = malloc(to->len + 1));
  memcpy(to->data, a->data, a->len);
  memcpy(to->data + a->len, b, len + 1);
}


static BIO* mem_new(void) {
  BIO* bio;

  MUST(bio = BIO_new(BIO_s_mem()));
  return bio;
}


static void encode(pki_cert_t* cert, const char* password) {
  const EVP_CIPHER* cipher;
  BIO* bio;

  bio = mem_new();
  MUST(PEM_write_bio_X509(bio, cert->x509));
  take_mem(&cert->pem, bio);

  bio = mem_new();
  MUST(i2d_X509_bio(bio, cert->x509));
  take_mem(&cert->der, bio);

  bio = mem_new();
  cipher = password == NULL ? NULL : EVP_aes_256_cbc();
  MUST(PEM_write_bio_PKCS8PrivateKey(bio,
                                     cert->key,
                                     cipher,
                                     password,
                                     password ? (int) strlen(password) : 0,
                                     NULL,
                                     NULL));
  take_mem(&cert->key_pem, bio);

  bio = mem_new();
  MUST(i2d_PrivateKey_bio(bio, cert->key));
  take_mem(&cert->key_der, bio);

  if (cert->issuer == cert || cert->issuer->issuer == cert->issuer)
    take_text(&cert->chain, &cert->pem, "");
  else
    take_text(&cert->chain, &cert->pem, cert->issuer->chain.data);
  take_text(&cert->both, &cert->chain, cert->key_pem.data);
}


static void add_extension(pki_cert_t* cert,
                          int nid,
                          const char* value,
                          const char* fallback) {
  X509_EXTENSION* extension;
  X509V3_CTX context;

  if (value == NULL)
    value = fallback;
  if (value == NULL || *value == '\0')
    return;

  X509V3_set_ctx(&context, cert->issuer->x509, cert->x509, NULL, NULL, 0);
  extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
  must(extension != NULL, value);
  MUST(X509_add_ext(cert->x509, extension, -1));
  X509_EXTENSION_free(extension);
}


static void add_extensions(pki_cert_t* cert, const pki_opts_t* opts) {
  const char* ku;

  ku = "critical,digitalSignature";
  if (EVP_PKEY_is_a(cert->key, "RSA"))
    ku = "critical,digitalSignature,keyEncipherment";

  add_extension(cert, NID_basic_constraints, opts->basic, "critical,CA:FALSE");
  add_extension(cert, NID_key_usage, opts->ku, ku);
  add_extension(cert, NID_ext_key_usage, opts->eku, "serverAuth,clientAuth");
  add_extension(cert, NID_subject_key_identifier, NULL, "hash");
  if (cert->issuer != cert)
    add_extension(cert, NID_authority_key_identifier, NULL, "keyid");
  add_extension(cert,
                NID_subject_alt_name,
                opts->san,
                "DNS:localhost,IP:127.0.0.1,IP:::1");
  add_extension(cert, NID_name_constraints, opts->names, NULL);
  add_extension(cert, NID_info_access, opts->aia, NULL);
  add_extension(cert, NID_crl_distribution_points, opts->crl, NULL);
}


static void set_subject(X509* x509, const char* cn) {
  X509_NAME* name;

  MUST(name = X509_NAME_new());
  if (*cn != '\0')
    MUST(X509_NAME_add_entry_by_txt(
        name, "CN", MBSTRING_UTF8, (const unsigned char*) cn, -1, -1, 0));
  MUST(X509_set_subject_name(x509, name));
  X509_NAME_free(name);
}


static void set_times(X509* x509, long not_before, long not_after) {
  if (not_before == 0 && not_after == 0) {
    not_before = -HOUR;
    not_after = DAY;
  }
  MUST(X509_gmtime_adj(X509_getm_notBefore(x509), not_before));
  MUST(X509_gmtime_adj(X509_getm_notAfter(x509), not_after));
}


/* Ed25519 signs without a digest of ours. */
static const EVP_MD* digest_of(const pki_cert_t* signer, const char* name) {
  const EVP_MD* digest;

  if (EVP_PKEY_is_a(signer->key, "ED25519"))
    return NULL;

  digest = EVP_get_digestbyname(name == NULL ? "SHA256" : name);
  MUST(digest);
  return digest;
}


pki_cert_t* pki_make(pki_t* pki, const pki_opts_t* opts) {
  static const pki_opts_t defaults;
  pki_cert_t* cert;
  X509* x509;

  if (opts == NULL)
    opts = &defaults;
  MUST(cert = calloc(1, sizeof(*cert)));
  cert->next = pki->certs;
  pki->certs = cert;
  cert->issuer = opts->issuer == NULL ? pki->intermediate : opts->issuer;
  if (opts->self_signed)
    cert->issuer = cert;
  if (opts->new_key)
    MUST(cert->key = key_new(opts->key));
  else
    cert->key = key_get(opts->key);

  MUST(x509 = cert->x509 = X509_new());
  MUST(X509_set_version(x509, X509_VERSION_3));
  MUST(ASN1_INTEGER_set(X509_get_serialNumber(x509), ++pki->serial));
  set_subject(x509, opts->cn == NULL ? "localhost" : opts->cn);
  MUST(X509_set_issuer_name(x509, X509_get_subject_name(cert->issuer->x509)));
  set_times(x509, opts->not_before, opts->not_after);
  MUST(X509_set_pubkey(x509, cert->key));
  add_extensions(cert, opts);
  if (opts->tweak != NULL)
    opts->tweak(x509, opts->arg);
  MUST(X509_sign(
      x509, cert->issuer->key, digest_of(cert->issuer, opts->digest)));
  encode(cert, opts->password);
  ERR_clear_error();
  return cert;
}


pki_cert_t* pki_leaf(pki_t* pki) {
  if (pki->leaf == NULL)
    pki->leaf = pki_make(pki, NULL);
  return pki->leaf;
}


static void revoke(X509_CRL* crl, const pki_cert_t* cert) {
  X509_REVOKED* revoked;
  ASN1_TIME* time;

  MUST(revoked = X509_REVOKED_new());
  MUST(time = X509_gmtime_adj(NULL, -HOUR));
  MUST(X509_REVOKED_set_serialNumber(revoked,
                                     X509_get_serialNumber(cert->x509)));
  MUST(X509_REVOKED_set_revocationDate(revoked, time));
  MUST(X509_CRL_add0_revoked(crl, revoked));
  ASN1_TIME_free(time);
}


static void set_crl_times(X509_CRL* crl, long last_update, long next_update) {
  ASN1_TIME* time;

  if (last_update == 0 && next_update == 0) {
    last_update = -HOUR;
    next_update = DAY;
  }
  MUST(time = X509_gmtime_adj(NULL, last_update));
  MUST(X509_CRL_set1_lastUpdate(crl, time));
  MUST(X509_gmtime_adj(time, next_update));
  MUST(X509_CRL_set1_nextUpdate(crl, time));
  ASN1_TIME_free(time);
}


/* Without these two RFC 5280, 5.2, has no list. */
static void add_crl_extensions(X509_CRL* crl, const pki_cert_t* issuer) {
  X509_EXTENSION* extension;
  ASN1_INTEGER* number;
  X509V3_CTX context;

  X509V3_set_ctx(&context, issuer->x509, NULL, NULL, crl, 0);
  MUST(extension = X509V3_EXT_conf_nid(
           NULL, &context, NID_authority_key_identifier, "keyid"));
  MUST(X509_CRL_add_ext(crl, extension, -1));
  X509_EXTENSION_free(extension);

  MUST(number = ASN1_INTEGER_new());
  MUST(ASN1_INTEGER_set(number, 1));
  MUST(X509_CRL_add1_ext_i2d(crl, NID_crl_number, number, 0, 0));
  ASN1_INTEGER_free(number);
}


static void encode_crl(pki_crl_t* crl) {
  BIO* bio;

  bio = mem_new();
  MUST(PEM_write_bio_X509_CRL(bio, crl->crl));
  take_mem(&crl->pem, bio);

  bio = mem_new();
  MUST(i2d_X509_CRL_bio(bio, crl->crl));
  take_mem(&crl->der, bio);
}


pki_crl_t* pki_crl(pki_t* pki, const pki_crl_opts_t* opts) {
  static const pki_crl_opts_t defaults;
  const pki_cert_t* issuer;
  pki_crl_t* crl;
  size_t i;

  if (opts == NULL)
    opts = &defaults;
  issuer = opts->issuer == NULL ? pki->intermediate : opts->issuer;

  MUST(crl = calloc(1, sizeof(*crl)));
  crl->next = pki->crls;
  pki->crls = crl;
  MUST(crl->crl = X509_CRL_new());
  MUST(X509_CRL_set_version(crl->crl, X509_CRL_VERSION_2));
  MUST(X509_CRL_set_issuer_name(crl->crl, X509_get_subject_name(issuer->x509)));
  set_crl_times(crl->crl, opts->last_update, opts->next_update);
  for (i = 0; i < opts->count; i++)
    revoke(crl->crl, opts->revoked[i]);
  MUST(X509_CRL_sort(crl->crl));
  add_crl_extensions(crl->crl, issuer);
  MUST(X509_CRL_sign(crl->crl, issuer->key, digest_of(issuer, NULL)));
  encode_crl(crl);
  ERR_clear_error();
  return crl;
}


static pki_cert_t* make_ca(pki_t* pki,
                           const char* name,
                           const char* rank,
                           pki_cert_t* issuer) {
  pki_opts_t opts;
  char cn[64];

  snprintf(cn, sizeof(cn), "%.48s %s", name, rank);
  memset(&opts, 0, sizeof(opts));
  opts.new_key = 1;
  opts.cn = cn;
  opts.san = "";
  opts.eku = "";
  opts.ku = "critical,keyCertSign,cRLSign";
  opts.basic = "critical,CA:TRUE";
  opts.issuer = issuer;
  opts.self_signed = issuer == NULL;
  return pki_make(pki, &opts);
}


pki_t* pki_new(const char* name) {
  pki_t* pki;

  MUST(pki = calloc(1, sizeof(*pki)));
  pki->root = make_ca(pki, name, "root", NULL);
  pki->intermediate = make_ca(pki, name, "intermediate", pki->root);
  return pki;
}


static void cert_free(pki_cert_t* cert) {
  X509_free(cert->x509);
  EVP_PKEY_free(cert->key);
  free(cert->pem.data);
  free(cert->chain.data);
  free(cert->key_pem.data);
  free(cert->both.data);
  free(cert->der.data);
  free(cert->key_der.data);
  free(cert);
}


void pki_free(pki_t* pki) {
  pki_cert_t* cert;
  pki_crl_t* crl;

  while ((cert = pki->certs) != NULL) {
    pki->certs = cert->next;
    cert_free(cert);
  }
  while ((crl = pki->crls) != NULL) {
    pki->crls = crl->next;
    X509_CRL_free(crl->crl);
    free(crl->pem.data);
    free(crl->der.data);
    free(crl);
  }
  pki__files_free(pki);
  free(pki);
}
