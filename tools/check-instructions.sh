#!/bin/sh
# check-instructions.sh BUILD [--store]: counts the instructions of the library,
# without OpenSSL and libuv, for a handshake, an echo of 64 bytes and one of a
# full record, with callgrind. Fails when one is more than 5 % above what
# bench/instructions.txt says; --store writes that file instead.
set -eu
build=$1
budget=$(dirname "$0")/../bench/instructions.txt

if ! command -v valgrind >/dev/null; then
  echo "valgrind is not installed"
  exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$build/tests/support/make-pki" "$work"

# count UNIT N: the instructions of libtlsloop itself. The lines after "calls="
# are what was called has cost.
count() {
  valgrind -q --tool=callgrind --callgrind-out-file="$work/out" \
    "$build/bench/instructions" "$1" "$2" "$work/server.pem" >&2
  awk '
    /^ob=/ {
      split($0, part, /[()]/)
      if (part[3] != "") name[part[2]] = part[3]
      ours = name[part[2]] ~ /libtlsloop/
    }
    # Names are told where they come first, which may be with a call.
    /^cob=/ {
      split($0, part, /[()]/)
      if (part[3] != "") name[part[2]] = part[3]
    }
    /^calls=/ { called = 1; next }
    /^[0-9+*-]/ {
      if (ours && !called) sum += $2
      called = 0
    }
    END { print sum + 0 }
  ' "$work/out"
}

# What N more units cost, so that the beginning and the end do not count.
for unit in handshake:20 echo:200 record:50; do
  n=${unit#*:}
  unit=${unit%:*}
  few=$(count "$unit" "$n")
  many=$(count "$unit" $((2 * n)))
  [ "$many" -gt "$few" ] || {
    echo "the instructions of libtlsloop cannot be told from the others'"
    exit 1
  }
  echo "$unit $(((many - few) / n))"
done >"$work/now"

if [ "${2-}" = --store ]; then
  cp "$work/now" "$budget"
  cat "$budget"
  exit
fi
awk '
  NR == FNR {
    budget[$1] = $2
    next
  }
  {
    growth = budget[$1] > 0 ? ($2 / budget[$1] - 1) * 100 : 100
    printf "%-10s %8d instructions, %+.1f %%\n", $1, $2, growth
    if (growth > 5) failed = 1
  }
  END {
    if (failed)
      print "too many; if they are worth it, store them with --store"
    exit failed
  }
' "$budget" "$work/now"
