# L0, plain C: knows libc and the constants of <uv/errno.h>.

noinst_LTLIBRARIES += libtlsloop-base.la
libtlsloop_base_la_SOURCES = \
  src/base/bytes.c \
  src/base/bytes.h \
  src/base/error.c \
  src/base/error.h \
  src/base/info.c \
  src/base/info.h \
  src/base/names.c \
  src/base/names.h \
  src/base/queue.c \
  src/base/queue.h \
  src/base/version.c

base_libs = libtlsloop-base.la
