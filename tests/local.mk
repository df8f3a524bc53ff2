# A test twin for each source file, and tests of behaviour. A twin links only
# its layer and those below, so that the linker refuses a call that goes up.
#
# To add one: its name in check_PROGRAMS, and its libraries in _LDADD.

TEST_EXTENSIONS = .sh .py
SH_LOG_COMPILER = $(SHELL)
PY_LOG_COMPILER = python3
AM_TESTS_ENVIRONMENT = \
  top_srcdir='$(abs_top_srcdir)'; export top_srcdir; \
  top_builddir='$(abs_top_builddir)'; export top_builddir; \
  NM='$(NM)'; export NM; \
  CK_DEFAULT_TIMEOUT=$${CK_DEFAULT_TIMEOUT-180}; export CK_DEFAULT_TIMEOUT; \
  TSAN_OPTIONS="suppressions=$(abs_top_srcdir)/tests/support/tsan.supp $$TSAN_OPTIONS"; \
  export TSAN_OPTIONS;
EXTRA_DIST += tests/support/helgrind.supp tests/support/tsan.supp

TESTS = $(check_PROGRAMS) $(script_tests)
EXTRA_DIST += $(script_tests)

# What `make check` runs, a line each.
list-tests:
	@printf '%s\n' $(TESTS)
.PHONY: list-tests

# The last line of `make check`: N passed, N failed.
test_summary = $(SHELL) $(srcdir)/tools/test-summary.sh $(TEST_LOGS)
check-local: check-TESTS
	@$(test_summary)
test-summary:
	@$(test_summary)
.PHONY: test-summary

script_tests += tests/exports.sh

check_LTLIBRARIES += libtest-main.la
libtest_main_la_SOURCES = tests/support/main.c tests/support/suite.h

# Certificates made while a test runs: put libtest-pki.la before the others.
check_LTLIBRARIES += libtest-pki.la
libtest_pki_la_SOURCES = \
  tests/support/pki.c tests/support/pki.h \
  tests/support/pki-file.c tests/support/pki-file.h
libtest_pki_la_LIBADD = $(OPENSSL_LIBS)

# Two engines in memory: libtest-pair.la where there are contexts, and
# libtest-pair-engine.la for tests of the engine alone.
check_LTLIBRARIES += libtest-pair-engine.la libtest-pair.la
libtest_pair_engine_la_SOURCES = tests/support/pair.c tests/support/pair.h
libtest_pair_la_SOURCES = tests/support/pair-ctx.c
libtest_pair_la_LIBADD = libtest-pair-engine.la libtest-pki.la

# A loop that is watched over, and connected sockets on it.
check_LTLIBRARIES += libtest-loop.la
libtest_loop_la_SOURCES = \
  tests/support/always.h tests/support/heap.h \
  tests/support/loop.c tests/support/loop.h
libtest_loop_la_LIBADD = $(OPENSSL_LIBS) $(UV_LIBS)

# A client's and a server's stream on such a loop.
check_LTLIBRARIES += libtest-duo.la
libtest_duo_la_SOURCES = \
  tests/support/always.h \
  tests/support/duo.c tests/support/duo.h \
  tests/support/party.c tests/support/party.h \
  tests/support/wire.c tests/support/wire.h
libtest_duo_la_LIBADD = \
  libtest-loop.la libtest-pair-engine.la libtest-pki.la
duo_public_test_libs = libtest-duo.la $(public_test_libs)
duo_stream_test_libs = libtest-duo.la $(stream_test_libs)

check_PROGRAMS += tests/behaviour/nested-owner
tests_behaviour_nested_owner_LDADD = $(duo_public_test_libs)

check_PROGRAMS += tests/behaviour/unwrap-delivery
tests_behaviour_unwrap_delivery_LDADD = $(duo_public_test_libs)

check_PROGRAMS += tests/behaviour/stream-bounds
tests_behaviour_stream_bounds_LDADD = $(duo_public_test_libs)

check_PROGRAMS += tests/behaviour/stream-buffers
tests_behaviour_stream_buffers_LDADD = $(duo_public_test_libs)

check_PROGRAMS += tests/behaviour/stream-clock
tests_behaviour_stream_clock_SOURCES = \
  tests/behaviour/stream-clock.c \
  tests/support/clock.c tests/support/clock.h
tests_behaviour_stream_clock_LDADD = $(duo_public_test_libs)

check_PROGRAMS += tests/behaviour/stream-deadline
tests_behaviour_stream_deadline_LDADD = $(duo_public_test_libs)

check_PROGRAMS += tests/behaviour/stream-delivery
tests_behaviour_stream_delivery_LDADD = $(duo_public_test_libs)

check_PROGRAMS += tests/behaviour/stream-echo
tests_behaviour_stream_echo_LDADD = $(duo_public_test_libs)

check_PROGRAMS += tests/behaviour/stream-end
tests_behaviour_stream_end_LDADD = $(duo_public_test_libs)

check_PROGRAMS += tests/behaviour/stream-life
tests_behaviour_stream_life_LDADD = $(duo_public_test_libs)

check_PROGRAMS += tests/behaviour/stream-many
tests_behaviour_stream_many_LDADD = $(duo_public_test_libs)

check_PROGRAMS += tests/behaviour/stream-memory
tests_behaviour_stream_memory_LDFLAGS = $(fail_alloc_ldflags)
tests_behaviour_stream_memory_LDADD = \
  libtest-alloc-ossl.la $(duo_stream_test_libs)

check_PROGRAMS += tests/behaviour/stream-random
tests_behaviour_stream_random_LDADD = $(duo_public_test_libs)

check_PROGRAMS += tests/behaviour/stream-read
tests_behaviour_stream_read_LDADD = $(duo_public_test_libs)

check_PROGRAMS += tests/behaviour/stream-reenter
tests_behaviour_stream_reenter_LDADD = $(duo_public_test_libs)

check_PROGRAMS += tests/behaviour/stream-reenter-engine
tests_behaviour_stream_reenter_engine_LDADD = $(duo_public_test_libs)

check_PROGRAMS += tests/behaviour/stream-reject
tests_behaviour_stream_reject_LDADD = $(duo_public_test_libs)

check_PROGRAMS += tests/behaviour/stream-stranger
tests_behaviour_stream_stranger_LDADD = $(duo_public_test_libs)

check_PROGRAMS += tests/behaviour/stream-ten-thousand
tests_behaviour_stream_ten_thousand_LDADD = $(visit_public_test_libs)

check_PROGRAMS += tests/behaviour/stream-try-write
tests_behaviour_stream_try_write_LDADD = $(duo_public_test_libs)

check_PROGRAMS += tests/behaviour/stream-upgrade
tests_behaviour_stream_upgrade_LDADD = $(duo_public_test_libs)

check_PROGRAMS += tests/behaviour/stream-want
tests_behaviour_stream_want_LDADD = $(duo_public_test_libs)

check_PROGRAMS += tests/behaviour/stream-write
tests_behaviour_stream_write_LDADD = $(duo_public_test_libs)

check_PROGRAMS += tests/stream/test-deadline
tests_stream_test_deadline_LDFLAGS = $(fail_alloc_ldflags)
tests_stream_test_deadline_LDADD = libtest-alloc.la $(duo_stream_test_libs)

check_PROGRAMS += tests/stream/test-end
tests_stream_test_end_LDFLAGS = $(fail_alloc_ldflags)
tests_stream_test_end_LDADD = libtest-alloc.la $(duo_stream_test_libs)

check_PROGRAMS += tests/stream/test-read
tests_stream_test_read_LDADD = $(duo_stream_test_libs)

check_PROGRAMS += tests/stream/test-write
tests_stream_test_write_LDFLAGS = $(fail_alloc_ldflags)
tests_stream_test_write_LDADD = libtest-alloc.la $(duo_stream_test_libs)

base_test_libs = libtest-main.la $(base_libs) $(CHECK_LIBS)
engine_test_libs = libtest-main.la $(engine_libs) $(CHECK_LIBS)
context_test_libs = libtest-main.la $(context_libs) $(CHECK_LIBS)
stream_test_libs = libtest-main.la $(stream_libs) $(CHECK_LIBS)
# Tests of behaviour have what a user has: the shared library.
public_test_libs = libtest-main.la libtlsloop.la $(UV_LIBS) $(CHECK_LIBS)

check_PROGRAMS += tests/base/test-version
tests_base_test_version_LDADD = $(base_test_libs)

# Allocations that fail: put libtest-alloc.la before the others, or
# libtest-alloc-ossl.la for OpenSSL's as well, and have the linker wrap malloc.
check_LTLIBRARIES += libtest-alloc.la libtest-alloc-ossl.la
libtest_alloc_la_SOURCES = \
  tests/support/fail-alloc.c tests/support/fail-alloc.h
libtest_alloc_ossl_la_SOURCES = \
  tests/support/fail-ossl.c tests/support/fail-ossl.h
libtest_alloc_ossl_la_LIBADD = libtest-alloc.la
fail_alloc_ldflags = \
  $(AM_LDFLAGS) \
  -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc \
  -Wl,--wrap=strdup -Wl,--wrap=strndup -Wl,--wrap=free \
  -Wl,--wrap=emalloc -Wl,--wrap=erealloc -Wl,--wrap=_mark_point

check_LTLIBRARIES += libtest-bytes.la
libtest_bytes_la_SOURCES = \
  tests/support/check-bytes.c tests/support/check-bytes.h

check_PROGRAMS += tests/base/test-bytes
tests_base_test_bytes_LDFLAGS = $(fail_alloc_ldflags)
tests_base_test_bytes_LDADD = \
  libtest-bytes.la libtest-alloc.la $(base_test_libs)

check_PROGRAMS += tests/base/test-bytes-model
tests_base_test_bytes_model_LDFLAGS = $(fail_alloc_ldflags)
tests_base_test_bytes_model_LDADD = \
  libtest-bytes.la libtest-alloc.la $(base_test_libs)

check_PROGRAMS += tests/base/test-error
tests_base_test_error_LDFLAGS = $(fail_alloc_ldflags)
tests_base_test_error_LDADD = libtest-alloc.la $(base_test_libs)

check_PROGRAMS += tests/base/test-names
tests_base_test_names_LDFLAGS = $(fail_alloc_ldflags)
tests_base_test_names_LDADD = libtest-alloc.la $(base_test_libs)

check_PROGRAMS += tests/base/test-queue
tests_base_test_queue_LDADD = $(base_test_libs)

# Engines without contexts.
check_LTLIBRARIES += libtest-plain.la
libtest_plain_la_SOURCES = tests/support/plain.c tests/support/plain.h
libtest_plain_la_LIBADD = libtest-pair-engine.la libtest-pki.la

plain_test_libs = libtest-plain.la $(engine_test_libs)

check_PROGRAMS += tests/engine/test-bio
tests_engine_test_bio_LDADD = $(engine_test_libs)

check_PROGRAMS += tests/engine/test-bio-openssl
tests_engine_test_bio_openssl_LDADD = $(engine_test_libs)

check_PROGRAMS += tests/engine/test-engine
tests_engine_test_engine_LDADD = $(plain_test_libs)

check_PROGRAMS += tests/engine/test-engine-end
tests_engine_test_engine_end_LDADD = $(plain_test_libs)

check_PROGRAMS += tests/engine/test-outcome
tests_engine_test_outcome_LDADD = $(plain_test_libs)

check_PROGRAMS += tests/engine/test-engine-read
tests_engine_test_engine_read_LDADD = $(plain_test_libs)

check_PROGRAMS += tests/engine/test-engine-memory
tests_engine_test_engine_memory_LDFLAGS = $(fail_alloc_ldflags)
tests_engine_test_engine_memory_LDADD = \
  libtest-alloc-ossl.la $(plain_test_libs)

# Contexts for tests.
check_LTLIBRARIES += libtest-given.la
libtest_given_la_SOURCES = tests/support/given.c tests/support/given.h
libtest_given_la_LIBADD = libtest-pair.la

given_test_libs = libtest-given.la $(context_test_libs)
given_alloc_test_libs = libtest-alloc-ossl.la $(given_test_libs)

check_PROGRAMS += tests/context/test-cert
tests_context_test_cert_LDFLAGS = $(fail_alloc_ldflags)
tests_context_test_cert_LDADD = $(cert_alloc_test_libs)

check_PROGRAMS += tests/context/test-file
tests_context_test_file_LDFLAGS = $(fail_alloc_ldflags)
tests_context_test_file_LDADD = libtest-alloc.la $(given_test_libs)

check_PROGRAMS += tests/context/test-hostname
tests_context_test_hostname_LDADD = $(given_test_libs)

check_PROGRAMS += tests/context/test-pem
tests_context_test_pem_LDADD = $(given_test_libs)

check_PROGRAMS += tests/context/test-slots
tests_context_test_slots_LDFLAGS = $(fail_alloc_ldflags)
tests_context_test_slots_LDADD = $(given_alloc_test_libs)

check_PROGRAMS += tests/context/test-store
tests_context_test_store_LDFLAGS = $(fail_alloc_ldflags)
tests_context_test_store_LDADD = $(given_alloc_test_libs)

# What the macros of OpenSSL's headers are worth, for tests of their names.
generated/openssl-macros.h: tools/mnemonics.sh config.status
	$(AM_V_GEN)$(MKDIR_P) generated
	$(AM_V_at)$(SHELL) $(srcdir)/tools/mnemonics.sh --macros \
	  $(CC) $(CPPFLAGS) $(OPENSSL_CFLAGS) >$@.new
	$(AM_V_at)mv $@.new $@
CLEANFILES += generated/openssl-macros.h generated/openssl-macros.h.new
tests/engine/test-errno.$(OBJEXT): generated/openssl-macros.h
tests/engine/test-mnemonics.$(OBJEXT): generated/openssl-macros.h

check_PROGRAMS += tests/engine/test-errno
tests_engine_test_errno_LDFLAGS = $(fail_alloc_ldflags)
tests_engine_test_errno_LDADD = libtest-alloc.la $(engine_test_libs)

check_PROGRAMS += tests/engine/test-mnemonics
tests_engine_test_mnemonics_LDADD = $(engine_test_libs)

check_PROGRAMS += tests/engine/test-ossl
tests_engine_test_ossl_LDFLAGS = $(fail_alloc_ldflags)
tests_engine_test_ossl_LDADD = libtest-alloc.la $(engine_test_libs)

check_PROGRAMS += tests/stream/test-uv-names
tests_stream_test_uv_names_LDADD = $(engine_test_libs) $(UV_LIBS)

check_PROGRAMS += tests/context/test-alpn
tests_context_test_alpn_LDFLAGS = $(fail_alloc_ldflags)
tests_context_test_alpn_LDADD = $(given_alloc_test_libs)

check_PROGRAMS += tests/context/test-ciphers
tests_context_test_ciphers_LDADD = $(given_test_libs)

check_PROGRAMS += tests/context/test-versions
tests_context_test_versions_LDADD = $(given_test_libs)

check_PROGRAMS += tests/context/test-trust
tests_context_test_trust_LDADD = $(given_test_libs)

check_PROGRAMS += tests/context/test-verify
tests_context_test_verify_LDADD = $(given_test_libs)

# The engine through the public interface.
given_public_test_libs = libtest-given.la $(public_test_libs)

check_PROGRAMS += tests/behaviour/engine-close
tests_behaviour_engine_close_LDADD = $(given_public_test_libs)

check_PROGRAMS += tests/behaviour/engine-data
tests_behaviour_engine_data_LDADD = $(given_public_test_libs)

check_PROGRAMS += tests/behaviour/engine-handshake
tests_behaviour_engine_handshake_LDADD = \
  $(given_public_test_libs) $(OPENSSL_LIBS)

check_PROGRAMS += tests/behaviour/engine-policy
tests_behaviour_engine_policy_LDADD = $(given_public_test_libs)

check_PROGRAMS += tests/behaviour/engine-verify
tests_behaviour_engine_verify_LDADD = $(given_public_test_libs)

check_PROGRAMS += tests/behaviour/engine-words
tests_behaviour_engine_words_LDADD = $(given_public_test_libs)

check_PROGRAMS += tests/behaviour/engine-hostile
tests_behaviour_engine_hostile_LDADD = $(given_public_test_libs)

check_PROGRAMS += tests/behaviour/engine-corrupt
tests_behaviour_engine_corrupt_LDADD = $(given_public_test_libs)

# A peer that is OpenSSL itself.
check_LTLIBRARIES += libtest-raw.la
libtest_raw_la_SOURCES = tests/support/raw.c tests/support/raw.h
libtest_raw_la_LIBADD = libtest-pair.la

check_PROGRAMS += tests/behaviour/engine-floods
tests_behaviour_engine_floods_LDADD = \
  libtest-raw.la $(given_public_test_libs)

# The same with a forger's hand: it takes the keys and sends what it likes.
check_LTLIBRARIES += libtest-forge.la
libtest_forge_la_SOURCES = tests/support/forge.c tests/support/forge.h
libtest_forge_la_LIBADD = libtest-raw.la

check_PROGRAMS += tests/behaviour/engine-flat
tests_behaviour_engine_flat_LDADD = \
  libtest-forge.la $(given_public_test_libs)

check_PROGRAMS += tests/behaviour/engine-forged
tests_behaviour_engine_forged_LDADD = \
  libtest-forge.la $(given_public_test_libs)

check_PROGRAMS += tests/context/test-chain
tests_context_test_chain_LDADD = $(given_test_libs)

check_PROGRAMS += tests/context/test-chain-refusals
tests_context_test_chain_refusals_LDADD = $(given_test_libs)

check_PROGRAMS += tests/context/test-conn
tests_context_test_conn_LDFLAGS = $(fail_alloc_ldflags)
tests_context_test_conn_LDADD = $(given_alloc_test_libs)

check_PROGRAMS += tests/context/test-conn-name
tests_context_test_conn_name_LDFLAGS = $(fail_alloc_ldflags)
tests_context_test_conn_name_LDADD = $(given_alloc_test_libs)

check_PROGRAMS += tests/context/test-ctx
tests_context_test_ctx_LDFLAGS = $(fail_alloc_ldflags)
tests_context_test_ctx_LDADD = $(given_alloc_test_libs)

check_PROGRAMS += tests/context/test-ctx-defaults
tests_context_test_ctx_defaults_LDADD = $(given_test_libs)

check_PROGRAMS += tests/context/test-info
tests_context_test_info_LDADD = $(given_test_libs)

# The samples and other programs that speak TLS.
EXTRA_PROGRAMS = tests/support/make-pki
tests_support_make_pki_LDADD = libtest-pki.la
check_DATA = tests/support/make-pki$(EXEEXT)
CLEANFILES += tests/support/make-pki$(EXEEXT)

EXTRA_DIST += tests/interop/harness.py
script_tests += \
  tests/interop/bad-input.py \
  tests/interop/curl.py \
  tests/interop/get-certificate.py \
  tests/interop/gnutls.py \
  tests/interop/multi-loop.py \
  tests/interop/openssl.py \
  tests/interop/proxy.py \
  tests/interop/python.py \
  tests/interop/samples.py \
  tests/interop/starttls.py \
  tests/interop/transfer.py

# Certificates: those that no authority makes.
check_LTLIBRARIES += libtest-odd-cert.la
libtest_odd_cert_la_SOURCES = \
  tests/support/odd-cert.c tests/support/odd-cert.h \
  tests/support/read-cert.c tests/support/read-cert.h
libtest_odd_cert_la_LIBADD = libtest-pki.la

cert_test_libs = libtest-odd-cert.la $(context_test_libs)
cert_alloc_test_libs = libtest-alloc-ossl.la $(cert_test_libs)

check_PROGRAMS += tests/context/test-arena
tests_context_test_arena_LDFLAGS = $(fail_alloc_ldflags)
tests_context_test_arena_LDADD = libtest-alloc.la $(context_test_libs)

check_PROGRAMS += tests/context/test-json
tests_context_test_json_LDFLAGS = $(fail_alloc_ldflags)
tests_context_test_json_LDADD = libtest-alloc.la $(context_test_libs)

check_PROGRAMS += tests/context/test-cert-facts
tests_context_test_cert_facts_LDFLAGS = $(fail_alloc_ldflags)
tests_context_test_cert_facts_LDADD = $(cert_alloc_test_libs)

check_PROGRAMS += tests/context/test-cert-json
tests_context_test_cert_json_LDFLAGS = $(fail_alloc_ldflags)
tests_context_test_cert_json_LDADD = $(cert_alloc_test_libs)

check_PROGRAMS += tests/context/test-cert-line
tests_context_test_cert_line_LDFLAGS = $(fail_alloc_ldflags)
tests_context_test_cert_line_LDADD = $(cert_alloc_test_libs)

check_PROGRAMS += tests/context/test-cert-load
tests_context_test_cert_load_LDFLAGS = $(fail_alloc_ldflags)
tests_context_test_cert_load_LDADD = $(cert_alloc_test_libs)

check_PROGRAMS += tests/context/test-cert-name
tests_context_test_cert_name_LDADD = $(cert_test_libs)

check_PROGRAMS += tests/context/test-cert-pem
tests_context_test_cert_pem_LDFLAGS = $(fail_alloc_ldflags)
tests_context_test_cert_pem_LDADD = $(cert_alloc_test_libs)

check_PROGRAMS += tests/context/test-cert-san
tests_context_test_cert_san_LDADD = $(cert_test_libs)

check_PROGRAMS += tests/context/test-cert-time
tests_context_test_cert_time_LDADD = $(context_test_libs)

check_PROGRAMS += tests/context/test-cert-uri
tests_context_test_cert_uri_LDADD = $(cert_test_libs)

check_PROGRAMS += tests/behaviour/cert-crafted
tests_behaviour_cert_crafted_LDADD = \
  libtest-odd-cert.la $(given_public_test_libs)

check_PROGRAMS += tests/behaviour/cert-damaged
tests_behaviour_cert_damaged_LDADD = \
  libtest-odd-cert.la $(given_public_test_libs)

check_PROGRAMS += tests/behaviour/cert-names
tests_behaviour_cert_names_LDADD = \
  libtest-odd-cert.la $(given_public_test_libs)

check_PROGRAMS += tests/behaviour/cert-wildcards
tests_behaviour_cert_wildcards_LDADD = \
  libtest-odd-cert.la $(given_public_test_libs)

# What Python's ssl module says of the same certificates.
EXTRA_PROGRAMS += tests/interop/cert-tool
tests_interop_cert_tool_LDADD = libtlsloop.la
check_DATA += tests/interop/cert-tool$(EXEEXT)
CLEANFILES += tests/interop/cert-tool$(EXEEXT)

EXTRA_DIST += tests/interop/der.py
script_tests += tests/interop/cert-python.py

check_PROGRAMS += tests/context/test-cert-validity
tests_context_test_cert_validity_LDADD = $(cert_test_libs)

check_PROGRAMS += tests/context/test-trust-refusals
tests_context_test_trust_refusals_LDADD = $(given_test_libs)

check_PROGRAMS += tests/base/test-info
tests_base_test_info_LDADD = $(base_test_libs)

check_PROGRAMS += tests/context/test-constants
tests_context_test_constants_LDADD = $(context_test_libs)

check_PROGRAMS += tests/context/test-defaults
tests_context_test_defaults_LDADD = $(given_test_libs)

check_PROGRAMS += tests/context/test-features
tests_context_test_features_LDADD = $(given_test_libs)

check_PROGRAMS += tests/context/test-lib
tests_context_test_lib_LDFLAGS = $(fail_alloc_ldflags)
tests_context_test_lib_LDADD = $(given_alloc_test_libs)

check_PROGRAMS += tests/context/test-native
tests_context_test_native_LDFLAGS = $(fail_alloc_ldflags)
tests_context_test_native_LDADD = $(given_alloc_test_libs)

check_PROGRAMS += tests/context/test-native-adopt
tests_context_test_native_adopt_LDADD = $(given_test_libs)

check_PROGRAMS += tests/context/test-oid
tests_context_test_oid_LDFLAGS = $(fail_alloc_ldflags)
tests_context_test_oid_LDADD = libtest-alloc-ossl.la $(context_test_libs)

check_PROGRAMS += tests/context/test-paths
tests_context_test_paths_LDADD = $(given_test_libs)

check_PROGRAMS += tests/context/test-random
tests_context_test_random_LDADD = $(context_test_libs)

check_PROGRAMS += tests/context/test-store-list
tests_context_test_store_list_LDFLAGS = $(fail_alloc_ldflags)
tests_context_test_store_list_LDADD = libtest-alloc.la $(context_test_libs)

check_PROGRAMS += tests/context/test-windows
tests_context_test_windows_LDFLAGS = $(fail_alloc_ldflags)
tests_context_test_windows_LDADD = $(given_alloc_test_libs)

script_tests += tests/context/windows.sh

check_PROGRAMS += tests/behaviour/engine-bits
tests_behaviour_engine_bits_LDADD = $(given_public_test_libs) $(OPENSSL_LIBS)

check_PROGRAMS += tests/behaviour/engine-libctx
tests_behaviour_engine_libctx_LDADD = $(given_public_test_libs) $(OPENSSL_LIBS)

# The constants of Python's ssl module are ours.
script_tests += tests/interop/constants.py
EXTRA_PROGRAMS += tests/interop/print-constants
CLEANFILES += tests/interop/print-constants$(EXEEXT)
tests_interop_print_constants_LDADD = libtlsloop.la
tests/interop/constants.log: tests/interop/print-constants$(EXEEXT)

# Python's ssl module and tlsloop do the same, and each other's peers.
script_tests += \
  tests/interop/across.py \
  tests/interop/differential.py
EXTRA_DIST += \
  tests/interop/link.py \
  tests/interop/steps.py \
  tests/interop/steps_connections.py \
  tests/interop/steps_contexts.py \
  tests/interop/steps_values.py \
  tests/interop/tape.py \
  tests/interop/tlsloop_abi.py \
  tests/interop/tlsloop_ffi.py

# What contexts can be set to.
check_PROGRAMS += tests/context/test-ca-list
tests_context_test_ca_list_LDFLAGS = $(fail_alloc_ldflags)
tests_context_test_ca_list_LDADD = $(given_alloc_test_libs)

check_PROGRAMS += tests/context/test-chain-load
tests_context_test_chain_load_LDADD = $(given_test_libs)

check_PROGRAMS += tests/context/test-crl
tests_context_test_crl_LDADD = $(given_test_libs)

check_PROGRAMS += tests/context/test-default
tests_context_test_default_LDADD = $(given_test_libs)

check_PROGRAMS += tests/context/test-der
tests_context_test_der_LDFLAGS = $(fail_alloc_ldflags)
tests_context_test_der_LDADD = $(given_alloc_test_libs)

check_PROGRAMS += tests/context/test-dh
tests_context_test_dh_LDADD = $(given_test_libs)

check_PROGRAMS += tests/context/test-groups
tests_context_test_groups_LDFLAGS = $(fail_alloc_ldflags)
tests_context_test_groups_LDADD = $(given_alloc_test_libs)

check_PROGRAMS += tests/context/test-keylog
tests_context_test_keylog_LDADD = $(given_test_libs)

check_PROGRAMS += tests/context/test-keylog-file
tests_context_test_keylog_file_LDFLAGS = $(fail_alloc_ldflags)
tests_context_test_keylog_file_LDADD = libtest-alloc.la $(given_test_libs)

check_PROGRAMS += tests/context/test-message
tests_context_test_message_LDADD = $(given_test_libs)

check_PROGRAMS += tests/context/test-options
tests_context_test_options_LDADD = $(given_test_libs)

check_PROGRAMS += tests/context/test-password
tests_context_test_password_LDADD = $(given_test_libs)

check_PROGRAMS += tests/context/test-pha
tests_context_test_pha_LDADD = $(given_test_libs)

check_PROGRAMS += tests/context/test-session-stats
tests_context_test_session_stats_LDADD = $(given_test_libs)

check_PROGRAMS += tests/context/test-store-stats
tests_context_test_store_stats_LDADD = $(given_test_libs)

check_PROGRAMS += tests/context/test-records
tests_context_test_records_LDADD = $(given_test_libs)
check_PROGRAMS += tests/context/test-tickets
tests_context_test_tickets_LDADD = $(given_test_libs)

check_PROGRAMS += tests/context/test-trust-text
tests_context_test_trust_text_LDFLAGS = $(fail_alloc_ldflags)
tests_context_test_trust_text_LDADD = $(given_alloc_test_libs)

check_PROGRAMS += tests/context/test-verify-flags
tests_context_test_verify_flags_LDADD = $(given_test_libs)

# Clients that connect by themselves, and a listener that takes them in.
check_LTLIBRARIES += libtest-visit.la
libtest_visit_la_SOURCES = tests/support/visit.c tests/support/visit.h
libtest_visit_la_LIBADD = libtest-duo.la
visit_public_test_libs = libtest-visit.la $(public_test_libs)
visit_stream_test_libs = libtest-visit.la $(stream_test_libs)

check_PROGRAMS += tests/behaviour/connect-close
tests_behaviour_connect_close_LDADD = $(visit_public_test_libs)

check_PROGRAMS += tests/behaviour/connect-deadline
tests_behaviour_connect_deadline_LDADD = $(visit_public_test_libs)

check_PROGRAMS += tests/behaviour/connect-failures
tests_behaviour_connect_failures_LDADD = $(visit_public_test_libs)

check_PROGRAMS += tests/behaviour/connect-ways
tests_behaviour_connect_ways_LDADD = $(visit_public_test_libs)

check_PROGRAMS += tests/behaviour/handshake-patience
tests_behaviour_handshake_patience_LDADD = $(visit_public_test_libs)

check_PROGRAMS += tests/behaviour/listener-close
tests_behaviour_listener_close_LDADD = $(visit_public_test_libs)

check_PROGRAMS += tests/behaviour/listener-refusals
tests_behaviour_listener_refusals_LDADD = $(visit_public_test_libs)

check_PROGRAMS += tests/behaviour/loop-walk
tests_behaviour_loop_walk_LDADD = $(visit_public_test_libs)

check_PROGRAMS += tests/behaviour/listener-visits
tests_behaviour_listener_visits_LDADD = $(visit_public_test_libs)

check_PROGRAMS += tests/stream/test-connect
tests_stream_test_connect_LDFLAGS = $(fail_alloc_ldflags)
tests_stream_test_connect_LDADD = \
  libtest-alloc.la $(visit_stream_test_libs)

check_PROGRAMS += tests/stream/test-listener
tests_stream_test_listener_LDFLAGS = $(fail_alloc_ldflags)
tests_stream_test_listener_LDADD = \
  libtest-alloc.la $(visit_stream_test_libs)

check_PROGRAMS += tests/stream/test-race
tests_stream_test_race_LDFLAGS = $(fail_alloc_ldflags)
tests_stream_test_race_LDADD = \
  libtest-alloc.la $(visit_stream_test_libs)

# Streams, part by part.
check_PROGRAMS += tests/stream/test-carrier-tls
tests_stream_test_carrier_tls_LDADD = $(duo_stream_test_libs)
check_PROGRAMS += tests/stream/test-carrier-uv
tests_stream_test_carrier_uv_LDADD = $(duo_stream_test_libs)
check_PROGRAMS += tests/stream/test-drain
tests_stream_test_drain_LDADD = $(duo_stream_test_libs)
check_PROGRAMS += tests/stream/test-get-cert
tests_stream_test_get_cert_LDADD = $(visit_stream_test_libs)
check_PROGRAMS += tests/stream/test-endpoint
tests_stream_test_endpoint_LDADD = $(duo_stream_test_libs)
check_PROGRAMS += tests/stream/test-grave
tests_stream_test_grave_LDADD = libtest-loop.la $(stream_test_libs)
check_PROGRAMS += tests/stream/test-idle
tests_stream_test_idle_LDADD = $(duo_stream_test_libs)
check_PROGRAMS += tests/stream/test-linger
tests_stream_test_linger_LDADD = $(duo_stream_test_libs)
check_PROGRAMS += tests/stream/test-record
tests_stream_test_record_LDADD = $(duo_stream_test_libs)
check_PROGRAMS += tests/stream/test-sendfile
tests_stream_test_sendfile_LDADD = $(duo_stream_test_libs)
check_PROGRAMS += tests/stream/test-unwrap
tests_stream_test_unwrap_LDADD = $(duo_stream_test_libs)
check_PROGRAMS += tests/stream/test-window
tests_stream_test_window_LDADD = $(duo_stream_test_libs)

check_PROGRAMS += tests/context/test-memory
tests_context_test_memory_LDFLAGS = $(fail_alloc_ldflags)
tests_context_test_memory_LDADD = $(given_alloc_test_libs)
check_PROGRAMS += tests/context/test-memory-calls
tests_context_test_memory_calls_LDFLAGS = $(fail_alloc_ldflags)
tests_context_test_memory_calls_LDADD = $(given_alloc_test_libs)
check_PROGRAMS += tests/context/test-memory-switch
tests_context_test_memory_switch_LDFLAGS = $(fail_alloc_ldflags)
tests_context_test_memory_switch_LDADD = $(given_alloc_test_libs)
check_PROGRAMS += tests/stream/test-loop
tests_stream_test_loop_LDADD = libtest-loop.la $(stream_test_libs)
check_PROGRAMS += tests/stream/test-transport
tests_stream_test_transport_LDADD = libtest-loop.la $(stream_test_libs)
check_PROGRAMS += tests/stream/test-pump
tests_stream_test_pump_LDADD = $(duo_stream_test_libs)
check_PROGRAMS += tests/stream/test-stream
tests_stream_test_stream_LDADD = $(duo_stream_test_libs)
check_PROGRAMS += tests/stream/test-handshake
tests_stream_test_handshake_LDADD = $(duo_stream_test_libs)

# Names, keys, sessions, and what is told of connections.
check_LTLIBRARIES += libtest-hello.la
libtest_hello_la_SOURCES = tests/support/hello.c tests/support/hello.h

check_PROGRAMS += tests/behaviour/engine-client-auth
tests_behaviour_engine_client_auth_LDADD = $(given_public_test_libs)
check_PROGRAMS += tests/behaviour/engine-resume
tests_behaviour_engine_resume_LDADD = $(given_public_test_libs)
check_PROGRAMS += tests/behaviour/engine-sni
tests_behaviour_engine_sni_LDADD = libtest-hello.la $(given_public_test_libs)
check_PROGRAMS += tests/behaviour/engine-switch
tests_behaviour_engine_switch_LDADD = $(given_public_test_libs)
check_PROGRAMS += tests/context/test-sni
tests_context_test_sni_LDADD = libtest-hello.la $(given_test_libs)
check_PROGRAMS += tests/context/test-alpn-callback
tests_context_test_alpn_callback_LDADD = $(given_test_libs)
check_PROGRAMS += tests/context/test-binding
tests_context_test_binding_LDADD = $(given_test_libs)
check_PROGRAMS += tests/context/test-cipher
tests_context_test_cipher_LDADD = $(given_test_libs)
check_PROGRAMS += tests/context/test-peer
tests_context_test_peer_LDADD = $(given_test_libs)
check_PROGRAMS += tests/context/test-policy
tests_context_test_policy_LDADD = $(given_test_libs)
check_PROGRAMS += tests/context/test-psk
tests_context_test_psk_LDADD = $(given_test_libs)
check_PROGRAMS += tests/context/test-resume
tests_context_test_resume_LDADD = $(given_test_libs)
check_PROGRAMS += tests/context/test-session
tests_context_test_session_LDADD = $(given_test_libs)
check_PROGRAMS += tests/context/test-session-bytes
tests_context_test_session_bytes_LDADD = $(given_test_libs)
check_PROGRAMS += tests/stream/test-close
tests_stream_test_close_LDADD = $(duo_stream_test_libs)
check_PROGRAMS += tests/stream/test-shutdown
tests_stream_test_shutdown_LDADD = $(duo_stream_test_libs)

# The servers of the bench do what is measured.
script_tests += tests/interop/bench.py
tests/interop/bench.log: $(bench_programs)

# Loops on threads that share contexts, and processes that fork.
check_LTLIBRARIES += libtest-crew.la
libtest_crew_la_SOURCES = tests/support/crew.c tests/support/crew.h
libtest_crew_la_LIBADD = $(UV_LIBS)

check_PROGRAMS += tests/behaviour/threads-resume
tests_behaviour_threads_resume_LDADD = \
  libtest-crew.la $(duo_public_test_libs)

check_PROGRAMS += tests/behaviour/fork
tests_behaviour_fork_LDADD = $(visit_public_test_libs) $(OPENSSL_LIBS)

# A server for other people's suites.
EXTRA_PROGRAMS += tests/conformance-server
check_DATA += tests/conformance-server$(EXEEXT)
CLEANFILES += tests/conformance-server$(EXEEXT)
tests_conformance_server_SOURCES = \
  tests/conformance-server.c \
  tests/conformance-options.c tests/conformance-options.h
tests_conformance_server_LDADD = libtlsloop.la $(UV_LIBS) $(OPENSSL_LIBS)
script_tests += tests/interop/conformance.py
tests/interop/conformance.log: tests/conformance-server$(EXEEXT)
