# SPDX-License-Identifier: MIT

"""A long transfer through echo-client and echo-server: every byte comes back,
and neither needs more memory for a gibibyte than for the first part of it.

TLSLOOP_TRANSFER is how many MiB are sent: 1024, or 64 where a sanitizer makes
everything slow and memory tells nothing.
"""

import hashlib
import sys

sys.dont_write_bytecode = True

from harness import *  # noqa: E402,F403

MIB = 1 << 20
SIZE = int(os.environ.get("TLSLOOP_TRANSFER", 64 if sanitized() else 1024))
GROWTH_MAX = 4 * MIB
WARM_UP = max(SIZE // 16, 2)


class Sender(threading.Thread):
    """Writes SIZE MiB, of which no two are the same, and hashes them."""

    def __init__(self, stream):
        super().__init__()
        self.stream = stream
        self.digest = hashlib.sha256()
        self.error = None

    def run(self):
        block = bytearray(os.urandom(MIB))
        try:
            for i in range(SIZE):
                block[:8] = i.to_bytes(8, "big")
                self.digest.update(block)
                self.stream.write(block)
            self.stream.close()
        except OSError as error:
            self.error = error


class Memory:
    """The resident memory of a process: what it had after the first part, and
    the most since then."""

    def __init__(self, pid):
        self.path = f"/proc/{pid}/statm"
        self.warm = 0
        self.most = 0

    def now(self):
        try:
            with open(self.path, encoding="ascii") as statm:
                pages = int(statm.read().split()[1])
        except (FileNotFoundError, ProcessLookupError):
            return 0
        return pages * os.sysconf("SC_PAGE_SIZE")

    def sample(self, received):
        size = self.now()
        if received < WARM_UP * MIB:
            self.warm = max(self.warm, size)
        self.most = max(self.most, size)

    def check(self, name):
        growth = self.most - self.warm
        print(f"{name}: {self.warm >> 10} KiB, then {growth >> 10} KiB more")
        if not sanitized():
            need(growth < GROWTH_MAX, f"{name} has grown by {growth} bytes")


def receive(stream, memories):
    digest = hashlib.sha256()
    received = 0
    while part := stream.read(MIB):
        digest.update(part)
        received += len(part)
        for memory in memories:
            memory.sample(received)
    return received, digest


def transfer(certs, version):
    with echo_server(certs) as server:
        command = [built("samples/echo-client"), "--ca", certs("root.pem")]
        command += [*only(version), "localhost", str(server.port)]
        with process(command, stdin=PIPE) as client:
            memories = [Memory(server.pid), Memory(client.pid)]
            sender = Sender(client.child.stdin)
            sender.start()
            received, digest = receive(client.child.stdout, memories)
            sender.join()
            status = client.child.wait(TIMEOUT)
        equal(status, 0, f"exit status: {client.stderr()}")
        equal(sender.error, None, "sending")
        equal(received, SIZE * MIB, "number of bytes")
        equal(digest.hexdigest(), sender.digest.hexdigest(), "SHA-256")
        memories[0].check("echo-server")
        memories[1].check("echo-client")


def test_tls_1_3(certs):
    """A long transfer over TLS 1.3 arrives whole in little memory."""
    transfer(certs, "1.3")


def test_tls_1_2(certs):
    """A long transfer over TLS 1.2 arrives whole in little memory."""
    transfer(certs, "1.2")


def test_slow_reader(certs):
    """A client that does not read does not fill the server's memory."""
    with echo_server(certs) as server:
        command = [built("samples/echo-client"), "--ca", certs("root.pem")]
        command += ["localhost", str(server.port)]
        with process(command, stdin=PIPE) as client:
            memory = Memory(server.pid)
            os.set_blocking(client.child.stdin.fileno(), False)
            block = os.urandom(65536)
            sent = fill(client.child.stdin.fileno(), block)
            memory.sample(0)
            need(sent < 64 * MIB, f"{sent} bytes were taken")
            print(f"{sent >> 10} KiB taken, {memory.warm >> 10} KiB resident")
            os.set_blocking(client.child.stdin.fileno(), True)
            closer = threading.Thread(target=client.child.stdin.close)
            closer.start()
            received, _ = receive(client.child.stdout, [memory])
            closer.join()
            equal(received, sent, "number of bytes")
            equal(client.child.wait(TIMEOUT), 0, client.stderr())
        memory.check("echo-server")


def fill(pipe, block):
    """Writes until nothing has been taken for a while."""
    sent = 0
    idle = 0
    while idle < 100:
        try:
            sent += os.write(pipe, block)
            idle = 0
        except BlockingIOError:
            idle += 1
            time.sleep(0.01)
    return sent


main(globals(), limit=1800)
