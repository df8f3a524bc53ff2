# The bench: servers that keep the same contract, and what measures them. They
# are built by `make bench` only; `./dev bench` runs them.

bench_common = \
  bench/contract.c bench/contract.h \
  bench/options.c bench/options.h
bench_openssl = bench/openssl.c bench/openssl.h

bench_programs = \
  bench/client \
  bench/instructions \
  bench/limit \
  bench/load \
  bench/naive \
  bench/plain \
  bench/plaintext \
  bench/server
EXTRA_PROGRAMS += $(bench_programs)
CLEANFILES += $(bench_programs)
if HAVE_LIBEVENT
bench_programs += bench/libevent
endif

EXTRA_DIST += \
  bench/aio.py \
  bench/no-try.c \
  bench/node.js \
  bench/network.py \
  bench/page.py \
  bench/parts.py \
  bench/report.py \
  bench/run.py \
  bench/servers.py \
  bench/workloads.py

bench: $(bench_programs) tests/support/make-pki
.PHONY: bench

bench_server_SOURCES = bench/server.c $(bench_common)
bench_server_LDADD = libtlsloop.la $(UV_LIBS) $(OPENSSL_LIBS)

bench_serve = bench/serve.c bench/serve.h $(bench_common)

bench_plain_SOURCES = bench/plain.c $(bench_serve) $(bench_openssl)
bench_plain_LDADD = $(OPENSSL_LIBS)

bench_plaintext_SOURCES = bench/plaintext.c $(bench_serve)

bench_load_common = \
  bench/load.h \
  bench/load-opts.c \
  bench/load-usage.c \
  $(bench_common)

bench_client_SOURCES = bench/client.c $(bench_load_common)
bench_client_LDADD = libtlsloop.la $(UV_LIBS)

# Counted by tools/check-instructions.sh.
bench_instructions_SOURCES = \
  bench/instructions.c $(bench_common) $(bench_openssl)
bench_instructions_LDADD = libtlsloop.la $(UV_LIBS) $(OPENSSL_LIBS)
EXTRA_DIST += bench/instructions.txt tools/check-instructions.sh

bench_limit_SOURCES = bench/limit.c $(bench_load_common) $(bench_openssl)
bench_limit_LDADD = $(OPENSSL_LIBS)

bench_load_SOURCES = \
  bench/load.c \
  bench/load-bulk.c \
  bench/load-echo.c \
  bench/load-silent.c \
  bench/load-handshake.c \
  bench/load-held.c \
  bench/load-peer.c \
  $(bench_load_common) $(bench_openssl)
bench_load_LDADD = $(OPENSSL_LIBS)

bench_naive_SOURCES = bench/naive.c $(bench_common) $(bench_openssl)
bench_naive_LDADD = $(UV_LIBS) $(OPENSSL_LIBS)

bench_libevent_SOURCES = bench/libevent.c $(bench_common) $(bench_openssl)
bench_libevent_CPPFLAGS = $(AM_CPPFLAGS) $(LIBEVENT_CFLAGS)
bench_libevent_LDADD = $(LIBEVENT_LIBS) -levent_core $(OPENSSL_LIBS)
