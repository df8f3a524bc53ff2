# SPDX-License-Identifier: MIT

"""get-certificate against our server and OpenSSL's."""

import ssl
import sys

sys.dont_write_bytecode = True

from harness import *  # noqa: E402,F403

PROGRAM = built("samples/get-certificate")


def get(port, *options, host="localhost"):
    return run([PROGRAM, *options, host, str(port)])


def first_certificate(path):
    with open(path, encoding="ascii") as file:
        text = file.read()
    begin = text.index("-----BEGIN CERTIFICATE-----")
    end = text.index("-----END CERTIFICATE-----", begin)
    return ssl.PEM_cert_to_DER_cert(text[begin:end] + ssl.PEM_FOOTER)


def test_print(certs):
    """get-certificate prints the certificate of whoever it is, as PEM."""
    for cert in ("server.pem", "rsa.pem", "expired.pem", "self-signed.pem"):
        with echo_server(certs, cert=cert) as server:
            result = get(server.port)
            succeeded(result, cert)
            got = ssl.PEM_cert_to_DER_cert(result.stdout.decode())
            equal(got, first_certificate(certs(cert)), cert)


def test_python(certs):
    """get-certificate prints what ssl.get_server_certificate gives."""
    with echo_server(certs) as server:
        wanted = ssl.get_server_certificate(("127.0.0.1", server.port))
        for ca in ((), ("--ca", certs("root.pem"))):
            result = get(server.port, *ca, host="127.0.0.1")
            succeeded(result, "by address")
            equal(result.stdout.decode(), wanted, "the certificate")


def test_s_server(certs):
    """get-certificate gets the certificate of s_server."""
    command = [need_tool("openssl"), "s_server", "-accept", "127.0.0.1:0"]
    command += ["-cert", certs("server.pem"), "-key", certs("server.pem"), "-rev"]
    with process(command) as server:
        line = ""
        while not line.startswith("ACCEPT "):
            line = server.line()
        result = get(line.rsplit(":", 1)[1])
        succeeded(result, "s_server")
        got = ssl.PEM_cert_to_DER_cert(result.stdout.decode())
        equal(got, first_certificate(certs("server.pem")), "the certificate")


def test_any_name(certs):
    """get-certificate does not mind for whom a certificate is."""
    with echo_server(certs, cert="wrong-host.pem") as server:
        succeeded(get(server.port, "--ca", certs("root.pem")), "the name")


def fails(result, status, message):
    equal(result.returncode, status, f"exit status: {result.stderr}")
    equal(result.stdout, b"", "output")
    errors = result.stderr.decode().splitlines()
    equal(len(errors), 1, f"lines of errors in {errors}")
    contains(errors[0], message, "the error")


def test_refused(certs):
    """get-certificate --ca prints no certificate that does not verify."""
    for cert, why in (
        ("expired.pem", "expired"),
        ("other.pem", "issuer"),
        ("self-signed.pem", "self-signed"),
    ):
        with echo_server(certs, cert=cert) as server:
            fails(get(server.port, "--ca", certs("root.pem")), 4, why)


def test_nobody(certs):
    """get-certificate says that nobody listens, or nobody answers."""
    fails(get(free_port()), 3, "refused")
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        fails(get(port, "--timeout", "1", host="127.0.0.1"), 3, "127.0.0.1")


def test_signal(certs):
    """A signal ends get-certificate while it waits."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = str(mute.getsockname()[1])
        for signum, word in (
            (signal.SIGINT, "interrupted"),
            (signal.SIGTERM, "stopped"),
        ):
            waiting = Process([PROGRAM, "127.0.0.1", port])
            client = mute.accept()[0]
            equal(waiting.stop(signum), 3, "exit status")
            contains(waiting.stderr(), word, "the error")
            client.close()


def test_usage(certs):
    """get-certificate says what is wrong with its command line."""
    for options, message in (
        ([], "expected HOST and PORT"),
        (["localhost"], "expected HOST and PORT"),
        (["localhost", "1", "2"], "expected HOST and PORT"),
        (["localhost", "0"], "0: not a port"),
        (["--timeout", "soon", "localhost", "1"], "soon: not a time"),
    ):
        fails(run([PROGRAM, *options]), 1, message)
    fails(get(1, "--ca", "/no/file"), 2, "/no/file")
    with open("/dev/full", "wb") as full, echo_server(certs) as server:
        result = subprocess.run(
            [PROGRAM, "localhost", str(server.port)],
            stdout=full,
            stderr=PIPE,
            timeout=TIMEOUT,
        )
        equal(result.returncode, 5, "exit status")
        contains(result.stderr, b"standard output", "the error")


main(globals(), limit=120)
