# SPDX-License-Identifier: MIT

"""The servers of the bench keep its contract, or comparing them is void."""

import re
import ssl
import sys

sys.dont_write_bytecode = True

from harness import *  # noqa: E402,F403

BENCH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../bench")
sys.path.insert(0, BENCH)

from servers import Missing, Servers  # noqa: E402
from workloads import FRONTS  # noqa: E402

SERVERS = ("server", "plain", "naive", "libevent")
SIZE = 1 << 20
WORKLOADS = (
    ("handshake", "--tls", "1.3", "--conns", "4"),
    ("handshake", "--tls", "1.2", "--conns", "4", "--resumed"),
    ("handshake", "--tls", "1.3", "--conns", "4", "--resumed"),
    ("held", "--conns", "4", "--rate", "100"),
    ("echo", "--conns", "8", "--size", "1024"),
    ("echo", "--conns", "4", "--depth", "32"),
    ("idle", "--conns", "20", "--size", "16384"),
    ("send", "--conns", "2", "--bytes", "4194304"),
    ("receive", "--conns", "2", "--bytes", "4194304"),
    ("bulk-echo", "--conns", "2", "--bytes", "4194304"),
)


@contextlib.contextmanager
def bench_server(certs, name, *options):
    """A server of the bench, which has to be alive at the end."""
    cert = certs("server.pem")
    command = [built(f"bench/{name}"), "--port", "0", *options]
    with process(command + ["--cert", cert, "--key", cert]) as server:
        line = server.line()
        need(line.startswith("listening on 127.0.0.1:"), line)
        server.port = int(line.rsplit(":", 1)[1])
        yield server
        need(server.alive(), f"{name} has died: {server.stderr()}")


@contextlib.contextmanager
def connection(certs, port):
    context = ssl.create_default_context(cafile=certs("root.pem"))
    address = ("127.0.0.1", port)
    with socket.create_connection(address, timeout=TIMEOUT) as raw:
        with context.wrap_socket(raw, server_hostname="localhost") as tls:
            yield tls


def command(kind, n=0):
    return kind.encode() + n.to_bytes(8, "big")


def receive(tls, n):
    data = b""
    while len(data) < n:
        more = tls.recv(n - len(data))
        need(more, f"the end after {len(data)} of {n} bytes")
        data += more
    return data


def fronts(certs):
    """The terminators that are installed here, each in front of our backend."""
    servers = Servers(BUILD, certs.path, None)
    for name in FRONTS:
        with contextlib.ExitStack() as stack:
            try:
                port, pids = stack.enter_context(servers.run(name, "ecdsa"))
            except Missing as error:
                print(f"without {name}: {error}")
                continue
            yield name, port, pids


def each(certs):
    """A connection to each server that is built or installed here."""
    for name in SERVERS:
        path = os.path.join(BUILD, "bench", name)
        if name == "libevent" and not os.access(path, os.X_OK):
            continue
        with bench_server(certs, name) as server:
            with connection(certs, server.port) as tls:
                yield name, tls
    for name, port, _ in fronts(certs):
        with connection(certs, port) as tls:
            yield name, tls


def test_echo(certs):
    """E echoes everything that follows, whatever its size."""
    for name, tls in each(certs):
        tls.sendall(command("E"))
        for size in (1, 64, 16384, 50000):
            data = pattern(size)
            tls.sendall(data)
            need(receive(tls, size) == data, f"{name} changes {size} bytes")


def test_send(certs):
    """S sends that many bytes, none at all included, and goes on."""
    for name, tls in each(certs):
        for size in (0, 1, 16384, SIZE, 5):
            tls.sendall(command("S", size))
            equal(len(receive(tls, size)), size, name)
        tls.sendall(command("R", 0))
        equal(len(receive(tls, 1)), 1, name)


def test_receive(certs):
    """R answers with one byte when that many have come."""
    for name, tls in each(certs):
        for size in (0, 1, 16384, SIZE):
            tls.sendall(command("R", size))
            tls.sendall(bytes(size))
            equal(len(receive(tls, 1)), 1, name)


def test_shared_records(certs):
    """A command shares a record with what is before and after it."""
    both = command("R", 3) + b"xyz" + command("S", SIZE) + command("S", 7)
    both += command("R", 1) + b"x" + command("E") + b"echo"
    for _, tls in each(certs):
        tls.sendall(both)
        receive(tls, 1 + SIZE + 7 + 1)
        equal(receive(tls, 4), b"echo", "the echo")


def test_split_commands(certs):
    """A command comes in pieces."""
    for _, tls in each(certs):
        for byte in command("R", 2) + b"xx" + command("S", 3):
            tls.sendall(bytes([byte]))
        receive(tls, 1 + 3)
        for byte in command("E") + b"e":
            tls.sendall(bytes([byte]))
        equal(receive(tls, 1), b"e", "the echo")


def test_no_command(certs):
    """What is no command ends the connection."""
    for name, tls in each(certs):
        tls.sendall(b"nonsense!")
        try:
            equal(tls.recv(1), b"", name)
        except OSError:
            pass


def test_workloads(certs):
    """The generator drives every workload."""
    load = built("bench/load")
    with bench_server(certs, "server") as server:
        more = ("--port", str(server.port), "--pids", str(server.pid))
        for workload in WORKLOADS:
            result = run([load, *workload, *more, "--seconds", "0.05"])
            succeeded(result, " ".join(workload))
            contains(result.stdout.decode(), "cpu_ns=", workload[0])


def test_fronts(certs):
    """The processor time of a terminator is that of its backend, too."""
    load = built("bench/load")
    for name, port, pids in fronts(certs):
        equal(len(pids), 2, f"processes of {name}")
        more = ["--port", str(port), "--seconds", "0.05", "--pids"]
        work = ["receive", "--bytes", "4194304"]
        for some in (pids, pids[:1], pids[1:]):
            result = run([load, *work, *more, ",".join(map(str, some))])
            succeeded(result, name)
            spent = re.search(r"cpu_ns=([0-9.]+)", result.stdout.decode())
            need(float(spent[1]) > 0, f"{name}: {some} spend no time")


def test_client(certs):
    """Our client does its workloads with the plain server."""
    client = built("bench/client")
    with bench_server(certs, "plain") as server:
        for workload in WORKLOADS:
            if workload[0] not in ("handshake", "send", "receive"):
                continue
            command = [client, *workload, "--port", str(server.port)]
            result = run(command + ["--seconds", "0.05"])
            succeeded(result, " ".join(workload))
            contains(result.stdout.decode(), "own_ns=", workload[0])


def test_no_sessions(certs):
    """Nothing passes for a resumed handshake where nothing is resumed."""
    work = ["handshake", "--resumed", "--tls", "1.3", "--seconds", "0.05"]
    with bench_server(certs, "server", "--without", "tickets") as server:
        for name in ("load", "client"):
            program = built(f"bench/{name}")
            result = run([program, *work, "--port", str(server.port)])
            equal(result.returncode, 1, name)
            contains(result.stderr.decode(), "gives no session", name)


def test_limit(certs):
    """OpenSSL in memory does the workloads without a server."""
    env = {**os.environ, "LIMIT_CERT": certs("server.pem")}
    for workload in WORKLOADS:
        if workload[0] in ("held", "idle"):
            continue
        command = [built("bench/limit"), *workload, "--port", "1"]
        command += ["--seconds", "0.05"]
        result = subprocess.run(
            command, capture_output=True, timeout=TIMEOUT, env=env
        )
        succeeded(result, " ".join(workload))
        contains(result.stdout.decode(), "cpu_ns=", workload[0])


main(globals())
