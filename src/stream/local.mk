# L3, libuv: TLS streams on a loop. And the library that all layers make up.

noinst_LTLIBRARIES += libtlsloop-stream.la
libtlsloop_stream_la_SOURCES = \
  src/stream/carrier-tls.c \
  src/stream/carrier-uv.c \
  src/stream/close.c \
  src/stream/connect.c \
  src/stream/deadline.c \
  src/stream/deadline.h \
  src/stream/drain.c \
  src/stream/end.c \
  src/stream/endpoint.c \
  src/stream/get-cert.c \
  src/stream/grave.c \
  src/stream/grave.h \
  src/stream/handshake.c \
  src/stream/idle.c \
  src/stream/linger.c \
  src/stream/listener.c \
  src/stream/loop.c \
  src/stream/loop.h \
  src/stream/pump.c \
  src/stream/pump.h \
  src/stream/race.c \
  src/stream/race.h \
  src/stream/read.c \
  src/stream/record.c \
  src/stream/sendfile.c \
  src/stream/shutdown.c \
  src/stream/stream.c \
  src/stream/stream.h \
  src/stream/transport.c \
  src/stream/transport.h \
  src/stream/unwrap.c \
  src/stream/window.c \
  src/stream/write.c

stream_libs = libtlsloop-stream.la $(context_libs) $(UV_LIBS)

lib_LTLIBRARIES += libtlsloop.la
libtlsloop_la_SOURCES =
libtlsloop_la_LIBADD = $(stream_libs)
# current:revision:age. Code changed: revision+1. Interface changed: current+1,
# revision 0, and age+1 if it only grew, else age 0.
libtlsloop_la_LDFLAGS = -version-info 0:0:0 -no-undefined $(TLSLOOP_LDFLAGS)

# What the headers declare TLSLOOP_EXTERN is what the library exports.
if HAVE_VERSION_SCRIPT
libtlsloop_la_LDFLAGS += -Wl,--version-script=libtlsloop.map
EXTRA_libtlsloop_la_DEPENDENCIES = libtlsloop.map
endif

CLEANFILES += libtlsloop.map
libtlsloop.map: $(include_HEADERS) $(tlsloopinclude_HEADERS) \
  tools/export-list.sh tools/code.awk
	$(AM_V_GEN)$(SHELL) $(srcdir)/tools/export-list.sh --map TLSLOOP_0 \
	  $(srcdir)/include >$@.tmp && mv $@.tmp $@
