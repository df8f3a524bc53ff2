# Small programs that show how tlsloop is used.

sample_libs = libtlsloop.la $(UV_LIBS)
