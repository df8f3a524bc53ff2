# SPDX-License-Identifier: MIT

"""A loopback of the bench's own.

In a network namespace nobody else's packets and ports count, and how TCP is set
up does not depend on the machine: where the system's choice is to pace what it
sends (BBR), timers become part of the work. Where namespaces are not allowed the
bench runs on the loopback that there is.
"""

import fcntl
import os
import socket
import struct
import subprocess
import sys

MARK = "TLSLOOP_BENCH_NETWORK"
CONGESTION = "/proc/sys/net/ipv4/tcp_congestion_control"
SIOCGIFFLAGS = 0x8913
SIOCSIFFLAGS = 0x8914
IFF_UP = 1


def own():
    """Starts this program again in a namespace, if that can be done."""
    if MARK in os.environ:
        if os.environ[MARK] == "own":
            set_up()
        return
    os.environ[MARK] = "shared"
    for command in (["unshare", "-n"], ["unshare", "-r", "-n"]):
        if allowed(command):
            os.environ[MARK] = "own"
            os.execvp(command[0], [*command, sys.executable, *sys.argv])
    print("no network namespace: this is the shared loopback", file=sys.stderr)


def allowed(command):
    try:
        done = subprocess.run(
            [*command, "true"], capture_output=True, check=False, timeout=20
        )
    except OSError:
        return False
    return done.returncode == 0


def set_up():
    with socket.socket() as any_socket:
        request = struct.pack("16sH14x", b"lo", 0)
        request = fcntl.ioctl(any_socket, SIOCGIFFLAGS, request)
        flags = struct.unpack("16sH14x", request)[1] | IFF_UP
        request = struct.pack("16sH14x", b"lo", flags)
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, request)
    try:
        with open(CONGESTION, "w", encoding="ascii") as file:
            file.write("reno")
    except OSError:
        pass  # what there is will have to do


def congestion():
    """The congestion control in use."""
    with open(CONGESTION, encoding="ascii") as file:
        return file.read().strip()
