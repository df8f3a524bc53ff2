# SPDX-License-Identifier: MIT

"""What is measured, and what is to be reached."""

import dataclasses

# Who speaks the whole contract; who does so for a server without TLS that it is
# in front of; and who makes handshakes only.
CONTRACT = (
    "plain",
    "tlsloop",
    "naive",
    "libevent",
    "node",
    "asyncio",
    "uvloop",
)
FRONTS = ("nginx-front", "haproxy-front")
STRANGERS = ("nginx", "haproxy", "h2o")
HANDSHAKE = CONTRACT + STRANGERS
# OpenSSL alone in memory.
LIMIT = ("limit",)
SERVERS = CONTRACT + FRONTS + STRANGERS + LIMIT
CLIENTS = ("plain-client", "tlsloop-client")

# The tables of the page.
GROUPS = {
    "handshakes": "Handshakes",
    "messages": "Messages",
    "bulk": "Bulk data",
    "held": "Connections that are held while others come",
    "memory": "Memory of an idle connection",
    "clients": "As a client",
}


@dataclasses.dataclass(frozen=True)
class Metric:
    """A figure that the generator prints."""

    key: str = "cpu_ns"
    target: float = None
    # A target for the figure itself and not for its ratio to plain's.
    absolute: bool = False
    what: str = ""


@dataclasses.dataclass(frozen=True)
class Workload:
    group: str
    name: str
    args: tuple
    metrics: tuple
    unit: str
    servers: tuple = CONTRACT
    key: str = "ecdsa"
    once: bool = False  # in the first round only
    quick: bool = True

    def targeted(self):
        return any(metric.target for metric in self.metrics)


def cpu(target=None):
    return (Metric("cpu_ns", target),)


def handshake(name, version, *options, target=None, key="ecdsa"):
    args = ("handshake", "--tls", version, "--conns", "16", *options)
    return Workload(
        "handshakes",
        name,
        args,
        cpu(target),
        "handshake",
        HANDSHAKE + LIMIT,
        key,
    )


def echo(size, conns, target=None, servers=CONTRACT + FRONTS + LIMIT, **more):
    args = ("echo", "--size", str(size), "--conns", str(conns))
    name = f"echo-{size}-{conns}"
    return Workload(
        "messages",
        name,
        args,
        cpu(target),
        "message",
        servers,
        **more,
    )


def bulk(kind, conns, target):
    args = (kind, "--bytes", "{bytes}", "--conns", str(conns))
    name = f"{kind}-{conns}"
    servers = CONTRACT + FRONTS + LIMIT
    return Workload("bulk", name, args, cpu(target), "MiB", servers)


def idle(conns, targets, quick):
    metrics = (
        Metric("fresh_bytes", targets[0], True, "fresh"),
        Metric("echoed_bytes", targets[1], True, "after an echo"),
    )
    args = ("idle", "--size", "{echo}", "--conns", str(conns))
    return Workload(
        "memory",
        f"idle-{conns}",
        args,
        metrics,
        "connection",
        HANDSHAKE,
        once=True,
        quick=quick,
    )


def silent(conns):
    metric = Metric("silent_bytes", absolute=True, what="silent")
    return Workload(
        "memory",
        f"silent-{conns}",
        ("silent", "--conns", str(conns)),
        (metric,),
        "connection",
        HANDSHAKE,
        once=True,
    )


def client(name, *options, unit, does=None):
    args = (does or name, *options)
    metric = (Metric("own_ns"),)
    return Workload(
        "clients", f"client-{name}", args, metric, unit, CLIENTS
    )


WORKLOADS = (
    handshake("full-1.3-ecdsa", "1.3", target=0.92),
    handshake("full-1.2-ecdsa", "1.2"),
    handshake("full-1.3-rsa", "1.3", key="rsa"),
    handshake("full-1.2-rsa", "1.2", key="rsa"),
    handshake("resumed-1.3", "1.3", "--resumed", target=0.93),
    handshake("resumed-1.2", "1.2", "--resumed", target=0.93),
    echo(64, 1),
    echo(64, 64, 0.80),
    echo(64, 1000, 0.72),
    echo(1024, 1),
    echo(1024, 64),
    echo(1024, 1000),
    Workload(
        "messages",
        "pipelined-64-16",
        ("echo", "--size", "64", "--conns", "16", "--depth", "32"),
        cpu(0.15),
        "message",
        CONTRACT + FRONTS + LIMIT,
    ),
    bulk("send", 1, 0.64),
    bulk("send", 8, 0.68),
    bulk("receive", 1, 0.95),
    bulk("receive", 8, 0.88),
    bulk("bulk-echo", 1, 0.66),
    bulk("bulk-echo", 8, 0.74),
    echo(64, 100),
    # A front has two descriptors for each connection, more than there may be.
    echo(64, 10000, servers=CONTRACT + LIMIT, quick=False),
    Workload(
        "held",
        "held-100",
        ("held", "--conns", "100", "--rate", "1000"),
        (
            Metric("p99_us", what="99th percentile"),
            Metric("cpu_ns", what="CPU, messages included"),
        ),
        "handshake",
        CONTRACT + FRONTS,
    ),
    silent(1000),
    idle(1000, (None, None), quick=True),
    idle(10000, (14000, 15000), quick=False),
    client("handshake", "--conns", "16", unit="handshake"),
    client(
        "resumed", "--resumed", "--conns", "16", unit="handshake", does="handshake"
    ),
    client("send", "--bytes", "{bytes}", unit="MiB"),
    client("receive", "--bytes", "{bytes}", unit="MiB"),
)

# Growth: the cost of a message with many connections to that with few, of the
# same server.
GROWTH = ("echo-64-10000", "echo-64-100", 1.3)
