#!/bin/sh
# The code looks as .clang-format says. `./dev format` makes it so.
set -eu
cd "$(dirname "$0")/.."

if ! command -v clang-format >/dev/null; then
  echo "clang-format is not installed"
  exit 77
fi
sh tools/sources.sh | xargs clang-format --dry-run --Werror
