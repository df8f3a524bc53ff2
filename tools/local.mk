# What builds, checks and counts.

script_tests += \
  tools/lint-faults.py \
  tools/lint-docs.py \
  tools/lint-format.sh \
  tools/lint-headers.sh \
  tools/lint-layers.sh \
  tools/lint-python-ssl.py \
  tools/lint-shell.sh \
  tools/lint-size.sh \
  tools/lint-twins.sh

EXTRA_DIST += \
  tools/code.awk \
  tools/constants.sh \
  tools/demo.sh \
  tools/export-list.sh \
  tools/install-check.sh \
  tools/mnemonics.sh \
  tools/sources.sh \
  tools/table.py \
  tools/test-summary.sh

# Programs compile and link with what was installed; part of distcheck.
installcheck-local:
	CC='$(CC)' PKG_CONFIG='$(PKG_CONFIG)' \
	  PKG_CONFIG_PATH='$(DESTDIR)$(pkgconfigdir)':"$$PKG_CONFIG_PATH" \
	  $(SHELL) $(srcdir)/tools/install-check.sh '$(PACKAGE_VERSION)'
