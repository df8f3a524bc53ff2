# The bench: servers that keep the same contract, and what measures them. They
# are built by `make bench` only; `./dev bench` runs them.

bench_common = \
  bench/contract.c bench/contract.h \
  bench/options.c bench/options.h
bench_openssl = bench/openssl.c bench/openssl.h

bench_programs = \
  bench/load$(EXEEXT) \
  bench/plain$(EXEEXT) \
  bench/server$(EXEEXT)
EXTRA_PROGRAMS += $(bench_programs)
CLEANFILES += $(bench_programs)

EXTRA_DIST += \
  bench/report.py \
  bench/run.py \
  bench/servers.py \
  bench/workloads.py

bench: $(bench_programs) tests/support/make-pki$(EXEEXT)
.PHONY: bench

bench_server_SOURCES = bench/server.c $(bench_common)
bench_server_LDADD = libtlsloop.la $(UV_LIBS)

bench_plain_SOURCES = bench/plain.c $(bench_common) $(bench_openssl)
bench_plain_LDADD = $(OPENSSL_LIBS)

bench_load_SOURCES = \
  bench/load.c \
  bench/load.h \
  bench/load-bulk.c \
  bench/load-echo.c \
  bench/load-handshake.c \
  bench/load-peer.c \
  bench/load-usage.c \
  $(bench_common) $(bench_openssl)
bench_load_LDADD = $(OPENSSL_LIBS)
