# L2, OpenSSL: what connections share, decide and tell.

noinst_LTLIBRARIES += libtlsloop-context.la
libtlsloop_context_la_SOURCES = \
  src/context/alpn.c \
  src/context/binding.c \
  src/context/callbacks.h \
  src/context/cert.c \
  src/context/cert.h \
  src/context/chain.c \
  src/context/cipher.c \
  src/context/cipher.h \
  src/context/ciphers.c \
  src/context/conn.c \
  src/context/constants.c \
  src/context/constants.h \
  src/context/ctx.c \
  src/context/ctx.h \
  src/context/defaults.c \
  src/context/features.c \
  src/context/file.c \
  src/context/file.h \
  src/context/hostname.c \
  src/context/hostname.h \
  src/context/info.c \
  src/context/lib.c \
  src/context/lib.h \
  src/context/native.c \
  src/context/oid.c \
  src/context/paths.c \
  src/context/peer.c \
  src/context/pem.c \
  src/context/pem.h \
  src/context/policy.c \
  src/context/policy.h \
  src/context/psk.c \
  src/context/random.c \
  src/context/resume.c \
  src/context/session-bytes.c \
  src/context/session.c \
  src/context/session.h \
  src/context/slots.c \
  src/context/slots.h \
  src/context/sni.c \
  src/context/store-list.c \
  src/context/store-list.h \
  src/context/store.c \
  src/context/store.h \
  src/context/trust.c \
  src/context/verify.c \
  src/context/versions.c \
  src/context/versions.h \
  src/context/windows.c \
  src/context/windows.h
nodist_libtlsloop_context_la_SOURCES = generated/constants.c

# The enumerators of the public headers.
generated/constants.c: $(include_HEADERS) $(tlsloopinclude_HEADERS) \
  tools/constants.sh config.status
	$(AM_V_GEN)$(MKDIR_P) generated
	$(AM_V_at)$(SHELL) $(srcdir)/tools/constants.sh $(srcdir)/include \
	  $(CC) $(CPPFLAGS) $(UV_CFLAGS) >$@.new
	$(AM_V_at)mv $@.new $@
CLEANFILES += generated/constants.c generated/constants.c.new

context_libs = libtlsloop-context.la $(engine_libs) $(IDN2_LIBS)
