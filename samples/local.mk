# Small programs that show how tlsloop is used, a file each; what they read of
# their command lines is in cli.c.

sample_libs = libtlsloop.la $(UV_LIBS)
sample_cli = samples/cli.c samples/cli.h

noinst_PROGRAMS += samples/echo-server samples/echo-client

samples_echo_server_SOURCES = samples/echo-server.c
# It makes a certificate when it is given none.
samples_echo_server_LDADD = $(sample_libs) $(OPENSSL_LIBS)

samples_echo_client_SOURCES = samples/echo-client.c
samples_echo_client_LDADD = $(sample_libs)

noinst_PROGRAMS += samples/get-certificate
samples_get_certificate_SOURCES = samples/get-certificate.c $(sample_cli)
samples_get_certificate_LDADD = $(sample_libs)

noinst_PROGRAMS += samples/multi-loop-server
samples_multi_loop_server_SOURCES = samples/multi-loop-server.c $(sample_cli)
samples_multi_loop_server_LDADD = $(sample_libs)

noinst_PROGRAMS += samples/tls-proxy
samples_tls_proxy_SOURCES = samples/tls-proxy.c $(sample_cli)
samples_tls_proxy_LDADD = $(sample_libs)

noinst_PROGRAMS += samples/starttls-client samples/starttls-server
samples_starttls_client_SOURCES = samples/starttls-client.c $(sample_cli)
samples_starttls_client_LDADD = $(sample_libs)
samples_starttls_server_SOURCES = samples/starttls-server.c \
  samples/smtp.c samples/smtp.h $(sample_cli)
samples_starttls_server_LDADD = $(sample_libs)
