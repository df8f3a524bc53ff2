#!/bin/sh
# Each layer includes and calls only what lies below it; see docs/design.md.
set -eu
cd "$(dirname "$0")/.."
status=0

# forbid REGEX WHY FILE...: no code of these files may match.
forbid() {
  regex=$1
  why=$2
  shift 2
  for file; do
    [ -f "$file" ] || continue
    if awk -f tools/code.awk "$file" | grep -nE "$regex"; then
      echo "  $file: $why"
      status=1
    fi
  done
}

include='^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"]'
start='(^|[^A-Za-z0-9_])'

# Below the stream there is no loop.
forbid "$include(uv|tlsloop)\.h" "only src/stream knows libuv" \
  src/base/* src/engine/* src/context/* include/tlsloop/*
forbid "${start}uv_[a-z0-9_]+ *\(" "only src/stream calls libuv" \
  src/base/* src/engine/* src/context/*

# OpenSSL is behind the engine and the context.
forbid "$include(openssl/|tlsloop/openssl\.h)" "this is not OpenSSL's place" \
  src/base/* src/stream/* include/tlsloop.h
forbid "${start}SSL_[A-Za-z0-9_]+ *\(" "the engine talks to OpenSSL" \
  src/base/* src/stream/*
for header in include/tlsloop/*.h; do
  [ "$header" = include/tlsloop/openssl.h ] ||
    forbid "${include}openssl/" "only tlsloop/openssl.h shows OpenSSL" "$header"
done

# Arrows go down.
forbid "$include(engine|context|stream)/" "this layer is higher" src/base/*
forbid "$include(context|stream)/" "this layer is higher" src/engine/*
forbid "${include}stream/" "this layer is higher" src/context/*
forbid "$include(support|base|engine|context|stream)/" \
  "users have only the public headers" include/*.h include/tlsloop/*.h
forbid "${include}support/" "this is for tests" src/*/*

exit $status
