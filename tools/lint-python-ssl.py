#!/usr/bin/env python3
"""The table in docs/python-ssl.md is whole and true: no row is missing, each
function is exported, each test exists, is registered, and its program is run
by `make check`."""

import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True

from table import TOP, Table  # noqa: E402

ROWS = 207
FUNCTION = re.compile(r"`(tlsloop_[a-z0-9_]+)`")


def exports():
    script = os.path.join(TOP, "tools/export-list.sh")
    out = subprocess.check_output(
        ["sh", script, os.path.join(TOP, "include")], text=True)
    return set(out.split())


def check_functions(table, row, cell, known):
    names = FUNCTION.findall(cell)
    for name in names:
        if name not in known:
            table.fault(row, f"{name} is not exported")
    return len(names)


def main():
    table = Table("docs/python-ssl.md", 5)
    known = exports()
    seen = set()
    for row, _, functions, tests, why in table.rows():
        seen.add(row)
        functions = check_functions(table, row, functions, known)
        tests = table.check_tests(row, tests)
        if not why and (not functions or not tests):
            table.fault(row,
                        "it has no function or no test, and no reason why")
    table.check_numbers(seen, range(1, ROWS + 1))
    return table.conclude(seen)


sys.exit(main())
