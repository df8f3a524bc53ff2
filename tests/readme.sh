#!/bin/sh
# README.md speaks the truth: its server compiles without a warning against
# this build, its commands make the certificate and talk to it, and what is
# sent comes back.
set -eu
readme=$(cd "$(dirname "$0")/.." && pwd)/README.md
build=$(cd "${top_builddir:?}" && pwd)

if ! command -v openssl >/dev/null; then
  echo "openssl is not installed"
  exit 77
fi

work=$(mktemp -d)
server=
stop() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || :
  rm -rf "$work"
}
trap stop EXIT
trap 'exit 1' HUP INT TERM
cd "$work"

# command_of START: the one command of README.md that begins with START.
command_of() {
  awk -v start="$1" '
    index($0, start) == 1 { inside = 1 }
    inside { print }
    inside && !/\\$/ { exit }
  ' "$readme"
}

# The first C program of README.md.
awk '
  /^```c$/ { inside = 1; next }
  /^```$/ && inside { exit }
  inside
' "$readme" >server.c

# Callbacks have parameters that a short program does not need.
# shellcheck disable=SC2086 # they are words
"$build/libtool" --silent --tag=CC --mode=link ${CC:-cc} $CFLAGS \
  -Wno-unused-parameter -o server server.c -no-install \
  "$build/libtlsloop.la" $LIBS 2>warnings || {
  cat warnings
  exit 1
}
cat warnings
[ ! -s warnings ]

eval "$(command_of 'openssl req')" 2>openssl.log || {
  cat openssl.log
  exit 1
}

# The server says where it listens on its first line.
mkfifo ready to from
timeout 60 ./server 0 >ready &
server=$!
read -r line <ready
port=${line##*:}
echo "$line"

# s_client ends with its input, so that stays open until the answer is here.
talk=$(command_of 'openssl s_client' | sed "s/:8443/:$port/")
[ -n "$talk" ]
eval "timeout 30 $talk" <to >from 2>openssl.log &
client=$!
exec 3>to 4<from
echo "sent by openssl" >&3
read -r answer <&4 || :
exec 3>&-
status=0
wait "$client" || status=$?
sed 's/^/openssl: /' openssl.log
echo "openssl ended with $status and got: $answer"
[ "$status" -eq 0 ]
[ "$answer" = "sent by openssl" ]

# Unlike openssl, echo-client sees to it that the server ends in good order.
answer=$(echo "sent by echo-client" | timeout 30 "$build/samples/echo-client" \
  --ca cert.pem --server-name localhost 127.0.0.1 "$port")
echo "echo-client got: $answer"
[ "$answer" = "sent by echo-client" ]
