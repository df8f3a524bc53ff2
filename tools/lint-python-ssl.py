#!/usr/bin/env python3
"""The table in docs/python-ssl.md is whole and true: no row is missing, each
function is exported, each test exists, is registered, and its program is run
by `make check`."""

import os
import re
import subprocess
import sys

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
ROWS = 207

FUNCTION = re.compile(r"`(tlsloop_[a-z0-9_]+)`")
TEST = re.compile(r"`(tests/[a-z0-9/_.-]+)(?::([a-z0-9_]+))?`")

faults = []


def fault(row, text):
    faults.append(f"docs/python-ssl.md: row {row}: {text}")


def read(path):
    with open(os.path.join(TOP, path), encoding="utf-8") as file:
        return file.read()


def table():
    """The cells of each numbered row of the document."""
    for line in read("docs/python-ssl.md").splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if cells and re.fullmatch(r"\d{3}", cells[0]):
            yield cells


def exports():
    script = os.path.join(TOP, "tools/export-list.sh")
    out = subprocess.check_output(
        ["sh", script, os.path.join(TOP, "include")], text=True)
    return set(out.split())


def programs():
    """The tests that `make check` runs, as tests/local.mk lists them."""
    text = read("tests/local.mk").replace("\\\n", " ")
    lists = re.findall(
        r"^(?:check_PROGRAMS|script_tests) \+= (.*)$", text, re.M)
    return {name for names in lists for name in names.split()}


def is_registered(path, name):
    """Whether the file |path| defines the test |name| and adds it to a case,
    by itself or in an array of tests."""
    text = read(path)
    if path.endswith(".py"):
        return re.search(rf"^def {name}\(", text, re.M) is not None
    return (f"START_TEST({name})" in text
            and len(re.findall(rf"\b{name}\b", text)) > 1)


def check_functions(row, cell, known):
    names = FUNCTION.findall(cell)
    for name in names:
        if name not in known:
            fault(row, f"{name} is not exported")
    return len(names)


def check_tests(row, cell, run):
    tests = TEST.findall(cell)
    for path, name in tests:
        if not os.path.exists(os.path.join(TOP, path)):
            fault(row, f"there is no {path}")
            continue
        stem = path[:-2] if path.endswith(".c") else path
        if stem not in run:
            fault(row, f"{path} is not run")
        if name and not is_registered(path, name):
            fault(row, f"{path} does not run {name}")
    return len(tests)


def main():
    known = exports()
    run = programs()
    seen = set()
    for cells in table():
        row = cells[0]
        if len(cells) != 5:
            fault(row, f"it has {len(cells)} cells, not 5")
            continue
        if row in seen:
            fault(row, "it is there twice")
        seen.add(row)
        functions = check_functions(row, cells[2], known)
        tests = check_tests(row, cells[3], run)
        if not cells[4] and (not functions or not tests):
            fault(row, "it has no function or no test, and no reason why")
    rows = {f"{number:03}" for number in range(1, ROWS + 1)}
    for row in sorted(rows ^ seen):
        fault(row, "it is missing" if row in rows else "there is no such row")
    for text in faults:
        print(text)
    print(f"{len(seen)} rows, {len(faults)} faults")
    return 1 if faults else 0


sys.exit(main())
