# L2, OpenSSL: what connections share, decide and tell.

noinst_LTLIBRARIES += libtlsloop-context.la
libtlsloop_context_la_SOURCES =

context_libs = libtlsloop-context.la $(engine_libs) $(IDN2_LIBS)
