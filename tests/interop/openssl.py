# SPDX-License-Identifier: MIT

"""Our samples and OpenSSL's command line program."""

import re
import sys

sys.dont_write_bytecode = True

from harness import *  # noqa: E402,F403

OPENSSL = need_tool("openssl")
TEXT = b"The quick brown fox\njumps over the lazy dog\n"


def s_client(certs, port, version, *options, data=TEXT):
    command = [OPENSSL, "s_client", "-connect", f"127.0.0.1:{port}"]
    command += ["-CAfile", certs("root.pem"), "-verify_return_error"]
    command += ["-verify_hostname", "localhost", "-servername", "localhost"]
    command += [f"-tls{version.replace('.', '_')}", *options]
    with process(command, stdin=PIPE) as client:
        # It would leave without its answer at the end of its input.
        client.child.stdin.write(data)
        client.child.stdin.flush()
        wanted = data.splitlines()[-1] if data else b"Verify return code"
        output = b""
        while wanted not in output:
            line = client.child.stdout.readline()
            need(line, f"s_client has ended: {client.stderr()}")
            output += line
        client.child.stdin.close()
        rest = client.child.stdout.read()
        equal(client.child.wait(TIMEOUT), 0, "exit status of s_client")
    return (output + rest).decode()


def test_s_client(certs):
    """s_client verifies echo-server and gets its text back."""
    with echo_server(certs) as server:
        for version in VERSIONS:
            output = s_client(certs, server.port, version)
            contains(output, TEXT.decode(), "the echo")
            contains(output, f"New, TLSv{version}", "the version")
            contains(output, "Verification: OK", "verification")


def test_s_client_alpn(certs):
    """s_client and echo-server agree on a protocol, or on none."""
    with echo_server(certs, "--alpn", "h2,http/1.1") as server:
        for version in VERSIONS:
            for offer, taken in (
                ("http/1.1,h2", "ALPN protocol: h2"),
                ("http/1.1", "ALPN protocol: http/1.1"),
                ("spdy/1", "No ALPN negotiated"),
            ):
                output = s_client(certs, server.port, version, "-alpn", offer)
                contains(output, taken, "the protocol")


def test_s_client_rsa(certs):
    """s_client and echo-server agree with an RSA key too."""
    with echo_server(certs, cert="rsa.pem") as server:
        for version in VERSIONS:
            output = s_client(certs, server.port, version)
            contains(output, "Peer signature type: RSA", "the signature")


def test_s_client_certificate(certs):
    """echo-server lets s_client in with its certificate only."""
    options = ("--ca", certs("root.pem"), "--require-client-cert")
    with echo_server(certs, *options) as server:
        for version in VERSIONS:
            cert = certs("client.pem")
            identity = ("-cert", cert, "-cert_chain", cert, "-key", cert)
            output = s_client(certs, server.port, version, *identity)
            contains(output, TEXT.decode(), "the echo")
            result = run(
                [OPENSSL, "s_client", "-connect", f"127.0.0.1:{server.port}"]
                + [f"-tls{version.replace('.', '_')}", "-ign_eof"],
                b"too early\n",
            )
            need(result.returncode != 0, "s_client had no certificate")
            need(b"too early\n" not in result.stdout, "it was served")


def test_s_client_old_versions(certs):
    """echo-server refuses s_client below TLS 1.2."""
    with echo_server(certs) as server:
        for version in ("-tls1", "-tls1_1"):
            result = run(
                [OPENSSL, "s_client", "-connect", f"127.0.0.1:{server.port}"]
                + [version, "-cipher", "DEFAULT:@SECLEVEL=0"]
            )
            need(result.returncode != 0, f"{version} was accepted")
            contains(result.stdout, b"(NONE), Cipher is (NONE)", version)


def test_s_client_renegotiation(certs):
    """s_client cannot make echo-server renegotiate."""
    with echo_server(certs) as server:
        command = [OPENSSL, "s_client", "-connect", f"127.0.0.1:{server.port}"]
        with process(command + ["-tls1_2"], stdin=PIPE) as client:
            client.child.stdin.write(b"R\n")
            client.child.stdin.flush()
            client.wait_stderr("no renegotiation")
            client.child.stdin.close()
            client.child.wait(TIMEOUT)
        contains(s_client(certs, server.port, "1.2"), TEXT.decode(), "later")


def test_s_client_resumption(certs, rounds=5):
    """s_client -reconnect gets its connections again and again."""
    with echo_server(certs) as server:
        command = [OPENSSL, "s_client", "-connect", f"127.0.0.1:{server.port}"]
        result = run(command + ["-tls1_2", "-reconnect"])
        equal(result.returncode, 0, result.stderr.decode())
        taken = re.findall(rb"^(New|Reused), TLSv1.2", result.stdout, re.M)
        equal(len(taken), 1 + rounds, "number of connections")


@contextlib.contextmanager
def s_server(certs, *options, cert="server.pem"):
    command = [OPENSSL, "s_server", "-accept", "127.0.0.1:0"]
    command += ["-cert", certs(cert), "-cert_chain", certs(cert)]
    command += ["-key", certs(cert), *options]
    with process(command) as server:
        line = ""
        while not line.startswith("ACCEPT "):
            line = server.line()
        server.port = int(line.rsplit(":", 1)[1])
        yield server


def reversed_lines(data):
    return b"".join(line[::-1] + b"\n" for line in data.splitlines())


def test_s_server(certs):
    """echo-client verifies s_server and gets its lines reversed."""
    with s_server(certs, "-rev") as server:
        for version in VERSIONS:
            result = echo_client(
                certs, server.port, *only(version), data=TEXT
            )
            succeeded(result, version)
            equal(result.stdout, reversed_lines(TEXT), "the answer")
            contains(result.stderr.decode(), f"TLSv{version}", "the facts")


def test_s_server_alpn(certs):
    """echo-client and s_server agree on a protocol."""
    with s_server(certs, "-rev", "-alpn", "h2") as server:
        for version in VERSIONS:
            result = echo_client(
                certs,
                server.port,
                *only(version),
                *("--alpn", "http/1.1,h2"),
                data=TEXT,
            )
            succeeded(result, version)
            contains(result.stderr.decode(), "h2", "the facts")


def test_s_server_refused(certs):
    """echo-client refuses s_server with each kind of bad certificate."""
    for cert, why in (
        ("expired.pem", "expired"),
        ("wrong-host.pem", "localhost"),
        ("self-signed.pem", "self-signed"),
        ("other.pem", "issuer"),
    ):
        with s_server(certs, "-rev", cert=cert) as server:
            for version in VERSIONS:
                result = echo_client(certs, server.port, *only(version))
                refused(result, 4, why)
                equal(result.stdout, b"", "output")


def test_s_server_version(certs):
    """echo-client refuses s_server below its lowest version."""
    with s_server(certs, "-rev", "-tls1_2") as server:
        result = echo_client(certs, server.port, *only("1.3"))
        refused(result, 3, "alert")


main(globals())
