#!/bin/sh
# The shared library exports what the headers declare: no less, and no more.
set -eu
LC_ALL=C
export LC_ALL

tools=$(dirname "$0")/../tools
library=${top_builddir:?}/.libs/libtlsloop.so
if [ ! -f "$library" ]; then
  echo "no $library in this build"
  exit 77
fi

declared=$(sh "$tools/export-list.sh" "$tools/../include")
exported=$(${NM:-nm} -D --defined-only "$library" |
  awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort)

for name in $declared; do
  echo "$exported" | grep -qx "$name" || echo "declared, not exported: $name"
done
for name in $exported; do
  echo "$declared" | grep -qx "$name" || echo "exported, not declared: $name"
done
[ "$declared" = "$exported" ]
