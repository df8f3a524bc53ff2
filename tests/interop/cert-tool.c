/* SPDX-License-Identifier: MIT */

/* cert-tool VERB FILE...: what the library says of each file, one a line.
 *
 *   json    a PEM certificate as JSON
 *   serial  the serial number, times and hash of a DER certificate
 *   to-der  the DER in PEM, in hexadecimal
 *   to-pem  the PEM of DER, in hexadecimal
 *   time    the lines of the file, as seconds
 *
 * An error is a line with its name. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tlsloop/cert.h"
#include "tlsloop/errno.h"

typedef struct data_s {
  char bytes[1 << 20];
  size_t len;
} data_t;

typedef struct verb_s {
  const char* name;
  void (*run)(const data_t* data);
} verb_t;


static void print_error(int code) {
  printf("%s\n", tlsloop_err_name(code));
}


static void print_hex(const void* data, size_t len) {
  const unsigned char* p;

  for (p = data; len > 0; p++, len--)
    printf("%02x", *p);
  putchar('\n');
}


static void run_json(const data_t* data) {
  tlsloop_cert_t* cert;
  char* json;
  int err;

  err = tlsloop_cert_load_mem(
      &cert, data->bytes, data->len, TLSLOOP_ENCODING_PEM);
  if (err != 0) {
    print_error(err);
    return;
  }
  err = tlsloop_cert_to_json(cert, &json, NULL);
  if (err != 0) {
    print_error(err);
  } else {
    puts(json);
    tlsloop_free(json);
  }
  tlsloop_cert_unref(cert);
}


static void run_serial(const data_t* data) {
  tlsloop_cert_t* cert;
  int64_t before;
  int64_t after;
  int err;

  err = tlsloop_cert_load_mem(
      &cert, data->bytes, data->len, TLSLOOP_ENCODING_DER);
  if (err != 0) {
    print_error(err);
    return;
  }
  err = tlsloop_cert_not_before(cert, NULL, &before);
  if (err == 0)
    err = tlsloop_cert_not_after(cert, NULL, &after);
  if (err != 0)
    print_error(err);
  else
    printf("%s %" PRId64 " %" PRId64 " %016" PRIx64 "\n",
           tlsloop_cert_serial(cert),
           before,
           after,
           tlsloop_cert_hash(cert));
  tlsloop_cert_unref(cert);
}


static void run_to_der(const data_t* data) {
  unsigned char* der;
  size_t len;
  int err;

  err = tlsloop_cert_pem_to_der(data->bytes, data->len, &der, &len);
  if (err != 0) {
    print_error(err);
    return;
  }
  print_hex(der, len);
  tlsloop_free(der);
}


static void run_to_pem(const data_t* data) {
  size_t len;
  char* pem;
  int err;

  err = tlsloop_cert_der_to_pem(data->bytes, data->len, &pem, &len);
  if (err != 0) {
    print_error(err);
    return;
  }
  print_hex(pem, len);
  tlsloop_free(pem);
}


/* Lines end with a NUL: a time may have a line feed in it. */
static void run_time(const data_t* data) {
  const char* line;
  int64_t seconds;
  int err;

  for (line = data->bytes; line < data->bytes + data->len;
       line += strlen(line) + 1) {
    err = tlsloop_cert_time_to_seconds(line, strlen(line), &seconds);
    if (err != 0)
      print_error(err);
    else
      printf("%" PRId64 "\n", seconds);
  }
}


static void read_file(data_t* data, const char* path) {
  FILE* file;

  file = fopen(path, "rb");
  if (file == NULL) {
    perror(path);
    exit(EXIT_FAILURE);
  }
  data->len = fread(data->bytes, 1, sizeof(data->bytes) - 1, file);
  data->bytes[data->len] = '\0';
  fclose(file);
}


int main(int argc, char** argv) {
  static const verb_t verbs[] = {
      {"json", run_json},
      {"serial", run_serial},
      {"to-der", run_to_der},
      {"to-pem", run_to_pem},
      {"time", run_time},
  };
  static data_t data;
  size_t v;
  int i;

  for (v = 0; argc > 1 && v < sizeof(verbs) / sizeof(verbs[0]); v++) {
    if (strcmp(argv[1], verbs[v].name) != 0)
      continue;
    for (i = 2; i < argc; i++) {
      read_file(&data, argv[i]);
      verbs[v].run(&data);
    }
    return EXIT_SUCCESS;
  }
  fputs("usage: cert-tool VERB FILE...\n", stderr);
  return EXIT_FAILURE;
}
