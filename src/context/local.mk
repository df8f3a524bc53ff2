# L2, OpenSSL: what connections share, decide and tell.

noinst_LTLIBRARIES += libtlsloop-context.la
libtlsloop_context_la_SOURCES = \
  src/context/alpn.c \
  src/context/arena.c \
  src/context/arena.h \
  src/context/binding.c \
  src/context/ca-list.c \
  src/context/callbacks.h \
  src/context/cert-facts.c \
  src/context/cert-facts.h \
  src/context/cert-json.c \
  src/context/cert-line.c \
  src/context/cert-load.c \
  src/context/cert-name.c \
  src/context/cert-pem.c \
  src/context/cert-san.c \
  src/context/cert-time.c \
  src/context/cert-time.h \
  src/context/cert-uri.c \
  src/context/cert-validity.c \
  src/context/cert.c \
  src/context/cert.h \
  src/context/chain-load.c \
  src/context/chain.c \
  src/context/chain.h \
  src/context/cipher.c \
  src/context/cipher.h \
  src/context/ciphers.c \
  src/context/conn.c \
  src/context/conn.h \
  src/context/constants.c \
  src/context/constants.h \
  src/context/crl.c \
  src/context/ctx.c \
  src/context/ctx.h \
  src/context/default.c \
  src/context/defaults.c \
  src/context/der.c \
  src/context/der.h \
  src/context/dh.c \
  src/context/features.c \
  src/context/file.c \
  src/context/file.h \
  src/context/groups.c \
  src/context/groups.h \
  src/context/hostname.c \
  src/context/hostname.h \
  src/context/info.c \
  src/context/json.c \
  src/context/json.h \
  src/context/keylog-file.c \
  src/context/keylog.c \
  src/context/keylog.h \
  src/context/lib.c \
  src/context/lib.h \
  src/context/message.c \
  src/context/native.c \
  src/context/oid.c \
  src/context/options.c \
  src/context/password.c \
  src/context/password.h \
  src/context/paths.c \
  src/context/peer.c \
  src/context/pem.c \
  src/context/pem.h \
  src/context/pha.c \
  src/context/pha.h \
  src/context/policy.c \
  src/context/policy.h \
  src/context/psk.c \
  src/context/random.c \
  src/context/records.c \
  src/context/resume.c \
  src/context/session-bytes.c \
  src/context/session-stats.c \
  src/context/session.c \
  src/context/session.h \
  src/context/slots.c \
  src/context/slots.h \
  src/context/sni.c \
  src/context/store-list.c \
  src/context/store-list.h \
  src/context/store-stats.c \
  src/context/store.c \
  src/context/store.h \
  src/context/tickets.c \
  src/context/trust-text.c \
  src/context/trust-text.h \
  src/context/trust.c \
  src/context/verify-flags.c \
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
