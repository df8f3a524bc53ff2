# SPDX-License-Identifier: MIT

"""parts.py: measures what single parts of tlsloop are worth.

The bench server runs with all of its parts and without one of them, on work that
the part is for, in turns; the table shows the median over the rounds of the
ratio of its processor time without the part to that with it. What a build
decides is built again, below build/parts.
"""

import argparse
import collections
import dataclasses
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

import network  # noqa: E402
import page  # noqa: E402
import run  # noqa: E402
from servers import Servers  # noqa: E402
from workloads import WORKLOADS  # noqa: E402

JOBS = str(os.cpu_count() or 1)


@dataclasses.dataclass(frozen=True)
class Part:
    name: str
    instead: str
    workloads: tuple
    defines: tuple = ()  # for the build
    without: str = None  # for the server
    preload: str = None  # a source file


PARTS = (
    Part(
        "reads of 64 KiB, lent to all streams in turn",
        "reads of 16 KiB",
        ("receive-1", "bulk-echo-1"),
        defines=("TLSLOOP__READ_SIZE=16384",),
    ),
    Part(
        "several records in one write",
        "one record in flight",
        ("send-1", "bulk-echo-1"),
        defines=(
            "TLSLOOP__WINDOW=1",
            "TLSLOOP__WINDOW_STEPS=0",
            "TLSLOOP__BATCH_SIZE=16384",
        ),
    ),
    Part(
        "more in one write to a peer that keeps up",
        "64 KiB for all",
        ("send-1", "send-8"),
        defines=("TLSLOOP__WINDOW_STEPS=0",),
    ),
    Part(
        "writing at once, then through the loop",
        "always through the loop",
        ("echo-64-64", "send-1"),
        preload="bench/no-try.c",
    ),
    Part(
        "the pump goes on after completions",
        "a turn of the loop for each round of it",
        ("send-1", "pipelined-64-16"),
        defines=("TLSLOOP__PUMP_ROUNDS=1",),
    ),
    Part(
        "blocks kept for the next stream",
        "malloc for each",
        ("echo-64-64", "send-1"),
        defines=("TLSLOOP__POOL_LIMIT=0",),
    ),
    Part(
        "OpenSSL's buffers released when empty",
        "kept",
        ("idle-1000", "echo-64-64", "echo-64-1000"),
        without="release",
    ),
    Part(
        "two tickets for each full handshake",
        "one",
        ("full-1.3-ecdsa",),
        without="second-ticket",
    ),
    Part(
        "tickets that hold the session",
        "sessions kept in OpenSSL's cache",
        ("full-1.3-ecdsa", "resumed-1.3", "resumed-1.2"),
        without="stateless",
    ),
    Part(
        "an SSL made when the client has spoken",
        "when it is accepted",
        ("silent-1000", "full-1.3-ecdsa"),
        without="late-ssl",
    ),
    Part("tickets", "none", ("full-1.3-ecdsa",), without="tickets"),
    Part("TCP_NODELAY", "without", ("echo-64-64",), without="nodelay"),
    Part(
        "records as large as they can be",
        "dynamic ones",
        ("send-1", "echo-64-64"),
        without="full-records",
    ),
)


class Lacking(Servers):
    """Servers that lack a part, which is their name."""

    def __init__(self, build, certs, core, folder):
        super().__init__(build, certs, core)
        self.folder = folder
        self.commands = {}

    def prepare(self, part):
        command = [self.built("server")]
        if part.defines:
            command = [self.rebuilt(part.defines)]
        if part.preload:
            command = ["env", "LD_PRELOAD=" + self.preloadable(part), *command]
        if part.without:
            command += ["--without", part.without]
        self.commands[part.name] = command

    def rebuilt(self, defines):
        """The server of a build with |defines|."""
        name = re.sub(r"\W", "-", "-".join(defines))
        build = os.path.join(self.folder, name)
        os.makedirs(build, exist_ok=True)
        if not os.path.exists(os.path.join(build, "Makefile")):
            configure = os.path.relpath("configure", build)
            flags = " ".join(f"-D{define}" for define in defines)
            call([configure, "-q", f"CPPFLAGS={flags}"], build)
        call(["make", "-s", "-j", JOBS, "libtlsloop.la", "bench/server"], build)
        return os.path.join(build, "bench/server")

    def preloadable(self, part):
        os.makedirs(self.folder, exist_ok=True)
        path = os.path.abspath(os.path.join(self.folder, "preload.so"))
        call(["cc", "-shared", "-fPIC", "-o", path, part.preload], ".")
        return path

    def command(self, name):
        if name in self.commands:
            return list(self.commands[name])
        return super().command(name)


def call(command, folder):
    subprocess.run(
        command, cwd=folder, check=True, stdout=subprocess.DEVNULL, timeout=600
    )


class Comparison(run.Bench):
    """Runs of workloads by servers with and without parts."""

    def __init__(self, args, certs):
        super().__init__(args, certs)
        core = self.servers.pin[-1] if self.servers.pin else None
        self.servers = Lacking(args.build, certs, core, args.parts)
        for part in PARTS:
            self.servers.prepare(part)

    def rounds(self):
        for turn in range(self.args.rounds):
            for workload in WORKLOADS:
                parts = [p.name for p in PARTS if workload.name in p.workloads]
                if parts:
                    self.one(workload, ["tlsloop", *parts], turn)


def ratios(samples):
    """The median of the ratios in each round, by part, workload and metric."""
    table = {(w, m, name, t): value for w, m, name, t, value in samples}
    found = collections.defaultdict(list)
    for (workload, metric, name, turn), value in table.items():
        if name != "tlsloop":
            whole = table[workload, metric, "tlsloop", turn]
            found[name, workload, metric].append(value / whole)
    return {key: statistics.median(values) for key, values in found.items()}


def lines(samples):
    medians = ratios(samples)
    whats = {
        (w.name, m.key): w.name + (f", {m.what}" if m.what else "")
        for w in WORKLOADS
        for m in w.metrics
    }
    yield ["part", "instead", "work", "costs"]
    for part in PARTS:
        for (name, workload, metric), ratio in medians.items():
            if name == part.name:
                what = whats[workload, metric]
                yield [part.name, part.instead, what, f"{ratio:.3f}"]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", default="build/default")
    parser.add_argument("--parts", default="build/parts", help="where to build")
    parser.add_argument("--docs", action="store_true", help="renew the page")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.6)
    args = parser.parse_args()
    args.bytes = 500 * 1000 * 1000
    args.peer_rounds = args.rounds
    return args


def main():
    args = arguments()
    network.own()
    run.raise_limit()
    certs = tempfile.mkdtemp(prefix="tlsloop-bench-")
    try:
        make_pki = os.path.join(args.build, "tests/support/make-pki")
        subprocess.run([make_pki, certs], check=True)
        bench = Comparison(args, certs)
        bench.rounds()
    finally:
        shutil.rmtree(certs)
    table = list(lines(bench.samples))
    for line in table:
        print("{:48} {:48} {:28} {:>6}".format(*line))
    if args.docs:
        page.renew("parts", "\n".join(page.markdown(table)) + "\n")


if __name__ == "__main__":
    main()
