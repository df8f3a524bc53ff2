# SPDX-License-Identifier: MIT

"""tls-proxy between clients of OpenSSL's and backends that know no TLS."""

import hashlib
import http.server
import re
import ssl
import sys

sys.dont_write_bytecode = True

from harness import *  # noqa: E402,F403

LARGE = 64 << 20 if not sanitized() else 8 << 20
# Beyond what the sockets between two processes hold.
STALLED = 16 << 20


class Backend:
    """A server that lets |serve| talk to each client, on TCP or a pipe."""

    def __init__(self, serve, path=None):
        family = socket.AF_UNIX if path else socket.AF_INET
        self.listener = socket.socket(family)
        self.listener.bind(path or ("127.0.0.1", 0))
        self.listener.listen()
        self.name = self.listener.getsockname()
        self.options = ["--backend", path]
        if not path:
            self.options = ["127.0.0.1", str(self.name[1])]
        self.serve = serve
        self.errors = []
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while True:
            try:
                client = self.listener.accept()[0]
            except OSError:
                return
            client.settimeout(TIMEOUT)
            try:
                with client:
                    self.serve(client)
            except Exception as error:
                self.errors.append(error)

    def close(self):
        # Closing alone would not wake the thread that accepts.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(TIMEOUT)
        need(not self.thread.is_alive(), "the backend still serves")


@contextlib.contextmanager
def proxied(certs, serve, path=None):
    """tls-proxy before |serve|."""
    backend = Backend(serve, path)
    try:
        options = ("--cert", certs("server.pem"), *backend.options)
        with our_server("samples/tls-proxy", *options) as proxy:
            proxy.backend = backend
            yield proxy
    finally:
        backend.close()


def connect(certs, proxy, version="1.3"):
    context = ssl.create_default_context(cafile=certs("root.pem"))
    number = getattr(ssl.TLSVersion, "TLSv" + version.replace(".", "_"))
    context.minimum_version = context.maximum_version = number
    plain = socket.create_connection(("127.0.0.1", proxy.port), TIMEOUT)
    return context.wrap_socket(
        plain, server_hostname="localhost", suppress_ragged_eofs=False
    )


def receive(source, size=None):
    """Everything up to the end, or |size| bytes."""
    parts = []
    left = size
    while left is None or left > 0:
        part = source.recv(min(left or 65536, 65536))
        if not part:
            break
        parts.append(part)
        left = None if left is None else left - len(part)
    return b"".join(parts)


def digest(data):
    return hashlib.sha256(data).digest()


def echo(client):
    while True:
        data = client.recv(65536)
        if not data:
            return
        client.sendall(data)


def sum_up(client):
    """Answers when the client has said all it has to say, and not before."""
    client.sendall(digest(receive(client)))


def memory(pid):
    """The most memory that a process has had, in bytes."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return int(re.search(r"VmHWM:\s*(\d+) kB", status.read())[1]) << 10


def small(proxy, before):
    """Sees to it that a proxy still has about the memory that it had. What
    sanitizers keep of freed memory is theirs."""
    grown = memory(proxy.pid) - before
    if not sanitized():
        need(grown < STALLED / 2, f"the proxy has grown by {grown} bytes")


def test_transfer(certs):
    """tls-proxy passes on much in both directions at once, unchanged."""
    data = pattern(LARGE)
    with proxied(certs, echo) as proxy:
        result = echo_client(certs, proxy.port, data=data)
        succeeded(result, "much")
        need(digest(result.stdout) == digest(data), "it has changed")
    equal(proxy.stderr(), "", "complaints")


def test_pipe(certs):
    """tls-proxy passes on to a Unix socket."""
    data = pattern(1000003)
    with proxied(certs, sum_up, certs("backend")) as proxy:
        result = echo_client(certs, proxy.port, data=data)
        succeeded(result, "over a Unix socket")
        equal(result.stdout, digest(data), "the answer")


def test_client_ends_first(certs):
    """A client's close_notify ends the input of the backend, which answers."""
    with proxied(certs, sum_up) as proxy:
        for version in VERSIONS:
            for size in (0, 1, 300007):
                data = pattern(size)
                result = echo_client(
                    certs, proxy.port, *only(version), data=data
                )
                succeeded(result, f"TLS {version}, {size} bytes")
                equal(result.stdout, digest(data), "the answer")


def test_backend_ends_first(certs):
    """A backend's end is a close_notify, after which it still listens."""
    heard = []

    def greet(client):
        client.sendall(b"I have said all")
        client.shutdown(socket.SHUT_WR)
        heard.append(receive(client))

    data = pattern(300007)
    with proxied(certs, greet) as proxy:
        client = connect(certs, proxy)
        equal(receive(client), b"I have said all", "the greeting")
        client.sendall(data)
        client.unwrap().close()
        patient(lambda: heard, "what the backend has heard")
        need(heard[0] == data, "the backend has heard something else")
        equal(proxy.backend.errors, [], "errors of the backend")


def test_backend_leaves_early(certs):
    """The answer of a backend that does not hear a client out gets there."""

    heard = threading.Event()

    def refuse(client):
        client.recv(1)
        client.sendall(b"too long")
        client.shutdown(socket.SHUT_WR)
        heard.wait(TIMEOUT)

    with proxied(certs, refuse) as proxy:
        client = connect(certs, proxy)
        client.sendall(b"a long story")
        equal(receive(client), b"too long", "the answer")
        heard.set()
        client.sendall(pattern(STALLED))
        client.unwrap().close()


def test_client_cut_off(certs):
    """A client that is cut off does not look like one that has ended."""
    ends = []

    def hear(client):
        try:
            ends.append(receive(client))
        except ConnectionResetError as error:
            ends.append(error)

    with proxied(certs, hear) as proxy:
        client = connect(certs, proxy, "1.2")
        client.sendall(b"half of a sen")
        client.close()  # without unwrap
        patient(lambda: ends, "the end")
        need(isinstance(ends[0], ConnectionResetError), "it looks clean")
        proxy.wait_stderr("UNEXPECTED_EOF")


def test_backend_cut_off(certs):
    """A backend that is cut off does not look like one that has ended."""

    def vanish(client):
        client.recv(100)
        client.sendall(b"half of an ans")
        # A reset in place of an end.
        on = (1).to_bytes(4, sys.byteorder) + bytes(4)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, on)

    with proxied(certs, vanish) as proxy:
        client = connect(certs, proxy)
        client.sendall(b"question")
        try:
            receive(client)
            raise Failure("it looks clean")
        except (ssl.SSLEOFError, ConnectionResetError):
            pass
        proxy.wait_stderr("connection reset")


def test_slow_client(certs):
    """A client that does not read holds the backend back."""
    sent = []
    data = pattern(STALLED * 3)

    def flood(client):
        while len(sent) * 65536 < len(data):
            at = len(sent) * 65536
            client.sendall(data[at : at + 65536])
            sent.append(1)

    with proxied(certs, flood) as proxy:
        client = connect(certs, proxy)
        before = memory(proxy.pid)
        patient_standstill(sent)
        need(len(sent) * 65536 < STALLED * 2, "nothing has held it back")
        need(digest(receive(client)) == digest(data), "it has changed")
        client.unwrap().close()
        small(proxy, before)


def test_slow_backend(certs):
    """A backend that does not read holds the client back."""
    wake = threading.Event()
    sent = []
    data = pattern(STALLED * 3)
    heard = []

    def sleep(client):
        wake.wait(TIMEOUT)
        heard.append(digest(receive(client)))

    def send():
        while len(sent) * 65536 < len(data):
            at = len(sent) * 65536
            client.sendall(data[at : at + 65536])
            sent.append(1)

    with proxied(certs, sleep) as proxy:
        client = connect(certs, proxy)
        before = memory(proxy.pid)
        sender = threading.Thread(target=send)
        sender.start()
        try:
            patient_standstill(sent)
        finally:
            wake.set()
        stalled = len(sent) * 65536
        sender.join()
        need(stalled < STALLED * 2, "nothing has held it back")
        client.unwrap().close()
        patient(lambda: heard, "the backend")
        equal(heard, [digest(data)], "what the backend has heard")
        small(proxy, before)


def patient_standstill(sent):
    """Waits until nothing more is sent."""
    last = -1
    same = 0
    while same < 50:
        same = same + 1 if len(sent) == last else 0
        last = len(sent)
        time.sleep(0.01)


def test_curl(certs):
    """curl fetches files from Python's server through tls-proxy."""
    curl = need_tool("curl")
    data = pattern(1000003)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass

    backend = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=backend.serve_forever, daemon=True).start()
    where = ("127.0.0.1", str(backend.server_address[1]))
    options = ("--cert", certs("server.pem"), *where)
    with our_server("samples/tls-proxy", *options) as proxy:
        command = [curl, "-sS", "--noproxy", "*", "--cacert", certs("root.pem")]
        urls = [f"https://localhost:{proxy.port}/{i}" for i in range(5)]
        command += ["--resolve", f"localhost:{proxy.port}:127.0.0.1", *urls]
        result = run(command)
        succeeded(result, "curl")
        need(result.stdout == data * 5, "the files have changed")
    backend.shutdown()
    backend.server_close()


def test_many(certs):
    """tls-proxy serves many clients at the same time."""
    data = pattern(300007)
    results = {}

    def work(i):
        results[i] = echo_client(certs, proxy.port, data=data)

    backends = []

    def serve(client):
        child = threading.Thread(target=sum_up, args=(client.dup(),))
        child.start()
        backends.append(child)

    with proxied(certs, serve) as proxy:
        threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads + backends:
            thread.join()
        for result in results.values():
            succeeded(result, "one of many")
            equal(result.stdout, digest(data), "the answer to one")


def test_no_backend(certs):
    """A client of a backend that is not there is cut off."""
    port = free_port()
    options = ("--cert", certs("server.pem"), "127.0.0.1", str(port))
    with our_server("samples/tls-proxy", *options) as proxy:
        refused(echo_client(certs, proxy.port), 3, "")
        proxy.wait_stderr(f"127.0.0.1:{port}: connection refused")


def test_no_tls(certs):
    """What is no TLS does not reach the backend."""
    with proxied(certs, echo) as proxy:
        with socket.create_connection(("127.0.0.1", proxy.port)) as plain:
            plain.settimeout(TIMEOUT)
            plain.sendall(b"GET / HTTP/1.0\r\n\r\n")
            equal(receive(plain), b"", "the answer")
        proxy.wait_stderr("HTTP_REQUEST")


def test_usage(certs):
    """tls-proxy says what is wrong with its command line."""
    proxy = built("samples/tls-proxy")
    cert = ["--cert", certs("server.pem")]
    for options, message in (
        (cert, "expected ADDRESS and PORT"),
        ([*cert, "127.0.0.1", "1", "2"], "expected ADDRESS and PORT"),
        ([*cert, "--backend", "x", "y"], "expected ADDRESS and PORT"),
        ([*cert, "example.org", "1"], "example.org: not an IPv4"),
        ([*cert, "127.0.0.1", "http"], "http: not a port"),
        (["127.0.0.1", "1"], "--cert"),
    ):
        result = run([proxy, *options])
        equal(result.returncode, 1, f"exit status of {options}")
        contains(result.stderr.decode(), message, "the error")
    result = run([proxy, "--cert", "/no/file", "127.0.0.1", "1"])
    equal(result.returncode, 2, "exit status")
    contains(result.stderr, b"/no/file", "the error")


main(globals(), limit=240)
