/* SPDX-License-Identifier: MIT */

/* Cert-validity: from when until when a certificate is valid. */

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/x509.h>
#include <time.h>
#include <uv/errno.h>

#include "context/cert-facts.h"
#include "context/cert-time.h"


/* Prints |from| to |bio| and takes the text. OpenSSL has printed something
 * even when it returns that it is no time. */
static int read_text(tlsloop__arena_t* arena,
                     tlsloop__cert_time_t* time,
                     const ASN1_TIME* from,
                     BIO* bio) {
  char* data;
  long len;

  if (!ASN1_TIME_print(bio, from))
    return tlsloop__cert_fail(TLSLOOP_EBADCERT);
  len = BIO_get_mem_data(bio, &data);
  time->text = tlsloop__arena_copy(arena, data, (size_t) len);
  return time->text == NULL ? UV__ENOMEM : 0;
}


/* OpenSSL has brought |from| to UTC, whatever its zone. */
static int read_seconds(tlsloop__cert_time_t* time, const ASN1_TIME* from) {
  struct tm tm;

  if (!ASN1_TIME_to_tm(from, &tm))
    return tlsloop__cert_fail(TLSLOOP_EBADCERT);
  time->seconds = tlsloop__cert_seconds(tm.tm_year + 1900,
                                        tm.tm_mon + 1,
                                        tm.tm_mday,
                                        tm.tm_hour,
                                        tm.tm_min,
                                        tm.tm_sec);
  return 0;
}


static int read_time(tlsloop__arena_t* arena,
                     tlsloop__cert_time_t* time,
                     const ASN1_TIME* from) {
  BIO* bio;
  int err;

  bio = BIO_new(BIO_s_mem());
  if (bio == NULL)
    return UV__ENOMEM;
  err = read_seconds(time, from);
  if (err == 0)
    err = read_text(arena, time, from, bio);
  BIO_free(bio);
  if (err == 0 || err == UV__ENOMEM)
    return err;
  *time = (tlsloop__cert_time_t){NULL, 0, err};
  return 0;
}


int tlsloop__cert_read_times(tlsloop__cert_facts_t* facts, const X509* x509) {
  int err;

  err = read_time(&facts->arena, &facts->not_before, X509_get0_notBefore(x509));
  if (err == 0)
    err = read_time(&facts->arena, &facts->not_after, X509_get0_notAfter(x509));
  return err;
}


static int tell(const tlsloop__cert_time_t* time,
                const char** text,
                int64_t* seconds) {
  if (time->err != 0)
    return time->err;
  if (text != NULL)
    *text = time->text;
  if (seconds != NULL)
    *seconds = time->seconds;
  return 0;
}


int tlsloop_cert_not_before(tlsloop_cert_t* cert,
                            const char** text,
                            int64_t* seconds) {
  const tlsloop__cert_facts_t* facts;

  facts = tlsloop__cert_facts(cert);
  if (facts == NULL)
    return UV__ENOMEM;
  return tell(&facts->not_before, text, seconds);
}


int tlsloop_cert_not_after(tlsloop_cert_t* cert,
                           const char** text,
                           int64_t* seconds) {
  const tlsloop__cert_facts_t* facts;

  facts = tlsloop__cert_facts(cert);
  if (facts == NULL)
    return UV__ENOMEM;
  return tell(&facts->not_after, text, seconds);
}
