#!/bin/sh
# Uses an installed tlsloop, found by pkg-config, as a stranger would: each
# header by itself in C and C++, then a program linked with the shared library
# and one with the static library. The argument is the version it must have.
set -eu

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/program.c" <<'END'
#include <stdio.h>
#include <tlsloop.h>

int main(void) {
  return puts(tlsloop_version_string()) < 0;
}
END

wanted=$1
include=$($PKG_CONFIG --variable=includedir tlsloop)
libdir=$($PKG_CONFIG --variable=libdir tlsloop)
cflags=$($PKG_CONFIG --cflags tlsloop)

# expect_version PROGRAM
expect_version() {
  version=$(LD_LIBRARY_PATH=$libdir "$1")
  echo "$(basename "$1"): $version"
  [ "$version" = "$wanted" ]
}

# shellcheck disable=SC2086 # $CC and flags are words
for header in "$include"/tlsloop.h "$include"/tlsloop/*.h; do
  $CC $cflags -Wall -Werror -fsyntax-only -x c "$header"
  ! command -v c++ >/dev/null ||
    c++ $cflags -Wall -Werror -fsyntax-only -x c++ "$header"
done

# shellcheck disable=SC2046,SC2086
if [ -f "$libdir/libtlsloop.so" ]; then
  $CC $cflags -o "$work/shared" "$work/program.c" \
    $($PKG_CONFIG --libs tlsloop)
  expect_version "$work/shared"
fi

# Only tlsloop itself is static here: not every system has the static libraries
# below it. What it requires must then be enough.
# shellcheck disable=SC2046,SC2086
if [ -f "$libdir/libtlsloop.a" ]; then
  below=$($PKG_CONFIG --print-requires --print-requires-private tlsloop)
  $CC $cflags -o "$work/static" "$work/program.c" "$libdir/libtlsloop.a" \
    $($PKG_CONFIG --libs $below)
  expect_version "$work/static"
fi
