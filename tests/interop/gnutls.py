# SPDX-License-Identifier: MIT

"""Our samples and GnuTLS's command line programs."""

import sys

sys.dont_write_bytecode = True

from harness import *  # noqa: E402,F403

CLIENT = need_tool("gnutls-cli")
SERVER = need_tool("gnutls-serv")
TEXT = b"The quick brown fox\njumps over the lazy dog\n"


def priority(version):
    return ("--priority", f"NORMAL:-VERS-ALL:+VERS-TLS{version}")


def gnutls_cli(certs, port, version, *options, data=TEXT):
    """It closes its direction at the end of its input and waits for the
    server's end, so that all of the echo has to come."""
    return run(
        [CLIENT, "--port", str(port), "--x509cafile", certs("root.pem")]
        + ["--sni-hostname", "localhost", "--verify-hostname", "localhost"]
        + [*priority(version), *options, "127.0.0.1"],
        data,
    )


def test_gnutls_cli(certs):
    """gnutls-cli verifies echo-server and gets its text back."""
    with echo_server(certs) as server:
        for version in VERSIONS:
            result = gnutls_cli(certs, server.port, version)
            succeeded(result, version)
            contains(result.stdout, TEXT, "the echo")
            contains(result.stdout, f"(TLS{version}-".encode(), "the facts")
            contains(result.stdout, b"is trusted", "verification")


def test_gnutls_cli_alpn(certs):
    """gnutls-cli and echo-server agree on a protocol."""
    with echo_server(certs, "--alpn", "h2,http/1.1") as server:
        for version in VERSIONS:
            offer = ("--alpn", "http/1.1", "--alpn", "h2")
            result = gnutls_cli(certs, server.port, version, *offer)
            succeeded(result, version)
            contains(result.stdout, b"Application protocol: h2", "protocol")


def test_gnutls_cli_certificate(certs):
    """echo-server lets gnutls-cli in with its certificate only."""
    options = ("--ca", certs("root.pem"), "--require-client-cert")
    with echo_server(certs, *options) as server:
        for version in VERSIONS:
            cert = certs("client.pem")
            identity = ("--x509certfile", cert, "--x509keyfile", cert)
            result = gnutls_cli(certs, server.port, version, *identity)
            succeeded(result, version)
            contains(result.stdout, TEXT, "the echo")
            result = gnutls_cli(certs, server.port, version)
            need(result.returncode != 0, "gnutls-cli had no certificate")
            need(TEXT not in result.stdout, "it was served")


def test_gnutls_cli_resumption(certs):
    """gnutls-cli connects to echo-server again after it has ended."""
    with echo_server(certs) as server:
        for version in VERSIONS:
            result = gnutls_cli(certs, server.port, version, "--resume")
            succeeded(result, version)
            contains(result.stdout, TEXT, "the echo")


@contextlib.contextmanager
def gnutls_serv(certs, version, *options, cert="server.pem"):
    port = free_port()
    command = [SERVER, "--echo", "--port", str(port), *priority(version)]
    command += ["--x509certfile", certs(cert), "--x509keyfile", certs(cert)]
    with process(command + [*options]) as server:
        patient(lambda: listening(port), "gnutls-serv")
        need(server.alive(), f"gnutls-serv has ended: {server.stderr()}")
        server.port = port
        yield server


def test_gnutls_serv(certs):
    """echo-client verifies gnutls-serv and gets its text back."""
    for version in VERSIONS:
        with gnutls_serv(certs, version) as server:
            with echo_client_beside(certs, server.port) as client:
                client.child.stdin.write(TEXT)
                client.child.stdin.flush()
                output = b""
                while len(output) < len(TEXT):
                    output += client.child.stdout.read1(len(TEXT))
                equal(output, TEXT, "the echo")
                contains(client.stderr(), f"TLSv{version}", "the facts")


@contextlib.contextmanager
def echo_client_beside(certs, port, *options):
    command = [built("samples/echo-client"), "--ca", certs("root.pem")]
    with process(
        command + [*options, "localhost", str(port)], stdin=PIPE
    ) as client:
        yield client


def test_gnutls_serv_alpn(certs):
    """echo-client and gnutls-serv agree on a protocol."""
    for version in VERSIONS:
        with gnutls_serv(certs, version, "--alpn", "h2") as server:
            offer = ("--alpn", "http/1.1,h2")
            with echo_client_beside(certs, server.port, *offer) as client:
                client.wait_stderr("h2")


def test_gnutls_serv_refused(certs):
    """echo-client refuses gnutls-serv with each kind of bad certificate."""
    for cert, why in (
        ("expired.pem", "expired"),
        ("wrong-host.pem", "localhost"),
        ("other.pem", "issuer"),
    ):
        for version in VERSIONS:
            with gnutls_serv(certs, version, cert=cert) as server:
                refused(echo_client(certs, server.port), 4, why)


main(globals())
