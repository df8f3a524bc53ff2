# SPDX-License-Identifier: MIT

"""What the tests of programs share.

A test is a function test_* of a script; its docstring is the sentence that it
proves. Everything is on the loopback and on ports that the system chose, every
wait has an end, and what is stopped is what was started here, by its process
id. A script exits with 77, which is "skipped", when a program that it needs is
not there.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
from subprocess import PIPE
import sys
import tempfile
import threading
import time
import traceback

BUILD = os.environ.get("top_builddir", os.getcwd())
TIMEOUT = 60
SKIPPED = 77
VERSIONS = ("1.2", "1.3")


class Failure(Exception):
    """A test has failed, and this is why."""


def need(condition, why):
    if not condition:
        raise Failure(why)


def equal(got, wanted, what):
    need(got == wanted, f"{what}: {short(got)} instead of {short(wanted)}")


def contains(text, part, what):
    need(part in text, f"{what}: no {part!r} in {short(text)}")


def short(value):
    text = repr(value)
    return text if len(text) < 500 else f"{text[:240]} ... {text[-240:]}"


def skip(why):
    print(why)
    sys.exit(SKIPPED)


def need_tool(name):
    """The path of a program; without it the script is skipped."""
    path = shutil.which(name)
    if path is None:
        skip(f"{name} is not installed")
    return path


def built(name):
    """The path of a program of this tree."""
    path = os.path.join(BUILD, name)
    if not os.access(path, os.X_OK):
        skip(f"{name} was not built")
    return path


def sanitized():
    """Whether the samples carry a sanitizer, which costs time and memory."""
    with open(built("samples/echo-server"), "rb") as program:
        code = program.read()
    return b"__asan_init" in code or b"__tsan_init" in code


class Directory:
    """A directory with certificates, removed at the end."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix="tlsloop-")
        make_pki = built("tests/support/make-pki")
        subprocess.run([make_pki, self.path], check=True, timeout=TIMEOUT)

    def __call__(self, name):
        return os.path.join(self.path, name)

    def remove(self):
        shutil.rmtree(self.path)


class Process:
    """A program that runs beside the test; its output is kept."""

    def __init__(self, command, **kwargs):
        self.command = command
        self.errors = tempfile.TemporaryFile()
        kwargs.setdefault("stdin", subprocess.DEVNULL)
        kwargs.setdefault("stdout", subprocess.PIPE)
        self.child = subprocess.Popen(command, stderr=self.errors, **kwargs)
        self.pid = self.child.pid

    def stderr(self):
        """What it has written to its standard error so far."""
        size = os.fstat(self.errors.fileno()).st_size
        return os.pread(self.errors.fileno(), size, 0).decode(errors="replace")

    def wait_stderr(self, part):
        """Waits until |part| is in its standard error."""
        patient(lambda: part in self.stderr(), f"{part!r} in its messages")

    def line(self):
        """One line of its standard output."""
        timer = threading.Timer(TIMEOUT, self.child.kill)
        timer.start()
        line = self.child.stdout.readline().decode()
        timer.cancel()
        need(line, f"{self.command[0]} said nothing: {self.stderr()}")
        return line.rstrip("\n")

    def alive(self):
        return self.child.poll() is None

    def stop(self, signum=signal.SIGTERM):
        """Ends it; returns its exit status."""
        if self.alive():
            self.child.send_signal(signum)
        try:
            return self.child.wait(TIMEOUT)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
            raise Failure(f"{self.command[0]} does not stop") from None
        finally:
            for stream in (self.child.stdin, self.child.stdout):
                if stream is not None:
                    stream.close()


def patient(condition, what):
    """Waits until |condition| holds, looking often."""
    end = time.monotonic() + TIMEOUT
    while not condition():
        need(time.monotonic() < end, f"waited in vain for {what}")
        time.sleep(0.01)


@contextlib.contextmanager
def process(command, **kwargs):
    """A program for the time of a block, whatever becomes of it."""
    started = Process(command, **kwargs)
    try:
        yield started
    finally:
        started.stop(signal.SIGKILL)


@contextlib.contextmanager
def our_server(name, *options):
    """A server of this tree, which says where it listens; it has to be alive
    and well at the end, and to stop when it is told to."""
    server = Process([built(name), *options])
    try:
        ready = server.line()
        need(ready.startswith("listening on "), ready)
        server.address = ready[len("listening on ") :]
        if ":" in server.address:
            server.port = int(server.address.rsplit(":", 1)[1])
        yield server
        need(server.alive(), f"the server has died: {server.stderr()}")
        status = server.stop()
        equal(status, 0, f"exit status of the server: {server.stderr()}")
    finally:
        if server.alive():
            server.stop(signal.SIGKILL)


def echo_server(certs, *options, cert="server.pem", pipe=None):
    where = ("--pipe", pipe) if pipe else ("--port", "0")
    options = ("--cert", certs(cert), *where, *options)
    return our_server("samples/echo-server", *options)


def run(command, data=b"", timeout=TIMEOUT):
    """Runs a program to its end."""
    try:
        return subprocess.run(
            command, input=data, capture_output=True, timeout=timeout
        )
    except subprocess.TimeoutExpired as expired:
        said = (expired.stderr or b"").decode(errors="replace")
        raise Failure(f"{command[0]} does not end: {said}") from None


def echo_client(certs, port, *options, data=b"", ca="root.pem", host="localhost"):
    """Our client, which trusts |ca|, run to its end with |data| to send."""
    command = [built("samples/echo-client"), "--ca", certs(ca), *options]
    command += [host, str(port)] if port else []
    return run(command, data)


def succeeded(result, what):
    equal(result.returncode, 0, f"{what}: {result.stderr.decode()}")


def refused(result, status, message):
    """Our client has told in one line why it failed."""
    text = result.stderr.decode(errors="replace")
    equal(result.returncode, status, f"exit status: {text}")
    errors = [line for line in text.splitlines() if "echo-client: " in line]
    equal(len(errors), 1, f"number of error lines in {text!r}")
    contains(errors[0], message, "the error")


def only(version):
    """The options of our samples for one TLS version."""
    return ("--min-version", version, "--max-version", version)


def free_port():
    """A port that nobody listens on, for a server that cannot choose."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def listening(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def pattern(size):
    """Bytes of which every 8 are different."""
    block = b"".join(i.to_bytes(8, "big") for i in range((size + 7) // 8))
    return block[:size]


def on_alarm(*_):
    raise Failure("this takes too long")


def main(tests, limit=600):
    """Runs the tests of a script, a dict of names to functions."""
    signal.signal(signal.SIGALRM, on_alarm)
    signal.alarm(limit)
    certs = Directory()
    failed = 0
    try:
        for name, test in list(tests.items()):
            if not name.startswith("test_"):
                continue
            sentence = test.__doc__.split("\n")[0]
            try:
                test(certs)
                print(f"ok: {sentence}", flush=True)
            except Exception as error:  # the others still run
                failed += 1
                print(f"FAILED: {sentence}: {error}", flush=True)
                if not isinstance(error, Failure):
                    traceback.print_exc()
    finally:
        certs.remove()
    sys.exit(1 if failed else 0)
