/* SPDX-License-Identifier: MIT */

/* Windows: its certificate stores. What does not ask Windows itself is the
 * same, and tested, everywhere. */

#include "context/windows.h"

#include <string.h>
#include <uv/errno.h>

#include "context/store-list.h"
#include "tlsloop/oid.h"


static int is_trusted_for(const tlsloop_store_entry_t* entry,
                          const char* purpose) {
  size_t i;

  if (entry->trusted_for_all)
    return 1;
  for (i = 0; i < entry->purpose_count; i++) {
    if (strcmp(entry->purposes[i], purpose) == 0)
      return 1;
  }
  return 0;
}


int tlsloop__windows_trust(const tlsloop_store_entry_t* entry, void* arg) {
  tlsloop_ctx_t* ctx;
  int purpose;
  int err;

  ctx = arg;
  purpose = tlsloop_ctx_protocol(ctx) == TLSLOOP_PROTOCOL_TLS_SERVER
                ? TLSLOOP_PURPOSE_CLIENT_AUTH
                : TLSLOOP_PURPOSE_SERVER_AUTH;
  if (entry->encoding != TLSLOOP_STORE_X509_ASN ||
      !is_trusted_for(entry, tlsloop_purpose_oid(purpose)))
    return 0;

  err = tlsloop_ctx_load_verify_mem(
      ctx, entry->data, entry->len, TLSLOOP_ENCODING_DER);
  return err == UV__ENOMEM ? err : 0;
}


int tlsloop__windows_load(tlsloop_ctx_t* ctx) {
  static const char* const stores[] = {"CA", "ROOT"};
  size_t i;
  int err;

  for (i = 0; i < sizeof(stores) / sizeof(stores[0]); i++) {
    err = tlsloop_enum_certificates(stores[i], tlsloop__windows_trust, ctx);
    if (err != 0 && err != UV__EACCES)
      return err;
  }
  return 0;
}


#ifdef _WIN32

#include <windows.h>

#include <wincrypt.h>

#include <stdlib.h>

/* The places that a store has. */
static const DWORD places[] = {
    CERT_SYSTEM_STORE_LOCAL_MACHINE,
    CERT_SYSTEM_STORE_LOCAL_MACHINE_ENTERPRISE,
    CERT_SYSTEM_STORE_LOCAL_MACHINE_GROUP_POLICY,
    CERT_SYSTEM_STORE_CURRENT_USER,
    CERT_SYSTEM_STORE_CURRENT_USER_GROUP_POLICY,
    CERT_SYSTEM_STORE_SERVICES,
    CERT_SYSTEM_STORE_USERS,
};


static int translate(DWORD error) {
  switch (error) {
    case ERROR_FILE_NOT_FOUND:
      return UV__ENOENT;
    case ERROR_ACCESS_DENIED:
      return UV__EACCES;
    case ERROR_NOT_ENOUGH_MEMORY:
    case ERROR_OUTOFMEMORY:
      return UV__ENOMEM;
    default:
      return UV__EIO;
  }
}


/* Adds |name| in |place| to |collection|. */
static int add_place(HCERTSTORE collection, DWORD place, const char* name) {
  HCERTSTORE store;
  int err;

  store = CertOpenStore(
      CERT_STORE_PROV_SYSTEM_A, 0, 0, CERT_STORE_READONLY_FLAG | place, name);
  if (store == NULL)
    return translate(GetLastError());

  err = 0;
  if (!CertAddStoreToCollection(
          collection, store, CERT_PHYSICAL_STORE_ADD_ENABLE_FLAG, 0))
    err = translate(GetLastError());
  /* The collection keeps it open. */
  CertCloseStore(store, 0);
  return err;
}


/* Opens |name| in all places that have it; it is enough that one has. */
static int open_store(const char* name, HCERTSTORE* store) {
  HCERTSTORE collection;
  size_t opened;
  size_t i;
  int err;
  int why;

  collection = CertOpenStore(CERT_STORE_PROV_COLLECTION, 0, 0, 0, NULL);
  if (collection == NULL)
    return translate(GetLastError());

  why = UV__ENOENT;
  opened = 0;
  for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
    err = add_place(collection, places[i], name);
    if (err == 0)
      opened++;
    else
      why = err;
  }
  if (opened == 0) {
    CertCloseStore(collection, 0);
    return why;
  }
  *store = collection;
  return 0;
}


/* Stores in |usage| what |cert| is for by |flags|, for the caller to free;
 * NULL when nothing is said, which is anything. */
static int read_usage(PCCERT_CONTEXT cert,
                      DWORD flags,
                      PCERT_ENHKEY_USAGE* usage) {
  PCERT_ENHKEY_USAGE made;
  DWORD error;
  DWORD size;

  *usage = NULL;
  size = 0;
  made = NULL;
  if (CertGetEnhancedKeyUsage(cert, flags, NULL, &size)) {
    made = malloc(size);
    if (made == NULL)
      return UV__ENOMEM;
    if (CertGetEnhancedKeyUsage(cert, flags, made, &size)) {
      *usage = made;
      return 0;
    }
  }

  error = GetLastError();
  free(made);
  return error == (DWORD) CRYPT_E_NOT_FOUND ? 0 : translate(error);
}


static int add_cert(tlsloop__store_list_t* list, PCCERT_CONTEXT cert) {
  tlsloop_store_entry_t entry = {
      .data = cert->pbCertEncoded,
      .len = cert->cbCertEncoded,
      .encoding = (int) cert->dwCertEncodingType,
  };
  PCERT_ENHKEY_USAGE usage;
  int err;

  err = read_usage(cert, CERT_FIND_PROP_ONLY_ENHKEY_USAGE_FLAG, &usage);
  if (err == 0 && usage == NULL)
    err = read_usage(cert, CERT_FIND_EXT_ONLY_ENHKEY_USAGE_FLAG, &usage);
  if (err != 0)
    return err;

  entry.trusted_for_all = usage == NULL;
  if (usage != NULL) {
    entry.purposes = (const char* const*) usage->rgpszUsageIdentifier;
    entry.purpose_count = usage->cUsageIdentifier;
  }
  err = tlsloop__store_list_add(list, &entry);
  free(usage);
  return err;
}


static int add_certs(tlsloop__store_list_t* list, HCERTSTORE store) {
  PCCERT_CONTEXT cert;
  int err;

  cert = NULL;
  while ((cert = CertEnumCertificatesInStore(store, cert)) != NULL) {
    err = add_cert(list, cert);
    if (err != 0) {
      CertFreeCertificateContext(cert);
      return err;
    }
  }
  return 0;
}


static int add_crls(tlsloop__store_list_t* list, HCERTSTORE store) {
  tlsloop_store_entry_t entry = {0};
  PCCRL_CONTEXT crl;
  int err;

  crl = NULL;
  while ((crl = CertEnumCRLsInStore(store, crl)) != NULL) {
    entry.data = crl->pbCrlEncoded;
    entry.len = crl->cbCrlEncoded;
    entry.encoding = (int) crl->dwCertEncodingType;
    err = tlsloop__store_list_add(list, &entry);
    if (err != 0) {
      CertFreeCRLContext(crl);
      return err;
    }
  }
  return 0;
}


static int enumerate(const char* name,
                     int (*add)(tlsloop__store_list_t* list, HCERTSTORE store),
                     tlsloop_store_cb cb,
                     void* arg) {
  tlsloop__store_list_t list = {0};
  HCERTSTORE store = NULL;
  int err;

  if (name == NULL || cb == NULL)
    return UV__EINVAL;
  err = open_store(name, &store);
  if (err != 0)
    return err;

  err = add(&list, store);
  CertCloseStore(store, 0);
  if (err == 0)
    err = tlsloop__store_list_tell(&list, cb, arg);
  tlsloop__store_list_clear(&list);
  return err;
}


int tlsloop_enum_certificates(const char* store,
                              tlsloop_store_cb cb,
                              void* arg) {
  return enumerate(store, add_certs, cb, arg);
}


int tlsloop_enum_crls(const char* store, tlsloop_store_cb cb, void* arg) {
  return enumerate(store, add_crls, cb, arg);
}

#else

int tlsloop_enum_certificates(const char* store,
                              tlsloop_store_cb cb,
                              void* arg) {
  (void) arg;
  return store == NULL || cb == NULL ? UV__EINVAL : UV__ENOTSUP;
}


int tlsloop_enum_crls(const char* store, tlsloop_store_cb cb, void* arg) {
  (void) arg;
  return store == NULL || cb == NULL ? UV__EINVAL : UV__ENOTSUP;
}

#endif
