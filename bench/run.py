# SPDX-License-Identifier: MIT

"""run.py [quick] [PATTERN]...: measures what servers spend on the same work.

In each round every server does each workload once, one after another, so that
what changes on the machine meets all of them; who is first changes from round to
round. The server is pinned to one processor and the generator to another. What
counts is the processor time of the server for one unit of work, and its ratio to
the plain server's in the same round; the table shows medians over the rounds. It
ends when the time is up, after whole workloads.
"""

import argparse
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True

import network  # noqa: E402
import page  # noqa: E402
import report  # noqa: E402
from servers import Missing, Servers  # noqa: E402
from workloads import STRANGERS, WORKLOADS  # noqa: E402

FULL = {"bytes": 1500 * 1000 * 1000, "seconds": 0.4, "rounds": 40}
QUICK = {"bytes": 150 * 1000 * 1000, "seconds": 0.3, "rounds": 2}
QUICK_SERVERS = ("plain", "tlsloop", "plain-client", "tlsloop-client")
# The others take part in fewer rounds. How many there are is a matter of time.
PEER_ROUNDS = 2
# So do workloads without a target: what time there is goes to the others.
UNTARGETED_ROUNDS = 4
RUN_SECONDS = 60


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("patterns", nargs="*", metavar="quick|PATTERN")
    parser.add_argument("--build", default="build/default")
    parser.add_argument("--out", help="where results.csv goes")
    parser.add_argument(
        "--docs", action="store_true", help="renew docs/performance.md"
    )
    parser.add_argument("--servers", help="only these, with commas between")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seconds", type=float, help="of one measurement")
    parser.add_argument("--minutes", type=float, help="for everything")
    args = parser.parse_intermixed_args()
    args.quick = "quick" in args.patterns
    args.patterns = [p for p in args.patterns if p != "quick"]
    preset = QUICK if args.quick else FULL
    args.bytes = preset["bytes"]
    args.peer_rounds = args.rounds or PEER_ROUNDS
    args.untargeted_rounds = args.rounds or UNTARGETED_ROUNDS
    args.rounds = args.rounds or preset["rounds"]
    args.seconds = args.seconds or preset["seconds"]
    args.minutes = args.minutes or (3 if args.quick else 15)
    return args


def chosen(args):
    """The workloads, each with its servers."""
    only = args.servers.split(",") if args.servers else None
    for workload in WORKLOADS:
        if args.patterns:
            if not any(re.search(p, workload.name) for p in args.patterns):
                continue
        elif args.quick and not workload.quick:
            continue
        servers = workload.servers
        if only:
            servers = [s for s in servers if s.split("-")[0] in only]
        elif args.quick:
            servers = [s for s in servers if s in QUICK_SERVERS]
        yield workload, servers


class Failed(Exception):
    """A server cannot do a workload."""


class Bench:
    def __init__(self, args, certs):
        cores = sorted(os.sched_getaffinity(0))
        server, generator = (cores + cores)[:2] if len(cores) > 1 else (None,) * 2
        self.args = args
        self.servers = Servers(args.build, certs, server)
        self.pin = [] if generator is None else ["taskset", "-c", str(generator)]
        self.missing = set()
        self.samples = []  # (workload, metric, server, round, value)

    def generator(self, workload, name, port, pids):
        """Runs what makes the load and returns the figures that it prints."""
        program = {"tlsloop-client": "client", "limit": "limit"}.get(name, "load")
        echo = 0 if name in STRANGERS else 16384
        command = [self.servers.built(program)]
        command += [
            arg.format(bytes=self.args.bytes, echo=echo)
            for arg in workload.args
        ]
        command += ["--port", str(port), "--pids", ",".join(map(str, pids))]
        command += ["--seconds", str(self.args.seconds)]
        if name == "plain-client":
            command += ["--plain"]
        done = subprocess.run(
            self.pin + command,
            capture_output=True,
            env={**os.environ, "LIMIT_CERT": self.servers.cert(workload.key)},
            timeout=RUN_SECONDS,
            check=False,
        )
        if done.returncode != 0:
            raise Failed(done.stderr.decode(errors="replace").strip())
        pairs = (pair.split("=") for pair in done.stdout.decode().split())
        return dict(pairs)

    def measure(self, workload, name, turn):
        server = "plain" if name.endswith("-client") else name
        if name == "limit":
            figures = self.generator(workload, name, 1, [])
        else:
            with self.servers.run(server, workload.key) as (port, pids):
                figures = self.generator(workload, name, port, pids)
        for metric in workload.metrics:
            if metric.key == "echoed_bytes" and name in STRANGERS:
                continue
            value = float(figures[metric.key])
            self.samples.append((workload.name, metric.key, name, turn, value))

    def one(self, workload, servers, turn):
        first = turn % len(servers) if servers else 0
        for name in (*servers[first:], *servers[:first]):
            if (name, workload.name) in self.missing or name in self.missing:
                continue
            if turn >= self.args.peer_rounds and name not in QUICK_SERVERS:
                continue
            try:
                self.measure(workload, name, turn)
            except Missing as error:
                self.give_up(name, error)
            except (Failed, subprocess.TimeoutExpired) as error:
                self.give_up((name, workload.name), error)

    def give_up(self, what, error):
        """Leaves |what|, a server or one of its workloads, out from now on."""
        self.missing.add(what)
        print(f"without {what}: {error}", file=sys.stderr)

    def rounds(self):
        end = time.monotonic() + self.args.minutes * 60
        for turn in range(self.args.rounds):
            for workload, servers in chosen(self.args):
                if workload.once and turn > 0:
                    continue
                if not workload.targeted() and turn >= self.args.untargeted_rounds:
                    continue
                if time.monotonic() > end:
                    print("the time is up", file=sys.stderr)
                    return
                report.progress(f"round {turn + 1}: {workload.name}")
                self.one(workload, servers, turn)


def raise_limit():
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def main():
    args = arguments()
    network.own()
    raise_limit()
    certs = tempfile.mkdtemp(prefix="tlsloop-bench-")
    os.chmod(certs, 0o755)
    try:
        make_pki = os.path.join(args.build, "tests/support/make-pki")
        subprocess.run([make_pki, certs], check=True)
        bench = Bench(args, certs)
        bench.rounds()
    finally:
        shutil.rmtree(certs)
    results = report.Results(bench.samples)
    results.print_table()
    if args.out:
        report.write_csv(args.out, results)
    if args.docs:
        report.write_csv(page.FOLDER, results)
        page.write(results, args)
    if not bench.samples:
        sys.exit("nothing was measured")


if __name__ == "__main__":
    main()
