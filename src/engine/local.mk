# L1, OpenSSL: TLS over memory, without a loop.

noinst_LTLIBRARIES += libtlsloop-engine.la
libtlsloop_engine_la_SOURCES = \
  src/engine/bio.c \
  src/engine/bio.h \
  src/engine/engine.c \
  src/engine/engine.h \
  src/engine/errno.c \
  src/engine/mnemonics.h \
  src/engine/ossl.c \
  src/engine/ossl.h \
  src/engine/outcome.c \
  src/engine/outcome.h
nodist_libtlsloop_engine_la_SOURCES = generated/mnemonics.c

engine_libs = libtlsloop-engine.la $(base_libs) $(OPENSSL_LIBS)

# The names in the headers of the OpenSSL that configure found.
generated/mnemonics.c: tools/mnemonics.sh config.status
	$(AM_V_GEN)$(MKDIR_P) generated
	$(AM_V_at)$(SHELL) $(srcdir)/tools/mnemonics.sh \
	  $(CC) $(CPPFLAGS) $(OPENSSL_CFLAGS) >$@.new
	$(AM_V_at)mv $@.new $@
CLEANFILES += generated/mnemonics.c generated/mnemonics.c.new
