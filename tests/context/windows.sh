#!/bin/sh
# What asks Windows for its certificate stores compiles for it, with all of
# crypt32 that it uses, and exports what the header declares.
set -eu
LC_ALL=C
export LC_ALL

top=$(dirname "$0")/../..
mingw=/usr/x86_64-w64-mingw32/include
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if command -v x86_64-w64-mingw32-gcc >/dev/null; then
  compiler=x86_64-w64-mingw32-gcc
elif [ -f "$mingw/wincrypt.h" ] && command -v clang >/dev/null; then
  compiler="clang --target=x86_64-w64-mingw32 -isystem $mingw"
else
  echo "no compiler for Windows here"
  exit 77
fi

# A folder of its own for libuv's header of error codes: beside it are those of
# this system, which are not Windows'.
# shellcheck disable=SC2086 # flags are words
uv=$(echo '#include <uv/errno.h>' | ${CC:-cc} ${UV_CFLAGS:-} -E - |
  sed -n 's|^# [0-9]* "\(.*/uv\)/errno\.h".*|\1|p' | sed 1q)
[ -n "$uv" ]
ln -s "$uv" "$work/uv"

for name in store-list windows; do
  # shellcheck disable=SC2086 # the compiler is words
  $compiler -std=gnu11 -Wall -Wextra -Werror -I"$top/src" -I"$top/include" \
    -I"$work" -c -o "$work/$name.o" "$top/src/context/$name.c"
done

symbols=$(${NM:-nm} "$work/windows.o")
for name in tlsloop_enum_certificates tlsloop_enum_crls; do
  echo "$symbols" | grep -q " T $name\$" || {
    echo "$name is missing"
    exit 1
  }
done
for name in CertOpenStore CertEnumCertificatesInStore CertEnumCRLsInStore \
  CertGetEnhancedKeyUsage; do
  echo "$symbols" | grep -qE " U (__imp_)?$name\$" || {
    echo "$name is not asked"
    exit 1
  }
done
