/* SPDX-License-Identifier: MIT */

/* What a context asks the application while a connection is being made, and
 * what it shows to those who watch: messages and keys. And passwords.
 *
 * Each callback runs on the thread that drives the engine, inside the call
 * that drives it, or, on a stream, inside its pump. It may ask the engine for
 * facts and call tlsloop_engine_set_ctx where that is said; it does not drive
 * the engine. A refusal becomes a fatal alert to the peer and an error on the
 * engine. Callbacks are set before a context is sealed. */

#ifndef TLSLOOP_CALLBACK_H
#define TLSLOOP_CALLBACK_H

#include <stddef.h>

#include "tlsloop/ctx.h"
#include "tlsloop/engine.h"
#include "tlsloop/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a tlsloop_alpn_cb returns when it chooses none of the names.
 * Since: 0.1 */
typedef enum tlsloop_alpn_choice_e {
  TLSLOOP_ALPN_NONE = -1,  /* the handshake goes on without a protocol */
  TLSLOOP_ALPN_REFUSE = -2 /* fatal alert no_application_protocol, 120 */
} tlsloop_alpn_choice_t;

/* The longest PSK identity and key, in bytes.
 * Since: 0.1 */
typedef enum tlsloop_psk_limit_e {
  TLSLOOP_PSK_IDENTITY_MAX = 256,
  TLSLOOP_PSK_KEY_MAX = 512
} tlsloop_psk_limit_t;

/* The longest password of a private key, in bytes.
 * Since: 0.1 */
typedef enum tlsloop_password_limit_e {
  TLSLOOP_PASSWORD_MAX = 1024
} tlsloop_password_limit_t;

/* What a tlsloop_message_t is: a protocol of the records of TLS (RFC 8446,
 * 5.1), or a part of a record that OpenSSL tells of separately.
 * Since: 0.1 */
typedef enum tlsloop_content_type_e {
  TLSLOOP_CONTENT_CHANGE_CIPHER_SPEC = 20,
  TLSLOOP_CONTENT_ALERT = 21,
  TLSLOOP_CONTENT_HANDSHAKE = 22,
  TLSLOOP_CONTENT_HEADER = 0x100,    /* of a record, five bytes */
  TLSLOOP_CONTENT_INNER_TYPE = 0x101 /* inside a record of TLS 1.3, one byte */
} tlsloop_content_type_t;

/* A message of the TLS protocol, or a part of a record; never application
 * data. New fields are added at the end: |size| tells which are there.
 * Since: 0.1 */
typedef struct tlsloop_message_s {
  size_t size;      /* bytes of this struct in the library at run time */
  int sent;         /* 1: by the engine; 0: by its peer */
  int version;      /* TLSLOOP_TLS_*; that of a header is what it says */
  int content_type; /* tlsloop_content_type_t, or another of OpenSSL's */
  int type;         /* of the handshake message, alert or content; -1: none */
  const unsigned char* data; /* its bytes, in the clear */
  size_t len;
} tlsloop_message_t;

/* Tells server |engine|, of |ctx|, the |name| that its client asks for (SNI,
 * RFC 6066, 3): a NUL-terminated A-label, or NULL when it asks for none. |arg|
 * is of tlsloop_ctx_set_sni_cb. It may call tlsloop_engine_set_ctx: the
 * certificates, verification, versions, ciphers, groups and ALPN of the new
 * context then hold. Runs once for each connection, before anything is
 * negotiated; a name that is malformed, longer than 255 bytes or not of visible
 * ASCII ends the handshake instead.
 * Returns: 0 to go on, or a TLS alert, such as 112, unrecognized_name, that
 * ends the handshake; any other number, and an alert that OpenSSL cannot send
 * at this point, ends it with internal_error, 80.
 * Since: 0.1 */
typedef int (*tlsloop_sni_cb)(tlsloop_engine_t* engine,
                              const char* name,
                              tlsloop_ctx_t* ctx,
                              void* arg);

/* Lets server |engine| choose one of its client's application protocols: the
 * |len| bytes of |offered|, which tlsloop_alpn_at takes apart. |arg| is of
 * tlsloop_ctx_set_alpn_cb.
 * Returns: the index of the chosen name, 0 for the first, or one of
 * tlsloop_alpn_choice_t; any other number is like TLSLOOP_ALPN_REFUSE.
 * Since: 0.1 */
typedef int (*tlsloop_alpn_cb)(tlsloop_engine_t* engine,
                               const unsigned char* offered,
                               size_t len,
                               void* arg);

/* Asks client |engine| for a pre-shared key. |hint| is the server's, NULL when
 * it gave none and always on TLS 1.3. |identity| has room for
 * TLSLOOP_PSK_IDENTITY_MAX bytes and |key| for TLSLOOP_PSK_KEY_MAX; fill them
 * in and store how many bytes in |identity_len| and |key_len|. |arg| is of
 * tlsloop_ctx_set_psk_client_cb.
 * Returns: 0, or a negative number to use no key; an identity with a NUL in
 * it, and lengths of 0 or above the limits, are the same.
 * Since: 0.1 */
typedef int (*tlsloop_psk_client_cb)(tlsloop_engine_t* engine,
                                     const char* hint,
                                     char* identity,
                                     size_t* identity_len,
                                     unsigned char* key,
                                     size_t* key_len,
                                     void* arg);

/* Asks server |engine| for the key of |identity|, |identity_len| bytes and a
 * NUL, which may be empty; on TLS 1.3 what a client sends to resume a session
 * can look like one. |key| has room for TLSLOOP_PSK_KEY_MAX bytes; fill it in
 * and store how many in |key_len|. |arg| is of tlsloop_ctx_set_psk_server_cb.
 * Returns: 0, or a negative number when it is unknown.
 * Since: 0.1 */
typedef int (*tlsloop_psk_server_cb)(tlsloop_engine_t* engine,
                                     const char* identity,
                                     size_t identity_len,
                                     unsigned char* key,
                                     size_t* key_len,
                                     void* arg);

/* Shows a |message| of |engine|'s connection, on its way out or in. |arg| is of
 * tlsloop_ctx_set_message_cb. |message| and its bytes are there during the call
 * only.
 * Since: 0.1 */
typedef void (*tlsloop_message_cb)(tlsloop_engine_t* engine,
                                   const tlsloop_message_t* message,
                                   void* arg);

/* Shows a secret of |engine|'s connection as a |line| of a key log (RFC 9850),
 * NUL-terminated, without a newline. |arg| is of tlsloop_ctx_set_keylog_cb.
 * |line| is there during the call only.
 * Since: 0.1 */
typedef void (*tlsloop_keylog_cb)(tlsloop_engine_t* engine,
                                  const char* line,
                                  void* arg);

/* Asks for the password of a private key: write it to |buf|, which has |size|
 * bytes, TLSLOOP_PASSWORD_MAX, and is wiped later. |arg| is of the function
 * that loads the key. Runs inside that call, once, and only if the key is
 * encrypted.
 * Returns: how many bytes it has, 0 or more, or a negative number when there
 * is none: the key is then not loaded.
 * Since: 0.1 */
typedef int (*tlsloop_password_cb)(char* buf, size_t size, void* arg);

/* Makes servers of |ctx| ask |cb| with |arg| about the name that each client
 * wants. NULL ends it.
 * Returns: 0, or a negative code; nothing has then changed.
 * Errors: TLSLOOP_ESIDE on a TLS_CLIENT context; UV_EBUSY when |ctx| is
 * sealed.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_set_sni_cb(tlsloop_ctx_t* ctx,
                                          tlsloop_sni_cb cb,
                                          void* arg);

/* Makes servers of |ctx| ask |cb| with |arg| which application protocol to
 * use, in place of the list of tlsloop_ctx_set_alpn. NULL ends it.
 * Returns: 0, or a negative code; nothing has then changed.
 * Errors: TLSLOOP_ESIDE on a TLS_CLIENT context; UV_EBUSY when |ctx| is
 * sealed.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_set_alpn_cb(tlsloop_ctx_t* ctx,
                                           tlsloop_alpn_cb cb,
                                           void* arg);

/* Finds name number |index|, from 0, in the |len| bytes of |list|, names as
 * they are in the ALPN extension, and stores where it is in |name| and how
 * long in |name_len|.
 * Returns: 0, or a negative code.
 * Errors: UV_ENOENT when there are fewer; UV_EINVAL when |list| is malformed.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_alpn_at(const unsigned char* list,
                                   size_t len,
                                   size_t index,
                                   const char** name,
                                   size_t* name_len);

/* Makes clients of |ctx| ask |cb| with |arg| for a pre-shared key. TLS 1.2
 * needs a PSK cipher (tlsloop_ctx_set_ciphers); on TLS 1.3 the key goes with
 * SHA-256. NULL ends it.
 * Returns: 0, or a negative code; nothing has then changed.
 * Errors: TLSLOOP_ESIDE on a TLS_SERVER context; UV_ENOTSUP when OpenSSL was
 * built without PSK; UV_EBUSY when |ctx| is sealed.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_set_psk_client_cb(tlsloop_ctx_t* ctx,
                                                 tlsloop_psk_client_cb cb,
                                                 void* arg);

/* Makes servers of |ctx| ask |cb| with |arg| for the keys of their clients,
 * and, on TLS 1.2, send them |hint|, at most 256 bytes, unless it is NULL. On
 * TLS 1.3 a server that has certificates too takes a key only where the cipher
 * suite that it likes best is one with SHA-256 (tlsloop_ctx_set_ciphersuites).
 * A NULL |cb| ends it.
 * Returns: 0, or a negative code; nothing has then changed.
 * Errors: UV_EINVAL when |hint| is too long; TLSLOOP_ESIDE on a TLS_CLIENT
 * context; UV_ENOTSUP when OpenSSL was built without PSK; UV_ENOMEM; UV_EBUSY
 * when |ctx| is sealed.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_set_psk_server_cb(tlsloop_ctx_t* ctx,
                                                 tlsloop_psk_server_cb cb,
                                                 void* arg,
                                                 const char* hint);

/* Puts |engine| under |ctx|. Before the handshake, and in a tlsloop_sni_cb, all
 * that |ctx| says of certificates, verification, versions, options, ciphers,
 * groups, ALPN, PSK, messages and keys then holds for the connection, and a
 * session that a client was to resume is forgotten; after the handshake, what
 * TLS has not used yet. Seals |ctx|. Session tickets and the session cache stay
 * the first context's; a session is resumed only where the policy is the same.
 * Returns: 0, or a negative code; nothing has then changed, or, when there was
 * no memory to undo a part either, |engine| has failed.
 * Errors: TLSLOOP_ESIDE when |ctx| is made for the other side; UV_EBUSY during
 * the handshake, but in a tlsloop_sni_cb; UV_ENOMEM; TLSLOOP_EOPENSSL. The
 * details are |ctx|'s.
 * Owns: |engine| takes its own reference to |ctx|.
 * From callbacks: from tlsloop_sni_cb.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_engine_set_ctx(tlsloop_engine_t* engine,
                                          tlsloop_ctx_t* ctx);

/* Shows every message of the connections of |ctx| to |cb| with |arg|: headers
 * of records, inner types, handshake messages, alerts and changes of the
 * cipher, never application data. For debugging. NULL ends it.
 * Returns: 0, or a negative code; nothing has then changed.
 * Errors: UV_EBUSY when |ctx| is sealed.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_set_message_cb(tlsloop_ctx_t* ctx,
                                              tlsloop_message_cb cb,
                                              void* arg);

/* Shows the secrets of the connections of |ctx| to |cb| with |arg|, beside a
 * file of tlsloop_ctx_set_keylog_file. Who has them can read the connections.
 * NULL ends it.
 * Returns: 0, or a negative code; nothing has then changed.
 * Errors: UV_EBUSY when |ctx| is sealed.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_set_keylog_cb(tlsloop_ctx_t* ctx,
                                             tlsloop_keylog_cb cb,
                                             void* arg);

/* Appends the secrets of the connections of |ctx| to the file |path|, in the
 * format that Wireshark reads (RFC 9850), which makes them readable to whoever
 * has it. The file is made, for its owner alone, when it is not there; an empty
 * one begins with a comment. Each line is one write, so that other contexts and
 * processes may write to it too. Connections go on when that fails: it is the
 * error of |ctx|. NULL ends it.
 * Returns: 0, or a negative code; nothing has then changed.
 * Errors: libuv's code when the file cannot be opened or written; UV_EINVAL for
 * what is neither a file nor a device; UV_EBUSY when |ctx| is sealed;
 * UV_ENOMEM.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_set_keylog_file(tlsloop_ctx_t* ctx,
                                               const char* path);

/* The file of tlsloop_ctx_set_keylog_file for |ctx|.
 * Returns: a NUL-terminated string of |ctx|, or NULL when there is none.
 * Since: 0.1 */
TLSLOOP_EXTERN const char* tlsloop_ctx_keylog_file(const tlsloop_ctx_t* ctx);

/* Calls tlsloop_ctx_set_keylog_file for |ctx| with what the environment
 * variable SSLKEYLOGFILE says, if it is there and not empty, unless the program
 * runs with the rights of others (secure_getenv(3)). No other function of
 * tlsloop looks at it.
 * Returns: 0, or a negative code; nothing has then changed.
 * Errors: as tlsloop_ctx_set_keylog_file.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_set_keylog_from_env(tlsloop_ctx_t* ctx);

/* Loads a certificate chain and its key into |ctx| as
 * tlsloop_ctx_load_cert_chain_file with |cert_file| and |key_file|, where the
 * key may be encrypted with the |len| bytes of |password|; NULL: it is not.
 * Returns: 0, or a negative code; |ctx| is then as before.
 * Errors: as tlsloop_ctx_load_cert_chain_file; TLSLOOP_EPASSWORD when the
 * password is wrong; UV_EINVAL when it is longer than TLSLOOP_PASSWORD_MAX.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_load_cert_chain_file_password(
    tlsloop_ctx_t* ctx,
    const char* cert_file,
    const char* key_file,
    const char* password,
    size_t len);

/* Loads a certificate chain and its key into |ctx| as
 * tlsloop_ctx_load_cert_chain_file with |cert_file| and |key_file|, and asks
 * |cb| with |arg| for the password if the key is encrypted.
 * Returns: 0, or a negative code; |ctx| is then as before.
 * Errors: as tlsloop_ctx_load_cert_chain_file; TLSLOOP_EPASSWORD when the
 * password is wrong; TLSLOOP_ECALLBACK when |cb| has none; UV_EINVAL when it
 * says that there are more than TLSLOOP_PASSWORD_MAX bytes.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_load_cert_chain_file_cb(tlsloop_ctx_t* ctx,
                                                       const char* cert_file,
                                                       const char* key_file,
                                                       tlsloop_password_cb cb,
                                                       void* arg);

/* As tlsloop_ctx_load_cert_chain_file_password, for the |cert_len| bytes of
 * |cert| and the |key_len| of |key| that tlsloop_ctx_load_cert_chain_mem loads
 * into |ctx|; |password| has |len| bytes.
 * Returns: 0, or a negative code; |ctx| is then as before.
 * Errors: as tlsloop_ctx_load_cert_chain_file_password, without those of
 * reading files.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_load_cert_chain_mem_password(
    tlsloop_ctx_t* ctx,
    const void* cert,
    size_t cert_len,
    const void* key,
    size_t key_len,
    const char* password,
    size_t len);

/* As tlsloop_ctx_load_cert_chain_file_cb, with |cb| and |arg|, for the
 * |cert_len| bytes of |cert| and the |key_len| of |key| that
 * tlsloop_ctx_load_cert_chain_mem loads into |ctx|.
 * Returns: 0, or a negative code; |ctx| is then as before.
 * Errors: as tlsloop_ctx_load_cert_chain_file_cb, without those of reading
 * files.
 * Since: 0.1 */
TLSLOOP_EXTERN int tlsloop_ctx_load_cert_chain_mem_cb(tlsloop_ctx_t* ctx,
                                                      const void* cert,
                                                      size_t cert_len,
                                                      const void* key,
                                                      size_t key_len,
                                                      tlsloop_password_cb cb,
                                                      void* arg);

#ifdef __cplusplus
}
#endif

#endif /* TLSLOOP_CALLBACK_H */
