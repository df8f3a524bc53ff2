# Small programs that show how tlsloop is used.

sample_libs = libtlsloop.la $(UV_LIBS)

noinst_PROGRAMS += samples/echo-server samples/echo-client

samples_echo_server_SOURCES = \
  samples/address.c \
  samples/address.h \
  samples/echo-server.c \
  samples/options.c \
  samples/options.h \
  samples/self-signed.c \
  samples/self-signed.h
samples_echo_server_LDADD = $(sample_libs) $(OPENSSL_LIBS)

samples_echo_client_SOURCES = \
  samples/address.c \
  samples/address.h \
  samples/dial.c \
  samples/dial.h \
  samples/echo-client.c \
  samples/options.c \
  samples/options.h \
  samples/std-stream.c \
  samples/std-stream.h
samples_echo_client_LDADD = $(sample_libs)
