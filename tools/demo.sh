#!/bin/sh
# A verified TLS round trip between the two echo samples of a build, over
# loopback, with certificates made on the spot. The argument is the folder of
# the build; without it, $top_builddir.
set -eu

samples=${1:-${top_builddir:?}}/samples
work=$(mktemp -d)
server=
stop() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || :
  rm -rf "$work"
}
trap stop EXIT
trap 'exit 1' HUP INT TERM

cat >"$work/openssl.cnf" <<'END'
[req]
distinguished_name = name
prompt = no
[name]
CN = tlsloop demo
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost
authorityKeyIdentifier = keyid
END

# certificate NAME SECTION [OPTION...]
certificate() {
  name=$1
  section=$2
  shift 2
  openssl req -x509 -config "$work/openssl.cnf" -extensions "$section" \
    -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 \
    -keyout "$work/$name.key" -out "$work/$name.crt" "$@" 2>"$work/openssl.log"
}
if ! certificate ca ca ||
  ! certificate server server -CA "$work/ca.crt" -CAkey "$work/ca.key"; then
  cat "$work/openssl.log"
  exit 1
fi

# The server says where it listens on its first line.
mkfifo "$work/ready"
timeout 60 "$samples/echo-server" --host 127.0.0.1 --port 0 \
  --cert "$work/server.crt" --key "$work/server.key" >"$work/ready" &
server=$!
exec 3<"$work/ready"
if ! read -r line <&3; then
  echo "echo-server ended before it listened"
  exit 1
fi
echo "server: $line"

echo "tlsloop says hello over TLS, process $$" >"$work/sent"
if ! timeout 30 "$samples/echo-client" --ca "$work/ca.crt" \
  --server-name localhost 127.0.0.1 "${line##*:}" \
  <"$work/sent" >"$work/received" 2>"$work/facts"; then
  sed 's/^/client: /' "$work/facts"
  echo "echo-client failed"
  exit 1
fi
sed 's/^/client: /' "$work/facts"

if ! cmp "$work/sent" "$work/received"; then
  echo "what came back differs from what was sent"
  exit 1
fi
echo "echoed: $(cat "$work/received")"
echo "verified round trip"
