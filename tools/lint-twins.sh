#!/bin/sh
# Every source file has its test twin, and the twin is run. Where all that a
# file does shows from outside, the twin is a test of behaviour.
set -eu
cd "$(dirname "$0")/.."
status=0

for source in src/*/*.c; do
  layer=$(basename "$(dirname "$source")")
  name=$(basename "$source" .c)
  twin=tests/$layer/test-$name
  [ -f "$twin.c" ] || twin=tests/behaviour/$layer-$name
  if [ ! -f "$twin.c" ]; then
    echo "$source has no tests/$layer/test-$name.c"
    status=1
  elif ! grep -qE "(^|[ =])$twin( |\$)" tests/local.mk; then
    echo "$twin is not in tests/local.mk"
    status=1
  fi
done

exit $status
