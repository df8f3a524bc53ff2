#!/bin/sh
# The scripts are clean by shellcheck.
set -eu
cd "$(dirname "$0")/.."

if ! command -v shellcheck >/dev/null; then
  echo "shellcheck is not installed"
  exit 77
fi
shellcheck autogen.sh dev .ci/run
find tools tests samples -name '*.sh' -exec shellcheck {} +
