# L0, plain C: knows libc and the constants of <uv/errno.h>.

noinst_LTLIBRARIES += libtlsloop-base.la
libtlsloop_base_la_SOURCES = \
  src/base/version.c

base_libs = libtlsloop-base.la
