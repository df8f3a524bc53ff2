# What there is to read.

dist_doc_DATA = \
  README.md \
  CHANGELOG.md \
  docs/conformance.md \
  docs/coverage.md \
  docs/design.md \
  docs/faults.md \
  docs/performance.md \
  docs/porting.md \
  docs/python-ssl.md
EXTRA_DIST += \
  CONTRIBUTING.md \
  docs/performance/bulk.svg \
  docs/performance/clients.svg \
  docs/performance/handshakes.svg \
  docs/performance/held.svg \
  docs/performance/memory.svg \
  docs/performance/messages.svg \
  docs/performance/results.csv

# The program and the commands in README.md work with this build.
script_tests += tests/readme.sh
AM_TESTS_ENVIRONMENT += \
  CC='$(CC)'; export CC; \
  CFLAGS='-I$(abs_top_srcdir)/include $(UV_CFLAGS) $(AM_CFLAGS) $(CFLAGS)'; \
  export CFLAGS; \
  LIBS='$(UV_LIBS)'; export LIBS;
