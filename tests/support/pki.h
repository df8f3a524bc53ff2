/* SPDX-License-Identifier: MIT */

/* Pki: a certificate authority that lives as long as a test.
 *
 * Root, intermediate and every certificate are made when they are asked for,
 * in memory, so that nothing in the repository expires and no test needs a
 * file. What a pki_t hands out is its own and is freed with it. A failure is
 * fatal: it is the test's environment that is broken, not the code under
 * test. */

#ifndef TLSLOOP_TESTS_SUPPORT_PKI_H
#define TLSLOOP_TESTS_SUPPORT_PKI_H

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stddef.h>

/* The keys a certificate can have. The first use of each in a process makes
 * one, which is used again from then on. */
typedef enum pki_key_e {
  PKI_P256,
  PKI_P384,
  PKI_RSA_2048,
  PKI_RSA_1024,
  PKI_ED25519
} pki_key_t;

/* Bytes; a NUL that |len| does not count follows them. */
typedef struct pki_blob_s {
  char* data;
  size_t len;
} pki_blob_t;

/* A certificate with its key. */
typedef struct pki_cert_s {
  struct pki_cert_s* next;
  struct pki_cert_s* issuer; /* itself when it is self-signed */
  X509* x509;
  EVP_PKEY* key;
  pki_blob_t pem;     /* the certificate */
  pki_blob_t chain;   /* the certificate and its issuers but the root */
  pki_blob_t key_pem; /* PKCS#8, encrypted when a password was given */
  pki_blob_t both;    /* the chain, then the key */
  pki_blob_t der;     /* the certificate */
  pki_blob_t key_der; /* never encrypted */
} pki_cert_t;

/* What a certificate is to be. All zeroes is a P-256 certificate of the
 * intermediate for localhost, 127.0.0.1 and ::1, good for servers and clients
 * from an hour ago for a day. Strings are in OpenSSL's configuration syntax
 * (x509v3_config(5)); NULL is the default and "" leaves the item out. */
typedef struct pki_opts_s {
  pki_key_t key;
  int new_key;        /* a key that no other certificate has */
  const char* cn;     /* the subject's only part; "localhost" */
  const char* san;    /* "DNS:localhost,IP:127.0.0.1,IP:::1" */
  long not_before;    /* seconds from now */
  long not_after;     /* seconds from now; 0 with not_before 0: a day */
  const char* ku;     /* keyUsage, fitting */
  const char* eku;    /* extendedKeyUsage; "serverAuth,clientAuth" */
  const char* basic;  /* basicConstraints; "critical,CA:FALSE" */
  const char* names;  /* nameConstraints; none */
  const char* aia;    /* authorityInfoAccess; none; "OCSP;URI:http://..." */
  const char* crl;    /* crlDistributionPoints; none; "URI:http://..." */
  const char* digest; /* of the signature; "SHA256" */
  const char* password;
  pki_cert_t* issuer; /* the intermediate */
  int self_signed;
  void (*tweak)(X509* x509, void* arg); /* runs before it is signed */
  void* arg;
} pki_opts_t;

/* What a revocation list is to be. All zeroes is an empty list of the
 * intermediate, from an hour ago for a day. */
typedef struct pki_crl_opts_s {
  pki_cert_t* issuer;
  pki_cert_t* const* revoked;
  size_t count;
  long last_update; /* seconds from now */
  long next_update; /* seconds from now; 0 with last_update 0: a day */
} pki_crl_opts_t;

/* A revocation list. */
typedef struct pki_crl_s {
  struct pki_crl_s* next;
  X509_CRL* crl;
  pki_blob_t pem;
  pki_blob_t der;
} pki_crl_t;

typedef struct pki_s {
  pki_cert_t* root;
  pki_cert_t* intermediate;
  pki_cert_t* leaf; /* what pki_leaf made */
  pki_cert_t* certs;
  pki_crl_t* crls;
  struct pki_path_s* paths;
  struct pki_dir_s* dir;
  long serial;
} pki_t;

/* Makes an authority. Two of the same |name| have the same subjects but
 * different keys, so that neither vouches for what the other signed. */
pki_t* pki_new(const char* name);

/* Frees |pki|, what it made, and its directory with all that is in it. */
void pki_free(pki_t* pki);

/* Makes a certificate. |opts| NULL is all zeroes. */
pki_cert_t* pki_make(pki_t* pki, const pki_opts_t* opts);

/* The certificate of all zeroes, made once. */
pki_cert_t* pki_leaf(pki_t* pki);

/* Makes a revocation list. |opts| NULL is all zeroes. */
pki_crl_t* pki_crl(pki_t* pki, const pki_crl_opts_t* opts);

/* The temporary directory of |pki|, made at the first call. */
const char* pki_dir(pki_t* pki);

/* Writes |blob| to the file |name| in the directory; returns its path. */
const char* pki_write(pki_t* pki, const char* name, const pki_blob_t* blob);

/* Writes |cert| to the directory under the name by which OpenSSL looks CAs up
 * in directories (openssl-rehash(1)); returns its path. */
const char* pki_write_hashed(pki_t* pki, const pki_cert_t* cert);

#endif /* TLSLOOP_TESTS_SUPPORT_PKI_H */
