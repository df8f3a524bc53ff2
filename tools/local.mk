# What builds, checks and counts.

EXTRA_DIST += \
  tools/code.awk \
  tools/export-list.sh
