# SPDX-License-Identifier: MIT

"""Our samples and Python's ssl module, which tells a clean end from another."""

import sys

sys.dont_write_bytecode = True

import select  # noqa: E402
import ssl  # noqa: E402

from harness import *  # noqa: E402,F403

TLS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
SIZES = (1, 2, 1023, 16383, 16384, 16385, 65537, 1000003)


def client_context(certs, version, ca="root.pem"):
    context = ssl.create_default_context(cafile=certs(ca))
    context.minimum_version = context.maximum_version = TLS[version]
    return context


def connect(certs, server, version, context=None, host="localhost"):
    """A TLS connection that takes nothing but close_notify for an end."""
    context = context or client_context(certs, version)
    plain = socket.create_connection(("127.0.0.1", server.port), TIMEOUT)
    return context.wrap_socket(
        plain, server_hostname=host, suppress_ragged_eofs=False
    )


def attempt(operation, *args):
    """What a non-blocking operation returns, None when it would block."""
    try:
        return operation(*args)
    except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
        return None


def echo(connection, data):
    """Writes and reads in turns, for no buffer holds all of it. Not in two
    threads: ssl's objects are not made for that."""
    rest = memoryview(data)
    back = bytearray()
    connection.setblocking(False)
    while len(back) < len(data):
        sent = attempt(connection.send, rest[:16384]) if rest else None
        rest = rest[sent or 0 :]
        part = attempt(connection.recv, 65536)
        need(part != b"", f"the end after {len(back)} of {len(data)} bytes")
        back += part or b""
        if sent is None and part is None:
            writers = [connection] if rest else []
            select.select([connection], writers, [], TIMEOUT)
    connection.settimeout(TIMEOUT)
    need(back == data, "the echo has changed")


def test_client(certs):
    """ssl verifies echo-server, which echoes any size and closes cleanly."""
    with echo_server(certs) as server:
        for version in VERSIONS:
            with connect(certs, server, version) as connection:
                equal(connection.version(), f"TLSv{version}", "the version")
                for size in SIZES:
                    echo(connection, pattern(size))
                # Returns only after the server's close_notify.
                connection.unwrap().close()
        equal(server.stderr(), "", "complaints")


def test_client_address(certs):
    """ssl verifies echo-server by its addresses."""
    with echo_server(certs) as server:
        for host in ("127.0.0.1", "::1"):
            with connect(certs, server, "1.3", host=host) as connection:
                echo(connection, b"by address")


def test_client_alpn(certs):
    """ssl and echo-server agree on the server's favourite protocol."""
    with echo_server(certs, "--alpn", "h2,http/1.1") as server:
        for version in VERSIONS:
            for offer, taken in (
                (["http/1.1", "h2"], "h2"),
                (["http/1.1"], "http/1.1"),
                (["spdy/1"], None),
                ([], None),
            ):
                context = client_context(certs, version)
                if offer:
                    context.set_alpn_protocols(offer)
                with connect(certs, server, version, context) as connection:
                    equal(connection.selected_alpn_protocol(), taken, "ALPN")


def test_client_certificate(certs):
    """echo-server lets ssl in with its certificate only."""
    options = ("--ca", certs("root.pem"), "--require-client-cert")
    with echo_server(certs, *options) as server:
        for version in VERSIONS:
            context = client_context(certs, version)
            context.load_cert_chain(certs("client.pem"))
            with connect(certs, server, version, context) as connection:
                echo(connection, b"let in")
            try:
                with connect(certs, server, version) as connection:
                    connection.sendall(b"let me in")
                    connection.recv(1)
                raise Failure("a client without a certificate was served")
            except ssl.SSLError as error:
                contains(str(error), "ALERT", "the error")


def test_client_refuses(certs):
    """ssl refuses echo-server with each kind of bad certificate."""
    for cert, code in (
        ("expired.pem", 10),
        ("wrong-host.pem", 62),
        ("other.pem", 20),
        ("self-signed.pem", 18),
    ):
        with echo_server(certs, cert=cert) as server:
            for version in VERSIONS:
                try:
                    connect(certs, server, version).close()
                    raise Failure(f"{cert} was accepted")
                except ssl.SSLCertVerificationError as error:
                    equal(error.verify_code, code, cert)
            server.wait_stderr("alert")


def test_client_session(certs):
    """ssl resumes its session with echo-server."""
    with echo_server(certs) as server:
        for version in VERSIONS:
            context = client_context(certs, version)
            with connect(certs, server, version, context) as connection:
                echo(connection, b"first")
                session = connection.session
                connection.unwrap().close()
            plain = socket.create_connection(("127.0.0.1", server.port))
            with context.wrap_socket(
                plain, server_hostname="localhost", session=session
            ) as connection:
                echo(connection, b"second")
                equal(connection.session_reused, True, "resumption")


class EchoServer:
    """An echo server of Python's, for one connection."""

    def __init__(self, certs, version, cert="server.pem", ragged=False):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certs(cert))
        self.context.minimum_version = TLS[version]
        self.context.maximum_version = TLS[version]
        self.ragged = ragged
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(TIMEOUT)
        self.port = self.listener.getsockname()[1]
        self.error = None
        self.facts = {}
        self.thread = threading.Thread(target=self.serve)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.thread.join()
        self.listener.close()

    def serve(self):
        try:
            plain, _ = self.listener.accept()
            with plain:
                plain.settimeout(TIMEOUT)
                self.talk(plain)
        except (OSError, ssl.SSLError) as error:
            self.error = error

    def talk(self, plain):
        connection = self.context.wrap_socket(
            plain, server_side=True, suppress_ragged_eofs=False
        )
        self.facts["version"] = connection.version()
        self.facts["alpn"] = connection.selected_alpn_protocol()
        self.facts["peer"] = connection.getpeercert()
        while data := connection.recv(65536):
            connection.sendall(data)
        # The client's close_notify was read; ours goes out, or does not.
        if not self.ragged:
            connection.unwrap()
        connection.close()


def test_server(certs):
    """echo-client verifies ssl's server and gets back what it sent."""
    data = pattern(3000017)
    for version in VERSIONS:
        with EchoServer(certs, version) as server:
            result = echo_client(certs, server.port, data=data)
        succeeded(result, version)
        equal(server.error, None, "what the server says")
        need(result.stdout == data, "the echo has changed")
        equal(server.facts["version"], f"TLSv{version}", "the version")
        equal(server.facts["peer"], None, "the client's certificate")


def test_server_facts(certs):
    """ssl's server sees echo-client's certificate and protocol."""
    for version in VERSIONS:
        server = EchoServer(certs, version)
        server.context.load_verify_locations(certs("root.pem"))
        server.context.verify_mode = ssl.CERT_REQUIRED
        server.context.set_alpn_protocols(["h2"])
        with server:
            result = echo_client(
                certs,
                server.port,
                *("--cert", certs("client.pem"), "--alpn", "http/1.1,h2"),
                data=b"facts",
            )
        succeeded(result, version)
        equal(result.stdout, b"facts", "the echo")
        equal(server.facts["alpn"], "h2", "the protocol")
        subject = server.facts["peer"]["subject"]
        equal(subject, ((("commonName", "client"),),), "the client")


def test_server_truncates(certs):
    """echo-client tells a server that just goes from one that says so."""
    for version in VERSIONS:
        with EchoServer(certs, version, ragged=True) as server:
            result = echo_client(certs, server.port, data=b"all of it")
        equal(server.error, None, "what the server says")
        equal(result.stdout, b"all of it", "what came before the end")
        refused(result, 3, "")


def test_server_refused(certs):
    """echo-client refuses ssl's server with each kind of bad certificate."""
    for cert, why in (
        ("expired.pem", "expired"),
        ("wrong-host.pem", "localhost"),
        ("other.pem", "issuer"),
        ("self-signed.pem", "self-signed"),
    ):
        for version in VERSIONS:
            with EchoServer(certs, version, cert=cert) as server:
                result = echo_client(certs, server.port, data=b"x")
            refused(result, 4, why)
            contains(str(server.error), "ALERT", "what the server says")


main(globals())
