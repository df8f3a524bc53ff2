#!/bin/sh
# Makes ./configure from configure.ac. Needs autoconf, automake, libtool and
# pkg-config; releases come with it made.
set -eu
cd "$(dirname "$0")"
exec autoreconf --force --install
