/* SPDX-License-Identifier: MIT */

/* Where the default certificates are: as OpenSSL has it built in, as the
 * environment says, and only what is there. */

#include "support/suite.h"

#include "support/given.h"
#include "tlsloop/system.h"

#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <uv/errno.h>

static pki_t* pki;
static tlsloop_verify_paths_t paths;


static void setup(void) {
  pki = pki_new("paths");
  memset(&paths, 0x5c, sizeof(paths));
  paths.size = sizeof(paths);
  unsetenv("SSL_CERT_FILE");
  unsetenv("SSL_CERT_DIR");
}


static void teardown(void) {
  pki_free(pki);
}


static void look(void) {
  ck_assert_int_eq(tlsloop_default_verify_paths(&paths), 0);
}


START_TEST(the_variables_and_what_is_built_in_are_openssls) {
  look();
  ck_assert_uint_eq(paths.size, sizeof(paths));
  ck_assert_str_eq(paths.openssl_cafile_env, "SSL_CERT_FILE");
  ck_assert_str_eq(paths.openssl_capath_env, "SSL_CERT_DIR");
  ck_assert_str_eq(paths.openssl_cafile, X509_get_default_cert_file());
  ck_assert_str_eq(paths.openssl_capath, X509_get_default_cert_dir());
}
END_TEST


START_TEST(what_is_built_in_counts_when_it_is_there) {
  struct stat st;

  look();
  if (stat(X509_get_default_cert_file(), &st) == 0 && S_ISREG(st.st_mode))
    ck_assert_str_eq(paths.cafile, X509_get_default_cert_file());
  else
    ck_assert_ptr_null(paths.cafile);
  if (stat(X509_get_default_cert_dir(), &st) == 0 && S_ISDIR(st.st_mode))
    ck_assert_str_eq(paths.capath, X509_get_default_cert_dir());
  else
    ck_assert_ptr_null(paths.capath);
}
END_TEST


START_TEST(the_environment_comes_first) {
  const char* file;

  file = pki_write(pki, "ca.pem", &pki->root->pem);
  setenv("SSL_CERT_FILE", file, 1);
  setenv("SSL_CERT_DIR", pki_dir(pki), 1);
  look();
  ck_assert_str_eq(paths.cafile, file);
  ck_assert_str_eq(paths.capath, pki_dir(pki));
  ck_assert_str_eq(paths.openssl_cafile, X509_get_default_cert_file());
}
END_TEST


START_TEST(a_file_is_a_file_and_a_directory_a_directory) {
  setenv("SSL_CERT_FILE", pki_dir(pki), 1);
  setenv("SSL_CERT_DIR", pki_write(pki, "ca.pem", &pki->root->pem), 1);
  look();
  ck_assert_ptr_null(paths.cafile);
  ck_assert_ptr_null(paths.capath);
}
END_TEST


START_TEST(what_the_environment_names_in_vain_is_not_made_up_for) {
  static const char* const names[] = {"/nonexistent/ca", ""};

  setenv("SSL_CERT_FILE", names[_i], 1);
  setenv("SSL_CERT_DIR", names[_i], 1);
  look();
  ck_assert_ptr_null(paths.cafile);
  ck_assert_ptr_null(paths.capath);
}
END_TEST


/* What this tells is what a context then trusts. */
START_TEST(a_context_trusts_what_the_paths_name) {
  tlsloop_ctx_t* client;
  tlsloop_ctx_t* server;

  setenv("SSL_CERT_FILE", pki_write(pki, "ca.pem", &pki->root->pem), 1);
  setenv("SSL_CERT_DIR", "/nonexistent", 1);
  look();
  ck_assert_ptr_nonnull(paths.cafile);
  client = given_ctx(TLSLOOP_PROTOCOL_TLS_CLIENT);
  ck_done(tlsloop_ctx_load_default_certs(client));
  server = given_server(pki, NULL);
  ck_assert_int_eq(try_connection(client, server, "localhost"), 0);
  tlsloop_ctx_unref(client);
  tlsloop_ctx_unref(server);
}
END_TEST


START_TEST(a_struct_without_a_size_is_refused) {
  paths.size = 0;
  ck_assert_int_eq(tlsloop_default_verify_paths(&paths), UV__EINVAL);
}
END_TEST


START_TEST(an_older_struct_is_filled_as_far_as_it_goes) {
  const char* untouched = paths.openssl_capath;

  paths.size = offsetof(tlsloop_verify_paths_t, openssl_capath);
  look();
  ck_assert_uint_eq(paths.size,
                    offsetof(tlsloop_verify_paths_t, openssl_capath));
  ck_assert_str_eq(paths.openssl_capath_env, "SSL_CERT_DIR");
  ck_assert_ptr_eq(paths.openssl_capath, untouched);
}
END_TEST


Suite* suite(void) {
  TCase* tc;
  Suite* s;

  s = suite_create("paths");
  tc = tcase_create("paths");
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, the_variables_and_what_is_built_in_are_openssls);
  tcase_add_test(tc, what_is_built_in_counts_when_it_is_there);
  tcase_add_test(tc, the_environment_comes_first);
  tcase_add_test(tc, a_file_is_a_file_and_a_directory_a_directory);
  tcase_add_loop_test(
      tc, what_the_environment_names_in_vain_is_not_made_up_for, 0, 2);
  tcase_add_test(tc, a_context_trusts_what_the_paths_name);
  tcase_add_test(tc, a_struct_without_a_size_is_refused);
  tcase_add_test(tc, an_older_struct_is_filled_as_far_as_it_goes);
  suite_add_tcase(s, tc);
  return s;
}
