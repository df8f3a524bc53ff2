#!/bin/sh
# Every source file has its test twin, and the twin is run.
set -eu
cd "$(dirname "$0")/.."
status=0

for source in src/*/*.c; do
  layer=$(basename "$(dirname "$source")")
  twin=tests/$layer/test-$(basename "$source" .c)
  if [ ! -f "$twin.c" ]; then
    echo "$source has no $twin.c"
    status=1
  elif ! grep -qE "(^|[ =])$twin( |\$)" tests/local.mk; then
    echo "$twin is not in tests/local.mk"
    status=1
  fi
done

exit $status
