#!/bin/sh
# Lists the functions that the headers below a folder declare TLSLOOP_EXTERN.
#   export-list.sh INCLUDE             their names, one a line
#   export-list.sh --map NODE INCLUDE  a linker version script
set -eu
LC_ALL=C
export LC_ALL
tools=$(dirname "$0")

node=
if [ "$1" = --map ]; then
  node=$2
  shift 2
fi

# A declaration may span lines, so all the code becomes one; the name is the
# first tlsloop_ word with a parenthesis after it.
names=$(cat "$1"/*.h "$1"/*/*.h | awk -f "$tools/code.awk" | awk '
  /^[ \t]*#/ || directive { directive = /\\$/; next }
  { text = text " " $0 }
  END {
    n = split(text, part, /TLSLOOP_EXTERN[ \t]/)
    for (i = 2; i <= n; i++) {
      sub(/;.*/, "", part[i])
      if (!match(part[i], /tlsloop_[a-z0-9_]+[ \t]*\(/)) {
        print "export-list: no function in:" part[i] > "/dev/stderr"
        exit 1
      }
      name = substr(part[i], RSTART, RLENGTH - 1)
      sub(/[ \t]+$/, "", name)
      print name
    }
  }')
names=$(printf '%s\n' "$names" | sort)

if [ -z "$node" ]; then
  printf '%s\n' "$names"
else
  printf '%s {\nglobal:\n' "$node"
  printf '%s\n' "$names" | sed 's/.*/  &;/'
  printf 'local:\n  *;\n};\n'
fi
