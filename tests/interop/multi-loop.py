# SPDX-License-Identifier: MIT

"""multi-loop-server: many clients on many loops with one context."""

import re
import ssl
import sys

sys.dont_write_bytecode = True

from harness import *  # noqa: E402,F403

LOOPS = 4


def multi_loop(certs, *options):
    loops = ("--loops", str(LOOPS))
    cert = ("--cert", certs("server.pem"))
    return our_server("samples/multi-loop-server", *cert, *loops, *options)


def client_context(certs, version="1.3"):
    context = ssl.create_default_context(cafile=certs("root.pem"))
    number = getattr(ssl.TLSVersion, "TLSv" + version.replace(".", "_"))
    context.minimum_version = context.maximum_version = number
    return context


def talk(context, port, data, session=None):
    """Sends |data|, gets it back, ends; returns the session and whether it was
    a resumed one."""
    plain = socket.create_connection(("127.0.0.1", port), TIMEOUT)
    client = context.wrap_socket(
        plain, server_hostname="localhost", session=session
    )
    client.sendall(data)
    got = b""
    while len(got) < len(data):
        part = client.recv(65536)
        need(part, "the server has ended")
        got += part
    equal(got, data, "the echo")
    result = client.session, client.session_reused
    client.unwrap().close()
    return result


def served(server):
    """How many connections each loop has served; only after its end."""
    return [int(n) for n in re.findall(r"loop \d+: (\d+) served", server.stderr())]


def test_many(certs, clients=8, rounds=12):
    """multi-loop-server serves clients on all loops, and loses none."""
    data = pattern(100003)
    failures = []

    def work():
        try:
            context = client_context(certs)
            for _ in range(rounds):
                talk(context, server.port, data)
        except Exception as error:
            failures.append(error)

    with multi_loop(certs) as server:
        threads = [threading.Thread(target=work) for _ in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        equal(failures, [], "failures of clients")
    counts = served(server)
    equal(len(counts), LOOPS, "number of loops")
    equal(sum(counts), clients * rounds, "number of connections")
    need(min(counts) > 0, f"a loop had nothing to do: {counts}")


def test_resumption(certs, rounds=24):
    """A session made on one loop is resumed on whichever comes next."""
    for version in VERSIONS:
        with multi_loop(certs) as server:
            context = client_context(certs, version)
            session, reused = talk(context, server.port, b"first")
            need(not reused, "there was nothing to resume")
            for _ in range(rounds):
                session, reused = talk(context, server.port, b"x", session)
                need(reused, f"TLS {version}: a session was not resumed")
        busy = [n for n in served(server) if n > 0]
        need(len(busy) > 1, "all connections were on one loop")


def test_s_time(certs):
    """openssl s_time connects to multi-loop-server again and again."""
    openssl = need_tool("openssl")
    with multi_loop(certs) as server:
        where = ["-connect", f"127.0.0.1:{server.port}", "-time", "1"]
        for kind in ("-new", "-reuse"):
            result = run([openssl, "s_time", *where, kind])
            succeeded(result, kind)
            made = re.search(rb"(\d+) connections in", result.stdout)
            need(made and int(made[1]) > 0, f"no connections: {result.stdout}")


def test_stop(certs):
    """A signal ends connections in good order, then the server."""
    command = [built("samples/multi-loop-server"), "--loops", str(LOOPS)]
    with process([*command, "--cert", certs("server.pem")]) as server:
        port = int(server.line().rsplit(":", 1)[1])
        clients = []
        for _ in range(LOOPS * 2):
            plain = socket.create_connection(("127.0.0.1", port), TIMEOUT)
            client = client_context(certs).wrap_socket(
                plain, server_hostname="localhost", suppress_ragged_eofs=False
            )
            client.sendall(b"x")
            equal(client.recv(10), b"x", "the echo")
            clients.append(client)
        server.child.send_signal(signal.SIGTERM)
        for client in clients:
            equal(client.recv(10), b"", "the end")
            client.unwrap().close()
        equal(server.child.wait(TIMEOUT), 0, "exit status")
        equal(sum(served(server)), len(clients), "number of connections")
        equal(len(server.stderr().splitlines()), LOOPS, "lines of messages")


def test_no_tls(certs):
    """What is no TLS is refused and named, and the others are served."""
    with multi_loop(certs) as server:
        with socket.create_connection(("127.0.0.1", server.port)) as plain:
            plain.settimeout(TIMEOUT)
            plain.sendall(b"GET / HTTP/1.0\r\n\r\n")
            equal(plain.recv(100), b"", "the answer")
        server.wait_stderr("HTTP_REQUEST")
        talk(client_context(certs), server.port, b"later")


def test_usage(certs):
    """multi-loop-server says what is wrong with its command line."""
    program = built("samples/multi-loop-server")
    cert = ["--cert", certs("server.pem")]
    taken = socket.create_server(("127.0.0.1", 0))
    port = str(taken.getsockname()[1])
    for options, status, message in (
        ([*cert, "x"], 1, "x: unexpected"),
        ([*cert, "--loops", "0"], 1, "0: not a number"),
        ([*cert, "--host", "localhost"], 1, "localhost: not an IPv4"),
        ([], 1, "--cert"),
        (["--cert", "/no/file"], 2, "/no/file"),
        ([*cert, "--port", port], 2, f"127.0.0.1:{port}: address already"),
    ):
        result = run([program, *options])
        equal(result.returncode, status, f"exit status of {options}")
        contains(result.stderr.decode(), message, "the error")
    taken.close()


main(globals(), limit=180)
