# What programs include. tlsloop.h includes the rest, except tlsloop/openssl.h.

include_HEADERS = include/tlsloop.h

tlsloopincludedir = $(includedir)/tlsloop
tlsloopinclude_HEADERS = \
  include/tlsloop/callback.h \
  include/tlsloop/cert.h \
  include/tlsloop/connect.h \
  include/tlsloop/constants.h \
  include/tlsloop/ctx.h \
  include/tlsloop/engine.h \
  include/tlsloop/errno.h \
  include/tlsloop/export.h \
  include/tlsloop/info.h \
  include/tlsloop/listen.h \
  include/tlsloop/oid.h \
  include/tlsloop/openssl.h \
  include/tlsloop/policy.h \
  include/tlsloop/random.h \
  include/tlsloop/records.h \
  include/tlsloop/session.h \
  include/tlsloop/system.h \
  include/tlsloop/transfer.h \
  include/tlsloop/trust.h \
  include/tlsloop/upgrade.h \
  include/tlsloop/version.h
