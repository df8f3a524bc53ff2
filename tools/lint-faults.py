#!/usr/bin/env python3
"""The table in docs/faults.md is true: each test exists, is registered, and
its program is run by `make check`. A row without one says that there is
nothing to go wrong."""

import sys

sys.dont_write_bytecode = True

from table import Table  # noqa: E402

# What tlsloop has no part for, so that it cannot fail.
NOTHING_TO_TEST = {"015"}


def main():
    table = Table("docs/faults.md", 4)
    seen = set()
    for row, _, does, tests in table.rows():
        seen.add(row)
        if not does:
            table.fault(row, "it does not say what tlsloop does")
        tests = table.check_tests(row, tests)
        if (tests == 0) != (row in NOTHING_TO_TEST):
            table.fault(row, "it has no test, or need not have one")
    return table.conclude(seen)


sys.exit(main())
