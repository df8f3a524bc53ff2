# SPDX-License-Identifier: MIT

"""Python's ssl module and tlsloop, step by step: what succeeds, with which
value, and what fails, with which kind of error, library, reason and
verification result. Where tlsloop means to differ, the step names the row of
docs/python-ssl.md that says so, and has to differ."""

import sys

sys.dont_write_bytecode = True

import os  # noqa: E402
import re  # noqa: E402
import ssl  # noqa: E402
import warnings  # noqa: E402

# Importing it ends the script where the library cannot be loaded.
import tlsloop_ffi as tlsloop  # noqa: E402
import steps_connections  # noqa: E402
import steps_contexts  # noqa: E402
import steps_values  # noqa: E402
from harness import *  # noqa: E402,F403
from steps import OLDEST  # noqa: E402
from tape import compare  # noqa: E402

SCRIPTS = (steps_contexts.SCRIPTS + steps_values.SCRIPTS
           + steps_connections.SCRIPTS)


def rows():
    """The numbers of the rows in the table of what differs."""
    top = os.environ.get("top_srcdir", ".")
    with open(os.path.join(top, "docs", "python-ssl.md"),
              encoding="utf-8") as table:
        return set(re.findall(r"^\| (\d{3}) \|", table.read(), re.M))


def compare_all():
    """Everything with the Python that runs this."""
    if sys.version_info < OLDEST:
        skip(f"Python {sys.version.split()[0]} is too old to be compared")
    if ssl.OPENSSL_VERSION != tlsloop.OPENSSL_VERSION:
        skip(f"Python has {ssl.OPENSSL_VERSION}, "
             f"tlsloop {tlsloop.OPENSSL_VERSION}")
    warnings.simplefilter("ignore")
    known = rows()
    certs = Directory()
    steps = meant = faults = 0
    try:
        for script in SCRIPTS:
            count, differing, found = compare(script, certs, known)
            print("\n".join(found), end="\n" if found else "")
            steps += count
            meant += differing
            faults += len(found)
    finally:
        certs.remove()
    print(f"Python {sys.version.split()[0]}, {ssl.OPENSSL_VERSION}: {steps} "
          f"steps, {meant} that mean to differ, {faults} faults")
    return 1 if faults else 0


def main():
    """With this Python, and with the system's if that is another."""
    if sys.argv[1:] == ["--alone"]:
        return compare_all()
    status = compare_all()
    system = "/usr/bin/python3"
    if os.path.exists(system):
        told = run([system, "-c", "import sys; print(sys.version)"]).stdout
        if told.decode().strip() != sys.version:
            other = run([system, __file__, "--alone"])
            print((other.stdout + other.stderr).decode(), end="")
            if other.returncode not in (0, SKIPPED):
                status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
