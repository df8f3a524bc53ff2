# L1, OpenSSL: TLS over memory, without a loop.

noinst_LTLIBRARIES += libtlsloop-engine.la
libtlsloop_engine_la_SOURCES = \
  src/engine/bio.c \
  src/engine/bio.h \
  src/engine/engine.c \
  src/engine/engine.h

engine_libs = libtlsloop-engine.la $(base_libs) $(OPENSSL_LIBS)
