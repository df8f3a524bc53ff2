# SPDX-License-Identifier: MIT

"""echo-server as curl sees it.

An echo of a request is a response when the request line reads like a status
line: curl sends "HTTP/1.1 200 / HTTP/1.1", its Content-Length and its body,
and takes what comes back for an answer of the same length.
"""

import sys

sys.dont_write_bytecode = True

from harness import *  # noqa: E402,F403

CURL = need_tool("curl")
BODY = pattern(1000003)
REFUSED = 60
FAILED = 35


def curl(certs, port, *options, data=BODY, ca="root.pem", host="localhost"):
    return run(
        [CURL, "--silent", "--show-error", "--noproxy", "*"]
        + ["--cacert", certs(ca), "--resolve", f"{host}:{port}:127.0.0.1"]
        + ["--request", "HTTP/1.1 200", "--http1.1", "--data-binary", "@-"]
        + ["--header", "Expect:", "--header", "User-Agent:"]
        + ["--max-time", str(TIMEOUT), *options, f"https://{host}:{port}/"],
        data,
    )


def one_version(version):
    return (f"--tlsv{version}", "--tls-max", version)


def test_curl(certs):
    """curl verifies echo-server and gets its body back."""
    with echo_server(certs) as server:
        for version in VERSIONS:
            options = one_version(version)
            result = curl(certs, server.port, *options, "--verbose")
            succeeded(result, version)
            need(result.stdout == BODY, "the body has changed")
            facts = result.stderr.decode()
            contains(facts, f"SSL connection using TLSv{version}", "facts")


def test_curl_address(certs):
    """curl verifies echo-server by its address."""
    with echo_server(certs) as server:
        result = curl(certs, server.port, host="127.0.0.1")
        succeeded(result, "by address")
        need(result.stdout == BODY, "the body has changed")


def test_curl_alpn(certs):
    """curl and echo-server agree on a protocol."""
    with echo_server(certs, "--alpn", "http/1.1") as server:
        result = curl(certs, server.port, "--verbose")
        succeeded(result, "ALPN")
        contains(result.stderr.decode(), "accepted http/1.1", "the protocol")


def test_curl_certificate(certs):
    """echo-server lets curl in with its certificate only."""
    options = ("--ca", certs("root.pem"), "--require-client-cert")
    with echo_server(certs, *options) as server:
        for version in VERSIONS:
            result = curl(
                certs,
                server.port,
                *one_version(version),
                *("--cert", certs("client.pem")),
            )
            succeeded(result, version)
            need(result.stdout == BODY, "the body has changed")
            result = curl(certs, server.port, *one_version(version), data=b"x")
            need(result.returncode != 0, "curl had no certificate")
            equal(result.stdout, b"", "what it was served")


def test_curl_refuses(certs):
    """curl refuses echo-server with each kind of bad certificate."""
    for cert in ("expired.pem", "wrong-host.pem", "other.pem"):
        with echo_server(certs, cert=cert) as server:
            result = curl(certs, server.port, data=b"x")
            equal(result.returncode, REFUSED, f"{cert}: {result.stderr}")
            # curl looks at the name only after a good handshake.
            if cert != "wrong-host.pem":
                server.wait_stderr("alert")


def test_curl_version(certs):
    """echo-server refuses curl below its lowest version."""
    with echo_server(certs, "--min-version", "1.3") as server:
        result = curl(certs, server.port, *one_version("1.2"), data=b"x")
        equal(result.returncode, FAILED, result.stderr.decode())
        succeeded(curl(certs, server.port), "the next one")


main(globals())
