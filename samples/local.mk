# Small programs that show how tlsloop is used, a file each.

sample_libs = libtlsloop.la $(UV_LIBS)

noinst_PROGRAMS += samples/echo-server samples/echo-client

samples_echo_server_SOURCES = samples/echo-server.c
# It makes a certificate when it is given none.
samples_echo_server_LDADD = $(sample_libs) $(OPENSSL_LIBS)

samples_echo_client_SOURCES = samples/echo-client.c
samples_echo_client_LDADD = $(sample_libs)
