#!/bin/sh
# Writes the C table of all enumerators in the headers below a folder, but for
# tlsloop/openssl.h; src/context/constants.h says what is in it.
#   constants.sh INCLUDE CC [CPPFLAGS...] > constants.c
set -eu
LC_ALL=C
export LC_ALL

include=$1
shift

# The table has the numbers of all layers, so it alone looks up.
includes() {
  echo '#include "tlsloop.h"'
  for header in "$include"/tlsloop/*.h; do
    [ "$(basename "$header")" = openssl.h ] ||
      echo "#include \"tlsloop/$(basename "$header")\""
  done
}

# The preprocessor expands the lists that are macros.
enumerators() {
  includes | "$@" -E -P -I"$include" - | awk '
    { text = text " " $0 }
    END {
      n = split(text, part, /[^A-Za-z0-9_]enum[^A-Za-z0-9_]/)
      for (i = 2; i <= n; i++) {
        if (part[i] !~ /^[A-Za-z0-9_ ]*\{/) continue
        sub(/^[^{]*\{/, "", part[i])
        sub(/\}.*/, "", part[i])
        m = split(part[i], item, ",")
        for (j = 1; j <= m; j++)
          if (match(item[j], /TLSLOOP_[A-Z0-9_]+/))
            print substr(item[j], RSTART, RLENGTH)
      }
    }
  '
}

names=$(enumerators "$@")
if [ -z "$names" ]; then
  echo "constants: the headers have no enumerators" >&2
  exit 1
fi

echo "/* Made by tools/constants.sh from the public headers. */"
echo
echo '#include "context/constants.h"'
echo
includes
echo
echo "const tlsloop__constant_t tlsloop__enumerators[] = {"
for name in $names; do
  printf '    {"%s", %s},\n' "$name" "$name"
done
echo "};"
echo
echo "const size_t tlsloop__enumerators_len ="
echo "    sizeof(tlsloop__enumerators) / sizeof(tlsloop__enumerators[0]);"
