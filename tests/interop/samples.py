# SPDX-License-Identifier: MIT

"""echo-client and echo-server among themselves."""

import sys

sys.dont_write_bytecode = True

from harness import *  # noqa: E402,F403


def test_sizes(certs):
    """echo-client gets back what it sends, whatever its size."""
    with echo_server(certs) as server:
        for version in VERSIONS:
            for size in (0, 1, 16383, 16384, 16385, 1000003):
                data = pattern(size)
                result = echo_client(
                    certs, server.port, *only(version), data=data
                )
                succeeded(result, f"{version}, {size} bytes")
                need(result.stdout == data, f"{size} bytes have changed")
                contains(result.stderr.decode(), f"TLSv{version}", "facts")
        equal(server.stderr(), "", "complaints of the server")


def test_pipe(certs):
    """echo-client reaches echo-server over a Unix socket."""
    path = certs("socket")
    data = pattern(100000)
    with echo_server(certs, pipe=path):
        for version in VERSIONS:
            result = echo_client(
                certs,
                None,
                *("--pipe", path, "--server-name", "localhost"),
                *only(version),
                data=data,
            )
            succeeded(result, version)
            need(result.stdout == data, "the echo has changed")


def test_addresses(certs):
    """echo-client verifies echo-server by an address."""
    with echo_server(certs) as server:
        result = echo_client(certs, server.port, data=b"x", host="127.0.0.1")
        succeeded(result, "by address")
        equal(result.stdout, b"x", "the echo")


def test_alpn(certs):
    """echo-client and echo-server agree on the server's favourite protocol."""
    with echo_server(certs, "--alpn", "h2,http/1.1") as server:
        offer = ("--alpn", "http/1.1,h2")
        result = echo_client(certs, server.port, *offer)
        succeeded(result, "ALPN")
        contains(result.stderr.decode(), "h2", "the facts")


def test_no_alpn(certs):
    """echo-client goes on when no protocol is in common."""
    with echo_server(certs, "--alpn", "h2") as server:
        result = echo_client(certs, server.port, "--alpn", "x", data=b"on")
        succeeded(result, "without ALPN")
        equal(result.stdout, b"on", "the echo")


def test_client_certificate(certs):
    """echo-server lets echo-client in with its certificate only."""
    options = ("--ca", certs("root.pem"), "--require-client-cert")
    with echo_server(certs, *options) as server:
        for version in VERSIONS:
            cert = ("--cert", certs("client.pem"))
            result = echo_client(
                certs, server.port, *only(version), *cert, data=b"let in"
            )
            succeeded(result, version)
            equal(result.stdout, b"let in", "the echo")
            for bad in ((), ("--cert", certs("other.pem"))):
                result = echo_client(
                    certs, server.port, *only(version), *bad, data=b"no"
                )
                equal(result.stdout, b"", "what it was served")
                refused(result, 3, "alert")


def test_refused(certs):
    """echo-client refuses echo-server with each kind of bad certificate."""
    for cert, why in (
        ("expired.pem", "expired"),
        ("wrong-host.pem", "localhost"),
        ("other.pem", "issuer"),
        ("self-signed.pem", "self-signed"),
    ):
        with echo_server(certs, cert=cert) as server:
            for version in VERSIONS:
                result = echo_client(
                    certs, server.port, *only(version), data=b"secret"
                )
                refused(result, 4, why)
                equal(result.stdout, b"", "output")
            server.wait_stderr("alert")


def test_wrong_name(certs):
    """echo-client refuses echo-server under a name that is not its own."""
    with echo_server(certs) as server:
        name = ("--server-name", "example.org")
        refused(echo_client(certs, server.port, *name), 4, "example.org")
        succeeded(echo_client(certs, server.port), "the next client")


def test_no_versions(certs):
    """echo-client and echo-server without a version in common part."""
    with echo_server(certs, *only("1.2")) as server:
        result = echo_client(certs, server.port, *only("1.3"))
        refused(result, 3, "alert")
        server.wait_stderr("UNSUPPORTED_PROTOCOL")


def test_nobody(certs):
    """echo-client says that nobody listens."""
    refused(echo_client(certs, free_port()), 3, "refused")


def test_arguments(certs):
    """echo-server and echo-client refuse arguments that they do not know."""
    cert = ("--cert", certs("server.pem"))
    for command, message in (
        (["echo-server", *cert, "8443"], "8443: unexpected argument"),
        (["echo-server", "--key", "x"], "--key: needs --cert"),
        (["echo-server", "--port", "http"], "http: not a port"),
        (["echo-client", "localhost"], "expected HOST and PORT"),
        (["echo-client", "localhost", "0"], "0: not a port"),
        (["echo-client", "--pipe", "x", "y"], "expected HOST and PORT"),
    ):
        result = run([built("samples/" + command[0]), *command[1:]])
        equal(result.returncode, 1, f"exit status of {command}")
        contains(result.stderr.decode(), message, "the error")


def test_many(certs):
    """echo-server serves many clients at the same time."""
    data = pattern(300007)
    results = [None] * 20

    def work(i):
        results[i] = echo_client(certs, server.port, data=data)

    with echo_server(certs) as server:
        threads = [
            threading.Thread(target=work, args=(i,)) for i in range(20)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for result in results:
            succeeded(result, "one of many")
            need(result.stdout == data, "the echo of one has changed")


main(globals())
