# SPDX-License-Identifier: MIT

"""conformance-server does what it is told to, with OpenSSL, GnuTLS, curl and
Python."""

import re
import ssl
import sys

sys.dont_write_bytecode = True

from harness import *  # noqa: E402,F403

OPENSSL = need_tool("openssl")
KEY = "00112233445566778899aabbccddeeff"
ANY = "ALL:@SECLEVEL=0"


def conformance(certs, *options, cert="server.pem"):
    identity = ("--cert", certs(cert)) if cert else ()
    return our_server("tests/conformance-server", *identity, *options)


def s_client(server, *options, data=b"hello\n"):
    """Sends a line and returns what s_client says once it has come back."""
    command = [OPENSSL, "s_client", "-connect", f"127.0.0.1:{server.port}"]
    with process([*command, *options], stdin=PIPE) as client:
        client.child.stdin.write(data)
        client.child.stdin.flush()
        output = b""
        while data not in output:
            line = client.child.stdout.readline()
            need(line, f"s_client has ended: {client.stderr()} {output}")
            output += line
        client.child.stdin.close()
        output += client.child.stdout.read()
        equal(client.child.wait(TIMEOUT), 0, "exit status of s_client")
    return output.decode(errors="replace")


def no_connection(server, *options):
    command = [OPENSSL, "s_client", "-connect", f"127.0.0.1:{server.port}"]
    result = run([*command, *options])
    need(result.returncode != 0, "s_client has connected")
    return result.stderr.decode(errors="replace")


def test_versions(certs):
    """--min-version and --max-version reach down to TLS 1.0."""
    weak = ("-cipher", "DEFAULT:@SECLEVEL=0")
    for version in ("1.0", "1.1", "1.2", "1.3"):
        options = ("--min-version", version, "--max-version", version)
        name = "TLSv1" if version == "1.0" else f"TLSv{version}"
        flag = "-" + name.lower().replace("v", "").replace(".", "_")
        with conformance(
            certs, "--echo", *options, "--ciphers", ANY, cert="rsa.pem"
        ) as server:
            output = s_client(server, flag, *weak)
            need(re.search(rf"{re.escape(name)}\b[^.]", output), version)
            other = "-tls1_2" if version != "1.2" else "-tls1_3"
            contains(no_connection(server, other, *weak), "protocol", version)


def test_only_maximum(certs):
    """--max-version alone is enough for old versions."""
    with conformance(
        certs, "--echo", "--max-version", "1.0", "--ciphers", ANY
    ) as server:
        weak = ("-cipher", "DEFAULT:@SECLEVEL=0")
        contains(s_client(server, "-tls1", *weak), "TLSv1\n", "the version")


def test_ciphers(certs):
    """Ciphers with automatic DH, without forward secrecy, without anything."""
    options = ("--echo", "--ciphers", "ALL:COMPLEMENTOFALL:@SECLEVEL=0")
    with conformance(certs, *options, cert="rsa.pem") as server:
        for cipher in (
            "DHE-RSA-AES128-GCM-SHA256",
            "ECDHE-RSA-AES256-SHA384",
            "AES256-SHA",
            "ADH-AES128-SHA",
            "NULL-SHA256",
        ):
            weak = f"{cipher}:@SECLEVEL=0"
            output = s_client(server, "-tls1_2", "-cipher", weak)
            contains(output, f"Cipher is {cipher}\n", "the cipher")
    with conformance(certs, "--echo", cert="rsa.pem") as server:
        no_connection(server, "-tls1_2", "-cipher", "AES256-SHA:@SECLEVEL=0")


def test_ciphersuites(certs):
    """--ciphersuites and --groups are for TLS 1.3."""
    suite = "TLS_CHACHA20_POLY1305_SHA256"
    options = ("--ciphersuites", suite, "--groups", "P-384")
    with conformance(certs, "--echo", *options) as server:
        output = s_client(server, "-tls1_3")
        contains(output, f"Cipher is {suite}", "the suite")
        contains(output, "secp384r1", "the group")
        no_connection(server, "-tls1_3", "-groups", "X25519")


def test_two_certificates(certs):
    """--cert2 is there for clients that know another type of key."""
    options = ("--echo", "--cert2", certs("rsa.pem"))
    with conformance(certs, *options) as server:
        for algorithm, kind in (("ECDSA+SHA256", "ECDSA"), ("RSA-PSS+SHA256", "RSA-PSS")):
            output = s_client(server, "-sigalgs", algorithm)
            contains(output, f"Peer signature type: {kind}\n", "the key")


def test_alpn(certs):
    """--alpn chooses the server's favourite protocol, and refuses others."""
    with conformance(certs, "--echo", "--alpn", "h2,http/1.1") as server:
        output = s_client(server, "-alpn", "http/1.1,h2")
        contains(output, "ALPN protocol: h2\n", "the protocol")
        output = s_client(server, "-alpn", "x,http/1.1,h2x")
        contains(output, "ALPN protocol: http/1.1\n", "the protocol")
        contains(s_client(server), "No ALPN negotiated", "the protocol")
        for stranger in ("x", "h", "http/1.", "h2x"):
            refusal = no_connection(server, "-alpn", stranger)
            contains(refusal, "no application protocol", stranger)


def test_client_certificates(certs):
    """--verify asks for certificates, and takes good ones only."""
    good = certs("client.pem")
    own = ("-cert", good, "-cert_chain", good, "-key", good)
    bad = certs("other.pem")
    other = ("-cert", bad, "-cert_chain", bad, "-key", bad)
    for version in ("-tls1_2", "-tls1_3"):
        for mode in ("optional", "required"):
            options = ("--ca", certs("root.pem"), "--verify", mode)
            with conformance(certs, "--http", *options) as server:
                command = [OPENSSL, "s_client", "-ign_eof", version]
                command += ["-connect", f"127.0.0.1:{server.port}"]
                for identity, served in (
                    (own, True),
                    ((), mode == "optional"),
                    (other, False),
                ):
                    result = run([*command, *identity], b"GET /\r\n\r\n")
                    equal(b"200 OK" in result.stdout, served, f"{mode} {version}")


def test_psk(certs):
    """--psk lets in who knows the key, on TLS 1.2 and 1.3."""
    client = ("-psk", KEY, "-psk_identity", "me")
    for options, cert in (((), None), ((), "server.pem")):
        suites = ("--ciphersuites", "TLS_AES_128_GCM_SHA256")
        options = ("--psk", KEY, "--psk-identity", "me", *suites)
        options += ("--ciphers", "ALL:PSK:@SECLEVEL=0")
        with conformance(certs, "--echo", *options, cert=cert) as server:
            for version in ("-tls1_2", "-tls1_3"):
                cipher = () if version == "-tls1_3" else ("-cipher", "PSK")
                output = s_client(server, version, *cipher, *client)
                contains(output, "no peer certificate available", version)
            if cert is None:
                wrong = ("-psk", KEY[::-1], "-psk_identity", "me")
                no_connection(server, "-tls1_3", *wrong)
                stranger = ("-psk", KEY, "-psk_identity", "you")
                no_connection(server, "-tls1_2", "-cipher", "PSK", *stranger)


def reconnected(server, version, *options):
    """How many of five further connections of s_client were resumed."""
    command = [OPENSSL, "s_client", "-reconnect", version, *options]
    command += ["-connect", f"127.0.0.1:{server.port}"]
    result = run(command)
    return len(re.findall(rb"^Reused, ", result.stdout, re.M))


def test_sessions(certs):
    """Sessions are resumed by the cache and by tickets, or not at all."""
    for options, client, resumed in (
        ((), (), 5),
        (("--tickets", "0"), (), 5),
        (("--no-cache",), (), 5),
        (("--no-cache",), ("-no_ticket",), 0),
        (("--no-cache", "--tickets", "0"), (), 0),
    ):
        with conformance(certs, "--echo", *options) as server:
            got = reconnected(server, "-tls1_2", *client)
            equal(got, resumed, f"{options} {client}")


def tickets(certs, count):
    with conformance(certs, "--http", "--tickets", str(count)) as server:
        command = [OPENSSL, "s_client", "-tls1_3", "-ign_eof"]
        command += ["-connect", f"127.0.0.1:{server.port}"]
        result = run(command, b"GET / HTTP/1.0\r\n\r\n")
        succeeded(result, "s_client")
        return result.stdout.count(b"Post-Handshake New Session Ticket")


def test_tickets(certs):
    """--tickets says how many there are on TLS 1.3."""
    for count in (0, 1, 2, 5):
        equal(tickets(certs, count), count, "number of tickets")


def test_http(certs):
    """--http answers after a blank line, and closes in good order."""
    with conformance(certs, "--http") as server:
        context = ssl.create_default_context(cafile=certs("root.pem"))
        for pieces in (
            [b"GET / HTTP/1.0\r\n\r\n"],
            [b"GET / HTTP/1.0\r\n", b"Host: x\r\n", b"\r", b"\n"],
            [b"GET /\n\n"],
            [bytes([byte]) for byte in b"GET / HTTP/1.0\r\n\r\n"],
        ):
            plain = socket.create_connection(("127.0.0.1", server.port), TIMEOUT)
            client = context.wrap_socket(
                plain, server_hostname="localhost", suppress_ragged_eofs=False
            )
            for piece in pieces:
                client.sendall(piece)
            answer = b""
            while part := client.recv(1000):
                answer += part
            need(answer.startswith(b"HTTP/1.0 200 OK\r\n"), str(answer))
            need(answer.endswith(b"\r\n\r\ntlsloop\n"), str(answer))
            client.unwrap().close()


def test_curl(certs):
    """curl gets its page, by any version."""
    curl = need_tool("curl")
    options = ("--max-version", "1.3", "--min-version", "1.0", "--ciphers", ANY)
    with conformance(certs, "--http", *options, cert="rsa.pem") as server:
        for version in ("1.0", "1.1", "1.2", "1.3"):
            where = f"localhost:{server.port}"
            command = [curl, "-sS", "--noproxy", "*"]
            command += ["--cacert", certs("root.pem")]
            command += ["--resolve", f"{where}:127.0.0.1"]
            command += ["--ciphers", "DEFAULT:@SECLEVEL=0"]
            command += ["--tls-max", version, f"--tlsv{version}"]
            result = run([*command, f"https://{where}/"])
            succeeded(result, f"curl, TLS {version}")
            equal(result.stdout, b"tlsloop\n", "the page")


def test_gnutls(certs):
    """gnutls-cli is served by every version that it has."""
    gnutls = need_tool("gnutls-cli")
    options = ("--max-version", "1.3", "--min-version", "1.0", "--ciphers", ANY)
    with conformance(certs, "--http", *options, cert="rsa.pem") as server:
        for version in ("1.0", "1.1", "1.2", "1.3"):
            priority = f"NORMAL:-VERS-ALL:+VERS-TLS{version}"
            command = [gnutls, "--x509cafile", certs("root.pem")]
            command += ["--priority", priority, "--port", str(server.port)]
            result = run([*command, "localhost"], b"GET / HTTP/1.0\r\n\r\n")
            succeeded(result, f"gnutls-cli, TLS {version}")
            contains(result.stdout, b"200 OK", "the answer")
            contains(result.stdout, f"(TLS{version}".encode(), "the version")


def test_goes_on(certs):
    """It goes on after what is no TLS, and says why if it is asked to."""
    with conformance(certs, "--echo", "--verbose") as server:
        with socket.create_connection(("127.0.0.1", server.port)) as plain:
            plain.settimeout(TIMEOUT)
            plain.sendall(b"GET / HTTP/1.0\r\n\r\n")
            plain.recv(1000)
        server.wait_stderr("TLSLOOP_ENOTTLS")
        s_client(server)
    with conformance(certs, "--echo") as server:
        with socket.create_connection(("127.0.0.1", server.port)) as plain:
            plain.settimeout(TIMEOUT)
            plain.sendall(b"GET / HTTP/1.0\r\n\r\n")
            plain.recv(1000)
        s_client(server)
        equal(server.stderr(), "", "messages")


def test_usage(certs):
    """It says what is wrong with its command line."""
    cert = ["--cert", certs("server.pem")]
    for options, message in (
        (cert, "expected --http or --echo"),
        (["--echo"], "expected --cert or --psk"),
        (["--echo", *cert, "x"], "expected --http or --echo"),
        (["--echo", *cert, "--min-version", "2"], "2: not a version"),
        (["--echo", *cert, "--verify", "maybe"], "maybe: not none"),
        (["--echo", "--psk", "xyz"], "xyz: not a key"),
        (["--echo", *cert, "--ciphers", "none"], "--ciphers"),
        (["--echo", "--cert", "/no/file"], "/no/file"),
    ):
        result = run([built("tests/conformance-server"), *options])
        equal(result.returncode, 2, f"exit status of {options}")
        contains(result.stderr.decode(), message, "the error")


main(globals(), limit=180)
